//! Authority as the log gives it: what the rows of the store are held against.

use std::collections::BTreeMap;

use super::{
    approvals::{self, Approval, Approvals, Waiver},
    entry::{Actor, Entry, Named, What},
    event::Data,
    factors::{self, Factor},
    lives::{Life, Lives},
};
use crate::{
    access::{
        Object, Role,
        rows::{GrantRow, GrantState, HoldRow, HoldState},
    },
    base::{AccountId, ApprovalId, Class, Classes, FactorId, GrantId, HoldId, PrincipalId, Time, WaiverId},
};

/// A grant, from the log or from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who holds it.
    pub principal: PrincipalId,
    /// The role.
    pub role: Role,
    /// From when it counts.
    pub not_before: Time,
    /// From when it counts no more.
    pub expires: Time,
    /// Whether it was taken away.
    pub revoked: bool,
    /// Who gave it; nobody for the first holders.
    pub granted_by: Option<PrincipalId>,
    /// Position of the entry that last changed it.
    pub changed_at: u64,
}

impl From<&GrantRow> for Grant {
    fn from(row: &GrantRow) -> Self {
        let GrantRow { id, principal, role, not_before, expires, state, granted_by, changed_at } = *row;
        let revoked = match state {
            GrantState::Live => false,
            GrantState::Revoked => true,
        };
        Self { id, principal, role, not_before, expires, revoked, granted_by, changed_at }
    }
}

/// A hold, from the log or from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Whose data it keeps; an entry names one.
    pub account: Option<AccountId>,
    /// Which of them.
    pub classes: Classes,
    /// Who placed it.
    pub placed_by: Option<PrincipalId>,
    /// On the strength of which case.
    pub case: Option<Named>,
    /// By when it is to be looked at.
    pub review: Time,
    /// Whether it was ended.
    pub released: bool,
    /// Position of the entry that last changed it.
    pub changed_at: u64,
}

impl From<&HoldRow> for Hold {
    fn from(row: &HoldRow) -> Self {
        let HoldRow { id, account, classes, placed_by, case, review, state, changed_at } = *row;
        let released = match state {
            HoldState::Live => false,
            HoldState::Released => true,
        };
        Self {
            id,
            account: Some(account),
            classes,
            placed_by: Some(placed_by),
            case: Some(Object::from(case).into()),
            review,
            released,
            changed_at,
        }
    }
}

/// The grants, holds, approvals, waivers and second factors that the log gives, entry by entry, and the accounts that are
/// not simply in use. Its size is that of their tables.
#[derive(Debug, Default)]
pub struct Replay {
    grants: BTreeMap<GrantId, Grant>,
    holds: BTreeMap<HoldId, Hold>,
    second: Approvals,
    factors: BTreeMap<FactorId, Factor>,
    lives: Lives,
}

impl Replay {
    /// Whether an entry about this, that names an approval or does not, may give or take anything. What is not told
    /// here is never applied.
    pub(super) const fn heeds(what: &What, names_approval: bool) -> bool {
        use Data as D;
        let What::Known(data) = what else { return false };
        let gives_or_takes = matches!(
            data,
            D::RoomInitialised { .. }
                | D::AccessRecovered { .. }
                | D::GrantGiven { .. }
                | D::GrantRevoked { .. }
                | D::PrincipalDisabled { .. }
                | D::HoldPlaced { .. }
                | D::HoldReleased { .. }
                | D::ApprovalRequested { .. }
                | D::ApprovalDecided { .. }
                | D::ApprovalExpired { .. }
                | D::WaiverGiven { .. }
                | D::WaiverEnded { .. }
                | D::FactorAdded { .. }
                | D::FactorRemoved { .. }
                | D::AccountClosed {}
                | D::AccountSuspended { .. }
                | D::AccountReinstated {}
                | D::ErasureBegun { .. }
                | D::ErasureDone { .. }
        );
        gives_or_takes || names_approval
    }

    /// Takes the next entry in.
    pub fn apply(&mut self, entry: &Entry) {
        let What::Known(data) = &entry.what else { return };
        let names_approval = entry.objects.iter().any(|named| named.noun == approvals::NOUN);
        if !Self::heeds(&entry.what, names_approval) || entry.outcome.is_refusal() {
            return;
        }
        self.second.apply(entry, principal_of(entry));
        factors::apply(&mut self.factors, entry, data);
        self.lives.apply(entry, data);
        match data {
            Data::RoomInitialised { grants, holders, roles, not_before, expires, .. } => {
                for ((id, principal), role) in grants.iter().zip(holders).zip(roles) {
                    self.give(entry, *id, *principal, *role, (*not_before, *expires), None);
                }
            }
            Data::AccessRecovered { principals, grants, not_before, expires, .. } => {
                for (id, principal) in grants.iter().zip(principals) {
                    self.give(entry, *id, *principal, Role::AccessAdmin, (*not_before, *expires), None);
                }
            }
            Data::GrantGiven { grant, principal, role, not_before, expires } => {
                self.give(entry, *grant, *principal, *role, (*not_before, *expires), principal_of(entry));
            }
            Data::GrantRevoked { grant } => {
                if let Some(known) = self.grants.get_mut(grant) {
                    known.revoked = true;
                    known.changed_at = entry.position;
                }
            }
            Data::PrincipalDisabled { principal } => {
                let held = self.grants.values_mut();
                for grant in held.filter(|grant| grant.principal == *principal && !grant.revoked) {
                    grant.revoked = true;
                    grant.changed_at = entry.position;
                }
            }
            Data::HoldPlaced { hold, classes, review } => self.hold(entry, *hold, classes, *review),
            Data::HoldReleased { hold } => {
                if let Some(known) = self.holds.get_mut(hold) {
                    known.released = true;
                    known.changed_at = entry.position;
                }
            }
            _ => {}
        }
    }

    fn hold(&mut self, entry: &Entry, id: HoldId, classes: &[Class], review: Time) {
        let hold = Hold {
            id,
            account: entry.subjects.first().copied(),
            classes: Classes::of(classes),
            placed_by: principal_of(entry),
            case: entry.case.clone(),
            review,
            released: false,
            changed_at: entry.position,
        };
        self.holds.insert(id, hold);
    }

    fn give(
        &mut self,
        entry: &Entry,
        id: GrantId,
        principal: PrincipalId,
        role: Role,
        (not_before, expires): (Time, Time),
        granted_by: Option<PrincipalId>,
    ) {
        let changed_at = entry.position;
        let grant =
            Grant { id, principal, role, not_before, expires, revoked: false, granted_by, changed_at };
        self.grants.insert(id, grant);
    }

    /// The grants, by id.
    pub fn grants(&self) -> Vec<Grant> {
        self.grants.values().cloned().collect()
    }

    /// The holds, by id.
    pub fn holds(&self) -> Vec<Hold> {
        self.holds.values().cloned().collect()
    }

    /// The grants that `rows` lacks, has too many, or has differently, by id.
    pub fn differing_grants(&self, rows: &[Grant]) -> Vec<GrantId> {
        differing(&self.grants, &rows.iter().map(|row| (row.id, row)).collect())
    }

    /// The holds that `rows` lacks, has too many, or has differently, by id.
    pub fn differing_holds(&self, rows: &[Hold]) -> Vec<HoldId> {
        differing(&self.holds, &rows.iter().map(|row| (row.id, row)).collect())
    }

    /// The approvals that `rows` lacks, has too many, or has differently, by id.
    pub fn differing_approvals(&self, rows: &[Approval]) -> Vec<ApprovalId> {
        differing(&self.second.approvals, &rows.iter().map(|row| (row.id, row)).collect())
    }

    /// The accounts of which `rows`, those that are not simply in use, say something else.
    pub fn differing_lives(&self, rows: &[Life]) -> Vec<AccountId> {
        let rows = rows.iter().map(|row| (row.id, row)).collect();
        let mut ids = differing(&self.lives.known, &rows);
        ids.retain(|id| rows.contains_key(id) || !self.lives.maybe_absent.contains(id));
        ids
    }

    /// The waivers that `rows` lacks, has too many, or has differently, by id.
    pub fn differing_waivers(&self, rows: &[Waiver]) -> Vec<WaiverId> {
        differing(&self.second.waivers, &rows.iter().map(|row| (row.id, row)).collect())
    }

    /// The second factors that `rows` lacks, has too many, or has differently, by id.
    pub fn differing_factors(&self, rows: &[Factor]) -> Vec<FactorId> {
        differing(&self.factors, &rows.iter().map(|row| (row.id, row)).collect())
    }
}

fn principal_of(entry: &Entry) -> Option<PrincipalId> {
    match entry.actor {
        Actor::Principal(id) => Some(id),
        Actor::Account(_) | Actor::System => None,
    }
}

fn differing<K: Ord + Copy, V: PartialEq>(log: &BTreeMap<K, V>, rows: &BTreeMap<K, &V>) -> Vec<K> {
    let known = log.iter().filter(|(id, value)| rows.get(id) != Some(value)).map(|(id, _)| *id);
    let strange = rows.keys().filter(|id| !log.contains_key(id)).copied();
    let mut ids: Vec<_> = known.chain(strange).collect();
    ids.sort_unstable();
    ids
}
