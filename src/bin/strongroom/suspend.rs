//! `account suspend`, `reinstate`: nobody logs in to it for a time, and its owner is told why.

use clap::Args;
use serde_json::json;
use strongroom::room::{AccountId, Room, Suspension, SuspensionReason, Time};

use crate::{actor::Actor, call::Call, failed::Failed, output::Output, shown, typed};

/// A suspension.
#[derive(Args)]
pub struct Suspend {
    /// Whose
    account: AccountId,
    /// What its owner is told who shows his password
    #[arg(value_name = "CAUSE", value_parser = typed::suspension())]
    cause: SuspensionReason,
    /// Until when; without it until it is reinstated
    #[arg(long, value_name = "TIME", value_parser = typed::time)]
    until: Option<Time>,
}

impl Suspend {
    /// Suspends the account.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(self, room: &Room, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let Self { account, cause: reason, until } = self;
        Actor::staff(call, room)?.staff.suspend(account, Suspension { reason, until }, &call.why())?;
        let value = json!({
            "account": account.to_string(),
            "cause": reason.name(),
            "until": until.map(|until| until.to_string()),
        });
        let end = until.map_or_else(String::new, |until| format!(" until {}", shown::time(until)));
        out.result("account.suspend", value, format_args!("suspended account {account}{end}: {reason}"));
        Ok(())
    }
}

/// Ends a suspension.
///
/// # Errors
/// What the room refuses.
pub fn reinstate(room: &Room, account: AccountId, call: &Call, out: &mut Output) -> Result<(), Failed> {
    Actor::staff(call, room)?.staff.reinstate(account, &call.why())?;
    let value = json!({"account": account.to_string()});
    out.result("account.reinstate", value, format_args!("reinstated account {account}"));
    Ok(())
}
