//! What a command reads, writes and asks, it does where its person sits: here, or at the other end of the socket. A
//! command that opened a path by itself would open the daemon's files by a name that somebody else chose.

use crate::source::{self, Tree};

/// The files of the program that touch this process's own files, streams and terminal, each with its reason.
const OWN: [(&str, &str); 23] = [
    ("client.rs", "this side of the socket is the person's own"),
    ("demo", "a room of its own, on this machine"),
    ("import.rs", "not done over the socket"),
    ("journal.rs", "the daemon's words for its operator"),
    ("listening.rs", "the daemon's socket"),
    ("manual.rs", "writes pages without a room, not over the socket"),
    ("own_file.rs", "the person's files on this machine"),
    ("peer.rs", "the daemon's socket"),
    ("guests.rs", "the daemon's socket"),
    ("plan.rs", "the plan of a ceremony, which is not done over the socket"),
    ("private_file.rs", "chooses between here and there"),
    ("prompt.rs", "the terminal of this machine, where there is no caller"),
    ("reached.rs", "the way to a daemon"),
    ("relay.rs", "carries what it does not read"),
    ("scraped.rs", "what the daemon answers to a monitoring system"),
    ("serve.rs", "the daemon"),
    ("session.rs", "the session file of this machine, where there is no caller"),
    ("sign.rs", "a key on this machine, where there is no caller"),
    ("stream.rs", "the outputs of this machine, where there is no caller"),
    ("supervisor.rs", "the daemon's manager"),
    ("surroundings.rs", "the surroundings of this process"),
    ("terminal.rs", "the streams of this machine, where there is no caller"),
    ("way.rs", "asks whether the room's files can be read"),
];

/// Whether a path leads to files, streams, programs or sockets of this process.
fn is_own(path: &[&str]) -> bool {
    let path = path.strip_prefix(&[""]).unwrap_or(path);
    match path {
        ["std", "fs", ..] | ["std", "process", "Command" | "Stdio", ..] => true,
        ["std", "net", name, ..] => name.starts_with("Tcp") || name.starts_with("Udp"),
        ["std", "os", "unix", "net" | "fs", ..] => true,
        ["std", "io", name, ..] | ["io", name, ..] => {
            matches!(*name, "stdin" | "stdout" | "stderr" | "Stdin" | "Stdout" | "Stderr" | "IsTerminal")
        }
        ["rustix", "fs" | "termios" | "net", ..] => true,
        _ => false,
    }
}

fn touching() -> Vec<(String, String)> {
    let files = source::rust_files("src/bin/strongroom");
    let rooted = files
        .into_iter()
        .map(|file| source::SourceFile::new(&file.path.replace("src/bin/strongroom/", "src/"), &file.text));
    let mut found = Vec::new();
    for module in &Tree::of(rooted.collect()).files {
        for mention in module.mentions.iter().filter(|mention| !mention.in_test) {
            let named = mention.segments.iter().map(String::as_str).collect::<Vec<_>>();
            if is_own(&named) {
                found.push((module.file.path.replace("src/", ""), named.join("::")));
            }
        }
    }
    found
}

#[test]
fn commands_touch_files_and_streams_where_their_person_sits() {
    let is_listed =
        |path: &str| OWN.iter().any(|(name, _)| path == *name || path.starts_with(&format!("{name}/")));
    let found = touching();
    let unlisted: Vec<_> = found.iter().filter(|(path, _)| !is_listed(path)).collect();
    assert!(
        unlisted.is_empty(),
        "go through `private_file`, `stream`, `prompt` or `terminal`: {unlisted:#?}"
    );
    let is_used =
        |name: &str| found.iter().any(|(path, _)| path == name || path.starts_with(&format!("{name}/")));
    let idle: Vec<_> = OWN.iter().filter(|(name, _)| !is_used(name)).collect();
    assert!(idle.is_empty(), "nothing there needs to be listed: {idle:?}");
}
