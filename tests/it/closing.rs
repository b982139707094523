//! Accounts are closed by their customers and by staff: sessions end, logins are denied as if the password were
//! wrong, customers write nothing more, and staff go on with what is left to do.

use std::{sync::Barrier, thread};

use rusqlite::Connection;
use strongroom::room::{
    AccountState, Answer, CaseRef, DenialReason, Granted, Kind, LoginError, Purpose, RegisterError,
    Registration, Room, Staff, StaffError, Why, WriteError,
};

use crate::{
    dba::log,
    scene::{SCAN, Scene, on, reason, support},
    world::{JANE, PASSWORD, World, secret},
};

fn login(room: &Room) -> Option<Granted> {
    match room.login(JANE, &secret(PASSWORD)).unwrap() {
        Answer::Granted(granted) => Some(granted),
        Answer::Denied => None,
    }
}

fn priyas(scene: &Scene) -> (Staff, Why) {
    let why = Why::purpose(Purpose::DataSubjectRequest).case(CaseRef::Case(scene.case));
    (scene.world.staff("priya"), why)
}

/// Rows of a table that matter to a login.
fn count(world: &World, table: &str) -> i64 {
    let store = Connection::open(world.path().join("store/store.db")).unwrap();
    store.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn failed_logins(world: &World) -> i64 {
    count(world, "activity WHERE event = 2")
}

#[test]
fn a_customer_closes_his_account_with_his_password() {
    let scene = Scene::new();
    let (room, world) = (&scene.world.room, &scene.world);
    let other = login(room).unwrap();
    let owner = room.owner(&scene.jane);
    let before = (room.log_size().unwrap(), failed_logins(world));
    let wrong = owner.close(&secret("not her password at all"));
    assert!(matches!(&wrong, Err(WriteError::Password)));
    assert_eq!(wrong.err().unwrap().kind(), Kind::Denied);
    assert_eq!((room.log_size().unwrap(), failed_logins(world)), (before.0, before.1 + 1));
    assert!(owner.profile().is_ok(), "nothing was closed");

    owner.close(&secret(PASSWORD)).unwrap();
    let last = log(room)
        .into_iter()
        .rev()
        .map(|entry| entry.entry)
        .find(|entry| entry.what.name() == "account.closed");
    let entry = last.unwrap();
    assert_eq!(
        (entry.outcome.name(), entry.actor.to_string()),
        ("done", format!("account:{}", scene.account()))
    );
    assert_eq!((entry.subjects.clone(), entry.session), (vec![scene.account()], Some(scene.jane.session())));
    let seals = room.account_seals(scene.account()).unwrap();
    assert_eq!((seals.state, seals.closed), (AccountState::Closed, Some(world.clock.now())));
    // Here, in his other session, and in another process.
    assert!(matches!(owner.close(&secret(PASSWORD)), Err(WriteError::SessionEnded)));
    for room in [room, &world.again()] {
        assert!(matches!(room.resume(&other.token), Err(LoginError::NoSession)));
        assert!(matches!(room.logout(&other.token), Err(LoginError::NoSession)));
        for session in [&scene.jane, &other.owner] {
            let owner = room.owner(session);
            assert!(matches!(owner.profile(), Err(WriteError::SessionEnded)));
            assert!(matches!(owner.open_ticket("More", "Text"), Err(WriteError::SessionEnded)));
            assert!(matches!(owner.write(scene.ticket, "More"), Err(WriteError::SessionEnded)));
            let attached = owner.attach(scene.ticket, "a", "text/plain", &b"a"[..]);
            assert!(matches!(attached, Err(WriteError::SessionEnded)));
        }
    }
    // Joe's account is his own.
    assert!(room.owner(&scene.joe).open_ticket("Mine", "Text").is_ok());
}

/// What a denied login leaves, and what it reads and writes, tells a closed account from a wrong password to nobody.
#[test]
fn a_login_to_a_closed_account_is_a_login_with_a_wrong_password() {
    let scene = Scene::new();
    let (room, world) = (&scene.world.room, &scene.world);
    let traces = || {
        let sizes = ["session", "activity", "credential", "audit_entry", "audit_detail", "account"];
        sizes.map(|table| count(world, table))
    };
    let left = |password: &str| {
        let before = traces();
        assert!(matches!(room.login(JANE, &secret(password)), Ok(Answer::Denied)));
        let mut now = traces();
        now.iter_mut().zip(before).for_each(|(now, before)| *now -= before);
        now
    };
    let wrong = left("not her password at all");
    room.owner(&scene.jane).close(&secret(PASSWORD)).unwrap();
    let failures = failed_logins(world);
    assert_eq!(left(PASSWORD), wrong);
    assert_eq!(left("not her password at all"), wrong);
    assert_eq!(failed_logins(world), failures + 2);
    let password = secret(PASSWORD);
    let again = room.register(&Registration { email: JANE, name: None, password: &password });
    assert!(matches!(again, Err(RegisterError::AddressTaken)), "it is his until it is erased");
}

#[test]
fn staff_close_an_account_once_with_a_reason_and_on_record() {
    let scene = Scene::new();
    let (priya, why) = priyas(&scene);
    let account = scene.account();
    for handle in ["ada", "vera", "sam", "lea", "bill", "lena"] {
        let refused = scene.world.staff(handle).close_account(account, &Why::unstated());
        assert_eq!(reason(refused), DenialReason::NotAllowed, "{handle}");
    }
    assert_eq!(reason(priya.close_account(account, &Why::unstated())), DenialReason::PurposeMissing);
    assert_eq!(reason(priya.close_account(scene.joe.account(), &why)), DenialReason::CaseOtherAccount);
    assert!(login(&scene.world.room).is_some());
    priya.close_account(account, &why).unwrap();
    assert!(login(&scene.world.room).is_none());
    assert!(matches!(scene.world.room.owner(&scene.jane).profile(), Err(WriteError::SessionEnded)));
    let again = priya.close_account(account, &why);
    assert!(matches!(&again, Err(StaffError::State { what: "the account is closed already" })), "{again:?}");
    assert_eq!(again.err().unwrap().kind(), Kind::Conflict);
    let closings: Vec<_> = log(&scene.world.room)
        .into_iter()
        .filter(|entry| entry.entry.what.name() == "account.closed")
        .map(|entry| (entry.entry.outcome.name(), entry.entry.reason))
        .collect();
    assert_eq!(closings.iter().filter(|(outcome, _)| *outcome == "done").count(), 1);
    assert_eq!(closings.last().unwrap(), &("failed", Some("wrong_state".to_owned())));
}

/// What is left to do about a closed account is done: its ticket is read and answered, its last payment recorded.
#[test]
fn staff_work_on_in_a_closed_account() {
    let scene = Scene::new();
    let (priya, why) = priyas(&scene);
    priya.close_account(scene.account(), &why).unwrap();
    let sam = scene.world.staff("sam");
    assert_eq!(sam.ticket(scene.ticket, &support()).unwrap().messages.len(), 2);
    sam.reply(scene.ticket, "We have closed it.", &support()).unwrap();
    sam.attach(scene.ticket, "last.txt", "text/plain", SCAN, &support()).unwrap();
    assert!(sam.attachment(scene.scan, &support()).is_ok());
    let view = sam.account(scene.account(), &on(scene.ticket)).unwrap();
    assert_eq!(view.state, AccountState::Closed);
    sam.close_ticket(scene.ticket, &support()).unwrap();
}

/// Whichever comes first, no session outlives the closing.
#[test]
fn a_login_and_a_closing_at_once_leave_no_session() {
    for _ in 0..4 {
        let scene = Scene::new();
        let (priya, why) = priyas(&scene);
        let start = Barrier::new(2);
        let granted = thread::scope(|scope| {
            let login = scope.spawn(|| {
                start.wait();
                login(&scene.world.room)
            });
            start.wait();
            priya.close_account(scene.account(), &why).unwrap();
            login.join().unwrap()
        });
        if let Some(granted) = granted {
            assert!(scene.world.room.resume(&granted.token).is_err());
        }
        assert_eq!(count(&scene.world, "session WHERE holder_kind = 2"), 1, "joe's alone");
    }
}
