//! Any text at all: a typed answer, no panic, and what was stored comes back as it was meant.

use std::cell::Cell;

use proptest::prelude::*;
use strongroom::room::{Answer, Kind, Purpose, Registration, StaffError, Why};

use super::is_sound;
use crate::world::{JANE, World, secret};

/// Text of any characters, and of those that make trouble more often than chance would.
fn any_text() -> impl Strategy<Value = String> {
    let trouble = prop::sample::select(vec![
        '\0',
        '\n',
        '\r',
        '\t',
        '\u{1b}',
        '@',
        '.',
        ' ',
        '\u{a0}',
        '\u{301}',
        '\u{308}',
        'e',
        'E',
        '\u{130}',
        '\u{df}',
        '\u{200b}',
        '\u{200d}',
        '\u{202e}',
        '\u{2028}',
        '\u{feff}',
        '\u{fffd}',
        '\u{10ffff}',
        '4',
        '1',
        '-',
        ':',
        '/',
    ]);
    let character = prop_oneof![3 => any::<char>(), 2 => trouble, 1 => prop::char::range('a', 'z')];
    prop::collection::vec(character, 0..60).prop_map(|characters| characters.into_iter().collect())
}

/// Whatever is near an address.
fn any_address() -> impl Strategy<Value = String> {
    let shown = || prop::collection::vec(prop_oneof![any::<char>(), prop::char::range('!', '~')], 1..30);
    let kept = |text: Vec<char>| {
        text.into_iter().filter(|c| !c.is_control() && !c.is_whitespace()).collect::<String>()
    };
    let near =
        (shown(), shown()).prop_map(move |(local, domain)| format!("{}@{}", kept(local), kept(domain)));
    let far = (any_text(), any_text()).prop_map(|(local, domain)| format!("{local}@{domain}"));
    prop_oneof![1 => any_text(), 1 => far, 2 => near]
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn any_address_registers_once_and_logs_in_or_is_refused() {
    let world = World::demo();
    let support = Why::purpose(Purpose::SupportRequest);
    let sam = world.staff("sam");
    let accepted = Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(config(48));
    let password = secret(crate::world::PASSWORD);
    let ran = runner.run(&(any_address(), prop::option::of(any_text())), |(email, name)| {
        let registration = Registration { email: &email, name: name.as_deref(), password: &password };
        match world.room.register(&registration) {
            Ok(registered) => {
                accepted.set(accepted.get() + 1);
                prop_assert_eq!(world.room.register(&registration).unwrap_err().kind(), Kind::Conflict);
                prop_assert_eq!(sam.find(&email, &support).unwrap(), registered.account);
                let Some(granted) = world.room.login(&email, &password).unwrap().complete() else {
                    return Err(TestCaseError::fail("the right password was denied"));
                };
                prop_assert_eq!(granted.owner.account(), registered.account);
                let profile = world.room.owner(&granted.owner).profile().unwrap();
                prop_assert!(!profile.email.expose().as_str().chars().any(char::is_control));
            }
            Err(error) => {
                prop_assert!(matches!(error.kind(), Kind::Invalid | Kind::Conflict), "{error}");
                prop_assert!(matches!(world.room.login(&email, &password).unwrap(), Answer::Denied));
            }
        }
        Ok(())
    });
    ran.unwrap();
    assert!(accepted.get() > 2, "the strategy makes {} addresses", accepted.get());
    is_sound(&world);
}

#[test]
fn any_text_is_kept_as_a_ticket_or_refused() {
    let world = World::demo();
    let session = world.customer(JANE);
    let owner = world.room.owner(&session);
    let mut runner = proptest::test_runner::TestRunner::new(config(96));
    let ran = runner.run(&(any_text(), any_text()), |(subject, body)| {
        match owner.open_ticket(&subject, &body) {
            Ok(opened) => {
                let read = owner.ticket(opened.ticket).unwrap();
                let (subject, body) =
                    (read.subject.expose().as_str(), read.messages[0].body.expose().as_str());
                prop_assert!(!subject.is_empty() && !subject.chars().any(char::is_control));
                prop_assert!(!body.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
            }
            Err(error) => prop_assert_eq!(error.kind(), Kind::Invalid),
        }
        Ok(())
    });
    ran.unwrap();
    is_sound(&world);
}

#[test]
fn any_text_finds_nobody_and_no_staff() {
    let world = World::demo();
    let sam = world.staff("sam");
    let mut runner = proptest::test_runner::TestRunner::new(config(96));
    let ran = runner.run(&any_address(), |text| {
        let found = sam.find(&text, &Why::purpose(Purpose::SupportRequest));
        let nobody = matches!(found, Err(StaffError::NotFound | StaffError::Input { .. }));
        prop_assert!(nobody, "{:?}", found);
        prop_assert!(world.room.resume(&secret(&text)).is_err());
        prop_assert_eq!(world.room.assume(&text).err().unwrap().kind(), Kind::Denied);
        Ok(())
    });
    ran.unwrap();
    is_sound(&world);
}
