//! `ticket`: open, show, reply, note, assign, close, list; from both sides of the counter.

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::room::{
    Listed, PrincipalId, QueuedTicket, Room, TicketHeader, TicketId, TicketQueue, Written,
};

use crate::{
    actor::{Actor, AtWork},
    call::Call,
    failed::Failed,
    message::MessageFrom,
    output::Output,
    paged::{self, Paged},
    shown,
    table::Table,
    ticket_page,
};

/// What a customer asks, and what comes of it.
#[derive(Subcommand)]
pub enum Ticket {
    /// Open a ticket (a customer)
    Open(Open),
    /// Show a ticket: a customer his own, staff by the ticket or a purpose
    Show {
        /// Which
        ticket: TicketId,
    },
    /// Write into a ticket: a customer into his own, staff as an answer
    Reply(Write),
    /// Leave a note among staff, which the customer never sees
    Note(Write),
    /// Take a ticket, or say who works on it (staff)
    Assign {
        /// Which
        ticket: TicketId,
        /// Who; without it oneself
        principal: Option<PrincipalId>,
    },
    /// Close a ticket (staff)
    Close {
        /// Which
        ticket: TicketId,
    },
    /// List tickets: a customer his own, newest first; staff those of a queue
    List(List),
}

/// Which tickets to list.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    queue: Queue,
    #[command(flatten)]
    paged: Paged,
}

/// Which open tickets staff list.
#[derive(Args)]
#[group(multiple = false)]
pub struct Queue {
    /// Those that one works on, oldest first (staff)
    #[arg(long)]
    mine: bool,
    /// Those that nobody works on, oldest first (staff)
    #[arg(long)]
    unassigned: bool,
    /// Those whose customers have waited for two business days, or will have within a day (staff)
    #[arg(long)]
    due: bool,
}

impl Queue {
    const fn chosen(&self) -> Option<TicketQueue> {
        match self {
            Self { mine: true, .. } => Some(TicketQueue::Mine),
            Self { unassigned: true, .. } => Some(TicketQueue::Unassigned),
            Self { due: true, .. } => Some(TicketQueue::Due),
            _ => None,
        }
    }
}

/// A new ticket.
#[derive(Args)]
pub struct Open {
    /// The subject line
    #[arg(short, long, value_name = "TEXT")]
    subject: String,
    #[command(flatten)]
    message: MessageFrom,
}

/// A message into a ticket.
#[derive(Args)]
pub struct Write {
    /// Which ticket
    ticket: TicketId,
    #[command(flatten)]
    message: MessageFrom,
}

impl Ticket {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        match self {
            Self::Open(open) => {
                let owner = Actor::customer(call, &room)?;
                let opened = room.owner(&owner).open_ticket(&open.subject, &open.message.read(out)?)?;
                let value = json!({"ticket": opened.ticket.to_string(), "cards_masked": opened.cards_masked});
                out.cards_masked(opened.cards_masked);
                out.result("ticket.open", value, format_args!("opened ticket {}", opened.ticket));
            }
            Self::Show { ticket } => match Actor::of(call, &room)? {
                Actor::Customer(owner) => ticket_page::own(&room.owner(&owner).ticket(ticket)?, out),
                Actor::Staff(AtWork { staff, .. }) => {
                    ticket_page::staff(&staff.ticket(ticket, &call.why())?, out);
                }
            },
            Self::Reply(Write { ticket, message }) => {
                let actor = Actor::of(call, &room)?;
                let text = message.read(out)?;
                let done = match actor {
                    Actor::Customer(owner) => room.owner(&owner).write(ticket, &text)?,
                    Actor::Staff(AtWork { staff, .. }) => staff.reply(ticket, &text, &call.why())?,
                };
                written("ticket.reply", "wrote message", done, out);
            }
            Self::Note(Write { ticket, message }) => {
                let staff = Actor::staff(call, &room)?.staff;
                let done = staff.note(ticket, &message.read(out)?, &call.why())?;
                written("ticket.note", "left note", done, out);
            }
            Self::Assign { ticket, principal } => {
                let AtWork { staff, principal: own, .. } = Actor::staff(call, &room)?;
                let principal = principal.unwrap_or(own);
                staff.assign(ticket, principal, &call.why())?;
                let value = json!({"ticket": ticket.to_string(), "assignee": principal.to_string()});
                out.result("ticket.assign", value, format_args!("{principal} works on ticket {ticket}"));
            }
            Self::Close { ticket } => {
                Actor::staff(call, &room)?.staff.close_ticket(ticket, &call.why())?;
                let value = json!({"ticket": ticket.to_string()});
                out.result("ticket.close", value, format_args!("closed ticket {ticket}"));
            }
            Self::List(asked) => asked.run(call, &room, out)?,
        }
        Ok(())
    }
}

impl List {
    fn run(&self, call: &Call, room: &Room, out: &mut Output) -> Result<(), Failed> {
        let page = self.paged.page();
        match (Actor::of(call, room)?, self.queue.chosen()) {
            (Actor::Customer(owner), None) => list(&room.owner(&owner).tickets(&page)?, out),
            (Actor::Customer(_), Some(_)) => {
                return Err(Failed::usage("queues are for staff").hint("without them it lists your own"));
            }
            (Actor::Staff(_), None) => {
                return Err(Failed::usage("it takes one of `--mine`, `--unassigned`, `--due`")
                    .hint("without them a customer lists his own"));
            }
            (Actor::Staff(AtWork { staff, .. }), Some(queue)) => {
                queued(&staff.tickets(queue, &page, &call.why())?, out);
            }
        }
        Ok(())
    }
}

fn queued(part: &Listed<QueuedTicket>, out: &mut Output) {
    if out.is_json() {
        let tickets = part.rows.iter().map(ticket_page::queued).collect::<Vec<_>>();
        out.json("ticket.list", json!({"tickets": tickets, "next": paged::value(part.next.as_ref())}));
    } else if part.rows.is_empty() {
        out.line("no tickets");
    } else {
        let mut table = Table::new(["ticket", "account", "opened", "due", "assignee"]);
        for QueuedTicket { header, due } in &part.rows {
            table.row([
                header.ticket.to_string(),
                header.account.to_string(),
                shown::time(header.created),
                due.map_or_else(|| "–".to_owned(), shown::time),
                header.assignee.map_or_else(|| "–".to_owned(), |id| id.to_string()),
            ]);
        }
        out.line(table);
        paged::tell(part.next.as_ref(), out);
    }
}

fn written(name: &str, verb: &str, written: Written, out: &mut Output) {
    out.cards_masked(written.cards_masked);
    let value = json!({"message": written.message.to_string(), "cards_masked": written.cards_masked});
    out.result(name, value, format_args!("{verb} {}", written.message));
}

fn list(part: &Listed<TicketHeader>, out: &mut Output) {
    if out.is_json() {
        let tickets = part.rows.iter().map(ticket_page::header).collect::<Vec<_>>();
        out.json("ticket.list", json!({"tickets": tickets, "next": paged::value(part.next.as_ref())}));
    } else if part.rows.is_empty() {
        out.line("no tickets");
    } else {
        let mut table = Table::new(["ticket", "state", "opened"]);
        for ticket in &part.rows {
            table.row([ticket.ticket.to_string(), ticket.state.to_string(), shown::time(ticket.created)]);
        }
        out.line(table);
        paged::tell(part.next.as_ref(), out);
    }
}
