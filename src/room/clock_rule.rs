//! The clock rule: whatever destroys by age asks first whether the clock can be believed.
//!
//! Where the clock went on by more than the policy lets it, between two neighbouring entries or past the newest one, it
//! jumped, or the room was out of use: which of them it was people have to say, two of them, before anything goes by its
//! age. Nothing but the log remembers a jump, so that an entry which was written after it, at its time, hides nothing.
//! Times never go back in the log; so a jump is found by leaping from entry to entry, each leap the longest that is
//! allowed: a few readings for each day since two people last confirmed the clock. What they said is an approval that was
//! carried out, whose request names the jump.

use tracing::instrument;

use super::{
    approved,
    ask::{Asked, Granted, Sought, Why},
    clock_watch::Watched,
    core::{Core, Room},
    error::{Failure, StaffError},
    log_part,
    resume::Resumed,
    staff::Staff,
    trouble::Trouble,
};
use crate::{
    access::{Action, Object, Parameter, Vouched, rows::ApprovalRow},
    audit::{Actor, Data, Draft, Entry, Named, What},
    base::{ApprovalId, Time, limits},
    retention::MayDestroy,
    store::{LogTurn, Queries, StoreError, approvals},
};

/// That two people said the clock is right.
struct Confirmed {
    position: u64,
    /// The entry's time, which may be ahead.
    time: Time,
    /// Where it stood then.
    clock: Time,
}

/// What was looked at, and by which reading of the clock.
struct Seen {
    watched: Watched,
    /// The entry before which the clock jumped, if nobody has confirmed it since.
    jump: Option<u64>,
    now: Time,
}

/// What an entry calls the approval that it carried out.
const APPROVAL: &str = "approval";

impl Room {
    /// Writes a heartbeat, an entry that says nothing but when it was written, where the newest one is older than six
    /// hours; its position. A room in which nobody does anything over a weekend is told by them from one whose clock
    /// jumped. The daemon does it; a program without one does each hour, in one process of however many.
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(name = "room.beat", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn beat(&self) -> Result<Option<u64>, Failure> {
        let core = &*self.core;
        let is_due = |newest: Time| core.clock.now().since(newest) >= limits::BEAT_AFTER;
        let book = core.store.book();
        if !is_due(core.store.read(|db| book.checked_head(db.as_mut()))?.last_time) {
            return Ok(None);
        }
        let opening = core.opening_of_program()?;
        let settled = core.commit(opening.request, |turn| {
            if !is_due(turn.head().last_time) {
                return Ok(None);
            }
            let draft = Draft::done(Data::LogBeat {}, Actor::System, core.call(&opening));
            turn.append(draft, opening.nonce, &opening.details).map(Some).map_err(Failure::from)
        })?;
        Ok(settled.value)
    }
}

impl Staff {
    /// Two people say that the clock is right, which went on by too much before the entry at `jump`.
    pub(super) fn confirm_clock(&self, jump: u64, why: &Why) -> Result<Resumed, StaffError> {
        let core = &*self.room.core;
        let answered = self.act(
            Asked::of(Action::RoomResume, vec![Parameter::Jump(jump)]),
            why,
            None,
            |core, turn| {
                let room = Object::Room(core.id);
                let sought = Sought { subject: None, objects: vec![room], fields: Vec::new() };
                Ok((core.doubt_in(turn)?.jump == Some(jump)).then_some((sought, ())))
            },
            |core, turn, _, ()| {
                let resumed = Resumed { since: Trouble::ClockInDoubt, position: turn.position() };
                Ok(Granted::change(Data::ClockConfirmed { clock: core.clock.now() }, resumed))
            },
        );
        let answered = answered.map_err(|e| match e {
            StaffError::NotFound => StaffError::State { what: "the clock jumped again meanwhile: ask again" },
            other => other,
        })?;
        // What waited for it goes on; what of it fails waits for the next opening, as it did before.
        if let Err(failure) = core.resume_erasures() {
            tracing::warn!(error = %failure, "an erasure that the clock put off does not go on yet");
        }
        Ok(answered.value)
    }
}

impl Core {
    /// How much of a class of so many one run may destroy.
    pub(super) fn share_of(&self, count: u64) -> u64 {
        self.clock_watch.bounds.most(count)
    }

    /// Leave to destroy what has run out by now; or the entry before which the clock jumped.
    pub(super) fn may_destroy(&self, turn: &mut LogTurn<'_>) -> Result<Result<MayDestroy, u64>, StoreError> {
        let seen = self.doubt_in(turn)?;
        Ok(seen.jump.map_or(Ok(MayDestroy::assertion(seen.now)), Err))
    }

    /// The entry before which the clock jumped, if nobody has confirmed it since, from what is committed. It is asked
    /// before the lane is entered too: what is known then is known there.
    pub(super) fn clock_doubt(&self) -> Result<Option<u64>, StoreError> {
        let book = self.store.book();
        self.store.read(|db| {
            let head = book.checked_head(db.as_mut())?;
            let seen = self.doubt(db, (head.size, head.last_time))?;
            self.clock_watch.keep(seen.watched);
            Ok(seen.jump)
        })
    }

    /// The same as a transaction sees it.
    fn doubt_in(&self, turn: &mut LogTurn<'_>) -> Result<Seen, StoreError> {
        let head = (turn.head().size, turn.head().last_time);
        self.doubt(turn, head)
    }

    fn doubt(&self, db: &mut impl Queries, (size, newest): (u64, Time)) -> Result<Seen, StoreError> {
        let span = self.clock_watch.bounds.clock_span();
        let confirmed = self.confirmed(db)?;
        let from = confirmed.as_ref().map_or(0, |confirmed| confirmed.position);
        let time_of = |position| Ok::<_, StoreError>(log_part::one(db, position)?.entry.time);
        let watched = self.clock_watch.seen().leapt(from, size, span, time_of)?;
        let now = self.clock.now();
        // Where the log is ahead by more than a jump would be seen, or was when the clock was confirmed, it would hide
        // one: the clock is confirmed for as long as one may go unasked.
        let is_ahead = confirmed.as_ref().is_some_and(|it| it.time.since(it.clock) > span);
        let is_near = confirmed.is_some_and(|it| it.clock <= now && now.since(it.clock) <= span);
        let jump = match watched.jump {
            _ if now.since(newest) > span => Some(size),
            None if (is_ahead || newest.since(now) > span) && !is_near => Some(from),
            jump => jump,
        };
        Ok(Seen { watched, jump, now })
    }

    /// The newest time that two people confirmed the clock.
    fn confirmed(&self, db: &mut impl Queries) -> Result<Option<Confirmed>, StoreError> {
        let mut newest: Option<Confirmed> = None;
        for stored in approvals::done(db, Action::RoomResume)? {
            let Some(row): Option<Vouched<ApprovalRow>> = self.vouch(Some(stored)) else { continue };
            if newest.as_ref().is_some_and(|newest| row.changed_at <= newest.position) {
                break;
            }
            let Some(text) = approvals::text(db, row.id)? else { continue };
            // The end of an alarm says nothing of the clock.
            let stated = approved::stated(self, &row, &text).ok();
            let Some(jump) = stated.and_then(|stated| stated.jump()) else { continue };
            let found = self.confirmation_by(db, &row, jump)?;
            newest = found.into_iter().chain(newest).max_by_key(|confirmed| confirmed.position);
        }
        Ok(newest)
    }

    /// The entry that carried this approval out. One that was reviewed since tells of its review: it is sought from there
    /// back, to the jump that it is for, and found once.
    fn confirmation_by(
        &self,
        db: &mut impl Queries,
        row: &ApprovalRow,
        jump: u64,
    ) -> Result<Option<Confirmed>, StoreError> {
        let known = self.clock_watch.found(row.id).filter(|known| *known < row.changed_at);
        let places = [Some(row.changed_at), known].into_iter().flatten();
        for position in places.chain((jump..row.changed_at).rev()) {
            if let Some(confirmed) = confirmation(&log_part::one(db, position)?.entry, row.id) {
                if position != row.changed_at {
                    self.clock_watch.find(row.id, position);
                }
                return Ok(Some(confirmed));
            }
        }
        Ok(None)
    }
}

/// What this entry says, if it is the one that carried this approval out.
fn confirmation(entry: &Entry, approval: ApprovalId) -> Option<Confirmed> {
    let is_it = |named: &Named| named.noun == APPROVAL && named.id == *approval.as_bytes();
    match entry.what {
        What::Known(Data::ClockConfirmed { clock }) if entry.objects.iter().any(is_it) => {
            Some(Confirmed { position: entry.position, time: entry.time, clock })
        }
        _ => None,
    }
}
