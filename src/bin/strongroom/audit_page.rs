//! The log, and what verifying it found, as they are shown.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};
use strongroom::{
    audit::Verdict,
    room::{DetailKind, DetailText, EntryDetail, LogEntry, LogPage, Searched, Verified},
};

use crate::{output::Output, paged, shown, table::Table};

/// An entry for programs: the line as it was hashed, and what it says.
fn value(entry: &LogEntry) -> Value {
    let read: Value = serde_json::from_str(&entry.line).unwrap_or_default();
    json!({"line": entry.line, "entry": read})
}

/// Entries of the log.
pub fn list(page: &LogPage, out: &mut Output) {
    let LogPage { entries, next, size, searched } = page;
    if out.is_json() {
        let entries = entries.iter().map(value).collect::<Vec<_>>();
        let searched = searched.map(|whole| json!({"size": whole.size, "root": root(&whole)}));
        let next = paged::value(next.as_ref());
        let value = json!({"entries": entries, "next": next, "size": size, "searched": searched});
        out.json("audit.log", value);
        return;
    }
    if entries.is_empty() {
        out.line("no entries");
    } else {
        table(entries, out);
    }
    paged::tell(next.as_ref(), out);
    if let Some(whole) = searched {
        out.note(format_args!(
            "read through: {} of root {}",
            shown::count(whole.size, "entry", "entries"),
            root(whole)
        ));
    }
}

/// A root as entries write hashes.
fn root(searched: &Searched) -> String {
    Base64UrlUnpadded::encode_string(&searched.root)
}

fn table(entries: &[LogEntry], out: &mut Output) {
    let mut table = Table::new([">position", "time", "event", "outcome", "actor", "about"]);
    for LogEntry { entry, .. } in entries {
        let first = entry.objects.first().map(ToString::to_string).unwrap_or_default();
        let more = entry.objects.len().saturating_sub(1);
        let objects = if more == 0 { first } else { format!("{first} and {more} more") };
        table.row([
            entry.position.to_string(),
            shown::time(entry.time),
            entry.what.name().to_owned(),
            entry.reason.as_ref().map_or_else(
                || entry.outcome.name().to_owned(),
                |reason| format!("{}: {reason}", entry.outcome.name()),
            ),
            entry.actor.to_string(),
            objects,
        ]);
    }
    out.line(table);
}

const fn whose(kind: DetailKind) -> &'static str {
    match kind {
        DetailKind::Actor => "from",
        DetailKind::Subject => "reason",
    }
}

/// A text beside an entry, for programs.
pub fn text_value(kind: DetailKind, text: &DetailText) -> Value {
    let (text, state) = match text {
        DetailText::Text(text) => (Some(text.as_str()), "whole"),
        DetailText::Erased => (None, "erased"),
        DetailText::NotKept => (None, "not_kept"),
        DetailText::Broken => (None, "broken"),
    };
    json!({"kind": kind.name(), "text": text, "state": state})
}

/// The same for people.
pub fn text(text: &DetailText) -> String {
    match text {
        DetailText::Text(text) => shown::line(text),
        DetailText::Erased => "erased".to_owned(),
        DetailText::NotKept => "none (fenced, or about nobody known)".to_owned(),
        DetailText::Broken => "not the text that the entry commits to".to_owned(),
    }
}

/// One entry with the texts beside it.
pub fn entry(detail: &EntryDetail, out: &mut Output) {
    if out.is_json() {
        let text = |(kind, text): &(DetailKind, DetailText)| text_value(*kind, text);
        let mut value = value(&detail.entry);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("details".to_owned(), detail.details.iter().map(text).collect());
        }
        out.json("audit.show", value);
        return;
    }
    for (name, text) in facts(&detail.entry) {
        out.line(format_args!("{name:<9} {}", shown::line(&text)));
    }
    for (kind, text) in &detail.details {
        out.line(format_args!("{:<9} {}", whose(*kind), self::text(text)));
    }
    out.line("");
    out.line(shown::line(&detail.entry.line));
}

/// What an entry says, as names and texts.
fn facts(LogEntry { entry, .. }: &LogEntry) -> Vec<(&'static str, String)> {
    let joined = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join(", "));
    let facts = [
        ("position", Some(entry.position.to_string())),
        ("time", Some(shown::time(entry.time))),
        ("event", Some(entry.what.name().to_owned())),
        ("outcome", Some(entry.outcome.name().to_owned())),
        ("because", entry.reason.clone()),
        ("actor", Some(entry.actor.to_string())),
        ("session", entry.session.map(|id| id.to_string())),
        ("roles", joined(entry.roles.clone())),
        ("rule", entry.rule.clone()),
        ("purpose", entry.purpose.clone()),
        ("case", entry.case.as_ref().map(ToString::to_string)),
        ("subjects", joined(entry.subjects.iter().map(ToString::to_string).collect())),
        ("objects", joined(entry.objects.iter().map(ToString::to_string).collect())),
        ("fields", joined(entry.fields.clone())),
        ("view", entry.view.map(|view| view.to_string())),
        ("request", Some(entry.request.to_string())),
        ("via", Some(format!("{} on {}", entry.via.component, entry.via.host))),
        ("peer", entry.via.peer.map(|user| format!("user {user}"))),
        ("trace", entry.via.trace.map(|id| id.to_string())),
    ];
    facts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}

/// What a verification found.
pub fn verified(verified: &Verified, pinned: bool, out: &mut Output) {
    if out.is_json() {
        out.json("audit.verify", verified_value(verified));
        return;
    }
    let report = &verified.report;
    out.line(format_args!("room      {}", verified.room));
    out.line(format_args!(
        "log       {}, {}",
        shown::count(report.size, "entry", "entries"),
        verdict(verified)
    ));
    if let Some(checkpoint) = &report.checkpoint {
        out.line(format_args!("signed    the first {}", shown::count(checkpoint.size, "entry", "entries")));
    }
    if report.unsigned > 0 {
        out.line(format_args!(
            "unsigned  {} past the newest checkpoint",
            shown::count(report.unsigned, "entry", "entries")
        ));
    }
    if report.unknown_events > 0 {
        out.line(format_args!(
            "unknown   {} of a later version",
            shown::count(report.unknown_events, "event", "events")
        ));
    }
    out.line(format_args!("grants    {}", authority(verified)));
    for fault in &report.faults {
        out.line(format_args!("fault     {fault}"));
    }
    if report.faults_left_out > 0 {
        out.line(format_args!("fault     and {} more", report.faults_left_out));
    }
    for forged in &verified.forged {
        let row = shown::line(&format!("{} {}", forged.kind, forged.id));
        out.line(format_args!("forged    {row} was written past this program"));
    }
    if !pinned && verified.is_sound() {
        out.note("without a key from elsewhere this shows accidents and whoever has the database alone");
        out.note("give the log's key, from the record of the ceremony, with `--key KEY`");
    }
}

fn verdict(verified: &Verified) -> Verdict {
    if verified.is_sound() { verified.report.verdict() } else { Verdict::Broken }
}

const fn authority(verified: &Verified) -> &'static str {
    match verified.authority {
        Some(true) => "as the log's head has them",
        Some(false) => "not as the log's head has them: one was put back, removed or added",
        None => "held against the log alone: the room's keys are not at hand",
    }
}

fn verified_value(verified: &Verified) -> Value {
    let report = &verified.report;
    let fault = |fault: &strongroom::audit::Fault| {
        json!({
            "kind": fault.kind.name(),
            "position": fault.place.first(),
            "place": fault.place.to_string(),
            "text": fault.to_string(),
        })
    };
    let forged = |forged: &strongroom::room::Forgery| json!({"kind": forged.kind, "id": forged.id});
    json!({
        "room": verified.room.to_string(),
        "verdict": match verdict(verified) {
            Verdict::Authenticated => "authenticated",
            Verdict::Consistent => "consistent",
            Verdict::Broken => "broken",
        },
        "size": report.size,
        "signed": report.checkpoint.as_ref().map(|checkpoint| checkpoint.size),
        "unsigned": report.unsigned,
        "unknown_events": report.unknown_events,
        "authority": verified.authority,
        "faults": report.faults.iter().map(fault).collect::<Vec<_>>(),
        "faults_left_out": report.faults_left_out,
        "recorded": verified.recorded,
        "forged": verified.forged.iter().map(forged).collect::<Vec<_>>(),
    })
}
