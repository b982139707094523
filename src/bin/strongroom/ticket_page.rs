//! A ticket as it is shown.

use serde_json::{Value, json};
use strongroom::room::{AttachmentHeader, MessageKind, OwnTicket, TicketHeader, TicketView, Words};

use crate::{output::Output, shown};

/// A ticket's header for programs.
pub fn header(header: &TicketHeader) -> Value {
    json!({
        "ticket": header.ticket.to_string(),
        "account": header.account.to_string(),
        "state": header.state.name(),
        "assignee": header.assignee.map(|id| id.to_string()),
        "created": header.created.to_string(),
    })
}

/// One message on the page.
struct Message<'a> {
    /// Who speaks.
    from: &'static str,
    /// When, where it is known.
    at: Option<strongroom::room::Time>,
    text: &'a str,
}

/// A customer's own ticket.
pub fn own(ticket: &OwnTicket, out: &mut Output) {
    let messages = ticket.messages.iter().map(|(by_staff, body)| Message {
        from: if *by_staff { "staff" } else { "you" },
        at: None,
        text: body.expose().as_str(),
    });
    let messages = messages.collect::<Vec<_>>();
    page(&ticket.header, ticket.subject.expose().as_str(), &messages, &ticket.attachments, None, out);
}

/// A ticket as staff see it.
pub fn staff(ticket: &TicketView, out: &mut Output) {
    let messages = ticket.messages.iter().map(|message| Message {
        from: match message.kind {
            MessageKind::Customer => "customer",
            MessageKind::Reply => "staff",
            MessageKind::Note => "note",
        },
        at: Some(message.created),
        text: match &message.words {
            Words::Message(body) => body.expose().as_str(),
            Words::Note(note) => note.expose().as_str(),
        },
    });
    let messages = messages.collect::<Vec<_>>();
    let position = Some(ticket.position);
    page(&ticket.header, ticket.subject.expose().as_str(), &messages, &ticket.attachments, position, out);
}

fn page(
    header: &TicketHeader,
    subject: &str,
    messages: &[Message<'_>],
    attachments: &[AttachmentHeader],
    position: Option<u64>,
    out: &mut Output,
) {
    if out.is_json() {
        out.json("ticket.show", value(header, subject, messages, attachments, position));
        return;
    }
    out.line(format_args!("ticket    {}", header.ticket));
    out.line(format_args!("subject   {}", shown::line(subject)));
    out.line(format_args!("state     {}", header.state));
    out.line(format_args!("account   {}", header.account));
    out.line(format_args!(
        "assignee  {}",
        header.assignee.map_or_else(|| "–".to_owned(), |id| id.to_string())
    ));
    out.line(format_args!("opened    {}", shown::time(header.created)));
    for attachment in attachments {
        out.line(format_args!("attached  {}, {}", attachment.attachment, shown::bytes(attachment.bytes)));
    }
    for message in messages {
        let at = message.at.map_or_else(String::new, |at| format!(", {}", shown::time(at)));
        out.line(format_args!("\n{}{at}", message.from));
        out.line(shown::lines(message.text, "  | "));
    }
    if let Some(position) = position {
        out.note(format_args!("this reading is entry {position} of the log"));
    }
}

fn value(
    of: &TicketHeader,
    subject: &str,
    messages: &[Message<'_>],
    attachments: &[AttachmentHeader],
    position: Option<u64>,
) -> Value {
    let message = |message: &Message<'_>| json!({"from": message.from, "at": message.at.map(|at| at.to_string()), "text": message.text});
    let attachment = |attachment: &AttachmentHeader| {
        json!({
            "attachment": attachment.attachment.to_string(),
            "bytes": attachment.bytes,
            "created": attachment.created.to_string(),
        })
    };
    let mut value = header(of);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("subject".to_owned(), json!(subject));
        fields.insert("messages".to_owned(), messages.iter().map(message).collect());
        fields.insert("attachments".to_owned(), attachments.iter().map(attachment).collect());
        fields.insert("position".to_owned(), json!(position));
    }
    value
}
