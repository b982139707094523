//! The room's own row: of which format it is, and which programs it bears.

use super::{LogTurn, Queries, StoreError, formats::StoreFormat, sql::logs};
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
/// # Errors
/// It cannot be read, or is not there.
pub(crate) fn room(db: &mut impl Queries) -> Result<RoomRow, StoreError> {
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
