//! Many threads, several rooms on one directory, several processes: entries without a gap and in order, no update
//! lost, and nobody waits for long.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::Duration,
};

use strongroom::room::{
    Clock, Kind, Registration, Room, RoomKind, RoomOptions, SecretText, Staff, TicketId, Why,
};
use tempfile::TempDir;

use crate::{
    powercut::{Ack, Scenario, Verdict, acknowledged, process, scenario},
    workload::{CUSTOMERS, check, entries, login, open, prepare, why},
    world::{PASSWORD, ceremony, secret},
};

const MANY: Scenario = scenario("many callers in a second process", |root, ack| many(&open(root)?, ack));
const RUSH: Scenario = scenario("a second process at full rate", full_rate);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[MANY, RUSH];

/// A prepared room in a directory, with room beside it.
struct Place {
    _directory: TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        std::fs::create_dir(&root).unwrap();
        prepare(&root);
        Self { _directory: directory, root }
    }
}

fn assume(room: &Room, handle: &str) -> Staff {
    room.staff(&room.assume(handle).unwrap().token)
}

/// A ticket on which sam works.
fn ticket(room: &Room) -> TicketId {
    let owner = login(room, CUSTOMERS[0]).unwrap();
    let ticket = room.owner(&owner).open_ticket("first 0", "Again.").unwrap().ticket;
    let sam = room.assume("sam").unwrap();
    room.staff(&sam.token).assign(ticket, sam.principal, &Why::unstated()).unwrap();
    ticket
}

/// Thirty-two threads with one session of staff and one of the second customer.
fn many(room: &Room, ack: &Ack) -> Verdict {
    let owner = login(room, CUSTOMERS[1])?;
    let staff = assume(room, "sam");
    let account = owner.account();
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                for round in 0..12 {
                    let view = staff.account(account, &why()).unwrap();
                    ack.done(format!("entry {} {account}", view.position));
                    if round % 4 == 0 {
                        let opened = room.owner(&owner).open_ticket("second 0", "Again.").unwrap();
                        ack.done(format!("ticket {}", opened.ticket));
                    }
                }
            });
        }
    });
    Ok(())
}

#[test]
fn sixty_four_threads_two_rooms_and_two_processes_make_one_log() {
    let place = Place::new();
    let rooms = [open(&place.root).unwrap(), open(&place.root).unwrap()];
    let ticket = ticket(&rooms[0]);
    let second = process(MANY, &place.root);
    let (positions, messages) = (Mutex::new(Vec::new()), Mutex::new(BTreeSet::new()));
    thread::scope(|scope| {
        for number in 0..64 {
            let (room, positions, messages) = (&rooms[number % 2], &positions, &messages);
            scope.spawn(move || {
                let staff = assume(room, "sam");
                for round in 0..6 {
                    let view = staff.ticket(ticket, &why()).unwrap();
                    positions.lock().unwrap().push(view.position);
                    if round % 3 == 0 {
                        let written = staff.reply(ticket, "Have you tried it again?", &why()).unwrap();
                        messages.lock().unwrap().insert(written.message);
                    }
                }
            });
        }
    });
    second.finish().unwrap();

    let lines = entries(&rooms[1]).unwrap();
    let positions = positions.into_inner().unwrap();
    for position in &positions {
        assert!(lines[usize::try_from(*position).unwrap()].contains(&ticket.to_string()));
    }
    let distinct: BTreeSet<_> = positions.iter().collect();
    assert_eq!((distinct.len(), positions.len()), (64 * 6, 64 * 6), "an entry for each reading");
    let view = assume(&rooms[0], "sam").ticket(ticket, &why()).unwrap();
    let there: BTreeSet<_> = view.messages.iter().map(|message| message.message).collect();
    assert!(messages.into_inner().unwrap().is_subset(&there) && there.len() == 64 * 2 + 1, "{}", there.len());
    drop(rooms);
    let acked = acknowledged(&place.root);
    assert_eq!(acked.len(), 32 * 15);
    check(&place.root, &acked).unwrap();
}

/// What of these succeeds, when all begin at once.
fn race<T: Send>(racers: impl IntoIterator<Item = impl FnOnce() -> Option<T> + Send>) -> Vec<T> {
    thread::scope(|scope| {
        let racers: Vec<_> = racers.into_iter().map(|racer| scope.spawn(racer)).collect();
        racers.into_iter().filter_map(|racer| racer.join().unwrap()).collect()
    })
}

#[test]
fn of_those_who_want_the_same_one_gets_it() {
    let place = Place::new();
    let rooms = [open(&place.root).unwrap(), open(&place.root).unwrap()];
    for email in ["new.one@example.com", "new.two@example.com"] {
        let won = race((0..4).map(|number| {
            let room = &rooms[number % 2];
            move || {
                let registration = Registration { email, name: None, password: &secret(PASSWORD) };
                match room.register(&registration) {
                    Ok(registered) => Some(registered.account),
                    Err(refused) => {
                        assert_eq!(refused.kind(), Kind::Conflict, "{refused}");
                        None
                    }
                }
            }
        }));
        assert_eq!(won.len(), 1);
        assert_eq!(login(&rooms[0], email).unwrap().account(), won[0]);
    }

    let owner = login(&rooms[0], CUSTOMERS[0]).unwrap();
    for _ in 0..10 {
        let ticket = rooms[0].owner(&owner).open_ticket("first 0", "Again.").unwrap().ticket;
        let won = race((0..8).map(|number| {
            let room = &rooms[number % 2];
            move || {
                let login = room.assume(["sam", "bill", "priya"][number % 3]).unwrap();
                let staff = room.staff(&login.token);
                staff.assign(ticket, login.principal, &Why::unstated()).ok().map(|()| login.principal)
            }
        }));
        let first = won[0];
        assert!(won.iter().all(|winner| *winner == first), "two took one ticket");
        let header = rooms[1].owner(&owner).ticket(ticket).unwrap().header;
        assert_eq!(header.assignee, Some(first));
    }
}

/// The first to need a key makes it: the others, in the same batch, must not hear of it before it is on disk.
#[test]
fn a_key_that_all_need_first_is_made_once() {
    let place = Place::new();
    let rooms = [open(&place.root).unwrap(), open(&place.root).unwrap()];
    for customer in CUSTOMERS {
        let owner = login(&rooms[0], customer).unwrap();
        let opened = race((0..32).map(|number| {
            let owner = rooms[number % 2].owner(&owner);
            move || Some(owner.open_ticket("first 0", "Again.").unwrap())
        }));
        assert_eq!(opened.len(), 32);
    }
    drop(rooms);
    check(&place.root, &[]).unwrap();
}

#[test]
fn a_code_works_once_however_many_use_it_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let options = || RoomOptions::new(directory.path().join("room"), "host-1");
    let made = Room::init(options(), &ceremony(RoomKind::Real)).unwrap();
    let rooms = [made.room, options().open().unwrap()];
    let code: &SecretText = &made.codes[3].code;
    let won = race((0..6).map(|number| {
        let room = &rooms[number % 2];
        move || room.enrol(code, &secret(PASSWORD)).ok()
    }));
    assert_eq!(won.len(), 1);
    rooms[1].staff_login("sam", &secret(PASSWORD)).unwrap();
}

fn full_rate(root: &Path, ack: &Ack) -> Verdict {
    let room = open(root)?;
    let account = login(&room, CUSTOMERS[1])?.account();
    let staff = assume(&room, "sam");
    let over = || root.join("over").exists();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !over() {
                    staff.account(account, &why()).unwrap();
                    ack.done("one");
                }
            });
        }
    });
    Ok(())
}

/// Far below the ten seconds after which a caller is told that the room is busy, and generous for a machine that
/// does other things too: a caller waits for one batch of the other process and one of its own.
const BOUND: Duration = Duration::from_secs(5);

#[test]
fn nobody_waits_long_while_another_process_commits_at_full_rate() {
    let place = Place::new();
    let room = open(&place.root).unwrap();
    let account = login(&room, CUSTOMERS[0]).unwrap().account();
    let staff = assume(&room, "lea");
    let other = process(RUSH, &place.root);
    while acknowledged(&place.root).len() < 20 {
        thread::sleep(Duration::from_millis(5));
    }
    let (clock, before) = (Clock::system(), acknowledged(&place.root).len());
    let began = clock.moment();
    let waits: Vec<Vec<Duration>> = thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut waits = Vec::new();
                    while clock.moment().since(began) < Duration::from_secs(2) {
                        let came = clock.moment();
                        staff.account(account, &why()).unwrap();
                        waits.push(clock.moment().since(came));
                    }
                    waits
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let theirs = acknowledged(&place.root).len() - before;
    File::create(place.root.join("over")).unwrap();
    other.finish().unwrap();
    let waits: Vec<_> = waits.into_iter().flatten().collect();
    let longest = waits.iter().max().unwrap();
    assert!(*longest < BOUND, "{longest:?} in {} calls beside {theirs}", waits.len());
    // Four callers here, eight there, in turns: neither starves.
    assert!(waits.len() * 10 > theirs && theirs * 10 > waits.len(), "{} beside {theirs}", waits.len());
}

#[test]
#[ignore = "waits for the ten seconds after which callers are told that the room is busy"]
fn a_process_that_hangs_with_the_lane_makes_callers_busy_and_nothing_worse() {
    let place = Place::new();
    let room = open(&place.root).unwrap();
    let account = login(&room, CUSTOMERS[0]).unwrap().account();
    let staff = assume(&room, "sam");
    let hangs = File::options().write(true).open(place.root.join("room/store/lane.lock")).unwrap();
    hangs.lock().unwrap();
    let clock = Clock::system();
    let began = clock.moment();
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let refused = staff.account(account, &why()).err().unwrap();
                assert_eq!(refused.kind(), Kind::Busy, "{refused}");
            });
        }
    });
    let waited = clock.moment().since(began);
    assert!(waited > Duration::from_secs(9) && waited < Duration::from_secs(13), "{waited:?}");
    hangs.unlock().unwrap();
    staff.account(account, &why()).unwrap();
    drop((room, staff));
    check(&place.root, &[]).unwrap();
}

/// Breaks off in the middle.
struct Panics(usize);

impl Read for Panics {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(1).unwrap();
        Ok(buffer.len())
    }
}

#[test]
fn a_caller_who_panics_while_he_attaches_leaves_nothing_and_stops_nobody() {
    let place = Place::new();
    let room = open(&place.root).unwrap();
    let ticket = ticket(&room);
    let owner = login(&room, CUSTOMERS[0]).unwrap();
    let attach = |source: &mut dyn Read| room.owner(&owner).attach(ticket, "first 0", "image/png", source);
    assert!(catch_unwind(AssertUnwindSafe(|| attach(&mut Panics(5)))).is_err());
    let left = std::fs::read_dir(place.root.join("room/store/blobs")).unwrap();
    let left = left.flat_map(|directory| std::fs::read_dir(directory.unwrap().path()).unwrap());
    assert_eq!(left.count(), 0);
    attach(&mut io::empty()).unwrap();
    assert_eq!(room.owner(&owner).ticket(ticket).unwrap().attachments.len(), 1);
}
