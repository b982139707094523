//! Accounts, credentials, customers' activity.

use super::{Place, Queries, Row, Slice, StoreError, Value, authority::LogTurn, sql::accounts};
use crate::{
    access::SuspensionReason,
    audit::Life,
    base::{AccountId, AccountState, EntryNonce, Scope, Time},
};

/// A row of `account`.
pub(crate) struct AccountRow {
    pub(crate) id: AccountId,
    pub(crate) state: AccountState,
    pub(crate) created: Time,
    pub(crate) closed: Option<Time>,
    /// What the blind index's row repeats.
    pub(crate) index_nonce: EntryNonce,
    /// Version of the address; the keyring holds its floor.
    pub(crate) email_version: u64,
    pub(crate) email: Vec<u8>,
    pub(crate) name: Option<Vec<u8>>,
    /// Why and until when it is, or was, suspended.
    pub(crate) suspended: Option<(SuspensionReason, Time)>,
}

/// Writes a new account.
pub(crate) fn insert(turn: &mut LogTurn<'_>, row: &AccountRow) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        Value::Int(row.state as i64),
        row.created.into(),
        row.index_nonce.into(),
        row.email_version.into(),
        row.email.clone().into(),
        row.name.clone().into(),
    ];
    turn.change_one(&accounts::ACCOUNT_INSERT, &values)
}

/// The account with this id.
pub(crate) fn find(db: &mut impl Queries, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
    db.one(&accounts::ACCOUNT, &[id.into()], |row| {
        Ok(AccountRow {
            id: row.id(0)?,
            state: AccountState::from_number(row.int(1)?).ok_or_else(|| row.corrupt())?,
            created: row.time(2)?,
            closed: row.optional_time(3)?,
            index_nonce: row.id(4)?,
            email_version: row.number(5)?,
            email: row.blob(6)?.to_vec(),
            name: row.optional_blob(7)?.map(<[u8]>::to_vec),
            suspended: suspended(row, 8, 9)?,
        })
    })
}

/// How far an account's life has come, and the nonce of the index row that leads to it.
pub(crate) fn standing(
    db: &mut impl Queries,
    id: AccountId,
) -> Result<Option<(AccountState, EntryNonce)>, StoreError> {
    db.one(&accounts::ACCOUNT_STANDING, &[id.into()], |row| {
        Ok((AccountState::from_number(row.int(0)?).ok_or_else(|| row.corrupt())?, row.id(1)?))
    })
}

/// How far an account's life has come; `None` if there is no such account.
pub(crate) fn state(db: &mut impl Queries, id: AccountId) -> Result<Option<AccountState>, StoreError> {
    db.one(&accounts::ACCOUNT_STATE, &[id.into()], |row| {
        AccountState::from_number(row.int(0)?).ok_or_else(|| row.corrupt())
    })
}

/// Closes an account that is in use.
pub(crate) fn close(turn: &mut LogTurn<'_>, id: AccountId) -> Result<(), StoreError> {
    let closed = turn.time();
    turn.change_one(&accounts::ACCOUNT_CLOSE, &[id.into(), closed.into()])
}

/// Why and until when an account is suspended; `None` if it is not, and never was.
pub(crate) fn suspension(
    db: &mut impl Queries,
    id: AccountId,
) -> Result<Option<(SuspensionReason, Time)>, StoreError> {
    let found = db.one(&accounts::ACCOUNT_SUSPENSION, &[id.into()], |row| suspended(row, 0, 1))?;
    Ok(found.flatten())
}

fn suspended(row: &Row, reason: usize, until: usize) -> Result<Option<(SuspensionReason, Time)>, StoreError> {
    let Some(until) = row.optional_time(until)? else { return Ok(None) };
    let reason = row.optional_number(reason)?.and_then(SuspensionReason::from_number);
    Ok(Some((reason.ok_or_else(|| row.corrupt())?, until)))
}

/// The accounts that are not simply in use.
pub(crate) fn lives(db: &mut impl Queries) -> Result<Vec<Life>, StoreError> {
    db.all(&accounts::ACCOUNT_LIVES, &[], |row| {
        Ok(Life {
            id: row.id(0)?,
            state: AccountState::from_number(row.int(1)?).ok_or_else(|| row.corrupt())?,
            closed: row.optional_time(2)?,
            suspended: suspended(row, 3, 4)?,
        })
    })
}

/// Suspends an account that is in use, or ends that.
pub(crate) fn suspend(
    turn: &mut LogTurn<'_>,
    id: AccountId,
    suspended: Option<(SuspensionReason, Time)>,
) -> Result<(), StoreError> {
    let (reason, until) = suspended.unzip();
    let reason = reason.map(SuspensionReason::number);
    turn.change_one(&accounts::ACCOUNT_SUSPEND, &[id.into(), reason.into(), until.into()])
}

/// Gives an account that is in use another name.
pub(crate) fn rename(turn: &mut LogTurn<'_>, id: AccountId, name: Option<Vec<u8>>) -> Result<(), StoreError> {
    turn.change_one(&accounts::ACCOUNT_RENAME, &[id.into(), name.into()])
}

/// An account's address as its row has it.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) sealed: Vec<u8>,
    pub(crate) version: u64,
    pub(crate) nonce: EntryNonce,
}

/// Replaces the address of an account that is in use; `false` if another change came first.
pub(crate) fn readdress(
    turn: &mut LogTurn<'_>,
    id: AccountId,
    from: &Address,
    to: &Address,
) -> Result<bool, StoreError> {
    let values = [
        id.into(),
        to.sealed.clone().into(),
        to.version.into(),
        to.nonce.into(),
        from.version.into(),
        from.nonce.into(),
    ];
    Ok(turn.engine().execute(&accounts::ACCOUNT_READDRESS, &values)? == 1)
}

/// How many accounts there are.
pub(crate) fn count(db: &mut impl Queries) -> Result<u64, StoreError> {
    Ok(db.one(&accounts::ACCOUNT_COUNT, &[], |row| row.number(0))?.unwrap_or(0))
}

/// A row of `credential`.
pub(crate) struct CredentialRow {
    pub(crate) owner: Scope,
    /// Grows with each change: the token of the compare-and-swap, and part of the associated data.
    pub(crate) version: u64,
    /// Scheme and cost, for reports.
    pub(crate) scheme: String,
    pub(crate) record: Vec<u8>,
}

/// Writes a new credential.
pub(crate) fn insert_credential(turn: &mut LogTurn<'_>, row: &CredentialRow) -> Result<(), StoreError> {
    let changed = turn.time();
    let values = [
        row.owner.kind().into(),
        Value::from(&row.owner.owner()),
        row.version.into(),
        row.scheme.as_str().into(),
        changed.into(),
        row.record.clone().into(),
    ];
    turn.change_one(&accounts::CREDENTIAL_INSERT, &values)
}

/// The credential of an account or a principal.
pub(crate) fn credential(db: &mut impl Queries, owner: Scope) -> Result<Option<CredentialRow>, StoreError> {
    db.one(&accounts::CREDENTIAL, &[owner.kind().into(), Value::from(&owner.owner())], |row| {
        Ok(CredentialRow {
            owner,
            version: row.number(0)?,
            scheme: row.text(1)?.to_owned(),
            record: row.blob(2)?.to_vec(),
        })
    })
}

/// Takes a credential away; its version, if there was one.
pub(crate) fn remove_credential(turn: &mut LogTurn<'_>, owner: Scope) -> Result<Option<u64>, StoreError> {
    let version = credential(turn, owner)?.map(|row| row.version);
    turn.engine()
        .execute(&accounts::CREDENTIAL_DELETE, &[owner.kind().into(), Value::from(&owner.owner())])?;
    Ok(version)
}

/// Replaces the credential if it is still at version `from`; `false` if another change came first.
pub(crate) fn swap_credential(
    turn: &mut LogTurn<'_>,
    from: u64,
    to: &CredentialRow,
) -> Result<bool, StoreError> {
    let changed = turn.time();
    let values = [
        to.owner.kind().into(),
        Value::from(&to.owner.owner()),
        from.into(),
        to.version.into(),
        to.scheme.as_str().into(),
        changed.into(),
        to.record.clone().into(),
    ];
    Ok(turn.engine().execute(&accounts::CREDENTIAL_SWAP, &values)? == 1)
}

/// What a customer did. The numbers stand in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityEvent {
    /// Logged in.
    Login = 1,
    /// Tried to log in with a wrong password.
    LoginFailed = 2,
    /// Read his own data.
    Read = 3,
    /// Opened his own attachment.
    AttachmentOpened = 4,
    /// Logged out.
    Logout = 5,
    /// Logged in while the log was stopped after a failure.
    LoginStopped = 6,
    /// Asked for a registration to be confirmed, or for a new password.
    CodeAsked = 7,
    /// Tried a code or a link that did nothing.
    CodeRefused = 8,
    /// Ended another of his sessions.
    SessionEnded = 9,
    /// Logged in with the right password, and was told that the account is suspended.
    LoginSuspended = 10,
}

impl ActivityEvent {
    /// Its name, as spans tell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::Read => "read",
            Self::AttachmentOpened => "attachment_opened",
            Self::Logout => "logout",
            Self::LoginStopped => "login_stopped",
            Self::CodeAsked => "code_asked",
            Self::CodeRefused => "code_refused",
            Self::SessionEnded => "session_ended",
            Self::LoginSuspended => "login_suspended",
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        let all = [
            Self::Login,
            Self::LoginFailed,
            Self::Read,
            Self::AttachmentOpened,
            Self::Logout,
            Self::LoginStopped,
            Self::CodeAsked,
            Self::CodeRefused,
            Self::SessionEnded,
            Self::LoginSuspended,
        ];
        all.into_iter().find(|event| *event as i64 == number)
    }
}

/// A row of `activity`.
pub(crate) struct ActivityRow {
    pub(crate) id: EntryNonce,
    pub(crate) account: AccountId,
    pub(crate) at: Time,
    pub(crate) event: ActivityEvent,
    pub(crate) detail: Vec<u8>,
}

/// Writes an activity record.
pub(crate) fn insert_activity(turn: &mut LogTurn<'_>, row: &ActivityRow) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.account.into(),
        row.at.day().into(),
        row.at.into(),
        Value::Int(row.event as i64),
        row.detail.clone().into(),
    ];
    turn.change_one(&accounts::ACTIVITY_INSERT, &values)
}

/// A part of the activity of an account, newest first.
pub(crate) fn activity_of(
    db: &mut impl Queries,
    account: AccountId,
    slice: &Slice,
) -> Result<Vec<(Place, Time, ActivityEvent)>, StoreError> {
    let read = |row: &Row| {
        let at = row.time(1)?;
        let place = Place { number: at.as_ms(), id: row.bytes(0)? };
        Ok((place, at, ActivityEvent::from_number(row.int(2)?).ok_or_else(|| row.corrupt())?))
    };
    let [number, id, limit] = slice.values();
    db.all(&accounts::ACTIVITY_OF, &[account.into(), number, id, limit], read)
}
