//! Progress on work that takes more than a second, drawn on the terminal and wiped when it is done.

use std::{
    io::{self, Read},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use strongroom::room::{Clock, Moment};

use crate::output::Output;

/// Work that is done sooner needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far some work is.
pub struct Progress {
    clock: Clock,
    began: Moment,
    total: Option<u64>,
    template: &'static str,
    draws: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Bytes, of `total` if that is known.
    pub fn bytes(out: &Output, clock: &Clock, total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes}, {bytes_per_sec}",
        };
        Self::new(out, clock, total, template)
    }

    /// Entries of a log, whose number is not known before.
    pub fn entries(out: &Output, clock: &Clock) -> Self {
        Self::new(out, clock, None, "{spinner} {human_pos} entries, {per_sec}")
    }

    /// Accounts of a file of `total` bytes, if that is known.
    pub fn accounts(out: &Output, clock: &Clock, total: Option<u64>) -> Self {
        let template = match total {
            Some(_) => "{bar:30} {percent}%, {msg}, {eta} left",
            None => "{spinner} {msg}",
        };
        Self::new(out, clock, total, template)
    }

    fn new(out: &Output, clock: &Clock, total: Option<u64>, template: &'static str) -> Self {
        let draws = out.draws_progress();
        Self { clock: clock.clone(), began: clock.moment(), total, template, draws, bar: None }
    }

    /// So much is done.
    pub fn at(&mut self, done: u64) {
        if !self.draws || (self.bar.is_none() && self.clock.moment().since(self.began) < PATIENCE) {
            return;
        }
        let (total, template) = (self.total, self.template);
        let bar = self.bar.get_or_insert_with(|| {
            let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            // What was done before the bar was drawn took its time too.
            let bar = bar.with_elapsed(PATIENCE).with_position(done);
            bar.reset_eta();
            match ProgressStyle::with_template(template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        bar.set_position(done);
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

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
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
