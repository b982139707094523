//! A command through the socket: the daemon carries it out, and asks back for what only this side has. It is given what
//! the command line names, and nothing else.

use std::{
    io::{self, ErrorKind, Read, Write},
    path::Path,
};

use jiff::tz::TimeZone;
use strongroom::room::{RoomId, SecretText};
use zeroize::Zeroizing;

use crate::{
    call::Takes,
    failed::{Exit, Failed},
    faults,
    globals::Globals,
    own_file::{self, NewFile},
    progress, prompt,
    reached::{self, Reached},
    session::{Session, SessionFile},
    sign,
    surroundings::Surroundings,
    terminal,
    wire::{self, Asked, Kind, NewPath, Opened, Part, Prompt, Said, Signing, Source, Terminal, Told, Unmet},
};

/// Arguments that mean something on this side alone.
const OWN: [&str; 3] = ["--room", "--socket", "--session"];

/// The option that names a key to sign with.
const KEY: &str = "--ssh-key";

/// A call on its way.
struct Call {
    reached: Reached,
    words: Vec<String>,
    session: Option<SessionFile>,
    /// What is read from.
    open: Option<(Box<dyn Read>, &'static str)>,
    /// What is written to.
    new: Option<NewFile>,
    progress: progress::Told,
}

/// Has a command carried out by the daemon at `socket`.
///
/// # Errors
/// It is not reached, or the connection breaks. What the daemon itself says of a failure is written already.
pub fn call(
    socket: &str,
    words: Vec<String>,
    globals: &Globals,
    takes: Takes,
    around: &Surroundings,
) -> Result<u8, Failed> {
    let words = without_own(words);
    let mut reached = Reached::connect(socket)?;
    let room: Option<RoomId> = reached.hello()?.room.parse().ok();
    let room = room.ok_or_else(|| Failed::new("the daemon names no room"))?;
    let file = match takes {
        Takes::Nothing => None,
        Takes::Session => Some(SessionFile::locate(globals.session.as_deref(), room, around)?),
        Takes::Actor => match SessionFile::locate(globals.session.as_deref(), room, around) {
            Err(failed) if globals.session.is_some() => return Err(failed),
            other => other.ok(),
        },
    };
    let session = file.as_ref().map(SessionFile::read).transpose()?.flatten();
    let streams = [Terminal::Input, Terminal::Output, Terminal::Error];
    let asked = Asked {
        arguments: words.clone(),
        terminal: streams.into_iter().filter(|stream| terminal::is_here(*stream)).collect(),
        plain: around.plain,
        zone: TimeZone::system().iana_name().map(str::to_owned),
        at: around.origin.clone(),
        trace: around.trace.map(|id| id.to_string()),
        session_file: file.as_ref().map(|file| file.path().to_string_lossy().into_owned()),
        session: session.as_ref().map(Session::kept),
    };
    let mut call =
        Call { reached, words, session: file, open: None, new: None, progress: progress::Told::default() };
    call.tell(&Told::Call(Box::new(asked)))?;
    call.serve()
}

/// The words without those that mean something on this side alone.
fn without_own(words: Vec<String>) -> Vec<String> {
    let (mut left, mut words) = (Vec::new(), words.into_iter());
    while let Some(word) = words.next() {
        if word == "--" {
            left.push(word);
            break;
        }
        if OWN.contains(&word.as_str()) {
            words.next();
        } else if !OWN.iter().any(|own| word.strip_prefix(own).is_some_and(|rest| rest.starts_with('='))) {
            left.push(word);
        }
    }
    left.extend(words);
    left
}

impl Call {
    fn tell(&mut self, told: &Told) -> Result<(), Failed> {
        let text = wire::written(told).map_err(|_| Failed::new("a message has no form"))?;
        self.reached.send(Kind::Message, &text)
    }

    /// Answers until the call is over.
    fn serve(mut self) -> Result<u8, Failed> {
        loop {
            let frame = self.reached.hear()?;
            let written = match frame.kind {
                Kind::Output => io::stdout().lock().write_all(&frame.body),
                Kind::Error => io::stderr().lock().write_all(&frame.body),
                Kind::Content => self.write(&frame.body),
                Kind::Message => match frame.message() {
                    Ok(Said::End(end)) => {
                        self.progress.at(None);
                        return io::stdout().lock().flush().map(|()| end.exit).or_else(|e| unread(&e));
                    }
                    Ok(said) => {
                        self.answer(said)?;
                        Ok(())
                    }
                    Err(_) => return Err(Failed::new("the daemon says what is not understood here")),
                },
            };
            if let Err(e) = written {
                return unread(&e);
            }
        }
    }

    /// Content of a file that could not be written is told where the file is to be kept.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(new) = &mut self.new
            && new.write_all(bytes).is_err()
        {
            self.new = None;
        }
        Ok(())
    }

    fn answer(&mut self, said: Said) -> Result<(), Failed> {
        let done = match said {
            Said::Progress(advance) => {
                self.progress.at(advance);
                return Ok(());
            }
            Said::Refused(refused) => return Err(reached::told(refused)),
            Said::Secret(asked) => return self.content(secret(&asked)),
            Said::Sign(signing) => {
                let signed = self.sign(&signing);
                return self.content(signed);
            }
            Said::Read(part) => {
                let read = self.read(&part);
                return self.content(read);
            }
            Said::Open(opening) => self.open(&opening.source).map(|bytes| Told::Opened(Opened { bytes })),
            Said::Create(NewPath { path }) => self.create(&path).map(|()| Told::Done),
            Said::Keep => self.keep().map(|()| Told::Done),
            Said::Session(kept) => self.keep_session(kept.as_ref()).map(|()| Told::Done),
            Said::Hello(_) | Said::End(_) => Err(Failed::new("this was not asked for")),
        };
        let told = done.unwrap_or_else(|failed| unmet(&failed));
        self.tell(&told)
    }

    fn content(&mut self, content: Result<Zeroizing<Vec<u8>>, Failed>) -> Result<(), Failed> {
        match content {
            Ok(content) => self.reached.send(Kind::Content, &content),
            Err(failed) => self.tell(&unmet(&failed)),
        }
    }

    /// Whether the command line names this: a word of its own, or behind an `=`.
    fn names(&self, what: &str) -> Result<(), Failed> {
        let is_named =
            |word: &String| *word == what || word.split_once('=').is_some_and(|(_, value)| value == what);
        if self.words.iter().any(is_named) {
            Ok(())
        } else {
            Err(Failed::new("the daemon asked for something that the command line does not name"))
        }
    }

    /// Signs with the key that the command line gives for that, and with no other: what is signed is good for a login
    /// in a room alone, whatever the daemon sends.
    fn sign(&self, signing: &Signing) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let Signing { key, challenge } = signing;
        let gives = |pair: &[String]| matches!(pair, [option, value] if option == KEY && value == key);
        let joined =
            |word: &String| word.strip_prefix(KEY).and_then(|rest| rest.strip_prefix('=')) == Some(key);
        if !self.words.windows(2).any(gives) && !self.words.iter().any(joined) {
            return Err(Failed::new("the daemon asked for a key that the command line does not give"));
        }
        let signature = sign::here(Path::new(key), &SecretText::new(challenge.clone()))?;
        Ok(Zeroizing::new(signature.into_bytes()))
    }

    fn open(&mut self, source: &Source) -> Result<Option<u64>, Failed> {
        let (content, bytes): (Box<dyn Read>, _) = match source {
            Source::Input => (Box::new(io::stdin()), None),
            Source::File(path) => {
                self.names(path)?;
                let (file, bytes) = own_file::content(Path::new(path))?;
                (Box::new(file), bytes)
            }
            Source::Private(path) => {
                self.names(path)?;
                let (file, bytes) = own_file::open(Path::new(path))?;
                (Box::new(file), Some(bytes))
            }
            Source::Descriptor(number) => {
                self.names(&number.to_string())?;
                (Box::new(own_file::descriptor(*number)?), None)
            }
        };
        let what = if matches!(source, Source::Input) { "standard input" } else { "the file" };
        self.open = Some((content, what));
        Ok(bytes)
    }

    fn read(&mut self, part: &Part) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let (content, what) = self.open.as_mut().ok_or_else(|| Failed::new("nothing is open"))?;
        let mut bytes = Zeroizing::new(vec![0; part.bytes_max.min(wire::PART_BYTES_MAX)]);
        let read = loop {
            match content.read(&mut bytes) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let read = read.map_err(|e| Failed::new(format!("reading {what} failed: {}", e.kind())))?;
        bytes.truncate(read);
        Ok(bytes)
    }

    fn create(&mut self, path: &str) -> Result<(), Failed> {
        self.names(path)?;
        self.new = Some(NewFile::create(Path::new(path))?);
        Ok(())
    }

    fn keep(&mut self) -> Result<(), Failed> {
        self.new.take().ok_or_else(|| Failed::new("the new file could not be written"))?.keep()
    }

    fn keep_session(&self, kept: Option<&wire::Kept>) -> Result<(), Failed> {
        let file = self.session.as_ref().ok_or_else(|| Failed::new("there is no place for a session"))?;
        match kept {
            Some(kept) => file.write(&Session::of(kept)?),
            None => file.remove(),
        }
    }
}

fn secret(asked: &Prompt) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let typed = prompt::here(&asked.prompt, asked.bytes_max.min(wire::PART_BYTES_MAX));
    typed.map_err(|e| faults::file(Path::new("/dev/tty"), &e))
}

/// A reader that went away has what it wanted.
fn unread(e: &io::Error) -> Result<u8, Failed> {
    match e.kind() {
        ErrorKind::BrokenPipe => Ok(Exit::Done as u8),
        kind => Err(Failed::new(format!("writing the output failed: {kind}"))),
    }
}

fn unmet(failed: &Failed) -> Told {
    Told::Failed(Unmet {
        usage: failed.exit() == Exit::Usage,
        message: failed.message().to_owned(),
        hint: failed.hint_text().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::without_own;

    #[test]
    fn what_means_something_here_alone_stays_here() {
        let left = |line: &str| without_own(line.split(' ').map(str::to_owned).collect()).join(" ");
        assert_eq!(left("--socket s ticket list --mine --session=f --json"), "ticket list --mine --json");
        assert_eq!(left("--room=r --sessions x -- --socket y"), "--sessions x -- --socket y");
        assert_eq!(left("ticket list --socket"), "ticket list");
    }
}
