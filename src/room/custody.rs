//! Custody of the way back: a secret that nobody has, shared among people on paper.
//!
//! Whoever joins enough shares restores who administers access, offline, when nobody can any more. The room keeps a hash
//! of the secret in its settings, which are vouched for and in the log's sum. A secret serves once: with the recovery the
//! room gets another.

use zeroize::Zeroizing;

use super::error::Failure;
use crate::{
    base::{RoomId, Secret, SecretText, base64url},
    crypto::{digest, shamir},
};

/// The version of a share's text.
const VERSION: u8 = 1;
/// Bytes of a share: version, how many it takes, its number, the share, the check.
const BYTES: usize = 3 + shamir::BYTES + CHECK;
const CHECK: usize = 4;

/// Among how many people the way back is shared, and how many of them it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Custody {
    /// How many shares it takes: two at least.
    pub needed: u8,
    /// How many there are: 16 at most.
    pub shares: u8,
}

/// Any two of three.
impl Default for Custody {
    fn default() -> Self {
        Self { needed: 2, shares: 3 }
    }
}

/// One person's share, to be printed and kept apart from the room and from the others.
pub struct CustodyShare {
    /// Which, from 1.
    pub number: u8,
    /// The share, shown once.
    pub text: SecretText,
}

/// A share as it was typed is none of this room, or was mistyped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadShare;

/// A secret in shares, and its hash.
pub(super) struct WayBack {
    pub(super) hash: [u8; 32],
    pub(super) shares: Vec<CustodyShare>,
}

/// A fresh secret in shares; `None` for a custody that is none.
pub(super) fn fresh(room: RoomId, custody: Custody) -> Result<Option<WayBack>, Failure> {
    let secret = Secret::random()?;
    let Some(shares) = shamir::split(&secret, custody.needed, custody.shares)? else { return Ok(None) };
    let shares = shares
        .iter()
        .map(|share| CustodyShare { number: share.number, text: text(room, custody.needed, share) });
    Ok(Some(WayBack { hash: hash(room, &secret), shares: shares.collect() }))
}

/// SHA-256 behind a domain: 256 random bits need no slow hash.
fn hash(room: RoomId, secret: &Secret<32>) -> [u8; 32] {
    digest::sha256(&[b"strongroom/recovery/1\0", room.as_bytes(), secret.expose()])
}

fn text(room: RoomId, needed: u8, share: &shamir::Share) -> SecretText {
    let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
    bytes.extend([VERSION, needed, share.number]);
    bytes.extend(share.bytes.expose());
    let check = check(room, &bytes);
    bytes.extend(check);
    SecretText::new(base64url::encode(&bytes))
}

/// What tells a mistyped share, or one of another room, from this room's.
fn check(room: RoomId, bytes: &[u8]) -> [u8; CHECK] {
    let [a, b, c, d, ..] = digest::sha256(&[b"strongroom/share/1\0", room.as_bytes(), bytes]);
    [a, b, c, d]
}

/// A share as somebody typed it, and how many it takes.
pub(super) fn parse(room: RoomId, typed: &SecretText) -> Result<(u8, shamir::Share), BadShare> {
    let decoded = base64url::decode::<BYTES>(typed.expose().trim()).ok_or(BadShare)?;
    let bytes = Zeroizing::new(decoded);
    let (said, checked) = bytes.split_at(BYTES - CHECK);
    let [VERSION, needed, number, share @ ..] = said else { return Err(BadShare) };
    let share: &[u8; shamir::BYTES] = share.try_into().map_err(|_| BadShare)?;
    if check(room, said) != checked {
        return Err(BadShare);
    }
    let bytes = Secret::from_fill(|slot| *slot = *share);
    Ok((*needed, shamir::Share { number: *number, bytes }))
}

/// Whether the shares give the secret with this hash.
pub(super) fn opens(room: RoomId, shares: &[shamir::Share], expected: &[u8; 32]) -> bool {
    shamir::join(shares).is_some_and(|secret| hash(room, &secret) == *expected)
}

#[cfg(test)]
mod tests {
    use super::{BadShare, Custody, WayBack, fresh, opens, parse};
    use crate::base::{RoomId, SecretText};

    const ROOM: RoomId = RoomId::from_bytes([7; 16]);

    #[test]
    fn shares_are_read_as_they_are_written_and_open_together() {
        let WayBack { hash, shares } = fresh(ROOM, Custody::default()).unwrap().unwrap();
        let read = |number: usize| parse(ROOM, &shares[number].text).unwrap().1;
        assert_eq!(shares[0].text.expose().len(), 52);
        assert!(opens(ROOM, &[read(0), read(2)], &hash) && opens(ROOM, &[read(2), read(1)], &hash));
        assert!(!opens(ROOM, &[read(1)], &hash) && !opens(ROOM, &[read(1), read(1)], &hash));
        assert!(!opens(ROOM, &[read(0), read(2)], &[0; 32]));
    }

    #[test]
    fn a_mistyped_share_and_one_of_another_room_are_refused() {
        let shares = fresh(ROOM, Custody::default()).unwrap().unwrap().shares;
        let text = shares[0].text.expose();
        let refused = |room, text: String| parse(room, &SecretText::new(text)).err();
        assert_eq!(refused(ROOM, format!(" {text}\n")), None, "white space is dropped");
        assert_eq!(refused(RoomId::from_bytes([8; 16]), text.to_owned()), Some(BadShare));
        for place in [0, 3, 17, 51] {
            let mut typed = text.to_owned().into_bytes();
            typed[place] = if typed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(refused(ROOM, String::from_utf8(typed).unwrap()), Some(BadShare), "{place}");
        }
        assert_eq!(refused(ROOM, text.chars().skip(1).collect()), Some(BadShare));
    }

    #[test]
    fn a_custody_of_one_is_none() {
        for (needed, shares) in [(1, 3), (0, 0), (3, 2), (2, 17)] {
            assert!(fresh(ROOM, Custody { needed, shares }).unwrap().is_none(), "{needed} of {shares}");
        }
    }
}
