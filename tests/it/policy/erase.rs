//! `right.erase`, broken.

use rusqlite::params;
use strongroom::room::{CaseRef, Class, Classes, Kept, Purpose, Why};

use super::{Busy, count};
use crate::{
    dba::bytes,
    erasure::{close, erase},
};

/// A room in which joe, who had closed his account, and jane are erased.
fn erased() -> Busy {
    let busy = Busy::new();
    let room = &busy.world().room;
    erase(room, busy.scene.joe.account()).unwrap();
    close(room, busy.scene.account());
    erase(room, busy.scene.account()).unwrap();
    busy
}

fn jane(busy: &Busy) -> Vec<u8> {
    bytes(busy.scene.account())
}

fn class(busy: &Busy, class: &str, found: &str) -> String {
    format!("account {}, class {class}: {found}", busy.scene.account())
}

fn person(busy: &Busy, found: &str) -> String {
    format!("account {}: {found}", busy.scene.account())
}

#[test]
fn every_clause_is_kept_after_erasures() {
    let busy = erased();
    let verdicts = busy.world().staff("vera").check_policy(&[], &Why::unstated(), |_| ()).unwrap().verdicts;
    for verdict in &verdicts {
        assert!(!matches!(verdict.kept, Kept::Broken { .. }), "{verdict:?}");
    }
    let verdict = busy.check("right.erase");
    assert_eq!(verdict.kept, Kept::Kept);
    assert_eq!(
        (count(&verdict, "classes that were erased"), count(&verdict, "people that were erased")),
        (10, 2)
    );
    let before = Busy::new().check("right.erase");
    assert_eq!(before.kept, Kept::NotApplicable, "nobody was erased");
}

#[test]
fn a_key_behind_a_fence_is_found() {
    let busy = erased();
    // What a fault would do that made a key for somebody who writes again: no fence is in its way by now.
    busy.keyring()
        .execute(
            "INSERT INTO data_key SELECT class, scope_kind, ?1, period, 2, wrapping_version, wrapped, check_value, NULL \
             FROM data_key WHERE class = 5 AND wrapped IS NOT NULL LIMIT 1",
            [jane(&busy)],
        )
        .unwrap();
    let moved =
        "UPDATE data_key SET class = 4, scope_kind = 1, period = 0 WHERE owner = ?1 AND generation = 2";
    assert_eq!(busy.keyring().execute(moved, [jane(&busy)]).unwrap(), 1);
    assert_eq!(busy.broken("right.erase"), [class(&busy, "support", "was erased, and has a live key")]);
}

#[test]
fn a_fence_that_was_taken_down_is_found() {
    let busy = erased();
    let gone = "DELETE FROM data_key WHERE class = 1 AND owner = ?1";
    assert_eq!(busy.keyring().execute(gone, [jane(&busy)]).unwrap(), 1);
    assert_eq!(
        busy.broken("right.erase"),
        [class(&busy, "identity", "was erased, and no fence stands behind it")]
    );
}

#[test]
fn a_row_that_came_back_is_found() {
    let busy = erased();
    let row = "INSERT INTO activity VALUES (randomblob(16), ?1, 1, 1, 1, x'01')";
    assert_eq!(busy.store().execute(row, [jane(&busy)]).unwrap(), 1);
    assert_eq!(busy.broken("right.erase"), [class(&busy, "activity", "was erased, and has rows")]);
}

#[test]
fn an_account_that_was_brought_back_is_found() {
    let busy = erased();
    let store = busy.store();
    store.execute("UPDATE account SET state = 1, closed_ms = NULL WHERE id = ?1", [jane(&busy)]).unwrap();
    busy.keyring()
        .execute(
            "INSERT INTO blind_index VALUES (1, 1, randomblob(32), ?1, 2, randomblob(16))",
            [jane(&busy)],
        )
        .unwrap();
    store
        .execute(
            "INSERT INTO session VALUES (randomblob(16), 2, ?1, randomblob(32), 0, 0, 0, NULL, 1, 0, randomblob(32))",
            [jane(&busy)],
        )
        .unwrap();
    assert_eq!(
        busy.broken("right.erase"),
        [
            person(&busy, "was erased, and its row says otherwise"),
            person(&busy, "was erased, and has a session"),
            person(&busy, "was erased, and is found by its address"),
        ]
    );
}

#[test]
fn a_clue_that_came_back_is_found() {
    let busy = erased();
    let row = "INSERT INTO clue VALUES (3, 1, randomblob(32), ?1, 1, 1, ?1, 0)";
    assert_eq!(busy.keyring().execute(row, [jane(&busy)]).unwrap(), 1);
    assert_eq!(
        busy.broken("right.erase"),
        [class(&busy, "identity", "was erased, and is found by what it held")]
    );
}

#[test]
fn a_loss_that_poses_as_an_erasure_is_found() {
    let busy = Busy::new();
    let destroyed = "UPDATE data_key SET wrapped = NULL, fenced_at = 3 WHERE class = 4 AND owner = ?1";
    assert_eq!(busy.keyring().execute(destroyed, [jane(&busy)]).unwrap(), 1);
    assert_eq!(
        busy.broken("right.erase"),
        [class(&busy, "support", "has a fence, and nothing tells of an erasure")]
    );
}

#[test]
fn what_a_hold_defers_needs_its_hold_and_its_intent() {
    let busy = Busy::new();
    let (room, account) = (&busy.world().room, busy.scene.joe.account());
    let lena = busy.world().staff("lena");
    let why = Why::purpose(Purpose::LegalObligation);
    let why = why.clone().case(CaseRef::Case(lena.open_case(Some(account), &why).unwrap()));
    let review = busy.world().clock.now().plus(std::time::Duration::from_secs(86_400));
    lena.place_hold(account, Classes::of(&[Class::Support]), review, &why).unwrap();
    erase(room, account).unwrap();
    let kept = busy.check("right.erase");
    assert_eq!((kept.kept.clone(), count(&kept, "classes that holds defer")), (Kept::Kept, 1));

    let support = |found: &str| format!("account {account}, class support: {found}");
    let store = busy.store();
    let held = crate::dba::Kept::of(&store, "hold", "state = 1");
    store.execute("DELETE FROM hold", []).unwrap();
    assert_eq!(busy.broken("right.erase"), [support("is put off, and no hold stands in the way")]);
    held.put_back(&store);
    store.execute("DELETE FROM intent", []).unwrap();
    assert_eq!(busy.broken("right.erase"), [support("was put off, and is forgotten")]);
}

#[test]
fn an_erasure_that_was_begun_and_forgotten_is_found_by_who_opens_later() {
    let busy = erased();
    // Its entry `done` is cut out of the log as somebody does who has the database: the log does not hold either.
    let store = busy.store();
    let done: i64 = store
        .query_row(
            "SELECT max(position) FROM audit_entry WHERE CAST(entry AS TEXT) LIKE '%\"erasure.done\"%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    store.execute("UPDATE audit_entry SET entry = CAST(replace(CAST(entry AS TEXT), 'erasure.done', 'erasure.gone') AS BLOB) WHERE position = ?1", params![done]).unwrap();
    let again = busy.world().again();
    let vera = again.staff(&again.assume("vera").unwrap().token);
    let verdict = vera.check_policy(&["right.erase"], &Why::unstated(), |_| ()).unwrap().verdicts.remove(0);
    let Kept::Broken { counter_examples, .. } = verdict.kept else { panic!("{verdict:?}") };
    let begun =
        counter_examples.iter().find(|one| one.found == "was begun to be erased, and is not done").unwrap();
    assert!(begun.place.starts_with(&format!("account {}, entry ", busy.scene.account())), "{begun}");
}
