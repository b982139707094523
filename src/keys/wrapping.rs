//! Wrapping keys (KEK): one per domain and version, wrapped by the provider key of the same version.

use super::{Domain, KeyError, KeyProvider};
use crate::{
    base::{RoomId, Secret, random::NoRandomness},
    crypto::{hkdf, mac, xaes},
};

/// The format byte before every wrapped key and every small sealed value: XAES-256-GCM, nonce, tag.
pub(crate) const FORMAT_XAES: u8 = 1;

/// State of a wrapping key; the numbers stand in the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrappingKeyState {
    /// Wraps new data keys.
    Current = 1,
    /// Unwraps old data keys until they are rewrapped.
    Retired = 2,
    /// No data key is left under it; its provider key is being destroyed.
    Destroying = 3,
    /// Gone, with evidence.
    Destroyed = 4,
}

impl WrappingKeyState {
    /// Every state, in the order of a key's life.
    pub(crate) const ALL: [Self; 4] = [Self::Current, Self::Retired, Self::Destroying, Self::Destroyed];

    /// The state with this number.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| *state as i64 == number)
    }

    /// The name in metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Retired => "retired",
            Self::Destroying => "destroying",
            Self::Destroyed => "destroyed",
        }
    }
}

/// A row of `wrapping_key`.
pub(crate) struct WrappingKeyRow {
    pub(crate) domain: Domain,
    pub(crate) version: u32,
    pub(crate) state: WrappingKeyState,
    pub(crate) wrapped: Option<Vec<u8>>,
    pub(crate) check_value: [u8; 32],
}

/// A wrapping key in memory.
pub(crate) struct WrappingKey {
    domain: Domain,
    version: u32,
    secret: Secret<32>,
}

impl WrappingKey {
    /// A fresh key of this version and the row that keeps it.
    ///
    /// # Errors
    /// The provider cannot make or use its key.
    pub(crate) fn create(
        provider: &dyn KeyProvider,
        room: &RoomId,
        domain: Domain,
        version: u32,
    ) -> Result<(Self, WrappingKeyRow), KeyError> {
        provider.create(domain, version)?;
        let key = Self { domain, version, secret: Secret::random()? };
        let wrapped = provider.wrap(domain, version, &associated_data(room, domain, version), &key.secret)?;
        let row = WrappingKeyRow {
            domain,
            version,
            state: WrappingKeyState::Current,
            wrapped: Some(wrapped),
            check_value: check_value(&key.secret),
        };
        Ok((key, row))
    }

    /// The key of a row.
    ///
    /// # Errors
    /// It was destroyed, the provider cannot use its key, or the row is not authentic.
    pub(crate) fn load(
        provider: &dyn KeyProvider,
        room: &RoomId,
        row: &WrappingKeyRow,
    ) -> Result<Self, KeyError> {
        let (domain, version) = (row.domain, row.version);
        let Some(wrapped) = &row.wrapped else {
            return Err(KeyError::Destroyed { domain: domain.name(), version });
        };
        let secret = provider.unwrap(domain, version, &associated_data(room, domain, version), wrapped)?;
        if !mac::equal(&check_value(&secret), &row.check_value) {
            return Err(KeyError::Unauthentic { domain: domain.name(), version });
        }
        Ok(Self { domain, version, secret })
    }

    /// What this key wraps.
    pub(crate) const fn domain(&self) -> Domain {
        self.domain
    }

    /// Its version.
    pub(crate) const fn version(&self) -> u32 {
        self.version
    }

    /// The secret of a service domain (index, authority, log), which is the key itself.
    pub(super) fn secret(&self) -> &Secret<32> {
        &self.secret
    }
}

/// `"strongroom/kek/1" 00 | room 16 | domain u8 | version u32be`: moving a wrapped key between rooms, domains or
/// versions fails.
fn associated_data(room: &RoomId, domain: Domain, version: u32) -> Vec<u8> {
    [b"strongroom/kek/1\0".as_slice(), room.as_bytes(), &[domain.number()], &version.to_be_bytes()].concat()
}

/// Commits to a key. AES-GCM alone does not: one ciphertext can be made to open under two keys.
pub(super) fn check_value(key: &Secret<32>) -> [u8; 32] {
    let mut out = [0; 32];
    hkdf::expand_sha512(key.expose(), &[b"strongroom/check/1"], &mut out);
    out
}

/// `format | nonce 24 | ciphertext 32 | tag 16`.
pub(super) fn wrap_bytes(by: &Secret<32>, aad: &[u8], key: &Secret<32>) -> Result<Vec<u8>, NoRandomness> {
    let mut out = vec![FORMAT_XAES];
    // 32 bytes are never too long: what can fail is the randomness of the nonce.
    out.extend(xaes::seal(by.expose(), aad, key.expose()).map_err(|_| NoRandomness)?);
    Ok(out)
}

/// What [`wrap_bytes`] made; `None` if it is not authentic or of another format.
pub(super) fn unwrap_bytes(by: &Secret<32>, aad: &[u8], wrapped: &[u8]) -> Option<Secret<32>> {
    let (&FORMAT_XAES, sealed) = wrapped.split_first()? else { return None };
    let bytes = xaes::open(by.expose(), aad, sealed).ok()?;
    let bytes: &[u8; 32] = bytes.as_slice().try_into().ok()?;
    Some(Secret::from_fill(|slot| slot.copy_from_slice(bytes)))
}
