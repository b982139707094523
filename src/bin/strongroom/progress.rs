//! Progress on work that takes more than a second, drawn on the terminal and wiped when it is done.

use std::{
    io::{self, Read},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use strongroom::room::{Clock, Moment};

use crate::{
    line::{self, Line},
    output::Output,
    wire::{Advance, Said, Work},
};

/// Work that is done sooner needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Between two words about it to a caller at the other end of the socket.
const PACE: Duration = Duration::from_millis(100);

/// How far some work is.
pub struct Progress {
    clock: Clock,
    began: Moment,
    /// When a caller was told last.
    told: Option<Moment>,
    total: Option<u64>,
    what: What,
    draws: bool,
    bar: Option<ProgressBar>,
}

/// What is counted.
#[derive(Clone, Copy)]
enum What {
    Work(Work),
    /// Accounts that are imported, by the bytes of their file.
    Accounts,
}

impl Progress {
    /// Bytes, of `total` if that is known.
    pub fn bytes(out: &Output, clock: &Clock, total: Option<u64>) -> Self {
        Self::new(out, clock, total, What::Work(Work::Bytes))
    }

    /// Entries of a log, whose number is not known before.
    pub fn entries(out: &Output, clock: &Clock) -> Self {
        Self::new(out, clock, None, What::Work(Work::Entries))
    }

    /// Accounts of a file of `total` bytes, if that is known.
    pub fn accounts(out: &Output, clock: &Clock, total: Option<u64>) -> Self {
        Self::new(out, clock, total, What::Accounts)
    }

    fn new(out: &Output, clock: &Clock, total: Option<u64>, what: What) -> Self {
        let draws = out.draws_progress();
        Self { clock: clock.clone(), began: clock.moment(), told: None, total, what, draws, bar: None }
    }

    /// So much is done.
    pub fn at(&mut self, done: u64) {
        if !self.draws || (self.bar.is_none() && self.clock.moment().since(self.began) < PATIENCE) {
            return;
        }
        match (line::current(), self.what) {
            (Some(line), What::Work(what)) => self.tell(&line, Advance { what, total: self.total, done }),
            _ => self.bar.get_or_insert_with(|| bar(self.what, self.total, done)).set_position(done),
        }
    }

    fn tell(&mut self, line: &Line, advance: Advance) {
        let now = self.clock.moment();
        if self.told.is_none_or(|told| now.since(told) >= PACE) {
            self.told = Some(now);
            // Whether he still listens shows when he is told what came of it.
            let _ = line.say(&Said::Progress(Some(advance))).and_then(|()| line.flush());
        }
    }

    /// So many bytes of the file are read, and so many accounts made.
    pub fn accounts_at(&mut self, bytes: u64, accounts: u64) {
        self.at(bytes);
        if let Some(bar) = &self.bar {
            let seconds = self.clock.moment().since(self.began).as_secs().max(1);
            bar.set_message(format!("{accounts} accounts, {} per second", accounts / seconds));
        }
    }
}

/// A bar for work that has gone on for a second.
fn bar(what: What, total: Option<u64>, done: u64) -> ProgressBar {
    let template = match (what, total) {
        (What::Work(Work::Bytes), Some(_)) => {
            "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left"
        }
        (What::Work(Work::Bytes), None) => "{spinner} {bytes}, {bytes_per_sec}",
        (What::Work(Work::Entries), _) => "{spinner} {human_pos} entries, {per_sec}",
        (What::Accounts, Some(_)) => "{bar:30} {percent}%, {msg}, {eta} left",
        (What::Accounts, None) => "{spinner} {msg}",
    };
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    // What was done before the bar was drawn took its time too.
    let bar = bar.with_elapsed(PATIENCE).with_position(done);
    bar.reset_eta();
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if let Some(line) = line::current().filter(|_| self.told.is_some()) {
            let _ = line.say(&Said::Progress(None));
        }
    }
}

/// Progress that is told from the other end of the socket.
#[derive(Default)]
pub struct Told {
    bar: Option<ProgressBar>,
}

impl Told {
    /// Draws what was told; without anything it is over.
    pub fn at(&mut self, advance: Option<Advance>) {
        match advance {
            Some(Advance { what, total, done }) => {
                self.bar.get_or_insert_with(|| bar(What::Work(what), total, done)).set_position(done);
            }
            None => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

/// A stream that tells how far it was read.
pub struct Watched<R> {
    inner: R,
    done: u64,
    progress: Progress,
}

impl<R: Read> Watched<R> {
    /// The stream, watched.
    pub const fn new(inner: R, progress: Progress) -> Self {
        Self { inner, done: 0, progress }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.done += read as u64;
        self.progress.at(self.done);
        Ok(read)
    }
}
