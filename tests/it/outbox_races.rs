//! The outbox when several claim at once, somebody is erased meanwhile, a claimer is killed, a backup comes back.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use strongroom::room::{
    AccountId, Backups, Clock, Contact, Lease, NoticeId, NoticeKind, Page, Receiver, Retry, Room, Staff,
    StaffError,
};

use crate::{
    disk,
    erasure::{close, erase, support},
    post::{emptied, postman, unstated},
    powercut::{Ack, Scenario, Verdict, acknowledged, process, scenario},
    scene::{JOE, staff},
    world::{JANE, START, World, options},
};

const CLAIMERS: Scenario = scenario("two threads of a process claim and acknowledge", claimers);
const HOLDER: Scenario = scenario("a process claims and never acknowledges", holder);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[CLAIMERS, HOLDER];

const LEASE: Duration = Duration::from_secs(300);
const MOMENT: Duration = Duration::from_millis(1);
const PATIENCE: u32 = 60_000;

fn open(root: &Path) -> Room {
    options(&root.join("room"), &Clock::manual(START)).open().unwrap()
}

/// Waits for something that another process does.
fn until(is_so: impl Fn() -> bool) {
    let came = (0..PATIENCE).any(|_| {
        thread::sleep(MOMENT);
        is_so()
    });
    assert!(came, "it never came");
}

/// Each has the room open for itself; they begin when all four of two processes are there.
fn claimers(root: &Path, ack: &Ack) -> Verdict {
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let room = open(root);
                let robot = staff(&room, "robot");
                ack.done("there");
                until(|| acknowledged(root).iter().filter(|said| *said == b"there").count() == 4);
                until(|| {
                    for one in robot.claim(2, LEASE, &unstated()).unwrap() {
                        let Lease { notice, tries } = one.lease;
                        ack.done(format!("{notice} {tries}"));
                        robot.ack(&one.lease, &unstated()).unwrap();
                    }
                    room.outbox().unwrap().pending == 0
                });
            });
        }
    });
    Ok(())
}

fn holder(root: &Path, ack: &Ack) -> Verdict {
    let room = open(root);
    for one in staff(&room, "robot").claim(10, LEASE, &unstated()).unwrap() {
        ack.done(one.lease.notice.to_string());
    }
    loop {
        thread::park();
    }
}

/// A room in a directory of its own below one that goes with it, whose outbox is empty, with the machine that empties it.
fn world(beside: &tempfile::TempDir) -> (World, Staff) {
    let world = World::demo_in(beside.path());
    drop(emptied(&world.room));
    let robot = postman(&world.room);
    (world, robot)
}

/// A customer who is to be told that he has registered, and of so many replies.
fn told_of(world: &World, email: &str, replies: usize) -> AccountId {
    let owner = world.customer(email);
    let ticket = world.ticket(&owner);
    for _ in 0..replies {
        world.staff("sam").reply(ticket, "Have you tried it again?", &support()).unwrap();
    }
    owner.account()
}

/// What waits, or was given up, for an account.
fn of(room: &Room, account: AccountId, dead: bool) -> Vec<(NoticeId, NoticeKind)> {
    let rows = room.outbox_rows(dead, &Page::first(500)).unwrap().unwrap().rows.into_iter();
    let rows = rows.filter(|row| row.to == Receiver::Account(account));
    rows.map(|row| (row.notice, row.kind)).collect()
}

/// What is claimed, and not acknowledged.
fn leases(robot: &Staff) -> Vec<Lease> {
    robot.claim(100, LEASE, &unstated()).unwrap().into_iter().map(|one| one.lease).collect()
}

#[test]
fn of_four_that_claim_at_once_in_two_processes_one_has_each_message_and_in_order() {
    let beside = tempfile::tempdir().unwrap();
    let (world, _robot) = world(&beside);
    let accounts = [JANE, JOE, "clara@example.net"].map(|email| told_of(&world, email, 4));
    let root = world.directory.path();
    let expected = accounts.map(|account| of(&world.room, account, false));
    assert_eq!(expected.each_ref().map(Vec::len), [5; 3]);
    let processes = [process(CLAIMERS, root), process(CLAIMERS, root)];
    for process in processes {
        process.finish().unwrap();
    }
    let said: Vec<_> = acknowledged(root).into_iter().map(|said| String::from_utf8(said).unwrap()).collect();
    let mut delivered = 0;
    for expected in &expected {
        let lines: Vec<_> = expected.iter().map(|(notice, _)| format!("{notice} 1")).collect();
        let came: Vec<_> = said.iter().filter(|line| lines.contains(line)).collect();
        assert_eq!(came, lines.iter().collect::<Vec<_>>(), "each once, the oldest first");
        delivered += came.len();
    }
    assert_eq!(said.len(), delivered + 4, "and nothing else: {said:?}");
    assert_eq!(world.room.outbox().unwrap().pending, 0);
}

#[test]
fn who_was_killed_with_a_claim_keeps_it_until_the_lease_is_over() {
    let beside = tempfile::tempdir().unwrap();
    let (world, robot) = world(&beside);
    let jane = world.customer(JANE).account();
    let root = world.directory.path();
    let held = process(HOLDER, root);
    until(|| !acknowledged(root).is_empty());
    // It is killed.
    drop(held);
    let [(notice, NoticeKind::Registered)] = of(&world.room, jane, false)[..] else { panic!("one message") };
    assert_eq!(acknowledged(root), [notice.to_string().into_bytes()]);
    world.later(LEASE - MOMENT);
    assert_eq!(leases(&robot), []);
    world.later(MOMENT);
    let [lease] = leases(&robot)[..] else { panic!("the lease is over") };
    assert_eq!(lease, Lease { notice, tries: 2 });
    robot.ack(&lease, &unstated()).unwrap();
    assert_eq!(of(&world.room, jane, false), []);
}

/// What there is of an account that was erased: that it was, with no address.
fn erased_alone(world: &World, robot: &Staff, account: AccountId) {
    world.later(LEASE);
    let waiting = of(&world.room, account, false);
    assert!(matches!(waiting[..], [(_, NoticeKind::Erased)]), "{waiting:?}");
    assert_eq!(of(&world.room, account, true), [], "given up");
    let claimed = robot.claim(100, LEASE, &unstated()).unwrap();
    let [one] = claimed.as_slice() else { panic!("{} messages", claimed.len()) };
    assert_eq!((one.delivery.contact, one.address.is_some()), (Contact::Nowhere, false));
    assert_eq!(one.lease.notice, waiting[0].0);
    robot.ack(&one.lease, &unstated()).unwrap();
}

#[test]
fn whoever_holds_a_message_of_an_erased_account_puts_nothing_back() {
    let beside = tempfile::tempdir().unwrap();
    let (world, robot) = world(&beside);
    let jane = told_of(&world, JANE, 2);
    let [given_up] = leases(&robot)[..] else { panic!("the oldest alone") };
    robot.nack(&given_up, Retry::Never, &unstated()).unwrap();
    let [held] = leases(&robot)[..] else { panic!("the next") };
    close(&world.room, jane);
    erase(&world.room, jane).unwrap();
    let late = [
        robot.nack(&held, Retry::Later, &unstated()),
        robot.nack(&held, Retry::Never, &unstated()),
        robot.ack(&held, &unstated()),
    ];
    for late in late {
        assert!(matches!(late, Err(StaffError::State { .. })));
    }
    assert!(matches!(robot.redrive(given_up.notice, &unstated()), Err(StaffError::NotFound)));
    erased_alone(&world, &robot, jane);
}

#[test]
fn an_erasure_among_claims_leaves_that_it_was_and_nothing_else() {
    let beside = tempfile::tempdir().unwrap();
    let (world, robot) = world(&beside);
    for email in [JANE, JOE] {
        let account = told_of(&world, email, 4);
        close(&world.room, account);
        let is_over = AtomicBool::new(false);
        let rival = world.again();
        let rival = staff(&rival, "robot");
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    for lease in leases(&rival) {
                        let back = rival.nack(&lease, Retry::After(Duration::ZERO), &unstated());
                        assert!(matches!(back, Ok(()) | Err(StaffError::State { .. })));
                    }
                }
            });
            let erased = erase(&world.room, account);
            is_over.store(true, Ordering::Relaxed);
            drop(erased.unwrap());
        });
        // The rival may have had it, too.
        for (notice, _) in of(&world.room, account, true) {
            robot.redrive(notice, &unstated()).unwrap();
        }
        erased_alone(&world, &robot, account);
    }
}

#[test]
fn a_restore_sends_again_what_waited_in_the_backup() {
    let beside = tempfile::tempdir().unwrap();
    let (world, robot) = world(&beside);
    let (jane, joe) = (world.customer(JANE).account(), world.customer(JOE).account());
    let [first, second] = leases(&robot)[..] else { panic!("two messages") };
    robot.nack(&first, Retry::After(Duration::ZERO), &unstated()).unwrap();
    let data = beside.path().join("data");
    world.room.backup_data(&data, |_, _| ()).unwrap();
    let [again] = leases(&robot)[..] else { panic!("hers") };
    for lease in [&again, &second] {
        robot.ack(lease, &unstated()).unwrap();
    }
    assert_eq!((of(&world.room, jane, false), of(&world.room, joe, false)), (vec![], vec![]));

    let World { room, clock, directory } = world;
    let path = directory.path().join("room");
    drop((robot, room));
    disk::closed(&path);
    let backups = Backups { data: Some(data), keyring: None, ..Backups::default() };
    options(&path, &clock).restore(&backups, |_, _| ()).unwrap();
    let room = options(&path, &clock).open().unwrap();
    let robot = staff(&room, "robot");
    assert_eq!(leases(&robot), [again], "by the id that it had, to be told from a new one");
    clock.advance(LEASE);
    let mut left = leases(&robot);
    left.sort_by_key(|lease| lease.tries);
    assert_eq!(
        left.iter().find(|lease| lease.notice == second.notice),
        Some(&Lease { tries: 2, ..second }),
        "what was claimed at the backup, once that lease is over"
    );
}
