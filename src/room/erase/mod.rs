//! Erasing one account: the keys of what may go are destroyed, a fence stands behind them, and what they sealed is
//! removed.
//!
//! It touches two databases, a ledger and the blobs, in this order: the store says that it has begun (`begin`); the
//! keyring destroys keys and leaves fences, and its log is emptied; the ledger says so outside; blobs and rows go; the
//! store says that it is done (`run`). Whatever ends it in between, an intent is left, and whoever opens the room next
//! carries on. Each step may be done twice. At the end nothing is opened to see that it no longer opens: `probe` looks
//! at states, types and counts.

mod begin;
mod opening;
mod probe;
mod receipt;
mod replay;
mod run;
mod shown;

pub use probe::{Probe, Remnant};
pub use receipt::{Destroyed, ErasureReceipt, HORIZON, OPEN_FACTS};
pub(super) use shown::{erased_at, shown};

use begin::Begun;
use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    error::{Failure, StaffError},
    staff::Staff,
};
use crate::{
    access::{Action, Object},
    base::AccountId,
    retention::Plan,
    store::accounts,
};

impl Staff {
    /// Erases a closed account: destroys at once what neither law nor a hold keeps. What a hold keeps goes when it is
    /// released. Asked for again while it is unfinished, it carries on.
    ///
    /// # Errors
    /// [`StaffError::ClockInDoubt`]; [`StaffError::State`] if the account is in use; [`StaffError::Erased`] if it is erased and nothing is left that
    /// may go; [`Failure::Unfinished`] if something stands in the way: from the entry on nothing of the account is
    /// shown any more, and whoever opens the room carries on.
    #[instrument(
        name = "staff.erase_account",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn erase_account(&self, account: AccountId, why: &Why) -> Result<ErasureReceipt, StaffError> {
        let core = &*self.room.core;
        if let Some(begun) = core.begun_before(account)? {
            self.foresee(Action::AccountErase, why, sought(account))?;
            return Ok(core.carry_out(&begun)?);
        }
        // What is seen here need not be looked for in the lane, where it is decided.
        core.clock_doubt().map_err(Failure::from)?;
        let answered = self.act(
            Action::AccountErase,
            why,
            Some(account),
            |_, turn| Ok(accounts::state(turn, account)?.map(|state| (sought(account), state))),
            |core, turn, _, state| {
                let begun = core.begin(turn, account, state)?;
                Ok(Granted::begun(begun.data(), begun))
            },
        )?;
        let begun = Begun { request: Some(answered.request), ..answered.value };
        Ok(core.carry_out(&begun)?)
    }

    /// What [`Staff::erase_account`] would do now. Who may not erase is refused on record; otherwise nothing is
    /// recorded: it shows states and dates alone.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.plan_erasure", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn plan_erasure(&self, account: AccountId, why: &Why) -> Result<Plan, StaffError> {
        let core = &*self.room.core;
        if core.store.read(|db| accounts::state(db, account))?.is_none() {
            return Err(self.absent(Action::AccountErase, why));
        }
        self.foresee(Action::AccountErase, why, sought(account))?;
        core.plan_now(account)
    }
}

fn sought(account: AccountId) -> Sought {
    Sought { subject: Some(account), objects: vec![Object::Account(account)], fields: Vec::new() }
}

impl Core {
    /// Carries out what a hold deferred and no hold stops any more; what came of it, if there was anything to do.
    ///
    /// # Errors
    /// As [`Staff::erase_account`].
    pub(super) fn resume_deferred(&self, account: AccountId) -> Result<Option<ErasureReceipt>, Failure> {
        let Some(begun) = self.begin_deferred(account)? else { return Ok(None) };
        self.carry_out(&begun).map(Some)
    }
}
