//! What is one's own to do: the tickets that one works on and the cases that one opened, with when each is due.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    cursor::{BadCursor, Cursor, Listed, Page},
    error::StaffError,
    paging::{For, List, Paging},
    queues::{QueuedTicket, due},
    staff::Staff,
    views::TicketHeader,
};
use crate::{
    access::{Action, Object, Purpose, rows::CaseRow},
    audit::Data,
    base::{AccountId, CaseId, PrincipalId, Time, limits},
    seal::Unvouched,
    store::{
        LogTurn, Place, StoreError, authority,
        tickets::{self, Queued},
    },
};

/// A case of one's own that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseHeader {
    /// Its id.
    pub case: CaseId,
    /// Whom it is about.
    pub account: Option<AccountId>,
    /// What it stands for.
    pub purpose: Purpose,
    /// When it ends.
    pub expires: Time,
}

/// A part of what is one's own to do: ids, states and dates. Cases follow when the tickets are at their end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// The open tickets that one works on, oldest first.
    pub tickets: Vec<QueuedTicket>,
    /// The open cases, the next to end first.
    pub cases: Vec<CaseHeader>,
    /// Where the next part begins.
    pub next: Option<Cursor>,
}

/// Tickets and cases of one part: together with their holder they are named by one entry.
const ROWS_MAX: usize = limits::ENTRY_OBJECTS_MAX - 1;

impl Staff {
    /// A part of one's own tickets and cases, as one entry that names them all; at most 255 at once.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.inbox", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn inbox(&self, page: &Page, why: &Why) -> Result<Inbox, StaffError> {
        let me = self.principal()?;
        // A cursor is of one of the two: of the tickets, behind which all cases are, or of the cases.
        let (room, of) = (&*self.room.core, me.map_or(For::ROOM, |me| For::staff(me, None)));
        let page = if me.is_some() { *page } else { page.begun() };
        let (tickets, cases) = match room.paging(List::InboxTickets, of, &page, ROWS_MAX) {
            Ok(tickets) => (Some(tickets), room.paging(List::InboxCases, of, &page.begun(), ROWS_MAX)?),
            Err(BadCursor) => (None, room.paging(List::InboxCases, of, &page, ROWS_MAX)?),
        };
        let answered = self.act(
            Action::TicketList,
            why,
            None,
            |core, turn| {
                let Some(me) = me else { return Ok(None) };
                let inbox = inbox_of(core, turn, me, tickets, cases)?;
                let mut objects = vec![Object::Principal(me)];
                objects.extend(inbox.tickets.iter().map(|ticket| Object::Ticket(ticket.header.ticket)));
                objects.extend(inbox.cases.iter().map(|case| Object::Case(case.case)));
                Ok(Some((Sought { subject: None, objects, fields: Vec::new() }, inbox)))
            },
            |_, _, _, inbox| {
                let count = (inbox.tickets.len() + inbox.cases.len()) as u64;
                Ok(Granted::change(Data::TicketListed { count }, inbox))
            },
        )?;
        Ok(answered.value)
    }
}

fn inbox_of(
    core: &Core,
    turn: &mut LogTurn<'_>,
    me: PrincipalId,
    tickets: Option<Paging<'_>>,
    cases: Paging<'_>,
) -> Result<Inbox, StoreError> {
    let now = turn.time();
    let part = match tickets {
        Some(paging) => paging.cut(tickets::of_assignee(turn, me, &paging.slice())?, Queued::by_age),
        None => Listed { rows: Vec::new(), next: None },
    };
    let (shown, goes_on) = (part.rows.len(), part.next);
    let vouched = part.rows.into_iter().filter_map(|row| {
        let vouched = core.vouch(Some(row.authority))?;
        Some(QueuedTicket { header: TicketHeader::of(&vouched), due: row.waiting.map(due) })
    });
    let mut inbox = Inbox { tickets: vouched.collect(), cases: Vec::new(), next: goes_on };
    if goes_on.is_none() {
        let paging = cases.less(shown);
        let place = |stored: &Unvouched<CaseRow>| Place {
            number: stored.row.expires.as_ms(),
            id: *stored.row.id.as_bytes(),
        };
        let part = paging.cut(authority::cases_of(turn, me, now, &paging.slice())?, place);
        let vouched = part.rows.into_iter().filter_map(|row| core.vouch(Some(row)));
        inbox.cases = vouched.map(|row| CaseHeader::of(&row)).collect();
        inbox.next = part.next;
    }
    Ok(inbox)
}

impl CaseHeader {
    fn of(row: &CaseRow) -> Self {
        Self { case: row.id, account: row.account, purpose: row.purpose, expires: row.expires }
    }
}
