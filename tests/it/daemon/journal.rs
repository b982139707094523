//! What the daemon writes down of its work: the ids by which a line, an entry of the log and the caller's own trace find
//! each other, and nothing of what anybody typed.

use std::{
    fs::{self, File},
    process::Child,
};

use serde_json::Value;

use super::{Served, program, until};
use crate::{
    examples::now,
    world::{JANE, World},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A daemon whose journal is a file.
fn served(more: &[&str]) -> Served {
    let world = now();
    let socket = world.directory.path().join("socket");
    let process: Child = program()
        .args(["serve", "--room"])
        .arg(world.path())
        .arg("--socket")
        .arg(&socket)
        .args(more)
        .stderr(File::create(world.directory.path().join("journal")).unwrap())
        .spawn()
        .unwrap();
    let served = Served { world, socket, process };
    until(|| journal(&served).contains("serving room "));
    served
}

fn journal(served: &Served) -> String {
    fs::read_to_string(served.world.directory.path().join("journal")).unwrap()
}

/// The newest entry of an event.
fn entry(world: &World, event: &str) -> strongroom::room::LogEntry {
    let vera = world.staff("vera");
    let why = strongroom::room::Why::purpose(strongroom::room::Purpose::Audit);
    let entries = vera
        .audit_log(strongroom::room::LogPart::All, 0, &strongroom::room::Page::first(500), &why)
        .unwrap()
        .entries;
    entries.into_iter().rfind(|entry| entry.entry.what.name() == event).unwrap()
}

#[test]
fn a_line_of_the_journal_an_entry_and_the_callers_trace_find_each_other() {
    let served = served(&["--log", "json", "--log-level", "info"]);
    served.world.customer(JANE);
    let found = program()
        .env("TRACEPARENT", PARENT)
        .arg("--socket")
        .arg(&served.socket)
        .args(["--as", "sam", "--purpose", "support_request", "find", "--email", JANE])
        .output()
        .unwrap();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    until(|| journal(&served).lines().any(|line| line.contains("\"call\"") && line.contains("\"exit\"")));
    let text = journal(&served);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let is_serving = |line: &Value| line["message"].as_str().unwrap().starts_with("serving room ");
    assert!(lines.iter().any(is_serving), "{text}");
    let line = |message: &str| lines.iter().find(|line| line["message"] == message).unwrap();
    let entry = entry(&served.world, "account.found").entry;
    assert_eq!(entry.via.trace.unwrap().to_string(), TRACE);
    let verb = line("staff.search");
    assert_eq!(verb["request"], entry.request.to_string());
    assert_eq!(
        (&verb["trace"], &verb["outcome"], &verb["command"]),
        (&TRACE.into(), &"granted".into(), &"find".into())
    );
    let call = line("call");
    assert_eq!((&call["trace"], &call["exit"], &call["level"]), (&TRACE.into(), &0.into(), &"info".into()));
    assert_eq!(call["peer"], rustix::process::getuid().as_raw());
    assert!(!text.contains("jane") && !text.contains("sam"), "{text}");
}

#[test]
fn a_quiet_journal_has_nothing_of_what_went_well() {
    let served = served(&[]);
    served.says(&["--as", "sam", "--purpose", "support_request", "ticket", "list", "--unassigned"]);
    let text = journal(&served);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("serving room "), "{text}");
}

/// What is no `traceparent` is nobody's trace, and no reason to refuse a command.
#[test]
fn a_command_on_the_files_passes_its_trace_along_too() {
    let world = World::demo();
    world.customer(JANE);
    for (given, stands) in [(PARENT, Some(TRACE)), ("jane@customer.example", None)] {
        let found = program()
            .env("TRACEPARENT", given)
            .arg("--room")
            .arg(world.path())
            .args(["--as", "sam", "--purpose", "support_request", "find", "--email", JANE])
            .output()
            .unwrap();
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
        let entry = entry(&world, "account.found").entry;
        assert_eq!(entry.via.trace.map(|trace| trace.to_string()).as_deref(), stands);
    }
}
