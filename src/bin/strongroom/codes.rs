//! One-time codes: shown once, or written once into a file that its owner alone can read.

use std::path::{Path, PathBuf};

use clap::Args;
use strongroom::room::SecretText;
use zeroize::Zeroizing;

use crate::{failed::Failed, secret_file::SecretFile, shown};

/// Where one-time codes go; without it to standard output.
#[derive(Args)]
pub struct CodesTo {
    /// Write one-time codes into this new file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    codes_to: Option<PathBuf>,
}

/// The file for codes that are not made yet: what is to be shown once must have its place before.
pub struct CodeFile(SecretFile);

impl CodesTo {
    /// Makes the file, if there is to be one.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(&self) -> Result<Option<CodeFile>, Failed> {
        Ok(SecretFile::create(self.codes_to.as_ref())?.map(CodeFile))
    }
}

impl CodeFile {
    /// Writes the codes, one `WHO<TAB>CODE` to a line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write<'c>(self, codes: impl IntoIterator<Item = (&'c str, &'c SecretText)>) -> Result<(), Failed> {
        let mut text = Zeroizing::new(String::new());
        for (who, code) in codes {
            text.push_str(&shown::line(who));
            text.push('\t');
            text.push_str(code.expose());
            text.push('\n');
        }
        self.0.write(&text)
    }

    /// The path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
