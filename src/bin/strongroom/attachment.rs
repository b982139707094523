//! `attachment`: put, get; streamed, so that any size takes the same memory.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::room::TicketId;

use crate::{
    actor::{Actor, AtWork},
    attachment_get::Get,
    call::Call,
    failed::Failed,
    output::Output,
    private_file,
    progress::{Progress, Watched},
    shown,
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
        let (content, bytes) = private_file::content(path)?;
        let name = path.file_name().filter(|name| *name != "-");
        Ok(Self { content, bytes, name: name.map(|name| name.to_string_lossy().into_owned()) })
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
