use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use super::{Book, Lane, Turn};
use crate::{
    base::{
        Clock, RoomId, Time,
        limits::{LANE_CLOSURE_ROWS_MAX, LANE_CLOSURE_TIME_MAX},
    },
    store::{
        Database, Engine, EngineFault, Queries, Row, Statement, StoreError, Value, batch::lock, gate::Gate,
        meter::Bounds,
    },
};

const PUT: Statement = Statement { name: "put", database: Database::Store, text: "" };
static PUT_ONE: Statement = PUT;

/// What goes wrong next, once. A real disk does most of it too seldom to be waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wrong {
    Begin,
    Commit,
    /// The statement fails and the engine drops the transaction, as SQLite does on a full disk.
    Dropped,
    Savepoint,
    Release,
    Undo,
    BookBegins,
    BookFinishes,
    BookSettles,
    BookPanics,
}

/// A disk of numbers.
#[derive(Default)]
struct World {
    disk: Mutex<Vec<u32>>,
    wrong: Mutex<Option<Wrong>>,
    connections: AtomicUsize,
    commits: AtomicUsize,
}

impl World {
    fn goes(&self, wrong: Wrong) -> bool {
        let mut next = lock(&self.wrong);
        let now = *next == Some(wrong);
        if now {
            *next = None;
        }
        now
    }

    fn fails(&self, wrong: Wrong) -> Result<(), StoreError> {
        let fault = EngineFault::Io;
        if self.goes(wrong) { Err(StoreError::Engine { statement: "fake", fault }) } else { Ok(()) }
    }
}

/// An engine over the world's disk: the transaction and one copy for each savepoint.
struct Fake {
    world: Arc<World>,
    open: Vec<Vec<u32>>,
}

impl Engine for Fake {
    fn columns(&mut self) -> Result<Vec<super::super::StoredColumn>, StoreError> {
        Ok(Vec::new())
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.world.fails(Wrong::Begin)?;
        assert!(self.open.is_empty(), "a transaction within a transaction");
        self.open.push(lock(&self.world.disk).clone());
        Ok(())
    }

    fn snapshot(&mut self) -> Result<(), StoreError> {
        self.begin()
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.world.fails(Wrong::Commit)?;
        let [whole] = self.open.as_slice() else { panic!("{} open at commit", self.open.len()) };
        *lock(&self.world.disk) = whole.clone();
        self.open.clear();
        self.world.commits.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn rollback(&mut self) {
        self.open.clear();
    }

    fn in_transaction(&self) -> bool {
        !self.open.is_empty()
    }

    fn last_fault(&self) -> Option<EngineFault> {
        Some(EngineFault::Full)
    }

    fn savepoint(&mut self, depth: u8) -> Result<(), StoreError> {
        self.world.fails(Wrong::Savepoint)?;
        assert_eq!(usize::from(depth), self.open.len());
        self.open.push(self.open.last().unwrap().clone());
        Ok(())
    }

    fn release(&mut self, depth: u8) -> Result<(), StoreError> {
        self.world.fails(Wrong::Release)?;
        let gone = StoreError::Engine { statement: "no such savepoint", fault: EngineFault::Other(1) };
        let inner = self.open.last().ok_or(gone)?.clone();
        self.open.truncate(usize::from(depth));
        *self.open.last_mut().unwrap() = inner;
        Ok(())
    }

    fn undo(&mut self, depth: u8) -> Result<(), StoreError> {
        self.world.fails(Wrong::Undo)?;
        let known = usize::from(depth) < self.open.len();
        self.open.truncate(usize::from(depth));
        let fault = EngineFault::Other(1);
        if known { Ok(()) } else { Err(StoreError::Engine { statement: "no such savepoint", fault }) }
    }

    fn migrate(&mut self, _: &'static str) -> Result<(), StoreError> {
        Ok(())
    }

    fn execute(&mut self, statement: &'static Statement, values: &[Value]) -> Result<usize, StoreError> {
        if self.world.goes(Wrong::Dropped) {
            self.open.clear();
        }
        let fault = EngineFault::Full;
        let table = self.open.last_mut().ok_or(StoreError::Engine { statement: statement.name, fault })?;
        let [Value::Int(number)] = values else { panic!("one number") };
        table.push(u32::try_from(*number).unwrap());
        Ok(1)
    }

    fn query(
        &mut self,
        _: &'static Statement,
        _: &[Value],
        _: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    fn empty_log(&mut self) -> Result<bool, StoreError> {
        assert!(self.open.is_empty(), "within a transaction");
        Ok(true)
    }
}

/// Counts what a batch holds, beside the engine: the two must agree at each commit.
struct Count(Arc<World>);

impl Book for Count {
    type State = usize;

    fn begin(&self, _: &mut dyn Engine) -> Result<usize, StoreError> {
        self.0.fails(Wrong::BookBegins)?;
        Ok(lock(&self.0.disk).len())
    }

    fn finish(&self, _: &mut dyn Engine, _: &mut usize) -> Result<(), StoreError> {
        self.0.fails(Wrong::BookFinishes)
    }

    fn settle(&self, _: &mut dyn Engine, state: &usize) -> Result<(), StoreError> {
        assert_eq!(lock(&self.0.disk).len(), *state, "memory and disk");
        assert!(!self.0.goes(Wrong::BookPanics), "as planned");
        self.0.fails(Wrong::BookSettles)
    }

    fn idle(&self) {}
}

struct Desk {
    world: Arc<World>,
    lane: Lane<Count>,
    _directory: tempfile::TempDir,
}

fn open(patience: Duration) -> Desk {
    open_by(Clock::system(), patience)
}

fn open_by(clock: Clock, patience: Duration) -> Desk {
    let directory = tempfile::tempdir().unwrap();
    let gate = Gate::open(&directory.path().join("lane.lock"), &directory.path().join("lane.turn")).unwrap();
    let world = Arc::new(World::default());
    let theirs = Arc::clone(&world);
    let connect = move || {
        theirs.connections.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Fake { world: Arc::clone(&theirs), open: Vec::new() }) as Box<dyn Engine>)
    };
    let book = Count(Arc::clone(&world));
    let room = RoomId::from_bytes([1; 16]);
    let lane = Lane::with_patience(room, book, clock, gate, Box::new(connect), patience).unwrap();
    Desk { world, lane, _directory: directory }
}

fn put(turn: &mut Turn<'_, Count>, number: u32) -> Result<(), StoreError> {
    turn.may_publish()?;
    turn.change_one(&PUT_ONE, &[number.into()])?;
    *turn.state += 1;
    Ok(())
}

impl Desk {
    fn put(&self, number: u32) -> Result<(), StoreError> {
        self.lane.commit(Bounds::REQUEST, |turn| put(turn, number)).map(|settled| settled.value)
    }

    /// A first member puts 1 and waits for a second, who runs `second` in the same batch. What each got.
    fn pair<T: Send>(
        &self,
        second: impl FnOnce(&mut Turn<'_, Count>) -> Result<T, StoreError> + Send,
    ) -> (Result<(), StoreError>, thread::Result<Result<T, StoreError>>) {
        let seated = AtomicBool::new(false);
        thread::scope(|scope| {
            let first = scope.spawn(|| {
                self.lane.commit(Bounds::REQUEST, |turn| {
                    put(turn, 1)?;
                    seated.store(true, Ordering::SeqCst);
                    while self.lane.shared.queue.waiting() == 0 {
                        thread::yield_now();
                    }
                    Ok::<_, StoreError>(())
                })
            });
            while !seated.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            let second = catch_unwind(AssertUnwindSafe(|| self.lane.commit(Bounds::REQUEST, second)));
            (first.join().unwrap().map(drop), second.map(|done| done.map(|settled| settled.value)))
        })
    }

    fn disk(&self) -> Vec<u32> {
        lock(&self.world.disk).clone()
    }

    /// The lane works, and its disk holds this before.
    fn works(&self, held: &[u32]) {
        assert_eq!(self.disk(), held);
        self.put(1000).unwrap();
        assert_eq!(self.disk().last(), Some(&1000));
    }

    fn go_wrong(&self, wrong: Wrong) {
        *lock(&self.world.wrong) = Some(wrong);
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn one_commit_carries_everybody_and_each_error_its_own_work_alone() {
    let desk = open(PATIENCE);
    thread::scope(|scope| {
        for thread in 0..16_u32 {
            let desk = &desk;
            scope.spawn(move || {
                for round in 0..200 {
                    let number = thread * 1000 + round;
                    let done = desk.lane.commit(Bounds::REQUEST, |turn| {
                        put(turn, number)?;
                        // An inner step that fails leaves no trace, and the outer goes on.
                        let inner =
                            turn.attempt(|turn| put(turn, 999_999).and(Err::<(), _>(StoreError::TooLarge)));
                        assert!(matches!(inner, Err(StoreError::TooLarge)));
                        if round % 3 == 0 { Err(StoreError::NoRandomness) } else { Ok(()) }
                    });
                    assert_eq!(done.is_ok(), round % 3 != 0);
                }
            });
        }
    });
    let mut held = desk.disk();
    held.sort_unstable();
    let wanted: Vec<u32> =
        (0..16).flat_map(|thread| (0..200).filter(|r| r % 3 != 0).map(move |r| thread * 1000 + r)).collect();
    assert_eq!(held, wanted);
    assert!(desk.world.commits.load(Ordering::SeqCst) <= wanted.len());
    assert_eq!(desk.world.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn a_second_member_joins_the_batch_of_the_first() {
    let desk = open(PATIENCE);
    let (first, second) = desk.pair(|turn| put(turn, 2));
    assert!(first.is_ok() && second.unwrap().is_ok());
    assert_eq!((desk.disk(), desk.world.commits.load(Ordering::SeqCst)), (vec![1, 2], 1));
    let (first, second) = desk.pair(|_| Err::<(), _>(StoreError::TooLarge));
    assert!(first.is_ok() && matches!(second.unwrap(), Err(StoreError::TooLarge)));
    assert_eq!(desk.disk(), [1, 2, 1]);
}

/// A refusal for what another member did (an address that he took, a key that he made) is heard when that is on disk,
/// and not at all if it never comes there.
#[test]
fn nobody_hears_of_what_is_not_on_disk() {
    let desk = open(PATIENCE);
    let refuse =
        |turn: &mut Turn<'_, Count>| if *turn.state == 1 { Err(StoreError::TooLarge) } else { Ok(()) };
    let (first, second) = desk.pair(|turn| {
        desk.go_wrong(Wrong::Commit);
        refuse(turn)
    });
    assert!(matches!(first, Err(StoreError::BatchLost { .. })));
    assert!(matches!(second.unwrap(), Err(StoreError::BatchLost { .. })));
    let (first, second) = desk.pair(refuse);
    assert!(first.is_ok() && matches!(second.unwrap(), Err(StoreError::TooLarge)));
    assert!(
        matches!(desk.lane.commit(Bounds::REQUEST, refuse).err(), Some(StoreError::TooLarge)),
        "alone, too"
    );
    desk.works(&[1]);
}

#[test]
fn what_takes_the_batch_down_takes_every_member_and_the_next_batch_works() {
    let lost = |outcome: &Result<(), StoreError>| matches!(outcome, Err(StoreError::BatchLost { .. }));
    for wrong in [Wrong::Commit, Wrong::BookFinishes] {
        let desk = open(PATIENCE);
        let (first, second) = desk.pair(|turn| {
            desk.go_wrong(wrong);
            put(turn, 2)
        });
        assert!(lost(&first) && lost(&second.unwrap()), "{wrong:?}");
        desk.works(&[]);
        assert_eq!(desk.world.connections.load(Ordering::SeqCst), 2, "a fresh connection after {wrong:?}");
    }
    // The engine drops the transaction; a savepoint cannot be made, kept or undone.
    for wrong in [Wrong::Dropped, Wrong::Savepoint, Wrong::Release, Wrong::Undo] {
        let desk = open(PATIENCE);
        let (first, second) = desk.pair(|turn| {
            let step = |turn: &mut Turn<'_, Count>| {
                desk.go_wrong(wrong);
                put(turn, 2)?;
                if wrong == Wrong::Undo { Err(StoreError::TooLarge) } else { Ok(()) }
            };
            if wrong == Wrong::Savepoint {
                desk.go_wrong(wrong);
            }
            // A closure that takes no notice of the failure, and goes on.
            assert!(turn.attempt(step).is_err(), "{wrong:?}");
            let _ = put(turn, 3);
            Ok(())
        });
        let second = second.unwrap();
        if wrong == Wrong::Release {
            // What was not kept is undone all the same: the step is lost and nothing else.
            assert!(first.is_ok() && second.is_ok());
            desk.works(&[1, 3]);
        } else {
            assert!(matches!(first, Err(StoreError::BatchLost { fault: EngineFault::Full })), "{first:?}");
            assert!(second.is_err(), "{wrong:?}: {second:?}");
            desk.works(&[]);
        }
    }
}

#[test]
fn a_panic_is_its_callers_own_and_the_batch_of_the_others_is_lost() {
    let desk = open(PATIENCE);
    let (first, second) = desk.pair::<()>(|turn| {
        put(turn, 2)?;
        panic!("as planned");
    });
    assert!(matches!(first, Err(StoreError::BatchLost { fault: EngineFault::BrokenOff })), "{first:?}");
    assert!(second.is_err());
    desk.works(&[]);
}

#[test]
fn a_panic_of_the_book_leaves_nobody_waiting() {
    let desk = open(PATIENCE);
    let (first, second) = desk.pair(|turn| {
        desk.go_wrong(Wrong::BookPanics);
        put(turn, 2)
    });
    assert!(matches!(first, Err(StoreError::BatchLost { .. })), "{first:?}");
    assert!(second.is_err());
    desk.works(&[1, 2]);
}

#[test]
fn a_batch_that_does_not_open_is_its_callers_failure_alone() {
    for wrong in [Wrong::Begin, Wrong::BookBegins] {
        let desk = open(PATIENCE);
        desk.go_wrong(wrong);
        assert!(matches!(desk.put(1), Err(StoreError::Engine { fault: EngineFault::Io, .. })), "{wrong:?}");
        desk.works(&[]);
    }
}

#[test]
fn what_cannot_be_published_is_unsettled_and_stops_the_lane() {
    let desk = open(PATIENCE);
    let (first, second) = desk.pair(|turn| {
        desk.go_wrong(Wrong::BookSettles);
        put(turn, 2)
    });
    assert!(matches!(first, Err(StoreError::Unsettled)), "{first:?}");
    assert!(matches!(second.unwrap(), Err(StoreError::Unsettled)));
    assert!(matches!(desk.put(3), Err(StoreError::Stopped)));
    let unpublished = desk.lane.commit(Bounds::REQUEST, |turn| {
        *turn.state += 1;
        turn.change_one(&PUT_ONE, &[4_u32.into()])
    });
    assert!(unpublished.is_ok(), "what needs no publishing goes on");
    assert_eq!(desk.disk(), [1, 2, 4]);
}

/// The others are always there, and never have anything to commit: who has must not wait for them to stop.
#[test]
fn callers_who_fail_at_full_rate_keep_nobody_from_committing() {
    let desk = open(PATIENCE);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    _ = desk.lane.commit(Bounds::REQUEST, |_| Err::<(), _>(StoreError::TooLarge));
                }
            });
        }
        for number in 0..50 {
            desk.put(number).unwrap();
        }
        over.store(true, Ordering::SeqCst);
    });
    assert_eq!(desk.disk().len(), 50);
}

#[test]
fn behind_a_caller_who_hangs_everybody_is_busy_in_time() {
    let patience = Duration::from_millis(200);
    let desk = open(patience);
    let (seated, over) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            desk.lane.commit(Bounds::REQUEST, |turn| {
                seated.store(true, Ordering::SeqCst);
                while !over.load(Ordering::SeqCst) {
                    thread::yield_now();
                }
                put(turn, 1)
            })
        });
        while !seated.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        let clock = Clock::system();
        let began = clock.moment();
        let callers: Vec<_> = (0..20)
            .map(|number| {
                scope.spawn({
                    let desk = &desk;
                    move || desk.put(number)
                })
            })
            .collect();
        let busy = callers.into_iter().all(|caller| matches!(caller.join().unwrap(), Err(StoreError::Busy)));
        assert!(busy && clock.moment().since(began) < patience * 4);
        over.store(true, Ordering::SeqCst);
    });
    // The caller who hung has gone on to commit: nobody stood in the hall for him to wait for.
    desk.works(&[1]);
}

#[test]
fn who_takes_more_of_the_lane_than_one_may_is_undone_alone() {
    let clock = Clock::manual(Time::from_ms(1));
    let desk = open_by(clock.clone(), PATIENCE);
    let over =
        |what| move |error| matches!(error, Some(StoreError::OverLimit { what: said }) if said == what);

    let rows = u32::try_from(LANE_CLOSURE_ROWS_MAX).unwrap();
    let (first, second) = desk.pair(|turn| (0..=rows).try_for_each(|number| put(turn, number)));
    assert!(first.is_ok() && over("rows changed")(second.unwrap().err()));
    desk.works(&[1]);
    // What was undone counts too, and hiding the error does not help.
    let swallowed = desk.lane.commit(Bounds::REQUEST, |turn| {
        for number in 0..=rows {
            _ = turn.attempt(|turn| put(turn, number).and(Err::<(), _>(StoreError::TooLarge)));
        }
        Ok(())
    });
    assert!(over("rows changed")(swallowed.err()));

    let slow = |span: Duration| {
        let done = desk.lane.commit(Bounds::REQUEST, |turn| {
            put(turn, 2)?;
            clock.advance(span);
            Ok(())
        });
        done.map(drop)
    };
    assert!(slow(LANE_CLOSURE_TIME_MAX).is_ok(), "the limit is within");
    assert!(over("time")(slow(LANE_CLOSURE_TIME_MAX + Duration::from_millis(1)).err()));
    desk.works(&[1, 1000, 2]);
    let whole = desk.lane.commit(Bounds::OPENING, |turn| {
        clock.advance(LANE_CLOSURE_TIME_MAX * 2);
        put(turn, 3)
    });
    assert!(whole.is_ok(), "an opening takes as long as it takes");
}

#[test]
fn what_comes_between_two_batches_finds_the_one_before_committed() {
    let desk = open(Duration::from_secs(30));
    std::thread::scope(|scope| {
        for caller in 0..8 {
            let desk = &desk;
            scope.spawn(move || {
                for number in 0..50 {
                    desk.lane.commit(Bounds::REQUEST, |turn| put(turn, caller * 50 + number)).unwrap();
                }
            });
        }
        for _ in 0..50 {
            assert!(desk.lane.between(|engine| engine.empty_log()).unwrap());
        }
    });
    assert_eq!(lock(&desk.world.disk).len(), 400, "nobody was lost");

    *lock(&desk.world.wrong) = Some(Wrong::BookSettles);
    assert!(matches!(desk.lane.commit(Bounds::REQUEST, |turn| put(turn, 1)), Err(StoreError::Unsettled)));
    assert!(matches!(desk.lane.between(|engine| engine.empty_log()), Err(StoreError::Stopped)));
}

#[test]
fn a_failure_between_two_batches_costs_the_connection_and_nothing_else() {
    let desk = open(Duration::from_secs(30));
    let failed = desk.lane.between(|_| Err::<(), _>(StoreError::NoRandomness));
    assert!(matches!(failed, Err(StoreError::NoRandomness)));
    desk.lane.commit(Bounds::REQUEST, |turn| put(turn, 1)).unwrap();
    assert_eq!(
        (lock(&desk.world.disk).as_slice(), desk.world.connections.load(Ordering::SeqCst)),
        ([1].as_slice(), 2)
    );
}
