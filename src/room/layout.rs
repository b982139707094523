//! Where a room's files are. DESIGN: keys apart from data, the checkpoint outside both.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use crate::{
    audit::Slot,
    store::{KeyringFiles, StoreFiles},
};

/// The paths of one room.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: PathBuf,
    outside: PathBuf,
}

impl Layout {
    /// The room in `root`, with its checkpoint in `outside`, or in the room's own directory.
    pub(super) fn new(root: &Path, outside: Option<&Path>) -> Self {
        let outside = outside.map_or_else(|| root.join("outside"), |path| root.join(path));
        Self { root: root.to_path_buf(), outside }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn config(&self) -> PathBuf {
        self.root.join("room.toml")
    }

    pub(super) fn store(&self) -> StoreFiles {
        StoreFiles { directory: self.root.join("store") }
    }

    pub(super) fn keyring(&self) -> KeyringFiles {
        KeyringFiles { directory: self.root.join("keyring") }
    }

    pub(super) fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    pub(super) fn outside(&self) -> &Path {
        &self.outside
    }

    pub(super) fn ledger(&self) -> PathBuf {
        self.outside.join("erasure.ledger")
    }

    /// The file that says that a restore has begun and is not done.
    pub(super) fn unfinished_restore(&self) -> PathBuf {
        self.root.join("restore.unfinished")
    }

    /// Where the checkpoint of an incarnation that a restore ended is kept.
    pub(super) fn ended_checkpoint(&self, incarnation: u32) -> PathBuf {
        self.outside.join(format!("checkpoint.{incarnation}"))
    }

    /// When a checkpoint was last written outside, since the epoch.
    pub(super) fn checkpoint_written(&self) -> io::Result<Duration> {
        let written = Slot::ALL.map(|slot| fs::metadata(self.outside.join(slot.file_name()))?.modified());
        let newest = written.into_iter().flatten().max().ok_or(io::ErrorKind::NotFound)?;
        Ok(newest.duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// Where blobs go that only the store of an incarnation that a restore ended names: beside that store.
    pub(super) fn blobs_aside(&self, incarnation: u32) -> PathBuf {
        self.store().directory.join(format!("blobs.{incarnation}"))
    }

    /// The directories, outermost first.
    pub(super) fn directories(&self) -> [PathBuf; 6] {
        [
            self.root.clone(),
            self.outside.clone(),
            self.keys(),
            self.keyring().directory,
            self.store().directory,
            self.store().blobs(),
        ]
    }

    /// Makes the directories, each its owner's alone, and an empty ledger; their names are durable. The outside place
    /// may be there already, and be somebody else's: it is left as it is, and `doctor` says who can reach it.
    pub(super) fn create(&self) -> io::Result<()> {
        for directory in self.directories() {
            let given = directory == self.outside && directory.is_dir();
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
            if !given {
                fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))?;
            }
            sync_directory(&directory)?;
            if let Some(parent) = directory.parent().filter(|parent| parent.is_dir()) {
                sync_directory(parent)?;
            }
        }
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.ledger())?.sync_all()?;
        sync_directory(&self.outside)
    }

    /// The device that a path is on; paths on one device are lost and stolen together.
    pub(super) fn device(path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.dev())
    }
}

/// Makes the names in `directory` durable.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}
