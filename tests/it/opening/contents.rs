//! Checkpoints, ledger, head and databases that hold something else than what was written.

use std::{fs, os::unix::fs::PermissionsExt};

use strongroom::room::{Ceremony, Clock, Kind, Room, RoomKind, Time};

use super::{Closed, opens, refused};
use crate::{
    disk,
    world::{World, ceremony, options},
};

/// Things that stand in a text file and should not.
fn garbage() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a line", b"garbage\n".to_vec()),
        ("a NUL", b"\0\n".to_vec()),
        ("what is no text", vec![0xff; 300]),
        ("ten megabytes", b"garbage garbage\n".repeat(10 * 1024 * 1024 / 16)),
    ]
}

#[test]
fn a_checkpoint_is_what_was_signed() {
    let whole = Closed::new();
    let note = fs::read_to_string(whole.part("outside/checkpoint.a")).unwrap();
    let size = note.lines().nth(1).unwrap().to_owned();
    let mut bad = garbage();
    bad.push(("nothing", Vec::new()));
    bad.push(("another size", note.replacen(&size, "1", 1).into()));
    bad.push(("a larger size", note.replacen(&size, "9999", 1).into()));
    bad.push(("no signature", note.split("\n\n").next().unwrap().into()));
    bad.push(("a signature cut", note[..note.len() - 8].into()));
    bad.push(("two notes", note.repeat(2).into()));
    for (what, bytes) in bad {
        let room = whole.copy();
        for slot in ["outside/checkpoint.a", "outside/checkpoint.b"] {
            fs::write(room.part(slot), &bytes).unwrap();
        }
        refused(&room, what, Kind::Integrity);
    }
}

/// A power cut can leave one of the two in any state: the other is whole.
#[test]
fn one_checkpoint_of_two_may_be_garbage() {
    let whole = Closed::new();
    for (what, bytes) in garbage() {
        for slot in ["outside/checkpoint.a", "outside/checkpoint.b"] {
            let room = whole.copy();
            fs::write(room.part(slot), &bytes).unwrap();
            let opened = opens(&room, what);
            opened.assume("sam").unwrap();
            opened.assume("lea").unwrap();
            drop(opened);
            drop(opens(&room, what));
        }
    }
}

#[test]
fn a_ledger_is_what_was_written() {
    let whole = Closed::new();
    let mut bad = garbage();
    bad.push((
        "a forged line",
        format!("strongroom-ledger/1 1 2 identity AQ 17 {}\n", "A".repeat(43)).into(),
    ));
    bad.push(("a line from the future", format!("strongroom-ledger/2 1 2 {}\n", "A".repeat(43)).into()));
    bad.push(("an empty line", b"\n".to_vec()));
    for (what, bytes) in bad {
        let room = whole.copy();
        fs::write(room.part("outside/erasure.ledger"), bytes).unwrap();
        refused(&room, what, Kind::Integrity);
    }
    let room = whole.copy();
    fs::write(room.part("outside/erasure.ledger"), "strongroom-led").unwrap();
    drop(opens(&room, "a line that a power cut left unfinished"));
}

#[test]
fn a_head_is_what_was_written() {
    let whole = Closed::new();
    for statement in [
        "DELETE FROM audit_head",
        "UPDATE audit_head SET head = x''",
        "UPDATE audit_head SET head = zeroblob(10000)",
        "UPDATE audit_head SET head = zeroblob(length(head))",
        "UPDATE audit_head SET head = CAST(head || x'00' AS BLOB)",
        "UPDATE audit_head SET mac = zeroblob(32)",
        "UPDATE audit_head SET head = (SELECT entry FROM audit_entry LIMIT 1)",
    ] {
        let room = whole.copy();
        disk::sql(&room.part("store/store.db"), statement);
        refused(&room, statement, Kind::Integrity);
    }
}

#[test]
fn a_database_that_is_none_is_damaged() {
    let whole = Closed::new();
    for database in ["store/store.db", "keyring/keyring.db"] {
        let bytes = fs::read(whole.part(database)).unwrap();
        let mut without_schema = bytes.clone();
        without_schema[100..4096].fill(0);
        let cases: [(&str, Vec<u8>); 6] = [
            ("nothing", Vec::new()),
            ("garbage", vec![0x55; 16_384]),
            ("a text", b"not a database\n".repeat(1000)),
            ("a header alone", bytes[..100].to_vec()),
            ("one page", bytes[..4096].to_vec()),
            ("no schema", without_schema),
        ];
        for (what, bytes) in cases {
            let room = whole.copy();
            fs::write(room.part(database), bytes).unwrap();
            refused(&room, &format!("{database}: {what}"), Kind::Integrity);
        }
    }
}

#[test]
fn a_stray_file_among_the_blobs_keeps_no_room_shut() {
    let world = World::demo();
    let stray = world.path().join("store/blobs/.DS_Store");
    fs::write(&stray, "left by a file manager").unwrap();
    drop(world.again());
    assert!(stray.exists(), "it is not this program's to remove");
}

#[test]
fn an_outside_place_that_is_there_already_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let outside = directory.path().join("given");
    fs::create_dir(&outside).unwrap();
    fs::set_permissions(&outside, fs::Permissions::from_mode(0o750)).unwrap();
    let clock = Clock::manual(Time::from_ms(1_790_000_000_000));
    let ceremony = Ceremony { outside: Some(outside.clone()), ..ceremony(RoomKind::Demo) };
    Room::init(options(&directory.path().join("room"), &clock), &ceremony).unwrap();
    assert_eq!(fs::metadata(&outside).unwrap().permissions().mode() & 0o777, 0o750);
    let own = fs::metadata(directory.path().join("room/keys")).unwrap();
    assert_eq!(own.permissions().mode() & 0o777, 0o700);
}
