//! With the disk in hand: after an erasure the wrapped keys are in no file of the room, not in freed pages and not in
//! the databases' logs.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use strongroom::room::{AccountId, ImportOptions, LineRefused, Room};

use super::{Jane, close, erase};
use crate::{
    dba::{self, Copy},
    import::file,
    scene::{staff, support},
};

/// Every wrapped key of an account that is to go, as the keyring holds it now: but for the year that law keeps.
pub fn wrapped(room: &Path, account: AccountId) -> Vec<Vec<u8>> {
    let sql = Connection::open(room.join("keyring/keyring.db")).unwrap();
    let mut keys =
        sql.prepare("SELECT wrapped FROM data_key WHERE owner = ?1 AND period IN (0, 2015)").unwrap();
    keys.query_map([dba::bytes(account)], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The files that hold one of these keys: half of its nonce, or half of its ciphertext, is enough.
pub fn holding(room: &Path, keys: &[Vec<u8>]) -> Vec<PathBuf> {
    let parts: HashSet<&[u8]> =
        keys.iter().flat_map(|key| [&key[1..13], &key[25..37], &key[41..53]]).collect();
    let holds =
        |path: &PathBuf| written(&std::fs::read(path).unwrap()).windows(12).any(|part| parts.contains(part));
    files(room).into_iter().filter(holds).collect()
}

/// A file without the empty pages at its end, but for one: the reserve is thousands of them.
fn written(mut content: &[u8]) -> &[u8] {
    while content.ends_with(&[0; 2 * 4096]) {
        content = &content[..content.len() - 4096];
    }
    content
}

/// What the program does to the keyring, by an engine that leaves deleted bytes where they are.
fn carelessly(copy: &Copy, account: AccountId) {
    let sql = copy.keyring();
    sql.execute_batch("PRAGMA secure_delete = OFF").unwrap();
    let destroy = "UPDATE data_key SET wrapped = NULL, fenced_at = 9 WHERE owner = ?1";
    assert!(sql.execute(destroy, [dba::bytes(account)]).unwrap() > 0);
    sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

#[test]
fn the_keys_of_the_erased_are_in_no_file() {
    let jane = Jane::new();
    let keys = wrapped(&jane.world.path(), jane.account());
    assert_eq!(keys.len(), 5);
    close(&jane.world.room, jane.account());
    assert!(!holding(&jane.world.path(), &keys).is_empty(), "they are found while they are there");
    let control = Copy::of(&jane.world);
    erase(&jane.world.room, jane.account()).unwrap();
    assert_eq!(holding(&jane.world.path(), &keys), [] as [PathBuf; 0]);

    carelessly(&control, jane.account());
    assert!(!holding(&control.path(), &keys).is_empty(), "without overwriting they would be found");
}

fn import(room: &Room, customers: u32) {
    let refused = |_: &LineRefused<'_>| panic!("refused");
    let report =
        room.import_accounts(file(0..customers).as_bytes(), ImportOptions::default(), refused, |_| ());
    assert_eq!(report.unwrap().accepted, u64::from(customers));
}

/// Rows move between pages as the tree grows: what a page held before is freed too.
#[test]
fn keys_that_moved_from_page_to_page_left_nothing_behind() {
    let jane = Jane::new();
    let room = &jane.world.room;
    import(room, 60);
    let sam = staff(room, "sam");
    let find = |number: u32| sam.find(&format!("c{number}@example.com"), &support()).unwrap();
    let some: Vec<_> = (0..60).step_by(5).map(find).collect();
    let keys: Vec<_> = some.iter().flat_map(|account| wrapped(&jane.world.path(), *account)).collect();
    import_more(room);
    for account in &some {
        close(room, *account);
        erase(room, *account).unwrap();
    }
    assert_eq!(holding(&jane.world.path(), &keys), [] as [PathBuf; 0]);
}

fn import_more(room: &Room) {
    let refused = |_: &LineRefused<'_>| Ok(());
    room.import_accounts(file(0..600).as_bytes(), ImportOptions::default(), refused, |_| ()).unwrap();
}
