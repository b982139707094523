//! What is acted on: objects by their ids, the fields that hold people's data, and how much of them shows.

use crate::access::frozen::frozen;

use std::{fmt, str::FromStr};

use crate::base::{
    AccountId, ApiKeyId, ApprovalId, AttachmentId, CaseId, EnrolmentId, FactorId, GrantId, HoldId, InvoiceId,
    MessageId, PaymentId, PrincipalId, RoomId, SessionId, TicketId, WaiverId,
};

macro_rules! objects {
    ($($(#[$doc:meta])* $variant:ident, $id:ident, $noun:literal;)+) => {
        /// One thing in a room. Its text, `ticket:ID`, is what entries of the log hold: pseudonymous by itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Object { $($(#[$doc])* $variant($id),)+ }

        impl Object {
            /// The singular noun in front of the colon.
            pub const fn noun(&self) -> &'static str {
                match self { $(Self::$variant(_) => $noun,)+ }
            }

            /// The 16 bytes of its id, without their kind.
            pub const fn id_bytes(&self) -> &[u8; 16] {
                match self { $(Self::$variant(id) => id.as_bytes(),)+ }
            }
        }

        impl FromStr for Object {
            type Err = MalformedObject;

            fn from_str(text: &str) -> Result<Self, MalformedObject> {
                let (noun, id) = text.split_once(':').ok_or(MalformedObject)?;
                match noun {
                    $($noun => id.parse().map(Self::$variant).map_err(|_| MalformedObject),)+
                    _ => Err(MalformedObject),
                }
            }
        }

        $(impl From<$id> for Object {
            fn from(id: $id) -> Self {
                Self::$variant(id)
            }
        })+
    };
}

objects! {
    /// A customer's record.
    Account, AccountId, "account";
    /// A ticket.
    Ticket, TicketId, "ticket";
    /// A message or an internal note of a ticket.
    Message, MessageId, "message";
    /// A file attached to a ticket.
    Attachment, AttachmentId, "attachment";
    /// A transaction.
    Payment, PaymentId, "payment";
    /// An invoice.
    Invoice, InvoiceId, "invoice";
    /// A case that staff opened.
    Case, CaseId, "case";
    /// A principal.
    Principal, PrincipalId, "principal";
    /// A grant.
    Grant, GrantId, "grant";
    /// An enrolment code.
    Enrolment, EnrolmentId, "enrolment";
    /// A second factor.
    Factor, FactorId, "factor";
    /// A session.
    Session, SessionId, "session";
    /// A hold.
    Hold, HoldId, "hold";
    /// What somebody asked for and a second person decides.
    Approval, ApprovalId, "approval";
    /// A rule out of force for a time.
    Waiver, WaiverId, "waiver";
    /// A key of a customer's program.
    ApiKey, ApiKeyId, "api_key";
    /// The room itself.
    Room, RoomId, "room";
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.noun(), crate::base::base64url::encode(self.id_bytes()))
    }
}

/// A text that names no object. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedObject;

impl fmt::Display for MalformedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this names no object: it takes a noun, a colon and an id, as in `ticket:ID`")
    }
}

impl std::error::Error for MalformedObject {}

frozen! {
    /// How much of a value shows.
    pub enum View {
        /// Bullets with what the reader's work needs.
        Masked = 1 "masked",
        /// The value.
        Clear = 2 "clear",
    }
}

frozen! {
    /// A sealed value that a cell of the matrix can name. Sets of them are held by their numbers. Password
    /// records have none: they are verified, never read.
    pub enum Field {
        /// An account's e-mail address.
        Email = 1 "email",
        /// An account's display name.
        Name = 2 "name",
        /// An account's telephone number.
        Phone = 3 "phone",
        /// An account's postal address.
        Address = 4 "address",
        /// An account's tax number.
        TaxId = 5 "tax_id",
        /// A ticket's subject line.
        Subject = 6 "subject",
        /// A message's text.
        Body = 7 "body",
        /// An internal note's text.
        Note = 8 "note",
        /// An attachment's file name.
        FileName = 9 "file_name",
        /// An attachment's media type.
        MediaType = 10 "media_type",
        /// An attachment's bytes.
        Content = 11 "content",
        /// Brand, last four digits and expiry of a card; never more is stored.
        Card = 12 "card",
        /// The payment processor's reference.
        Reference = 13 "reference",
        /// The lines of an invoice.
        InvoiceLines = 14 "invoice_lines",
        /// A staff member's name in the room.
        Handle = 15 "handle",
        /// Free text of an entry: the reason that was given.
        Detail = 16 "detail",
        /// The network address that an actor came from.
        Ip = 17 "ip",
    }
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Fields(u32);

impl Fields {
    /// No field.
    pub(crate) const NONE: Self = Self(0);

    /// The set of these fields.
    pub(crate) const fn of(list: &[Field]) -> Self {
        let (mut bits, mut left) = (0, list);
        while let [first, rest @ ..] = left {
            bits |= 1 << first.number();
            left = rest;
        }
        Self(bits)
    }

    /// Whether `field` is in it.
    pub(crate) const fn contains(self, field: Field) -> bool {
        self.0 & (1 << field.number()) != 0
    }

    /// The fields in the order of their numbers.
    pub(crate) fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.contains(*field))
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Fields, MalformedObject, Object};
    use crate::base::{AccountId, TicketId};

    #[test]
    fn an_object_has_one_text() {
        let ticket = Object::from(TicketId::from_bytes([7; 16]));
        assert_eq!(ticket.to_string(), "ticket:BwcHBwcHBwcHBwcHBwcHBw");
        assert_eq!(ticket.to_string().parse(), Ok(ticket));
        assert_ne!(
            ticket,
            Object::Account(AccountId::from_bytes([7; 16])),
            "one id under two nouns is two objects"
        );
        for refused in [
            "",
            "ticket",
            "ticket:",
            ":BwcHBwcHBwcHBwcHBwcHBw",
            "Ticket:BwcHBwcHBwcHBwcHBwcHBw",
            "password:BwcHBwcHBwcHBwcHBwcHBw",
            "ticket:BwcHBwcHBwcHBwcHBwcHBx",
            "ticket:BwcHBwcHBwcHBwcHBwcHBw ",
            "ticket:ticket:BwcHBwcHBwcHBwcHBwcHBw",
        ] {
            assert_eq!(refused.parse::<Object>(), Err(MalformedObject), "{refused:?}");
        }
    }

    #[test]
    fn a_set_of_fields_holds_what_was_put_in() {
        assert_eq!(Fields::of(&Field::ALL).iter().count(), Field::ALL.len());
        let two = Fields::of(&[Field::Body, Field::Email]);
        assert_eq!(two.iter().collect::<Vec<_>>(), [Field::Email, Field::Body]);
        assert!(!two.contains(Field::Note));
    }
}
