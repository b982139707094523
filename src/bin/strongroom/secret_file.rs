//! A new file for what is shown once: it has its place before the secret is made, and its owner alone can read it.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use crate::{failed::Failed, faults, private_file::NewFile};

/// A file that waits for a secret.
pub struct SecretFile {
    path: PathBuf,
    file: NewFile,
}

impl SecretFile {
    /// Makes the file, if one was named.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(path: Option<&PathBuf>) -> Result<Option<Self>, Failed> {
        path.map(|path| Ok(Self { path: path.clone(), file: NewFile::create(path)? })).transpose()
    }

    /// Writes the secret into it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(mut self, text: &str) -> Result<(), Failed> {
        self.file.write_all(text.as_bytes()).map_err(|e| faults::file(&self.path, &e))?;
        self.file.keep()
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
