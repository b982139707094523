//! A ticket as it is shown.

use serde_json::{Value, json};
use strongroom::room::{
    AttachmentHeader, MessageKind, OwnAttachment, OwnTicket, QueuedTicket, TicketHeader, TicketView, Time,
    Words,
};

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

/// A ticket of a queue for programs.
pub fn queued(ticket: &QueuedTicket) -> Value {
    let mut value = header(&ticket.header);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("due".to_owned(), json!(ticket.due.map(|due| due.to_string())));
    }
    value
}

/// One message on the page.
struct Message<'a> {
    /// Who speaks.
    from: &'static str,
    /// When.
    at: Time,
    text: &'a str,
}

/// One attachment on the page.
struct Attached {
    header: AttachmentHeader,
    /// Name and type: to staff they open with the file.
    file: Option<(String, String)>,
}

/// A customer's own ticket.
pub fn own(ticket: &OwnTicket, out: &mut Output) {
    let messages = ticket.messages.iter().map(|message| Message {
        from: if message.by_staff { "staff" } else { "you" },
        at: message.created,
        text: message.body.expose().as_str(),
    });
    let messages = messages.collect::<Vec<_>>();
    let attached = |own: &OwnAttachment| Attached {
        header: own.header,
        file: Some((own.name.expose().as_str().to_owned(), own.media_type.expose().as_str().to_owned())),
    };
    let attachments = ticket.attachments.iter().map(attached).collect::<Vec<_>>();
    page(&ticket.header, ticket.subject.expose().as_str(), &messages, &attachments, None, out);
}

/// A ticket as staff see it.
pub fn staff(ticket: &TicketView, out: &mut Output) {
    let messages = ticket.messages.iter().map(|message| Message {
        from: match message.kind {
            MessageKind::Customer => "customer",
            MessageKind::Reply => "staff",
            MessageKind::Note => "note",
        },
        at: message.created,
        text: match &message.words {
            Words::Message(body) => body.expose().as_str(),
            Words::Note(note) => note.expose().as_str(),
        },
    });
    let messages = messages.collect::<Vec<_>>();
    let position = Some(ticket.position);
    let attached = |header: &AttachmentHeader| Attached { header: *header, file: None };
    let attachments = ticket.attachments.iter().map(attached).collect::<Vec<_>>();
    page(&ticket.header, ticket.subject.expose().as_str(), &messages, &attachments, position, out);
}

fn page(
    header: &TicketHeader,
    subject: &str,
    messages: &[Message<'_>],
    attachments: &[Attached],
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
    for Attached { header, file } in attachments {
        let named = file.as_ref().map_or_else(String::new, |(name, _)| format!(", {}", shown::line(name)));
        out.line(format_args!("attached  {}, {}{named}", header.attachment, shown::bytes(header.bytes)));
    }
    for message in messages {
        out.line(format_args!("\n{}, {}", message.from, shown::time(message.at)));
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
    attachments: &[Attached],
    position: Option<u64>,
) -> Value {
    let message = |message: &Message<'_>| json!({"from": message.from, "at": message.at.to_string(), "text": message.text});
    let attachment = |Attached { header, file }: &Attached| {
        json!({
            "attachment": header.attachment.to_string(),
            "bytes": header.bytes,
            "created": header.created.to_string(),
            "name": file.as_ref().map(|(name, _)| name),
            "media_type": file.as_ref().map(|(_, media_type)| media_type),
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
