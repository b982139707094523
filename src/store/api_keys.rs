//! Keys of customers' programs: rows that confer authority, in the head's sum while they count.

use super::{
    Place, Queries, Row, Slice, Statement, StoreError, Value,
    authority::{AuthorityTable, LogTurn, known},
    sql::api_keys,
};
use crate::{
    access::rows::{ApiKeyRow, ApiKeyState},
    base::{AccountId, ApiKeyId, Time, limits},
    crypto::digest,
    retention::MayDestroy,
    seal::Unvouched,
};

impl AuthorityTable for ApiKeyRow {
    const ALL: &'static Statement = &api_keys::API_KEYS;
    const LIVE: &'static Statement = &api_keys::API_KEYS_LIVE;
    const UPDATE: &'static Statement = &api_keys::API_KEY_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let scopes = row.text(3)?.to_owned();
        let key = Self {
            id: row.id(0)?,
            account: row.id(1)?,
            secret_hash: row.bytes(2)?,
            scopes_digest: digest::sha256(&[scopes.as_bytes()]),
            scopes,
            created: row.time(4)?,
            expires: row.time(5)?,
            state: known(row, ApiKeyState::from_number(row.number(6)?))?,
            changed_at: row.number(7)?,
        };
        Ok(Unvouched { row: key, mac: row.bytes(8)? })
    }

    fn is_folded(&self) -> bool {
        self.state == ApiKeyState::Live
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.state.number().into()]
    }
}

/// A key's row, and the day of its last use.
pub(crate) struct Used {
    pub(crate) stored: Unvouched<ApiKeyRow>,
    pub(crate) day: Option<u32>,
}

fn used(row: &Row) -> Result<Used, StoreError> {
    Ok(Used { stored: ApiKeyRow::read(row)?, day: row.optional_number(9)? })
}

/// Writes a new key.
pub(crate) fn insert(turn: &mut LogTurn<'_>, row: &ApiKeyRow, mac: &[u8; 32]) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.account.into(),
        Value::from(&row.secret_hash),
        row.scopes.as_str().into(),
        row.created.into(),
        row.expires.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&api_keys::API_KEY_INSERT, row, mac, &values)
}

/// The key with this id.
pub(crate) fn find(db: &mut impl Queries, id: ApiKeyId) -> Result<Option<Used>, StoreError> {
    db.one(&api_keys::API_KEY, &[id.into()], used)
}

impl Used {
    /// Where it stands among the keys of its account.
    pub(crate) fn place(&self) -> Place {
        Place { number: self.stored.row.created.as_ms(), id: *self.stored.row.id.as_bytes() }
    }
}

/// A part of the keys of an account, the newest first.
pub(crate) fn of(db: &mut impl Queries, account: AccountId, slice: &Slice) -> Result<Vec<Used>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&api_keys::API_KEYS_OF, &[account.into(), number, id, limit], used)
}

/// How many keys of an account count.
pub(crate) fn open_of(db: &mut impl Queries, account: AccountId, now: Time) -> Result<u64, StoreError> {
    Ok(db.one(&api_keys::API_KEYS_OPEN, &[account.into(), now.into()], |row| row.number(0))?.unwrap_or(0))
}

/// Notes the day on which a key was used.
pub(crate) fn note_use(turn: &mut LogTurn<'_>, id: ApiKeyId, day: u32) -> Result<(), StoreError> {
    turn.engine().execute(&api_keys::API_KEY_USED, &[id.into(), day.into()]).map(drop)
}

/// Removes every key of an account that is erased.
pub(super) fn remove_of(
    turn: &mut LogTurn<'_>,
    account: &Value,
    _may: &MayDestroy,
) -> Result<(), StoreError> {
    loop {
        let slice = Slice { behind: Place::NEWEST, limit: limits::ERASURE_SLICE_ROWS };
        let [number, id, limit] = slice.values();
        let page =
            turn.all(&api_keys::API_KEYS_OF, &[account.clone(), number, id, limit], ApiKeyRow::read)?;
        if page.is_empty() {
            return Ok(());
        }
        for key in page {
            turn.remove(&api_keys::API_KEY_DELETE, &[key.row.id.into()], &key)?;
        }
    }
}
