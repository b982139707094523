//! `restore`: a room as it was when its backups were taken, but for what was erased since.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use strongroom::room::{Backups, Restored};

use crate::{call::Call, failed::Failed, output::Output, progress::Progress, shown};

/// From which backups.
#[derive(Args)]
pub struct Restore {
    /// The backup of the data
    #[arg(long, value_name = "BACKUP", required_unless_present = "keyring")]
    data: Option<PathBuf>,
    /// The backup of the keyring; without it the room keeps the keyring that it has
    #[arg(long, value_name = "BACKUP")]
    keyring: Option<PathBuf>,
    /// Go on although the keyring lacks keys of the data: what they seal is lost then
    #[arg(long)]
    accept_missing: bool,
}

impl Restore {
    /// Restores the room.
    ///
    /// # Errors
    /// A process has the room open, or the backups are not what their manifests say.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let mut bar = None;
        let Self { data, keyring, accept_missing } = self;
        let backups = Backups { data, keyring, accept_missing };
        let restored = call.options().restore(&backups, |done, all| {
            bar.get_or_insert_with(|| Progress::bytes(out, call.clock(), Some(all))).at(done);
        })?;
        drop(bar);
        tell(&restored, out);
        Ok(())
    }
}

fn tell(restored: &Restored, out: &mut Output) {
    let place = |path: &Option<PathBuf>| path.as_deref().map(|path| path.to_string_lossy().into_owned());
    let (aside, blobs_aside) = (place(&restored.aside), place(&restored.blobs_aside));
    if out.is_json() {
        let value = json!({
            "incarnation": restored.incarnation,
            "size": restored.size,
            "taken": restored.taken.map(|taken| taken.to_string()),
            "outside_size": restored.outside_size,
            "lost": restored.lost(),
            "aside": aside,
            "blobs_aside": blobs_aside,
            "missing": {"keys": restored.missing.keys, "people": restored.missing.people},
        });
        out.json("restore", value);
    } else {
        let entries = shown::count(restored.size, "entry", "entries");
        out.line(format_args!("restored with {entries}, as incarnation {} of the log", restored.incarnation));
    }
    if restored.lost() > 0 {
        let (from, last) = (restored.size, restored.outside_size - 1);
        let range = if from == last { format!("entry {from}") } else { format!("entries {from} to {last}") };
        out.warn(
            format_args!("{range} of the old log came after the backup: what they tell of is lost"),
            "roles that were taken away since stand again: look them through before anybody works",
        );
    }
    if !restored.missing.is_nothing() {
        out.warn(
            format_args!("the keyring lacks {}: what it would open is lost", restored.missing),
            "no key is made in their place; the keyring that has them makes the data whole again",
        );
    }
    if let Some(aside) = aside {
        out.note(format_args!(
            "the old store is kept as {}; remove it when nobody needs it",
            shown::line(&aside)
        ));
    }
    if let Some(blobs) = blobs_aside {
        out.note(format_args!(
            "the attachments that only it names are kept in {}; remove them with it",
            shown::line(&blobs)
        ));
    }
    out.note("everybody has to log in again");
}
