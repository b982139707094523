//! `account reset`: another password for who has forgotten his.

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::room::Room;

use crate::{
    failed::Failed,
    letter::LetterTo,
    output::Output,
    secret::{PasswordFrom, ProofFrom},
};

/// A password that was forgotten.
#[derive(Subcommand)]
pub enum Reset {
    /// Ask for a code and a link; the answer is the same whether or not the address has an account
    Ask {
        /// The e-mail address
        address: String,
        #[command(flatten)]
        letter: LetterTo,
    },
    /// Set another password by a code or a link; all sessions of the account end
    Finish(Finish),
}

/// What ends it.
#[derive(Args)]
pub struct Finish {
    #[command(flatten)]
    proof: ProofFrom,
    #[command(flatten)]
    password: PasswordFrom,
}

impl Reset {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, room: &Room, out: &mut Output) -> Result<(), Failed> {
        match self {
            Self::Ask { address, letter } => {
                let letter = letter.open()?;
                letter.tell("account.reset.ask", &room.ask_reset(&address)?, out)
            }
            Self::Finish(finish) => {
                let shown = finish.proof.read()?;
                let account = room.reset(&shown.proof(), &finish.password.choose()?)?;
                let value = json!({"account": account.to_string()});
                let told = format!("account {account} has another password, and its sessions have ended");
                out.result("account.reset.finish", value, told);
                Ok(())
            }
        }
    }
}
