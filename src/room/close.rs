//! Closing an account, by its customer or by staff: nobody logs in to it any more, and its periods begin. What it
//! holds stays until it is erased.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    erase::erased_at,
    error::{StaffError, WriteError},
    owner::Owner,
    staff::Staff,
    standing::{By, writable},
};
use crate::{
    access::{Action, NoticeKind, Object},
    audit::Data,
    base::{AccountId, AccountState, SecretText},
    store::{LogTurn, StoreError, accounts, authority, devices},
};

impl Owner<'_> {
    /// Closes his account, on his password: a session that somebody left open is not enough. All his sessions end,
    /// and no login opens another.
    ///
    /// # Errors
    /// [`WriteError::Password`] if it is not his password, which is an Activity record; [`WriteError::SessionEnded`].
    #[instrument(name = "owner.close", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn close(&self, password: &SecretText) -> Result<(), WriteError> {
        let account = self.live()?;
        self.check_password(account, password)?;
        let opening = self.core.opening(None, None)?;
        self.core.commit(opening.request, |turn| {
            writable(turn, account, By::Customer)?;
            self.core.close(turn, account)?;
            let objects = [Object::Account(account)];
            let draft = self.draft(Data::AccountClosed {}, account, &objects, self.core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(WriteError::from)
        })?;
        Ok(())
    }
}

impl Staff {
    /// Closes a customer's account: at his request, or because of what was done through it. All his sessions end, and
    /// no login opens another.
    ///
    /// # Errors
    /// [`StaffError::State`] if it is closed already, or erased.
    #[instrument(
        name = "staff.close_account",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn close_account(&self, account: AccountId, why: &Why) -> Result<(), StaffError> {
        self.act(
            Action::AccountClose,
            why,
            Some(account),
            |_, turn| {
                let objects = vec![Object::Account(account)];
                let state = accounts::state(turn, account)?;
                Ok(state.map(|state| (Sought { subject: Some(account), objects, fields: Vec::new() }, state)))
            },
            |core, turn, _, state| {
                match state {
                    AccountState::Active => core.close(turn, account)?,
                    AccountState::Closed => {
                        return Err(StaffError::State { what: "the account is closed already" });
                    }
                    AccountState::Erased => {
                        return Err(StaffError::Erased { at: erased_at(turn, account)? });
                    }
                }
                Ok(Granted::change(Data::AccountClosed {}, ()))
            },
        )?;
        Ok(())
    }
}

impl Core {
    /// The sessions go with the account's state, not because of it: a state that is edited back brings none of them back.
    fn close(&self, turn: &mut LogTurn<'_>, account: AccountId) -> Result<(), StoreError> {
        accounts::close(turn, account)?;
        self.tell(turn, account, NoticeKind::Closed)?;
        devices::forget(turn, account, None)?;
        authority::end_sessions_of(turn, account)
    }
}
