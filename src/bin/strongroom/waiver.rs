//! `waiver`: give, list.

use std::time::Duration;

use clap::Subcommand;
use serde_json::{Value, json};
use strongroom::room::{Listed, Waivable, WaiverHeader, WaiverId, WaiverStanding};

use crate::{
    actor::Actor,
    call::Call,
    failed::Failed,
    output::Output,
    paged::{self, Paged},
    shown,
    table::Table,
    typed,
};

/// Rules that are out of force for a time: what a small team cannot keep.
#[derive(Subcommand)]
pub enum Waiver {
    /// Put a rule out of force; this waits for two others, and the same command does it once they have approved
    Give {
        /// Which rule
        #[arg(value_parser = typed::rule())]
        rule: Waivable,
        /// For how long, as `30d`: 180 days at most
        #[arg(long = "for", value_name = "TIME", value_parser = typed::lifetime, default_value = "180d")]
        lifetime: Duration,
    },
    /// Put a rule in force again before its time is over
    End {
        /// Which waiver
        #[arg(value_name = "WAIVER")]
        id: WaiverId,
    },
    /// List the rules that are out of force, the one that ends next first
    List {
        /// Also those that were, and are in force again
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        paged: Paged,
    },
}

impl Waiver {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let staff = Actor::staff(call, &room)?.staff;
        match self {
            Self::Give { rule, lifetime } => {
                let waiver = staff.waive(rule, lifetime, &call.why())?;
                let value = json!({"waiver": waiver.to_string(), "rule": rule.name()});
                out.result("waiver.give", value, format_args!("waived {rule}"));
            }
            Self::End { id } => {
                staff.end_waiver(id, &call.why())?;
                out.result("waiver.end", json!({"waiver": id.to_string()}), format_args!("ended {id}"));
            }
            Self::List { all, paged } => list(&room.waivers(all, &paged.page())?, out),
        }
        Ok(())
    }
}

fn list(part: &Listed<WaiverHeader>, out: &mut Output) {
    let Listed { rows: waivers, next } = part;
    if out.is_json() {
        let waivers: Vec<_> = waivers.iter().map(value).collect();
        out.json("waiver.list", json!({"waivers": waivers, "next": paged::value(next.as_ref())}));
        return;
    }
    let mut table = Table::new(["waiver", "rule", "given by", "until"]);
    for one in waivers {
        let by = one.given_by.map_or_else(|| "the ceremony".to_owned(), |id| id.to_string());
        let until = match one.standing {
            WaiverStanding::InForce | WaiverStanding::Over => shown::time(one.expires),
            WaiverStanding::Ended => "ended before its time".to_owned(),
        };
        table.row([one.waiver.to_string(), one.rule.to_string(), by, until]);
    }
    out.line(table);
    paged::tell(next.as_ref(), out);
}

fn value(waiver: &WaiverHeader) -> Value {
    json!({
        "waiver": waiver.waiver.to_string(),
        "rule": waiver.rule.name(),
        "given_by": waiver.given_by.map(|id| id.to_string()),
        "expires": waiver.expires.to_string(),
        "state": waiver.standing.name(),
    })
}
