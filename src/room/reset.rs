//! A password that was forgotten: a code or a link sets another one.

use tracing::instrument;

use super::{
    challenges::{Asked, Asking, CodeError, Proof, in_use},
    core::{Core, Room},
    error::Failure,
    outbox::Contact,
};
use crate::{
    access::{
        NoticeKind, Object,
        rows::{ChallengeRow, Topic},
    },
    audit::{Actor, Data, Draft},
    base::{AccountId, AccountState, ChallengeId, Class, Scope, SecretText, text},
    keys::KeyError,
    password::{NewPassword, Record},
    store::{accounts, authority, devices},
};

impl Room {
    /// Asks for a new password. What comes back is the same whether the address has an account or not, and so is the
    /// work.
    ///
    /// # Errors
    /// The room could not do it. What is no address has no account.
    #[instrument(name = "room.ask_reset", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn ask_reset(&self, email: &str) -> Result<Asked, Failure> {
        let core = &*self.core;
        let normal = SecretText::new(text::address(email).unwrap_or_default());
        let (id, nobody) = (ChallengeId::random()?, AccountId::random()?);
        let found = core.account_in_use(&normal)?;
        let asking = Asking {
            topic: Topic::Reset,
            account: found.unwrap_or(nobody),
            contact: Contact::Address,
            is_somebody: found.is_some(),
            recorded: found.unwrap_or_else(|| core.pseudonym(&normal)),
            address: None,
        };
        let detail = core.activity_detail()?;
        let settled = core.store.commit(|turn| core.ask(turn, id, &asking, &detail))?;
        Ok(Asked { handle: core.codes.handle(id), unsent: settled.value })
    }

    /// Sets a new password by a code or a link. All sessions of the account end; nobody is logged in by it.
    ///
    /// # Errors
    /// [`CodeError`]; after [`CodeError::Password`] the code can still be used.
    #[instrument(name = "room.reset", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn reset(&self, proof: &Proof<'_>, password: &SecretText) -> Result<AccountId, CodeError> {
        let core = &*self.core;
        NewPassword::accept(password, &[]).map_err(|why| CodeError::Password { why })?;
        let shown = core.proved(proof, Topic::Reset)?;
        // Held against the account's own address and name once the code has said whose it is, and not before.
        let chosen = match core.chosen(shown.account, password) {
            Err(Failure::Key(KeyError::Erased { .. })) => return Err(CodeError::Code),
            other => other?.ok_or(CodeError::Code)?.map_err(|why| CodeError::Password { why })?,
        };
        let record = Record::hash(&chosen, &core.settings.passwords)?;
        core.replace_password(&shown, &record)?;
        Ok(shown.account)
    }
}

impl Core {
    /// The account in use that has this address. Who has none is looked for by the same statements.
    fn account_in_use(&self, normal: &SecretText) -> Result<Option<AccountId>, Failure> {
        let (id, nonce) = self.claimant(normal)?;
        let stands = self.store.read(|db| accounts::standing(db, id))?;
        let counts = |state, repeated| state == AccountState::Active && Some(repeated) == nonce;
        Ok(stands.filter(|(state, repeated)| counts(*state, *repeated)).map(|_| id))
    }

    fn replace_password(&self, shown: &ChallengeRow, record: &Record) -> Result<(), CodeError> {
        let (account, owner) = (shown.account, Scope::Account(shown.account));
        let before = self.store.read(|db| accounts::credential(db, owner))?.ok_or(CodeError::Code)?;
        let next = match self.sealed_credential(owner, before.version + 1, record) {
            Err(Failure::Key(KeyError::Erased { .. })) => return Err(CodeError::Code),
            other => other?,
        };
        let opening = self.opening(None, None)?;
        self.commit(opening.request, |turn| {
            self.spend(turn, shown)?;
            in_use(turn, account)?;
            if !accounts::swap_credential(turn, before.version, &next)? {
                return Err(CodeError::Changed);
            }
            authority::end_sessions_of(turn, account)?;
            devices::forget(turn, account, None)?;
            self.tell(turn, account, NoticeKind::PasswordReset)?;
            let data = Data::CredentialReset { generation: next.version };
            let draft = Draft::done(data, Actor::Account(account), self.call(&opening))
                .about(&[account])
                .on(&[Object::Account(account)]);
            turn.append(draft, opening.nonce, &opening.details).map_err(CodeError::from)
        })?;
        Ok(self.raise_floor(Class::Credential, owner, next.version)?)
    }
}

#[cfg(test)]
#[path = "reset_tests.rs"]
mod tests;
