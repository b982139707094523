//! The format of a room: a room that a newer program expanded is served on by this one, and no upgrade begins without a
//! backup to go back to.

use std::{fs, path::Path, time::Duration};

use strongroom::room::{Answer, Backups, Format, Kind, Registration, Room, UpgradeError};

use crate::{
    backup::furnished,
    disk,
    world::{JANE, PASSWORD, World, options, secret},
};

const HOUR: Duration = Duration::from_secs(3600);

fn quiet(_: u64, _: u64) {}

fn granted(room: &Room, email: &str) -> bool {
    matches!(room.login(email, &secret(PASSWORD)).unwrap(), Answer::Granted(_))
}

/// What an expanding step of a newer program may do to a room: places beside those that were there, and the numbers that
/// still bear programs of format 1.
const EXPAND: &str = "ALTER TABLE account ADD COLUMN later INTEGER; \
                      CREATE TABLE later (id BLOB PRIMARY KEY) STRICT; \
                      UPDATE room SET format = 2";
/// What the release after it does, when no program of format 1 is left.
const CONTRACT: &str = "UPDATE room SET format = 3, reads_from = 2, writes_from = 2";

#[test]
fn a_room_that_a_newer_program_expanded_is_served_by_this_one() {
    let world = World::demo();
    world.customer(JANE);
    let before = world.room.format().unwrap();
    assert_eq!(before, Format { room: 1, reads_from: 1, writes_from: 1, program: 1 });
    // This process has the room open while it happens, the other opens it afterwards.
    disk::sql(&world.path().join("store/store.db"), EXPAND);
    let other = world.again();
    for (room, email) in [(&world.room, "one@example.com"), (&other, "two@example.com")] {
        assert_eq!(room.format().unwrap(), Format { room: 2, ..before });
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
    assert_eq!(refused.to_string(), "the room has format 3, this program has format 1");
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
