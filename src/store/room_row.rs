//! The room's own row: of which format it is, and which programs it bears.

use super::{
    LogTurn, Queries, StoreError, columns,
    formats::{FORMAT, StoreFormat},
    sql::logs,
};
use crate::base::RoomId;

/// The room's own row.
pub(crate) struct RoomRow {
    pub(crate) id: RoomId,
    pub(crate) format: u32,
    /// The oldest program format that may read the room.
    pub(crate) reads_from: u32,
    /// The oldest program format that may write it.
    pub(crate) writes_from: u32,
}

/// The room's own row as it is now: somebody may upgrade the room while this process has it open.
///
/// Nothing vouches for the row, and what a room of an older format lacks protects: a row that states one beside what later
/// formats brought was written past this program.
///
/// # Errors
/// It cannot be read, is not there, or states an older format than the tables show.
pub(crate) fn room(db: &mut impl Queries) -> Result<RoomRow, StoreError> {
    let row = stated(db)?;
    if !is_behind(db, &row)? {
        return Ok(row);
    }
    // Somebody may have upgraded the room between the two looks.
    let row = stated(db)?;
    if is_behind(db, &row)? {
        return Err(StoreError::Integrity {
            what: "the store states an older format than that of its tables",
        });
    }
    Ok(row)
}

/// Whether the store has what later formats than the stated one brought.
fn is_behind(db: &mut impl Queries, row: &RoomRow) -> Result<bool, StoreError> {
    if row.format >= FORMAT {
        return Ok(false);
    }
    let there = db.engine().columns()?;
    Ok(there.iter().any(|one| columns::since(&one.table, &one.column) > row.format.max(1)))
}

/// The room's own row as it stands, held against nothing.
///
/// # Errors
/// It cannot be read, or is not there.
pub(crate) fn stated(db: &mut impl Queries) -> Result<RoomRow, StoreError> {
    let room = db.one(&logs::ROOM, &[], |row| {
        Ok(RoomRow {
            id: row.id(0)?,
            format: row.number(1)?,
            reads_from: row.number(2)?,
            writes_from: row.number(3)?,
        })
    })?;
    room.ok_or(StoreError::Integrity { what: "the store has no row of its own" })
}

/// Takes one step, inside the batch that records it.
///
/// # Errors
/// The engine refused; nothing of the step stands.
pub(crate) fn take(turn: &mut LogTurn<'_>, step: &'static StoreFormat) -> Result<(), StoreError> {
    turn.engine().migrate(step.sqlite)?;
    let numbers = [step.number, step.reads_from, step.writes_from].map(Into::into);
    turn.change_one(&logs::ROOM_UPGRADE, &numbers)
}
