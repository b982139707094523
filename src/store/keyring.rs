//! The keyring's side of the lane, and its rows.

use std::sync::Arc;

use super::{
    Engine, Queries, Row, StoreError, Value,
    lane::{Book, Turn},
    reserve::Reserve,
    sql::keys,
};
use crate::{
    base::{Class, EntryNonce, RoomId, Scope, Time},
    keys::{BlindIndex, DataKeyRow, DataKeyState, Domain, WrappingKeyRow, WrappingKeyState},
};

/// What the keyring does around each batch: it belongs to the room, and its epoch only grows.
pub(crate) struct KeyBook {
    pub(crate) room: RoomId,
    /// What of the store's disk is kept for customers.
    pub(super) reserve: Arc<Reserve>,
    /// The keyring lies on that disk too.
    pub(super) shares_disk: bool,
}

impl Book for KeyBook {
    type State = u64;

    fn begin(&self, db: &mut dyn Engine) -> Result<u64, StoreError> {
        let (room, epoch) = identity(db)?;
        if room == self.room {
            Ok(epoch)
        } else {
            Err(StoreError::Integrity { what: "the keyring is another room's" })
        }
    }

    fn finish(&self, _: &mut dyn Engine, _: &mut u64) -> Result<(), StoreError> {
        Ok(())
    }

    fn settle(&self, _: &mut dyn Engine, _: &u64) -> Result<(), StoreError> {
        Ok(())
    }

    fn full(&self) {
        if self.shares_disk {
            self.reserve.give_back();
        }
    }

    fn idle(&self) {}
}

/// A caller's place in a keyring batch.
pub(crate) type KeyTurn<'a> = Turn<'a, KeyBook>;

/// The keyring's format: the number that its one row states.
const FORMAT: u32 = 1;

/// Writes a new keyring's own row.
pub(crate) fn initialise(db: &mut impl Queries, room: &RoomId) -> Result<(), StoreError> {
    db.change_one(&keys::KEYRING_INSERT, &[Value::from(*room), FORMAT.into(), 1_u64.into()])
}

/// Whose keyring it is, and its epoch.
pub(crate) fn identity(db: &mut dyn Engine) -> Result<(RoomId, u64), StoreError> {
    let mut found = Err(StoreError::Integrity { what: "the keyring has no row of its own" });
    db.query(&keys::KEYRING, &[], &mut |row| {
        let format: u32 = row.number(1)?;
        found = if format == FORMAT {
            Ok((row.id(0)?, row.number(2)?))
        } else {
            Err(StoreError::Format { room: format, program: FORMAT })
        };
        Ok(())
    })?;
    found
}

/// Writes a wrapping key's row.
pub(crate) fn insert_wrapping_key(
    db: &mut impl Queries,
    row: &WrappingKeyRow,
    now: Time,
) -> Result<(), StoreError> {
    let values = [
        row.domain.number().into(),
        row.version.into(),
        Value::Int(row.state as i64),
        row.wrapped.clone().into(),
        Value::from(&row.check_value),
        now.into(),
    ];
    db.change_one(&keys::WRAPPING_KEY_INSERT, &values)
}

/// Every wrapping key.
pub(crate) fn wrapping_keys(db: &mut impl Queries) -> Result<Vec<WrappingKeyRow>, StoreError> {
    db.all(&keys::WRAPPING_KEYS, &[], |row| {
        Ok(WrappingKeyRow {
            domain: Domain::from_number(row.number(0)?).ok_or_else(|| row.corrupt())?,
            version: row.number(1)?,
            state: WrappingKeyState::from_number(row.int(2)?).ok_or_else(|| row.corrupt())?,
            wrapped: row.optional_blob(3)?.map(<[u8]>::to_vec),
            check_value: row.bytes(4)?,
        })
    })
}

/// Writes a data key's row. A fence or an ended period refuses it, by trigger.
pub(crate) fn insert_data_key(turn: &mut KeyTurn<'_>, row: &DataKeyRow) -> Result<(), StoreError> {
    let DataKeyState::Live { wrapped } = &row.state else {
        return Err(StoreError::Corrupt { statement: keys::DATA_KEY_INSERT.name });
    };
    let values = [
        row.class.number().into(),
        row.scope.kind().into(),
        Value::from(&row.scope.owner()),
        row.scope.period().into(),
        row.generation.into(),
        row.wrapping_version.into(),
        wrapped.clone().into(),
        Value::from(&row.check_value),
    ];
    turn.change_one(&keys::DATA_KEY_INSERT, &values)
}

/// The four columns by which the keyring cuts.
pub(super) fn place(class: Class, scope: &Scope) -> [Value; 4] {
    [class.number().into(), scope.kind().into(), Value::from(&scope.owner()), scope.period().into()]
}

/// The data key of this class and scope: of this generation, or the newest.
pub(crate) fn data_key(
    db: &mut impl Queries,
    class: Class,
    scope: Scope,
    generation: Option<u32>,
) -> Result<Option<DataKeyRow>, StoreError> {
    let mut values = place(class, &scope).to_vec();
    let statement = match generation {
        Some(generation) => {
            values.push(generation.into());
            &keys::DATA_KEY
        }
        None => &keys::DATA_KEY_NEWEST,
    };
    db.one(statement, &values, |row| read_data_key(row, class, scope))
}

fn read_data_key(row: &Row, class: Class, scope: Scope) -> Result<DataKeyRow, StoreError> {
    let state = match (row.optional_blob(2)?, row.optional_number::<u64>(4)?) {
        (Some(wrapped), None) => DataKeyState::Live { wrapped: wrapped.to_vec() },
        (None, Some(at)) => DataKeyState::Fenced { at },
        _ => return Err(row.corrupt()),
    };
    Ok(DataKeyRow {
        class,
        scope,
        generation: row.number(0)?,
        wrapping_version: row.number(1)?,
        check_value: row.bytes(3)?,
        state,
    })
}

/// The version below which this owner's row of this class was put back.
pub(crate) fn version_floor(
    db: &mut impl Queries,
    class: Class,
    owner: &[u8; 16],
) -> Result<u64, StoreError> {
    let values = [class.number().into(), Value::from(owner)];
    Ok(db.one(&keys::VERSION_FLOOR, &values, |row| row.number(0))?.unwrap_or(0))
}

/// Raises the floor; a lower one than the stored changes nothing.
pub(crate) fn raise_version_floor(
    turn: &mut KeyTurn<'_>,
    class: Class,
    owner: &[u8; 16],
    version: u64,
) -> Result<(), StoreError> {
    let values = [class.number().into(), Value::from(owner), version.into()];
    turn.engine().execute(&keys::VERSION_FLOOR_RAISE, &values).map(drop)
}

/// Whom a looked-up value leads to.
#[derive(Clone, Copy)]
pub(crate) struct IndexRow {
    pub(crate) target: [u8; 16],
    pub(crate) live: bool,
    /// What the target's row repeats: a pending row whose target never came is nobody's.
    pub(crate) nonce: EntryNonce,
}

pub(super) fn index_values(index: &BlindIndex) -> [Value; 3] {
    [index.field.number().into(), index.key_version.into(), Value::from(&index.mac)]
}

/// The row of this index.
pub(crate) fn index(db: &mut impl Queries, index: &BlindIndex) -> Result<Option<IndexRow>, StoreError> {
    db.one(&keys::INDEX, &index_values(index), |row| {
        Ok(IndexRow { target: row.bytes(0)?, live: row.int(1)? == 2, nonce: row.id(2)? })
    })
}

/// Whom the claims name that are not live.
pub(crate) fn claims(db: &mut impl Queries) -> Result<Vec<[u8; 16]>, StoreError> {
    db.all(&keys::INDEX_CLAIMS, &[], |row| row.bytes(0))
}

/// Claims this index for a target that does not exist yet.
pub(crate) fn insert_pending_index(
    turn: &mut KeyTurn<'_>,
    index: &BlindIndex,
    target: &[u8; 16],
    nonce: EntryNonce,
) -> Result<(), StoreError> {
    let mut values = index_values(index).to_vec();
    values.extend([Value::from(target), nonce.into()]);
    turn.change_one(&keys::INDEX_INSERT, &values)
}

/// Pending to live, if the claim is still this one's. `false` if another won.
pub(crate) fn make_index_live(
    turn: &mut KeyTurn<'_>,
    index: &BlindIndex,
    nonce: EntryNonce,
) -> Result<bool, StoreError> {
    let mut values = index_values(index).to_vec();
    values.push(nonce.into());
    Ok(turn.engine().execute(&keys::INDEX_GO_LIVE, &values)? == 1)
}

/// Forgets the data keys of a registration that nobody confirmed.
pub(crate) fn forget_data_keys(turn: &mut KeyTurn<'_>, of: crate::base::AccountId) -> Result<(), StoreError> {
    turn.engine().execute(&keys::DATA_KEY_FORGET, &[of.into()]).map(drop)
}

/// The indexes and claims of addresses that lead to an account.
pub(crate) fn indexes_to(db: &mut impl Queries, target: &[u8; 16]) -> Result<Vec<EntryNonce>, StoreError> {
    db.all(&keys::INDEXES_TO, &[Value::from(target)], |row| row.id(0))
}

/// Removes the index of an address that an account has no more.
pub(crate) fn forget_index(
    turn: &mut KeyTurn<'_>,
    target: &[u8; 16],
    nonce: EntryNonce,
) -> Result<(), StoreError> {
    turn.engine().execute(&keys::INDEX_FORGET_ONE, &[Value::from(target), nonce.into()]).map(drop)
}

/// Removes a claim whose target never came, or has moved on.
pub(crate) fn abandon_index(
    turn: &mut KeyTurn<'_>,
    index: &BlindIndex,
    nonce: EntryNonce,
) -> Result<(), StoreError> {
    let mut values = index_values(index).to_vec();
    values.push(nonce.into());
    turn.engine().execute(&keys::INDEX_ABANDON, &values).map(drop)
}
