//! The customer opens a ticket, with a card number that has no place there and a file that another tool made.

use sha2::{Digest, Sha256};
use strongroom::room::{AttachmentId, TicketId};

use super::{
    amiss::amiss,
    assets::{BODY, STATEMENT, SUBJECT},
    customer::Customer,
    stage::Stage,
};
use crate::failed::Failed;

/// What came of the scene.
pub struct Ticket {
    /// The ticket.
    pub id: TicketId,
    /// Its attachment.
    pub attachment: AttachmentId,
}

/// A SHA-256 digest in hexadecimal.
pub fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Opens the ticket.
pub fn play(stage: &mut Stage<'_>, jane: &Customer) -> Result<Ticket, Failed> {
    stage.story.scene("ticket", "A ticket")?;
    stage.story.say("Jane writes to support, and types her card number where it does not belong.")?;
    stage.story.show(&[("types", BODY)])?;
    let owner = stage.room.owner(&jane.session);
    let opened = owner.open_ticket(SUBJECT, BODY)?;
    let own = owner.ticket(opened.ticket)?;
    let first = own.messages.first().ok_or_else(|| amiss("the ticket has no message"))?;
    let cards = opened.cards_masked.to_string();
    stage.tell()?;
    stage
        .story
        .say("One card number was masked before anything was stored, and she is told. What there is now:")?;
    stage.story.show(&[
        ("ticket", &opened.ticket.to_string()),
        ("cards masked", &cards),
        ("stored", first.body.expose().as_str()),
    ])?;

    stage
        .story
        .say("She attaches her bank statement, a PDF that GNU groff made. It is sealed as it streams in.")?;
    let owner = stage.room.owner(&jane.session);
    let attached = owner.attach(opened.ticket, STATEMENT.name, STATEMENT.media_type, STATEMENT.content)?;
    stage.tell()?;
    stage.story.show(&[
        ("file", STATEMENT.name),
        ("bytes", &attached.bytes.to_string()),
        ("sha256", &hex_digest(STATEMENT.content)),
    ])?;
    Ok(Ticket { id: opened.ticket, attachment: attached.attachment })
}
