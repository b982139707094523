//! `outbox`: what is to be told to people and programs: list it, try it again, send webhooks now.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use strongroom::room::{Kind, Listed, NoticeId, Object, OutboxRow, Page, Receiver, Room, RoomOptions};

use crate::{
    call::Call,
    courier::{self, Step},
    failed::{Exit, Failed},
    output::Output,
    paged::{self, Paged},
    shown,
    table::Table,
    webhook::Sender,
};

/// Tries in a row that fail before a run gives up: the receiver is away, and the rest waits for it.
const FAILED_MAX: u64 = 3;

/// Messages that wait to be delivered.
#[derive(Subcommand)]
pub enum Outbox {
    /// List what waits, the oldest first
    List(Paged),
    /// List what was given up; with any, the exit code is that of something overdue
    Dead(Paged),
    /// Have what was given up tried again
    Redrive(Redrive),
    /// Send the webhooks that are due, now: for a timer, where no daemon runs
    Deliver,
}

/// What is tried again.
#[derive(Args)]
pub struct Redrive {
    /// Which
    #[arg(value_name = "MESSAGE", required_unless_present = "all")]
    notice: Option<NoticeId>,
    /// All that was given up
    #[arg(long, conflicts_with = "notice")]
    all: bool,
}

impl Outbox {
    /// Carries it out. What is left or was given up ends with the code of something incomplete.
    ///
    /// # Errors
    /// The room has no outbox, or could not do it.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        match self {
            Self::List(paged) => {
                let part = rows(&call.room()?, false, &paged.page())?;
                out.result("outbox.list", values(&part), table(&part.rows));
                tell(&part, out);
                Ok(Exit::Done)
            }
            Self::Dead(paged) => {
                let room = call.room()?;
                let part = rows(&room, true, &paged.page())?;
                out.result("outbox.dead", values(&part), table(&part.rows));
                tell(&part, out);
                if part.rows.is_empty() {
                    return Ok(Exit::Done);
                }
                let count = shown::count(given_up(&room)?, "message was", "messages were");
                let hint = "see why the receiver took none, then run `strongroom outbox redrive --all`";
                out.warn(format_args!("{count} given up"), hint);
                Ok(Exit::Incomplete)
            }
            Self::Redrive(redrive) => redrive.run(&call.room()?, out).map(|()| Exit::Done),
            Self::Deliver => deliver(call, out),
        }
    }
}

/// `account:ID` or `principal:ID`.
fn receiver(to: Receiver) -> String {
    match to {
        Receiver::Account(id) => Object::from(id).to_string(),
        Receiver::Principal(id) => Object::from(id).to_string(),
    }
}

/// A part of the messages of the outbox.
fn rows(room: &Room, dead: bool, page: &Page) -> Result<Listed<OutboxRow>, Failed> {
    room.outbox_rows(dead, page)?.ok_or_else(|| {
        Failed::of(Kind::Conflict, "the room is of format 1 and has no outbox")
            .hint("`strongroom room upgrade --apply` makes one")
    })
}

/// How many messages were given up, of both ways.
fn given_up(room: &Room) -> Result<u64, Failed> {
    Ok(room.outbox()?.dead + room.webhooks()?.dead)
}

impl Redrive {
    fn run(self, room: &Room, out: &mut Output) -> Result<(), Failed> {
        let wanted = match self.notice {
            Some(notice) => vec![notice],
            None => paged::all(|page| rows(room, true, page))?.iter().map(|row| row.notice).collect(),
        };
        for notice in &wanted {
            if !room.redrive(*notice)? && !self.all {
                return Err(Failed::of(Kind::NotFound, "there is no such message that was given up"));
            }
        }
        let count = shown::count(wanted.len() as u64, "message is", "messages are");
        out.result("outbox.redrive", json!({"messages": wanted.len()}), format_args!("{count} tried again"));
        Ok(())
    }
}

/// With no key of any class: what speaks to a network has nothing of anybody to lose.
fn deliver(call: &Call, out: &mut Output) -> Result<Exit, Failed> {
    let options = RoomOptions { classes: Vec::new(), origin: None, ..call.options() };
    let sender = Sender::of(&options)?;
    let room = options.open()?;
    rows(&room, false, &Page::first(1))?;
    let (mut delivered, mut failed, mut in_a_row) = (0_u64, 0_u64, 0);
    while in_a_row < FAILED_MAX {
        match courier::step(&room, &sender)? {
            Step::Idle => break,
            Step::Delivered => (delivered, in_a_row) = (delivered + 1, 0),
            Step::Failed(why) => {
                if failed == 0 {
                    out.warn(why, "it is tried again after a pause; `strongroom outbox list` shows when");
                }
                (failed, in_a_row) = (failed + 1, in_a_row + 1);
            }
        }
    }
    let value = json!({"delivered": delivered, "failed": failed});
    out.result("outbox.deliver", value, format_args!("{delivered} delivered, {failed} not"));
    Ok(if failed == 0 { Exit::Done } else { Exit::Incomplete })
}

fn values(part: &Listed<OutboxRow>) -> Value {
    let messages: Vec<_> = part.rows.iter().map(value).collect();
    json!({"messages": messages, "next": paged::value(part.next.as_ref())})
}

/// Says that the list goes on; an object for programs says it already.
fn tell(part: &Listed<OutboxRow>, out: &mut Output) {
    if !out.is_json() {
        paged::tell(part.next.as_ref(), out);
    }
}

fn table(rows: &[OutboxRow]) -> Table<7> {
    let mut table = Table::new(["message", "by", "what", "to", "since", ">tries", "next"]);
    for row in rows {
        table.row([
            row.notice.to_string(),
            row.channel.name().to_owned(),
            row.kind.name().to_owned(),
            receiver(row.to),
            shown::time(row.created),
            row.tries.to_string(),
            row.due.map_or_else(|| "–".to_owned(), shown::time),
        ]);
    }
    table
}

fn value(row: &OutboxRow) -> Value {
    json!({
        "message": row.notice.to_string(),
        "channel": row.channel.name(),
        "kind": row.kind.name(),
        "to": receiver(row.to),
        "created": row.created.to_string(),
        "expires": row.expires.to_string(),
        "due": row.due.map(|due| due.to_string()),
        "tries": row.tries,
    })
}
