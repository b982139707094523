//! Times and spans for which nothing is given.

use std::time::Duration;

use strongroom::room::{CaseRef, Class, Classes, Kind, Purpose, Role, Time, Waivable, Why};

use super::{Leaves, is_sound, refused};
use crate::world::{JANE, World};

const DAY: Duration = Duration::from_secs(86_400);
const SECOND: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(1);

#[test]
fn a_key_is_for_a_time_to_come() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let (owner, now) = (world.room.owner(&jane), world.clock.now());
    for expires in [Time::ZERO, now, now.plus(DAY * 732 + MOMENT), Time::MAX] {
        let make = || owner.make_api_key(&[], expires).map(drop);
        refused(&world, "a key's end", Kind::Invalid, Leaves::Nothing, make);
    }
    is_sound(&world);
}

/// No second person is asked for what nobody can give.
#[test]
fn no_role_no_waiver_and_no_hold_is_for_no_time_or_for_ever() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let at_work = |handle: &str, purpose, about| {
        let staff = world.staff(handle);
        let case = staff.open_case(about, &Why::purpose(purpose)).unwrap();
        (staff, Why::purpose(purpose).case(CaseRef::Case(case)))
    };
    let (ada, admin) = at_work("ada", Purpose::AccessAdmin, None);
    let admin = admin.because("A reason.");
    let sam = world.room.assume("sam").unwrap().principal;
    for lifetime in [Duration::ZERO, DAY / 86_401, DAY * 366 + SECOND, Duration::MAX] {
        let give = || ada.give(sam, Role::SupportLead, lifetime, &admin).map(drop);
        refused(&world, "a role's time", Kind::Invalid, Leaves::Nothing, give);
    }
    for lifetime in [Duration::ZERO, DAY / 86_401, DAY * 180 + SECOND, Duration::MAX] {
        let waive = || ada.waive(Waivable::ErasureAndHold, lifetime, &admin).map(drop);
        refused(&world, "a waiver's time", Kind::Invalid, Leaves::Nothing, waive);
    }
    let (lena, legal) = at_work("lena", Purpose::LegalObligation, Some(jane.account()));
    let support = Classes::of(&[Class::Support]);
    let now = world.clock.now();
    for review in [Time::ZERO, now, now.plus(DAY * 366 + MOMENT), Time::MAX] {
        let place = || lena.place_hold(jane.account(), support, review, &legal).map(drop);
        refused(&world, "a review", Kind::Invalid, Leaves::Entries(1), place);
    }
    is_sound(&world);
}
