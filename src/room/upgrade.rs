//! The format of a room, and its way to the one that this program makes: asked for, on the strength of a backup, in one
//! transaction and under an entry. FORMAT.md section 12.

use std::{fmt, path::Path, time::Duration};

use tracing::instrument;

use super::{
    core::Room,
    error::{Failure, Kind},
    restore::{self, RestoreError},
};
use crate::{
    audit::{Actor, BackupKind, Data, Draft},
    base::{RequestId, Time, limits},
    store::{
        self, RoomRow,
        formats::{self, StoreFormat},
        room_row,
    },
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

/// What a step does to programs of older formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Those that the room bears go on reading and writing it.
    Expands,
    /// Some of them open the room no more.
    Contracts,
}

impl StepKind {
    /// The name, for people and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expands => "expands",
            Self::Contracts => "contracts",
        }
    }
}

/// A step of an upgrade: from one format to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeStep {
    /// The format that the room has after it.
    pub format: u32,
    /// What it does to older programs.
    pub kind: StepKind,
    /// The tables that it adds, and the columns of tables that were there, as `TABLE.COLUMN`.
    pub adds: Vec<String>,
    /// The oldest format whose programs may read the room after it.
    pub reads_from: u32,
    /// The oldest format whose programs may write the room after it.
    pub writes_from: u32,
}

/// An upgrade that was carried out, or found that there is nothing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgraded {
    /// As it is now.
    pub format: Format,
    /// The steps that were taken; none where there was nothing to do.
    pub steps: Vec<UpgradeStep>,
    /// Position of the entry that records them.
    pub position: Option<u64>,
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
        self.core.store.read(|db| Ok(Format::of(&room_row::room(db)?)))
    }

    /// The steps that would bring the room to this program's format; none if it has it, or a newer one.
    ///
    /// # Errors
    /// [`Failure`] if the store cannot be read.
    #[instrument(name = "room.upgrade_plan", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn upgrade_plan(&self) -> Result<Vec<UpgradeStep>, Failure> {
        self.core.store.read(|db| Ok(steps(&room_row::room(db)?)))
    }

    /// Brings the room to this program's format, once a fresh backup of its data is found whole: all steps in one
    /// transaction, under one entry, while others go on working. Where there is no step nothing is changed. `progress`
    /// hears of the bytes of the backup that were read, and of all.
    ///
    /// # Errors
    /// [`UpgradeError`]; the room is as it was, unless it says that it is not settled whether.
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
        let opening = core.opening(None, None)?;
        let taken = core.commit(opening.request, |turn| {
            // As it is now: somebody else may have been faster.
            let before = room_row::room(turn)?;
            let steps = steps(&before);
            for step in formats::steps_from(before.format) {
                room_row::take(turn, step)?;
            }
            let format = Format::of(&room_row::room(turn)?);
            if steps.is_empty() {
                return Ok::<_, Failure>((format, steps, None));
            }
            let (from, to) = (u64::from(before.format), u64::from(format.room));
            let data = Data::RoomUpgraded { from, to, size: manifest.size, root: manifest.root };
            let draft = Draft::done(data, Actor::System, core.call(&opening));
            let position = turn.append(draft, opening.nonce, &opening.details)?;
            Ok((format, steps, Some(position)))
        })?;
        let (format, steps, position) = taken.value;
        let (backup_taken, backup_size) = (manifest.taken, manifest.size);
        Ok(Upgraded { format, steps, position, backup_taken, backup_size })
    }
}

impl Format {
    fn of(row: &RoomRow) -> Self {
        let RoomRow { format, reads_from, writes_from, .. } = *row;
        Self { room: format, reads_from, writes_from, program: store::FORMAT }
    }
}

/// The steps that a room has before it.
fn steps(room: &RoomRow) -> Vec<UpgradeStep> {
    let mut bears = (room.reads_from, room.writes_from);
    let step = |step: &StoreFormat| {
        let StoreFormat { number: format, reads_from, writes_from, .. } = *step;
        let before = std::mem::replace(&mut bears, (reads_from, writes_from));
        let kind = if bears == before { StepKind::Expands } else { StepKind::Contracts };
        UpgradeStep { format, kind, adds: step.adds(), reads_from, writes_from }
    };
    formats::steps_from(room.format).map(step).collect()
}
