//! Whether the room does its work now, for load balancers and for people who are called at night. Asked often, it reads a
//! few rows and files, opens nothing and writes nothing; `doctor` looks further.

use super::{
    core::{Core, Room},
    error::Failure,
    trouble::{Standing, Trouble},
};
use crate::{
    access::rows::{IntentRow, IntentState},
    base::limits,
    keys::{KeyFiles, KeyRing},
    store::{StoreError, authority as rows, keyring},
};

/// How a room stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether it does its work: what the worst of the troubles leaves of it.
    pub standing: Standing,
    /// What is wrong, the worst first.
    pub troubles: Vec<Trouble>,
}

impl Room {
    /// How the room stands. It never fails: a room that cannot say is down.
    pub fn health(&self) -> Condition {
        let mut troubles = self.core.troubles();
        troubles.sort_by_key(|trouble| (std::cmp::Reverse(trouble.standing()), *trouble));
        troubles.dedup();
        let standing = troubles.iter().map(|trouble| trouble.standing()).max().unwrap_or(Standing::Ready);
        Condition { standing, troubles }
    }
}

impl Core {
    fn troubles(&self) -> Vec<Trouble> {
        let mut found = self.log_troubles();
        let has_database = self.layout.store().database().is_file();
        found.extend((!has_database).then_some(Trouble::StoreUnreadable));
        found.extend(self.store.book().hold().now().map(|_| Trouble::Held));
        found.extend(self.store.is_stopped().then_some(Trouble::WritingStopped));
        let is_failing = self.store.pace().is_failing() || self.vault.database.pace().is_failing();
        found.extend(is_failing.then_some(Trouble::WritingFails));
        found.extend(self.keys_load_no_more().then_some(Trouble::KeysUnreadable));
        found.extend(self.space.has_room().is_err().then_some(Trouble::DiskFilling));
        found.extend(self.store.book().reserve().is_given().then_some(Trouble::DiskFull));
        match self.has_unfinished_erasures() {
            Ok(true) => found.push(Trouble::ErasureUnfinished),
            Ok(false) => {}
            Err(_) => found.push(Trouble::StoreUnreadable),
        }
        found
    }

    /// What head, checkpoint, keyring and clock say of each other. The checkpoint is read first: in a room in use the
    /// log grows past it, and never the other way round.
    fn log_troubles(&self) -> Vec<Trouble> {
        let book = self.store.book();
        let newest = book.notary().newest();
        let head = match self.store.read(|db| book.checked_head(db.as_mut())) {
            Ok(head) => head,
            Err(StoreError::Integrity { .. } | StoreError::Corrupt { .. }) => {
                return vec![Trouble::LogUnsound];
            }
            Err(_) => return vec![Trouble::StoreUnreadable],
        };
        let mut found = Vec::new();
        match newest {
            Ok(Some(newest)) if (newest.incarnation(), newest.size) > (head.incarnation, head.size) => {
                found.push(Trouble::CheckpointAhead);
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => found.push(Trouble::CheckpointMissing),
        }
        match self.vault.database.identity() {
            // What is open goes on under a name that is gone, and nobody can open it again.
            _ if !self.layout.keyring().database().is_file() => found.push(Trouble::KeyringUnreadable),
            Ok((_, epoch)) if epoch < head.epoch => found.push(Trouble::KeyringOlder),
            Ok(_) => {}
            Err(_) => found.push(Trouble::KeyringUnreadable),
        }
        if head.last_time.since(self.clock.now()) > limits::CLOCK_BEHIND_MAX {
            found.push(Trouble::ClockBehind);
        }
        match self.clock_doubt() {
            Ok(None) => {}
            Ok(Some(_)) => found.push(Trouble::ClockInDoubt),
            Err(StoreError::Integrity { .. } | StoreError::Corrupt { .. }) => found.push(Trouble::LogUnsound),
            Err(_) => found.push(Trouble::StoreUnreadable),
        }
        found
    }

    /// Whether the next process to start would fail for want of a provider's key.
    fn keys_load_no_more(&self) -> bool {
        let provider = KeyFiles::new(self.layout.keys());
        let rows = self.vault.database.read(keyring::wrapping_keys);
        rows.is_ok_and(|rows| KeyRing::load(&provider, self.id, &rows, &self.classes).is_err())
    }

    fn has_unfinished_erasures(&self) -> Result<bool, Failure> {
        let intents = self.store.read(|db| rows::all::<IntentRow>(db, u32::MAX))?;
        // What this process has just begun is at work, not left over.
        let is_left =
            |intent: &IntentRow| intent.state == IntentState::Begun && intent.changed_at < self.opened;
        Ok(intents.iter().any(|stored| is_left(&stored.row)))
    }
}
