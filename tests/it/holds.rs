//! Holds from end to end: who may, on what, until when, and what is on record.

use std::time::Duration;

use strongroom::room::{
    AccountId, CaseRef, Class, Classes, DenialReason, HoldHeader, HoldId, Kind, Listed, Page, Purpose,
    Severity, Staff, StaffError, Time, Why,
};

use crate::{
    dba::log,
    scene::{Scene, in_case, reason, rights},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Legal's reason, by a case of its own about the account.
fn ordered(lena: &Staff, account: AccountId) -> Why {
    let why = Why::purpose(Purpose::LegalObligation);
    let case = lena.open_case(Some(account), &why).unwrap();
    why.case(CaseRef::Case(case))
}

fn in_days(scene: &Scene, days: u32) -> Time {
    scene.world.clock.now().plus(DAY * days)
}

/// A hold of support and billing for thirty days, with the reason that stands behind it.
fn placed(scene: &Scene) -> (Staff, Why, HoldId) {
    let lena = scene.world.staff("lena");
    let why = ordered(&lena, scene.account());
    let classes = Classes::of(&[Class::Billing, Class::Support]);
    let hold = lena.place_hold(scene.account(), classes, in_days(scene, 30), &why).unwrap();
    (lena, why, hold)
}

#[test]
fn a_hold_is_placed_listed_and_released_once_on_record() {
    let scene = Scene::new();
    let (lena, why, hold) = placed(&scene);
    let listed = lena.holds(None, &crate::world::FIRST, &Why::unstated()).unwrap();
    let header = listed.rows.first().unwrap();
    assert_eq!((listed.rows.len(), header.hold, header.account), (1, hold, scene.account()));
    assert_eq!(header.classes, Classes::of(&[Class::Support, Class::Billing]));
    assert_eq!((header.placed_by, header.review), (scene.id("lena"), in_days(&scene, 30)));
    assert!(matches!(header.case, CaseRef::Case(_)));
    assert_eq!(lena.holds(Some(scene.account()), &crate::world::FIRST, &Why::unstated()).unwrap(), listed);
    assert!(
        lena.holds(Some(scene.joe.account()), &crate::world::FIRST, &Why::unstated())
            .unwrap()
            .rows
            .is_empty()
    );
    let nobody = lena.holds(Some(AccountId::from_bytes([9; 16])), &crate::world::FIRST, &Why::unstated());
    assert!(matches!(nobody, Err(StaffError::NotFound)));

    lena.release_hold(hold, &why).unwrap();
    assert!(lena.holds(None, &crate::world::FIRST, &Why::unstated()).unwrap().rows.is_empty());
    let again = lena.release_hold(hold, &why);
    assert!(matches!(&again, Err(StaffError::State { what }) if what.contains("already")), "{again:?}");
    assert!(matches!(lena.release_hold(HoldId::from_bytes([9; 16]), &why), Err(StaffError::NotFound)));

    let entries = log(&scene.world.room);
    let about = |name: &str, outcome: &str| {
        let of = entries.iter().filter(|entry| entry.entry.what.name() == name);
        of.filter(|entry| entry.entry.outcome.name() == outcome).map(|entry| &entry.entry).collect::<Vec<_>>()
    };
    assert_eq!(about("hold.placed", "done").len(), 1);
    assert_eq!(about("hold.released", "done").len(), 1);
    assert_eq!(about("hold.placed", "done")[0].subjects, [scene.account()]);
    let failed: Vec<_> = about("hold.released", "failed").iter().map(|entry| entry.reason.clone()).collect();
    assert_eq!(failed, [Some("wrong_state".to_owned()), Some("no_such_object".to_owned())]);
    scene.world.again();
}

/// Who erases must not hold, and who holds must not erase; everybody else does neither.
#[test]
fn legal_alone_holds_and_releases_on_the_strength_of_a_case_about_the_account() {
    let scene = Scene::new();
    let (lena, why, hold) = placed(&scene);
    let (classes, review) = (Classes::of(&[Class::Support]), in_days(&scene, 1));
    for handle in ["ada", "vera", "sam", "lea", "bill", "priya"] {
        let staff = scene.world.staff(handle);
        let place = staff.place_hold(scene.account(), classes, review, &Why::unstated());
        assert_eq!(reason(place), DenialReason::NotAllowed, "{handle}");
        assert_eq!(reason(staff.release_hold(hold, &Why::unstated())), DenialReason::NotAllowed, "{handle}");
    }
    for handle in ["priya", "vera"] {
        assert_eq!(
            scene.world.staff(handle).holds(None, &crate::world::FIRST, &Why::unstated()).unwrap().rows.len(),
            1,
            "{handle}"
        );
    }
    assert_eq!(
        reason(scene.world.staff("sam").holds(None, &crate::world::FIRST, &Why::unstated())),
        DenialReason::NotAllowed
    );

    let place = |account, why: &Why| lena.place_hold(account, classes, review, why);
    let plain = Why::purpose(Purpose::LegalObligation);
    assert_eq!(reason(place(scene.account(), &Why::unstated())), DenialReason::PurposeMissing);
    assert_eq!(reason(place(scene.account(), &plain)), DenialReason::CaseMissing);
    assert_eq!(reason(place(scene.account(), &rights())), DenialReason::PurposeNotAllowed);
    assert_eq!(reason(place(scene.joe.account(), &why)), DenialReason::CaseOtherAccount);
    let theirs = plain.clone().case(CaseRef::Case(scene.case));
    assert_eq!(reason(place(scene.account(), &theirs)), DenialReason::CaseNotYours);
    assert!(matches!(place(AccountId::from_bytes([9; 16]), &why), Err(StaffError::NotFound)));
    // A quarter of an hour after the login, and ten minutes of work in between, releasing takes a new one.
    scene.world.later(Duration::from_secs(600));
    lena.holds(None, &crate::world::FIRST, &Why::unstated()).unwrap();
    scene.world.later(Duration::from_secs(600));
    assert_eq!(reason(lena.release_hold(hold, &why)), DenialReason::StaleFactor);
}

#[test]
fn a_hold_keeps_what_can_be_destroyed_and_is_looked_at_within_a_year() {
    let scene = Scene::new();
    let lena = scene.world.staff("lena");
    let why = ordered(&lena, scene.account());
    let place = |classes, review| lena.place_hold(scene.account(), classes, review, &why);
    let support = Classes::of(&[Class::Support]);
    for classes in [
        Classes::NONE,
        Classes::of(&[Class::Accountability]),
        Classes::of(&[Class::Staff]),
        Classes::of(&[Class::Support, Class::Staff]),
        Classes::of(&Class::ALL),
    ] {
        let refused = place(classes, in_days(&scene, 1));
        assert!(matches!(refused, Err(StaffError::Input { field: "class", .. })), "{classes}: {refused:?}");
    }
    let now = scene.world.clock.now();
    for review in [Time::ZERO, now, now.plus(DAY * 366 + Duration::from_millis(1)), Time::MAX] {
        let refused = place(support, review);
        assert!(matches!(refused, Err(StaffError::Input { field: "review", .. })), "{review}: {refused:?}");
    }
    let every = [
        Class::Identity,
        Class::Credential,
        Class::Billing,
        Class::Support,
        Class::Activity,
        Class::AuditDetail,
    ];
    place(Classes::of(&every), now.plus(DAY * 366)).unwrap();
    place(support, now.plus(Duration::from_millis(1))).unwrap();
    assert_eq!(lena.holds(None, &crate::world::FIRST, &Why::unstated()).unwrap().rows.len(), 2);
}

/// A review that nobody held is shown, first in the list and by the doctor, and ends nothing.
#[test]
fn an_overdue_hold_keeps_on_holding() {
    let scene = Scene::new();
    let (_, _, hold) = placed(&scene);
    let finding = || {
        let findings = scene.world.room.doctor().unwrap();
        findings.into_iter().find(|finding| finding.check == "holds").unwrap()
    };
    assert_eq!(finding().severity, Severity::Fine);
    scene.world.later(DAY * 30);
    assert_eq!(finding().severity, Severity::Warning);
    assert!(finding().found.contains("1 of 1"), "{}", finding().found);
    let lena = scene.world.staff("lena");
    let why = ordered(&lena, scene.account());
    let newer =
        lena.place_hold(scene.account(), Classes::of(&[Class::Identity]), in_days(&scene, 9), &why).unwrap();
    let listed = lena.holds(None, &crate::world::FIRST, &Why::unstated()).unwrap();
    assert_eq!(listed.rows.iter().map(|header| header.hold).collect::<Vec<_>>(), [hold, newer]);
    assert!(finding().found.contains("1 of 2"), "{}", finding().found);
    lena.release_hold(hold, &why).unwrap();
    assert_eq!(finding().severity, Severity::Fine);
}

#[test]
fn a_list_of_holds_goes_on_where_it_ended() {
    let scene = Scene::new();
    let lena = scene.world.staff("lena");
    let mut placed = Vec::new();
    for (account, days) in [(scene.account(), 3), (scene.joe.account(), 1), (scene.account(), 2)] {
        let why = ordered(&lena, account);
        let hold =
            lena.place_hold(account, Classes::of(&[Class::Support]), in_days(&scene, days), &why).unwrap();
        placed.push((days, hold));
    }
    placed.sort_unstable();
    let listed = |account, page: &Page| lena.holds(account, page, &Why::unstated());
    let ids = |part: &Listed<HoldHeader>| part.rows.iter().map(|row| row.hold).collect::<Vec<_>>();
    let first = listed(None, &Page::first(2)).unwrap();
    assert_eq!(ids(&first), [placed[0].1, placed[1].1]);
    let next = first.next.unwrap();
    let last = listed(None, &Page::after(next, 2)).unwrap();
    assert_eq!((ids(&last), last.next), (vec![placed[2].1], None));
    // A cursor of all holds is none of one account's.
    let refused = listed(Some(scene.account()), &Page::after(next, 2));
    assert_eq!(refused.err().unwrap().kind(), Kind::Invalid);
}

/// The reason why is sealed with the account's other details, and the hold itself opens nothing.
#[test]
fn a_hold_gives_no_access() {
    let scene = Scene::new();
    let (lena, why, _) = placed(&scene);
    assert_eq!(reason(lena.account(scene.account(), &why)), DenialReason::NotAllowed);
    assert_eq!(reason(lena.ticket(scene.ticket, &why)), DenialReason::NotAllowed);
    let priya = scene.world.staff("priya");
    let revealed = priya.reveal_email(scene.account(), &in_case(scene.case));
    assert!(revealed.is_ok(), "a hold takes no access away");
}

#[test]
fn the_kinds_of_refusal_are_those_that_programs_map() {
    let scene = Scene::new();
    let (lena, why, hold) = placed(&scene);
    let past = lena.place_hold(scene.account(), Classes::of(&[Class::Support]), Time::ZERO, &why);
    assert_eq!(past.err().unwrap().kind(), Kind::Invalid);
    lena.release_hold(hold, &why).unwrap();
    assert_eq!(lena.release_hold(hold, &why).err().unwrap().kind(), Kind::Conflict);
}

#[test]
fn a_hold_whose_review_is_overdue_keeps_what_it_holds() {
    let scene = Scene::new();
    placed(&scene);
    scene.world.in_use(DAY * 31);
    crate::erasure::close(&scene.world.room, scene.account());
    assert!(crate::erasure::erase(&scene.world.room, scene.account()).unwrap().is_deferred());
}
