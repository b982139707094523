//! The values that are sealed: one type per column, so that a name cannot be opened as an address.

use zeroize::Zeroizing;

use super::Column;
use crate::{access::Field, base::Class, billing};

/// A value that is sealed into one column. The trait is sealed by its `Column`, which only this crate names.
pub trait Sealable: Sized {
    /// The class whose key seals it.
    const CLASS: Class;
    /// The field that a receipt must name.
    const FIELD: Field;
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "what no other crate can name, no other crate can implement")]
    const COLUMN: Column;
    /// The bytes that are sealed.
    fn encode(&self) -> Zeroizing<Vec<u8>>;
    /// The value of these bytes; `None` if no version of this program seals them.
    fn decode(bytes: Zeroizing<Vec<u8>>) -> Option<Self>;
    /// What a masked view shows.
    fn masked(&self) -> String;
}

/// What stands for something hidden: always the same, so that its length tells nothing.
const HIDDEN: &str = "\u{2022}\u{2022}\u{2022}";

macro_rules! text_values {
    ($($(#[$doc:meta])* $name:ident, $class:ident, $field:ident, $column:ident, $mask:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name(Zeroizing<String>);

        impl $name {
            pub(crate) fn new(text: String) -> Self {
                Self(Zeroizing::new(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Sealable for $name {
            const CLASS: Class = Class::$class;
            const FIELD: Field = Field::$field;
            #[expect(private_interfaces, reason = "what no other crate can name, no other crate can implement")]
            const COLUMN: Column = Column::$column;

            fn encode(&self) -> Zeroizing<Vec<u8>> {
                Zeroizing::new(self.0.as_bytes().to_vec())
            }

            fn decode(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
                std::str::from_utf8(&bytes).ok().map(|text| Self::new(text.to_owned()))
            }

            fn masked(&self) -> String {
                let mask: fn(&str) -> String = $mask;
                mask(&self.0)
            }
        }
    )*};
}

text_values! {
    /// A customer's e-mail address as it was given.
    Email, Identity, Email, AccountEmail, mask_address;
    /// A customer's name.
    Name, Identity, Name, AccountName, mask_name;
    /// A staff member's handle. Staff know each other: it is shown as it is.
    Handle, Staff, Handle, PrincipalHandle, str::to_owned;
    /// A ticket's subject line.
    Subject, Support, Subject, TicketSubject, hide;
    /// A ticket message.
    MessageBody, Support, Body, MessageBody, hide;
    /// An internal note: staff alone may read it. Its number is its own, so that whoever changes the kind of a
    /// message by SQL shows nobody a note.
    NoteBody, Support, Note, NoteBody, hide;
    /// An attachment's file name.
    FileName, Support, FileName, AttachmentName, mask_file_name;
    /// An attachment's media type.
    MediaType, Support, MediaType, AttachmentMediaType, str::to_owned;
}

macro_rules! coded_values {
    ($($(#[$doc:meta])* $name:ident, $inner:ty, $field:ident, $column:ident, $mask:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name($inner);

        impl $name {
            pub(crate) fn new(value: $inner) -> Self {
                Self(value)
            }

            /// The value.
            pub fn get(&self) -> &$inner {
                &self.0
            }
        }

        impl Sealable for $name {
            const CLASS: Class = Class::Billing;
            const FIELD: Field = Field::$field;
            #[expect(private_interfaces, reason = "what no other crate can name, no other crate can implement")]
            const COLUMN: Column = Column::$column;

            fn encode(&self) -> Zeroizing<Vec<u8>> {
                Zeroizing::new(self.0.to_bytes().to_vec())
            }

            fn decode(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
                <$inner>::from_bytes(&bytes).ok().map(Self)
            }

            fn masked(&self) -> String {
                let mask: fn(&$inner) -> String = $mask;
                mask(&self.0)
            }
        }
    )*};
}

coded_values! {
    /// A payment card, as much of it as may ever be stored.
    Card, billing::MaskedCard, Card, PaymentCard, |card| card.masked().to_string();
    /// The processor's reference to a transaction.
    Reference, billing::ProcessorReference, Reference, PaymentReference, |_| HIDDEN.to_owned();
    /// An invoice: number, address, lines.
    Invoice, billing::Invoice, InvoiceLines, InvoiceBody, |_| HIDDEN.to_owned();
}

fn hide(_: &str) -> String {
    HIDDEN.to_owned()
}

/// The first character, then what is hidden.
fn initial(word: &str) -> String {
    word.chars().next().map_or_else(|| HIDDEN.to_owned(), |first| format!("{first}{HIDDEN}"))
}

/// `jane.doe@mail.example.com` as `j•••@m•••.com`.
fn mask_address(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else { return HIDDEN.to_owned() };
    let top = domain.rsplit_once('.').map(|(_, top)| format!(".{top}")).unwrap_or_default();
    format!("{}@{}{top}", initial(local), initial(domain))
}

/// `Jane van Doe` as `J••• v••• D•••`.
fn mask_name(name: &str) -> String {
    name.split_whitespace().map(initial).collect::<Vec<_>>().join(" ")
}

/// `passport scan.pdf` as `•••.pdf`; an extension that is not one (long, or not alphanumeric) is hidden too.
fn mask_file_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, ext)) if (1..=8).contains(&ext.len()) && ext.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            format!("{HIDDEN}.{ext}")
        }
        _ => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{mask_address, mask_file_name, mask_name};

    #[test]
    fn masks_show_little_and_always_as_little() {
        assert_eq!(mask_address("jane.doe@mail.example.com"), "j•••@m•••.com");
        assert_eq!(mask_address("x@localhost"), "x•••@l•••");
        assert_eq!(mask_address("a@b@c.de"), "a•••@c•••.de");
        assert_eq!(mask_address("not an address"), "•••");
        assert_eq!(mask_address("é@ü.рф"), "é•••@ü•••.рф");
        assert_eq!(mask_name("Jane van Doe"), "J••• v••• D•••");
        assert_eq!(mask_name("李小龍"), "李•••");
        assert_eq!(mask_file_name("scan of my card.PDF"), "•••.PDF");
        assert_eq!(mask_file_name("4111.4111 1111 1111"), "•••");
        assert_eq!(mask_file_name("none"), "•••");
    }
}
