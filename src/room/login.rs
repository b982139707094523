//! A customer's login, and the session that comes of it.
//!
//! Known and unknown names run the same statements and one verification. The throttle and the time grid come with
//! step 3; until then the time of an answer may tell an imported record's scheme from this store's own.

use tracing::instrument;

use super::{
    core::{Core, Room},
    error::{Failure, Kind, operation_error},
    standing::{By, Suspension, Unwritable, writable},
    token,
};
use crate::{
    access::{
        OwnerSession,
        rows::{Holder, SessionRow, SessionState},
    },
    audit::{Actor, Data, Draft},
    base::{AccountId, AccountState, Class, EntryNonce, Scope, SecretText, SessionId, limits, tell, text},
    crypto::mac,
    keys::KeyError,
    password::{NewPassword, Presented, Record, Verdict},
    seal::{Unusable, Unvouched, seal_activity, verdict},
    store::{
        LogTurn, StoreError,
        accounts::{self, AccountRow, ActivityEvent, ActivityRow, CredentialRow},
        authority, keyring,
    },
};

operation_error! {
    /// A login could not be carried out. A wrong password is no error but [`Answer::Denied`].
    LoginError {
        /// The session's token is not valid: unknown, ended, expired or forged; which of them is not said.
        NoSession => Denied, "the session is not valid".to_owned();
    }
}

/// What came of a login.
#[must_use]
pub enum Answer {
    /// The password is the account's.
    Granted(Granted),
    /// The password is the account's, and the account is suspended: its owner is told, and nobody else.
    Suspended(Suspension),
    /// Refused. No cause and no hint, not even to this program: an answer that differs by cause is an oracle.
    Denied,
}

/// A login whose password was right.
pub enum Granted {
    /// Nothing more is asked for.
    Complete(LoggedIn),
    /// A second factor is asked for before there is a session. No account has one yet.
    SecondFactor(FactorWanted),
}

/// A second factor that is asked for. Nothing makes one before customers can have a second factor.
#[non_exhaustive]
pub struct FactorWanted {
    /// What the factor is to be presented with.
    pub handle: SecretText,
}

impl Answer {
    /// The session, if the login is complete.
    pub fn complete(self) -> Option<LoggedIn> {
        match self {
            Self::Granted(Granted::Complete(login)) => Some(login),
            Self::Granted(Granted::SecondFactor(_)) | Self::Suspended(_) | Self::Denied => None,
        }
    }
}

/// A customer who is logged in.
pub struct LoggedIn {
    /// The evidence for this process.
    pub owner: OwnerSession,
    /// The token for the customer's browser: [`Room::resume`] takes it.
    pub token: SecretText,
    /// A token for the customer's device, which is new to the room: to be kept there longer than the session, and shown
    /// with its next login ([`Origin::device`](super::Origin::device)). None where the device is known, where the caller
    /// keeps no such tokens, and in a room of format 1.
    pub device: Option<SecretText>,
}

/// What comes of a right password.
enum Entered {
    In(LoggedIn),
    Suspended(Suspension),
}

/// A credential that the presented password may be held against.
struct Candidate {
    account: AccountRow,
    credential: CredentialRow,
}

impl Room {
    /// Logs a customer in.
    ///
    /// # Errors
    /// [`LoginError`] if the room could not do it.
    #[instrument(name = "room.login", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn login(&self, email: &str, password: &SecretText) -> Result<Answer, LoginError> {
        let answer = self.core.log_in(email, password);
        match &answer {
            Ok(Answer::Granted(_)) => self.core.logins.granted.one(),
            Ok(Answer::Suspended(_) | Answer::Denied) => self.core.logins.denied.one(),
            Err(_) => self.core.logins.failed.one(),
        }
        answer
    }

    /// The session behind a token.
    ///
    /// # Errors
    /// [`LoginError::NoSession`], or the room could not do it.
    #[instrument(name = "room.resume", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn resume(&self, token: &SecretText) -> Result<OwnerSession, LoginError> {
        let hash = token::hash(token).ok_or(LoginError::NoSession)?;
        let core = &*self.core;
        let stored = core.store.read(|db| authority::session(db, &hash))?;
        core.owner_behind(stored)?.ok_or(LoginError::NoSession)
    }

    /// Ends an owner's session.
    ///
    /// # Errors
    /// [`LoginError::NoSession`], or the room could not do it.
    #[instrument(name = "room.logout", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn logout(&self, token: &SecretText) -> Result<(), LoginError> {
        let hash = token::hash(token).ok_or(LoginError::NoSession)?;
        let core = &*self.core;
        let detail = core.activity_detail()?;
        core.store.commit_for_customer(|turn| {
            let stored = authority::session(turn, &hash)?;
            let session = core.vouch(stored).filter(|row| row.state == SessionState::Live);
            let session = session.ok_or(LoginError::NoSession)?;
            // A session of staff ends with an entry, because the head's sum has it.
            let Holder::Account(account) = session.holder else { return Err(LoginError::NoSession) };
            let ended = SessionRow {
                state: SessionState::Ended,
                changed_at: turn.position(),
                ..SessionRow::clone(&session)
            };
            core.change(turn, &*session, &ended)?;
            Ok(record(turn, account, ActivityEvent::Logout, &detail)?)
        })?;
        Ok(())
    }
}

impl Core {
    fn log_in(&self, email: &str, password: &SecretText) -> Result<Answer, LoginError> {
        let presented = Presented::typed(password);
        let normal = SecretText::new(text::address(email).unwrap_or_default());
        let (id, candidate) = self.candidate(&normal)?;
        let verdict = match &candidate {
            Some(found) => self.verify_credential(&found.credential, &presented)?,
            None => self.verify_nobody(id, &presented)?,
        };
        let granted = match (&candidate, verdict) {
            (Some(found), Verdict::Match { .. }) if found.account.state == AccountState::Active => found,
            _ => {
                self.record_failure(candidate.as_ref(), &normal)?;
                return Ok(Answer::Denied);
            }
        };
        let answer = match self.grant(granted.account.id)? {
            Some(Entered::In(login)) => Answer::Granted(Granted::Complete(login)),
            Some(Entered::Suspended(suspension)) => Answer::Suspended(suspension),
            // Closed while the password was verified.
            None => {
                self.record_failure(candidate.as_ref(), &normal)?;
                return Ok(Answer::Denied);
            }
        };
        if let Verdict::Match { stale: true } = verdict {
            self.upgrade(granted, &presented, verdict);
        }
        Ok(answer)
    }

    /// The evidence that a stored session gives now: it is vouched for and live, and its account is in use.
    pub(super) fn owner_behind(
        &self,
        stored: Option<Unvouched<SessionRow>>,
    ) -> Result<Option<OwnerSession>, Failure> {
        let Some(session) = self.vouch(stored) else { return Ok(None) };
        let Holder::Account(account) = session.holder else { return Ok(None) };
        if session.check(self.clock.now()).is_err() {
            return Ok(None);
        }
        let in_use = self.is_in_use(account)?;
        Ok(in_use.then(|| OwnerSession::assertion(self.id, session.id, account, session.expires)))
    }

    /// Whether an account is in use now, and not suspended.
    pub(super) fn is_in_use(&self, account: AccountId) -> Result<bool, Failure> {
        let (found, now) = (self.store.read(|db| accounts::find(db, account))?, self.clock.now());
        Ok(found.is_some_and(|account| {
            account.state == AccountState::Active && account.suspended.is_none_or(|(_, until)| until <= now)
        }))
    }

    /// Whom the index of a normalised address leads to, and the nonce that his row has to repeat: a claim that it does not
    /// repeat leads to nobody. Unknown addresses lead to ids of their own.
    pub(super) fn claimant(&self, normal: &SecretText) -> Result<(AccountId, Option<EntryNonce>), Failure> {
        let (mut found, mut shadow) = (None, [0; 16]);
        for index in self.address_indexes(normal) {
            found = found.or(self.vault.database.read(|db| keyring::index(db, &index))?);
            shadow = first_half(&index.mac);
        }
        let id = AccountId::from_bytes(found.map_or(shadow, |row| row.target));
        Ok((id, found.map(|row| row.nonce)))
    }

    /// The account and credential behind a normalised address. Unknown names read under ids of their own, so that
    /// the same statements run.
    fn candidate(&self, normal: &SecretText) -> Result<(AccountId, Option<Candidate>), Failure> {
        let (id, nonce) = self.claimant(normal)?;
        let (account, credential) = self.store.read(|db| {
            Ok::<_, StoreError>((accounts::find(db, id)?, accounts::credential(db, Scope::Account(id))?))
        })?;
        let account = account.filter(|account| Some(account.index_nonce) == nonce);
        Ok((id, account.zip(credential).map(|(account, credential)| Candidate { account, credential })))
    }

    /// What a verification reads and computes, for a name that nobody has: the same statements of the keyring, under
    /// the name's shadow, and the same work.
    fn verify_nobody(&self, shadow: AccountId, presented: &Presented<'_>) -> Result<Verdict, Failure> {
        let owner = Scope::Account(shadow);
        self.vault.database.read(|db| {
            let _floor = keyring::version_floor(db, Class::Credential, &owner.owner())?;
            keyring::data_key(db, Class::Credential, owner, Some(1)).map(drop)
        })?;
        self.waste(presented)
    }

    /// Whether the presented password is the credential's. A record that cannot be used matches nothing, after the
    /// same work.
    pub(super) fn verify_credential(
        &self,
        credential: &CredentialRow,
        presented: &Presented<'_>,
    ) -> Result<Verdict, Failure> {
        let owner = credential.owner;
        let floor =
            self.vault.database.read(|db| keyring::version_floor(db, Class::Credential, &owner.owner()))?;
        let key = match self.vault.key_for_reading(
            Class::Credential,
            owner,
            verdict::record_generation(&credential.record),
        ) {
            Err(Failure::Key(KeyError::Erased { .. })) => return self.waste(presented),
            Err(Failure::Key(KeyError::Missing { .. } | KeyError::Unauthentic { .. })) => {
                tracing::error!("a credential names a key that is not there, or not its own");
                return self.waste(presented);
            }
            other => other?,
        };
        if credential.version < floor {
            tracing::error!("a credential older than the keyring's floor was put back");
            return self.waste(presented);
        }
        let at = verdict::CredentialAt { room: self.id, scope: owner, version: credential.version };
        match verdict::verify_password(&key, &at, &credential.record, presented, &self.settings.passwords) {
            Ok(verdict) => {
                // A cut between a change and its floor left the floor low: the record before it would still open.
                if matches!(verdict, Verdict::Match { .. }) && credential.version > floor {
                    self.raise_floor(Class::Credential, owner, credential.version)?;
                }
                Ok(verdict)
            }
            Err(Unusable::Unauthentic) => {
                tracing::error!("a credential was changed or moved past this program");
                self.waste(presented)
            }
            Err(Unusable::Unsupported) => self.waste(presented),
            Err(Unusable::NoMemory) => Err(StoreError::Busy.into()),
        }
    }

    /// The work of a verification, for nothing.
    pub(super) fn waste(&self, presented: &Presented<'_>) -> Result<Verdict, Failure> {
        let _work = self.decoy.verify_presented(presented, &self.settings.passwords)?;
        Ok(Verdict::Mismatch)
    }

    /// A session with its Activity record, durable before the answer; none for an account that is not in use.
    fn grant(&self, account: AccountId) -> Result<Option<Entered>, Failure> {
        let (token, token_hash) = token::fresh()?;
        let id = SessionId::random()?;
        let detail = self.activity_detail()?;
        let settled = self.store.commit_for_customer(|turn| {
            let now = turn.time();
            match writable(turn, account, By::Customer) {
                Ok(()) => {}
                Err(Unwritable::Failed(e)) => return Err(e.into()),
                Err(Unwritable::Suspended(suspension)) => {
                    record(turn, account, ActivityEvent::LoginSuspended, &detail)?;
                    return Ok(Some(Err(suspension)));
                }
                Err(Unwritable::Absent | Unwritable::Closed | Unwritable::Erased { .. }) => return Ok(None),
            }
            let expires = now.plus(limits::OWNER_SESSION_LIFETIME);
            let row = SessionRow {
                id,
                holder: Holder::Account(account),
                token_hash,
                created: now,
                expires,
                used: now,
                factor: Some(now),
                state: SessionState::Live,
                changed_at: turn.position(),
            };
            authority::insert_session(turn, &row, &self.voucher.mac(&row))?;
            let event = if turn.is_stopped() { ActivityEvent::LoginStopped } else { ActivityEvent::Login };
            record(turn, account, event, &detail)?;
            Ok::<_, Failure>(Some(Ok((expires, self.meet_device(turn, account)?))))
        })?;
        let owner = |expires| OwnerSession::assertion(self.id, id, account, expires);
        Ok(settled.value.map(|entered| match entered {
            Ok((expires, device)) => Entered::In(LoggedIn { owner: owner(expires), token, device }),
            Err(suspension) => Entered::Suspended(suspension),
        }))
    }

    /// Under whom stands what somebody tried with an address that leads to nobody.
    pub(super) fn pseudonym(&self, normal: &SecretText) -> AccountId {
        let mac = mac::hmac_sha256(self.query_key.expose(), &[b"login\0", normal.expose().as_bytes()]);
        AccountId::from_bytes(first_half(&mac))
    }

    /// The record of a failed login. For an unknown name it stands under a pseudonym of the name, so that both cost
    /// the same commit and one can see what is being guessed at.
    fn record_failure(&self, candidate: Option<&Candidate>, normal: &SecretText) -> Result<(), Failure> {
        let pseudonym = self.pseudonym(normal);
        let account = candidate.map_or(pseudonym, |found| found.account.id);
        let detail = self.activity_detail()?;
        self.store.commit_for_customer(|turn| {
            // Of the erased there is no record any more, nor a new one.
            let whose = match accounts::state(turn, account)? {
                Some(AccountState::Erased) => pseudonym,
                Some(AccountState::Active | AccountState::Closed) | None => account,
            };
            record(turn, whose, ActivityEvent::LoginFailed, &detail).map_err(Failure::from)
        })?;
        Ok(())
    }

    /// The sealed detail of an activity record, made before the lane.
    pub(super) fn activity_detail(&self) -> Result<SealedActivity, Failure> {
        self.tell_trace();
        let scope = Scope::day_of(self.clock.now());
        let key = self.vault.key_for_writing(&self.store, Class::Activity, scope)?;
        let id = EntryNonce::random()?;
        let address = self.address.as_deref().unwrap_or_default();
        let sealed = seal_activity(self.id, &key, &id, address)?;
        Ok(SealedActivity { id, sealed })
    }

    /// Replaces a stale record by one with this room's settings. A password change that came first wins; a failure
    /// costs the upgrade and nothing else.
    fn upgrade(&self, found: &Candidate, presented: &Presented<'_>, verdict: Verdict) {
        if let Err(failure) = self.try_upgrade(found, presented, verdict) {
            tracing::warn!(error = %failure, "a stale password record was not upgraded");
        }
    }

    fn try_upgrade(
        &self,
        found: &Candidate,
        presented: &Presented<'_>,
        verdict: Verdict,
    ) -> Result<(), Failure> {
        let Some(password) = NewPassword::carried_over(presented, verdict) else { return Ok(()) };
        let record = Record::hash(&password, &self.settings.passwords)?;
        let (owner, from) = (found.credential.owner, found.credential.version);
        let fresh = self.sealed_credential(owner, from + 1, &record)?;
        let opening = self.opening(None, None)?;
        let swapped = self.commit(opening.request, |turn| {
            let in_use = accounts::state(turn, found.account.id)? == Some(AccountState::Active);
            if !in_use || !accounts::swap_credential(turn, from, &fresh)? {
                return Ok::<_, Failure>(false);
            }
            let data = Data::CredentialUpgraded { generation: fresh.version };
            let draft = Draft::done(data, Actor::System, self.call(&opening)).about(&[found.account.id]);
            turn.append(draft, opening.nonce, &opening.details)?;
            Ok(true)
        })?;
        if !swapped.value {
            return Ok(());
        }
        self.logins.upgraded.one();
        self.raise_floor(Class::Credential, owner, fresh.version)
    }
}

/// The sealed part of an activity record.
pub(super) struct SealedActivity {
    id: EntryNonce,
    sealed: Vec<u8>,
}

/// Writes what a customer did, in this batch.
pub(super) fn record(
    turn: &mut LogTurn<'_>,
    account: AccountId,
    event: ActivityEvent,
    detail: &SealedActivity,
) -> Result<(), StoreError> {
    let row = ActivityRow { id: detail.id, account, at: turn.time(), event, detail: detail.sealed.clone() };
    accounts::insert_activity(turn, &row)?;
    tell("outcome", event.name());
    Ok(())
}

/// The first 16 bytes of a MAC, as an id that names nobody.
fn first_half(mac: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(mac).for_each(|(to, from)| *to = *from);
    half
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
