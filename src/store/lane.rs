//! Group commit without a writer thread.
//!
//! A caller takes the lane, opens the transaction if none is open, runs its closure in a savepoint and leaves. The
//! last one out, when nobody waits or the batch is full, commits and wakes all. One flush carries every caller
//! who came while the previous one was flushing.
//!
//! This is the only file that makes a [`Receipt`]: after the commit is on disk and its checkpoint is published.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{Engine, EngineFault, Queries, StoreError, gate::Gate};
use crate::{
    audit::{Claim, Receipt},
    base::{
        Clock, RoomId,
        limits::{BATCH_CALLERS_MAX, CHECKPOINT_SYNC_INTERVAL, LANE_WAIT_MAX},
    },
};

/// What one database does around each batch.
pub(crate) trait Book: Send + Sync + 'static {
    /// What a batch keeps in memory; cloned at savepoints, so that a rollback restores it too.
    type State: Clone + Send;
    /// After BEGIN: reads and checks what the batch builds on.
    fn begin(&self, db: &mut dyn Engine) -> Result<Self::State, StoreError>;
    /// Before COMMIT: writes what the batch has come to.
    fn finish(&self, db: &mut dyn Engine, state: &mut Self::State) -> Result<(), StoreError>;
    /// After COMMIT, before the lock is let go: publishes it. An error stops all further writing.
    fn settle(&self, db: &mut dyn Engine, state: &Self::State) -> Result<(), StoreError>;
    /// About a second after a commit with none after it.
    fn idle(&self);
}

/// A caller's place in a batch: the connection, the batch's state, and what is to become receipts.
pub(crate) struct Turn<'a, B: Book> {
    db: &'a mut dyn Engine,
    /// The batch's state.
    pub(super) state: &'a mut B::State,
    /// What the database does around each batch.
    pub(super) book: &'a B,
    /// What becomes receipts when the batch has settled.
    pub(super) claims: Vec<Claim>,
    depth: u8,
}

impl<B: Book> Queries for Turn<'_, B> {
    fn engine(&mut self) -> &mut dyn Engine {
        self.db
    }
}

impl<B: Book> Turn<'_, B> {
    /// Runs `step` so that an error undoes what it did and nothing else: the caller can then record the failure.
    pub(crate) fn attempt<T, E: From<StoreError>>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let (state, claims) = (self.state.clone(), self.claims.len());
        self.depth += 1;
        self.db.savepoint(self.depth)?;
        let outcome = step(self);
        match &outcome {
            Ok(_) => self.db.release(self.depth)?,
            Err(_) => {
                if self.db.in_transaction() {
                    self.db.undo(self.depth)?;
                }
                *self.state = state;
                self.claims.truncate(claims);
            }
        }
        self.depth -= 1;
        outcome
    }
}

/// What a caller gets when its batch is on disk and published.
pub(crate) struct Settled<T> {
    /// What the closure returned.
    pub(crate) value: T,
    /// One receipt for each entry that allows something to be opened.
    pub(crate) receipts: Vec<Receipt>,
}

/// The way to change one database of a room.
pub(crate) struct Lane<B: Book> {
    shared: Arc<Shared<B>>,
}

type Connect = Box<dyn Fn() -> Result<Box<dyn Engine>, StoreError> + Send + Sync>;

struct Shared<B: Book> {
    room: RoomId,
    book: B,
    clock: Clock,
    connect: Connect,
    gate: Gate,
    /// Callers that have come and not yet run their closure.
    waiting: AtomicUsize,
    inner: Mutex<Inner<B>>,
    gate_taken: Condvar,
    helper_wanted: Condvar,
}

struct Inner<B: Book> {
    engine: Option<Box<dyn Engine>>,
    open: Option<Batch<B>>,
    gate: GateState,
    unsynced: bool,
    stopped: bool,
    closing: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GateState {
    Free,
    /// The helper waits for it.
    Wanted,
    Held,
}

struct Batch<B: Book> {
    state: B::State,
    members: usize,
    done: Arc<Done>,
}

#[derive(Default)]
struct Done {
    outcome: Mutex<Option<Result<(), StoreError>>>,
    set: Condvar,
}

impl Done {
    fn set(&self, outcome: Result<(), StoreError>) {
        *lock(&self.outcome) = Some(outcome);
        self.set.notify_all();
    }

    fn wait(&self) -> Result<(), StoreError> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(outcome) = outcome.as_ref() {
                return outcome.clone();
            }
            outcome = self.set.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A panic while the lock was held has already marked its batch lost; the data behind the lock is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<B: Book> Lane<B> {
    /// A lane over the database that `connect` opens.
    pub(super) fn new(
        room: RoomId,
        book: B,
        clock: Clock,
        gate: Gate,
        connect: Connect,
    ) -> Result<Self, StoreError> {
        let inner = Inner {
            engine: Some(connect()?),
            open: None,
            gate: GateState::Free,
            unsynced: false,
            stopped: false,
            closing: false,
        };
        let shared = Arc::new(Shared {
            room,
            book,
            clock,
            connect,
            gate,
            waiting: AtomicUsize::new(0),
            inner: Mutex::new(inner),
            gate_taken: Condvar::new(),
            helper_wanted: Condvar::new(),
        });
        let helper = Arc::clone(&shared);
        thread::Builder::new()
            .name("strongroom-lane".to_owned())
            .spawn(move || helper.help())
            .map_err(|e| StoreError::File { path: "lane.lock".into(), fault: e.kind() })?;
        Ok(Self { shared })
    }

    /// What the database does around each batch.
    pub(super) fn book(&self) -> &B {
        &self.shared.book
    }

    /// Runs `run` in a batch and returns when the batch is on disk and published. An error of `run` undoes what it
    /// did, and nobody else's.
    ///
    /// # Errors
    /// What `run` returns, or why the batch could not be opened, committed or published.
    pub(crate) fn commit<T, E: From<StoreError>>(
        &self,
        run: impl FnOnce(&mut Turn<'_, B>) -> Result<T, E>,
    ) -> Result<Settled<T>, E> {
        let shared = &*self.shared;
        shared.waiting.fetch_add(1, Ordering::SeqCst);
        let gate = shared.take_gate(lock(&shared.inner));
        shared.waiting.fetch_sub(1, Ordering::SeqCst);
        let mut inner = gate?;
        let mut batch = match inner.open.take() {
            Some(batch) => batch,
            None => shared.begin(&mut inner)?,
        };
        let ran = shared.run(&mut inner, &mut batch, run);
        let done = Arc::clone(&batch.done);
        shared.leave(inner, batch, ran.lost);
        let (value, claims) = match ran.outcome {
            Ok(Ok(member)) => member,
            Ok(Err(error)) => return Err(error),
            Err(panic) => resume_unwind(panic),
        };
        done.wait()?;
        let now = shared.clock.moment();
        let receipts = claims.into_iter().map(|claim| Receipt::assertion(shared.room, claim, now)).collect();
        Ok(Settled { value, receipts })
    }
}

impl<B: Book> Drop for Lane<B> {
    fn drop(&mut self) {
        lock(&self.shared.inner).closing = true;
        self.shared.helper_wanted.notify_all();
        self.shared.book.idle();
    }
}

/// What came of one closure.
struct Ran<T, E> {
    outcome: thread::Result<Result<(T, Vec<Claim>), E>>,
    /// The batch is dead: what killed it.
    lost: Option<EngineFault>,
}

impl<B: Book> Shared<B> {
    /// The lane's lock, held by this process.
    fn take_gate<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<B>>,
    ) -> Result<MutexGuard<'a, Inner<B>>, StoreError> {
        if inner.gate == GateState::Free && self.gate.try_take()? {
            inner.gate = GateState::Held;
        }
        if inner.gate != GateState::Held {
            if inner.gate == GateState::Free {
                inner.gate = GateState::Wanted;
                self.helper_wanted.notify_all();
            }
            (inner, _) = self
                .gate_taken
                .wait_timeout_while(inner, LANE_WAIT_MAX, |inner| inner.gate == GateState::Wanted)
                .unwrap_or_else(PoisonError::into_inner);
            match inner.gate {
                GateState::Held => {}
                GateState::Wanted => return Err(StoreError::Busy),
                // Taken and let go again before this thread woke.
                GateState::Free => return self.take_gate(inner),
            }
        }
        Ok(inner)
    }

    /// Opens a batch.
    fn begin(&self, inner: &mut Inner<B>) -> Result<Batch<B>, StoreError> {
        let opened = self.try_begin(inner);
        if opened.is_err() {
            if let Some(engine) = &mut inner.engine {
                engine.rollback();
            }
            inner.engine = None;
            self.release_gate(inner);
        }
        opened
    }

    fn try_begin(&self, inner: &mut Inner<B>) -> Result<Batch<B>, StoreError> {
        if inner.stopped {
            return Err(StoreError::Stopped);
        }
        let mut engine = match inner.engine.take() {
            Some(engine) => engine,
            None => (self.connect)()?,
        };
        let state = engine.begin().and_then(|()| self.book.begin(engine.as_mut()));
        inner.engine = Some(engine);
        Ok(Batch { state: state?, members: 0, done: Arc::default() })
    }

    /// Runs one closure in its savepoint.
    fn run<T, E: From<StoreError>>(
        &self,
        inner: &mut Inner<B>,
        batch: &mut Batch<B>,
        run: impl FnOnce(&mut Turn<'_, B>) -> Result<T, E>,
    ) -> Ran<T, E> {
        let Some(engine) = inner.engine.as_deref_mut() else {
            let lost = EngineFault::Other(0);
            return Ran { outcome: Ok(Err(StoreError::BatchLost { fault: lost }.into())), lost: Some(lost) };
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut turn = Turn {
                db: &mut *engine,
                state: &mut batch.state,
                book: &self.book,
                claims: Vec::new(),
                depth: 0,
            };
            let value = turn.attempt(run)?;
            Ok((value, turn.claims))
        }));
        // After any engine error the transaction may be gone without a word: SQLite rolls all of it back when the
        // disk is full. A closure that unwound left the batch's state half changed.
        let lost = match &outcome {
            Err(_) => Some(EngineFault::Other(0)),
            Ok(_) if !engine.in_transaction() => Some(EngineFault::Full),
            Ok(_) => None,
        };
        batch.members += usize::from(matches!(&outcome, Ok(Ok(_))));
        Ran { outcome, lost }
    }

    /// Leaves the batch: commits it if this is the last one out.
    fn leave(&self, mut inner: MutexGuard<'_, Inner<B>>, batch: Batch<B>, lost: Option<EngineFault>) {
        if let Some(fault) = lost {
            return self.lose(&mut inner, &batch.done, StoreError::BatchLost { fault });
        }
        let full = batch.members >= BATCH_CALLERS_MAX;
        if !full && self.waiting.load(Ordering::SeqCst) > 0 {
            inner.open = Some(batch);
        } else if batch.members == 0 {
            if let Some(engine) = &mut inner.engine {
                engine.rollback();
            }
            self.release_gate(&mut inner);
        } else {
            self.close(&mut inner, batch);
        }
    }

    /// Commits and publishes a batch.
    fn close(&self, inner: &mut Inner<B>, mut batch: Batch<B>) {
        let Some(engine) = inner.engine.as_deref_mut() else {
            return self.lose(inner, &batch.done, StoreError::BatchLost { fault: EngineFault::Other(0) });
        };
        let committed = self.book.finish(engine, &mut batch.state).and_then(|()| engine.commit());
        if let Err(error) = committed {
            let error = match error {
                StoreError::Engine { fault, .. } => StoreError::BatchLost { fault },
                other => other,
            };
            return self.lose(inner, &batch.done, error);
        }
        let settled = self.book.settle(engine, &batch.state);
        inner.stopped |= settled.is_err();
        inner.unsynced = true;
        self.release_gate(inner);
        batch.done.set(settled.map_err(|_| StoreError::Unsettled));
        self.helper_wanted.notify_all();
    }

    /// Tells every member that nothing of theirs was committed, and drops the connection with all it remembers.
    fn lose(&self, inner: &mut Inner<B>, done: &Done, error: StoreError) {
        if let Some(engine) = &mut inner.engine {
            engine.rollback();
        }
        inner.engine = None;
        self.release_gate(inner);
        done.set(Err(error));
    }

    fn release_gate(&self, inner: &mut Inner<B>) {
        inner.gate = GateState::Free;
        self.gate.release();
        self.gate_taken.notify_all();
    }

    /// The helper thread: waits for the file lock so that callers can wait for it with a deadline, and lets the
    /// book do what is due after a quiet second.
    fn help(&self) {
        let mut inner = lock(&self.inner);
        while !inner.closing {
            if inner.gate == GateState::Wanted {
                drop(inner);
                let taken = self.gate.take();
                inner = lock(&self.inner);
                inner.gate = if taken.is_ok() { GateState::Held } else { GateState::Free };
                if taken.is_ok() && self.waiting.load(Ordering::SeqCst) == 0 {
                    self.release_gate(&mut inner);
                }
                self.gate_taken.notify_all();
                continue;
            }
            if inner.unsynced {
                let (woken, quiet) = self
                    .helper_wanted
                    .wait_timeout(inner, CHECKPOINT_SYNC_INTERVAL)
                    .unwrap_or_else(PoisonError::into_inner);
                inner = woken;
                if quiet.timed_out() {
                    inner.unsynced = false;
                    self.book.idle();
                }
            } else {
                inner = self.helper_wanted.wait(inner).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}
