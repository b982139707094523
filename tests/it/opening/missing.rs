//! Rooms without one of their parts.

use std::fs;

use strongroom::room::Kind;

use super::{Closed, opens, refused};
use crate::disk;

fn without(room: &Closed, part: &str) -> Closed {
    let copy = room.copy();
    let path = copy.part(part);
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
    copy
}

#[test]
fn a_missing_part_is_told() {
    let whole = Closed::new();
    for (part, kind) in [
        ("room.toml", Kind::NotFound),
        ("store", Kind::Unavailable),
        ("store/store.db", Kind::Unavailable),
        ("store/blobs", Kind::Unavailable),
        ("keyring", Kind::Unavailable),
        ("keyring/keyring.db", Kind::Unavailable),
        ("keys", Kind::Unavailable),
        ("outside", Kind::Integrity),
        ("outside/erasure.ledger", Kind::Integrity),
    ] {
        refused(&without(&whole, part), &format!("no {part}"), kind);
    }
    for key in disk::files(&whole.part("keys")).into_keys() {
        let part = format!("keys/{}", key.display());
        let error = refused(&without(&whole, &part), &format!("no {part}"), Kind::Unavailable);
        assert!(error.to_string().contains(&part), "{error}");
    }
    let room = without(&without(&whole, "outside/checkpoint.a"), "outside/checkpoint.b");
    refused(&room, "no checkpoint", Kind::Integrity);
    let nowhere = Closed { directory: tempfile::tempdir().unwrap(), clock: whole.clock.clone() };
    assert_eq!(nowhere.open().err().unwrap().kind(), Kind::NotFound);
}

/// One checkpoint of two, and locks, which hold nothing: the room opens, and works.
#[test]
fn what_can_be_spared_is_spared() {
    let whole = Closed::new();
    for part in [
        "outside/checkpoint.a",
        "outside/checkpoint.b",
        "store/lane.lock",
        "store/lane.turn",
        "keyring/keyring.lock",
        "keyring/keyring.turn",
    ] {
        let room = without(&whole, part);
        let opened = opens(&room, part);
        opened.assume("sam").unwrap();
        opened.assume("lea").unwrap();
        let size = opened.log_size().unwrap();
        drop(opened);
        assert_eq!(opens(&room, part).log_size().unwrap(), size, "{part}");
    }
}
