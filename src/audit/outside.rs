//! The two checkpoint files outside the database. `std::fs` alone, so that tests see each call at libc.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::PathBuf,
};

use crate::base::limits;

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// `checkpoint.a`
    A,
    /// `checkpoint.b`
    B,
}

impl Slot {
    /// Both, in the order of their names.
    pub(crate) const ALL: [Self; 2] = [Self::A, Self::B];

    /// The file's name in its directory.
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            Self::A => "checkpoint.a",
            Self::B => "checkpoint.b",
        }
    }

    /// The one that this is not.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What was being done to a checkpoint file when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading it.
    Read,
    /// Opening or creating it.
    Open,
    /// Writing it.
    Write,
    /// Syncing it or its directory.
    Sync,
}

/// A failed call on a checkpoint file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutsideFailed {
    /// What was being done.
    pub step: Step,
    /// The operating system's answer.
    pub kind: io::ErrorKind,
}

impl fmt::Display for OutsideFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self.step {
            Step::Read => "read",
            Step::Open => "open",
            Step::Write => "write",
            Step::Sync => "sync",
        };
        write!(f, "cannot {step} the outside checkpoint: {}", self.kind)
    }
}

impl std::error::Error for OutsideFailed {}

fn failed(step: Step) -> impl Fn(io::Error) -> OutsideFailed {
    move |error| OutsideFailed { step, kind: error.kind() }
}

/// The directory that holds the files, on another device or of another owner than the database.
#[derive(Debug, Clone)]
pub(crate) struct OutsideFiles {
    directory: PathBuf,
}

impl OutsideFiles {
    /// The files in `directory`, which exists.
    pub(crate) const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The bytes of both files, `None` for one that does not exist. At most one byte over the limit is read of
    /// either, enough to refuse it. A reader without the lane may catch a file in the middle of a rewrite: let it
    /// read again before it says so.
    ///
    /// # Errors
    /// [`OutsideFailed`] for anything but a file that does not exist.
    pub(crate) fn read(&self) -> Result<[Option<Vec<u8>>; 2], OutsideFailed> {
        let [a, b] = Slot::ALL.map(|slot| self.read_one(slot));
        Ok([a?, b?])
    }

    fn read_one(&self, slot: Slot) -> Result<Option<Vec<u8>>, OutsideFailed> {
        let file = match File::open(self.directory.join(slot.file_name())) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(Step::Read)(error)),
        };
        let mut bytes = Vec::new();
        let ceiling = u64::try_from(limits::CHECKPOINT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
        file.take(ceiling).read_to_end(&mut bytes).map_err(failed(Step::Read))?;
        Ok(Some(bytes))
    }

    /// Creates a file whole and synced, and its directory entry with it.
    pub(crate) fn create(&self, slot: Slot, bytes: &[u8]) -> Result<(), OutsideFailed> {
        let path = self.directory.join(slot.file_name());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(failed(Step::Open))?;
        file.write_all_at(bytes, 0).map_err(failed(Step::Write))?;
        file.sync_all().map_err(failed(Step::Sync))?;
        File::open(&self.directory).and_then(|directory| directory.sync_all()).map_err(failed(Step::Sync))
    }

    /// Rewrites a file in place, unsynced. It is opened by name each time and not created: a file that somebody
    /// removed or replaced must not be written on unseen.
    pub(crate) fn rewrite(&self, slot: Slot, bytes: &[u8]) -> Result<(), OutsideFailed> {
        let file = OpenOptions::new().write(true).open(self.directory.join(slot.file_name()));
        let file = file.map_err(failed(Step::Open))?;
        file.write_all_at(bytes, 0).map_err(failed(Step::Write))?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if file.metadata().map_err(failed(Step::Write))?.len() != length {
            file.set_len(length).map_err(failed(Step::Write))?;
        }
        Ok(())
    }

    /// Makes what was written to a file survive a power cut, whichever process wrote it.
    pub(crate) fn sync(&self, slot: Slot) -> Result<(), OutsideFailed> {
        let file = OpenOptions::new().write(true).open(self.directory.join(slot.file_name()));
        file.map_err(failed(Step::Open))?.sync_data().map_err(failed(Step::Sync))
    }
}
