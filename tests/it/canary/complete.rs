//! What the stories leave out: every verb of the library and every command of the program is done in one, or stands here
//! with the reason why it takes nothing secret.

use std::collections::BTreeSet;

use crate::{format, spans};

/// Verbs, and why they need not be done.
pub const NOTHING_SECRET: &[(&str, &str)] = &[
    ("options.open_or_hold", "opens as `RoomOptions::open`, which is done, and takes nothing more"),
    ("room.account_seals", "a step of the demonstration's: an id, and what is sealed stays so"),
    ("room.clock", "takes nothing, gives the clock"),
    ("room.format", "takes nothing, gives a number"),
    ("room.from", "an origin, quoted by the verbs that are called so; `house` plants one"),
    ("room.in_roles", "names of roles, which the logins that are called so keep as bits"),
    ("room.id", "takes nothing, gives the room's id"),
    ("room.health", "done in `house`, with no span of its own"),
    ("room.metrics", "done in `house`, with no span of its own"),
    ("room.open", "a step of `Staff::account` and others, which are done"),
    ("room.open_masked", "a step of `Staff::account` and others, which are done"),
    ("room.settings", "takes nothing, gives numbers"),
    ("room.staff", "a token, marked at each login; nothing is done before a verb"),
    ("room.verifier_key", "takes nothing, gives the public key"),
];

/// Commands, and why they need not be run.
pub const NOTHING_TYPED: &[(&str, &str)] = &[
    ("completions", "the name of a shell; it reaches no room"),
    ("demo", "a directory; its people are invented"),
    ("relay", "takes nothing; what goes through it is the socket's"),
    ("serve", "run by `Shell::serve`, whose words are kept as the daemon's"),
];

/// The verbs of FORMAT.md, as their spans are named.
pub fn verbs() -> BTreeSet<String> {
    format::verbs::documented().keys().map(|verb| spans::name(verb)).collect()
}

/// The commands without further ones below them.
pub fn leaves(commands: &BTreeSet<String>) -> BTreeSet<String> {
    let is_leaf = |one: &&String| !commands.iter().any(|other| other != *one && is_of(other, one));
    commands.iter().filter(is_leaf).cloned().collect()
}

/// Whether these words, joined, are of this command.
pub fn is_of(words: &str, command: &str) -> bool {
    words.strip_prefix(command).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// What is neither done nor listed, and what is listed for nothing: it is done, or is not there.
pub fn undone(
    all: &BTreeSet<String>,
    is_done: impl Fn(&str) -> bool,
    listed: &[(&str, &str)],
) -> Vec<String> {
    let is_listed = |one: &str| listed.iter().any(|(name, _)| *name == one);
    let missing = all.iter().filter(|one| !is_done(one) && !is_listed(one)).cloned();
    let idle = listed.iter().map(|(name, _)| *name).filter(|name| !all.contains(*name) || is_done(name));
    missing.chain(idle.map(|name| format!("{name}, listed for nothing"))).collect()
}

#[test]
fn what_is_new_is_done_or_listed() {
    let all = BTreeSet::from(["room.new".to_owned(), "room.id".to_owned()]);
    let listed: &[_] = &[("room.id", "nothing")];
    assert_eq!(undone(&all, |_| false, listed), ["room.new"]);
    assert!(undone(&all, |verb| verb == "room.new", listed).is_empty());
    assert_eq!(undone(&all, |_| true, listed), ["room.id, listed for nothing"]);
    assert_eq!(undone(&all, |_| true, &[("room.gone", "?")]), ["room.gone, listed for nothing"]);
    let commands = ["staff", "staff-list", "find"].map(str::to_owned).into();
    assert_eq!(leaves(&commands), ["find", "staff-list"].map(str::to_owned).into());
    assert!(is_of("find-me", "find") && !is_of("finder", "find"));
}
