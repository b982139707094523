//! The published policy, executed: one file for each clause that has a check.

mod digest;

pub(super) use digest::in_force as policy_digest;
