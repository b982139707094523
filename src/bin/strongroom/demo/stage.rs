//! The room with its people at work, and the log that is read behind them.

use std::collections::BTreeMap;

use strongroom::room::{AccountId, LogEntry, PrincipalId, Room, Staff, VerifierKey, Why};

use super::story::Story;
use crate::output::Failed;

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
    /// Names by the actors that the log knows.
    names: BTreeMap<String, String>,
}

impl<'o> Stage<'o> {
    /// A stage with the auditor at work.
    pub fn new(room: Room, key: VerifierKey, story: Story<'o>) -> Result<Self, Failed> {
        let login = room.assume("vera")?;
        let vera = room.staff(&login.token);
        Ok(Self { room, key, story, vera, next: 0, names: BTreeMap::new() })
    }

    /// Makes a member of staff known by name.
    pub fn introduce(&mut self, principal: PrincipalId, handle: &str) {
        self.names.insert(format!("principal:{principal}"), handle.to_owned());
    }

    /// Makes a customer known by name.
    pub fn introduce_customer(&mut self, account: AccountId, name: &str) {
        self.names.insert(format!("account:{account}"), name.to_owned());
    }

    /// A member of staff at work, without a password: the room is a demonstration.
    pub fn staff(&mut self, handle: &str) -> Result<(Staff, PrincipalId), Failed> {
        let login = self.room.assume(handle)?;
        Ok((self.room.staff(&login.token), login.principal))
    }

    /// Tells the entries that are new. The auditor reads them, which is an entry of its own: the one behind those
    /// that he got, and the one that is not told.
    pub fn tell(&mut self) -> Result<Vec<LogEntry>, Failed> {
        let entries = self.vera.audit_log(self.next, usize::MAX, &Why::unstated())?;
        for entry in &entries {
            let actor = entry.entry.actor.to_string();
            let who = self.names.get(&actor).cloned().unwrap_or(actor);
            self.story.entry(entry, &who)?;
        }
        self.next += entries.len() as u64 + 1;
        Ok(entries)
    }

    /// Ends the play: the room is closed.
    pub fn leave(self) -> (Story<'o>, VerifierKey) {
        (self.story, self.key)
    }
}
