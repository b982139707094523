//! Yesterday's keyring under today's data: what it lacks is told as an integrity failure, and no key is made in its
//! place, because a second key over what the first has sealed would hide that it is lost.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, types::Value};
use strongroom::room::{
    Answer, Backups, Failure, KeyError, Kind, Page, Purpose, Severity, StaffError, Why, WriteError,
};

use crate::{
    disk,
    world::{JANE, PASSWORD, World, options, secret},
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
    let jane = match world.room.login(JANE, &secret(PASSWORD)).unwrap() {
        Answer::Granted(granted) => granted,
        Answer::Denied => panic!("denied"),
    };
    let ticket = world.ticket(&jane.owner);
    assert!(keys(&world.path()).len() > yesterday.len() + 3);

    let World { room, clock, directory } = world;
    let path = directory.path().join("room");
    drop(room);
    disk::closed(&path);
    let backups = Backups { data: None, keyring: Some(kept) };
    options(&path, &clock).restore(&backups, |_, _| ()).unwrap();
    let opened = options(&path, &clock).open().unwrap();
    assert_eq!(keys(&path), yesterday);
    let findings = opened.doctor().unwrap();
    assert_eq!((findings[0].severity, findings[0].check), (Severity::Fault, "keyring"));
    assert!(findings[0].found.starts_with("1 of the newest 2 accounts"), "{}", findings[0].found);

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

    // The keyring that the data were written under makes it whole again.
    drop((staff, opened));
    disk::closed(&path);
    let newer = path.join("keyring/keyring.db.newer");
    assert!(!newer.exists(), "the restore left no keyring behind");
}
