//! `account rename`, `password`, `address`: what a customer changes of his own account.

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::room::Room;

use crate::{
    actor::Actor,
    call::Call,
    failed::Failed,
    letter::LetterTo,
    output::Output,
    secret::{NewPasswordFrom, PasswordFrom, ProofFrom},
};

/// Another name.
#[derive(Args)]
pub struct Rename {
    /// The name
    #[arg(required_unless_present = "no_name")]
    name: Option<String>,
    /// Have none
    #[arg(long, conflicts_with = "name")]
    no_name: bool,
}

/// Another password.
#[derive(Args)]
pub struct Password {
    #[command(flatten)]
    password: PasswordFrom,
    #[command(flatten)]
    new: NewPasswordFrom,
}

/// Another address.
#[derive(Subcommand)]
pub enum Address {
    /// Ask for another address, on the password: it counts once who reads its mail has confirmed it
    Ask(Ask),
    /// Confirm the address by a code or a link that came there
    Confirm(ProofFrom),
}

/// What is asked for.
#[derive(Args)]
pub struct Ask {
    /// The e-mail address
    address: String,
    #[command(flatten)]
    password: PasswordFrom,
    #[command(flatten)]
    letter: LetterTo,
}

impl Rename {
    /// Gives the customer another name.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(self, room: &Room, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let owner = Actor::customer(call, room)?;
        let cards_masked = room.owner(&owner).change_name(self.name.as_deref())?;
        out.cards_masked(cards_masked);
        let account = owner.account();
        let value = json!({"account": account.to_string(), "cards_masked": cards_masked});
        out.result("account.rename", value, format_args!("renamed account {account}"));
        Ok(())
    }
}

impl Password {
    /// Sets another password, on the one that the customer has.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, room: &Room, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let owner = Actor::customer(call, room)?;
        let (password, new) = (self.password.read()?, self.new.choose()?);
        room.owner(&owner).change_password(&password, &new)?;
        let account = owner.account();
        let told = format!("account {account} has another password, and its other sessions have ended");
        out.result("account.password", json!({"account": account.to_string()}), told);
        Ok(())
    }
}

impl Address {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, room: &Room, call: &Call, out: &mut Output) -> Result<(), Failed> {
        match self {
            Self::Ask(ask) => {
                let owner = Actor::customer(call, room)?;
                let letter = ask.letter.open()?;
                let asked = room.owner(&owner).ask_address(&ask.password.read()?, &ask.address)?;
                letter.tell("account.address.ask", &asked, out)
            }
            Self::Confirm(proof) => {
                let shown = proof.read()?;
                let account = room.confirm_address(&shown.proof())?;
                let value = json!({"account": account.to_string()});
                out.result(
                    "account.address.confirm",
                    value,
                    format_args!("account {account} has the address"),
                );
                Ok(())
            }
        }
    }
}
