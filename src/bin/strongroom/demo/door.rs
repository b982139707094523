//! The door: a daemon has the room's files, everybody else its socket. A colleague's command goes through it.

use std::{
    fs::{self, OpenOptions},
    io::{BufRead, BufReader, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use strongroom::room::TicketId;

use super::{amiss::amiss, assets::WEBHOOK_SECRET, listener::Listener, stage::Stage};
use crate::failed::Failed;

/// The socket's name in the room's directory: a short path, wherever that is.
const SOCKET: &str = "socket";
/// The file of the secret of webhooks.
const SECRET: &str = "webhook.secret";
/// What the customer is answered.
const REPLY: &str = "We have paid one charge back.";

/// The daemon, and who listens to its webhooks.
pub struct Door {
    daemon: Daemon,
    configured: Configured,
    /// Another program of the company's.
    pub listener: Listener,
}

/// Plays the scene; the daemon goes on.
pub fn play(stage: &mut Stage<'_>, directory: &Path, ticket: TicketId) -> Result<Door, Failed> {
    stage.story.scene("door", "The door")?;
    stage.story.say(
        "Where it matters nobody at work has the room's files or keys: a daemon has them, and a socket. Sam types the \
         command that he would type beside the files.",
    )?;
    let listener = Listener::begin().map_err(amiss)?;
    let configured = Configured::to(directory, &listener.url()).map_err(amiss)?;
    let daemon = Daemon::begin(directory)?;
    let ticket = ticket.to_string();
    let words = ["--socket", SOCKET, "--as", "sam", "ticket", "reply", &ticket, "--message", REPLY];
    stage.story.show(&[
        ("daemon", "strongroom --socket socket serve --webhooks"),
        (
            "sam",
            &format!("strongroom --socket socket --as sam ticket reply \\\n  {ticket} --message '{REPLY}'"),
        ),
    ])?;
    let answer = program(directory).map_err(amiss)?.args(words).output().map_err(amiss)?;
    if !answer.status.success() {
        return Err(amiss(String::from_utf8_lossy(&answer.stderr)));
    }
    let told = stage.tell()?;
    let replied = told.iter().find(|entry| entry.entry.what.name() == "ticket.written");
    let via = &replied.ok_or_else(|| amiss("the reply has no entry"))?.entry.via;
    let peer = via.peer.ok_or_else(|| amiss("the entry does not say whose process it was"))?;
    stage.story.say("The entry says by which way he came, and as which user of the system.")?;
    stage.story.show(&[("via", &via.component), ("user", &peer.to_string())])?;
    Ok(Door { daemon, configured, listener })
}

impl Door {
    /// The daemon ends in good order, and the room is as it was.
    ///
    /// # Errors
    /// It does not.
    pub fn shut(self) -> Result<(), Failed> {
        self.daemon.stop()?;
        self.configured.undo().map_err(amiss)
    }
}

/// This program, with the room as its directory and nothing of the surroundings.
fn program(directory: &Path) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.current_dir(directory).env_clear().stdin(Stdio::null());
    Ok(command)
}

/// A daemon; it is killed if the demonstration ends before it does.
struct Daemon {
    process: Child,
    /// What it writes of its work has to go somewhere.
    _says: BufReader<ChildStderr>,
}

impl Daemon {
    fn begin(directory: &Path) -> Result<Self, Failed> {
        let mut command = program(directory).map_err(amiss)?;
        command.args(["--room", ".", "--socket", SOCKET, "serve", "--webhooks"]);
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(amiss)?;
        let says = process.stderr.take().ok_or_else(|| amiss("the daemon cannot be heard"))?;
        let mut daemon = Self { process, _says: BufReader::new(says) };
        let mut line = String::new();
        while !line.contains("serving room ") {
            let heard = line.clone();
            line.clear();
            if daemon._says.read_line(&mut line).map_err(amiss)? == 0 {
                return Err(amiss(format!("the daemon ended: {}", heard.trim())));
            }
        }
        Ok(daemon)
    }

    fn stop(mut self) -> Result<(), Failed> {
        kill_process(Pid::from_child(&self.process), Signal::TERM).map_err(amiss)?;
        let ended = self.process.wait().map_err(amiss)?;
        if ended.success() { Ok(()) } else { Err(amiss(format!("the daemon: {ended}"))) }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Both fail when it has ended, which is the usual case.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The room's configuration with a receiver of webhooks in it, for a while.
struct Configured {
    file: PathBuf,
    secret: PathBuf,
    before: String,
}

impl Configured {
    fn to(directory: &Path, url: &str) -> std::io::Result<Self> {
        let (file, secret) = (directory.join("room.toml"), directory.join(SECRET));
        let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&secret)?;
        written.write_all(WEBHOOK_SECRET.as_bytes())?;
        let before = fs::read_to_string(&file)?;
        let section = format!("\n[webhook]\nurl = \"{url}\"\nsecrets = [\"{SECRET}\"]\n");
        fs::write(&file, format!("{before}{section}"))?;
        Ok(Self { file, secret, before })
    }

    fn undo(self) -> std::io::Result<()> {
        fs::write(&self.file, &self.before)?;
        fs::remove_file(&self.secret)
    }
}
