//! Reading one part of a list.
//!
//! A cursor is text for a program to keep and to give back. It says a place in one list of one room, and carries a MAC:
//! what a program made up, or took from another list, is refused instead of being read as something else.

use super::{
    core::Core,
    cursor::{BYTES, BadCursor, Cursor, Listed, Page},
    error::StaffError,
    staff::Staff,
};
use crate::{
    base::{AccountId, PrincipalId},
    crypto::mac,
    store::{Place, Slice},
};

/// The first byte of a cursor.
const VERSION: u8 = 2;
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
    /// An account's sessions that have not ended.
    Sessions = 11,
    /// Keys of an account's programs.
    ApiKeys = 12,
    /// Letters that were given up.
    DeadLetters = 13,
    /// What waits in the outbox.
    OutboxWaiting = 14,
    /// What of the outbox was given up.
    OutboxDead = 15,
    /// The log.
    Log = 16,
    /// What of the log is about one account.
    LogAbout = 17,
    /// What of the log is about staff.
    LogStaff = 18,
    /// Tickets of an inbox.
    InboxTickets = 19,
    /// Cases of an inbox, which follow its tickets.
    InboxCases = 20,
    /// Rules that are out of force.
    WaiversLive = 21,
    /// Rules that are or were out of force.
    Waivers = 22,
}

impl List {
    /// Behind which all of its rows are.
    const fn begin(self) -> Place {
        match self {
            Self::Payments
            | Self::Billing
            | Self::Tickets
            | Self::Activity
            | Self::Sessions
            | Self::ApiKeys => Place::NEWEST,
            Self::TicketsMine
            | Self::TicketsUnassigned
            | Self::TicketsDue
            | Self::Holds
            | Self::People
            | Self::Approvals
            | Self::DeadLetters
            | Self::OutboxWaiting
            | Self::OutboxDead
            | Self::Log
            | Self::LogAbout
            | Self::LogStaff
            | Self::InboxTickets
            | Self::InboxCases
            | Self::WaiversLive
            | Self::Waivers => Place::OLDEST,
        }
    }
}

/// Whom a cursor counts for: zeros for the room, or for whoever operates it.
#[derive(Clone, Copy)]
pub(super) struct For {
    /// Whose list it is.
    subject: [u8; 16],
    /// Who reads it.
    reader: [u8; 16],
}

impl For {
    /// What the room has, to whoever operates it.
    pub(super) const ROOM: Self = Self { subject: [0; 16], reader: [0; 16] };

    /// A customer's own list.
    pub(super) const fn owner(account: AccountId) -> Self {
        Self { subject: *account.as_bytes(), reader: *account.as_bytes() }
    }

    /// What a member of staff reads of an account, or of the room.
    pub(super) fn staff(reader: PrincipalId, subject: Option<AccountId>) -> Self {
        let subject = subject.map_or([0; 16], |account| *account.as_bytes());
        Self { subject, reader: *reader.as_bytes() }
    }
}

/// One reading of one part of a list.
pub(super) struct Paging<'a> {
    core: &'a Core,
    list: List,
    of: For,
    behind: Place,
    limit: usize,
}

impl Core {
    /// Begins to read a part of a list, of at most `limit_max` rows.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub(super) fn paging(
        &self,
        list: List,
        of: For,
        page: &Page,
        limit_max: usize,
    ) -> Result<Paging<'_>, BadCursor> {
        let limit = page.limit.clamp(1, limit_max);
        let mut paging = Paging { core: self, list, of, behind: list.begin(), limit };
        if let Some(cursor) = &page.after {
            paging.behind = paging.place(cursor).ok_or(BadCursor)?;
        }
        Ok(paging)
    }
}

impl Staff {
    /// Begins to read a part of a list as a member of staff. Whose token is nobody's is refused by the request that
    /// follows; no cursor was ever his.
    ///
    /// # Errors
    /// The cursor is none of this list for this reader.
    pub(super) fn paging(
        &self,
        list: List,
        subject: Option<AccountId>,
        page: &Page,
        limit_max: usize,
    ) -> Result<Paging<'_>, StaffError> {
        let core = &*self.room.core;
        Ok(match self.principal()? {
            Some(reader) => core.paging(list, For::staff(reader, subject), page, limit_max)?,
            None => core.paging(list, For::ROOM, &Page::first(page.limit), limit_max)?,
        })
    }
}

impl Paging<'_> {
    /// Behind which the part begins.
    pub(super) const fn behind(&self) -> Place {
        self.behind
    }

    /// How many rows it has at most.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// The same with room for so many rows less: what another list gave already.
    pub(super) const fn less(self, rows: usize) -> Self {
        let limit = self.limit.saturating_sub(rows);
        Self { limit, ..self }
    }

    /// What to read: one row more than are shown tells whether there are more.
    pub(super) fn slice(&self) -> Slice {
        Slice { behind: self.behind, limit: u32::try_from(self.limit + 1).unwrap_or(u32::MAX) }
    }

    /// The rows of the part, of those that were read for it.
    pub(super) fn cut<T>(&self, mut rows: Vec<T>, place: impl Fn(&T) -> Place) -> Listed<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = more.then(|| self.cursor(rows.last().map_or(self.behind, place)));
        Listed { rows, next }
    }

    /// Where the next part begins.
    pub(super) fn cursor(&self, place: Place) -> Cursor {
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

    /// HMAC under the query key of `"strongroom/cursor/2" 00 | room 16 | subject 16 | reader 16` and what the cursor says.
    fn mac(&self, said: &[u8]) -> [u8; 32] {
        let For { subject, reader } = &self.of;
        let parts: &[&[u8]] = &[b"strongroom/cursor/2\0", self.core.id.as_bytes(), subject, reader, said];
        mac::hmac_sha256(self.core.query_key.expose(), parts)
    }
}
