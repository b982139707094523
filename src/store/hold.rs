//! A room that is held: its evidence was found broken when it was opened, and it was opened for customers alone.
//!
//! The file says so for every process and across restarts, so that a cause that somebody quietly takes back does not
//! take the alarm with it. It is a guard, and no proof: what holds the room shut where it must be shut is found anew
//! at each opening.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::StoreError;
use crate::base::{base64url, limits::HOLD_BYTES_MAX, random};

/// Why a room is held, and what may end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// The name of what was found.
    pub(crate) since: &'static str,
    /// Whether two people can resume it: entries that serve that, and no others, are appended. Otherwise the log is one
    /// that must not grow.
    pub(crate) resumable: bool,
}

/// What a room's processes know about it.
pub(crate) struct Hold {
    path: PathBuf,
    /// What this process has opened the room under.
    held: Mutex<Option<Held>>,
}

impl Hold {
    /// That of a room whose store is in `directory`; nothing is held yet.
    pub(crate) fn new(directory: &Path) -> Self {
        Self { path: directory.join("held"), held: Mutex::default() }
    }

    /// The name of what was found, as the file has it.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn stated(&self) -> Result<Option<String>, StoreError> {
        Ok(self.read()?.map(|text| text.lines().next().unwrap_or_default().trim().to_owned()))
    }

    /// Which alarm it is: what two people end is this one, and no later one. One that an earlier program raised has none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn alarm(&self) -> Result<Option<[u8; 16]>, StoreError> {
        Ok(self.read()?.and_then(|text| base64url::decode(text.lines().nth(1)?)))
    }

    fn read(&self) -> Result<Option<String>, StoreError> {
        let mut text = String::new();
        match fs::File::open(&self.path).and_then(|file| file.take(HOLD_BYTES_MAX).read_to_string(&mut text))
        {
            Ok(_) => Ok(Some(text)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.failed(&e)),
        }
    }

    /// Holds the room from now on. A disk that takes no file is no reason to serve more than customers: the process
    /// holds it all the same.
    pub(crate) fn raise(&self, held: Held) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        if let Err(error) = self.write(held.since) {
            tracing::error!(fault = %error.kind(), "the alarm is kept by this process alone");
        }
    }

    fn write(&self, since: &str) -> io::Result<()> {
        // One that was not resumed is the same alarm for as long as the same is found: what two people approve the end of
        // is what they were told of.
        let alarm = match (self.stated(), self.alarm()) {
            (Ok(Some(stated)), Ok(Some(alarm))) if stated == since => alarm,
            _ => random::bytes().map_err(|_| io::Error::from(io::ErrorKind::Unsupported))?,
        };
        let mut open = fs::OpenOptions::new();
        let mut file = open.write(true).create(true).truncate(true).mode(0o600).open(&self.path)?;
        file.write_all(format!("{since}\n{}\n", base64url::encode(&alarm)).as_bytes())?;
        file.sync_all()?;
        self.sync_name()
    }

    /// Why the room is held now; nothing where another process has resumed it.
    pub(crate) fn now(&self) -> Option<Held> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some_and(|held| held.resumable) && matches!(self.path.try_exists(), Ok(false)) {
            *held = None;
        }
        *held
    }

    /// Lets the room go, if this is still its alarm; another process may have raised another meanwhile.
    ///
    /// # Errors
    /// The file stays: so does the hold.
    pub(crate) fn lift(&self, ended: Option<[u8; 16]>) -> Result<(), StoreError> {
        // Without the file another process has ended it, or the disk took none.
        if self.read()?.is_some() && self.alarm()? != ended {
            return Err(StoreError::Integrity { what: "another alarm was raised meanwhile: it stands" });
        }
        match fs::remove_file(&self.path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(self.failed(&e)),
            _ => self.sync_name().map_err(|e| self.failed(&e))?,
        }
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    fn sync_name(&self) -> io::Result<()> {
        self.path.parent().map_or(Ok(()), |directory| fs::File::open(directory)?.sync_all())
    }

    fn failed(&self, e: &io::Error) -> StoreError {
        StoreError::File { path: self.path.clone(), fault: e.kind() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, Hold};

    #[test]
    fn what_ends_one_alarm_leaves_another_standing() {
        let directory = tempfile::tempdir().unwrap();
        let hold = Hold::new(directory.path());
        let found = |since| Held { since, resumable: true };
        hold.raise(found("one"));
        let approved = hold.alarm().unwrap();
        assert!(approved.is_some());
        // Another process finds something else before this one has ended it.
        Hold::new(directory.path()).raise(found("another"));
        assert!(hold.lift(approved).is_err());
        assert_eq!(hold.stated().unwrap().as_deref(), Some("another"));
        assert_eq!(hold.now(), Some(found("one")));
        hold.lift(hold.alarm().unwrap()).unwrap();
        assert_eq!((hold.stated().unwrap(), hold.now()), (None, None));
    }
}
