//! What somebody may be found by, and need not be alone in: words of names, numbers of invoices, references.
//!
//! A row lies under a data key, that of what it was made from: it is not written where there is no such key, and it goes
//! with it. An address, by which one account is found at most, is `blind_index`'s.

use super::{
    Queries, StoreError, Value,
    keyring::{KeyTurn, index_values, place},
    sql::keys,
};
use crate::{
    base::{Class, Scope},
    keys::BlindIndex,
};

/// What a clue leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClueRow {
    /// The row that the value stands in.
    pub(crate) object: [u8; 16],
    /// Whose it is.
    pub(crate) owner: [u8; 16],
    /// The year, where the class is cut by years.
    pub(crate) period: u32,
}

/// Lets `object` be found by a value that stands in it, under the key of this class and scope. Without that key it is
/// refused, by trigger.
pub(crate) fn insert(
    turn: &mut KeyTurn<'_>,
    index: &BlindIndex,
    object: &[u8; 16],
    class: Class,
    scope: Scope,
) -> Result<(), StoreError> {
    let mut values = index_values(index).to_vec();
    values.push(Value::from(object));
    values.extend(place(class, &scope));
    turn.engine().execute(&keys::CLUE_INSERT, &values).map(drop)
}

/// What a value leads to, `limit` rows at most, by object.
pub(crate) fn all(db: &mut impl Queries, index: &BlindIndex, limit: u32) -> Result<Vec<ClueRow>, StoreError> {
    let mut values = index_values(index).to_vec();
    values.push(limit.into());
    db.all(&keys::CLUES, &values, |row| {
        Ok(ClueRow { object: row.bytes(0)?, owner: row.bytes(1)?, period: row.number(2)? })
    })
}

/// Whether a value leads to `object`.
pub(crate) fn leads_to(
    db: &mut impl Queries,
    index: &BlindIndex,
    object: &[u8; 16],
) -> Result<bool, StoreError> {
    let mut values = index_values(index).to_vec();
    values.push(Value::from(object));
    Ok(db.one(&keys::CLUE, &values, |row| row.number::<u64>(0))? > Some(0))
}

/// How many there are under the key of this class and scope.
pub(crate) fn count(db: &mut impl Queries, class: Class, scope: Scope) -> Result<u64, StoreError> {
    Ok(db.one(&keys::CLUES_OF, &place(class, &scope), |row| row.number(0))?.unwrap_or(0))
}

/// Removes those under the key of this class and scope; how many went.
pub(crate) fn forget(turn: &mut KeyTurn<'_>, class: Class, scope: Scope) -> Result<usize, StoreError> {
    turn.engine().execute(&keys::CLUES_FORGET, &place(class, &scope))
}

/// Up to `limit` of those whom clues lead to, in order, from behind `after` on.
pub(crate) fn owners(
    db: &mut impl Queries,
    after: Option<[u8; 16]>,
    limit: u32,
) -> Result<Vec<[u8; 16]>, StoreError> {
    let after = after.map_or_else(|| Value::Blob(Vec::new()), |after| Value::from(&after));
    db.all(&keys::CLUE_OWNERS, &[after, limit.into()], |row| row.bytes(0))
}

/// Removes every clue that leads to `owner`.
pub(crate) fn forget_owner(turn: &mut KeyTurn<'_>, owner: &[u8; 16]) -> Result<(), StoreError> {
    turn.engine().execute(&keys::CLUES_FORGET_OWNER, &[Value::from(owner)]).map(drop)
}
