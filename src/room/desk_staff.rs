//! Staff on staff: appointing, taking away.

use super::{
    ask::{Granted, Sought, Why},
    error::{Failure, StaffError},
    init::Code,
    staff::Staff,
    token,
};
use crate::{
    access::{
        Action, Field, Object, PrincipalKind, Vouched,
        rows::{EnrolmentRow, EnrolmentState, GrantRow, GrantState, PrincipalRow, PrincipalState},
    },
    audit::Data,
    base::{Class, EnrolmentId, EntryNonce, GrantId, PrincipalId, Scope, SecretText, limits, text},
    seal::{self, At, Handle},
    store::{PrincipalSeals, authority, keyring},
};

impl Staff {
    /// Makes a principal without a role and issues the one-time code that sets its password.
    ///
    /// # Errors
    /// [`StaffError`].
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

    /// Asks to give a role. Giving takes a second person, who comes with step 2: until then this is denied, on
    /// record, and the ceremony of `init` gives the roles.
    ///
    /// # Errors
    /// [`StaffError::Denied`].
    pub fn give(&self, principal: PrincipalId, why: &Why) -> Result<(), StaffError> {
        self.act(
            Action::GrantGive,
            why,
            None,
            |core, turn| {
                let row: Option<Vouched<PrincipalRow>> = core.vouch(authority::principal(turn, principal)?);
                let objects = vec![Object::Principal(principal)];
                Ok(row.map(|_| (Sought { subject: None, objects, fields: Vec::new() }, ())))
            },
            |_, _, _, ()| Err::<Granted<()>, _>(StaffError::State { what: "giving a role takes two people" }),
        )?;
        Ok(())
    }

    /// Takes a role away, from its next request on.
    ///
    /// # Errors
    /// [`StaffError`].
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
    pub fn disable(&self, principal: PrincipalId, why: &Why) -> Result<(), StaffError> {
        self.act(
            Action::StaffDisable,
            why,
            None,
            |core, turn| {
                let row: Option<Vouched<PrincipalRow>> = core.vouch(authority::principal(turn, principal)?);
                let objects = vec![Object::Principal(principal)];
                Ok(row.map(|row| (Sought { subject: None, objects, fields: Vec::new() }, row)))
            },
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
