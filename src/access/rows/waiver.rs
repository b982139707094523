//! Rules that are out of force for a time, in the open.

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind, within};
use crate::{
    access::Vouched,
    base::{PrincipalId, Time, WaiverId, limits},
};

frozen! {
    /// A rule that may be waived: what a small team cannot keep. Whoever reads a report sees it first.
    pub enum Waivable {
        /// Of two people who approve, the second: a delay and a look afterwards stand for him.
        SecondApprover = 1 "second-approver",
        /// Everybody who approves: a delay and a look afterwards stand for them.
        SecondPerson = 2 "second-person",
        /// SSD-1: who grants access must not benefit from it.
        AccessAdmin = 3 "ssd-1",
        /// SSD-2: who holds keys must not see what they seal.
        KeyCustodian = 4 "ssd-2",
        /// SSD-3: who audits must not do what is audited.
        Auditor = 5 "ssd-3",
        /// SSD-4: who erases must not hold.
        ErasureAndHold = 6 "ssd-4",
        /// SSD-6: who answers customers must not refund them.
        RefundAndSupport = 7 "ssd-6",
    }
}

frozen! {
    /// Whether a waiver counts.
    pub enum WaiverState {
        /// Counts until it expires.
        Live = 1 "live",
        /// Ended before its time.
        Ended = 2 "ended",
    }
}

/// A waiver: one rule, out of force until a time.
///
/// | Column | Bytes |
/// |---|---|
/// | rule | 1 |
/// | given by, optional | 17 |
/// | created | 8 |
/// | expires | 8 |
/// | state | 1 |
///
/// 61 bytes in all.
#[derive(Clone)]
pub(crate) struct WaiverRow {
    /// Its id.
    pub(crate) id: WaiverId,
    /// Which rule.
    pub(crate) rule: Waivable,
    /// Who gave it; nobody for those of the ceremony.
    pub(crate) given_by: Option<PrincipalId>,
    /// From when it counts.
    pub(crate) created: Time,
    /// From when it counts no more.
    pub(crate) expires: Time,
    /// Live or ended.
    pub(crate) state: WaiverState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl WaiverRow {
    /// Whether it counts at `now`. One that was written longer than the limit ends at the limit.
    pub(crate) fn is_live(&self, now: Time) -> bool {
        match self.state {
            WaiverState::Ended => false,
            WaiverState::Live => within(now, self.created, limits::WAIVER_LIFETIME_MAX) && now < self.expires,
        }
    }
}

/// Whether one of `waivers` puts `rule` out of force at `now`.
pub(crate) fn is_waived(waivers: &[Vouched<WaiverRow>], rule: Waivable, now: Time) -> bool {
    waivers.iter().any(|waiver| waiver.rule == rule && waiver.is_live(now))
}

impl AuthorityRow for WaiverRow {
    const KIND: RowKind = RowKind::Waiver;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.byte(self.rule.number());
        out.optional_id(self.given_by.as_ref());
        out.time(self.created);
        out.time(self.expires);
        out.byte(self.state.number());
    }
}
