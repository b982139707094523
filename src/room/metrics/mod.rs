//! What a monitoring system asks a room for: counts of the work of this process, and where the room stands. No number is
//! about a person.

mod table;
mod text;

pub use table::{Metric, MetricKind};
pub use text::metrics_markdown;

use std::collections::HashSet;

use super::{
    core::{Core, Room},
    error::Failure,
    health::Condition,
    queues,
    tally::{Logins, Sent},
    trouble::{Standing, Trouble},
};
use crate::{
    access::rows::{IntentRow, IntentState},
    base::{Time, count::Counted},
    keys::WrappingKeyState,
    store::{Pace, authority as rows, keyring, outbox::Channel, tickets},
};

/// The metrics of a room at one moment; its `Display` is the text exposition format 0.0.4 of Prometheus.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    series: Vec<Series>,
}

/// One metric's samples.
#[derive(Debug, Clone, PartialEq)]
struct Series {
    metric: &'static Metric,
    samples: Vec<(&'static str, Sample)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Sample {
    Number(f64),
    /// Counted in this many parts of the metric's unit.
    Counted(Counted, f64),
}

/// Parts of a second that spans are counted in.
const MICROSECONDS: f64 = 1e6;

impl Room {
    /// The room's metrics. What cannot be read at the moment is left out; [`Room::health`] says why.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics { series: Vec::new() };
        metrics.condition(&self.health());
        metrics.lanes(&[("store", self.core.store.pace()), ("keyring", self.core.vault.database.pace())]);
        metrics.logins(&self.core.logins);
        metrics.sent(&self.core.sent);
        // Each part by itself: one that cannot be read takes none of the others with it.
        let parts = [
            Core::log_metrics,
            Core::disk_metrics,
            Core::store_metrics,
            Core::keyring_metrics,
            Core::outbox_metrics,
        ];
        for part in parts {
            if let Err(failure) = part(&self.core, &mut metrics) {
                tracing::warn!(error = %failure, "a part of the metrics could not be read");
            }
        }
        metrics
    }
}

impl Metrics {
    fn put(&mut self, metric: &'static Metric, samples: impl IntoIterator<Item = (&'static str, f64)>) {
        let samples = samples.into_iter().map(|(label, number)| (label, Sample::Number(number))).collect();
        self.series.push(Series { metric, samples });
    }

    fn one(&mut self, metric: &'static Metric, number: f64) {
        self.put(metric, [("", number)]);
    }

    fn condition(&mut self, condition: &Condition) {
        let is = |holds: bool| f64::from(u8::from(holds));
        let standings = Standing::ALL.map(|standing| (standing.name(), is(standing == condition.standing)));
        self.put(&table::STANDING, standings);
        let troubles =
            Trouble::ALL.map(|trouble| (trouble.name(), is(condition.troubles.contains(&trouble))));
        self.put(&table::TROUBLE, troubles);
    }

    fn lanes(&mut self, lanes: &[(&'static str, &Pace); 2]) {
        let mut histogram = |metric, get: fn(&Pace) -> Counted, parts| {
            let samples =
                lanes.iter().map(|(lane, pace)| (*lane, Sample::Counted(get(pace), parts))).collect();
            self.series.push(Series { metric, samples });
        };
        histogram(&table::WAIT, |pace| pace.wait.get(), MICROSECONDS);
        histogram(&table::COMMIT, |pace| pace.commit.get(), MICROSECONDS);
        histogram(&table::FLUSH, |pace| pace.flush.get(), MICROSECONDS);
        histogram(&table::CALLERS, |pace| pace.callers.get(), 1.0);
        self.put(&table::BUSY, lanes.map(|(lane, pace)| (lane, number(pace.busy.get()))));
        self.put(&table::LOST, lanes.map(|(lane, pace)| (lane, number(pace.lost.get()))));
    }

    fn logins(&mut self, logins: &Logins) {
        let outcomes = [("granted", &logins.granted), ("denied", &logins.denied), ("failed", &logins.failed)];
        self.put(&table::LOGINS, outcomes.map(|(outcome, counter)| (outcome, number(counter.get()))));
        self.one(&table::UPGRADES, number(logins.upgraded.get()));
    }

    fn sent(&mut self, sent: &Sent) {
        let outcomes = [("delivered", &sent.delivered), ("failed", &sent.failed)];
        self.put(&table::WEBHOOKS, outcomes.map(|(outcome, counter)| (outcome, number(counter.get()))));
    }
}

impl Core {
    fn log_metrics(&self, metrics: &mut Metrics) -> Result<(), Failure> {
        let book = self.store.book();
        let covered = book.notary().newest().ok().flatten().map_or(0, |newest| newest.size);
        let size = self.store.read(|db| book.checked_head(db.as_mut()))?.size;
        metrics.one(&table::LOG_ENTRIES, number(size));
        metrics.one(&table::LOG_UNCOVERED, number(size.saturating_sub(covered)));
        let written =
            self.layout.checkpoint_written().map_err(|e| Failure::file(self.layout.outside(), &e))?;
        let age = self.clock.now().since(Time::ZERO.plus(written));
        metrics.one(&table::CHECKPOINT_AGE, age.as_secs_f64());
        Ok(())
    }

    fn disk_metrics(&self, metrics: &mut Metrics) -> Result<(), Failure> {
        let filled = self.space.filled()?;
        metrics.one(&table::DISK_FREE, number(filled.free));
        metrics.one(&table::DISK_FILLED, f64::from(filled.percent) / 100.0);
        metrics.one(&table::RESERVE, number(self.store.book().reserve().kept()));
        Ok(())
    }

    fn store_metrics(&self, metrics: &mut Metrics) -> Result<(), Failure> {
        let late = queues::waiting_since(self.clock.now());
        let (bytes, waiting, intents, (_, holds)) = self.store.read(|db| {
            let bytes = tickets::counted_attachment_bytes(db)?;
            let waiting = tickets::waiting_count(db, late)?;
            let intents = rows::all::<IntentRow>(db, u32::MAX)?;
            Ok::<_, Failure>((bytes, waiting, intents, self.count_holds(db)?))
        })?;
        let begun = intents.iter().filter(|stored| stored.row.state == IntentState::Begun);
        let erasures: HashSet<_> = begun.map(|stored| stored.row.account).collect();
        metrics.one(&table::ATTACHMENT_BYTES, number(bytes));
        let overdue =
            [("holds", amount(holds)), ("erasures", amount(erasures.len())), ("tickets", number(waiting))];
        metrics.put(&table::OVERDUE, overdue);
        Ok(())
    }

    fn keyring_metrics(&self, metrics: &mut Metrics) -> Result<(), Failure> {
        let rows = self.vault.database.read(keyring::wrapping_keys)?;
        let counted = WrappingKeyState::ALL
            .map(|state| (state.name(), amount(rows.iter().filter(|row| row.state == state).count())));
        metrics.put(&table::WRAPPING_KEYS, counted);
        Ok(())
    }
}

impl Core {
    fn outbox_metrics(&self, metrics: &mut Metrics) -> Result<(), Failure> {
        let now = self.clock.now();
        let of = |channel: Channel| Ok::<_, Failure>((channel.name(), self.outbox_state(channel)?));
        let states = [of(Channel::Letter)?, of(Channel::Webhook)?];
        let age = |oldest: Option<Time>| oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64());
        metrics.put(&table::OUTBOX_WAITING, states.map(|(name, state)| (name, number(state.pending))));
        metrics.put(&table::OUTBOX_AGE, states.map(|(name, state)| (name, age(state.oldest))));
        metrics.put(&table::OUTBOX_DEAD, states.map(|(name, state)| (name, number(state.dead))));
        Ok(())
    }
}

fn amount(count: usize) -> f64 {
    number(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A count as the exposition format has numbers; exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "the exposition format has no other numbers")]
const fn number(count: u64) -> f64 {
    count as f64
}
