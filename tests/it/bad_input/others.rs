//! What the other tables leave: addresses that are looked for, times out of bounds, files of accounts.

use std::time::Duration;

use strongroom::room::{
    CaseRef, Class, Classes, Clue, Field, ImportOptions, Kind, Purpose, Role, Time, Waivable, Why,
};

use super::{Leaves, bad_lines, customers::bad_tokens, is_sound, left, refused};
use crate::{
    codes::by_code,
    disk::Census,
    world::{JANE, World, secret},
};

#[test]
fn what_else_is_asked_for_badly_is_refused() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let (owner, account) = (world.room.owner(&jane), jane.account());
    let (sam, ada, vera) = (world.staff("sam"), world.staff("ada"), world.staff("vera"));
    let why = Why::purpose(Purpose::SupportRequest);
    let call = why.clone().case(CaseRef::Ticket(sam.take_call(account, &why).unwrap().ticket));
    let quiet = Leaves::Nothing;
    for (what, line) in bad_lines(320) {
        let before = Census::of(&world.path());
        assert!(world.room.find(&line).unwrap().is_none(), "{what}");
        left(&world, what, &before, quiet);
        refused(&world, what, Kind::Invalid, quiet, || sam.search(&Clue::Email(&line), &why).map(drop));
        let check = || vera.check_policy(&[&line], &Why::purpose(Purpose::Audit), |_| ()).map(drop);
        refused(&world, what, Kind::Invalid, Leaves::Entries(1), check);
        let told = sam.verify_field(account, Field::Name, &secret(&line), &call);
        assert!(told.is_ok_and(|told| told == strongroom::room::Compared::NoMatch), "{what}");
    }
    let asked = world.room.ask_reset(JANE).unwrap();
    let code = secret("00000000");
    for (_, text) in bad_tokens() {
        refused(&world, "closing", Kind::Denied, Leaves::Activity, || owner.close(&secret(&text)));
    }
    for short in ["", "fourteen chars"] {
        let proof = by_code(&asked, &code);
        let reset = || world.room.reset(&proof, &secret(short));
        refused(&world, "a short password", Kind::Invalid, quiet, reset);
        let accept = || world.room.accept(&proof, &secret(short)).map(drop);
        refused(&world, "a short password", Kind::Invalid, quiet, accept);
    }
    let now = world.clock.now();
    for expires in [Time::ZERO, now, Time::MAX] {
        let make = || owner.make_api_key(&["dns:read"], expires).map(drop);
        refused(&world, "when a key ends", Kind::Invalid, quiet, make);
    }
    let admin = Why::purpose(Purpose::AccessAdmin);
    let admin = admin.clone().case(CaseRef::Case(ada.open_case(None, &admin).unwrap()));
    let sams = world.room.assume("sam").unwrap().principal;
    for long in [Duration::ZERO, Duration::from_secs(4000 * 86_400), Duration::MAX] {
        let before = Census::of(&world.path());
        let give = ada.give(sams, Role::Billing, long, &admin).err().unwrap();
        let waive = ada.waive(Waivable::SecondPerson, long, &admin).err().unwrap();
        assert_eq!((give.kind(), waive.kind()), (Kind::Invalid, Kind::Invalid), "{long:?}: {give} {waive}");
        assert_eq!(before.rows("approval"), Census::of(&world.path()).rows("approval"), "nothing waits");
    }
    for review in [Time::ZERO, now, Time::MAX] {
        let place = sam.place_hold(account, Classes::of(&[Class::Support]), review, &call).err().unwrap();
        assert!(matches!(place.kind(), Kind::Invalid | Kind::Denied), "{place}");
    }
    is_sound(&world);
}

#[test]
fn a_file_that_holds_no_accounts_makes_none() {
    let world = World::demo();
    let mut lines = bad_lines(320);
    let texts =
        ["{", "[]", "7", "null", "{}", "{\"identifier\":7}", "{\"identifier\":\"a@b.example\",\"more\":1}"];
    lines.extend(texts.map(|text| ("no account", text.to_owned())));
    for (what, line) in lines.iter().filter(|(_, line)| !line.trim().is_empty()) {
        let before = Census::of(&world.path());
        let mut refusals = 0;
        let counted = |_: &strongroom::room::LineRefused<'_>| {
            refusals += 1;
            Ok(())
        };
        let source = line.as_bytes();
        let report = world.room.import_accounts(source, ImportOptions::default(), counted, |_| ()).unwrap();
        assert!(refusals > 0, "{what}: {report:?}");
        left(&world, what, &before, Leaves::Nothing);
    }
    is_sound(&world);
}
