//! Evidence that an account's owner is at the other end.

use crate::base::{AccountId, RoomId, SessionId, Time};

/// The owner of one account, after a login or with a token whose session row was vouched for and is live. It
/// opens that account's data without a receipt; the read is an Activity record instead. Not `Clone`.
#[derive(Debug)]
pub struct OwnerSession {
    room: RoomId,
    session: SessionId,
    account: AccountId,
    expires: Time,
}

impl OwnerSession {
    /// States that the owner of `account` in `room` holds the live session `session`. Only the room's login and its check
    /// of tokens may name this.
    pub(crate) const fn assertion(
        room: RoomId,
        session: SessionId,
        account: AccountId,
        expires: Time,
    ) -> Self {
        Self { room, session, account, expires }
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

    /// Whether it opens data of `account` in `room` at `now`: a program may hold the value longer than the session
    /// lasts, and beside another room.
    pub(crate) fn covers(&self, room: &RoomId, account: AccountId, now: Time) -> bool {
        self.room == *room && self.account == account && now < self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::OwnerSession;
    use crate::base::{AccountId, RoomId, SessionId, Time};

    #[test]
    fn an_owner_session_covers_its_account_in_its_room_until_it_expires() {
        let (mine, other) = (AccountId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
        let (room, elsewhere) = (RoomId::from_bytes([4; 16]), RoomId::from_bytes([5; 16]));
        let expires = Time::from_ms(1000);
        let session = OwnerSession::assertion(room, SessionId::from_bytes([3; 16]), mine, expires);
        assert!(session.covers(&room, mine, Time::from_ms(999)));
        assert!(!session.covers(&room, mine, expires));
        assert!(!session.covers(&room, other, Time::ZERO));
        assert!(!session.covers(&elsewhere, mine, Time::ZERO));
    }
}
