//! Rows that confer authority: principals, grants, sessions, enrolments, cases, tickets, holds. They are read unvouched
//! and written with their MAC; each write moves the head's sum over them.

use super::{
    Queries, Row, Slice, Statement, StoreError, Value,
    lane::Turn,
    log::LogBook,
    sql::{people, tickets},
};
use crate::{
    access::{
        PrincipalKind, Purpose, Role,
        rows::{
            AuthorityRow, CaseRow, CaseState, EnrolmentRow, EnrolmentState, GrantRow, GrantState, HoldRow,
            HoldState, Holder, PrincipalRow, PrincipalState, SessionRow, SessionState, TicketRow,
            TicketState,
        },
    },
    base::{AccountId, CaseId, Classes, EntryNonce, GrantId, HoldId, PrincipalId, SessionId, TicketId, Time},
    seal::Unvouched,
};

/// A caller's place in a batch of the store.
pub(crate) type LogTurn<'a> = Turn<'a, LogBook>;

/// How rows of one kind stand in their table.
pub(crate) trait AuthorityTable: AuthorityRow + Sized {
    /// All rows, by id.
    const ALL: &'static Statement;
    /// The rows that the head's sum has, without a limit.
    const LIVE: &'static Statement;
    /// Writes what may change: the columns after the id, then position and MAC.
    const UPDATE: &'static Statement;
    /// The row.
    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError>;
    /// Whether the head's sum has it: while it confers anything. What has ended is history, and grows without end; put
    /// back as it was it is one row too many. Owners' sessions are left out: there may be millions, they change without
    /// an entry, and none outlives a day.
    fn is_folded(&self) -> bool;
    /// The columns that [`AuthorityTable::UPDATE`] writes before position and MAC.
    fn changeable(&self) -> Vec<Value>;
}

/// A row as it stood, with its MAC.
pub(crate) struct Before<'a, T> {
    pub(crate) row: &'a T,
    pub(crate) mac: [u8; 32],
}

impl LogTurn<'_> {
    /// Replaces a row by a newer one of the same id.
    pub(crate) fn change<T: AuthorityTable>(
        &mut self,
        before: &Before<'_, T>,
        row: &T,
        mac: &[u8; 32],
    ) -> Result<(), StoreError> {
        let mut values = vec![Value::from(&row.id())];
        values.extend(row.changeable());
        values.extend([row.changed_at().into(), Value::from(mac)]);
        self.change_one(T::UPDATE, &values)?;
        if before.row.is_folded() {
            self.fold_in(before.row, &before.mac);
        }
        if row.is_folded() {
            self.fold_in(row, mac);
        }
        Ok(())
    }

    /// Takes a row away, and out of the head's sum.
    pub(super) fn remove<T: AuthorityTable>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
        stored: &Unvouched<T>,
    ) -> Result<(), StoreError> {
        self.change_one(statement, values)?;
        if stored.row.is_folded() {
            self.fold_in(&stored.row, &stored.mac);
        }
        Ok(())
    }

    pub(super) fn insert<T: AuthorityTable>(
        &mut self,
        statement: &'static Statement,
        row: &T,
        mac: &[u8; 32],
        values: &[Value],
    ) -> Result<(), StoreError> {
        self.change_one(statement, values)?;
        if row.is_folded() {
            self.fold_in(row, mac);
        }
        Ok(())
    }
}

/// Removes the sessions of customers, which are in no sum.
pub(crate) fn remove_owners_sessions(turn: &mut LogTurn<'_>) -> Result<(), StoreError> {
    turn.engine().execute(&people::SESSIONS_OWNERS_DELETE, &[]).map(drop)
}

/// Up to `limit` rows of a kind, in the order of their ids.
pub(crate) fn all<T: AuthorityTable>(
    db: &mut impl Queries,
    limit: u32,
) -> Result<Vec<Unvouched<T>>, StoreError> {
    db.all(T::ALL, &[limit.into()], T::read)
}

/// Which rows of a kind are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Those that the head's sum has.
    Live,
    /// All of them, what has ended too.
    All,
}

/// Gives each row of a kind to `look`, one at a time.
pub(crate) fn each<T: AuthorityTable>(
    db: &mut impl Queries,
    rows: Rows,
    mut look: impl FnMut(Unvouched<T>),
) -> Result<(), StoreError> {
    let (statement, values) = match rows {
        Rows::Live => (T::LIVE, Vec::new()),
        Rows::All => (T::ALL, vec![u32::MAX.into()]),
    };
    db.engine().query(statement, &values, &mut |row| {
        look(T::read(&row)?);
        Ok(())
    })
}

pub(super) fn known<T>(row: &Row, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| row.corrupt())
}

impl AuthorityTable for PrincipalRow {
    const ALL: &'static Statement = &people::PRINCIPALS;
    const LIVE: &'static Statement = &people::PRINCIPALS_LIVE;
    const UPDATE: &'static Statement = &people::PRINCIPAL_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let principal = Self {
            id: row.id(0)?,
            kind: known(row, PrincipalKind::from_number(row.number(1)?))?,
            state: known(row, PrincipalState::from_number(row.number(2)?))?,
            account: row.optional_id(3)?,
            factors: row.number(4)?,
            changed_at: row.number(5)?,
        };
        Ok(Unvouched { row: principal, mac: row.bytes(6)? })
    }

    fn is_folded(&self) -> bool {
        self.state == PrincipalState::Active
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.state.number().into(), self.account.into(), self.factors.into()]
    }
}

/// What a principal's row holds beside what confers authority.
pub(crate) struct PrincipalSeals {
    pub(crate) index_nonce: EntryNonce,
    pub(crate) handle: Vec<u8>,
}

/// Writes a new principal.
pub(crate) fn insert_principal(
    turn: &mut LogTurn<'_>,
    row: &PrincipalRow,
    mac: &[u8; 32],
    seals: PrincipalSeals,
) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.kind.number().into(),
        row.state.number().into(),
        row.account.into(),
        row.factors.into(),
        seals.index_nonce.into(),
        seals.handle.into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&people::PRINCIPAL_INSERT, row, mac, &values)
}

/// The principal with this id.
pub(crate) fn principal(
    db: &mut impl Queries,
    id: PrincipalId,
) -> Result<Option<Unvouched<PrincipalRow>>, StoreError> {
    db.one(&people::PRINCIPAL, &[id.into()], PrincipalRow::read)
}

/// A part of all principals, in the order of their ids.
pub(crate) fn principals(
    db: &mut impl Queries,
    slice: &Slice,
) -> Result<Vec<Unvouched<PrincipalRow>>, StoreError> {
    let [_, id, limit] = slice.values();
    db.all(&people::PRINCIPALS_AFTER, &[id, limit], PrincipalRow::read)
}

/// A principal's index nonce and sealed handle.
pub(crate) fn principal_seals(
    db: &mut impl Queries,
    id: PrincipalId,
) -> Result<Option<PrincipalSeals>, StoreError> {
    db.one(&people::PRINCIPAL_HANDLE, &[id.into()], |row| {
        Ok(PrincipalSeals { index_nonce: row.id(0)?, handle: row.blob(1)?.to_vec() })
    })
}

impl AuthorityTable for GrantRow {
    const ALL: &'static Statement = &people::GRANTS;
    const LIVE: &'static Statement = &people::GRANTS_LIVE;
    const UPDATE: &'static Statement = &people::GRANT_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let grant = Self {
            id: row.id(0)?,
            principal: row.id(1)?,
            role: known(row, Role::from_number(row.number(2)?))?,
            not_before: row.time(3)?,
            expires: row.time(4)?,
            state: known(row, GrantState::from_number(row.number(5)?))?,
            granted_by: row.optional_id(6)?,
            changed_at: row.number(7)?,
        };
        Ok(Unvouched { row: grant, mac: row.bytes(8)? })
    }

    fn is_folded(&self) -> bool {
        self.state == GrantState::Live
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.state.number().into()]
    }
}

/// Writes a new grant.
pub(crate) fn insert_grant(turn: &mut LogTurn<'_>, row: &GrantRow, mac: &[u8; 32]) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.principal.into(),
        row.role.number().into(),
        row.not_before.into(),
        row.expires.into(),
        row.state.number().into(),
        row.granted_by.into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&people::GRANT_INSERT, row, mac, &values)
}

/// The grant with this id.
pub(crate) fn grant(db: &mut impl Queries, id: GrantId) -> Result<Option<Unvouched<GrantRow>>, StoreError> {
    db.one(&people::GRANT, &[id.into()], GrantRow::read)
}

/// Every grant of a principal.
pub(crate) fn grants_of(
    db: &mut impl Queries,
    of: PrincipalId,
) -> Result<Vec<Unvouched<GrantRow>>, StoreError> {
    db.all(&people::GRANTS_OF, &[of.into()], GrantRow::read)
}

impl AuthorityTable for SessionRow {
    const ALL: &'static Statement = &people::SESSIONS;
    const LIVE: &'static Statement = &people::SESSIONS_LIVE;
    const UPDATE: &'static Statement = &people::SESSION_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let session = Self {
            id: row.id(0)?,
            holder: known(row, Holder::from_parts(row.number(1)?, row.bytes(2)?))?,
            token_hash: row.bytes(3)?,
            created: row.time(4)?,
            expires: row.time(5)?,
            used: row.time(6)?,
            factor: row.optional_time(7)?,
            state: known(row, SessionState::from_number(row.number(8)?))?,
            changed_at: row.number(9)?,
        };
        Ok(Unvouched { row: session, mac: row.bytes(10)? })
    }

    fn is_folded(&self) -> bool {
        matches!(self.holder, Holder::Principal(_)) && self.state == SessionState::Live
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.used.into(), self.factor.into(), self.state.number().into()]
    }
}

/// Writes a new session.
pub(crate) fn insert_session(
    turn: &mut LogTurn<'_>,
    row: &SessionRow,
    mac: &[u8; 32],
) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.holder.number().into(),
        Value::from(row.holder.id_bytes()),
        Value::from(&row.token_hash),
        row.created.into(),
        row.expires.into(),
        row.used.into(),
        row.factor.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&people::SESSION_INSERT, row, mac, &values)
}

/// Up to 64 live sessions of a principal whose time is over.
pub(crate) fn sessions_over(
    db: &mut impl Queries,
    of: PrincipalId,
    now: Time,
) -> Result<Vec<Unvouched<SessionRow>>, StoreError> {
    db.all(&people::SESSIONS_OVER, &[of.into(), now.into()], SessionRow::read)
}

/// The session with this id.
pub(crate) fn session_by_id(
    db: &mut impl Queries,
    id: SessionId,
) -> Result<Option<Unvouched<SessionRow>>, StoreError> {
    db.one(&people::SESSION, &[id.into()], SessionRow::read)
}

/// The session whose token has this hash.
pub(crate) fn session(
    db: &mut impl Queries,
    token_hash: &[u8; 32],
) -> Result<Option<Unvouched<SessionRow>>, StoreError> {
    db.one(&people::SESSION_BY_TOKEN, &[Value::from(token_hash)], SessionRow::read)
}

/// Removes every session of an account's owner. They stand in no sum and change without an entry.
pub(crate) fn end_sessions_of(turn: &mut LogTurn<'_>, account: AccountId) -> Result<(), StoreError> {
    turn.engine().execute(&people::OWNER_SESSIONS_DELETE, &[account.into()])?;
    Ok(())
}

/// Removes the sessions of an account's owner but one.
pub(crate) fn end_other_sessions_of(
    turn: &mut LogTurn<'_>,
    account: AccountId,
    but: SessionId,
) -> Result<(), StoreError> {
    turn.engine().execute(&people::OWNER_SESSIONS_OTHER_DELETE, &[account.into(), but.into()]).map(drop)
}

/// Removes one session of an account's owner; `false` if he has no such session.
pub(crate) fn end_session_of(
    turn: &mut LogTurn<'_>,
    account: AccountId,
    id: SessionId,
) -> Result<bool, StoreError> {
    Ok(turn.engine().execute(&people::OWNER_SESSION_DELETE, &[account.into(), id.into()])? == 1)
}

/// A part of the sessions of an account's owner that count at `now`, the newest first.
pub(crate) fn sessions_of_owner(
    db: &mut impl Queries,
    account: AccountId,
    now: Time,
    slice: &Slice,
) -> Result<Vec<Unvouched<SessionRow>>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&people::OWNER_SESSIONS, &[account.into(), now.into(), number, id, limit], SessionRow::read)
}

impl AuthorityTable for EnrolmentRow {
    const ALL: &'static Statement = &people::ENROLMENTS;
    const LIVE: &'static Statement = &people::ENROLMENTS_LIVE;
    const UPDATE: &'static Statement = &people::ENROLMENT_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let enrolment = Self {
            id: row.id(0)?,
            principal: row.id(1)?,
            code_hash: row.bytes(2)?,
            expires: row.time(3)?,
            state: known(row, EnrolmentState::from_number(row.number(4)?))?,
            changed_at: row.number(5)?,
        };
        Ok(Unvouched { row: enrolment, mac: row.bytes(6)? })
    }

    fn is_folded(&self) -> bool {
        self.state == EnrolmentState::Open
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.state.number().into()]
    }
}

/// Every session of a principal that nobody has ended.
pub(crate) fn live_sessions(
    db: &mut impl Queries,
    of: PrincipalId,
) -> Result<Vec<Unvouched<SessionRow>>, StoreError> {
    db.all(&people::SESSIONS_OF, &[of.into()], SessionRow::read)
}

/// Writes a new enrolment.
pub(crate) fn insert_enrolment(
    turn: &mut LogTurn<'_>,
    row: &EnrolmentRow,
    mac: &[u8; 32],
) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.principal.into(),
        Value::from(&row.code_hash),
        row.expires.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&people::ENROLMENT_INSERT, row, mac, &values)
}

/// The enrolment whose code has this hash.
pub(crate) fn enrolment(
    db: &mut impl Queries,
    code_hash: &[u8; 32],
) -> Result<Option<Unvouched<EnrolmentRow>>, StoreError> {
    db.one(&people::ENROLMENT_BY_CODE, &[Value::from(code_hash)], EnrolmentRow::read)
}

/// Every code of a principal that was neither used nor withdrawn.
pub(crate) fn open_enrolments(
    db: &mut impl Queries,
    of: PrincipalId,
) -> Result<Vec<Unvouched<EnrolmentRow>>, StoreError> {
    db.all(&people::ENROLMENTS_OPEN, &[of.into()], EnrolmentRow::read)
}

impl AuthorityTable for CaseRow {
    const ALL: &'static Statement = &people::CASES;
    const LIVE: &'static Statement = &people::CASES_LIVE;
    const UPDATE: &'static Statement = &people::CASE_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let case = Self {
            id: row.id(0)?,
            account: row.optional_id(1)?,
            purpose: known(row, Purpose::from_number(row.number(2)?))?,
            opened_by: row.id(3)?,
            created: row.time(4)?,
            expires: row.time(5)?,
            state: known(row, CaseState::from_number(row.number(6)?))?,
            changed_at: row.number(7)?,
        };
        Ok(Unvouched { row: case, mac: row.bytes(8)? })
    }

    fn is_folded(&self) -> bool {
        self.state == CaseState::Open
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.state.number().into()]
    }
}

/// Writes a new case.
pub(crate) fn insert_case(turn: &mut LogTurn<'_>, row: &CaseRow, mac: &[u8; 32]) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.account.into(),
        row.purpose.number().into(),
        row.opened_by.into(),
        row.created.into(),
        row.expires.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&people::CASE_INSERT, row, mac, &values)
}

/// Up to 64 open cases of a principal whose time is over.
pub(crate) fn cases_over(
    db: &mut impl Queries,
    of: PrincipalId,
    now: Time,
) -> Result<Vec<Unvouched<CaseRow>>, StoreError> {
    db.all(&people::CASES_OVER, &[of.into(), now.into()], CaseRow::read)
}

/// A part of the open cases of a principal whose time is not over, the next to end first.
pub(crate) fn cases_of(
    db: &mut impl Queries,
    of: PrincipalId,
    now: Time,
    slice: &Slice,
) -> Result<Vec<Unvouched<CaseRow>>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&people::CASES_OF, &[of.into(), now.into(), number, id, limit], CaseRow::read)
}

/// The case with this id.
pub(crate) fn case(db: &mut impl Queries, id: CaseId) -> Result<Option<Unvouched<CaseRow>>, StoreError> {
    db.one(&people::CASE, &[id.into()], CaseRow::read)
}

impl AuthorityTable for HoldRow {
    const ALL: &'static Statement = &people::HOLDS;
    const LIVE: &'static Statement = &people::HOLDS_LIVE;
    const UPDATE: &'static Statement = &people::HOLD_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let hold = Self {
            id: row.id(0)?,
            account: row.id(1)?,
            classes: Classes::from_bits(row.number(2)?),
            placed_by: row.id(3)?,
            case: known(row, Self::case_from_parts(row.number(4)?, row.bytes(5)?))?,
            review: row.time(6)?,
            state: known(row, HoldState::from_number(row.number(7)?))?,
            changed_at: row.number(8)?,
        };
        Ok(Unvouched { row: hold, mac: row.bytes(9)? })
    }

    fn is_folded(&self) -> bool {
        self.state == HoldState::Live
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.state.number().into()]
    }
}

/// Writes a new hold.
pub(crate) fn insert_hold(turn: &mut LogTurn<'_>, row: &HoldRow, mac: &[u8; 32]) -> Result<(), StoreError> {
    let (case_kind, case) = row.case_parts();
    let values = [
        row.id.into(),
        row.account.into(),
        row.classes.bits().into(),
        row.placed_by.into(),
        case_kind.into(),
        Value::from(case),
        row.review.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&people::HOLD_INSERT, row, mac, &values)
}

/// The hold with this id.
pub(crate) fn hold(db: &mut impl Queries, id: HoldId) -> Result<Option<Unvouched<HoldRow>>, StoreError> {
    db.one(&people::HOLD, &[id.into()], HoldRow::read)
}

impl AuthorityTable for TicketRow {
    const ALL: &'static Statement = &tickets::TICKETS;
    const LIVE: &'static Statement = &tickets::TICKETS_LIVE;
    const UPDATE: &'static Statement = &tickets::TICKET_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let ticket = Self {
            id: row.id(0)?,
            account: row.id(1)?,
            state: known(row, TicketState::from_number(row.number(2)?))?,
            assignee: row.optional_id(3)?,
            created: row.time(4)?,
            changed_at: row.number(5)?,
        };
        Ok(Unvouched { row: ticket, mac: row.bytes(6)? })
    }

    fn is_folded(&self) -> bool {
        self.state == TicketState::Open
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.state.number().into(), self.assignee.into()]
    }
}

/// Writes a new ticket with its sealed subject.
pub(crate) fn insert_ticket(
    turn: &mut LogTurn<'_>,
    row: &TicketRow,
    mac: &[u8; 32],
    subject: Vec<u8>,
) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.account.into(),
        row.state.number().into(),
        row.assignee.into(),
        row.created.into(),
        row.changed_at.into(),
        Value::from(mac),
        subject.into(),
    ];
    turn.insert(&tickets::TICKET_INSERT, row, mac, &values)
}

/// The ticket with this id.
pub(crate) fn ticket(
    db: &mut impl Queries,
    id: TicketId,
) -> Result<Option<Unvouched<TicketRow>>, StoreError> {
    db.one(&tickets::TICKET, &[id.into()], TicketRow::read)
}
