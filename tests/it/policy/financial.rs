//! `keep.financial`, broken.

use strongroom::room::Kept;

use super::{Busy, count};
use crate::{dba::bytes, format::one_erasure};

fn place(busy: &Busy) -> String {
    format!("account {}, year 2026", busy.scene.account())
}

#[test]
fn a_key_that_was_destroyed_within_its_period_is_named() {
    let busy = Busy::new();
    let destroyed = busy
        .keyring()
        .execute(
            "UPDATE data_key SET wrapped = NULL, fenced_at = 3 WHERE class = 3 AND owner = ?1",
            [bytes(busy.scene.account())],
        )
        .unwrap();
    assert_eq!(destroyed, 1);
    let place = place(&busy);
    assert_eq!(
        busy.broken("keep.financial"),
        [
            format!("{place}: has records, and their key was destroyed"),
            format!("{place}: was fenced before its period ended"),
        ]
    );
}

#[test]
fn a_line_of_the_ledger_is_named() {
    let busy = Busy::new();
    for (year, found) in
        [(2018, None), (2026, Some("stands in the ledger of erasures before its period ended"))]
    {
        one_erasure(&busy.world().path(), "billing", &bytes(busy.scene.account()), year);
        match found {
            None => assert_eq!(busy.check("keep.financial").kept, Kept::Kept),
            Some(found) => assert_eq!(busy.broken("keep.financial"), [format!("{}: {found}", place(&busy))]),
        }
    }
}

#[test]
fn a_key_that_is_missing_is_named() {
    let busy = Busy::new();
    busy.keyring()
        .execute("DELETE FROM data_key WHERE class = 3 AND owner = ?1", [bytes(busy.scene.account())])
        .unwrap();
    let place = place(&busy);
    assert_eq!(busy.broken("keep.financial"), [format!("{place}: has records, and their key is missing")]);
}

#[test]
fn a_record_that_was_deleted_is_named_with_its_entry() {
    let busy = Busy::new();
    assert_eq!(
        busy.store()
            .execute("DELETE FROM invoice WHERE account = ?1", [bytes(busy.scene.account())])
            .unwrap(),
        1
    );
    let found = busy.broken("keep.financial");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("invoice ") && found[0].ends_with(": was recorded, and is not there"),
        "{found:?}"
    );
    assert!(found[0].contains(", entry "), "{found:?}");
}

/// Makes everything that was recorded a matter of another year, and destroys the keys.
fn of_year(year: u32) -> Busy {
    let busy = Busy::new();
    let store = busy.store();
    for table in ["payment", "invoice"] {
        store.execute(&format!("UPDATE {table} SET year = ?1"), [year]).unwrap();
    }
    let gone = "UPDATE data_key SET period = ?1, wrapped = NULL, fenced_at = 3 WHERE class = 3";
    assert_eq!(busy.keyring().execute(gone, [year]).unwrap(), 2);
    busy
}

#[test]
fn seven_years_after_the_end_of_the_year_the_key_may_go_and_not_before() {
    let ended = of_year(2018).check("keep.financial");
    assert_eq!(ended.kept, Kept::Kept);
    assert_eq!(count(&ended, "years of accounts within their period"), 0);
    assert_eq!(count(&ended, "fences behind billing"), 2);
    assert_eq!(of_year(2019).broken("keep.financial").len(), 4);
}
