//! Staff: one-time codes that set a password, and the end of a session. How one begins is in `staff_login`, what staff do with customers' data in `ask`
//! and `desk`.

use tracing::instrument;

use super::{
    core::{Core, Room},
    error::{EnrolError, Failure},
    staff_login::StaffLoginError,
    token,
};
use crate::{
    access::{
        Acting, DenialReason, Object, Roles, Vouched,
        rows::{
            EnrolmentRow, EnrolmentState, GrantRow, Holder, PrincipalRow, PrincipalState, SessionRolesRow,
            SessionRow, SessionState,
        },
    },
    audit::{Actor, Data, Draft, Event},
    base::{Class, PrincipalId, Scope, SecretText, Time, text},
    password::{NewPassword, Record},
    store::{LogTurn, Queries, StoreError, accounts, authority, keyring, session_roles},
};

/// A member of staff at work, by the token of a session. The session, the grants and the case are checked at each
/// request, in the transaction that records it.
#[derive(Clone)]
pub struct Staff {
    pub(super) room: Room,
    pub(super) token_hash: [u8; 32],
}

/// A session of staff, as whoever has its token may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffSession {
    /// Whose it is.
    pub principal: PrincipalId,
    /// The roles that act in it now.
    pub roles: Roles,
    /// The roles that were named at its beginning; nothing where none were, and what its holder is given meanwhile acts
    /// in it too if it excludes nothing that does.
    pub named: Option<Roles>,
    /// From when it counts no more, used or not.
    pub expires: Time,
    /// Why it counts no more.
    pub over: Option<DenialReason>,
}

impl Room {
    /// Sets a principal's password by a one-time code. A code that is refused is an entry too.
    ///
    /// # Errors
    /// [`EnrolError`].
    #[instrument(name = "room.enrol", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn enrol(&self, code: &SecretText, password: &SecretText) -> Result<PrincipalId, EnrolError> {
        let core = &*self.core;
        NewPassword::accept(password, &[]).map_err(|why| EnrolError::Password { why })?;
        // What is no code at all has a hash that no code has.
        let hash = token::hash(code).unwrap_or([0; 32]);
        let stored = core.store.read(|db| authority::enrolment(db, &hash))?;
        let Some(seen) = core.vouch(stored).filter(|row| row.is_open(core.clock.now())) else {
            return Err(core.refuse_code()?);
        };
        let chosen = core.chosen_by_staff(seen.principal, password)?;
        let chosen = chosen.map_err(|why| EnrolError::Password { why })?;
        let record = Record::hash(&chosen, &core.settings.passwords)?;
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

    /// The principal, if he may act.
    pub(super) fn active(
        &self,
        turn: &mut LogTurn<'_>,
        principal: Option<PrincipalId>,
    ) -> Result<Option<Vouched<PrincipalRow>>, StoreError> {
        let Some(id) = principal else { return Ok(None) };
        let row: Option<Vouched<PrincipalRow>> = self.vouch(authority::principal(turn, id)?);
        Ok(row.filter(|row| row.state == PrincipalState::Active))
    }

    /// The roles of a principal that act at `now` in a session that says this of them.
    pub(super) fn roles_of(
        &self,
        db: &mut impl Queries,
        principal: PrincipalId,
        acting: Acting,
        now: Time,
    ) -> Result<Roles, StoreError> {
        let grants = self.grants(db, principal)?;
        Ok(acting.of(grants.iter().map(|grant| &**grant), now))
    }

    /// What a session says of the roles that act in it. A row that is not vouched for says: none.
    pub(super) fn acting(&self, db: &mut impl Queries, session: &SessionRow) -> Result<Acting, StoreError> {
        // A room of format 1 has no place for it.
        if !self.has_outbox(db)? {
            return Ok(Acting::All);
        }
        let Some(stored) = session_roles::find(db, session.id)? else {
            return Ok(Acting::Unchosen(session.created));
        };
        let chosen = self.vouch(Some(stored)).map_or(Roles::NONE, |row: Vouched<SessionRolesRow>| row.roles);
        Ok(Acting::Chosen(chosen))
    }

    /// A principal's grants that are vouched for.
    pub(super) fn grants(
        &self,
        db: &mut impl Queries,
        principal: PrincipalId,
    ) -> Result<Vec<Vouched<GrantRow>>, StoreError> {
        let stored = authority::grants_of(db, principal)?;
        Ok(stored.into_iter().filter_map(|grant| self.vouch(Some(grant))).collect())
    }
}

impl Staff {
    /// The session: whose it is, and in which roles it acts; nothing if there is none. Ids, names and times alone: there
    /// is no entry of it.
    ///
    /// # Errors
    /// The room could not be read.
    #[instrument(name = "staff.session", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn session(&self) -> Result<Option<StaffSession>, Failure> {
        let core = &*self.room.core;
        let now = core.clock.now();
        core.store.read(|db| {
            let row: Option<Vouched<SessionRow>> = core.vouch(authority::session(db, &self.token_hash)?);
            let Some(row) = row else { return Ok(None) };
            let Holder::Principal(principal) = row.holder else { return Ok(None) };
            let acting = core.acting(db, &row)?;
            let named = match acting {
                Acting::Chosen(roles) => Some(roles),
                Acting::All | Acting::Unchosen(_) => None,
            };
            let over = row.check(now).err();
            let roles = if over.is_none() { core.roles_of(db, principal, acting, now)? } else { Roles::NONE };
            Ok(Some(StaffSession { principal, roles, named, expires: row.expires, over }))
        })
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`StaffLoginError::Denied`] if there is none.
    #[instrument(name = "staff.logout", skip_all, err(level = "info"), fields(trace, request, outcome))]
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
