//! How a lane's work goes: what is counted of it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use crate::base::count::{CALLERS, Counter, Histogram, SPANS_US};

/// What is counted of one lane since the process opened it.
#[derive(Debug)]
pub(crate) struct Pace {
    /// From asking for the lane to having it.
    pub(crate) wait: Histogram<14>,
    /// From having the lane to the answer, the flush included.
    pub(crate) commit: Histogram<14>,
    /// The flush alone: commit, checkpoint.
    pub(crate) flush: Histogram<14>,
    /// Callers whose changes one flush carried.
    pub(crate) callers: Histogram<9>,
    /// Callers who gave up waiting.
    pub(crate) busy: Counter,
    /// Batches of which nothing was kept.
    pub(crate) lost: Counter,
    /// The newest batch was one of them.
    failing: AtomicBool,
}

impl Pace {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            wait: Histogram::new(SPANS_US),
            commit: Histogram::new(SPANS_US),
            flush: Histogram::new(SPANS_US),
            callers: Histogram::new(CALLERS),
            busy: Counter::default(),
            lost: Counter::default(),
            failing: AtomicBool::new(false),
        }
    }

    /// One flush is through, with the changes of so many callers.
    pub(super) fn flushed(&self, span: Duration, callers: usize) {
        self.flush.time(span);
        self.callers.count(u64::try_from(callers).unwrap_or(u64::MAX));
        self.failing.store(false, Ordering::Relaxed);
    }

    /// Nothing was kept of a batch.
    pub(super) fn lose(&self) {
        self.lost.one();
        self.failing.store(true, Ordering::Relaxed);
    }

    /// Whether the newest batch was lost, so that the next may be too.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }
}
