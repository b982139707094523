//! Opening sealed fields: by a receipt, or by the owner.

use std::fmt;

use super::{Clear, Masked, Place, Sealable, Sealed, envelope};
use crate::{
    access::{Field, Object, OwnerSession, View},
    audit::{Receipt, Unfit},
    base::{Moment, Scope},
    keys::DataKey,
};

/// Evidence did not open a sealed value. Nothing of the value was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The receipt is for something else, or too old.
    Receipt(Unfit),
    /// The value belongs to another account than the owner's session.
    NotYours,
    /// The value was changed or moved: an integrity failure.
    Unauthentic,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receipt(unfit) => unfit.fmt(f),
            Self::NotYours => f.write_str("this belongs to another account"),
            Self::Unauthentic => f.write_str("a sealed value was changed or moved: integrity failure"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<Unfit> for OpenError {
    fn from(unfit: Unfit) -> Self {
        Self::Receipt(unfit)
    }
}

/// Opens a value in the clear.
///
/// # Errors
/// The receipt does not fit, or the value is not authentic.
pub(crate) fn open_clear<T: Sealable>(
    receipt: Receipt,
    key: &DataKey,
    sealed: &Sealed<T>,
    now: Moment,
) -> Result<Clear<T>, OpenError> {
    spend::<T>(receipt, sealed, View::Clear, now)?;
    open(key, sealed).map(Clear::new)
}

/// Opens a value as far as its mask shows it.
///
/// # Errors
/// The receipt does not fit, or the value is not authentic.
pub(crate) fn open_masked<T: Sealable>(
    receipt: Receipt,
    key: &DataKey,
    sealed: &Sealed<T>,
    now: Moment,
) -> Result<Masked<T>, OpenError> {
    spend::<T>(receipt, sealed, View::Masked, now)?;
    open(key, sealed).map(|value| Masked::of(&value))
}

/// Opens the owner's own value. The caller has made the Activity record durable.
///
/// # Errors
/// The value is another's, or not authentic.
pub(crate) fn open_own<T: Sealable>(
    owner: &OwnerSession,
    key: &DataKey,
    sealed: &Sealed<T>,
) -> Result<Clear<T>, OpenError> {
    if sealed.place.scope.owner() != *owner.account().as_bytes() {
        return Err(OpenError::NotYours);
    }
    open(key, sealed).map(Clear::new)
}

/// Spends the receipt on this very value.
fn spend<T: Sealable>(
    receipt: Receipt,
    sealed: &Sealed<T>,
    view: View,
    now: Moment,
) -> Result<(), OpenError> {
    spend_on(receipt, &sealed.place, sealed.object, T::FIELD, view, now)
}

/// Spends a receipt on the value of `place`: what the receipt names must be of this class and about its owner.
pub(super) fn spend_on(
    receipt: Receipt,
    place: &Place,
    object: Object,
    field: Field,
    view: View,
    now: Moment,
) -> Result<(), OpenError> {
    let opening = receipt.take(&place.room, object, field, view, now)?;
    let owner = match place.scope {
        Scope::Account(account) | Scope::AccountYear(account, _) => Some(account),
        Scope::Principal(_) | Scope::RoomDay(_) | Scope::RoomMonth(_) => None,
    };
    if opening.class() != place.class || opening.subject() != owner {
        return Err(OpenError::Receipt(Unfit::NotNamed));
    }
    Ok(())
}

/// The value, with evidence or for a verdict.
pub(super) fn open<T: Sealable>(key: &DataKey, sealed: &Sealed<T>) -> Result<T, OpenError> {
    let bytes = envelope::open(key, &sealed.place, &sealed.bytes).map_err(|_| OpenError::Unauthentic)?;
    T::decode(bytes).ok_or(OpenError::Unauthentic)
}
