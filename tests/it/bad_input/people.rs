//! Ceremonies, codes, staff logins, appointments.

use std::fs;

use strongroom::room::{
    Appointment, CaseRef, Ceremony, DetailText, Kind, LogPart, Page, PrincipalKind, Purpose, Role, Room,
    RoomKind, RoomOptions, SecondFactor, SecretText, Staff, StaffLoginError, TotpOffer, Why,
};

use super::{Leaves, bad_lines, customers::bad_tokens, is_sound, refused};
use crate::{
    carried::SshKey,
    world::{PASSWORD, World, ceremony, options, secret},
};

/// Handles that nobody gets.
pub fn bad_handles() -> Vec<(&'static str, String)> {
    let mut handles = bad_lines(512);
    handles.push(("white space", "two words".to_owned()));
    handles.push(("other white space", "two\u{a0}words".to_owned()));
    handles
}

/// No room is made, and not a file.
fn no_room(what: &str, kind: Kind, ceremony: &Ceremony) {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(crate::world::START);
    let Err(error) = Room::init(options(&directory.path().join("room"), &clock), ceremony) else {
        panic!("{what}: a room was made")
    };
    assert_eq!(error.kind(), kind, "{what}: {error}");
    assert!(fs::read_dir(directory.path()).unwrap().next().is_none(), "{what}: something was made");
}

#[test]
fn a_bad_ceremony_makes_nothing() {
    let with = |handle: &str, roles: &[Role]| {
        let mut people = ceremony(RoomKind::Real);
        people.appointments.push(Appointment { handle: handle.to_owned(), roles: roles.to_vec() });
        people
    };
    for (what, handle) in bad_handles() {
        no_room(what, Kind::Invalid, &with(&handle, &[Role::Support]));
    }
    for (what, roles) in [
        ("a machine's role", &[Role::AuthService][..]),
        ("conflicting roles", &[Role::Auditor, Role::AccessAdmin]),
        ("a role twice", &[Role::Support, Role::Support]),
    ] {
        no_room(what, Kind::Invalid, &with("newcomer", roles));
    }
    for taken in ["ada", "ADA", " ada "] {
        no_room("a handle twice", Kind::Invalid, &with(taken, &[Role::Support]));
    }
    for missing in [0, 2] {
        let mut people = ceremony(RoomKind::Real);
        people.appointments.remove(missing);
        no_room("nobody in an office", Kind::Invalid, &people);
    }
    let people = Ceremony { appointments: Vec::new(), ..ceremony(RoomKind::Real) };
    no_room("nobody", Kind::Invalid, &people);
}

#[test]
fn a_room_is_not_made_over_something() {
    let world = World::demo();
    let before = crate::disk::files(&world.path());
    let again = Room::init(options(&world.path(), &world.clock), &ceremony(RoomKind::Real)).err().unwrap();
    assert_eq!(again.kind(), Kind::Conflict);
    let file = tempfile::NamedTempFile::new().unwrap();
    let on_a_file = Room::init(options(file.path(), &world.clock), &ceremony(RoomKind::Real)).err().unwrap();
    assert!(matches!(on_a_file.kind(), Kind::Conflict | Kind::Unavailable), "{on_a_file}");
    assert!(before == crate::disk::files(&world.path()));
}

#[test]
fn what_is_no_code_enrols_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(crate::world::START);
    let made =
        Room::init(options(&directory.path().join("room"), &clock), &ceremony(RoomKind::Real)).unwrap();
    let world = World { room: made.room, clock, directory };
    let (room, code) = (&world.room, &made.codes[0].code);
    for (what, token) in bad_tokens() {
        let enrol = || room.enrol(&secret(&token), &secret(PASSWORD));
        refused(&world, what, Kind::Denied, Leaves::Entries(1), enrol);
    }
    for password in
        ["", "short", "fourteen chars", "a bell \u{7} rings at noon", &"x".repeat(10 * 1024 * 1024)]
    {
        let enrol = || room.enrol(code, &secret(password));
        refused(&world, "a password", Kind::Invalid, Leaves::Nothing, enrol);
    }
    room.enrol(code, &secret(PASSWORD)).unwrap();
    refused(&world, "a used code", Kind::Denied, Leaves::Entries(1), || room.enrol(code, &secret(PASSWORD)));
    world.later(std::time::Duration::from_hours(7 * 24));
    let late = || room.enrol(&made.codes[1].code, &secret(PASSWORD));
    refused(&world, "an expired code", Kind::Denied, Leaves::Entries(1), late);
    refused(&world, "no demonstration", Kind::Denied, Leaves::Nothing, || room.assume("ada"));
    for (what, handle) in bad_handles() {
        let login = || room.staff_login(&handle, &secret(PASSWORD));
        refused(&world, what, Kind::Denied, Leaves::Entries(1), login);
    }
    for password in ["", "\0", "wrong", &"x".repeat(10 * 1024 * 1024)] {
        let login = || room.staff_login("ada", &secret(password));
        refused(&world, "a wrong password", Kind::Denied, Leaves::Entries(1), login);
    }
    let unenrolled = || room.staff_login("alan", &secret(PASSWORD));
    refused(&world, "nobody's password", Kind::Denied, Leaves::Entries(1), unenrolled);
    is_sound(&world);
}

fn admin_at_work(world: &World) -> (Staff, Why) {
    let ada = world.staff("ada");
    let why = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &why).unwrap();
    (ada, why.case(CaseRef::Case(case)))
}

#[test]
fn a_bad_handle_is_nobodys() {
    let world = World::demo();
    let (ada, why) = admin_at_work(&world);
    for (what, handle) in bad_handles() {
        let appoint = || ada.appoint(&handle, PrincipalKind::Human, &why).map(drop);
        refused(&world, what, Kind::Invalid, Leaves::Nothing, appoint);
        refused(&world, what, Kind::Denied, Leaves::Entries(1), || world.room.assume(&handle));
    }
    for roles in [&[Role::Security][..], &[Role::Support, Role::RetentionBatch], &Role::ALL] {
        let acting = || world.room.in_roles(roles).assume("sam");
        refused(&world, "a role that is not held", Kind::Denied, Leaves::Entries(1), acting);
    }
    for taken in ["sam", "SAM", " sam "] {
        let appoint = || ada.appoint(taken, PrincipalKind::Human, &why).map(drop);
        refused(&world, "a taken handle", Kind::Conflict, Leaves::Entries(1), appoint);
    }
    is_sound(&world);
}

/// What is no challenge, no code and no signature begins no session and is no factor.
#[test]
fn a_bad_factor_is_none() {
    let world = World::demo();
    let (ada, why) = admin_at_work(&world);
    let code = ada.appoint("nina", PrincipalKind::Human, &why).unwrap().code;
    world.room.enrol(&code, &secret(PASSWORD)).unwrap();
    let nina = world.room.staff_login("nina", &secret(PASSWORD)).unwrap();
    let nina = world.room.staff(&nina.token);
    let offer = TotpOffer::fresh().unwrap();
    let challenge = nina.key_challenge().unwrap();
    for bad in ["", "\0", "12345", "1234567", "\u{1d7d9}23456", &"1".repeat(10 * 1024 * 1024)] {
        let add = || nina.add_totp(&offer, &secret(bad));
        refused(&world, "a bad code", Kind::Invalid, Leaves::Entries(1), add);
        for challenge in [bad, challenge.expose()] {
            let add = || nina.add_ssh_key(&secret(challenge), bad);
            refused(&world, "a bad signature", Kind::Invalid, Leaves::Entries(1), add);
        }
    }
    SshKey::plain(1).add(&nina).unwrap();
    let asked = || match world.room.staff_login("nina", &secret(PASSWORD)) {
        Err(StaffLoginError::SecondFactor { asked }) => asked.challenge,
        _ => panic!("a password alone"),
    };
    for bad in ["", "\0", "123456", "-----BEGIN SSH SIGNATURE-----", &"1".repeat(10 * 1024 * 1024)] {
        for challenge in [asked(), secret(bad), challenge_of(&nina)] {
            for shown in [SecondFactor::Code(secret(bad)), SecondFactor::Signature(bad.to_owned())] {
                let login = || world.room.second_factor(&challenge, &shown);
                refused(&world, "a bad factor", Kind::Denied, Leaves::Entries(1), login);
            }
        }
    }
    is_sound(&world);
}

/// One that is for something else.
fn challenge_of(staff: &Staff) -> SecretText {
    staff.key_challenge().unwrap()
}

/// Whether a handle is taken is an answer that only those get who may appoint, and it is on record.
#[test]
fn who_may_not_appoint_learns_nothing_and_leaves_nothing() {
    let world = World::demo();
    let sam = world.staff("sam");
    let why = Why::purpose(Purpose::AccessAdmin);
    for handle in ["ada", "newcomer"] {
        let appoint = || sam.appoint(handle, PrincipalKind::Human, &why).map(drop);
        refused(&world, handle, Kind::Denied, Leaves::Entries(1), appoint);
    }
    is_sound(&world);
}

#[test]
fn what_is_over_is_over() {
    let world = World::demo();
    let (ada, why) = admin_at_work(&world);
    let people = ada.people(&crate::world::FIRST, &why).unwrap().rows;
    let sam = world.room.assume("sam").unwrap();
    let grant = people.iter().find(|one| one.header.principal == sam.principal).unwrap().grants[0];
    ada.revoke(grant.grant, &why).unwrap();
    let revoke = || ada.revoke(grant.grant, &why);
    refused(&world, "revoking twice", Kind::Conflict, Leaves::Entries(1), revoke);
    ada.disable(sam.principal, &why).unwrap();
    let disable = || ada.disable(sam.principal, &why);
    refused(&world, "disabling twice", Kind::Conflict, Leaves::Entries(1), disable);
    let acting = || world.room.staff(&sam.token).people(&crate::world::FIRST, &why);
    refused(&world, "acting when disabled", Kind::Denied, Leaves::Entries(1), acting);
    refused(&world, "coming back", Kind::Denied, Leaves::Entries(1), || world.room.assume("sam"));
    is_sound(&world);
}

/// What a program says of itself and of where its user is stands beside every entry, and ends no line there.
#[test]
fn what_a_program_says_of_itself_is_made_fit() {
    for said in bad_lines(2048).into_iter().map(|(_, line)| line).chain(["\u{10348}".repeat(1_000_000)]) {
        let mut world = World::demo();
        let options = options(&world.path(), &world.clock);
        let options =
            RoomOptions { component: said.clone(), host: said.clone(), origin: Some(said), ..options };
        world.room = options.open().unwrap();
        world.customer(crate::world::JANE);
        let vera = world.staff("vera");
        let why = Why::purpose(Purpose::Audit);
        let entry = vera.audit_log(LogPart::All, 0, &Page::first(500), &why).unwrap().entries.pop().unwrap();
        for name in [&entry.entry.via.component, &entry.entry.via.host] {
            assert!(!name.is_empty() && name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        let shown = vera.audit_show(entry.entry.position, &why).unwrap();
        for (_, text) in shown.details {
            let DetailText::Text(text) = text else { panic!("the detail is gone") };
            assert!(!text.is_empty() && text.len() <= 2048 && !text.chars().any(char::is_control));
        }
        is_sound(&world);
    }
}
