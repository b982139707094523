//! Yesterday's keyring under today's data: what it lacks is told as an integrity failure, and no key is made in its
//! place, because a second key over what the first has sealed would hide that it is lost.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, types::Value};
use strongroom::room::{
    AccountId, Answer, Backups, CaseRef, Class, Currency, Failure, KeyError, Kind, Money, Page, PaymentFacts,
    PaymentFields, PaymentResult, Processor, ProcessorReference, Purpose, RestoreError, Room, RoomOptions,
    Severity, StaffError, Why, WriteError,
};

use crate::{
    disk,
    format::bill,
    scene::{Scene, on, staff, support},
    world::{JANE, PASSWORD, START, World, options, secret},
};

/// Every row of `data_key`.
fn keys(room: &Path) -> Vec<Vec<Value>> {
    let keyring = Connection::open(room.join("keyring/keyring.db")).unwrap();
    let mut rows =
        keyring.prepare("SELECT * FROM data_key ORDER BY class, owner, period, generation").unwrap();
    let columns = rows.column_count();
    let rows = rows.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_missing_key_is_told_and_nothing_is_minted() {
    let world = World::demo();
    let kept = world.directory.path().join("kept");
    let jane = world.customer(JANE);
    let plain = world.room.owner(&jane).tickets(&Page::first(1)).unwrap();
    assert!(plain.rows.is_empty());
    world.room.backup_keyring(&kept, |_, _| ()).unwrap();
    let yesterday = keys(&world.path());
    world.later(Duration::from_secs(24 * 3600));
    let late = world.customer("late@example.com");
    let jane = match world.room.login(JANE, &secret(PASSWORD)).unwrap().complete() {
        Some(granted) => granted,
        None => panic!("denied"),
    };
    let ticket = world.ticket(&jane.owner);
    assert!(keys(&world.path()).len() > yesterday.len() + 3);

    let World { room, clock, directory } = world;
    let path = directory.path().join("room");
    drop(room);
    disk::closed(&path);
    let backups = Backups { keyring: Some(kept), ..Backups::default() };
    let refused = options(&path, &clock).restore(&backups, |_, _| ()).err().unwrap();
    assert!(matches!(refused, RestoreError::Lacking { .. }), "{refused}");
    // Identity and credential of who came, today's activity, the ticket's; and an address.
    assert_eq!(
        refused.to_string(),
        "integrity failure: the keyring lacks 4 keys of the data, and the address or handle of 1 person"
    );
    let accepted = Backups { accept_missing: true, ..backups };
    options(&path, &clock).restore(&accepted, |_, _| ()).unwrap();
    let opened = options(&path, &clock).open().unwrap();
    assert_eq!(keys(&path), yesterday);
    let findings = opened.doctor().unwrap();
    assert_eq!((findings[0].severity, findings[0].check), (Severity::Fault, "keyring"));
    assert!(findings[0].found.starts_with("the keyring lacks 4 keys"), "{}", findings[0].found);

    let missing = |what: &str, failure: &Failure| {
        assert!(matches!(failure, Failure::Key(KeyError::Missing { .. })), "{what}: {failure}");
        assert_eq!(failure.kind(), Kind::Integrity, "{what}");
    };
    let sam = opened.assume("sam").unwrap();
    let staff = opened.staff(&sam.token);
    let why = Why::purpose(Purpose::SupportRequest);
    match staff.account(late.account(), &why).err().unwrap() {
        StaffError::Failed(failure) => missing("an account", &failure),
        other => panic!("{other}"),
    }
    match staff.ticket(ticket, &why).err().unwrap() {
        StaffError::Failed(failure) => missing("a ticket", &failure),
        other => panic!("{other}"),
    }
    match staff.reply(ticket, "We look.", &why).err().unwrap() {
        StaffError::Failed(failure) => missing("writing", &failure),
        other => panic!("{other}"),
    }
    // Her password is right, and that she was there could not be recorded under today's key.
    let login = opened.login(JANE, &secret(PASSWORD)).err().unwrap();
    assert_eq!(login.kind(), Kind::Integrity, "{login}");
    match opened.owner(&jane.owner).open_ticket("Once more", "Text").err().unwrap() {
        WriteError::SessionEnded => {}
        WriteError::Failed(failure) => missing("a customer's writing", &failure),
        other => panic!("{other}"),
    }
    assert_eq!(keys(&path), yesterday, "nothing was minted");
}

/// Deletes the keys of a class in a room that nobody has open; those that are left.
fn lose(path: &Path, class: Class) -> Vec<Vec<Value>> {
    disk::closed(path);
    let gone = format!("DELETE FROM data_key WHERE class = {}", class.number());
    disk::sql(&path.join("keyring/keyring.db"), &gone);
    keys(path)
}

/// One more payment of the year.
fn pay(room: &Room, account: AccountId) -> Result<(), StaffError> {
    let (bill, why) = (staff(room, "bill"), Why::purpose(Purpose::BillingDispute));
    let why = why.clone().case(CaseRef::Case(bill.open_case(Some(account), &why)?));
    let amount = Money::new(-100, Currency::from_code("EUR").unwrap()).unwrap();
    let facts = PaymentFacts { result: PaymentResult::Refunded, amount, date: START };
    let reference = ProcessorReference::parse(Processor::Stripe, "pi_3MtwBwLkdIwHu7ix28a3tqPa").ok().unwrap();
    bill.record_payment(account, &facts, PaymentFields { reference, card: None }, &why).map(drop)
}

#[test]
fn a_missing_key_of_each_class_that_is_written_again_is_told_and_nothing_is_minted() {
    let scene = Scene::new();
    bill(&scene.world, &scene.jane);
    let because = support().because("He called about it.");
    scene.world.staff("sam").account(scene.account(), &because).unwrap();
    let (account, ticket, jane) = (scene.account(), scene.ticket, scene.jane);
    let World { room, clock, directory } = scene.world;
    let path = directory.path().join("room");
    let at_desk = || RoomOptions { origin: Some("desk 4".to_owned()), ..options(&path, &clock) };
    drop(at_desk().open().unwrap().assume("sam").unwrap());
    drop(room);
    let missing = |what: &str, kind: Kind, error: &dyn std::fmt::Display| {
        assert_eq!(kind, Kind::Integrity, "{what}: {error}");
        assert!(error.to_string().contains("key is missing and no erasure says why"), "{what}: {error}");
    };

    let left = lose(&path, Class::AuditDetail);
    let room = options(&path, &clock).open().unwrap();
    let told = staff(&room, "sam").account(account, &because).err().unwrap();
    missing("a reason", told.kind(), &told);
    staff(&room, "sam").account(account, &support()).unwrap();
    drop(room);
    disk::closed(&path);
    let room = at_desk().open().unwrap();
    let told = room.assume("sam").err().unwrap();
    missing("where somebody sits", told.kind(), &told);
    drop(room);
    assert_eq!(keys(&path), left);

    for class in [Class::Billing, Class::Support, Class::Credential, Class::Activity] {
        let left = lose(&path, class);
        let room = options(&path, &clock).open().unwrap();
        let kind = match class {
            Class::Billing => pay(&room, account).err().unwrap().kind(),
            Class::Support => {
                staff(&room, "sam").reply(ticket, "We look.", &on(ticket)).err().unwrap().kind()
            }
            // A login tells nobody why it is denied: `doctor` does.
            Class::Credential => match room.login(JANE, &secret(PASSWORD)).unwrap() {
                Answer::Denied => Kind::Integrity,
                _ => panic!("granted"),
            },
            _ => room.owner(&jane).profile().err().unwrap().kind(),
        };
        assert_eq!(kind, Kind::Integrity, "{}", class.name());
        drop(room);
        assert_eq!(keys(&path), left, "{}", class.name());
    }
}
