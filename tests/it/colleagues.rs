//! Colleagues: nobody works on his own account, whatever he is granted; everybody is seen by handle, on record; and
//! who lost his password gets a code, with which all that he had before ends.

use strongroom::{
    audit::{Data, Outcome, What},
    room::{
        AccountId, CaseRef, Colleague, DenialReason, EnrolError, Kind, Page, PrincipalId, Purpose, Room,
        RoomKind, Staff, StaffError, StaffLoginError, View, Why,
    },
};

use crate::{
    dba::{Copy, Kept, entry_of, is, log},
    scene::{Scene, in_case, on, refused, rights, staff, support},
    world::{JANE, PASSWORD, PEOPLE, World, secret},
};

/// The access administrator with a case of her own.
fn administrator(room: &Room) -> (Staff, Why) {
    let ada = staff(room, "ada");
    let why = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &why).unwrap();
    (ada, why.case(CaseRef::Case(case)))
}

fn link(room: &Room, principal: PrincipalId, account: Option<AccountId>) {
    let (ada, why) = administrator(room);
    ada.link(principal, account, &why).unwrap();
}

#[track_caller]
fn own<T>(room: &Room, result: Result<T, StaffError>) {
    let refusal = refused(result);
    assert_eq!(refusal.reason, DenialReason::OwnAccount);
    assert_eq!(entry_of(room, refusal.request).rule.as_deref(), Some("own-account"));
}

#[test]
fn nobody_works_on_his_own_account_with_any_role() {
    let scene = Scene::new();
    let (room, jane) = (&scene.world.room, scene.account());
    let sam = scene.world.staff("sam");
    sam.account(jane, &support()).unwrap();
    for handle in ["sam", "lea", "bill", "priya", "vera"] {
        link(room, scene.id(handle), Some(jane));
    }
    own(room, sam.account(jane, &support()));
    own(room, sam.find(JANE, &support()));
    own(room, sam.ticket(scene.ticket, &support()));
    own(room, sam.reply(scene.ticket, "Done.", &support()));
    own(room, sam.attachment(scene.scan, &support()));
    own(room, sam.billing(jane, &Page::first(10), &support()));
    own(room, sam.close_ticket(scene.ticket, &support()));
    let (lea, bill, priya) = (staff(room, "lea"), staff(room, "bill"), staff(room, "priya"));
    own(room, lea.ticket(scene.ticket, &support()));
    own(room, lea.reveal_email(jane, &on(scene.ticket)));
    own(room, bill.billing_detail(jane, &Page::first(10), &Why::purpose(Purpose::Contract)));
    own(room, priya.reveal_name(jane, &in_case(scene.case)));
    own(room, priya.open_case(Some(jane), &rights()));
    // The auditor reads the log, but opens no text about himself.
    let vera = staff(room, "vera");
    let position = log(room).iter().find(|one| one.entry.subjects == [jane]).unwrap().entry.position;
    own(room, vera.audit_show(position, &Why::unstated()));
    // Other customers are customers, and it is over when it is not his any more.
    staff(room, "sam").account(scene.joe.account(), &support()).unwrap();
    link(room, scene.id("sam"), None);
    staff(room, "sam").account(jane, &support()).unwrap();
}

#[test]
fn a_link_is_on_record_and_the_account_is_not() {
    let scene = Scene::new();
    let (room, sam) = (&scene.world.room, scene.id("sam"));
    let before = room.log_size().unwrap();
    link(room, sam, Some(scene.account()));
    link(room, sam, None);
    let since = log(room).split_off(usize::try_from(before).unwrap());
    let linked = |what: &What| match what {
        What::Known(Data::PrincipalLinked { principal, linked }) => Some((*principal, *linked)),
        _ => None,
    };
    let told: Vec<_> = since.iter().filter_map(|entry| linked(&entry.entry.what)).collect();
    assert_eq!(told, [(sam, 1), (sam, 0)]);
    assert!(since.iter().all(|entry| !entry.line.contains(&scene.account().to_string())));

    let (ada, why) = administrator(room);
    let nobody = AccountId::from_bytes([9; 16]);
    assert_eq!(ada.link(sam, Some(nobody), &why).err().map(|e| e.kind()), Some(Kind::NotFound));
    let ghost = PrincipalId::from_bytes([9; 16]);
    assert_eq!(ada.link(ghost, None, &why).err().map(|e| e.kind()), Some(Kind::NotFound));
    let refusal = refused(staff(room, "sam").link(sam, None, &support()));
    assert_eq!(refusal.reason, DenialReason::NotAllowed, "nobody unlinks himself");
}

/// Taken out of the row by SQL, or the row put back as it was before: the room does not open.
#[test]
fn a_link_is_not_undone_by_sql() {
    let scene = Scene::new();
    let sam = scene.id("sam");
    let kept = Kept::of(&Copy::of(&scene.world).store(), "principal", &is("id", sam));
    link(&scene.world.room, sam, Some(scene.account()));
    let copy = Copy::of(&scene.world);
    kept.put_back(&copy.store());
    assert!(copy.authority_is_found().is_empty(), "genuine, and old");
    let copy = Copy::of(&scene.world);
    let statement = format!("UPDATE principal SET account = NULL WHERE {}", is("id", sam));
    crate::dba::change(&copy.store(), &statement, [], 1);
    assert_eq!(copy.authority_is_found().len(), 1);
}

#[test]
fn people_are_seen_by_handle_on_record() {
    let world = World::demo();
    let before = world.room.log_size().unwrap();
    let people = world.staff("vera").people(&crate::world::FIRST, &Why::unstated()).unwrap().rows;
    let handle = |one: &Colleague| one.handle.as_ref().unwrap().expose().as_str().to_owned();
    let mut handles: Vec<_> = people.iter().map(handle).collect();
    handles.sort();
    let mut wanted = PEOPLE.map(|(handle, _)| handle);
    wanted.sort_unstable();
    assert_eq!(handles, wanted);
    assert!(
        people.iter().all(|one| one.grants.len() == 1 && one.grants[0].principal == one.header.principal)
    );
    let entry = &log(&world.room)[usize::try_from(before).unwrap() + 1].entry;
    assert_eq!(
        (entry.what.name(), entry.outcome, entry.view),
        ("policy.read", Outcome::Granted, Some(View::Clear))
    );
    assert_eq!((entry.fields.as_slice(), entry.objects.len()), (&["handle".to_owned()][..], wanted.len()));
    // Somebody without a role sees nobody.
    let (ada, why) = administrator(&world.room);
    ada.appoint("nina", strongroom::room::PrincipalKind::Human, &why).unwrap();
    assert_eq!(
        refused(world.staff("nina").people(&crate::world::FIRST, &Why::unstated())).reason,
        DenialReason::NoRole
    );
    // A handle that was changed in the database is none.
    let copy = Copy::of(&world);
    let zero = "UPDATE principal SET handle_sealed = zeroblob(length(handle_sealed))";
    crate::dba::change(&copy.store(), zero, [], wanted.len() + 1);
    let changed = staff(&copy.room(), "vera");
    assert_eq!(
        changed.people(&crate::world::FIRST, &Why::unstated()).map(drop).err().map(|e| e.kind()),
        Some(Kind::Integrity)
    );
}

#[test]
fn a_code_issued_anew_ends_what_was_before() {
    let made = World::new(RoomKind::Demo);
    let room = &made.room;
    let sam = room.assume("sam").unwrap().principal;
    let (ada, why) = administrator(room);
    let first = ada.reenrol(sam, &why).unwrap();
    room.enrol(&first.code, &secret(PASSWORD)).unwrap();
    let session = room.staff_login("sam", &secret(PASSWORD)).unwrap();
    let at_work = room.staff(&session.token);
    at_work.people(&crate::world::FIRST, &Why::unstated()).unwrap();
    let copy = Copy::of(&made);
    let old = Kept::of(&copy.store(), "credential", "owner_kind = 3");

    let second = ada.reenrol(sam, &why).unwrap();
    assert!(second.sessions >= 1);
    assert_eq!(
        refused(at_work.people(&crate::world::FIRST, &Why::unstated())).reason,
        DenialReason::SessionEnded
    );
    assert!(matches!(room.staff_login("sam", &secret(PASSWORD)), Err(StaffLoginError::Denied)));
    // A third code ends the second.
    let third = ada.reenrol(sam, &why).unwrap();
    assert!(matches!(room.enrol(&second.code, &secret(PASSWORD)), Err(EnrolError::Code)));
    let entry = log(room).into_iter().rev().find(|one| one.entry.what.name() == "enrolment.issued").unwrap();
    let What::Known(Data::EnrolmentIssued { principal, withdrawn, sessions, .. }) = entry.entry.what else {
        panic!("{}", entry.line)
    };
    assert_eq!((principal, withdrawn.len(), sessions), (sam, 1, 0));
    let other = "a different password it is";
    assert_eq!(room.enrol(&third.code, &secret(other)).unwrap(), sam);
    assert!(matches!(room.staff_login("sam", &secret(PASSWORD)), Err(StaffLoginError::Denied)));
    let session = room.staff_login("sam", &secret(other)).unwrap();
    room.staff(&session.token).people(&crate::world::FIRST, &Why::unstated()).unwrap();
    // The old record put back does not open, neither beside a new one nor where there is none.
    let copy = Copy::of(&made);
    old.put_back(&copy.store());
    assert!(copy.room().staff_login("sam", &secret(PASSWORD)).is_err());
    ada.reenrol(sam, &why).unwrap();
    let copy = Copy::of(&made);
    old.put_back(&copy.store());
    assert!(copy.room().staff_login("sam", &secret(PASSWORD)).is_err());
}

#[test]
fn codes_are_issued_by_an_administrator_with_a_case_and_a_fresh_login() {
    let world = World::demo();
    let room = &world.room;
    let sam = room.assume("sam").unwrap().principal;
    let plain = Why::purpose(Purpose::AccessAdmin);
    let denied =
        |result: Result<_, StaffError>| refused(result.map(|_: strongroom::room::NewCode| ())).reason;
    assert_eq!(denied(world.staff("sam").reenrol(sam, &support())), DenialReason::NotAllowed);
    let (ada, why) = administrator(room);
    assert_eq!(denied(ada.reenrol(sam, &plain)), DenialReason::CaseMissing);
    ada.reenrol(sam, &why).unwrap();
    ada.disable(sam, &why).unwrap();
    assert_eq!(ada.reenrol(sam, &why).err().map(|e| e.kind()), Some(Kind::Conflict));
    let ghost = PrincipalId::from_bytes([9; 16]);
    assert_eq!(ada.reenrol(ghost, &why).err().map(|e| e.kind()), Some(Kind::NotFound));
    for _ in 0..2 {
        world.later(std::time::Duration::from_secs(600));
        ada.people(&crate::world::FIRST, &Why::unstated()).unwrap();
    }
    assert_eq!(denied(ada.reenrol(sam, &why)), DenialReason::StaleFactor);
}
