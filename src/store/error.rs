//! Why the store could not do it.

use std::{fmt, path::PathBuf};

/// An engine's failure, cut by what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineFault {
    /// The disk or the quota is full.
    Full,
    /// Reading, writing or syncing failed.
    Io,
    /// The file or its file system does not let this process write.
    ReadOnly,
    /// Something outside this program holds the database's own lock.
    Locked,
    /// A page or the schema is damaged.
    Damaged,
    /// A constraint or trigger refused the statement.
    Constraint,
    /// No fault of the engine: another caller of the batch panicked.
    BrokenOff,
    /// Anything else: the engine's extended code.
    Other(i32),
}

impl EngineFault {
    /// Whether a commit that ended in it may be on disk all the same: after a failed sync nobody knows what the disk
    /// holds, nor after a panic between commit and checkpoint.
    pub(crate) const fn leaves_doubt(self) -> bool {
        match self {
            Self::Io | Self::Damaged | Self::BrokenOff | Self::Other(_) => true,
            Self::Full | Self::ReadOnly | Self::Locked | Self::Constraint => false,
        }
    }
}

impl fmt::Display for EngineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the disk is full"),
            Self::Io => f.write_str("the disk failed to read, write or sync"),
            Self::ReadOnly => f.write_str("the database cannot be written"),
            Self::Locked => f.write_str("another program holds the database's lock"),
            Self::Damaged => f.write_str("the database is damaged"),
            Self::Constraint => f.write_str("a constraint refused the change"),
            Self::BrokenOff => f.write_str("another caller broke off"),
            Self::Other(code) => write!(f, "the engine failed with code {code}"),
        }
    }
}

/// A statement, a batch or the opening of a database failed. It names statements and files, never values.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StoreError {
    /// The engine failed.
    Engine {
        /// The statement's name.
        statement: &'static str,
        /// What failed.
        fault: EngineFault,
    },
    /// A stored value is one that no version of this program writes.
    Corrupt {
        /// The statement's name.
        statement: &'static str,
    },
    /// A file of the room is missing or cannot be used.
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        fault: std::io::ErrorKind,
    },
    /// The room was written by a program that this one cannot read or must not write beside.
    Format {
        /// The room's format.
        room: u32,
        /// This program's format.
        program: u32,
    },
    /// One change took more of the lane than one may: rows changed, or time. What it did is undone.
    OverLimit {
        /// Of what.
        what: &'static str,
    },
    /// The lane was not free in time. Nothing was written; try again.
    Busy,
    /// The commit failed, or another caller's failure or panic took the batch down. Nothing was written, unless the disk
    /// failed: after a failed sync nobody knows what it holds, and if power fails before the next commit, the batch may
    /// stand in the log under a `recovered` entry. The error's text says which of the two it is.
    BatchLost {
        /// What took it down.
        fault: EngineFault,
    },
    /// The commit is on disk, but its checkpoint could not be published: there is no receipt, and writing has
    /// stopped until the checkpoint's place is repaired and the room opened again.
    Unsettled,
    /// Writing stopped after a failure that must be looked at first.
    Stopped,
    /// The disk is full: customers log in and read what is theirs from the reserve, and nothing else is written.
    DiskFull,
    /// The room was opened for customers alone, because its evidence was found broken.
    Held {
        /// The name of what was found.
        since: &'static str,
        /// Whether two people can resume it.
        resumable: bool,
    },
    /// The audit log's head is not authentic, or does not fit the outside checkpoint: an integrity failure.
    Integrity {
        /// What does not fit.
        what: &'static str,
    },
    /// There was no randomness.
    NoRandomness,
    /// An entry or value is larger than its limit.
    TooLarge,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine { statement, fault } => write!(f, "`{statement}`: {fault}"),
            Self::Corrupt { statement } => {
                write!(f, "`{statement}`: a stored value is not one that this program writes")
            }
            Self::File { path, fault } => write!(f, "`{}`: {fault}", path.display()),
            Self::Format { room, program } => {
                write!(f, "the room has format {room}, this program writes format {program}")
            }
            Self::OverLimit { what } => {
                write!(f, "one change took more {what} than the lane gives it: it was undone")
            }
            Self::Busy => f.write_str("the room is busy: nothing was written"),
            Self::BatchLost { fault } if fault.leaves_doubt() => {
                write!(f, "the commit was lost with its batch: {fault}; it may or may not be written")
            }
            Self::BatchLost { fault } => {
                write!(f, "the commit was lost with its batch: {fault}; nothing was written")
            }
            Self::Unsettled => {
                f.write_str("committed, but the checkpoint could not be published: no receipt, writing stops")
            }
            Self::Stopped => f.write_str("writing has stopped after an earlier failure"),
            Self::DiskFull => f.write_str(
                "the room serves customers alone, from its reserve, because of `disk_full`: it goes on by itself once some space is free",
            ),
            Self::Held { since, resumable: true } => write!(
                f,
                "the room is held for customers alone since `{since}`: two people resume it with `room resume`"
            ),
            Self::Held { since, resumable: false } => write!(
                f,
                "the room is held for customers alone, and nobody can resume it as it is: `{since}`"
            ),
            Self::Integrity { what } => write!(f, "integrity failure: {what}"),
            Self::NoRandomness => f.write_str("the operating system gave no random bytes"),
            Self::TooLarge => f.write_str("larger than the limit"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<crate::base::random::NoRandomness> for StoreError {
    fn from(_: crate::base::random::NoRandomness) -> Self {
        Self::NoRandomness
    }
}

#[cfg(test)]
mod tests {
    use super::{EngineFault, StoreError};

    #[test]
    fn only_what_is_certain_is_said_of_a_lost_batch() {
        let said = |fault| StoreError::BatchLost { fault }.to_string();
        assert!(said(EngineFault::Full).ends_with("nothing was written"));
        for fault in [EngineFault::Io, EngineFault::BrokenOff, EngineFault::Other(522)] {
            assert!(said(fault).ends_with("may or may not be written"), "{}", said(fault));
        }
    }
}
