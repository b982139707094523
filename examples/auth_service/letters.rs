//! Letters, in the place of a mail program: each is a file in a directory, from which such a program would take it.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use strongroom::room::{Delivery, Letter, Topic};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Where letters are handed in.
#[derive(Clone)]
pub struct Letters {
    origin: Arc<str>,
    posted: UnboundedSender<(String, String)>,
}

impl Letters {
    /// Letters into `directory`, from a service at `origin`. They are written when everybody has his answer: whether there
    /// is one must not be seen in the time that an answer takes.
    pub fn into(directory: &str, origin: &str) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let (posted, letters) = unbounded_channel();
        tokio::task::spawn_blocking({
            let directory = PathBuf::from(directory);
            move || deliver(&directory, letters)
        });
        Ok(Self { origin: origin.trim_end_matches('/').into(), posted })
    }

    /// Sends what somebody is to be sent who typed this address, if anything.
    pub fn post(&self, address: &str, deliveries: impl IntoIterator<Item = Delivery>) {
        for delivery in deliveries {
            let Letter::Code { topic, code, link, expires } = delivery.letter else { continue };
            let page = if topic == Topic::Reset { "reset" } else { "confirm" };
            let (code, link, origin) = (code.expose(), link.expose(), &self.origin);
            let text = format!(
                "To: {address}\n\nYour code is {code}.\n{origin}/{page}?link={link} will do too, until {expires}.\n"
            );
            // Whoever stops the service has stopped the mail first.
            let _stopped = self.posted.send((address.to_owned(), text));
        }
    }
}

/// Writes each letter; the newest to an address stays.
fn deliver(directory: &Path, mut letters: UnboundedReceiver<(String, String)>) {
    while let Some((address, text)) = letters.blocking_recv() {
        let name: String = address.bytes().map(|byte| format!("{byte:02x}")).collect();
        let (written, file) = (directory.join("new"), directory.join(name));
        let create = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&written);
        let kept = create.and_then(|mut new| new.write_all(text.as_bytes()));
        if let Err(error) = kept.and_then(|()| fs::rename(&written, file)) {
            tracing::error!(%error, "a letter was not sent");
        }
    }
}
