//! One state of a database, held while it is read and copied: what a backup is made of.

use std::path::Path;

use super::{Engine, KeyringFiles, Queries, StoreError, StoreFiles, keyring, log, sqlite::Sqlite};

/// One state of a database. Everybody goes on writing meanwhile; only the write-ahead log cannot be emptied before it
/// is dropped.
pub(crate) struct Snapshot {
    engine: Sqlite,
}

impl Snapshot {
    /// The store's state as it is now.
    pub(crate) fn of_store(files: &StoreFiles) -> Result<Self, StoreError> {
        let mut snapshot = Self::begin(&files.database())?;
        // The engine begins a transaction of reading with its first query.
        log::head(snapshot.engine())?;
        Ok(snapshot)
    }

    /// The keyring's state as it is now.
    pub(crate) fn of_keyring(files: &KeyringFiles) -> Result<Self, StoreError> {
        let mut snapshot = Self::begin(&files.database())?;
        keyring::identity(snapshot.engine())?;
        Ok(snapshot)
    }

    fn begin(path: &Path) -> Result<Self, StoreError> {
        let mut engine = Sqlite::open_reader(path)?;
        engine.snapshot()?;
        Ok(Self { engine })
    }

    /// Copies it into a new file and syncs it; `progress` hears of the pages copied and of all.
    pub(crate) fn copy_to(&self, path: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        self.engine.copy_to(path, progress)
    }
}

impl Queries for Snapshot {
    fn engine(&mut self) -> &mut dyn Engine {
        &mut self.engine
    }
}
