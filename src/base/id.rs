//! Random 128-bit ids, one type per thing, written as 22 characters of base64url.

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

use super::{
    base64url,
    random::{self, NoRandomness},
};

/// What an [`Id`] names. The word stands in errors and in the log's object names.
pub trait Kind: Copy + Eq + Ord + Hash + fmt::Debug + Send + Sync + 'static {
    /// The singular noun, ASCII lower case.
    const NOUN: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident, $noun:literal;)*) => {$(
        #[doc = concat!("The kind of [`", stringify!($alias), "`].")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $kind;
        impl Kind for $kind { const NOUN: &'static str = $noun; }
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// A room. The first byte tells a real room (1) from a demonstration (2).
    Room, RoomId, "room";
    /// A customer's record, and the pseudonym of the person it is about.
    Account, AccountId, "account";
    /// A staff member or a machine that acts.
    Principal, PrincipalId, "principal";
    /// A session of a principal or of an account's owner.
    Session, SessionId, "session";
    /// One role given to one principal.
    Grant, GrantId, "grant";
    /// A one-time code that lets a principal set a password.
    Enrolment, EnrolmentId, "enrolment";
    /// What a principal shows beside a password.
    Factor, FactorId, "factor";
    /// A customer's ticket.
    Ticket, TicketId, "ticket";
    /// One message of a ticket.
    Message, MessageId, "message";
    /// A file attached to a ticket.
    Attachment, AttachmentId, "attachment";
    /// A transaction with a payment processor.
    Payment, PaymentId, "payment";
    /// An invoice.
    Invoice, InvoiceId, "invoice";
    /// A case that staff opened: why a person's data is read when no ticket says so.
    Case, CaseId, "case";
    /// What keeps data of an account from being destroyed.
    Hold, HoldId, "hold";
    /// What somebody asked for and a second person decides.
    Approval, ApprovalId, "approval";
    /// A rule put out of force for a time.
    Waiver, WaiverId, "waiver";
    /// A key by which a customer's program is told from others.
    ApiKey, ApiKeyId, "api_key";
    /// A one-time code that a customer was sent.
    Challenge, ChallengeId, "challenge";
    /// Something that somebody is to be told.
    Notice, NoticeId, "notice";
    /// One call into the room, to find its entry again.
    Request, RequestId, "request";
    /// The 16 random bytes of an audit entry.
    Nonce, EntryNonce, "nonce";
}

/// 16 random bytes that name one `K`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<K: Kind> {
    bytes: [u8; 16],
    kind: PhantomData<K>,
}

impl<K: Kind> Id<K> {
    /// A fresh id from the operating system: 128 bits but for the 64th part of them whose text begins with `-`,
    /// which a command line would take for an option.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub(crate) fn random() -> Result<Self, NoRandomness> {
        loop {
            let id = Self::from_bytes(random::bytes()?);
            if !id.to_string().starts_with('-') {
                return Ok(id);
            }
        }
    }

    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    /// The 16 bytes, as formats hold them.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&base64url::encode(&self.bytes))
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{self}", K::NOUN)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        base64url::decode(text).map(Self::from_bytes).ok_or(MalformedId { noun: K::NOUN })
    }
}

/// A text that is no id. It does not repeat the text: people paste secrets into the wrong field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedId {
    noun: &'static str,
}

impl fmt::Display for MalformedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no {} id: it takes 22 characters of A-Z, a-z, 0-9, `-` and `_`", self.noun)
    }
}

impl std::error::Error for MalformedId {}

/// What kind of room it is: part of its id, hence of every key's and value's associated data, so that no
/// switch turns one kind into the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomKind {
    /// Holds people's data.
    Real,
    /// Holds invented people, and lets `--as NAME` act for them.
    Demo,
}

impl RoomId {
    /// A fresh room id of this kind.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub(crate) fn of_kind(kind: RoomKind) -> Result<Self, NoRandomness> {
        let mut bytes: [u8; 16] = random::bytes()?;
        if let Some(first) = bytes.first_mut() {
            *first = match kind {
                RoomKind::Real => 1,
                RoomKind::Demo => 2,
            };
        }
        Ok(Self::from_bytes(bytes))
    }

    /// The kind; `None` for an id that no version of this program makes.
    pub fn room_kind(&self) -> Option<RoomKind> {
        match self.bytes.first() {
            Some(1) => Some(RoomKind::Real),
            Some(2) => Some(RoomKind::Demo),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TicketId;

    #[test]
    fn no_fresh_id_looks_like_an_option() {
        let drawn = (0..2000).map(|_| TicketId::random().unwrap().to_string());
        assert_eq!(drawn.filter(|id| id.starts_with('-')).count(), 0);
    }
}
