//! Challenges: what a second factor is shown for. They are kept nowhere: a MAC says that this room made one, for whom,
//! for what and when; and a factor takes none that is not younger than the one before.

use super::{core::Core, error::Failure};
use crate::{
    base::{PrincipalId, SecretText, Time, base64url, limits, random},
    crypto::mac,
};

/// Version, purpose, principal, version of the password record, time, nonce.
const STATED_BYTES: usize = 1 + 1 + 16 + 8 + 8 + 16;
const BYTES: usize = STATED_BYTES + 32;
const VERSION: u8 = 1;

/// What a challenge is for: one for the one is none for the other.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum For {
    /// The right password was given, of the record with this version. Whoever holds the challenge has half a login.
    Login { password: u64 } = 1,
    /// A key is to be added.
    Adding = 2,
}

impl For {
    fn parts(self) -> (u8, u64) {
        match self {
            Self::Login { password } => (1, password),
            Self::Adding => (2, 0),
        }
    }

    fn of(number: u8, password: u64) -> Option<Self> {
        match (number, password) {
            (1, password) => Some(Self::Login { password }),
            (2, 0) => Some(Self::Adding),
            _ => None,
        }
    }
}

/// What a challenge states.
#[derive(Clone, Copy)]
pub(super) struct Challenge {
    pub(super) purpose: For,
    pub(super) principal: PrincipalId,
    pub(super) issued: Time,
}

impl Core {
    /// A fresh challenge.
    pub(super) fn challenge(&self, purpose: For, principal: PrincipalId) -> Result<SecretText, Failure> {
        let (number, password) = purpose.parts();
        let nonce: [u8; 16] = random::bytes()?;
        let stated = [
            [VERSION, number].as_slice(),
            principal.as_bytes(),
            &password.to_be_bytes(),
            &self.clock.now().as_ms().to_be_bytes(),
            &nonce,
        ]
        .concat();
        let vouched = self.challenge_mac(&stated);
        Ok(SecretText::new(base64url::encode(&[stated.as_slice(), &vouched].concat())))
    }

    /// What a challenge of this room states that can be answered at `now`.
    pub(super) fn challenged(&self, text: &SecretText, now: Time) -> Option<Challenge> {
        let bytes = base64url::decode::<BYTES>(text.expose().trim())?;
        let (stated, vouched) = bytes.split_at_checked(STATED_BYTES)?;
        if !mac::equal(&self.challenge_mac(stated), vouched) {
            return None;
        }
        let ([VERSION, number], rest) = stated.split_first_chunk()? else { return None };
        let (principal, rest) = rest.split_first_chunk()?;
        let (password, rest) = rest.split_first_chunk()?;
        let (issued, _) = rest.split_first_chunk()?;
        let issued = Time::from_ms(i64::from_be_bytes(*issued));
        let is_young = issued <= now && now.since(issued) < limits::CHALLENGE_LIFETIME;
        let purpose = For::of(*number, u64::from_be_bytes(*password)).filter(|_| is_young)?;
        Some(Challenge { purpose, principal: PrincipalId::from_bytes(*principal), issued })
    }

    /// HMAC under the query key of `"strongroom/challenge/1" 00 | room 16 | stated 50`.
    fn challenge_mac(&self, stated: &[u8]) -> [u8; 32] {
        let parts: &[&[u8]] = &[b"strongroom/challenge/1\0", self.id.as_bytes(), stated];
        mac::hmac_sha256(self.query_key.expose(), parts)
    }
}
