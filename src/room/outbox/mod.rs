//! The outbox: what people are to be told, until somebody has delivered it. This library sends nothing: a program claims
//! messages, delivers them, and acknowledges each.
//!
//! At least once: what is not acknowledged can be claimed again when its lease is over. In order: of what one receiver is
//! to be told the oldest alone can be claimed. A row names ids; address, code and link are had at the claim, which is a
//! disclosure and an entry.

mod claim;
mod letter;
mod operated;
mod resolve;

pub(super) use claim::next;
pub use claim::{Claimed, DeadLetter, Lease, OutboxState, Retry};
pub(super) use letter::about;
pub use letter::{Contact, Delivery, Letter};
pub use operated::OutboxRow;
