//! Whether anything may be written about an account. Each verb that writes asks again in the lane, in the transaction
//! that writes: what was looked up before it may be closed or erased since.

use super::{
    erase::erased_at,
    error::{StaffError, WriteError},
};
use crate::{
    access::SuspensionReason,
    base::{AccountId, AccountState, Time},
    store::{LogTurn, Queries, StoreError, accounts},
};

/// That an account is suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    /// Why.
    pub reason: SuspensionReason,
    /// Until when; without it until somebody ends it.
    pub until: Option<Time>,
}

impl Suspension {
    /// As the account's row has it: the latest time stands for no end.
    pub(super) fn of_row((reason, until): (SuspensionReason, Time)) -> Self {
        Self { reason, until: Some(until).filter(|until| *until < Time::MAX) }
    }

    /// As the account's row has it.
    pub(super) fn to_row(self) -> (SuspensionReason, Time) {
        (self.reason, self.until.unwrap_or(Time::MAX))
    }
}

/// The suspension of an account that counts at `now`.
pub(super) fn suspended(
    db: &mut impl Queries,
    account: AccountId,
    now: Time,
) -> Result<Option<Suspension>, StoreError> {
    let stored = accounts::suspension(db, account)?;
    Ok(stored.filter(|(_, until)| now < *until).map(Suspension::of_row))
}

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
    /// It is suspended, which ended its customer's sessions.
    Suspended(Suspension),
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
        (Some(AccountState::Active), By::Customer) => {
            let now = turn.time();
            suspended(turn, account, now)?.map_or(Ok(()), |suspension| Err(Unwritable::Suspended(suspension)))
        }
        (Some(AccountState::Active | AccountState::Closed), By::Staff) => Ok(()),
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
            Unwritable::Absent
            | Unwritable::Closed
            | Unwritable::Suspended(_)
            | Unwritable::Erased { .. } => Self::SessionEnded,
            Unwritable::Failed(e) => e.into(),
        }
    }
}

impl From<Unwritable> for StaffError {
    fn from(why: Unwritable) -> Self {
        match why {
            Unwritable::Absent => Self::NotFound,
            Unwritable::Closed => Self::State { what: "the account is closed" },
            Unwritable::Suspended(_) => Self::State { what: "the account is suspended" },
            Unwritable::Erased { at } => Self::Erased { at },
            Unwritable::Failed(e) => e.into(),
        }
    }
}
