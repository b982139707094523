//! `doctor`: what an operator should know about a room.

use serde_json::{Value, json};
use strongroom::room::{Finding, Severity};

use crate::{
    actor::Actor,
    audit,
    call::Call,
    failed::{Exit, Failed},
    output::Output,
    shown,
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
        out.json("doctor", json!({"findings": findings, "recorded": recorded}));
    } else {
        for finding in &findings {
            tell(finding, out);
        }
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

fn tell(finding: &Finding, out: &mut Output) {
    let found = shown::line(&finding.found);
    out.line(format_args!("{:<8} {:<12} {found}", name(finding.severity), finding.check));
    if let Some(hint) = finding.hint {
        out.line(format_args!("{:<21} {hint}", ""));
    }
}
