//! What was held against fields of accounts lately: what the limits on guessing count.

use super::{LogTurn, Queries, StoreError, sql::people};
use crate::base::{AccountId, EntryNonce, PrincipalId, Time};

/// One answer of somebody, held against a field.
pub(crate) struct FieldCheck {
    pub(crate) account: AccountId,
    pub(crate) principal: PrincipalId,
    pub(crate) matched: bool,
    pub(crate) at: Time,
}

/// Writes one down, and forgets those up to `forget`.
pub(crate) fn insert(
    turn: &mut LogTurn<'_>,
    id: EntryNonce,
    check: &FieldCheck,
    forget: Time,
) -> Result<(), StoreError> {
    turn.engine().execute(&people::FIELD_CHECKS_FORGET, &[forget.into()])?;
    let FieldCheck { account, principal, matched, at } = check;
    let values = [id.into(), (*account).into(), (*principal).into(), u8::from(*matched).into(), (*at).into()];
    turn.engine().execute(&people::FIELD_CHECK_INSERT, &values).map(drop)
}

/// How many wrong answers about an account came since.
pub(crate) fn wrong_about(db: &mut impl Queries, account: AccountId, since: Time) -> Result<u64, StoreError> {
    let count = db.one(&people::FIELD_CHECKS_WRONG, &[account.into(), since.into()], |row| row.number(0))?;
    Ok(count.unwrap_or(0))
}

/// How many answers one colleague has held against fields since.
pub(crate) fn of(db: &mut impl Queries, principal: PrincipalId, since: Time) -> Result<u64, StoreError> {
    let count =
        db.one(&people::FIELD_CHECKS_OF_ONE, &[principal.into(), since.into()], |row| row.number(0))?;
    Ok(count.unwrap_or(0))
}
