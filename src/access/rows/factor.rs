//! What a member of staff shows beside a password.

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind};
use crate::base::{FactorId, PrincipalId, Time, limits};

frozen! {
    /// The kind of a second factor.
    pub enum FactorKind {
        /// One-time codes of an authenticator application (RFC 6238).
        Totp = 1 "totp",
        /// An SSH key.
        SshKey = 2 "ssh-ed25519",
        /// An SSH key in a security key, which somebody touches.
        SecurityKey = 3 "sk-ssh-ed25519",
    }
}

frozen! {
    /// Whether a factor counts.
    pub enum FactorState {
        /// Counts.
        Live = 1 "live",
        /// Taken away.
        Removed = 2 "removed",
    }
}

/// A second factor. The secret of one-time codes stands sealed beside it; keys of SSH are public.
///
/// | Column | Bytes |
/// |---|---|
/// | principal | 16 |
/// | kind | 1 |
/// | public key, zeros for one-time codes | 32 |
/// | hash of a security key's application, zeros otherwise | 32 |
/// | created | 8 |
/// | used | 8 |
/// | failures | 8 |
/// | last failure | 8 |
/// | state | 1 |
///
/// 140 bytes in all.
#[derive(Clone)]
pub(crate) struct FactorRow {
    /// Its id.
    pub(crate) id: FactorId,
    /// Whose it is.
    pub(crate) principal: PrincipalId,
    /// Of which kind.
    pub(crate) kind: FactorKind,
    /// The point of an SSH key.
    pub(crate) public_key: [u8; 32],
    /// SHA-256 of the application of a security key.
    pub(crate) application: [u8; 32],
    /// When it was added.
    pub(crate) created: Time,
    /// What was used last, and nothing up to it is taken again: the step of a one-time code, or when the challenge
    /// was issued that a key signed, in milliseconds.
    pub(crate) used: u64,
    /// Wrong codes since the last right one.
    pub(crate) failures: u64,
    /// When the last wrong one came.
    pub(crate) failed: Time,
    /// Live or removed.
    pub(crate) state: FactorState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl FactorRow {
    /// Whether a code is looked at at all: a few wrong ones in a row are people, more are guesses, one in a while each,
    /// and from some number on none is, until the factor is reset.
    pub(crate) fn takes_codes(&self, now: Time) -> bool {
        let waited = self.failed <= now && now.since(self.failed) >= limits::FACTOR_GUESS_PAUSE;
        self.failures < limits::FACTOR_GUESSES_FREE || (self.failures < limits::FACTOR_GUESSES_MAX && waited)
    }
}

impl AuthorityRow for FactorRow {
    const KIND: RowKind = RowKind::Factor;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.id(&self.principal);
        out.byte(self.kind.number());
        out.array(&self.public_key);
        out.array(&self.application);
        out.time(self.created);
        out.array(&self.used.to_be_bytes());
        out.array(&self.failures.to_be_bytes());
        out.time(self.failed);
        out.byte(self.state.number());
    }
}
