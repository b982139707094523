//! What stands in front of each report: rules that are out of force, and whose hands the room is in.

use serde_json::{Value, json};
use strongroom::room::{Cautions, Short};

use crate::{output::Output, shown};

/// For people: a line for each, before anything else.
pub fn tell(cautions: &Cautions, out: &mut Output) {
    for waiver in &cautions.waivers {
        out.line(format_args!("waived until {}: {}", shown::time(waiver.expires), waiver.rule));
    }
    if cautions.unreviewed > 0 {
        let count = shown::count(cautions.unreviewed, "request", "requests");
        out.line(format_args!("not looked at: {count} carried out after a delay, without a second person"));
    }
    for Short { role, held, least } in &cautions.short {
        out.line(format_args!("too few: {held} of the {least} people that it takes hold the role {role}"));
    }
    if cautions.is_single_custody() {
        out.line(format_args!(
            "single custody: {} of the three people that it takes are enrolled",
            cautions.enrolled
        ));
    }
    let is_calm = cautions.waivers.is_empty() && cautions.short.is_empty() && cautions.unreviewed == 0;
    if !is_calm || cautions.is_single_custody() {
        out.line("");
    }
}

/// For programs.
pub fn value(cautions: &Cautions) -> Value {
    let waived = cautions.waivers.iter().map(|waiver| {
        json!({
            "rule": waiver.rule.name(),
            "given_by": waiver.given_by.map(|id| id.to_string()),
            "expires": waiver.expires.to_string(),
        })
    });
    let short = cautions
        .short
        .iter()
        .map(|one| json!({"role": one.role.name(), "held": one.held, "least": one.least}));
    json!({
        "short": short.collect::<Vec<_>>(),
        "waived": waived.collect::<Vec<_>>(),
        "unreviewed": cautions.unreviewed,
        "enrolled": cautions.enrolled,
        "single_custody": cautions.is_single_custody(),
    })
}
