//! Suspending an account: its owner is told so when he shows his password, and nobody else is.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    error::StaffError,
    staff::Staff,
    standing::{Suspension, suspended},
};
use crate::{
    access::{Action, NoticeKind, Object},
    audit::Data,
    base::{AccountId, AccountState},
    room::erase::erased_at,
    store::{LogTurn, StoreError, accounts, authority},
};

impl Staff {
    /// Suspends a customer's account. All his sessions end, and until it is over a right password is answered with why
    /// and until when. One that is suspended is suspended anew.
    ///
    /// # Errors
    /// [`StaffError::State`] if it is closed or erased.
    #[instrument(name = "staff.suspend", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn suspend(&self, account: AccountId, suspension: Suspension, why: &Why) -> Result<(), StaffError> {
        let (cause, until) = suspension.to_row();
        self.act(
            Action::AccountSuspend,
            why,
            Some(account),
            |_, turn| seek(turn, account),
            |core, turn, _, state| {
                in_use(turn, account, state)?;
                if until <= turn.time() {
                    let why = "it is over".to_owned();
                    return Err(StaffError::Input { field: "end of the suspension", why });
                }
                accounts::suspend(turn, account, Some((cause, until)))?;
                authority::end_sessions_of(turn, account)?;
                core.tell(turn, account, NoticeKind::Suspended)?;
                Ok(Granted::change(Data::AccountSuspended { cause, until }, ()))
            },
        )?;
        Ok(())
    }

    /// Ends a suspension.
    ///
    /// # Errors
    /// [`StaffError::State`] if the account is not suspended.
    #[instrument(name = "staff.reinstate", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn reinstate(&self, account: AccountId, why: &Why) -> Result<(), StaffError> {
        self.act(
            Action::AccountReinstate,
            why,
            Some(account),
            |_, turn| seek(turn, account),
            |core, turn, _, state| {
                in_use(turn, account, state)?;
                let now = turn.time();
                if suspended(turn, account, now)?.is_none() {
                    return Err(StaffError::State { what: "the account is not suspended" });
                }
                accounts::suspend(turn, account, None)?;
                core.tell(turn, account, NoticeKind::Reinstated)?;
                Ok(Granted::change(Data::AccountReinstated {}, ()))
            },
        )?;
        Ok(())
    }
}

fn seek(turn: &mut LogTurn<'_>, account: AccountId) -> Result<Option<(Sought, AccountState)>, StoreError> {
    let objects = vec![Object::Account(account)];
    let state = accounts::state(turn, account)?;
    Ok(state.map(|state| (Sought { subject: Some(account), objects, fields: Vec::new() }, state)))
}

fn in_use(turn: &mut LogTurn<'_>, account: AccountId, state: AccountState) -> Result<(), StaffError> {
    match state {
        AccountState::Active => Ok(()),
        AccountState::Closed => Err(StaffError::State { what: "the account is closed" }),
        AccountState::Erased => Err(StaffError::Erased { at: erased_at(turn, account)? }),
    }
}
