//! Canaries: marked secrets go in through every door of the room, and are then looked for, in every form that a
//! program might write them, in all that the room keeps and says.
//!
//! `story` is a day in a room, `marks` are the secrets in it, `encodings` their forms, `allowed` the list of what may
//! stand where, `plant` the controls; `commands` is another day, by the command line.
//!
//! Not seen: the process's memory, and what the file system keeps of blocks that a file no longer has.

mod allowed;
mod backups;
mod capture;
mod ceremony;
mod commands;
mod complete;
mod customers;
mod damage;
mod desk;
mod encodings;
mod endings;
mod house;
mod house_commands;
mod marks;
mod plant;
mod search;
mod story;

use search::{Mark, Places, Search};
use story::Story;

/// Nothing stands where it may not, and the list of what may is not longer than it must be.
fn held(marks: &[Mark], places: &Places, list: &[allowed::Line]) {
    let (leaks, unused) = allowed::judge(Search::of(marks).find(places), list);
    let leaks: Vec<_> = leaks.iter().map(ToString::to_string).collect();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    assert!(unused.is_empty(), "nothing needs these lines of the list any more: {unused:?}");
}

#[test]
fn no_secret_leaves_its_place() {
    let story = Story::told();
    let done = capture::done();
    let (marks, places) = story.ended();
    held(&marks, &places, allowed::LIBRARY);
    let errors = places.0.iter().filter(|(place, _)| place.starts_with("error: ")).count();
    assert!(errors > 100, "only {errors} errors were provoked");
    let undone = complete::undone(&complete::verbs(), |verb| done.contains(verb), complete::NOTHING_SECRET);
    assert!(undone.is_empty(), "neither done in the story nor on the list: {undone:?}");
}

#[test]
fn no_command_says_a_secret() {
    let commands::Played { marks, places, ran, commands } = commands::played();
    held(&marks, &places, allowed::COMMANDS);
    let answers = places.0.iter().filter(|(place, _)| place.starts_with("command")).count();
    assert!(answers > 150, "only {answers} commands were run");
    let is_run = |command: &str| ran.iter().any(|words| complete::is_of(words, command));
    let undone = complete::undone(&complete::leaves(&commands), is_run, complete::NOTHING_TYPED);
    assert!(undone.is_empty(), "neither run nor on the list: {undone:?}");
}
