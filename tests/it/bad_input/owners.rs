//! Codes, links, keys of programs, and what owners change.

use std::time::Duration;

use strongroom::room::{ApiKeyId, Kind, Proof, Registration, SessionId, WriteError};

use super::{Leaves, bad_lines, customers::bad_tokens, is_sound, left, refused};
use crate::{
    codes::{OTHER, by_code},
    disk::Census,
    post::posted,
    world::{JANE, PASSWORD, World, secret},
};

#[test]
fn nobody_signs_up_or_is_invited_with_bad_input() {
    let world = World::demo();
    let good = secret(PASSWORD);
    for (what, line) in bad_lines(320) {
        let sign_up =
            || world.room.sign_up(&Registration { email: &line, name: None, password: &good }).map(drop);
        refused(&world, &format!("an address: {what}"), Kind::Invalid, Leaves::Nothing, sign_up);
        let invite = || world.room.invite(&line, None).map(drop);
        refused(&world, &format!("inviting: {what}"), Kind::Invalid, Leaves::Nothing, invite);
    }
    for (what, line) in bad_lines(512) {
        let sign_up = || {
            world.room.sign_up(&Registration { email: JANE, name: Some(&line), password: &good }).map(drop)
        };
        refused(&world, &format!("a name: {what}"), Kind::Invalid, Leaves::Nothing, sign_up);
        let invite = || world.room.invite(JANE, Some(&line)).map(drop);
        refused(&world, &format!("inviting as: {what}"), Kind::Invalid, Leaves::Nothing, invite);
    }
    for password in ["", "fourteen chars", JANE, "eight\0bytes and a bit more"] {
        let password = secret(password);
        let sign_up =
            || world.room.sign_up(&Registration { email: JANE, name: None, password: &password }).map(drop);
        refused(&world, "a password", Kind::Invalid, Leaves::Nothing, sign_up);
    }
    is_sound(&world);
}

#[test]
fn what_is_no_code_and_no_link_does_nothing() {
    let world = World::demo();
    world.customer(JANE);
    let (room, password) = (&world.room, secret(OTHER));
    for (what, text) in bad_tokens() {
        let text = secret(&text);
        let proofs = || [Proof::Link(&text), Proof::Code { handle: &text, code: &text }];
        for proof in proofs() {
            refused(&world, what, Kind::Denied, Leaves::Nothing, || room.confirm(&proof));
            refused(&world, what, Kind::Denied, Leaves::Nothing, || room.accept(&proof, &password));
            refused(&world, what, Kind::Denied, Leaves::Nothing, || room.reset(&proof, &password));
            refused(&world, what, Kind::Denied, Leaves::Nothing, || room.confirm_address(&proof));
        }
        refused(&world, what, Kind::Denied, Leaves::Nothing, || room.look(&text));
        let before = Census::of(&world.path());
        assert!(room.api_key(&text).unwrap().is_none(), "{what}");
        left(&world, what, &before, Leaves::Nothing);
    }
    // Codes that a handle of this room is tried with.
    let asked = room.ask_reset(JANE).unwrap();
    for code in
        ["", "1", "000000000", "-1", "\0", "\u{661}\u{662}\u{663}\u{664}\u{665}", &"1".repeat(10_000_000)]
    {
        let code = secret(code);
        let tried = room.reset(&by_code(&asked, &code), &password);
        assert_eq!(tried.err().unwrap().kind(), Kind::Denied);
    }
    is_sound(&world);
}

#[test]
fn whatever_is_typed_for_an_address_is_answered_alike() {
    let world = World::demo();
    for (what, line) in bad_lines(320) {
        let asked = world.room.ask_reset(&line).unwrap();
        assert!(posted(&world.room, asked).unsent.is_empty(), "{what}");
        let before = Census::of(&world.path());
        assert!(world.room.find(&line).unwrap().is_none(), "{what}");
        left(&world, what, &before, Leaves::Nothing);
    }
    is_sound(&world);
}

#[test]
fn an_owner_changes_nothing_with_bad_input() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let (owner, good) = (world.room.owner(&jane), secret(PASSWORD));
    for (what, line) in bad_lines(512) {
        let rename = || owner.change_name(Some(&line));
        refused(&world, &format!("a name: {what}"), Kind::Invalid, Leaves::Nothing, rename);
    }
    for (what, line) in bad_lines(320) {
        let ask = || owner.ask_address(&good, &line).map(drop);
        refused(&world, &format!("an address: {what}"), Kind::Invalid, Leaves::Nothing, ask);
    }
    for new in ["", "fourteen chars", "a bell\u{7} in a password", &"x".repeat(257)] {
        let change = || owner.change_password(&good, &secret(new));
        refused(&world, "a password", Kind::Invalid, Leaves::Nothing, change);
    }
    for wrong in ["", "not her password at all", &PASSWORD.repeat(1000)] {
        let wrong = secret(wrong);
        let change = || owner.change_password(&wrong, &secret(OTHER));
        refused(&world, "a wrong password", Kind::Denied, Leaves::Activity, change);
        let ask = || owner.ask_address(&wrong, "new@example.com").map(drop);
        refused(&world, "a wrong password", Kind::Denied, Leaves::Activity, ask);
        let close = || owner.close(&wrong);
        refused(&world, "a wrong password", Kind::Denied, Leaves::Activity, close);
    }
    let soon = world.clock.now().plus(Duration::from_secs(60));
    for (what, line) in bad_lines(64) {
        let make = || owner.make_api_key(&[&line], soon).map(drop);
        refused(&world, &format!("what a key is for: {what}"), Kind::Invalid, Leaves::Nothing, make);
    }
    let absent = |call: Result<(), WriteError>| call;
    let (session, key) = (SessionId::from_bytes([7; 16]), ApiKeyId::from_bytes([7; 16]));
    refused(&world, "no session", Kind::NotFound, Leaves::Nothing, || absent(owner.end_session(session)));
    refused(&world, "no key", Kind::NotFound, Leaves::Nothing, || absent(owner.revoke_api_key(key)));
    is_sound(&world);
}
