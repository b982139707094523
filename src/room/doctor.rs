//! What an operator should know: permissions, devices, disk space, the log's head, what is left to verification.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{
    authority,
    core::Room,
    error::{Failure, Kind},
    layout::Layout,
};
use crate::{
    base::locked,
    store::{accounts, authority::Rows, tickets},
};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Fine,
    /// Worth knowing.
    Note,
    /// Weakens a promise: to be changed.
    Warning,
    /// A promise does not hold: to be changed now.
    Fault,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The check's name, for programs.
    pub check: &'static str,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// Free space below which attachments should stop, bytes.
const SPACE_WARNING: u64 = 1024 * 1024 * 1024;

impl Room {
    /// Looks the room over. It opens nothing sealed and writes nothing.
    ///
    /// # Errors
    /// The room could not be read.
    pub fn doctor(&self) -> Result<Vec<Finding>, Failure> {
        let layout = &self.core.layout;
        let mut findings = vec![direct_use()];
        permissions(layout, &mut findings)?;
        findings.extend(devices(layout)?);
        findings.push(space(layout)?);
        findings.push(memory(locked::standing()));
        findings.push(fine("settings", self.core.settings.to_string()));
        findings.push(self.log_finding()?);
        findings.push(self.holds_finding()?);
        findings.extend(self.counts()?);
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Ok(findings)
    }

    fn log_finding(&self) -> Result<Finding, Failure> {
        let size = self.log_size()?;
        Ok(match self.core.store.book().notary().newest() {
            Ok(Some(checkpoint)) if checkpoint.size == size => {
                fine("log", format!("{size} entries, all under the outside checkpoint"))
            }
            Ok(Some(checkpoint)) => Finding {
                severity: Severity::Note,
                check: "log",
                found: format!("{size} entries, {} under the outside checkpoint", checkpoint.size),
                hint: Some("another process is at work, or was cut off: the next opening settles it"),
            },
            Ok(None) | Err(_) => Finding {
                severity: Severity::Fault,
                check: "log",
                found: format!("{size} entries and no valid outside checkpoint"),
                hint: Some("stop writing and run `audit verify`"),
            },
        })
    }

    fn holds_finding(&self) -> Result<Finding, Failure> {
        let counted = self.core.store.read(|db| self.core.count_holds(db));
        let (live, overdue) = match counted {
            Err(failure) if failure.kind() == Kind::Integrity => {
                return Ok(Finding {
                    severity: Severity::Fault,
                    check: "holds",
                    found: failure.to_string(),
                    hint: Some("destroy nothing, keep a copy, and run `audit verify`"),
                });
            }
            other => other?,
        };
        Ok(match overdue {
            0 => fine("holds", format!("{live} in force, none of them overdue for its review")),
            _ => Finding {
                severity: Severity::Warning,
                check: "holds",
                found: format!("{overdue} of {live} in force are overdue for their review"),
                hint: Some("`hold list` names them: release each, or place it anew with a later review"),
            },
        })
    }

    fn counts(&self) -> Result<Vec<Finding>, Failure> {
        let key = self.core.store.book().fold_key();
        let (accounts, blobs, sum) = self.core.store.read(|db| {
            let accounts = accounts::count(db)?;
            let blobs = (tickets::all_attachment_bytes(db)?, tickets::counted_attachment_bytes(db)?);
            Ok::<_, Failure>((accounts, blobs, authority::sum(db, key, &self.core.voucher, Rows::Live)?))
        })?;
        let rows = format!("{} rows that confer authority, checked at each opening", sum.live);
        let rows = fine("authority", rows);
        let (bytes, counted) = blobs;
        let contents = if bytes == counted {
            fine("contents", format!("{accounts} accounts, {bytes} bytes of attachments"))
        } else {
            Finding {
                severity: Severity::Warning,
                check: "contents",
                found: format!("{bytes} bytes of attachments, and {counted} counted against the quota"),
                hint: Some("somebody has written past this program: find out who"),
            }
        };
        Ok(vec![contents, rows])
    }
}

fn fine(check: &'static str, found: String) -> Finding {
    Finding { severity: Severity::Fine, check, found, hint: None }
}

/// Until the daemon of step 2 exists, everybody who works with the room reads its files.
fn direct_use() -> Finding {
    Finding {
        severity: Severity::Note,
        check: "direct",
        found: "the room is used directly: whoever can read its files and keys reads unrecorded".to_owned(),
        hint: Some("give the room to one system user, and nobody a shell as that user"),
    }
}

/// Every file and directory is its owner's alone.
fn permissions(layout: &Layout, findings: &mut Vec<Finding>) -> Result<(), Failure> {
    let mut exposed = Vec::new();
    for directory in layout.directories() {
        exposed.extend(exposed_in(&directory)?);
    }
    findings.push(match exposed.first() {
        None => fine("permissions", "all files and directories are their owner's alone".to_owned()),
        Some(first) => Finding {
            severity: Severity::Fault,
            check: "permissions",
            found: format!(
                "{} files or directories others can reach, `{}` first",
                exposed.len(),
                first.display()
            ),
            hint: Some("chmod -R go-rwx the room, and find out who has read it"),
        },
    });
    Ok(())
}

fn exposed_in(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let io = |e: std::io::Error| Failure::file(directory, &e);
    let owner = rustix::process::geteuid().as_raw();
    let mut exposed = Vec::new();
    let mut check = |path: PathBuf| -> Result<(), Failure> {
        let meta = fs::symlink_metadata(&path).map_err(io)?;
        if meta.permissions().mode() & 0o077 != 0 || meta.uid() != owner {
            exposed.push(path);
        }
        Ok(())
    };
    check(directory.to_path_buf())?;
    for entry in fs::read_dir(directory).map_err(io)? {
        check(entry.map_err(io)?.path())?;
    }
    Ok(exposed)
}

/// Data, keys and checkpoint on one device are lost and stolen together.
fn devices(layout: &Layout) -> Result<Vec<Finding>, Failure> {
    let device = |path: &Path| Layout::device(path).map_err(|e| Failure::file(path, &e));
    let data = device(&layout.store().directory)?;
    let together = |path: PathBuf, check, what: &str, hint| -> Result<Finding, Failure> {
        Ok(if device(&path)? == data {
            let found = format!("{what} are on the data's device");
            Finding { severity: Severity::Warning, check, found, hint: Some(hint) }
        } else {
            fine(check, format!("{what} are on a device of their own"))
        })
    };
    Ok(vec![
        together(
            layout.keys(),
            "keys",
            "the key files",
            "keep them on another device, or whoever has the disk has all",
        )?,
        together(
            layout.outside().to_path_buf(),
            "outside",
            "checkpoint and ledger",
            "keep them on another device or owner, or history can be rewritten with them",
        )?,
    ])
}

/// Keys in memory that is swapped out are keys on a disk.
fn memory(standing: locked::Standing) -> Finding {
    if standing.unlocked == 0 {
        return fine("memory", "all keys are in locked memory".to_owned());
    }
    Finding {
        severity: Severity::Warning,
        check: "memory",
        found: "keys are in memory that may be swapped out".to_owned(),
        hint: Some("raise the limit of locked memory (RLIMIT_MEMLOCK) of this process, or do without swap"),
    }
}

fn space(layout: &Layout) -> Result<Finding, Failure> {
    let stat = rustix::fs::statvfs(layout.root()).map_err(|e| Failure::file(layout.root(), &e.into()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let found = format!("{} MiB free", free / (1024 * 1024));
    Ok(if free < SPACE_WARNING {
        Finding {
            severity: Severity::Warning,
            check: "space",
            found,
            hint: Some("free some: without space nothing is written, and nothing read"),
        }
    } else {
        fine("space", found)
    })
}

#[cfg(test)]
mod tests {
    use super::{Severity, locked::Standing, memory};

    #[test]
    fn keys_that_may_be_swapped_out_are_a_warning() {
        assert_eq!(memory(Standing { locked: 2, unlocked: 0 }).severity, Severity::Fine);
        let found = memory(Standing { locked: 1, unlocked: 1 });
        assert_eq!((found.severity, found.check), (Severity::Warning, "memory"));
    }
}
