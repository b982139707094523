//! Inside the child: scenarios, acknowledgements, and the hidden test that runs them.

use super::rules::Rules;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The name of [`powercut_child`] for the test harness.
const HIDDEN_TEST: &str = "powercut::child::powercut_child";

pub(super) const SCENARIO: &str = "STRONGROOM_CUT_SCENARIO";
pub(super) const ROOT: &str = "STRONGROOM_CUT_ROOTS";
pub(super) const ACK: &str = "STRONGROOM_CUT_ACK";
pub(super) const CONTROL: &str = "STRONGROOM_CUT_CONTROL";

/// What a scenario or a check says: an error is shown, and fails the test.
pub type Verdict = Result<(), Box<dyn std::error::Error>>;

/// Something a child process does in a directory.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub(super) name: &'static str,
    run: fn(&Path, &Ack) -> Verdict,
}

/// A scenario; it runs in a child when it stands in [`super::SCENARIOS`].
pub const fn scenario(name: &'static str, run: fn(&Path, &Ack) -> Verdict) -> Scenario {
    Scenario { name, run }
}

/// The child's way to say "this is done for good"; threads may share it.
pub struct Ack {
    file: File,
    control: OsString,
}

impl Ack {
    fn from_environment() -> std::io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(setting(ACK))?;
        Ok(Self { file, control: setting(CONTROL) })
    }

    /// From here on a cut may not lose what these bytes name.
    ///
    /// # Panics
    /// When the acknowledgement cannot be written.
    pub fn done(&self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let length = u32::try_from(bytes.len()).unwrap();
        let frame = [&length.to_be_bytes(), bytes].concat();
        // One call, and the file is opened for appending: frames of several threads and processes stay whole.
        (&self.file).write_all(&frame).unwrap();
    }

    /// Replaces the faults of this process, at once and for all of its threads.
    ///
    /// # Panics
    /// When the rules cannot be written.
    pub fn arm(&self, rules: &Rules) {
        let mut file = File::create(&self.control).unwrap();
        // Not write_all of the bare text: the empty text would be no call at all.
        file.write_all(format!("{}\n", rules.text()).as_bytes()).unwrap();
    }
}

/// The acknowledgements in these bytes; a frame that was cut off is none.
pub(super) fn frames(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
        let Some((frame, rest)) = rest.split_at_checked(length) else { break };
        frames.push(frame.to_vec());
        bytes = rest;
    }
    frames
}

/// This test binary once more, about to run a scenario; the environment says which and where.
pub(super) fn command(scenario: Scenario) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", HIDDEN_TEST, "--ignored", "--nocapture"]);
    command.env(SCENARIO, scenario.name).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A second process that a scenario started; dropped without [`Sibling::finish`], it is killed.
pub struct Sibling(std::process::Child);

/// From inside a scenario: a second process on the same directory, with the same acknowledgements and trace.
///
/// # Panics
/// When it cannot be started.
pub fn sibling(scenario: Scenario) -> Sibling {
    Sibling(command(scenario).stderr(Stdio::inherit()).spawn().unwrap())
}

/// From inside a test: a process of its own on this directory, without the shim. What it acknowledges stands in
/// [`acknowledged`].
///
/// # Panics
/// When it cannot be started.
pub fn process(scenario: Scenario, root: &Path) -> Sibling {
    let mut command = command(scenario);
    command.env(ROOT, root).env(ACK, beside(root)).env(CONTROL, root.with_extension("control"));
    Sibling(command.stderr(Stdio::inherit()).spawn().unwrap())
}

/// The same on a disk of its own on this directory, of so many MiB of memory, which nobody else sees. `None` where this
/// machine lets nobody mount one.
///
/// # Panics
/// When it cannot be started.
pub fn on_a_small_disk(scenario: Scenario, root: &Path, mebibytes: u32) -> Option<Sibling> {
    let mount = format!("mount -t tmpfs -o size={mebibytes}m tmpfs \"$0\"");
    let unshared = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-ec", &format!("{mount}; {then}")]).arg(root);
        command
    };
    let tried = unshared("true").output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        return None;
    }
    let inner = command(scenario);
    let mut command = unshared("exec \"$@\"");
    command.arg(inner.get_program()).args(inner.get_args()).env(SCENARIO, scenario.name);
    command.env(ROOT, root).env(ACK, beside(root)).env(CONTROL, root.with_extension("control"));
    Some(Sibling(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()))
}

fn beside(root: &Path) -> PathBuf {
    root.with_extension("ack")
}

/// What the processes on this directory have acknowledged so far.
pub fn acknowledged(root: &Path) -> Vec<Vec<u8>> {
    frames(&std::fs::read(beside(root)).unwrap_or_default())
}

impl Sibling {
    /// Waits for its end.
    ///
    /// # Errors
    /// When its scenario failed; what it said is in this process's own standard error.
    pub fn finish(mut self) -> Verdict {
        let status = self.0.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the sibling: {status}").into()) }
    }
}

impl Drop for Sibling {
    fn drop(&mut self) {
        // Both fail when it has ended, which is the usual case.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Not `std::env::var`, and empty when unset.
fn setting(name: &str) -> OsString {
    std::env::var_os(name).unwrap_or_default()
}

#[test]
#[ignore = "the children of the power-cut tests are this test: they start it with a scenario's name"]
fn powercut_child() {
    let wanted = setting(SCENARIO);
    if wanted.is_empty() {
        return;
    }
    let all = super::SCENARIOS.iter().copied().flatten();
    let Some(scenario) = all.into_iter().find(|known| *known.name == wanted) else {
        panic!("no scenario {wanted:?} in powercut::SCENARIOS");
    };
    let ack = Ack::from_environment().unwrap();
    if let Err(error) = (scenario.run)(Path::new(&setting(ROOT)), &ack) {
        panic!("scenario {}: {error}", scenario.name);
    }
}
