//! The program of the release before this one, at work on the room that this one upgrades: before, meanwhile and after.
//! Hosts are changed one by one, and back.
//!
//! `scripts/previous-program` builds it; `.ci/run` does.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::{postgres::skip, source, world::PASSWORD};

/// The variable that names the program.
const VARIABLE: &str = "STRONGROOM_TEST_PREVIOUS";

/// A program, of this release or of the one before.
#[derive(Clone, Copy)]
struct Program<'a> {
    path: &'a Path,
    name: &'static str,
}

/// A customer who was told that he has an account and a ticket.
struct Customer {
    address: String,
    ticket: String,
}

/// A room with the previous program's daemon on it, and what either program promised.
struct Both {
    previous: PathBuf,
    home: TempDir,
    customers: Mutex<Vec<Customer>>,
    count: AtomicUsize,
}

/// The previous program; `None`, and a line that says so, where it was not built and that is allowed.
fn previous() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).filter(|value| !value.is_empty());
    if named.is_none() {
        skip(&format!("{VARIABLE} is not set: see scripts/previous-program"));
    }
    named.map(PathBuf::from)
}

impl Program<'_> {
    fn command(self, home: &Path) -> Command {
        let mut command = Command::new(self.path);
        command.current_dir(home).env_clear().env("TZ", "UTC").stdin(Stdio::null());
        command
    }

    fn run(self, home: &Path, words: &[&str]) -> Output {
        self.command(home).args(words).output().unwrap()
    }

    /// What it answers to programs; it succeeds.
    fn says(self, home: &Path, words: &[&str]) -> Value {
        let output = self.run(home, &[words, &["--json", "--quiet"]].concat());
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {words:?}: {err}", self.name);
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// A member of an object, as text.
fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

impl Both {
    /// A room that the previous program made, with all that its demonstration does.
    fn new(previous: PathBuf) -> Self {
        let home = tempfile::tempdir().unwrap();
        let password = home.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
        let both = Self { previous, home, customers: Mutex::default(), count: AtomicUsize::new(0) };
        let demo = both.older().run(both.home(), &["demo", "room", "--quiet"]);
        assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
        both
    }

    fn home(&self) -> &Path {
        self.home.path()
    }

    fn older(&self) -> Program<'_> {
        Program { path: &self.previous, name: "the previous program" }
    }

    fn newer(&self) -> Program<'_> {
        Program { path: Path::new(env!("CARGO_BIN_EXE_strongroom")), name: "this program" }
    }

    /// The ways in: either program with the files, and either at the previous one's socket.
    fn ways(&self) -> [(Program<'_>, [&'static str; 2]); 4] {
        let (files, socket) = (["--room", "room"], ["--socket", "socket"]);
        [(self.older(), files), (self.newer(), files), (self.older(), socket), (self.newer(), socket)]
    }

    fn direct(&self, program: Program<'_>, words: &[&str]) -> Value {
        program.says(self.home(), &[&["--room", "room"], words].concat())
    }

    /// The previous program's daemon, once it says that it serves.
    fn serve(&self) -> Daemon {
        let mut command = self.older().command(self.home());
        command.args(["serve", "--room", "room", "--socket", "socket"]).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut first = String::new();
        said.read_line(&mut first).unwrap();
        assert!(first.starts_with("serving room "), "{first}");
        thread::spawn(move || said.read_to_end(&mut Vec::new()));
        Daemon(process)
    }

    /// A customer comes in by one way, and asks; staff of the other program answer him.
    fn customer(&self, (program, way): (Program<'_>, [&str; 2]), other: Program<'_>) {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        let (address, session) = (format!("c{number}@example.com"), format!("session{number}"));
        let says = |words: &[&str]| program.says(self.home(), &[&way, words].concat());
        let account =
            text(&says(&["account", "register", &address, "--password-file", "password"]), "account");
        says(&["login", &address, "--password-file", "password", "--session", &session]);
        let open = ["ticket", "open", "--subject", "Mine", "--message", "Help."];
        let ticket = text(&says(&[&open[..], &["--session", &session]].concat()), "ticket");
        let staff = |words: &[&str]| self.direct(other, &[words, &["--as", "sam"]].concat());
        staff(&["ticket", "assign", &ticket]);
        let why = ["--purpose", "support_request", "--case", &format!("ticket:{ticket}")];
        let seen = staff(&[&["account", "show", &account], &why[..]].concat());
        assert_eq!(text(&seen, "email"), "c•••@e•••.com");
        staff(&[&["ticket", "reply", &ticket, "--message", "Here."], &why[..]].concat());
        self.customers.lock().unwrap().push(Customer { address, ticket });
    }

    /// One customer by each way.
    fn day(&self) {
        for (program, way) in self.ways() {
            let other = if program.path == self.previous { self.newer() } else { self.older() };
            self.customer((program, way), other);
        }
    }

    /// Everybody gets in and finds his ticket answered, by either program; both find the log sound.
    fn nothing_is_lost(&self, unknown: u64) {
        for (program, name) in [(self.older(), "old"), (self.newer(), "new")] {
            for Customer { address, ticket } in &*self.customers.lock().unwrap() {
                let session = format!("{name}-{address}");
                self.direct(
                    program,
                    &["login", address, "--password-file", "password", "--session", &session],
                );
                let shown = self.direct(program, &["ticket", "show", ticket, "--session", &session]);
                assert_eq!(shown["messages"].as_array().unwrap().len(), 2, "{name} {address}: {shown}");
                self.direct(program, &["logout", "--session", &session]);
            }
            let verified = self.direct(program, &["audit", "verify", "--as", "vera"]);
            assert_eq!(text(&verified, "verdict"), "consistent", "{name}: {verified}");
            assert_eq!((&verified["authority"], &verified["unsigned"]), (&true.into(), &0.into()), "{name}");
            let expected = if name == "old" { unknown } else { 0 };
            assert_eq!(verified["unknown_events"], expected, "{name}");
        }
    }

    fn format(&self) -> u64 {
        self.direct(self.newer(), &["room", "upgrade", "--plan"])["format"]["room"].as_u64().unwrap()
    }

    fn backup(&self, program: Program<'_>, name: &str) {
        self.direct(program, &["backup", "data", &format!("{name}-data")]);
        self.direct(program, &["backup", "keyring", &format!("{name}-keyring")]);
    }

    /// Restores a backup, while nobody has the room open.
    fn restore(&self, program: Program<'_>, name: &str) {
        let (data, keyring) = (format!("{name}-data"), format!("{name}-keyring"));
        self.direct(program, &["restore", "--data", &data, "--keyring", &keyring]);
    }
}

/// A daemon that ends with the test, at the latest.
struct Daemon(Child);

impl Daemon {
    /// Ends it in good order.
    fn stop(mut self) {
        let pid = Pid::from_raw(self.0.id().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended, and be waited for.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn the_previous_program_keeps_serving_while_and_after_this_one_upgrades_the_room() {
    let Some(previous) = previous() else { return };
    let both = Both::new(previous);
    let daemon = both.serve();
    both.day();
    assert_eq!(both.format(), 1);
    both.nothing_is_lost(0);

    both.backup(both.newer(), "first");
    let done = AtomicBool::new(false);
    let upgraded = thread::scope(|scope| {
        for (program, way) in both.ways() {
            let (done, both) = (&done, &both);
            scope.spawn(move || {
                while !done.load(Ordering::SeqCst) {
                    both.customer((program, way), program);
                }
            });
        }
        let upgraded = both.direct(both.newer(), &["room", "upgrade", "--apply", "--backup", "first-data"]);
        done.store(true, Ordering::SeqCst);
        upgraded
    });
    assert_eq!(upgraded["steps"].as_array().unwrap().len(), 1, "{upgraded}");
    assert_eq!(both.format(), 2);
    both.day();
    both.nothing_is_lost(1);
    let meanwhile = both.customers.lock().unwrap().len();
    assert!(meanwhile >= 12, "{meanwhile} customers: four before, four meanwhile, four after");

    // Backups of one are restored by the other, in either direction, and the host goes back to the previous program.
    both.backup(both.newer(), "new");
    daemon.stop();
    both.restore(both.older(), "new");
    both.nothing_is_lost(1);
    let daemon = both.serve();
    both.day();
    both.backup(both.older(), "old");
    daemon.stop();
    both.restore(both.newer(), "old");
    assert_eq!(both.format(), 2);
    both.nothing_is_lost(1);
}

#[test]
fn a_room_that_went_back_to_its_backup_of_the_older_format_is_upgraded_again() {
    let Some(previous) = previous() else { return };
    let both = Both::new(previous);
    both.customer((both.older(), ["--room", "room"]), both.newer());
    both.backup(both.older(), "older");
    let apply = |backup: &str| {
        both.direct(both.newer(), &["room", "upgrade", "--apply", "--backup", backup]);
        both.format()
    };
    assert_eq!(apply("older-data"), 2);
    both.restore(both.newer(), "older");
    assert_eq!(both.format(), 1);
    both.nothing_is_lost(0);
    // That backup is of a log that has ended: another one is to be taken.
    both.backup(both.newer(), "again");
    assert_eq!(apply("again-data"), 2);
    both.nothing_is_lost(1);
}

/// Lines of a generated part of FORMAT.md that begin like rows about events.
fn events(format: &str) -> BTreeSet<&str> {
    let (_, rest) = format.split_once("| Event | Keys of `data` |\n").unwrap();
    rest.lines().take_while(|line| line.starts_with('|')).skip(1).collect()
}

/// An event whose keys changed would be one that the previous program cannot read: it would call the log damaged.
#[test]
fn what_the_previous_program_reads_keeps_its_form() {
    let commit = source::read("packaging/previous");
    let show = |file: &str| {
        let named = format!("{}:{file}", commit.trim());
        let root = env!("CARGO_MANIFEST_DIR");
        Command::new("git").args(["-C", root, "show", &named]).output().unwrap()
    };
    let before = show("FORMAT.md");
    if !before.status.success() {
        return skip("the history of this clone does not reach back to the previous program");
    }
    let before = String::from_utf8(before.stdout).unwrap();
    let now = source::read("FORMAT.md");
    let gone: Vec<_> = events(&before).difference(&events(&now)).copied().collect();
    assert_eq!(gone, [""; 0], "events are never changed or taken back");
    for file in source::files("schema").iter().filter(|file| file.ends_with("0001.sql")) {
        assert_eq!(String::from_utf8(show(file).stdout).unwrap(), source::read(file), "{file}");
    }
}
