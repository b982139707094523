//! What was held against fields of accounts, and who was searched for, lately: what the limits on guessing count.

use super::{LogTurn, Queries, Row, Statement, StoreError, sql::people};
use crate::base::{AccountId, EntryNonce, PrincipalId, Time};

/// One answer of somebody, held against a field; or one search, which is about no account.
pub(crate) struct FieldCheck {
    pub(crate) account: AccountId,
    pub(crate) principal: PrincipalId,
    pub(crate) came_to: CameTo,
    pub(crate) at: Time,
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum CameTo {
    /// The field says something else.
    NoMatch = 0,
    /// The field says so.
    Match = 1,
    /// It was a search.
    Search = 2,
}

/// How much of something there was since a time, and since when.
#[derive(Clone, Copy)]
pub(crate) struct Lately {
    pub(crate) count: u64,
    /// When the oldest was; the beginning of time where there is none.
    pub(crate) oldest: Time,
}

/// Writes one down, and forgets those up to `forget`.
pub(crate) fn insert(
    turn: &mut LogTurn<'_>,
    id: EntryNonce,
    check: &FieldCheck,
    forget: Time,
) -> Result<(), StoreError> {
    turn.engine().execute(&people::FIELD_CHECKS_FORGET, &[forget.into()])?;
    let FieldCheck { account, principal, came_to, at } = check;
    let values = [id.into(), (*account).into(), (*principal).into(), (*came_to as u8).into(), (*at).into()];
    turn.engine().execute(&people::FIELD_CHECK_INSERT, &values).map(drop)
}

/// The wrong answers about an account since.
pub(crate) fn wrong_about(
    db: &mut impl Queries,
    account: AccountId,
    since: Time,
) -> Result<Lately, StoreError> {
    lately(db.one(&people::FIELD_CHECKS_WRONG, &[account.into(), since.into()], counted)?)
}

/// The answers that one colleague has held against fields since.
pub(crate) fn of(db: &mut impl Queries, principal: PrincipalId, since: Time) -> Result<Lately, StoreError> {
    by(db, &people::FIELD_CHECKS_OF_ONE, principal, since)
}

/// The searches of one colleague since.
pub(crate) fn searches_of(
    db: &mut impl Queries,
    principal: PrincipalId,
    since: Time,
) -> Result<Lately, StoreError> {
    by(db, &people::SEARCHES_OF_ONE, principal, since)
}

fn by(
    db: &mut impl Queries,
    statement: &'static Statement,
    principal: PrincipalId,
    since: Time,
) -> Result<Lately, StoreError> {
    lately(db.one(statement, &[principal.into(), since.into()], counted)?)
}

fn counted(row: &Row) -> Result<Lately, StoreError> {
    Ok(Lately { count: row.number(0)?, oldest: row.time(1)? })
}

fn lately(found: Option<Lately>) -> Result<Lately, StoreError> {
    Ok(found.unwrap_or(Lately { count: 0, oldest: Time::ZERO }))
}
