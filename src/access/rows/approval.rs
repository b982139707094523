//! What somebody asked for and a second person decides.

use crate::access::frozen::frozen;

use super::{
    AuthorityRow, Bytes, RowKind,
    waiver::{Waivable, WaiverRow, is_waived},
    within,
};
use crate::{
    access::{Action, Role, Vouched, approving},
    base::{AccountId, ApprovalId, PrincipalId, Time, limits},
};

frozen! {
    /// How far a request has come that takes a second person. The first three are open.
    pub enum ApprovalState {
        /// It waits for approvals.
        Requested = 1 "requested",
        /// It has all that it takes, and may be carried out once.
        Approved = 2 "approved",
        /// It was carried out after a delay, and somebody else has to look at it.
        Unreviewed = 3 "unreviewed",
        /// It was carried out.
        Used = 4 "used",
        /// It was carried out after a delay, and looked at.
        Reviewed = 5 "reviewed",
        /// A second person refused it, or found it wrong afterwards.
        Refused = 6 "refused",
        /// Its time passed.
        Expired = 7 "expired",
    }
}

impl ApprovalState {
    /// Whether something still comes of it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Approved | Self::Unreviewed)
    }
}

/// Exactly one request that takes a second person. What it says in full stands beside it in the open; what counts is its
/// digest.
///
/// | Column | Bytes |
/// |---|---|
/// | requester | 16 |
/// | action | 1 |
/// | role that is to be given, 0 for none | 1 |
/// | principal that it is about, optional | 17 |
/// | account that it is about, optional | 17 |
/// | digest of the request | 32 |
/// | created | 8 |
/// | expires | 8 |
/// | first approver, optional | 17 |
/// | second approver, optional | 17 |
/// | state | 1 |
///
/// 161 bytes in all.
#[derive(Clone)]
pub(crate) struct ApprovalRow {
    /// Its id.
    pub(crate) id: ApprovalId,
    /// Who asked.
    pub(crate) requester: PrincipalId,
    /// For what.
    pub(crate) action: Action,
    /// The role that is to be given, where one is: it says who may approve, and how many must.
    pub(crate) role: Option<Role>,
    /// The principal that the request names first: whoever it is for does not approve it.
    pub(crate) beneficiary: Option<PrincipalId>,
    /// Whose data it is about.
    pub(crate) subject: Option<AccountId>,
    /// SHA-256 of the request's canonical text.
    pub(crate) request: [u8; 32],
    /// When it was asked.
    pub(crate) created: Time,
    /// From when nothing comes of it.
    pub(crate) expires: Time,
    /// Who approved it first.
    pub(crate) first: Option<PrincipalId>,
    /// Who approved it second, where it takes two.
    pub(crate) second: Option<PrincipalId>,
    /// How far it has come.
    pub(crate) state: ApprovalState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl ApprovalRow {
    /// How many approvals it takes.
    pub(crate) const fn needed(&self) -> u8 {
        approving::needed(self.action, self.role)
    }

    /// How many it has.
    pub(crate) const fn given(&self) -> u8 {
        self.first.is_some() as u8 + self.second.is_some() as u8
    }

    /// Whether its time has passed at `now`.
    pub(crate) fn is_over(&self, now: Time) -> bool {
        !within(now, self.created, limits::APPROVAL_LIFETIME) || now >= self.expires
    }

    /// Whether what was asked may be carried out at `now`: it is open, in time, and everybody approved whom it takes.
    /// Where a rule is waived, a delay stands for who is missing.
    pub(crate) fn may_go_on(&self, waivers: &[Vouched<WaiverRow>], now: Time) -> bool {
        let waits = matches!(self.state, ApprovalState::Requested | ApprovalState::Approved);
        let waived = |rule| is_waived(waivers, rule, now);
        let is_covered =
            waived(Waivable::SecondPerson) || (self.given() > 0 && waived(Waivable::SecondApprover));
        let is_delayed = is_covered && self.delayed_until() <= now;
        waits && !self.is_over(now) && (self.given() >= self.needed() || is_delayed)
    }

    /// From when it may be carried out where a delay stands for whoever is missing.
    pub(crate) fn delayed_until(&self) -> Time {
        self.created.plus(limits::APPROVAL_DELAY)
    }
}

impl AuthorityRow for ApprovalRow {
    const KIND: RowKind = RowKind::Approval;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.id(&self.requester);
        out.byte(self.action.number());
        out.byte(self.role.map_or(0, Role::number));
        out.optional_id(self.beneficiary.as_ref());
        out.optional_id(self.subject.as_ref());
        out.array(&self.request);
        out.time(self.created);
        out.time(self.expires);
        out.optional_id(self.first.as_ref());
        out.optional_id(self.second.as_ref());
        out.byte(self.state.number());
    }
}
