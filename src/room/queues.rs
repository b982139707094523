//! What is to be done: tickets of many customers, for staff. Ids, states and dates, and no word of any of them; which
//! tickets somebody saw listed stands in one entry.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    cursor::{Listed, Page},
    error::StaffError,
    paging::{For, List},
    staff::Staff,
    views::TicketHeader,
};
use crate::{
    access::{
        Action, Object,
        rows::{Holder, SessionRow},
    },
    audit::Data,
    base::{Time, business, limits},
    store::{
        LogTurn, StoreError, authority,
        tickets::{self, Queued},
    },
};

/// Open tickets that wait for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketQueue {
    /// Those that the asker works on, oldest first.
    Mine,
    /// Those that nobody works on, oldest first.
    Unassigned,
    /// Those whose customer has waited for an answer for two business days, or will have within a day; the one that
    /// has waited longest first.
    Due,
}

/// A ticket of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuedTicket {
    /// What needs no key.
    pub header: TicketHeader,
    /// When the customer is to have an answer: two business days after the oldest message that has none. Nothing if
    /// the last word is staff's.
    pub due: Option<Time>,
}

/// When a customer who wrote then is to have an answer.
pub(super) fn due(waiting: Time) -> Time {
    business::after(waiting, limits::TICKET_ANSWER_BUSINESS_DAYS)
}

/// Since when customers wait whose answers are due by then.
pub(super) fn waiting_since(due_by: Time) -> Time {
    business::latest_before(due_by, limits::TICKET_ANSWER_BUSINESS_DAYS)
}

impl Staff {
    /// A part of a queue of open tickets, as one entry that names them all; at most 256 at once.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.tickets", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn tickets(
        &self,
        queue: TicketQueue,
        page: &Page,
        why: &Why,
    ) -> Result<Listed<QueuedTicket>, StaffError> {
        let list = match queue {
            TicketQueue::Mine => List::TicketsMine,
            TicketQueue::Unassigned => List::TicketsUnassigned,
            TicketQueue::Due => List::TicketsDue,
        };
        let answered = self.act(
            Action::TicketList,
            why,
            None,
            |core, turn| {
                let part = self.queued(core, turn, (queue, list), page)?;
                let objects = part.iter().flat_map(|part| &part.rows);
                let objects = objects.map(|ticket| Object::Ticket(ticket.header.ticket)).collect();
                Ok(Some((Sought { subject: None, objects, fields: Vec::new() }, part)))
            },
            |_, _, _, part| {
                let part = part?;
                let data = Data::TicketListed { count: part.rows.len() as u64 };
                Ok(Granted::change(data, part))
            },
        )?;
        Ok(answered.value)
    }

    /// The part that is asked for; a refusal if the cursor is none of this list, which is for the entry to tell.
    fn queued(
        &self,
        core: &Core,
        turn: &mut LogTurn<'_>,
        (queue, list): (TicketQueue, List),
        page: &Page,
    ) -> Result<Result<Listed<QueuedTicket>, StaffError>, StoreError> {
        let session = core.vouch::<SessionRow>(authority::session(turn, &self.token_hash)?);
        let Some(Holder::Principal(asker)) = session.map(|session| session.holder) else {
            return Ok(Err(StaffError::NotFound));
        };
        let paging = match core.paging(list, For::staff(asker, None), page, limits::ENTRY_OBJECTS_MAX) {
            Ok(paging) => paging,
            Err(why) => return Ok(Err(why.into())),
        };
        let slice = paging.slice();
        let rows = match queue {
            TicketQueue::Mine => tickets::of_assignee(turn, asker, &slice)?,
            TicketQueue::Unassigned => tickets::unassigned(turn, &slice)?,
            TicketQueue::Due => {
                let until = waiting_since(turn.time().plus(limits::TICKET_DUE_AHEAD));
                tickets::waiting(turn, until, &slice)?
            }
        };
        let place = match queue {
            TicketQueue::Mine | TicketQueue::Unassigned => Queued::by_age,
            TicketQueue::Due => Queued::by_waiting,
        };
        let part = paging.cut(rows, place);
        let next = part.next;
        let vouched = part.rows.into_iter().filter_map(|row| {
            let vouched = core.vouch(Some(row.authority))?;
            Some(QueuedTicket { header: TicketHeader::of(&vouched), due: row.waiting.map(due) })
        });
        Ok(Ok(Listed { rows: vouched.collect(), next }))
    }
}
