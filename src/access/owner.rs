//! Evidence that an account's owner is at the other end.

use crate::base::{AccountId, SessionId, Time};

/// The owner of one account, after a login or with a token whose session row was vouched for and is live. It
/// opens that account's data without a receipt; the read is an Activity record instead. A program may hold it longer
/// than the session lasts, so each use asks for the session's row again. Not `Clone`.
#[derive(Debug)]
pub struct OwnerSession {
    session: SessionId,
    account: AccountId,
    expires: Time,
}

impl OwnerSession {
    /// States that the owner of `account` holds the live session `session`. Only the room's login and its check
    /// of tokens may name this.
    pub(crate) const fn assertion(session: SessionId, account: AccountId, expires: Time) -> Self {
        Self { session, account, expires }
    }

    /// The session.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The account, and the only one.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// From when it opens nothing.
    pub const fn expires(&self) -> Time {
        self.expires
    }
}
