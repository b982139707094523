//! Second factors as the log gives them: whose there are, and which were taken away. What a factor was used for changes its
//! row and has entries of its own kind; it is not followed here.

use std::collections::BTreeMap;

use super::{entry::Entry, event::Data};
use crate::{
    access::rows::{FactorKind, FactorRow, FactorState},
    base::{FactorId, PrincipalId, Time},
};

/// A second factor, from the log or from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// Whose it is.
    pub principal: PrincipalId,
    /// Of which kind.
    pub kind: FactorKind,
    /// When it was added.
    pub created: Time,
    /// Whether it was taken away.
    pub removed: bool,
}

impl From<&FactorRow> for Factor {
    fn from(row: &FactorRow) -> Self {
        let FactorRow { id, principal, kind, created, state, .. } = *row;
        Self { id, principal, kind, created, removed: state == FactorState::Removed }
    }
}

/// Takes the next entry in.
pub(super) fn apply(factors: &mut BTreeMap<FactorId, Factor>, entry: &Entry, data: &Data) {
    match data {
        Data::FactorAdded { factor: id, principal, kind, sessions: _ } => {
            let (id, principal, kind) = (*id, *principal, *kind);
            factors.insert(id, Factor { id, principal, kind, created: entry.time, removed: false });
        }
        Data::FactorRemoved { principal, factors: gone, sessions: _ } => {
            for id in gone {
                if let Some(known) = factors.get_mut(id).filter(|known| known.principal == *principal) {
                    known.removed = true;
                }
            }
        }
        _ => {}
    }
}
