//! `call`: a customer is on the telephone.

use clap::Args;
use serde_json::json;
use strongroom::room::{CaseRef, Compared, Field, Kind, Object, Purpose};

use crate::{actor::Actor, call::Call, failed::Failed, output::Output, secret::AnswerFrom, work};

/// A telephone call.
#[derive(Args)]
pub struct Telephone {
    /// The address that the caller says is his
    address: String,
    #[command(flatten)]
    answer: AnswerFrom,
}

impl Telephone {
    /// Finds the account, opens a ticket for the call, holds the name that the caller says against the account's without
    /// showing it, and leaves the agent at work on the ticket.
    ///
    /// # Errors
    /// There is no such account, or the caller is somebody else.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let staff = Actor::staff(call, &room)?.staff;
        let why = || call.why_for(Purpose::SupportRequest);
        let account = staff.find(&self.address, &why())?;
        let answer = self.answer.read()?;
        let ticket = staff.take_call(account, &why())?.ticket;
        let case = CaseRef::Ticket(ticket);
        let compared = staff.verify_field(account, Field::Name, &answer, &why().case(case))?;
        let value = json!({
            "account": account.to_string(),
            "ticket": ticket.to_string(),
            "matched": compared == Compared::Match,
        });
        match compared {
            Compared::NoMatch => Err(Failed::of(Kind::Denied, "this is not the name of the account")
                .hint(format!("ask again, or close the call with `strongroom ticket close {ticket}`"))),
            Compared::Match => {
                let on = staff.work_on(case, call.purpose())?;
                if call.acting().is_none() {
                    let file = call.session_file(&room)?;
                    if let Some(session) = file.read()? {
                        work::keep(&file, session, &on)?;
                    }
                }
                let on = Object::from(case);
                out.result(
                    "call",
                    value,
                    format_args!("the name is that of account {account}: at work on {on}"),
                );
                Ok(())
            }
        }
    }
}
