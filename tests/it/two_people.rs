//! What takes two people: asked, approved by somebody else, carried out once, and exactly as it was approved.

use std::time::Duration;

use strongroom::{
    audit::{Data, What},
    room::{
        Appointment, ApprovalId, ApprovalState, Awaited, CaseRef, Ceremony, DenialReason, GrantId, Kind,
        PrincipalId, PrincipalKind, Purpose, Role, Room, RoomKind, Short, Staff, StaffError, TeamProfile,
        Waivable, Why,
    },
};
use tempfile::TempDir;

use crate::{
    dba::log,
    world::{FIRST, START, World, ceremony, options},
};

const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// A world with a third who administers access, and one of security.
pub struct Scene {
    pub world: World,
}

impl Scene {
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let clock = strongroom::room::Clock::manual(START);
        let mut people = Ceremony { profile: TeamProfile::Full, ..ceremony(RoomKind::Demo) };
        let more = [("amos", Role::AccessAdmin), ("sid", Role::Security)];
        people
            .appointments
            .extend(more.map(|(handle, role)| Appointment { handle: handle.to_owned(), roles: vec![role] }));
        let made = Room::init(options(&directory.path().join("room"), &clock), &people).unwrap();
        Self { world: World { room: made.room, clock, directory } }
    }

    pub fn id(&self, handle: &str) -> PrincipalId {
        self.world.room.assume(handle).unwrap().principal
    }

    /// Somebody new, without a role.
    pub fn nina(&self) -> PrincipalId {
        let (ada, why) = self.admin("ada");
        ada.appoint("nina", PrincipalKind::Human, &why).unwrap().principal
    }

    /// Somebody who administers access, with a case.
    pub fn admin(&self, handle: &str) -> (Staff, Why) {
        let staff = self.world.staff(handle);
        let plain = Why::purpose(Purpose::AccessAdmin);
        let case = staff.open_case(None, &plain).unwrap();
        (staff, plain.case(CaseRef::Case(case)))
    }

    /// Approves as this person.
    pub fn approve(&self, handle: &str, approval: ApprovalId) -> Result<ApprovalState, StaffError> {
        Ok(self.world.staff(handle).approve(approval, &Why::unstated())?.state)
    }
}

pub fn awaited<T>(result: Result<T, StaffError>) -> Awaited {
    match result {
        Err(StaffError::Awaits { awaited }) => awaited,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was carried out by one"),
    }
}

fn reason<T>(result: Result<T, StaffError>) -> DenialReason {
    match result {
        Err(StaffError::Denied { refused }) => refused.reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was allowed"),
    }
}

fn state<T>(result: Result<T, StaffError>) -> &'static str {
    match result {
        Err(StaffError::State { what }) => what,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was done"),
    }
}

fn holds_it(scene: &Scene, grant: GrantId) -> bool {
    let people = scene.world.staff("vera").people(&FIRST, &Why::unstated()).unwrap().rows;
    people.iter().flat_map(|person| &person.grants).any(|one| one.grant == grant)
}

/// Nothing in the log or the tables is other than what was written.
fn verified(scene: &Scene) {
    verified_by("vera", scene);
}

fn verified_by(auditor: &str, scene: &Scene) {
    let auditors = scene.world.room.in_roles(&[Role::Auditor]);
    let auditor = auditors.staff(&auditors.assume(auditor).unwrap().token);
    let verified = auditor.verify(None, &Why::unstated(), |_| ()).unwrap();
    assert!(verified.report.faults.is_empty(), "{:?}", verified.report.faults);
    assert_eq!(verified.authority, Some(true));
    drop(scene.world.again());
}

#[test]
fn a_role_is_asked_for_approved_and_given_once() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let asked = awaited(ada.give(nina, Role::Support, MONTH, &why));
    assert_eq!((asked.missing, asked.not_before), (1, None));
    let again = awaited(ada.give(nina, Role::Support, MONTH, &why));
    assert_eq!(again.approval, asked.approval, "asked again, it waits as before");

    let alan = scene.world.staff("alan");
    let waiting = alan.waiting().unwrap();
    assert_eq!((waiting.requested, waiting.ready), (1, 0));
    let shown = alan.approval(asked.approval, &Why::unstated()).unwrap();
    assert!(shown.request.contains("role support\n") && shown.request.contains(&nina.to_string()));
    let listed = alan.approvals(&FIRST, &Why::unstated()).unwrap();
    assert_eq!(listed.rows, std::slice::from_ref(&shown.header));
    let decided = alan.approve(asked.approval, &Why::unstated()).unwrap();
    assert_eq!((decided.state, decided.approvers), (ApprovalState::Approved, vec![scene.id("alan")]));
    assert_eq!(ada.waiting().unwrap().ready, 1);

    let grant = ada.give(nina, Role::Support, MONTH, &why).unwrap();
    assert!(holds_it(&scene, grant));
    let used = ada.approval(asked.approval, &Why::unstated()).unwrap().header;
    assert_eq!(used.state, ApprovalState::Used);
    let another = awaited(ada.give(nina, Role::Support, MONTH, &why));
    assert_ne!(another.approval, asked.approval, "an approval serves once");
    verified(&scene);
}

#[test]
fn what_is_carried_out_is_what_was_approved() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let asked = awaited(ada.give(nina, Role::Support, MONTH, &why));
    scene.approve("lea", asked.approval).unwrap();
    let (_, other_why) = scene.admin("ada");
    let others = [
        awaited(ada.give(nina, Role::Billing, MONTH, &why)),
        awaited(ada.give(nina, Role::Support, MONTH + DAY, &why)),
        awaited(ada.give(scene.id("vera"), Role::Support, MONTH, &why)),
        awaited(ada.give(nina, Role::Support, MONTH, &other_why)),
        {
            let (alan, why) = scene.admin("alan");
            awaited(alan.give(nina, Role::Support, MONTH, &why))
        },
    ];
    assert!(others.iter().all(|other| other.approval != asked.approval));
    ada.give(nina, Role::Support, MONTH, &why).unwrap();
    verified(&scene);
}

#[test]
fn the_second_person_is_somebody_else() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let asked = awaited(ada.give(nina, Role::Billing, MONTH, &why));
    assert_eq!(reason(scene.approve("ada", asked.approval)), DenialReason::OwnRequest);
    assert_eq!(reason(scene.approve("lea", asked.approval)), DenialReason::NotApprover, "of support alone");
    assert_eq!(reason(scene.approve("vera", asked.approval)), DenialReason::NotAllowed);
    assert_eq!(reason(scene.approve("sam", asked.approval)), DenialReason::NotAllowed);
    // For lea herself, who may approve roles of support otherwise.
    let hers = awaited(ada.give(scene.id("lea"), Role::Support, MONTH, &why));
    assert_eq!(reason(scene.approve("lea", hers.approval)), DenialReason::OwnRequest);
    verified(&scene);
}

#[test]
fn a_grave_role_takes_two_others() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let ask = || ada.give(nina, Role::Security, MONTH, &why);
    let asked = awaited(ask());
    assert_eq!(asked.missing, 2);
    assert_eq!(scene.approve("alan", asked.approval).unwrap(), ApprovalState::Requested);
    assert_eq!(reason(scene.approve("alan", asked.approval)), DenialReason::OwnRequest, "not twice");
    let taken_back = scene.world.staff("alan").disapprove(asked.approval, &Why::unstated());
    assert_eq!(reason(taken_back), DenialReason::OwnRequest, "nor taken back");
    assert_eq!(awaited(ask()).missing, 1);
    assert_eq!(scene.approve("sid", asked.approval).unwrap(), ApprovalState::Approved);
    ask().unwrap();
    // Whoever got a role from ada approves nothing of hers for a month.
    scene.world.clock.advance(Duration::from_secs(60));
    let sam = scene.id("sam");
    let next = awaited(ada.give(sam, Role::SupportLead, MONTH, &why));
    assert_eq!(reason(scene.approve("nina", next.approval)), DenialReason::GrantedByRequester);
    verified(&scene);
}

#[test]
fn a_refusal_is_for_good_and_time_ends_the_rest() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let ask = || ada.give(nina, Role::Support, MONTH, &why);
    let first = awaited(ask());
    let alan = scene.world.staff("alan");
    let refused = alan.disapprove(first.approval, &Why::unstated()).unwrap();
    assert_eq!(refused.state, ApprovalState::Refused);
    assert!(state(scene.approve("lea", first.approval)).contains("no second person any more"));
    let second = awaited(ask());
    assert_ne!(second.approval, first.approval, "asked anew, it is another");
    scene.approve("lea", second.approval).unwrap();
    alan.disapprove(second.approval, &Why::unstated()).unwrap();
    let third = awaited(ask());

    scene.world.clock.advance(DAY * 7);
    assert!(state(scene.approve("lea", third.approval)).contains("time has passed"));
    let (ada, why) = scene.admin("ada");
    assert_eq!(ada.waiting().unwrap().requested, 0);
    let shown = ada.approval(third.approval, &Why::unstated()).unwrap().header;
    assert_eq!(shown.state, ApprovalState::Expired);
    awaited(ada.give(nina, Role::Support, MONTH, &why));
    verified(&scene);
}

/// An approval that a refusal of the request itself follows is not used up.
#[test]
fn what_comes_to_nothing_uses_up_nothing() {
    let scene = Scene::new();
    let (ada, why) = scene.admin("ada");
    let ask = || ada.give(scene.id("sam"), Role::Billing, MONTH, &why);
    let asked = awaited(ask());
    scene.approve("alan", asked.approval).unwrap();
    for _ in 0..2 {
        let Err(StaffError::Conflict { what }) = ask() else { panic!("support and billing together") };
        assert!(what.contains("SSD-6"), "{what}");
    }
    let header = ada.approval(asked.approval, &Why::unstated()).unwrap().header;
    assert_eq!(header.state, ApprovalState::Approved);
    verified(&scene);
}

/// A rule that two others agreed to waive is out of force, until its time passes.
#[test]
fn a_waiver_takes_two_others_and_ends() {
    let scene = Scene::new();
    let (ada, why) = scene.admin("ada");
    let waive = || ada.waive(Waivable::RefundAndSupport, MONTH, &why);
    let asked = awaited(waive());
    assert_eq!(asked.missing, 2);
    scene.approve("priya", asked.approval).unwrap();
    scene.approve("alan", asked.approval).unwrap();
    waive().unwrap();
    let give = || ada.give(scene.id("sam"), Role::Billing, DAY, &why);
    let approval = awaited(give()).approval;
    scene.approve("alan", approval).unwrap();
    give().unwrap();
    scene.world.clock.advance(MONTH);
    let (ada, why) = scene.admin("ada");
    let bill = scene.id("bill");
    let approval = awaited(ada.give(bill, Role::Support, DAY, &why)).approval;
    scene.approve("alan", approval).unwrap();
    assert!(matches!(ada.give(bill, Role::Support, DAY, &why), Err(StaffError::Conflict { .. })));
    verified(&scene);
}

#[test]
fn few_administer_access() {
    let scene = Scene::new();
    let (ada, why) = scene.admin("ada");
    for (handle, is_room) in [("abel", true), ("anna", false)] {
        let new = ada.appoint(handle, PrincipalKind::Human, &why).unwrap().principal;
        let approval = awaited(ada.give(new, Role::AccessAdmin, DAY, &why)).approval;
        scene.approve("amos", approval).unwrap();
        scene.approve("sid", approval).unwrap();
        let given = ada.give(new, Role::AccessAdmin, DAY, &why);
        assert_eq!(given.is_ok(), is_room, "{handle}");
    }
    verified(&scene);
}

/// Two administer access and one audits: a role is not taken away below that, somebody who has to go at once is, and each
/// report says then that somebody is missing.
#[test]
fn too_few_are_not_left_unless_somebody_has_to_go() {
    let scene = Scene::new();
    let grant_of = |handle: &str| {
        let people = scene.world.staff("vera").people(&FIRST, &Why::unstated()).unwrap().rows;
        let one = people.into_iter().find(|one| one.header.principal == scene.id(handle)).unwrap();
        one.grants[0].grant
    };
    let (ada, why) = scene.admin("ada");
    assert!(scene.world.room.cautions().unwrap().short.is_empty());
    ada.revoke(grant_of("amos"), &why).unwrap();
    for handle in ["alan", "ada", "vera"] {
        let refused = ada.revoke(grant_of(handle), &why);
        assert!(
            matches!(&refused, Err(StaffError::Conflict { what }) if what.contains("have to hold")),
            "{handle}"
        );
    }
    ada.revoke(grant_of("sam"), &why).unwrap();
    ada.disable(scene.id("alan"), &why).unwrap();
    let short = scene.world.room.cautions().unwrap().short;
    assert_eq!(short, [Short { role: Role::AccessAdmin, held: 1, least: 2 }]);
    verified(&scene);
}

#[test]
fn waiting_is_a_kind_of_its_own() {
    let scene = Scene::new();
    let (ada, why) = scene.admin("ada");
    let error = ada.give(scene.nina(), Role::Support, MONTH, &why).unwrap_err();
    assert_eq!((error.kind(), error.request_id().is_some()), (Kind::Pending, true));
}

/// Two people, each of whom may do much: a day stands for the second person, everybody is told, and the other looks at it
/// afterwards.
#[test]
fn in_a_team_of_two_a_day_stands_for_the_second_person() {
    let directory = TempDir::new().unwrap();
    let clock = strongroom::room::Clock::manual(START);
    let person =
        |handle: &str, roles: &[Role]| Appointment { handle: handle.to_owned(), roles: roles.to_vec() };
    let appointments = vec![
        person("ada", &[Role::AccessAdmin, Role::Security]),
        person("alan", &[Role::AccessAdmin, Role::Auditor]),
    ];
    let people = Ceremony {
        kind: RoomKind::Demo,
        outside: None,
        appointments,
        profile: TeamProfile::Two,
        custody: strongroom::room::Custody::default(),
    };
    let made = Room::init(options(&directory.path().join("room"), &clock), &people).unwrap();
    let waived = [Waivable::SecondPerson, Waivable::AccessAdmin, Waivable::Auditor];
    assert_eq!(made.waived, waived);
    // What each of them holds only because a rule is waived does not act together: here they administer access.
    let room = made.room.in_roles(&[Role::AccessAdmin]);
    let scene = Scene { world: World { room, clock, directory } };
    let told = scene.world.room.cautions().unwrap();
    assert_eq!(told.waivers.iter().map(|waiver| waiver.rule).collect::<Vec<_>>(), waived);
    assert!(told.is_single_custody());

    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let asked = awaited(ada.give(nina, Role::Security, MONTH, &why));
    assert_eq!(asked.not_before, Some(scene.world.clock.now().plus(DAY)));
    let alan = scene.world.staff("alan");
    assert_eq!(alan.waiting().unwrap().requested, 1, "everybody is told");
    scene.world.clock.advance(DAY - Duration::from_secs(1));
    let ada = scene.world.staff("ada");
    awaited(ada.give(nina, Role::Security, MONTH, &why));
    scene.world.clock.advance(Duration::from_secs(1));
    ada.give(nina, Role::Security, MONTH, &why).unwrap();
    let unreviewed = || scene.world.room.cautions().unwrap().unreviewed;
    assert_eq!(unreviewed(), 1);
    verified_by("alan", &scene);

    assert_eq!(reason(scene.approve("ada", asked.approval)), DenialReason::OwnRequest);
    assert_eq!(scene.approve("alan", asked.approval).unwrap(), ApprovalState::Reviewed);
    assert_eq!(unreviewed(), 0);
    // Whatever the delay, a refusal ends it.
    let asked = awaited(ada.give(nina, Role::Legal, MONTH, &why));
    scene.world.staff("alan").disapprove(asked.approval, &Why::unstated()).unwrap();
    scene.world.clock.advance(DAY);
    let (ada, why) = scene.admin("ada");
    awaited(ada.give(nina, Role::Legal, MONTH, &why));
    // The waivers end, and with them the way without others.
    scene.world.clock.advance(DAY * 180);
    assert!(scene.world.room.cautions().unwrap().waivers.is_empty());
    verified_by("alan", &scene);
}

#[test]
fn a_ceremony_whose_team_could_not_go_on_is_refused() {
    let least = || ceremony(RoomKind::Demo).appointments.into_iter().take(3).collect::<Vec<_>>();
    let clock = strongroom::room::Clock::manual(START);
    for (profile, is_made) in
        [(TeamProfile::Two, true), (TeamProfile::Small, false), (TeamProfile::Full, false)]
    {
        let directory = TempDir::new().unwrap();
        let people = Ceremony {
            kind: RoomKind::Demo,
            outside: None,
            appointments: least(),
            profile,
            custody: strongroom::room::Custody::default(),
        };
        let made = Room::init(options(&directory.path().join("room"), &clock), &people);
        assert_eq!(made.is_ok(), is_made, "{profile}");
        assert_eq!(directory.path().join("room").exists(), is_made, "nothing is written on failure");
    }
}

/// What one asks for is bounded, and what nobody approved in time is ended by the next that he asks for.
#[test]
fn sixty_four_requests_of_one_wait() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    for more in 0..64 {
        awaited(ada.give(nina, Role::Support, DAY + Duration::from_secs(more), &why));
    }
    assert!(state(ada.give(nina, Role::Support, MONTH, &why)).contains("too many requests"));
    awaited(ada.give(nina, Role::Support, DAY, &why));
    let (alan, his_why) = scene.admin("alan");
    awaited(alan.give(nina, Role::Support, MONTH, &his_why));

    scene.world.clock.advance(DAY * 7);
    let (ada, why) = scene.admin("ada");
    awaited(ada.give(nina, Role::Support, MONTH, &why));
    let ended = |what: &What| match what {
        What::Known(Data::ApprovalExpired { approvals }) => Some(approvals.len()),
        _ => None,
    };
    let ended: Vec<_> = log(&scene.world.room).iter().filter_map(|one| ended(&one.entry.what)).collect();
    assert_eq!(ended, [64], "hers, and nobody else's");
    verified(&scene);
}

fn sql(scene: &Scene, statement: &str) {
    let store = rusqlite::Connection::open(scene.world.path().join("store/store.db")).unwrap();
    store.execute_batch(statement).unwrap();
}

#[test]
fn what_sql_writes_approves_nothing() {
    for statement in [
        "UPDATE approval SET state = 2, first_approver = beneficiary",
        "UPDATE approval SET role = 14, state = 2",
        "UPDATE waiver SET rule = 2",
        "INSERT INTO waiver SELECT randomblob(16), 2, NULL, created_ms - 90000000, created_ms + 90000000, 1, changed_at, mac FROM approval",
    ] {
        let scene = Scene::new();
        let nina = scene.nina();
        let (ada, why) = scene.admin("ada");
        awaited(ada.give(nina, Role::Support, MONTH, &why));
        sql(&scene, statement);
        scene.world.clock.advance(DAY);
        let ada = scene.world.staff("ada");
        awaited(ada.give(nina, Role::Support, MONTH, &why));
        let opened = options(&scene.world.path(), &scene.world.clock).open();
        assert_eq!(opened.is_err(), !statement.starts_with("UPDATE waiver"), "{statement}");
    }
}

/// Who approves reads what he approves: a text that is another's is not shown to him as this one's.
#[test]
fn another_text_beside_an_approval_is_not_shown() {
    for edit in ["replace(request_text, 'role support', 'role billing')", "''", "x'ff'"] {
        let scene = Scene::new();
        let nina = scene.nina();
        let (ada, why) = scene.admin("ada");
        let asked = awaited(ada.give(nina, Role::Support, MONTH, &why));
        let alan = scene.world.staff("alan");
        alan.approval(asked.approval, &Why::unstated()).unwrap();
        sql(&scene, &format!("UPDATE approval SET request_text = CAST({edit} AS BLOB)"));
        let shown = alan.approval(asked.approval, &Why::unstated());
        assert_eq!(shown.err().map(|error| error.kind()), Some(Kind::Integrity), "{edit}");
    }
}

/// An approval that served, put back as it was before: it is genuine, and not the newest.
#[test]
fn an_approval_that_is_put_back_is_found() {
    let scene = Scene::new();
    let nina = scene.nina();
    let (ada, why) = scene.admin("ada");
    let asked = awaited(ada.give(nina, Role::Support, MONTH, &why));
    scene.approve("alan", asked.approval).unwrap();
    sql(&scene, "CREATE TABLE kept AS SELECT * FROM approval");
    ada.give(nina, Role::Support, MONTH, &why).unwrap();
    sql(&scene, "DELETE FROM approval; INSERT INTO approval SELECT * FROM kept; DROP TABLE kept");
    let found = scene.world.staff("vera").verify(None, &Why::unstated(), |_| ()).unwrap();
    assert_eq!(found.authority, Some(false));
    let kinds: Vec<_> = found.report.faults.iter().map(|fault| fault.kind.name()).collect();
    assert_eq!(kinds, ["approvals_differ"]);
    let opened = options(&scene.world.path(), &scene.world.clock).open();
    assert_eq!(opened.err().map(|error| error.kind()), Some(Kind::Integrity));
}
