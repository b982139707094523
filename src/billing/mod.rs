//! Floor 2, billing: what a payment leaves behind, and the guard that keeps card numbers out.
//!
//! No type here can hold a card number, its leading digits, a digest of it or a verification code: the only
//! card digits are [`LastFour`]. Text is another matter, people paste anything anywhere, so every text that
//! enters passes the [`guard`]: billing fields refuse a number, tickets, names and reasons get it masked.
//!
//! Each value is cut in two. *Open* facts (result, amount, currency, dates) stand in columns in clear and may
//! be summed; everything else is sealed, one encoding per field, each led by a version byte:
//!
//! | field | type | encoding |
//! |---|---|---|
//! | card | [`MaskedCard`] | 8 bytes |
//! | reference | [`ProcessorReference`] | 2 bytes, then the reference in ASCII |
//! | invoice | [`Invoice`]: number, address, lines | see their tables |
//!
//! Decoders are strict: they refuse whatever no version of this program writes, a card number in a text
//! included, so a value has one encoding. Sealed types have no `Debug`, `Clone` or `PartialEq`.

mod card;
mod codec;
mod document;
pub(crate) mod guard;
mod invoice;
mod line;
mod money;
mod payment;
mod reference;

pub use card::{BadCard, Brand, Expiry, LastFour, MaskedCard};
pub use codec::Undecodable;
pub use document::Invoice;
pub use invoice::{BadInvoice, BillingAddress, Country, InvoiceLine, InvoiceLines, InvoiceNumber};
pub use line::RefusedLine;
pub use money::{BadAmount, Currency, Money};
pub use payment::{PaymentFacts, PaymentFields, PaymentResult};
pub use reference::{BadReference, Processor, ProcessorReference};
