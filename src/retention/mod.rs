//! The published policy, and what may go, when, and why not yet: periods, holds, and the pure plan over them.
//!
//! Nothing here reads or destroys anything. The room hands in what it read in the transaction that will act on the
//! answer, and a person can be shown the same answer beforehand. Doubt favours keeping: what was destroyed too late
//! is a late answer, what was destroyed too early is gone.

mod clause;
mod destroying;
mod hold;
mod plan;
#[cfg(test)]
mod plan_tests;
mod policy;
mod schedule;

pub use clause::Clause;
pub use destroying::Destroying;
pub(crate) use destroying::MayDestroy;
pub use hold::Held;
pub(crate) use plan::{AccountFacts, plan};
pub use plan::{Fate, Line, Plan};
pub(crate) use policy::TEXT as POLICY_TEXT;
pub use policy::{BadPolicy, Policy, PolicyClause, PolicyFault, Span, policy_markdown};
pub use schedule::{BadPeriod, Periods, Schedule};
