//! Floor 3: the audit log's formats, its evidence and its verification.
//!
//! An [`Entry`] is one line of canonical JSON; its leaf hash is the link of the chain and the leaf of the tree. A
//! MACed [`Head`] and a signed [`Checkpoint`] outside the database say where the log stands. A [`Receipt`] says
//! that an entry is committed, and opens what that entry names.

mod approvals;
mod backup;
mod checkpoint;
mod draft;
mod entry;
mod event;
mod fact;
mod factors;
mod fold;
mod head;
mod json;
mod line;
mod lives;
mod notary;
mod note;
mod outside;
mod read;
mod receipt;
mod replay;
mod report;
mod scan;
#[cfg(test)]
mod test_log;
#[cfg(test)]
mod test_support;
mod tree;
mod verify;

pub use approvals::{Approval, Waiver};
pub use backup::BackupKind;
pub use checkpoint::Checkpoint;
pub(crate) use draft::{Call, Draft};
pub use entry::{Actor, Detail, DetailKind, Entry, Named, Outcome, Undecodable, Unencodable, Via, What};
pub use event::{Data, Event, events_markdown};
pub use factors::Factor;
pub(crate) use fold::{Element, Fold, FoldKey};
pub use head::Head;
pub use lives::Life;
pub(crate) use notary::Notary;
pub use notary::{Forged, Unpublished};
pub use note::{BadKey, BadNote, VerifierKey};
pub(crate) use note::{SigningKey, is_key_name};
pub use outside::{OutsideFailed, Step};
pub(crate) use outside::{OutsideFiles, Slot};
pub(crate) use receipt::Claim;
pub use receipt::{Receipt, Unfit};
pub use replay::{Grant, Hold, Replay};
pub use report::{Fault, FaultKind, Place, Report, Verdict};
pub use scan::Row;
pub use tree::{Frontier, Hash, NO_LEAF, leaf_hash, node_hash, root_of};
pub use verify::{Evidence, HeadRow, Key, verify};
