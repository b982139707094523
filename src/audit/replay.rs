//! Authority as the log gives it: what the rows of the store are held against.

use std::collections::BTreeMap;

use super::{
    entry::{Actor, Entry, What},
    event::Data,
};
use crate::{
    access::{
        Role,
        rows::{GrantRow, GrantState},
    },
    base::{GrantId, PrincipalId, Time},
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

/// The grants that the log gives, entry by entry. Its size is that of the table of grants.
#[derive(Debug, Default)]
pub struct Replay {
    grants: BTreeMap<GrantId, Grant>,
}

impl Replay {
    /// Takes the next entry in.
    pub fn apply(&mut self, entry: &Entry) {
        let What::Known(data) = &entry.what else { return };
        if entry.outcome.is_refusal() {
            return;
        }
        match data {
            Data::RoomInitialised { grants, holders, roles, not_before, expires, .. } => {
                for ((id, principal), role) in grants.iter().zip(holders).zip(roles) {
                    self.give(entry, *id, *principal, *role, (*not_before, *expires), None);
                }
            }
            Data::GrantGiven { grant, principal, role, not_before, expires } => {
                let granted_by = match entry.actor {
                    Actor::Principal(id) => Some(id),
                    Actor::Account(_) | Actor::System => None,
                };
                self.give(entry, *grant, *principal, *role, (*not_before, *expires), granted_by);
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
            _ => {}
        }
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

    /// The grants that `rows` lacks, has too many, or has differently, by id.
    pub fn differences(&self, rows: &[Grant]) -> Vec<GrantId> {
        let table: BTreeMap<_, _> = rows.iter().map(|row| (row.id, row)).collect();
        let known = self.grants.values().filter(|grant| table.get(&grant.id) != Some(grant));
        let strange = table.keys().filter(|id| !self.grants.contains_key(id));
        let mut ids: Vec<_> = known.map(|grant| grant.id).chain(strange.copied()).collect();
        ids.sort_unstable();
        ids
    }
}
