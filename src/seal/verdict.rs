//! The third evidence: uses, each a function that returns a verdict and never bytes. Class Credential has no other
//! way in, nor has the secret of one-time codes.

use super::{Column, Email, Name, OpenError, Place, SealError, Sealed, envelope, open::open};
use crate::{
    base::{Class, FactorId, PrincipalId, RoomId, Scope, SecretText, Time, text},
    crypto::{digest, mac, totp},
    keys::DataKey,
    password::{Limits, Presented, Record, Settings, Verdict},
};

/// Where a credential's sealed record stands.
#[derive(Clone, Copy)]
pub(crate) struct CredentialAt {
    pub(crate) room: RoomId,
    pub(crate) scope: Scope,
    pub(crate) version: u64,
}

/// A stored password record could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It was changed or moved.
    Unauthentic,
    /// It is of a scheme that this program does not verify.
    Unsupported,
    /// There was not enough memory for the hash.
    NoMemory,
}

fn place(at: &CredentialAt) -> Place {
    Place {
        room: at.room,
        class: Class::Credential,
        scope: at.scope,
        column: Column::CredentialRecord,
        row: at.scope.owner(),
        version: at.version,
    }
}

/// Seals a password record: the pepper, which rotates offline and is destroyed by erasure.
///
/// # Errors
/// There is no randomness.
pub(crate) fn seal_record(key: &DataKey, at: &CredentialAt, record: &Record) -> Result<Vec<u8>, SealError> {
    envelope::seal(key, &place(at), record.to_text().as_bytes())
}

/// The generation of the data key that sealed this record.
pub(crate) fn record_generation(sealed: &[u8]) -> Option<u32> {
    envelope::generation(sealed)
}

/// Whether the presented password is the one of the sealed record.
///
/// # Errors
/// The record cannot be used; the caller still spends the work of a verification.
pub(crate) fn verify_password(
    key: &DataKey,
    at: &CredentialAt,
    sealed: &[u8],
    presented: &Presented<'_>,
    settings: &Settings,
) -> Result<Verdict, Unusable> {
    let bytes = envelope::open(key, &place(at), sealed).map_err(|_| Unusable::Unauthentic)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Unusable::Unauthentic)?;
    let record = Record::parse(text, &Limits::default()).map_err(|_| Unusable::Unsupported)?;
    record.verify(presented, settings).map_err(|_| Unusable::NoMemory)
}

/// Whether the sealed address, normalised, is this one.
///
/// # Errors
/// It is not authentic.
pub(crate) fn is_address(
    key: &DataKey,
    sealed: &Sealed<Email>,
    normal: &SecretText,
) -> Result<bool, OpenError> {
    let address = open(key, sealed)?;
    let stored = text::address(address.as_str()).map(SecretText::new);
    Ok(stored.is_ok_and(|stored| is_same(&stored, normal)))
}

/// Whether the sealed name, as names are compared, is this one.
///
/// # Errors
/// It is not authentic.
pub(crate) fn is_name(key: &DataKey, sealed: &Sealed<Name>, normal: &SecretText) -> Result<bool, OpenError> {
    let name = open(key, sealed)?;
    let stored = text::spoken_name(name.as_str()).map(SecretText::new);
    Ok(stored.is_some_and(|stored| is_same(&stored, normal)))
}

/// Whether two texts are one, in a time that tells nothing about where or in what length they differ.
fn is_same(left: &SecretText, right: &SecretText) -> bool {
    let digest = |text: &SecretText| digest::sha256(&[text.expose().as_bytes()]);
    mac::equal(&digest(left), &digest(right))
}

/// Where the sealed secret of a factor's one-time codes stands.
#[derive(Clone, Copy)]
pub(crate) struct CodesAt {
    pub(crate) room: RoomId,
    pub(crate) principal: PrincipalId,
    pub(crate) factor: FactorId,
}

impl CodesAt {
    fn place(&self) -> Place {
        Place {
            room: self.room,
            class: Class::Staff,
            scope: Scope::Principal(self.principal),
            column: Column::FactorSecret,
            row: *self.factor.as_bytes(),
            version: 0,
        }
    }
}

/// Seals the secret of one-time codes.
///
/// # Errors
/// There is no randomness.
pub(crate) fn seal_codes(
    key: &DataKey,
    at: &CodesAt,
    secret: &[u8; totp::SECRET_BYTES],
) -> Result<Vec<u8>, SealError> {
    envelope::seal(key, &at.place(), secret)
}

/// The step after `used` whose one-time code this is; nothing if it is none.
///
/// # Errors
/// The secret was changed or moved.
pub(crate) fn verify_code(
    key: &DataKey,
    at: &CodesAt,
    sealed: &[u8],
    code: &SecretText,
    (now, used): (Time, u64),
) -> Result<Option<u64>, Unusable> {
    let bytes = envelope::open(key, &at.place(), sealed).map_err(|_| Unusable::Unauthentic)?;
    let secret = bytes.as_slice().try_into().map_err(|_| Unusable::Unauthentic)?;
    Ok(totp::matching_step(secret, code.expose().trim(), now, used))
}
