//! Second factors: what a member of staff adds to his own login and takes away again, and what others take from him.
//!
//! It is his own affair, so no role is asked for; but he must have logged in just now, with all that he has to show, and
//! every other session of his ends with the change.

use std::fmt::Write as _;

use tracing::instrument;
use zeroize::Zeroizing;

use super::{
    ask::{Granted, Why},
    challenge::For,
    colleagues::{self, end_sessions},
    core::Core,
    error::{Failure, Refused, StaffError},
    staff::Staff,
    staff_login::key_of,
};
use crate::{
    access::{
        Action, DenialReason, NoticeKind, Object, PrincipalKind, Vouched,
        rows::{FactorKind, FactorRow, FactorState, Holder, PrincipalRow, SessionRow},
    },
    audit::{Actor, Data, Draft, Event},
    base::{Class, FactorId, PrincipalId, Scope, SecretText, SessionId, Time, limits, random},
    crypto::{
        ssh::{PublicKey, SshSignature},
        totp,
    },
    seal::verdict::{self, CodesAt},
    store::{LogTurn, StoreError, authority, factors},
};

/// A secret of one-time codes that nobody has yet: shown once, and a factor from the first code on.
pub struct TotpOffer(Zeroizing<[u8; totp::SECRET_BYTES]>);

impl TotpOffer {
    /// A fresh secret.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn fresh() -> Result<Self, Failure> {
        Ok(Self(Zeroizing::new(random::bytes()?)))
    }

    /// The `otpauth` address that authenticator applications take, with this text to tell it from others.
    pub fn address(&self, label: &str) -> SecretText {
        let mut named = String::new();
        for byte in label.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    named.push(char::from(byte));
                }
                _ => drop(write!(named, "%{byte:02X}")),
            }
        }
        let secret = totp::base32(&self.0[..]);
        let (digits, period) = (totp::DIGITS, totp::STEP_SECONDS);
        SecretText::new(format!(
            "otpauth://totp/strongroom:{named}?secret={}&issuer=strongroom&algorithm=SHA1&digits={digits}\
             &period={period}",
            secret.as_str()
        ))
    }
}

/// A second factor, as far as it is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorHeader {
    /// Its id.
    pub factor: FactorId,
    /// Of which kind.
    pub kind: FactorKind,
    /// When it was added.
    pub created: Time,
}

impl FactorHeader {
    fn of(row: &FactorRow) -> Self {
        Self { factor: row.id, kind: row.kind, created: row.created }
    }
}

/// Somebody about to change his own login.
struct Himself {
    principal: Vouched<PrincipalRow>,
    factors: Vec<Vouched<FactorRow>>,
    session: Vouched<SessionRow>,
}

/// What is to become of his factors.
enum Change {
    Add(FactorRow, Option<Vec<u8>>),
    Remove(FactorId),
}

impl Staff {
    /// One's own second factors: kinds and dates.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.factors", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn factors(&self) -> Result<Vec<FactorHeader>, StaffError> {
        let core = &*self.room.core;
        let Some(principal) = self.principal()? else { return Ok(Vec::new()) };
        let stored = core.store.read(|db| factors::of(db, principal))?;
        let rows = stored.into_iter().filter_map(|row| core.vouch::<FactorRow>(Some(row)));
        Ok(rows.map(|row| FactorHeader::of(&row)).collect())
    }

    /// Adds one-time codes, by the first of them: whoever gives it has the secret.
    ///
    /// # Errors
    /// [`StaffError::Input`] for a wrong code; [`StaffError::Denied`] unless the login is fresh.
    #[instrument(name = "staff.add_totp", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn add_totp(&self, offer: &TotpOffer, code: &SecretText) -> Result<FactorId, StaffError> {
        let core = &*self.room.core;
        let (id, now) = (FactorId::random().map_err(Failure::from)?, core.clock.now());
        let Some(used) = totp::matching_step(&offer.0, code.expose().trim(), now, 0) else {
            return self
                .change_login(Event::FactorAdded, Err(refused("code", "it is none of this secret, now")));
        };
        // Without a session, for the entry that says so.
        let Some(principal) = self.principal()? else {
            return self.change_login(Event::FactorAdded, Err(StaffError::NotFound));
        };
        let key = core.vault.key_for_writing(&core.store, Class::Staff, Scope::Principal(principal))?;
        let secret = verdict::seal_codes(&key, &CodesAt { room: core.id, principal, factor: id }, &offer.0)?;
        let row = fresh_row(id, principal, FactorKind::Totp, None, used);
        self.change_login(Event::FactorAdded, Ok(Change::Add(row, Some(secret))))
    }

    /// What a key signs to be added.
    ///
    /// # Errors
    /// [`StaffError::NotFound`] without a session.
    #[instrument(
        name = "staff.key_challenge",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn key_challenge(&self) -> Result<SecretText, StaffError> {
        let principal = self.principal()?.ok_or(StaffError::NotFound)?;
        Ok(self.room.core.challenge(For::Adding, principal)?)
    }

    /// Adds the SSH key that signed a challenge of [`Staff::key_challenge`], by the signature as
    /// `ssh-keygen -Y sign -n strongroom-login` writes it: it holds the public key, and says that its holder can sign.
    ///
    /// # Errors
    /// [`StaffError::Input`] for another signature, and for keys of other kinds than `ssh-ed25519` and
    /// `sk-ssh-ed25519@openssh.com`; [`StaffError::Denied`] unless the login is fresh.
    #[instrument(name = "staff.add_ssh_key", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn add_ssh_key(&self, challenge: &SecretText, signature: &str) -> Result<FactorId, StaffError> {
        let core = &*self.room.core;
        let id = FactorId::random().map_err(Failure::from)?;
        let stated =
            core.challenged(challenge, core.clock.now()).filter(|stated| stated.purpose == For::Adding);
        let signature = SshSignature::parse(signature).ok();
        let signed = signature.filter(|signature| signature.is_over(challenge.expose().trim().as_bytes()));
        let added = match (stated.zip(self.principal()?), signed) {
            (Some((stated, principal)), Some(signed)) if stated.principal == principal => {
                let key = signed.key;
                let kind =
                    if key.application.is_some() { FactorKind::SecurityKey } else { FactorKind::SshKey };
                Ok(Change::Add(fresh_row(id, principal, kind, Some(key), 0), None))
            }
            _ => Err(refused("signature", "it is none by an Ed25519 key over this challenge")),
        };
        self.change_login(Event::FactorAdded, added)
    }

    /// Takes one of one's own second factors away.
    ///
    /// # Errors
    /// [`StaffError::NotFound`]; [`StaffError::Denied`] unless the login is fresh.
    #[instrument(
        name = "staff.remove_factor",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn remove_factor(&self, factor: FactorId) -> Result<(), StaffError> {
        self.change_login(Event::FactorRemoved, Ok(Change::Remove(factor))).map(drop)
    }

    /// Takes all second factors from a colleague who lost them, and ends his sessions: his password alone begins one
    /// then, and nothing counts as fresh in it until he has added a factor.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(
        name = "staff.reset_factors",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn reset_factors(&self, principal: PrincipalId, why: &Why) -> Result<u64, StaffError> {
        self.take_factors(principal, why)
    }

    /// The same, for whoever has a span of his own.
    pub(super) fn take_factors(&self, principal: PrincipalId, why: &Why) -> Result<u64, StaffError> {
        let answered = self.act(
            Action::StaffFactorReset,
            why,
            None,
            |core, turn| colleagues::principal(core, turn, principal),
            |core, turn, _, row| {
                // Those that are there, also where one is missing: this is the way out of that.
                let stored = factors::of(turn, principal)?;
                let live: Vec<_> =
                    stored.into_iter().filter_map(|row| core.vouch::<FactorRow>(Some(row))).collect();
                if live.is_empty() && row.factors == 0 {
                    return Err(StaffError::State { what: "the principal has no second factor" });
                }
                for factor in &live {
                    core.remove_factor(turn, factor)?;
                }
                core.count_factors(turn, &row, 0)?;
                let sessions = end_sessions(core, turn, principal, None)?;
                core.tell_colleagues(turn, vec![principal], NoticeKind::AuthenticatorDisabled)?;
                let factors: Vec<_> = live.iter().map(|factor| factor.id).collect();
                let count = factors.len() as u64;
                Ok(Granted::change(Data::FactorRemoved { principal, factors, sessions }, count))
            },
        )?;
        Ok(answered.value)
    }

    /// Changes one's own login, if it is fresh. Whatever comes of it is an entry.
    fn change_login(&self, event: Event, wanted: Result<Change, StaffError>) -> Result<FactorId, StaffError> {
        let core = &*self.room.core;
        let opening = core.opening(None, None)?;
        let settled = core.commit(opening.request, |turn| {
            let failed = |turn: &mut LogTurn<'_>, reason, who, session: Option<SessionId>| {
                let draft = Draft::failed(event, reason, who, core.call(&opening));
                let draft = match session {
                    Some(session) => draft.in_session(session),
                    None => draft,
                };
                turn.append(draft, opening.nonce, &opening.details)
            };
            let himself = match self.himself(core, turn)? {
                Ok(himself) => himself,
                Err((reason, who)) => {
                    failed(turn, reason.name(), who, None)?;
                    let refused = Refused { reason, request: opening.request };
                    return Ok::<_, StaffError>(Err(StaffError::Denied { refused }));
                }
            };
            let who = Actor::Principal(himself.principal.id);
            let changed = wanted.and_then(|change| turn.attempt(|turn| himself.change(core, turn, change)));
            match changed {
                Ok((id, data)) => {
                    let objects = [Object::Principal(himself.principal.id), Object::Factor(id)];
                    let draft = Draft::done(data, who, core.call(&opening))
                        .in_session(himself.session.id)
                        .on(&objects);
                    turn.append(draft, opening.nonce, &opening.details)?;
                    Ok(Ok(id))
                }
                Err(StaffError::Failed(failure)) => Err(StaffError::Failed(failure)),
                Err(refusal) => {
                    failed(turn, refusal.recorded_reason(), who, Some(himself.session.id))?;
                    Ok(Err(refusal))
                }
            }
        })?;
        settled.value
    }

    /// Whose session this is, if he has just shown all that he has; or why that does not count.
    fn himself(
        &self,
        core: &Core,
        turn: &mut LogTurn<'_>,
    ) -> Result<Result<Himself, (DenialReason, Actor)>, StoreError> {
        let session: Option<Vouched<SessionRow>> = core.vouch(authority::session(turn, &self.token_hash)?);
        let Some(session) = session else { return Ok(Err((DenialReason::SessionEnded, Actor::System))) };
        let Holder::Principal(id) = session.holder else {
            return Ok(Err((DenialReason::SessionEnded, Actor::System)));
        };
        let (who, now) = (Actor::Principal(id), turn.time());
        if let Err(reason) = session.check(now) {
            return Ok(Err((reason, who)));
        }
        let Some(principal) = core.active(turn, Some(id))? else {
            return Ok(Err((DenialReason::PrincipalDisabled, who)));
        };
        let Some(factors) = core.factors_of(turn, &principal)? else {
            tracing::error!("a second factor is missing, or was written past this program");
            return Ok(Err((DenialReason::StaleFactor, who)));
        };
        // Whoever has no factor yet has shown all that he has when he logged in.
        let shown = session.factor.or(factors.is_empty().then_some(session.created));
        let is_fresh = shown.is_some_and(|shown| shown <= now && now.since(shown) <= limits::FACTOR_FRESH);
        Ok(if is_fresh {
            Ok(Himself { principal, factors, session })
        } else {
            Err((DenialReason::StaleFactor, who))
        })
    }
}

impl Himself {
    fn change(
        &self,
        core: &Core,
        turn: &mut LogTurn<'_>,
        change: Change,
    ) -> Result<(FactorId, Data), StaffError> {
        let principal = self.principal.id;
        let had = self.factors.len();
        match change {
            Change::Add(row, secret) => {
                let (factor, kind) = (row.id, row.kind);
                self.add(core, turn, &row, secret)?;
                let sessions = self.settle(core, turn, had + 1)?;
                Ok((factor, Data::FactorAdded { factor, principal, kind, sessions }))
            }
            Change::Remove(id) => {
                let factor = self.factors.iter().find(|row| row.id == id).ok_or(StaffError::NotFound)?;
                core.remove_factor(turn, factor)?;
                let sessions = self.settle(core, turn, had - 1)?;
                Ok((id, Data::FactorRemoved { principal, factors: vec![id], sessions }))
            }
        }
    }

    fn add(
        &self,
        core: &Core,
        turn: &mut LogTurn<'_>,
        row: &FactorRow,
        secret: Option<Vec<u8>>,
    ) -> Result<(), StaffError> {
        if self.principal.kind == PrincipalKind::Machine {
            return Err(StaffError::State { what: "a machine has no second factor" });
        }
        if self.factors.len() >= limits::FACTORS_MAX {
            return Err(StaffError::State { what: "there are as many second factors as one may have" });
        }
        let key = key_of(row);
        if key.is_some() && self.factors.iter().any(|factor| key_of(factor) == key) {
            return Err(StaffError::State { what: "the key is a second factor already" });
        }
        let row = FactorRow { created: turn.time(), changed_at: turn.position(), ..row.clone() };
        Ok(factors::insert(turn, &row, &core.voucher.mac(&row), secret)?)
    }

    /// Says in his row how many factors he has, ends every other session of his, and says of this one how fresh it is.
    fn settle(&self, core: &Core, turn: &mut LogTurn<'_>, left: usize) -> Result<u64, StoreError> {
        core.count_factors(turn, &self.principal, left)?;
        let sessions = end_sessions(core, turn, self.principal.id, Some(self.session.id))?;
        // With his first factor he has shown both; without any he has a password alone again.
        let shown = self.session.factor.or(Some(self.session.created));
        let next = SessionRow {
            factor: shown.filter(|_| left > 0 || core.alone_suffices(&self.principal)),
            used: turn.time(),
            changed_at: turn.position(),
            ..SessionRow::clone(&self.session)
        };
        core.change(turn, &*self.session, &next)?;
        Ok(sessions)
    }
}

impl Core {
    fn remove_factor(&self, turn: &mut LogTurn<'_>, factor: &Vouched<FactorRow>) -> Result<(), StoreError> {
        let next = FactorRow {
            state: FactorState::Removed,
            changed_at: turn.position(),
            ..FactorRow::clone(factor)
        };
        self.change(turn, &**factor, &next)
    }

    fn count_factors(
        &self,
        turn: &mut LogTurn<'_>,
        principal: &Vouched<PrincipalRow>,
        count: usize,
    ) -> Result<(), StoreError> {
        let next = PrincipalRow {
            factors: u8::try_from(count).unwrap_or(u8::MAX),
            changed_at: turn.position(),
            ..PrincipalRow::clone(principal)
        };
        self.change(turn, &**principal, &next)
    }
}

/// A factor to be; when and where it is added is known in the lane.
fn fresh_row(
    id: FactorId,
    principal: PrincipalId,
    kind: FactorKind,
    key: Option<PublicKey>,
    used: u64,
) -> FactorRow {
    FactorRow {
        id,
        principal,
        kind,
        public_key: key.map_or([0; 32], |key| key.point),
        application: key.and_then(|key| key.application).unwrap_or([0; 32]),
        created: Time::ZERO,
        used,
        failures: 0,
        failed: Time::ZERO,
        state: FactorState::Live,
        changed_at: 0,
    }
}

fn refused(field: &'static str, why: &str) -> StaffError {
    StaffError::Input { field, why: why.to_owned() }
}
