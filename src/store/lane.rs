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
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

pub(crate) use super::batch::Book;
use super::{
    Engine, EngineFault, Queries, StoreError,
    batch::Batch,
    gate::Gate,
    meter::{Bounds, Meter},
    pace::Pace,
    queue::{Queue, Seat},
};
#[cfg(feature = "tokio")]
use crate::base::limits::LANE_HELD_UP_AFTER;
use crate::{
    audit::{Claim, Receipt},
    base::{
        Clock, RoomId,
        limits::{BATCH_CALLERS_MAX, CHECKPOINT_SYNC_INTERVAL, LANE_WAIT_MAX},
    },
};

/// A caller's place in a batch: the connection, the batch's state, and what is to become receipts.
pub(crate) struct Turn<'a, B: Book> {
    db: Meter<'a>,
    /// The batch's state.
    pub(super) state: &'a mut B::State,
    /// What the database does around each batch.
    pub(super) book: &'a B,
    /// What becomes receipts when the batch has settled.
    pub(super) claims: Vec<Claim>,
    depth: u8,
    /// A checkpoint could not be published: nothing that needs one may be written.
    stopped: bool,
    /// Something could not be undone: nothing of this batch may be committed.
    broken: bool,
}

impl<B: Book> Queries for Turn<'_, B> {
    fn engine(&mut self) -> &mut dyn Engine {
        &mut self.db
    }
}

impl<B: Book> Turn<'_, B> {
    /// Asked before anything is written that has to be published.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] since something could not be.
    pub(super) fn may_publish(&self) -> Result<(), StoreError> {
        if self.stopped { Err(StoreError::Stopped) } else { Ok(()) }
    }

    /// Runs `step` so that an error undoes what it did and nothing else: the caller can then record the failure.
    pub(crate) fn attempt<T, E: From<StoreError>>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let (state, claims, depth) = (self.state.clone(), self.claims.len(), self.depth + 1);
        self.depth = depth;
        let outcome = match self.db.savepoint(depth) {
            Ok(()) => step(self).and_then(|value| {
                self.db.within()?;
                self.db.release(depth)?;
                Ok(value)
            }),
            Err(error) => Err(error.into()),
        };
        if outcome.is_err() {
            self.broken |= !self.db.in_transaction() || self.db.undo(depth).is_err();
            *self.state = state;
            self.claims.truncate(claims);
        }
        self.depth = depth - 1;
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
    queue: Queue<Desk<B>>,
    pace: Pace,
    /// A checkpoint could not be published: nothing that needs one is committed any more.
    stopped: AtomicBool,
}

/// What one caller at a time works with.
struct Desk<B: Book> {
    /// `None` after a failure: the next batch opens a new connection, which remembers nothing.
    engine: Option<Box<dyn Engine>>,
    open: Option<Batch<B>>,
}

impl<B: Book> Default for Desk<B> {
    fn default() -> Self {
        Self { engine: None, open: None }
    }
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
        Self::with_patience(room, book, clock, gate, connect, LANE_WAIT_MAX)
    }

    fn with_patience(
        room: RoomId,
        book: B,
        clock: Clock,
        gate: Gate,
        connect: Connect,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let desk = Desk { engine: Some(connect()?), open: None };
        let queue = Queue::new(gate, clock.clone(), patience, desk);
        let (pace, stopped) = (Pace::new(), AtomicBool::new(false));
        let shared = Arc::new(Shared { room, book, clock, connect, queue, pace, stopped });
        let helper = Arc::clone(&shared);
        thread::Builder::new()
            .name("strongroom-lane".to_owned())
            .spawn(move || helper.queue.help(CHECKPOINT_SYNC_INTERVAL, || helper.book.idle()))
            .map_err(|e| StoreError::File { path: "lane.lock".into(), fault: e.kind() })?;
        Ok(Self { shared })
    }

    /// What the database does around each batch.
    pub(super) fn book(&self) -> &B {
        &self.shared.book
    }

    /// How its work goes.
    pub(super) fn pace(&self) -> &Pace {
        &self.shared.pace
    }

    /// Whether nobody has got on in it for a while.
    #[cfg(feature = "tokio")]
    pub(super) fn is_held_up(&self) -> bool {
        self.shared.queue.is_held_up(LANE_HELD_UP_AFTER)
    }

    /// Whether it has stopped: a checkpoint could not be published, and nothing that needs one is committed any more.
    pub(super) fn is_stopped(&self) -> bool {
        self.shared.stopped.load(Ordering::SeqCst)
    }

    /// Runs `run` in a batch and returns when the batch is on disk and published. An error of `run` undoes what it
    /// did, and nobody else's; it too is returned when the batch is through. So does taking more than its bounds.
    ///
    /// # Errors
    /// What `run` returns, or why the batch could not be opened, committed or published.
    pub(crate) fn commit<T, E: From<StoreError>>(
        &self,
        bounds: Bounds,
        run: impl FnOnce(&mut Turn<'_, B>) -> Result<T, E>,
    ) -> Result<Settled<T>, E> {
        let shared = &*self.shared;
        let mut seat = shared.sit()?;
        let seated = shared.clock.moment();
        let mut batch = match seat.desk().open.take() {
            Some(batch) => batch,
            None => shared.begin(seat.desk()).inspect_err(|error| shared.heed(error))?,
        };
        let ran = shared.run(seat.desk(), &mut batch, bounds, run);
        let done = batch.done();
        shared.leave(seat, batch, ran.lost);
        let (value, claims) = match ran.outcome {
            Ok(Ok(member)) => member,
            Ok(Err(error)) => {
                // It may tell of what another member did: nobody hears of that before it is on disk.
                return match (ran.lost, done.wait()) {
                    (None, Err(lost @ StoreError::BatchLost { .. })) => Err(lost.into()),
                    _ => Err(error),
                };
            }
            Err(panic) => resume_unwind(panic),
        };
        done.wait()?;
        let now = shared.clock.moment();
        shared.pace.commit.time(now.since(seated));
        let receipts = claims.into_iter().map(|claim| Receipt::assertion(shared.room, claim, now)).collect();
        Ok(Settled { value, receipts })
    }
}

impl<B: Book> Lane<B> {
    /// Runs `run` between two batches: nobody else in any process has the lane, and no transaction is open.
    ///
    /// # Errors
    /// What `run` returns; the lane was not free in time; the batch that was open was lost.
    pub(super) fn between<T, E: From<StoreError>>(
        &self,
        run: impl FnOnce(&mut dyn Engine) -> Result<T, E>,
    ) -> Result<T, E> {
        let shared = &*self.shared;
        let mut seat = shared.sit()?;
        let mut changed = false;
        // Whoever handed it on counts on the next to close it; closed and left, another would be open the next time.
        if let Some(mut batch) = seat.desk().open.take() {
            match shared.end(seat.desk(), &mut batch) {
                Ok(told) => batch.end(told),
                Err(error) => {
                    shared.lose(seat, batch, error.clone());
                    return Err(error.into());
                }
            }
            changed = true;
        }
        let ran = if shared.stopped.load(Ordering::SeqCst) {
            Err(StoreError::Stopped.into())
        } else {
            shared.connected(seat.desk()).map_err(E::from).and_then(run)
        };
        if ran.is_err() {
            // What the failure left of the connection nobody knows.
            seat.desk().engine = None;
        }
        seat.leave(changed);
        ran
    }
}

impl<B: Book> Drop for Lane<B> {
    fn drop(&mut self) {
        // The connection is closed here and not by the helper, which may be waiting for another process's gate.
        drop(self.shared.queue.close());
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
    /// Waits for the lane.
    fn sit(&self) -> Result<Seat<'_, Desk<B>>, StoreError> {
        let came = self.clock.moment();
        let seat = self.queue.sit();
        match &seat {
            Ok(_) => self.pace.wait.time(self.clock.moment().since(came)),
            Err(StoreError::Busy) => self.pace.busy.one(),
            Err(_) => {}
        }
        seat
    }

    /// Opens a batch. After an error the caller drops its seat, and with it the connection.
    fn begin(&self, desk: &mut Desk<B>) -> Result<Batch<B>, StoreError> {
        let engine = self.connected(desk)?;
        engine.begin()?;
        self.book.begin(engine).map(Batch::new)
    }

    /// The desk's connection, a new one after a failure.
    fn connected<'d>(&self, desk: &'d mut Desk<B>) -> Result<&'d mut dyn Engine, StoreError> {
        if desk.engine.is_none() {
            desk.engine = Some((self.connect)()?);
        }
        Ok(desk.engine.as_mut().ok_or(StoreError::Stopped)?.as_mut())
    }

    /// Runs one closure in its savepoint.
    fn run<T, E: From<StoreError>>(
        &self,
        desk: &mut Desk<B>,
        batch: &mut Batch<B>,
        bounds: Bounds,
        run: impl FnOnce(&mut Turn<'_, B>) -> Result<T, E>,
    ) -> Ran<T, E> {
        let Some(engine) = desk.engine.as_deref_mut() else {
            let lost = EngineFault::BrokenOff;
            return Ran { outcome: Ok(Err(StoreError::BatchLost { fault: lost }.into())), lost: Some(lost) };
        };
        batch.callers += 1;
        let mut broken = false;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let state = &mut batch.state;
            let mut turn = Turn {
                db: Meter::new(&mut *engine, &self.clock, bounds),
                state,
                book: &self.book,
                claims: Vec::new(),
                depth: 0,
                stopped: self.stopped.load(Ordering::SeqCst),
                broken: false,
            };
            let ran = turn.attempt(run);
            broken = turn.broken;
            ran.map(|value| (value, turn.claims))
        }));
        // After any engine error the transaction may be gone without a word: SQLite rolls all of it back when the
        // disk is full. A closure that unwound left the batch's state half changed.
        let lost = match &outcome {
            Err(_) => Some(EngineFault::BrokenOff),
            Ok(_) if broken || !engine.in_transaction() => {
                Some(engine.last_fault().unwrap_or(EngineFault::BrokenOff))
            }
            Ok(_) => None,
        };
        batch.members += usize::from(matches!(&outcome, Ok(Ok(_))));
        Ran { outcome, lost }
    }

    /// Leaves the batch: commits it if this is the last one out.
    fn leave(&self, mut seat: Seat<'_, Desk<B>>, batch: Batch<B>, lost: Option<EngineFault>) {
        if let Some(fault) = lost {
            return self.lose(seat, batch, StoreError::BatchLost { fault });
        }
        // Callers are counted, not members: those whose closures fail at full rate must not keep a batch open.
        let full = batch.callers >= BATCH_CALLERS_MAX;
        seat.desk().open = Some(batch);
        let mut seat = if full {
            seat
        } else {
            match seat.hand_on() {
                Ok(()) => return,
                Err(seat) => seat,
            }
        };
        let Some(mut batch) = seat.desk().open.take() else { return };
        match self.end(seat.desk(), &mut batch) {
            Ok(told) => {
                let changed = batch.members > 0;
                batch.end(told);
                seat.leave(changed);
            }
            Err(error) => self.lose(seat, batch, error),
        }
    }

    /// Commits and publishes a batch: what its members are to be told, or why it is lost.
    fn end(&self, desk: &mut Desk<B>, batch: &mut Batch<B>) -> Result<Result<(), StoreError>, StoreError> {
        let gone = StoreError::BatchLost { fault: EngineFault::BrokenOff };
        let engine = desk.engine.as_deref_mut().ok_or(gone)?;
        if batch.members == 0 {
            engine.rollback();
            return Ok(Ok(()));
        }
        let began = self.clock.moment();
        self.book.finish(engine, &mut batch.state).and_then(|()| engine.commit()).map_err(|e| match e {
            StoreError::Engine { fault, .. } => StoreError::BatchLost { fault },
            other => other,
        })?;
        let settled = self.book.settle(engine, &batch.state);
        self.pace.flushed(self.clock.moment().since(began), batch.members);
        if settled.is_err() {
            self.stopped.store(true, Ordering::SeqCst);
        }
        Ok(settled.map_err(|_| StoreError::Unsettled))
    }

    /// Has the book make room where the disk is full.
    fn heed(&self, error: &StoreError) {
        let (StoreError::Engine { fault, .. } | StoreError::BatchLost { fault }) = error else { return };
        if *fault == EngineFault::Full {
            self.book.full();
        }
    }

    /// Tells every member that nothing of theirs was committed, and drops the connection with all it remembers.
    fn lose(&self, mut seat: Seat<'_, Desk<B>>, batch: Batch<B>, error: StoreError) {
        self.pace.lose();
        self.heed(&error);
        if let Some(engine) = &mut seat.desk().engine {
            engine.rollback();
        }
        drop(seat);
        batch.end(Err(error));
    }
}

#[cfg(test)]
#[path = "lane_tests.rs"]
mod tests;
