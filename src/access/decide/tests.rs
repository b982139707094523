//! The decision, one condition at a time, at its edges. What holds for all roles and contexts: `every_case.rs`.

mod every_case;
mod second_person;
mod world;

use std::time::Duration;

use world::World;

use super::{Decision, DenialReason};
use crate::{
    access::{
        Action, CaseRef, Field, Object, PrincipalKind, Purpose, Role, Rule, StepTwo, View,
        rows::{CaseState, GrantState, Holder, PrincipalState, SessionState, TicketState},
        testing::{self, ACTOR, CASE, COLLEAGUE, NOW, SESSION, STRANGER, SUBJECT, TICKET},
    },
    base::{CaseId, GrantId, TicketId, Time, limits},
};

const MS: Duration = Duration::from_millis(1);

fn ago(span: Duration) -> Time {
    Time::from_ms(NOW.as_ms() - i64::try_from(span.as_millis()).unwrap())
}

#[test]
fn support_reads_its_ticket_and_the_permit_tells_all_of_it() {
    let world = World::support();
    let Decision::Permit(permit) = world.decide() else { panic!("refused") };
    assert_eq!(
        (permit.actor(), permit.session(), permit.action()),
        (ACTOR, SESSION, Action::TicketReadAssigned)
    );
    assert_eq!(permit.rule(), Rule::Cell(Action::TicketReadAssigned, Role::Support));
    assert_eq!((permit.view(), permit.subject()), (Some(View::Clear), Some(SUBJECT)));
    assert_eq!((permit.objects(), permit.fields()), (&world.request.objects[..], &[Field::Body][..]));
    assert_eq!(
        (permit.purpose(), permit.case()),
        (Some(Purpose::SupportRequest), Some(CaseRef::Ticket(TICKET)))
    );
    assert_eq!(permit.roles().iter().collect::<Vec<_>>(), [Role::Support]);
}

#[test]
fn only_an_active_principal_acts() {
    let mut world = World::support();
    world.principal = None;
    assert_eq!(world.refusal(), (DenialReason::UnknownPrincipal, Rule::Principal));
    let mut world = World::support();
    world.request.actor = COLLEAGUE;
    assert_eq!(
        world.refusal(),
        (DenialReason::UnknownPrincipal, Rule::Principal),
        "another's row is not his"
    );
    let mut world = World::support();
    world.principal.as_mut().unwrap().state = PrincipalState::Disabled;
    assert_eq!(world.refusal(), (DenialReason::PrincipalDisabled, Rule::Principal));
}

#[test]
fn only_the_actors_live_session_acts() {
    let mut world = World::support();
    world.session = None;
    assert_eq!(world.refusal(), (DenialReason::SessionEnded, Rule::Session));
    let others = [Holder::Principal(COLLEAGUE), Holder::Account(SUBJECT)];
    for holder in others {
        let mut world = World::support();
        world.session.as_mut().unwrap().holder = holder;
        assert_eq!(world.refusal(), (DenialReason::SessionEnded, Rule::Session), "{holder:?}");
    }
    let mut world = World::support();
    world.session.as_mut().unwrap().state = SessionState::Ended;
    assert_eq!(world.refusal(), (DenialReason::SessionEnded, Rule::Session));
}

#[test]
fn a_session_ends_to_the_millisecond() {
    let refusal = |created: Time, expires: Time, used: Time| {
        let mut world = World::support();
        let session = world.session.as_mut().unwrap();
        (session.created, session.expires, session.used) = (created, expires, used);
        world.reason()
    };
    let (life, idle, later) = (limits::STAFF_SESSION_LIFETIME, limits::STAFF_SESSION_IDLE, NOW.plus(MS));
    assert_eq!(refusal(ago(life - MS), later, NOW), None);
    assert_eq!(refusal(ago(life), later, NOW), Some(DenialReason::SessionExpired), "whatever the row says");
    assert_eq!(refusal(ago(MS), NOW, NOW), Some(DenialReason::SessionExpired));
    assert_eq!(refusal(later, later.plus(life), NOW), Some(DenialReason::SessionExpired), "not yet begun");
    assert_eq!(refusal(ago(idle), later, ago(idle - MS)), None);
    assert_eq!(refusal(ago(idle), later, ago(idle)), Some(DenialReason::SessionIdle));
    assert_eq!(refusal(ago(idle), later, later), Some(DenialReason::SessionIdle), "used tomorrow");
}

#[test]
fn a_grant_counts_between_its_times() {
    let refusal = |not_before: Time, expires: Time| {
        let mut world = World::support();
        (world.grants[0].not_before, world.grants[0].expires) = (not_before, expires);
        world.reason()
    };
    let later = NOW.plus(MS);
    assert_eq!(refusal(NOW, later), None);
    assert_eq!(refusal(later, Time::MAX), Some(DenialReason::NoRole));
    assert_eq!(refusal(ago(MS), NOW), Some(DenialReason::NoRole));
    assert_eq!(
        refusal(ago(limits::GRANT_LIFETIME_MAX), Time::MAX),
        Some(DenialReason::NoRole),
        "longer than any"
    );
    let mut world = World::support();
    world.grants[0].state = GrantState::Revoked;
    assert_eq!(world.refusal(), (DenialReason::NoRole, Rule::Default));
    let mut world = World::support();
    world.grants[0].principal = COLLEAGUE;
    assert_eq!(world.refusal(), (DenialReason::NoRole, Rule::Default), "a colleague's grant is not his");
}

#[test]
fn a_role_of_the_other_kind_counts_for_nothing() {
    let mut world = World::support();
    world.principal.as_mut().unwrap().kind = PrincipalKind::Machine;
    assert_eq!(world.refusal(), (DenialReason::NoRole, Rule::Default));
    let world = World::of(&[Role::TicketIntake], Action::TicketReadAssigned);
    assert_eq!(world.refusal(), (DenialReason::NoRole, Rule::Default), "a human holds it");
}

#[test]
fn nobody_works_on_his_own_account() {
    for action in Action::ALL {
        let mut world = World::of(&Role::ALL, action);
        world.own_account = Some(SUBJECT);
        assert_eq!(world.refusal(), (DenialReason::OwnAccount, Rule::OwnAccount), "{action}");
        world.own_account = Some(STRANGER);
        assert_ne!(world.reason(), Some(DenialReason::OwnAccount), "{action}");
    }
    let mut world = World::of(&[Role::Auditor], Action::AuditVerify);
    (world.request.subject, world.own_account, world.request.case) = (None, None, None);
    world.request.objects.clear();
    assert_eq!(world.reason(), None, "no subject and no account of one's own are not the same person");
}

#[test]
fn a_request_names_its_person_and_no_other() {
    for action in Action::ALL.into_iter().filter(|action| action.needs_subject()) {
        let mut world = World::of(&Role::ALL, action);
        world.request.subject = None;
        world.request.objects.clear();
        assert_eq!(world.refusal(), (DenialReason::NotAllowed, Rule::Request), "{action}");
    }
    let mut world = World::support();
    world.request.objects.push(Object::Account(STRANGER));
    assert_eq!(world.refusal(), (DenialReason::NotAllowed, Rule::Request));
    let mut world = World::support();
    world.request.objects = vec![Object::Ticket(TICKET); limits::ENTRY_OBJECTS_MAX];
    assert_eq!(world.reason(), None);
    world.request.objects.push(Object::Ticket(TICKET));
    assert_eq!(world.refusal(), (DenialReason::NotAllowed, Rule::Request), "more than an entry names");
}

/// A search names many, and nobody's search names himself.
#[test]
fn a_search_names_many_people_and_not_the_searchers_own_account() {
    let mut world = World::of(&[Role::Support], Action::AccountFind);
    (world.request.subject, world.request.case) = (None, None);
    (world.request.fields, world.request.purpose) = (vec![Field::Email], Some(Purpose::SupportRequest));
    world.request.objects = vec![Object::Account(STRANGER), Object::Account(SUBJECT)];
    let Decision::Permit(permit) = world.decide() else { panic!("refused") };
    assert_eq!((permit.view(), permit.subject()), (Some(View::Masked), None));
    world.own_account = Some(SUBJECT);
    assert_eq!(world.refusal(), (DenialReason::OwnAccount, Rule::OwnAccount));
    world.own_account = None;
    world.request.subject = Some(SUBJECT);
    assert_eq!(world.refusal(), (DenialReason::NotAllowed, Rule::Request), "of one, or of many");
    world.request.subject = None;
    let of_many = [Action::AccountFind, Action::OutboxClaim];
    for action in Action::ALL.into_iter().filter(|action| !of_many.contains(action)) {
        world.request.action = action;
        assert_eq!(world.refusal(), (DenialReason::NotAllowed, Rule::Request), "{action}");
    }
}

#[test]
fn a_case_is_held_to_its_person_its_worker_and_its_state() {
    let refusal = |change: fn(&mut World)| {
        let mut world = World::support();
        change(&mut world);
        world.reason()
    };
    assert_eq!(refusal(|world| world.request.case = None), Some(DenialReason::CaseMissing));
    assert_eq!(refusal(|world| world.ticket = None), Some(DenialReason::CaseMissing));
    assert_eq!(
        refusal(|world| world.ticket().id = TicketId::from_bytes([1; 16])),
        Some(DenialReason::CaseMissing)
    );
    assert_eq!(refusal(|world| world.ticket().account = STRANGER), Some(DenialReason::CaseOtherAccount));
    assert_eq!(refusal(|world| world.ticket().assignee = None), Some(DenialReason::CaseNotYours));
    assert_eq!(refusal(|world| world.ticket().assignee = Some(COLLEAGUE)), Some(DenialReason::CaseNotYours));
    assert_eq!(refusal(|world| world.ticket().state = TicketState::Closed), Some(DenialReason::CaseClosed));
}

/// An assigned ticket opens itself, not its customer's other tickets.
#[test]
fn an_assigned_ticket_opens_no_other() {
    let other = Object::Ticket(TicketId::from_bytes([1; 16]));
    for action in [Action::TicketReadAssigned, Action::AttachmentOpen, Action::TicketClose] {
        for objects in
            [vec![], vec![other], vec![Object::Ticket(TICKET), other], vec![other, Object::Ticket(TICKET)]]
        {
            let mut world = World::support();
            world.request.action = action;
            (world.request.objects, world.request.fields) = (objects, vec![]);
            assert_eq!(
                world.reason(),
                Some(DenialReason::CaseOtherObject),
                "{action} {:?}",
                world.request.objects
            );
        }
    }
}

#[test]
fn a_staff_case_is_held_to_its_purpose_and_its_time() {
    let refusal = |change: fn(&mut World)| {
        let mut world = World::of(&[Role::Security], Action::AttachmentOpen);
        world.open_case(Purpose::SecurityIncident);
        change(&mut world);
        world.reason()
    };
    assert_eq!(refusal(|_| {}), None, "a case about the account opens any of its attachments");
    assert_eq!(
        refusal(|world| world.case().purpose = Purpose::FraudInvestigation),
        Some(DenialReason::CasePurpose)
    );
    assert_eq!(refusal(|world| world.case().opened_by = COLLEAGUE), Some(DenialReason::CaseNotYours));
    assert_eq!(refusal(|world| world.case().account = None), Some(DenialReason::CaseOtherAccount));
    assert_eq!(refusal(|world| world.case().state = CaseState::Closed), Some(DenialReason::CaseClosed));
    assert_eq!(refusal(|world| world.case().expires = NOW), Some(DenialReason::CaseExpired));
    assert_eq!(
        refusal(|world| world.case().created = ago(limits::CASE_LIFETIME)),
        Some(DenialReason::CaseExpired)
    );
    assert_eq!(refusal(|world| world.case().created = NOW.plus(MS)), Some(DenialReason::CaseExpired));
    assert_eq!(
        refusal(|world| world.case().id = CaseId::from_bytes([1; 16])),
        Some(DenialReason::CaseMissing)
    );
    assert_eq!(
        refusal(|world| world.request.case = Some(CaseRef::Ticket(TICKET))),
        Some(DenialReason::CaseMissing)
    );
}

/// What is stated stands in the log; so it must be true even where nobody asked for it.
#[test]
fn a_stated_purpose_or_case_is_checked_where_none_is_asked_for() {
    let mut world = World::of(&[Role::Billing], Action::BillingReadMasked);
    (world.request.purpose, world.request.case) = (None, None);
    assert_eq!(world.reason(), None);
    world.request.purpose = Some(Purpose::KeyCeremony);
    assert_eq!(world.reason(), Some(DenialReason::PurposeNotAllowed));
    world.request.purpose = Some(Purpose::Contract);
    world.request.case = Some(CaseRef::Ticket(TICKET));
    world.ticket().assignee = Some(COLLEAGUE);
    assert_eq!(world.reason(), None, "a colleague's ticket is true, and that is all that is claimed");
    world.ticket().state = TicketState::Closed;
    assert_eq!(world.reason(), Some(DenialReason::CaseClosed));
    world.ticket().account = STRANGER;
    assert_eq!(world.reason(), Some(DenialReason::CaseOtherAccount));
}

/// A customer's ticket justifies no new colleague.
#[test]
fn creating_staff_takes_a_staff_request() {
    let mut world = World::of(&[Role::AccessAdmin], Action::StaffCreate);
    world.request.purpose = Some(Purpose::AccessAdmin);
    assert_eq!(world.reason(), Some(DenialReason::CasePurpose));
    world.request.subject = None;
    world.request.objects = vec![Object::Principal(COLLEAGUE)];
    world.open_case(Purpose::AccessAdmin);
    world.case().account = None;
    assert_eq!(world.reason(), None);
}

#[test]
fn a_factor_is_fresh_for_fifteen_minutes() {
    let refusal = |factor: Option<Time>| {
        let mut world = World::of(&[Role::Security], Action::TicketReadAny);
        world.request.purpose = Some(Purpose::FraudInvestigation);
        world.request.case = None;
        world.session.as_mut().unwrap().factor = factor;
        world.reason()
    };
    assert_eq!(refusal(Some(ago(limits::FACTOR_FRESH))), None);
    assert_eq!(refusal(Some(NOW)), None);
    assert_eq!(refusal(Some(ago(limits::FACTOR_FRESH + MS))), Some(DenialReason::StaleFactor));
    assert_eq!(refusal(Some(NOW.plus(MS))), Some(DenialReason::StaleFactor), "tomorrow's");
    assert_eq!(refusal(None), Some(DenialReason::StaleFactor));
}

#[test]
fn a_reveal_is_of_one_field_that_the_role_may_have() {
    let refusal = |fields: &[Field]| {
        let mut world = World::of(&[Role::Billing], Action::AccountRevealField);
        world.request.purpose = Some(Purpose::BillingDispute);
        world.request.fields = fields.to_vec();
        world.reason()
    };
    for field in Field::ALL {
        let expected = match field {
            Field::Name | Field::Address | Field::TaxId => None,
            _ => Some(DenialReason::FieldNotAllowed),
        };
        assert_eq!(refusal(&[field]), expected, "{field}");
    }
    assert_eq!(refusal(&[]), Some(DenialReason::FieldNotAllowed));
    assert_eq!(refusal(&[Field::Name, Field::Address]), Some(DenialReason::FieldNotAllowed));
    assert_eq!(refusal(&[Field::Name, Field::Name]), Some(DenialReason::FieldNotAllowed));
}

#[test]
fn staff_takes_a_free_ticket_for_itself_and_lead_gives_it_to_anyone() {
    let assign = |role: Role, assignee, to: &[_]| {
        let mut world = World::of(&[role], Action::TicketAssign);
        world.request.purpose = None;
        world.ticket().assignee = assignee;
        world.request.objects = vec![Object::Ticket(TICKET)];
        world.request.objects.extend(to.iter().map(|id| Object::Principal(*id)));
        world.reason()
    };
    for role in [Role::Support, Role::Billing, Role::Security, Role::PrivacyOfficer] {
        assert_eq!(assign(role, None, &[ACTOR]), None);
        assert_eq!(assign(role, None, &[COLLEAGUE]), Some(DenialReason::NotAllowed));
        assert_eq!(assign(role, None, &[]), Some(DenialReason::NotAllowed));
        assert_eq!(assign(role, None, &[ACTOR, COLLEAGUE]), Some(DenialReason::NotAllowed));
        assert_eq!(assign(role, Some(COLLEAGUE), &[ACTOR]), Some(DenialReason::CaseNotYours));
        assert_eq!(assign(role, Some(ACTOR), &[ACTOR]), Some(DenialReason::CaseNotYours));
    }
    assert_eq!(assign(Role::SupportLead, Some(COLLEAGUE), &[ACTOR]), None);
    assert_eq!(assign(Role::SupportLead, None, &[COLLEAGUE]), None);
    assert_eq!(assign(Role::Auditor, None, &[ACTOR]), Some(DenialReason::NotAllowed));
}

#[test]
fn limits_hold_to_what_is_ones_own_and_about_staff() {
    let grant = Object::Grant(GrantId::from_bytes([1; 16]));
    let ask = |role: Role, action: Action, subject, objects: &[Object]| {
        let mut world = World::of(&[role], action);
        (world.request.subject, world.request.case, world.request.purpose) = (subject, None, None);
        (world.request.objects, world.request.fields) = (objects.to_vec(), vec![]);
        world.request.purpose = Some(role.purposes()[0]);
        world.reason()
    };
    let (mine, theirs) = (Object::Principal(ACTOR), Object::Principal(COLLEAGUE));
    assert_eq!(ask(Role::Support, Action::GrantRevoke, None, &[grant, mine]), None);
    assert_eq!(
        ask(Role::Support, Action::GrantRevoke, None, &[grant, theirs]),
        Some(DenialReason::NotAllowed)
    );
    assert_eq!(ask(Role::Support, Action::GrantRevoke, None, &[grant]), Some(DenialReason::NotAllowed));
    assert_eq!(ask(Role::AccessAdmin, Action::GrantRevoke, None, &[grant, theirs]), None);
    assert_eq!(ask(Role::AccessAdmin, Action::AuditRead, None, &[grant, theirs]), None);
    let account = Object::Account(SUBJECT);
    for objects in [&[][..], &[grant, account], &[Object::Ticket(TICKET)]] {
        let reason = ask(Role::AccessAdmin, Action::AuditRead, Some(SUBJECT), objects);
        assert_eq!(reason, Some(DenialReason::NotAllowed), "{objects:?}");
    }
    assert_eq!(ask(Role::PrivacyOfficer, Action::AuditRead, Some(SUBJECT), &[account]), None);
    assert_eq!(ask(Role::PrivacyOfficer, Action::AuditRead, None, &[]), Some(DenialReason::NotAllowed));
    assert_eq!(ask(Role::AccessAdmin, Action::CaseOpen, None, &[]), None);
    assert_eq!(
        ask(Role::AccessAdmin, Action::CaseOpen, Some(SUBJECT), &[account]),
        Some(DenialReason::NotAllowed)
    );
}

#[test]
fn a_machine_has_a_customers_rights_by_his_session_alone() {
    let ask = |action: Action, holder, fields: &[Field]| {
        let mut world = World::of(&[Role::AuthService], action);
        world.principal = Some(testing::principal(PrincipalKind::Machine));
        world.session.as_mut().unwrap().holder = holder;
        (world.request.case, world.request.purpose) = (None, None);
        world.request.fields = fields.to_vec();
        world.reason()
    };
    let reveal = |holder| ask(Action::AccountRevealField, holder, &[Field::Email]);
    assert_eq!(reveal(Holder::Account(SUBJECT)), None);
    assert_eq!(reveal(Holder::Account(STRANGER)), Some(DenialReason::NotOwnSubject));
    assert_eq!(reveal(Holder::Principal(ACTOR)), Some(DenialReason::NotOwnSubject));
    assert_eq!(reveal(Holder::Principal(COLLEAGUE)), Some(DenialReason::SessionEnded));
    assert_eq!(ask(Action::AccountLookup, Holder::Principal(ACTOR), &[]), None);
    assert_eq!(ask(Action::AccountLookup, Holder::Account(SUBJECT), &[]), Some(DenialReason::NotOwnSubject));
}

/// An owner's session lasts a day and does not idle.
#[test]
fn a_customers_session_has_its_own_times() {
    let refusal = |created, used| {
        let mut world = World::of(&[Role::AuthService], Action::TicketClose);
        world.principal = Some(testing::principal(PrincipalKind::Machine));
        (world.request.case, world.request.purpose, world.request.fields) = (None, None, vec![]);
        let session = world.session.as_mut().unwrap();
        session.holder = Holder::Account(SUBJECT);
        (session.created, session.used, session.expires) = (created, used, Time::MAX);
        world.reason()
    };
    let life = limits::OWNER_SESSION_LIFETIME;
    assert_eq!(refusal(ago(life - MS), ago(life - MS)), None);
    assert_eq!(refusal(ago(life), NOW), Some(DenialReason::SessionExpired));
}

#[test]
fn what_step_two_brings_is_refused_when_all_else_is_there() {
    let elevation = {
        let mut world = World::of(&[Role::Support], Action::AccountRevealField);
        world.request.fields = vec![Field::Email];
        world
    };
    assert_eq!(elevation.reason(), Some(DenialReason::NeedsStepTwo(StepTwo::Elevation)));
    let mut without_case = elevation;
    without_case.request.case = None;
    assert_eq!(without_case.reason(), Some(DenialReason::CaseMissing), "the nearer thing to say");

    let mut notice = World::of(&[Role::Security], Action::StaffDisable);
    (notice.request.case, notice.request.purpose, notice.request.fields) = (None, None, vec![]);
    notice.tells = false;
    assert_eq!(notice.reason(), Some(DenialReason::NeedsStepTwo(StepTwo::Notice)), "nobody could be told");
    notice.tells = true;
    let Decision::Permit(permit) = notice.decide() else { panic!("they can be told") };
    assert!(permit.asks_notice());

    let mut second = World::of(&[Role::AccessAdmin], Action::GrantGive);
    second.request.purpose = Some(Purpose::AccessAdmin);
    second.request.subject = None;
    second.request.objects = vec![Object::Principal(COLLEAGUE)];
    second.request.fields.clear();
    second.open_case(Purpose::AccessAdmin);
    second.case().account = None;
    assert_eq!(second.reason(), Some(DenialReason::SecondPerson), "and nothing else");
}

#[test]
fn several_roles_have_the_best_cell_and_the_nearest_refusal() {
    let masked_or_clear = |roles: &[Role]| {
        let mut world = World::of(roles, Action::BillingReadMasked);
        (world.request.case, world.request.purpose, world.request.fields) = (None, None, vec![Field::Card]);
        match world.decide() {
            Decision::Permit(permit) => (permit.view(), permit.rule()),
            Decision::Denial(denial) => panic!("{denial:?}"),
        }
    };
    let rule = |role| Rule::Cell(Action::BillingReadMasked, role);
    assert_eq!(masked_or_clear(&[Role::Security]), (Some(View::Masked), rule(Role::Security)));
    assert_eq!(masked_or_clear(&[Role::Security, Role::Billing]), (Some(View::Clear), rule(Role::Billing)));
    assert_eq!(
        masked_or_clear(&[Role::Security, Role::PrivacyOfficer]).1,
        rule(Role::Security),
        "the lower number"
    );

    // Both may close this ticket; lead's cell asks for nothing.
    let close = World::of(&[Role::Support, Role::SupportLead], Action::TicketClose);
    let Decision::Permit(permit) = close.decide() else { panic!("refused") };
    assert_eq!(permit.rule(), Rule::Cell(Action::TicketClose, Role::SupportLead), "the fewest obligations");

    // Both lack the same here.
    let mut tied = World::of(&[Role::Security, Role::Support], Action::AccountLookup);
    tied.request.purpose = None;
    let lower = Rule::Cell(Action::AccountLookup, Role::Support);
    assert_eq!(tied.refusal(), (DenialReason::PurposeMissing, lower), "the lower number");

    // Support lacks an assigned ticket here, security only a fresh factor: that is the nearer way.
    let mut world = World::of(&[Role::Support, Role::Security], Action::AccountRevealField);
    world.request.fields = vec![Field::Email];
    world.request.purpose = Some(Purpose::FraudInvestigation);
    world.session.as_mut().unwrap().factor = None;
    let nearest = Rule::Cell(Action::AccountRevealField, Role::Security);
    assert_eq!(world.refusal(), (DenialReason::StaleFactor, nearest));
    world.request.action = Action::HealthRead;
    world.grants.truncate(1);
    assert_eq!(world.refusal(), (DenialReason::NotAllowed, Rule::Default), "no cell came into question");
}

#[test]
fn the_case_of_a_case_close_is_the_case() {
    let mut world = World::of(&[Role::PrivacyOfficer], Action::CaseClose);
    world.open_case(Purpose::DataSubjectRequest);
    world.request.fields.clear();
    assert_eq!(world.reason(), Some(DenialReason::CaseOtherObject), "the objects name a ticket");
    world.request.objects = vec![Object::Case(CASE)];
    assert_eq!(world.reason(), None);
}
