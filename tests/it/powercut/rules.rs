//! Faults, in the language that `tests/powercut/shim.c` reads.

use std::fmt::Write as _;

/// What fails.
#[derive(Clone, Copy, Debug)]
pub enum Fails {
    /// Any change of content or size.
    Write,
    /// A flush.
    Sync,
    /// A creation, link, rename or removal.
    Name,
    /// The opening of an existing file for writing.
    Open,
}

/// How it fails.
#[derive(Clone, Copy, Debug)]
pub enum Error {
    /// `EIO`.
    Io,
    /// `ENOSPC`.
    NoSpace,
    /// `EROFS`.
    ReadOnly,
}

/// Rules for a process under the shim; patterns are `fnmatch` patterns of whole paths, counts begin at 1.
#[derive(Clone, Default, Debug)]
pub struct Rules {
    text: String,
}

impl Rules {
    /// No fault, no delay, no budget.
    pub fn none() -> Self {
        Self::default()
    }

    fn line(mut self, line: std::fmt::Arguments<'_>) -> Self {
        writeln!(self.text, "{line}").unwrap();
        self
    }

    /// The `nth` match fails; the ones after it succeed.
    pub fn fail_once(self, what: Fails, pattern: &str, nth: u32, error: Error) -> Self {
        self.line(format_args!("fail {} {pattern} {nth} {}", what.word(), error.word()))
    }

    /// The `nth` match and all after it fail.
    pub fn fail_from(self, what: Fails, pattern: &str, nth: u32, error: Error) -> Self {
        self.line(format_args!("fail {} {pattern} {nth} {} on", what.word(), error.word()))
    }

    /// The `nth` write and all after it take only half of their bytes.
    pub fn short_from(self, pattern: &str, nth: u32) -> Self {
        self.line(format_args!("short {pattern} {nth} on"))
    }

    /// Files may grow by this many bytes in sum, then the disk is full.
    pub fn budget(self, bytes: u64) -> Self {
        self.line(format_args!("budget {bytes}"))
    }

    /// Each flush takes this many milliseconds longer.
    pub fn flush_delay(self, ms: u32) -> Self {
        self.line(format_args!("delay {ms}"))
    }

    /// The text the shim reads.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Fails {
    fn word(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Name => "name",
            Self::Open => "open",
        }
    }
}

impl Error {
    fn word(self) -> &'static str {
        match self {
            Self::Io => "EIO",
            Self::NoSpace => "ENOSPC",
            Self::ReadOnly => "EROFS",
        }
    }
}
