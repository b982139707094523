//! Entries past the outside checkpoint: what a power cut can leave, accepted only if the MACed head covers them.

use super::{
    core::Core,
    error::{Failure, OpenRoomError},
    trouble::Trouble,
};
use crate::{
    audit::{Checkpoint, Frontier, Head, Unpublished, leaf_hash},
    base::limits::VERIFY_PAGE_ENTRIES,
    store::{LogTurn, StoreError, log},
};

/// What stands between the newest checkpoint and the head.
pub(super) enum Tail {
    /// Nothing: the checkpoint is of this head.
    None,
    /// Entries from here on, which the head covers.
    From(u64),
}

impl Core {
    /// Holds the newest outside checkpoint against the head.
    pub(super) fn tail(&self, turn: &mut LogTurn<'_>) -> Result<Tail, Unfit> {
        let head = turn.head().clone();
        let newest = self.store.book().notary().newest().map_err(|e| {
            tracing::error!(error = %e, "the outside checkpoint");
            let trouble = match e {
                Unpublished::Forked { .. } => Trouble::LogUnsound,
                _ => Trouble::CheckpointMissing,
            };
            Unfit::Alarm(trouble, "there is no valid outside checkpoint where one should be")
        })?;
        let Some(checkpoint) = newest else {
            let what = "there is no outside checkpoint where one should be";
            return Err(Unfit::Alarm(Trouble::CheckpointMissing, what));
        };
        if checkpoint.incarnation() > head.incarnation {
            return Err(ahead("the database is from before a restore: it was replaced by an older copy"));
        }
        if checkpoint.incarnation() < head.incarnation {
            return Err(unsound("the outside checkpoint is from before the restore that began this log"));
        }
        if checkpoint.size > head.size {
            return Err(ahead(
                "the database is behind its outside checkpoint: it was cut or replaced by an older copy",
            ));
        }
        if checkpoint.size == head.size {
            return if checkpoint.root == head.root {
                Ok(Tail::None)
            } else {
                Err(unsound("the log is not the one that the outside checkpoint signed"))
            };
        }
        if covers(turn, &head, &checkpoint)? {
            Ok(Tail::From(checkpoint.size))
        } else {
            Err(unsound("entries past the outside checkpoint are not those that the log's head covers"))
        }
    }
}

/// Whether the tree over the stored leaf hashes has the checkpoint's root at its size and the head's at the end, and
/// the entries past the checkpoint have those leaf hashes.
fn covers(turn: &mut LogTurn<'_>, head: &Head, checkpoint: &Checkpoint) -> Result<bool, Failure> {
    let mut tree = Frontier::empty();
    while tree.size() < head.size {
        let page = log::entries(turn, tree.size(), VERIFY_PAGE_ENTRIES)?;
        if page.is_empty() {
            return Ok(false);
        }
        for row in page {
            if tree.size() == checkpoint.size && tree.root() != checkpoint.root {
                return Ok(false);
            }
            let unsigned = tree.size() >= checkpoint.size;
            if row.position != tree.size() || (unsigned && leaf_hash(&row.entry) != row.leaf) {
                return Ok(false);
            }
            tree.push(row.leaf);
        }
    }
    Ok(tree.size() == head.size && tree.root() == head.root)
}

const fn ahead(what: &'static str) -> Unfit {
    Unfit::Alarm(Trouble::CheckpointAhead, what)
}

const fn unsound(what: &'static str) -> Unfit {
    Unfit::Alarm(Trouble::LogUnsound, what)
}

/// Why the parts of a room are not to be worked with as they are.
pub(super) enum Unfit {
    /// They do not fit each other.
    Alarm(Trouble, &'static str),
    /// Nothing is wrong any more; the alarm that this raised stands.
    Held(Trouble),
    /// It could not be found out.
    Failed(OpenRoomError),
}

impl<E: Into<OpenRoomError>> From<E> for Unfit {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Unfit {
    /// What whoever opens a room is told.
    pub(super) fn told(self) -> OpenRoomError {
        match self {
            Self::Alarm(_, what) => OpenRoomError::Integrity { what },
            Self::Held(since) => OpenRoomError::Held { since },
            Self::Failed(error) => error,
        }
    }
}

/// Why the check of an opening ends its batch.
pub(super) enum Checked {
    /// Nothing is left to do: the batch is rolled back.
    Fine,
    /// Entries have no checkpoint: they are accepted under an entry, for which the batch is begun again.
    Recover,
    /// The room does not open.
    Refused(Unfit),
}

impl From<Unfit> for Checked {
    fn from(unfit: Unfit) -> Self {
        Self::Refused(unfit)
    }
}

impl From<StoreError> for Checked {
    fn from(e: StoreError) -> Self {
        Self::Refused(Unfit::Failed(e.into()))
    }
}
