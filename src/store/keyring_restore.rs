//! What a restore does to the keyring, so that it fits the store that it is beside now.

use super::{Queries, StoreError, Value, keyring::KeyTurn, sql::keys};
use crate::base::Class;

/// Raises the epoch; a larger one stays.
pub(crate) fn raise_epoch(turn: &mut KeyTurn<'_>, epoch: u64) -> Result<(), StoreError> {
    turn.engine().execute(&keys::EPOCH_RAISE, &[epoch.into()]).map(drop)
}

/// A version below which an owner's row of a class does not open.
#[derive(Clone, Copy)]
pub(crate) struct Floor {
    pub(crate) class: Class,
    pub(crate) owner: [u8; 16],
    pub(crate) version: u64,
}

/// Up to `limit` floors, in the order of owner and class, from behind `after` on.
pub(crate) fn floors(
    db: &mut impl Queries,
    after: Option<Floor>,
    limit: u32,
) -> Result<Vec<Floor>, StoreError> {
    let (owner, class) = match after {
        Some(floor) => (Value::from(&floor.owner), floor.class.number()),
        None => (Value::Blob(Vec::new()), 0),
    };
    db.all(&keys::VERSION_FLOORS, &[owner, class.into(), limit.into()], |row| {
        let class = Class::from_number(row.number(0)?).ok_or_else(|| row.corrupt())?;
        Ok(Floor { class, owner: row.bytes(1)?, version: row.number(2)? })
    })
}

/// Lowers a floor to `version`, where the restored row is.
pub(crate) fn lower_floor(turn: &mut KeyTurn<'_>, floor: &Floor, version: u64) -> Result<(), StoreError> {
    let values = [floor.class.number().into(), Value::from(&floor.owner), version.into()];
    turn.engine().execute(&keys::VERSION_FLOOR_LOWER, &values).map(drop)
}

/// Up to `limit` of those whom indexes lead to, in order, from behind `after` on.
pub(crate) fn index_targets(
    db: &mut impl Queries,
    after: Option<[u8; 16]>,
    limit: u32,
) -> Result<Vec<[u8; 16]>, StoreError> {
    let after = after.map_or_else(|| Value::Blob(Vec::new()), |after| Value::from(&after));
    db.all(&keys::INDEX_TARGETS, &[after, limit.into()], |row| row.bytes(0))
}

/// Removes every index that leads to `target`.
pub(crate) fn forget_indexes(turn: &mut KeyTurn<'_>, target: &[u8; 16]) -> Result<(), StoreError> {
    turn.engine().execute(&keys::INDEX_FORGET, &[Value::from(target)]).map(drop)
}
