//! `audit`: log, show, verify, checkpoint.

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::{
    audit::VerifierKey,
    room::{self, AccountId, LogPart},
};

use crate::{
    actor::Actor,
    audit_page,
    call::{Call, Takes},
    failed::{Exit, Failed},
    faults,
    output::Output,
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
    /// Verify the whole log from the room's files; also of a room that does not open
    Verify {
        /// The log's public key, as the auditor has it from elsewhere
        #[arg(long, value_name = "KEY", value_parser = typed::verifier_key)]
        key: Option<VerifierKey>,
    },
    /// Print the newest signed checkpoint, for somebody else to keep
    Checkpoint {
        /// Into this new file
        file: Option<PathBuf>,
    },
}

/// Which entries.
#[derive(Args)]
pub struct Log {
    /// Begin at this position
    #[arg(long, value_name = "POSITION", value_parser = typed::number)]
    from: Option<u64>,
    /// So many at most
    #[arg(long, value_name = "N", default_value = "50", value_parser = typed::limit)]
    limit: usize,
    /// Those alone that are about this person; from the first one on
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "staff")]
    about: Option<AccountId>,
    /// Those alone that are about principals, grants and enrolment codes; from the first one on
    #[arg(long)]
    staff: bool,
}

impl Audit {
    /// What it takes of the arguments for every command.
    pub const fn takes(&self) -> Takes {
        match self {
            Self::Log(_) | Self::Show { .. } => Takes::Actor,
            Self::Verify { .. } | Self::Checkpoint { .. } => Takes::Nothing,
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
            Self::Verify { key } => return verify(key.as_ref(), call, out),
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
        let from = match (self.from, part) {
            (Some(from), _) => from,
            (None, LogPart::All) => room.log_size()?.saturating_sub(self.limit as u64),
            (None, LogPart::About(_) | LogPart::Staff) => 0,
        };
        audit_page::list(&staff.audit_log(part, from, self.limit, &call.why())?, out);
        Ok(())
    }
}

fn verify(key: Option<&VerifierKey>, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
    let mut progress = Progress::entries(out, call.clock());
    let verified = room::verify(call.directory(), key, |entries| progress.at(entries))?;
    drop(progress);
    audit_page::verified(&verified, key.is_some(), out);
    Ok(if verified.is_sound() { Exit::Done } else { Exit::Integrity })
}

fn checkpoint(file: Option<PathBuf>, call: &Call, out: &mut Output) -> Result<(), Failed> {
    let room = call.room()?;
    let (note, key) = (room.checkpoint()?, room.verifier_key());
    let Some(path) = file else {
        out.result("audit.checkpoint", json!({"checkpoint": note, "verifier_key": key}), note.trim_end());
        return Ok(());
    };
    let mut new = NewFile::create(&path)?;
    new.write_all(note.as_bytes()).map_err(|e| faults::file(&path, &e))?;
    new.keep()?;
    let value = json!({"checkpoint": note, "verifier_key": key, "file": path.to_string_lossy()});
    out.result("audit.checkpoint", value, format_args!("wrote {}", shown::line(&path.to_string_lossy())));
    Ok(())
}
