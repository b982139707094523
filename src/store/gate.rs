//! The queue between processes: blocking file locks, never the engine's own lock, whose busy handler sleeps and
//! starves (measured: 22 s against 20 ms at the worst).
//!
//! Two files make the queue fair. A process takes `lane.turn`, then `lane.lock`, then lets the turn go. A process
//! that commits at full rate finds the turn taken by whoever waits, and cannot overtake it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::StoreError;

/// The two lock files of one database.
pub(super) struct Gate {
    lane: File,
    turn: File,
}

impl Gate {
    /// Opens the lock files, making them if they are not there.
    pub(super) fn open(lane: &Path, turn: &Path) -> Result<Self, StoreError> {
        let open = |path: &Path| {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)
                .map_err(|e| StoreError::File { path: path.to_path_buf(), fault: e.kind() })
        };
        Ok(Self { lane: open(lane)?, turn: open(turn)? })
    }

    /// Takes the lane if nobody holds or awaits it; `false` otherwise.
    pub(super) fn try_take(&self) -> Result<bool, StoreError> {
        if !Self::try_lock(&self.turn)? {
            return Ok(false);
        }
        let taken = Self::try_lock(&self.lane);
        Self::unlock(&self.turn);
        taken
    }

    /// Waits for the lane, in turn. Not to be called while [`Gate::try_take`] may be: both work on one open
    /// file, whose lock is one.
    pub(super) fn take(&self) -> Result<(), StoreError> {
        Self::lock(&self.turn)?;
        let taken = Self::lock(&self.lane);
        Self::unlock(&self.turn);
        taken
    }

    fn lock(file: &File) -> Result<(), StoreError> {
        loop {
            match file.lock() {
                // A signal that the program handles came to this thread.
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                other => return other.map_err(|e| Self::failed(&e)),
            }
        }
    }

    /// Lets the lane go.
    pub(super) fn release(&self) {
        Self::unlock(&self.lane);
    }

    fn try_lock(file: &File) -> Result<bool, StoreError> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(e)) => Err(Self::failed(&e)),
        }
    }

    fn unlock(file: &File) {
        // Unlocking a valid descriptor does not fail; closing it, at the latest, lets the lock go.
        let _released = file.unlock();
    }

    fn failed(e: &std::io::Error) -> StoreError {
        StoreError::File { path: "lane.lock".into(), fault: e.kind() }
    }
}
