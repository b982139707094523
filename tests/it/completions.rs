//! Completions in the shells themselves: half a command is typed, the tabulator completes it, and what then runs is the
//! whole command.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::Command,
};

use pty_process::{Size, blocking};

use crate::postgres::skip;

/// What the tabulator has to complete, with a word of the end of each: command, noun, long option, value of an option.
const TYPED: &str = "strongroom acc\t sh\t --purp\t supp\t --he\t\n";
/// What it then is.
const MEANT: &str = "strongroom account show --purpose support_request --help";
/// What running that says first.
const SAID: &str = "Show an account";

/// The script for a shell, in a file.
fn script(shell: &str, home: &Path) {
    let output = strongroom(home).args(["completions", shell]).output().unwrap();
    assert!(output.status.success());
    fs::write(home.join("script"), output.stdout).unwrap();
}

fn strongroom(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command.current_dir(home);
    command
}

/// Where the program is, and the rest of the system behind it.
fn path() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_strongroom"));
    format!("{}:/usr/local/bin:/usr/bin:/bin", program.parent().unwrap().display())
}

fn is_there(shell: &str) -> bool {
    let found = ["/usr/local/bin", "/usr/bin", "/bin"].iter().any(|at| Path::new(at).join(shell).exists());
    if !found {
        skip(&format!("{shell} is not installed"));
    }
    found
}

/// Types into a shell on a terminal, once it is ready, and gives what the terminal showed.
fn typed(home: &Path, shell: &str, words: &[&str]) -> String {
    let (mut pty, pts) = blocking::open().unwrap();
    pty.resize(Size::new(50, 200)).unwrap();
    let command = blocking::Command::new(shell).args(words).env_clear().current_dir(home);
    let command = command.env("PATH", path()).env("TERM", "dumb").env("HOME", home).env("ZDOTDIR", home);
    let mut child = command.spawn(pts).unwrap();
    let (mut shown, mut has_typed) = (String::new(), false);
    loop {
        let mut bytes = [0; 4096];
        // Its end is an error: the other side of the terminal is closed.
        let read = pty.read(&mut bytes).unwrap_or(0);
        if read == 0 {
            break;
        }
        shown.push_str(&String::from_utf8_lossy(&bytes[..read]));
        if !has_typed && shown.contains("ready> ") {
            pty.write_all(format!("{TYPED}exit\n").as_bytes()).unwrap();
            has_typed = true;
        }
    }
    child.wait().unwrap();
    shown
}

#[test]
fn bash_completes_a_command() {
    if !is_there("bash") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    script("bash", home.path());
    fs::write(home.path().join("rc"), "source ./script\nPS1='ready> '\n").unwrap();
    let shown = typed(home.path(), "bash", &["--noprofile", "--rcfile", "rc", "-i"]);
    assert!(shown.contains(SAID), "{shown}");
}

#[test]
fn zsh_completes_a_command() {
    if !is_there("zsh") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    script("zsh", home.path());
    let rc = "autoload -Uz compinit\ncompinit -u -D\nsource ./script\nPS1='ready> '\n";
    fs::write(home.path().join(".zshrc"), rc).unwrap();
    let shown = typed(home.path(), "zsh", &["-d", "-i"]);
    assert!(shown.contains(SAID), "{shown}");
}

#[test]
fn fish_completes_a_command() {
    if !is_there("fish") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    script("fish", home.path());
    let mut words = Vec::new();
    // Fish says itself what the tabulator would offer, each with what it is for.
    for (whole, half) in MEANT.split(' ').zip(TYPED.split_whitespace()).skip(1) {
        let line = format!("strongroom {}", [&words[..], &[half]].concat().join(" "));
        let asked = format!("source ./script; complete --do-complete '{line}'");
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", &asked]).current_dir(home.path());
        let output = fish.env("PATH", path()).env("HOME", home.path()).output().unwrap();
        let offered = String::from_utf8(output.stdout).unwrap();
        let first = offered.lines().next().unwrap_or_default().split('\t').next().unwrap_or_default();
        assert_eq!(first, whole, "{line}: {offered}");
        words.push(whole);
    }
    let output = strongroom(home.path()).args(&words).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with(SAID), "what all of them complete to");
}
