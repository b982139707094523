//! A keyring that does not go with the data: what it lacks is counted before anything is replaced, and accepted only by
//! name.

use rusqlite::Connection;
use strongroom::room::{
    Answer, Backups, Kind, MissingKeys, Purpose, RestoreError, Room, RoomOptions, Severity, Why,
};

use crate::{
    dba::Copy,
    disk,
    policy::Busy,
    restore::{Kept, Stopped},
    world::{PASSWORD, World, options, secret},
};

const LATE: &str = "late@example.com";

fn lacking(result: Result<strongroom::room::Restored, RestoreError>) -> MissingKeys {
    match result.err().unwrap() {
        error @ RestoreError::Lacking { missing } => {
            assert_eq!(error.kind(), Kind::Integrity, "{error}");
            missing
        }
        other => panic!("{other}"),
    }
}

fn logs_in(room: &Room, email: &str) -> bool {
    matches!(room.login(email, &secret(PASSWORD)).unwrap(), Answer::Granted(_))
}

/// Older backups, then somebody who comes, then newer ones; the older data stand.
fn gone_back() -> (Stopped, Backups) {
    let kept = Kept::new();
    let at = |name: &str| kept.world.directory.path().join(name);
    kept.world.customer(LATE);
    let newer = Backups { data: Some(at("newer")), keyring: Some(at("newer-kept")), accept_missing: false };
    kept.world.room.backup_data(&at("newer"), |_, _| ()).unwrap();
    kept.world.room.backup_keyring(&at("newer-kept"), |_, _| ()).unwrap();
    let room = kept.stop();
    let restored = room.restore(&room.of_data()).unwrap();
    assert_eq!(restored.missing, MissingKeys::default());
    (room, newer)
}

#[test]
fn newer_data_after_older_ones_take_their_own_keyring() {
    let (room, newer) = gone_back();
    let data_alone = Backups { keyring: None, ..newer.clone() };
    let before = disk::Census::of(&room.path);
    let missing = lacking(room.restore(&data_alone));
    assert_eq!(missing, MissingKeys { keys: 0, people: 1 }, "who came in between");
    assert!(disk::Census::of(&room.path).changed(&before).is_empty());
    assert!(!room.path.join("restore.unfinished").exists() && !room.path.join("store/restore").exists());
    drop(room.open().unwrap());
    disk::closed(&room.path);

    let restored = room.restore(&newer).unwrap();
    assert!(restored.missing.is_nothing());
    let opened = room.open().unwrap();
    assert!(logs_in(&opened, LATE));
    assert!(opened.doctor().unwrap().iter().all(|finding| finding.severity < Severity::Fault));
}

#[test]
fn a_loss_that_is_accepted_is_told_all_the_same() {
    let (room, newer) = gone_back();
    let accepted = Backups { keyring: None, accept_missing: true, ..newer };
    let restored = room.restore(&accepted).unwrap();
    assert_eq!(restored.missing, MissingKeys { keys: 0, people: 1 });
    let opened = room.open().unwrap();
    assert!(!logs_in(&opened, LATE));
    let worst = opened.doctor().unwrap().remove(0);
    assert_eq!((worst.severity, worst.check), (Severity::Fault, "keyring"));
    assert!(worst.found.contains("lacks the address or handle of 1 person"), "{}", worst.found);
}

/// Where somebody sits, as a service says it.
fn at_desk(world: &World, path: &std::path::Path) -> RoomOptions {
    RoomOptions { origin: Some("desk 4".to_owned()), ..options(path, &world.clock) }
}

#[test]
fn each_class_of_keys_is_missed() {
    let busy = Busy::new();
    let world = busy.world();
    let why = Why::purpose(Purpose::SupportRequest).because("He called.");
    world.staff("sam").account(busy.scene.account(), &why).unwrap();
    drop(at_desk(world, &world.path()).open().unwrap().assume("sam").unwrap());
    for class in 1..=8 {
        let copy = Copy::of(world);
        let gone = format!("DELETE FROM data_key WHERE class = {class} AND wrapped IS NOT NULL");
        let deleted = copy.keyring().execute(&gone, []).unwrap();
        // Accountability has none.
        assert_eq!(deleted == 0, class == 8, "class {class}: {deleted}");
        let missing = copy.room().doctor().unwrap().remove(0);
        let found = missing.found.contains(&format!("lacks {deleted} key"));
        assert_eq!(missing.check == "keyring" && found, deleted > 0, "class {class}: {missing:?}");
    }
}

#[test]
fn each_person_without_an_index_is_missed() {
    let busy = Busy::new();
    let copy = Copy::of(busy.world());
    let deleted = copy.keyring().execute("DELETE FROM blind_index", []).unwrap();
    let missing = copy.room().doctor().unwrap().remove(0);
    assert!(missing.found.contains(&format!("handle of {deleted} people")), "{deleted} {missing:?}");
}

/// A loss of the month's key must not keep a restore from its end, whoever runs it and wherever he sits.
#[test]
fn a_restore_comes_to_its_end_without_the_month_s_key() {
    let kept = Kept::new();
    drop(at_desk(&kept.world, &kept.path()).open().unwrap().assume("sam").unwrap());
    let seated = |room: &Stopped| RoomOptions {
        origin: Some("desk 4".to_owned()),
        ..options(&room.path, &room.clock)
    };
    let room = kept.stop();
    let missing = lacking(seated(&room).restore(&room.of_keyring(), |_, _| ()));
    assert_eq!(missing, MissingKeys { keys: 1, people: 0 });
    let accepted = Backups { accept_missing: true, ..room.of_keyring() };
    assert_eq!(seated(&room).restore(&accepted, |_, _| ()).unwrap().missing, missing);
    let opened = seated(&room).open().unwrap();
    assert_eq!(opened.assume("sam").err().unwrap().kind(), Kind::Integrity);
    drop(opened);
    let keys = Connection::open(room.path.join("keyring/keyring.db")).unwrap();
    let months = keys.query_row("SELECT count(*) FROM data_key WHERE scope_kind = 5", [], |row| row.get(0));
    assert_eq!(months, Ok(0), "none was made in its place");
}
