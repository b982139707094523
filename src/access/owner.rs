//! Evidence that an account's owner is at the other end.

use crate::base::{AccountId, SessionId, Time};

/// The owner of one account, after a login or with a token whose session row was vouched for and is live. It
/// opens that account's data without a receipt; the read is an Activity record instead. Not `Clone`.
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

    /// Whether it opens data of `account` at `now`: a program may hold the value longer than the session lasts.
    pub(crate) fn covers(&self, account: AccountId, now: Time) -> bool {
        self.account == account && now < self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::OwnerSession;
    use crate::base::{AccountId, SessionId, Time};

    #[test]
    fn an_owner_session_covers_its_account_until_it_expires() {
        let (mine, other) = (AccountId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
        let session = OwnerSession::assertion(SessionId::from_bytes([3; 16]), mine, Time::from_ms(1000));
        assert!(session.covers(mine, Time::from_ms(999)));
        assert!(!session.covers(mine, Time::from_ms(1000)));
        assert!(!session.covers(other, Time::ZERO));
    }
}
