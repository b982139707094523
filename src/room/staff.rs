//! Staff: one-time codes, logins, sessions. What they do with customers' data is in `ask` and `desk`.

use super::{
    core::{Core, Room},
    error::{EnrolError, Failure, Kind, operation_error},
    token,
};
use crate::{
    access::{
        Object,
        rows::{
            EnrolmentRow, EnrolmentState, GrantRow, Holder, PrincipalRow, PrincipalState, SessionRow,
            SessionState,
        },
    },
    audit::{Actor, Data, Draft, Event},
    base::{Class, PrincipalId, RoomKind, Scope, SecretText, SessionId, Time, limits, text},
    password::{NewPassword, Presented, Record, Verdict},
    store::{LogTurn, Queries, StoreError, accounts, authority, keyring},
};

operation_error! {
    /// A member of staff could not log in.
    StaffLoginError {
        /// The handle or the password is wrong, or the principal is disabled; which of them is not said.
        Denied => Denied, "the login was denied".to_owned();
        /// This room holds real people's data: only a demonstration room lets one act without a password.
        NotADemo => Denied, "only a demonstration room lets one act without a password".to_owned();
    }
}

/// A staff session that just began.
pub struct StaffLogin {
    /// The token: [`Room::staff`] takes it. Keep it in a file that only its owner reads.
    pub token: SecretText,
    /// Whose it is.
    pub principal: PrincipalId,
    /// From when it counts no more, used or not.
    pub expires: Time,
}

/// A member of staff at work, by the token of a session. The session, the grants and the case are checked at each
/// request, in the transaction that records it.
#[derive(Clone)]
pub struct Staff {
    pub(super) room: Room,
    pub(super) token_hash: [u8; 32],
}

impl Room {
    /// Sets a principal's password by a one-time code. A code that is refused is an entry too.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub fn enrol(&self, code: &SecretText, password: &SecretText) -> Result<PrincipalId, EnrolError> {
        let core = &*self.core;
        let accepted = NewPassword::accept(password, &[]).map_err(|why| EnrolError::Password { why })?;
        // What is no code at all has a hash that no code has.
        let hash = token::hash(code).unwrap_or([0; 32]);
        let stored = core.store.read(|db| authority::enrolment(db, &hash))?;
        let Some(seen) = core.vouch(stored).filter(|row| row.is_open(core.clock.now())) else {
            return Err(core.refuse_code()?);
        };
        let record = Record::hash(&accepted, &core.settings.passwords)?;
        let owner = Scope::Principal(seen.principal);
        // Past every record that this principal has had, also of one that was taken away.
        let floor =
            core.vault.database.read(|db| keyring::version_floor(db, Class::Credential, &owner.owner()))?;
        let version = floor + 1;
        let credential = core.sealed_credential(owner, version, &record)?;
        let opening = core.opening(None, None)?;
        let enrolled = core.commit(opening.request, |turn| {
            let stored = authority::enrolment(turn, &hash).map_err(EnrolError::from)?;
            let row = core.vouch(stored).filter(|row| row.is_open(turn.time())).ok_or(EnrolError::Code)?;
            let used = EnrolmentRow {
                id: row.id,
                principal: row.principal,
                code_hash: row.code_hash,
                expires: row.expires,
                state: EnrolmentState::Used,
                changed_at: turn.position(),
            };
            core.change(turn, &*row, &used)?;
            accounts::insert_credential(turn, &credential)?;
            let data = Data::EnrolmentUsed { enrolment: row.id, principal: row.principal };
            let draft = Draft::done(data, Actor::Principal(row.principal), core.call(&opening))
                .on(&[Object::Enrolment(row.id), Object::Principal(row.principal)]);
            turn.append(draft, opening.nonce, &opening.details).map_err(EnrolError::from)
        });
        match enrolled {
            // Somebody else was faster with the same code.
            Err(EnrolError::Code) => return Err(core.refuse_code()?),
            other => other?,
        };
        core.raise_floor(Class::Credential, owner, version)?;
        Ok(seen.principal)
    }

    /// Logs a member of staff in. Granted or not, it is an entry.
    ///
    /// # Errors
    /// [`StaffLoginError`].
    pub fn staff_login(&self, handle: &str, password: &SecretText) -> Result<StaffLogin, StaffLoginError> {
        let core = &*self.core;
        let presented = Presented::typed(password);
        let principal = core.principal_by_handle(handle)?;
        let credential = match principal {
            Some(id) => core.store.read(|db| accounts::credential(db, Scope::Principal(id)))?,
            None => None,
        };
        let verdict = match &credential {
            Some(credential) => core.verify_credential(credential, &presented)?,
            None => core.waste(&presented)?,
        };
        let granted = matches!(verdict, Verdict::Match { .. });
        core.begin_session(principal.filter(|_| granted), principal)
    }

    /// Begins a session without a password, in a demonstration room alone: its kind is the first byte of its id,
    /// which no switch changes.
    ///
    /// # Errors
    /// [`StaffLoginError::NotADemo`] in a real room.
    pub fn assume(&self, handle: &str) -> Result<StaffLogin, StaffLoginError> {
        match self.core.id.room_kind() {
            Some(RoomKind::Demo) => {
                let principal = self.core.principal_by_handle(handle)?;
                self.core.begin_session(principal, principal)
            }
            Some(RoomKind::Real) | None => Err(StaffLoginError::NotADemo),
        }
    }

    /// The member of staff behind a token; whether the session counts is asked at each request.
    pub fn staff(&self, token: &SecretText) -> Staff {
        // What is no token has a hash that no session has.
        Staff { room: self.clone(), token_hash: token::hash(token).unwrap_or([0; 32]) }
    }
}

impl Core {
    /// Records that a one-time code was refused; the answer to it.
    fn refuse_code(&self) -> Result<EnrolError, Failure> {
        let opening = self.opening(None, None)?;
        self.commit(opening.request, |turn| {
            let draft =
                Draft::failed(Event::EnrolmentUsed, "code_refused", Actor::System, self.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map_err(Failure::from)
        })?;
        Ok(EnrolError::Code)
    }

    /// The principal with this handle.
    pub(super) fn principal_by_handle(&self, handle: &str) -> Result<Option<PrincipalId>, Failure> {
        let normal = SecretText::new(text::handle(handle).unwrap_or_default());
        let index = self.handle_index(&normal)?;
        let row = self.vault.database.read(|db| keyring::index(db, &index))?;
        let Some(row) = row else { return Ok(None) };
        let id = PrincipalId::from_bytes(row.target);
        // A pending row counts if its principal repeats the nonce: the ceremony was cut between its two databases.
        let repeats = self.store.read(|db| authority::principal_seals(db, id))?;
        Ok(repeats.filter(|seals| row.live || seals.index_nonce == row.nonce).map(|_| id))
    }

    /// A session for `granted`, or the entry that `attempted` failed.
    fn begin_session(
        &self,
        granted: Option<PrincipalId>,
        attempted: Option<PrincipalId>,
    ) -> Result<StaffLogin, StaffLoginError> {
        let (token, token_hash) = token::fresh().map_err(Failure::from)?;
        let id = SessionId::random().map_err(Failure::from)?;
        let opening = self.opening(None, None)?;
        let settled = self.commit(opening.request, |turn| {
            let active = self.active(turn, granted)?;
            let Some(principal) = active else {
                let actor = attempted.map_or(Actor::System, Actor::Principal);
                let draft = Draft::failed(Event::StaffLogin, "login_denied", actor, self.call(&opening));
                turn.append(draft, opening.nonce, &opening.details)?;
                return Ok::<_, StaffLoginError>(None);
            };
            let now = turn.time();
            let expires = now.plus(limits::STAFF_SESSION_LIFETIME);
            let row = SessionRow {
                id,
                holder: Holder::Principal(principal),
                token_hash,
                created: now,
                expires,
                used: now,
                factor: Some(now),
                state: SessionState::Live,
                changed_at: turn.position(),
            };
            self.end_sessions_over(turn, principal)?;
            authority::insert_session(turn, &row, &self.voucher.mac(&row))?;
            let data = Data::StaffLogin { session: id, expires };
            let draft = Draft::done(data, Actor::Principal(principal), self.call(&opening)).in_session(id);
            turn.append(draft, opening.nonce, &opening.details)?;
            Ok(Some((principal, expires)))
        })?;
        let (principal, expires) = settled.value.ok_or(StaffLoginError::Denied)?;
        Ok(StaffLogin { token, principal, expires })
    }

    /// The principal, if he may act.
    pub(super) fn active(
        &self,
        turn: &mut LogTurn<'_>,
        principal: Option<PrincipalId>,
    ) -> Result<Option<PrincipalId>, StoreError> {
        let Some(id) = principal else { return Ok(None) };
        let row: Option<crate::access::Vouched<PrincipalRow>> = self.vouch(authority::principal(turn, id)?);
        Ok(row.filter(|row| row.state == PrincipalState::Active).map(|row| row.id))
    }

    /// A principal's grants that are vouched for.
    pub(super) fn grants(
        &self,
        db: &mut impl Queries,
        principal: PrincipalId,
    ) -> Result<Vec<crate::access::Vouched<GrantRow>>, StoreError> {
        let stored = authority::grants_of(db, principal)?;
        Ok(stored.into_iter().filter_map(|grant| self.vouch(Some(grant))).collect())
    }
}

impl Staff {
    /// Ends the session.
    ///
    /// # Errors
    /// [`StaffLoginError::Denied`] if there is none.
    pub fn logout(&self) -> Result<(), StaffLoginError> {
        let core = &*self.room.core;
        let opening = core.opening(None, None)?;
        core.commit(opening.request, |turn| {
            let stored = authority::session(turn, &self.token_hash).map_err(StaffLoginError::from)?;
            let row = core
                .vouch(stored)
                .filter(|row| row.state == SessionState::Live)
                .ok_or(StaffLoginError::Denied)?;
            let Holder::Principal(principal) = row.holder else { return Err(StaffLoginError::Denied) };
            let ended = SessionRow {
                state: SessionState::Ended,
                changed_at: turn.position(),
                ..SessionRow::clone(&row)
            };
            core.change(turn, &*row, &ended)?;
            let data = Data::StaffLogout { session: row.id };
            let draft =
                Draft::done(data, Actor::Principal(principal), core.call(&opening)).in_session(row.id);
            turn.append(draft, opening.nonce, &opening.details).map_err(StaffLoginError::from)
        })?;
        Ok(())
    }
}
