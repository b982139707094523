//! The file of the erasure ledger: read whole, and extended by whole lines.

use std::{
    fs::{self, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::PathBuf,
};

use super::{Ledger, LedgerLine, ledger::BadLedger};
use crate::base::Secret;

/// Where the ledger is, and the key of its chain.
pub(crate) struct LedgerFile {
    path: PathBuf,
    key: Secret<32>,
}

/// Why the ledger could not be read or written.
#[derive(Debug)]
pub(crate) enum LedgerFailed {
    /// It is not there: without it nobody knows what must not come back.
    Missing,
    /// It is not what this program wrote.
    Changed(BadLedger),
    /// Reading, writing or syncing failed.
    File(io::Error),
}

impl LedgerFile {
    /// The ledger in this file.
    pub(crate) fn new(path: PathBuf, key: Secret<32>) -> Self {
        Self { path, key }
    }

    /// All that it says.
    ///
    /// # Errors
    /// [`LedgerFailed`].
    pub(crate) fn read(&self) -> Result<Ledger, LedgerFailed> {
        let text = fs::read(&self.path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => LedgerFailed::Missing,
            _ => LedgerFailed::File(e),
        })?;
        Ledger::read(&text, &self.key).map_err(LedgerFailed::Changed)
    }

    /// Appends those of `lines` that it does not have, and syncs it: on return they outlive a power cut. One that a
    /// cut left unfinished is written over. One process at a time, please: the keyring's lock is held.
    ///
    /// # Errors
    /// [`LedgerFailed`]; a ledger that was changed is not continued.
    pub(crate) fn append(&self, lines: &[LedgerLine]) -> Result<(), LedgerFailed> {
        let ledger = self.read()?;
        let end = ledger.bytes as u64;
        let (text, _) = ledger.extended(lines, &self.key);
        self.write(end, text.as_bytes()).map_err(LedgerFailed::File)
    }

    /// Synced even if there is nothing to write: whoever wrote it may have been cut off before his sync.
    fn write(&self, end: u64, text: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        file.write_all(text)?;
        file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{LedgerFailed, LedgerFile};
    use crate::{
        base::{AccountId, Class, Scope, Secret},
        keys::LedgerLine,
    };

    fn line(class: Class) -> LedgerLine {
        LedgerLine { epoch: 2, class, scope: Scope::Account(AccountId::from_bytes([7; 16])), position: 5 }
    }

    #[test]
    fn lines_outlive_their_writer_and_a_torn_one_is_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("erasure.ledger");
        let file = LedgerFile::new(path.clone(), Secret::random().unwrap());
        assert!(matches!(file.append(&[]), Err(LedgerFailed::Missing)));
        fs::write(&path, "").unwrap();
        file.append(&[line(Class::Identity), line(Class::Support)]).unwrap();
        let whole = fs::read(&path).unwrap();
        file.append(&[line(Class::Support)]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole, "nothing stands there twice");

        fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        assert_eq!(file.read().unwrap().lines, [line(Class::Identity)]);
        file.append(&[line(Class::Support)]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);

        let mut edited = whole;
        edited[30] ^= 1;
        fs::write(&path, &edited).unwrap();
        assert!(matches!(file.append(&[line(Class::Credential)]), Err(LedgerFailed::Changed(_))));
        assert_eq!(fs::read(&path).unwrap(), edited, "what was changed is not continued");
    }
}
