//! The ledger and the keyring are held against each other: neither goes back alone.

use std::fs;

use strongroom::room::Class;

use super::Jane;
use crate::dba::{Copy, change};

fn erased() -> (Jane, Copy) {
    let jane = Jane::new();
    let before = Copy::of(&jane.world);
    jane.erase();
    (jane, before)
}

#[test]
fn a_keyring_of_yesterday_is_refused() {
    let (jane, before) = erased();
    let today = Copy::of(&jane.world);
    assert!(today.open().is_ok());
    today.put("keyring", &before);
    assert!(today.refused().contains("older than the erasure ledger"));
    // With yesterday's ledger beside it, the log's head still knows.
    today.put("outside/erasure.ledger", &before);
    assert!(today.refused().contains("older than the log's head"));
}

#[test]
fn a_ledger_that_was_changed_or_cut_is_refused() {
    let (jane, before) = erased();
    let today = Copy::of(&jane.world);
    let path = today.path().join("outside/erasure.ledger");
    let whole = fs::read_to_string(&path).unwrap();
    for (edited, why) in [
        (whole.replace(" identity ", " support "), "changed"),
        (whole.split_once('\n').unwrap().1.to_owned(), "changed"),
        (String::new(), "cut off"),
    ] {
        fs::write(&path, edited).unwrap();
        assert!(today.refused().contains(why), "{why}");
    }
    fs::remove_file(&path).unwrap();
    assert!(today.refused().contains("missing"));
    today.put("outside/erasure.ledger", &before);
    assert!(today.refused().contains("cut off"));
    fs::write(&path, whole).unwrap();
    assert!(today.open().is_ok());
}

#[test]
fn an_intent_that_was_invented_destroys_nothing() {
    let jane = Jane::new();
    let copy = Copy::of(&jane.world);
    let id = crate::dba::bytes(jane.account());
    let insert = "INSERT INTO intent VALUES (?1, 1, 0, 1, 5, zeroblob(32))";
    change(&copy.store(), insert, [&id], 1);
    assert!(copy.refused().contains("intent") || copy.refused().contains("confer authority"));
    let live = "SELECT count(*) FROM data_key WHERE owner = ?1 AND wrapped IS NOT NULL";
    let live: i64 = copy.keyring().query_row(live, [&id], |row| row.get(0)).unwrap();
    assert_eq!(live, 6, "{:?}", Class::ALL);
}
