//! What may go, when, and why not yet: periods, holds, and the pure plan over them.
//!
//! Nothing here reads or destroys anything. The room hands in what it read in the transaction that will act on the
//! answer, and a person can be shown the same answer beforehand. Doubt favours keeping: what was destroyed too late
//! is a late answer, what was destroyed too early is gone.

mod clause;
mod hold;
mod plan;
#[cfg(test)]
mod plan_tests;
mod schedule;

pub use clause::Clause;
pub use hold::Held;
pub(crate) use plan::{AccountFacts, plan};
pub use plan::{Fate, Line, Plan};
pub use schedule::{BadPeriod, Periods, Schedule};
