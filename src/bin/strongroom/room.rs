//! `room upgrade`: the room's format, and the way to this program's. `room resume`: the end of an alarm, or of a doubt.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use serde_json::json;
use strongroom::room::{Format, Trouble, UpgradeStep};

use crate::{
    actor::Actor,
    call::{Call, Reach, Takes},
    failed::Failed,
    output::Output,
    progress::Progress,
    shown,
};

/// The room itself.
#[derive(Subcommand)]
pub enum Room {
    /// Bring the room to this program's format, after a look at what that would do
    Upgrade(Upgrade),
    /// Serve staff again in a room that was opened for customers alone, or confirm a clock in doubt: it takes two people
    Resume,
}

/// How far it goes.
#[derive(Args)]
#[command(group(ArgGroup::new("extent").required(true).args(["plan", "apply"])))]
pub struct Upgrade {
    /// Say what there is to do, and do nothing
    #[arg(long)]
    plan: bool,
    /// Do it, once the backup is found whole
    #[arg(long, requires = "backup")]
    apply: bool,
    /// A backup of the data that is not older than a day
    #[arg(long, value_name = "BACKUP", conflicts_with = "plan")]
    backup: Option<PathBuf>,
}

impl Room {
    /// Carries it out.
    ///
    /// # Errors
    /// The room does not open, or the backup is none to go back to.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        match self {
            Self::Upgrade(upgrade) => upgrade.run(call, out),
            Self::Resume => resume(call, out),
        }
    }

    /// What it takes of the arguments for every command.
    pub const fn takes(&self) -> Takes {
        match self {
            Self::Upgrade(_) => Takes::Nothing,
            Self::Resume => Takes::Actor,
        }
    }

    /// What it works on.
    pub const fn reach(&self) -> Reach {
        match self {
            Self::Upgrade(_) => Reach::Files,
            Self::Resume => Reach::Room,
        }
    }
}

fn resume(call: &Call, out: &mut Output) -> Result<(), Failed> {
    let resumed = Actor::staff(call, &call.room_or_held()?)?.staff.resume(&call.why())?;
    let (since, entry) = (resumed.since, resumed.position);
    let told = match since {
        Trouble::ClockInDoubt => {
            format!("confirmed: the clock is right, and what destroys by age goes on (entry {entry})")
        }
        _ => format!("resumed: staff are served again; it was held since `{since}` (entry {entry})"),
    };
    out.result("room.resume", json!({"since": since.name(), "entry": entry}), told);
    Ok(())
}

impl Upgrade {
    fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let Self { backup, .. } = self;
        let room = call.room()?;
        let Some(backup) = backup else {
            let format = room.format()?;
            let steps = room.upgrade_plan()?;
            let value = json!({"format": value(&format), "steps": values(&steps)});
            let lines: Vec<_> = steps.iter().map(|step| format!("to {}", told(step))).collect();
            out.result("room.upgrade", value, or_nothing(&lines, &format));
            return Ok(());
        };
        let mut bar = None;
        let upgraded = room.upgrade(&backup, |done, all| {
            bar.get_or_insert_with(|| Progress::bytes(out, call.clock(), Some(all))).at(done);
        })?;
        drop(bar);
        let format = upgraded.format;
        let value = json!({
            "format": value(&format),
            "steps": values(&upgraded.steps),
            "position": upgraded.position,
            "backup": {"taken": upgraded.backup_taken.to_string(), "size": upgraded.backup_size},
        });
        let entry = upgraded.position.map(|position| format!("upgraded (entry {position})"));
        let lines =
            upgraded.steps.iter().map(|step| format!("now {}", told(step))).chain(entry).collect::<Vec<_>>();
        out.result("room.upgrade", value, or_nothing(&lines, &format));
        out.note(format_args!(
            "the backup is whole: the data, with {}, taken at {}",
            shown::count(upgraded.backup_size, "entry", "entries"),
            shown::time(upgraded.backup_taken)
        ));
        Ok(())
    }
}

fn value(format: &Format) -> serde_json::Value {
    json!({
        "room": format.room,
        "reads_from": format.reads_from,
        "writes_from": format.writes_from,
        "program": format.program,
    })
}

fn values(steps: &[UpgradeStep]) -> Vec<serde_json::Value> {
    let value = |step: &UpgradeStep| {
        json!({
            "format": step.format,
            "kind": step.kind.name(),
            "adds": step.adds,
            "reads_from": step.reads_from,
            "writes_from": step.writes_from,
        })
    };
    steps.iter().map(value).collect()
}

/// A step, on one line.
fn told(step: &UpgradeStep) -> String {
    let UpgradeStep { format, kind, adds, reads_from, writes_from } = step;
    let does = kind.name();
    let adds = if adds.is_empty() { String::new() } else { format!(", adds {}", adds.join(", ")) };
    let writers =
        if reads_from == writes_from { String::new() } else { format!("it, of {writes_from} and later ") };
    format!(
        "format {format}: {does}{adds}; programs of format {reads_from} and later read {writers}and write it"
    )
}

/// These lines, or why there are none.
fn or_nothing(lines: &[String], format: &Format) -> String {
    if lines.is_empty() { nothing(format) } else { lines.join("\n") }
}

fn nothing(format: &Format) -> String {
    let Format { room, writes_from, program, .. } = format;
    if room > program {
        format!(
            "nothing to do: a newer program made it format {room}, which programs of format {writes_from} still write"
        )
    } else {
        format!("nothing to do: format {room}")
    }
}
