//! Blind indexes: looking a value up without storing it.

use crate::{
    base::{RoomId, Secret, SecretText, text::NORMALISATION},
    crypto::mac,
};

/// What is looked up. The numbers stand in the MAC's input and in the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexField {
    /// A customer's e-mail address.
    Address = 1,
    /// A staff member's handle.
    Handle = 2,
    /// A word of a customer's name.
    NameWord = 3,
    /// An invoice's number.
    InvoiceNumber = 4,
    /// A processor's reference to a transaction.
    Reference = 5,
}

impl IndexField {
    /// The frozen number.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }
}

/// The keyed digest of one normalised value under one version of the index key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlindIndex {
    /// What is looked up.
    pub(crate) field: IndexField,
    /// The version of the index key.
    pub(crate) key_version: u32,
    /// HMAC-SHA-256.
    pub(crate) mac: [u8; 32],
}

/// The index key of one version. Who holds it can test any dictionary of addresses, so it is a domain of its
/// own, and lies in the keyring, never with the data.
pub(crate) struct IndexKey {
    version: u32,
    secret: Secret<32>,
}

impl IndexKey {
    pub(super) fn new(version: u32, secret: Secret<32>) -> Self {
        Self { version, secret }
    }

    /// The version that stands beside every index row.
    pub(crate) const fn version(&self) -> u32 {
        self.version
    }

    /// The index of a value that `base::text` has normalised:
    /// HMAC of `"strongroom/index/1" 00 | room 16 | field u8 | normalisation u8 | value`.
    pub(crate) fn index(&self, room: &RoomId, field: IndexField, normalised: &SecretText) -> BlindIndex {
        let mac = mac::hmac_sha256(
            self.secret.expose(),
            &[
                b"strongroom/index/1\0",
                room.as_bytes(),
                &[field.number(), NORMALISATION],
                normalised.expose().as_bytes(),
            ],
        );
        BlindIndex { field, key_version: self.version, mac }
    }
}
