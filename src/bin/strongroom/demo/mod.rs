//! `strongroom demo`: a room, its people and two customers; what support may see and what it may not; a call; what takes
//! two people; a command through the daemon's socket, and what people are told of it; somebody who tampers; a customer who is erased and stays gone; a promise that is broken and named. Everything in it happens for
//! real, in a room that stays.

mod amiss;
mod assets;
mod authenticator;
mod billing;
mod ceremony;
mod colleagues;
mod customer;
mod disk;
mod door;
mod epilogue;
mod gone;
mod listener;
mod outbox;
mod promises;
mod records;
mod stage;
mod story;
mod support;
mod tamper;
mod tampering;
mod telephone;
mod ticket;

use std::path::PathBuf;

use crate::{failed::Failed, output::Output, shown};
use epilogue::Left;
use story::Story;

/// Where the room is made if nothing else is said.
const DIRECTORY: &str = "strongroom-demo";

/// Plays the demonstration and leaves its room in `directory`.
///
/// # Errors
/// The directory is in use, the room could not do it, or a scene did not end as it must.
pub fn run(directory: Option<PathBuf>, out: &mut Output) -> Result<(), Failed> {
    let directory = directory.unwrap_or_else(|| DIRECTORY.into());
    let made = ceremony::init(&directory)?;
    let mut story = Story::new(out);
    story.say(&format!(
        "A hosting company keeps its customers in a strongroom. What follows happens for real, in a room made in \
         `{}`; the people are invented.",
        shown::line(&directory.to_string_lossy())
    ))?;
    let mut stage = ceremony::play(made, story)?;
    let jane = customer::play(&mut stage)?;
    records::play(&mut stage.story)?;
    let ticket = ticket::play(&mut stage, &jane)?;
    disk::play(&mut stage, &directory)?;
    let reveal = support::play(&mut stage, &jane, &ticket)?;
    billing::play(&mut stage, &jane, &ticket)?;
    let call = telephone::play(&mut stage, &jane)?;
    colleagues::play(&mut stage)?;
    let door = door::play(&mut stage, &directory, call)?;
    outbox::play(&mut stage, door)?;
    let (mut story, key) = stage.leave();
    tampering::play(&directory, &key, &reveal, &mut story)?;
    gone::play(&directory, &key, &mut story)?;
    promises::play(&directory, &mut story)?;
    let left = Left { directory: &directory, key: &key, jane: &jane, ticket: &ticket, reveal: &reveal };
    epilogue::play(&left, &mut story)
}
