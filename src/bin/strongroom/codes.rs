//! One-time codes: shown once, or written once into a file that its owner alone can read.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::Args;
use strongroom::room::SecretText;
use zeroize::Zeroizing;

use crate::{failed::Failed, faults, private_file::NewFile, shown};

/// Where one-time codes go; without it to standard output.
#[derive(Args)]
pub struct CodesTo {
    /// Write one-time codes into this new file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    codes_to: Option<PathBuf>,
}

/// The file for codes that are not made yet: what is to be shown once must have its place before.
pub struct CodeFile {
    path: PathBuf,
    file: NewFile,
}

impl CodesTo {
    /// Makes the file, if there is to be one.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(&self) -> Result<Option<CodeFile>, Failed> {
        let open = |path: &PathBuf| Ok(CodeFile { path: path.clone(), file: NewFile::create(path)? });
        self.codes_to.as_ref().map(open).transpose()
    }
}

impl CodeFile {
    /// Writes the codes, one `WHO<TAB>CODE` to a line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write<'c>(
        mut self,
        codes: impl IntoIterator<Item = (&'c str, &'c SecretText)>,
    ) -> Result<(), Failed> {
        let mut text = Zeroizing::new(String::new());
        for (who, code) in codes {
            text.push_str(&shown::line(who));
            text.push('\t');
            text.push_str(code.expose());
            text.push('\n');
        }
        self.file.write_all(text.as_bytes()).map_err(|e| faults::file(&self.path, &e))?;
        self.file.keep()
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
