//! Codes and links that customers are sent: asked for, looked at, shown, used up.
//!
//! Whether anybody has the address that was typed is told by nothing that the asker sees: the same row is written, with
//! the same statements, and a handle comes back. A code counts together with the handle alone, so that nobody tries codes
//! for a browser that is not his. Looking at a link uses nothing up: mail programs do it.

use tracing::instrument;

use super::{
    core::{Core, Room},
    error::{Failure, Kind, operation_error},
    login::{self, SealedActivity},
    outbox::{Contact, Delivery},
    standing::{By, Unwritable, writable},
};
use crate::{
    access::{
        Receiver, Vouched,
        rows::{ChallengeRow, ChallengeState, Topic},
    },
    base::{AccountId, AccountState, ChallengeId, SecretText, Time, limits},
    password::Rejected,
    store::{LogTurn, StoreError, accounts, accounts::ActivityEvent, challenges},
};

operation_error! {
    /// Nothing came of a code or a link.
    CodeError {
        /// It is wrong, used, expired, for something else or tried too often; which of them is not said.
        Code => Denied, "the code or link is not valid".to_owned();
        /// The address that it confirms belongs to another account by now.
        AddressTaken => Conflict, "this address has an account already".to_owned();
        /// What it was to change has changed meanwhile.
        Changed => Conflict, "the account has changed meanwhile: ask again".to_owned();
        /// The new password was refused; the code or link can still be used.
        Password {
            /// Why.
            why: Rejected,
        } => Invalid, format!("the password was refused: {why}");
    }
}

/// What an asker is answered: the same whether there is an account or not.
pub struct Asked {
    /// What his browser keeps. The code counts together with it alone.
    pub handle: SecretText,
    /// What whoever asked has to have sent, where the room is opened for that ([`CodesTo::Asker`](super::CodesTo)) or is of
    /// format 1, which has no outbox. Nothing of it may show in the answer, nor in the time that the answer takes.
    /// Elsewhere it is empty, whoever asks: it is claimed from the outbox ([`Staff::claim`](super::Staff::claim)).
    pub unsent: Vec<Delivery>,
}

/// How somebody shows that he was sent something.
pub enum Proof<'a> {
    /// He types the code in the browser that asked for it.
    Code {
        /// What that browser kept.
        handle: &'a SecretText,
        /// The code.
        code: &'a SecretText,
    },
    /// He follows the link, in whatever browser.
    Link(&'a SecretText),
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// What for.
    pub topic: Topic,
    /// From when it does nothing.
    pub expires: Time,
}

/// Somebody asks: what is written for him.
pub(super) struct Asking {
    pub(super) topic: Topic,
    /// Whose code it is to be: an account, a registration, or nobody.
    pub(super) account: AccountId,
    pub(super) contact: Contact,
    /// Whether there is somebody to send it to.
    pub(super) is_somebody: bool,
    /// Under whom the record of it stands.
    pub(super) recorded: AccountId,
    /// A new address, sealed as it will stand in the account's row.
    pub(super) address: Option<Vec<u8>>,
}

impl Room {
    /// What a link is for, if it can still be used. Nothing is used up by it.
    ///
    /// # Errors
    /// [`CodeError::Code`].
    #[instrument(name = "room.look", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn look(&self, link: &SecretText) -> Result<Looked, CodeError> {
        let core = &*self.core;
        let id = core.codes.of_link(link).ok_or(CodeError::Code)?;
        let stored = core.store.read(|db| challenges::find(db, id))?;
        let row = core.vouch(stored).filter(|row| row.is_open(core.clock.now())).ok_or(CodeError::Code)?;
        Ok(Looked { topic: row.topic, expires: row.expires })
    }
}

impl Core {
    /// Writes a code's row in this batch, with the notice that has it sent and the record of its being asked for. What exceeds the limit of open codes
    /// is written like any other, and does nothing.
    pub(super) fn ask(
        &self,
        turn: &mut LogTurn<'_>,
        id: ChallengeId,
        asking: &Asking,
        detail: &SealedActivity,
    ) -> Result<Vec<Delivery>, StoreError> {
        let now = turn.time();
        let open = challenges::open_of(turn, asking.account, now)?;
        let lifetime = match asking.topic {
            Topic::Verify | Topic::Invite => limits::UNVERIFIED_LIFETIME,
            Topic::Reset | Topic::Address => limits::LINK_LIFETIME,
        };
        let is_within = open < limits::CODES_OPEN_MAX;
        let row = ChallengeRow {
            id,
            topic: asking.topic,
            account: asking.account,
            created: now,
            expires: now.plus(lifetime),
            tries: 0,
            state: if is_within { ChallengeState::Open } else { ChallengeState::Withdrawn },
            changed_at: turn.position(),
        };
        challenges::insert(turn, &row, &self.voucher.mac(&row), asking.address.clone())?;
        login::record(turn, asking.recorded, ActivityEvent::CodeAsked, detail)?;
        if self.posts_codes(turn)? {
            self.tell_code(turn, &row)?;
            return Ok(Vec::new());
        }
        let (to, letter) = (Receiver::Account(asking.account), self.code_letter(&row));
        let delivery = Delivery { to, contact: asking.contact, letter };
        Ok((asking.is_somebody && is_within).then_some(delivery).into_iter().collect())
    }

    /// The code's row that a proof shows, still open. A proof that shows nothing is counted and recorded.
    pub(super) fn proved(&self, proof: &Proof<'_>, topic: Topic) -> Result<Vouched<ChallengeRow>, CodeError> {
        let id = match proof {
            Proof::Code { handle, .. } => self.codes.of_handle(handle),
            Proof::Link(link) => self.codes.of_link(link),
        };
        // What is no handle and no link of this room costs it nothing.
        let id = id.ok_or(CodeError::Code)?;
        let detail = self.activity_detail()?;
        let settled = self.store.commit(|turn| {
            let Some(row) = self.vouch(challenges::find(turn, id)?) else { return Ok(None) };
            let now = turn.time();
            let shown = match proof {
                Proof::Link(_) => row.is_open(now),
                Proof::Code { code, .. } => {
                    let is_right = self.codes.is_code(id, code);
                    if !is_right {
                        self.count_try(turn, &row)?;
                    }
                    is_right & row.takes_code(now)
                }
            };
            if shown && row.topic == topic {
                return Ok(Some(row));
            }
            if accounts::state(turn, row.account)? != Some(AccountState::Erased) {
                login::record(turn, row.account, ActivityEvent::CodeRefused, &detail)?;
            }
            Ok::<_, Failure>(None)
        })?;
        settled.value.ok_or(CodeError::Code)
    }

    fn count_try(&self, turn: &mut LogTurn<'_>, row: &ChallengeRow) -> Result<(), StoreError> {
        let tries = row.tries.saturating_add(1);
        let tried = ChallengeRow { tries, changed_at: turn.position(), ..row.clone() };
        challenges::update(turn, &tried, &self.voucher.mac(&tried))
    }

    /// Uses a code up, in the transaction that does what it is for; what else its account was sent counts no more.
    pub(super) fn spend(&self, turn: &mut LogTurn<'_>, shown: &ChallengeRow) -> Result<(), CodeError> {
        let stored = challenges::find(turn, shown.id)?;
        let row = self.vouch(stored).filter(|row| row.is_open(turn.time())).ok_or(CodeError::Code)?;
        challenges::remove_of(turn, row.account)?;
        Ok(())
    }
}

/// Whether an account is in use, whether or not it is suspended: its owner may set a password and confirm an address.
pub(super) fn in_use(turn: &mut LogTurn<'_>, account: AccountId) -> Result<(), CodeError> {
    match writable(turn, account, By::Customer) {
        Ok(()) | Err(Unwritable::Suspended(_)) => Ok(()),
        Err(Unwritable::Failed(e)) => Err(e.into()),
        Err(Unwritable::Absent | Unwritable::Closed | Unwritable::Erased { .. }) => Err(CodeError::Code),
    }
}
