//! The library's errors as this program tells them: with what a person may do about it.

use std::{io, path::Path};

use strongroom::room::{
    Awaited, BackupError, CodeError, DenialReason, EnrolError, Failure, InitError, Kind, ListError,
    LoginError, OpenRoomError, RecoverError, RegisterError, RestoreError, StaffError, StaffLoginError,
    UpgradeError, WriteError,
};

use crate::{
    failed::{Exit, Failed},
    shown,
};

/// Errors that say all in their own words.
macro_rules! as_it_says {
    ($($error:ty),+) => {$(
        impl From<$error> for Failed {
            fn from(e: $error) -> Self {
                with_general_hint(Self::of(e.kind(), e.to_string()), e.kind()).request(e.request_id())
            }
        }
    )+};
}

as_it_says!(CodeError, EnrolError, Failure, InitError, ListError, LoginError, RecoverError, RegisterError);

fn with_general_hint(failed: Failed, kind: Kind) -> Failed {
    match kind {
        Kind::Busy => failed.hint("another process is at work in this room: try again in a second"),
        Kind::Pending => {
            failed.hint("see to the clock; when it is right, two people say so with `strongroom room resume`")
        }
        Kind::Integrity => failed.hint("change nothing, keep a copy, and run `strongroom audit verify`"),
        _ => failed,
    }
}

impl From<OpenRoomError> for Failed {
    fn from(e: OpenRoomError) -> Self {
        let failed = Self::of(e.kind(), e.to_string());
        match &e {
            OpenRoomError::NoRoom { .. } => failed.hint("say where the room is with `--room DIR`"),
            OpenRoomError::Unfinished => failed.exit_with(Exit::Incomplete).hint(
                "run `strongroom restore` with the same backups once more: it begins from their files again",
            ),
            // The command was right; it is the room's own file that is not.
            OpenRoomError::Config { .. } | OpenRoomError::Format { .. } => failed.exit_with(Exit::Failed),
            _ => with_general_hint(failed, e.kind()),
        }
    }
}

impl From<RestoreError> for Failed {
    fn from(e: RestoreError) -> Self {
        let failed = Self::of(e.kind(), e.to_string());
        match e {
            RestoreError::Room(error) => error.into(),
            RestoreError::Unfinished { .. } => failed.exit_with(Exit::Incomplete).hint(
                "the room does not open before that; mend what is in the way, and name the same backups",
            ),
            RestoreError::InUse => failed.hint("stop every process that serves this room, and restore then"),
            RestoreError::NoBackup { .. } => {
                failed.hint("a backup that broke off has no manifest: take another one, or name an older one")
            }
            RestoreError::OtherKind { .. } => {
                failed.hint("the data are named with `--data BACKUP`, the keyring with `--keyring BACKUP`")
            }
            RestoreError::Lacking { .. } => failed.hint(
                "nothing was replaced: name the keyring that goes with these data, or take the loss with `--accept-missing`",
            ),
            RestoreError::Unfit { .. } => failed.hint("nothing of this backup is used: take another one"),
            _ => with_general_hint(failed, e.kind()),
        }
    }
}

impl From<UpgradeError> for Failed {
    fn from(e: UpgradeError) -> Self {
        let failed = Self::of(e.kind(), e.to_string());
        match e {
            UpgradeError::Backup(RestoreError::OtherKind { .. }) => {
                failed.hint("name the backup of the data")
            }
            UpgradeError::Backup(error) => error.into(),
            UpgradeError::Stale { .. } | UpgradeError::Ended => {
                failed.hint("take another one with `strongroom backup data DIR`")
            }
            _ => with_general_hint(failed, e.kind()),
        }
    }
}

impl From<BackupError> for Failed {
    fn from(e: BackupError) -> Self {
        let failed = Self::of(e.kind(), e.to_string());
        match e {
            BackupError::Exists { .. } => failed.hint("name a directory that is new or empty"),
            BackupError::Together { .. } => {
                failed.hint("keep keys and data apart: on another device, or at another place")
            }
            _ => with_general_hint(failed, e.kind()),
        }
    }
}

impl From<WriteError> for Failed {
    fn from(e: WriteError) -> Self {
        let failed = Self::of(e.kind(), e.to_string());
        match e {
            WriteError::SessionEnded => failed.hint("log in again with `strongroom login ADDRESS`"),
            _ => with_general_hint(failed, e.kind()),
        }
    }
}

impl From<StaffLoginError> for Failed {
    fn from(e: StaffLoginError) -> Self {
        let failed = Self::of(e.kind(), e.to_string()).request(e.request_id());
        match e {
            StaffLoginError::RolesExclude { .. } => failed.hint(
                "say in which to act with `strongroom staff login HANDLE --role ROLE`; `--session FILE` keeps a second \
                 session beside the first",
            ),
            _ => with_general_hint(failed, e.kind()),
        }
    }
}

impl From<StaffError> for Failed {
    fn from(e: StaffError) -> Self {
        let failed = Self::of(e.kind(), e.to_string()).request(e.request_id());
        match e {
            StaffError::Denied { refused } => denied(failed, refused.reason),
            StaffError::Awaits { awaited } => failed.hint(awaits(&awaited)),
            StaffError::Failed(Failure::Unfinished { .. }) => failed.exit_with(Exit::Incomplete).hint(
                "nothing of the person is shown any more; ask again, or open the room, and it is carried on with",
            ),
            _ => with_general_hint(failed, e.kind()),
        }
    }
}

/// How it goes on.
fn awaits(awaited: &Awaited) -> String {
    let id = awaited.approval;
    let delay = awaited
        .not_before
        .map_or_else(String::new, |time| format!(", or from {} without an approval", shown::time(time)));
    format!(
        "somebody else looks at it with `strongroom approval show {id}` and approves it; then run the same command again{delay}"
    )
}

fn denied(failed: Failed, reason: DenialReason) -> Failed {
    let failed = failed.reason(reason.name());
    match reason {
        DenialReason::SessionEnded
        | DenialReason::SessionExpired
        | DenialReason::SessionIdle => failed.hint("log in with `strongroom staff login HANDLE`"),
        DenialReason::StaleFactor => failed.hint(
            "log in anew with `strongroom staff login HANDLE`; whoever has no second factor yet adds one right after \
             with `strongroom staff factor add`",
        ),
        DenialReason::PurposeMissing => failed.hint("say why with `--purpose NAME`"),
        DenialReason::CaseMissing => {
            failed.hint("say by which case with `--case ticket:ID` or `--case case:ID`")
        }
        DenialReason::CaseNotYours => {
            failed.hint("an unassigned ticket is taken with `strongroom ticket assign TICKET`")
        }
        _ => failed,
    }
}

/// A file of the person's own that could not be used.
pub fn file(path: &Path, e: &io::Error) -> Failed {
    Failed::new(format!("`{}`: {}", path.display(), e.kind()))
}
