//! What a power cut leaves between the database and its outside checkpoint is settled at the next opening, and what
//! no cut leaves is refused.

use std::{fs, path::Path};

use rusqlite::Connection;
use strongroom::room::{Kind, LogPart, OpenRoomError, Page, Room, Why};

use crate::world::{JANE, World, options};

/// A world whose checkpoint files are three entries behind its log.
fn behind() -> World {
    let world = World::demo();
    let outside = world.path().join("outside");
    let kept: Vec<_> =
        ["checkpoint.a", "checkpoint.b"].iter().map(|name| fs::read(outside.join(name)).unwrap()).collect();
    let owner = world.customer(JANE);
    world.room.owner(&owner).open_ticket("One", "Text").unwrap();
    world.room.owner(&owner).open_ticket("Two", "Text").unwrap();
    for (name, bytes) in ["checkpoint.a", "checkpoint.b"].iter().zip(kept) {
        fs::write(outside.join(name), bytes).unwrap();
    }
    world
}

fn open(world: &World) -> Result<Room, OpenRoomError> {
    options(&world.path(), &world.clock).open()
}

fn sql(path: &Path, text: &str) {
    Connection::open(path.join("store/store.db")).unwrap().execute_batch(text).unwrap();
}

#[test]
fn entries_past_the_checkpoint_are_accepted_under_an_entry() {
    let world = behind();
    let size = world.room.log_size().unwrap();
    let room = open(&world).unwrap();
    assert_eq!(room.log_size().unwrap(), size + 1);
    let login = room.assume("vera").unwrap();
    let entries = room
        .staff(&login.token)
        .audit_log(LogPart::All, size, &Page::first(1), &Why::unstated())
        .unwrap()
        .entries;
    assert!(entries[0].line.contains("\"event\":\"log.recovered\""), "{}", entries[0].line);
    assert!(
        entries[0].line.contains(&format!("\"data\":{{\"from\":1,\"to\":{size}}}")),
        "{}",
        entries[0].line
    );
    assert_eq!(
        open(&world).unwrap().log_size().unwrap(),
        size + 3,
        "settled once: login and reading alone are new"
    );
}

#[test]
fn entries_that_the_head_does_not_cover_are_refused() {
    for tampering in [
        "DROP TRIGGER audit_entry_kept; UPDATE audit_entry SET entry = x'7b7d' WHERE position = 2",
        "DROP TRIGGER audit_entry_kept; UPDATE audit_entry SET leaf = zeroblob(32) WHERE position = 2",
        "DROP TRIGGER audit_entry_stays; DELETE FROM audit_entry WHERE position = 2",
        "DROP TRIGGER audit_entry_stays; DELETE FROM audit_entry WHERE position = 3",
    ] {
        let world = behind();
        sql(&world.path(), tampering);
        let refused = open(&world).err().unwrap();
        assert_eq!(refused.kind(), Kind::Integrity, "{tampering}: {refused}");
    }
}
