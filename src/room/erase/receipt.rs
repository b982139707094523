//! The receipt of an erasure: what was destroyed where, what is kept, by which clause and until when.

use super::{begin::Begun, probe::Probe};
use crate::{
    base::{AccountId, AttachmentId, Class, RequestId, Scope},
    retention::{Fate, Line, Plan},
};

/// What no number of days is promised for, and why.
pub const HORIZON: &str = "backups of the data hold no key: nothing erased opens in them; backups of the keyring taken \
     before hold the wrapped keys until they are deleted, or until the provider keys of that time are destroyed; \
     wrapping keys do not rotate yet, so no number of days is promised";

/// What stays of an erased account in any case: random ids, states and dates, and no word of the person's.
pub const OPEN_FACTS: [&str; 5] = [
    "the account's random id, its state, when it was registered, closed and erased",
    "entries of the log that name the id: what was done about it, by whom and when",
    "cases, holds and released holds about the id",
    "fences, counters of versions and check values of destroyed keys, in the keyring",
    "a line of the erasure ledger for each class",
];

/// What was destroyed of one class, or of one year of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destroyed {
    /// Which class.
    pub class: Class,
    /// The calendar year, where the class is cut by years.
    pub year: Option<u32>,
    /// Keys in the keyring, one for each generation; none for activity, whose keys are the room's days'.
    pub keys: u64,
    /// Rows in the store.
    pub rows: u64,
    /// Attachments' blobs.
    pub blobs: u64,
    /// What they held, in bytes.
    pub bytes: u64,
}

/// What an erasure destroyed and what it left. Its two entries in the log are the proof; this is their reading.
#[derive(Debug, Clone)]
pub struct ErasureReceipt {
    /// Whose.
    pub account: AccountId,
    /// Position of the entry `erasure.begun`: the fence stands there.
    pub begun: u64,
    /// Position of the entry `erasure.done`.
    pub done: u64,
    /// By which the first is found, if this call wrote it: an erasure that goes on was another's.
    pub request: Option<RequestId>,
    /// The keyring's epoch: an older keyring is refused from now on.
    pub epoch: u64,
    /// Indexes that led to it: of the address, and of what else it was found by.
    pub indexes: u64,
    /// What is gone.
    pub destroyed: Vec<Destroyed>,
    /// What is kept: by a clause and until when, or by a hold.
    pub kept: Vec<Line>,
    /// Whether the store's log was emptied of older pages too; somebody's reading may have stood in the way. What
    /// they hold is sealed under keys that are destroyed.
    pub log_emptied: bool,
    /// What was looked at afterwards.
    pub probe: Probe,
}

impl ErasureReceipt {
    /// Whether something that was asked for waits for the end of a hold.
    pub fn is_deferred(&self) -> bool {
        self.kept.iter().any(|line| matches!(line.fate, Fate::Held(_)))
    }
}

/// What was counted on the way.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) keys: Vec<(Class, Scope, u64)>,
    pub(super) rows: Vec<(Class, Scope, u64)>,
    pub(super) indexes: u64,
    pub(super) blobs: u64,
    pub(super) bytes: u64,
    pub(super) removed: Vec<AttachmentId>,
}

impl Counted {
    pub(super) fn destroyed(&self, begun: &Begun) -> Vec<Destroyed> {
        let of = |list: &[(Class, Scope, u64)], part: &(Class, Scope)| {
            list.iter().find(|(class, scope, _)| (*class, *scope) == *part).map_or(0, |(.., count)| *count)
        };
        let one = |part: &(Class, Scope)| {
            let (blobs, bytes) = if part.0 == Class::Support { (self.blobs, self.bytes) } else { (0, 0) };
            Destroyed {
                class: part.0,
                year: year(part.1),
                keys: of(&self.keys, part),
                rows: of(&self.rows, part),
                blobs,
                bytes,
            }
        };
        begun.doomed.iter().map(one).collect()
    }
}

fn year(scope: Scope) -> Option<u32> {
    match scope {
        Scope::AccountYear(_, year) => Some(year),
        Scope::Account(_) | Scope::Principal(_) | Scope::RoomDay(_) | Scope::RoomMonth(_) => None,
    }
}

/// What stays: what the plan does not destroy, and of what a hold keeps only what was asked for.
pub(super) fn kept(plan: &Plan, begun: &Begun) -> Vec<Line> {
    let gone = |line: &&Line| {
        begun.doomed.iter().any(|(class, scope)| (*class, year(*scope)) == (line.class, line.year))
    };
    let stays = |line: &&Line| line.fate != Fate::Destroy;
    plan.lines().iter().filter(|line| !gone(line)).filter(stays).copied().collect()
}
