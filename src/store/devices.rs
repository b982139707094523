//! Devices that customers log in with. Rows are not vouched for: they give no right, and a digest that counts cannot be
//! made without the room's key. Who edits them with SQL makes a device unknown, or one known again that was forgotten.

use super::{Queries, StoreError, Value, authority::LogTurn, outbox, sql::devices};
use crate::{
    base::{AccountId, Time, limits},
    retention::MayDestroy,
};

/// Whether the room has the table: the step that brought the outbox brought it too.
pub(crate) fn is_there(db: &mut impl Queries) -> Result<bool, StoreError> {
    outbox::is_there(db)
}

/// Whether this is a device that the account is known to be used with at `now`.
pub(crate) fn is_known(
    db: &mut impl Queries,
    account: AccountId,
    digest: &[u8; 32],
    now: Time,
) -> Result<bool, StoreError> {
    let values = [Value::from(digest), account.into(), since(now).into()];
    Ok(db.one(&devices::DEVICE, &values, |row| row.number::<u32>(0))?.is_some())
}

/// Notes the day on which a device was used.
pub(crate) fn note_use(turn: &mut LogTurn<'_>, digest: &[u8; 32]) -> Result<(), StoreError> {
    let day = turn.time().day();
    turn.engine().execute(&devices::DEVICE_USED, &[Value::from(digest), day.into()]).map(drop)
}

/// Has a device known from now on. Of an account's devices those stay that were used last, as many as there may be.
pub(crate) fn insert(
    turn: &mut LogTurn<'_>,
    account: AccountId,
    digest: &[u8; 32],
) -> Result<(), StoreError> {
    let now = turn.time();
    let kept = [account.into(), since(now).into(), (limits::DEVICES_MAX - 1).into()];
    turn.engine().execute(&devices::DEVICES_OVER_DELETE, &kept)?;
    let values = [Value::from(digest), account.into(), now.into(), now.day().into()];
    turn.change_one(&devices::DEVICE_INSERT, &values)
}

/// Forgets every device of an account, but this one.
pub(crate) fn forget(
    turn: &mut LogTurn<'_>,
    account: AccountId,
    but: Option<&[u8; 32]>,
) -> Result<(), StoreError> {
    if !is_there(turn)? {
        return Ok(());
    }
    let forgotten = match but {
        Some(digest) => {
            turn.engine().execute(&devices::DEVICES_OTHER_DELETE, &[account.into(), Value::from(digest)])
        }
        None => turn.engine().execute(&devices::DEVICES_DELETE, &[account.into()]),
    };
    forgotten.map(drop)
}

/// Removes every device of an account that is erased.
pub(super) fn remove_of(
    turn: &mut LogTurn<'_>,
    account: &Value,
    _may: &MayDestroy,
) -> Result<(), StoreError> {
    if is_there(turn)? {
        turn.engine().execute(&devices::DEVICES_DELETE, std::slice::from_ref(account))?;
    }
    Ok(())
}

/// How many devices an account has.
pub(super) fn count_of(db: &mut impl Queries, account: &Value) -> Result<u64, StoreError> {
    if !is_there(db)? {
        return Ok(0);
    }
    let count = db.one(&devices::DEVICES_COUNT, std::slice::from_ref(account), |row| row.number(0))?;
    Ok(count.unwrap_or(0))
}

/// The day on which a device must have been used, or later, to be known.
fn since(now: Time) -> u32 {
    now.day().saturating_sub(limits::DEVICE_DAYS)
}
