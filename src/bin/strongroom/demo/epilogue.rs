//! What is left: a room to try the other commands on.

use std::path::Path;

use strongroom::room::VerifierKey;

use super::{
    assets::{EMAIL, PASSWORD},
    customer::Customer,
    story::Story,
    support::Reveal,
    ticket::Ticket,
};
use crate::{failed::Failed, shown};

/// What the room holds that commands name.
pub struct Left<'a> {
    /// Where it is.
    pub directory: &'a Path,
    /// The log's public key.
    pub key: &'a VerifierKey,
    /// The customer.
    pub jane: &'a Customer,
    /// Her ticket.
    pub ticket: &'a Ticket,
    /// The entry of her revealed address.
    pub reveal: &'a Reveal,
}

/// Says how to act as each principal.
pub fn play(left: &Left<'_>, story: &mut Story<'_>) -> Result<(), Failed> {
    let directory = left.directory.to_string_lossy();
    story.scene("epilogue", "Your turn")?;
    story.say(&format!(
        "The room stays in `{}`. It is a demonstration, so `--as NAME` acts as anybody of its staff. Whatever you \
         do, Vera will read.",
        shown::line(&directory)
    ))?;
    let commands: Vec<_> = commands(left)
        .into_iter()
        .map(|(what_for, command)| {
            (what_for, format!("strongroom --room {} {command}", shell_word(&directory)))
        })
        .collect();
    story.commands(&commands)?;
    story.say(&format!("Jane's password is `{PASSWORD}`."))
}

/// What each command is for, and the command behind the room.
fn commands(left: &Left<'_>) -> [(&'static str, String); 13] {
    let Left { key, jane, ticket, reveal, .. } = left;
    let (account, id, attachment, position) = (jane.account, ticket.id, ticket.attachment, reveal.position);
    [
        ("is the log whole, and the one that vera knows?", format!("audit verify --key {key}")),
        ("vera: does the room keep what was promised?", "--as vera policy check".to_owned()),
        ("vera: what happened", "--as vera audit log --limit 20".to_owned()),
        ("vera: one entry, and lea's reason beside it", format!("--as vera audit show {position}")),
        ("sam: an account, masked", format!("--as sam account show {account} --purpose support_request")),
        ("lea: any ticket", format!("--as lea ticket show {id} --purpose support_request")),
        ("bill: payments in detail", format!("--as bill billing detail {account} --purpose billing_dispute")),
        ("bill: the bank statement", format!("--as bill attachment get {attachment} statement.pdf")),
        (
            "priya, of privacy: another purpose",
            format!("--as priya account show {account} --purpose data_subject_request"),
        ),
        ("ada: who there is (a new role will take alan, too)", "--as ada staff list".to_owned()),
        ("jane: log in", format!("login {EMAIL} --session jane.session")),
        ("jane: her own ticket", format!("ticket show {id} --session jane.session")),
        ("what an operator should change", "doctor".to_owned()),
    ]
}

/// The text as one word of a shell.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._/-".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        assert_eq!(shell_word("/tmp/strongroom-demo"), "/tmp/strongroom-demo");
        assert_eq!(shell_word("my room; it's $HOME"), "'my room; it'\\''s $HOME'");
    }
}
