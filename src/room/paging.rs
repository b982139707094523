//! Reading one part of a list.
//!
//! A cursor is text for a program to keep and to give back. It says a place in one list of one room, and carries a MAC:
//! what a program made up, or took from another list, is refused instead of being read as something else.

use super::{
    core::Core,
    cursor::{BYTES, BadCursor, Cursor, Listed, Page},
};
use crate::{
    crypto::mac,
    store::{Place, Slice},
};

/// The first byte of a cursor.
const VERSION: u8 = 1;
/// What a cursor says: `version u8 | list u8 | number u64be | id 16`. The MAC's first 16 bytes follow.
const SAID: usize = 26;

/// Which list. The numbers are frozen: they stand in cursors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// An account's transactions.
    Payments = 1,
    /// An account's transactions and invoices.
    Billing = 2,
    /// An account's tickets.
    Tickets = 3,
    /// An account's activity.
    Activity = 4,
    /// Open tickets of one assignee.
    TicketsMine = 5,
    /// Open tickets of nobody.
    TicketsUnassigned = 6,
    /// Open tickets by how long they wait.
    TicketsDue = 7,
    /// Holds, of an account or of all, by their reviews.
    Holds = 8,
    /// Principals, by their ids.
    People = 9,
    /// What waits for a second person, by when it was asked.
    Approvals = 10,
}

impl List {
    /// Behind which all of its rows are.
    const fn begin(self) -> Place {
        match self {
            Self::Payments | Self::Billing | Self::Tickets | Self::Activity => Place::NEWEST,
            Self::TicketsMine
            | Self::TicketsUnassigned
            | Self::TicketsDue
            | Self::Holds
            | Self::People
            | Self::Approvals => Place::OLDEST,
        }
    }
}

/// One reading of one part of a list.
pub(super) struct Paging<'a> {
    core: &'a Core,
    list: List,
    /// Whose list it is; zeros for the room's.
    scope: [u8; 16],
    behind: Place,
    limit: usize,
}

impl Core {
    /// Begins to read a part of the list of `scope`, of at most `limit_max` rows.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub(super) fn paging(
        &self,
        list: List,
        scope: &[u8; 16],
        page: &Page,
        limit_max: usize,
    ) -> Result<Paging<'_>, BadCursor> {
        let limit = page.limit.clamp(1, limit_max);
        let mut paging = Paging { core: self, list, scope: *scope, behind: list.begin(), limit };
        if let Some(cursor) = &page.after {
            paging.behind = paging.place(cursor).ok_or(BadCursor)?;
        }
        Ok(paging)
    }
}

impl Paging<'_> {
    /// What to read: one row more than are shown tells whether there are more.
    pub(super) fn slice(&self) -> Slice {
        Slice { behind: self.behind, limit: u32::try_from(self.limit + 1).unwrap_or(u32::MAX) }
    }

    /// The rows of the part, of those that were read for it.
    pub(super) fn cut<T>(&self, mut rows: Vec<T>, place: impl Fn(&T) -> Place) -> Listed<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| more).map(|row| self.cursor(place(row)));
        Listed { rows, next }
    }

    fn cursor(&self, place: Place) -> Cursor {
        let mut bytes = [0; BYTES];
        let (said, mac) = bytes.split_at_mut(SAID);
        let number = place.number.to_be_bytes();
        let parts = [VERSION, self.list as u8].into_iter().chain(number).chain(place.id);
        said.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        let made = self.mac(said);
        mac.iter_mut().zip(made).for_each(|(byte, part)| *byte = part);
        Cursor(bytes)
    }

    fn place(&self, cursor: &Cursor) -> Option<Place> {
        let (said, mac) = cursor.0.split_at(SAID);
        let made = self.mac(said);
        let (shown, _) = made.split_at(mac.len());
        let (head, rest) = said.split_first_chunk::<2>()?;
        let (number, id) = rest.split_first_chunk::<8>()?;
        let genuine = mac::equal(shown, mac) && *head == [VERSION, self.list as u8];
        genuine.then_some(())?;
        Some(Place { number: i64::from_be_bytes(*number), id: id.try_into().ok()? })
    }

    /// HMAC under the query key of `"strongroom/cursor/1" 00 | room 16 | scope 16` and what the cursor says.
    fn mac(&self, said: &[u8]) -> [u8; 32] {
        let parts: &[&[u8]] = &[b"strongroom/cursor/1\0", self.core.id.as_bytes(), &self.scope, said];
        mac::hmac_sha256(self.core.query_key.expose(), parts)
    }
}
