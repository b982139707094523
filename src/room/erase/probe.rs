//! Whether anything is left of what was erased: states, types and counts, and nothing is opened.

use std::fmt;

use super::{
    super::{core::Core, error::Failure},
    begin::Begun,
};
use crate::{
    base::{AttachmentId, Class},
    store::{clues, erasure, fences},
};

/// What was looked at after an erasure, and what was found that should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Places that were looked at.
    pub looked: usize,
    /// What is left: nothing, unless the erasure failed.
    pub left: Vec<Remnant>,
}

/// Something that an erasure should have removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remnant {
    /// A generation of a data key.
    Key(Class),
    /// There is no fence: another key could be made.
    NoFence(Class),
    /// An index of an address leads to the account.
    Index,
    /// Something by which what the class held is found.
    Clue(Class),
    /// Rows of the class.
    Rows(Class),
    /// An attachment's blob.
    Blob(AttachmentId),
}

impl fmt::Display for Remnant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(class) => write!(f, "a key of class {}", class.name()),
            Self::NoFence(class) => write!(f, "no fence behind class {}", class.name()),
            Self::Index => f.write_str("an index of the address"),
            Self::Clue(class) => write!(f, "an index of class {}", class.name()),
            Self::Rows(class) => write!(f, "rows of class {}", class.name()),
            Self::Blob(id) => write!(f, "the blob of attachment {id}"),
        }
    }
}

impl Core {
    /// Looks at every place that the erasure was to empty.
    pub(super) fn probe(&self, begun: &Begun, blobs: &[AttachmentId]) -> Result<Probe, Failure> {
        let mut probe = Probe { looked: 0, left: Vec::new() };
        for (class, scope) in begun.keyed() {
            let keys = self.vault.database.read(|db| fences::count(db, class, scope))?;
            probe.look(keys.live == 0, Remnant::Key(class));
            probe.look(keys.fenced_at.is_some(), Remnant::NoFence(class));
            let clues = self.vault.database.read(|db| clues::count(db, class, scope))?;
            probe.look(clues == 0, Remnant::Clue(class));
        }
        if let Some(target) = begun.forgotten() {
            let indexes = self.vault.database.read(|db| fences::indexes_of(db, target))?;
            probe.look(indexes == 0, Remnant::Index);
        }
        for (class, scope) in &begun.doomed {
            let rows = self.store.read(|db| erasure::rows(db, *class, *scope))?;
            probe.look(rows == 0, Remnant::Rows(*class));
        }
        for id in blobs {
            let kept = self.blobs.is_kept(*id).map_err(|e| Failure::file(self.layout.root(), &e))?;
            probe.look(!kept, Remnant::Blob(*id));
        }
        Ok(probe)
    }
}

impl Probe {
    fn look(&mut self, gone: bool, remnant: Remnant) {
        self.looked += 1;
        if !gone {
            self.left.push(remnant);
        }
    }
}
