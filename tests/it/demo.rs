//! The demonstration: its scenes end as they must, programs can follow it, and the room that it leaves is sound.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use strongroom::room::{Clock, LogPart, LogVerdict, Page, RoomOptions, Severity, VerifierKey, Why, verify};

const SCENES: [&str; 15] = [
    "ceremony",
    "customer",
    "records",
    "ticket",
    "disk",
    "support",
    "billing",
    "telephone",
    "two_people",
    "door",
    "outbox",
    "tampering",
    "erasure",
    "policy",
    "epilogue",
];

fn demo(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command.current_dir(home).arg("demo").args(arguments).output().unwrap()
}

/// The demonstration as programs read it: its lines, and the directory in which its room is `room`.
struct Played {
    lines: Vec<Value>,
    home: tempfile::TempDir,
}

impl Played {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let output = demo(home.path(), &["room", "--json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty());
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Self { lines, home }
    }

    fn room(&self) -> std::path::PathBuf {
        self.home.path().join("room")
    }

    fn of(&self, scene: &str, kind: &str) -> Vec<&Value> {
        self.lines.iter().filter(|line| line["scene"] == scene && line["kind"] == kind).collect()
    }

    /// A value that was shown under this name in a scene, the last of them.
    fn shown(&self, scene: &str, name: &str) -> &str {
        let shown = self.of(scene, "shown");
        shown.iter().rev().find_map(|line| line["values"][name].as_str()).unwrap()
    }

    fn refused(&self, scene: &str) -> Vec<(&str, &str)> {
        let told = self.of(scene, "refused");
        told.into_iter()
            .map(|line| (line["what"].as_str().unwrap(), line["error"].as_str().unwrap()))
            .collect()
    }

    /// Who did what in a scene, and what came of it.
    fn entries(&self, scene: &str) -> Vec<String> {
        let told = self.of(scene, "entry");
        let text = |line: &Value, key: &str| line[key].as_str().unwrap_or("-").to_owned();
        told.iter()
            .map(|line| ["who", "event", "outcome", "reason", "purpose"].map(|key| text(line, key)).join(" "))
            .collect()
    }
}

#[test]
fn every_scene_ends_as_it_must() {
    let played = Played::new();
    let scenes = played.lines.iter().filter(|line| line["kind"] == "scene");
    assert_eq!(scenes.map(|line| line["scene"].as_str().unwrap()).collect::<Vec<_>>(), SCENES);
    assert!(played.lines.iter().all(|line| line["schema"] == "strongroom.demo/1"));

    the_ceremony_and_the_customer(&played);
    what_comes_from_elsewhere(&played);
    what_support_and_billing_see(&played);
    what_colleagues_do(&played);
    the_door_and_the_outbox(&played);
    the_tampering(&played);
    the_erased(&played);
    the_promises(&played);
    the_room_that_stays(&played);
    the_commands(&played);
}

fn the_erased(played: &Played) {
    assert_eq!(played.shown("erasure", "max logs in"), "denied");
    assert_eq!(played.shown("erasure", "log"), "incarnation 2");
    let refused = played.refused("erasure");
    assert_eq!(refused.len(), 2, "before the restore and after it: {refused:?}");
    assert!(
        refused.iter().all(|(what, error)| *what == "account" && error.contains("erased")),
        "{refused:?}"
    );
}

fn the_ceremony_and_the_customer(played: &Played) {
    let people = played.of("ceremony", "appointed");
    let handles: Vec<_> = people.iter().map(|line| line["handle"].as_str().unwrap()).collect();
    assert_eq!(handles, ["ada", "alan", "vera", "sam", "lea", "bill", "priya"]);
    assert_eq!(
        played.refused("ceremony"),
        [("enrol_again", "the code is not valid"), ("staff_login", "the login was denied")]
    );
    assert_eq!(
        played.entries("ceremony"),
        [
            "system room.initialised done - -",
            "vera staff.login done - -",
            "sam enrolment.used done - -",
            "system enrolment.used failed code_refused -",
            "sam staff.login failed login_denied -",
            "sam staff.login done - -",
        ]
    );
    assert_eq!(played.entries("customer"), ["jane account.registered done - -"]);
    assert_eq!((played.shown("customer", "wrong"), played.shown("customer", "right")), ("denied", "granted"));
}

fn what_comes_from_elsewhere(played: &Played) {
    let records = played.of("records", "record");
    let answers: Vec<_> = records.iter().map(|line| line["answer"].as_str().unwrap()).collect();
    assert_eq!(answers, ["match", "match", "match", "match", "match", "refused", "refused"]);
    assert_eq!(records.iter().filter(|line| line["then"].as_str().unwrap().contains("replaced")).count(), 4);
    assert_eq!(records.iter().filter(|line| line["then"].as_str().unwrap().contains("wrapped")).count(), 2);

    let stored = played.shown("ticket", "stored");
    assert!(stored.contains("The card was [card •••• 1111]."), "{stored}");
    assert_eq!(played.shown("ticket", "cards masked"), "1");
    assert_eq!(played.entries("ticket"), ["jane ticket.opened done - -", "jane attachment.put done - -"]);
    assert_eq!(played.shown("ticket", "sha256"), played.shown("support", "sha256"));

    let found = played.of("disk", "searched");
    let files: Vec<_> = found.iter().map(|line| line["files"].as_u64().unwrap()).collect();
    let (open, sealed) = files.split_last().unwrap();
    assert!(*open > 0 && sealed.iter().all(|files| *files == 0), "{files:?}");
}

fn what_support_and_billing_see(played: &Played) {
    let refused = played.refused("support").into_iter().map(|(what, _)| what).collect::<Vec<_>>();
    assert_eq!(refused, ["account", "ticket", "reveal"]);
    let entries = played.entries("support");
    let told = [
        "sam account.read denied purpose_missing -",
        "sam ticket.read denied case_not_yours support_request",
        "sam account.read granted - support_request",
        "sam ticket.read granted - support_request",
        "sam attachment.opened granted - support_request",
        "sam account.reveal denied needs_step_two.elevation support_request",
        "lea account.reveal granted - support_request",
    ];
    let mut left = entries.iter();
    for told in told {
        assert!(left.any(|entry| entry == told), "{told} is not in its place in {entries:#?}");
    }
    let addresses = played.of("support", "shown");
    let addresses: Vec<_> = addresses.iter().filter_map(|line| line["values"]["address"].as_str()).collect();
    assert_eq!(addresses, ["j•••@e•••.com", "jane.doe@example.com"]);

    let refused = played.refused("billing").into_iter().map(|(what, _)| what).collect::<Vec<_>>();
    assert_eq!(refused, ["reference", "last_four"]);
    let cards = played.of("billing", "shown");
    let cards: Vec<_> = cards.iter().filter_map(|line| line["values"]["card"].as_str()).collect();
    assert_eq!(cards, ["Visa •••• 1111 12/28", "Visa •••• 1111"]);
}

fn what_colleagues_do(played: &Played) {
    let answers = played.of("telephone", "answer");
    let found: Vec<_> = answers.iter().map(|line| line["found"].as_str().unwrap()).collect();
    assert_eq!(found, ["no match", "match"]);
    let entries = played.entries("telephone");
    assert_eq!(entries.iter().filter(|entry| entry.contains("account.field_verified done")).count(), 2);

    let refused = played.refused("two_people").into_iter().map(|(what, _)| what).collect::<Vec<_>>();
    assert_eq!(refused, ["second_factor", "give", "carry_out"]);
    assert_eq!(played.shown("two_people", "words"), "she stands in for Sam in March");
    let entries = played.entries("two_people");
    let told = [
        "ada enrolment.issued done - access_admin",
        "lea factor.added done - -",
        "lea factor.asked done - -",
        "lea staff.login failed factor_refused -",
        "lea staff.login done - -",
        "ada approval.requested done - access_admin",
        "lea approval.listed granted - -",
        "lea approval.decided done - -",
        "ada grant.given done - access_admin",
        "ada approval.listed failed wrong_state -",
    ];
    let mut left = entries.iter();
    for told in told {
        assert!(left.any(|entry| entry == told), "{told} is not in its place in {entries:#?}");
    }
}

fn the_door_and_the_outbox(played: &Played) {
    assert_eq!(played.entries("door"), ["sam staff.login done - -", "sam ticket.written done - -"]);
    assert_eq!(played.shown("door", "via"), "socket");
    assert_eq!(played.shown("door", "user"), rustix::process::getuid().as_raw().to_string());
    let line = played.of("door", "entry")[1]["line"].as_str().unwrap();
    assert!(line.contains(r#""component":"socket""#), "{line}");

    assert_eq!(played.shown("outbox", "type"), "ticket_replied");
    assert!(played.shown("outbox", "to").starts_with("account:"));
    assert!(played.shown("outbox", "about").starts_with("ticket:"));
    assert!(played.shown("outbox", "signature").ends_with("=, as it must be"));
    let letters = played.of("outbox", "letter");
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    let letters: Vec<_> = letters.iter().map(|line| (text(line, "what"), text(line, "address"))).collect();
    let told =
        ["registered", "ticket_replied"].map(|what| (what.to_owned(), "jane.doe@example.com".to_owned()));
    assert_eq!(letters, told);
    assert!(played.entries("outbox").contains(&"mailer outbox.claimed granted - -".to_owned()));
    for left in ["socket", "webhook.secret"] {
        assert!(!played.room().join(left).exists(), "{left}");
    }
    let toml = std::fs::read_to_string(played.room().join("room.toml")).unwrap();
    assert!(!toml.contains("webhook"), "{toml}");
}

fn the_tampering(played: &Played) {
    let reveal = played.of("support", "entry").into_iter().rfind(|line| line["event"] == "account.reveal");
    let position = reveal.unwrap()["position"].as_u64().unwrap();
    let found = played.of("tampering", "verified");
    let found: Vec<_> = found.iter().map(|line| (line["of"].as_str().unwrap(), &line["faults"])).collect();
    let fault = serde_json::json!([{ "kind": "edited", "position": position }]);
    let none = serde_json::json!([]);
    assert_eq!(found, [("room", &none), ("copy", &fault), ("room", &none)]);
    assert_eq!(played.refused("tampering"), [("update", "audit entries are not changed")]);
    let left: Vec<_> =
        std::fs::read_dir(played.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["room"], "the copy is removed");
}

fn the_promises(played: &Played) {
    let told = played.of("policy", "verified");
    let (copy, room) = told.split_last().unwrap();
    let clauses: Vec<_> = room.iter().map(|line| line["clause"].as_str().unwrap()).collect();
    assert!(clauses.contains(&"data.payment") && clauses.contains(&"protect.logged"), "{clauses:?}");
    assert!(room.iter().all(|line| line["verdict"] != "broken"), "{room:?}");
    assert_eq!((copy["clause"].as_str(), copy["verdict"].as_str()), (Some("keep.financial"), Some("broken")));
    let payment = copy["counter_examples"][0].as_str().unwrap();
    assert!(
        payment.starts_with("payment ") && payment.ends_with("was recorded, and is not there"),
        "{payment}"
    );
}

fn the_room_that_stays(played: &Played) {
    let key = VerifierKey::parse(played.shown("ceremony", "key")).unwrap();
    let verified = verify(&played.room(), Some(&key), |_| ()).unwrap();
    assert!(verified.is_sound());
    assert_eq!(verified.report.verdict(), LogVerdict::Authenticated);

    let options = RoomOptions { clock: Clock::system(), ..RoomOptions::new(played.room(), "host-1") };
    let room = options.open().unwrap();
    let faults = room.doctor().unwrap().into_iter().filter(|finding| finding.severity == Severity::Fault);
    assert_eq!(faults.collect::<Vec<_>>(), []);
    let vera = room.staff(&room.assume("vera").unwrap().token);
    let log = vera.audit_log(LogPart::All, 0, &Page::first(usize::MAX), &Why::unstated()).unwrap().entries;
    let told = played.lines.iter().filter(|line| line["kind"] == "entry");
    for told in told {
        let position = usize::try_from(told["position"].as_u64().unwrap()).unwrap();
        assert_eq!(told["line"], log[position].line, "what was told is what stands in the log");
    }
}

/// Each command that is offered works as it stands; only a password has nobody to type it.
fn the_commands(played: &Played) {
    let home = played.home.path();
    let password = home.join("password");
    let options = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&password);
    options.unwrap().write_all(b"seven grey herons at low tide\n").unwrap();
    let commands = played.of("epilogue", "command");
    assert_eq!(commands.len(), 13);
    for line in commands {
        let words = line["command"].as_str().unwrap().split(' ').collect::<Vec<_>>();
        let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
        command.current_dir(home).args(&words[1..]);
        if words.contains(&"login") {
            command.arg("--password-file").arg(&password);
        }
        let output = command.output().unwrap();
        // The demonstration keeps its keys beside its data, which an operator is warned about.
        let exit = if words.contains(&"doctor") { 5 } else { 0 };
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{words:?}: {told}");
        assert!(!output.stdout.is_empty(), "{words:?}");
    }
    let statement = std::fs::read(home.join("statement.pdf")).unwrap();
    let made = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin/strongroom/demo/assets/bank-statement.pdf");
    assert!(statement == std::fs::read(made).unwrap(), "the statement is what groff made");
}

#[test]
fn a_directory_in_use_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("taken")).unwrap();
    std::fs::write(home.path().join("taken/letter"), "mine").unwrap();
    let output = demo(home.path(), &["taken"]);
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("`taken` is not empty") && told.contains("hint: "), "{told}");
    assert_eq!(std::fs::read_dir(home.path().join("taken")).unwrap().count(), 1);
}

#[test]
fn people_read_lines_that_fit_without_escapes() {
    let home = tempfile::tempdir().unwrap();
    let output = demo(home.path(), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\u{1b}'), "colours are for terminals");
    let told = text.lines().filter(|line| !line.starts_with("    strongroom --room "));
    let widest = told.max_by_key(|line| line.chars().count()).unwrap();
    assert!(widest.chars().count() <= 110, "{widest}");
    for (number, title) in [
        (1, "The ceremony"),
        (6, "Support"),
        (13, "Erased means erased"),
        (14, "The policy checks itself"),
        (15, "Your turn"),
    ] {
        assert!(text.contains(&format!("\n{number}. {title}\n")), "{title}");
    }
    assert!(home.path().join("strongroom-demo/room.toml").is_file());
}
