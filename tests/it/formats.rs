//! The format of a room: an older one is served as it is, and becomes what this program makes when somebody says so and
//! names a backup to go back to; one that a newer program expanded is served on.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use strongroom::room::{
    Answer, Backups, Clock, Format, Kept, Kind, LogPart, Page, Registration, Room, RoomOptions, StepKind,
    UpgradeError, Why, verify,
};

use crate::{
    backup::furnished,
    disk, fixture,
    powercut::{Child, Policy, Scenario, scenario},
    source,
    world::{JANE, PASSWORD, World, options, secret},
};

/// What this program makes.
const NEWEST: Format = Format { room: 2, reads_from: 1, writes_from: 1, program: 2 };

const HOUR: Duration = Duration::from_secs(3600);

fn quiet(_: u64, _: u64) {}

/// A backup of a room that was just taken.
fn backup(world: &World) -> PathBuf {
    let path = world.directory.path().join("backup");
    world.room.backup_data(&path, quiet).unwrap();
    path
}

/// What a database holds beside rows: tables, indexes and triggers, each as it was made.
fn made(room: &Path) -> BTreeMap<String, String> {
    let store = Connection::open(room.join("store/store.db")).unwrap();
    let mut listed = store
        .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'")
        .unwrap();
    let rows = listed.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// What becomes of the clause that looks at every column.
fn places_are_known(room: &Room) -> bool {
    let vera = room.staff(&room.assume("vera").unwrap().token);
    let report = vera.check_policy(&["data.payment"], &Why::unstated(), |_| ()).unwrap();
    report.verdicts.first().unwrap().kept == Kept::Kept
}

/// The data of the log's entries about upgrades.
fn upgrades(room: &Room) -> Vec<String> {
    let vera = room.staff(&room.assume("vera").unwrap().token);
    let entries = vera.audit_log(LogPart::All, 0, &Page::first(500), &Why::unstated()).unwrap().entries;
    let upgrades = entries.iter().filter(|entry| entry.entry.what.name() == "room.upgraded");
    upgrades.map(|entry| format!("{:?}", entry.entry.what)).collect()
}

/// Files that made rooms which exist: what they would make may not change.
#[test]
fn the_files_of_a_released_format_are_frozen() {
    for (file, digest) in [
        ("sqlite/store/0001.sql", "93e5cc1cd98eec2c9766f87d048746f867dc6b640c1c5114027bc873a91bf1d7"),
        ("sqlite/keyring/0001.sql", "42f70bab05a91aea97898b65b18517b2ec3c6633144f816210578f29227f15cc"),
        ("postgres/store/0001.sql", "09f5c0027aa8719b2210f78bbd680b20e55ceed50f45a53400fc87c4f7e721a9"),
        ("postgres/keyring/0001.sql", "0947029db93d04238b0963753e781cceb1cee09d602ee002e27f13a3c8d20a4b"),
    ] {
        let text = source::read(&format!("schema/{file}"));
        let found: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, digest, "{file}: add what is new to the newest format's file");
    }
}

#[test]
fn a_room_of_the_first_format_is_served_as_it_is() {
    let older = fixture::first();
    let before = Format { room: 1, ..NEWEST };
    let tables = made(&older.path());
    assert_eq!(older.room.format().unwrap(), before);
    let plan = older.room.upgrade_plan().unwrap();
    let [step] = plan.as_slice() else { panic!("{plan:?}") };
    assert_eq!((step.format, step.kind, step.reads_from, step.writes_from), (2, StepKind::Expands, 1, 1));
    assert!(granted(&older.room, JANE) && places_are_known(&older.room));
    let other = older.again();
    assert_eq!((other.format().unwrap(), made(&older.path())), (before, tables));
    assert_eq!(upgrades(&other), [""; 0]);
}

#[test]
fn an_upgrade_makes_of_an_older_room_what_this_program_makes_and_says_so() {
    let older = fixture::first();
    let (other, backup) = (older.again(), backup(&older));
    let plan = older.room.upgrade_plan().unwrap();
    let size = older.room.log_size().unwrap();
    let done = older.room.upgrade(&backup, quiet).unwrap();
    assert_eq!((done.format, &done.steps, done.position), (NEWEST, &plan, Some(size)));
    assert_eq!(made(&older.path()), made(&World::demo().path()));
    for room in [&older.room, &other, &older.again()] {
        assert_eq!(room.format().unwrap(), NEWEST);
        assert!(granted(room, JANE) && places_are_known(room) && room.upgrade_plan().unwrap().is_empty());
    }
    let stated = upgrades(&other);
    let [entry] = stated.as_slice() else { panic!("{stated:?}") };
    assert!(entry.contains("from: 1, to: 2, size: "), "{entry}");

    let size = older.room.log_size().unwrap();
    let again = other.upgrade(&backup, quiet).unwrap();
    assert_eq!((again.format, again.steps, again.position), (NEWEST, vec![], None));
    assert_eq!(older.room.log_size().unwrap(), size, "nothing was done, and nothing is on record");
    let World { room, directory, .. } = older;
    drop((room, other));
    let key = fs::read_to_string(fixture::kept(fixture::OLDEST).join("verifier-key")).unwrap();
    fixture::holds_what_it_was_given(&directory.path().join("room"), &key);
}

#[test]
fn two_who_upgrade_at_once_take_each_step_once() {
    let older = fixture::first();
    let (other, backup) = (older.again(), backup(&older));
    let taken = std::thread::scope(|scope| {
        let upgrade = |room| {
            let backup = &backup;
            scope.spawn(move || Room::upgrade(room, backup, quiet).unwrap().steps.len())
        };
        let (one, two) = (upgrade(&older.room), upgrade(&other));
        [one.join().unwrap(), two.join().unwrap()]
    });
    assert_eq!(taken.iter().sum::<usize>(), 1, "{taken:?}");
    assert_eq!(upgrades(&other).len(), 1);
}

#[test]
fn a_step_that_fails_leaves_the_room_as_it_was() {
    let older = fixture::first();
    let backup = backup(&older);
    // The last statement of a step fails: what came before it goes too.
    let refuse = "CREATE TRIGGER refused BEFORE UPDATE ON room BEGIN SELECT RAISE(ABORT, 'no'); END";
    disk::sql(&older.path().join("store/store.db"), refuse);
    let (tables, size) = (made(&older.path()), older.room.log_size().unwrap());
    assert!(matches!(older.room.upgrade(&backup, quiet), Err(UpgradeError::Failed(_))));
    assert_eq!((made(&older.path()), older.room.log_size().unwrap()), (tables, size));
    assert_eq!(older.room.format().unwrap().room, 1);
    disk::sql(&older.path().join("store/store.db"), "DROP TRIGGER refused");
    assert_eq!(older.room.upgrade(&backup, quiet).unwrap().format, NEWEST);
}

const UPGRADING: Scenario = scenario("an upgrade", |root, ack| {
    opened(root)?.upgrade(&root.join("backup"), quiet)?;
    ack.done("upgraded");
    Ok(())
});

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[UPGRADING];

/// The room by this machine's clock, in a process of its own.
fn opened(root: &Path) -> Result<Room, Box<dyn std::error::Error>> {
    let options = RoomOptions::new(root.join("room"), "host-1");
    Ok(options.open().map_err(|e| format!("does not open: {e}"))?)
}

/// The room is of one format or of the other, as a whole, and goes to the newer one when asked again. Of which it was is
/// the answer.
fn is_one_or_the_other(
    root: &Path,
    acked: &[Vec<u8>],
    tables: &[BTreeMap<String, String>; 2],
) -> Result<usize, Box<dyn std::error::Error>> {
    let room = opened(root)?;
    let format = room.format()?.room;
    if format == 1 && !acked.is_empty() {
        return Err("an upgrade that was acknowledged is gone".into());
    }
    let index = usize::try_from(format - 1)?;
    if made(&root.join("room")) != tables[index] || upgrades(&room).len() != index {
        return Err(format!("half of a step, at format {format}").into());
    }
    let verified = verify(&root.join("room"), None, |_| ())?;
    if !verified.is_sound() {
        return Err(format!("unsound: {:?}", verified.report.faults).into());
    }
    let again = room.upgrade(&root.join("backup"), quiet)?;
    if again.format != NEWEST || again.steps.len() != 1 - index || !granted(&room, JANE) {
        return Err(format!("upgraded again: {again:?}").into());
    }
    Ok(index)
}

#[test]
fn a_power_cut_at_any_point_of_an_upgrade_leaves_the_one_format_or_the_other() {
    let first =
        |root: &Path| fixture::copied(&fixture::kept(fixture::OLDEST).join("room"), &root.join("room"));
    let run = Child::new(UPGRADING)
        .prepared(|root| {
            first(root);
            opened(root).unwrap().backup_data(&root.join("backup"), quiet).unwrap();
            disk::closed(&root.join("room"));
        })
        .record();
    let older = fixture::first();
    let tables = [made(&older.path()), made(&World::demo().path())];
    let mut left = [0, 0];
    for cut in 0..=run.trace.records.len() {
        let disk = tempfile::tempdir().unwrap();
        let acked = run.rebuild(cut, cut as u64, &Policy::honest(), disk.path());
        match is_one_or_the_other(disk.path(), &acked, &tables) {
            Ok(index) => left[index] += 1,
            Err(e) => panic!("cut {cut}: {e}"),
        }
    }
    assert!(left.iter().all(|cuts| *cuts > 5), "cuts on both sides of the commit: {left:?}");
}

fn granted(room: &Room, email: &str) -> bool {
    matches!(room.login(email, &secret(PASSWORD)).unwrap(), Answer::Granted(_))
}

/// What an expanding step of a newer program may do to a room: places beside those that were there, and the numbers that
/// still bear programs of this format.
const EXPAND: &str = "ALTER TABLE account ADD COLUMN later INTEGER; \
                      CREATE TABLE later (id BLOB PRIMARY KEY) STRICT; \
                      UPDATE room SET format = 3";
/// What the release after it does, when no program of this format is left.
const CONTRACT: &str = "UPDATE room SET format = 4, reads_from = 3, writes_from = 3";

#[test]
fn a_room_that_a_newer_program_expanded_is_served_by_this_one() {
    let world = World::demo();
    world.customer(JANE);
    let before = world.room.format().unwrap();
    assert_eq!(before, NEWEST);
    // This process has the room open while it happens, the other opens it afterwards.
    disk::sql(&world.path().join("store/store.db"), EXPAND);
    let other = world.again();
    for (room, email) in [(&world.room, "one@example.com"), (&other, "two@example.com")] {
        assert_eq!(room.format().unwrap(), Format { room: 3, ..before });
        assert!(granted(room, JANE));
        let password = secret(PASSWORD);
        room.register(&Registration { email, name: None, password: &password }).unwrap();
    }
    assert!(granted(&other, "one@example.com") && granted(&world.room, "two@example.com"));
}

#[test]
fn a_room_that_bears_this_program_no_more_does_not_open() {
    let world = World::demo();
    disk::sql(&world.path().join("store/store.db"), CONTRACT);
    let refused = options(&world.path(), &world.clock).open().err().unwrap();
    assert_eq!(refused.kind(), Kind::Invalid);
    assert_eq!(refused.to_string(), "the room has format 4, this program has format 2");
}

fn upgraded(room: &Room, backup: &Path) -> Result<u64, UpgradeError> {
    room.upgrade(backup, quiet).map(|done| done.backup_size)
}

#[test]
fn an_upgrade_asks_for_a_whole_and_fresh_backup_of_this_room() {
    let world = furnished();
    let at = |name: &str| world.directory.path().join(name);
    let size = world.room.backup_data(&at("data"), quiet).unwrap().size;
    world.room.backup_keyring(&at("kept"), quiet).unwrap();
    let before = disk::Census::of(&world.path());
    assert_eq!(upgraded(&world.room, &at("data")).unwrap(), size);
    assert!(matches!(upgraded(&world.room, &at("nowhere")), Err(UpgradeError::Backup(_))));
    assert!(matches!(upgraded(&world.room, &at("kept")), Err(UpgradeError::Backup(_))), "the other half");

    let stranger = World::demo();
    stranger.room.backup_data(&at("strange"), quiet).unwrap();
    let refused = upgraded(&world.room, &at("strange")).err().unwrap();
    assert_eq!(refused.kind(), Kind::Integrity);

    // Each file of it, changed by one byte or taken away.
    for file in disk::files(&at("data")).into_keys() {
        for cut in [false, true] {
            let copy = tempfile::tempdir().unwrap();
            let (root, path) = (copy.path().join("data"), copy.path().join("data").join(&file));
            disk::copy(&at("data"), &root);
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            if cut {
                fs::remove_file(&path).unwrap();
            } else {
                fs::write(&path, bytes).unwrap();
            }
            let refused = upgraded(&world.room, &root);
            assert!(matches!(refused, Err(UpgradeError::Backup(_))), "{} {cut}", file.display());
        }
    }

    world.clock.advance(24 * HOUR);
    assert!(upgraded(&world.room, &at("data")).is_ok(), "a day old");
    world.clock.advance(HOUR);
    let stale = upgraded(&world.room, &at("data")).err().unwrap();
    assert!(matches!(stale, UpgradeError::Stale { .. }) && stale.kind() == Kind::Invalid);
    let changed = before.changed(&disk::Census::of(&world.path()));
    assert!(changed.is_empty(), "{changed:?}");

    // Of a time that whoever upgrades has not reached.
    let clock = Clock::manual(world.clock.now());
    world.clock.advance(HOUR);
    world.room.backup_data(&at("later"), quiet).unwrap();
    let early = options(&world.path(), &clock).open().unwrap();
    assert!(matches!(upgraded(&early, &at("later")), Err(UpgradeError::Stale { .. })));
    assert!(upgraded(&world.room, &at("later")).is_ok());
}

#[test]
fn a_backup_of_a_log_that_a_restore_ended_is_none_to_go_back_to() {
    let world = furnished();
    let data = world.directory.path().join("data");
    world.room.backup_data(&data, quiet).unwrap();
    let (path, clock) = (world.path(), world.clock.clone());
    let World { room, directory: _kept, .. } = world;
    drop(room);
    disk::closed(&path);
    let backups = Backups { data: Some(data.clone()), ..Backups::default() };
    drop(options(&path, &clock).restore(&backups, quiet).unwrap());
    let room = options(&path, &clock).open().unwrap();
    assert!(matches!(upgraded(&room, &data), Err(UpgradeError::Ended)));
}
