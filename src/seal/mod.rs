//! What stands between plaintext and the disk: sealed fields and attachments, details of the log, verdicts on
//! credentials, and vouching for rows that confer authority.
//!
//! Three evidences open sealed data and there is no fourth: a receipt, an owner's session, and a [`verdict`].

mod attachment;
mod clear;
mod codes;
mod detail;
mod envelope;
mod open;
mod place;
mod sealed;
mod values;
pub(crate) mod verdict;
mod vouch;

pub use attachment::AttachmentReader;
pub(crate) use attachment::{AttachmentSealer, AttachmentSource, content_bytes};
pub use clear::{Clear, Masked};
pub(crate) use codes::Codes;
pub(crate) use detail::{
    Detail, OpenDetails, SealedDetail, kind as detail_kind, number as detail_number, seal_activity,
};
pub use envelope::SealError;
pub(crate) use envelope::has_form;
pub use open::OpenError;
pub(crate) use open::{open_clear, open_masked, open_own};
pub(crate) use place::{Column, Place};
pub use sealed::Sealed;
pub(crate) use sealed::{At, seal};
pub use values::{
    Card, Email, FileName, Handle, Invoice, MediaType, MessageBody, Name, NoteBody, Reference, Sealable,
    Subject,
};
pub(crate) use verdict::Unusable;
pub(crate) use vouch::{Unvouched, Voucher};
