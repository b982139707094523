//! `hold`: place, release, list.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use strongroom::room::{AccountId, Class, HoldHeader, HoldId, Listed, Staff, Time};

use crate::{
    actor::Actor,
    call::Call,
    erasure_page,
    failed::{Exit, Failed},
    output::Output,
    paged::{self, Paged},
    shown,
    table::Table,
    typed,
};

/// What the law keeps, whoever asks for its erasure.
#[derive(Subcommand)]
pub enum Hold {
    /// Keep classes of an account from being destroyed, on the strength of a case
    Place(Place),
    /// End a hold
    Release {
        /// Which
        #[arg(value_name = "HOLD")]
        id: HoldId,
    },
    /// List the holds in force, the next to be reviewed first
    List {
        /// Of this account alone
        account: Option<AccountId>,
        #[command(flatten)]
        paged: Paged,
    },
}

/// What a hold keeps, and until when nobody needs to look at it again.
#[derive(Args)]
pub struct Place {
    /// Whose data
    account: AccountId,
    /// Which of them; repeated, or with commas
    #[arg(long = "class", value_name = "CLASS", value_parser = typed::holdable(), value_delimiter = ',', required = true)]
    classes: Vec<Class>,
    /// By when somebody has to look whether it is still needed: at most a year from now
    #[arg(long, value_name = "DATE", value_parser = typed::time)]
    review: Time,
}

impl Hold {
    /// Carries it out. A list with an overdue review ends with the code of something overdue.
    ///
    /// # Errors
    /// What the room refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        let staff = Actor::staff(call, &call.room()?)?.staff;
        match self {
            Self::Place(place) => place.run(&staff, call, out)?,
            Self::Release { id } => {
                let freed = staff.release_hold(id, &call.why())?;
                return Ok(erasure_page::released(id, freed.as_ref(), out));
            }
            Self::List { account, paged } => {
                return Ok(list(&staff.holds(account, &paged.page(), &call.why())?, call.clock().now(), out));
            }
        }
        Ok(Exit::Done)
    }
}

impl Place {
    fn run(self, staff: &Staff, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let classes = self.classes.into_iter().collect();
        let hold = staff.place_hold(self.account, classes, self.review, &call.why())?;
        out.result(
            "hold.place",
            json!({"hold": hold.to_string(), "account": self.account.to_string()}),
            format_args!("placed hold {hold} on {classes} of account {}", self.account),
        );
        Ok(())
    }
}

fn list(part: &Listed<HoldHeader>, now: Time, out: &mut Output) -> Exit {
    let (holds, next) = (&part.rows, part.next.as_ref());
    let overdue = holds.iter().filter(|hold| hold.review <= now).count();
    if out.is_json() {
        let holds: Vec<_> = holds.iter().map(|hold| value(hold, now)).collect();
        out.json("hold.list", json!({"holds": holds, "overdue": overdue, "next": paged::value(next)}));
    } else {
        let mut table = Table::new(["hold", "account", "classes", "case", "review"]);
        for hold in holds {
            let mark = if hold.review <= now { " (overdue)" } else { "" };
            table.row([
                hold.hold.to_string(),
                hold.account.to_string(),
                hold.classes.to_string(),
                hold.case.to_string(),
                format!("{}{mark}", shown::time(hold.review)),
            ]);
        }
        out.line(table);
        paged::tell(next, out);
    }
    if overdue == 0 {
        return Exit::Done;
    }
    out.warn(
        format_args!("{} overdue", shown::count(overdue as u64, "review is", "reviews are")),
        "release what is not needed any more; what is, place anew with a later review before releasing the old one",
    );
    Exit::Incomplete
}

fn value(hold: &HoldHeader, now: Time) -> Value {
    json!({
        "hold": hold.hold.to_string(),
        "account": hold.account.to_string(),
        "classes": hold.classes.iter().map(Class::name).collect::<Vec<_>>(),
        "placed_by": hold.placed_by.to_string(),
        "case": hold.case.to_string(),
        "review": hold.review.to_string(),
        "overdue": hold.review <= now,
    })
}
