//! Whether anything may be written about an account. Each verb that writes asks again in the lane, in the transaction
//! that writes: what was looked up before it may be closed or erased since.

use super::{
    erase::erased_at,
    error::{StaffError, WriteError},
};
use crate::{
    base::{AccountId, AccountState},
    store::{LogTurn, StoreError, accounts},
};

/// Who writes.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// The customer: as long as his account is in use.
    Customer,
    /// Staff, or this program: as long as anything of the account is left to write about.
    Staff,
}

/// Why nothing is written about an account.
pub(super) enum Unwritable {
    /// There is none.
    Absent,
    /// It is closed, which ended its customer's sessions.
    Closed,
    /// It is erased.
    Erased {
        /// Position of the entry that erased it.
        at: u64,
    },
    /// The store could not tell.
    Failed(StoreError),
}

/// Whether `by` may write about `account`, as this transaction reads it.
pub(super) fn writable(turn: &mut LogTurn<'_>, account: AccountId, by: By) -> Result<(), Unwritable> {
    match (accounts::state(turn, account)?, by) {
        (Some(AccountState::Active), _) | (Some(AccountState::Closed), By::Staff) => Ok(()),
        (Some(AccountState::Closed), By::Customer) => Err(Unwritable::Closed),
        (Some(AccountState::Erased), _) => Err(Unwritable::Erased { at: erased_at(turn, account)? }),
        (None, _) => Err(Unwritable::Absent),
    }
}

impl From<StoreError> for Unwritable {
    fn from(e: StoreError) -> Self {
        Self::Failed(e)
    }
}

/// To the customer all the same: his session has ended.
impl From<Unwritable> for WriteError {
    fn from(why: Unwritable) -> Self {
        match why {
            Unwritable::Absent | Unwritable::Closed | Unwritable::Erased { .. } => Self::SessionEnded,
            Unwritable::Failed(e) => e.into(),
        }
    }
}

impl From<Unwritable> for StaffError {
    fn from(why: Unwritable) -> Self {
        match why {
            Unwritable::Absent => Self::NotFound,
            Unwritable::Closed => Self::State { what: "the account is closed" },
            Unwritable::Erased { at } => Self::Erased { at },
            Unwritable::Failed(e) => e.into(),
        }
    }
}
