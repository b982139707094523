//! Support: refused without a ticket, and with one shown as much as the work takes.

use std::io::Read;

use strongroom::room::{AccountId, CaseRef, LogEntry, Purpose, Staff, StaffError, Why, Words};

use super::{
    amiss::amiss,
    assets::{EMAIL, STATEMENT},
    customer::Customer,
    stage::Stage,
    ticket::{Ticket, hex_digest},
};
use crate::failed::Failed;

/// The entry of the revealed address.
pub struct Reveal {
    /// Its position.
    pub position: u64,
    /// Whose address it was.
    pub subject: AccountId,
}

/// Plays the scene.
pub fn play(stage: &mut Stage<'_>, jane: &Customer, ticket: &Ticket) -> Result<Reveal, Failed> {
    stage.story.scene("support", "Support")?;
    let (sam, sam_id) = (stage.staff("sam")?, stage.principal("sam")?);
    let purpose = Why::purpose(Purpose::SupportRequest);
    without_a_ticket(stage, &sam, jane, ticket)?;

    stage.story.say(
        "He takes the ticket. Now there is a reason, and it stands in each entry. The order is the promise: first \
         the record is on disk, then something opens.",
    )?;
    sam.assign(ticket.id, sam_id, &Why::unstated())?;
    let found = sam.find(EMAIL, &purpose)?;
    let account = sam.account(found, &purpose)?;
    let name = account.name.as_ref().map_or("-", |name| name.text());
    stage.tell()?;
    stage.story.show(&[("address", account.email.text()), ("name", name)])?;

    read_ticket(stage, &sam, ticket)?;

    let reveal = purpose.case(CaseRef::Ticket(ticket.id));
    stage
        .story
        .say("He asks for the whole address, which is more than support may have without an extra grant.")?;
    denied(stage, "reveal", sam.reveal_email(jane.account, &reveal).map(drop))?;

    stage
        .story
        .say("Lea leads support. She takes the ticket over, and says in words why she needs the address.")?;
    let (lea, lea_id) = (stage.staff("lea")?, stage.principal("lea")?);
    lea.assign(ticket.id, lea_id, &Why::unstated())?;
    let email = lea.reveal_email(jane.account, &reveal.because("the customer wants an answer by mail"))?;
    let told = stage.tell()?;
    stage.story.show(&[("address", email.expose().as_str())])?;
    let is_reveal = |entry: &&LogEntry| entry.entry.what.name() == "account.reveal";
    let reveal = told.iter().find(is_reveal).ok_or_else(|| amiss("the reveal has no entry"))?;
    let position = reveal.entry.position;

    stage.story.say(
        "Her words stand beside the entry, sealed under Jane's own key: they go when it is destroyed.",
    )?;
    let reason = stage.reason(position)?;
    stage.tell()?;
    stage.story.show(&[("reason", &reason)])?;
    Ok(Reveal { position, subject: jane.account })
}

fn without_a_ticket(
    stage: &mut Stage<'_>,
    sam: &Staff,
    jane: &Customer,
    ticket: &Ticket,
) -> Result<(), Failed> {
    stage.story.say("Sam is curious. He looks at an account without saying what for.")?;
    denied(stage, "account", sam.account(jane.account, &Why::unstated()).map(drop))?;
    stage
        .story
        .say("He opens a ticket that is not his: not as its assignee, and not as one who may read any.")?;
    denied(stage, "ticket", sam.ticket(ticket.id, &Why::purpose(Purpose::SupportRequest)).map(drop))
}

fn read_ticket(stage: &mut Stage<'_>, sam: &Staff, ticket: &Ticket) -> Result<(), Failed> {
    let purpose = Why::purpose(Purpose::SupportRequest);
    stage.story.say("He reads the ticket, and opens the statement: byte for byte what Jane sent.")?;
    let seen = sam.ticket(ticket.id, &purpose)?;
    let message = seen.messages.first().map(|message| &message.words);
    let Some(Words::Message(body)) = message else { return Err(amiss("the ticket has no message")) };
    let mut opened = sam.attachment(ticket.attachment, &purpose)?;
    let mut content = Vec::new();
    opened.content.read_to_end(&mut content).map_err(amiss)?;
    if content != STATEMENT.content {
        return Err(amiss("the attachment is not what was attached"));
    }
    stage.tell()?;
    stage.story.show(&[
        ("subject", seen.subject.expose().as_str()),
        ("message", body.expose().as_str()),
        ("file", opened.name.expose().as_str()),
        ("sha256", &hex_digest(&content)),
    ])
}

/// Tells a refusal, which must be one by the rules.
fn denied(stage: &mut Stage<'_>, what: &str, answer: Result<(), StaffError>) -> Result<(), Failed> {
    match answer {
        Err(StaffError::Denied { refused }) => {
            stage.story.refused(what, &format!("denied: {}", refused.reason))?;
            stage.tell()?;
            Ok(())
        }
        Err(other) => Err(other.into()),
        Ok(()) => Err(amiss("what must be refused was granted")),
    }
}
