//! `room.toml`, and the format numbers of a room.

use std::fs;

use strongroom::room::Kind;

use super::{Closed, opens, refused};
use crate::disk;

fn with(whole: &Closed, change: impl Fn(&str) -> String) -> Closed {
    let room = whole.copy();
    let text = fs::read_to_string(room.part("room.toml")).unwrap();
    fs::write(room.part("room.toml"), change(&text)).unwrap();
    room
}

/// What a change is called, and what it makes of the text.
type Change<'a> = (&'a str, &'a dyn Fn(&str) -> String);

#[test]
fn a_configuration_is_read_strictly() {
    let whole = Closed::new();
    let changes: [Change<'_>; 14] = [
        ("nothing", &|_| String::new()),
        ("garbage", &|_| "\u{1}\u{2}{{{{".to_owned()),
        ("an unknown key", &|text| format!("{text}audit = false\n")),
        ("an unknown table", &|text| format!("{text}[access]\nallow = true\n")),
        ("a key twice", &|text| format!("{text}format = 1\n")),
        ("no format", &|text| text.replace("format = 1\n", "")),
        ("a text for the format", &|text| text.replace("format = 1", "format = \"1\"")),
        ("a negative format", &|text| text.replace("format = 1", "format = -1")),
        ("a fraction", &|text| text.replace("format = 1", "format = 1.5")),
        ("format 0", &|text| text.replace("format = 1", "format = 0")),
        ("format 2", &|text| text.replace("format = 1", "format = 2")),
        ("the last format", &|text| text.replace("format = 1", "format = 4294967295")),
        ("more than is read", &|text| format!("{text}#{}\naudit = false\n", "x".repeat(64 * 1024))),
        ("ten megabytes", &|text| format!("{text}#{}", "x".repeat(10 * 1024 * 1024))),
    ];
    for (what, change) in changes {
        refused(&with(&whole, change), what, Kind::Invalid);
    }
    for (what, bytes) in [("what is no text", vec![0xff; 100]), ("NULs", vec![0; 100])] {
        let room = whole.copy();
        fs::write(room.part("room.toml"), bytes).unwrap();
        refused(&room, what, Kind::Invalid);
    }
    drop(opens(&with(&whole, |text| format!("# A remark.\n{text}")), "a remark"));
}

#[test]
fn a_configuration_that_leads_elsewhere_is_refused() {
    let whole = Closed::new();
    let origin = |text: &str, origin: &str| -> String {
        let line = text.lines().find(|line| line.starts_with("origin")).unwrap();
        text.replace(line, &format!("origin = {origin}"))
    };
    for bad in ["\"\"", "\" \"", "\"a b\"", "\"a+b\"", "\"a\\nb\"", "\"a\\u0000b\""] {
        refused(&with(&whole, |text| origin(text, bad)), &format!("origin {bad}"), Kind::Invalid);
    }
    refused(
        &with(&whole, |text| origin(text, "\"strongroom/elsewhere\"")),
        "another origin",
        Kind::Integrity,
    );
    for elsewhere in ["", ".", "store", "nowhere", "/nowhere/at/all", "../room/keys"] {
        let room = with(&whole, |text| format!("{text}outside = \"{elsewhere}\"\n"));
        refused(&room, &format!("outside in `{elsewhere}`"), Kind::Integrity);
    }
    let ids = ["\"\"", "\"x\"", "\"AAAAAAAAAAAAAAAAAAAAAA\"", "\"/////////////////////w\""];
    for id in ids {
        let room = with(&whole, |text| {
            let line = text.lines().find(|line| line.starts_with("room")).unwrap();
            text.replace(line, &format!("room = {id}"))
        });
        assert!(matches!(room.open().err().unwrap().kind(), Kind::Invalid | Kind::Integrity), "{id}");
        refused(&room, &format!("room {id}"), Kind::Integrity);
    }
}

#[test]
fn a_room_of_the_future_is_left_alone() {
    let whole = Closed::new();
    for (database, statement) in [
        ("store/store.db", "UPDATE room SET format = 3, reads_from = 3, writes_from = 3"),
        ("store/store.db", "UPDATE room SET format = 3, writes_from = 3"),
        ("store/store.db", "UPDATE room SET format = 4294967295, reads_from = 4294967295"),
        ("store/store.db", "UPDATE room SET format = 0"),
        ("keyring/keyring.db", "UPDATE keyring SET format = 2"),
    ] {
        let room = whole.copy();
        disk::sql(&room.part(database), statement);
        refused(&room, statement, Kind::Invalid);
    }
    for (database, statement) in [
        ("store/store.db", "UPDATE room SET format = -1"),
        ("store/store.db", "UPDATE room SET reads_from = 9223372036854775807"),
        ("store/store.db", "DELETE FROM room"),
        ("keyring/keyring.db", "UPDATE keyring SET format = -1"),
        ("keyring/keyring.db", "DELETE FROM keyring"),
        ("keyring/keyring.db", "DELETE FROM wrapping_key WHERE domain = 67"),
        ("keyring/keyring.db", "UPDATE wrapping_key SET domain = 200 WHERE domain = 66"),
    ] {
        let room = whole.copy();
        disk::sql(&room.part(database), statement);
        refused(&room, statement, Kind::Integrity);
    }
}
