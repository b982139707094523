//! Importing accounts from another system: a file of JSON lines, each for itself.
//!
//! So many lines at a time are a batch. The accounts of a batch are made together, under one entry that names them all:
//! their claims and keys in one transaction of the keyring, their rows in one of the store. A batch that fails is
//! undone, and the error names its first line.

mod line;
mod source;

use std::{
    collections::HashSet,
    fmt,
    io::{self, BufRead},
    time::Duration,
};

use tracing::instrument;
use zeroize::Zeroizing;

pub use self::line::LineFault;
use self::source::{Line, Source};
use super::{
    core::{Core, Room},
    error::{Failure, Kind},
    newcomers::Newcomer,
};
use crate::{
    audit::{Actor, Data},
    base::{RequestId, limits},
    password::{Dialect, HashFailed},
};

/// How accounts are imported.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportOptions {
    /// Hold every line against the room and write nothing. Two lines with one address are found in the whole file, for
    /// which 16 bytes of each line are remembered; an import finds them in the room, and remembers nothing.
    pub dry_run: bool,
    /// The line to begin with, counted from 1; those before are passed over.
    pub from_line: u64,
    /// How records are read that say nothing about themselves.
    pub dialect: Dialect,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { dry_run: false, from_line: 1, dialect: Dialect::none() }
    }
}

/// How far an import is, and what it has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Lines that were looked at.
    pub lines: u64,
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Accounts that were made, or in a dry run would be.
    pub accepted: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// Those of them whose address has an account, or stands in an earlier line.
    pub duplicates: u64,
    /// Card numbers that stood in names and were masked before storing.
    pub cards_masked: u64,
    /// Records of accounts that were made which were too fast to guess and are kept wrapped.
    pub wrapped: u64,
}

/// A line whose account is not made.
#[derive(Clone, Copy)]
pub struct LineRefused<'a> {
    /// Its number, counted from 1.
    pub line: u64,
    /// Why.
    pub fault: LineFault,
    /// What it says, unless it is too long or no text. It is personal data.
    pub content: Option<&'a str>,
}

/// An import that broke off. What its finished batches made stays.
#[derive(Debug)]
pub struct ImportError {
    /// The line to go on with: the first of the batch that was not finished. Should the batch stand all the same, because
    /// nobody knew whether it did, its lines are refused as duplicates then.
    pub resume_at: u64,
    /// What it had come to.
    pub report: ImportReport,
    /// Why.
    pub cause: ImportFault,
}

/// Why an import broke off.
#[derive(Debug)]
#[non_exhaustive]
pub enum ImportFault {
    /// The file could not be read.
    Source {
        /// What the system said.
        fault: io::ErrorKind,
    },
    /// Whoever keeps the refused lines could not.
    Refusals {
        /// What the system said.
        fault: io::ErrorKind,
    },
    /// The room could not do it.
    Failed(Failure),
}

impl ImportError {
    /// What a program does about it.
    pub fn kind(&self) -> Kind {
        match &self.cause {
            ImportFault::Source { .. } | ImportFault::Refusals { .. } => Kind::Unavailable,
            ImportFault::Failed(failure) => failure.kind(),
        }
    }

    /// When to go on, where waiting can help.
    pub fn retry_after(&self) -> Option<Duration> {
        self.failure().and_then(Failure::retry_after)
    }

    /// The request whose entry may stand in the log although its batch was not finished.
    pub fn request_id(&self) -> Option<RequestId> {
        self.failure().and_then(Failure::request_id)
    }

    const fn failure(&self) -> Option<&Failure> {
        match &self.cause {
            ImportFault::Failed(failure) => Some(failure),
            ImportFault::Source { .. } | ImportFault::Refusals { .. } => None,
        }
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broke off before line {}: ", self.resume_at)?;
        match &self.cause {
            ImportFault::Source { fault } => write!(f, "reading the file failed: {fault}"),
            ImportFault::Refusals { fault } => write!(f, "keeping the refused lines failed: {fault}"),
            ImportFault::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<Failure> for ImportFault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Room {
    /// Makes the accounts of a file of JSON lines: `identifier` (the e-mail address), `password_record`, and if they are
    /// known `name` and `created_at` (RFC 3339, or milliseconds since 1970). A line that is refused stops nothing:
    /// `refused` hears of it when its batch is through. `progress` hears of each batch.
    ///
    /// A record that is [fast](crate::password::Record::is_fast) to guess is kept [wrapped](crate::password::Record::wrapped), at the cost of one hashing
    /// each, on all cores.
    ///
    /// Memory is that of one batch, however long the file.
    ///
    /// # Errors
    /// [`ImportError`] says where to go on.
    #[instrument(
        name = "room.import_accounts",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn import_accounts(
        &self,
        source: impl BufRead,
        options: ImportOptions,
        mut refused: impl FnMut(&LineRefused<'_>) -> io::Result<()>,
        mut progress: impl FnMut(&ImportReport),
    ) -> Result<ImportReport, ImportError> {
        let source = Source::new(source, limits::IMPORT_LINE_BYTES_MAX);
        let report = ImportReport::default();
        let mut import =
            Import { core: &self.core, source, options, report, seen: HashSet::new(), number: 0 };
        loop {
            let resume_at = (import.number + 1).max(import.options.from_line);
            let broken = |report, cause| ImportError { resume_at, report, cause };
            let before = import.report;
            let done = import.batch().map_err(|cause| broken(before, cause))?;
            for (line, content, fault) in &done.refused {
                let content = content.as_ref().map(|content| content.as_str());
                let told = refused(&LineRefused { line: *line, fault: *fault, content });
                told.map_err(|e| broken(import.report, ImportFault::Refusals { fault: e.kind() }))?;
            }
            progress(&import.report);
            if done.last {
                return Ok(import.report);
            }
        }
    }
}

/// An import on its way.
struct Import<'a, R> {
    core: &'a Core,
    source: Source<R>,
    options: ImportOptions,
    report: ImportReport,
    /// Addresses of this batch, by half of their digests; of all batches, in a dry run.
    seen: HashSet<[u8; 16]>,
    /// The line that was read last.
    number: u64,
}

/// The refused line's number, content and fault.
type Refusal = (u64, Option<Zeroizing<String>>, LineFault);

/// What came of a batch.
#[derive(Default)]
struct Done {
    refused: Vec<Refusal>,
    last: bool,
}

impl<R: BufRead> Import<'_, R> {
    /// Reads a batch of lines and makes their accounts.
    fn batch(&mut self) -> Result<Done, ImportFault> {
        let mut done = Done::default();
        let (mut newcomers, mut lines) = (Vec::new(), Vec::new());
        if !self.options.dry_run {
            self.seen.clear();
        }
        let mut looked_at = 0;
        while looked_at < limits::IMPORT_BATCH_LINES {
            let now = self.core.clock.now();
            let Some(line) = self.source.line().map_err(|e| ImportFault::Source { fault: e.kind() })? else {
                done.last = true;
                break;
            };
            self.number += 1;
            if self.number < self.options.from_line {
                continue;
            }
            looked_at += 1;
            let (content, meaning) = match line {
                Line::TooLong => (None, Err(LineFault::TooLong { bytes_max: limits::IMPORT_LINE_BYTES_MAX })),
                Line::Whole(bytes) => match std::str::from_utf8(bytes) {
                    Err(_) => (None, Err(LineFault::NotUtf8)),
                    Ok(text) => {
                        let meaning = line::read(text, &self.options.dialect, now);
                        (Some(Zeroizing::new(text.to_owned())), meaning)
                    }
                },
            };
            let newcomer = match meaning {
                Ok((normal, with)) => self.unseen(self.core.newcomer(&normal, with)?)?,
                Err(fault) => Err(fault),
            };
            match newcomer {
                Ok(newcomer) => {
                    newcomers.push(newcomer);
                    lines.push((self.number, content));
                }
                Err(fault) => done.refused.push((self.number, content, fault)),
            }
        }
        let wrapped = self.wrap(&mut newcomers)?;
        let admitted = self.admit(&mut newcomers)?;
        let outcomes = newcomers.iter().zip(wrapped).zip(lines).zip(admitted);
        for (((newcomer, is_wrapped), (line, content)), is_in) in outcomes {
            if is_in {
                self.report.wrapped += u64::from(is_wrapped);
                self.report.accepted += 1;
                self.report.cards_masked += newcomer.with.cards_masked as u64;
            } else {
                done.refused.push((line, content, LineFault::Duplicate));
            }
        }
        done.refused.sort_by_key(|(line, ..)| *line);
        self.count(looked_at, &done);
        Ok(done)
    }

    /// The newcomer, if his address stands in no earlier line.
    fn unseen(&mut self, newcomer: Newcomer) -> Result<Result<Newcomer, LineFault>, Failure> {
        let digest = newcomer.address_digest();
        let half = digest.first_chunk().copied().unwrap_or_default();
        let is_new = self.seen.insert(half);
        let is_taken = self.options.dry_run && is_new && self.core.has_account(&newcomer)?;
        Ok(if is_new && !is_taken { Ok(newcomer) } else { Err(LineFault::Duplicate) })
    }

    /// Puts wrapped records in the place of those that are fast to guess, and says whose.
    fn wrap(&self, newcomers: &mut [Newcomer]) -> Result<Vec<bool>, Failure> {
        let fast: Vec<bool> = newcomers.iter().map(|newcomer| newcomer.with.record.is_fast()).collect();
        if self.options.dry_run {
            return Ok(fast);
        }
        let mut to_wrap: Vec<&mut Newcomer> =
            newcomers.iter_mut().filter(|newcomer| newcomer.with.record.is_fast()).collect();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = to_wrap.len().div_ceil(threads).max(1);
        let settings = &self.core.settings.passwords;
        std::thread::scope(|scope| {
            let work = |these: &mut [&mut Newcomer]| {
                these.iter_mut().try_for_each(|newcomer| {
                    if let Some(wrapped) = newcomer.with.record.wrapped(settings)? {
                        newcomer.with.record = wrapped;
                    }
                    Ok::<_, HashFailed>(())
                })
            };
            let workers: Vec<_> =
                to_wrap.chunks_mut(share).map(|these| scope.spawn(move || work(these))).collect();
            for worker in workers {
                worker.join().map_err(|_| Failure::Internal("hashing"))??;
            }
            Ok(fast)
        })
    }

    fn admit(&self, newcomers: &mut [Newcomer]) -> Result<Vec<bool>, Failure> {
        if self.options.dry_run {
            return Ok(vec![true; newcomers.len()]);
        }
        self.core.admit(newcomers, |these| {
            let cards_masked = these.iter().map(|one| one.cards_masked as u64).sum();
            (Data::AccountsImported { count: these.len() as u64, cards_masked }, Actor::System)
        })
    }

    fn count(&mut self, lines: usize, done: &Done) {
        let duplicates = done.refused.iter().filter(|(_, _, fault)| *fault == LineFault::Duplicate);
        self.report.lines += lines as u64;
        self.report.bytes = self.source.read;
        self.report.refused += done.refused.len() as u64;
        self.report.duplicates += duplicates.count() as u64;
    }
}
