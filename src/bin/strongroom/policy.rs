//! `policy`: check, explain.

use clap::Subcommand;
use serde_json::{Value, json};
use strongroom::room::{self, ClauseVerdict, Kept, PolicyClause, PolicyReport, Ways};

use crate::{
    actor::Actor,
    call::{Call, Takes},
    cautions,
    failed::{Exit, Failed},
    output::Output,
    progress::Progress,
    shown,
    table::Table,
};

/// The published policy, and whether the room keeps it.
#[derive(Subcommand)]
pub enum Policy {
    /// Hold the room against the policy; a clause that is broken ends with exit code 5
    Check {
        /// Only these clauses, with all that was looked at
        #[arg(value_name = "CLAUSE")]
        clauses: Vec<String>,
    },
    /// Say what a clause promises, where it is enforced and what proves it
    Explain {
        /// Which
        #[arg(value_name = "CLAUSE")]
        id: String,
    },
}

impl Policy {
    /// What it takes of the arguments for every command.
    pub const fn takes(&self) -> Takes {
        match self {
            Self::Check { .. } => Takes::Actor,
            Self::Explain { .. } => Takes::Nothing,
        }
    }

    /// Carries it out.
    ///
    /// # Errors
    /// What the room refuses. That a clause is broken is no error but an answer, with its own exit code.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        match self {
            Self::Check { clauses } => check(&clauses, call, out),
            Self::Explain { id } => explain(&id, out).map(|()| Exit::Done),
        }
    }
}

fn check(clauses: &[String], call: &Call, out: &mut Output) -> Result<Exit, Failed> {
    let room = call.room()?;
    let staff = Actor::staff(call, &room)?.staff;
    let named: Vec<&str> = clauses.iter().map(String::as_str).collect();
    let mut progress = Progress::entries(out, call.clock());
    let PolicyReport { verdicts, ways } =
        staff.check_policy(&named, &call.why(), |entries| progress.at(entries))?;
    drop(progress);
    let is_broken = |verdict: &&ClauseVerdict| matches!(verdict.kept, Kept::Broken { .. });
    let broken = verdicts.iter().filter(is_broken).count();
    if out.is_json() {
        let verdicts: Vec<_> = verdicts.iter().map(value).collect();
        let ways = json!({
            "entries": ways.entries,
            "direct": ways.direct,
            "direct_since": ways.direct_since.map(|since| since.to_string()),
            "log_faults": ways.log_faults,
        });
        let cautions = cautions::value(&room.cautions()?);
        let value = json!({"cautions": cautions, "verdicts": verdicts, "broken": broken, "via": ways});
        out.json("policy.check", value);
    } else {
        cautions::tell(&room.cautions()?, out);
        tell(&verdicts, !named.is_empty(), out);
        out.line("");
        out.line(came(ways));
    }
    Ok(if broken == 0 { Exit::Done } else { Exit::Incomplete })
}

fn value(verdict: &ClauseVerdict) -> Value {
    let (examples, left_out) = match &verdict.kept {
        Kept::Broken { counter_examples, left_out } => (counter_examples.as_slice(), *left_out),
        _ => (&[][..], 0),
    };
    let examples: Vec<_> =
        examples.iter().map(|one| json!({"place": one.place, "found": one.found})).collect();
    let evidence: Vec<_> =
        verdict.evidence.iter().map(|one| json!({"what": one.what, "count": one.count})).collect();
    let step = match verdict.kept {
        Kept::NotChecked { step } => Some(step),
        _ => None,
    };
    json!({
        "clause": verdict.clause,
        "verdict": verdict.kept.name(),
        "step": step,
        "counter_examples": examples,
        "left_out": left_out,
        "evidence": evidence,
    })
}

/// For people: a line for each clause, what is wrong below, and, where clauses were named, all that was looked at.
fn tell(verdicts: &[ClauseVerdict], in_full: bool, out: &mut Output) {
    let mut table = Table::new(["clause", "verdict", "looked at"]);
    for verdict in verdicts {
        let said = match verdict.kept {
            Kept::Kept => "kept".to_owned(),
            Kept::Broken { .. } => "broken".to_owned(),
            Kept::NotApplicable => "nothing to check".to_owned(),
            Kept::NotChecked { step } => format!("not checked yet: step {step}"),
        };
        let first = verdict.evidence.first();
        let looked = first.map(|one| format!("{}: {}", one.what, one.count)).unwrap_or_default();
        table.row([verdict.clause.clone(), said, looked]);
    }
    out.line(table);
    for verdict in verdicts {
        if in_full {
            evidence(verdict, out);
        }
        let Kept::Broken { counter_examples, left_out } = &verdict.kept else { continue };
        out.line("");
        out.line(format_args!("{} is broken:", verdict.clause));
        for example in counter_examples {
            out.line(format_args!("  {}", shown::line(&example.to_string())));
        }
        if *left_out > 0 {
            out.line(format_args!("  and {left_out} more"));
        }
    }
}

/// How much of the log came by direct use of the room's files.
fn came(ways: Ways) -> String {
    let Ways { entries, direct, direct_since, log_faults } = ways;
    let since = direct_since.map(|since| format!(", since {}", shown::time(since))).unwrap_or_default();
    let log = if log_faults == 0 { "" } else { "; the log does not verify, and the count is worth no more" };
    format!("direct use of the room's files: {direct} of {entries} entries{since}{log}")
}

fn evidence(verdict: &ClauseVerdict, out: &mut Output) {
    if verdict.evidence.is_empty() {
        return;
    }
    out.line("");
    out.line(format_args!("{} looked at:", verdict.clause));
    for one in &verdict.evidence {
        out.line(format_args!("{:>10}  {}", one.count, shown::line(&one.what)));
    }
}

fn explain(id: &str, out: &mut Output) -> Result<(), Failed> {
    let policy = room::Policy::in_force().map_err(|e| Failed::new(e.to_string()))?;
    let clause = policy.clause(id).ok_or_else(|| {
        // The word is not repeated: it may be anything.
        Failed::usage("no clause of the policy has this name").hint("`strongroom policy check` lists them")
    })?;
    if out.is_json() {
        out.json(
            "policy.explain",
            json!({
                "clause": clause.id,
                "sentence": clause.sentence,
                "law": clause.law,
                "keep": clause.keep.map(|span| span.to_string()),
                "within": clause.within.map(|span| span.to_string()),
                "enforced": clause.enforced,
                "check": clause.check,
                "step": clause.step,
                "evidence": clause.evidence,
                "policy": {"name": policy.name, "version": policy.version, "published": policy.published},
            }),
        );
        return Ok(());
    }
    for (name, text) in facts(clause) {
        out.line(format_args!("{name:<9} {text}"));
    }
    let (name, version, published) = (&policy.name, policy.version, &policy.published);
    out.line(format_args!("policy    {name}, version {version}, published {published}"));
    Ok(())
}

/// What a clause says, as names and texts.
fn facts(clause: &PolicyClause) -> Vec<(&'static str, String)> {
    let enforced = if clause.enforced.is_empty() {
        "nowhere yet".to_owned()
    } else {
        clause.enforced.join("\n          ")
    };
    let checked = match clause.step {
        None => format!("by `strongroom policy check {}`", clause.id),
        Some(step) => format!("not yet: step {step}"),
    };
    let facts = [
        ("clause", Some(clause.id.clone())),
        ("says", Some(clause.sentence.clone())),
        ("law", clause.law.clone()),
        ("keeps", clause.keep.map(|span| span.to_string())),
        ("within", clause.within.map(|span| span.to_string())),
        ("enforced", Some(enforced)),
        ("checked", Some(checked)),
        ("evidence", Some(clause.evidence.clone())),
    ];
    facts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}
