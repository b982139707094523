//! How a session of staff begins: by a password, and by a second factor for whoever has one.
//!
//! A right password alone is a challenge, which is half a login for five minutes; each of the two steps is an entry. In a
//! room that holds real people's data a person without a second factor gets a session that nothing counts as fresh:
//! what the matrix marks `f` is denied until he has added one.

use std::{fmt, sync::Arc};

use tracing::instrument;

use super::{
    challenge::For,
    core::{Core, Opening, Room},
    error::{Failure, Kind, operation_error},
    token,
};
use crate::{
    access::{
        Acting, Exclusion, Object, PrincipalKind, Role, Roles, Vouched, exclusion,
        rows::{FactorKind, FactorRow, Holder, PrincipalRow, SessionRolesRow, SessionRow, SessionState},
    },
    audit::{Actor, Data, Draft, Event},
    base::{Class, FactorId, PrincipalId, RoomKind, Scope, SecretText, SessionId, Time, limits},
    crypto::ssh::{PublicKey, SshSignature},
    keys::KeyError,
    password::{Presented, Verdict},
    seal::verdict::{self, CodesAt},
    store::{LogTurn, Queries, StoreError, accounts, authority, factors, session_roles},
};

/// The right password was given, and its holder has second factors: one of them has to be shown.
pub struct FactorAsked {
    /// For [`Room::second_factor`], within five minutes; what an SSH key signs. With the factor it is a login: keep it
    /// as a password is kept.
    pub challenge: SecretText,
    /// The kinds of factors that he has.
    pub kinds: Vec<FactorKind>,
}

/// Without the challenge.
impl fmt::Debug for FactorAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FactorAsked").field("kinds", &self.kinds).finish_non_exhaustive()
    }
}

/// A second factor as it is shown.
pub enum SecondFactor {
    /// A one-time code.
    Code(SecretText),
    /// A signature over the challenge as `ssh-keygen -Y sign -n strongroom-login` writes it.
    Signature(String),
}

operation_error! {
    /// A member of staff could not log in.
    StaffLoginError {
        /// The handle, the password or the factor is wrong, or the principal is disabled; which of them is not said.
        Denied => Denied, "the login was denied".to_owned();
        /// Half of it is done: the password is right, and a second factor is asked for.
        SecondFactor {
            /// By what.
            asked: FactorAsked,
        } => Denied, format!("a second factor is asked for: {}", named(&asked.kinds));
        /// Roles that exclude each other were named, or are held and none was named: [`Room::in_roles`] says in which of
        /// them a session acts. What was shown is not used up.
        RolesExclude {
            /// Why they do.
            why: Exclusion,
            /// The roles that are held.
            held: Roles,
        } => Denied, format!("the roles must not act in one session: {why}; held are {}", listed(*held));
        /// A role was named that is not held.
        RoleNotHeld {
            /// The roles that are held.
            held: Roles,
        } => Denied, format!("a role is named that is not held; held are {}", listed(*held));
        /// Roles were named in a room of format 1, whose sessions act in all of them.
        RolesTogether => Denied, "the room is of format 1, and a session acts in all roles that are held: `strongroom room upgrade --apply` makes a place for others".to_owned();
        /// This room holds real people's data: only a demonstration room lets one act without a password.
        NotADemo => Denied, "only a demonstration room lets one act without a password".to_owned();
    }
}

fn named(kinds: &[FactorKind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}

/// The roles that somebody has to choose among, or may choose.
fn listed(roles: Roles) -> String {
    roles.iter().map(Role::name).collect::<Vec<_>>().join(", ")
}

/// A staff session that just began.
pub struct StaffLogin {
    /// The token: [`Room::staff`] takes it. Keep it in a file that only its owner reads.
    pub token: SecretText,
    /// Whose it is.
    pub principal: PrincipalId,
    /// From when it counts no more, used or not.
    pub expires: Time,
    /// The roles in which it acts. Of those that its holder is given meanwhile it acts in what excludes none of them, if
    /// none were named at its beginning.
    pub roles: Roles,
}

impl Room {
    /// The same room, in which sessions of staff begin to act in these roles alone, whichever others their holders have.
    /// Whoever holds roles that exclude each other names one side of them. The roles are part of the session, and none
    /// is added to it afterwards.
    #[must_use]
    pub fn in_roles(&self, roles: &[Role]) -> Self {
        let core = &self.core;
        let (parts, via, address) = (Arc::clone(&core.parts), core.via.clone(), core.address.clone());
        let roles = Some(Roles::of(roles)).filter(|roles| !roles.is_empty());
        let (device, opened) = (core.device, core.opened);
        Self { core: Arc::new(Core { parts, via, address, device, opened, roles }) }
    }

    /// Logs a member of staff in who has a password alone. Granted or not, it is an entry.
    ///
    /// # Errors
    /// [`StaffLoginError::SecondFactor`] for whoever has one: [`Room::second_factor`] is the other half.
    #[instrument(name = "room.staff_login", skip_all, err(level = "info"), fields(trace, request, outcome))]
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
        let granted = match (verdict, principal, &credential) {
            (Verdict::Match { .. }, Some(id), Some(credential)) => Some((id, credential.version)),
            _ => None,
        };
        core.first_step(granted, principal)
    }

    /// The other half of a login: a factor for the challenge that the right password was answered with. Granted or not,
    /// it is an entry. A code is taken once, and a challenge is signed once.
    ///
    /// # Errors
    /// [`StaffLoginError::Denied`], for a challenge that is over, too.
    #[instrument(name = "room.second_factor", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn second_factor(
        &self,
        challenge: &SecretText,
        shown: &SecondFactor,
    ) -> Result<StaffLogin, StaffLoginError> {
        let core = &*self.core;
        let stated = core.challenged(challenge, core.clock.now());
        let half = stated.and_then(|stated| match stated.purpose {
            For::Login { password } => Some(Half { principal: stated.principal, password }),
            For::Adding => None,
        });
        let Some((half, stated)) = half.zip(stated) else {
            return core.denied_login("challenge_refused", Actor::System);
        };
        let matched = match shown {
            SecondFactor::Code(code) => core.code_step(half.principal, code)?,
            SecondFactor::Signature(text) => core
                .signing_factor(half.principal, challenge, text)?
                .map(|factor| Matched { factor, used: u64::try_from(stated.issued.as_ms()).unwrap_or(0) }),
        };
        core.second_step(&half, matched.as_ref(), matches!(shown, SecondFactor::Code(_)))
    }

    /// Begins a session without a password, in a demonstration room alone: its kind is the first byte of its id,
    /// which no switch changes.
    ///
    /// # Errors
    /// [`StaffLoginError::NotADemo`] in a real room.
    #[instrument(name = "room.assume", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn assume(&self, handle: &str) -> Result<StaffLogin, StaffLoginError> {
        match self.core.id.room_kind() {
            Some(RoomKind::Demo) => {
                let core = &*self.core;
                let principal = core.principal_by_handle(handle)?;
                let (step, token) =
                    core.recorded(|turn, opening, fresh| match core.active(turn, principal)? {
                        Some(row) => match core.named_roles(turn, row.id)? {
                            Ok(roles) => {
                                let now = turn.time();
                                core.begin_session(turn, opening, fresh, (&row, Some(now)), roles)
                            }
                            Err(misnamed) => core.refuse_roles(turn, opening, row.id, misnamed),
                        },
                        None => core.refuse_login(turn, opening, "login_denied", actor(principal)),
                    })?;
                told(&step, token)
            }
            Some(RoomKind::Real) | None => Err(StaffLoginError::NotADemo),
        }
    }
}

/// The half of a login that a challenge stands for.
struct Half {
    principal: PrincipalId,
    /// The version of the password record that was matched.
    password: u64,
}

/// A factor that was shown, and what of it is used up with that.
struct Matched {
    factor: FactorId,
    used: u64,
}

/// What a step of a login comes to, once it is on record.
enum Step {
    Begun(PrincipalId, Time, Roles),
    /// The roles that are held do not say, or do not allow, in which of them it is to act.
    Roles(Misnamed),
    Asked(Vec<FactorKind>),
    Denied,
    /// A row that confers authority is missing, or was written past this program.
    Broken,
}

/// Why a session cannot act as it was asked to.
enum Misnamed {
    Exclude(Exclusion, Roles),
    NotHeld(Roles),
    Together,
}

/// The roles in which a session begins.
struct Begins {
    acts: Roles,
    chosen: Option<Roles>,
}

/// A session's id and the hash of its token, before there is one.
struct Fresh {
    id: SessionId,
    token_hash: [u8; 32],
}

fn actor(principal: Option<PrincipalId>) -> Actor {
    principal.map_or(Actor::System, Actor::Principal)
}

/// What a step is to whoever took it.
fn told(step: &Step, token: SecretText) -> Result<StaffLogin, StaffLoginError> {
    match step {
        Step::Begun(principal, expires, roles) => {
            Ok(StaffLogin { token, principal: *principal, expires: *expires, roles: *roles })
        }
        Step::Roles(Misnamed::Exclude(why, held)) => {
            Err(StaffLoginError::RolesExclude { why: *why, held: *held })
        }
        Step::Roles(Misnamed::NotHeld(held)) => Err(StaffLoginError::RoleNotHeld { held: *held }),
        Step::Roles(Misnamed::Together) => Err(StaffLoginError::RolesTogether),
        // Where it is not answered with a challenge, nobody is let in.
        Step::Asked(_) | Step::Denied => Err(StaffLoginError::Denied),
        Step::Broken => Err(Failure::Forged { what: "second factor" }.into()),
    }
}

impl Core {
    /// The session for a right password, or the challenge for a second factor, or the entry that `attempted` failed.
    fn first_step(
        &self,
        granted: Option<(PrincipalId, u64)>,
        attempted: Option<PrincipalId>,
    ) -> Result<StaffLogin, StaffLoginError> {
        let (step, token) = self.recorded(|turn, opening, fresh| {
            let Some(principal) = self.active(turn, granted.map(|(id, _)| id))? else {
                return self.refuse_login(turn, opening, "login_denied", actor(attempted));
            };
            let Some(factors) = self.factors_of(turn, &principal)? else {
                return self.refuse_broken(turn, opening, principal.id);
            };
            if factors.is_empty() {
                let shown = self.alone_suffices(&principal).then(|| turn.time());
                return match self.named_roles(turn, principal.id)? {
                    Ok(roles) => self.begin_session(turn, opening, fresh, (&principal, shown), roles),
                    Err(misnamed) => self.refuse_roles(turn, opening, principal.id, misnamed),
                };
            }
            let draft = Draft::done(Data::FactorAsked {}, Actor::Principal(principal.id), self.call(opening))
                .on(&[Object::Principal(principal.id)]);
            turn.append(draft, opening.nonce, &opening.details)?;
            Ok(Step::Asked(factors.iter().map(|factor| factor.kind).collect()))
        })?;
        match (step, granted) {
            // Issued once the entry stands, so that nobody holds half a login that is not on record.
            (Step::Asked(kinds), Some((principal, password))) => {
                let challenge = self.challenge(For::Login { password }, principal)?;
                Err(StaffLoginError::SecondFactor { asked: FactorAsked { challenge, kinds } })
            }
            (step, _) => told(&step, token),
        }
    }

    /// The session for a factor that was shown, or the entry that it was not; a wrong code is counted.
    fn second_step(
        &self,
        half: &Half,
        matched: Option<&Matched>,
        is_code: bool,
    ) -> Result<StaffLogin, StaffLoginError> {
        let who = Actor::Principal(half.principal);
        let (step, token) = self.recorded(|turn, opening, fresh| {
            let credential = accounts::credential(turn, Scope::Principal(half.principal))?;
            let is_current = credential.is_some_and(|credential| credential.version == half.password);
            let Some(principal) = self.active(turn, Some(half.principal))?.filter(|_| is_current) else {
                return self.refuse_login(turn, opening, "challenge_refused", who);
            };
            let Some(factors) = self.factors_of(turn, &principal)? else {
                return self.refuse_broken(turn, opening, principal.id);
            };
            let now = turn.time();
            let of_shown = |factor: &&Vouched<FactorRow>| match matched {
                Some(matched) => factor.id == matched.factor && factor.used < matched.used,
                None => false,
            };
            let taken = factors.iter().find(of_shown).filter(|factor| !is_code || factor.takes_codes(now));
            let Some((factor, matched)) = taken.zip(matched) else {
                if is_code {
                    self.count_guess(turn, &factors)?;
                }
                return self.refuse_login(turn, opening, "factor_refused", who);
            };
            // Before the factor is used up: who is asked for his roles shows it again.
            let roles = match self.named_roles(turn, principal.id)? {
                Ok(roles) => roles,
                Err(misnamed) => return self.refuse_roles(turn, opening, principal.id, misnamed),
            };
            let next = FactorRow {
                used: matched.used,
                failures: 0,
                changed_at: turn.position(),
                ..FactorRow::clone(factor)
            };
            self.change(turn, &**factor, &next)?;
            self.begin_session(turn, opening, fresh, (&principal, Some(now)), roles)
        })?;
        told(&step, token)
    }

    /// The roles in which a session of this principal would begin, and whether they were chosen.
    fn named_roles(
        &self,
        turn: &mut LogTurn<'_>,
        principal: PrincipalId,
    ) -> Result<Result<Begins, Misnamed>, StoreError> {
        let now = turn.time();
        let held = self.roles_of(turn, principal, Acting::All, now)?;
        let is_upgraded = self.has_outbox(turn)?;
        Ok(match self.roles {
            Some(_) if !is_upgraded => Err(Misnamed::Together),
            None if !is_upgraded => Ok(Begins { acts: held, chosen: None }),
            Some(named) if named.and(held) != named => Err(Misnamed::NotHeld(held)),
            chosen => {
                let acts = chosen.unwrap_or(held);
                exclusion(acts).map_or(Ok(Begins { acts, chosen }), |why| Err(Misnamed::Exclude(why, held)))
            }
        })
    }

    fn refuse_roles(
        &self,
        turn: &mut LogTurn<'_>,
        opening: &Opening,
        principal: PrincipalId,
        misnamed: Misnamed,
    ) -> Result<Step, StoreError> {
        self.refuse_login(turn, opening, "separation_of_duty", Actor::Principal(principal))?;
        Ok(Step::Roles(misnamed))
    }

    /// Counts a wrong code against every factor that it could have been of. One that takes none just now is left
    /// alone: the pause ends.
    fn count_guess(&self, turn: &mut LogTurn<'_>, factors: &[Vouched<FactorRow>]) -> Result<(), StoreError> {
        let now = turn.time();
        for factor in factors.iter().filter(|one| one.kind == FactorKind::Totp && one.takes_codes(now)) {
            let next = FactorRow {
                failures: factor.failures + 1,
                failed: now,
                changed_at: turn.position(),
                ..FactorRow::clone(factor)
            };
            self.change(turn, &**factor, &next)?;
        }
        Ok(())
    }

    /// Runs a step of a login; what it comes to, and the token of the session that it may have begun.
    fn recorded(
        &self,
        run: impl FnOnce(&mut LogTurn<'_>, &Opening, &Fresh) -> Result<Step, StoreError>,
    ) -> Result<(Step, SecretText), StaffLoginError> {
        let (token, token_hash) = token::fresh().map_err(Failure::from)?;
        let fresh = Fresh { id: SessionId::random().map_err(Failure::from)?, token_hash };
        let opening = self.opening(None, None)?;
        let settled =
            self.commit(opening.request, |turn| run(turn, &opening, &fresh).map_err(StaffLoginError::from))?;
        Ok((settled.value, token))
    }

    /// Records a login that was refused without a look at anybody's rows.
    fn denied_login(&self, reason: &'static str, who: Actor) -> Result<StaffLogin, StaffLoginError> {
        let (step, token) =
            self.recorded(|turn, opening, _| self.refuse_login(turn, opening, reason, who))?;
        told(&step, token)
    }

    fn refuse_login(
        &self,
        turn: &mut LogTurn<'_>,
        opening: &Opening,
        reason: &'static str,
        who: Actor,
    ) -> Result<Step, StoreError> {
        let draft = Draft::failed(Event::StaffLogin, reason, who, self.call(opening));
        turn.append(draft, opening.nonce, &opening.details)?;
        Ok(Step::Denied)
    }

    fn refuse_broken(
        &self,
        turn: &mut LogTurn<'_>,
        opening: &Opening,
        principal: PrincipalId,
    ) -> Result<Step, StoreError> {
        tracing::error!("a second factor is missing, or was written past this program");
        self.refuse_login(turn, opening, "login_denied", Actor::Principal(principal))?;
        Ok(Step::Broken)
    }

    fn begin_session(
        &self,
        turn: &mut LogTurn<'_>,
        opening: &Opening,
        fresh: &Fresh,
        (principal, factor): (&PrincipalRow, Option<Time>),
        Begins { acts, chosen }: Begins,
    ) -> Result<Step, StoreError> {
        let now = turn.time();
        let expires = now.plus(limits::STAFF_SESSION_LIFETIME);
        let row = SessionRow {
            id: fresh.id,
            holder: Holder::Principal(principal.id),
            token_hash: fresh.token_hash,
            created: now,
            expires,
            used: now,
            factor,
            state: SessionState::Live,
            changed_at: turn.position(),
        };
        self.end_sessions_over(turn, principal.id)?;
        authority::insert_session(turn, &row, &self.voucher.mac(&row))?;
        if let Some(roles) = chosen {
            let row = SessionRolesRow { id: row.id, roles, changed_at: row.changed_at };
            session_roles::insert(turn, &row, &self.voucher.mac(&row))?;
        }
        let data = Data::StaffLogin { session: row.id, expires };
        let draft = Draft::done(data, Actor::Principal(principal.id), self.call(opening))
            .in_session(row.id)
            .acting_in(acts);
        turn.append(draft, opening.nonce, &opening.details)?;
        Ok(Step::Begun(principal.id, expires, acts))
    }

    /// Whether a password is all that this principal has to show: a machine's is, and in a demonstration everybody's.
    pub(super) fn alone_suffices(&self, principal: &PrincipalRow) -> bool {
        principal.kind == PrincipalKind::Machine || self.id.room_kind() == Some(RoomKind::Demo)
    }

    /// A principal's factors; `None` if they are not as many as its row says: one was taken away, or slipped in.
    pub(super) fn factors_of(
        &self,
        db: &mut impl Queries,
        principal: &PrincipalRow,
    ) -> Result<Option<Vec<Vouched<FactorRow>>>, StoreError> {
        let stored = factors::of(db, principal.id)?;
        let vouched: Vec<_> = stored.into_iter().filter_map(|factor| self.vouch(Some(factor))).collect();
        Ok((vouched.len() == usize::from(principal.factors)).then_some(vouched))
    }

    /// The factor of one-time codes that this is a code of, now, and its step.
    fn code_step(&self, principal: PrincipalId, code: &SecretText) -> Result<Option<Matched>, Failure> {
        let rows = self.store.read(|db| {
            let mut rows = Vec::new();
            for stored in factors::of(db, principal)? {
                let Some(row) = self.vouch(Some(stored)) else { continue };
                if let Some(sealed) = factors::secret(db, row.id)? {
                    rows.push((row, sealed));
                }
            }
            Ok::<_, StoreError>(rows)
        })?;
        for (row, sealed) in &rows {
            if let Some(used) = self.step_of(row, sealed, code)? {
                return Ok(Some(Matched { factor: row.id, used }));
            }
        }
        Ok(None)
    }

    fn step_of(&self, row: &FactorRow, sealed: &[u8], code: &SecretText) -> Result<Option<u64>, Failure> {
        let scope = Scope::Principal(row.principal);
        let generation = verdict::record_generation(sealed);
        let key = match self.vault.key_for_reading(Class::Staff, scope, generation) {
            Err(Failure::Key(KeyError::Erased { .. })) => return Ok(None),
            other => other?,
        };
        let at = CodesAt { room: self.id, principal: row.principal, factor: row.id };
        verdict::verify_code(&key, &at, sealed, code, (self.clock.now(), row.used))
            .map_err(|_| Failure::Forged { what: "second factor" })
    }

    /// The factor whose key signed this challenge.
    fn signing_factor(
        &self,
        principal: PrincipalId,
        challenge: &SecretText,
        signature: &str,
    ) -> Result<Option<FactorId>, Failure> {
        let Ok(signature) = SshSignature::parse(signature) else { return Ok(None) };
        let stored = self.store.read(|db| factors::of(db, principal))?;
        let mut rows = stored.into_iter().filter_map(|factor| self.vouch::<FactorRow>(Some(factor)));
        let signing = rows.find(|row| key_of(row) == Some(signature.key));
        Ok(signing.filter(|_| signature.is_over(challenge.expose().trim().as_bytes())).map(|row| row.id))
    }
}

/// The public key of a factor that has one.
pub(super) fn key_of(row: &FactorRow) -> Option<PublicKey> {
    let application = match row.kind {
        FactorKind::Totp => return None,
        FactorKind::SshKey => None,
        FactorKind::SecurityKey => Some(row.application),
    };
    Some(PublicKey { point: row.public_key, application })
}
