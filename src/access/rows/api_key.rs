//! Keys of customers' programs.

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind};
use crate::base::{AccountId, ApiKeyId, Time};

frozen! {
    /// Whether a key of a customer's program counts.
    pub enum ApiKeyState {
        /// Counts until it expires.
        Live = 1 "live",
        /// Taken back.
        Revoked = 2 "revoked",
    }
}

/// A key by which a customer's program is told from others. It opens nothing in the room: whoever links the library
/// asks it whose a key is and what for. Of the key itself a hash is kept.
///
/// | Column | Bytes |
/// |---|---|
/// | account | 16 |
/// | hash of the secret | 32 |
/// | digest of the scopes | 32 |
/// | created | 8 |
/// | expires | 8 |
/// | state | 1 |
///
/// 123 bytes in all. The day of its last use stands beside it and confers nothing.
#[derive(Clone)]
pub(crate) struct ApiKeyRow {
    /// Its id, the first part of its text.
    pub(crate) id: ApiKeyId,
    /// Whose it is.
    pub(crate) account: AccountId,
    /// The hash of its secret.
    pub(crate) secret_hash: [u8; 32],
    /// What it is for: names with a space between them. The bytes have their digest, for they are of one width.
    pub(crate) scopes: String,
    /// SHA-256 of the scopes.
    pub(crate) scopes_digest: [u8; 32],
    /// When it was made.
    pub(crate) created: Time,
    /// From when it counts no more.
    pub(crate) expires: Time,
    /// Live or revoked.
    pub(crate) state: ApiKeyState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl ApiKeyRow {
    /// Whether it counts at `now`.
    pub(crate) fn is_live(&self, now: Time) -> bool {
        match self.state {
            ApiKeyState::Live => self.created <= now && now < self.expires,
            ApiKeyState::Revoked => false,
        }
    }
}

impl AuthorityRow for ApiKeyRow {
    const KIND: RowKind = RowKind::ApiKey;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.id(&self.account);
        out.array(&self.secret_hash);
        out.array(&self.scopes_digest);
        out.time(self.created);
        out.time(self.expires);
        out.byte(self.state.number());
    }
}
