//! An account that is suspended: its owner is told when he shows his password, and nobody else is.

use std::time::Duration;

use strongroom::room::{
    AccountId, Answer, CaseRef, DenialReason, Kind, Proof, Purpose, Role, Room, RoomKind, Staff, StaffError,
    Suspension, SuspensionReason, Why,
};

use crate::{
    codes::OTHER,
    dba::log,
    disk::Census,
    post::{posted, sent},
    scene::reason,
    world::{JANE, PASSWORD, START, World, ceremony, options, secret},
};

const HOUR: Duration = Duration::from_secs(3600);

/// A room with somebody who guards it, and how he states why.
pub fn guarded() -> (World, Staff, impl Fn(AccountId) -> Why) {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(START);
    let mut people = ceremony(RoomKind::Demo);
    people
        .appointments
        .push(strongroom::room::Appointment { handle: "sven".to_owned(), roles: vec![Role::Security] });
    let made = Room::init(options(&directory.path().join("room"), &clock), &people).unwrap();
    let world = World { room: made.room, clock, directory };
    let (sven, at_work) = (world.staff("sven"), world.staff("sven"));
    let why = move |account| {
        let why = Why::purpose(Purpose::SecurityIncident);
        let case = at_work.open_case(Some(account), &why).unwrap();
        why.case(CaseRef::Case(case))
    };
    (world, sven, why)
}

fn suspension(world: &World) -> Suspension {
    Suspension { reason: SuspensionReason::Abuse, until: Some(world.clock.now().plus(HOUR)) }
}

#[test]
fn who_shows_the_password_is_told_and_nobody_else() {
    let (world, sven, why) = guarded();
    let jane = world.customer(JANE);
    let (room, why) = (&world.room, why(jane.account()));
    let elsewhere = room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap().token;
    let traces = |password: &str| {
        let before = Census::of(&world.path());
        let answer = room.login(JANE, &secret(password)).unwrap();
        let after = Census::of(&world.path());
        let tables = ["session", "activity", "audit_entry", "credential"];
        (answer, tables.map(|table| after.rows(table) - before.rows(table)))
    };
    let (_, wrong) = traces("not her password at all");
    let given = suspension(&world);
    sven.suspend(jane.account(), given, &why).unwrap();
    let is_out = || room.owner(&jane).profile().is_err() && room.resume(&elsewhere).is_err();
    assert!(is_out(), "her sessions are refused");
    let (answer, left) = traces(PASSWORD);
    assert!(matches!(answer, Answer::Suspended(told) if told == given));
    assert_eq!(left, wrong, "one record, and no session");
    let (answer, left) = traces("not her password at all");
    assert!(matches!(answer, Answer::Denied));
    assert_eq!(left, wrong);
    let seen = world.room.account_seals(jane.account()).unwrap();
    assert_eq!(seen.suspended, Some(given));

    world.later(HOUR);
    assert!(matches!(traces(PASSWORD).0, Answer::Granted(_)), "its time is over");
    assert!(is_out(), "they have ended, and do not come back with the account");
    assert_eq!(world.room.account_seals(jane.account()).unwrap().suspended, None);
    let entry =
        log(room).into_iter().map(|entry| entry.entry).find(|entry| entry.what.name() == "account.suspended");
    assert_eq!(entry.unwrap().subjects, [jane.account()]);
}

#[test]
fn a_suspension_without_an_end_is_ended_by_staff() {
    let (world, sven, why) = guarded();
    let jane = world.customer(JANE);
    let (account, why) = (jane.account(), why(jane.account()));
    let refused = sven.reinstate(account, &why);
    assert!(matches!(&refused, Err(StaffError::State { .. })), "{refused:?}");
    let over = Suspension { reason: SuspensionReason::Legal, until: Some(world.clock.now()) };
    assert_eq!(sven.suspend(account, over, &why).err().unwrap().kind(), Kind::Invalid);
    let endless = Suspension { reason: SuspensionReason::Payment, until: None };
    sven.suspend(account, endless, &why).unwrap();
    world.later(23 * HOUR);
    let told = world.again().login(JANE, &secret(PASSWORD)).unwrap();
    assert!(matches!(told, Answer::Suspended(told) if told == endless));
    let sven = world.staff("sven");
    sven.reinstate(account, &why).unwrap();
    assert!(world.room.login(JANE, &secret(PASSWORD)).unwrap().complete().is_some());
    drop(world.again());
}

#[test]
fn security_suspends_on_a_case_and_nobody_else_does() {
    let (world, sven, why) = guarded();
    let jane = world.customer(JANE);
    let account = jane.account();
    for handle in ["sam", "lea", "ada", "vera", "bill", "priya", "lena"] {
        let staff = world.staff(handle);
        let refused = staff.suspend(account, suspension(&world), &Why::unstated());
        assert_eq!(reason(refused), DenialReason::NotAllowed, "{handle}");
        assert_eq!(reason(staff.reinstate(account, &Why::unstated())), DenialReason::NotAllowed, "{handle}");
    }
    let unstated = sven.suspend(account, suspension(&world), &Why::unstated());
    assert_eq!(reason(unstated), DenialReason::PurposeMissing);
    let why = why(account);
    world.room.owner(&jane).close(&secret(PASSWORD)).unwrap();
    let closed = sven.suspend(account, suspension(&world), &why);
    assert!(matches!(&closed, Err(StaffError::State { .. })), "{closed:?}");
}

/// A reset does not end a suspension, and tells nobody of one.
#[test]
fn a_reset_ends_no_suspension() {
    let (world, sven, why) = guarded();
    let jane = world.customer(JANE);
    sven.suspend(jane.account(), suspension(&world), &why(jane.account())).unwrap();
    let asked = posted(&world.room, world.room.ask_reset(JANE).unwrap());
    world.room.reset(&Proof::Link(sent(&asked).1), &secret(OTHER)).unwrap();
    assert!(matches!(world.room.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Denied));
    assert!(matches!(world.room.login(JANE, &secret(OTHER)).unwrap(), Answer::Suspended(_)));
}
