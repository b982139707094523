//! One caller at a time, across threads and processes, each with a deadline.
//!
//! Threads of this process queue for the **desk**: what only one may work with. Processes queue for the **gate**;
//! whoever has the desk has the gate too, or waits for it. A thread that waits holds no lock, so that a caller in
//! trouble (a hanging disk, a lock held outside) makes the others [`StoreError::Busy`] in time, not late in a row.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{StoreError, batch::lock, gate::Gate};
use crate::base::{Clock, Moment};

/// The queue for a desk and its gate.
pub(super) struct Queue<T> {
    gate: Gate,
    clock: Clock,
    /// How long a caller waits, for desk and gate together.
    patience: Duration,
    hall: Mutex<Hall<T>>,
    desk_free: Condvar,
    gate_answered: Condvar,
    helper_wanted: Condvar,
}

struct Hall<T> {
    /// `None` while somebody sits at it.
    desk: Option<T>,
    /// When the caller who sits there took it.
    taken: Moment,
    /// Callers who wait for the desk. Whoever hands the desk on counts on one of them to take it, so they are
    /// counted under the lock under which they look for it.
    waiting: usize,
    gate: GateState,
    /// Why the helper could not take the gate.
    gate_fault: Option<StoreError>,
    /// Something changed since the helper last had a quiet moment.
    changed: bool,
    closing: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GateState {
    Free,
    /// The helper waits for it, and nobody else touches it.
    Wanted,
    Held,
}

/// A caller at the desk, with the gate held. Dropped without [`Seat::leave`], it leaves a new desk behind: what a
/// panic left on the old one is nobody's.
pub(super) struct Seat<'a, T: Default> {
    queue: &'a Queue<T>,
    desk: Option<T>,
}

impl<T: Default> Queue<T> {
    /// A queue for this desk, which nobody sits at.
    pub(super) fn new(gate: Gate, clock: Clock, patience: Duration, desk: T) -> Self {
        let hall = Hall {
            desk: Some(desk),
            taken: clock.moment(),
            waiting: 0,
            gate: GateState::Free,
            gate_fault: None,
            changed: false,
            closing: false,
        };
        Self {
            gate,
            clock,
            patience,
            hall: Mutex::new(hall),
            desk_free: Condvar::new(),
            gate_answered: Condvar::new(),
            helper_wanted: Condvar::new(),
        }
    }

    /// Waits for the desk, then for the gate.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the caller's patience is over; the lock file fails.
    pub(super) fn sit(&self) -> Result<Seat<'_, T>, StoreError> {
        let came = self.clock.moment();
        let mut hall = lock(&self.hall);
        hall.waiting += 1;
        (hall, _) = self
            .desk_free
            .wait_timeout_while(hall, self.patience, |hall| hall.desk.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        hall.waiting -= 1;
        let desk = hall.desk.take().ok_or(StoreError::Busy)?;
        hall.taken = self.clock.moment();
        let seat = Seat { queue: self, desk: Some(desk) };
        match self.take_gate(hall, came) {
            Ok(()) => Ok(seat),
            Err(error) => {
                seat.leave(false);
                Err(error)
            }
        }
    }

    fn take_gate(&self, mut hall: MutexGuard<'_, Hall<T>>, came: Moment) -> Result<(), StoreError> {
        match hall.gate {
            GateState::Held => return Ok(()),
            GateState::Free if self.gate.try_take()? => {
                hall.gate = GateState::Held;
                return Ok(());
            }
            GateState::Free => {
                hall.gate = GateState::Wanted;
                self.helper_wanted.notify_all();
            }
            // A caller before this one gave up; the helper goes on waiting.
            GateState::Wanted => {}
        }
        let left = self.patience.saturating_sub(self.clock.moment().since(came));
        (hall, _) = self
            .gate_answered
            .wait_timeout_while(hall, left, |hall| hall.gate == GateState::Wanted)
            .unwrap_or_else(PoisonError::into_inner);
        match hall.gate {
            GateState::Held => Ok(()),
            GateState::Wanted => Err(StoreError::Busy),
            GateState::Free => Err(hall.gate_fault.take().unwrap_or(StoreError::Busy)),
        }
    }

    /// Puts the desk back for the next caller of this process, and lets the gate go.
    fn put_back(&self, desk: T, changed: bool) {
        let mut hall = lock(&self.hall);
        hall.desk = Some(desk);
        // Wanted: this caller never had it.
        if hall.gate == GateState::Held {
            hall.gate = GateState::Free;
            self.gate.release();
        }
        let first_change = changed && !hall.changed;
        hall.changed |= changed;
        drop(hall);
        self.desk_free.notify_one();
        if first_change {
            self.helper_wanted.notify_all();
        }
    }

    /// The helper thread: waits for the gate so that callers can wait for it with a deadline, and calls `quiet`
    /// about `interval` after a change.
    pub(super) fn help(&self, interval: Duration, quiet: impl Fn()) {
        let mut hall = lock(&self.hall);
        while !hall.closing {
            if hall.gate == GateState::Wanted {
                drop(hall);
                let taken = self.gate.take();
                hall = lock(&self.hall);
                self.answer(&mut hall, taken);
            } else if hall.changed {
                let (woken, wait) = self
                    .helper_wanted
                    .wait_timeout_while(hall, interval, |hall| {
                        !hall.closing && hall.gate != GateState::Wanted
                    })
                    .unwrap_or_else(PoisonError::into_inner);
                hall = woken;
                if wait.timed_out() {
                    hall.changed = false;
                    drop(hall);
                    quiet();
                    hall = lock(&self.hall);
                }
            } else {
                hall = self.helper_wanted.wait(hall).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Gives the gate to the caller at the desk; nobody sits there when he gave up before the helper had it.
    fn answer(&self, hall: &mut Hall<T>, taken: Result<(), StoreError>) {
        let awaited = hall.desk.is_none() && !hall.closing;
        hall.gate = if taken.is_ok() && awaited { GateState::Held } else { GateState::Free };
        match taken {
            Ok(()) if !awaited => self.gate.release(),
            Ok(()) => {}
            Err(error) => hall.gate_fault = awaited.then_some(error),
        }
        self.gate_answered.notify_all();
    }

    /// Whether one caller has had the desk for longer than `span`: another process has the gate, or the disk hangs. Who
    /// comes now would wait behind him.
    #[cfg(feature = "tokio")]
    pub(super) fn is_held_up(&self, span: Duration) -> bool {
        let hall = lock(&self.hall);
        hall.desk.is_none() && self.clock.moment().since(hall.taken) > span
    }

    /// How many wait for the desk.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        lock(&self.hall).waiting
    }

    /// Ends the helper as soon as it does not wait for the gate, and hands out the desk. Nobody may come after.
    pub(super) fn close(&self) -> Option<T> {
        let mut hall = lock(&self.hall);
        hall.closing = true;
        self.helper_wanted.notify_all();
        hall.desk.take()
    }
}

impl<T: Default> Seat<'_, T> {
    /// What this caller works with.
    pub(super) fn desk(&mut self) -> &mut T {
        self.desk.get_or_insert_with(T::default)
    }

    /// Gives the seat, desk and gate, to a caller who waits; gives itself back if nobody does.
    pub(super) fn hand_on(mut self) -> Result<(), Self> {
        let mut hall = lock(&self.queue.hall);
        if hall.waiting == 0 {
            drop(hall);
            return Err(self);
        }
        hall.desk = self.desk.take();
        drop(hall);
        self.queue.desk_free.notify_one();
        Ok(())
    }

    /// Leaves the desk to the next caller, and the gate to the next process.
    pub(super) fn leave(mut self, changed: bool) {
        if let Some(desk) = self.desk.take() {
            self.queue.put_back(desk, changed);
        }
    }
}

impl<T: Default> Drop for Seat<'_, T> {
    fn drop(&mut self) {
        if let Some(desk) = self.desk.take() {
            drop(desk);
            self.queue.put_back(T::default(), false);
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
