//! The second person, one condition at a time: what satisfies `2`, and who may be the one.

use std::time::Duration;

use super::world::World;
use crate::{
    access::{
        Action, CaseRef, Decision, DenialReason, Object, Parameter, Purpose, Role,
        decide::tests::ago,
        rows::{ApprovalRow, ApprovalState, Waivable, WaiverRow, WaiverState},
        testing::{self, ACTOR, CASE, COLLEAGUE, NOW, SUBJECT},
    },
    base::{ApprovalId, PrincipalId, Time, WaiverId, limits},
};

const MS: Duration = Duration::from_millis(1);
const NINA: PrincipalId = PrincipalId::from_bytes([0xa3; 16]);
const OMAR: PrincipalId = PrincipalId::from_bytes([0xa4; 16]);
const DIGEST: [u8; 32] = [0xd1; 32];

/// The actor asked an hour ago to give Nina a role; a colleague has approved it.
fn approved(role: Role) -> ApprovalRow {
    let created = ago(Duration::from_secs(3600));
    ApprovalRow {
        id: ApprovalId::from_bytes([0x33; 16]),
        requester: ACTOR,
        action: Action::GrantGive,
        role: Some(role),
        beneficiary: Some(NINA),
        subject: None,
        request: DIGEST,
        created,
        expires: created.plus(limits::APPROVAL_LIFETIME),
        first: Some(COLLEAGUE),
        second: None,
        state: ApprovalState::Approved,
        changed_at: 7,
    }
}

fn waiver(rule: Waivable) -> WaiverRow {
    let created = ago(Duration::from_secs(86_400));
    WaiverRow {
        id: WaiverId::from_bytes([0x44; 16]),
        rule,
        given_by: None,
        created,
        expires: created.plus(limits::WAIVER_LIFETIME_MAX),
        state: WaiverState::Live,
        changed_at: 1,
    }
}

/// An access administrator gives Nina the role of support, on an approval.
fn giving() -> World {
    let mut world = World::of(&[Role::AccessAdmin], Action::GrantGive);
    world.open_case(Purpose::AccessAdmin);
    world.case().account = None;
    world.request.subject = None;
    world.request.objects = vec![Object::Principal(NINA)];
    world.request.parameters =
        vec![Parameter::Role(Role::Support), Parameter::Lifetime(Duration::from_secs(86_400))];
    (world.digest, world.approval) = (DIGEST, Some(approved(Role::Support)));
    world
}

fn refusal(change: impl FnOnce(&mut World, &mut ApprovalRow)) -> Option<DenialReason> {
    let mut world = giving();
    let mut row = world.approval.take().unwrap();
    change(&mut world, &mut row);
    world.approval = Some(row);
    world.reason()
}

#[test]
fn an_approval_of_exactly_this_request_satisfies_and_is_named() {
    let Decision::Permit(permit) = giving().decide() else { panic!("refused") };
    let used = permit.approved().unwrap();
    assert!(used.by_all);
    assert_eq!(permit.objects(), [Object::Principal(NINA), Object::Approval(used.approval)]);
}

#[test]
fn no_other_approval_satisfies() {
    let second = Some(DenialReason::SecondPerson);
    let mut without = giving();
    without.approval = None;
    assert_eq!(without.reason(), second);
    assert_eq!(refusal(|_, row| row.request = [0; 32]), second, "of another request");
    assert_eq!(refusal(|_, row| row.requester = COLLEAGUE), second, "somebody else's");
    assert_eq!(refusal(|_, row| row.action = Action::WaiverGive), second, "of another action");
    assert_eq!(refusal(|_, row| (row.first, row.state) = (None, ApprovalState::Requested)), second);
    for state in ApprovalState::ALL {
        let is_met = matches!(state, ApprovalState::Approved | ApprovalState::Requested);
        assert_eq!(refusal(|_, row| row.state = state).is_none(), is_met, "{state}");
    }
}

#[test]
fn an_approval_counts_to_the_millisecond() {
    let life = limits::APPROVAL_LIFETIME;
    let created = |age: Duration| {
        move |_: &mut World, row: &mut ApprovalRow| {
            (row.created, row.expires) = (ago(age), Time::MAX);
        }
    };
    assert_eq!(refusal(created(life - MS)), None);
    assert_eq!(refusal(created(life)), Some(DenialReason::SecondPerson), "whatever the row says");
    assert_eq!(refusal(|_, row| row.expires = NOW), Some(DenialReason::SecondPerson));
    assert_eq!(
        refusal(|_, row| row.created = NOW.plus(MS)),
        Some(DenialReason::SecondPerson),
        "asked tomorrow"
    );
}

#[test]
fn a_grave_role_takes_two() {
    let grave = |second| refusal(|_, row| (row.role, row.second) = (Some(Role::AccessAdmin), second));
    assert_eq!(grave(None), Some(DenialReason::SecondPerson));
    assert_eq!(grave(Some(OMAR)), None);
}

#[test]
fn a_delay_stands_for_who_is_waived_and_is_looked_at_afterwards() {
    let delayed = |rule: Option<Waivable>, age: Duration, first: Option<PrincipalId>| {
        let mut world = giving();
        world.waivers = rule.map(waiver).into_iter().collect();
        let row = world.approval.as_mut().unwrap();
        (row.role, row.created, row.expires) = (Some(Role::Security), ago(age), Time::MAX);
        (row.first, row.state) = (first, ApprovalState::Requested);
        match world.decide() {
            Decision::Permit(permit) => Ok(permit.approved().unwrap().by_all),
            Decision::Denial(denial) => Err(denial.reason),
        }
    };
    let (day, second) = (limits::APPROVAL_DELAY, Err(DenialReason::SecondPerson));
    assert_eq!(delayed(None, day, Some(COLLEAGUE)), second, "nothing is waived");
    assert_eq!(delayed(Some(Waivable::SecondPerson), day - MS, None), second);
    assert_eq!(delayed(Some(Waivable::SecondPerson), day, None), Ok(false));
    assert_eq!(delayed(Some(Waivable::SecondApprover), day, None), second, "the first is not waived");
    assert_eq!(delayed(Some(Waivable::SecondApprover), day - MS, Some(COLLEAGUE)), second);
    assert_eq!(delayed(Some(Waivable::SecondApprover), day, Some(COLLEAGUE)), Ok(false));
    assert_eq!(delayed(Some(Waivable::Auditor), day, Some(COLLEAGUE)), second, "another rule");
}

#[test]
fn a_waiver_counts_while_it_is_live_and_no_longer_than_any() {
    let live = |change: fn(&mut WaiverRow)| {
        let mut row = waiver(Waivable::SecondPerson);
        change(&mut row);
        row.is_live(NOW)
    };
    assert!(live(|_| ()));
    assert!(!live(|row| row.state = WaiverState::Ended));
    assert!(!live(|row| row.expires = NOW));
    assert!(!live(|row| row.created = NOW.plus(MS)));
    assert!(!live(|row| (row.created, row.expires) = (ago(limits::WAIVER_LIFETIME_MAX), Time::MAX)));
}

/// A colleague's request of the subject's or nobody's matters, which the actor is to approve in this role.
fn deciding(role: Role, change: impl FnOnce(&mut World, &mut ApprovalRow)) -> Option<DenialReason> {
    let mut world = World::of(&[role], Action::ApprovalDecide);
    let mut row = ApprovalRow {
        requester: COLLEAGUE,
        first: None,
        state: ApprovalState::Requested,
        ..approved(Role::Support)
    };
    (world.request.subject, world.request.purpose, world.request.case) = (None, None, None);
    world.request.objects = vec![Object::Approval(row.id)];
    world.grants[0].granted_by = Some(OMAR);
    change(&mut world, &mut row);
    world.approval = Some(row);
    world.reason()
}

#[test]
fn the_approver_is_somebody_else_than_requester_beneficiary_and_first_approver() {
    let lead = |change: fn(&mut ApprovalRow)| deciding(Role::SupportLead, |_, row| change(row));
    assert_eq!(lead(|_| ()), None);
    let own = Some(DenialReason::OwnRequest);
    assert_eq!(lead(|row| row.requester = ACTOR), own);
    assert_eq!(lead(|row| row.beneficiary = Some(ACTOR)), own);
    assert_eq!(lead(|row| row.first = Some(ACTOR)), own);
    assert_eq!(lead(|row| row.second = Some(ACTOR)), own);
    assert_eq!(
        deciding(Role::SupportLead, |world, row| {
            (world.request.subject, world.own_account) = (Some(SUBJECT), Some(SUBJECT));
            row.subject = Some(SUBJECT);
        }),
        Some(DenialReason::OwnAccount),
        "nor is it about his own account"
    );
}

#[test]
fn the_approver_holds_a_role_that_approves_this() {
    for asked in Role::ALL {
        for role in Role::ALL.into_iter().filter(|role| role.number() > 5) {
            let who = crate::access::approving::approvers(Action::GrantGive, Some(asked));
            let reason = deciding(role, |_, row| row.role = Some(asked));
            let cell = crate::access::matrix::cell(Action::ApprovalDecide, role);
            let expected = if cell == crate::access::cell::Cell::DENY {
                Some(DenialReason::NotAllowed)
            } else {
                (!who.contains(role)).then_some(DenialReason::NotApprover)
            };
            assert_eq!(reason, expected, "{role} on {asked}");
        }
    }
}

#[test]
fn the_approver_got_no_role_from_the_requester_lately() {
    let granted = |age: Duration, by| {
        deciding(Role::AccessAdmin, |world, _| {
            let mut other = testing::grant(Role::Reviewer);
            (other.granted_by, other.not_before) = (by, ago(age));
            world.grants.push(other);
        })
    };
    let apart = limits::APPROVER_APART;
    assert_eq!(granted(apart - MS, Some(COLLEAGUE)), Some(DenialReason::GrantedByRequester));
    assert_eq!(granted(apart, Some(COLLEAGUE)), None);
    assert_eq!(granted(MS, Some(OMAR)), None);
    assert_eq!(granted(MS, None), None, "the ceremony's");
}

#[test]
fn one_gives_to_others_and_asks_little_for_oneself() {
    assert_eq!(
        refusal(|world, _| world.request.objects = vec![Object::Principal(ACTOR)]),
        Some(DenialReason::NotAllowed),
        "an access administrator gives himself nothing"
    );
    let own = |role: Role, seconds: u64, objects: Vec<Object>| {
        let mut world = World::of(&[role], Action::GrantGive);
        (world.request.subject, world.request.objects) = (None, objects);
        (world.request.case, world.ticket) = (None, None);
        world.request.parameters =
            vec![Parameter::Role(Role::Support), Parameter::Lifetime(Duration::from_secs(seconds))];
        world.reason()
    };
    let (me, nina) = (vec![Object::Principal(ACTOR)], vec![Object::Principal(NINA)]);
    let eight_hours = limits::ELEVATION_MAX.as_secs();
    let second = Some(DenialReason::SecondPerson);
    assert_eq!(own(Role::Support, eight_hours, me.clone()), second, "nothing else is missing");
    assert!(matches!(own(Role::Support, eight_hours + 1, me.clone()), Some(DenialReason::NeedsStepTwo(_))));
    assert_eq!(own(Role::Support, 60, nina.clone()), Some(DenialReason::NotAllowed));
    assert_eq!(own(Role::SupportLead, 86_400, nina), second);
    assert_eq!(
        own(Role::SupportLead, 60, me),
        Some(DenialReason::NotAllowed),
        "of support a lead gives to others"
    );
}

/// What support may with a short grant alone: reveal a field of the account of its ticket.
#[test]
fn a_short_grant_of_the_role_elevates() {
    let mut world = World::of(&[Role::Support], Action::AccountRevealField);
    world.request.fields = vec![crate::access::Field::Email];
    assert!(matches!(world.reason(), Some(DenialReason::NeedsStepTwo(_))));
    let mut short = testing::grant(Role::Support);
    (short.not_before, short.expires) = (ago(MS), ago(MS).plus(limits::ELEVATION_MAX));
    world.grants.push(short.clone());
    assert_eq!(world.reason(), None);
    world.grants[1].expires = short.expires.plus(MS);
    assert!(matches!(world.reason(), Some(DenialReason::NeedsStepTwo(_))));
    world.grants[1] = crate::access::rows::GrantRow { role: Role::SupportLead, ..short };
    assert_eq!(world.reason(), None, "a lead reveals without");
}

/// A case about nobody lives longer than one about a person: its requests wait for a second person.
#[test]
fn a_staff_case_outlives_the_wait_for_a_second_person() {
    let aged = |age: Duration| {
        refusal(|world, _| {
            let case = world.case();
            (case.created, case.expires) = (ago(age), Time::MAX);
        })
    };
    assert!(limits::STAFF_CASE_LIFETIME > limits::APPROVAL_LIFETIME);
    assert_eq!(aged(limits::STAFF_CASE_LIFETIME - MS), None);
    assert_eq!(aged(limits::STAFF_CASE_LIFETIME), Some(DenialReason::CaseExpired));
    assert_eq!(giving().request.case, Some(CaseRef::Case(CASE)));
}

/// Each part of a request is in what is approved: another part, another text.
#[test]
fn what_is_approved_is_all_of_the_request() {
    let room = crate::base::RoomId::from_bytes([1; 16]);
    let world = giving();
    let text = world.request.canonical_text(room);
    let mut texts =
        vec![text.clone(), world.request.canonical_text(crate::base::RoomId::from_bytes([2; 16]))];
    let changes: [fn(&mut crate::access::Request); 9] = [
        |request| request.actor = COLLEAGUE,
        |request| request.action = Action::WaiverGive,
        |request| request.subject = Some(SUBJECT),
        |request| request.objects = vec![Object::Principal(OMAR)],
        |request| request.fields = vec![crate::access::Field::Email],
        |request| request.purpose = None,
        |request| request.case = None,
        |request| request.parameters[0] = Parameter::Role(Role::Security),
        |request| request.parameters[1] = Parameter::Lifetime(Duration::from_secs(1)),
    ];
    for change in changes {
        let mut request = world.request.clone();
        change(&mut request);
        let changed = request.canonical_text(room);
        assert!(!texts.contains(&changed), "{changed}");
        texts.push(changed);
    }
    assert_eq!(
        text.lines().skip(3).collect::<Vec<_>>(),
        [
            "action grant.give".to_owned(),
            format!("object principal:{NINA}"),
            "purpose access_admin".to_owned(),
            format!("case case:{CASE}"),
            "role support".to_owned(),
            "seconds 86400".to_owned(),
        ]
    );
}
