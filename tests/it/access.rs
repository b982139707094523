//! Who may do what, from end to end: sessions, factors, grants, tickets, cases and purposes as they end, and every
//! refusal on record with its rule, its reason and the request by which it is found.

use std::time::Duration;

use strongroom::{
    audit::Outcome,
    room::{
        Appointment, CaseRef, Claimed, DenialReason, Entry, Letter, LogPart, NoticeKind, Object, Page,
        PrincipalKind, Purpose, Receiver, Role, Room, RoomKind, Staff, StaffError, StepTwo, Why,
    },
};

use crate::{
    dba::entry_of,
    disk::sql,
    post::emptied,
    scene::{Scene, in_case, on, reason, refused, rights, staff, support},
    world::{World, ceremony, options},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The refusal, and the entry that an auditor finds by its request: they tell the same.
#[track_caller]
fn recorded<T>(room: &Room, result: Result<T, StaffError>) -> (DenialReason, Entry) {
    let refusal = refused(result);
    let entry = entry_of(room, refusal.request);
    assert_eq!(entry.outcome, Outcome::Denied);
    assert_eq!(entry.reason.as_deref(), Some(refusal.reason.name()));
    assert!(entry.view.is_none() && entry.session.is_some());
    (refusal.reason, entry)
}

/// The refusal and the rule on record.
#[track_caller]
fn denied<T>(room: &Room, result: Result<T, StaffError>) -> (DenialReason, String) {
    let (reason, entry) = recorded(room, result);
    (reason, entry.rule.unwrap())
}

/// Uses a session every ten minutes for so long.
fn keep_alive(scene: &Scene, at_work: &Staff, span: Duration) {
    for _ in 0..span.as_secs() / 600 {
        scene.world.later(10 * MINUTE);
        at_work.people(&crate::world::FIRST, &Why::unstated()).unwrap();
    }
}

#[test]
fn a_session_ends_after_eight_hours_however_it_is_used() {
    let scene = Scene::new();
    let sam = scene.world.staff("sam");
    keep_alive(&scene, &sam, 8 * HOUR - 10 * MINUTE);
    scene.world.later(10 * MINUTE - Duration::from_millis(1));
    sam.ticket(scene.ticket, &support()).unwrap();
    scene.world.later(Duration::from_millis(1));
    let (reason, entry) = recorded(&scene.world.room, sam.ticket(scene.ticket, &support()));
    assert_eq!(reason, DenialReason::SessionExpired);
    assert_eq!((entry.rule.as_deref(), entry.roles.len()), (Some("session"), 0));
    assert_eq!(entry.actor.to_string(), format!("principal:{}", scene.id("sam")));
}

#[test]
fn a_session_ends_after_fifteen_idle_minutes() {
    let scene = Scene::new();
    let sam = scene.world.staff("sam");
    scene.world.later(15 * MINUTE - Duration::from_millis(1));
    sam.people(&crate::world::FIRST, &Why::unstated()).unwrap();
    // What is refused is no use of it.
    scene.world.later(10 * MINUTE);
    assert!(sam.audit_log(LogPart::All, 0, &Page::first(1), &Why::unstated()).is_err());
    scene.world.later(5 * MINUTE);
    let (reason, rule) = denied(&scene.world.room, sam.people(&crate::world::FIRST, &Why::unstated()));
    assert_eq!((reason, rule.as_str()), (DenialReason::SessionIdle, "session"));
}

#[test]
fn a_session_that_was_logged_out_of_has_ended() {
    let scene = Scene::new();
    let sam = scene.world.staff("sam");
    sam.logout().unwrap();
    let (reason, rule) = denied(&scene.world.room, sam.people(&crate::world::FIRST, &Why::unstated()));
    assert_eq!((reason, rule.as_str()), (DenialReason::SessionEnded, "session"));
    assert!(sam.logout().is_err());
    // Whoever has no live session learns nothing about what there is, either.
    let gone = "7u7u7u7u7u7u7u7u7u7u7g".parse().unwrap();
    assert_eq!(reason_of_absent(&sam, gone), DenialReason::SessionEnded);
}

fn reason_of_absent(at_work: &Staff, ticket: strongroom::room::TicketId) -> DenialReason {
    reason(at_work.ticket(ticket, &support()))
}

#[test]
fn a_fresh_factor_is_a_login_of_the_last_quarter_of_an_hour() {
    let scene = Scene::new();
    let bill = scene.world.staff("bill");
    let why = Why::purpose(Purpose::BillingDispute);
    keep_alive(&scene, &bill, 10 * MINUTE);
    scene.world.later(5 * MINUTE);
    bill.open_case(Some(scene.account()), &why).unwrap();
    scene.world.later(Duration::from_millis(1));
    let (reason, rule) = denied(&scene.world.room, bill.open_case(Some(scene.account()), &why));
    assert_eq!((reason, rule.as_str()), (DenialReason::StaleFactor, "billing/case.open/xpf"));
    // What asks for no fresh factor goes on.
    bill.people(&crate::world::FIRST, &Why::unstated()).unwrap();
    scene.world.staff("bill").open_case(Some(scene.account()), &why).unwrap();
}

#[test]
fn a_grant_ends_by_itself() {
    let scene = Scene::new();
    scene.world.later(366 * 24 * HOUR - HOUR);
    scene.world.staff("sam").people(&crate::world::FIRST, &Why::unstated()).unwrap();
    scene.world.later(HOUR);
    // The auditor's has ended with it: the entry is read from the log's own bytes.
    let refusal = refused(scene.world.staff("sam").ticket(scene.ticket, &support()));
    assert_eq!(refusal.reason, DenialReason::NoRole);
    let sql = rusqlite::Connection::open(scene.world.path().join("store/store.db")).unwrap();
    let sought = format!("%\"reason\":\"no_role\"%\"rule\":\"default\"%{}%", refusal.request);
    let found: u32 = sql
        .query_row("SELECT count(*) FROM audit_entry WHERE CAST(entry AS TEXT) LIKE ?1", [sought], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(found, 1);
}

#[test]
fn what_is_revoked_is_gone_at_the_next_request_everywhere() {
    let scene = Scene::new();
    let (here, there) = (&scene.world.room, scene.world.again());
    let token = here.assume("sam").unwrap().token;
    here.staff(&token).ticket(scene.ticket, &support()).unwrap();
    there.staff(&token).ticket(scene.ticket, &support()).unwrap();
    let grant = scene.grant("sam");
    staff(here, "ada").revoke(grant, &Why::unstated()).unwrap();
    for room in [here, &there] {
        let (reason, entry) = recorded(room, room.staff(&token).ticket(scene.ticket, &support()));
        assert_eq!((reason, entry.rule.as_deref()), (DenialReason::NoRole, Some("default")));
        assert!(entry.roles.is_empty());
    }
    let again = staff(here, "ada").revoke(grant, &Why::unstated()).err().unwrap();
    assert!(matches!(again, StaffError::State { .. }), "{again}");
}

#[test]
fn one_gives_back_what_is_ones_own_and_nobody_elses() {
    let scene = Scene::new();
    let (room, sams, leas) = (&scene.world.room, scene.grant("sam"), scene.grant("lea"));
    let sam = scene.world.staff("sam");
    let (reason, rule) = denied(room, sam.revoke(leas, &Why::unstated()));
    assert_eq!((reason, rule.as_str()), (DenialReason::NotAllowed, "support/grant.revoke/x(own)"));
    sam.revoke(sams, &Why::unstated()).unwrap();
    assert_eq!(denied(room, sam.people(&crate::world::FIRST, &Why::unstated())).0, DenialReason::NoRole);
}

#[test]
fn a_disabled_principal_acts_no_more() {
    let scene = Scene::new();
    let (here, there) = (&scene.world.room, scene.world.again());
    let sam = here.assume("sam").unwrap();
    let ada = scene.world.staff("ada");
    let why = Why::purpose(Purpose::AccessAdmin);
    let (reason, rule) = denied(here, ada.disable(sam.principal, &why));
    assert_eq!((reason, rule.as_str()), (DenialReason::CaseMissing, "access-admin/staff.disable/xpt"));
    let case = ada.open_case(None, &why).unwrap();
    ada.disable(sam.principal, &why.case(CaseRef::Case(case))).unwrap();
    for room in [here, &there] {
        let (reason, rule) =
            denied(room, room.staff(&sam.token).people(&crate::world::FIRST, &Why::unstated()));
        assert_eq!((reason, rule.as_str()), (DenialReason::PrincipalDisabled, "principal"));
        assert!(room.assume("sam").is_err());
    }
}

#[test]
fn a_ticket_is_read_by_whoever_works_on_it() {
    let scene = Scene::new();
    let (room, lea) = (&scene.world.room, scene.world.staff("lea"));
    let sam = scene.world.staff("sam");
    sam.ticket(scene.ticket, &support()).unwrap();
    // Nobody's, then somebody else's.
    for assignee in [None, Some(scene.id("bill"))] {
        if let Some(assignee) = assignee {
            lea.assign(scene.joes, assignee, &support()).unwrap();
        }
        let (reason, entry) = recorded(room, sam.ticket(scene.joes, &support()));
        assert_eq!(reason, DenialReason::CaseNotYours);
        assert_eq!(entry.rule.as_deref(), Some("support/ticket.read_assigned/Ft"));
        assert_eq!(entry.subjects, [scene.joe.account()]);
        assert_eq!(entry.purpose.as_deref(), Some("support_request"));
        assert_eq!(entry.case.unwrap().to_string(), format!("ticket:{}", scene.joes));
    }
    // His own is no reason for another's, nor for its attachment, nor for billing.
    assert_eq!(denied(room, sam.ticket(scene.joes, &on(scene.ticket))).0, DenialReason::CaseOtherAccount);
    let why = Why::purpose(Purpose::Contract).case(CaseRef::Ticket(scene.joes));
    let bill = scene.world.staff("bill");
    assert_eq!(
        denied(room, bill.billing_detail(scene.account(), &crate::world::FIRST, &why)).0,
        DenialReason::CaseOtherAccount
    );
    assert_eq!(denied(room, lea.attachment(scene.scan, &support())).0, DenialReason::CaseNotYours);
    // The lead reads any, and says so.
    assert_eq!(lea.ticket(scene.joes, &support()).unwrap().header.assignee, Some(scene.id("bill")));
    let (reason, rule) = denied(room, lea.ticket(scene.joes, &Why::unstated()));
    assert_eq!((reason, rule.as_str()), (DenialReason::CaseNotYours, "support-lead/ticket.read_assigned/Ft"));
}

#[test]
fn support_takes_what_is_free_and_gives_to_nobody() {
    let scene = Scene::new();
    let (room, lea) = (&scene.world.room, scene.id("lea"));
    let sam = scene.world.room.assume("sam").unwrap();
    let at_work = room.staff(&sam.token);
    let (reason, rule) = denied(room, at_work.assign(scene.joes, lea, &support()));
    assert_eq!((reason, rule.as_str()), (DenialReason::NotAllowed, "support/ticket.assign/x(take)"));
    at_work.assign(scene.joes, sam.principal, &support()).unwrap();
    let taken = at_work.assign(scene.joes, sam.principal, &support());
    assert_eq!(denied(room, taken).0, DenialReason::CaseNotYours, "it is somebody's now");
    at_work.ticket(scene.joes, &support()).unwrap();
}

#[test]
fn a_closed_ticket_is_no_reason() {
    let scene = Scene::new();
    let (room, sam) = (&scene.world.room, scene.world.staff("sam"));
    sam.close_ticket(scene.ticket, &support()).unwrap();
    assert_eq!(denied(room, sam.ticket(scene.ticket, &support())).0, DenialReason::CaseClosed);
    assert_eq!(denied(room, sam.attachment(scene.scan, &support())).0, DenialReason::CaseClosed);
    assert_eq!(denied(room, sam.close_ticket(scene.ticket, &support())).0, DenialReason::CaseClosed);
    assert_eq!(
        denied(room, sam.reply(scene.ticket, "One more thing", &support())).0,
        DenialReason::CaseClosed
    );
    assert_eq!(denied(room, sam.note(scene.ticket, "Hm.", &Why::unstated())).0, DenialReason::CaseClosed);
    assert!(room.owner(&scene.jane).write(scene.ticket, "Hello?").is_err());
}

#[test]
fn a_case_lasts_a_day_and_serves_its_opener_its_account_and_its_purpose() {
    let scene = Scene::new();
    let (room, account) = (&scene.world.room, scene.account());
    let priya = scene.world.staff("priya");
    let ask = |why: &Why| priya.reveal_name(account, why);
    assert!(ask(&in_case(scene.case)).is_ok());
    let (reason, rule) = denied(room, priya.reveal_name(scene.joe.account(), &in_case(scene.case)));
    assert_eq!(
        (reason, rule.as_str()),
        (DenialReason::CaseOtherAccount, "privacy-officer/account.reveal_field/Fpt")
    );
    let legal = Why::purpose(Purpose::LegalObligation).case(CaseRef::Case(scene.case));
    assert_eq!(denied(room, ask(&legal)).0, DenialReason::CasePurpose);
    let ticket = rights().case(CaseRef::Ticket(scene.ticket));
    assert_eq!(denied(room, ask(&ticket)).0, DenialReason::CaseNotYours);
    assert_eq!(denied(room, ask(&rights())).0, DenialReason::CaseMissing);
    // Bill's case is his.
    let dispute = Why::purpose(Purpose::BillingDispute);
    let bills = scene.world.staff("bill").open_case(Some(account), &dispute).unwrap();
    assert_eq!(denied(room, ask(&rights().case(CaseRef::Case(bills)))).0, DenialReason::CaseNotYours);

    scene.world.later(24 * HOUR);
    let priya = scene.world.staff("priya");
    assert_eq!(denied(room, priya.reveal_name(account, &in_case(scene.case))).0, DenialReason::CaseExpired);
    let fresh = priya.open_case(Some(account), &rights()).unwrap();
    assert!(priya.reveal_name(account, &in_case(fresh)).is_ok());
    priya.close_case(fresh, &rights()).unwrap();
    assert_eq!(denied(room, priya.reveal_name(account, &in_case(fresh))).0, DenialReason::CaseClosed);
    assert_eq!(denied(room, priya.close_case(fresh, &rights())).0, DenialReason::CaseClosed);
}

#[test]
fn a_purpose_is_stated_and_the_roles_own() {
    let scene = Scene::new();
    let (room, sam) = (&scene.world.room, scene.world.staff("sam"));
    let account = scene.account();
    let (reason, rule) = denied(room, sam.account(account, &Why::unstated()));
    assert_eq!((reason, rule.as_str()), (DenialReason::PurposeMissing, "support/account.read_masked/mp"));
    for purpose in [Purpose::BillingDispute, Purpose::Audit, Purpose::SelfService, Purpose::Outage] {
        let (reason, entry) = recorded(room, sam.account(account, &Why::purpose(purpose)));
        assert_eq!(reason, DenialReason::PurposeNotAllowed);
        assert_eq!(entry.purpose.as_deref(), Some(purpose.name()));
    }
    // Where none is asked for, a wrong one is refused all the same.
    assert_eq!(
        denied(room, sam.people(&crate::world::FIRST, &Why::purpose(Purpose::Retention))).0,
        DenialReason::PurposeNotAllowed
    );
}

#[test]
fn what_a_role_has_no_cell_for() {
    let scene = Scene::new();
    let (room, account) = (&scene.world.room, scene.account());
    let audit = Why::purpose(Purpose::Audit);
    let vera = scene.world.staff("vera");
    for result in [
        vera.account(account, &audit).map(drop),
        vera.ticket(scene.ticket, &audit).map(drop),
        vera.attachment(scene.scan, &audit).map(drop),
        vera.billing(account, &crate::world::FIRST, &audit).map(drop),
        vera.find(crate::world::JANE, &audit).map(drop),
        vera.open_case(Some(account), &audit).map(drop),
        vera.revoke(scene.grant("sam"), &audit).map(drop),
    ] {
        let (reason, entry) = recorded(room, result);
        assert_eq!(reason, DenialReason::NotAllowed, "{}", entry.what.name());
        assert_eq!((entry.rule.as_deref(), entry.roles), (Some("default"), vec!["auditor".to_owned()]));
    }
    let ada = scene.world.staff("ada");
    let admin = Why::purpose(Purpose::AccessAdmin);
    assert_eq!(denied(room, ada.account(account, &admin)).0, DenialReason::NotAllowed);
    assert_eq!(denied(room, ada.ticket(scene.ticket, &admin)).0, DenialReason::NotAllowed);
    assert_eq!(
        denied(room, scene.world.staff("sam").audit_log(LogPart::All, 0, &Page::first(9), &support())).0,
        DenialReason::NotAllowed
    );
    assert_eq!(
        denied(room, scene.world.staff("lea").billing_detail(account, &crate::world::FIRST, &support())).0,
        DenialReason::NotAllowed
    );
}

const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Support reveals with a short grant alone, and nobody gives himself a role.
#[test]
fn an_elevation_is_no_standing_grant() {
    let scene = Scene::new();
    let (room, account) = (&scene.world.room, scene.account());
    let sam = scene.world.staff("sam");
    let (reason, rule) = denied(room, sam.reveal_email(account, &on(scene.ticket)));
    let elevation = DenialReason::NeedsStepTwo(StepTwo::Elevation);
    assert_eq!((reason, rule.as_str()), (elevation, "support/account.reveal_field/Fptj"));
    assert_eq!(denied(room, sam.reveal_email(account, &support())).0, DenialReason::CaseMissing);

    let ada = scene.world.staff("ada");
    let admin = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &admin).unwrap();
    let own = ada.give(scene.id("ada"), Role::Support, MONTH, &admin.case(CaseRef::Case(case)));
    let (reason, rule) = denied(room, own);
    assert_eq!((reason, rule.as_str()), (DenialReason::NotAllowed, "access-admin/grant.give/xptf2(others)"));
}

/// Whom the rule says are told; a room that can tell nobody lets nobody act by it.
#[test]
fn security_disables_with_a_notice() {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(crate::world::START);
    let mut people = ceremony(RoomKind::Demo);
    people.appointments.push(Appointment { handle: "sid".to_owned(), roles: vec![Role::Security] });
    let made = Room::init(options(&directory.path().join("room"), &clock), &people).unwrap();
    let id = |place: usize| made.codes[place].principal;
    let (room, ada, alan, sam) = (&made.room, id(0), id(1), id(3));
    let incident = Why::purpose(Purpose::SecurityIncident);
    let store = directory.path().join("room/store/store.db");
    drop(emptied(room));
    let renamed = |from: &str, to: &str| {
        ["outbox", "device", "session_roles"]
            .map(|of| format!("ALTER TABLE {from}{of} RENAME TO {to}{of};"))
            .concat()
    };
    sql(&store, &format!("UPDATE room SET format = 1; {}", renamed("", "kept_")));
    let older = options(&directory.path().join("room"), &clock).open().unwrap();
    let (reason, rule) = denied(&older, staff(&older, "sid").disable(sam, &incident));
    let notice = DenialReason::NeedsStepTwo(StepTwo::Notice);
    assert_eq!((reason, rule.as_str()), (notice, "security/staff.disable/xn"));
    sql(&store, &format!("UPDATE room SET format = 2; {}", renamed("kept_", "")));

    staff(room, "sid").disable(sam, &incident).unwrap();
    let told = |one: &Claimed| match one.delivery.letter {
        Letter::Notice { kind: NoticeKind::StaffChanged, about } => (one.delivery.to, about),
        _ => panic!("something else is told"),
    };
    let mut heard: Vec<_> = emptied(room).iter().map(told).collect();
    heard.sort_unstable();
    let mut expected = [ada, alan, sam].map(|who| (Receiver::Principal(who), Some(Object::Principal(sam))));
    expected.sort_unstable();
    assert_eq!(heard, expected, "he, and who administers access; who did it knows");
}

/// A new colleague has a session and no role: everything is refused, and says so.
#[test]
fn without_a_role_nothing_is_allowed() {
    let world = World::demo();
    let ada = world.staff("ada");
    let admin = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &admin).unwrap();
    ada.appoint("nina", PrincipalKind::Human, &admin.case(CaseRef::Case(case))).unwrap();
    let nina = world.staff("nina");
    for result in [
        nina.people(&crate::world::FIRST, &Why::unstated()).map(drop),
        nina.find(crate::world::JANE, &support()).map(drop),
        nina.audit_log(LogPart::All, 0, &Page::first(1), &Why::unstated()).map(drop),
        // Nor does she learn that there is no such thing.
        nina.ticket("7u7u7u7u7u7u7u7u7u7u7g".parse().unwrap(), &support()).map(drop),
        nina.account("7u7u7u7u7u7u7u7u7u7u7g".parse().unwrap(), &support()).map(drop),
    ] {
        let (reason, rule) = denied(&world.room, result);
        assert_eq!((reason, rule.as_str()), (DenialReason::NoRole, "default"));
    }
}
