//! The outbox as whoever operates the room sees it: ids, kinds and times. Nothing of anybody is in them, and nothing is
//! recorded.

use tracing::instrument;

use super::super::{
    core::Room,
    cursor::{Listed, Page},
    error::{Failure, ListError},
    paging::{For, List},
};
use crate::{
    access::{NoticeKind, Receiver},
    base::{NoticeId, Time, limits},
    store::outbox::{self, Channel},
};

/// A message that waits, or that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id.
    pub notice: NoticeId,
    /// By which way it goes.
    pub channel: Channel,
    /// What it tells.
    pub kind: NoticeKind,
    /// To whom.
    pub to: Receiver,
    /// When what it tells of happened.
    pub created: Time,
    /// From when it is gone.
    pub expires: Time,
    /// How often it was tried.
    pub tries: u32,
    /// From when it is tried, or tried again; nothing if it was given up.
    pub due: Option<Time>,
}

impl Room {
    /// A part of what waits in the outbox, or of what of it was given up, the oldest first; at most 500 at once. Nothing
    /// for a room of format 1, which has none.
    ///
    /// # Errors
    /// The cursor is none of this list, or the room could not be read.
    #[instrument(name = "room.outbox_rows", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn outbox_rows(&self, is_dead: bool, page: &Page) -> Result<Option<Listed<OutboxRow>>, ListError> {
        let core = &*self.core;
        let list = if is_dead { List::OutboxDead } else { List::OutboxWaiting };
        let paging = core.paging(list, For::ROOM, page, limits::LIST_ROWS_MAX)?;
        let found = core.store.read(|db| {
            let is_there = core.has_outbox(db)?;
            is_there.then(|| outbox::list(db, is_dead, core.clock.now(), &paging.slice())).transpose()
        })?;
        let row = |row: outbox::ListedRow| OutboxRow {
            notice: row.id,
            channel: row.channel,
            kind: row.kind,
            to: row.receiver,
            created: row.created,
            expires: row.expires,
            tries: row.tries,
            due: (!is_dead).then_some(row.due),
        };
        Ok(found.map(|rows| paging.cut(rows, outbox::ListedRow::place).map(row)))
    }

    /// Has a message that was given up tried again from now on, as if it were new; `false` if it is none.
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(name = "room.redrive", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn redrive(&self, notice: NoticeId) -> Result<bool, Failure> {
        let core = &*self.core;
        if !core.store.read(|db| core.has_outbox(db))? {
            return Ok(false);
        }
        Ok(core.store.commit(|turn| outbox::redrive(turn, notice))?.value)
    }
}
