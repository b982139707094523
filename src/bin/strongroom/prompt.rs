//! Asking for a secret on the terminal.

use std::{
    fs::File,
    io::{self, Read, Write},
};

use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use zeroize::Zeroizing;

use crate::line;

/// The terminal while it shows nothing of what is typed.
struct Silent {
    terminal: File,
    before: Termios,
}

impl Silent {
    /// Silences the terminal, and drops what was typed before anybody asked.
    fn begin(terminal: File) -> io::Result<Self> {
        let before = termios::tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        termios::tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // A terminal that does not take its modes back is gone.
        let _ = termios::tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

/// What is typed after `prompt`, up to the end of the line and at most so many bytes. The terminal is silent before it
/// asks: whoever pastes at once is not shown either.
///
/// # Errors
/// There is no terminal, or it ends before a line does.
pub fn secret(prompt: &str, bytes_max: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    match line::current() {
        Some(line) => line.secret(prompt, bytes_max).map_err(|failed| io::Error::other(failed.message())),
        None => here(prompt, bytes_max),
    }
}

/// What is typed at the terminal of this process.
///
/// # Errors
/// As [`secret`].
pub fn here(prompt: &str, bytes_max: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let mut silent = Silent::begin(terminal)?;
    silent.terminal.write_all(prompt.as_bytes())?;
    let mut typed = Zeroizing::new(Vec::with_capacity(bytes_max));
    let mut byte = Zeroizing::new([0]);
    loop {
        match silent.terminal.read(&mut *byte) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) if *byte == *b"\n" => return Ok(typed),
            Ok(_) if typed.len() == bytes_max => return Err(io::ErrorKind::InvalidData.into()),
            Ok(_) => typed.extend_from_slice(&*byte),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
