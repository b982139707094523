//! The same secrets through the command line: every command with what it takes, for people and as `--json`.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use strongroom::room::SecretText;
use tempfile::TempDir;

use super::{
    house_commands, marks,
    search::{Mark, Places},
};
use crate::{
    carried::Authenticator,
    disk, schemas,
    webhooks::receiver::{Receiver, status},
};

/// Where the person sits whose commands these are; it reaches the room as the origin.
const CLIENT: &str = "2001:db8:5a30:cafe:1234::c4a1";

/// A shell in a directory of its own, with a room in `room`.
pub struct Shell {
    pub marks: Vec<Mark>,
    pub places: Places,
    directory: TempDir,
    /// The words of each command that was run.
    pub ran: Vec<String>,
    /// Serves the room, to programs.
    daemon: Option<Child>,
}

impl Drop for Shell {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            drop(daemon.kill());
            drop(daemon.wait());
        }
    }
}

impl Shell {
    /// Begins to serve the room: what programs ask for comes through the socket from then on.
    fn serve(&mut self) {
        let log = fs::File::create(self.directory.path().join("log")).unwrap();
        let daemon = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .args(["--room", "room", "serve", "--socket", "socket", "--log-level", "trace"])
            .current_dir(self.directory.path())
            .env_clear()
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.daemon = Some(daemon);
        while !self.directory.path().join("socket").exists() {
            std::thread::yield_now();
        }
    }

    /// Ends that; what the daemon said of itself is kept.
    fn serve_no_more(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        let pid = rustix::process::Pid::from_child(&daemon);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(daemon.wait().unwrap().success());
        let log = fs::read(self.directory.path().join("log")).unwrap();
        let said = String::from_utf8_lossy(&log);
        assert!(
            said.contains("\nserving room ")
                && said.contains(" info staff.find ")
                && said.contains(" debug an entry was appended "),
            "{said}"
        );
        self.places.add("the daemon's words", log);
    }

    /// Runs a command for people and then for programs, and keeps what it writes on both streams.
    pub fn run(&mut self, session: &str, command: &[&str]) -> Value {
        self.once(session, command, &[]);
        self.once(session, command, &["--json"])
    }

    pub fn once(&mut self, session: &str, command: &[&str], more: &[&str]) -> Value {
        self.ran.push(command.join("-"));
        let name = command.iter().take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()));
        let name = name.take(2).copied().collect::<Vec<_>>().join(" ");
        let is_served = self.daemon.is_some() && more.contains(&"--json");
        let mut words = if is_served { vec!["--socket", "socket"] } else { vec!["--room", "room"] };
        words.extend(if session.is_empty() { vec![] } else { vec!["--session", session] });
        words.extend(more);
        words.extend(command);
        let output = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .args(words)
            .current_dir(self.directory.path())
            .env_clear()
            .env("TRACEPARENT", marks::TRACE_WRONG)
            .env("SSH_CONNECTION", format!("{CLIENT} 50000 ::1 22"))
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).or(serde_json::from_slice(&output.stderr));
        for said in [&output.stdout, &output.stderr] {
            schemas::hold(&String::from_utf8_lossy(said));
        }
        let failed = if output.status.success() { "" } else { " refused" };
        self.places.add(&format!("command{failed}: {name}"), [output.stdout, output.stderr].concat());
        answer.unwrap_or(Value::Null)
    }

    /// A file that only its owner reads.
    pub fn private(&self, name: &str, content: &str) {
        let path = self.directory.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// What a command wrote into a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.path().join(name)).unwrap()
    }

    /// Every command that the program has, by its manual.
    fn commands(&mut self) -> BTreeSet<String> {
        self.once("", &["man", "manual"], &[]);
        let pages = disk::files(&self.directory.path().join("manual")).into_iter();
        let page =
            |path: PathBuf| Some(path.to_str()?.strip_prefix("strongroom-")?.strip_suffix(".1")?.to_owned());
        pages.filter_map(|(path, _)| page(path)).collect()
    }
}

pub fn id(answer: &Value, key: &str) -> String {
    answer[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {answer}")).to_owned()
}

/// What came of the commands.
pub struct Played {
    pub marks: Vec<Mark>,
    pub places: Places,
    /// The words of each.
    pub ran: Vec<String>,
    /// All that there are.
    pub commands: BTreeSet<String>,
}

/// Every command, and what came of them.
pub fn played() -> Played {
    let mut shell = Shell {
        marks: marks::typed(),
        places: Places::default(),
        directory: tempfile::tempdir().unwrap(),
        ran: Vec::new(),
        daemon: None,
    };
    shell.marks.push(Mark { name: "CLIENT".to_owned(), bytes: CLIENT.into() });
    for (name, text) in [
        ("password", marks::PASSWORD),
        ("wrong", marks::PASSWORD_WRONG),
        ("short", marks::PASSWORD_SHORT),
        ("staff-password", marks::STAFF_PASSWORD),
        ("wrong-code", marks::CODE_WRONG),
        ("signed-password", marks::PASSWORD_SIGNED_UP),
        ("forgotten-password", marks::PASSWORD_FORGOTTEN),
        ("changed-password", marks::PASSWORD_CHANGED),
        ("attached", marks::CONTENT),
    ] {
        shell.private(name, text);
    }
    let receiver = Receiver::new(vec![status("200 OK"); 300]);
    the_room_is_made(&mut shell, &receiver);
    let (account, ticket) = as_customer(&mut shell);
    as_owner(&mut shell);
    as_support(&mut shell, &account, &ticket);
    as_billing(&mut shell, &account);
    as_legal(&mut shell, &account);
    house_commands::the_desks_work(&mut shell, &account, &ticket);
    house_commands::two_people_decide(&mut shell);
    as_others(&mut shell);
    shell.run("customer", &["account", "close", "--password-file", "wrong"]);
    shell.once("customer", &["account", "close", "--password-file", "password"], &[]);
    shell.serve_no_more();
    webhooks_are_sent(&mut shell, &receiver);
    house_commands::somebody_recovers(&mut shell);
    backups_are_taken_and_restored(&mut shell);
    accounts_come_from_elsewhere(&mut shell);
    what_is_pasted(&mut shell);
    shell.places.add_files("after the commands", &shell.directory.path().join("room"));
    disk::closed(shell.directory.path());
    let commands = shell.commands();
    Played {
        marks: std::mem::take(&mut shell.marks),
        places: std::mem::take(&mut shell.places),
        ran: std::mem::take(&mut shell.ran),
        commands,
    }
}

fn the_room_is_made(shell: &mut Shell, receiver: &Receiver) {
    let handles = [
        (marks::HANDLE_ADMIN, "access-admin"),
        (marks::HANDLE_ADMIN_SECOND, "access-admin"),
        (marks::HANDLE_AUDITOR, "auditor"),
        (marks::HANDLE_SUPPORT, "support"),
        (marks::HANDLE_BILLING, "billing"),
        (marks::HANDLE_LEGAL, "legal"),
    ];
    let appoint: Vec<String> =
        handles.iter().map(|(handle, role)| format!("--appoint={handle}={role}")).collect();
    let mut words = vec!["init", "--profile", "two", "--codes-to", "codes"];
    words.extend(appoint.iter().map(String::as_str));
    shell.run("", &words);
    webhooks_go_to(shell, receiver);
    shell.serve();
    let codes = fs::read_to_string(shell.directory.path().join("codes")).unwrap();
    for share in codes.lines().filter_map(|line| line.strip_prefix("share ")?.split_once('\t')) {
        shell.marks.extend(marks::given("a share of the way back", &SecretText::new(share.1.to_owned())));
    }
    shell.run("", &["staff", "enrol", "--code-file", "wrong-code", "--password-file", "staff-password"]);
    for (line, session) in
        codes.lines().zip(["admin", "admin-second", "auditor", "support", "billing", "legal"])
    {
        let (handle, code) = line.split_once('\t').unwrap();
        shell.marks.extend(marks::given("a one-time code", &SecretText::new(code.to_owned())));
        shell.private("code", code);
        shell.run("", &["staff", "enrol", "--code-file", "code", "--password-file", "short"]);
        shell.run("", &["staff", "enrol", "--code-file", "code", "--password-file", "staff-password"]);
        shell.run(session, &["staff", "login", handle, "--password-file", "wrong"]);
        shell.once(session, &["staff", "login", handle, "--password-file", "staff-password"], &["--json"]);
        mark_session(shell, session);
        second_factors(shell, session, handle);
    }
}

/// Names a receiver of webhooks, at first by what is none: a secret in place of its file, a file that is none or that others
/// may read. The secrets are no files of the room's; there are two, as while one is being replaced.
fn webhooks_go_to(shell: &mut Shell, receiver: &Receiver) {
    let [new, old] = crate::webhooks::SECRETS;
    for (name, secret) in [("webhook", new), ("webhook-old", old), ("webhook-shown", new)] {
        shell.private(name, secret);
        shell.marks.extend(marks::webhook_secret(secret));
    }
    let shown = shell.directory.path().join("webhook-shown");
    fs::set_permissions(shown, fs::Permissions::from_mode(0o644)).unwrap();
    let path = shell.directory.path().join("room/room.toml");
    let text = fs::read_to_string(&path).unwrap();
    let named = |secrets: &str| {
        let section = format!("\n[webhook]\nurl = \"{}\"\nsecrets = {secrets}\n", receiver.url());
        fs::write(&path, format!("{text}{section}")).unwrap();
    };
    let broken = format!("[\"{new}\", {old}]");
    for wrong in [&format!("\"{new}\""), &broken, "[\"../wrong\"]", "[\"../webhook-shown\"]"] {
        named(wrong);
        for command in [["outbox", "deliver"], ["config", "show"]] {
            shell.run("", &command);
        }
    }
    named("[\"../webhook\", \"../webhook-old\"]");
    shell.run("", &["config", "show"]);
}

/// What another program is sent, and what is said of it.
fn webhooks_are_sent(shell: &mut Shell, receiver: &Receiver) {
    shell.run("", &["outbox", "list"]);
    shell.run("", &["outbox", "dead"]);
    shell.run("", &["outbox", "redrive", marks::PASTED]);
    shell.run("", &["outbox", "redrive", "--all"]);
    shell.run("", &["outbox", "deliver"]);
    let sent = receiver.rest();
    assert!(sent.len() > 5, "{} webhooks", sent.len());
    for request in sent {
        let text = format!("{} {:?} {}", request.line, request.headers, request.body);
        shell.places.add("a webhook", text.into_bytes());
    }
}

/// A key that `ssh-keygen` made, after a secret of codes whose first code is wrong; then a login with it.
fn second_factors(shell: &mut Shell, session: &str, handle: &str) {
    let directory = shell.directory.path().to_path_buf();
    let (key, address) = (format!("key-{session}"), format!("secret-{session}"));
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f", &key]).current_dir(&directory);
    assert!(keygen.status().unwrap().success());
    let totp = ["staff", "factor", "add", "totp", "--secret-to", &address, "--code-file", "wrong-code"];
    shell.run(session, &totp);
    let address = fs::read_to_string(directory.join(address)).unwrap();
    let secret = Authenticator::of(&address).marks();
    shell.marks.extend(secret.into_iter().map(|bytes| Mark { name: "a secret of codes".to_owned(), bytes }));
    shell.run(session, &["staff", "factor", "add", "ssh", "--ssh-key", "wrong-code"]);
    shell.once(session, &["staff", "factor", "add", "ssh", "--ssh-key", &key], &[]);
    shell.run(session, &["staff", "factor", "list"]);
    shell.run(session, &["staff", "factor", "remove", marks::PASTED]);
    let again = format!("{session}-again");
    let login = ["staff", "login", handle, "--password-file", "staff-password"];
    shell.run(&again, &login);
    shell.run(&again, &[&login[..], &["--code-file", "wrong-code"]].concat());
    shell.once(&again, &[&login[..], &["--ssh-key", &key]].concat(), &[]);
    mark_session(shell, &again);
    shell.once(&again, &["staff", "logout"], &[]);
}

/// Both halves, and the room as they have it; whoever was logged in has to log in again, and nobody is.
fn backups_are_taken_and_restored(shell: &mut Shell) {
    for half in ["data", "keyring"] {
        shell.run("", &["backup", half, "taken"]);
        shell.once("", &["backup", half, &format!("{half}-taken")], &["--json"]);
        shell.once("", &["restore", "--data", "taken"], &[]);
    }
    shell.run("", &["restore", "--data", "keyring-taken"]);
    shell.run("", &["restore", "--data", marks::CARD]);
    shell.run("", &["room", "upgrade", "--plan"]);
    for backup in ["data-taken", "keyring-taken", marks::CARD] {
        shell.run("", &["room", "upgrade", "--apply", "--backup", backup]);
    }
    let directory = shell.directory.path().to_path_buf();
    for taken in ["taken", "data-taken", "keyring-taken"] {
        shell.places.add_files("a backup", &directory.join(taken));
    }
    shell.run("", &["restore", "--data", "data-taken", "--keyring", "keyring-taken"]);
    shell.run("customer", &["ticket", "list"]);
}

/// The token in a session's file.
fn mark_session(shell: &mut Shell, session: &str) {
    let file = fs::read_to_string(shell.directory.path().join(session)).unwrap();
    let token = file
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
        .find(|word| word.len() == 43);
    let token =
        SecretText::new(token.unwrap_or_else(|| panic!("no token in the file of {session}")).to_owned());
    shell.marks.extend(marks::given("a session's token", &token));
}

fn as_customer(shell: &mut Shell) -> (String, String) {
    let register =
        |email, name, password| ["account", "register", email, "--name", name, "--password-file", password];
    shell.run("", &register(marks::EMAIL_REFUSED, marks::NAME, "password"));
    shell.run("", &register(marks::EMAIL, marks::NAME_REFUSED, "password"));
    shell.run("", &register(marks::EMAIL, marks::NAME, "short"));
    let name = format!("{} {}", marks::NAME, marks::CARD_SPACES);
    let account = id(&shell.once("", &register(marks::EMAIL, &name, "password"), &["--json"]), "account");
    shell.run("", &register(marks::EMAIL, marks::NAME, "password"));
    for (email, password) in
        [(marks::EMAIL, "wrong"), (marks::EMAIL_UNKNOWN, "password"), (marks::EMAIL, "password")]
    {
        shell.run("customer", &["login", email, "--password-file", password]);
    }
    mark_session(shell, "customer");
    let me = "customer";
    shell.run(me, &["account", "show"]);
    let open = |subject, body| ["ticket", "open", "--subject", subject, "--message", body];
    shell.run(me, &open(marks::SUBJECT_REFUSED, marks::BODY));
    shell.run(me, &open(marks::SUBJECT, "\u{1b}"));
    let body = format!("{} {}", marks::BODY, marks::CARD);
    let ticket = id(&shell.run(me, &open(marks::SUBJECT, &body)), "ticket");
    shell.run(me, &["ticket", "reply", &ticket, "--message", marks::BODY_SECOND]);
    shell.run(me, &["ticket", "list"]);
    shell.run(me, &["ticket", "show", &ticket]);
    let put = [
        "attachment",
        "put",
        &ticket,
        "attached",
        "--name",
        marks::FILE_NAME,
        "--media-type",
        marks::MEDIA_TYPE,
    ];
    let attachment = id(&shell.run(me, &put), "attachment");
    shell.run(me, &["attachment", "put", &ticket, "attached", "--media-type", marks::MEDIA_TYPE_REFUSED]);
    shell.run(me, &["attachment", "put", &ticket, marks::FILE_NAME_STAFF]);
    shell.run(me, &["attachment", "get", &attachment, "got"]);
    (account, ticket)
}

/// What somebody who holds the files hands on to be sent: its handle and link, each in a file of its own.
fn letter(shell: &mut Shell, session: &str, words: &[&str]) {
    let path = shell.directory.path().join("letter");
    let words = [words, &["--letter-to", "letter"]].concat();
    shell.once(session, &words, &[]);
    // Nobody makes one over the socket, whatever is named.
    shell.once(session, &words, &["--json"]);
    let told: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    fs::remove_file(&path).unwrap();
    for (name, text) in [("handle", &told["handle"]), ("link", &told["letters"][0]["link"])] {
        let text = text.as_str().unwrap();
        shell.marks.extend(marks::given(&format!("a {name}"), &SecretText::new(text.to_owned())));
        shell.private(name, text);
    }
}

/// Somebody who signs up, and all that is his to change.
fn as_owner(shell: &mut Shell) {
    let sign_up = |email, name| ["account", "signup", email, "--name", name, "--password-file"];
    shell.run("", &[&sign_up(marks::EMAIL_REFUSED, marks::NAME)[..], &["signed-password"]].concat());
    shell
        .run("", &[&sign_up(marks::EMAIL_SIGNED_UP, marks::NAME_REFUSED)[..], &["signed-password"]].concat());
    letter(
        shell,
        "",
        &[&sign_up(marks::EMAIL_SIGNED_UP, marks::NAME_SIGNED_UP)[..], &["signed-password"]].concat(),
    );
    for wrong in [["account", "look"], ["account", "confirm"]] {
        shell.run("", &[&wrong[..], &["--link-file", "wrong-code"]].concat());
    }
    shell.run("", &["account", "confirm", "--handle-file", "handle", "--code-file", "wrong-code"]);
    shell.run("", &["account", "look", "--link-file", "link"]);
    shell.run("", &["account", "confirm", "--link-file", "link"]);
    letter(shell, "", &["account", "reset", "ask", marks::EMAIL_SIGNED_UP]);
    let finish = ["account", "reset", "finish", "--link-file", "link", "--password-file"];
    shell.run("", &[&finish[..], &["short"]].concat());
    shell.run("", &[&finish[..], &["forgotten-password"]].concat());
    letter(shell, "", &["account", "invite", marks::EMAIL_INVITED, "--name", marks::NAME_CHANGED]);
    shell.run("", &["account", "accept", "--link-file", "link", "--password-file", "signed-password"]);
    let me = "owner";
    shell.run(me, &["login", marks::EMAIL_SIGNED_UP, "--password-file", "forgotten-password"]);
    mark_session(shell, me);
    shell.run(me, &["account", "rename", marks::NAME_REFUSED]);
    shell.run(me, &["account", "rename", marks::NAME_CHANGED]);
    for (had, new) in [
        ("wrong", "signed-password"),
        ("forgotten-password", "short"),
        ("forgotten-password", "changed-password"),
    ] {
        shell.run(me, &["account", "password", "--password-file", had, "--new-password-file", new]);
    }
    let ask = |email| ["account", "address", "ask", email, "--password-file", "changed-password"];
    shell.run(me, &ask(marks::EMAIL_REFUSED));
    letter(shell, me, &ask(marks::EMAIL_CHANGED));
    shell.run("", &["account", "address", "confirm", "--link-file", "link"]);
    shell.run(me, &["session", "list"]);
    shell.run(me, &["session", "revoke", marks::PASTED]);
    shell.run(me, &["key", "create", "--scope", marks::PASTED]);
    shell.once(me, &["key", "create", "--scope", "dns:read", "--key-to", "key"], &["--json"]);
    let key = fs::read_to_string(shell.directory.path().join("key")).unwrap();
    shell.marks.extend(marks::api_key(&SecretText::new(key.trim_end().to_owned())));
    shell.run(me, &["key", "list"]);
    shell.run(me, &["key", "revoke", marks::PASTED]);
}

/// A file of accounts: what is refused of it stays beside it, outside the room.
fn accounts_come_from_elsewhere(shell: &mut Shell) {
    let name = format!("{} {}", marks::NAME_IMPORTED, marks::CARD_SPACES);
    let (email, record) = (marks::EMAIL_IMPORTED, marks::RECORD_IMPORTED);
    let lines = [
        json!({"identifier": email, "name": name, "password_record": record}),
        json!({"identifier": email, "name": marks::NAME_REFUSED, "password_record": record}),
        json!({"identifier": marks::EMAIL_NOT_IMPORTED, "password_record": marks::RECORD_NOT_IMPORTED}),
        json!({"identifier": marks::EMAIL_REFUSED, "password_record": record}),
        json!({"identifier": marks::EMAIL_NOT_IMPORTED, marks::KEY_NOT_IMPORTED: marks::NAME_REFUSED}),
    ];
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let cut = &lines[0][..lines[0].len() - 5];
    shell.private("accounts", &format!("{}\n{cut}\n", lines.join("\n")));
    let import = ["import", "accounts", "accounts"];
    shell.run("", &[&import[..], &["--dry-run"]].concat());
    shell.once("", &import, &[]);
    shell.once("", &[&import[..], &["--refused-to", "refused"]].concat(), &["--json"]);
    shell.run("", &import);
    let kept = fs::read_to_string(shell.directory.path().join("accounts.refused")).unwrap();
    assert!(kept.contains(marks::RECORD_NOT_IMPORTED), "what is refused is kept where it belongs");
    shell.run("support", &["account", "find", marks::EMAIL_IMPORTED, "--purpose", "support_request"]);
}

fn as_support(shell: &mut Shell, account: &str, ticket: &str) {
    let me = "support";
    let why = |command: &[&'static str]| {
        [command, &["--purpose", "support_request", "--reason", marks::REASON]].concat()
    };
    fn with<'a>(shell: &mut Shell, session: &str, words: &[&'a str], why: &[&'a str]) -> Value {
        shell.run(session, &[words, why].concat())
    }
    let why = why(&[]);
    with(shell, me, &["account", "find", marks::EMAIL], &why);
    with(shell, me, &["account", "find", marks::EMAIL_SOUGHT], &why);
    with(shell, me, &["account", "find", marks::EMAIL_REFUSED], &why);
    with(shell, me, &["find", "--email", marks::EMAIL], &why);
    with(shell, me, &["find", marks::NAME], &why);
    with(shell, me, &["find", marks::NAME_SOUGHT], &why);
    with(shell, me, &["find", "--invoice", marks::INVOICE_NUMBER], &why);
    with(shell, me, &["find", "--reference", marks::PASTED], &why);
    with(shell, me, &["find", marks::CARD_SPACES], &why);
    with(shell, me, &["account", "show", account], &why);
    with(shell, me, &["account", "reveal", account, "email"], &why);
    with(shell, me, &["ticket", "show", ticket], &why);
    with(shell, me, &["ticket", "assign", ticket], &why);
    with(shell, me, &["ticket", "show", ticket], &why);
    with(shell, me, &["ticket", "reply", ticket, "--message", marks::REPLY], &why);
    with(shell, me, &["ticket", "note", ticket, "--message", marks::NOTE], &why);
    with(shell, me, &["ticket", "note", ticket, "--message", "\u{1b}"], &why);
    for queue in ["--mine", "--unassigned", "--due"] {
        with(shell, me, &["ticket", "list", queue], &why);
    }
    with(shell, me, &["account", "suspend", account, "security"], &why);
    with(shell, me, &["account", "suspend", account, marks::PASTED], &why);
    with(shell, me, &["account", "reinstate", account], &why);
    with(shell, me, &["billing", "show", account], &why);
    with(shell, me, &["billing", "detail", account], &why);
    let wrong = ["--purpose", "retention", "--reason", marks::REASON_DENIED];
    with(shell, me, &["account", "show", account], &wrong);
}

fn as_billing(shell: &mut Shell, account: &str) {
    let me = "billing";
    let why = ["--purpose", "billing_dispute", "--reason", marks::REASON];
    let case = id(&shell.run(me, &[&["case", "open", "--account", account], &why[..]].concat()), "case");
    let case = format!("case:{case}");
    let why = [&why[..], &["--case", &case]].concat();
    let record = |reference, last_four| {
        let when = [
            "--result",
            "approved",
            "--amount",
            "19.90",
            "--currency",
            "EUR",
            "--date",
            "2026-03-01T00:00:00Z",
        ];
        let what =
            ["--processor", "stripe", "--reference", reference, "--brand", "Visa", "--last-four", last_four];
        [&["billing", "record", account][..], &when, &what, &["--expiry", "11/29"]].concat()
    };
    for (reference, last_four) in [
        (marks::REFERENCE, "2271"),
        (marks::REFERENCE_REFUSED, "2271"),
        (marks::CARD, "2271"),
        (marks::REFERENCE, marks::CARD),
    ] {
        shell.run(me, &[record(reference, last_four), why.clone()].concat());
    }
    let line = format!("2 9.95 {}", marks::INVOICE_LINE);
    let card_line = format!("2 9.95 {}", marks::CARD_SPACES);
    let bad_line = format!("{} {}", marks::AMOUNT_REFUSED, marks::INVOICE_LINE);
    for (number, line) in [
        (marks::INVOICE_NUMBER, &line),
        (marks::INVOICE_NUMBER, &card_line),
        (marks::INVOICE_NUMBER, &bad_line),
        (marks::CARD, &line),
    ] {
        let words = ["billing", "invoice", account, "--number", number, "--issued", "2026-03-01T00:00:00Z"];
        let more = ["--currency", "EUR", "--line", line, "--address", marks::STREET, "--country", "CZ"];
        shell.run(me, &[&words[..], &more, &why].concat());
    }
    shell.run(me, &[&["billing", "show", account][..], &why].concat());
    shell.run("customer", &["billing", "show"]);
    shell.run(me, &[&["billing", "detail", account][..], &why].concat());
}

fn as_legal(shell: &mut Shell, account: &str) {
    let me = "legal";
    let why = ["--purpose", "legal_obligation", "--reason", marks::REASON_HELD];
    let case = id(&shell.run(me, &[&["case", "open", "--account", account], &why[..]].concat()), "case");
    let case = format!("case:{case}");
    let why = [&why[..], &["--case", &case]].concat();
    let review =
        strongroom::room::Clock::system().now().plus(std::time::Duration::from_secs(86_400)).to_string();
    let place = |review| ["hold", "place", account, "--class", "support,billing", "--review", review];
    let hold = id(&shell.run(me, &[&place(&review)[..], &why].concat()), "hold");
    shell.run(me, &[&place("2020-01-01")[..], &why].concat());
    shell.run(me, &[&place(marks::PASTED)[..], &why].concat());
    shell.run(me, &["hold", "list"]);
    shell.run("support", &["hold", "list"]);
    shell.run(me, &[&["hold", "release", &hold][..], &why].concat());
}

fn as_others(shell: &mut Shell) {
    let why = ["--purpose", "access_admin", "--reason", marks::REASON];
    let case = id(&shell.run("admin", &[&["case", "open"], &why[..]].concat()), "case");
    let case = format!("case:{case}");
    let why = [&why[..], &["--case", &case]].concat();
    for handle in [marks::HANDLE_APPOINTED, marks::HANDLE_REFUSED] {
        shell.run("admin", &[&["staff", "appoint", handle, "--codes-to", "new-code"][..], &why].concat());
    }
    shell.run("admin", &[&["staff", "list"][..], &why].concat());
    let why = ["--purpose", "audit", "--reason", marks::REASON];
    shell.run("auditor", &[&["audit", "log", "--limit", "400"][..], &why].concat());
    for position in [0, 99_999].into_iter().chain((60..240).step_by(3)) {
        shell.run("auditor", &[&["audit", "show", &position.to_string()][..], &why].concat());
    }
    shell.run("auditor", &["audit", "checkpoint"]);
    shell.run("", &["audit", "verify"]);
    shell.run("auditor", &["policy", "check"]);
    shell.run("auditor", &["policy", "check", "protect.logged", "data.payment"]);
    shell.run("", &["policy", "explain", "data.payment"]);
    shell.run("", &["doctor"]);
    shell.run("auditor", &["staff", "whoami"]);
    shell.run("auditor", &["staff", "logout"]);
    shell.run("customer", &["logout"]);
}

/// Secrets in the place of something else.
fn what_is_pasted(shell: &mut Shell) {
    for pasted in [marks::PASTED, marks::CARD, marks::CARD_SPACES, marks::PASSWORD, marks::TOKEN_WRONG] {
        shell.run("support", &["account", "show", pasted]);
        shell.run("support", &["ticket", "show", pasted]);
        shell.run("support", &["attachment", "get", pasted]);
        shell.run("support", &["audit", "show", pasted]);
        shell.run("support", &["policy", "check", pasted]);
        shell.run("", &["policy", "explain", pasted]);
        shell.run("support", &["account", "reveal", pasted, pasted]);
        shell.run("support", &["account", "find", "--purpose", pasted, marks::EMAIL]);
        shell.run("support", &["account", "find", "--case", pasted, marks::EMAIL]);
        shell.run("support", &[pasted]);
        shell.run("support", &["login", marks::EMAIL, pasted]);
        shell.run("", &["--as", pasted, "staff", "list"]);
    }
}
