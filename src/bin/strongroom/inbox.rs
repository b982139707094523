//! `inbox`: what is one's own to do.

use serde_json::json;
use strongroom::room::Inbox;

use crate::{
    actor::Actor,
    call::Call,
    failed::Failed,
    output::Output,
    paged::{self, Paged},
    shown,
    table::Table,
};

/// Shows one's tickets and cases, with when each is due.
///
/// # Errors
/// What the room refuses.
pub fn run(paged: &Paged, call: &Call, out: &mut Output) -> Result<(), Failed> {
    let inbox = Actor::staff(call, &call.room()?)?.staff.inbox(&paged.page(), &call.why())?;
    if out.is_json() {
        out.json("inbox", value(&inbox));
        return Ok(());
    }
    let mut table = Table::new(["what", "account", "for", "due"]);
    for ticket in &inbox.tickets {
        let due = ticket.due.map_or_else(|| "–".to_owned(), shown::time);
        let header = &ticket.header;
        table.row([format!("ticket:{}", header.ticket), header.account.to_string(), "–".to_owned(), due]);
    }
    for case in &inbox.cases {
        let about = case.account.map_or_else(|| "–".to_owned(), |account| account.to_string());
        table.row([
            format!("case:{}", case.case),
            about,
            case.purpose.name().to_owned(),
            shown::time(case.expires),
        ]);
    }
    out.line(table);
    paged::tell(inbox.next.as_ref(), out);
    Ok(())
}

fn value(inbox: &Inbox) -> serde_json::Value {
    let tickets = inbox.tickets.iter().map(|ticket| {
        json!({
            "ticket": ticket.header.ticket.to_string(),
            "account": ticket.header.account.to_string(),
            "due": ticket.due.map(|due| due.to_string()),
        })
    });
    let cases = inbox.cases.iter().map(|case| {
        json!({
            "case": case.case.to_string(),
            "account": case.account.map(|account| account.to_string()),
            "purpose": case.purpose.name(),
            "expires": case.expires.to_string(),
        })
    });
    let (tickets, cases): (Vec<_>, Vec<_>) = (tickets.collect(), cases.collect());
    json!({"tickets": tickets, "cases": cases, "next": paged::value(inbox.next.as_ref())})
}
