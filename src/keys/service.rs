//! Keys that serve the room itself: row MACs, the head's MAC, the log's signing seed. Each purpose has its own
//! derived key, so that a MAC made for one is worthless for another.

use crate::{base::Secret, crypto::hkdf};

/// The authority key and the log's seed.
pub(crate) struct ServiceKeys {
    authority: Secret<32>,
    log_seed: Secret<32>,
}

impl ServiceKeys {
    pub(super) fn new(authority: Secret<32>, log_seed: Secret<32>) -> Self {
        Self { authority, log_seed }
    }

    /// The key that vouches for rows of one kind (`RowKind` number).
    pub(crate) fn row_key(&self, kind: u8) -> Secret<32> {
        self.derive(&[b"strongroom/authority/row/1", &[kind]])
    }

    /// The key of the head's MAC.
    pub(crate) fn head_key(&self) -> Secret<32> {
        self.derive(&[b"strongroom/authority/head/1"])
    }

    /// The key under which authority rows are folded into one digest.
    pub(crate) fn fold_key(&self) -> Secret<32> {
        self.derive(&[b"strongroom/authority/fold/1"])
    }

    /// The key of MACed cursors and keyed digests of queries.
    pub(crate) fn query_key(&self) -> Secret<32> {
        self.derive(&[b"strongroom/authority/query/1"])
    }

    /// The key of the erasure ledger's chain.
    pub(crate) fn ledger_key(&self) -> Secret<32> {
        self.derive(&[b"strongroom/authority/ledger/1"])
    }

    /// The key that vouches for manifests of backups.
    pub(crate) fn backup_key(&self) -> Secret<32> {
        self.derive(&[b"strongroom/authority/backup/1"])
    }

    /// The key of the codes and links that customers are sent.
    pub(crate) fn code_key(&self) -> Secret<32> {
        self.derive(&[b"strongroom/authority/code/1"])
    }

    /// The Ed25519 seed that signs checkpoints and nothing else.
    pub(crate) fn log_seed(&self) -> Secret<32> {
        Secret::from_fill(|slot| hkdf::expand_sha512(self.log_seed.expose(), &[b"strongroom/log/1"], slot))
    }

    fn derive(&self, info: &[&[u8]]) -> Secret<32> {
        Secret::from_fill(|slot| hkdf::expand_sha512(self.authority.expose(), info, slot))
    }
}
