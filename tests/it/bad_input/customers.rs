//! Registering, logging in, tokens.

use strongroom::room::{Answer, Kind, Registration};

use super::{Leaves, bad_lines, is_sound, left, refused};
use crate::{
    disk::Census,
    world::{JANE, PASSWORD, World, secret},
};

/// Texts that are no token of this room, whoever reads them.
pub fn bad_tokens() -> Vec<(&'static str, String)> {
    vec![
        ("empty", String::new()),
        ("blank", " ".to_owned()),
        ("a word", "token".to_owned()),
        ("zeros", "A".repeat(43)),
        ("bits past the end", format!("{}B", "A".repeat(42))),
        ("padding", format!("{}=", "A".repeat(43))),
        ("the other alphabet", "+/".repeat(21) + "A"),
        ("a NUL", format!("{}\0", "A".repeat(43))),
        ("too long", "A".repeat(44)),
        ("ten megabytes", "A".repeat(10 * 1024 * 1024)),
    ]
}

#[test]
fn nobody_registers_with_bad_input() {
    let world = World::demo();
    world.customer(JANE);
    let good = secret(PASSWORD);
    let register = |email: &str, name: Option<&str>, password: &str| {
        world.room.register(&Registration { email, name, password: &secret(password) })
    };
    let without_an_address =
        ["", "@", "jane", "jane@", "@example.com", "jane doe@example.com", "jane@exam ple.com"];
    let addresses = without_an_address.iter().map(|line| ("no address", (*line).to_owned()));
    for (what, email) in bad_lines(320).into_iter().chain(addresses) {
        let what = format!("an address: {what}");
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, || register(&email, None, good.expose()));
    }
    for (what, name) in bad_lines(512) {
        let what = format!("a name: {what}");
        let register = || register("new@example.com", Some(&name), good.expose());
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, register);
    }
    for (what, password) in [
        ("empty", String::new()),
        ("short", "fourteen chars".to_owned()),
        ("blanks", " ".repeat(14)),
        ("a bell", format!("{PASSWORD}\u{7}")),
        ("a NUL", format!("{PASSWORD}\0")),
        ("unassigned", format!("{PASSWORD}\u{378}")),
        ("code points", "x".repeat(257)),
        ("bytes", "\u{10348}".repeat(257)),
        ("the address", "new-customer@example.com".to_owned()),
        ("ten megabytes", "x".repeat(10 * 1024 * 1024)),
    ] {
        let what = format!("a password: {what}");
        let register = || register("new-customer@example.com", None, &password);
        refused(&world, &what, Kind::Invalid, Leaves::Nothing, register);
    }
    for taken in [JANE, "JANE.DOE@EXAMPLE.COM", "  jane.doe@example.com\u{a0}"] {
        refused(&world, "a taken address", Kind::Conflict, Leaves::Nothing, || {
            register(taken, None, PASSWORD)
        });
    }
    is_sound(&world);
}

#[test]
fn nobody_logs_in_with_bad_input() {
    let world = World::demo();
    world.customer(JANE);
    let denied = |what: &str, email: &str, password: &str| {
        let before = Census::of(&world.path());
        let answer = world.room.login(email, &secret(password)).unwrap();
        assert!(matches!(answer, Answer::Denied), "{what}");
        left(&world, what, &before, Leaves::Activity);
    };
    for (what, email) in bad_lines(320) {
        denied(&format!("an address: {what}"), &email, PASSWORD);
    }
    let close =
        [PASSWORD.to_uppercase(), format!("{PASSWORD} "), format!("{PASSWORD}\0"), format!("\0{PASSWORD}")];
    let huge = [
        "x".repeat(4097),
        PASSWORD.repeat(10 * 1024 * 1024 / PASSWORD.len()),
        String::new(),
        "\0".to_owned(),
    ];
    for password in close.iter().chain(&huge) {
        denied("a password", JANE, password);
        denied("a password for nobody", "nobody@example.com", password);
    }
    is_sound(&world);
}

#[test]
fn what_is_no_token_opens_and_ends_nothing() {
    let world = World::demo();
    world.customer(JANE);
    let Some(granted) = world.room.login(JANE, &secret(PASSWORD)).unwrap().complete() else {
        panic!("denied")
    };
    let room = &world.room;
    for (what, token) in bad_tokens() {
        let token = secret(&token);
        refused(&world, what, Kind::Denied, Leaves::Nothing, || room.resume(&token));
        refused(&world, what, Kind::Denied, Leaves::Nothing, || room.logout(&token));
    }
    room.logout(&granted.token).unwrap();
    refused(&world, "an ended token", Kind::Denied, Leaves::Nothing, || room.resume(&granted.token));
    refused(&world, "an ended token", Kind::Denied, Leaves::Nothing, || room.logout(&granted.token));
    is_sound(&world);
}

/// A staff token given to what customers' browsers talk to.
#[test]
fn a_staff_token_is_no_customers_token() {
    let world = World::demo();
    world.customer(JANE);
    let room = &world.room;
    let login = room.assume("sam").unwrap();
    refused(&world, "resuming", Kind::Denied, Leaves::Nothing, || room.resume(&login.token));
    refused(&world, "logging out", Kind::Denied, Leaves::Nothing, || room.logout(&login.token));
    is_sound(&world);
}

#[test]
fn an_expired_session_opens_nothing() {
    let world = World::demo();
    let session = world.customer(JANE);
    let Some(granted) = world.room.login(JANE, &secret(PASSWORD)).unwrap().complete() else {
        panic!("denied")
    };
    let ticket = world.room.owner(&session).open_ticket("Subject", "Body").unwrap().ticket;
    world.later(std::time::Duration::from_hours(24));
    let owner = world.room.owner(&session);
    refused(&world, "resuming", Kind::Denied, Leaves::Nothing, || world.room.resume(&granted.token));
    refused(&world, "profile", Kind::Denied, Leaves::Nothing, || owner.profile());
    refused(&world, "opening", Kind::Denied, Leaves::Nothing, || owner.open_ticket("Subject", "Body"));
    refused(&world, "writing", Kind::Denied, Leaves::Nothing, || owner.write(ticket, "Body"));
    let attach = || owner.attach(ticket, "a.txt", "text/plain", &b"x"[..]);
    refused(&world, "attaching", Kind::Denied, Leaves::Nothing, attach);
    refused(&world, "tickets", Kind::Denied, Leaves::Nothing, || owner.tickets(&crate::world::FIRST));
    refused(&world, "reading", Kind::Denied, Leaves::Nothing, || owner.ticket(ticket));
    is_sound(&world);
}
