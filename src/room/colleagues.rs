//! Staff on colleagues: who there is, by handle; whose own account is whose; a new code for who lost his, or his
//! password.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    cursor::{Listed, Page},
    desk_accounts::Receipts,
    error::{Failure, StaffError},
    paging::List,
    staff::Staff,
    token,
    views::{Colleague, GrantHeader, PrincipalHeader},
};
use crate::{
    access::{
        Action, Field, Object, Vouched,
        rows::{EnrolmentRow, EnrolmentState, PrincipalRow, PrincipalState, SessionRow, SessionState},
    },
    audit::{Data, Receipt},
    base::{AccountId, Class, EnrolmentId, PrincipalId, Scope, SecretText, SessionId, Time, limits},
    keys::KeyError,
    seal::{At, Handle, Sealed, Unvouched},
    store::{LogTurn, Place, StoreError, accounts, authority},
};

/// A one-time code that was issued anew.
pub struct NewCode {
    /// Whose it is.
    pub principal: PrincipalId,
    /// The code, shown once.
    pub code: SecretText,
    /// From when it sets nothing.
    pub expires: Time,
    /// How many sessions of the principal ended with the old password.
    pub sessions: u64,
}

/// A principal with what it holds, and with its handle as the store keeps it.
struct Seen {
    header: PrincipalHeader,
    handle: Vec<u8>,
    grants: Vec<GrantHeader>,
}

impl Staff {
    /// Who there is and what each of them holds or held, a part at a time, in the order of their ids: handles, ids, states
    /// and dates, for whoever may read the policy. A part is one entry, which names its people, 256 at most: handles are
    /// sealed, and open by its receipt.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.people", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn people(&self, page: &Page, why: &Why) -> Result<Listed<Colleague>, StaffError> {
        let paging = self.paging(List::People, None, page, limits::ENTRY_OBJECTS_MAX)?;
        let answered = self.act(
            Action::PolicyRead,
            why,
            None,
            |core, turn| {
                let part = paging.cut(authority::principals(turn, &paging.slice())?, place);
                let objects: Vec<_> = part.rows.iter().map(|one| Object::Principal(one.row.id)).collect();
                let cells = objects.iter().map(|object| (*object, Field::Handle)).collect();
                let part = Listed { rows: seen(core, turn, part.rows)?, next: part.next };
                Ok(Some((Sought { subject: None, objects, fields: vec![Field::Handle] }, (cells, part))))
            },
            |_, _, _, (cells, part)| Ok(Granted::access(Data::PolicyRead {}, Class::Staff, cells, part)),
        )?;
        let mut receipts = Receipts::of(answered.receipt)?;
        answered.value.try_map(|Seen { header, handle, grants }| {
            let scope = Scope::Principal(header.principal);
            let at = At { room: self.room.core.id, scope, row: *header.principal.as_bytes() };
            let sealed = Sealed::from_row(&at, 0, Object::Principal(header.principal), handle);
            Ok(Colleague { header, handle: self.handle(receipts.take(&sealed)?, &sealed)?, grants })
        })
    }

    /// A handle; nothing where its key is erased.
    fn handle(
        &self,
        receipt: Receipt,
        sealed: &Sealed<Handle>,
    ) -> Result<Option<crate::seal::Clear<Handle>>, StaffError> {
        match self.room.open(receipt, sealed) {
            Err(StaffError::Failed(Failure::Key(KeyError::Erased { .. }))) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Says which customer's account is a principal's own, so that no role lets him work on it; `None` if none is. The
    /// log says that it was said, and not which: that a colleague is a customer is his own affair.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.link", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn link(
        &self,
        principal: PrincipalId,
        account: Option<AccountId>,
        why: &Why,
    ) -> Result<(), StaffError> {
        self.act(
            Action::StaffLink,
            why,
            None,
            |core, turn| {
                let exists = match account {
                    Some(account) => accounts::find(turn, account)?.is_some(),
                    None => true,
                };
                Ok(self::principal(core, turn, principal)?.filter(|_| exists))
            },
            |core, turn, _, row| {
                let next = PrincipalRow { account, changed_at: turn.position(), ..PrincipalRow::clone(&row) };
                core.change(turn, &*row, &next)?;
                let linked = u64::from(account.is_some());
                Ok(Granted::change(Data::PrincipalLinked { principal, linked }, ()))
            },
        )?;
        Ok(())
    }

    /// Issues a one-time code anew, to somebody who lost his code or his password. What he had before ends at once: the
    /// open codes are withdrawn, the password is no longer one, and the sessions are over. From then on the new code
    /// alone lets him in.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.reenrol", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn reenrol(&self, principal: PrincipalId, why: &Why) -> Result<NewCode, StaffError> {
        let core = &*self.room.core;
        let (code, code_hash) = token::fresh().map_err(Failure::from)?;
        let enrolment = EnrolmentId::random().map_err(Failure::from)?;
        let answered = self.act(
            Action::StaffReenrol,
            why,
            None,
            |core, turn| {
                let found = self::principal(core, turn, principal)?;
                let open = open_codes(core, turn, principal)?;
                Ok(found.map(|(mut sought, row)| {
                    sought.objects.push(Object::Enrolment(enrolment));
                    sought.objects.extend(open.iter().map(|row| Object::Enrolment(row.id)));
                    (sought, (row, open))
                }))
            },
            |core, turn, _, (row, open)| {
                if row.state == PrincipalState::Disabled {
                    return Err(StaffError::State { what: "the principal is disabled" });
                }
                withdraw(core, turn, &open)?;
                let sessions = end_sessions(core, turn, principal, None)?;
                let version = accounts::remove_credential(turn, Scope::Principal(principal))?;
                let expires = turn.time().plus(limits::ENROLMENT_LIFETIME);
                let changed_at = turn.position();
                let state = EnrolmentState::Open;
                let new = EnrolmentRow { id: enrolment, principal, code_hash, expires, state, changed_at };
                authority::insert_enrolment(turn, &new, &core.voucher.mac(&new))?;
                let withdrawn = open.iter().map(|row| row.id).collect();
                let data = Data::EnrolmentIssued { enrolment, principal, expires, withdrawn, sessions };
                Ok(Granted::change(data, (expires, sessions, version)))
            },
        )?;
        let (expires, sessions, version) = answered.value;
        if let Some(version) = version {
            // The row that was taken away does not open if somebody puts it back.
            core.raise_floor(Class::Credential, Scope::Principal(principal), version + 1)?;
        }
        Ok(NewCode { principal, code, expires, sessions })
    }
}

/// A principal's row, with what names it in a request; nothing if there is none.
pub(super) fn principal(
    core: &Core,
    turn: &mut LogTurn<'_>,
    id: PrincipalId,
) -> Result<Option<(Sought, Vouched<PrincipalRow>)>, StoreError> {
    let row = core.vouch(authority::principal(turn, id)?);
    let sought = || Sought { subject: None, objects: vec![Object::Principal(id)], fields: Vec::new() };
    Ok(row.map(|row| (sought(), row)))
}

/// A principal's place in the list of all.
fn place(stored: &Unvouched<PrincipalRow>) -> Place {
    Place { number: 0, id: *stored.row.id.as_bytes() }
}

/// Those of the principals, and of their grants, that are vouched for.
fn seen(
    core: &Core,
    turn: &mut LogTurn<'_>,
    rows: Vec<Unvouched<PrincipalRow>>,
) -> Result<Vec<Seen>, StoreError> {
    let mut seen = Vec::with_capacity(rows.len());
    for row in rows.into_iter().filter_map(|row| core.vouch(Some(row))) {
        if let Some(seals) = authority::principal_seals(turn, row.id)? {
            let grants = authority::grants_of(turn, row.id)?.into_iter();
            let grants =
                grants.filter_map(|row| core.vouch(Some(row))).map(|row| GrantHeader::of(&row)).collect();
            seen.push(Seen { header: PrincipalHeader::of(&row), handle: seals.handle, grants });
        }
    }
    Ok(seen)
}

fn open_codes(
    core: &Core,
    turn: &mut LogTurn<'_>,
    of: PrincipalId,
) -> Result<Vec<Vouched<EnrolmentRow>>, StoreError> {
    let stored = authority::open_enrolments(turn, of)?;
    Ok(stored.into_iter().filter_map(|row| core.vouch(Some(row))).collect())
}

fn withdraw(core: &Core, turn: &mut LogTurn<'_>, codes: &[Vouched<EnrolmentRow>]) -> Result<(), StoreError> {
    for code in codes {
        let next = EnrolmentRow {
            id: code.id,
            principal: code.principal,
            code_hash: code.code_hash,
            expires: code.expires,
            state: EnrolmentState::Withdrawn,
            changed_at: turn.position(),
        };
        core.change(turn, &**code, &next)?;
    }
    Ok(())
}

/// Ends every session of the principal but this one; how many there were that still counted.
pub(super) fn end_sessions(
    core: &Core,
    turn: &mut LogTurn<'_>,
    of: PrincipalId,
    but: Option<SessionId>,
) -> Result<u64, StoreError> {
    let mut ended = 0;
    let stored = authority::live_sessions(turn, of)?;
    let rows = stored.into_iter().filter_map(|row| core.vouch::<SessionRow>(Some(row)));
    for row in rows.filter(|row| Some(row.id) != but) {
        ended += u64::from(row.check(turn.time()).is_ok());
        let mut next = SessionRow::clone(&row);
        (next.state, next.changed_at) = (SessionState::Ended, turn.position());
        core.change(turn, &*row, &next)?;
    }
    Ok(ended)
}
