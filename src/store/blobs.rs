//! Attachments' blobs: one file each, made whole or not at all.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crate::base::AttachmentId;

/// Where blobs are kept. The one trait that a new kind of blob storage implements.
pub(crate) trait BlobStore: Send + Sync {
    /// Begins a blob that nobody sees before [`BlobWriter::keep`].
    fn create(&self, id: AttachmentId) -> io::Result<Box<dyn BlobWriter>>;
    /// Opens a kept blob.
    fn open(&self, id: AttachmentId) -> io::Result<Box<dyn Blob>>;
    /// Removes a kept blob, durably; one that is not there is removed already.
    fn remove(&self, id: AttachmentId) -> io::Result<()>;
    /// Removes these, durably, also what another process has removed and not made durable; how many were there.
    fn remove_all(&self, ids: &[AttachmentId]) -> io::Result<u64>;
    /// Whether this blob is kept.
    fn is_kept(&self, id: AttachmentId) -> io::Result<bool>;
}

/// A blob's bytes.
pub(crate) trait Blob: Read + Seek + Send {}
impl<T: Read + Seek + Send> Blob for T {}

/// A blob being written; dropped without [`BlobWriter::keep`], nothing of it stays.
pub(crate) trait BlobWriter: Write + Send {
    /// Makes the blob durable under its name.
    fn keep(self: Box<Self>) -> io::Result<()>;
}

/// Blobs in a directory: temporary name, sync, rename, directory sync.
pub(crate) struct BlobDirectory {
    root: PathBuf,
}

impl BlobDirectory {
    /// The blobs under this directory.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The attachment whose blob has this file name.
    pub(crate) fn id_of(name: &str) -> Option<AttachmentId> {
        let mut id = [0; 16];
        let digits = name.as_bytes().chunks_exact(2);
        (name.len() == 32).then_some(())?;
        for (byte, digits) in id.iter_mut().zip(digits) {
            let digits = std::str::from_utf8(digits).ok().filter(|text| !text.contains('+'))?;
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        Some(AttachmentId::from_bytes(id))
    }

    /// 256 directories by the first byte of the id, so that none holds millions of names.
    fn path(&self, id: AttachmentId) -> (PathBuf, PathBuf) {
        let hex: String = id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let (first, _) = hex.split_at(2);
        let directory = self.root.join(first);
        let file = directory.join(hex);
        (directory, file)
    }
}

impl BlobStore for BlobDirectory {
    fn create(&self, id: AttachmentId) -> io::Result<Box<dyn BlobWriter>> {
        let (directory, target) = self.path(id);
        match fs::DirBuilder::new().mode(0o700).create(&directory) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
        let temporary = target.with_extension("part");
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        let directories = [directory, self.root.clone()];
        Ok(Box::new(FileWriter { file, temporary: Some(temporary), target, directories }))
    }

    fn open(&self, id: AttachmentId) -> io::Result<Box<dyn Blob>> {
        Ok(Box::new(File::open(self.path(id).1)?))
    }

    fn remove(&self, id: AttachmentId) -> io::Result<()> {
        let (directory, file) = self.path(id);
        match fs::remove_file(file) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        }
        sync_directory(&directory)
    }

    fn remove_all(&self, ids: &[AttachmentId]) -> io::Result<u64> {
        let (mut directories, mut removed) = (BTreeSet::new(), 0);
        for id in ids {
            let (directory, file) = self.path(*id);
            match fs::remove_file(file) {
                Ok(()) => removed += 1,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
            directories.insert(directory);
        }
        for directory in directories {
            match sync_directory(&directory) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                other => other?,
            }
        }
        Ok(removed)
    }

    fn is_kept(&self, id: AttachmentId) -> io::Result<bool> {
        self.path(id).1.try_exists()
    }
}

struct FileWriter {
    file: File,
    temporary: Option<PathBuf>,
    target: PathBuf,
    /// Whose names lead to the blob: its directory and the root.
    directories: [PathBuf; 2],
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl BlobWriter for FileWriter {
    fn keep(mut self: Box<Self>) -> io::Result<()> {
        self.file.sync_all()?;
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, &self.target)?;
        }
        self.temporary = None;
        // The root too, always: that the directory is there does not tell that whoever made it has synced its name.
        // Without a change a sync costs next to nothing.
        self.directories.iter().try_for_each(|directory| sync_directory(directory))
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // What stays behind is sealed, unnamed by any row, and removed at the next opening.
            let _removed = fs::remove_file(temporary);
        }
    }
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
