//! A receipt opens what its entry names, in the view that the entry states, once, within a minute: held against
//! anything else it opens nothing, and is spent.

use std::time::Duration;

use strongroom::{
    audit::Outcome,
    room::{
        Action, DenialReason, Email, Failure, Field, Kind, Name, OpenError, Purpose, Receipt, Room, Sealed,
        StaffError, Unfit, View, Why,
    },
};

use crate::{
    dba::{Copy, bytes, change, log},
    scene::{Scene, in_case, reason, staff, support},
    world::{JANE, World},
};

/// Sam's receipt for jane's fields, masked.
fn masked(scene: &Scene, room: &Room, fields: &[Field]) -> Receipt {
    staff(room, "sam").ask_account(scene.account(), fields, Action::AccountReadMasked, &support()).unwrap()
}

/// Priya's receipt for one of jane's fields, in the clear.
fn clear(scene: &Scene, room: &Room, field: Field) -> Receipt {
    let why = in_case(scene.case);
    staff(room, "priya").ask_account(scene.account(), &[field], Action::AccountRevealField, &why).unwrap()
}

/// Jane's sealed address and name.
fn seals(scene: &Scene, room: &Room) -> (Sealed<Email>, Sealed<Name>) {
    let seals = room.account_seals(scene.account()).unwrap();
    (seals.email, seals.name.unwrap())
}

/// Nothing is opened, because the receipt does not fit.
#[track_caller]
fn unfit<T>(result: Result<T, StaffError>, why: Unfit) {
    match result {
        Err(StaffError::Failed(Failure::Open(OpenError::Receipt(unfit)))) => assert_eq!(unfit, why),
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("opens"),
    }
}

#[test]
fn it_opens_what_its_entry_names() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let (email, name) = seals(&scene, room);
    let receipt = clear(&scene, room, Field::Email);
    assert_eq!(receipt.cells(), [(email.object(), Field::Email)]);
    assert_eq!((receipt.subject(), receipt.view()), (Some(scene.account()), Some(View::Clear)));
    let (position, actor) = (receipt.position(), receipt.actor());
    assert_eq!(room.open(receipt, &email).unwrap().expose().as_str(), JANE);
    assert_eq!(room.open_masked(masked(&scene, room, &[Field::Name]), &name).unwrap().text(), "J••• D•••");
    let entry = &log(room)[usize::try_from(position).unwrap()].entry;
    assert_eq!((entry.outcome, entry.fields.as_slice()), (Outcome::Granted, &["email".to_owned()][..]));
    assert_eq!(entry.actor.to_string(), format!("principal:{actor}"));
}

#[test]
fn another_account_another_field_another_view() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let (email, name) = seals(&scene, room);
    let joes = room.account_seals(scene.joe.account()).unwrap();

    unfit(room.open(clear(&scene, room, Field::Email), &joes.email), Unfit::NotNamed);
    unfit(room.open_masked(masked(&scene, room, &[Field::Email]), &joes.email), Unfit::NotNamed);
    unfit(room.open(clear(&scene, room, Field::Email), &name), Unfit::NotNamed);
    unfit(room.open_masked(masked(&scene, room, &[Field::Name]), &email), Unfit::NotNamed);
    unfit(room.open(masked(&scene, room, &[Field::Email]), &email), Unfit::OtherView);
    unfit(room.open_masked(clear(&scene, room, Field::Email), &email), Unfit::OtherView);
}

/// Less is always allowed of what was opened, in another way: the value hides itself.
#[test]
fn what_was_opened_in_the_clear_can_be_masked_then() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let (email, _) = seals(&scene, room);
    let opened = room.open(clear(&scene, room, Field::Email), &email).unwrap();
    assert_eq!(opened.into_masked().text(), "j•••@e•••.com");
}

#[test]
fn a_minute_and_no_more() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let (email, _) = seals(&scene, room);
    let receipts = [0, 1].map(|_| clear(&scene, room, Field::Email));
    let [in_time, late] = receipts;
    scene.world.later(Duration::from_secs(60));
    assert!(room.open(in_time, &email).is_ok());
    scene.world.later(Duration::from_secs(1));
    unfit(room.open(late, &email), Unfit::Late);
}

/// Whole, it is spent on one value and the others are lost with it; split, each part opens its own.
#[test]
fn one_opening_for_each_value() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let (email, name) = seals(&scene, room);
    let both = [Field::Email, Field::Name];
    assert!(room.open_masked(masked(&scene, room, &both), &name).is_ok());

    let cells = |receipts: &[Receipt]| receipts.iter().map(|one| one.cells()[0].1).collect::<Vec<_>>();
    let parts = masked(&scene, room, &both).split();
    assert_eq!(cells(&parts), both);
    let [first, second] = <[Receipt; 2]>::try_from(parts).ok().unwrap();
    unfit(room.open_masked(first, &name), Unfit::NotNamed);
    assert!(room.open_masked(second, &name).is_ok());

    // Asked for twice in one request, a value is opened once.
    let parts = masked(&scene, room, &[Field::Email, Field::Email, Field::Name, Field::Email]).split();
    assert_eq!(cells(&parts), both);
    assert!(room.open_masked(parts.into_iter().next().unwrap(), &email).is_ok());
}

#[test]
fn another_room() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let (email, _) = seals(&scene, room);
    let other = World::demo();
    let theirs = other.customer(JANE);
    let their_seals = other.room.account_seals(theirs.account()).unwrap();
    let nothing = |result: Result<_, StaffError>| {
        let error: StaffError = result.err().unwrap();
        assert!(matches!(error.kind(), Kind::Denied | Kind::Integrity), "{error}");
    };
    nothing(room.open(clear(&scene, room, Field::Email), &their_seals.email).map(drop));
    nothing(other.room.open(clear(&scene, room, Field::Email), &email).map(drop));
    nothing(other.room.open(clear(&scene, room, Field::Email), &their_seals.email).map(drop));
    // The same room, opened twice in this process, is one room.
    assert!(scene.world.again().open(clear(&scene, room, Field::Email), &email).is_ok());
}

/// The entry says that it was allowed: what is taken away afterwards is taken away from the next request.
#[test]
fn what_ends_within_its_minute_ends_the_next_request() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let (email, _) = seals(&scene, room);
    let receipt = clear(&scene, room, Field::Email);
    room.staff(&room.assume("ada").unwrap().token).revoke(scene.grant("priya"), &Why::unstated()).unwrap();
    let again = staff(room, "priya").reveal_email(scene.account(), &in_case(scene.case));
    assert_eq!(reason(again), DenialReason::NoRole);
    assert!(room.open(receipt, &email).is_ok());
}

#[test]
fn a_receipt_opens_nothing_that_is_erased_since() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    let (email, _) = seals(&scene, &room);
    let receipt = clear(&scene, &room, Field::Email);
    change(
        &copy.keyring(),
        "UPDATE data_key SET wrapped = NULL, fenced_at = 7 WHERE owner = ?1 AND class = 1",
        [bytes(scene.account())],
        1,
    );
    let error = room.open(receipt, &email).err().unwrap();
    assert_eq!(error.kind(), Kind::Erased);
}

/// A receipt of an older sealed value is none for what was put in its place, and the reverse: it names the cell, and
/// the cell's place is in what was sealed.
#[test]
fn a_sealed_value_is_held_to_the_place_it_was_read_from() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let room = copy.room();
    change(
        &copy.store(),
        "UPDATE account SET name_sealed = email_sealed WHERE id = ?1",
        [bytes(scene.account())],
        1,
    );
    let (_, name) = seals(&scene, &room);
    let error = room.open(clear(&scene, &room, Field::Name), &name).err().unwrap();
    assert_eq!(error.kind(), Kind::Integrity, "an address in a name's place is not shown as a name");
}

#[test]
fn what_gives_no_receipt() {
    let scene = Scene::new();
    let (sam, priya) = (scene.world.staff("sam"), scene.world.staff("priya"));
    let why = in_case(scene.case);
    let ask = |fields: &[Field], action, why: &Why| priya.ask_account(scene.account(), fields, action, why);
    for action in [Action::AccountLookup, Action::TicketReadAny, Action::BillingReadDetail, Action::GrantGive]
    {
        assert!(matches!(ask(&[Field::Email], action, &why), Err(StaffError::Input { .. })));
    }
    // Two values in one reveal; none; and what no account has.
    let reveal = Action::AccountRevealField;
    assert_eq!(reason(ask(&[Field::Email, Field::Name], reveal, &why)), DenialReason::FieldNotAllowed);
    assert_eq!(reason(ask(&[], reveal, &why)), DenialReason::FieldNotAllowed);
    assert_eq!(reason(ask(&[Field::Body], reveal, &why)), DenialReason::FieldNotAllowed);
    assert_eq!(reason(ask(&[Field::Card], Action::AccountReadMasked, &why)), DenialReason::FieldNotAllowed);
    let masked = sam.ask_account(scene.account(), &[], Action::AccountReadMasked, &support()).unwrap();
    assert!(masked.cells().is_empty(), "an entry that names nothing opens nothing");
    let (email, _) = seals(&scene, &scene.world.room);
    unfit(scene.world.room.open_masked(masked, &email), Unfit::NotNamed);
    let stated = Why::purpose(Purpose::LegalObligation);
    assert_eq!(reason(ask(&[Field::Email], reveal, &stated)), DenialReason::CaseMissing);
}
