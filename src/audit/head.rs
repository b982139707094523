//! The head row: where the log stands, MACed so that a database administrator cannot say otherwise.
//!
//! Canonical bytes, all integers big-endian (FORMAT.md, the log's head):
//!
//! | Offset | Bytes | What |
//! |---|---|---|
//! | 0 | 18 | `strongroom/head/1` and a zero byte |
//! | 18 | 16 | room id |
//! | 34 | 4 | incarnation |
//! | 38 | 8 | size: entries in the log |
//! | 46 | 32 | root of the tree over them |
//! | 78 | 8 | the keyring's epoch |
//! | 86 | 8 | time of the newest entry, ms since the epoch |
//! | 94 | 32 | digest over the rows that confer authority |
//! | 126 | 1 | n: number of peaks, the one bits of size |
//! | 127 | 32 n | peaks, largest subtree first |

use super::tree::{Frontier, Hash};
use crate::{
    base::{RoomId, Secret, Time},
    crypto::mac::hmac_sha256,
};

const DOMAIN: &[u8; 18] = b"strongroom/head/1\0";

/// Where the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How often the room was restored, from 1.
    pub incarnation: u32,
    /// Entries in the log.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// The subtrees that the next entry is appended to.
    pub frontier: Frontier,
    /// The epoch of the keyring: an older keyring is refused.
    pub epoch: u64,
    /// The time of the newest entry: the next is not before it.
    pub last_time: Time,
    /// Digest over the rows that confer authority.
    pub authority: Hash,
}

impl Head {
    /// The head of an empty log.
    pub(crate) fn new(incarnation: u32, epoch: u64, authority: Hash) -> Self {
        let frontier = Frontier::empty();
        let (size, root) = (frontier.size(), frontier.root());
        Self { incarnation, size, root, frontier, epoch, last_time: Time::ZERO, authority }
    }

    /// Moves the head over one more entry.
    pub(crate) fn push(&mut self, leaf: Hash, time: Time) {
        self.frontier.push(leaf);
        self.size = self.frontier.size();
        self.root = self.frontier.root();
        self.last_time = time;
    }

    /// Whether size and root are what the frontier says. The MAC does not imply it: it covers what is written.
    pub fn is_whole(&self) -> bool {
        self.size == self.frontier.size() && self.root == self.frontier.root()
    }

    /// The bytes that the MAC covers.
    pub fn canonical(&self, room: &RoomId) -> Vec<u8> {
        let peaks = self.frontier.peaks();
        let count = u8::try_from(peaks.len()).unwrap_or(u8::MAX);
        let ms = u64::try_from(self.last_time.as_ms()).unwrap_or(0);
        [
            DOMAIN.as_slice(),
            room.as_bytes(),
            &self.incarnation.to_be_bytes(),
            &self.size.to_be_bytes(),
            &self.root,
            &self.epoch.to_be_bytes(),
            &ms.to_be_bytes(),
            &self.authority,
            &[count],
            &self.frontier.to_bytes(),
        ]
        .concat()
    }

    /// The head that these canonical bytes of `room` stand for; `None` for any other bytes.
    pub fn from_canonical(bytes: &[u8], room: &RoomId) -> Option<Self> {
        let (domain, rest) = bytes.split_first_chunk::<18>()?;
        let (owner, rest) = rest.split_first_chunk::<16>()?;
        let (incarnation, rest) = rest.split_first_chunk::<4>()?;
        let (size, rest) = rest.split_first_chunk::<8>()?;
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let (epoch, rest) = rest.split_first_chunk::<8>()?;
        let (ms, rest) = rest.split_first_chunk::<8>()?;
        let (authority, rest) = rest.split_first_chunk::<32>()?;
        let (_count, peaks) = rest.split_first()?;
        let size = u64::from_be_bytes(*size);
        let head = Self {
            incarnation: u32::from_be_bytes(*incarnation),
            size,
            root: *root,
            frontier: Frontier::from_bytes(size, peaks)?,
            epoch: u64::from_be_bytes(*epoch),
            last_time: Time::from_ms(i64::try_from(u64::from_be_bytes(*ms)).ok()?),
            authority: *authority,
        };
        // Comparing the whole catches a wrong count and a time out of range.
        (domain == DOMAIN && owner == room.as_bytes() && head.canonical(room) == bytes).then_some(head)
    }

    /// The MAC of the head row: HMAC-SHA-256 over [`Head::canonical`].
    pub(crate) fn mac(&self, room: &RoomId, key: &Secret<32>) -> Hash {
        hmac_sha256(key.expose(), &[&self.canonical(room)])
    }
}

#[cfg(test)]
mod tests {
    use super::Head;
    use crate::{
        audit::{test_support::hex, tree::leaf_hash},
        base::{RoomId, Secret, Time},
    };

    fn head() -> (RoomId, Head) {
        let mut head = Head::new(1, 7, [9; 32]);
        for n in 0..7_u8 {
            head.push(leaf_hash(&[n]), Time::from_ms(1_790_000_000_000 + i64::from(n)));
        }
        (RoomId::from_bytes([1; 16]), head)
    }

    #[test]
    fn the_bytes_are_these_and_mean_one_head() {
        let (room, head) = head();
        let bytes = head.canonical(&room);
        let fixed = "7374726f6e67726f6f6d2f686561642f3100\
            01010101010101010101010101010101\
            00000001\
            0000000000000007";
        assert!(hex(&bytes).starts_with(fixed));
        assert_eq!(bytes.len(), 127 + 3 * 32);
        assert_eq!(bytes[126], 3);
        assert_eq!(Head::from_canonical(&bytes, &room), Some(head));
        assert_eq!(Head::from_canonical(&bytes, &RoomId::from_bytes([2; 16])), None);
        for cut in 0..bytes.len() {
            assert_eq!(Head::from_canonical(&bytes[..cut], &room), None, "cut at {cut}");
        }
        assert_eq!(Head::from_canonical(&[bytes.as_slice(), &[0]].concat(), &room), None);
    }

    #[test]
    fn each_changed_byte_changes_the_mac_or_is_no_head() {
        let (room, head) = head();
        let key = Secret::from_fill(|key| key.fill(3));
        let mac = head.mac(&room, &key);
        let bytes = head.canonical(&room);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let read = Head::from_canonical(&changed, &room);
            assert!(read.is_none_or(|other| other.mac(&room, &key) != mac), "byte {at}");
        }
        assert_ne!(head.mac(&RoomId::from_bytes([2; 16]), &key), mac);
    }

    #[test]
    fn a_head_that_contradicts_its_frontier_is_not_whole() {
        let (_, mut head) = head();
        assert!(head.is_whole());
        head.root[0] ^= 1;
        assert!(!head.is_whole());
    }
}
