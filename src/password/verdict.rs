//! What verifying answers, and how hashing fails.

use std::fmt;

/// Whether a presented password is the record's. There is no third answer and no detail: what a login says to
/// its caller must not depend on why a password did not match.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Match {
        /// The record is weaker than the settings ask for, or the password matched only as its raw bytes:
        /// replace the record with a new one of the same password ([`NewPassword::carried_over`]).
        ///
        /// [`NewPassword::carried_over`]: super::NewPassword::carried_over
        stale: bool,
    },
    /// It is not.
    Mismatch,
}

/// Hashing could not be done. It says nothing about the password, and a login must not be answered from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashFailed {
    /// The operating system gave no random bytes for a salt.
    NoRandomness,
    /// The memory that the record asks for could not be had.
    OutOfMemory {
        /// How much, KiB.
        memory_kib: u64,
    },
    /// The hashing library refused what parsing had accepted: a fault of this crate.
    Inconsistent,
}

impl fmt::Display for HashFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRandomness => f.write_str("the operating system gave no random bytes"),
            Self::OutOfMemory { memory_kib } => {
                write!(f, "{memory_kib} KiB of memory for hashing could not be had")
            }
            Self::Inconsistent => f.write_str("the hashing library refused an accepted record"),
        }
    }
}

impl std::error::Error for HashFailed {}
