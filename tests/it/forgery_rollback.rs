//! Older valid rows put back, and rows taken away. Each MAC is right, so a process at work takes an older row for the
//! newest (a stated residual); the sum in the log's head is not, so the next opening and every verification find it.

use rusqlite::Connection;
use strongroom::room::{CaseRef, EnrolError, Purpose, Room, RoomKind, StaffError, Why};

use crate::{
    dba::{Copy, Kept, bytes, change, is, unguarded},
    scene::{Scene, in_case, on, rights, staff, support},
    world::{PASSWORD, START, ceremony, options, secret},
};

/// Nothing was written past the program; something it wrote is not the newest.
fn found_as_older(copy: &Copy) {
    assert_eq!(copy.authority_is_found(), []);
}

#[test]
fn a_revoked_grant_put_back() {
    let scene = Scene::new();
    let (grant, sam) = (scene.grant("sam"), scene.world.room.assume("sam").unwrap());
    let copy = Copy::of(&scene.world);
    let (room, sql) = (copy.room(), copy.store());
    let live = Kept::of(&sql, "role_grant", &is("id", grant));
    staff(&room, "ada").revoke(grant, &Why::unstated()).unwrap();
    let ask = |room: &Room| room.staff(&sam.token).ticket(scene.ticket, &support());
    assert!(ask(&room).is_err());
    live.put_back(&sql);
    assert!(ask(&room).is_ok(), "between two openings: stated in SECURITY.md");
    drop(room);
    found_as_older(&copy);
    let faults = copy.verify().report.faults;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].to_string(), format!("grant {grant} is not what the log says"));
}

/// What the process then does with the older row does not make the sum right.
#[test]
fn a_row_put_back_and_changed_again_by_the_program_is_found_all_the_same() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let (room, sql) = (copy.room(), copy.store());
    let unassigned = Kept::of(&sql, "ticket", &is("id", scene.joes));
    let [lea, bill] = ["lea", "bill"].map(|handle| room.assume(handle).unwrap());
    room.staff(&lea.token).assign(scene.joes, lea.principal, &support()).unwrap();
    unassigned.put_back(&sql);
    room.staff(&lea.token).assign(scene.joes, bill.principal, &support()).unwrap();
    drop(room);
    found_as_older(&copy);
}

#[test]
fn an_ended_session_put_back() {
    let scene = Scene::new();
    let sam = scene.world.room.assume("sam").unwrap();
    let copy = Copy::of(&scene.world);
    let (room, sql) = (copy.room(), copy.store());
    let live = Kept::of(&sql, "session", "holder_kind = 1");
    room.staff(&sam.token).logout().unwrap();
    live.put_back(&sql);
    assert!(room.staff(&sam.token).ticket(scene.ticket, &support()).is_ok(), "a residual");
    drop(room);
    found_as_older(&copy);
}

#[test]
fn a_closed_ticket_put_back() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let (room, sql) = (copy.room(), copy.store());
    let open = Kept::of(&sql, "ticket", &is("id", scene.ticket));
    staff(&room, "sam").close_ticket(scene.ticket, &support()).unwrap();
    assert!(staff(&room, "lea").reveal_name(scene.account(), &on(scene.ticket)).is_err());
    open.put_back(&sql);
    drop(room);
    found_as_older(&copy);
}

/// What has ended is history and may be any number of rows: an opening looks at what confers something, all of it.
#[test]
fn a_closed_ticket_put_back_among_many() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let (room, sql) = (copy.room(), copy.store());
    let open = Kept::of(&sql, "ticket", &is("id", scene.ticket));
    staff(&room, "sam").close_ticket(scene.ticket, &support()).unwrap();
    let copies = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
        INSERT INTO ticket SELECT randomblob(16), account, state, assignee, created_ms, waiting_ms, changed_at, mac,
        subject_sealed FROM ticket, n WHERE ticket.state = 2";
    sql.execute_batch(copies).unwrap();
    drop(room);
    drop(copy.room());
    open.put_back(&sql);
    assert!(copy.open().is_err());
}

#[test]
fn a_closed_case_put_back() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let (room, sql) = (copy.room(), copy.store());
    let open = Kept::of(&sql, "staff_case", &is("id", scene.case));
    let priya = staff(&room, "priya");
    priya.close_case(scene.case, &rights()).unwrap();
    assert!(priya.reveal_name(scene.account(), &in_case(scene.case)).is_err());
    open.put_back(&sql);
    drop(room);
    found_as_older(&copy);
}

#[test]
fn a_disabled_principal_put_back() {
    let scene = Scene::new();
    let sam = scene.id("sam");
    let copy = Copy::of(&scene.world);
    let (room, sql) = (copy.room(), copy.store());
    let active = Kept::of(&sql, "principal", &is("id", sam));
    let ada = staff(&room, "ada");
    let why = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &why).unwrap();
    ada.disable(sam, &why.case(CaseRef::Case(case))).unwrap();
    active.put_back(&sql);
    drop(room);
    found_as_older(&copy);
}

#[test]
fn a_used_enrolment_put_back() {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(START);
    let options = options(&directory.path().join("room"), &clock);
    let made = Room::init(options.clone(), &ceremony(RoomKind::Real)).unwrap();
    let (room, sam) = (made.room, &made.codes[3]);
    let sql = unguarded(&directory.path().join("room/store/store.db"));
    let open = Kept::of(&sql, "enrolment", "state = 1");
    room.enrol(&sam.code, &secret(PASSWORD)).unwrap();
    open.put_back(&sql);
    let other = secret("a quite different password");
    assert!(!matches!(room.enrol(&sam.code, &other), Ok(_) | Err(EnrolError::Code)), "the password stands");
    drop(room);
    let refused = options.open().err().unwrap();
    assert!(refused.to_string().contains("put back"), "{refused}");
}

#[test]
fn a_row_taken_away_or_put_in_from_the_rooms_own_past() {
    let scene = Scene::new();
    for table in ["principal", "role_grant", "session", "enrolment", "ticket", "staff_case"] {
        let copy = Copy::of(&scene.world);
        let sql = copy.store();
        let one = "id = (SELECT max(id) FROM ";
        let holder = if table == "session" { " WHERE holder_kind = 1" } else { "" };
        change(&sql, &format!("DELETE FROM {table} WHERE {one}{table}{holder})"), [], 1);
        drop(sql);
        found_as_older(&copy);
    }
}

/// The elements that two rows had do not cancel out by swapping what they say.
#[test]
fn two_rows_that_change_places() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let swap = |sql: &Connection| {
        let [sam, vera] = ["sam", "vera"].map(|handle| bytes(scene.grant(handle)));
        for (from, to) in [(&sam, vec![0; 16]), (&vera, sam.clone()), (&vec![0; 16], vera.clone())] {
            change(sql, "UPDATE role_grant SET id = ?2 WHERE id = ?1", [from, &to], 1);
        }
    };
    swap(&copy.store());
    assert_eq!(copy.authority_is_found().len(), 2);
}

/// With every row of authority from one moment of the past, the head's sum is of another.
#[test]
fn all_of_authority_put_back_together() {
    let scene = Scene::new();
    let grant = scene.grant("sam");
    let copy = Copy::of(&scene.world);
    let (room, sql) = (copy.room(), copy.store());
    let tables = ["principal", "role_grant", "session", "enrolment", "ticket", "staff_case"];
    let past = tables.map(|table| Kept::of(&sql, table, "true"));
    staff(&room, "ada").revoke(grant, &Why::unstated()).unwrap();
    drop(room);
    for (table, rows) in tables.iter().zip(&past) {
        sql.execute(&format!("DELETE FROM {table}"), []).unwrap();
        rows.put_back(&sql);
    }
    found_as_older(&copy);
}

/// Refused before anything is done, and with nothing of its own to say: the log has no new entry.
#[test]
fn a_refused_opening_writes_nothing() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let sql = copy.store();
    change(&sql, "UPDATE role_grant SET state = 2 WHERE id = ?1", [bytes(scene.grant("sam"))], 1);
    let size = || crate::dba::column(&sql, "SELECT count(*) FROM audit_entry");
    let before = size();
    copy.refused();
    assert_eq!(size(), before);
}

#[test]
fn a_ticket_that_is_gone_is_not_there() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    change(&copy.store(), "DELETE FROM ticket WHERE id = ?1", [bytes(scene.ticket)], 1);
    let sam = staff(&room, "sam");
    assert!(matches!(sam.ticket(scene.ticket, &support()), Err(StaffError::NotFound)));
    assert!(sam.attachment(scene.scan, &support()).is_err(), "what hung on it does not open without it");
}
