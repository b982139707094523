//! A customer on the telephone: what she says is held against what is known, and nothing of that is shown.

use strongroom::room::{CaseRef, Compared, Field, Purpose, SecretText, TicketId, Why};

use super::{amiss::amiss, assets::NAME, customer::Customer, stage::Stage};
use crate::failed::Failed;

/// Plays the scene; the ticket of the call.
pub fn play(stage: &mut Stage<'_>, jane: &Customer) -> Result<TicketId, Failed> {
    stage.story.scene("telephone", "The telephone rings")?;
    stage.story.say(
        "Somebody says that she is Jane. Sam opens a ticket for the call, and types what he hears. He learns whether it \
         is right, and sees no name; five wrong answers in a day are the last ones.",
    )?;
    let sam = stage.staff("sam")?;
    let purpose = Why::purpose(Purpose::SupportRequest);
    let call = sam.take_call(jane.account, &purpose)?;
    let why = purpose.case(CaseRef::Ticket(call.ticket));
    let mut told = Vec::new();
    for (said, expected) in [("Janet Dow", Compared::NoMatch), (NAME, Compared::Match)] {
        let answer = SecretText::new(said.to_owned());
        let compared = sam.verify_field(jane.account, Field::Name, &answer, &why)?;
        if compared != expected {
            return Err(amiss("an answer was held against another name"));
        }
        let found = if compared == Compared::Match { "match" } else { "no match" };
        told.push([said.to_owned(), found.to_owned()]);
    }
    stage.story.table("answer", ["said", "found"], &told)?;
    stage.tell()?;
    Ok(call.ticket)
}
