//! Cutting the power at many places of one recording.

use super::chance::Chance;
use super::child::Verdict;
use super::disk::Policy;
use super::run::{Recording, scratch};
use super::trace::Record;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tempfile::TempDir;

/// A disk that failed its check.
#[derive(Debug)]
pub struct Failure {
    /// The number of records before the power went, or of the round.
    pub cut: usize,
    /// With which [`Recording::rebuild`] leaves the same disk; for kills, that of the whole run.
    pub seed: u64,
    /// What the check said.
    pub why: String,
}

/// Every disk that failed its check.
#[derive(Default, Debug)]
pub struct Failures {
    list: Vec<Failure>,
    first: Option<TempDir>,
}

impl Failures {
    pub(super) fn push(&mut self, failure: Failure) {
        self.list.push(failure);
    }

    /// Holds on to the directory of the first failure.
    pub(super) fn keep(&mut self, directory: TempDir) {
        if self.first.is_none() && !self.list.is_empty() {
            self.first = Some(directory);
        }
    }

    /// For controls: the failures whose reason contains this.
    pub fn saying(&self, text: &str) -> usize {
        self.list.iter().filter(|failure| failure.why.contains(text)).count()
    }

    /// # Panics
    /// When there is one; the directory of the first then stays, and the message names it.
    pub fn assert_none(self) {
        if let (Some(first), Some(directory)) = (self.list.first(), self.first) {
            let Failure { cut, seed, why } = first;
            let (count, path) = (self.list.len(), directory.keep());
            panic!("{count} failed, first at {cut} (seed {seed}), left in {}: {why}", path.display());
        }
    }
}

/// The reason when a check fails, by its answer or by a panic.
pub(super) fn judge(check: impl FnOnce() -> Verdict) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(check)) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(match panic.downcast::<String>() {
            Ok(text) => *text,
            Err(other) => {
                other.downcast::<&str>().map_or_else(|_| "a panic".to_owned(), |text| (*text).to_owned())
            }
        }),
    }
}

impl Recording {
    /// Cuts the power `n` times; `check` sees each disk and what had been acknowledged.
    ///
    /// Cuts are anywhere; every fourth is right behind an acknowledgement, where a promise is youngest.
    ///
    /// # Panics
    /// When a disk cannot be written.
    pub fn cuts(
        &self,
        n: usize,
        seed: u64,
        policy: &Policy,
        mut check: impl FnMut(&Path, &[Vec<u8>]) -> Verdict,
    ) -> Failures {
        let mut failures = Failures::default();
        let mut disk = self.before.clone();
        let mut heard = 0;
        for (cut, seed) in self.places(n, seed).into_iter().zip(seed..) {
            disk.hear_all(&self.trace.records[heard..cut], policy).unwrap();
            heard = cut;
            let directory = scratch();
            disk.cut(&mut Chance::new(seed), directory.path()).unwrap();
            let acked = self.trace.acked(cut);
            if let Some(why) = judge(|| check(directory.path(), &acked)) {
                failures.push(Failure { cut, seed, why });
                failures.keep(directory);
            }
        }
        failures
    }

    /// Writes into the empty directory `into` the disk of one cut, after the first `cut` records; what had been
    /// acknowledged is the answer. For cuts of one's own choice, and for the directory of a further child.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn rebuild(&self, cut: usize, seed: u64, policy: &Policy, into: &Path) -> Vec<Vec<u8>> {
        let mut disk = self.before.clone();
        disk.hear_all(&self.trace.records[..cut], policy).unwrap();
        disk.cut(&mut Chance::new(seed), into).unwrap();
        self.trace.acked(cut)
    }

    /// `n` numbers of records, ascending, so that one disk hears the trace once.
    fn places(&self, n: usize, seed: u64) -> Vec<usize> {
        let records = &self.trace.records;
        let acks: Vec<_> = (0..records.len()).filter(|at| matches!(records[*at], Record::Ack(_))).collect();
        let mut chance = Chance::new(seed);
        let mut places: Vec<_> = (0..n)
            .map(|number| match acks.get(chance.below(acks.len())) {
                Some(ack) if number % 4 == 0 => ack + 1,
                _ => chance.below(records.len() + 1),
            })
            .collect();
        places.sort_unstable();
        places
    }
}
