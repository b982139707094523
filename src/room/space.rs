//! Space on the disk of the data. Attachments stop before the log would: they are what grows without limit, and a log
//! that cannot grow shows nothing to anybody.

use std::{path::PathBuf, sync::Arc};

use super::error::Failure;
use crate::store::{Reserve, StoreError};

/// How much of its disk the data may fill before attachments are refused.
pub(super) struct Space {
    directory: PathBuf,
    stop_percent: u8,
    reserve: Arc<Reserve>,
}

/// How full a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Filled {
    /// What this process may still write, bytes.
    pub(super) free: u64,
    /// What is taken of what it could write on an empty disk, rounded up, as `df` has it.
    pub(super) percent: u8,
}

impl Space {
    /// The disk that `directory` is on.
    pub(super) fn new(directory: PathBuf, stop_percent: u8, reserve: Arc<Reserve>) -> Self {
        Self { directory, stop_percent, reserve }
    }

    /// Whether what is no customer's login may be written: asked before each part of what is large.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] while the reserve is given back.
    pub(super) fn is_not_full(&self) -> Result<(), Failure> {
        if self.reserve.is_given() { Err(StoreError::DiskFull.into()) } else { Ok(()) }
    }

    /// How full the disk is.
    pub(super) fn filled(&self) -> Result<Filled, Failure> {
        let stat =
            rustix::fs::statvfs(&self.directory).map_err(|e| Failure::file(&self.directory, &e.into()))?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let taken = stat.f_blocks.saturating_sub(stat.f_bfree);
        let all = taken.saturating_add(stat.f_bavail).max(1);
        let percent = u128::from(taken).saturating_mul(100).div_ceil(u128::from(all));
        Ok(Filled { free, percent: u8::try_from(percent).unwrap_or(100) })
    }

    /// Whether attachments may still come.
    ///
    /// # Errors
    /// [`Failure::DiskFilling`]; as [`Space::is_not_full`]; the disk says nothing.
    pub(super) fn has_room(&self) -> Result<(), Failure> {
        self.is_not_full()?;
        let percent = self.filled()?.percent;
        if percent < self.stop_percent { Ok(()) } else { Err(Failure::DiskFilling { percent }) }
    }
}
