//! A customer calls: what he says is held against his account and never shown, a ticket says that he called, and what one
//! works on stands for what is not stated, where it is about that and nowhere else.

use std::time::Duration;

use strongroom::{
    audit::{Data, What},
    room::{CaseRef, Compared, DenialReason, Field, Page, Purpose, Staff, StaffError, Why},
};

use crate::{
    dba::log,
    scene::{JOE, Scene, on, reason, staff, support},
    world::{JANE, secret},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn says(staff: &Staff, scene: &Scene, name: &str, why: &Why) -> Result<Compared, StaffError> {
    staff.verify_field(scene.account(), Field::Name, &secret(name), why)
}

#[test]
fn what_a_caller_says_is_held_against_a_field_and_the_field_is_not_shown() {
    let scene = Scene::new();
    let (room, sam) = (&scene.world.room, scene.world.staff("sam"));
    let why = on(scene.ticket);
    let before = room.log_size().unwrap();
    for (name, told) in [
        ("Jane Doe", Compared::Match),
        ("  jane  DOE ", Compared::Match),
        ("Jane Roe", Compared::NoMatch),
        ("", Compared::NoMatch),
        ("Jane", Compared::NoMatch),
    ] {
        assert_eq!(says(&sam, &scene, name, &why).unwrap(), told, "{name:?}");
    }
    let email =
        |address: &str| sam.verify_field(scene.account(), Field::Email, &secret(address), &why).unwrap();
    assert_eq!((email("Jane.Doe@EXAMPLE.com"), email(JOE)), (Compared::Match, Compared::NoMatch));
    let since = log(room).split_off(usize::try_from(before).unwrap());
    let matched = |what: &What| match what {
        What::Known(Data::AccountFieldVerified { matched }) => Some(*matched),
        _ => None,
    };
    let told: Vec<_> = since.iter().filter_map(|entry| matched(&entry.entry.what)).collect();
    assert_eq!(told, [1, 1, 0, 0, 0, 1, 0]);
    assert!(since.iter().all(|entry| !entry.line.contains("Jane")), "no name");

    assert_eq!(reason(says(&sam, &scene, "Jane Doe", &support())), DenialReason::CaseMissing);
    let phone = sam.verify_field(scene.account(), Field::Phone, &secret("1"), &why);
    assert_eq!(reason(phone), DenialReason::FieldNotAllowed);
    assert_eq!(reason(says(&staff(room, "lena"), &scene, "Jane Doe", &why)), DenialReason::NotAllowed);
}

#[test]
fn a_name_is_not_guessed() {
    let scene = Scene::new();
    let (room, sam) = (&scene.world.room, scene.world.staff("sam"));
    let why = on(scene.ticket);
    for _ in 0..5 {
        assert_eq!(says(&sam, &scene, "Jane Roe", &why).unwrap(), Compared::NoMatch);
    }
    let too_often = |staff: &Staff, why: &Why| {
        let refused = says(staff, &scene, "Jane Doe", why).err().unwrap();
        assert!(matches!(refused, StaffError::TooOften { .. }), "{refused}");
    };
    too_often(&sam, &why);
    // Nor by a colleague, who has a ticket of his own.
    let lea = staff(room, "lea");
    let call = lea.take_call(scene.account(), &support()).unwrap().ticket;
    too_often(&lea, &on(call));
    let entry = log(room).into_iter().rev().find(|one| one.entry.what.name() == "account.field_verified");
    assert_eq!(entry.unwrap().entry.reason.as_deref(), Some("too_often"));
    // Of somebody else it is asked as before, and a day later of her too.
    let joes = lea.take_call(scene.joe.account(), &support()).unwrap().ticket;
    let asked = lea.verify_field(scene.joe.account(), Field::Name, &secret("Jane Doe"), &on(joes));
    assert_eq!(asked.unwrap(), Compared::Match);
    scene.world.later(DAY);
    let lea = staff(room, "lea");
    assert_eq!(says(&lea, &scene, "Jane Doe", &on(call)).unwrap(), Compared::Match);
}

/// Also right answers are counted, of whomever: nobody asks through all customers what they are called.
#[test]
fn one_colleague_holds_two_hundred_answers_a_day() {
    let scene = Scene::new();
    let (room, sam) = (&scene.world.room, scene.world.staff("sam"));
    let why = on(scene.ticket);
    for _ in 0..199 {
        assert_eq!(says(&sam, &scene, "Jane Doe", &why).unwrap(), Compared::Match);
    }
    scene.world.later(Duration::from_secs(60));
    assert_eq!(says(&sam, &scene, "Jane Doe", &why).unwrap(), Compared::Match);
    let joe = |staff: &Staff| {
        let call = staff.take_call(scene.joe.account(), &support()).unwrap().ticket;
        staff.verify_field(scene.joe.account(), Field::Name, &secret("Jane Doe"), &on(call))
    };
    let Err(StaffError::TooOften { wait, .. }) = joe(&sam) else { panic!("one answer more") };
    assert_eq!(wait, DAY - Duration::from_secs(60), "until the oldest counts no more");
    let lea = staff(room, "lea");
    assert_eq!(joe(&lea).unwrap(), Compared::Match, "his colleague has her own");
    scene.world.later(wait);
    assert_eq!(joe(&staff(room, "sam")).unwrap(), Compared::Match);
}

#[test]
fn a_call_is_a_ticket_that_its_customer_sees() {
    let scene = Scene::new();
    let (room, lea) = (&scene.world.room, scene.world.staff("lea"));
    let ticket = lea.take_call(scene.account(), &support()).unwrap().ticket;
    let own = room.owner(&scene.jane).ticket(ticket).unwrap();
    assert_eq!(own.subject.expose().as_str(), "Telephone call");
    assert_eq!(own.messages.len(), 1);
    assert_eq!(lea.reveal_email(scene.account(), &on(ticket)).unwrap().expose().as_str(), JANE);
    let sam = staff(room, "sam");
    assert_eq!(reason(sam.ticket(ticket, &support())), DenialReason::CaseNotYours);
    let nobody = strongroom::room::AccountId::from_bytes([9; 16]);
    assert!(matches!(sam.take_call(nobody, &support()), Err(StaffError::NotFound)));
    assert_eq!(reason(staff(room, "vera").take_call(scene.account(), &support())), DenialReason::NotAllowed);
}

#[test]
fn work_stands_for_what_is_not_stated_where_it_is_about_that_alone() {
    let scene = Scene::new();
    let (room, sam) = (&scene.world.room, scene.world.staff("sam"));
    let case = CaseRef::Ticket(scene.ticket);
    let work = sam.work_on(case, None).unwrap();
    assert_eq!((work.purpose, work.account), (Purpose::SupportRequest, Some(scene.account())));
    let why = Why::unstated().working_on(&work);
    sam.account(scene.account(), &why).unwrap();
    let entry =
        log(room).into_iter().rev().find(|one| one.entry.what.name() == "account.read").unwrap().entry;
    assert_eq!(entry.purpose.as_deref(), Some("support_request"));
    assert!(entry.case.is_some(), "each reading names it");
    assert_eq!(says(&sam, &scene, "Jane Doe", &why).unwrap(), Compared::Match);
    // Of nobody else, and it is no right: what the cell refuses stays refused.
    assert_eq!(reason(sam.account(scene.joe.account(), &why)), DenialReason::PurposeMissing);
    assert!(matches!(reason(sam.reveal_name(scene.account(), &why)), DenialReason::NeedsStepTwo(_)));
    assert!(sam.work_on(CaseRef::Ticket(scene.joes), None).is_err(), "nobody's");
    assert!(staff(room, "lea").work_on(case, None).is_err(), "somebody else's");
    assert!(sam.work_on(case, Some(Purpose::LegalObligation)).is_err(), "for what one does not act");
    let stated = Why::purpose(Purpose::Retention).working_on(&work);
    assert_eq!(reason(sam.account(scene.account(), &stated)), DenialReason::PurposeNotAllowed);
    // It ends with the ticket.
    sam.close_ticket(scene.ticket, &why).unwrap();
    assert_eq!(reason(sam.account(scene.account(), &why)), DenialReason::PurposeMissing);
    assert!(matches!(sam.work_on(case, None), Err(StaffError::State { .. })));
}

#[test]
fn an_inbox_is_ones_own_and_one_entry() {
    let scene = Scene::new();
    let (room, sam) = (&scene.world.room, scene.world.staff("sam"));
    let inbox = sam.inbox(&Page::first(500), &Why::unstated()).unwrap();
    let tickets: Vec<_> = inbox.tickets.iter().map(|one| one.header.ticket).collect();
    assert_eq!((tickets, inbox.cases.len()), (vec![scene.ticket], 0));
    assert!(inbox.tickets[0].due.is_some(), "jane waits");
    let priya = staff(room, "priya").inbox(&Page::first(500), &Why::unstated()).unwrap();
    assert_eq!(priya.cases.iter().map(|one| one.case).collect::<Vec<_>>(), [scene.case]);
    let entry =
        log(room).into_iter().rev().find(|one| one.entry.what.name() == "ticket.listed").unwrap().entry;
    let nouns: Vec<_> = entry.objects.iter().map(|one| one.noun.clone()).collect();
    assert_eq!(nouns, ["principal", "case"]);
    // Who has no queue has an inbox all the same, and no queue.
    assert_eq!(staff(room, "ada").inbox(&Page::first(500), &Why::unstated()).unwrap().tickets, []);
    let queue = strongroom::room::TicketQueue::Unassigned;
    let listed = staff(room, "ada").tickets(queue, &crate::world::FIRST, &Why::unstated());
    assert_eq!(reason(listed), DenialReason::NotAllowed);
    scene.world.later(DAY);
    assert_eq!(
        staff(room, "priya").inbox(&Page::first(500), &Why::unstated()).unwrap().cases,
        [],
        "it has ended"
    );
}
