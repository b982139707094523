//! `account signup`, `invite`, `confirm`, `accept`, `look`: accounts whose address has to be confirmed first.

use clap::Args;
use serde_json::json;
use strongroom::room::{Registered, Registration, Room};

use crate::{
    failed::Failed,
    letter::LetterTo,
    output::Output,
    secret::{LinkFrom, PasswordFrom, ProofFrom},
    shown,
};

/// Somebody who registers.
#[derive(Args)]
pub struct SignUp {
    /// The e-mail address
    address: String,
    /// A name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    password: PasswordFrom,
    #[command(flatten)]
    letter: LetterTo,
}

/// Somebody who is invited.
#[derive(Args)]
pub struct Invite {
    /// The e-mail address
    address: String,
    /// A name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    letter: LetterTo,
}

/// An invitation that is taken up.
#[derive(Args)]
pub struct Accept {
    #[command(flatten)]
    proof: ProofFrom,
    #[command(flatten)]
    password: PasswordFrom,
}

impl SignUp {
    /// Registers somebody whose address is still to be confirmed.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, room: &Room, out: &mut Output) -> Result<(), Failed> {
        let letter = self.letter.open()?;
        let password = self.password.choose()?;
        let (email, name) = (&self.address, self.name.as_deref());
        let asked = room.sign_up(&Registration { email, name, password: &password })?;
        letter.tell("account.signup", &asked, out)
    }
}

impl Invite {
    /// Invites somebody.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, room: &Room, out: &mut Output) -> Result<(), Failed> {
        let letter = self.letter.open()?;
        let asked = room.invite(&self.address, self.name.as_deref())?;
        letter.tell("account.invite", &asked, out)
    }
}

impl Accept {
    /// Makes the account of who was invited.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, room: &Room, out: &mut Output) -> Result<(), Failed> {
        let shown = self.proof.read()?;
        let registered = room.accept(&shown.proof(), &self.password.choose()?)?;
        came("account.accept", &registered, out);
        Ok(())
    }
}

/// Makes the account of who registered.
///
/// # Errors
/// What the room or a person's input refuses.
pub fn confirm(room: &Room, proof: &ProofFrom, out: &mut Output) -> Result<(), Failed> {
    let shown = proof.read()?;
    came("account.confirm", &room.confirm(&shown.proof())?, out);
    Ok(())
}

/// Says what a link is for.
///
/// # Errors
/// It does nothing, or nothing any more.
pub fn look(room: &Room, link: &LinkFrom, out: &mut Output) -> Result<(), Failed> {
    let looked = room.look(&link.read()?)?;
    let value = json!({"topic": looked.topic.name(), "expires": looked.expires.to_string()});
    let told = format!("{}, until {}", looked.topic.name(), shown::time(looked.expires));
    out.result("account.look", value, told);
    Ok(())
}

fn came(name: &str, registered: &Registered, out: &mut Output) {
    out.cards_masked(registered.cards_masked);
    let account = registered.account.to_string();
    let value = json!({"account": account, "cards_masked": registered.cards_masked});
    out.result(name, value, format_args!("registered account {account}"));
}
