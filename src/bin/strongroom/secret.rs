//! How secrets come in: from a terminal without echo, from a file descriptor, or from a file that is its user's
//! alone. Never from an argument or the environment, which other processes can read.

use std::path::{Path, PathBuf};

use clap::Args;
use strongroom::room::{Proof, SecretText};
use zeroize::Zeroizing;

use crate::{failed::Failed, private_file, prompt, shown, terminal};

/// More than any password or code; the library has the limits that count.
const SECRET_BYTES_MAX: u64 = 8 * 1024;

/// What a terminal gives as one line.
const SECRET_TYPED_BYTES_MAX: usize = 4096;

/// Where a password comes from.
#[derive(Args)]
pub struct PasswordFrom {
    /// Read the password from this open file descriptor, up to the first line feed
    #[arg(long, value_name = "N", conflicts_with = "password_file")]
    password_fd: Option<u16>,
    /// Read the password from this file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Where the password comes from that is to stand in another's place.
#[derive(Args)]
pub struct NewPasswordFrom {
    /// Read the new password from this open file descriptor, up to the first line feed
    #[arg(long, value_name = "N", conflicts_with = "new_password_file")]
    new_password_fd: Option<u16>,
    /// Read the new password from this file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    new_password_file: Option<PathBuf>,
}

impl NewPasswordFrom {
    /// The password that somebody chooses: typed twice on a terminal.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the two differ.
    pub fn choose(&self) -> Result<SecretText, Failed> {
        let (fd, file) = (self.new_password_fd, self.new_password_file.as_deref());
        Source { what: "new password", fd, file }.read(true)
    }
}

/// Where the text of a link comes from.
#[derive(Args)]
pub struct LinkFrom {
    /// Read the link's text from this open file descriptor, up to the first line feed
    #[arg(long, value_name = "N", conflicts_with = "link_file")]
    link_fd: Option<u16>,
    /// Read the link's text from this file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    link_file: Option<PathBuf>,
}

impl LinkFrom {
    /// The text of the link.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(&self) -> Result<SecretText, Failed> {
        Source { what: "link", fd: self.link_fd, file: self.link_file.as_deref() }.read(false)
    }
}

/// What shows that somebody was sent a letter: its link, or without one its code with the handle of whoever asked.
#[derive(Args)]
pub struct ProofFrom {
    #[command(flatten)]
    link: LinkFrom,
    /// Read the handle that goes with the code from this open file descriptor, up to the first line feed
    #[arg(long, value_name = "N", conflicts_with_all = ["handle_file", "link_fd", "link_file"])]
    handle_fd: Option<u16>,
    /// Read the handle that goes with the code from this file, which only its owner can read
    #[arg(long, value_name = "FILE", conflicts_with_all = ["link_fd", "link_file"])]
    handle_file: Option<PathBuf>,
    #[command(flatten)]
    code: CodeFrom,
}

/// What was shown.
pub enum Shown {
    /// The text of a link.
    Link(SecretText),
    /// A code, with the handle of whoever asked.
    Code {
        /// The handle.
        handle: SecretText,
        /// The code.
        code: SecretText,
    },
}

impl Shown {
    /// As the room takes it.
    pub const fn proof(&self) -> Proof<'_> {
        match self {
            Self::Link(link) => Proof::Link(link),
            Self::Code { handle, code } => Proof::Code { handle, code },
        }
    }
}

impl ProofFrom {
    /// What somebody shows.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(&self) -> Result<Shown, Failed> {
        if self.link.link_fd.is_some() || self.link.link_file.is_some() {
            if self.code.is_given() {
                return Err(Failed::usage("a link and a code exclude each other"));
            }
            return self.link.read().map(Shown::Link);
        }
        let handle = Source { what: "handle", fd: self.handle_fd, file: self.handle_file.as_deref() };
        Ok(Shown::Code { handle: handle.read(false)?, code: self.code.read()? })
    }
}

/// Where a one-time code comes from.
#[derive(Args)]
pub struct CodeFrom {
    /// Read the one-time code from this open file descriptor, up to the first line feed
    #[arg(long, value_name = "N", conflicts_with = "code_file")]
    code_fd: Option<u16>,
    /// Read the one-time code from this file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
}

impl PasswordFrom {
    /// Whether it was said where it comes from.
    pub const fn is_given(&self) -> bool {
        self.password_fd.is_some() || self.password_file.is_some()
    }

    /// The password that somebody has.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(&self) -> Result<SecretText, Failed> {
        Source { what: "password", fd: self.password_fd, file: self.password_file.as_deref() }.read(false)
    }

    /// The password that somebody has who is asked once more, and why.
    ///
    /// # Errors
    /// There is no terminal, or it ends.
    pub fn again(handle: &str, why: &str) -> Result<SecretText, Failed> {
        let prompt = format!("{}\nlog in again as `{}`\npassword: ", shown::line(why), shown::line(handle));
        let source = Source { what: "password", fd: None, file: None };
        source.prompt(&prompt)
    }

    /// The password that somebody chooses: typed twice on a terminal.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the two differ.
    pub fn choose(&self) -> Result<SecretText, Failed> {
        Source { what: "password", fd: self.password_fd, file: self.password_file.as_deref() }.read(true)
    }
}

/// Where an answer comes from that a caller gives.
#[derive(Args)]
pub struct AnswerFrom {
    /// Read the name that the caller says from this open file descriptor, up to the first line feed
    #[arg(long, value_name = "N", conflicts_with = "name_file")]
    name_fd: Option<u16>,
    /// Read the name that the caller says from this file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    name_file: Option<PathBuf>,
}

impl AnswerFrom {
    /// The answer.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(&self) -> Result<SecretText, Failed> {
        Source { what: "name", fd: self.name_fd, file: self.name_file.as_deref() }.read(false)
    }
}

impl CodeFrom {
    /// A code that the terminal is asked for.
    pub const fn terminal() -> Self {
        Self { code_fd: None, code_file: None }
    }

    /// Whether it was said where it comes from.
    pub const fn is_given(&self) -> bool {
        self.code_fd.is_some() || self.code_file.is_some()
    }

    /// The one-time code.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(&self) -> Result<SecretText, Failed> {
        Source { what: "code", fd: self.code_fd, file: self.code_file.as_deref() }.read(false)
    }
}

/// Shares of the way back: from files, or typed one after the other until a line is empty.
///
/// # Errors
/// One cannot be read.
pub fn shares_from(files: &[PathBuf]) -> Result<Vec<SecretText>, Failed> {
    if !files.is_empty() {
        let read = |path: &PathBuf| Source { what: "share", fd: None, file: Some(path) }.read(false);
        return files.iter().map(read).collect();
    }
    if !terminal::is_input() {
        return Err(Failed::usage("there is no terminal to ask for the shares")
            .hint("give each with `--share-file FILE`"));
    }
    let mut shares = Vec::new();
    loop {
        let prompt = format!("share {}, or an empty line: ", shares.len() + 1);
        let typed = prompt::secret(&prompt, SECRET_TYPED_BYTES_MAX);
        let typed = typed.map_err(|e| Failed::new(format!("reading the share failed: {}", e.kind())))?;
        if typed.is_empty() {
            return Ok(shares);
        }
        shares.push(Source { what: "share", fd: None, file: None }.first_line(typed).map(SecretText::new)?);
    }
}

struct Source<'a> {
    /// The word in options and prompts.
    what: &'static str,
    fd: Option<u16>,
    file: Option<&'a Path>,
}

impl Source<'_> {
    /// The word as options have it.
    fn option(&self) -> String {
        self.what.replace(' ', "-")
    }

    fn read(&self, twice: bool) -> Result<SecretText, Failed> {
        let text = match (self.fd, self.file) {
            (Some(number), _) => self.first_line(self.descriptor(number)?)?,
            (None, Some(path)) => self.first_line(private_file::read(path, SECRET_BYTES_MAX)?)?,
            (None, None) => return self.ask(twice),
        };
        Ok(SecretText::new(text))
    }

    fn descriptor(&self, number: u16) -> Result<Zeroizing<Vec<u8>>, Failed> {
        if matches!(number, 1 | 2) {
            return Err(Failed::usage(format!("`--{}-fd {number}` is an output", self.option())));
        }
        let bytes = private_file::descriptor(number, SECRET_BYTES_MAX)?;
        if bytes.len() as u64 > SECRET_BYTES_MAX {
            return Err(Failed::usage(format!("the {} is longer than {SECRET_BYTES_MAX} bytes", self.what)));
        }
        Ok(bytes)
    }

    fn first_line(&self, mut bytes: Zeroizing<Vec<u8>>) -> Result<String, Failed> {
        if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            bytes.truncate(end);
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if bytes.is_empty() {
            return Err(Failed::usage(format!("the {} is empty", self.what)));
        }
        // The string takes the buffer over, and `SecretText` wipes it.
        String::from_utf8(std::mem::take(&mut *bytes)).map_err(|e| {
            drop(Zeroizing::new(e.into_bytes()));
            Failed::usage(format!("the {} is not UTF-8", self.what))
        })
    }

    fn ask(&self, twice: bool) -> Result<SecretText, Failed> {
        let Self { what, .. } = self;
        if !terminal::is_input() {
            return Err(Failed::usage(format!("there is no terminal to ask for the {what}"))
                .hint(format!("give it with `--{0}-fd N` or `--{0}-file FILE`", self.option())));
        }
        let first = self.prompt(&format!("{what}: "))?;
        if twice && self.prompt(&format!("{what}, again: "))?.expose() != first.expose() {
            return Err(Failed::usage(format!("the {what}s differ")));
        }
        Ok(first)
    }

    fn prompt(&self, text: &str) -> Result<SecretText, Failed> {
        let typed = prompt::secret(text, SECRET_TYPED_BYTES_MAX);
        let typed =
            typed.map_err(|e| Failed::new(format!("reading the {} failed: {}", self.what, e.kind())))?;
        self.first_line(typed).map(SecretText::new)
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::Source;

    fn first_line(bytes: &[u8]) -> Option<String> {
        let source = Source { what: "password", fd: None, file: None };
        source.first_line(Zeroizing::new(bytes.to_vec())).ok()
    }

    #[test]
    fn a_secret_is_the_first_line() {
        assert_eq!(first_line(b"two words \nmore").unwrap(), "two words ");
        assert_eq!(first_line(b"windows\r\n").unwrap(), "windows");
        assert_eq!(first_line("é".as_bytes()).unwrap(), "é");
        for refused in [&b""[..], b"\n", b"\r\n", b"\nlater", b"\xff\xfe"] {
            assert_eq!(first_line(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn outputs_and_closed_descriptors_give_no_secret() {
        let source = Source { what: "code", fd: None, file: None };
        for number in [1, 2, 60_000] {
            assert!(source.descriptor(number).is_err(), "{number}");
        }
    }
}
