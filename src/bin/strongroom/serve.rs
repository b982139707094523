//! `serve`: the room and its keys belong to one user, and everybody else comes through a socket.
//!
//! One thread accepts, one serves each connection, and each call is the same command that a person types, carried out
//! by the same code (`line.rs`). What a caller sends harms nobody but himself: frames have a limit and a time, and each
//! user so many connections.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    os::unix::net::{UnixListener, UnixStream},
    sync::Arc,
    thread,
    time::Duration,
};

use clap::Args;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use strongroom::room::{Clock, Origin, Room, RoomOptions, TraceId, Trouble};
use tracing::{field::Empty, level_filters::LevelFilter};

use crate::{
    call::Call,
    courier::Courier,
    failed::{Exit, Failed},
    guests::{Guests, Present},
    heart,
    journal::{self, Form, Journal},
    line::{self, Caller, Line},
    listening::Listening,
    peer::Peer,
    scraped,
    supervisor::Supervisor,
    typed,
    webhook::Sender,
    wire::{self, Asked, Hello, Refused, Said, Told},
};

/// The first call comes within this time.
const FIRST_CALL: Duration = Duration::from_secs(10);
/// What runs may go on for so long once it is to stop.
const GRACE: Duration = Duration::from_secs(60);
/// The stack of a connection's thread, bytes.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Descriptors of the process: two of each connection, and the room's.
const DESCRIPTORS: u64 = 4096;

/// Carries the words of a command line out, and says with which code it ends.
pub type Carry = fn(&[String], &mut clap::Command) -> u8;

/// Serving.
#[derive(Args)]
pub struct Serve {
    /// Wait so long for a caller who says nothing, or takes nothing
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = typed::seconds)]
    patience: Duration,
    /// Answer monitoring systems at this address, over HTTP: `/metrics` and `/healthz`
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Deliver webhooks too, to where room.toml says: the one thing that takes a network
    #[arg(long)]
    webhooks: bool,
    /// What is written down of the daemon's work on standard error: this and what is graver. `info` has a line for each
    /// call and each step of it
    #[arg(long, value_name = "LEVEL", default_value = "warn", value_parser = journal::level())]
    log_level: LevelFilter,
    /// In which form: `text` for people, or `json`, one object in each line
    #[arg(long, value_name = "FORM", default_value = "text", value_enum, hide_possible_values = true)]
    log: Form,
}

/// What all connections share.
struct Desk {
    room: Room,
    clock: Clock,
    patience: Duration,
    guests: Guests,
    journal: Journal,
    carry: Carry,
    parser: fn() -> clap::Command,
}

impl Serve {
    /// Serves until it is told to stop.
    ///
    /// # Errors
    /// The room does not open, or there is no socket to be had.
    pub fn run(self, call: &Call, parser: fn() -> clap::Command, carry: Carry) -> Result<Exit, Failed> {
        descriptors();
        let said = call.supervised();
        let journal = Journal::begin(self.log, self.log_level, said.notify.is_some(), call.clock());
        let failed = |what: &str, e: &io::Error| Failed::new(format!("{what}: {}", e.kind()));
        let supervisor = Supervisor::of(said).map_err(|e| failed("the manager of services", &e))?;
        let stop = told_to_stop().map_err(|e| failed("hearing signals", &e))?;
        let listening = Listening::begin(said, call.socket())?;
        let options = RoomOptions { component: "socket".to_owned(), origin: None, ..call.options() };
        let desk = Arc::new(Desk {
            room: options.clone().open_or_hold()?,
            clock: call.clock().clone(),
            patience: self.patience,
            guests: Guests::default(),
            journal,
            carry,
            parser,
        });
        if let Some(address) = self.metrics {
            let place = scraped::begin(address, desk.room.clone(), desk.clock.clone());
            desk.journal.say(&format!(
                "metrics at http://{}/metrics",
                place.map_err(|e| failed("the address of the metrics", &e))?
            ));
        }
        if desk.room.health().troubles.contains(&Trouble::Held) {
            desk.journal.say(&format!("for customers alone: {}", Trouble::Held.resolve()));
        }
        heart::begin(desk.room.clone()).map_err(|e| failed("the heartbeat", &e))?;
        let courier = if self.webhooks { Some(courier(&options, &desk)?) } else { None };
        desk.journal.say(&format!("serving room {} at {}", desk.room.id(), listening.place()));
        supervisor.say("READY=1");
        let accepted = accept(&desk, listening.socket(), &stop, &supervisor);
        supervisor.say("STOPPING=1");
        drop(listening);
        desk.guests.stop();
        accepted.map_err(|e| failed("accepting connections", &e))?;
        if let Some(courier) = courier {
            courier.stop();
        }
        match desk.guests.wait(GRACE) {
            0 => Ok(Exit::Done),
            left => Err(Failed::new(format!("{left} calls had not ended in time"))),
        }
    }
}

/// Begins to deliver webhooks.
fn courier(options: &RoomOptions, desk: &Arc<Desk>) -> Result<Courier, Failed> {
    let (sender, told) = (Sender::of(options)?, Arc::clone(desk));
    let begun = Courier::begin(desk.room.clone(), sender, move |text| told.journal.say(text));
    begun.map_err(|e| Failed::new(format!("a thread for webhooks: {}", e.kind())))
}

/// Has as many descriptors as so many connections and the room's own files take, if the system allows it.
fn descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < DESCRIPTORS) {
        let wanted = maximum.map_or(DESCRIPTORS, |maximum| maximum.min(DESCRIPTORS));
        // With fewer there are fewer callers at a time.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}

/// A stream that has something to read once this process is told to stop.
fn told_to_stop() -> io::Result<UnixStream> {
    let (told, tells) = UnixStream::pair()?;
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::low_level::pipe::register(signal, tells.try_clone()?)?;
    }
    Ok(told)
}

/// Lets callers in until it is told to stop. In between it says that it is alive, once it has read from the room: what
/// hangs there is found by whoever waits for that.
fn accept(
    desk: &Arc<Desk>,
    socket: &UnixListener,
    stop: &UnixStream,
    supervisor: &Supervisor,
) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    let beat = supervisor.beat();
    let mut beaten = desk.clock.moment();
    let wait = beat.and_then(|beat| Timespec::try_from(beat).ok());
    loop {
        let mut ready = [PollFd::new(socket, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
        match poll(&mut ready, wait.as_ref()) {
            Err(e) if e == rustix::io::Errno::INTR => continue,
            other => other?,
        };
        let [_, stopping] = &ready;
        if !stopping.revents().is_empty() {
            return Ok(());
        }
        if beat.is_some_and(|beat| desk.clock.moment().since(beaten) >= beat / 2)
            && desk.room.log_size().is_ok()
        {
            beaten = desk.clock.moment();
            supervisor.say("WATCHDOG=1");
        }
        match socket.accept() {
            Ok((stream, _)) => admit(desk, stream),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionAborted) => {}
            // Descriptors or memory are short: those who are in will leave some.
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Gives a caller a thread of his own.
fn admit(desk: &Arc<Desk>, stream: UnixStream) {
    let serving_desk = Arc::clone(desk);
    let serving = move || {
        // What goes wrong in a connection ends it, and is its caller's to notice.
        let _ = receive(&serving_desk, stream);
    };
    if thread::Builder::new().stack_size(STACK_BYTES).spawn(serving).is_err() {
        desk.journal.say("there is no thread for another caller");
    }
}

fn receive(desk: &Desk, stream: UnixStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    let user = rustix::net::sockopt::socket_peercred(&stream)?.uid.as_raw();
    let entered = desk.guests.enter(user, &stream);
    let peer = Peer::new(stream, &desk.clock, desk.patience)?;
    let present = match entered {
        Ok(present) => present,
        Err(refused) => return peer.tell(&Said::Refused(refused)),
    };
    peer.tell(&Said::Hello(Hello {
        strongroom: wire::VERSION,
        room: desk.room.id().to_string(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
    }))?;
    let connection = Connection { desk, peer: &peer, present: &present, user, relayed: None };
    match connection.serve() {
        Err(e) if e.kind() == ErrorKind::InvalidData => {
            let hint = Some("FORMAT.md section 17 is what is understood here".to_owned());
            let (kind, message) = ("invalid".to_owned(), e.to_string());
            peer.tell(&Said::Refused(Refused { kind, message, hint }))
        }
        other => other,
    }
}

/// One connection at work.
struct Connection<'c> {
    desk: &'c Desk,
    peer: &'c Peer,
    present: &'c Present<'c>,
    user: u32,
    /// From where a relay was reached.
    relayed: Option<String>,
}

impl Connection<'_> {
    fn serve(mut self) -> io::Result<()> {
        let mut parser = (self.desk.parser)();
        let mut wait = FIRST_CALL.min(self.desk.patience);
        while let Some(frame) = self.peer.next(wait)? {
            match frame.message()? {
                Told::Relayed(relayed) if self.relayed.is_none() => self.relayed = Some(relayed.from),
                Told::Call(asked) if asked.arguments.len() <= wire::WORDS_MAX => {
                    wait = self.desk.patience;
                    if !self.carry(*asked, &mut parser)? {
                        return Ok(());
                    }
                }
                _ => return Err(io::Error::new(ErrorKind::InvalidData, "a call was due")),
            }
        }
        Ok(())
    }

    /// Carries one call out; `false` if there is to be no other.
    fn carry(&self, asked: Asked, parser: &mut clap::Command) -> io::Result<bool> {
        let busy = match self.present.begin() {
            Ok(busy) => busy,
            Err(refused) => return self.peer.tell(&Said::Refused(refused)).map(|()| false),
        };
        let trace = asked.trace.as_deref().and_then(TraceId::parse);
        let command = named(parser, &asked.arguments);
        let span = tracing::info_span!(
            "call",
            peer = self.user,
            command,
            trace = trace.map(tracing::field::display),
            exit = Empty
        );
        let _entered = span.enter();
        let room = self.desk.room.from(&self.origin(&asked, trace));
        let caller = Caller {
            terminal: asked.terminal,
            plain: asked.plain,
            zone: asked.zone,
            session_file: asked.session_file,
            session: asked.session,
        };
        let line = Line::new(room, Box::new(self.peer.clone()), caller);
        let exit = line::with(&line, || (self.desk.carry)(&asked.arguments, parser));
        span.record("exit", exit);
        let told = line.say(&Said::End(wire::End { exit })).and_then(|()| line.flush());
        // Not before: what was answered is to arrive.
        drop(busy);
        told.map(|()| true)
    }

    /// Where the call comes from: the user by the system's word, the rest by the relay's and the caller's own.
    fn origin(&self, asked: &Asked, trace: Option<TraceId>) -> Origin {
        let origin = Origin::new().component("socket").peer(self.user);
        let places = [self.relayed.as_deref(), asked.at.as_deref()];
        let place = places.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let origin = if place.is_empty() { origin } else { origin.at(&place) };
        match trace {
            Some(trace) => origin.trace(trace),
            None => origin,
        }
    }
}

/// The command that the words name: none of them that is not a command's name, because the rest may be anything.
fn named(parser: &clap::Command, words: &[String]) -> String {
    let (mut found, mut at) = (Vec::new(), parser);
    for word in words {
        match at.find_subcommand(word) {
            Some(command) => {
                found.push(command.get_name());
                at = command;
            }
            None if found.is_empty() => {}
            None => break,
        }
    }
    found.join(" ")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::named;
    use crate::arguments::Arguments;

    #[test]
    fn a_command_is_named_and_nothing_that_was_typed_with_it() {
        let parser = Arguments::command();
        let name = |line: &str| named(&parser, &line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(name("--json audit log --limit 3"), "audit log");
        assert_eq!(name("find jane@customer.example"), "find");
        assert_eq!(name("account show jane@customer.example"), "account show");
        assert_eq!(name("jane@customer.example"), "");
    }
}
