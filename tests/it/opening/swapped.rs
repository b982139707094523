//! Parts of another room, and older parts of the same.

use std::fs;

use strongroom::room::{Kind, LogPart, Page, RoomKind};

use super::{Closed, opens, refused};
use crate::{
    disk,
    world::{JANE, World},
};

/// Every part of a room.
const PARTS: [&str; 5] = ["room.toml", "store", "keyring", "keys", "outside"];

/// Puts another room's part in the place of this one's.
fn swap(room: &Closed, other: &Closed, part: &str) {
    let (ours, theirs) = (room.part(part), other.part(part));
    if theirs.is_dir() {
        fs::remove_dir_all(&ours).unwrap();
        disk::copy(&theirs, &ours);
    } else {
        fs::copy(theirs, ours).unwrap();
    }
}

#[test]
fn another_rooms_parts_do_not_fit_in_any_combination() {
    let (one, other) = (Closed::new(), Closed::new());
    for chosen in 1..(1_u32 << PARTS.len()) - 1 {
        let room = one.copy();
        let swapped: Vec<_> =
            PARTS.iter().enumerate().filter(|(n, _)| chosen >> n & 1 == 1).map(|(_, part)| *part).collect();
        for part in &swapped {
            swap(&room, &other, part);
        }
        refused(&room, &format!("another's {swapped:?}"), Kind::Integrity);
    }
    let room = one.copy();
    PARTS.iter().for_each(|part| swap(&room, &other, part));
    drop(opens(&room, "all of another's"));
}

#[test]
fn another_rooms_single_files_do_not_fit() {
    let (one, other) = (Closed::new(), Closed::new());
    let keys = disk::files(&one.part("keys")).into_keys().map(|name| format!("keys/{}", name.display()));
    let databases = ["store/store.db", "keyring/keyring.db"].map(str::to_owned);
    for file in keys.chain(databases) {
        let room = one.copy();
        swap(&room, &other, &file);
        refused(&room, &file, Kind::Integrity);
    }
}

#[test]
fn a_real_room_does_not_become_a_demonstration() {
    let real = Closed::of_kind(RoomKind::Real);
    let text = fs::read_to_string(real.part("room.toml")).unwrap();
    let id = text
        .lines()
        .find_map(|line| line.strip_prefix("room = \""))
        .unwrap()
        .trim_end_matches('"')
        .to_owned();
    let room: strongroom::room::RoomId = id.parse().unwrap();
    let mut bytes = *room.as_bytes();
    assert_eq!(bytes[0], 1);
    bytes[0] = 2;
    let pretended = strongroom::room::RoomId::from_bytes(bytes).to_string();
    let set = |table: &str, column: &str| {
        let blob: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("UPDATE {table} SET {column} = x'{blob}'")
    };
    fs::write(real.part("room.toml"), text.replace(&id, &pretended)).unwrap();
    refused(&real, "room.toml says demonstration", Kind::Integrity);
    disk::sql(&real.part("store/store.db"), &set("room", "id"));
    refused(&real, "the store says so too", Kind::Integrity);
    disk::sql(&real.part("keyring/keyring.db"), &set("keyring", "room"));
    refused(&real, "and the keyring", Kind::Integrity);
}

#[test]
fn an_older_store_is_refused_and_an_older_checkpoint_is_caught_up_with() {
    let old = Closed::new();
    let new = old.copy();
    let world = World { room: opens(&new, "new"), clock: new.clock.clone(), directory: new.directory };
    world.staff("sam");
    world.customer("eve@example.com");
    let (size, World { room, clock, directory }) = (world.room.log_size().unwrap(), world);
    drop(room);
    let new = Closed { directory, clock };
    new.settle();

    let room = new.copy();
    swap(&room, &old, "store");
    refused(&room, "an older store", Kind::Integrity);
    swap(&room, &old, "keyring");
    refused(&room, "an older store and keyring", Kind::Integrity);

    let room = new.copy();
    swap(&room, &old, "outside");
    let opened = opens(&room, "an older checkpoint");
    assert_eq!(opened.log_size().unwrap(), size + 1, "what the head covers is accepted under an entry");
    let vera = opened.staff(&opened.assume("vera").unwrap().token);
    let entries = vera
        .audit_log(LogPart::All, size, &Page::first(1), &strongroom::room::Why::unstated())
        .unwrap()
        .entries;
    assert_eq!(entries[0].entry.what.name(), "log.recovered");
    drop((vera, opened));

    // One more login by the older store alone: a head of the same size as the checkpoint's, and another root.
    let (fork, ahead) = (old.copy(), old.copy());
    for (room, handle) in [(&fork, "lea"), (&ahead, "sam")] {
        drop(opens(room, "a fork").assume(handle).unwrap());
        room.settle();
    }
    swap(&fork, &ahead, "outside");
    refused(&fork, "a fork of the same size", Kind::Integrity);
    let room = old.copy();
    assert_eq!(opens(&room, "old").login(JANE, &crate::world::secret("wrong")).map(drop).ok(), Some(()));
}
