//! Canaries: marked secrets go in through every door of the room, and are then looked for, in every form that a
//! program might write them, in all that the room keeps and says.
//!
//! `story` is a day in a room, `marks` are the secrets in it, `encodings` their forms, `allowed` the list of what may
//! stand where, `plant` the controls. What a command prints is a place like any other: `Places::add` takes it.
//!
//! Not seen: the process's memory, and what the file system keeps of blocks that a file no longer has.

mod allowed;
mod capture;
mod ceremony;
mod customers;
mod damage;
mod desk;
mod encodings;
mod marks;
mod plant;
mod search;
mod story;

use search::Search;
use story::Story;

#[test]
fn no_secret_leaves_its_place() {
    let (marks, places) = Story::told().ended();
    let (leaks, unused) = allowed::judge(Search::of(&marks).find(&places));
    let list = |leaks: &[search::Find]| leaks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), list(&leaks));
    assert!(unused.is_empty(), "nothing needs these lines of the list any more: {unused:?}");
    let errors = places.0.iter().filter(|(place, _)| place.starts_with("error: ")).count();
    assert!(errors > 100, "only {errors} errors were provoked");
}
