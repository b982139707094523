//! `attachment get`: an attachment's content into a new file or a pipe.

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use strongroom::room::{AttachmentId, AttachmentReader, Room};
use zeroize::Zeroizing;

use crate::{
    actor::{Actor, AtWork},
    call::Call,
    failed::{Exit, Failed},
    faults,
    output::Output,
    private_file::NewFile,
    progress::{Progress, Watched},
    shown, terminal, typed,
};

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

/// An attachment that may be read.
struct Opened {
    content: AttachmentReader,
    name: String,
    media_type: String,
    position: Option<u64>,
}

impl Opened {
    fn open(call: &Call, room: &Room, attachment: AttachmentId, from: u64) -> Result<Self, Failed> {
        match Actor::of(call, room)? {
            Actor::Customer(owner) => {
                let own = room.owner(&owner).open_attachment(attachment)?;
                Ok(Self {
                    name: own.name.expose().as_str().to_owned(),
                    media_type: own.media_type.expose().as_str().to_owned(),
                    position: None,
                    content: own.content,
                })
            }
            Actor::Staff(AtWork { staff, .. }) => {
                let view = staff.attachment_from(attachment, from, &call.why())?;
                Ok(Self {
                    name: view.name.expose().as_str().to_owned(),
                    media_type: view.media_type.expose().as_str().to_owned(),
                    position: Some(view.position),
                    content: view.content,
                })
            }
        }
    }
}

impl Get {
    /// Writes the content out.
    ///
    /// # Errors
    /// What the room, the file or a person's input refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        if self.file.is_none() && out.is_json() {
            return Err(Failed::usage("`FILE` is missing").hint("with `--json` the content goes into a file"));
        }
        if self.file.is_none() && terminal::is_output() {
            return Err(Failed::usage("an attachment is not written to a terminal, which would act on it")
                .hint("name a new file, or send it through a pipe"));
        }
        // Before anything is read, and recorded: a name that is taken would waste both.
        let file = self.file.as_deref().map(NewFile::create).transpose()?;
        let room = call.room()?;
        let mut opened = Opened::open(call, &room, self.attachment, self.from)?;
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
    let named = format!(", kept as `{}`", shown::line(&opened.name));
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
