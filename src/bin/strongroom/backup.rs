//! `backup`: the data in one directory, the keyring in another.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use strongroom::room::BackupKind;

use crate::{call::Call, failed::Failed, output::Output, progress::Progress, shown};

/// Taken while everybody goes on working: the data first, then the keyring.
#[derive(Subcommand)]
pub enum Backup {
    /// Back up the store and the attachments; no key is in it
    Data {
        /// A new or empty directory
        directory: PathBuf,
    },
    /// Back up the keyring: keys, wrapped, and indexes of addresses
    Keyring {
        /// A new or empty directory, on another device than the data's
        directory: PathBuf,
    },
}

impl Backup {
    /// Takes the backup.
    ///
    /// # Errors
    /// The room does not open, or the directory is not one for it.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let mut bar = None;
        let progress = |done, all| {
            bar.get_or_insert_with(|| Progress::bytes(out, call.clock(), Some(all))).at(done);
        };
        let (taken, directory) = match self {
            Self::Data { directory } => (room.backup_data(&directory, progress)?, directory),
            Self::Keyring { directory } => (room.backup_keyring(&directory, progress)?, directory),
        };
        drop(bar);
        let place = directory.to_string_lossy();
        let value = json!({
            "kind": taken.kind.name(),
            "directory": place,
            "size": taken.size,
            "epoch": taken.epoch,
            "files": taken.files,
            "bytes": taken.bytes,
            "position": taken.position,
        });
        let what = match taken.kind {
            BackupKind::Data => format!("the data, with {}", shown::count(taken.size, "entry", "entries")),
            BackupKind::Keyring => format!("the keyring, as of epoch {}", taken.epoch),
        };
        let (files, at) = (shown::count(taken.files, "file", "files"), taken.position);
        out.result(
            "backup",
            value,
            format_args!("backed up {what}, in {files} to {} (entry {at})", shown::line(&place)),
        );
        out.note(match taken.kind {
            BackupKind::Data => "back up the keyring now, to another place: without it the data stay sealed",
            BackupKind::Keyring => {
                "what is erased from now on stays in this backup, as wrapped keys, until it is deleted"
            }
        });
        Ok(())
    }
}
