//! Key files that others can read, that belong to others, or that hold something else.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
};

use strongroom::room::Kind;

use super::{Closed, opens, refused};

const KEYS: [&str; 3] = ["keys/index-1.key", "keys/log-1.key", "keys/identity-1.key"];

#[test]
fn a_key_that_others_can_reach_is_not_used() {
    let whole = Closed::new();
    for mode in [0o644, 0o640, 0o604, 0o660, 0o606, 0o601, 0o777] {
        for key in KEYS {
            let room = whole.copy();
            fs::set_permissions(room.part(key), fs::Permissions::from_mode(mode)).unwrap();
            let error = refused(&room, &format!("{key} with mode {mode:o}"), Kind::Unavailable);
            assert!(error.to_string().contains(&format!("{mode:04o}")), "{error}");
        }
    }
    for mode in [0o400, 0o600, 0o700] {
        let room = whole.copy();
        fs::set_permissions(room.part(KEYS[0]), fs::Permissions::from_mode(mode)).unwrap();
        drop(opens(&room, "a key that is its owner's alone"));
    }
}

/// Only root can give a file away; where the tests run as somebody else there is nothing to see.
#[test]
fn a_key_of_another_user_is_not_used() {
    let whole = Closed::new();
    for key in KEYS {
        let room = whole.copy();
        if chown(room.part(key), Some(65_534), None).is_ok() {
            let error = refused(&room, key, Kind::Unavailable);
            assert!(error.to_string().contains("65534"), "{error}");
        }
    }
}

#[test]
fn a_key_file_holds_its_key_and_nothing_else() {
    let whole = Closed::new();
    let line = fs::read_to_string(whole.part(KEYS[0])).unwrap();
    let (head, key) = line.trim_end().rsplit_once(' ').unwrap();
    let zeros = "A".repeat(43);
    let contents: [(&str, Vec<u8>); 14] = [
        ("nothing", Vec::new()),
        ("a line feed", b"\n".to_vec()),
        ("zeros", vec![0; 77]),
        ("what is no text", vec![0xff; 77]),
        ("no line feed", line.trim_end().into()),
        ("a carriage return", format!("{head} {key}\r\n").into()),
        ("two lines", line.repeat(2).into()),
        ("two spaces", format!("{head}  {key}\n").into()),
        ("a short key", format!("{head} {}\n", "A".repeat(42)).into()),
        ("a long key", format!("{head} {}\n", "A".repeat(44)).into()),
        ("bits past the end", format!("{head} {}B\n", "A".repeat(42)).into()),
        ("another version", line.replace(" 1 ", " 2 ").into()),
        ("another domain", line.replace("index", "log").into()),
        ("ten megabytes", vec![b'A'; 10 * 1024 * 1024]),
    ];
    for (what, bytes) in contents {
        let room = whole.copy();
        fs::write(room.part(KEYS[0]), bytes).unwrap();
        refused(&room, what, Kind::Integrity);
    }
    let room = whole.copy();
    fs::write(room.part(KEYS[0]), format!("{head} {zeros}\n")).unwrap();
    refused(&room, "another key", Kind::Integrity);
    let room = whole.copy();
    fs::rename(room.part("keys/log-1.key"), room.part(KEYS[0])).unwrap();
    fs::copy(room.part(KEYS[0]), room.part("keys/log-1.key")).unwrap();
    refused(&room, "the log's key under another name", Kind::Integrity);
}

#[test]
fn a_directory_is_no_key() {
    let room = Closed::new();
    fs::remove_file(room.part(KEYS[0])).unwrap();
    fs::create_dir(room.part(KEYS[0])).unwrap();
    refused(&room, "a directory", Kind::Unavailable);
    fs::remove_dir(room.part(KEYS[0])).unwrap();
    symlink("/dev/zero", room.part(KEYS[0])).unwrap();
    assert!(room.open().is_err(), "an endless file");
}
