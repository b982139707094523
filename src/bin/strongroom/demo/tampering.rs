//! The auditor verifies the log; somebody tampers with a copy of the room; verification finds it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::json;
use strongroom::room::{RoomId, Verified, VerifierKey, verify};

use super::{
    amiss::amiss,
    story::Story,
    support::Reveal,
    tamper::{self, Copy},
};
use crate::failed::Failed;

/// Plays the scene on the closed room in `directory`. `reveal` is the entry of the revealed address.
pub fn play(
    directory: &Path,
    key: &VerifierKey,
    reveal: &Reveal,
    story: &mut Story<'_>,
) -> Result<(), Failed> {
    story.scene("tampering", "Somebody tampers")?;
    story
        .say("The room is closed. Vera verifies its log from the files, with the key that she took home.")?;
    let whole = verify(directory, Some(key), |_| ())?;
    tell(story, "room", &whole)?;

    story.say(&format!(
        "Somebody with the database, and no key, would rather have entry {} name another customer: it says whose \
         address was revealed. One letter of her id is enough. On a copy of the room:",
        reveal.position
    ))?;
    let copy =
        beside(directory, "tampered", whole.room).and_then(|to| Copy::of(directory, &to)).map_err(amiss)?;
    let (from, to) = another_customer(reveal);
    let statements = tamper::statements(reveal.position, &from, &to);
    story.sql(&statements.update)?;
    match copy.run(&statements.update) {
        Err(e) => story.refused("update", &e)?,
        Ok(_) => return Err(amiss("the trigger let a change pass")),
    }
    story.say(
        "The trigger guards against accidents. Whoever can write the file can drop it, and try again.",
    )?;
    story.sql(statements.drop)?;
    copy.run(statements.drop).map_err(amiss)?;
    let changed = copy.run(&statements.update).map_err(amiss)?;
    story.show(&[("rows changed", &changed.to_string())])?;

    story.say("Verification of the copy finds the entry; the room itself is sound as before.")?;
    let found = verify(copy.directory(), Some(key), |_| ())?;
    tell(story, "copy", &found)?;
    let fault = found.report.faults.first();
    if fault.and_then(|fault| fault.place.first()) != Some(reveal.position) {
        return Err(amiss("the changed entry was not found"));
    }
    let sound = verify(directory, Some(key), |_| ())?;
    tell(story, "room", &sound)?;
    if sound.is_sound() { Ok(()) } else { Err(amiss("the room does not verify")) }
}

/// Where a copy or a backup goes: next to the room, never into it, and under a name that nothing else has.
pub fn beside(directory: &Path, what: &str, room: RoomId) -> io::Result<PathBuf> {
    let whole = fs::canonicalize(directory)?;
    let mut name = whole.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{what}-{room}"));
    Ok(whole.with_file_name(name))
}

/// The beginning of the entry's subjects, and the same with another first letter.
fn another_customer(reveal: &Reveal) -> (String, String) {
    let first = reveal.subject.to_string().chars().next().unwrap_or('A');
    let other = if first == 'A' { 'B' } else { 'A' };
    (format!("\"subjects\":[\"{first}"), format!("\"subjects\":[\"{other}"))
}

fn tell(story: &mut Story<'_>, what: &str, verified: &Verified) -> Result<(), Failed> {
    let report = &verified.report;
    let faults: Vec<_> = report
        .faults
        .iter()
        .map(|fault| json!({ "kind": fault.kind.name(), "position": fault.place.first() }))
        .collect();
    let verdict = report.verdict();
    let values = json!({
        "of": what,
        "verdict": verdict.to_string(),
        "entries": report.size,
        "faults": faults,
    });
    let text = match report.faults.first() {
        Some(fault) => format!("the {what} is {verdict}: {fault}, kind `{}`", fault.kind.name()),
        None => format!("the {what}: {} entries, {verdict}", report.size),
    };
    story.verified(values, &text, verified.is_sound())
}
