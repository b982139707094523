//! What is left: a room to try the other commands on.

use std::path::Path;

use super::{customer::Customer, story::Story, ticket::Ticket};
use crate::failed::Failed;

/// Says how to act as each principal.
pub fn play(directory: &Path, jane: &Customer, ticket: &Ticket, story: &mut Story<'_>) -> Result<(), Failed> {
    story.scene("epilogue", "Your turn")?;
    story.say(&format!(
        "The room stays in `{}`. It is a demonstration, so `--as NAME` acts as anybody of its staff.",
        directory.display()
    ))?;
    let room = format!("strongroom --room {}", directory.display());
    let (account, id, attachment) = (jane.account, ticket.id, ticket.attachment);
    let commands = [
        (format!("{room} audit verify"), "is the log whole?"),
        (format!("{room} --as vera audit log"), "what happened, as the auditor reads it"),
        (format!("{room} --as sam account show {account} --purpose support_request"), "an account, masked"),
        (format!("{room} --as lea ticket show {id} --purpose support_request"), "a ticket, in clear"),
        (format!("{room} --as bill billing show {account}"), "payments"),
        (format!("{room} --as bill attachment get {attachment} bank-statement.pdf"), "the bank statement"),
    ];
    story.commands(&commands)
}
