//! The outbox: what is to be told is written with what it tells of, claimed by one at a time, in order, until it is
//! acknowledged.

use std::time::Duration;

use strongroom::room::{
    Contact, DenialReason, Kind, Lease, Letter, NoticeKind, Page, Receiver, Retry, Staff, StaffError,
};

use crate::{
    dba::log,
    disk::{Census, TO_FORMAT_1, sql},
    post::{emptied, postman, told, unstated},
    scene::reason,
    world::{JANE, PASSWORD, World, secret},
};

const MINUTE: Duration = Duration::from_secs(60);

fn rows(world: &World) -> u64 {
    Census::of(&world.path()).rows("outbox")
}

fn kinds(robot: &Staff) -> Vec<(NoticeKind, Lease)> {
    let claimed = robot.claim(100, MINUTE, &unstated()).unwrap();
    let kinds = claimed.into_iter().filter_map(|one| match one.delivery.letter {
        Letter::Notice { kind, .. } => Some((kind, one.lease)),
        Letter::Code { .. } => None,
    });
    kinds.collect()
}

/// A room whose outbox is empty, with the machine that empties it.
fn world() -> (World, Staff) {
    let world = World::demo();
    drop(emptied(&world.room));
    let robot = postman(&world.room);
    (world, robot)
}

#[test]
fn who_registers_is_told_once_it_is_acknowledged_no_more() {
    let (world, robot) = world();
    let jane = world.customer(JANE);
    let claims = || {
        let entries = log(&world.room).into_iter().map(|entry| entry.entry);
        entries.filter(|entry| entry.what.name() == "outbox.claimed").collect::<Vec<_>>()
    };
    let before = claims().len();
    let claimed = robot.claim(10, MINUTE, &unstated()).unwrap();
    let [one] = claimed.as_slice() else { panic!("{} messages", claimed.len()) };
    assert_eq!(one.delivery.to, Receiver::Account(jane.account()));
    assert_eq!(one.delivery.contact, Contact::Address);
    assert_eq!(one.address.as_ref().unwrap().expose().as_str(), JANE);
    assert!(matches!(one.delivery.letter, Letter::Notice { kind: NoticeKind::Registered, about: None }));
    assert_eq!((one.lease.tries, one.until), (1, world.clock.now().plus(MINUTE)));

    // The claim is a disclosure: one entry, that names her.
    let recorded = claims();
    assert_eq!(recorded.len(), before + 1);
    assert_eq!(recorded[before].subjects, [jane.account()]);

    assert!(robot.claim(10, MINUTE, &unstated()).unwrap().is_empty(), "it is taken");
    robot.ack(&one.lease, &unstated()).unwrap();
    assert_eq!(rows(&world), 0);
    world.later(2 * MINUTE);
    assert!(robot.claim(10, MINUTE, &unstated()).unwrap().is_empty());
    assert_eq!(claims().len(), before + 1, "nothing was shown, and nothing is recorded");
    assert!(matches!(robot.ack(&one.lease, &unstated()), Err(StaffError::State { .. })));
}

#[test]
fn of_one_receiver_the_oldest_alone_is_claimed() {
    let (world, robot) = world();
    let jane = world.customer(JANE);
    let joe = world.customer("joe@example.com");
    world.room.owner(&jane).change_password(&secret(PASSWORD), &secret(crate::codes::OTHER)).unwrap();
    world.room.owner(&joe).close(&secret(PASSWORD)).unwrap();
    assert_eq!(rows(&world), 4);
    let first = kinds(&robot);
    assert_eq!(first.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [NoticeKind::Registered; 2]);
    assert!(kinds(&robot).is_empty(), "the others wait");
    robot.ack(&first[0].1, &unstated()).unwrap();
    let [(NoticeKind::PasswordChanged, lease)] = kinds(&robot)[..] else { panic!("the next of hers") };
    robot.ack(&lease, &unstated()).unwrap();
    // A dead letter holds nothing up.
    robot.nack(&first[1].1, Retry::Never, &unstated()).unwrap();
    assert!(matches!(kinds(&robot)[..], [(NoticeKind::Closed, _)]));
}

#[test]
fn a_lease_ends_and_what_was_not_delivered_is_tried_again_after_longer_and_longer() {
    let (world, robot) = world();
    world.customer(JANE);
    let [(_, first)] = kinds(&robot)[..] else { panic!("one message") };
    world.later(MINUTE);
    let [(_, second)] = kinds(&robot)[..] else { panic!("its lease is over") };
    assert_eq!((second.notice, second.tries), (first.notice, 2), "the same message, another try");
    for late in [robot.ack(&first, &unstated()), robot.nack(&first, Retry::Later, &unstated())] {
        assert_eq!(late.err().unwrap().kind(), Kind::Conflict, "it is somebody else's by now");
    }
    robot.nack(&second, Retry::Later, &unstated()).unwrap();
    world.later(MINUTE - Duration::from_millis(1));
    assert!(kinds(&robot).is_empty(), "a minute after the second try");
    world.later(Duration::from_millis(1));
    let [(_, third)] = kinds(&robot)[..] else { panic!("the pause is over") };
    robot.nack(&third, Retry::After(3 * MINUTE), &unstated()).unwrap();
    world.later(3 * MINUTE);
    assert_eq!(kinds(&robot).len(), 1);
}

#[test]
fn after_ten_tries_it_is_a_dead_letter_until_somebody_has_it_tried_again() {
    let (world, robot) = world();
    let jane = world.customer(JANE);
    for _ in 0..10 {
        assert_eq!(kinds(&robot).len(), 1);
        world.later(MINUTE);
    }
    let state = world.room.outbox().unwrap();
    assert_eq!((state.pending, state.dead), (1, 0));
    assert!(kinds(&robot).is_empty());
    let state = world.room.outbox().unwrap();
    assert_eq!((state.pending, state.oldest, state.dead), (0, None, 1));
    let dead = robot.dead_letters(&Page::first(500), &unstated()).unwrap().rows;
    let [letter] = dead.as_slice() else { panic!("{dead:?}") };
    assert_eq!(
        (letter.kind, letter.to, letter.tries),
        (NoticeKind::Registered, Receiver::Account(jane.account()), 10)
    );
    robot.redrive(letter.notice, &unstated()).unwrap();
    assert!(matches!(robot.redrive(letter.notice, &unstated()), Err(StaffError::NotFound)));
    let [(_, again)] = kinds(&robot)[..] else { panic!("it is tried again") };
    assert_eq!(again, Lease { notice: letter.notice, tries: 1 });
}

/// The tenth failure is the last, whatever pause was asked for, and what stands behind it goes on.
#[test]
fn the_tenth_try_that_fails_makes_a_dead_letter_and_the_next_is_claimed() {
    let (world, robot) = world();
    let jane = world.customer(JANE);
    world.room.owner(&jane).change_password(&secret(PASSWORD), &secret(crate::codes::OTHER)).unwrap();
    for tries in 1..=10 {
        let [(NoticeKind::Registered, lease)] = kinds(&robot)[..] else { panic!("try {tries}") };
        assert_eq!(lease.tries, tries);
        let state = world.room.outbox().unwrap();
        assert_eq!((state.pending, state.dead), (2, 0));
        robot.nack(&lease, Retry::After(Duration::ZERO), &unstated()).unwrap();
    }
    let state = world.room.outbox().unwrap();
    assert_eq!((state.pending, state.dead), (1, 1));
    let [(NoticeKind::PasswordChanged, behind)] = kinds(&robot)[..] else { panic!("the next of hers") };

    // What is tried again comes first again, and nothing overtakes it.
    let dead = robot.dead_letters(&Page::first(500), &unstated()).unwrap().rows;
    robot.redrive(dead[0].notice, &unstated()).unwrap();
    robot.nack(&behind, Retry::After(Duration::ZERO), &unstated()).unwrap();
    let [(NoticeKind::Registered, again)] = kinds(&robot)[..] else { panic!("the oldest of hers") };
    assert!(kinds(&robot).is_empty(), "the one behind it waits");
    robot.ack(&again, &unstated()).unwrap();
    assert!(matches!(kinds(&robot)[..], [(NoticeKind::PasswordChanged, _)]));
}

#[test]
fn a_machine_that_delivers_takes_messages_and_nobody_else() {
    let (world, _) = world();
    world.customer(JANE);
    for handle in crate::world::PEOPLE.map(|(handle, _)| handle) {
        let staff = world.staff(handle);
        assert_eq!(reason(staff.claim(1, MINUTE, &unstated())), DenialReason::NotAllowed, "{handle}");
        assert_eq!(
            reason(staff.dead_letters(&Page::first(500), &unstated())),
            DenialReason::NotAllowed,
            "{handle}"
        );
    }
    assert_eq!(told(&world.room), [(NoticeKind::Registered, JANE.to_owned())]);
}

#[test]
fn limits_and_leases_that_nobody_may_have_are_refused_before_anything_is_claimed() {
    let (world, robot) = world();
    world.customer(JANE);
    let size = world.room.log_size().unwrap();
    let hour = 60 * MINUTE;
    let wrong = [
        ("limit", 0, MINUTE),
        ("limit", 101, MINUTE),
        ("limit", usize::MAX, MINUTE),
        ("lease", 1, Duration::ZERO),
        ("lease", 1, Duration::from_nanos(999_999)),
        ("lease", 1, hour + Duration::from_nanos(1)),
        ("lease", 1, Duration::MAX),
    ];
    for (which, limit, lease) in wrong {
        let refused = robot.claim(limit, lease, &unstated()).err().unwrap();
        assert!(matches!(&refused, StaffError::Input { field, .. } if *field == which), "{refused}");
    }
    assert_eq!(world.room.log_size().unwrap(), size, "nothing was shown");
    let claimed = robot.claim(100, hour, &unstated()).unwrap();
    let [one] = claimed.as_slice() else { panic!("{} messages", claimed.len()) };
    assert_eq!((one.lease.tries, one.until), (1, world.clock.now().plus(hour)));
}

#[test]
fn a_lease_that_nobody_was_given_settles_nothing() {
    let (world, robot) = world();
    world.customer(JANE);
    let [(_, held)] = kinds(&robot)[..] else { panic!("one message") };
    let nobodys = Lease { notice: strongroom::room::NoticeId::from_bytes([9; 16]), tries: 1 };
    let forged = [0, 2, 10, u32::MAX].map(|tries| Lease { tries, ..held });
    for lease in forged.iter().chain([&nobodys]) {
        for retry in [Retry::Later, Retry::After(Duration::MAX), Retry::Never] {
            assert!(matches!(robot.nack(lease, retry, &unstated()), Err(StaffError::State { .. })));
        }
        assert!(matches!(robot.ack(lease, &unstated()), Err(StaffError::State { .. })));
    }
    assert!(matches!(robot.redrive(held.notice, &unstated()), Err(StaffError::NotFound)), "it waits");
    robot.nack(&held, Retry::After(Duration::MAX), &unstated()).unwrap();
    let due = world.room.outbox_rows(false, &Page::first(500)).unwrap().unwrap().rows[0].due;
    assert_eq!(due, Some(world.clock.now().plus(6 * 60 * MINUTE)), "of six hours at most");
}

/// A room that nobody has upgraded tells nobody; what is asked for is handed to whoever asked, as it ever was.
#[test]
fn a_room_of_format_1_says_that_it_has_no_outbox() {
    let world = World::demo();
    drop(postman(&world.room));
    let store = world.path().join("store/store.db");
    sql(&store, TO_FORMAT_1);
    let room = world.again();
    let robot = room.staff(&room.assume("robot").unwrap().token);
    let refused = robot.claim(1, MINUTE, &unstated()).err().unwrap();
    assert!(refused.to_string().contains("room upgrade --apply"), "{refused}");
    let asked = room.ask_reset("nobody@example.com").unwrap();
    assert!(asked.unsent.is_empty());
}
