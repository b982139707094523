//! What the doctor finds on the host: permissions, devices, disk space, memory.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{
    error::Failure,
    finding::{Finding, Severity},
    layout::Layout,
    space::{Filled, Space},
};
use crate::base::locked;

/// Free space below which attachments should stop, bytes.
const SPACE_WARNING: u64 = 1024 * 1024 * 1024;

/// Everything that can be seen from outside the databases.
pub(super) fn findings(layout: &Layout, disk: &Space) -> Result<Vec<Finding>, Failure> {
    let [keys, outside] = devices(layout)?;
    let memory = memory(locked::standing());
    Ok(vec![permissions(layout)?, keys, outside, space(disk)?, aside(layout)?, memory])
}

/// Every file and directory is its owner's alone.
fn permissions(layout: &Layout) -> Result<Finding, Failure> {
    let mut exposed = Vec::new();
    for directory in [layout.root(), layout.outside()] {
        look_into(directory, &mut exposed)?;
    }
    exposed.dedup();
    Ok(match exposed.first() {
        None => Finding::fine("permissions", "all files and directories are their owner's alone".to_owned()),
        Some(first) => Finding::told(
            Severity::Fault,
            "permissions",
            format!("{} files or directories others can reach, `{}` first", exposed.len(), first.display()),
            "chmod -R go-rwx the room, and find out who has read it",
        ),
    })
}

/// Adds what others can reach of a directory and all that is below it. What goes away meanwhile is no finding.
fn look_into(directory: &Path, exposed: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let owner = rustix::process::geteuid().as_raw();
    let mut next = vec![directory.to_path_buf()];
    while let Some(path) = next.pop() {
        let gone = |e: &std::io::Error| e.kind() == std::io::ErrorKind::NotFound;
        let meta = match fs::symlink_metadata(&path) {
            Err(e) if gone(&e) => continue,
            other => other.map_err(|e| Failure::file(&path, &e))?,
        };
        if meta.permissions().mode() & 0o077 != 0 || meta.uid() != owner {
            exposed.push(path.clone());
        }
        if meta.is_dir() {
            for entry in fs::read_dir(&path).map_err(|e| Failure::file(&path, &e))? {
                next.push(entry.map_err(|e| Failure::file(&path, &e))?.path());
            }
        }
    }
    Ok(())
}

/// Data, keys and checkpoint on one device are lost and stolen together.
fn devices(layout: &Layout) -> Result<[Finding; 2], Failure> {
    let device = |path: &Path| Layout::device(path).map_err(|e| Failure::file(path, &e));
    let data = device(&layout.store().directory)?;
    let together = |path: &Path, check, what: &str, hint| -> Result<Finding, Failure> {
        Ok(if device(path)? == data {
            Finding::told(Severity::Warning, check, format!("{what} are on the data's device"), hint)
        } else {
            Finding::fine(check, format!("{what} are on a device of their own"))
        })
    };
    Ok([
        together(
            &layout.keys(),
            "keys",
            "the key files",
            "keep them on another device, or whoever has the disk has all",
        )?,
        together(
            layout.outside(),
            "outside",
            "checkpoint and ledger",
            "keep them on another device or owner, or history can be rewritten with them",
        )?,
    ])
}

/// What restores have kept of the stores that they replaced.
fn aside(layout: &Layout) -> Result<Finding, Failure> {
    let directory = layout.store().directory;
    let failed = |e: std::io::Error| Failure::file(&directory, &e);
    let mut kept = Vec::new();
    for entry in fs::read_dir(&directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        let number = ["store.db.", "blobs."].into_iter().find_map(|kind| name.strip_prefix(kind));
        if number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
            kept.push(name.into_owned());
        }
    }
    kept.sort_unstable();
    Ok(if kept.is_empty() {
        Finding::fine("aside", "no restore has left an old store behind".to_owned())
    } else {
        Finding::told(
            Severity::Note,
            "aside",
            format!(
                "restores kept `{}`, without keys: sealed data of those erased since open no more here; what is open \
                 (ids, dates, amounts) and what the keyring still has keys for stays readable",
                kept.join("`, `")
            ),
            "no erasure reaches into them: remove them, and the `-wal` beside, when no auditor needs the old log",
        )
    })
}

/// Keys in memory that is swapped out are keys on a disk.
fn memory(standing: locked::Standing) -> Finding {
    if standing.unlocked == 0 {
        return Finding::fine("memory", "all keys are in locked memory".to_owned());
    }
    Finding::told(
        Severity::Warning,
        "memory",
        "keys are in memory that may be swapped out".to_owned(),
        "raise the limit of locked memory (RLIMIT_MEMLOCK) of this process, or do without swap",
    )
}

fn space(space: &Space) -> Result<Finding, Failure> {
    Ok(left(&space.filled()?, space.has_room().is_err()))
}

fn left(&Filled { free, percent }: &Filled, attachments_stop: bool) -> Finding {
    let found = format!("{percent} % of the disk taken, {} MiB free", free / (1024 * 1024));
    if attachments_stop {
        let hint = "free some, before attachments are all that is refused";
        Finding::told(Severity::Warning, "space", format!("{found}: attachments are refused"), hint)
    } else if free < SPACE_WARNING {
        let hint = "free some: without space nothing is written, and nothing read";
        Finding::told(Severity::Warning, "space", found, hint)
    } else {
        Finding::fine("space", found)
    }
}

#[cfg(test)]
mod tests {
    use super::{Filled, SPACE_WARNING, Severity, left, locked::Standing, memory};

    #[test]
    fn a_disk_that_fills_is_a_warning() {
        let free = |free, stop| left(&Filled { free, percent: 50 }, stop);
        assert_eq!(free(SPACE_WARNING, false).severity, Severity::Fine);
        for found in [free(SPACE_WARNING - 1, false), free(SPACE_WARNING, true)] {
            assert_eq!((found.severity, found.check), (Severity::Warning, "space"));
        }
    }

    #[test]
    fn keys_that_may_be_swapped_out_are_a_warning() {
        assert_eq!(memory(Standing { locked: 2, unlocked: 0 }).severity, Severity::Fine);
        let found = memory(Standing { locked: 1, unlocked: 1 });
        assert_eq!((found.severity, found.check), (Severity::Warning, "memory"));
    }
}
