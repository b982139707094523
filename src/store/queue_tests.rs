use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use super::Queue;
use crate::{
    base::Clock,
    store::{StoreError, gate::Gate},
};

const PATIENCE: Duration = Duration::from_millis(300);
const QUIET: Duration = Duration::from_millis(20);

fn gate(directory: &Path) -> Gate {
    Gate::open(&directory.join("lane.lock"), &directory.join("lane.turn")).unwrap()
}

/// A queue for a number, its helper, and how often the helper had a quiet moment.
struct Office {
    queue: Arc<Queue<u32>>,
    quiet: Arc<AtomicUsize>,
    helper: Option<thread::JoinHandle<()>>,
}

impl Office {
    fn open(directory: &Path) -> Self {
        let queue = Arc::new(Queue::new(gate(directory), Clock::system(), PATIENCE, 7));
        let quiet = Arc::new(AtomicUsize::new(0));
        let (at, counter) = (Arc::clone(&queue), Arc::clone(&quiet));
        let helper = thread::spawn(move || at.help(QUIET, || _ = counter.fetch_add(1, Ordering::SeqCst)));
        Self { queue, quiet, helper: Some(helper) }
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.queue.close();
        self.helper.take().unwrap().join().unwrap();
    }
}

#[test]
fn a_gate_held_elsewhere_makes_callers_busy_and_is_let_go_when_it_comes_too_late() {
    let directory = tempfile::tempdir().unwrap();
    let office = Office::open(directory.path());
    let other = gate(directory.path());
    assert!(other.try_take().unwrap());
    let clock = Clock::system();
    for _ in 0..2 {
        let began = clock.moment();
        assert!(matches!(office.queue.sit().err(), Some(StoreError::Busy)));
        let waited = clock.moment().since(began);
        assert!(waited >= PATIENCE && waited < PATIENCE * 3, "{waited:?}");
    }
    other.release();
    // The helper still wanted it. It must not keep what nobody waits for any more.
    other.take().unwrap();
    other.release();
    office.queue.sit().unwrap().leave(false);
}

#[test]
fn a_caller_gets_a_gate_that_comes_in_time_and_the_desk_as_it_was_left() {
    let directory = tempfile::tempdir().unwrap();
    let office = Office::open(directory.path());
    let other = gate(directory.path());
    other.take().unwrap();
    thread::scope(|scope| {
        let caller = scope.spawn(|| {
            let mut seat = office.queue.sit().unwrap();
            *seat.desk() += 1;
            seat.leave(true);
        });
        thread::sleep(PATIENCE / 4);
        other.release();
        caller.join().unwrap();
    });
    assert_eq!(*office.queue.sit().unwrap().desk(), 8);
    while office.quiet.load(Ordering::SeqCst) == 0 {
        thread::yield_now();
    }
}

#[test]
fn a_hundred_callers_behind_one_who_hangs_are_busy_at_once_and_not_in_a_row() {
    let directory = tempfile::tempdir().unwrap();
    let office = Office::open(directory.path());
    let hanging = office.queue.sit().unwrap();
    let clock = Clock::system();
    let began = clock.moment();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..100).map(|_| scope.spawn(|| office.queue.sit().err())).collect();
        for caller in callers {
            assert!(matches!(caller.join().unwrap(), Some(StoreError::Busy)));
        }
    });
    let waited = clock.moment().since(began);
    assert!(waited < PATIENCE * 3, "{waited:?}");
    hanging.leave(false);
    assert_eq!(*office.queue.sit().unwrap().desk(), 7);
}

#[test]
fn a_panic_at_the_desk_leaves_a_new_desk_and_a_free_gate() {
    let directory = tempfile::tempdir().unwrap();
    let office = Office::open(directory.path());
    let broke = catch_unwind(AssertUnwindSafe(|| {
        let mut seat = office.queue.sit().unwrap();
        *seat.desk() = 99;
        panic!("as planned");
    }));
    assert!(broke.is_err());
    assert!(gate(directory.path()).try_take().unwrap());
    assert_eq!(*office.queue.sit().unwrap().desk(), 0);
}

#[test]
fn a_seat_is_handed_on_only_to_somebody() {
    let directory = tempfile::tempdir().unwrap();
    let office = Office::open(directory.path());
    let Err(seat) = office.queue.sit().unwrap().hand_on() else { panic!("handed on to nobody") };
    thread::scope(|scope| {
        let next = scope.spawn(|| *office.queue.sit().unwrap().desk());
        while office.queue.waiting() == 0 {
            thread::yield_now();
        }
        assert!(seat.hand_on().is_ok());
        assert_eq!(next.join().unwrap(), 7);
    });
}

/// Two processes at full rate take turns: whoever lets the gate go finds the other waiting for it.
#[test]
fn nobody_is_overtaken_again_and_again_at_the_gate() {
    const ROUNDS: usize = 150;
    let directory = tempfile::tempdir().unwrap();
    let offices = [Office::open(directory.path()), Office::open(directory.path())];
    let served = [AtomicUsize::new(0), AtomicUsize::new(0)];
    thread::scope(|scope| {
        for (me, office) in offices.iter().enumerate() {
            let served = &served;
            scope.spawn(move || {
                while served.iter().all(|served| served.load(Ordering::SeqCst) < ROUNDS) {
                    let seat = office.queue.sit().unwrap();
                    // Long enough for the other to come to the gate on a busy machine.
                    thread::sleep(Duration::from_millis(2));
                    served[me].fetch_add(1, Ordering::SeqCst);
                    seat.leave(true);
                }
            });
        }
    });
    let [first, second] = served.map(AtomicUsize::into_inner);
    assert!(first.min(second) > ROUNDS * 2 / 3, "{first} and {second}");
}

#[test]
fn closing_ends_the_helper_and_keeps_no_gate() {
    let directory = tempfile::tempdir().unwrap();
    let other = gate(directory.path());
    other.take().unwrap();
    let office = Office::open(directory.path());
    assert!(office.queue.sit().is_err());
    assert_eq!(office.queue.close(), Some(7));
    other.release();
    drop(office);
    assert!(other.try_take().unwrap());
}
