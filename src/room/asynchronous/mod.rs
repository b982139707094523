//! The same verbs as futures, for services on a tokio runtime (feature `tokio`).
//!
//! There is one mechanism, [`AsyncRoom::run`]: a verb is admitted, waits for its place without a thread, and then runs on
//! a thread of the runtime that may block. The verbs of customers stand beside it under their own names; whatever else a
//! room does is called through it.

mod admission;
mod carried;
mod customers;
mod owners;
mod run;

pub use admission::{Admission, Load, Places};
pub use owners::AsyncOwner;
pub use run::AsyncRoom;
