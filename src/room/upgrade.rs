//! The format of a room, and what an upgrade would do to it. There is one format yet, so no room has a step before it:
//! what stands here says so, and holds the backup that a step will ask for against its manifest. FORMAT.md section 12.

use std::{fmt, path::Path, time::Duration};

use tracing::instrument;

use super::{
    core::Room,
    error::{Failure, Kind},
    restore::{self, RestoreError},
};
use crate::{
    audit::BackupKind,
    base::{RequestId, Time, limits},
    store,
};

/// The format of a room beside this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// The format that the room has.
    pub room: u32,
    /// The oldest format whose programs may read it.
    pub reads_from: u32,
    /// The oldest format whose programs may write it.
    pub writes_from: u32,
    /// The format that this program makes.
    pub program: u32,
}

/// An upgrade that was carried out, or found that there is nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upgraded {
    /// As it is now.
    pub format: Format,
    /// When the backup was taken that was found whole.
    pub backup_taken: Time,
    /// The entries of the log that it has.
    pub backup_size: u64,
}

/// An upgrade does not begin. The room is as it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum UpgradeError {
    /// What was named is no backup of this room's data, or not what its manifest says.
    Backup(RestoreError),
    /// The backup is whole, and too old to go back to, or of a time that this clock has not reached.
    Stale {
        /// When it was taken.
        taken: Time,
    },
    /// The backup is of a log that a restore ended.
    Ended,
    /// The room could not do it.
    Failed(Failure),
}

impl UpgradeError {
    /// What a program does about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Backup(error) => error.kind(),
            Self::Stale { .. } | Self::Ended => Kind::Invalid,
            Self::Failed(failure) => failure.kind(),
        }
    }

    /// When to try again, where that can help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Backup(error) => error.retry_after(),
            Self::Failed(failure) => failure.retry_after(),
            Self::Stale { .. } | Self::Ended => None,
        }
    }

    /// The request whose entry may stand in the log.
    pub fn request_id(&self) -> Option<RequestId> {
        match self {
            Self::Backup(error) => error.request_id(),
            Self::Failed(failure) => failure.request_id(),
            Self::Stale { .. } | Self::Ended => None,
        }
    }
}

impl fmt::Display for UpgradeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backup(error) => error.fmt(f),
            Self::Stale { taken } => {
                let hours = limits::UPGRADE_BACKUP_AGE_MAX.as_secs() / 3600;
                write!(f, "the backup was taken at {taken}: it is not of the last {hours} hours")
            }
            Self::Ended => f.write_str("the backup is of a log that a restore has ended"),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for UpgradeError {}

impl From<RestoreError> for UpgradeError {
    fn from(e: RestoreError) -> Self {
        Self::Backup(e)
    }
}

impl From<Failure> for UpgradeError {
    fn from(e: Failure) -> Self {
        Self::Failed(e)
    }
}

impl Room {
    /// The format that the room has now: somebody with a newer program may have upgraded it since it was opened.
    ///
    /// # Errors
    /// [`Failure`] if the store cannot be read.
    #[instrument(name = "room.format", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn format(&self) -> Result<Format, Failure> {
        let row = store::StoreDatabase::room(&self.core.layout.store())?;
        Ok(Format {
            room: row.format,
            reads_from: row.reads_from,
            writes_from: row.writes_from,
            program: store::FORMAT,
        })
    }

    /// Brings the room to this program's format, once a fresh backup of its data is found whole. There is no step to take
    /// yet: nothing is changed. `progress` hears of the bytes of the backup that were read, and of all.
    ///
    /// # Errors
    /// [`UpgradeError`]; the room is as it was.
    #[instrument(name = "room.upgrade", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn upgrade(
        &self,
        backup: &Path,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Upgraded, UpgradeError> {
        let core = &self.core;
        let manifest = restore::verified(backup, BackupKind::Data, core.id, &core.backup_key, &mut progress)?;
        let head =
            core.store.read(|db| core.store.book().checked_head(db.as_mut()).map_err(Failure::from))?;
        if manifest.incarnation != head.incarnation {
            return Err(UpgradeError::Ended);
        }
        let now = core.clock.now();
        if manifest.taken > now || now.since(manifest.taken) > limits::UPGRADE_BACKUP_AGE_MAX {
            return Err(UpgradeError::Stale { taken: manifest.taken });
        }
        Ok(Upgraded { format: self.format()?, backup_taken: manifest.taken, backup_size: manifest.size })
    }
}
