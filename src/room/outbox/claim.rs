//! Claiming what is to be delivered, and saying what became of it.

use std::time::Duration;

use tracing::instrument;

use super::{
    super::{
        ask::{Granted, Sought, Why},
        core::{Core, Room},
        cursor::{Listed, Page},
        desk_accounts::Receipts,
        error::{Failure, StaffError},
        paging::List,
        staff::Staff,
    },
    letter::{Delivery, about},
    resolve::{Resolved, Survey},
};
use crate::{
    access::{Action, Field, NoticeKind, Object, Receiver},
    audit::Data,
    base::{Class, NoticeId, Time, limits},
    keys::KeyError,
    seal::{Clear, Email},
    store::outbox::{self, Channel, Next, NoticeRow},
};

/// A claimed message, until it is acknowledged, given back, or its lease is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The message: the same at every try, so that a receiver can tell one that comes twice.
    pub notice: NoticeId,
    /// Which try it is, from 1.
    pub tries: u32,
}

/// A message to be delivered. No `Debug`: an address stands in it, and a code may.
pub struct Claimed {
    /// By which it is acknowledged or given back.
    pub lease: Lease,
    /// Until when it is the claimer's.
    pub until: Time,
    /// When what it tells of happened.
    pub created: Time,
    /// The address; none for colleagues, and for who is erased.
    pub address: Option<Clear<Email>>,
    /// To whom, and what.
    pub delivery: Delivery,
}

/// What becomes of a message that was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It is tried again after a pause: half a minute, and twice as long after each further try, up to six hours.
    Later,
    /// It is tried again after this pause, of six hours at most: the receiver said so.
    After(Duration),
    /// It will never be delivered: it is a dead letter.
    Never,
}

/// A message that was given up. It is kept until it runs out, and nobody else waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id.
    pub notice: NoticeId,
    /// What it tells.
    pub kind: NoticeKind,
    /// To whom.
    pub to: Receiver,
    /// What it is about.
    pub about: Option<Object>,
    /// When what it tells of happened.
    pub created: Time,
    /// From when it is gone.
    pub expires: Time,
    /// How often it was tried.
    pub tries: u32,
}

/// How the outbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxState {
    /// Messages that wait, claimed or not.
    pub pending: u64,
    /// When the oldest of them was written.
    pub oldest: Option<Time>,
    /// Dead letters.
    pub dead: u64,
}

impl Room {
    /// How the outbox of what people are told stands: counts and a time. A room that nobody has upgraded has an empty one.
    ///
    /// # Errors
    /// The room could not be read.
    #[instrument(name = "room.outbox", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn outbox(&self) -> Result<OutboxState, Failure> {
        self.core.outbox_state(Channel::Letter)
    }
}

impl Staff {
    /// Claims up to `limit` messages, of at most 100, for `lease`, of a millisecond to an hour: until then nobody else has them.
    /// One entry says how many, and to whom; of what there is nothing of there is none. Of one receiver the oldest alone
    /// is claimed: the next when that is acknowledged, or given up.
    ///
    /// What leads to nobody is removed here: a code that was used or has run out, one that was asked for with an address
    /// of nobody.
    ///
    /// # Errors
    /// [`StaffError::State`] for a room that nobody has upgraded to format 2; [`StaffError::Denied`].
    #[instrument(name = "staff.claim", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn claim(&self, limit: usize, lease: Duration, why: &Why) -> Result<Vec<Claimed>, StaffError> {
        let input = |field, why: &str| StaffError::Input { field, why: why.to_owned() };
        if limit == 0 || limit > limits::OUTBOX_CLAIM_MAX {
            return Err(input("limit", "it takes 1 to 100"));
        }
        if lease < LEASE_MIN || lease > limits::OUTBOX_LEASE_MAX {
            return Err(input("lease", "it takes a millisecond to an hour"));
        }
        self.may_deliver(why)?;
        if !self.room.core.tidy_outbox(limit)? {
            return Ok(Vec::new());
        }
        let answered = self.act(
            Action::OutboxClaim,
            why,
            None,
            |core, turn| {
                let now = turn.time();
                let Survey { good, .. } = core.survey(turn, now, limit)?;
                let fields = if good.iter().any(|one| one.addressee().is_some()) {
                    vec![Field::Email]
                } else {
                    Vec::new()
                };
                let objects = good.iter().map(Resolved::object).collect();
                Ok(Some((Sought { subject: None, objects, fields }, good)))
            },
            |_, turn, _, good| {
                let until = turn.time().plus(lease);
                for one in &good {
                    outbox::lease(turn, &one.row, until)?;
                }
                let cells = good.iter().filter_map(Resolved::addressee);
                let cells = cells.map(|account| (Object::Account(account), Field::Email)).collect();
                let data = Data::OutboxClaimed { count: good.len() as u64 };
                Ok(Granted::access(data, Class::Identity, cells, (good, until)))
            },
        )?;
        let (good, until) = answered.value;
        let mut receipts = Receipts::of(answered.receipt)?;
        let mut claimed = Vec::with_capacity(good.len());
        for one in good {
            match self.opened(&one, until, &mut receipts) {
                Ok(message) => claimed.push(message),
                // Erased since the entry: its notices are gone too.
                Err(StaffError::Failed(Failure::Key(KeyError::Erased { .. }))) => {}
                // It does not hold the others up: it stays claimed, and ends as a dead letter.
                Err(error) => tracing::error!(%error, "the address of a message could not be had"),
            }
        }
        Ok(claimed)
    }

    fn opened(&self, one: &Resolved, until: Time, receipts: &mut Receipts) -> Result<Claimed, StaffError> {
        let core = &*self.room.core;
        let address = match core.sealed_addressee(one)? {
            Some(sealed) => Some(self.room.open(receipts.take(&sealed)?, &sealed)?),
            None => None,
        };
        Ok(Claimed {
            lease: Lease { notice: one.row.id, tries: one.row.tries + 1 },
            until,
            created: one.row.created,
            address,
            delivery: core.delivery(one),
        })
    }

    /// Says that a message was delivered: it is gone.
    ///
    /// # Errors
    /// [`StaffError::State`] if the lease is over and somebody else has claimed it, or it is gone already.
    #[instrument(name = "staff.ack", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn ack(&self, lease: &Lease, why: &Why) -> Result<(), StaffError> {
        self.may_deliver(why)?;
        let core = &*self.room.core;
        let gone = core.store.commit(|turn| outbox::acknowledge(turn, lease.notice, lease.tries))?.value;
        if gone { Ok(()) } else { Err(NOT_HELD) }
    }

    /// Says that a message was not delivered. After ten tries it is a dead letter, whatever `retry` says.
    ///
    /// # Errors
    /// [`StaffError::State`] if the lease is over and somebody else has claimed it, or it is gone already.
    #[instrument(name = "staff.nack", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn nack(&self, lease: &Lease, retry: Retry, why: &Why) -> Result<(), StaffError> {
        self.may_deliver(why)?;
        let settled = self.room.core.store.commit(|turn| {
            let next = next(turn.time(), lease.tries, retry);
            outbox::take_back(turn, lease.notice, lease.tries, next)
        })?;
        if settled.value { Ok(()) } else { Err(NOT_HELD) }
    }

    /// A part of the dead letters, the oldest first; at most 500 at once.
    ///
    /// # Errors
    /// [`StaffError::Denied`]; [`StaffError::Input`] if the cursor is none of this list; [`StaffError::State`] for a room that nobody has upgraded to format 2.
    #[instrument(name = "staff.dead_letters", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn dead_letters(&self, page: &Page, why: &Why) -> Result<Listed<DeadLetter>, StaffError> {
        self.may_deliver(why)?;
        let paging = self.paging(List::DeadLetters, None, page, limits::LIST_ROWS_MAX)?;
        let core = &*self.room.core;
        let dead = core.store.read(|db| outbox::dead(db, core.clock.now(), &paging.slice()))?;
        Ok(paging.cut(dead, NoticeRow::place).map(|row| DeadLetter::of(&row)))
    }

    /// Has a dead letter tried again from now on, as if it were new.
    ///
    /// # Errors
    /// [`StaffError::NotFound`] if it is no dead letter.
    #[instrument(name = "staff.redrive", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn redrive(&self, notice: NoticeId, why: &Why) -> Result<(), StaffError> {
        self.may_deliver(why)?;
        let found = self.room.core.store.commit(|turn| outbox::redrive(turn, notice))?.value;
        if found { Ok(()) } else { Err(StaffError::NotFound) }
    }

    /// Whether whoever asks may deliver at all; a refusal is on record.
    fn may_deliver(&self, why: &Why) -> Result<(), StaffError> {
        let nothing = Sought { subject: None, objects: Vec::new(), fields: Vec::new() };
        self.foresee(Action::OutboxClaim, why, nothing)?;
        let core = &*self.room.core;
        if core.store.read(|db| core.has_outbox(db))? { Ok(()) } else { Err(NO_OUTBOX) }
    }
}

/// What the clock tells apart: a shorter lease is over when it begins.
const LEASE_MIN: Duration = Duration::from_millis(1);
const NOT_HELD: StaffError =
    StaffError::State { what: "the message is gone, or its lease is over and somebody else has it" };
const NO_OUTBOX: StaffError = StaffError::State {
    what: "the room is of format 1 and has no outbox: `strongroom room upgrade --apply` makes one",
};

impl Core {
    /// How the outbox stands, of what goes this way.
    pub(in super::super) fn outbox_state(&self, channel: Channel) -> Result<OutboxState, Failure> {
        let (waiting, dead) = self.store.read(|db| outbox::piles(db, channel, self.clock.now()))?;
        Ok(OutboxState { pending: waiting.count, oldest: waiting.oldest, dead: dead.count })
    }

    /// Removes what can be claimed and leads to nobody; whether anything is left to be claimed.
    fn tidy_outbox(&self, limit: usize) -> Result<bool, Failure> {
        loop {
            let found = self.store.read(|db| self.survey(db, self.clock.now(), limit))?;
            if found.gone.is_empty() && found.spent.is_empty() {
                return Ok(!found.good.is_empty());
            }
            self.store.commit(|turn| {
                let now = turn.time();
                let found = self.survey(turn, now, limit)?;
                for row in &found.spent {
                    outbox::take_back(turn, row.id, row.tries, Next::Dead)?;
                }
                found.gone.into_iter().try_for_each(|id| outbox::remove(turn, id))
            })?;
        }
    }
}

/// When what failed `tries` times is tried again.
pub(in super::super) fn next(now: Time, tries: u32, retry: Retry) -> Next {
    let pause = match retry {
        Retry::Never => return Next::Dead,
        _ if tries >= limits::OUTBOX_TRIES_MAX => return Next::Dead,
        Retry::After(pause) => pause,
        Retry::Later => {
            let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
            limits::OUTBOX_PAUSE_MIN.saturating_mul(doubled)
        }
    };
    Next::Again(now.plus(pause.min(limits::OUTBOX_PAUSE_MAX)))
}

impl DeadLetter {
    fn of(row: &NoticeRow) -> Self {
        Self {
            notice: row.id,
            kind: row.kind,
            to: row.receiver,
            about: about(row.kind, row.object),
            created: row.created,
            expires: row.expires,
            tries: row.tries,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Retry, next};
    use crate::{base::Time, base::limits, store::outbox::Next};

    #[test]
    fn pauses_double_up_to_six_hours_and_end() {
        let (now, after) = (Time::from_ms(1_000), |s: u64| Time::from_ms(1_000 + 1000 * s.cast_signed()));
        let again = |tries, retry| match next(now, tries, retry) {
            Next::Again(at) => Some(at),
            Next::Dead => None,
        };
        assert_eq!(again(1, Retry::Later), Some(after(30)));
        assert_eq!(again(2, Retry::Later), Some(after(60)));
        assert_eq!(again(9, Retry::Later), Some(after(30 * 256)));
        assert_eq!(again(limits::OUTBOX_TRIES_MAX, Retry::Later), None);
        assert_eq!(again(limits::OUTBOX_TRIES_MAX, Retry::After(Duration::ZERO)), None);
        assert_eq!(again(1, Retry::After(Duration::from_secs(1_000_000))), Some(after(6 * 3600)));
        assert_eq!(again(1, Retry::Never), None);
    }
}
