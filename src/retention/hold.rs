//! What a hold says to the plan.

use crate::base::{Class, Classes, HoldId, Time};

/// A hold that is in force: what it keeps is destroyed by nothing until it is released. That its review is overdue
/// does not end it; forgetting is no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which hold.
    pub hold: HoldId,
    /// What it keeps.
    pub classes: Classes,
    /// By when somebody has to look whether it is still needed.
    pub review: Time,
}

impl Held {
    /// What a hold can keep: everything of an account that is ever destroyed.
    pub const HOLDABLE: Classes = Classes::of(&[
        Class::Identity,
        Class::Credential,
        Class::Billing,
        Class::Support,
        Class::Activity,
        Class::AuditDetail,
    ]);

    /// Of the holds on `class` the one whose review is latest.
    pub(super) fn longest(holds: &[Self], class: Class) -> Option<Self> {
        holds.iter().filter(|held| held.classes.contains(class)).max_by_key(|held| held.review).copied()
    }
}
