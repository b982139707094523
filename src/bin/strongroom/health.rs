//! `health` and `metrics`: what a load balancer and a monitoring system ask.

use serde_json::json;
use strongroom::room::Standing;

use crate::{
    call::Call,
    failed::{Exit, Failed},
    output::Output,
    table::Table,
};

/// Says how the room stands. One that is down ends with the code of an integrity failure, one that is degraded with that
/// of something overdue.
///
/// # Errors
/// The room does not open.
pub fn health(call: &Call, out: &mut Output) -> Result<Exit, Failed> {
    let condition = call.room()?.health();
    if out.is_json() {
        let troubles = condition.troubles.iter().map(|trouble| {
            json!({"trouble": trouble.name(), "what": trouble.what(), "resolve": trouble.resolve()})
        });
        let troubles = troubles.collect::<Vec<_>>();
        out.json("health", json!({"standing": condition.standing.name(), "troubles": troubles}));
    } else {
        out.line(condition.standing.name());
        let mut table = Table::new(["trouble", "what it means"]);
        for trouble in &condition.troubles {
            table.row([trouble.name().to_owned(), trouble.what().to_owned()]);
            table.row([String::new(), format!("→ {}", trouble.resolve())]);
        }
        if !condition.troubles.is_empty() {
            out.line(table);
        }
    }
    Ok(match condition.standing {
        Standing::Ready => Exit::Done,
        Standing::Degraded => Exit::Incomplete,
        Standing::Down => Exit::Integrity,
    })
}

/// Prints the metrics in the text format that Prometheus reads. Counts of work are those of this process: of a room that a
/// program serves, ask that program.
///
/// # Errors
/// The room does not open.
pub fn metrics(call: &Call, out: &mut Output) -> Result<(), Failed> {
    let text = call.room()?.metrics().to_string();
    if out.is_json() {
        out.json("metrics", json!({"text": text}));
    } else {
        out.line(text.trim_end());
    }
    Ok(())
}
