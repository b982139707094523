//! The daemon: the same commands through a socket, for people who cannot read the room.

mod back_office;
mod harm;
mod heart;
mod journal;
mod letters;
mod many;
mod own_key;
mod packaging;
mod reach;
mod same;
mod ssh;
mod stop;
mod stranger;
mod streams;
mod supervised;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{examples::now, world::World};

/// The program.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command.env_clear().env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// A demonstration room that is served, while the test has it open too.
struct Served {
    world: World,
    socket: PathBuf,
    process: Child,
}

impl Served {
    /// One with the patience that people have.
    fn new() -> Self {
        Self::patient(300)
    }

    /// One that waits for so many seconds.
    fn patient(seconds: u32) -> Self {
        let world = now();
        let socket = world.directory.path().join("socket");
        let process = serve(&world.path(), &socket, seconds);
        Self { world, socket, process }
    }

    /// A connection of a stranger's program.
    fn line(&self) -> stranger::Line {
        stranger::Line::connect(&self.socket)
    }

    /// The program, with this socket.
    fn run(&self, words: &[&str]) -> Output {
        let mut command = program();
        command.current_dir(self.world.directory.path()).arg("--socket").arg(&self.socket).args(words);
        command.output().unwrap()
    }

    /// What the program says, with this socket; it succeeds.
    fn says(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn terminate(&self) {
        let pid = Pid::from_raw(self.process.id().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
    }

    /// A number of `/proc/PID/status`, in KiB.
    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
    }

    /// Names of the newest entries' events, with their ways.
    fn entries(&self, from: u64) -> Vec<strongroom::room::LogEntry> {
        let vera = self.world.staff("vera");
        let why = strongroom::room::Why::purpose(strongroom::room::Purpose::Audit);
        vera.audit_log(strongroom::room::LogPart::All, from, &strongroom::room::Page::first(500), &why)
            .unwrap()
            .entries
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already, and be waited for.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Serves a room, once it says so.
fn serve(room: &Path, socket: &Path, patience: u32) -> Child {
    let mut process = program()
        .args(["serve", "--patience", &patience.to_string(), "--room"])
        .arg(room)
        .arg("--socket")
        .arg(socket)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(process.stderr.take().unwrap());
    let mut first = String::new();
    said.read_line(&mut first).unwrap();
    assert!(first.starts_with("serving room "), "{first}");
    // Read on, so that nothing it says stops it.
    thread::spawn(move || said.read_to_end(&mut Vec::new()));
    process
}

/// Waits until something is so; a test that waits in vain ends with the suite's own limit.
fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        thread::sleep(Duration::from_millis(5));
    }
}
mod scraped;
