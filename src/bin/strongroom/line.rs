//! The line to whoever has called through the socket: what a command needs of the caller's side it asks for here.
//!
//! A command is carried out in a thread of its own, and each thread serves one caller. Which one it is stands in the
//! thread, as standard input and output stand in the process: so a command reads, writes and asks in the same words
//! wherever its person sits, and none can forget to. `private_file`, `prompt`, `message`, `output` and `session` look
//! here first, and `tests/it/daemon/reach.rs` holds that nothing else touches files and streams.

use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind, Read, Write},
    rc::Rc,
};

use strongroom::room::{Room, SecretText};
use zeroize::Zeroizing;

use crate::{
    failed::Failed,
    wire::{self, Frame, Kept, Kind, Said, Source, Terminal, Told, Unmet},
};

/// What is gathered before it is sent, bytes: wiped in whole after each call, so no more than an answer takes.
const GATHERED_BYTES: usize = 16 * 1024;
/// A frame without its body, bytes.
const HEAD_BYTES: usize = 5;

/// As much of a signature as the room looks at, bytes.
const SIGNATURE_BYTES_MAX: usize = 4096;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Line>>> = const { RefCell::new(None) };
}

/// The line of the caller whom this thread serves; none where the process is the person's own.
pub fn current() -> Option<Rc<Line>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Runs `run` for the caller at the other end of `line`.
pub fn with<T>(line: &Rc<Line>, run: impl FnOnce() -> T) -> T {
    /// Takes the caller off the thread, however `run` ends.
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            CURRENT.set(None);
        }
    }
    CURRENT.set(Some(Rc::clone(line)));
    let _over = Over;
    run()
}

/// Where frames of the caller come from, and where they go.
pub trait Wire {
    /// The next frame.
    ///
    /// # Errors
    /// The caller says nothing for too long, or is gone.
    fn receive(&mut self) -> io::Result<Frame>;

    /// Sends frames.
    ///
    /// # Errors
    /// The caller does not take them, or is gone.
    fn send(&mut self, frames: &[u8]) -> io::Result<()>;
}

/// What a caller said of himself with his call.
#[derive(Default)]
pub struct Caller {
    /// Which of his standard streams are terminals.
    pub terminal: Vec<Terminal>,
    /// No colours.
    pub plain: bool,
    /// In which zone he reads times.
    pub zone: Option<String>,
    /// What his session is kept in.
    pub session_file: Option<String>,
    /// The session that is at hand.
    pub session: Option<Kept>,
}

/// The line to one caller, for one call.
pub struct Line {
    room: Room,
    wire: RefCell<Box<dyn Wire>>,
    gathered: RefCell<Zeroizing<Vec<u8>>>,
    gone: Cell<bool>,
    caller: RefCell<Caller>,
}

impl Line {
    /// A line over `wire`, to work in `room`.
    pub fn new(room: Room, wire: Box<dyn Wire>, caller: Caller) -> Rc<Self> {
        let gathered = Zeroizing::new(Vec::with_capacity(GATHERED_BYTES));
        Rc::new(Self {
            room,
            wire: RefCell::new(wire),
            gathered: RefCell::new(gathered),
            gone: Cell::new(false),
            caller: RefCell::new(caller),
        })
    }

    /// The room, as calls of this caller see it.
    pub fn room(&self) -> Room {
        self.room.clone()
    }

    /// What the caller said of himself.
    pub fn caller<T>(&self, look: impl FnOnce(&Caller) -> T) -> T {
        look(&self.caller.borrow())
    }

    /// Whether a standard stream of the caller's is a terminal.
    pub fn is_terminal(&self, stream: Terminal) -> bool {
        self.caller(|caller| caller.terminal.contains(&stream))
    }

    /// Appends bytes for one of the caller's outputs, or for his new file; they leave when there are enough of them.
    ///
    /// # Errors
    /// The caller does not take them.
    pub fn put(&self, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.chunks(GATHERED_BYTES - HEAD_BYTES) {
            self.append(kind, part)?;
        }
        Ok(())
    }

    /// Appends a frame. The buffer does not grow: that would leave copies behind that nobody wipes.
    fn append(&self, kind: Kind, body: &[u8]) -> io::Result<()> {
        if self.gathered.borrow().len() + HEAD_BYTES + body.len() > GATHERED_BYTES {
            self.flush()?;
        }
        wire::append(&mut self.gathered.borrow_mut(), kind, body)
    }

    /// Sends what was gathered.
    ///
    /// # Errors
    /// The caller does not take it. He is gone from then on, whatever else is tried.
    pub fn flush(&self) -> io::Result<()> {
        let mut gathered = self.gathered.borrow_mut();
        let sent = if self.gone.get() {
            Err(ErrorKind::BrokenPipe.into())
        } else {
            self.wire.borrow_mut().send(&gathered)
        };
        gathered.iter_mut().for_each(|byte| *byte = 0);
        gathered.clear();
        self.heard(sent)
    }

    /// Says something that takes no answer.
    ///
    /// # Errors
    /// As [`Line::flush`].
    pub fn say(&self, said: &Said) -> io::Result<()> {
        self.append(Kind::Message, &wire::written(said)?)
    }

    fn heard<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|_| self.gone.set(true))
    }

    /// Asks for something and waits for the answer.
    fn ask(&self, said: &Said) -> Result<Frame, Failed> {
        let asked = self.say(said).and_then(|()| self.flush());
        let answer = asked.and_then(|()| self.heard(self.wire.borrow_mut().receive()));
        answer.map_err(|e| Failed::new(format!("the caller does not answer: {}", e.kind())))
    }

    /// Asks for something that is answered with a message.
    fn ask_message(&self, said: &Said) -> Result<Told, Failed> {
        match self.ask(said)?.message() {
            Ok(Told::Failed(unmet)) => Err(failed(unmet)),
            Ok(told) => Ok(told),
            Err(_) => Err(self.amiss()),
        }
    }

    /// Asks for something that is answered with content.
    fn ask_content(&self, said: &Said) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let frame = self.ask(said)?;
        match frame.kind {
            Kind::Content => Ok(frame.body),
            Kind::Message => match frame.message() {
                Ok(Told::Failed(unmet)) => Err(failed(unmet)),
                _ => Err(self.amiss()),
            },
            Kind::Output | Kind::Error => Err(self.amiss()),
        }
    }

    fn amiss(&self) -> Failed {
        self.gone.set(true);
        Failed::new("the caller answers something else than was asked")
    }

    fn ask_done(&self, said: &Said) -> Result<(), Failed> {
        match self.ask_message(said)? {
            Told::Done => Ok(()),
            _ => Err(self.amiss()),
        }
    }

    /// What a person types, without echo.
    ///
    /// # Errors
    /// There is nobody to ask, or it is too long.
    pub fn secret(&self, prompt: &str, bytes_max: usize) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let asked = Said::Secret(wire::Prompt { prompt: prompt.to_owned(), bytes_max });
        let typed = self.ask_content(&asked)?;
        if typed.len() > bytes_max { Err(self.amiss()) } else { Ok(typed) }
    }

    /// The signature over a challenge that the caller's key makes, on his side.
    ///
    /// # Errors
    /// It does not sign, or what comes is too long for a signature.
    pub fn sign(&self, key: &str, challenge: &SecretText) -> Result<String, Failed> {
        let (key, challenge) = (key.to_owned(), challenge.expose().to_owned());
        let signed = self.ask_content(&Said::Sign(wire::Signing { key, challenge }))?;
        let text = (signed.len() <= SIGNATURE_BYTES_MAX).then(|| String::from_utf8(signed.to_vec()).ok());
        text.flatten().ok_or_else(|| self.amiss())
    }

    /// Something of the caller's to read, and how long it is if that is known.
    ///
    /// # Errors
    /// It is not there, or not for him to read.
    pub fn open(self: &Rc<Self>, source: Source) -> Result<(Reader, Option<u64>), Failed> {
        match self.ask_message(&Said::Open(wire::Opening { source }))? {
            Told::Opened(opened) => Ok((Reader { line: Rc::clone(self), ended: false }, opened.bytes)),
            _ => Err(self.amiss()),
        }
    }

    /// Begins a new file of the caller's.
    ///
    /// # Errors
    /// There is something at its path, or he may not write there.
    pub fn create(&self, path: &str) -> Result<(), Failed> {
        self.ask_done(&Said::Create(wire::NewPath { path: path.to_owned() }))
    }

    /// Gives the new file its name.
    ///
    /// # Errors
    /// It could not be written.
    pub fn keep(&self) -> Result<(), Failed> {
        self.ask_done(&Said::Keep)
    }

    /// Gives the caller a session to keep, or has it forgotten.
    ///
    /// # Errors
    /// It cannot be kept.
    pub fn keep_session(&self, kept: Option<Kept>) -> Result<(), Failed> {
        self.ask_done(&Said::Session(kept.clone()))?;
        self.caller.borrow_mut().session = kept;
        Ok(())
    }
}

fn failed(unmet: Unmet) -> Failed {
    let failed = if unmet.usage { Failed::usage(unmet.message) } else { Failed::new(unmet.message) };
    match unmet.hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

/// A stream of the caller's: each part is asked for, so that no more is on its way than is read.
pub struct Reader {
    line: Rc<Line>,
    ended: bool,
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        let bytes_max = out.len().min(wire::PART_BYTES_MAX);
        let part = self.line.ask_content(&Said::Read(wire::Part { bytes_max })).map_err(other)?;
        let Some(room) = out.get_mut(..part.len()).filter(|_| part.len() <= bytes_max) else {
            return Err(other(self.line.amiss()));
        };
        room.copy_from_slice(&part);
        self.ended = part.is_empty();
        Ok(part.len())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn other(failed: Failed) -> io::Error {
    io::Error::other(failed.message().to_owned())
}

/// One of the caller's outputs.
pub struct Writer {
    line: Rc<Line>,
    kind: Kind,
}

impl Writer {
    /// What is written goes to the caller as frames of this kind.
    pub const fn new(line: Rc<Line>, kind: Kind) -> Self {
        Self { line, kind }
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.put(self.kind, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
