//! What is one's own to do: the tickets that one works on and the cases that one opened, with when each is due.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    error::StaffError,
    queues::{QueuedTicket, due},
    staff::Staff,
    views::TicketHeader,
};
use crate::{
    access::{Action, Object, Purpose, Vouched, rows::CaseRow},
    audit::Data,
    base::{AccountId, CaseId, PrincipalId, Time, limits},
    store::{LogTurn, Place, Slice, StoreError, authority, tickets},
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

/// What is one's own to do: ids, states and dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// The open tickets that one works on, oldest first, up to 100.
    pub tickets: Vec<QueuedTicket>,
    /// The open cases, the next to end first, up to 100.
    pub cases: Vec<CaseHeader>,
}

/// Tickets, and cases, that one inbox shows: together with their holder they are named by one entry.
const ROWS_MAX: u32 = 100;
const _: () = assert!(2 * (ROWS_MAX as usize) < limits::ENTRY_OBJECTS_MAX);

impl Staff {
    /// One's own tickets and cases, as one entry that names them all.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.inbox", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn inbox(&self, why: &Why) -> Result<Inbox, StaffError> {
        let me = self.principal()?;
        let answered = self.act(
            Action::TicketList,
            why,
            None,
            |core, turn| {
                let Some(me) = me else { return Ok(None) };
                let inbox = inbox_of(core, turn, me)?;
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

fn inbox_of(core: &Core, turn: &mut LogTurn<'_>, me: PrincipalId) -> Result<Inbox, StoreError> {
    let now = turn.time();
    let rows = tickets::of_assignee(turn, me, &Slice { behind: Place::OLDEST, limit: ROWS_MAX })?;
    let tickets = rows.into_iter().filter_map(|row| {
        let vouched = core.vouch(Some(row.authority))?;
        Some(QueuedTicket { header: TicketHeader::of(&vouched), due: row.waiting.map(due) })
    });
    let tickets = tickets.collect();
    let rows = authority::cases_of(turn, me, now, ROWS_MAX)?;
    let cases = rows.into_iter().filter_map(|row| {
        let row: Vouched<CaseRow> = core.vouch(Some(row))?;
        Some(CaseHeader { case: row.id, account: row.account, purpose: row.purpose, expires: row.expires })
    });
    Ok(Inbox { tickets, cases: cases.collect() })
}
