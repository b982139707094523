//! Backups: consistent while everybody works, whole or none, keys apart from data.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use rusqlite::Connection;
use strongroom::room::{Backup, BackupError, BackupKind, Kind, LogPart, Page, Room, Why};

use crate::{
    disk,
    world::{JANE, World, options},
};

fn quiet(_: u64, _: u64) {}

/// A world with something of each kind, whose newest keys have left the write-ahead logs.
pub fn furnished() -> World {
    let world = World::demo();
    let owner = world.customer(JANE);
    let ticket = world.ticket(&owner);
    for (name, content) in [("a.txt", &b"content"[..]), ("b.bin", &[7; 40_000])] {
        world.room.owner(&owner).attach(ticket, name, "text/plain", content).unwrap();
    }
    world
}

fn both(world: &World) -> (PathBuf, PathBuf, Backup, Backup) {
    let (data, keyring) = (world.directory.path().join("data"), world.directory.path().join("kept"));
    let first = world.room.backup_data(&data, quiet).unwrap();
    let second = world.room.backup_keyring(&keyring, quiet).unwrap();
    (data, keyring, first, second)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn modes(directory: &Path) {
    assert_eq!(mode(directory), 0o700, "{}", directory.display());
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { modes(&path) } else { assert_eq!(mode(&path), 0o600, "{}", path.display()) }
    }
}

#[test]
fn a_backup_is_its_owner_s_alone_is_told_and_is_recorded() {
    let world = furnished();
    let before = world.room.log_size().unwrap();
    let (data, keyring, first, second) = both(&world);
    modes(&data);
    modes(&keyring);
    assert_eq!((first.kind, second.kind), (BackupKind::Data, BackupKind::Keyring));
    assert_eq!((first.size, first.files, first.position), (before, 4, before));
    assert_eq!((second.size, second.files, second.position), (before + 1, 1, before + 1));
    let names = |directory: &Path| {
        disk::files(directory).into_keys().map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&keyring), ["keyring.db", "manifest.json"]);
    let data_names = names(&data);
    assert_eq!(data_names.len(), 5, "{data_names:?}");
    assert!(data_names.iter().filter(|name| name.starts_with("blobs/")).count() == 2, "{data_names:?}");

    let vera = world.staff("vera");
    let entries = vera.audit_log(LogPart::All, before, &Page::first(2), &Why::unstated()).unwrap().entries;
    for (entry, (kind, backup)) in entries.iter().zip([("data", first), ("keyring", second)]) {
        assert_eq!(entry.entry.what.name(), "backup.taken");
        assert!(entry.line.contains("\"actor\":\"system\""), "{}", entry.line);
        let data = format!("\"data\":{{\"kind\":\"{kind}\",\"size\":{},", backup.size);
        assert!(entry.line.contains(&data), "{}", entry.line);
    }
}

#[test]
fn a_backup_of_the_data_holds_no_key() {
    let world = furnished();
    let (data, ..) = both(&world);
    let keyring = Connection::open(world.path().join("keyring/keyring.db")).unwrap();
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    for query in [
        "SELECT wrapped FROM data_key WHERE wrapped IS NOT NULL",
        "SELECT wrapped FROM wrapping_key WHERE wrapped IS NOT NULL",
        "SELECT mac FROM blind_index",
    ] {
        let mut rows = keyring.prepare(query).unwrap();
        secrets.extend(rows.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap().map(Result::unwrap));
    }
    let wrapped = secrets.len();
    for (_, line) in disk::files(&world.path().join("keys")) {
        let key = line.rsplit(|byte| *byte == b' ').next().unwrap().trim_ascii_end();
        secrets.push(key.to_vec());
    }
    assert!(wrapped > 20 && secrets.len() == wrapped + 10, "{wrapped} and {}", secrets.len());
    let found = |directory: &Path| {
        let files = disk::files(directory);
        let holds = |secret: &Vec<u8>| {
            files.values().any(|file| file.windows(secret.len()).any(|window| window == secret.as_slice()))
        };
        secrets.iter().filter(|secret| holds(secret)).count()
    };
    assert_eq!(found(&data), 0);
    assert_eq!(found(&world.path().join("keyring")), wrapped, "the search finds what is there");
}

fn refused(result: Result<Backup, BackupError>, what: &str) {
    let error = result.err().unwrap_or_else(|| panic!("{what}: it was taken"));
    assert_eq!(error.kind(), Kind::Conflict, "{what}: {error}");
}

#[test]
fn the_keyring_goes_nowhere_near_the_data() {
    let world = furnished();
    let at = |name: &str| world.directory.path().join(name);
    let (data, kept, ..) = both(&world);
    symlink(&data, at("link")).unwrap();
    symlink(data.join("blobs"), at("inner")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    let keyring = |path: PathBuf| world.room.backup_keyring(&path, quiet);
    refused(keyring(data.clone()), "the same path");
    refused(keyring(at("link")), "the same through a link");
    refused(keyring(data.join("keyring")), "inside");
    refused(keyring(at("link/keyring")), "inside through a link");
    refused(keyring(at("inner/keyring")), "deep inside through a link");
    refused(keyring(at("kept/../data/keyring")), "inside by a detour");
    refused(keyring(world.directory.path().to_path_buf()), "around");
    refused(keyring(world.path().join("keyring/backup")), "inside the room");
    refused(keyring(world.path().join("backup")), "inside the room's directory");
    refused(world.room.backup_data(&kept.join("data"), quiet), "the data inside the keyring");
    refused(world.room.backup_data(&data, quiet), "the data once more");
    assert!(keyring(at("dangling")).is_err() && !at("nowhere").exists(), "a link that leads nowhere");
    // A backup that has not come to its manifest yet has its database already.
    fs::remove_file(data.join("manifest.json")).unwrap();
    refused(keyring(data.join("keyring")), "inside one that is being taken");
    assert_eq!(disk::files(&data).len(), 4, "nothing came");
    fs::create_dir(at("empty")).unwrap();
    fs::set_permissions(at("empty"), fs::Permissions::from_mode(0o755)).unwrap();
    keyring(at("empty")).unwrap();
    assert_eq!(mode(&at("empty")), 0o700);
}

#[test]
fn a_missing_or_cut_blob_is_told_and_an_erased_one_is_not() {
    let world = furnished();
    let blobs = disk::files(&world.path().join("store/blobs"));
    let blob = world.path().join("store/blobs").join(blobs.keys().next().unwrap());
    let bytes = fs::read(&blob).unwrap();
    let id = blob.file_name().unwrap().to_str().unwrap();
    let gone = format!("DELETE FROM attachment WHERE id = x'{id}'");
    let taken = |name: &str| world.room.backup_data(&world.directory.path().join(name), quiet);
    fs::write(&blob, &bytes[..bytes.len() - 1]).unwrap();
    let cut = taken("cut").err().unwrap();
    assert!(matches!(cut, BackupError::Blob { .. }) && cut.kind() == Kind::Integrity, "{cut}");
    fs::remove_file(&blob).unwrap();
    assert!(matches!(taken("missing").err(), Some(BackupError::Blob { .. })));
    for name in ["cut", "missing"] {
        assert!(!world.directory.path().join(name).join("manifest.json").exists(), "{name}");
    }
    // An erasure takes row and blob while the database is copied.
    let row = |_: u64, _: u64| disk::sql(&world.path().join("store/store.db"), &gone);
    let backup = world.room.backup_data(&world.directory.path().join("erased"), row).unwrap();
    assert_eq!(backup.files, 3);
    assert!(world.directory.path().join("erased/manifest.json").exists());
}

#[test]
fn a_backup_is_one_state_while_eight_write() {
    let world = furnished();
    let owner = world.customer("eve@example.com");
    let stop = AtomicBool::new(false);
    let write = |room: &Room| {
        while !stop.load(Ordering::SeqCst) {
            let ticket = room.owner(&owner).open_ticket("One more", "Text").unwrap().ticket;
            room.owner(&owner).attach(ticket, "c.txt", "text/plain", &b"more"[..]).unwrap();
        }
    };
    let again = world.again();
    let (data, keyring, first, _) = thread::scope(|scope| {
        for writer in 0..8 {
            // Half of them as another process would.
            let room = if writer % 2 == 0 { &world.room } else { &again };
            scope.spawn(move || write(room));
        }
        let before = world.room.log_size().unwrap();
        while world.room.log_size().unwrap() < before + 20 {
            thread::yield_now();
        }
        let taken = both(&world);
        stop.store(true, Ordering::SeqCst);
        taken
    });
    assert!(first.position >= first.size && world.room.log_size().unwrap() > first.size + 2);
    // The copy is a database of its own, whose rows and blobs are of one moment.
    let copy = Connection::open(data.join("store.db")).unwrap();
    let count = |query: &str| copy.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned();
    assert_eq!(count("SELECT count(*) FROM audit_entry"), first.size);
    assert_eq!(copy.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
    assert_eq!(count("SELECT count(*) FROM attachment"), disk::files(&data.join("blobs")).len() as u64);
    let keys = Connection::open(keyring.join("keyring.db")).unwrap();
    let missing: i64 = {
        keys.execute("ATTACH DATABASE ?1 AS data", [data.join("store.db").to_str().unwrap()]).unwrap();
        let query =
            "SELECT count(*) FROM data.account WHERE id NOT IN (SELECT owner FROM data_key WHERE class = 1)";
        keys.query_row(query, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(missing, 0, "the keyring has a key for everybody in the data");
}

/// Longer than is copied at once, and somebody writes in between.
#[test]
fn a_backup_is_one_state_though_somebody_writes_while_it_is_copied() {
    let world = World::demo();
    let owner = world.customer(JANE);
    let text = "x".repeat(250_000);
    for _ in 0..20 {
        world.room.owner(&owner).open_ticket("Long", &text).unwrap();
    }
    let data = world.directory.path().join("data");
    let mut writes = 0;
    let write = |done: u64, all: u64| {
        if writes == 0 && done < all / 2 {
            writes += 1;
            world.room.owner(&owner).open_ticket("Meanwhile", "Text").unwrap();
        }
    };
    let backup = world.room.backup_data(&data, write).unwrap();
    assert_eq!((writes, backup.position), (1, backup.size + 1), "while it was copied");
    let copy = Connection::open(data.join("store.db")).unwrap();
    let count = |query: &str| copy.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned();
    assert_eq!(
        (count("SELECT count(*) FROM audit_entry"), count("SELECT count(*) FROM ticket")),
        (backup.size, 20)
    );
    assert_eq!(copy.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
}

#[test]
fn another_process_s_backup_does_not_disturb_an_open_room() {
    let world = furnished();
    let size = world.room.log_size().unwrap();
    let other = options(&world.path(), &world.clock).open().unwrap();
    other.backup_data(&world.directory.path().join("data"), quiet).unwrap();
    world.staff("sam");
    assert_eq!(world.room.log_size().unwrap(), size + 2);
}
