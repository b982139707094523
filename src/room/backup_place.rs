//! Where a backup may go: into a directory of its own, and never where the other half of the room is.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{
    copying,
    error::{Failure, Kind, operation_error},
    layout::sync_directory,
    manifest,
};
use crate::base::AttachmentId;

operation_error! {
    /// A backup could not be taken.
    BackupError {
        /// The directory holds something already.
        Exists {
            /// The directory.
            path: PathBuf,
        } => Conflict, format!("`{}` is not empty: a backup has a directory of its own", path.display());
        /// The directory is inside a room or another backup: keys and data must not lie together.
        Together {
            /// What it is inside of.
            path: PathBuf,
        } => Conflict, format!("`{}` is a room or a backup: the new one must not lie in it", path.display());
        /// An attachment's blob is not there, or not as long as its row says, and no erasure explains it.
        Blob {
            /// The attachment.
            attachment: AttachmentId,
        } => Integrity, format!("integrity failure: the blob of attachment {attachment} is missing or cut");
    }
}

/// Makes the directory of a backup, or takes an empty one: its owner's alone, its name durable. The path is told without
/// symbolic links, so that one cannot lead the keyring to where the data are.
pub(super) fn prepare(target: &Path) -> Result<PathBuf, BackupError> {
    let (directory, is_there) = resolve(target)?;
    let io = |e: std::io::Error| Failure::file(&directory, &e);
    if is_there && fs::read_dir(&directory).map_err(io)?.next().is_some() {
        return Err(BackupError::Exists { path: directory });
    }
    if let Some(around) = directory.ancestors().skip(1).find(|around| manifest::is_taken(around)) {
        return Err(BackupError::Together { path: around.to_path_buf() });
    }
    copying::directory(&directory).map_err(io)?;
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).map_err(io)?;
    directory.parent().map_or(Ok(()), sync_directory).map_err(io)?;
    Ok(directory)
}

/// The path without symbolic links, and whether it is there.
fn resolve(target: &Path) -> Result<(PathBuf, bool), Failure> {
    let io = |e: std::io::Error| Failure::file(target, &e);
    match fs::canonicalize(target) {
        Ok(directory) => Ok((directory, true)),
        // A link that leads nowhere would be made into something somewhere else.
        Err(e) if fs::symlink_metadata(target).is_ok() => Err(io(e)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
                return Err(io(e));
            };
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            Ok((fs::canonicalize(parent).map_err(io)?.join(name), false))
        }
        Err(e) => Err(io(e)),
    }
}
