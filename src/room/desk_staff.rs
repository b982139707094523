//! Staff on staff: appointing, taking away.

use std::{collections::BTreeSet, time::Duration};

use tracing::instrument;

use super::{
    ask::{Asked, Granted, Sought, Why, for_a_time},
    colleagues,
    core::Core,
    error::{Failure, StaffError},
    init::Code,
    staff::Staff,
    token,
};
use crate::{
    access::{
        Action, Field, Object, Parameter, PrincipalKind, Role, Roles, Vouched, conflict, holders_max,
        holders_min, kind_conflict,
        rows::{EnrolmentRow, EnrolmentState, GrantRow, GrantState, PrincipalRow, PrincipalState, is_waived},
    },
    audit::Data,
    base::{Class, EnrolmentId, EntryNonce, GrantId, PrincipalId, Scope, SecretText, Time, limits, text},
    seal::{self, At, Handle},
    store::{LogTurn, PrincipalSeals, Queries, StoreError, authority, keyring},
};

impl Staff {
    /// Makes a principal without a role and issues the one-time code that sets its password.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.appoint", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn appoint(&self, handle: &str, kind: PrincipalKind, why: &Why) -> Result<Code, StaffError> {
        let core = &*self.room.core;
        let input = |e: text::BadText| StaffError::Input { field: "handle", why: e.to_string() };
        let shown = text::line(handle, limits::NAME_BYTES_MAX).map_err(input)?;
        let normal = SecretText::new(text::handle(&shown).map_err(input)?);
        let index = core.handle_index(&normal)?;
        let id = PrincipalId::random().map_err(Failure::from)?;
        let nonce = EntryNonce::random().map_err(Failure::from)?;
        let (code, code_hash) = token::fresh().map_err(Failure::from)?;
        let enrolment = EnrolmentId::random().map_err(Failure::from)?;
        let sought = || {
            let objects = vec![Object::Principal(id), Object::Enrolment(enrolment)];
            Sought { subject: None, objects, fields: vec![Field::Handle] }
        };
        let taken = || self.refuse(Action::StaffCreate, why, sought(), StaffError::HandleTaken);
        // Who may not appoint does not learn which handles there are.
        self.foresee(Action::StaffCreate, why, sought())?;
        if core.principal_by_handle(normal.expose())?.is_some() {
            return Err(taken());
        }
        let key = core.vault.key_for_writing(&core.store, Class::Staff, Scope::Principal(id))?;
        let at = At { room: core.id, scope: key.scope(), row: *id.as_bytes() };
        let sealed = seal::seal(&key, &at, 0, &Handle::new(shown.clone()))?;
        let is_free = || Ok(core.principal_by_handle(normal.expose())?.is_none());
        if !core.claim_index(&index, id.as_bytes(), nonce, is_free)? {
            return Err(taken());
        }
        let made = self.act(
            Action::StaffCreate,
            why,
            None,
            |_, _| Ok(Some((sought(), ()))),
            |core, turn, _, ()| {
                let changed_at = turn.position();
                let row = PrincipalRow::appointed(id, kind, changed_at);
                let seals = PrincipalSeals { index_nonce: nonce, handle: sealed };
                authority::insert_principal(turn, &row, &core.voucher.mac(&row), seals)?;
                let expires = turn.time().plus(limits::ENROLMENT_LIFETIME);
                let row = EnrolmentRow {
                    id: enrolment,
                    principal: id,
                    code_hash,
                    expires,
                    state: EnrolmentState::Open,
                    changed_at,
                };
                authority::insert_enrolment(turn, &row, &core.voucher.mac(&row))?;
                Ok(Granted::change(Data::PrincipalAppointed { principal: id, kind, enrolment, expires }, ()))
            },
        );
        match made {
            Ok(_) if core.vault.database.commit(|turn| keyring::make_index_live(turn, &index, nonce))? => {
                Ok(Code { handle: shown, principal: id, code })
            }
            // Taken over meanwhile: the principal stands without a handle, and nobody has its code.
            Ok(_) => Err(StaffError::HandleTaken),
            Err(error) => {
                let failure = match &error {
                    StaffError::Failed(failure) => Some(failure),
                    _ => None,
                };
                core.give_up_claim(&index, nonce, failure)?;
                Err(error)
            }
        }
    }

    /// Gives a role for so long. It takes a second person, or two of them: the first time this says that it waits
    /// ([`StaffError::Awaits`]), and the same request made again gives the role once it is approved.
    ///
    /// # Errors
    /// [`StaffError::Awaits`]; [`StaffError::Conflict`] for a role that the principal must not hold beside another.
    #[instrument(name = "staff.give", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn give(
        &self,
        principal: PrincipalId,
        role: Role,
        lifetime: Duration,
        why: &Why,
    ) -> Result<GrantId, StaffError> {
        self.give_role(principal, role, lifetime, why)
    }

    /// The same, for whoever has a span of his own.
    pub(super) fn give_role(
        &self,
        principal: PrincipalId,
        role: Role,
        lifetime: Duration,
        why: &Why,
    ) -> Result<GrantId, StaffError> {
        let lifetime =
            for_a_time(lifetime, limits::GRANT_LIFETIME_MAX, "a role is given for a year at most")?;
        let grant = GrantId::random().map_err(Failure::from)?;
        let parameters = vec![Parameter::Role(role), Parameter::Lifetime(lifetime)];
        let answered = self.act(
            Asked::of(Action::GrantGive, parameters),
            why,
            None,
            |core, turn| colleagues::principal(core, turn, principal),
            |core, turn, permit, row| {
                core.check_role(turn, &row, role)?;
                let not_before = turn.time();
                let expires = not_before.plus(lifetime);
                let row = GrantRow {
                    id: grant,
                    principal,
                    role,
                    not_before,
                    expires,
                    state: GrantState::Live,
                    granted_by: Some(permit.actor()),
                    changed_at: turn.position(),
                };
                authority::insert_grant(turn, &row, &core.voucher.mac(&row))?;
                let data = Data::GrantGiven { grant, principal, role, not_before, expires };
                Ok(Granted::change(data, grant))
            },
        )?;
        Ok(answered.value)
    }

    /// Takes a role away, from its next request on.
    ///
    /// # Errors
    /// [`StaffError::Conflict`] where too few would hold it then: two administer access, and one audits.
    /// [`Staff::disable`] asks nothing of that.
    #[instrument(name = "staff.revoke", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn revoke(&self, grant: GrantId, why: &Why) -> Result<(), StaffError> {
        self.act(
            Action::GrantRevoke,
            why,
            None,
            |core, turn| {
                let row: Option<Vouched<GrantRow>> = core.vouch(authority::grant(turn, grant)?);
                Ok(row.map(|row| {
                    let objects = vec![Object::Grant(grant), Object::Principal(row.principal)];
                    (Sought { subject: None, objects, fields: Vec::new() }, row)
                }))
            },
            |core, turn, _, row| {
                if row.state == GrantState::Revoked {
                    return Err(StaffError::State { what: "the grant is revoked already" });
                }
                core.check_left(turn, &row)?;
                let next = GrantRow {
                    state: GrantState::Revoked,
                    changed_at: turn.position(),
                    ..GrantRow::clone(&row)
                };
                core.change(turn, &*row, &next)?;
                Ok(Granted::change(Data::GrantRevoked { grant }, ()))
            },
        )?;
        Ok(())
    }

    /// Disables a principal, from its next request on, and takes its roles away: they would be back if it ever were.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.disable", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn disable(&self, principal: PrincipalId, why: &Why) -> Result<(), StaffError> {
        self.act(
            Action::StaffDisable,
            why,
            None,
            |core, turn| colleagues::principal(core, turn, principal),
            |core, turn, _, row| {
                if row.state == PrincipalState::Disabled {
                    return Err(StaffError::State { what: "the principal is disabled already" });
                }
                let next = PrincipalRow {
                    state: PrincipalState::Disabled,
                    changed_at: turn.position(),
                    ..PrincipalRow::clone(&row)
                };
                core.change(turn, &*row, &next)?;
                for grant in core.grants(turn, principal)?.iter().filter(|one| one.state == GrantState::Live)
                {
                    let next = GrantRow {
                        state: GrantState::Revoked,
                        changed_at: turn.position(),
                        ..GrantRow::clone(grant)
                    };
                    core.change(turn, &**grant, &next)?;
                }
                Ok(Granted::change(Data::PrincipalDisabled { principal }, ()))
            },
        )?;
        Ok(())
    }
}

impl Core {
    /// Whether a principal may get this role, beside what he holds and others do.
    fn check_role(
        &self,
        turn: &mut LogTurn<'_>,
        principal: &PrincipalRow,
        role: Role,
    ) -> Result<(), StaffError> {
        if principal.state == PrincipalState::Disabled {
            return Err(StaffError::State { what: "the principal is disabled" });
        }
        let now = turn.time();
        let held = self.grants(turn, principal.id)?;
        let held = held.iter().filter(|grant| grant.state == GrantState::Live && now < grant.expires);
        let held: Roles = held.map(|grant| grant.role).collect();
        let waivers = self.waivers(turn)?;
        let waived = |rule| is_waived(&waivers, rule, now);
        if let Some(conflict) = kind_conflict(principal.kind, role).or(conflict(held, role, waived)) {
            return Err(StaffError::Conflict { what: conflict.to_string() });
        }
        let Some(most) = holders_max(role) else { return Ok(()) };
        let holders = self.holders(turn, role, now)?;
        if holders.len() >= most && !holders.contains(&principal.id) {
            return Err(StaffError::Conflict {
                what: format!("{most} hold the role {role} already, and no more may"),
            });
        }
        Ok(())
    }

    /// Refuses to take away a role of which too few would be left. Whoever has to go at once is disabled, which nothing
    /// stops, and each report says that somebody is missing.
    fn check_left(&self, turn: &mut LogTurn<'_>, grant: &GrantRow) -> Result<(), StaffError> {
        let (role, now) = (grant.role, turn.time());
        let left = if grant.is_live(now) {
            self.holders_but(turn, role, now, Some(grant.id))?
        } else {
            return Ok(());
        };
        let least = holders_min(role);
        if left.len() >= least {
            return Ok(());
        }
        let what = format!("{least} have to hold the role {role}, and {} would be left", left.len());
        Err(StaffError::Conflict { what })
    }

    /// Who holds a role at `now`.
    pub(super) fn holders(
        &self,
        db: &mut impl Queries,
        role: Role,
        now: Time,
    ) -> Result<BTreeSet<PrincipalId>, StoreError> {
        self.holders_but(db, role, now, None)
    }

    /// The same by other grants than this one.
    fn holders_but(
        &self,
        db: &mut impl Queries,
        role: Role,
        now: Time,
        but: Option<GrantId>,
    ) -> Result<BTreeSet<PrincipalId>, StoreError> {
        let stored = authority::all::<GrantRow>(db, u32::MAX)?.into_iter();
        let grants = stored.filter_map(|row| self.vouch(Some(row)));
        let live = grants.filter(|grant: &Vouched<GrantRow>| {
            grant.role == role && grant.is_live(now) && Some(grant.id) != but
        });
        Ok(live.map(|grant| grant.principal).collect())
    }
}
