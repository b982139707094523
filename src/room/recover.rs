//! Entries past the outside checkpoint: what a power cut can leave, accepted only if the MACed head covers them.

use super::{
    core::Core,
    error::{Failure, OpenRoomError},
};
use crate::{
    audit::{Checkpoint, Frontier, Head, leaf_hash},
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
    pub(super) fn tail(&self, turn: &mut LogTurn<'_>) -> Result<Tail, OpenRoomError> {
        let head = turn.head().clone();
        let newest = self.store.book().notary().newest().map_err(|e| {
            tracing::error!(error = %e, "the outside checkpoint");
            refused("there is no valid outside checkpoint where one should be")
        })?;
        let Some(checkpoint) = newest else {
            return Err(refused("there is no outside checkpoint where one should be"));
        };
        if checkpoint.incarnation() > head.incarnation {
            return Err(refused("the database is from before a restore: it was replaced by an older copy"));
        }
        if checkpoint.incarnation() < head.incarnation {
            return Err(refused("the outside checkpoint is from before the restore that began this log"));
        }
        if checkpoint.size > head.size {
            return Err(refused(
                "the database is behind its outside checkpoint: it was cut or replaced by an older copy",
            ));
        }
        if checkpoint.size == head.size {
            return if checkpoint.root == head.root {
                Ok(Tail::None)
            } else {
                Err(refused("the log is not the one that the outside checkpoint signed"))
            };
        }
        if covers(turn, &head, &checkpoint)? {
            Ok(Tail::From(checkpoint.size))
        } else {
            Err(refused("entries past the outside checkpoint are not those that the log's head covers"))
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

fn refused(what: &'static str) -> OpenRoomError {
    OpenRoomError::Integrity { what }
}

impl From<OpenRoomError> for Checked {
    fn from(error: OpenRoomError) -> Self {
        Self::Refused(error)
    }
}

/// Why the check of an opening ends its batch.
pub(super) enum Checked {
    /// Nothing is left to do: the batch is rolled back.
    Fine,
    /// Entries have no checkpoint: they are accepted under an entry, for which the batch is begun again.
    Recover,
    /// The room does not open.
    Refused(OpenRoomError),
}

impl From<StoreError> for Checked {
    fn from(e: StoreError) -> Self {
        Self::Refused(e.into())
    }
}
