//! The third evidence: uses, each a function that returns a verdict and never bytes. Class Credential has no other
//! way in, nor has the secret of one-time codes.

use super::{
    At, Column, Email, Handle, Invoice, Name, OpenError, Place, Reference, SealError, Sealable, Sealed,
    envelope, open::open, seal,
};
use crate::{
    base::{Class, FactorId, PrincipalId, RoomId, Scope, SecretText, Time, text},
    crypto::{digest, mac, totp},
    keys::{BlindIndex, DataKey, IndexField, IndexKey},
    password::{Dialect, Limits, NewPassword, Presented, Record, Rejected, Settings, Verdict},
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
    let record =
        Record::parse(text, &Dialect::none(), &Limits::default()).map_err(|_| Unusable::Unsupported)?;
    record.verify_presented(presented, settings).map_err(|_| Unusable::NoMemory)
}

/// A value sealed under another key at another place, which it leaves for nobody to see.
///
/// # Errors
/// It is not authentic, or there is no randomness.
pub(crate) fn reseal<T: Sealable>(
    (from, sealed): (&DataKey, &Sealed<T>),
    (to, at, version): (&DataKey, &At, u64),
) -> Result<Vec<u8>, Unmoved> {
    Ok(seal(to, at, version, &open(from, sealed)?)?)
}

/// The same of a password record.
///
/// # Errors
/// It is not authentic, or there is no randomness.
pub(crate) fn reseal_record(
    (from, was, sealed): (&DataKey, &CredentialAt, &[u8]),
    (to, at): (&DataKey, &CredentialAt),
) -> Result<Vec<u8>, Unmoved> {
    let bytes = envelope::open(from, &place(was), sealed).map_err(|_| OpenError::Unauthentic)?;
    Ok(envelope::seal(to, &place(at), &bytes)?)
}

/// Why a value was not sealed under another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unmoved {
    /// It does not open.
    Open(OpenError),
    /// It is not sealed.
    Seal(SealError),
}

impl From<OpenError> for Unmoved {
    fn from(e: OpenError) -> Self {
        Self::Open(e)
    }
}

impl From<SealError> for Unmoved {
    fn from(e: SealError) -> Self {
        Self::Seal(e)
    }
}

/// The indexes of a sealed address under each of these keys: so that it can be looked up, and not be read.
///
/// # Errors
/// It is not authentic.
pub(crate) fn reindex(
    key: &DataKey,
    sealed: &Sealed<Email>,
    room: &RoomId,
    index_keys: &[IndexKey],
) -> Result<Vec<BlindIndex>, OpenError> {
    let address = open(key, sealed)?;
    let normal = text::address(address.as_str()).map(SecretText::new).map_err(|_| OpenError::Unauthentic)?;
    Ok(index_keys.iter().map(|key| key.index(room, IndexField::Address, &normal)).collect())
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

/// A sealed value that is tried first as the password of whom it belongs to.
pub(crate) trait Guessed {
    /// What is tried, for as long as a new password is judged.
    fn tried(&self, key: &DataKey) -> Result<Vec<SecretText>, OpenError>;
}

impl Guessed for Sealed<Email> {
    fn tried(&self, key: &DataKey) -> Result<Vec<SecretText>, OpenError> {
        let typed = open(key, self)?;
        let normal = text::address(typed.as_str()).ok();
        Ok([Some(typed.as_str().to_owned()), normal].into_iter().flatten().map(SecretText::new).collect())
    }
}

impl Guessed for Sealed<Name> {
    fn tried(&self, key: &DataKey) -> Result<Vec<SecretText>, OpenError> {
        Ok(vec![SecretText::new(open(key, self)?.as_str().to_owned())])
    }
}

impl Guessed for Sealed<Handle> {
    fn tried(&self, key: &DataKey) -> Result<Vec<SecretText>, OpenError> {
        Ok(vec![SecretText::new(open(key, self)?.as_str().to_owned())])
    }
}

/// A new password that is none of these sealed values, or why it may not be one.
///
/// # Errors
/// A value is not authentic.
pub(crate) fn judge_password(
    password: &SecretText,
    beside: &[(&DataKey, &dyn Guessed)],
) -> Result<Result<NewPassword, Rejected>, OpenError> {
    let tried = beside.iter().map(|(key, sealed)| sealed.tried(key)).collect::<Result<Vec<_>, _>>()?;
    let tried: Vec<_> = tried.iter().flatten().map(SecretText::expose).collect();
    Ok(NewPassword::accept(password, &tried))
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

/// The words of the sealed name, as somebody is found by them: by `index`, digests.
///
/// # Errors
/// It is not authentic.
pub(crate) fn index_words(
    key: &DataKey,
    sealed: &Sealed<Name>,
    index: impl Fn(&SecretText) -> BlindIndex,
) -> Result<Vec<BlindIndex>, OpenError> {
    Ok(text::words(open(key, sealed)?.as_str()).iter().map(index).collect())
}

/// Whether the sealed name has each of these normalised words.
///
/// # Errors
/// It is not authentic.
pub(crate) fn has_words(
    key: &DataKey,
    sealed: &Sealed<Name>,
    normal: &[SecretText],
) -> Result<bool, OpenError> {
    let stored = text::words(open(key, sealed)?.as_str());
    Ok(normal.iter().all(|word| stored.iter().any(|stored| stored.expose() == word.expose())))
}

/// Whether the sealed invoice's number, normalised, is this one.
///
/// # Errors
/// It is not authentic.
pub(crate) fn is_invoice(
    key: &DataKey,
    sealed: &Sealed<Invoice>,
    normal: &SecretText,
) -> Result<bool, OpenError> {
    let invoice = open(key, sealed)?;
    let stored = text::invoice_number(invoice.get().number.expose()).map(SecretText::new);
    Ok(stored.is_ok_and(|stored| stored.expose() == normal.expose()))
}

/// Whether the sealed reference is this one.
///
/// # Errors
/// It is not authentic.
pub(crate) fn is_reference(
    key: &DataKey,
    sealed: &Sealed<Reference>,
    typed: &SecretText,
) -> Result<bool, OpenError> {
    Ok(open(key, sealed)?.get().expose() == typed.expose())
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
