//! Roles that exclude each other do not act in one session, whoever holds them, whatever he is given meanwhile, and
//! whatever somebody does to the row that says in which he acts.

use std::time::Duration;

use rusqlite::params;
use strongroom::room::{
    Appointment, CaseRef, Ceremony, Clock, DenialReason, Exclusion, Kept, Kind, LogPart, PrincipalId,
    Purpose, Role, Roles, Room, RoomKind, SecondFactor, Staff, StaffLogin, StaffLoginError, TeamProfile,
    TotpOffer, Why,
};
use tempfile::TempDir;

use crate::{
    carried::Authenticator,
    dba::{Copy, bytes, change, log},
    disk::{TO_FORMAT_1, sql},
    scene::{reason, support},
    two_people::{self, awaited},
    world::{FIRST, JANE, PASSWORD, START, World, ceremony, options, secret},
};

const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// A world in which nick has these roles too.
fn with_nick(kind: RoomKind, profile: TeamProfile, roles: &[Role]) -> (World, strongroom::room::Initialised) {
    let directory = TempDir::new().unwrap();
    let clock = Clock::manual(START);
    let mut people = Ceremony { profile, ..ceremony(kind) };
    people.appointments.push(Appointment { handle: "nick".to_owned(), roles: roles.to_vec() });
    let made = Room::init(options(&directory.path().join("room"), &clock), &people).unwrap();
    (World { room: made.room.clone(), clock, directory }, made)
}

/// A world in which nick answers customers and investigates them.
fn both() -> World {
    with_nick(RoomKind::Demo, TeamProfile::Small, &[Role::Support, Role::Security]).0
}

/// Why nobody is logged in.
fn apart(login: Result<StaffLogin, StaffLoginError>) -> (Exclusion, Roles) {
    match login {
        Err(StaffLoginError::RolesExclude { why, held }) => (why, held),
        Err(other) => panic!("{other}"),
        Ok(login) => panic!("logged in, as {:?}", login.roles),
    }
}

/// What support may do, and nobody of security without a case.
fn answers(staff: &Staff) -> bool {
    staff.find(JANE, &support()).is_ok()
}

/// What security may do, and support may not.
fn investigates(staff: &Staff) -> bool {
    staff.find(JANE, &Why::purpose(Purpose::SecurityIncident)).is_ok()
}

fn nick_in(room: &Room, roles: &[Role]) -> Staff {
    room.staff(&room.in_roles(roles).assume("nick").unwrap().token)
}

#[test]
fn who_holds_roles_that_exclude_each_other_says_in_which_he_acts() {
    let world = both();
    world.customer(JANE);
    let held = Roles::of(&[Role::Support, Role::Security]);
    assert_eq!(apart(world.room.assume("nick")), (Exclusion::Desks, held));
    let named = world.room.in_roles(&[Role::Security, Role::Support]);
    assert_eq!(apart(named.assume("nick")), (Exclusion::Desks, held));
    assert!(matches!(
        world.room.in_roles(&[Role::Billing]).assume("nick"),
        Err(StaffLoginError::RoleNotHeld { held: told }) if told == held
    ));
    let refused: Vec<_> = log(&world.room).into_iter().map(|entry| entry.entry).collect();
    let refused = refused.iter().filter(|entry| entry.reason.as_deref() == Some("separation_of_duty"));
    assert_eq!(refused.map(|entry| entry.what.name()).collect::<Vec<_>>(), ["staff.login"; 3]);

    for (role, does) in [(Role::Support, (true, false)), (Role::Security, (false, true))] {
        let login = world.room.in_roles(&[role]).assume("nick").unwrap();
        assert_eq!(login.roles, Roles::of(&[role]));
        let nick = world.room.staff(&login.token);
        assert_eq!((answers(&nick), investigates(&nick)), does, "{role}");
        let session = nick.session().unwrap().unwrap();
        assert_eq!((session.roles, session.named), (login.roles, Some(login.roles)));
        let entries: Vec<_> = log(&world.room).into_iter().map(|entry| entry.entry).collect();
        let own: Vec<_> = entries.iter().filter(|entry| entry.session.is_some()).collect();
        let [.., begun, one, other, _] = own.as_slice() else { panic!("three entries") };
        for entry in [begun, one, other] {
            assert_eq!(entry.roles, [role.name()], "{}", entry.what.name());
        }
        assert_eq!(begun.what.name(), "staff.login");
    }
}

/// He is asked for his roles once he has shown who he is, and what he showed serves once more.
#[test]
fn a_second_factor_is_not_used_up_by_a_login_that_names_no_role() {
    let (world, made) = with_nick(RoomKind::Real, TeamProfile::Small, &[Role::Support, Role::Security]);
    world.room.enrol(&made.codes.last().unwrap().code, &secret(PASSWORD)).unwrap();
    let login = |room: &Room| room.staff_login("nick", &secret(PASSWORD));
    assert_eq!(apart(login(&world.room)).0, Exclusion::Desks, "a password alone");
    let named = world.room.in_roles(&[Role::Security]);
    let nick = named.staff(&login(&named).unwrap().token);
    let offer = TotpOffer::fresh().unwrap();
    let authenticator = Authenticator::of(offer.address("nick").expose());
    nick.add_totp(&offer, &authenticator.code(world.clock.now())).unwrap();
    world.later(Duration::from_secs(60));
    let Err(StaffLoginError::SecondFactor { asked }) = login(&world.room) else { panic!("half a login") };
    let show = |room: &Room| {
        let code = authenticator.code(world.clock.now());
        room.second_factor(&asked.challenge, &SecondFactor::Code(code))
    };
    assert_eq!(apart(show(&world.room)).0, Exclusion::Desks);
    assert_eq!(show(&named).unwrap().roles, Roles::of(&[Role::Security]));
    assert!(matches!(show(&named), Err(StaffLoginError::Denied)), "and not twice");
}

/// A role for this person, asked for by ada and approved by these.
fn given(scene: &two_people::Scene, to: PrincipalId, role: Role, approvers: &[&str]) {
    let (ada, why) = scene.admin("ada");
    let asked = awaited(ada.give(to, role, MONTH, &why));
    for approver in approvers {
        scene.approve(approver, asked.approval).unwrap();
    }
    ada.give(to, role, MONTH, &why).unwrap();
}

#[test]
fn a_role_that_comes_while_a_session_runs_takes_no_others_place() {
    let scene = two_people::Scene::new();
    scene.world.customer(JANE);
    let id = scene.id("sam");
    let unnamed = scene.world.staff("sam");
    let named = scene.world.room.in_roles(&[Role::Support]).assume("sam").unwrap();
    let named = scene.world.room.staff(&named.token);
    let roles = |staff: &Staff| staff.session().unwrap().unwrap().roles;
    scene.world.later(Duration::from_secs(60));
    given(&scene, id, Role::Security, &["alan", "priya"]);
    for sam in [&unnamed, &named] {
        assert_eq!((answers(sam), investigates(sam)), (true, false));
    }
    assert_eq!(apart(scene.world.room.assume("sam")).0, Exclusion::Desks, "a new session is asked");
    // What excludes nothing acts at once, but where the roles were named.
    given(&scene, id, Role::Reviewer, &["alan"]);
    assert_eq!(roles(&unnamed), Roles::of(&[Role::Support, Role::Reviewer]));
    assert_eq!(roles(&named), Roles::of(&[Role::Support]));
    // What is taken away acts no more, from the next request on.
    let (ada, why) = scene.admin("ada");
    let people = ada.people(&FIRST, &Why::unstated()).unwrap().rows;
    let grants = &people.iter().find(|one| one.header.principal == id).unwrap().grants;
    let support = grants.iter().find(|grant| grant.role == Role::Support).unwrap();
    ada.revoke(support.grant, &why).unwrap();
    assert_eq!(roles(&named), Roles::NONE);
    assert_eq!(reason(named.find(JANE, &crate::scene::support())), DenialReason::NoRole);
}

/// A session that named no role stays at the desk at which it began, also when its place there is taken away.
#[test]
fn a_session_does_not_go_over_to_another_desk() {
    let scene = two_people::Scene::new();
    scene.world.customer(JANE);
    let id = scene.id("sam");
    let running = scene.world.staff("sam");
    scene.world.later(Duration::from_secs(60));
    given(&scene, id, Role::Security, &["alan", "priya"]);
    assert_eq!((answers(&running), investigates(&running)), (true, false));
    let (ada, why) = scene.admin("ada");
    let people = ada.people(&FIRST, &Why::unstated()).unwrap().rows;
    let grants = &people.iter().find(|one| one.header.principal == id).unwrap().grants;
    ada.revoke(grants.iter().find(|grant| grant.role == Role::Support).unwrap().grant, &why).unwrap();
    assert_eq!((answers(&running), investigates(&running)), (false, false));
    assert_eq!(running.session().unwrap().unwrap().roles, Roles::NONE);
    let anew = scene.world.staff("sam");
    assert_eq!((answers(&anew), investigates(&anew)), (false, true), "a new session begins there");
}

/// In a room of format 1 all roles act and nobody is told: the number alone makes none of a newer room.
#[test]
fn a_room_is_not_made_an_older_one_with_sql() {
    let world = both();
    world.customer(JANE);
    let login = world.room.in_roles(&[Role::Security]).assume("nick").unwrap();
    for dropped in
        ["", "; DROP TABLE outbox", "; DROP TABLE session_roles", "; DROP TABLE outbox; DROP TABLE device"]
    {
        let copy = Copy::of(&world);
        let running = copy.room();
        sql(&copy.path().join("store/store.db"), &format!("UPDATE room SET format = 1{dropped}"));
        // No request has asked yet what this process serves.
        let nick = running.staff(&login.token);
        assert_eq!(
            nick.find(JANE, &crate::scene::support()).err().unwrap().kind(),
            Kind::Integrity,
            "{dropped}"
        );
        assert_eq!(running.assume("nick").err().unwrap().kind(), Kind::Integrity, "{dropped}");
        let refused = options(&copy.path(), &world.clock).open_or_hold().err().unwrap();
        assert_eq!(refused.kind(), Kind::Integrity, "{dropped}");
        assert!(refused.to_string().contains("older format"), "{refused}");
    }
}

/// The row says less or nothing when it is edited, moved, invented or taken away; never two sides at once.
#[test]
fn the_roles_of_a_session_are_not_widened_with_sql() {
    let world = both();
    world.customer(JANE);
    let login = world.room.in_roles(&[Role::Security]).assume("nick").unwrap();
    let [session] = &chosen(&world)[..] else { panic!("one session has chosen") };
    let both = (1_u16 << (Role::Support.number() - 1)) | (1 << (Role::Security.number() - 1));
    let support = 1_u16 << (Role::Support.number() - 1);
    for edit in [
        format!("UPDATE session_roles SET roles = {both}"),
        format!("UPDATE session_roles SET roles = {support}"),
        "UPDATE session_roles SET roles = 65535".to_owned(),
        "UPDATE session_roles SET changed_at = changed_at + 1".to_owned(),
        "UPDATE session_roles SET mac = randomblob(32)".to_owned(),
    ] {
        let copy = Copy::of(&world);
        let room = copy.room();
        change(&copy.store(), &edit, [], 1);
        let nick = room.staff(&login.token);
        assert_eq!(reason(nick.find(JANE, &crate::scene::support())), DenialReason::NoRole, "{edit}");
        assert!(!investigates(&nick), "{edit}");
    }
    // Another session's, in its place.
    let copy = Copy::of(&world);
    let room = copy.room();
    drop(nick_in(&room, &[Role::Support]));
    let store = copy.store();
    change(&store, "DELETE FROM session_roles WHERE id = ?1", params![session], 1);
    change(&store, "UPDATE session_roles SET id = ?1", params![session], 1);
    assert_eq!(reason(room.staff(&login.token).find(JANE, &crate::scene::support())), DenialReason::NoRole);
    // Without it he acts in one of them: not in both.
    change(&store, "DELETE FROM session_roles", [], 1);
    let nick = room.staff(&login.token);
    assert_eq!((answers(&nick), investigates(&nick)), (true, false));
    // For a session that named none.
    let sam = room.assume("sam").unwrap();
    let own = "SELECT id FROM session WHERE holder = ?1 ORDER BY changed_at DESC LIMIT 1";
    let invented = format!("INSERT INTO session_roles VALUES (({own}), 65535, 1, zeroblob(32))");
    change(&store, &invented, params![bytes(sam.principal)], 1);
    assert_eq!(reason(room.staff(&sam.token).find(JANE, &crate::scene::support())), DenialReason::NoRole);
}

/// The sessions whose roles were chosen.
fn chosen(world: &World) -> Vec<Vec<u8>> {
    let store = rusqlite::Connection::open(world.path().join("store/store.db")).unwrap();
    let mut ids = store.prepare("SELECT id FROM session_roles").unwrap();
    ids.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A waiver lets one person hold what is to be apart; not use it at once.
#[test]
fn what_a_waiver_lets_one_hold_does_not_act_together() {
    let (world, _) = with_nick(RoomKind::Demo, TeamProfile::Two, &[Role::AccessAdmin, Role::Auditor]);
    assert_eq!(apart(world.room.assume("nick")).0, Exclusion::Parted);
    let auditor = nick_in(&world.room, &[Role::Auditor]);
    assert!(auditor.audit_log(LogPart::All, 0, &FIRST, &Why::unstated()).is_ok());
    let why = Why::purpose(Purpose::AccessAdmin);
    assert_eq!(reason(auditor.open_case(None, &why)), DenialReason::NotAllowed);
    let admin = nick_in(&world.room, &[Role::AccessAdmin]);
    let case = admin.open_case(None, &why).unwrap();
    assert!(admin.close_case(case, &why.case(CaseRef::Case(case))).is_ok());
}

/// There is no place for the roles of a session: all act, as they did, and the check of the policy says so.
#[test]
fn in_a_room_of_format_1_all_roles_act_and_the_policy_check_says_so() {
    let world = both();
    world.customer(JANE);
    let check = |room: &Room| {
        let vera = room.staff(&room.assume("vera").unwrap().token);
        vera.check_policy(&["protect.least"], &Why::unstated(), |_| ()).unwrap().verdicts.remove(0).kept
    };
    assert_eq!(check(&world.room), Kept::Kept);
    let store = world.path().join("store/store.db");

    sql(&store, TO_FORMAT_1);
    let room = world.again();
    let login = room.assume("nick").unwrap();
    let nick = room.staff(&login.token);
    assert_eq!((answers(&nick), investigates(&nick)), (true, true));
    assert_eq!(login.roles, Roles::of(&[Role::Support, Role::Security]));
    let refused = room.in_roles(&[Role::Support]).assume("nick").err().unwrap();
    assert!(matches!(refused, StaffLoginError::RolesTogether), "{refused}");
    assert!(refused.to_string().contains("room upgrade --apply"));
    let Kept::Broken { counter_examples, .. } = check(&room) else { panic!("kept") };
    assert_eq!(counter_examples.len(), 1);
    assert_eq!(counter_examples[0].place, format!("principal {}", login.principal));
    assert!(counter_examples[0].found.contains("room upgrade --apply"));
}
