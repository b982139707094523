//! Starting children: under the shim to the end, or without it until they are killed.

use super::chance::Chance;
use super::child::{ACK, CONTROL, ROOT, Scenario, Verdict, command, frames};
use super::cuts::{Failure, Failures, judge};
use super::disk::{Disk, Policy};
use super::rules::Rules;
use super::trace::Trace;
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// Where one child works and what it leaves.
struct Place {
    directory: TempDir,
    root: PathBuf,
}

/// A directory in memory when there is room. What is durable is the model's business here, and a kill leaves the
/// page cache as it is: a flush that waits for a real disk shows nothing more, only later.
pub(super) fn scratch() -> TempDir {
    const ENOUGH: u64 = 1 << 30;
    let memory = Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map_or(0, |stat| stat.f_bavail * stat.f_frsize);
    let in_memory = if free > ENOUGH { tempfile::tempdir_in(memory).ok() } else { None };
    in_memory.unwrap_or_else(|| tempfile::tempdir().unwrap())
}

impl Place {
    fn new() -> Self {
        let directory = scratch();
        // The shim compares paths with what the kernel says, in which no link is left.
        let root = directory.path().canonicalize().unwrap().join("disk");
        std::fs::create_dir(&root).unwrap();
        Self { directory, root }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.root.with_file_name(name)
    }

    fn command(&self, scenario: Scenario) -> Command {
        let mut command = command(scenario);
        command.env(ROOT, &self.root).env(ACK, self.beside("ack")).env(CONTROL, self.beside("control"));
        command
    }
}

/// A child to be run under the shim.
pub struct Child {
    scenario: Scenario,
    rules: Rules,
    place: Place,
}

impl Child {
    /// In an empty directory, without faults.
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario, rules: Rules::none(), place: Place::new() }
    }

    /// With these faults from its start.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// In a directory that this function filled first; what it wrote counts as durable.
    pub fn prepared(self, fill: impl FnOnce(&Path)) -> Self {
        fill(&self.place.root);
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When the scenario failed, or something happened that the shim did not see.
    pub fn record(self) -> Recording {
        self.try_record().unwrap_or_else(|why| panic!("{why}"))
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When the scenario failed, or something happened that the shim did not see.
    pub fn try_record(self) -> Result<Recording, String> {
        let before = Disk::load(&self.place.root)?;
        let mut command = self.place.command(self.scenario);
        command.env("LD_PRELOAD", shim()).env("STRONGROOM_CUT_TRACE", self.place.beside("trace"));
        command.env("STRONGROOM_CUT_RULES", self.rules.text());
        let output = command.output().map_err(|e| e.to_string())?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("scenario {}: {}\n{said}", self.scenario.name, output.status));
        }

        let trace = Trace::read(&self.place.beside("trace"))?;
        let mut after = before.clone();
        after.hear_all(&trace.records, &Policy::honest())?;
        let unseen = after.differences(&self.place.root)?;
        if !unseen.is_empty() {
            return Err(format!("changed by what the shim does not see: {unseen:?}"));
        }
        Ok(Recording { before, trace, place: self.place })
    }
}

/// One run: the directory before it, and everything that happened.
pub struct Recording {
    pub(super) before: Disk,
    /// What happened.
    pub trace: Trace,
    place: Place,
}

impl Recording {
    /// The directory as the child left it, no power cut.
    pub fn root(&self) -> &Path {
        &self.place.root
    }
}

/// The shim, compiled once for this process.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| compile("shim.c", &["-shared", "-fPIC"]))
}

/// Compiles a source of `tests/powercut/` with `$CC`, else `cc`.
///
/// # Panics
/// When there is no C compiler; SQLite needed one too.
pub fn compile(source: &str, flags: &[&str]) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/powercut").join(source);
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("powercut-{source}.out"));
    let fresh = compiled.with_extension(std::process::id().to_string());
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut command = Command::new(compiler);
    command.args(["-O2", "-Wall", "-Wextra", "-pthread"]).args(flags).arg("-o").arg(&fresh).arg(path);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    // Whole or not at all: another test process may be using the one that is there.
    std::fs::rename(&fresh, &compiled).unwrap();
    compiled
}

/// Kills on one directory before a new one is begun: recoveries pile up, and beginnings are killed too.
const KILLS_PER_DIRECTORY: usize = 10;

/// Kills a child `n` times with SIGKILL, at random and without the shim; after each time `check` sees the directory
/// and all acknowledgements of the children that worked there. The scenario must go on with what it finds and
/// must not end by itself.
///
/// # Panics
/// When the scenario ends by itself.
pub fn kills(
    scenario: Scenario,
    n: usize,
    seed: u64,
    mut check: impl FnMut(&Path, &[Vec<u8>]) -> Verdict,
) -> Failures {
    let mut chance = Chance::new(seed);
    let mut failures = Failures::default();
    for first in (0..n).step_by(KILLS_PER_DIRECTORY) {
        let place = Place::new();
        for round in first..n.min(first + KILLS_PER_DIRECTORY) {
            // Counted in acknowledgements, so that on a slow machine too it is killed at work; then a little
            // later, so that it is killed anywhere between two of them.
            let progress = chance.below(12);
            let pause = Duration::from_micros(u64::try_from(chance.below(3000)).unwrap());
            let acked = kill_after(&place, scenario, progress, pause);
            if let Some(why) = judge(|| check(&place.root, &acked)) {
                failures.push(Failure { cut: round, seed, why });
                break;
            }
        }
        failures.keep(place.directory);
    }
    failures
}

fn kill_after(place: &Place, scenario: Scenario, progress: usize, pause: Duration) -> Vec<Vec<u8>> {
    let acked = || frames(&std::fs::read(place.beside("ack")).unwrap_or_default());
    let before = acked().len();
    // A group of its own, for what a scenario starts dies with it.
    let mut child = place.command(scenario).process_group(0).spawn().unwrap();
    let ended = loop {
        match child.try_wait().unwrap() {
            None if acked().len() < before + progress => std::thread::sleep(Duration::from_micros(200)),
            ended => break ended,
        }
    };
    if ended.is_none() {
        std::thread::sleep(pause);
        kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(9), "scenario {} ended by itself: {said}", scenario.name);
    acked()
}
