//! What whoever reads a report has to know first: the rules that are out of force, what was done without a second person
//! and nobody has looked at since, and whether the room is in more than two people's hands.

use tracing::instrument;

use super::{
    core::{Core, Room},
    error::Failure,
};
use crate::{
    access::{
        PrincipalKind, Role, Vouched, holders_min,
        rows::{
            ApprovalRow, ApprovalState, EnrolmentRow, EnrolmentState, PrincipalRow, PrincipalState, Waivable,
            WaiverRow, WaiverState,
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
    /// From when the rule is in force again, unless it was ended before.
    pub expires: Time,
    /// Whether it counts, its time has passed, or somebody ended it.
    pub standing: WaiverStanding,
}

/// What of a waiver there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaiverStanding {
    /// The rule is out of force.
    InForce,
    /// Its time has passed.
    Over,
    /// Somebody ended it before its time.
    Ended,
}

impl WaiverStanding {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Over => "over",
            Self::Ended => "ended",
        }
    }
}

impl WaiverHeader {
    pub(super) fn of(row: &WaiverRow, now: Time) -> Self {
        let standing = match row.state {
            _ if row.is_live(now) => WaiverStanding::InForce,
            WaiverState::Live => WaiverStanding::Over,
            WaiverState::Ended => WaiverStanding::Ended,
        };
        Self { waiver: row.id, rule: row.rule, given_by: row.given_by, expires: row.expires, standing }
    }
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
    /// The roles that fewer people hold than have to.
    pub short: Vec<Short>,
}

/// A role that too few hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short {
    /// The role.
    pub role: Role,
    /// How many hold it.
    pub held: usize,
    /// How many have to.
    pub least: usize,
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
            .map(|row| WaiverHeader::of(row, now))
            .collect();
        waivers.sort_by_key(|waiver| (waiver.expires, waiver.rule));
        let open = approvals::open(db)?.into_iter().filter_map(|row| self.vouch(Some(row)));
        let unreviewed =
            open.filter(|row: &Vouched<ApprovalRow>| row.state == ApprovalState::Unreviewed).count();
        let (unreviewed, enrolled) = (unreviewed as u64, self.enrolled(db)?);
        Ok(Cautions { waivers, unreviewed, enrolled, short: self.short(db, now)? })
    }

    /// The roles that too few hold at `now`.
    fn short(&self, db: &mut impl Queries, now: Time) -> Result<Vec<Short>, StoreError> {
        let mut short = Vec::new();
        for role in Role::ALL {
            let least = holders_min(role);
            let held = if least > 0 { self.holders(db, role, now)?.len() } else { 0 };
            if held < least {
                short.push(Short { role, held, least });
            }
        }
        Ok(short)
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
