//! How far the lives of accounts have come, as the log gives it: the columns that say so are open.

use std::collections::BTreeMap;

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

    /// Whether it was erased and nothing else: in a log that no restore has shortened, closing comes first.
    pub(super) fn is_erased_alone(&self) -> bool {
        *self == Self { state: AccountState::Erased, ..Self::fresh(self.id) }
    }
}

/// The accounts that the log says are not simply in use. Of the others nothing is kept.
#[derive(Debug, Default)]
pub(super) struct Lives(pub(super) BTreeMap<AccountId, Life>);

impl Lives {
    /// Takes the next entry in.
    pub(super) fn apply(&mut self, entry: &Entry, data: &Data) {
        let Some(id) = entry.subjects.first().copied() else { return };
        let before = self.0.get(&id).copied().unwrap_or(Life::fresh(id));
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
            self.0.remove(&id);
        } else {
            self.0.insert(id, after);
        }
    }
}
