//! A customer's own name, password and sessions.

use tracing::instrument;

use super::{
    cursor::{Listed, Page},
    error::WriteError,
    owner::Owner,
    paging::{For, List},
    standing::{By, writable},
    tickets::guarded_line,
};
use crate::{
    access::{NoticeKind, Object, rows::SessionRow},
    audit::Data,
    base::{AccountId, Class, Scope, SecretText, SessionId, Time, limits},
    password::{NewPassword, Presented, Record, Verdict},
    seal::{self, At, Name, Unvouched},
    store::{
        Place,
        accounts::{self, ActivityEvent, CredentialRow},
        authority,
    },
};

/// One of a customer's own sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnSession {
    /// Its id, by which it is ended.
    pub session: SessionId,
    /// When it began.
    pub created: Time,
    /// When it ends by itself.
    pub expires: Time,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

impl Owner<'_> {
    /// Gives him another name, or none; how many card numbers in it were masked.
    ///
    /// # Errors
    /// [`WriteError`]; nothing is stored then.
    #[instrument(name = "owner.change_name", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn change_name(&self, name: Option<&str>) -> Result<usize, WriteError> {
        let account = self.live()?;
        let guarded = name.map(|name| guarded_line("name", name, limits::NAME_BYTES_MAX)).transpose()?;
        let cards_masked = guarded.as_ref().map_or(0, |name| name.cards_masked);
        let scope = Scope::Account(account);
        let sealed = match guarded {
            Some(name) => {
                let key = self.core.vault.key_for_writing(&self.core.store, Class::Identity, scope)?;
                let at = At { room: self.core.id, scope, row: *account.as_bytes() };
                let name = Name::new(name.text);
                self.core.expect_words(account, &self.core.words_of(Some(&name))?)?;
                Some(seal::seal(&key, &at, 0, &name)?)
            }
            None => None,
        };
        let opening = self.core.opening(None, None)?;
        self.core.commit(opening.request, |turn| {
            writable(turn, account, By::Customer)?;
            accounts::rename(turn, account, sealed)?;
            let data = Data::AccountRenamed { cards_masked: cards_masked as u64 };
            let draft = self.draft(data, account, &[Object::Account(account)], self.core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(WriteError::from)
        })?;
        self.core.settle_words(account)?;
        Ok(cards_masked)
    }

    /// Sets another password, on the one that he has. All his other sessions end, and no other device is
    /// known any more.
    ///
    /// # Errors
    /// [`WriteError::Password`] if it is not the one that he has, which is an Activity record;
    /// [`WriteError::NewPassword`].
    #[instrument(
        name = "owner.change_password",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn change_password(&self, password: &SecretText, new: &SecretText) -> Result<(), WriteError> {
        let account = self.live()?;
        NewPassword::accept(new, &[]).map_err(|why| WriteError::NewPassword { why })?;
        let before = self.check_password(account, password)?;
        let chosen = self.core.chosen(account, new)?.ok_or(WriteError::NotFound)?;
        let chosen = chosen.map_err(|why| WriteError::NewPassword { why })?;
        let record = Record::hash(&chosen, &self.core.settings.passwords)?;
        let next = self.core.sealed_credential(before.owner, before.version + 1, &record)?;
        let opening = self.core.opening(None, None)?;
        self.core.commit(opening.request, |turn| {
            writable(turn, account, By::Customer)?;
            if !accounts::swap_credential(turn, before.version, &next)? {
                return Err(WriteError::Changed);
            }
            authority::end_other_sessions_of(turn, account, self.session.session())?;
            self.core.forget_other_devices(turn, account)?;
            self.core.tell(turn, account, NoticeKind::PasswordChanged)?;
            let data = Data::CredentialChanged { generation: next.version };
            let draft = self.draft(data, account, &[Object::Account(account)], self.core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(WriteError::from)
        })?;
        Ok(self.core.raise_floor(Class::Credential, next.owner, next.version)?)
    }

    /// A part of his sessions that have not ended, newest first; at most 500 at once.
    ///
    /// # Errors
    /// The session has ended, the cursor is none of this list, or the room could not do it.
    #[instrument(name = "owner.sessions", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn sessions(&self, page: &Page) -> Result<Listed<OwnSession>, WriteError> {
        let account = self.live()?;
        let paging = self.core.paging(List::Sessions, For::owner(account), page, limits::LIST_ROWS_MAX)?;
        self.record(account, ActivityEvent::Read)?;
        let (now, slice) = (self.core.clock.now(), paging.slice());
        let stored = self.core.store.read(|db| authority::sessions_of_owner(db, account, now, &slice))?;
        let place = |stored: &Unvouched<SessionRow>| Place {
            number: stored.row.created.as_ms(),
            id: *stored.row.id.as_bytes(),
        };
        let Listed { rows, next } = paging.cut(stored, place);
        let vouched = rows.into_iter().filter_map(|row| self.core.vouch(Some(row)));
        let own = vouched.map(|row| OwnSession {
            session: row.id,
            created: row.created,
            expires: row.expires,
            is_this: row.id == self.session.session(),
        });
        Ok(Listed { rows: own.collect(), next })
    }

    /// Ends one of his sessions: that of a lost telephone, say.
    ///
    /// # Errors
    /// [`WriteError::NotFound`] if he has no such session.
    #[instrument(name = "owner.end_session", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn end_session(&self, session: SessionId) -> Result<(), WriteError> {
        let account = self.live()?;
        let detail = self.core.activity_detail()?;
        self.core.store.commit_for_customer(|turn| {
            writable(turn, account, By::Customer)?;
            if !authority::end_session_of(turn, account, session)? {
                return Err(WriteError::NotFound);
            }
            super::login::record(turn, account, ActivityEvent::SessionEnded, &detail)
                .map_err(WriteError::from)
        })?;
        Ok(())
    }

    /// His credential, if this is the password: a session that somebody left open is not enough for everything.
    pub(super) fn check_password(
        &self,
        account: AccountId,
        password: &SecretText,
    ) -> Result<CredentialRow, WriteError> {
        let presented = Presented::typed(password);
        let credential = self.core.store.read(|db| accounts::credential(db, Scope::Account(account)))?;
        let verdict = match &credential {
            Some(credential) => self.core.verify_credential(credential, &presented)?,
            None => self.core.waste(&presented)?,
        };
        match (credential, verdict) {
            (Some(credential), Verdict::Match { .. }) => Ok(credential),
            _ => {
                self.record(account, ActivityEvent::LoginFailed)?;
                Err(WriteError::Password)
            }
        }
    }
}
