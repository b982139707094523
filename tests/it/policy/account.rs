//! `keep.account`, broken.

use std::time::Duration;

use strongroom::room::{CaseRef, Class, Classes, Kept, Purpose, Why};

use super::{Busy, count};
use crate::{
    dba::bytes,
    world::{JANE, World},
};

const DAY: Duration = Duration::from_secs(86_400);

/// What is wrong with an account that stayed as it was after its period.
fn everything(busy: &Busy) -> [String; 4] {
    [
        "has a live key of class identity past its period",
        "has a live key of class credential past its period",
        "is found by its address past its period",
        "is found by its name past its period",
    ]
    .map(|found| format!("account {}: {found}", busy.scene.joe.account()))
}

#[test]
fn a_closed_account_is_named_once_its_period_is_over_and_not_before() {
    let busy = Busy::new();
    busy.world().later(DAY * 365 - Duration::from_secs(1));
    let before = busy.check("keep.account");
    assert_eq!((before.kept.clone(), count(&before, "accounts that were closed")), (Kept::Kept, 1));
    assert_eq!(count(&before, "of them past their period"), 0);
    busy.world().later(Duration::from_secs(1));
    assert_eq!(busy.broken("keep.account"), everything(&busy));
}

#[test]
fn a_row_that_was_edited_back_to_active_postpones_nothing() {
    let busy = Busy::new();
    let joe = bytes(busy.scene.joe.account());
    let edited = "UPDATE account SET state = 1, closed_ms = NULL WHERE id = ?1";
    assert_eq!(busy.store().execute(edited, [&joe]).unwrap(), 1);
    busy.world().later(DAY * 365);
    assert_eq!(busy.broken("keep.account"), everything(&busy));
}

#[test]
fn what_is_held_may_stay_and_the_rest_may_not() {
    let busy = Busy::new();
    let legal = busy.world().staff("lena");
    let why = Why::purpose(Purpose::LegalObligation);
    let case = legal.open_case(Some(busy.scene.joe.account()), &why).unwrap();
    let review = busy.world().clock.now().plus(DAY * 300);
    let classes = Classes::of(&[Class::Identity]);
    legal.place_hold(busy.scene.joe.account(), classes, review, &why.case(CaseRef::Case(case))).unwrap();
    busy.world().later(DAY * 365);
    assert_eq!(busy.broken("keep.account"), everything(&busy)[1..2]);
}

#[test]
fn without_a_closed_account_there_is_nothing_to_check() {
    let world = World::demo();
    world.customer(JANE);
    let verdict = world
        .staff("vera")
        .check_policy(&["keep.account"], &Why::unstated(), |_| ())
        .unwrap()
        .verdicts
        .remove(0);
    assert_eq!(verdict.kept, Kept::NotApplicable);
}
