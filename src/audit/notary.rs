//! What vouches for the log towards everybody else: the head row's MAC and the signed checkpoint outside the
//! database. The store holds a [`Notary`] and never sees a key's bytes.
//!
//! The outside checkpoint is two files, rewritten in place. The rule that keeps one of them whole through a power
//! cut: **the file that is not being written was synced before the other was touched.** Hence between two syncs, a
//! second apart at most, all publishing goes to one file; a sync makes it the one that is left alone. After a cut
//! the newest valid file is at most as old as the last sync, and the MACed head covers the entries past it.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    checkpoint::Checkpoint,
    head::Head,
    note::{SigningKey, VerifierKey},
    outside::{OutsideFailed, OutsideFiles, Slot},
    tree::Hash,
};
use crate::{
    base::{Clock, Moment, RoomId, Secret, limits},
    crypto::mac,
};

/// Holder of the head-MAC key and of the log's signing key.
pub(crate) struct Notary {
    room: RoomId,
    head_key: Secret<32>,
    signing: SigningKey,
    outside: OutsideFiles,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What this process published last, `None` before the first.
    last: Option<Published>,
    /// Both files as this process left them.
    files: [Option<Vec<u8>>; 2],
    /// When this process last synced.
    synced: Option<Moment>,
    /// A publication failed: what the files hold is unknown, and after a failed sync the kernel may show what the
    /// disk never got. Only a fresh opening, which reads and judges everything, goes on.
    stopped: bool,
}

/// A checkpoint that stands in a file.
#[derive(Clone, Copy)]
struct Published {
    slot: Slot,
    size: u64,
    root: Hash,
    /// Written since its last sync, as far as this process knows.
    dirty: bool,
}

/// Where the next checkpoint goes.
enum Target {
    /// It stands there already.
    Nowhere,
    /// No file exists: both are made.
    Both,
    /// Into this file, which exists or not.
    File(Slot, bool),
}

/// What both files hold.
#[derive(Default)]
struct Standing {
    newest: Option<(Slot, Checkpoint)>,
    /// The other file carries a valid checkpoint too.
    other_valid: bool,
    exists: [bool; 2],
}

impl Notary {
    /// A notary for the log of `room`, whose origin is the name of `signing`, over the files in `outside`.
    pub(crate) fn new(
        room: RoomId,
        head_key: Secret<32>,
        signing: SigningKey,
        outside: OutsideFiles,
        clock: Clock,
    ) -> Self {
        Self { room, head_key, signing, outside, clock, state: Mutex::default() }
    }

    /// The public key, for an auditor to pin.
    pub(crate) fn verifier(&self) -> &VerifierKey {
        self.signing.verifier()
    }

    /// The MAC for the head row.
    pub(crate) fn mac(&self, head: &Head) -> Hash {
        head.mac(&self.room, &self.head_key)
    }

    /// Checks a head row as it was read: its MAC, and that size and root are what its frontier says.
    ///
    /// # Errors
    /// [`Forged`].
    pub(crate) fn check(&self, head: &Head, mac: &[u8]) -> Result<(), Forged> {
        if mac::equal(&self.mac(head), mac) && head.is_whole() { Ok(()) } else { Err(Forged) }
    }

    /// Signs the head and writes its checkpoint. Call it under the lane's lock, after the commit and before any
    /// receipt. `previous` is the size of the log before this commit, 0 at the room's making: if it is not what
    /// this process published last, another process has been here and the files are read again.
    ///
    /// # Errors
    /// [`Unpublished`]; from then on every call fails, and the lane must not commit again.
    pub(crate) fn publish(&self, previous: u64, head: &Head) -> Result<(), Unpublished> {
        let mut state = self.state();
        if state.stopped {
            return Err(Unpublished::Stopped);
        }
        let published = self.publish_in(&mut state, previous, head);
        state.stopped = published.is_err();
        published
    }

    /// Syncs what was published since the last sync: for a timer within each second, and for closing.
    ///
    /// # Errors
    /// [`Unpublished::Outside`]; from then on nothing is published.
    pub(crate) fn sync(&self) -> Result<(), Unpublished> {
        let mut state = self.state();
        let Some(last) = state.last.filter(|last| last.dirty) else { return Ok(()) };
        let synced = self.outside.sync(last.slot);
        state.stopped |= synced.is_err();
        synced?;
        state.last = Some(Published { dirty: false, ..last });
        state.synced = Some(self.clock.moment());
        Ok(())
    }

    /// The newest checkpoint outside that this log's key signed, in whichever incarnation; `None` if neither file
    /// exists.
    ///
    /// # Errors
    /// [`Unpublished::NoneValid`] if there are files and none is valid, [`Unpublished::Forked`],
    /// [`Unpublished::Outside`].
    pub(crate) fn newest(&self) -> Result<Option<Checkpoint>, Unpublished> {
        Ok(self.standing()?.newest.map(|(_, checkpoint)| checkpoint))
    }

    /// The newest checkpoint as the signed note that it stands in.
    ///
    /// # Errors
    /// As [`Notary::newest`].
    pub(crate) fn newest_note(&self) -> Result<Option<(Checkpoint, Vec<u8>)>, Unpublished> {
        let Some((slot, newest)) = self.standing()?.newest else { return Ok(None) };
        let [a, b] = self.outside.read()?;
        let note = if slot == Slot::A { a } else { b };
        Ok(note.map(|note| (newest, note)))
    }

    /// The bytes of both files, for the verifier.
    ///
    /// # Errors
    /// [`OutsideFailed`].
    pub(crate) fn files(&self) -> Result<[Option<Vec<u8>>; 2], OutsideFailed> {
        self.outside.read()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish_in(&self, state: &mut State, previous: u64, head: &Head) -> Result<(), Unpublished> {
        let origin = self.verifier().name();
        if !head.is_whole() || origin.rsplit('/').next() != Some(head.incarnation.to_string().as_str()) {
            return Err(Unpublished::OtherLog);
        }
        let checkpoint = Checkpoint { origin: origin.to_owned(), size: head.size, root: head.root };
        let note = checkpoint.sign(&self.signing).map_err(|_| Unpublished::OtherLog)?;
        let now = self.clock.moment();
        let due = state.synced.is_none_or(|synced| now.since(synced) >= limits::CHECKPOINT_SYNC_INTERVAL);

        let mut files = self.outside.read()?;
        let slot = match self.target(state, &files, previous, head, due)? {
            Target::Nowhere => return Ok(()),
            Target::Both => {
                self.outside.create(Slot::B, &note)?;
                self.outside.create(Slot::A, &note)?;
                files = [Some(note.clone()), Some(note.clone())];
                Slot::A
            }
            Target::File(slot, true) => {
                self.outside.rewrite(slot, &note)?;
                slot
            }
            Target::File(slot, false) => {
                self.outside.create(slot, &note)?;
                slot
            }
        };
        if due {
            self.outside.sync(slot)?;
            state.synced = Some(now);
        }
        let [a, b] = &mut files;
        *(if slot == Slot::A { a } else { b }) = Some(note);
        state.files = files;
        state.last = Some(Published { slot, size: head.size, root: head.root, dirty: !due });
        Ok(())
    }

    /// Chooses the file, by the rule at the top of this module.
    fn target(
        &self,
        state: &State,
        files: &[Option<Vec<u8>>; 2],
        previous: u64,
        head: &Head,
        due: bool,
    ) -> Result<Target, Unpublished> {
        // A file that is not as this process left it may be of a log that went on elsewhere: it is read, not overwritten.
        let untouched = *files == state.files;
        if let Some(last) = state.last.filter(|last| last.size == previous && untouched) {
            never_back(last.size, &last.root, head)?;
            return match (last.size == head.size, last.dirty) {
                (true, _) => Ok(Target::Nowhere),
                (false, true) if due => {
                    self.synced(last.slot).map(|()| Target::File(last.slot.other(), true))
                }
                (false, true) => Ok(Target::File(last.slot, true)),
                (false, false) => Ok(Target::File(last.slot.other(), true)),
            };
        }
        let standing = self.standing_of(files)?;
        let Some((slot, newest)) = standing.newest else {
            // Both files gone from under a log that has entries: somebody wants them forgotten.
            return if previous == 0 && state.last.is_none() {
                Ok(Target::Both)
            } else {
                Err(Unpublished::NoneValid)
            };
        };
        let ended = newest.incarnation() < head.incarnation;
        if newest.incarnation() > head.incarnation {
            return Err(Unpublished::Ended { incarnation: head.incarnation });
        }
        if !ended {
            never_back(newest.size, &newest.root, head)?;
            if newest.size == head.size {
                return Ok(Target::Nowhere);
            }
        }
        if standing.other_valid && !due && !ended {
            // Another process wrote the newest, perhaps not synced yet: it stays the one that is written.
            return Ok(Target::File(slot, true));
        }
        self.synced(slot)?;
        let [a, b] = standing.exists;
        Ok(Target::File(slot.other(), if slot.other() == Slot::A { a } else { b }))
    }

    fn synced(&self, slot: Slot) -> Result<(), Unpublished> {
        Ok(self.outside.sync(slot)?)
    }

    fn standing(&self) -> Result<Standing, Unpublished> {
        self.standing_of(&self.outside.read()?)
    }

    fn standing_of(&self, files: &[Option<Vec<u8>>; 2]) -> Result<Standing, Unpublished> {
        let exists = files.each_ref().map(Option::is_some);
        let mut standing = Standing { exists, ..Standing::default() };
        for (slot, file) in Slot::ALL.into_iter().zip(files) {
            let read = file.as_deref().map(|bytes| Checkpoint::open_of_any(bytes, self.verifier()));
            let Some(Ok(read)) = read else {
                continue;
            };
            match &standing.newest {
                Some((_, known)) if known.age() == read.age() && known.root != read.root => {
                    return Err(Unpublished::Forked { size: read.size });
                }
                Some((_, known)) if known.age() >= read.age() => standing.other_valid = true,
                earlier => {
                    standing.other_valid = earlier.is_some();
                    standing.newest = Some((slot, read));
                }
            }
        }
        let exist = files.iter().any(Option::is_some);
        if exist && standing.newest.is_none() { Err(Unpublished::NoneValid) } else { Ok(standing) }
    }
}

/// A log must not sign a checkpoint that contradicts one that it signed before.
fn never_back(size: u64, root: &Hash, head: &Head) -> Result<(), Unpublished> {
    if size > head.size {
        Err(Unpublished::Smaller { published: size, size: head.size })
    } else if size == head.size && *root != head.root {
        Err(Unpublished::Forked { size })
    } else {
        Ok(())
    }
}

/// The head row is not what this program wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forged;

impl fmt::Display for Forged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the head of the audit log is not what this program wrote")
    }
}

impl std::error::Error for Forged {}

/// Why a checkpoint was not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpublished {
    /// A larger log was published before: this database is behind its checkpoint.
    Smaller {
        /// The size that was published.
        published: u64,
        /// The size of this database's log.
        size: u64,
    },
    /// A later incarnation of the log was published: this database was put back from before a restore.
    Ended {
        /// The database's incarnation.
        incarnation: u32,
    },
    /// Another root of the same size was published before.
    Forked {
        /// The size.
        size: u64,
    },
    /// The head contradicts itself, or is of another incarnation than the signing key's origin.
    OtherLog,
    /// There is no valid checkpoint where one should be.
    NoneValid,
    /// A checkpoint file could not be read, written or synced.
    Outside(OutsideFailed),
    /// An earlier publication failed.
    Stopped,
}

impl From<OutsideFailed> for Unpublished {
    fn from(failed: OutsideFailed) -> Self {
        Self::Outside(failed)
    }
}

impl fmt::Display for Unpublished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smaller { published, size } => {
                write!(f, "the database holds {size} entries and its checkpoint {published}: it is behind")
            }
            Self::Ended { incarnation } => {
                write!(
                    f,
                    "the log's incarnation {incarnation} ended with a restore, and its database is back"
                )
            }
            Self::Forked { size } => write!(f, "two roots were signed for the log's first {size} entries"),
            Self::OtherLog => f.write_str("the head does not belong to this log"),
            Self::NoneValid => f.write_str("there is no valid outside checkpoint where one should be"),
            Self::Outside(failed) => failed.fmt(f),
            Self::Stopped => f.write_str("an earlier checkpoint could not be published"),
        }
    }
}

impl std::error::Error for Unpublished {}

#[cfg(test)]
#[path = "notary_tests.rs"]
mod tests;
