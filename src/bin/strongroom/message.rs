//! Texts of several lines: from an argument, a file, or standard input.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;
use zeroize::Zeroizing;

use crate::{failed::Failed, faults, output::Output, private_file, terminal};

/// More than a message may have; the library has the limit that counts.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// Where a message comes from; without either, from standard input.
#[derive(Args)]
pub struct MessageFrom {
    /// The message
    #[arg(short, long, value_name = "TEXT", conflicts_with = "message_file")]
    message: Option<String>,
    /// Read the message from this file, `-` for standard input
    #[arg(long, value_name = "FILE")]
    message_file: Option<PathBuf>,
}

impl MessageFrom {
    /// The text.
    ///
    /// # Errors
    /// It cannot be read, is no UTF-8, or far too long.
    pub fn read(self, out: &mut Output) -> Result<Zeroizing<String>, Failed> {
        let bytes = match (self.message, self.message_file) {
            (Some(text), _) => return Ok(Zeroizing::new(text)),
            (None, Some(path)) if path != Path::new("-") => read(&path)?,
            _ => {
                if terminal::is_input() {
                    out.note("type the message; a line with Ctrl-D ends it");
                    out.flush()?;
                }
                read(Path::new("-"))?
            }
        };
        if bytes.len() as u64 > TEXT_BYTES_MAX {
            return Err(Failed::usage(format!("the message is longer than {TEXT_BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| Failed::usage("the message is not UTF-8"))?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let mut bytes = Zeroizing::default();
    let (content, _) = private_file::content(path)?;
    content.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|e| faults::file(path, &e))?;
    Ok(bytes)
}
