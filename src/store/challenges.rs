//! Registrations on their way, and the codes that customers are sent. They change without an entry and stand in no sum,
//! as customers' sessions do; each code's row still carries its MAC.

use super::{
    Queries, Row, StoreError, Value,
    authority::{LogTurn, known},
    sql::challenges,
};
use crate::{
    access::rows::{ChallengeRow, ChallengeState, Topic},
    base::{AccountId, ChallengeId, Time, limits},
    retention::MayDestroy,
    seal::Unvouched,
};

/// A registration whose address nobody has confirmed. What is sealed is sealed as it will stand in `account` and
/// `credential`.
pub(crate) struct SignUpRow {
    pub(crate) id: AccountId,
    pub(crate) expires: Time,
    pub(crate) cards_masked: u64,
    pub(crate) email: Vec<u8>,
    pub(crate) name: Option<Vec<u8>>,
    /// Scheme and sealed record; nothing as long as somebody who was invited has not chosen a password.
    pub(crate) record: Option<(String, Vec<u8>)>,
}

/// Writes a registration.
pub(crate) fn insert_sign_up(turn: &mut LogTurn<'_>, row: &SignUpRow) -> Result<(), StoreError> {
    let (scheme, record) = row.record.clone().unzip();
    let values = [
        row.id.into(),
        row.expires.into(),
        row.cards_masked.into(),
        row.email.clone().into(),
        row.name.clone().into(),
        scheme.as_deref().into(),
        record.into(),
    ];
    turn.change_one(&challenges::SIGNUP_INSERT, &values)
}

/// The registration with this id.
pub(crate) fn sign_up(db: &mut impl Queries, id: AccountId) -> Result<Option<SignUpRow>, StoreError> {
    db.one(&challenges::SIGNUP, &[id.into()], |row| {
        let record = match row.optional_blob(6)? {
            Some(record) => Some((row.text(5)?.to_owned(), record.to_vec())),
            None => None,
        };
        Ok(SignUpRow {
            id: row.id(0)?,
            expires: row.time(1)?,
            cards_masked: row.number(2)?,
            email: row.blob(3)?.to_vec(),
            name: row.optional_blob(4)?.map(<[u8]>::to_vec),
            record,
        })
    })
}

/// Removes a registration; `false` if it is gone.
pub(crate) fn remove_sign_up(turn: &mut LogTurn<'_>, id: AccountId) -> Result<bool, StoreError> {
    Ok(turn.engine().execute(&challenges::SIGNUP_DELETE, &[id.into()])? == 1)
}

/// Leaves a registration in the place of one that is to come no more, or of none: without an address, and swept in its
/// time as any other, with the keys that were made for it.
pub(crate) fn withdraw_sign_up(turn: &mut LogTurn<'_>, id: AccountId) -> Result<(), StoreError> {
    remove_of(turn, id)?;
    remove_sign_up(turn, id)?;
    let expires = turn.time().plus(limits::UNVERIFIED_LIFETIME);
    let row = SignUpRow { id, expires, cards_masked: 0, email: Vec::new(), name: None, record: None };
    insert_sign_up(turn, &row)
}

/// Whether a registration is to come no more.
pub(crate) fn is_withdrawn(db: &mut impl Queries, id: AccountId) -> Result<bool, StoreError> {
    Ok(sign_up(db, id)?.is_some_and(|row| row.email.is_empty()))
}

/// Up to `limit` registrations that have run out.
pub(crate) fn sign_ups_over(
    db: &mut impl Queries,
    now: Time,
    limit: u32,
) -> Result<Vec<AccountId>, StoreError> {
    db.all(&challenges::SIGNUPS_OVER, &[now.into(), limit.into()], |row| row.id(0))
}

/// How many registrations there are, beside the accounts, and how many of them have run out.
pub(crate) fn sign_ups(db: &mut impl Queries, now: Time) -> Result<(u64, u64), StoreError> {
    let counts = db.one(&challenges::SIGNUPS_COUNT, &[now.into()], |row| {
        Ok((row.number::<u64>(0)? + row.number::<u64>(1)?, row.number(2)?))
    })?;
    Ok(counts.unwrap_or((0, 0)))
}

/// Removes a registration that nobody has confirmed in time, and its codes; `false` if it is gone, or has more time.
pub(crate) fn expire_sign_up(
    turn: &mut LogTurn<'_>,
    id: AccountId,
    may: &MayDestroy,
) -> Result<bool, StoreError> {
    let is_over = turn.engine().execute(&challenges::SIGNUP_EXPIRE, &[id.into(), may.at().into()])? == 1;
    if is_over {
        remove_of(turn, id)?;
    }
    Ok(is_over)
}

fn read(row: &Row) -> Result<Unvouched<ChallengeRow>, StoreError> {
    let challenge = ChallengeRow {
        id: row.id(0)?,
        topic: known(row, Topic::from_number(row.number(1)?))?,
        account: row.id(2)?,
        created: row.time(3)?,
        expires: row.time(4)?,
        tries: row.number(5)?,
        state: known(row, ChallengeState::from_number(row.number(6)?))?,
        changed_at: row.number(7)?,
    };
    Ok(Unvouched { row: challenge, mac: row.bytes(8)? })
}

/// Writes a code's row, with the new address that it is about.
pub(crate) fn insert(
    turn: &mut LogTurn<'_>,
    row: &ChallengeRow,
    mac: &[u8; 32],
    address: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.topic.number().into(),
        row.account.into(),
        row.created.into(),
        row.expires.into(),
        row.tries.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
        address.into(),
    ];
    turn.change_one(&challenges::CHALLENGE_INSERT, &values)
}

/// Writes what of a code's row may change.
pub(crate) fn update(turn: &mut LogTurn<'_>, row: &ChallengeRow, mac: &[u8; 32]) -> Result<(), StoreError> {
    let values =
        [row.id.into(), row.tries.into(), row.state.number().into(), row.changed_at.into(), Value::from(mac)];
    turn.change_one(&challenges::CHALLENGE_UPDATE, &values)
}

/// The code's row with this id.
pub(crate) fn find(
    db: &mut impl Queries,
    id: ChallengeId,
) -> Result<Option<Unvouched<ChallengeRow>>, StoreError> {
    db.one(&challenges::CHALLENGE, &[id.into()], read)
}

/// The new address that a code is about, sealed.
pub(crate) fn address(db: &mut impl Queries, id: ChallengeId) -> Result<Option<Vec<u8>>, StoreError> {
    let found = db.one(&challenges::CHALLENGE_ADDRESS, &[id.into()], |row| {
        Ok(row.optional_blob(0)?.map(<[u8]>::to_vec))
    })?;
    Ok(found.flatten())
}

/// How many codes of an account can still be used.
pub(crate) fn open_of(db: &mut impl Queries, account: AccountId, now: Time) -> Result<u64, StoreError> {
    let values = [account.into(), now.into()];
    Ok(db.one(&challenges::CHALLENGES_OPEN, &values, |row| row.number(0))?.unwrap_or(0))
}

/// Removes every code of an account: what it was sent before counts no more.
pub(crate) fn remove_of(turn: &mut LogTurn<'_>, account: AccountId) -> Result<(), StoreError> {
    turn.engine().execute(&challenges::CHALLENGES_OF_DELETE, &[account.into()]).map(drop)
}

/// Removes every code of an account that is for this.
pub(crate) fn remove_of_topic(
    turn: &mut LogTurn<'_>,
    account: AccountId,
    topic: Topic,
) -> Result<(), StoreError> {
    let values = [account.into(), topic.number().into()];
    turn.engine().execute(&challenges::CHALLENGES_OF_TOPIC_DELETE, &values).map(drop)
}

/// Whether a code has run out.
pub(crate) fn any_over(db: &mut impl Queries, now: Time) -> Result<bool, StoreError> {
    Ok(db.one(&challenges::CHALLENGES_OVER, &[now.into()], |_| Ok(()))?.is_some())
}

/// Removes up to a sweep's worth of codes that have run out; how many went.
pub(crate) fn remove_over(turn: &mut LogTurn<'_>, may: &MayDestroy) -> Result<usize, StoreError> {
    let values = [may.at().into(), limits::SWEEP_ROWS.into()];
    turn.engine().execute(&challenges::CHALLENGES_OVER_DELETE, &values)
}

/// Removes every code: after a restore those that were used since the backup would be back.
pub(crate) fn remove_all(turn: &mut LogTurn<'_>) -> Result<(), StoreError> {
    turn.engine().execute(&challenges::CHALLENGES_DELETE, &[]).map(drop)
}
