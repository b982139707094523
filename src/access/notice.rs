//! What people are told of, and who is told.

use crate::{
    access::frozen::frozen,
    base::{AccountId, PrincipalId},
};

frozen! {
    /// What somebody is told. Numbers stand in the outbox, names in JSON and in what other programs are sent.
    pub enum NoticeKind {
        /// A code and a link that he asked for; or that somebody asked for in his name.
        Code = 1 "code",
        /// He has an account.
        Registered = 2 "registered",
        /// His password was set by a code or a link.
        PasswordReset = 3 "password_reset",
        /// His password was changed by whoever had it.
        PasswordChanged = 4 "password_changed",
        /// Somebody with his password has asked that the account have another address.
        AddressChanging = 5 "address_changing",
        /// The account has another address: told to the new one and to the old one.
        AddressChanged = 6 "address_changed",
        /// Somebody logged in with a device that the account was not known to be used with.
        NewDevice = 7 "new_device",
        /// Second factors were taken from him.
        AuthenticatorDisabled = 8 "authenticator_disabled",
        /// His account is suspended.
        Suspended = 9 "suspended",
        /// It is suspended no more.
        Reinstated = 10 "reinstated",
        /// His account is closed.
        Closed = 11 "closed",
        /// What the room knew of him is erased, his address too.
        Erased = 12 "erased",
        /// Staff have answered a ticket of his.
        TicketReplied = 13 "ticket_replied",
        /// A rule was put out of force.
        PolicyChanged = 14 "policy_changed",
        /// A request waits for a second person.
        ApprovalWanted = 15 "approval_wanted",
        /// Staff have used a right that is for emergencies, on his data or in general.
        EmergencyUsed = 16 "emergency_used",
        /// Security has disabled a colleague, or taken a role from one.
        StaffChanged = 17 "staff_changed",
    }
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Receiver {
    /// A customer.
    Account(AccountId),
    /// A colleague. The room knows no address of his.
    Principal(PrincipalId),
}

impl Receiver {
    /// The number of its kind, as rows hold it.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Account(_) => 1,
            Self::Principal(_) => 2,
        }
    }

    /// The bytes of its id.
    pub(crate) const fn id_bytes(&self) -> &[u8; 16] {
        match self {
            Self::Account(id) => id.as_bytes(),
            Self::Principal(id) => id.as_bytes(),
        }
    }

    /// The receiver of these parts.
    pub(crate) fn from_parts(number: u8, id: [u8; 16]) -> Option<Self> {
        match number {
            1 => Some(Self::Account(AccountId::from_bytes(id))),
            2 => Some(Self::Principal(PrincipalId::from_bytes(id))),
            _ => None,
        }
    }
}
