//! What people are to be told, until somebody has delivered it. Rows are not vouched for: they give no right, and what
//! they lead to is (the code's own row, the account's address). Who edits them with SQL tells somebody something twice,
//! wrongly or not at all.

use super::{
    Place, Queries, Row, Slice, StoreError, Value,
    authority::{LogTurn, known},
    room_row,
    sql::outbox,
};
use crate::{
    access::{NoticeKind, Receiver},
    base::{ChallengeId, NoticeId, Time, limits},
    retention::MayDestroy,
};

/// The format of a room that brought the table.
const SINCE: u32 = 2;

/// By which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// To people, by whoever claims it.
    Letter,
    /// To another program.
    Webhook,
}

impl Channel {
    const fn number(self) -> u8 {
        match self {
            Self::Letter => 1,
            Self::Webhook => 2,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [Self::Letter, Self::Webhook].into_iter().find(|channel| channel.number() == number)
    }

    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Webhook => "webhook",
        }
    }
}

/// Something that somebody is to be told.
pub(crate) struct NoticeRow {
    pub(crate) id: NoticeId,
    pub(crate) kind: NoticeKind,
    pub(crate) receiver: Receiver,
    /// The code that it is about.
    pub(crate) challenge: Option<ChallengeId>,
    /// What else it is about: of which sort its kind says.
    pub(crate) object: Option<[u8; 16]>,
    pub(crate) created: Time,
    /// From when nobody is told any more.
    pub(crate) expires: Time,
    /// How often it was claimed.
    pub(crate) tries: u32,
    /// An address that the account has no more, as it stood in its row, with its version.
    pub(crate) former: Option<(u64, Vec<u8>)>,
    /// Its place in the order of all.
    pub(crate) seq: u64,
}

impl NoticeRow {
    /// Where it stands among all.
    pub(crate) fn place(&self) -> Place {
        place(self.seq, self.id)
    }
}

fn place(seq: u64, id: NoticeId) -> Place {
    Place { number: i64::try_from(seq).unwrap_or(i64::MAX), id: *id.as_bytes() }
}

fn read(row: &Row) -> Result<NoticeRow, StoreError> {
    let version = row.number(9)?;
    Ok(NoticeRow {
        id: row.id(0)?,
        kind: known(row, NoticeKind::from_number(row.number(1)?))?,
        receiver: known(row, Receiver::from_parts(row.number(2)?, row.bytes(3)?))?,
        challenge: row.optional_id(4)?,
        object: match row.optional_blob(5)? {
            Some(_) => Some(row.bytes(5)?),
            None => None,
        },
        created: row.time(6)?,
        expires: row.time(7)?,
        tries: row.number(8)?,
        former: row.optional_blob(10)?.map(|sealed| (version, sealed.to_vec())),
        seq: row.number(11)?,
    })
}

/// Whether the room has the table.
pub(crate) fn is_there(db: &mut impl Queries) -> Result<bool, StoreError> {
    Ok(room_row::room(db)?.format >= SINCE)
}

/// Writes a notice; number and tries are the table's own.
pub(crate) fn insert(turn: &mut LogTurn<'_>, channel: Channel, row: &NoticeRow) -> Result<(), StoreError> {
    let (version, sealed) = row.former.clone().unzip();
    let values = [
        row.id.into(),
        row.kind.number().into(),
        row.receiver.number().into(),
        Value::from(row.receiver.id_bytes()),
        row.challenge.into(),
        row.object.as_ref().map(Value::from).unwrap_or(Value::Null),
        row.created.into(),
        row.expires.into(),
        version.unwrap_or(0).into(),
        sealed.into(),
        channel.number().into(),
    ];
    turn.change_one(&outbox::OUTBOX_INSERT, &values)
}

/// Up to `limit` notices behind `after` that may be claimed at `now`, the oldest of each receiver alone.
pub(crate) fn claimable(
    db: &mut impl Queries,
    channel: Channel,
    now: Time,
    after: u64,
    limit: usize,
) -> Result<Vec<NoticeRow>, StoreError> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let values = [now.into(), after.into(), limit.into(), channel.number().into()];
    db.all(&outbox::OUTBOX_CLAIMABLE, &values, read)
}

/// Gives a notice to a claimer until `until`.
pub(crate) fn lease(turn: &mut LogTurn<'_>, row: &NoticeRow, until: Time) -> Result<(), StoreError> {
    turn.change_one(&outbox::OUTBOX_LEASE, &[row.id.into(), until.into(), (row.tries + 1).into()])
}

/// Removes what the claimer of this try has delivered; `false` if it is not his any more.
pub(crate) fn acknowledge(turn: &mut LogTurn<'_>, id: NoticeId, tries: u32) -> Result<bool, StoreError> {
    Ok(turn.engine().execute(&outbox::OUTBOX_ACK, &[id.into(), tries.into()])? == 1)
}

/// What becomes of a notice that was not delivered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It may be claimed again from then on.
    Again(Time),
    /// It is tried no more.
    Dead,
}

/// Takes a notice back from the claimer of this try; `false` if it is not his any more.
pub(crate) fn take_back(
    turn: &mut LogTurn<'_>,
    id: NoticeId,
    tries: u32,
    next: Next,
) -> Result<bool, StoreError> {
    let (due, state) = match next {
        Next::Again(due) => (due, 1_u8),
        Next::Dead => (turn.time(), 2),
    };
    let values = [id.into(), tries.into(), due.into(), state.into()];
    Ok(turn.engine().execute(&outbox::OUTBOX_NACK, &values)? == 1)
}

/// Has a dead letter tried again from now on; `false` if it is none.
pub(crate) fn redrive(turn: &mut LogTurn<'_>, id: NoticeId) -> Result<bool, StoreError> {
    let now = turn.time();
    Ok(turn.engine().execute(&outbox::OUTBOX_REDRIVE, &[id.into(), now.into()])? == 1)
}

/// A part of the dead letters, the oldest first.
pub(crate) fn dead(db: &mut impl Queries, now: Time, slice: &Slice) -> Result<Vec<NoticeRow>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&outbox::OUTBOX_DEAD, &[now.into(), Channel::Letter.number().into(), number, id, limit], read)
}

/// A message as a list of all has it.
pub(crate) struct ListedRow {
    pub(crate) id: NoticeId,
    pub(crate) kind: NoticeKind,
    pub(crate) receiver: Receiver,
    pub(crate) created: Time,
    pub(crate) expires: Time,
    pub(crate) tries: u32,
    pub(crate) due: Time,
    pub(crate) channel: Channel,
    seq: u64,
}

impl ListedRow {
    /// Where it stands among all.
    pub(crate) fn place(&self) -> Place {
        place(self.seq, self.id)
    }
}

/// A part of what waits, or of what was given up, of both ways; the oldest first.
pub(crate) fn list(
    db: &mut impl Queries,
    is_dead: bool,
    now: Time,
    slice: &Slice,
) -> Result<Vec<ListedRow>, StoreError> {
    let state = if is_dead { 2_u8 } else { 1 };
    let [number, id, limit] = slice.values();
    db.all(&outbox::OUTBOX_LIST, &[state.into(), now.into(), number, id, limit], |row| {
        Ok(ListedRow {
            id: row.id(0)?,
            kind: known(row, NoticeKind::from_number(row.number(1)?))?,
            receiver: known(row, Receiver::from_parts(row.number(2)?, row.bytes(3)?))?,
            created: row.time(4)?,
            expires: row.time(5)?,
            tries: row.number(6)?,
            due: row.time(7)?,
            channel: known(row, Channel::from_number(row.number(8)?))?,
            seq: row.number(9)?,
        })
    })
}

/// Removes a notice that nobody is to be told any more.
pub(crate) fn remove(turn: &mut LogTurn<'_>, id: NoticeId) -> Result<(), StoreError> {
    turn.engine().execute(&outbox::OUTBOX_DELETE, &[id.into()]).map(drop)
}

/// How many notices there are, and when the oldest was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pile {
    pub(crate) count: u64,
    pub(crate) oldest: Option<Time>,
}

fn pile(db: &mut impl Queries, channel: Channel, state: u8, now: Time) -> Result<Pile, StoreError> {
    let read = |row: &Row| Ok(Pile { count: row.number(0)?, oldest: row.optional_time(1)? });
    let found = db.one(&outbox::OUTBOX_STATE, &[state.into(), now.into(), channel.number().into()], read)?;
    Ok(found.unwrap_or(Pile { count: 0, oldest: None }))
}

/// What waits to be delivered this way, claimed or not, and what was given up.
pub(crate) fn piles(db: &mut impl Queries, channel: Channel, now: Time) -> Result<(Pile, Pile), StoreError> {
    if !is_there(db)? {
        let none = Pile { count: 0, oldest: None };
        return Ok((none, none));
    }
    Ok((pile(db, channel, 1, now)?, pile(db, channel, 2, now)?))
}

/// Removes what an account was to be told, but that it is erased.
pub(super) fn remove_of(
    turn: &mut LogTurn<'_>,
    account: &Value,
    _may: &MayDestroy,
) -> Result<(), StoreError> {
    if is_there(turn)? {
        turn.engine().execute(&outbox::OUTBOX_OF_DELETE, std::slice::from_ref(account))?;
    }
    Ok(())
}

/// How many notices there are to an account, but that it is erased.
pub(super) fn count_of(db: &mut impl Queries, account: &Value) -> Result<u64, StoreError> {
    if !is_there(db)? {
        return Ok(0);
    }
    let count = db.one(&outbox::OUTBOX_OF_COUNT, std::slice::from_ref(account), |row| row.number(0))?;
    Ok(count.unwrap_or(0))
}

/// Whether a notice has run out.
pub(crate) fn any_over(db: &mut impl Queries, now: Time) -> Result<bool, StoreError> {
    Ok(is_there(db)? && db.one(&outbox::OUTBOX_OVER, &[now.into()], |_| Ok(()))?.is_some())
}

/// Removes up to a sweep's worth of notices that have run out; how many went.
pub(crate) fn remove_over(turn: &mut LogTurn<'_>, may: &MayDestroy) -> Result<usize, StoreError> {
    if !is_there(turn)? {
        return Ok(0);
    }
    turn.engine().execute(&outbox::OUTBOX_OVER_DELETE, &[may.at().into(), limits::SWEEP_ROWS.into()])
}
