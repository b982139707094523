//! Rows that confer authority, invented, edited or moved by SQL: none confers anything. Who relies on one is refused,
//! on record; the room does not open again, and verification names the row.

use std::time::Duration;

use rusqlite::{Connection, params};
use strongroom::room::{
    CaseId, DenialReason, EnrolError, Forgery, LogPart, LoginError, Page, Role, Room, SecretText, StaffError,
    TicketId, Why,
};

use crate::{
    dba::{Copy, bytes, change, entry_of, made_up_token},
    scene::{Scene, in_case, on, reason, refused, rights, staff, support},
    world::{JANE, PASSWORD, secret},
};

const HOUR: Duration = Duration::from_secs(3600);

/// The kinds and ids of rows that a verification must name.
fn named(found: &[Forgery]) -> Vec<(&str, &str)> {
    found.iter().map(|forgery| (forgery.kind, forgery.id.as_str())).collect()
}

/// A session of sam's under the token that the administrator made up, with the MAC of a genuine one.
fn invent_session(sql: &Connection, holder: impl std::fmt::Display, hash: &[u8; 32]) {
    let statement = "INSERT INTO session SELECT ?1, holder_kind, holder, ?2, created_ms, expires_ms, used_ms,
        factor_ms, state, changed_at, mac FROM session WHERE holder = ?3 LIMIT 1";
    change(sql, statement, params![[0xee_u8; 16], hash, bytes(holder)], 1);
}

#[test]
fn an_invented_session_is_nobodys() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    let (token, hash) = made_up_token();
    invent_session(&copy.store(), scene.id("sam"), &hash);
    let refusal = refused(room.staff(&token).ticket(scene.ticket, &support()));
    assert_eq!(refusal.reason, DenialReason::SessionEnded);
    let entry = entry_of(&room, refusal.request);
    assert_eq!((entry.what.name(), entry.reason.as_deref()), ("ticket.read", Some("session_ended")));
    drop(room);
    let found = copy.authority_is_found();
    assert_eq!(named(&found), [("session", "7u7u7u7u7u7u7u7u7u7u7g")]);
}

#[test]
fn a_session_is_not_edited_back_to_life() {
    let scene = Scene::new();
    let sam = scene.world.room.assume("sam").unwrap();
    scene.world.later(9 * HOUR);
    let expired = scene.world.room.staff(&sam.token).ticket(scene.ticket, &support());
    assert_eq!(reason(expired), DenialReason::SessionExpired);
    for edit in [
        "expires_ms = expires_ms + 360000000",
        "created_ms = created_ms + 32400000, expires_ms = expires_ms + 32400000, used_ms = used_ms + 32400000",
        "factor_ms = NULL",
        "mac = randomblob(32)",
        "changed_at = changed_at + 1",
    ] {
        let copy = Copy::of(&scene.world);
        let room = copy.room();
        let statement = format!("UPDATE session SET {edit} WHERE holder = ?1 AND created_ms = ?2");
        let created = sam.expires.as_ms() - 8 * 3_600_000;
        copy.store().execute(&statement, params![bytes(sam.principal), created]).unwrap();
        let refusal = refused(room.staff(&sam.token).ticket(scene.ticket, &support()));
        assert_eq!(refusal.reason, DenialReason::SessionEnded, "{edit}");
        assert_eq!(entry_of(&room, refusal.request).reason.as_deref(), Some("session_ended"));
        drop(room);
        assert!(copy.authority_is_found().iter().all(|forgery| forgery.kind == "session"), "{edit}");
    }
}

#[test]
fn a_session_does_not_change_hands() {
    let scene = Scene::new();
    let sam = scene.world.room.assume("sam").unwrap();
    let vera = scene.id("vera");
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    let sql = copy.store();
    // Sam's own session, said to be the auditor's.
    change(
        &sql,
        "UPDATE session SET holder = ?2 WHERE id = (SELECT id FROM session WHERE holder = ?1 ORDER BY changed_at DESC LIMIT 1)",
        params![bytes(sam.principal), bytes(vera)],
        1,
    );
    assert_eq!(
        reason(room.staff(&sam.token).audit_log(LogPart::All, 0, &Page::first(9), &Why::unstated())),
        DenialReason::SessionEnded
    );
    // The auditor's, said to have sam's token.
    let vera = room.assume("vera").unwrap().principal;
    let (token, hash) = made_up_token();
    change(
        &sql,
        "UPDATE session SET token_hash = ?2 WHERE id = (SELECT id FROM session WHERE holder = ?1 ORDER BY changed_at DESC LIMIT 1)",
        params![bytes(vera), hash],
        1,
    );
    assert_eq!(
        reason(room.staff(&token).audit_log(LogPart::All, 0, &Page::first(9), &Why::unstated())),
        DenialReason::SessionEnded
    );
    drop(room);
    assert_eq!(copy.authority_is_found().len(), 2);
}

/// They stand in no sum and are not looked through at opening: there may be millions. Each proves itself when used.
#[test]
fn a_customers_session_is_not_made_or_mended() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    let sql = copy.store();
    let (token, hash) = made_up_token();
    invent_session(&sql, scene.account(), &hash);
    assert!(matches!(room.resume(&token), Err(LoginError::NoSession)));
    assert!(matches!(room.logout(&token), Err(LoginError::NoSession)));

    let Some(jane) = room.login(JANE, &secret(PASSWORD)).unwrap().complete() else { panic!("denied") };
    assert!(room.resume(&jane.token).is_ok());
    scene.world.later(25 * HOUR);
    assert!(room.resume(&jane.token).is_err());
    change(
        &sql,
        "UPDATE session SET expires_ms = expires_ms + 90000000, created_ms = created_ms + 90000000 WHERE id = ?1",
        [bytes(jane.owner.session())],
        1,
    );
    assert!(room.resume(&jane.token).is_err());
    // Jane's session, said to be joe's.
    let Some(jane) = room.login(JANE, &secret(PASSWORD)).unwrap().complete() else { panic!("denied") };
    change(
        &sql,
        "UPDATE session SET holder = ?2 WHERE id = ?1",
        params![bytes(jane.owner.session()), bytes(scene.joe.account())],
        1,
    );
    assert!(room.resume(&jane.token).is_err());
    drop(room);
    copy.room();
}

/// Edits of sam's grant, and what he then asks for in vain: even what he might before.
#[test]
fn an_edited_grant_confers_nothing() {
    let scene = Scene::new();
    let (sam, vera, grant) = (scene.id("sam"), scene.id("vera"), scene.grant("sam"));
    let auditor = format!("role = {}", Role::Auditor.number());
    for edit in [
        auditor.as_str(),
        "expires_ms = expires_ms + 1",
        "not_before_ms = 0",
        "granted_by = principal",
        "changed_at = changed_at + 1",
        "mac = zeroblob(32)",
    ] {
        let copy = Copy::of(&scene.world);
        let room = copy.room();
        change(&copy.store(), &format!("UPDATE role_grant SET {edit} WHERE id = ?1"), [bytes(grant)], 1);
        let refusal = refused(staff(&room, "sam").ticket(scene.ticket, &support()));
        assert_eq!(refusal.reason, DenialReason::NoRole, "{edit}");
        assert_eq!(entry_of(&room, refusal.request).rule.as_deref(), Some("default"));
        drop(room);
        assert_eq!(named(&copy.authority_is_found()), [("grant", grant.to_string().as_str())], "{edit}");
        let faults = copy.verify().report.faults;
        assert_eq!(faults.is_empty(), edit.starts_with("mac"), "{edit}: {faults:?}");
    }
    // Vera's grant, said to be sam's: neither has it.
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    change(
        &copy.store(),
        "UPDATE role_grant SET principal = ?2 WHERE principal = ?1",
        params![bytes(vera), bytes(sam)],
        1,
    );
    for handle in ["sam", "vera"] {
        assert!(
            staff(&room, handle).audit_log(LogPart::All, 0, &Page::first(9), &Why::unstated()).is_err(),
            "{handle}"
        );
    }
}

#[test]
fn an_invented_grant_confers_nothing() {
    let scene = Scene::new();
    let sam = scene.id("sam");
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    let sql = copy.store();
    // With the MAC of the auditor's grant, with that of sam's own, and with one that was guessed.
    for (at, from, mac) in [(1_u8, "vera", "mac"), (2, "sam", "mac"), (3, "vera", "zeroblob(32)")] {
        let statement = format!(
            "INSERT INTO role_grant SELECT ?1, ?2, ?4, not_before_ms, expires_ms, state,
            granted_by, changed_at, {mac} FROM role_grant WHERE principal = ?3 LIMIT 1"
        );
        let values = params![[at; 16], bytes(sam), bytes(scene.id(from)), Role::Auditor.number()];
        change(&sql, &statement, values, 1);
    }
    let refusal = refused(staff(&room, "sam").audit_log(LogPart::All, 0, &Page::first(9), &Why::unstated()));
    assert_eq!(refusal.reason, DenialReason::NotAllowed);
    assert_eq!(entry_of(&room, refusal.request).roles, ["support"]);
    drop(room);
    assert_eq!(copy.authority_is_found().len(), 3);
    let faults = copy.verify().report.faults;
    assert!(
        faults.len() == 3 && faults.iter().all(|fault| fault.kind.name() == "grants_differ"),
        "{faults:?}"
    );
}

#[test]
fn a_disabled_principal_is_not_edited_active() {
    let scene = Scene::new();
    let sam = scene.world.room.assume("sam").unwrap();
    let why = Why::purpose(strongroom::room::Purpose::AccessAdmin);
    let case = scene.world.staff("ada").open_case(None, &why).unwrap();
    let why = why.case(strongroom::room::CaseRef::Case(case));
    scene.world.staff("ada").disable(sam.principal, &why).unwrap();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    let ask = || room.staff(&sam.token).ticket(scene.ticket, &support());
    assert_eq!(reason(ask()), DenialReason::PrincipalDisabled);
    change(&copy.store(), "UPDATE principal SET state = 1 WHERE id = ?1", [bytes(sam.principal)], 1);
    let refusal = refused(ask());
    assert_eq!(refusal.reason, DenialReason::UnknownPrincipal);
    assert_eq!(entry_of(&room, refusal.request).rule.as_deref(), Some("principal"));
    assert!(room.assume("sam").is_err());
    drop(room);
    assert_eq!(named(&copy.authority_is_found()), [("principal", sam.principal.to_string().as_str())]);
}

/// Real codes, in a room where they count.
#[test]
fn an_edited_enrolment_sets_no_password() {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(crate::world::START);
    let options = crate::world::options(&directory.path().join("room"), &clock);
    let made = Room::init(options, &crate::world::ceremony(strongroom::room::RoomKind::Real)).unwrap();
    let (room, sql) = (made.room, crate::dba::unguarded(&directory.path().join("room/store/store.db")));
    let [ada, sam] = [0, 3].map(|at| (made.codes[at].principal, &made.codes[at].code));
    let refused = |code: &SecretText| {
        let before = room.log_size().unwrap();
        assert!(matches!(room.enrol(code, &secret(PASSWORD)), Err(EnrolError::Code)));
        assert_eq!(room.log_size().unwrap(), before + 1, "a refused code is an entry");
    };
    // Sam's code, said to be ada's.
    change(
        &sql,
        "UPDATE enrolment SET principal = ?2 WHERE principal = ?1",
        params![bytes(sam.0), bytes(ada.0)],
        1,
    );
    refused(sam.1);
    // A code that was made up, with the MAC of ada's.
    let (code, hash) = made_up_token();
    change(
        &sql,
        "UPDATE enrolment SET code_hash = ?2 WHERE principal = ?1 AND mac = (SELECT mac FROM enrolment WHERE principal = ?1 ORDER BY id DESC LIMIT 1)",
        params![bytes(ada.0), hash],
        1,
    );
    refused(&code);
    // A used one, said to be open; an expired one, said to have time.
    let (alan, vera) = (&made.codes[1], &made.codes[2]);
    room.enrol(&alan.code, &secret(PASSWORD)).unwrap();
    change(&sql, "UPDATE enrolment SET state = 1 WHERE principal = ?1", [bytes(alan.principal)], 1);
    refused(&alan.code);
    clock.advance(8 * 24 * HOUR);
    refused(&vera.code);
    change(
        &sql,
        "UPDATE enrolment SET expires_ms = expires_ms * 2 WHERE principal = ?1",
        [bytes(vera.principal)],
        1,
    );
    refused(&vera.code);
    drop(room);
    assert!(crate::world::options(&directory.path().join("room"), &clock).open().is_err());
}

#[test]
fn an_edited_ticket_is_nobodys() {
    let scene = Scene::new();
    let (lea, joe) = (scene.id("lea"), scene.joe.account());
    let other =
        |id: Vec<u8>| format!("x'{}'", id.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let (lea, joe) = (other(bytes(lea)), other(bytes(joe)));
    for edit in [
        format!("assignee = {lea}"),
        format!("account = {joe}"),
        "state = 2".to_owned(),
        "created_ms = 0".to_owned(),
        "mac = randomblob(32)".to_owned(),
        format!("id = x'00112233445566778899aabbccddeeff', account = {joe}"),
    ] {
        let copy = Copy::of(&scene.world);
        let room = copy.room();
        change(&copy.store(), &format!("UPDATE ticket SET {edit} WHERE id = ?1"), [bytes(scene.ticket)], 1);
        let before = room.log_size().unwrap();
        for (handle, why) in [("sam", support()), ("lea", support()), ("priya", in_case(scene.case))] {
            let ticket = staff(&room, handle).ticket(scene.ticket, &why);
            assert!(matches!(ticket, Err(StaffError::NotFound)), "{edit}");
        }
        assert_eq!(room.log_size().unwrap(), before + 6, "three sessions, three attempts: {edit}");
        // The attachment is found by its own row: the ticket that it hangs on is no reason to open it.
        let opened = staff(&room, "sam").attachment(scene.scan, &support());
        assert_eq!(reason(opened), DenialReason::CaseMissing, "{edit}");
        // It is no reason for anything else.
        let revealed = staff(&room, "lea").reveal_name(scene.account(), &on(scene.ticket));
        assert_eq!(reason(revealed), DenialReason::CaseMissing, "{edit}");
        for owner in [&scene.jane, &scene.joe] {
            assert!(room.owner(owner).ticket(scene.ticket).is_err(), "{edit}");
            assert!(room.owner(owner).write(scene.ticket, "Hello?").is_err(), "{edit}");
        }
        assert!(room.owner(&scene.jane).tickets(&crate::world::FIRST).unwrap().rows.is_empty(), "{edit}");
        drop(room);
        assert_eq!(copy.authority_is_found().len(), 1, "{edit}");
    }
}

#[test]
fn an_invented_ticket_is_no_reason() {
    let scene = Scene::new();
    let invented: TicketId = "7u7u7u7u7u7u7u7u7u7u7g".parse().unwrap();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    // Joe's, but sam's work: with the MAC of the ticket that is.
    change(
        &copy.store(),
        "INSERT INTO ticket (id, account, state, assignee, created_ms, changed_at, mac, subject_sealed)
         SELECT ?1, ?2, state, assignee, created_ms, changed_at, mac, subject_sealed FROM ticket WHERE id = ?3",
        params![bytes(invented), bytes(scene.joe.account()), bytes(scene.ticket)],
        1,
    );
    assert!(matches!(staff(&room, "sam").ticket(invented, &support()), Err(StaffError::NotFound)));
    let lea = staff(&room, "lea");
    let revealed = lea.reveal_name(scene.joe.account(), &on(invented));
    assert_eq!(reason(revealed), DenialReason::CaseMissing);
    let written = lea.reply(invented, "Dear Joe", &support());
    assert!(matches!(written, Err(StaffError::NotFound)));
    drop(room);
    assert_eq!(named(&copy.authority_is_found()), [("ticket", "7u7u7u7u7u7u7u7u7u7u7g")]);
}

#[test]
fn an_edited_or_invented_case_is_no_reason() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    let sql = copy.store();
    let priya = staff(&room, "priya");
    assert!(priya.reveal_name(scene.account(), &in_case(scene.case)).is_ok());
    // Joe's too, by a case that was made up.
    let invented: CaseId = "7u7u7u7u7u7u7u7u7u7u7g".parse().unwrap();
    change(
        &sql,
        "INSERT INTO staff_case SELECT ?1, ?2, purpose, opened_by, created_ms, expires_ms, state, changed_at, mac FROM staff_case WHERE id = ?3",
        params![bytes(invented), bytes(scene.joe.account()), bytes(scene.case)],
        1,
    );
    let refusal = refused(priya.reveal_name(scene.joe.account(), &in_case(invented)));
    assert_eq!(refusal.reason, DenialReason::CaseMissing);
    assert_eq!(entry_of(&room, refusal.request).reason.as_deref(), Some("case_missing"));
    change(&sql, "DELETE FROM staff_case WHERE id = ?1", [bytes(invented)], 1);
    drop(room);
    for edit in [
        "account = (SELECT id FROM account WHERE id <> account)",
        "purpose = 8",
        "opened_by = zeroblob(16)",
        "expires_ms = expires_ms + 1",
        "created_ms = created_ms + 1",
        "state = 2",
    ] {
        let copy = copy.again();
        let room = copy.room();
        change(&copy.store(), &format!("UPDATE staff_case SET {edit}"), [], 1);
        let priya = staff(&room, "priya");
        for account in [scene.account(), scene.joe.account()] {
            assert_eq!(reason(priya.reveal_name(account, &in_case(scene.case))), DenialReason::CaseMissing);
        }
        assert!(matches!(priya.close_case(scene.case, &rights()), Err(StaffError::NotFound)), "{edit}");
        drop(room);
        assert_eq!(copy.authority_is_found().len(), 1, "{edit}");
    }
}

/// No MAC is asked for what no role, state or purpose has: such a row is no row.
#[test]
fn a_row_that_says_nothing_known_stops_whoever_needs_it_and_opening() {
    let scene = Scene::new();
    for (table, edit) in [
        ("role_grant", "role = 99"),
        ("session", "state = 0"),
        ("session", "holder_kind = 3"),
        ("principal", "kind = 7"),
        ("ticket", "state = -1"),
        ("staff_case", "purpose = 4711"),
    ] {
        let copy = Copy::of(&scene.world);
        let room = copy.room();
        let sam = room.assume("sam").unwrap();
        copy.store().execute(&format!("UPDATE {table} SET {edit}"), []).unwrap();
        let opened = room.staff(&sam.token).ticket(scene.ticket, &in_case(scene.case));
        assert!(opened.is_err(), "{table}: {edit}");
        drop(room);
        copy.refused();
        let verified = copy.verify();
        assert_eq!(verified.authority, Some(false), "{table}: {edit}");
        assert!(!verified.is_sound() && verified.report.faults.is_empty(), "the log itself is sound");
    }
}
