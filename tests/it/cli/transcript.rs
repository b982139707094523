//! Playing a transcript: Markdown whose `console` blocks hold commands, each behind `$ `, and under it what it answers:
//! standard output, then standard error behind `! `, then `? CODE` unless it is 0. `sql FILE STATEMENT` is no command but
//! what somebody does who has the databases.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use strongroom::room::{Clock, Room, RoomKind};
use tempfile::TempDir;

use super::redact::Names;
use crate::{
    schemas,
    world::{PASSWORD, ceremony, options},
};

/// Where a transcript is played: a directory with a demonstration room in `room`, and a password in `password`.
struct Stage {
    directory: TempDir,
    names: Names,
}

impl Stage {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let made =
            Room::init(options(&path.join("room"), &Clock::system()), &ceremony(RoomKind::Demo)).unwrap();
        let mut names = Names::default();
        for code in &made.codes {
            names.id(&code.principal.to_string(), &code.handle);
        }
        names.id(&made.room.id().to_string(), "room");
        names.fix(&made.verifier_key, "key");
        names.fix(path.to_str().unwrap(), "dir");
        for said in ["\"host\":\"{}\"", "\\\"host\\\":\\\"{}\\\"", "direct on {}"] {
            names.fix(&said.replace("{}", &host()), "here");
        }
        write_private(&path.join("password"), PASSWORD);
        fs::create_dir(path.join("run")).unwrap();
        Self { directory, names }
    }

    /// What a shell and the command answer, with names.
    fn answer(&mut self, command: &str) -> String {
        if let Some(sql) = command.strip_prefix("sql ") {
            return self.tamper(sql);
        }
        let program = Path::new(env!("CARGO_BIN_EXE_strongroom"));
        let output = Command::new("sh")
            .args(["-c", &self.names.meant(command)])
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", program.parent().unwrap().display()))
            .env("TZ", "UTC")
            .env("XDG_RUNTIME_DIR", self.directory.path().join("run"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        schemas::hold(&out);
        schemas::hold(&err);
        assert!(out.is_empty() || out.ends_with('\n'), "an unfinished line: {out:?}");
        let err: String = err.lines().map(|line| format!("! {line}\n")).collect();
        let code = output.status.code().unwrap();
        let code = if code == 0 { String::new() } else { format!("? {code}\n") };
        self.names.redacted(&format!("{out}{err}{code}"))
    }

    /// What somebody does who has the databases: `FILE STATEMENT`.
    fn tamper(&self, command: &str) -> String {
        let (file, statement) = command.split_once(' ').unwrap();
        let database = rusqlite::Connection::open(self.directory.path().join(file)).unwrap();
        database.execute_batch(&self.names.meant(statement)).unwrap();
        String::new()
    }
}

fn host() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.chars().map(|c| c.to_ascii_lowercase()).collect()
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The transcript with what its commands answer now.
pub fn play(transcript: &str) -> String {
    let mut stage = Stage::new();
    let (mut played, mut in_console) = (String::new(), false);
    for line in transcript.lines() {
        let fence = line.starts_with("```");
        if fence {
            in_console = line == "```console";
        }
        if !in_console || fence {
            played.push_str(line);
            played.push('\n');
        } else if let Some(command) = line.strip_prefix("$ ") {
            played.push_str(&format!("{line}\n{}", stage.answer(command)));
        }
    }
    played
}
