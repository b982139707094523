//! `audit`: log, show, verify, checkpoint.

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::{
    audit::VerifierKey,
    room::{self, AccountId, Kind, LogPart, Verified},
};

use crate::{
    actor::{self, Actor},
    audit_page,
    call::{Call, Reach},
    failed::{Exit, Failed},
    faults,
    output::Output,
    paged::Paged,
    private_file::NewFile,
    progress::Progress,
    shown, typed,
};

/// What happened, and whether it is what happened.
#[derive(Subcommand)]
pub enum Audit {
    /// List entries of the log, the newest ones unless told where to begin
    Log(Log),
    /// Show one entry with the texts beside it
    Show {
        /// Its position
        #[arg(value_parser = typed::number)]
        position: u64,
    },
    /// Verify the whole log, on record if a member of staff is logged in; also of a room that does not open
    Verify(Verify),
    /// Print the newest signed checkpoint, for somebody else to keep; on record if a member of staff is logged in
    Checkpoint {
        /// Into this new file
        file: Option<PathBuf>,
    },
}

/// Verifying.
#[derive(Args)]
pub struct Verify {
    /// The log's public key, as the auditor has it from elsewhere
    #[arg(long, value_name = "KEY", value_parser = typed::verifier_key)]
    key: Option<VerifierKey>,
    /// From the files alone, as who holds a copy does; that is not recorded
    #[arg(long)]
    offline: bool,
}

/// Which entries.
#[derive(Args)]
pub struct Log {
    /// Begin at this position
    #[arg(long, value_name = "POSITION", value_parser = typed::number)]
    from: Option<u64>,
    #[command(flatten)]
    paged: Paged,
    /// Those alone that are about this person; from the first one on
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "staff")]
    about: Option<AccountId>,
    /// Those alone that are about principals, grants and enrolment codes; from the first one on
    #[arg(long)]
    staff: bool,
}

impl Audit {
    /// What it works on.
    pub const fn reach(&self) -> Reach {
        match self {
            Self::Verify(Verify { offline: true, .. }) => Reach::Files,
            _ => Reach::Room,
        }
    }

    /// Carries it out.
    ///
    /// # Errors
    /// What the room refuses. That the log is broken is no error but an answer, with its own exit code.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        match self {
            Self::Log(log) => log.run(call, out)?,
            Self::Show { position } => {
                let detail = Actor::staff(call, &call.room()?)?.staff.audit_show(position, &call.why())?;
                audit_page::entry(&detail, out);
            }
            Self::Verify(verify) => return verify.run(call, out),
            Self::Checkpoint { file } => checkpoint(file, call, out)?,
        }
        Ok(Exit::Done)
    }
}

impl Log {
    fn run(&self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let staff = Actor::staff(call, &room)?.staff;
        let part = match self.about {
            Some(account) => LogPart::About(account),
            None if self.staff => LogPart::Staff,
            None => LogPart::All,
        };
        let page = self.paged.page();
        let from = match (self.from, part) {
            (Some(from), _) => from,
            (None, LogPart::All) if self.paged.is_first() => {
                room.log_size()?.saturating_sub(self.paged.limit() as u64)
            }
            (None, _) => 0,
        };
        audit_page::list(&staff.audit_log(part, from, &page, &call.why())?, out);
        Ok(())
    }
}

impl Verify {
    fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        let key = self.key.as_ref();
        if !self.offline && !actor::is_by_staff(call)? {
            call.holds_files()?;
        }
        let mut progress = Progress::entries(out, call.clock());
        let recorded =
            if self.offline { Err(OFFLINE.to_owned()) } else { on_record(key, call, &mut progress)? };
        let (verified, unrecorded) = match recorded {
            Ok(verified) => (verified, None),
            Err(why) => (room::verify(call.directory(), key, |entries| progress.at(entries))?, Some(why)),
        };
        drop(progress);
        audit_page::verified(&verified, key.is_some(), out);
        match (verified.recorded, unrecorded) {
            (Some(position), _) => out.note(format_args!("this verification is entry {position} of the log")),
            (None, why) => out.note(format_args!("unrecorded: {}", why.unwrap_or_default())),
        }
        Ok(if verified.is_sound() { Exit::Done } else { Exit::Integrity })
    }
}

const OFFLINE: &str = "only the files were read";
const BROKEN: &str = "the room is so broken that nothing can be written to it";
const NOBODY: &str = "no member of staff is logged in";

/// Verifies the log as a member of staff, or tells why nobody has it recorded: a log can be so broken that nothing can
/// be written to it.
fn on_record(
    key: Option<&VerifierKey>,
    call: &Call,
    progress: &mut Progress,
) -> Result<Result<Verified, String>, Failed> {
    // Nor is a room opened where nobody has it recorded: opening settles what a power cut left.
    if !actor::is_by_staff(call)? {
        return Ok(Err(NOBODY.to_owned()));
    }
    let Ok(room) = call.room() else { return Ok(Err("the room does not open".to_owned())) };
    let staff = match Actor::staff(call, &room) {
        Ok(at_work) => at_work.staff,
        Err(failed) if failed.exit() == Exit::Integrity => return Ok(Err(BROKEN.to_owned())),
        Err(failed) => return Err(failed),
    };
    match staff.verify(key, &call.why(), |entries| progress.at(entries)) {
        Ok(verified) => Ok(Ok(verified)),
        Err(e) if e.kind() == Kind::Integrity => Ok(Err(BROKEN.to_owned())),
        Err(e) => Err(e.into()),
    }
}

fn checkpoint(file: Option<PathBuf>, call: &Call, out: &mut Output) -> Result<(), Failed> {
    // Before it is recorded: a name that is taken would waste the record.
    let new = file.as_deref().map(NewFile::create).transpose()?;
    let (room, at_work) = Actor::recording(call)?;
    let (note, position) = match at_work {
        Some(at_work) => {
            let taken = at_work.staff.checkpoint(&call.why())?;
            (taken.note, Some(taken.position))
        }
        None => (room.checkpoint()?, None),
    };
    let mut value = json!({"checkpoint": note, "verifier_key": room.verifier_key(), "recorded": position});
    if let (Some(mut new), Some(path)) = (new, file) {
        new.write_all(note.as_bytes()).map_err(|e| faults::file(&path, &e))?;
        new.keep()?;
        let path = path.to_string_lossy();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("file".to_owned(), path.clone().into());
        }
        out.result("audit.checkpoint", value, format_args!("wrote {}", shown::line(&path)));
    } else {
        out.result("audit.checkpoint", value, note.trim_end());
    }
    told(position, "taking it away", out);
    Ok(())
}

/// Says by which entry something is on record, or that it is not.
pub fn told(position: Option<u64>, what: &str, out: &mut Output) {
    match position {
        Some(position) => out.note(format_args!("{what} is entry {position} of the log")),
        None => out.note(format_args!("unrecorded: {NOBODY}")),
    }
}
