//! One-time codes and links that customers are sent.

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind, within};
use crate::base::{AccountId, ChallengeId, Time, limits};

frozen! {
    /// What a code is for. One for another thing does nothing.
    pub enum Topic {
        /// To confirm the address of a registration.
        Verify = 1 "verify",
        /// To come in by an invitation.
        Invite = 2 "invite",
        /// To set a new password.
        Reset = 3 "reset",
        /// To confirm a new address.
        Address = 4 "address",
    }
}

frozen! {
    /// Whether a code can still be used.
    pub enum ChallengeState {
        /// Can be used once, until it expires.
        Open = 1 "open",
        /// Was never sent to anybody.
        Withdrawn = 2 "withdrawn",
    }
}

/// Something that a customer was asked to show that he reads his mail. Neither code nor link is kept, and no hash of
/// them: both are MACs over this row's id.
///
/// | Column | Bytes |
/// |---|---|
/// | topic | 1 |
/// | account | 16 |
/// | created | 8 |
/// | expires | 8 |
/// | tries | 4 |
/// | state | 1 |
///
/// 64 bytes in all.
#[derive(Clone)]
pub(crate) struct ChallengeRow {
    /// Its id, which handle and link begin with.
    pub(crate) id: ChallengeId,
    /// What for.
    pub(crate) topic: Topic,
    /// Whose: an account, a registration on its way, or nobody.
    pub(crate) account: AccountId,
    /// When it was asked for.
    pub(crate) created: Time,
    /// From when not even its link does anything.
    pub(crate) expires: Time,
    /// How often a wrong code was typed.
    pub(crate) tries: u32,
    /// Open or withdrawn; what was used is gone.
    pub(crate) state: ChallengeState,
    /// Size of the log when it was last changed.
    pub(crate) changed_at: u64,
}

impl ChallengeRow {
    /// Whether its link can be used at `now`.
    pub(crate) fn is_open(&self, now: Time) -> bool {
        match self.state {
            ChallengeState::Open => {
                within(now, self.created, limits::UNVERIFIED_LIFETIME) && now < self.expires
            }
            ChallengeState::Withdrawn => false,
        }
    }

    /// Whether its code, which is shorter and guessed sooner, can be tried at `now`.
    pub(crate) fn takes_code(&self, now: Time) -> bool {
        self.is_open(now)
            && within(now, self.created, limits::CODE_LIFETIME)
            && self.tries < limits::CODE_TRIES_MAX
    }
}

impl AuthorityRow for ChallengeRow {
    const KIND: RowKind = RowKind::Challenge;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.byte(self.topic.number());
        out.id(&self.account);
        out.time(self.created);
        out.time(self.expires);
        out.array(&self.tries.to_be_bytes());
        out.byte(self.state.number());
    }
}
