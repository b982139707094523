//! Sessions of principals and of accounts' owners.

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind, within};
use crate::{
    access::{DenialReason, Roles},
    base::{AccountId, PrincipalId, SessionId, Time, limits},
};

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A principal's.
    Principal(PrincipalId),
    /// The owner's of an account.
    Account(AccountId),
}

impl Holder {
    /// The frozen number of the kind of holder.
    pub(crate) const fn number(&self) -> u8 {
        match self {
            Self::Principal(_) => 1,
            Self::Account(_) => 2,
        }
    }

    /// The 16 bytes of the holder's id.
    pub(crate) const fn id_bytes(&self) -> &[u8; 16] {
        match self {
            Self::Principal(id) => id.as_bytes(),
            Self::Account(id) => id.as_bytes(),
        }
    }

    /// The holder with these parts, as a row of the store holds them.
    pub(crate) fn from_parts(number: u8, id: [u8; 16]) -> Option<Self> {
        match number {
            1 => Some(Self::Principal(PrincipalId::from_bytes(id))),
            2 => Some(Self::Account(AccountId::from_bytes(id))),
            _ => None,
        }
    }
}

frozen! {
    /// Whether a session counts.
    pub enum SessionState {
        /// Counts until it expires or idles.
        Live = 1 "live",
        /// Ended by logout, by its principal's end, or by a restore.
        Ended = 2 "ended",
    }
}

/// A session; only a hash of its token is kept.
///
/// | Column | Bytes |
/// |---|---|
/// | kind of holder | 1 |
/// | holder | 16 |
/// | hash of the token | 32 |
/// | created | 8 |
/// | expires | 8 |
/// | used | 8 |
/// | factor, optional | 9 |
/// | state | 1 |
///
/// 109 bytes in all.
#[derive(Clone)]
pub(crate) struct SessionRow {
    /// Its id.
    pub(crate) id: SessionId,
    /// Whose it is.
    pub(crate) holder: Holder,
    /// The hash of its token.
    pub(crate) token_hash: [u8; 32],
    /// When it began.
    pub(crate) created: Time,
    /// From when it counts no more.
    pub(crate) expires: Time,
    /// When it was last used.
    pub(crate) used: Time,
    /// When its holder last showed a password; nothing for a machine's session.
    pub(crate) factor: Option<Time>,
    /// Live or ended.
    pub(crate) state: SessionState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl SessionRow {
    /// Whether it counts at `now`: a principal's for eight hours and while it is used, an owner's for a day.
    ///
    /// # Errors
    /// [`DenialReason::SessionEnded`], [`DenialReason::SessionExpired`] or [`DenialReason::SessionIdle`].
    pub(crate) fn check(&self, now: Time) -> Result<(), DenialReason> {
        let (lifetime, idle) = match self.holder {
            Holder::Principal(_) => (limits::STAFF_SESSION_LIFETIME, Some(limits::STAFF_SESSION_IDLE)),
            Holder::Account(_) => (limits::OWNER_SESSION_LIFETIME, None),
        };
        match self.state {
            SessionState::Ended => return Err(DenialReason::SessionEnded),
            SessionState::Live => {}
        }
        if !within(now, self.created, lifetime) || now >= self.expires {
            return Err(DenialReason::SessionExpired);
        }
        match idle {
            Some(span) if !within(now, self.used, span) => Err(DenialReason::SessionIdle),
            _ => Ok(()),
        }
    }

    /// Whether its holder showed a password at most 15 minutes before `now`.
    pub(crate) fn has_fresh_factor(&self, now: Time) -> bool {
        self.factor.is_some_and(|shown| shown <= now && now.since(shown) <= limits::FACTOR_FRESH)
    }
}

impl AuthorityRow for SessionRow {
    const KIND: RowKind = RowKind::Session;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.byte(self.holder.number());
        out.array(self.holder.id_bytes());
        out.array(&self.token_hash);
        out.time(self.created);
        out.time(self.expires);
        out.time(self.used);
        out.optional_time(self.factor);
        out.byte(self.state.number());
    }
}

/// In which roles a session of staff acts, where whoever began it chose them. Written with it, and never changed.
///
/// | Column | Bytes |
/// |---|---|
/// | roles, bit n − 1 for role n | 2 |
///
/// 28 bytes in all.
#[derive(Clone)]
pub(crate) struct SessionRolesRow {
    /// Of which session.
    pub(crate) id: SessionId,
    /// Which.
    pub(crate) roles: Roles,
    /// Position of the entry by which the session began.
    pub(crate) changed_at: u64,
}

impl AuthorityRow for SessionRolesRow {
    const KIND: RowKind = RowKind::SessionRoles;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.array(&self.roles.bits().to_be_bytes());
    }
}
