//! Who has the room open: a lock that every process shares for as long as it has, and a restore holds alone. The lane's
//! locks are held for one batch at a time and tell nothing about a process that rests.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

use super::{StoreError, StoreFiles};

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
        match lock(&file) {
            Ok(()) => Ok(Self { _lock: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(e)) => Err(failed(path, e)),
        }
    }
}
