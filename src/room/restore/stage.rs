//! The first half of a restore, which changes nothing: backups are copied beside what they replace, and each byte of them
//! is held against their manifests.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    super::{
        backup::sync_tree,
        copying::{self, Meter, Sum},
        error::Failure,
        layout::{Layout, sync_directory},
        manifest::{self, BadManifest, FileSum, Manifest},
    },
    error::RestoreError,
};
use crate::{
    audit::BackupKind,
    base::{RoomId, Secret},
    store::{KeyringFiles, StoreFiles},
};

/// Where copies wait, beside what they replace: in the same file system, so that each takes its place at once.
pub(super) struct Stage {
    pub(super) store: PathBuf,
    pub(super) keyring: PathBuf,
}

impl Stage {
    /// The empty stage of a room. What a restore that broke off left there goes.
    pub(super) fn clear(layout: &Layout) -> Result<Self, Failure> {
        let (store, keyring) = (layout.store().directory, layout.keyring().directory);
        let stage = Self { store: store.join("restore"), keyring: keyring.join("restore") };
        stage.remove()?;
        for directory in [&store, &keyring, &layout.store().blobs(), &stage.store, &stage.keyring] {
            copying::directory(directory).map_err(|e| Failure::file(directory, &e))?;
        }
        Ok(stage)
    }

    /// Removes it with all that it holds.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        for directory in [&self.store, &self.keyring] {
            match fs::remove_dir_all(directory) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Failure::file(directory, &e)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The staged store.
    pub(super) fn store_files(&self) -> StoreFiles {
        StoreFiles { directory: self.store.clone() }
    }

    /// The staged keyring.
    pub(super) fn keyring_files(&self) -> KeyringFiles {
        KeyringFiles { directory: self.keyring.clone() }
    }

    /// Copies a backup's keyring, which nobody has vouched for yet: the key that vouches is in it.
    pub(super) fn copy_keyring(&self, backup: &Path) -> Result<Sum, RestoreError> {
        let name = "keyring.db";
        let sum = copy(&backup.join(name), &self.keyring.join(name), &mut |_| ())?;
        sync_directory(&self.keyring).map_err(|e| Failure::file(&self.keyring, &e))?;
        Ok(sum)
    }

    /// Copies a backup's store and those blobs that the room does not have as they should be.
    pub(super) fn copy_data(
        &self,
        backup: &Path,
        manifest: &Manifest,
        layout: &Layout,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<(), RestoreError> {
        let mut meter = Meter { done: 0, all: manifest.bytes(), tell };
        let mut has_store = false;
        for file in &manifest.files {
            has_store |= file.path == "store.db";
            let place = layout.store().directory.join(&file.path);
            if file.path.starts_with("blobs/") && is_there(&place, file) {
                // The backup's own is read all the same: a damaged backup is not taken for a whole one.
                let path = backup.join(&file.path);
                let read = copying::sum(&path, &mut |bytes| meter.add(bytes));
                fits(&path, file, missing(&path, read)?)?;
                continue;
            }
            let target = self.store.join(&file.path);
            for parent in parents(&target, &self.store) {
                copying::directory(&parent).map_err(|e| Failure::file(&parent, &e))?;
            }
            let path = backup.join(&file.path);
            let copied = copy(&path, &target, &mut |bytes| meter.add(bytes))?;
            fits(&path, file, copied)?;
        }
        if !has_store {
            return Err(RestoreError::Unfit { path: backup.to_path_buf(), what: "names no store.db" });
        }
        let blobs = self.store.join("blobs");
        if blobs.is_dir() {
            sync_tree(&blobs).map_err(|e| Failure::file(&blobs, &e))?;
        }
        Ok(sync_directory(&self.store).map_err(|e| Failure::file(&self.store, &e))?)
    }
}

/// The manifest of a backup of this kind and room.
pub(super) fn manifest(
    backup: &Path,
    kind: BackupKind,
    room: RoomId,
    key: &Secret<32>,
) -> Result<Manifest, RestoreError> {
    let unfit = |what| RestoreError::Unfit { path: backup.join(manifest::FILE), what };
    let text = text_of(backup, kind)?;
    let read = Manifest::decode(&text, room, key).map_err(|bad| {
        unfit(match bad {
            BadManifest::Malformed => "is cut short, or no manifest",
            BadManifest::OtherRoom => "is another room's",
            BadManifest::Unauthentic => "was changed, or written under other keys",
        })
    })?;
    if read.kind == kind { Ok(read) } else { Err(RestoreError::OtherKind { of: kind }) }
}

/// The manifest of a backup of this kind and room, each byte of which was held against it.
pub(in super::super) fn verified(
    backup: &Path,
    kind: BackupKind,
    room: RoomId,
    key: &Secret<32>,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Manifest, RestoreError> {
    let manifest = manifest(backup, kind, room, key)?;
    let mut meter = Meter { done: 0, all: manifest.bytes(), tell };
    for file in &manifest.files {
        let path = backup.join(&file.path);
        let read = copying::sum(&path, &mut |bytes| meter.add(bytes));
        fits(&path, file, missing(&path, read)?)?;
    }
    Ok(manifest)
}

/// The text of a backup's manifest; without one it is no backup.
pub(super) fn text_of(backup: &Path, of: BackupKind) -> Result<String, RestoreError> {
    manifest::read(backup)?.ok_or(RestoreError::NoBackup { of })
}

/// Holds a copy against what the manifest says of it.
pub(super) fn fits(path: &Path, file: &FileSum, found: Sum) -> Result<(), RestoreError> {
    if found == (Sum { bytes: file.bytes, sha256: file.sha256 }) {
        Ok(())
    } else {
        Err(RestoreError::Unfit { path: path.to_path_buf(), what: "is not what the manifest says" })
    }
}

fn copy(from: &Path, to: &Path, progress: &mut dyn FnMut(u64)) -> Result<Sum, RestoreError> {
    let mut file = missing(from, fs::File::open(from))?;
    Ok(copying::copy(&mut file, to, progress).map_err(|e| Failure::file(to, &e))?)
}

/// A file that the manifest names and the backup has not.
fn missing<T>(path: &Path, read: io::Result<T>) -> Result<T, RestoreError> {
    read.map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => RestoreError::Unfit { path: path.to_path_buf(), what: "is missing" },
        _ => Failure::file(path, &e).into(),
    })
}

/// Whether a file of the room is the one that the backup has.
fn is_there(place: &Path, file: &FileSum) -> bool {
    let as_long = fs::symlink_metadata(place).is_ok_and(|found| found.is_file() && found.len() == file.bytes);
    as_long && copying::sum(place, &mut |_| ()).is_ok_and(|sum| sum.sha256 == file.sha256)
}

/// The directories between `root` and a file below it, outermost first.
fn parents(file: &Path, root: &Path) -> Vec<PathBuf> {
    let inner = file.ancestors().skip(1).take_while(|parent| *parent != root);
    let mut parents: Vec<_> = inner.map(Path::to_path_buf).collect();
    parents.reverse();
    parents
}
