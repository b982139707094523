//! Backups: the data in one directory, the keyring in another, each consistent while everybody goes on working.
//!
//! The order of a whole backup is data, blobs, keyring. A backup is an entry of the log before it is one on disk: its
//! manifest, without which it is none, is written last.

use std::{io, path::Path};

use tracing::instrument;

use super::{
    backup_place::{self, BackupError},
    copying::{self, Meter, Sum},
    core::{Core, Room},
    error::Failure,
    layout::sync_directory,
    manifest::{FileSum, Manifest},
};
use crate::{
    audit::{Actor, BackupKind, Data, Draft, Hash, Head},
    base::{AttachmentId, limits},
    seal,
    store::{Queries, Snapshot, keyring, tickets},
};

/// A backup that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Of what.
    pub kind: BackupKind,
    /// How many entries the log had.
    pub size: u64,
    /// The keyring's epoch.
    pub epoch: u64,
    /// Files in it, the manifest aside.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Position of the entry that records it.
    pub position: u64,
}

/// The state of the log that a backup goes with.
struct Stand {
    head: Head,
    epoch: u64,
}

impl Room {
    /// Backs up the store and its blobs into a new or empty directory. It holds no key. `progress` hears of the bytes
    /// done and of all.
    ///
    /// # Errors
    /// [`BackupError`]; what was written so far has no manifest and is no backup.
    #[instrument(name = "room.backup_data", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn backup_data(
        &self,
        directory: &Path,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Backup, BackupError> {
        self.core.backup_data(directory, &mut progress)
    }

    /// Backs up the keyring into a new or empty directory, which must not be the data's. Take it after the data: a
    /// younger keyring has every key that they need.
    ///
    /// # Errors
    /// [`BackupError`]; what was written so far has no manifest and is no backup.
    #[instrument(
        name = "room.backup_keyring",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn backup_keyring(
        &self,
        directory: &Path,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Backup, BackupError> {
        self.core.backup_keyring(directory, &mut progress)
    }
}

impl Core {
    fn backup_data(&self, target: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<Backup, BackupError> {
        self.space.is_not_full()?;
        let directory = backup_place::prepare(target)?;
        let mut snapshot = Snapshot::of_store(&self.layout.store())?;
        let head = self.store.book().checked_head(snapshot.engine())?;
        let blobs = blobs(&mut snapshot)?;
        let mut meter = Meter { done: 0, all: 0, tell };
        let mut files = vec![database(&snapshot, &directory, "store.db", &mut meter, blobs_bytes(&blobs))?];
        // From here on the write-ahead log can be emptied again, which an erasure waits for.
        drop(snapshot);
        self.copy_blobs(&directory, &blobs, &mut files, &mut meter)?;
        files.push(self.copy_config(&directory)?);
        let epoch = head.epoch;
        self.finish_backup(&directory, BackupKind::Data, &Stand { head, epoch }, files)
    }

    fn backup_keyring(&self, target: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<Backup, BackupError> {
        self.space.is_not_full()?;
        let directory = backup_place::prepare(target)?;
        let mut snapshot = Snapshot::of_keyring(&self.layout.keyring())?;
        let (_, epoch) = keyring::identity(snapshot.engine())?;
        let mut meter = Meter { done: 0, all: 0, tell };
        let files = vec![database(&snapshot, &directory, "keyring.db", &mut meter, 0)?];
        drop(snapshot);
        let head = self.store.read(|db| self.store.book().checked_head(db.as_mut()))?;
        self.finish_backup(&directory, BackupKind::Keyring, &Stand { head, epoch }, files)
    }

    /// Copies the blobs that the snapshot's rows name.
    fn copy_blobs(
        &self,
        directory: &Path,
        blobs: &[(AttachmentId, u64)],
        files: &mut Vec<FileSum>,
        meter: &mut Meter<'_>,
    ) -> Result<(), BackupError> {
        let root = directory.join("blobs");
        copying::directory(&root).map_err(|e| Failure::file(&root, &e))?;
        for (attachment, content) in blobs {
            let hex: String = attachment.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            let (first, _) = hex.split_at(2);
            let path = format!("blobs/{first}/{hex}");
            let target = directory.join(&path);
            let mut blob = match self.blobs.open(*attachment) {
                Ok(blob) => blob,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    self.erased_meanwhile(*attachment)?;
                    continue;
                }
                Err(e) => return Err(Failure::file(&target, &e).into()),
            };
            let parent = root.join(first);
            let copied = copying::directory(&parent)
                .and_then(|()| copying::copy(&mut blob, &target, &mut |bytes| meter.add(bytes)))
                .map_err(|e| Failure::file(&target, &e))?;
            if seal::content_bytes(copied.bytes) != Some(*content) {
                return Err(BackupError::Blob { attachment: *attachment });
            }
            files.push(file_sum(path, copied));
        }
        sync_tree(&root).map_err(|e| Failure::file(&root, &e).into())
    }

    /// A blob may be missing because its row is gone too.
    fn erased_meanwhile(&self, attachment: AttachmentId) -> Result<(), BackupError> {
        match self.store.read(|db| tickets::attachment(db, attachment))? {
            None => Ok(()),
            Some(_) => Err(BackupError::Blob { attachment }),
        }
    }

    fn copy_config(&self, directory: &Path) -> Result<FileSum, Failure> {
        let (from, name) = (self.layout.config(), "room.toml");
        let mut file = std::fs::File::open(&from).map_err(|e| Failure::file(&from, &e))?;
        let target = directory.join(name);
        let copied =
            copying::copy(&mut file, &target, &mut |_| ()).map_err(|e| Failure::file(&target, &e))?;
        Ok(file_sum(name.to_owned(), copied))
    }

    /// Records the backup, and then makes it one.
    fn finish_backup(
        &self,
        directory: &Path,
        kind: BackupKind,
        stand: &Stand,
        mut files: Vec<FileSum>,
    ) -> Result<Backup, BackupError> {
        sync_directory(directory).map_err(|e| Failure::file(directory, &e))?;
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let Stand { head, epoch } = stand;
        let (count, bytes) = (files.len() as u64, files.iter().map(|file| file.bytes).sum());
        let (size, root): (u64, Hash) = (head.size, head.root);
        let data = Data::BackupTaken { kind, size, root, epoch: *epoch, files: count, bytes };
        let opening = self.opening(None, None)?;
        let settled = self.commit(opening.request, |turn| {
            let draft = Draft::done(data, Actor::System, self.call(&opening));
            let position = turn.append(draft, opening.nonce, &opening.details)?;
            Ok::<_, Failure>((position, turn.time()))
        })?;
        let (position, taken) = settled.value;
        let incarnation = head.incarnation;
        let manifest =
            Manifest { room: self.id, kind, taken, incarnation, size, root, epoch: *epoch, position, files };
        manifest.write(directory, &self.backup_key)?;
        Ok(Backup { kind, size, epoch: *epoch, files: count, bytes, position })
    }
}

/// Every attachment of the snapshot with its content's length.
fn blobs(snapshot: &mut Snapshot) -> Result<Vec<(AttachmentId, u64)>, Failure> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|(id, _)| *id);
        let page = tickets::attachment_sizes(snapshot, after, limits::BACKUP_PAGE_ROWS)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn blobs_bytes(blobs: &[(AttachmentId, u64)]) -> u64 {
    blobs.iter().map(|(_, bytes)| bytes).sum()
}

/// Copies the snapshot's database. Its pages count once when they are copied and once when their digest is taken.
fn database(
    snapshot: &Snapshot,
    directory: &Path,
    name: &str,
    meter: &mut Meter<'_>,
    others: u64,
) -> Result<FileSum, Failure> {
    let path = directory.join(name);
    let mut pages_done = 0;
    snapshot.copy_to(&path, &mut |done, pages| {
        meter.all = pages * limits::DATABASE_PAGE_BYTES * 2 + others;
        meter.add((done - pages_done) * limits::DATABASE_PAGE_BYTES);
        pages_done = done;
    })?;
    let copied = copying::sum(&path, &mut |bytes| meter.add(bytes)).map_err(|e| Failure::file(&path, &e))?;
    Ok(file_sum(name.to_owned(), copied))
}

fn file_sum(path: String, Sum { bytes, sha256 }: Sum) -> FileSum {
    FileSum { path, bytes, sha256 }
}

/// Makes the names in a directory and in those below it durable.
pub(super) fn sync_tree(root: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_directory(&path)?;
        }
    }
    sync_directory(root)
}
