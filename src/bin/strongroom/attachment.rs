//! `attachment`: put, get; streamed, so that any size takes the same memory.

use std::{
    fs::File,
    io::{self, IsTerminal, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::room::{AttachmentId, AttachmentReader, Room, TicketId};
use zeroize::Zeroizing;

use crate::{
    actor::{Actor, AtWork},
    call::Call,
    failed::{Exit, Failed},
    faults,
    output::Output,
    private_file::NewFile,
    progress::{Progress, Watched},
    shown, typed,
};

/// Files attached to tickets.
#[derive(Subcommand)]
pub enum Attachment {
    /// Attach a file to a ticket
    Put(Put),
    /// Read an attachment into a new file or a pipe
    Get(Get),
}

/// Attaching.
#[derive(Args)]
pub struct Put {
    /// To which ticket
    ticket: TicketId,
    /// The file, `-` for standard input
    file: PathBuf,
    /// The name under which it is kept; without it the file's own
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// The media type
    #[arg(long, value_name = "TYPE/SUBTYPE", default_value = "application/octet-stream")]
    media_type: String,
}

/// Reading.
#[derive(Args)]
pub struct Get {
    /// Which
    attachment: AttachmentId,
    /// The new file; without it standard output
    file: Option<PathBuf>,
    /// Begin at this byte
    #[arg(long, value_name = "OFFSET", default_value = "0", value_parser = typed::number)]
    from: u64,
}

impl Attachment {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room, the file or a person's input refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        match self {
            Self::Put(put) => put.run(call, out),
            Self::Get(get) => get.run(call, out),
        }
    }
}

/// Where the content comes from.
struct Source {
    content: Box<dyn Read>,
    bytes: Option<u64>,
    /// The file's own name.
    name: Option<String>,
}

impl Source {
    fn open(path: &Path) -> Result<Self, Failed> {
        if path == Path::new("-") {
            return Ok(Self { content: Box::new(io::stdin()), bytes: None, name: None });
        }
        let file = File::open(path).map_err(|e| faults::file(path, &e))?;
        let facts = file.metadata().map_err(|e| faults::file(path, &e))?;
        if facts.is_dir() {
            return Err(Failed::new(format!("`{}` is a directory", path.display())));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self { content: Box::new(file), bytes: facts.is_file().then_some(facts.len()), name })
    }
}

impl Put {
    fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let source = Source::open(&self.file)?;
        let name = self.name.or(source.name).ok_or_else(|| {
            Failed::usage("`--name` is missing").hint("standard input has no name of its own")
        })?;
        let room = call.room()?;
        let actor = Actor::of(call, &room)?;
        let progress = Progress::bytes(out, call.clock(), source.bytes);
        let content = Watched::new(source.content, progress);
        let done = match actor {
            Actor::Customer(owner) => {
                room.owner(&owner).attach(self.ticket, &name, &self.media_type, content)?
            }
            Actor::Staff(AtWork { staff, .. }) => {
                staff.attach(self.ticket, &name, &self.media_type, content, &call.why())?
            }
        };
        out.cards_masked(done.cards_masked);
        let value = json!({
            "attachment": done.attachment.to_string(),
            "bytes": done.bytes,
            "cards_masked": done.cards_masked,
        });
        let size = shown::bytes(done.bytes);
        out.result("attachment.put", value, format_args!("attached {}, {size}", done.attachment));
        Ok(())
    }
}

/// An attachment that may be read.
struct Opened {
    content: AttachmentReader,
    name: Option<String>,
    media_type: Option<String>,
    position: Option<u64>,
}

impl Opened {
    fn open(call: &Call, room: &Room, attachment: AttachmentId) -> Result<Self, Failed> {
        match Actor::of(call, room)? {
            Actor::Customer(owner) => {
                let content = room.owner(&owner).open_attachment(attachment)?;
                Ok(Self { content, name: None, media_type: None, position: None })
            }
            Actor::Staff(AtWork { staff, .. }) => {
                let view = staff.attachment(attachment, &call.why())?;
                Ok(Self {
                    name: Some(view.name.expose().as_str().to_owned()),
                    media_type: Some(view.media_type.expose().as_str().to_owned()),
                    position: Some(view.position),
                    content: view.content,
                })
            }
        }
    }
}

impl Get {
    fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        if self.file.is_none() && out.is_json() {
            return Err(Failed::usage("`FILE` is missing").hint("with `--json` the content goes into a file"));
        }
        if self.file.is_none() && io::stdout().is_terminal() {
            return Err(Failed::usage("an attachment is not written to a terminal, which would act on it")
                .hint("name a new file, or send it through a pipe"));
        }
        // Before anything is read, and recorded: a name that is taken would waste both.
        let file = self.file.as_deref().map(NewFile::create).transpose()?;
        let room = call.room()?;
        let mut opened = Opened::open(call, &room, self.attachment)?;
        let length = opened.content.len();
        if self.from > length {
            return Err(Failed::usage(format!("`--from` is beyond the attachment's {length} bytes")));
        }
        opened.content.seek(SeekFrom::Start(self.from)).map_err(|e| broken(&e))?;
        let left = length - self.from;
        let progress = Progress::bytes(out, call.clock(), Some(left));
        let mut content = Watched::new(&mut opened.content, progress);
        let Some(mut file) = file else {
            return pour(&mut content, |bytes| out.bytes(bytes));
        };
        let path = self.file.unwrap_or_default();
        pour(&mut content, |bytes| file.write_all(bytes).map_err(|e| faults::file(&path, &e)))?;
        file.keep()?;
        self::told(&opened, self.attachment, &path, left, out);
        Ok(())
    }
}

fn told(opened: &Opened, attachment: AttachmentId, path: &Path, bytes: u64, out: &mut Output) {
    let value = json!({
        "attachment": attachment.to_string(),
        "file": path.to_string_lossy(),
        "bytes": bytes,
        "name": opened.name,
        "media_type": opened.media_type,
        "position": opened.position,
    });
    let named =
        opened.name.as_deref().map_or_else(String::new, |name| format!(", kept as `{}`", shown::line(name)));
    let path = shown::line(&path.to_string_lossy());
    out.result("attachment.get", value, format_args!("wrote {path}, {}{named}", shown::bytes(bytes)));
    if let Some(position) = opened.position {
        out.note(format_args!("this reading is entry {position} of the log"));
    }
}

/// Moves a stream on; the buffer is wiped.
fn pour(from: &mut impl Read, mut to: impl FnMut(&[u8]) -> Result<(), Failed>) -> Result<(), Failed> {
    let mut buffer = Zeroizing::new(vec![0; 64 * 1024]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => to(buffer.get(..read).unwrap_or_default())?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(broken(&e)),
        }
    }
}

/// A chunk that does not verify is no matter of the disk.
fn broken(e: &io::Error) -> Failed {
    let failed = Failed::new(format!("reading the attachment failed: {e}"));
    if e.kind() == io::ErrorKind::InvalidData { failed.exit_with(Exit::Integrity) } else { failed }
}
