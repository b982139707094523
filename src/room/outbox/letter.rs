//! What is sent to whom.

use crate::{
    access::{NoticeKind, Object, Receiver, rows::Topic},
    base::{SecretText, Time},
};

/// Which address of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// The one that his account has.
    Address,
    /// The one that he is registering with, and that nobody has confirmed.
    Unconfirmed,
    /// The one that his account is to have.
    NewAddress,
    /// The one that his account had until now.
    FormerAddress,
    /// None that the room knows: a colleague is known by his id.
    Colleague,
    /// None any more: the room has erased it. Who asked for the erasure is answered by who carried it out.
    Nowhere,
}

/// Something to be sent. This library sends no mail. No `Debug`: a code may stand in it.
pub struct Delivery {
    /// To whom.
    pub to: Receiver,
    /// To which of his addresses.
    pub contact: Contact,
    /// What is sent.
    pub letter: Letter,
}

/// What is sent.
pub enum Letter {
    /// A code to be typed and a link to be followed; either will do.
    Code {
        /// What for.
        topic: Topic,
        /// Eight digits, for ten minutes.
        code: SecretText,
        /// What stands in the link.
        link: SecretText,
        /// From when the link does nothing.
        expires: Time,
    },
    /// That something has happened.
    Notice {
        /// What.
        kind: NoticeKind,
        /// What it is about: the ticket, the request that waits, the waiver, the colleague.
        about: Option<Object>,
    },
}

/// What a notice of a kind is about, of the id that its row holds.
pub(in super::super) fn about(kind: NoticeKind, id: Option<[u8; 16]>) -> Option<Object> {
    use crate::base::Id;
    let id = id?;
    match kind {
        NoticeKind::TicketReplied => Some(Object::Ticket(Id::from_bytes(id))),
        NoticeKind::PolicyChanged => Some(Object::Waiver(Id::from_bytes(id))),
        NoticeKind::ApprovalWanted => Some(Object::Approval(Id::from_bytes(id))),
        NoticeKind::EmergencyUsed | NoticeKind::StaffChanged => Some(Object::Principal(Id::from_bytes(id))),
        NoticeKind::Code
        | NoticeKind::Registered
        | NoticeKind::PasswordReset
        | NoticeKind::PasswordChanged
        | NoticeKind::AddressChanging
        | NoticeKind::AddressChanged
        | NoticeKind::NewDevice
        | NoticeKind::AuthenticatorDisabled
        | NoticeKind::Suspended
        | NoticeKind::Reinstated
        | NoticeKind::Closed
        | NoticeKind::Erased => None,
    }
}
