//! Files copied with their digest, and durable when a copy says so.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use crate::{audit::Hash, crypto::digest::Sha256Stream};

/// Bytes that are read at a time.
const PIECE_BYTES: usize = 128 * 1024;

/// How much was read, and what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) bytes: u64,
    pub(super) sha256: Hash,
}

/// Tells the caller how far it is, in bytes of all.
pub(super) struct Meter<'a> {
    pub(super) done: u64,
    pub(super) all: u64,
    pub(super) tell: &'a mut dyn FnMut(u64, u64),
}

impl Meter<'_> {
    /// So much more is done.
    pub(super) fn add(&mut self, bytes: u64) {
        self.done += bytes;
        (self.tell)(self.done, self.all.max(self.done));
    }
}

/// Reads a stream to its end, writes it on, and tells `progress` of each piece.
pub(super) fn pass_on(
    from: &mut dyn Read,
    to: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
) -> io::Result<Sum> {
    let (mut digest, mut bytes, mut piece) = (Sha256Stream::default(), 0, vec![0; PIECE_BYTES]);
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => return Ok(Sum { bytes, sha256: digest.finish() }),
            Ok(read) => piece.get(..read).unwrap_or_default(),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        to.write_all(read)?;
        digest.update(read);
        bytes += read.len() as u64;
        progress(read.len() as u64);
    }
}

/// What a file holds.
pub(super) fn sum(path: &Path, progress: &mut dyn FnMut(u64)) -> io::Result<Sum> {
    pass_on(&mut File::open(path)?, &mut io::sink(), progress)
}

/// A new file, its owner's alone.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Copies a stream into a new file and syncs it; its name becomes durable with its directory.
pub(super) fn copy(from: &mut dyn Read, to: &Path, progress: &mut dyn FnMut(u64)) -> io::Result<Sum> {
    let mut file = new_file(to)?;
    let sum = pass_on(from, &mut file, progress)?;
    file.sync_all()?;
    Ok(sum)
}

/// Writes a new file and syncs it.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = new_file(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a directory that is its owner's alone; one that is there stays.
pub(super) fn directory(path: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// A small text file; a longer one is none.
pub(super) fn read_text(path: &Path, bytes_max: u64) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(bytes_max + 1).read_to_string(&mut text)?;
    if read as u64 > bytes_max { Err(io::ErrorKind::InvalidData.into()) } else { Ok(text) }
}
