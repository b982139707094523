//! How far the lives of accounts have come, as the log gives it: the columns that say so are open.

use std::collections::{BTreeMap, BTreeSet};

use super::{entry::Entry, event::Data};
use crate::{
    access::SuspensionReason,
    base::{AccountId, AccountState, Time},
};

/// An account that is not simply in use, from the log or from its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Its id.
    pub id: AccountId,
    /// In use, closed or erased.
    pub state: AccountState,
    /// When it was closed.
    pub closed: Option<Time>,
    /// Why it is suspended, or was until that time.
    pub suspended: Option<(SuspensionReason, Time)>,
}

impl Life {
    /// An account that is simply in use.
    const fn fresh(id: AccountId) -> Self {
        Self { id, state: AccountState::Active, closed: None, suspended: None }
    }
}

/// The accounts that the log says are not simply in use. Of the others nothing is kept.
#[derive(Debug, Default)]
pub(super) struct Lives {
    pub(super) known: BTreeMap<AccountId, Life>,
    /// Of whom the log tells an erasure that nothing came before, and of whom no row went with it: a restore erased them
    /// again, and where they came after the backup they have no row.
    pub(super) maybe_absent: BTreeSet<AccountId>,
}

impl Lives {
    /// Takes the next entry in.
    pub(super) fn apply(&mut self, entry: &Entry, data: &Data) {
        let Some(id) = entry.subjects.first().copied() else { return };
        let before = self.known.get(&id).copied().unwrap_or(Life::fresh(id));
        match data {
            // In a log that no restore has shortened, closing comes first.
            Data::ErasureBegun { .. } if before == Life::fresh(id) => {
                self.maybe_absent.insert(id);
            }
            Data::ErasureDone { rows: 1.., .. } => {
                self.maybe_absent.remove(&id);
            }
            _ => {}
        }
        let after = match data {
            Data::AccountClosed {} => {
                Life { state: AccountState::Closed, closed: Some(entry.time), ..before }
            }
            Data::ErasureBegun { .. } => Life { state: AccountState::Erased, ..before },
            Data::AccountSuspended { cause, until } => Life { suspended: Some((*cause, *until)), ..before },
            Data::AccountReinstated {} => Life { suspended: None, ..before },
            _ => return,
        };
        if after == Life::fresh(id) {
            self.known.remove(&id);
        } else {
            self.known.insert(id, after);
        }
    }
}
