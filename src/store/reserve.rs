//! Space of the disk that is kept for customers: a file of real blocks beside the store's database, given back to the
//! file system when the disk is full.
//!
//! Its length says for every process and across restarts how it stands: shorter than it should be, it is given back. It
//! is made under the lane's lock alone, under another name, and takes its own when the log tells of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FallocateFlags, fallocate, statvfs},
    io::Errno,
};

use crate::base::{
    limits::{DISK_FULL_BELOW, RESERVE_AGAIN_ABOVE, RESERVE_NOTE_BYTES_MAX},
    random,
};

/// How the reserve stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is there.
    Whole,
    /// It is given back, and customers alone go on; the position of the entry that tells of it, once there is one.
    Given {
        /// The position.
        told: Option<u64>,
    },
    /// Its blocks are taken again, and the entry that says so is to come.
    Again {
        /// The position of the entry that told that it was given back.
        given: u64,
    },
}

/// The reserve of a room.
pub(crate) struct Reserve {
    path: PathBuf,
    bytes: u64,
}

/// What stays of the file: in its one block stands which entry tells of it, whatever else takes the disk.
const LEFT: u64 = 4096;
/// What is written at a time where blocks cannot be had otherwise.
const PIECE: usize = 1024 * 1024;
/// Before the position in what stays.
const GIVEN: &str = "given ";

impl Reserve {
    /// That of the store in `directory`, of so many bytes.
    pub(crate) fn new(directory: &Path, bytes: u64) -> Self {
        Self { path: directory.join("reserve"), bytes }
    }

    /// How much of the disk is kept now.
    pub(crate) fn kept(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// How much should be.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether customers alone go on.
    pub(crate) fn is_given(&self) -> bool {
        self.kept() < self.bytes
    }

    /// Whether `path` lies on the disk that it keeps.
    pub(crate) fn serves(&self, path: &Path) -> bool {
        let device = |path: &Path| fs::metadata(path).ok().map(|file| file.dev());
        let own = self.path.parent().and_then(device);
        own.is_some() && own == device(path)
    }

    /// Does what is done for a customer, and does it once more where the reserve was given back meanwhile: it came to
    /// nothing because the disk was full, and is not any more. What `is_stopped` is on disk, and only its checkpoint is not:
    /// done again it would be done twice.
    pub(super) fn twice<T, E>(
        &self,
        once: impl Fn() -> Result<T, E>,
        is_stopped: impl Fn() -> bool,
    ) -> Result<T, E> {
        let was_given = self.is_given();
        let done = once();
        if done.is_err() && !was_given && self.is_given() && !is_stopped() { once() } else { done }
    }

    /// Gives the reserve back where the disk is so full that nothing is sure to be written.
    pub(crate) fn spare(&self) {
        if self.free() < DISK_FULL_BELOW && (!self.is_given() || self.unnamed().exists()) {
            self.give_back();
        }
    }

    /// How it stands at the beginning of a batch. A full disk has it given back; one that has room again has it made. To
    /// be called in the lane.
    pub(super) fn look(&self) -> Kept {
        self.spare();
        if !self.is_given() {
            return Kept::Whole;
        }
        let told = self.told();
        // Taken by a batch that came to nothing.
        let had = fs::metadata(self.unnamed()).map_or(0, |file| file.len());
        if self.free().saturating_add(had) < self.bytes.saturating_add(RESERVE_AGAIN_ABOVE) {
            let _none_left = fs::remove_file(self.unnamed());
            return Kept::Given { told };
        }
        match (self.make(), told) {
            (Ok(()), Some(given)) => Kept::Again { given },
            // Nobody was told that it was away: a new room, an older program's, or a disk that had room at once.
            (Ok(()), None) => match self.take_name() {
                Ok(()) => Kept::Whole,
                Err(e) => self.not_made(&e, None),
            },
            (Err(e), told) => self.not_made(&e, told),
        }
    }

    fn not_made(&self, e: &io::Error, told: Option<u64>) -> Kept {
        tracing::warn!(fault = %e.kind(), "the reserve could not be made again");
        let _none_left = fs::remove_file(self.unnamed());
        Kept::Given { told }
    }

    /// Gives it back: the blocks are there for whoever writes next. The first stays.
    pub(super) fn give_back(&self) {
        let _not_half = fs::remove_file(self.unnamed());
        let given = OpenOptions::new().write(true).open(&self.path).and_then(|file| {
            if file.metadata()?.len() > LEFT {
                file.set_len(LEFT)?;
                file.write_all_at(&[0; RESERVE_NOTE_BYTES_MAX], 0)?;
                tracing::error!("the disk is full: customers go on from the reserve");
            }
            Ok(())
        });
        if let Err(e) = given
            && e.kind() != io::ErrorKind::NotFound
        {
            tracing::error!(fault = %e.kind(), "the reserve could not be given back");
        }
    }

    /// Keeps at which position the log tells of it, once that is committed. Where that cannot be kept, it is told again.
    pub(super) fn note(&self, kept: Kept) {
        let noted = match kept {
            Kept::Whole => self.take_name(),
            Kept::Given { told: Some(position) } => self.note_given(position),
            Kept::Given { told: None } | Kept::Again { .. } => Ok(()),
        };
        if let Err(e) = noted {
            tracing::warn!(fault = %e.kind(), "what the log tells of the reserve could not be kept beside it");
        }
    }

    fn note_given(&self, position: u64) -> io::Result<()> {
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&self.path)?;
        file.write_all_at(format!("{GIVEN}{position}\n").as_bytes(), 0)?;
        file.sync_all()
    }

    fn told(&self) -> Option<u64> {
        let mut note = String::new();
        let limit = u64::try_from(RESERVE_NOTE_BYTES_MAX).ok()?;
        File::open(&self.path).ok()?.take(limit).read_to_string(&mut note).ok()?;
        note.strip_prefix(GIVEN)?.split_once('\n')?.0.parse().ok()
    }

    /// What this process may still write, bytes; everything, where the file system does not say.
    pub(super) fn free(&self) -> u64 {
        let directory = self.path.parent().unwrap_or(&self.path);
        match statvfs(directory) {
            Ok(stat) if stat.f_blocks > 0 => stat.f_bavail.saturating_mul(stat.f_frsize),
            _ => u64::MAX,
        }
    }

    fn unnamed(&self) -> PathBuf {
        self.path.with_extension("new")
    }

    fn take_name(&self) -> io::Result<()> {
        fs::rename(self.unnamed(), &self.path)
    }

    /// Takes its blocks, and for a moment those beside them that must stay free: so it is not made where a quota, say,
    /// would have it given back at once.
    fn make(&self) -> io::Result<()> {
        let path = self.unnamed();
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        let with_room = self.bytes.saturating_add(RESERVE_AGAIN_ABOVE);
        match fallocate(&file, FallocateFlags::empty(), 0, with_room) {
            Ok(()) => file.set_len(self.bytes),
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => fill(&file, self.bytes),
            Err(e) => Err(e.into()),
        }
    }
}

/// Writes so many bytes that no file system makes smaller.
fn fill(file: &File, bytes: u64) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    random::fill(&mut piece).map_err(|_| io::ErrorKind::Other)?;
    let mut at = 0;
    while at < bytes {
        let left = usize::try_from(bytes - at).unwrap_or(PIECE).min(PIECE);
        file.write_all_at(piece.get(..left).unwrap_or(&piece), at)?;
        at += u64::try_from(left).unwrap_or(u64::MAX);
    }
    file.sync_all()
}
