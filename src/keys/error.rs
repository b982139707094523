//! Why a key could not be had.

use std::{fmt, io, path::PathBuf};

use crate::base::{Class, random::NoRandomness};

/// A key could not be made, read, wrapped or unwrapped. It names the key, never its bytes.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// A key file could not be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key file can be read by others than its owner.
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key file belongs to another user.
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its owner's user id.
        owner: u32,
    },
    /// A key file is not what this program writes, or holds the key of another domain or version.
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// A key file exists already; keys are never overwritten.
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A wrapped key does not open: wrong provider key, or the row was changed.
    Unauthentic {
        /// The domain's name.
        domain: &'static str,
        /// The version of the wrapping key.
        version: u32,
    },
    /// A wrapping key is not there at all: the keyring does not fit the room.
    NoWrappingKey {
        /// The domain's name.
        domain: &'static str,
        /// The version of the wrapping key.
        version: u32,
    },
    /// The wrapping key was destroyed.
    Destroyed {
        /// The domain's name.
        domain: &'static str,
        /// The version of the wrapping key.
        version: u32,
    },
    /// The data key is erased: what it sealed is gone, by intent.
    Erased {
        /// The class whose key was destroyed.
        class: Class,
        /// The audit position that destroyed it.
        at: u64,
    },
    /// The data key is absent and nothing says that it was erased: an integrity failure, no erasure. No key is
    /// made over existing ciphertext; restore the keyring.
    Missing {
        /// The class whose key is missing.
        class: Class,
    },
    /// This process opened the room without the keys of the class.
    NotAskedFor {
        /// The class.
        class: Class,
    },
    /// The operating system gave no randomness.
    NoRandomness(NoRandomness),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, source } => write!(f, "key file `{}`: {source}", path.display()),
            Self::Exposed { path, mode } => {
                write!(
                    f,
                    "key file `{}` has mode {mode:04o}: others than its owner can reach it",
                    path.display()
                )
            }
            Self::Foreign { path, owner } => {
                write!(f, "key file `{}` belongs to user {owner}, not to this process", path.display())
            }
            Self::Malformed { path } => {
                write!(f, "key file `{}` does not hold the key that its name says", path.display())
            }
            Self::Exists { path } => write!(f, "key file `{}` exists already", path.display()),
            Self::Unauthentic { domain, version } => {
                write!(
                    f,
                    "a key under {domain} version {version} does not open: wrong provider key or a changed row"
                )
            }
            Self::NoWrappingKey { domain, version } => {
                write!(f, "there is no wrapping key {domain} version {version}")
            }
            Self::Destroyed { domain, version } => {
                write!(f, "wrapping key {domain} version {version} is destroyed")
            }
            Self::Erased { class, at } => {
                write!(f, "erased: the {} key was destroyed at entry {at}", class.name())
            }
            Self::Missing { class } => {
                write!(f, "the {} key is missing and no erasure says why: restore the keyring", class.name())
            }
            Self::NotAskedFor { class } => {
                write!(f, "this process opened the room without the keys of class {}", class.name())
            }
            Self::NoRandomness(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::NoRandomness(source) => Some(source),
            _ => None,
        }
    }
}

impl From<NoRandomness> for KeyError {
    fn from(e: NoRandomness) -> Self {
        Self::NoRandomness(e)
    }
}
