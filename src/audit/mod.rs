//! Floor 3: the audit log's formats, its evidence and its verification.

mod checkpoint;
mod hash;
mod head;
mod notary;
mod note;
mod outside;
#[cfg(test)]
mod test_support;
mod tree;

pub use checkpoint::Checkpoint;
pub use head::Head;
pub(crate) use notary::Notary;
pub use notary::{Forged, Unpublished};
pub(crate) use note::SigningKey;
pub use note::{BadKey, BadNote, VerifierKey};
pub(crate) use outside::OutsideFiles;
pub use outside::{OutsideFailed, Step};
pub use tree::{Frontier, Hash, NO_LEAF, leaf_hash, node_hash, root_of};
