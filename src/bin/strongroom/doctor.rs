//! `doctor`: what an operator should know about a room.

use serde_json::{Value, json};
use strongroom::room::{Finding, Severity};

use crate::{
    actor::Actor,
    audit,
    call::Call,
    cautions,
    failed::{Exit, Failed},
    output::Output,
    table::Table,
};

/// Looks the room over. A promise that does not hold ends with the code of an integrity failure, one that is weakened
/// with that of something overdue.
///
/// # Errors
/// The room cannot be opened or read.
pub fn run(call: &Call, out: &mut Output) -> Result<Exit, Failed> {
    let (room, at_work) = Actor::recording(call)?;
    let (findings, recorded) = match at_work {
        Some(at_work) => {
            let health = at_work.staff.health(&call.why())?;
            (health.findings, Some(health.position))
        }
        None => (room.doctor()?, None),
    };
    if out.is_json() {
        let findings = findings.iter().map(value).collect::<Vec<_>>();
        let cautions = cautions::value(&room.cautions()?);
        out.json("doctor", json!({"cautions": cautions, "findings": findings, "recorded": recorded}));
    } else {
        cautions::tell(&room.cautions()?, out);
        out.line(table(&findings));
    }
    audit::told(recorded, "this reading", out);
    let worst = findings.iter().map(|finding| finding.severity).max();
    Ok(match worst {
        Some(Severity::Fault) => Exit::Integrity,
        Some(Severity::Warning) => Exit::Incomplete,
        Some(Severity::Note | Severity::Fine) | None => Exit::Done,
    })
}

const fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Fine => "fine",
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Fault => "fault",
    }
}

fn value(finding: &Finding) -> Value {
    json!({
        "severity": name(finding.severity),
        "check": finding.check,
        "found": finding.found,
        "hint": finding.hint,
    })
}

fn table(findings: &[Finding]) -> Table<3> {
    let mut table = Table::new(["severity", "check", "found"]);
    for finding in findings {
        table.row([name(finding.severity).to_owned(), finding.check.to_owned(), finding.found.clone()]);
        if let Some(hint) = finding.hint {
            table.row([String::new(), String::new(), format!("→ {hint}")]);
        }
    }
    table
}
