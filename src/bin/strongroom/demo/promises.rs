//! The published policy is held against the room. Then somebody deletes a payment from a copy: the log is as sound as
//! before, and the policy names what is broken.

use std::path::Path;

use serde_json::json;
use strongroom::room::{ClauseVerdict, Kept, Room, Why, verify};

use super::{
    amiss::amiss,
    stage::options,
    story::Story,
    tamper::{Copy, DELETION},
    tampering::beside,
};
use crate::failed::Failed;

/// The clause that a deleted payment breaks.
const BROKEN: &str = "keep.financial";

/// Plays the scene on the closed room in `directory`.
pub fn play(directory: &Path, story: &mut Story<'_>) -> Result<(), Failed> {
    story.scene("policy", "The policy checks itself")?;
    story.say(
        "What the company promised its customers is a document of clauses. It is part of the program, and its hash \
         stands in each entry of the log. A check looks at the states of keys, at columns and counts, and at what the \
         log says; it opens nothing. Vera holds the room against the clauses that have one:",
    )?;
    let room = options(directory).open()?;
    let verdicts = check(&room, &[])?;
    let unchecked = verdicts.iter().filter(|verdict| matches!(verdict.kept, Kept::NotChecked { .. })).count();
    for verdict in verdicts.iter().filter(|verdict| !matches!(verdict.kept, Kept::NotChecked { .. })) {
        tell(story, "room", verdict)?;
        if matches!(verdict.kept, Kept::Broken { .. }) {
            return Err(amiss("the room breaks a clause"));
        }
    }
    story.say(&format!(
        "The other {unchecked} clauses have no check yet, and nobody calls them kept. Somebody with the database \
         would rather have received less. On a copy of the room:"
    ))?;
    let copy =
        beside(directory, "tampered", room.id()).and_then(|to| Copy::of(directory, &to)).map_err(amiss)?;
    story.sql(DELETION)?;
    let changed = copy.run(DELETION).map_err(amiss)?;
    story.show(&[("rows changed", &changed.to_string())])?;

    story.say(
        "No entry was touched: the log of the copy verifies. The policy names what is gone, and since when.",
    )?;
    let copied = options(copy.directory()).open()?;
    let sound = verify(copy.directory(), None, |_| ())?.is_sound();
    for verdict in check(&copied, &[BROKEN])? {
        tell(story, "copy", &verdict)?;
        if !sound || !matches!(verdict.kept, Kept::Broken { .. }) {
            return Err(amiss("the deleted payment was not found"));
        }
    }
    Ok(())
}

fn check(room: &Room, clauses: &[&str]) -> Result<Vec<ClauseVerdict>, Failed> {
    let vera = room.assume("vera")?;
    Ok(room.staff(&vera.token).check_policy(clauses, &Why::unstated(), |_| ())?.verdicts)
}

fn tell(story: &mut Story<'_>, what: &str, verdict: &ClauseVerdict) -> Result<(), Failed> {
    let examples = match &verdict.kept {
        Kept::Broken { counter_examples, .. } => counter_examples.as_slice(),
        Kept::Kept | Kept::NotApplicable | Kept::NotChecked { .. } => &[],
    };
    let values = json!({
        "of": what,
        "clause": verdict.clause,
        "verdict": verdict.kept.name(),
        "counter_examples": examples.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    let said = match (examples.first(), &verdict.kept) {
        (Some(example), _) => format!("broken: {example}"),
        (None, Kept::NotApplicable) => "nothing to check".to_owned(),
        (None, _) => {
            let looked = verdict.evidence.first().map(|one| format!(" ({}: {})", one.what, one.count));
            format!("kept{}", looked.unwrap_or_default())
        }
    };
    story.verified(values, &format!("{}: {said}", verdict.clause), examples.is_empty())
}
