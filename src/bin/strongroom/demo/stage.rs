//! The room with its people at work, and the log that is read behind them.

use std::{collections::BTreeMap, fs::File, path::Path};

use strongroom::room::{
    AccountId, DetailKind, DetailText, LogEntry, LogPart, Page, PrincipalId, Room, RoomOptions, SecretText,
    Staff, VerifierKey, Via, Why,
};

use super::amiss::amiss;
use super::story::Story;
use crate::failed::Failed;

/// How the room in `directory` is opened: by whoever has its files, as everything here is done.
pub fn options(directory: &Path) -> RoomOptions {
    RoomOptions { component: Via::DIRECT.to_owned(), ..RoomOptions::new(directory, "demo-host") }
}

/// What the scenes play in.
pub struct Stage<'o> {
    /// The room.
    pub room: Room,
    /// The log's public key, as an auditor takes it away from the ceremony.
    pub key: VerifierKey,
    /// The tale.
    pub story: Story<'o>,
    /// The auditor, who reads the log behind everybody.
    vera: Staff,
    /// The position that is read next.
    next: u64,
    /// Who is at work.
    at_work: BTreeMap<&'static str, Staff>,
    /// Ids of the staff by their handles.
    staff_ids: BTreeMap<String, PrincipalId>,
    /// Names by the actors that the log knows.
    names: BTreeMap<String, String>,
    /// Files of the room that were read past it. Closing one lets go of every lock that this process has on it, and
    /// another process would take the room for free: they are closed after it.
    kept: Vec<File>,
}

impl<'o> Stage<'o> {
    /// A stage with the auditor at work.
    pub fn new(room: Room, key: VerifierKey, story: Story<'o>) -> Result<Self, Failed> {
        let login = room.assume("vera")?;
        let vera = room.staff(&login.token);
        Ok(Self {
            room,
            key,
            story,
            vera,
            next: 0,
            at_work: BTreeMap::new(),
            staff_ids: BTreeMap::new(),
            names: BTreeMap::new(),
            kept: Vec::new(),
        })
    }

    /// Makes a member of staff known by name.
    pub fn introduce(&mut self, principal: PrincipalId, handle: &str) {
        self.names.insert(format!("principal:{principal}"), handle.to_owned());
        self.staff_ids.insert(handle.to_owned(), principal);
    }

    /// Makes a customer known by name.
    pub fn introduce_customer(&mut self, account: AccountId, name: &str) {
        self.names.insert(format!("account:{account}"), name.to_owned());
    }

    /// Makes known who logged in.
    pub fn begin_work(&mut self, handle: &'static str, token: &SecretText) {
        self.at_work.insert(handle, self.room.staff(token));
    }

    /// A member of staff at work; without a password if need be: the room is a demonstration.
    pub fn staff(&mut self, handle: &'static str) -> Result<Staff, Failed> {
        if let Some(staff) = self.at_work.get(handle) {
            return Ok(staff.clone());
        }
        let login = self.room.assume(handle)?;
        self.begin_work(handle, &login.token);
        Ok(self.room.staff(&login.token))
    }

    /// The id of a member of staff.
    pub fn principal(&self, handle: &str) -> Result<PrincipalId, Failed> {
        let known = self.staff_ids.get(handle);
        known.copied().ok_or_else(|| amiss("nobody of this handle was appointed"))
    }

    /// The reason that stands sealed beside an entry. Reading it is an entry too, which is told with the next.
    pub fn reason(&self, position: u64) -> Result<String, Failed> {
        let shown = self.vera.audit_show(position, &Why::unstated())?;
        let reasons = shown.details.iter().filter_map(|(kind, text)| match (kind, text) {
            (DetailKind::Subject, DetailText::Text(text)) => Some(text.as_str().to_owned()),
            _ => None,
        });
        reasons.into_iter().next().ok_or_else(|| amiss("a reason that was given is not there"))
    }

    /// Tells the entries that are new. The auditor reads them, which is an entry of its own: the one behind those
    /// that he got, and the one that is not told.
    pub fn tell(&mut self) -> Result<Vec<LogEntry>, Failed> {
        let entries =
            self.vera.audit_log(LogPart::All, self.next, &Page::first(usize::MAX), &Why::unstated())?.entries;
        for entry in &entries {
            let actor = entry.entry.actor.to_string();
            let who = self.names.get(&actor).cloned().unwrap_or(actor);
            self.story.entry(entry, &who)?;
        }
        self.next += entries.len() as u64 + 1;
        Ok(entries)
    }

    /// Keeps files open until the room is closed.
    pub fn keep(&mut self, files: impl Iterator<Item = File>) {
        self.kept.extend(files);
    }

    /// Ends the play: the room is closed.
    pub fn leave(self) -> (Story<'o>, VerifierKey) {
        (self.story, self.key)
    }
}
