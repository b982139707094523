//! Opening a room whose parts do not fit: each refusal has a kind, and nothing on the disk is changed by it.

mod configuration;
mod contents;
mod keys;
mod missing;
mod swapped;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use strongroom::room::{Kind, OpenRoomError, Room, RoomKind, verify};
use tempfile::TempDir;

use crate::{
    disk,
    world::{JANE, World, options},
};

/// A closed room with a customer, a ticket and an attachment; its outside is beside it.
struct Closed {
    directory: TempDir,
    clock: strongroom::room::Clock,
}

impl Closed {
    fn new() -> Self {
        Self::of_kind(RoomKind::Demo)
    }

    fn of_kind(kind: RoomKind) -> Self {
        let World { room, clock, directory } = World::new(kind);
        let world = World { room, clock, directory };
        let session = world.customer(JANE);
        if kind == RoomKind::Demo {
            let ticket = world.ticket(&session);
            world.room.owner(&session).attach(ticket, "a.txt", "text/plain", &b"content"[..]).unwrap();
        }
        let World { room, clock, directory } = world;
        drop(room);
        let closed = Self { directory, clock };
        closed.settle();
        closed
    }

    /// A copy that a test may spoil.
    fn copy(&self) -> Self {
        let directory = tempfile::tempdir().unwrap();
        disk::copy(&self.path(), &directory.path().join("room"));
        Self { directory, clock: self.clock.clone() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("room")
    }

    fn part(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn open(&self) -> Result<Room, OpenRoomError> {
        options(&self.path(), &self.clock).open()
    }

    /// Waits until the files are let go, and moves what is in write-ahead logs to where it belongs.
    fn settle(&self) {
        disk::closed(&self.path());
        for database in ["store/store.db", "keyring/keyring.db"] {
            disk::sql(&self.part(database), "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    /// Every file with its mode and bytes, without the engine's own scratch files.
    fn state(&self) -> Vec<(PathBuf, u32, Vec<u8>)> {
        disk::closed(&self.path());
        let kept = |name: &Path, bytes: &[u8]| {
            let name = name.to_string_lossy();
            !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty())
        };
        let files = disk::files(&self.path()).into_iter().filter(|(name, bytes)| kept(name, bytes));
        files
            .map(|(name, bytes)| (mode(&self.path().join(&name)), name, bytes))
            .map(|(m, n, b)| (n, m, b))
            .collect()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode()
}

/// The room does not open, for a reason of this kind, and stays as it is. Verification may answer what it likes, but it
/// answers, and it changes nothing either.
fn refused(room: &Closed, what: &str, kind: Kind) -> OpenRoomError {
    let before = room.state();
    let Err(error) = room.open() else { panic!("{what}: it opened") };
    assert_eq!(error.kind(), kind, "{what}: {error:?}");
    unchanged(room, what, &before);
    drop(verify(&room.path(), None, |_| ()));
    unchanged(room, &format!("{what}: verification"), &before);
    error
}

fn unchanged(room: &Closed, what: &str, before: &[(PathBuf, u32, Vec<u8>)]) {
    let after = room.state();
    let names =
        |state: &[(PathBuf, u32, Vec<u8>)]| state.iter().map(|file| file.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(before), names(&after), "{what}: files came or went");
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.1, after.1, "{what}: the mode of {}", before.0.display());
        assert!(before.2 == after.2, "{what}: {} was changed", before.0.display());
    }
}

/// The room opens, as whole as it was.
fn opens(room: &Closed, what: &str) -> Room {
    room.open().unwrap_or_else(|error| panic!("{what}: {error}"))
}

#[test]
fn a_room_opens_and_opening_changes_nothing() {
    let room = Closed::new();
    let before = room.state();
    drop(opens(&room, "whole"));
    room.settle();
    unchanged(&room, "opening", &before);
    drop(opens(&room.copy(), "a copy"));
}
