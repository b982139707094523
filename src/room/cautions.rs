//! What whoever reads a report has to know first: the rules that are out of force, what was done without a second person
//! and nobody has looked at since, and whether the room is in more than two people's hands.

use tracing::instrument;

use super::{
    core::{Core, Room},
    error::Failure,
};
use crate::{
    access::{
        PrincipalKind, Vouched,
        rows::{
            ApprovalRow, ApprovalState, EnrolmentRow, EnrolmentState, PrincipalRow, PrincipalState, Waivable,
        },
    },
    base::{PrincipalId, Time, WaiverId},
    store::{Queries, StoreError, approvals, authority},
};

use std::collections::BTreeSet;

/// How many different people must have enrolled before a room is in more than one person's custody.
const CUSTODIANS_MIN: usize = 3;

/// A rule that is out of force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaiverHeader {
    /// Its id.
    pub waiver: WaiverId,
    /// The rule.
    pub rule: Waivable,
    /// Who gave it; nobody for those of the ceremony.
    pub given_by: Option<PrincipalId>,
    /// From when the rule is in force again.
    pub expires: Time,
}

/// What stands in front of each report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cautions {
    /// The rules that are out of force, the one that ends next first.
    pub waivers: Vec<WaiverHeader>,
    /// What was carried out after a delay, and nobody else has looked at.
    pub unreviewed: u64,
    /// How many different people have enrolled, and may act.
    pub enrolled: usize,
}

impl Cautions {
    /// Whether fewer than three different people are enrolled: then whoever made the room may be all of them.
    pub const fn is_single_custody(&self) -> bool {
        self.enrolled < CUSTODIANS_MIN
    }
}

impl Room {
    /// What whoever reads a report of this room has to know first: states, counts and dates.
    ///
    /// # Errors
    /// The room could not be read.
    #[instrument(name = "room.cautions", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn cautions(&self) -> Result<Cautions, Failure> {
        let core = &*self.core;
        Ok(core.store.read(|db| core.cautions(db))?)
    }
}

impl Core {
    fn cautions(&self, db: &mut impl Queries) -> Result<Cautions, StoreError> {
        let now = self.clock.now();
        let mut waivers: Vec<_> = self
            .waivers(db)?
            .iter()
            .filter(|row| row.is_live(now))
            .map(|row| WaiverHeader {
                waiver: row.id,
                rule: row.rule,
                given_by: row.given_by,
                expires: row.expires,
            })
            .collect();
        waivers.sort_by_key(|waiver| (waiver.expires, waiver.rule));
        let open = approvals::open(db)?.into_iter().filter_map(|row| self.vouch(Some(row)));
        let unreviewed =
            open.filter(|row: &Vouched<ApprovalRow>| row.state == ApprovalState::Unreviewed).count();
        Ok(Cautions { waivers, unreviewed: unreviewed as u64, enrolled: self.enrolled(db)? })
    }

    /// How many different people have used a code and may act.
    fn enrolled(&self, db: &mut impl Queries) -> Result<usize, StoreError> {
        let codes = authority::all::<EnrolmentRow>(db, u32::MAX)?.into_iter();
        let codes = codes.filter_map(|row| self.vouch(Some(row)));
        let used: BTreeSet<_> =
            codes.filter(|row| row.state == EnrolmentState::Used).map(|row| row.principal).collect();
        let people = authority::all::<PrincipalRow>(db, u32::MAX)?.into_iter();
        let people = people.filter_map(|row| self.vouch(Some(row)));
        let active =
            people.filter(|row| row.kind == PrincipalKind::Human && row.state == PrincipalState::Active);
        Ok(active.filter(|row| used.contains(&row.id)).count())
    }
}
