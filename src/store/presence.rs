//! Who has the room open: a lock that every process shares for as long as it has, and a restore holds alone. The lane's
//! locks are held for one batch at a time and tell nothing about a process that rests.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    thread,
};

use super::{StoreError, StoreFiles};
use crate::base::limits::{PRESENCE_PAUSE, PRESENCE_TRIES_MAX};

/// A place in the room, until it is dropped.
pub(crate) struct Presence {
    _lock: File,
}

impl Presence {
    /// One among others.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while somebody is alone.
    pub(crate) fn shared(files: &StoreFiles) -> Result<Self, StoreError> {
        Self::take(files, File::try_lock_shared)
    }

    /// Alone.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while anybody is there.
    pub(crate) fn alone(files: &StoreFiles) -> Result<Self, StoreError> {
        Self::take(files, File::try_lock)
    }

    fn take(files: &StoreFiles, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Self, StoreError> {
        let path = files.directory.join("room.lock");
        let mut open = OpenOptions::new();
        let file = open.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let failed = |path: PathBuf, e: std::io::Error| StoreError::File { path, fault: e.kind() };
        let file = file.map_err(|e| failed(path.clone(), e))?;
        // A process that starts another one shares its locks with it for a moment: one refusal is none yet.
        for _ in 0..PRESENCE_TRIES_MAX {
            match lock(&file) {
                Ok(()) => return Ok(Self { _lock: file }),
                Err(TryLockError::WouldBlock) => thread::sleep(PRESENCE_PAUSE),
                Err(TryLockError::Error(e)) => return Err(failed(path, e)),
            }
        }
        Err(StoreError::Busy)
    }
}
