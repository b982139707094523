//! The way to a daemon: a socket on this machine, or SSH to the machine that has it.

use std::{
    io::{self, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use strongroom::room::Kind;

use crate::{
    failed::Failed,
    faults,
    wire::{self, Frame, Hello, Refused, Said},
};

/// A connection to a daemon.
pub struct Reached {
    from: Box<dyn Read>,
    to: Box<dyn Write>,
    /// The program that carries it, where one does.
    carrier: Option<Child>,
}

impl Reached {
    /// Connects to `place`, a path or `ssh:HOST`.
    ///
    /// # Errors
    /// Nothing is served there, or not for this user.
    pub fn connect(place: &str) -> Result<Self, Failed> {
        match place.strip_prefix("ssh:") {
            Some(host) => Self::by_ssh(host),
            None => Self::here(Path::new(place)),
        }
    }

    fn here(path: &Path) -> Result<Self, Failed> {
        let stream = UnixStream::connect(path).map_err(|e| match e.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                Failed::of(Kind::Unavailable, format!("nothing is served at `{}`", path.display())).hint(
                    "`strongroom serve --socket PATH` serves a room; it is for the user who holds its files",
                )
            }
            ErrorKind::PermissionDenied => {
                faults::file(path, &e).hint("whoever may connect belongs to the socket's group")
            }
            _ => faults::file(path, &e),
        })?;
        let from = stream.try_clone().map_err(|e| faults::file(path, &e))?;
        Ok(Self { from: Box::new(from), to: Box::new(stream), carrier: None })
    }

    /// SSH asks for what it needs on the terminal, by itself. What runs at the other end is the host's to say, by a
    /// forced command; a host that forces nothing is asked for the relay.
    fn by_ssh(host: &str) -> Result<Self, Failed> {
        if host.is_empty() || host.starts_with('-') {
            return Err(Failed::usage("`ssh:` takes a host, as `ssh:room.example.com`"));
        }
        let failed = |e: &io::Error| Failed::new(format!("`ssh` does not run: {}", e.kind()));
        let mut carrier = Command::new("ssh")
            .args(["-T", "--", host, "strongroom", "relay"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| failed(&e))?;
        match (carrier.stdout.take(), carrier.stdin.take()) {
            (Some(from), Some(to)) => {
                Ok(Self { from: Box::new(from), to: Box::new(to), carrier: Some(carrier) })
            }
            _ => Err(failed(&ErrorKind::BrokenPipe.into())),
        }
    }

    /// The daemon's first word.
    ///
    /// # Errors
    /// It refuses, or speaks another protocol.
    pub fn hello(&mut self) -> Result<Hello, Failed> {
        match self.hear()?.message() {
            Ok(Said::Hello(hello)) if hello.strongroom == wire::VERSION => Ok(hello),
            Ok(Said::Hello(hello)) => Err(Failed::new(format!(
                "the daemon's program is {}, whose protocol this one does not speak",
                hello.program
            ))),
            Ok(Said::Refused(refused)) => Err(told(refused)),
            _ => Err(Failed::new("what answers there is no daemon of strongroom")),
        }
    }

    /// The next frame.
    ///
    /// # Errors
    /// The connection is over.
    pub fn hear(&mut self) -> Result<Frame, Failed> {
        match wire::receive(&mut self.from) {
            Ok(Some(frame)) => Ok(frame),
            Err(e) if e.kind() == ErrorKind::InvalidData => {
                Err(Failed::new("what answers there is no daemon of strongroom"))
            }
            Ok(None) | Err(_) => Err(Failed::of(Kind::Unavailable, "the connection to the daemon is over")),
        }
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// The connection is over.
    pub fn send(&mut self, kind: wire::Kind, body: &[u8]) -> Result<(), Failed> {
        let sent = wire::send(&mut self.to, kind, body);
        sent.map_err(|e| match e.kind() {
            ErrorKind::InvalidData => Failed::usage("this is more than goes through the socket at once"),
            _ => Failed::of(Kind::Unavailable, "the connection to the daemon is over"),
        })
    }
}

impl Drop for Reached {
    fn drop(&mut self) {
        if let Some(mut carrier) = self.carrier.take() {
            // Its input ends, so it does.
            self.to = Box::new(io::sink());
            let _ = carrier.wait();
        }
    }
}

/// A refusal in the daemon's words.
pub fn told(refused: Refused) -> Failed {
    let kinds = [Kind::Busy, Kind::Unavailable, Kind::Invalid];
    let kind = kinds.into_iter().find(|kind| kind.name() == refused.kind).unwrap_or(Kind::Internal);
    let failed = Failed::of(kind, refused.message);
    match refused.hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}
