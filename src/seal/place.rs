//! Where a sealed value stands: its associated data, so that a ciphertext moved anywhere else does not open.

use crate::{
    base::{Class, RoomId, Scope},
    keys::DataKey,
};

/// A sealed column. The numbers are frozen: table in the high byte, column in the low. FORMAT.md section 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Column {
    /// `account.email_sealed`
    AccountEmail = 0x0101,
    /// `account.name_sealed`
    AccountName = 0x0102,
    /// `credential.record_sealed`
    CredentialRecord = 0x0201,
    /// `principal.handle_sealed`
    PrincipalHandle = 0x0301,
    /// `activity.detail_sealed`
    ActivityDetail = 0x0401,
    /// `ticket.subject_sealed`
    TicketSubject = 0x0501,
    /// `ticket_message.body_sealed` of the customer's and of replies
    MessageBody = 0x0601,
    /// `ticket_message.body_sealed` of an internal note: it opens as nothing that the customer sees
    NoteBody = 0x0602,
    /// `attachment.name_sealed`
    AttachmentName = 0x0701,
    /// `attachment.media_type_sealed`
    AttachmentMediaType = 0x0702,
    /// The attachment's content, in its blob.
    AttachmentContent = 0x0703,
    /// `payment.reference_sealed`
    PaymentReference = 0x0801,
    /// `payment.card_sealed`
    PaymentCard = 0x0802,
    /// `invoice.body_sealed`
    InvoiceBody = 0x0901,
    /// `audit_detail.text_sealed`, the actor's own.
    DetailActor = 0x0a01,
    /// `audit_detail.text_sealed`, about the subject.
    DetailSubject = 0x0a02,
    /// `factor.secret_sealed`
    FactorSecret = 0x0b01,
}

/// One cell of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) room: RoomId,
    pub(crate) class: Class,
    pub(crate) scope: Scope,
    pub(crate) column: Column,
    /// The row's id.
    pub(crate) row: [u8; 16],
    /// The version of a row whose older state must not open; zero where rows have none.
    pub(crate) version: u64,
}

impl Place {
    /// The canonical 86 bytes: FORMAT.md section 3.
    pub(crate) fn associated_data(&self, format: u8, generation: u32) -> Vec<u8> {
        [
            b"strongroom/aad/1\0".as_slice(),
            &[format],
            self.room.as_bytes(),
            &[self.class.number()],
            &self.scope.to_bytes(),
            &generation.to_be_bytes(),
            &(self.column as u16).to_be_bytes(),
            &self.row,
            &self.version.to_be_bytes(),
        ]
        .concat()
    }

    /// Whether this key is the one that seals this place.
    pub(crate) fn fits(&self, key: &DataKey) -> bool {
        key.class() == self.class && key.scope() == self.scope
    }
}
