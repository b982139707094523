//! A sealed value as the store keeps it, and how it is made.

use std::marker::PhantomData;

use super::{Place, SealError, Sealable, envelope};
use crate::{
    access::Object,
    base::{RoomId, Scope},
    keys::DataKey,
};

/// A value that only evidence opens. It knows where it stands, so that it opens nowhere else.
pub struct Sealed<T: Sealable> {
    pub(super) place: Place,
    pub(super) object: Object,
    pub(super) bytes: Vec<u8>,
    value: PhantomData<fn() -> T>,
}

impl<T: Sealable> Sealed<T> {
    /// A value as it was read from its row.
    pub(crate) fn from_row(at: &At, version: u64, object: Object, bytes: Vec<u8>) -> Self {
        Self { place: place::<T>(at, version), object, bytes, value: PhantomData }
    }

    /// The scope whose data key opens it.
    pub(crate) fn scope(&self) -> Scope {
        self.place.scope
    }

    /// The generation of that key; `None` if the bytes are of no known format.
    pub(crate) fn generation(&self) -> Option<u32> {
        envelope::generation(&self.bytes)
    }

    /// What the receipt must name.
    pub fn object(&self) -> Object {
        self.object
    }
}

/// The row a value stands in.
#[derive(Clone, Copy)]
pub(crate) struct At {
    pub(crate) room: RoomId,
    pub(crate) scope: Scope,
    pub(crate) row: [u8; 16],
}

fn place<T: Sealable>(at: &At, version: u64) -> Place {
    Place { room: at.room, class: T::CLASS, scope: at.scope, column: T::COLUMN, row: at.row, version }
}

/// Seals a value into its column of a row.
///
/// # Errors
/// The value is larger than a field may be, or there is no randomness.
pub(crate) fn seal<T: Sealable>(
    key: &DataKey,
    at: &At,
    version: u64,
    value: &T,
) -> Result<Vec<u8>, SealError> {
    envelope::seal(key, &place::<T>(at, version), &value.encode())
}
