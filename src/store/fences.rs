//! Destroying data keys, and what the keyring says of it afterwards.

use super::{
    Queries, StoreError, Value, clues,
    keyring::{self, KeyTurn, place},
    sql::keys,
};
use crate::{
    base::{Class, Scope},
    retention::MayDestroy,
};

/// What the keyring holds of one class and scope: states and counts, no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct KeyCount {
    /// Generations that still have a key.
    pub(crate) live: u64,
    /// Generations whose key was destroyed.
    pub(crate) destroyed: u64,
    /// Where the fence stands, if there is one.
    pub(crate) fenced_at: Option<u64>,
}

/// A fence where no key ever was names no wrapping key.
const NEVER_WRAPPED: u32 = 0;

/// Destroys every generation of the keys of `scopes` and leaves a fence behind each, also where no key ever was;
/// removes what leads to what they sealed, and the indexes that lead to `forgotten`; the epoch after it. What is destroyed already stays as it is, and
/// a repetition that finds nothing to do leaves the epoch alone.
pub(crate) fn destroy(
    turn: &mut KeyTurn<'_>,
    scopes: &[(Class, Scope)],
    forgotten: Option<&[u8; 16]>,
    at: u64,
    _may: &MayDestroy,
) -> Result<u64, StoreError> {
    let mut changed = 0;
    for (class, scope) in scopes {
        let mut values = place(*class, scope).to_vec();
        values.push(at.into());
        changed += turn.engine().execute(&keys::DATA_KEY_DESTROY, &values)?;
        if count(turn, *class, *scope)?.fenced_at.is_none() {
            values.extend([NEVER_WRAPPED.into(), Value::from(&[0; 32])]);
            turn.change_one(&keys::DATA_KEY_FENCE, &values)?;
            changed += 1;
        }
        changed += clues::forget(turn, *class, *scope)?;
    }
    if let Some(target) = forgotten {
        changed += turn.engine().execute(&keys::INDEX_FORGET, &[Value::from(target)])?;
    }
    if changed > 0 {
        turn.change_one(&keys::EPOCH_NEXT, &[])?;
    }
    keyring::identity(turn.engine()).map(|(_, epoch)| epoch)
}

/// What there is of one class and scope.
pub(crate) fn count(db: &mut impl Queries, class: Class, scope: Scope) -> Result<KeyCount, StoreError> {
    let rows = db.all(&keys::DATA_KEY_STATES, &place(class, &scope), |row| {
        Ok((row.int(0)? == 1, row.number::<u32>(1)?, row.optional_number::<u64>(2)?))
    })?;
    let mut count = KeyCount::default();
    for (live, wrapping_version, fenced_at) in rows {
        count.live += u64::from(live);
        count.destroyed += u64::from(!live && wrapping_version != NEVER_WRAPPED);
        count.fenced_at = count.fenced_at.max(fenced_at);
    }
    Ok(count)
}

/// A fence, wherever it stands.
pub(crate) struct Fence {
    pub(crate) class: Class,
    pub(crate) scope: Scope,
    /// Position of the entry that erased it.
    pub(crate) at: u64,
}

/// Every fence of the keyring.
pub(crate) fn all(db: &mut impl Queries) -> Result<Vec<Fence>, StoreError> {
    db.all(&keys::FENCES, &[], |row| {
        let corrupt = || row.corrupt();
        Ok(Fence {
            class: Class::from_number(row.number(0)?).ok_or_else(corrupt)?,
            scope: Scope::from_parts(row.number(1)?, row.bytes(2)?, row.number(3)?).ok_or_else(corrupt)?,
            at: row.number(4)?,
        })
    })
}

/// How many indexes lead to this account or principal.
pub(crate) fn indexes_of(db: &mut impl Queries, target: &[u8; 16]) -> Result<u64, StoreError> {
    Ok(db.one(&keys::INDEXES_OF, &[Value::from(target)], |row| row.number(0))?.unwrap_or(0))
}
