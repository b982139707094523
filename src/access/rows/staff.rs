//! Who acts: principals, what they were granted, and the codes by which they enrol.

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind, within};
use crate::{
    access::{PrincipalKind, Role},
    base::{AccountId, EnrolmentId, GrantId, PrincipalId, Time, limits},
};

frozen! {
    /// Whether a principal may act.
    pub enum PrincipalState {
        /// May act.
        Active = 1 "active",
        /// May not act; the row stays, because entries name it.
        Disabled = 2 "disabled",
    }
}

/// A principal.
///
/// | Column | Bytes |
/// |---|---|
/// | kind | 1 |
/// | state | 1 |
/// | own account, optional | 17 |
/// | second factors | 1 |
///
/// 46 bytes in all.
#[derive(Clone)]
pub(crate) struct PrincipalRow {
    /// Its id.
    pub(crate) id: PrincipalId,
    /// Human or machine.
    pub(crate) kind: PrincipalKind,
    /// Active or disabled.
    pub(crate) state: PrincipalState,
    /// The customer's account that is this person's own, if somebody said so: what nobody works on himself.
    pub(crate) account: Option<AccountId>,
    /// How many second factors he has: one whose row was taken away by SQL is missed, and nobody logs in without it.
    pub(crate) factors: u8,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl PrincipalRow {
    /// Somebody who was just appointed, by the entry at this position.
    pub(crate) const fn appointed(id: PrincipalId, kind: PrincipalKind, changed_at: u64) -> Self {
        Self { id, kind, state: PrincipalState::Active, account: None, factors: 0, changed_at }
    }
}

impl AuthorityRow for PrincipalRow {
    const KIND: RowKind = RowKind::Principal;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.byte(self.kind.number());
        out.byte(self.state.number());
        out.optional_id(self.account.as_ref());
        out.byte(self.factors);
    }
}

frozen! {
    /// Whether a grant counts.
    pub enum GrantState {
        /// Counts between its two times.
        Live = 1 "live",
        /// Taken away.
        Revoked = 2 "revoked",
    }
}

/// One role of one principal, between two times.
///
/// | Column | Bytes |
/// |---|---|
/// | principal | 16 |
/// | role | 1 |
/// | not before | 8 |
/// | expires | 8 |
/// | state | 1 |
/// | granted by, optional | 17 |
///
/// 77 bytes in all.
#[derive(Clone)]
pub(crate) struct GrantRow {
    /// Its id.
    pub(crate) id: GrantId,
    /// Who holds it.
    pub(crate) principal: PrincipalId,
    /// The role.
    pub(crate) role: Role,
    /// From when it counts.
    pub(crate) not_before: Time,
    /// From when it counts no more.
    pub(crate) expires: Time,
    /// Live or revoked.
    pub(crate) state: GrantState,
    /// Who gave it; nobody for the first holders, whom the ceremony of `init` appoints.
    pub(crate) granted_by: Option<PrincipalId>,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl GrantRow {
    /// Whether it counts at `now`. Expiry is part of the check, so that no sweeper has to run in time; a grant
    /// that was written longer than the limit ends at the limit.
    pub(crate) fn is_live(&self, now: Time) -> bool {
        match self.state {
            GrantState::Revoked => false,
            GrantState::Live => {
                within(now, self.not_before, limits::GRANT_LIFETIME_MAX) && now < self.expires
            }
        }
    }
}

impl AuthorityRow for GrantRow {
    const KIND: RowKind = RowKind::Grant;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.id(&self.principal);
        out.byte(self.role.number());
        out.time(self.not_before);
        out.time(self.expires);
        out.byte(self.state.number());
        out.optional_id(self.granted_by.as_ref());
    }
}

frozen! {
    /// Whether an enrolment code can still be used.
    pub enum EnrolmentState {
        /// Can be used once, until it expires.
        Open = 1 "open",
        /// Was used.
        Used = 2 "used",
        /// Was withdrawn.
        Withdrawn = 3 "withdrawn",
    }
}

/// A one-time code that lets a principal set a password; only a hash of the code is kept.
///
/// | Column | Bytes |
/// |---|---|
/// | principal | 16 |
/// | hash of the code | 32 |
/// | expires | 8 |
/// | state | 1 |
///
/// 83 bytes in all.
#[derive(Clone)]
pub(crate) struct EnrolmentRow {
    /// Its id.
    pub(crate) id: EnrolmentId,
    /// Whose password it sets.
    pub(crate) principal: PrincipalId,
    /// The hash of the code.
    pub(crate) code_hash: [u8; 32],
    /// From when it sets nothing.
    pub(crate) expires: Time,
    /// Open, used or withdrawn.
    pub(crate) state: EnrolmentState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl EnrolmentRow {
    /// Whether the code can be used at `now`.
    pub(crate) fn is_open(&self, now: Time) -> bool {
        match self.state {
            EnrolmentState::Open => now < self.expires,
            EnrolmentState::Used | EnrolmentState::Withdrawn => false,
        }
    }
}

impl AuthorityRow for EnrolmentRow {
    const KIND: RowKind = RowKind::Enrolment;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.id(&self.principal);
        out.array(&self.code_hash);
        out.time(self.expires);
        out.byte(self.state.number());
    }
}
