//! The queue of webhooks: the next one, and what came of it. No entry is made: nothing of anybody is disclosed.

use std::time::Duration;

use tracing::instrument;

use super::{
    super::{
        core::{Core, Room},
        error::Failure,
        outbox::{OutboxState, Retry, about, next},
    },
    WebhookEvent,
};
use crate::{
    base::{Time, limits, random},
    store::{
        StoreError,
        outbox::{self, Channel, Next, NoticeRow},
    },
};

impl Room {
    /// How the outbox of webhooks stands: counts and a time.
    ///
    /// # Errors
    /// The room could not be read.
    #[instrument(name = "room.webhooks", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn webhooks(&self) -> Result<OutboxState, Failure> {
        self.core.outbox_state(Channel::Webhook)
    }

    /// The next webhook, for `lease`, of an hour at most: until then nobody else has it. Of one receiver the oldest comes
    /// first; the next when that is delivered, or given up. Nothing if none is due, or the room has no outbox yet.
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(name = "room.next_webhook", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn next_webhook(&self, lease: Duration) -> Result<Option<WebhookEvent>, Failure> {
        let core = &*self.core;
        let lease = lease.min(limits::OUTBOX_LEASE_MAX);
        // Reading is cheap, and most of the time there is nothing.
        let is_due = core.store.read(|db| {
            let now = core.clock.now();
            Ok::<_, StoreError>(
                core.has_outbox(db)? && !outbox::claimable(db, Channel::Webhook, now, 0, 1)?.is_empty(),
            )
        })?;
        if !is_due {
            return Ok(None);
        }
        let settled = core.store.commit(|turn| {
            let now = turn.time();
            let Some(row) = outbox::claimable(turn, Channel::Webhook, now, 0, 1)?.pop() else {
                return Ok(None);
            };
            outbox::lease(turn, &row, now.plus(lease))?;
            Ok::<_, Failure>(Some(row))
        })?;
        Ok(settled.value.map(|row| core.webhook_event(&row)))
    }

    /// Says that a webhook was delivered; `false` if its lease was over and somebody else has it.
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(
        name = "room.webhook_delivered",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn webhook_delivered(&self, event: &WebhookEvent) -> Result<bool, Failure> {
        self.core.sent.delivered.one();
        let settled = self.core.store.commit(|turn| outbox::acknowledge(turn, event.notice, event.tries))?;
        Ok(settled.value)
    }

    /// Says that a webhook was not delivered: it is tried again after a pause that doubles with each try, up to six
    /// hours, of which a part is chance, so that what failed together does not come back together. After ten tries it is
    /// a dead letter. `false` as in [`Room::webhook_delivered`].
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(
        name = "room.webhook_failed",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn webhook_failed(&self, event: &WebhookEvent, retry: Retry) -> Result<bool, Failure> {
        self.core.sent.failed.one();
        let chance = u8::from_le_bytes(random::bytes()?);
        let settled = self.core.store.commit(|turn| {
            let paused = next(turn.time(), event.tries, retry);
            let paused = match (paused, retry) {
                (Next::Again(due), Retry::Later) => Next::Again(jittered(turn.time(), due, chance)),
                (other, _) => other,
            };
            outbox::take_back(turn, event.notice, event.tries, paused)
        })?;
        Ok(settled.value)
    }
}

impl Core {
    fn webhook_event(&self, row: &NoticeRow) -> WebhookEvent {
        WebhookEvent {
            notice: row.id,
            kind: row.kind,
            to: row.receiver,
            about: about(row.kind, row.object),
            created: row.created,
            tries: row.tries + 1,
            room: self.id,
        }
    }
}

/// A time between the half of a pause and its end.
fn jittered(now: Time, due: Time, chance: u8) -> Time {
    let pause = due.since(now);
    now.plus(pause / 2 + pause / 2 * u32::from(chance) / 255)
}
