//! Every metric, in one table: `docs/metrics.md` and the text that a scraper reads are made from it.

/// What kind of number a metric is, in Prometheus's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// It grows while the process lives.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often values fell at or below bounds.
    Histogram,
}

impl MetricKind {
    /// The word of the exposition format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name, with its unit at the end.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: MetricKind,
    /// The label that tells its samples apart; empty where there is one sample.
    pub label: &'static str,
    /// What it counts.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($constant:ident $kind:ident $name:literal $label:literal $help:literal;)+) => {
        $(pub(super) const $constant: Metric =
            Metric { name: $name, kind: MetricKind::$kind, label: $label, help: $help };)+

        impl Metric {
            /// Every metric.
            pub const ALL: [Self; [$($name),+].len()] = [$($constant),+];
        }
    };
}

metrics! {
    STANDING Gauge "strongroom_standing" "standing"
        "1 for how the room stands, 0 for the others.";
    TROUBLE Gauge "strongroom_trouble" "trouble"
        "1 for what is wrong with the room, 0 for the rest of what could be.";
    WAIT Histogram "strongroom_lane_wait_seconds" "database"
        "From asking for the commit lane to having it.";
    COMMIT Histogram "strongroom_commit_seconds" "database"
        "From having the lane to the answer, the flush included.";
    FLUSH Histogram "strongroom_flush_seconds" "database"
        "One flush: commit, and for the store signing and writing the checkpoint.";
    CALLERS Histogram "strongroom_batch_callers" "database"
        "Callers whose changes one flush carried.";
    BUSY Counter "strongroom_busy_total" "database"
        "Callers who gave up waiting for the lane.";
    LOST Counter "strongroom_batches_lost_total" "database"
        "Batches of which nothing was kept, because the engine or a caller failed.";
    LOGINS Counter "strongroom_logins_total" "outcome"
        "Logins of customers in this process.";
    UPGRADES Counter "strongroom_password_upgrades_total" ""
        "Password records of other schemes or weaker settings that a login replaced.";
    LOG_ENTRIES Gauge "strongroom_log_entries" ""
        "Entries of the audit log.";
    LOG_UNCOVERED Gauge "strongroom_log_uncovered_entries" ""
        "Entries that the outside checkpoint does not cover; 0 but for the moment of a commit.";
    CHECKPOINT_AGE Gauge "strongroom_checkpoint_age_seconds" ""
        "Since a checkpoint was last written outside.";
    DISK_FREE Gauge "strongroom_disk_free_bytes" ""
        "What may still be written to the disk of the data.";
    DISK_FILLED Gauge "strongroom_disk_filled_ratio" ""
        "How full the disk of the data is, between 0 and 1.";
    RESERVE Gauge "strongroom_reserve_bytes" ""
        "What of the disk is kept for customers' logins; next to nothing while they go on from it, because the disk is full.";
    ATTACHMENT_BYTES Gauge "strongroom_attachment_bytes" ""
        "Bytes of all attachments, as their quota counts them.";
    WRAPPING_KEYS Gauge "strongroom_wrapping_keys" "state"
        "Wrapping keys by state.";
    OVERDUE Gauge "strongroom_overdue" "kind"
        "What somebody should have seen to: holds past their review, erasures not done, customers waiting two business days.";
    OUTBOX_WAITING Gauge "strongroom_outbox_waiting" "channel"
        "Messages that wait to be delivered, claimed or not: letters to people, webhooks to another program.";
    OUTBOX_AGE Gauge "strongroom_outbox_oldest_seconds" "channel"
        "Since the oldest of them was written; 0 where none waits.";
    OUTBOX_DEAD Gauge "strongroom_outbox_dead" "channel"
        "Messages that were given up, until they run out or are tried again.";
    WEBHOOKS Counter "strongroom_webhooks_total" "outcome"
        "Webhooks that this process sent.";
}
