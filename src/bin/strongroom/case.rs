//! `case`: open, close.

use clap::Subcommand;
use serde_json::json;
use strongroom::room::{AccountId, CaseId};

use crate::{actor::Actor, call::Call, failed::Failed, output::Output};

/// Why a person's data is read where no ticket says so.
#[derive(Subcommand)]
pub enum Case {
    /// Open a case for a purpose (`--purpose`), which counts for a day
    Open {
        /// About whom
        #[arg(long)]
        account: Option<AccountId>,
    },
    /// Close a case
    Close {
        /// Which
        #[arg(value_name = "CASE")]
        id: CaseId,
    },
}

impl Case {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let staff = Actor::staff(call, &call.room()?)?.staff;
        match self {
            Self::Open { account } => {
                let case = staff.open_case(account, &call.why())?;
                out.result(
                    "case.open",
                    json!({"case": case.to_string()}),
                    format_args!("opened case {case}"),
                );
            }
            Self::Close { id } => {
                staff.close_case(id, &call.why())?;
                out.result("case.close", json!({"case": id.to_string()}), format_args!("closed case {id}"));
            }
        }
        Ok(())
    }
}
