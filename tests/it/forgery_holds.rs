//! Holds edited, moved, invented, put back or taken away by SQL: whoever asks which holds there are is stopped, the
//! room does not open again, and verification names them. Nothing is destroyed on the strength of a table.

use std::time::Duration;

use rusqlite::params;
use strongroom::room::{
    CaseRef, Class, Classes, Failure, HoldId, Purpose, Room, Severity, Staff, StaffError, Verified, Why,
};

use crate::{
    dba::{Copy, Kept, bytes, change, is},
    scene::{Scene, staff},
};

fn legal(lena: &Staff, scene: &Scene) -> Why {
    let why = Why::purpose(Purpose::LegalObligation);
    let case = lena.open_case(Some(scene.account()), &why).unwrap();
    why.case(CaseRef::Case(case))
}

fn place(scene: &Scene) -> (Staff, Why, HoldId) {
    let lena = scene.world.staff("lena");
    let why = legal(&lena, scene);
    let review = scene.world.clock.now().plus(Duration::from_secs(9 * 24 * 3600));
    let hold = lena.place_hold(scene.account(), Classes::of(&[Class::Support]), review, &why).unwrap();
    (lena, why, hold)
}

/// What somebody who asks in the room at work is told.
fn asked(room: &Room) -> String {
    match staff(room, "priya").holds(None, &crate::world::FIRST, &Why::unstated()) {
        Err(error @ StaffError::Failed(Failure::Forged { .. } | Failure::Store(_))) => {
            assert_eq!(error.kind(), strongroom::room::Kind::Integrity);
            error.to_string()
        }
        Err(other) => panic!("not an integrity failure: {other}"),
        Ok(holds) => panic!("{} holds were listed", holds.rows.len()),
    }
}

/// The holds that verification says are not the log's.
fn differing(verified: &Verified) -> Vec<String> {
    let faults = &verified.report.faults;
    assert!(faults.iter().all(|fault| fault.kind.name() == "holds_differ"), "{faults:?}");
    faults.iter().map(|fault| fault.place.to_string()).collect()
}

#[test]
fn an_edited_hold_stops_whoever_asks() {
    let scene = Scene::new();
    let (_, _, hold) = place(&scene);
    let joe = is("id", scene.joe.account());
    for edit in [
        "state = 2",
        "classes = 1",
        "review_ms = review_ms - 1",
        "placed_by = zeroblob(16)",
        "case_kind = 1",
        "case_id = zeroblob(16)",
        &format!("account = (SELECT id FROM account WHERE {joe})"),
        "changed_at = changed_at + 1",
    ] {
        let copy = Copy::of(&scene.world);
        let room = copy.room();
        change(&copy.store(), &format!("UPDATE hold SET {edit}"), [], 1);
        assert!(asked(&room).contains("a hold row was written past this program"), "{edit}");
        let findings = room.doctor().unwrap();
        let holds = findings.iter().find(|finding| finding.check == "holds").unwrap();
        assert_eq!(holds.severity, Severity::Fault, "{edit}");
        drop(room);
        let forged = copy.authority_is_found();
        assert_eq!(
            (forged.len(), forged[0].kind, forged[0].id.as_str()),
            (1, "hold", &*hold.to_string()),
            "{edit}"
        );
        assert_eq!(differing(&copy.verify()), [format!("hold {hold}")], "{edit}");
    }
    // Only its MAC: the log gives the same hold.
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    change(&copy.store(), "UPDATE hold SET mac = zeroblob(32)", [], 1);
    asked(&room);
    drop(room);
    assert_eq!(copy.authority_is_found().len(), 1);
    assert!(differing(&copy.verify()).is_empty());
}

#[test]
fn a_hold_taken_away_is_missed() {
    let scene = Scene::new();
    let (_, _, hold) = place(&scene);
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    change(&copy.store(), "DELETE FROM hold WHERE id = ?1", [bytes(hold)], 1);
    assert!(asked(&room).contains("not those of the log's head"));
    drop(room);
    assert!(copy.authority_is_found().is_empty(), "no row is wrong: one is gone");
    assert_eq!(differing(&copy.verify()), [format!("hold {hold}")]);
}

#[test]
fn an_invented_hold_is_none() {
    let scene = Scene::new();
    let (_, _, hold) = place(&scene);
    let invented: HoldId = "7u7u7u7u7u7u7u7u7u7u7g".parse().unwrap();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    change(
        &copy.store(),
        "INSERT INTO hold SELECT ?1, ?2, classes, placed_by, case_kind, case_id, review_ms, state, changed_at, mac FROM hold WHERE id = ?3",
        params![bytes(invented), bytes(scene.joe.account()), bytes(hold)],
        1,
    );
    asked(&room);
    let lena = staff(&room, "lena");
    let why = legal(&lena, &scene);
    assert!(matches!(lena.release_hold(invented, &why), Err(StaffError::NotFound)));
    drop(room);
    assert_eq!(copy.authority_is_found()[0].id, invented.to_string());
    assert_eq!(differing(&copy.verify()), [format!("hold {invented}")]);
}

/// Both rows are genuine: one of them is old.
#[test]
fn a_released_hold_put_back_is_found() {
    let scene = Scene::new();
    let (lena, why, hold) = place(&scene);
    let live = {
        let copy = Copy::of(&scene.world);
        Kept::of(&copy.store(), "hold", &is("id", hold))
    };
    lena.release_hold(hold, &why).unwrap();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    assert!(
        staff(&room, "priya").holds(None, &crate::world::FIRST, &Why::unstated()).unwrap().rows.is_empty()
    );
    live.put_back(&copy.store());
    assert!(asked(&room).contains("not those of the log's head"));
    drop(room);
    assert!(copy.authority_is_found().is_empty());
    assert_eq!(differing(&copy.verify()), [format!("hold {hold}")]);
}

#[test]
fn a_hold_that_says_nothing_known_is_no_hold() {
    let scene = Scene::new();
    place(&scene);
    for edit in ["state = 3", "case_kind = 0", "classes = 256", "review_ms = -1"] {
        let copy = Copy::of(&scene.world);
        let room = copy.room();
        change(&copy.store(), &format!("UPDATE hold SET {edit}"), [], 1);
        asked(&room);
        drop(room);
        copy.refused();
        let verified = copy.verify();
        assert_eq!(verified.authority, Some(false), "{edit}");
        assert!(!verified.is_sound() && verified.report.faults.is_empty(), "{edit}");
    }
}
