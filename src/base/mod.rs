//! What every floor needs: ids, the clock, classes of data, secrets, limits, text.

pub(crate) mod base64url;
pub(crate) mod business;
mod class;
mod classes;
mod clock;
pub(crate) mod count;
mod id;
pub mod limits;
pub(crate) mod locked;
pub(crate) mod random;
pub(crate) mod rfc3339;
mod secret;
mod state;
#[cfg(test)]
pub(crate) mod steps;
pub(crate) mod text;
mod trace;

pub use class::{Class, Scope};
pub use classes::Classes;
pub use clock::{Clock, Moment, Time};
pub use id::{
    AccountId, ApiKeyId, ApprovalId, AttachmentId, CaseId, ChallengeId, EnrolmentId, EntryNonce, FactorId,
    GrantId, HoldId, Id, InvoiceId, Kind, MalformedId, MessageId, NoticeId, PaymentId, PrincipalId,
    RequestId, RoomId, RoomKind, SessionId, TicketId, WaiverId,
};
pub use secret::{Secret, SecretText};
pub use state::AccountState;
pub use trace::TraceId;
pub(crate) use trace::tell;
