//! Approvals and waivers, read unvouched and written with their MAC.

use super::{
    AuthorityTable, Queries, Row, Statement, StoreError, Value,
    authority::{LogTurn, known},
    sql::approvals,
};
use crate::{
    access::{
        Action, Role,
        rows::{ApprovalRow, ApprovalState, Waivable, WaiverRow, WaiverState},
    },
    base::{ApprovalId, PrincipalId, WaiverId},
    seal::Unvouched,
};

impl AuthorityTable for ApprovalRow {
    const ALL: &'static Statement = &approvals::APPROVALS;
    const LIVE: &'static Statement = &approvals::APPROVALS_LIVE;
    const UPDATE: &'static Statement = &approvals::APPROVAL_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let role = match row.number::<u8>(3)? {
            0 => None,
            number => Some(known(row, Role::from_number(number))?),
        };
        let approval = Self {
            id: row.id(0)?,
            requester: row.id(1)?,
            action: known(row, Action::from_number(row.number(2)?))?,
            role,
            beneficiary: row.optional_id(4)?,
            subject: row.optional_id(5)?,
            request: row.bytes(6)?,
            created: row.time(7)?,
            expires: row.time(8)?,
            first: row.optional_id(9)?,
            second: row.optional_id(10)?,
            state: known(row, ApprovalState::from_number(row.number(11)?))?,
            changed_at: row.number(12)?,
        };
        Ok(Unvouched { row: approval, mac: row.bytes(13)? })
    }

    fn is_folded(&self) -> bool {
        self.state.is_open()
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.first.into(), self.second.into(), self.state.number().into()]
    }
}

/// Writes a new approval, with the text of its request.
pub(crate) fn insert(
    turn: &mut LogTurn<'_>,
    row: &ApprovalRow,
    mac: &[u8; 32],
    text: &str,
) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.requester.into(),
        row.action.number().into(),
        row.role.map_or(0, Role::number).into(),
        row.beneficiary.into(),
        row.subject.into(),
        Value::from(&row.request),
        row.created.into(),
        row.expires.into(),
        row.first.into(),
        row.second.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
        text.as_bytes().to_vec().into(),
    ];
    turn.insert(&approvals::APPROVAL_INSERT, row, mac, &values)
}

/// The approval with this id.
pub(crate) fn find(
    db: &mut impl Queries,
    id: ApprovalId,
) -> Result<Option<Unvouched<ApprovalRow>>, StoreError> {
    db.one(&approvals::APPROVAL, &[id.into()], ApprovalRow::read)
}

/// What the request says, as it stands beside the approval.
pub(crate) fn text(db: &mut impl Queries, id: ApprovalId) -> Result<Option<Vec<u8>>, StoreError> {
    db.one(&approvals::APPROVAL_TEXT, &[id.into()], |row| Ok(row.blob(0)?.to_vec()))
}

/// The open ones that this principal asked for, oldest first.
pub(crate) fn open_of(
    db: &mut impl Queries,
    requester: PrincipalId,
) -> Result<Vec<Unvouched<ApprovalRow>>, StoreError> {
    db.all(&approvals::APPROVALS_OPEN_OF, &[requester.into()], ApprovalRow::read)
}

/// The open ones.
pub(crate) fn open(db: &mut impl Queries) -> Result<Vec<Unvouched<ApprovalRow>>, StoreError> {
    db.all(&approvals::APPROVALS_LIVE, &[], ApprovalRow::read)
}

/// Those of this action that were carried out, the newest first.
pub(crate) fn done(db: &mut impl Queries, action: Action) -> Result<Vec<Unvouched<ApprovalRow>>, StoreError> {
    db.all(&approvals::APPROVALS_DONE, &[action.number().into()], ApprovalRow::read)
}

impl AuthorityTable for WaiverRow {
    const ALL: &'static Statement = &approvals::WAIVERS;
    const LIVE: &'static Statement = &approvals::WAIVERS_LIVE;
    const UPDATE: &'static Statement = &approvals::WAIVER_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let waiver = Self {
            id: row.id(0)?,
            rule: known(row, Waivable::from_number(row.number(1)?))?,
            given_by: row.optional_id(2)?,
            created: row.time(3)?,
            expires: row.time(4)?,
            state: known(row, WaiverState::from_number(row.number(5)?))?,
            changed_at: row.number(6)?,
        };
        Ok(Unvouched { row: waiver, mac: row.bytes(7)? })
    }

    fn is_folded(&self) -> bool {
        self.state == WaiverState::Live
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.state.number().into()]
    }
}

/// Writes a new waiver.
pub(crate) fn insert_waiver(
    turn: &mut LogTurn<'_>,
    row: &WaiverRow,
    mac: &[u8; 32],
) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.rule.number().into(),
        row.given_by.into(),
        row.created.into(),
        row.expires.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&approvals::WAIVER_INSERT, row, mac, &values)
}

/// The waiver with this id.
pub(crate) fn waiver(
    db: &mut impl Queries,
    id: WaiverId,
) -> Result<Option<Unvouched<WaiverRow>>, StoreError> {
    db.one(&approvals::WAIVER, &[id.into()], WaiverRow::read)
}

/// Those that nobody has ended.
pub(crate) fn waivers(db: &mut impl Queries) -> Result<Vec<Unvouched<WaiverRow>>, StoreError> {
    db.all(&approvals::WAIVERS_LIVE, &[], WaiverRow::read)
}
