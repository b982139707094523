//! The outputs of the person, here or at the other end of the socket.

use std::io::{self, Write};

use crate::{
    line::{self, Writer},
    wire::Kind,
};

/// Standard output.
pub fn output() -> Box<dyn Write> {
    match line::current() {
        Some(line) => Box::new(Writer::new(line, Kind::Output)),
        None => Box::new(io::stdout().lock()),
    }
}

/// Standard error.
pub fn error() -> Box<dyn Write> {
    match line::current() {
        Some(line) => Box::new(Writer::new(line, Kind::Error)),
        None => Box::new(io::stderr().lock()),
    }
}
