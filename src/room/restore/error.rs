//! Why a room could not be restored.

use std::{fmt, path::PathBuf, time::Duration};

use super::super::{
    error::{Failure, Kind, OpenRoomError},
    keyed::MissingKeys,
};
use crate::{audit::BackupKind, base::RequestId, keys::KeyError, store::StoreError};

/// A room could not be restored. Unless it says that the restore is unfinished, the room is as it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum RestoreError {
    /// No backup was named.
    Nothing,
    /// A restore of this room is unfinished, and was of more than was named now.
    More,
    /// What was named is no backup: it has no manifest, or never got one. Its name is not repeated: it may be anything.
    NoBackup {
        /// As a backup of what it was named.
        of: BackupKind,
    },
    /// What was named is a backup of the other half.
    OtherKind {
        /// As a backup of what it was named.
        of: BackupKind,
    },
    /// The keyring that would stand lacks keys of the data that would. Nothing was replaced.
    Lacking {
        /// What it lacks.
        missing: MissingKeys,
    },
    /// The backup is another room's, or something in it was changed, cut or taken away.
    Unfit {
        /// The directory or the file.
        path: PathBuf,
        /// What does not fit.
        what: &'static str,
    },
    /// A process has the room open.
    InUse,
    /// The restore has begun and did not come to its end: the room does not open before it is run again.
    Unfinished {
        /// Why it broke off.
        why: Box<RestoreError>,
    },
    /// The room's own parts do not let it be restored.
    Room(OpenRoomError),
    /// The room could not do it.
    Failed(Failure),
}

impl RestoreError {
    /// What a program does about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Nothing | Self::More | Self::OtherKind { .. } => Kind::Invalid,
            Self::NoBackup { .. } => Kind::NotFound,
            Self::Unfit { .. } | Self::Lacking { .. } => Kind::Integrity,
            Self::InUse => Kind::Busy,
            Self::Unfinished { why } => why.kind(),
            Self::Room(error) => error.kind(),
            Self::Failed(failure) => failure.kind(),
        }
    }

    /// When to try again, where that can help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Room(error) => error.retry_after(),
            Self::Failed(failure) => failure.retry_after(),
            _ => None,
        }
    }

    /// The request whose entry may stand in the log.
    pub fn request_id(&self) -> Option<RequestId> {
        match self {
            Self::Room(error) => error.request_id(),
            Self::Failed(failure) => failure.request_id(),
            _ => None,
        }
    }
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no backup was named"),
            Self::More => f.write_str("the unfinished restore is of data and keyring: name both backups"),
            Self::NoBackup { of } => write!(f, "the backup of the {} is none: it has no manifest", of.name()),
            Self::OtherKind { of } => write!(f, "the backup of the {} is one of the other half", of.name()),
            Self::Lacking { missing } => write!(f, "integrity failure: the keyring lacks {missing}"),
            Self::Unfit { path, what } => write!(f, "integrity failure: `{}` {what}", path.display()),
            Self::InUse => f.write_str("a process has the room open: nothing was restored"),
            Self::Unfinished { why } => write!(f, "unfinished restore: run it again; it broke off: {why}"),
            Self::Room(error) => error.fmt(f),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for RestoreError {}

macro_rules! failed {
    ($($from:ty),+) => {$(
        impl From<$from> for RestoreError {
            fn from(e: $from) -> Self {
                Self::Failed(e.into())
            }
        }
    )+};
}

failed!(Failure, StoreError, KeyError);

impl From<OpenRoomError> for RestoreError {
    fn from(e: OpenRoomError) -> Self {
        match e {
            OpenRoomError::Failed(failure) => Self::Failed(failure),
            other => Self::Room(other),
        }
    }
}
