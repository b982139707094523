//! Details of the log: free text beside an entry, sealed, and committed to by the entry.
//!
//! The entry holds HMAC-SHA-256 of the text under a fresh 32-byte salt; salt and text are sealed together. With the
//! key gone both are gone, the hash stays valid, and no dictionary finds the text.

use zeroize::Zeroizing;

use super::{Column, OpenError, Place, envelope, envelope::SealError};
use crate::{
    access::{Field, Object, View},
    audit::{self, DetailKind, Receipt, Unfit},
    base::{AccountId, Class, EntryNonce, Moment, RoomId, Scope, limits::DETAIL_BYTES_MAX, random},
    crypto::mac,
    keys::DataKey,
};

/// The number of a kind of detail in `audit_detail` and in commitments.
pub(crate) const fn number(kind: DetailKind) -> u8 {
    match kind {
        DetailKind::Actor => 1,
        DetailKind::Subject => 2,
    }
}

/// The kind with this number.
pub(crate) fn kind(number: i64) -> Option<DetailKind> {
    match number {
        1 => Some(DetailKind::Actor),
        2 => Some(DetailKind::Subject),
        _ => None,
    }
}

const fn column(kind: DetailKind) -> Column {
    match kind {
        DetailKind::Actor => Column::DetailActor,
        DetailKind::Subject => Column::DetailSubject,
    }
}

/// A text to stand beside an entry.
pub(crate) struct Detail {
    pub(crate) kind: DetailKind,
    pub(crate) text: Zeroizing<String>,
}

/// A detail as the store keeps it, and its commitment as the entry holds it.
pub(crate) struct SealedDetail {
    pub(crate) kind: DetailKind,
    pub(crate) scope: Scope,
    pub(crate) commitment: [u8; 32],
    pub(crate) sealed: Vec<u8>,
}

impl SealedDetail {
    /// The generation of the key that sealed it.
    pub(crate) fn generation(&self) -> Option<u32> {
        envelope::generation(&self.sealed)
    }

    /// What the entry holds of it.
    pub(crate) fn commitment(&self) -> audit::Detail {
        audit::Detail { kind: self.kind, commitment: Some(self.commitment) }
    }
}

impl Detail {
    /// Seals the text for the entry with this nonce.
    ///
    /// # Errors
    /// The text is too long, or there is no randomness.
    pub(crate) fn seal(
        &self,
        room: RoomId,
        key: &DataKey,
        nonce: &EntryNonce,
    ) -> Result<SealedDetail, SealError> {
        if self.text.len() > DETAIL_BYTES_MAX {
            return Err(SealError::TooLarge);
        }
        let salt: [u8; 32] = random::bytes().map_err(|_| SealError::NoRandomness)?;
        let plaintext = Zeroizing::new([salt.as_slice(), self.text.as_bytes()].concat());
        let sealed = envelope::seal(key, &place(room, key.scope(), self.kind, nonce), &plaintext)?;
        Ok(SealedDetail {
            kind: self.kind,
            scope: key.scope(),
            commitment: commit(self.kind, &salt, &self.text),
            sealed,
        })
    }
}

/// Evidence that the texts beside one entry may be read: a spent receipt. A text about a person opens only if its
/// entry names that person.
pub(crate) struct OpenDetails {
    subject: Option<AccountId>,
}

impl OpenDetails {
    /// Spends the receipt of a reading of the log.
    ///
    /// # Errors
    /// The receipt does not fit.
    pub(crate) fn by(receipt: Receipt, room: RoomId, now: Moment) -> Result<Self, OpenError> {
        let opening = receipt.take(&room, Object::Room(room), Field::Detail, View::Clear, now)?;
        match opening.class() {
            Class::AuditDetail => Ok(Self { subject: opening.subject() }),
            _ => Err(OpenError::Receipt(Unfit::NotNamed)),
        }
    }

    /// The text of a sealed detail; `None` if it is not the one that the entry commits to, or about somebody else.
    pub(crate) fn text(
        &self,
        room: RoomId,
        key: &DataKey,
        nonce: &EntryNonce,
        detail: &SealedDetail,
    ) -> Option<Zeroizing<String>> {
        let is_about_another =
            matches!(detail.scope, Scope::Account(account) if self.subject != Some(account));
        if is_about_another {
            return None;
        }
        let plaintext =
            envelope::open(key, &place(room, detail.scope, detail.kind, nonce), &detail.sealed).ok()?;
        let (salt, text) = plaintext.split_first_chunk::<32>()?;
        let text = Zeroizing::new(std::str::from_utf8(text).ok()?.to_owned());
        mac::equal(&commit(detail.kind, salt, &text), &detail.commitment).then_some(text)
    }
}

/// Seals where a customer was, beside the activity record with this id.
///
/// # Errors
/// The text is too long, or there is no randomness.
pub(crate) fn seal_activity(
    room: RoomId,
    key: &DataKey,
    record: &EntryNonce,
    origin: &str,
) -> Result<Vec<u8>, SealError> {
    let row = *record.as_bytes();
    let place = Place {
        room,
        class: Class::Activity,
        scope: key.scope(),
        column: Column::ActivityDetail,
        row,
        version: 0,
    };
    envelope::seal(key, &place, origin.as_bytes())
}

/// HMAC-SHA-256 under the salt of `"strongroom/detail/1" 00 | kind u8 | text`.
fn commit(kind: DetailKind, salt: &[u8; 32], text: &str) -> [u8; 32] {
    mac::hmac_sha256(salt, &[b"strongroom/detail/1\0", &[number(kind)], text.as_bytes()])
}

fn place(room: RoomId, scope: Scope, kind: DetailKind, nonce: &EntryNonce) -> Place {
    Place { room, class: Class::AuditDetail, scope, column: column(kind), row: *nonce.as_bytes(), version: 0 }
}
