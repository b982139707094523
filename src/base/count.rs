//! What a process counts of its own work: numbers only, never of whom.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A number that grows while the process lives.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub(crate) fn one(&self) {
        self.add(1);
    }

    /// So many more.
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// How many so far.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Upper bounds of spans of time, microseconds: from what a cached write takes to what a caller waits at most.
pub(crate) const SPANS_US: [u64; 14] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 2_500_000,
    10_000_000,
];

/// Upper bounds of the callers of one commit.
pub(crate) const CALLERS: [u64; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// How often a value fell at or below each of some bounds.
#[derive(Debug)]
pub(crate) struct Histogram<const N: usize> {
    bounds: [u64; N],
    within: [Counter; N],
    count: Counter,
    sum: Counter,
}

/// A histogram at one moment: for each bound how many values were at or below it, then how many there were at all,
/// and their sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) within: Vec<(u64, u64)>,
    pub(crate) count: u64,
    pub(crate) sum: u64,
}

impl<const N: usize> Histogram<N> {
    /// Nothing yet, with these bounds, which rise.
    pub(crate) fn new(bounds: [u64; N]) -> Self {
        Self {
            bounds,
            within: std::array::from_fn(|_| Counter::default()),
            count: Counter::default(),
            sum: Counter::default(),
        }
    }

    /// One value more.
    pub(crate) fn count(&self, value: u64) {
        if let Some((_, slot)) = self.bounds.iter().zip(&self.within).find(|(bound, _)| value <= **bound) {
            slot.one();
        }
        self.sum.add(value);
        self.count.one();
    }

    /// One span of time more, counted in microseconds.
    pub(crate) fn time(&self, span: Duration) {
        self.count(u64::try_from(span.as_micros()).unwrap_or(u64::MAX));
    }

    /// What was counted so far. A value that is counted meanwhile may be in one part of it and not yet in another.
    pub(crate) fn get(&self) -> Counted {
        let mut below = 0;
        let within = self.bounds.iter().zip(&self.within).map(|(bound, slot)| {
            below += slot.get();
            (*bound, below)
        });
        let within: Vec<_> = within.collect();
        Counted { within, count: self.count.get().max(below), sum: self.sum.get() }
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;
    use std::time::Duration;

    #[test]
    fn bounds_count_what_is_at_or_below_them() {
        let histogram = Histogram::new([10, 100, 1_000]);
        for value in [10, 11, 100, 5_000] {
            histogram.count(value);
        }
        histogram.time(Duration::from_micros(7));
        let counted = histogram.get();
        assert_eq!(counted.within, [(10, 2), (100, 4), (1_000, 4)]);
        assert_eq!((counted.count, counted.sum), (5, 10 + 11 + 100 + 5_000 + 7));
    }
}
