//! A batch: what several callers commit together, and how each learns what came of it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::{Engine, EngineFault, StoreError};

/// What one database does around each batch.
pub(crate) trait Book: Send + Sync + 'static {
    /// What a batch keeps in memory; cloned at savepoints, so that a rollback restores it too.
    type State: Clone + Send;
    /// After BEGIN: reads and checks what the batch builds on.
    fn begin(&self, db: &mut dyn Engine) -> Result<Self::State, StoreError>;
    /// Before COMMIT: writes what the batch has come to.
    fn finish(&self, db: &mut dyn Engine, state: &mut Self::State) -> Result<(), StoreError>;
    /// After COMMIT, before the lock is let go: publishes it. After an error nothing more is written that would have to
    /// be ([`super::lane::Turn::may_publish`]).
    fn settle(&self, db: &mut dyn Engine, state: &Self::State) -> Result<(), StoreError>;
    /// Nothing was kept of a batch, because the disk is full. In the lane: who comes next finds what this has done.
    fn full(&self) {}
    /// About a second after a commit, on the lane's helper thread and without its lock; and at the end.
    fn idle(&self);
}

/// An open batch. Dropped without [`Batch::end`], it is lost: no member waits for ever.
pub(super) struct Batch<B: Book> {
    /// What the book keeps for it.
    pub(super) state: B::State,
    /// Closures that ran in it.
    pub(super) callers: usize,
    /// Those of them that have something to commit.
    pub(super) members: usize,
    done: Arc<Done>,
}

impl<B: Book> Batch<B> {
    /// A batch that builds on `state`.
    pub(super) fn new(state: B::State) -> Self {
        Self { state, callers: 0, members: 0, done: Arc::default() }
    }

    /// What a member waits for.
    pub(super) fn done(&self) -> Arc<Done> {
        Arc::clone(&self.done)
    }

    /// Tells every member what came of it.
    pub(super) fn end(self, outcome: Result<(), StoreError>) {
        self.done.set(outcome);
    }
}

impl<B: Book> Drop for Batch<B> {
    fn drop(&mut self) {
        self.done.set(Err(StoreError::BatchLost { fault: EngineFault::BrokenOff }));
    }
}

/// What came of a batch. There is no deadline: a member cannot leave before it is known whether he committed.
#[derive(Default)]
pub(super) struct Done {
    outcome: Mutex<Option<Result<(), StoreError>>>,
    known: Condvar,
}

impl Done {
    /// The first outcome holds.
    fn set(&self, outcome: Result<(), StoreError>) {
        lock(&self.outcome).get_or_insert(outcome);
        self.known.notify_all();
    }

    /// Waits for the outcome.
    pub(super) fn wait(&self) -> Result<(), StoreError> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(outcome) = outcome.as_ref() {
                return outcome.clone();
            }
            outcome = self.known.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// What the locks of a lane guard is whole at every moment: a panic elsewhere does not spoil it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
