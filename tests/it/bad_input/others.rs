//! Files of accounts.

use strongroom::room::ImportOptions;

use super::{Leaves, bad_lines, is_sound, left};
use crate::{disk::Census, world::World};

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
