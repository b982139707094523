//! Leave to destroy, and what bounds one run of it.

use std::time::Duration;

use serde::Deserialize;

use crate::base::Time;

/// What the policy says of everything that destroys by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destroying {
    /// How far the clock may go on between two entries, or past the newest one, before two people are asked.
    pub clock_hours: u32,
    /// The share of a class that one run may destroy, in per cent of what there is.
    pub run_percent: u32,
    /// How many of a class one run may destroy whatever the share: small rooms would never get on otherwise.
    pub run_rows: u64,
}

impl Destroying {
    /// Under a day a quiet night, and the heartbeats of a day, would stop the room's work without anybody's fault; over a
    /// week a clock could take a week's data before anybody is asked.
    const CLOCK_HOURS: std::ops::RangeInclusive<u32> = 24..=168;

    /// Whether somebody could have meant it.
    pub(super) fn is_sound(&self) -> bool {
        Self::CLOCK_HOURS.contains(&self.clock_hours)
            && (1..=100).contains(&self.run_percent)
            && self.run_rows >= 1
    }

    /// How far the clock may go on unasked.
    pub(crate) const fn clock_span(&self) -> Duration {
        Duration::from_secs(self.clock_hours as u64 * 3600)
    }

    /// How much of a class of so many one run may destroy.
    pub(crate) fn most(&self, of: u64) -> u64 {
        let share = of.saturating_mul(self.run_percent.into()) / 100;
        share.max(self.run_rows)
    }
}

/// Leave to destroy. Whatever destroys asks for one: what goes by its age measures it by this, and what is carried out
/// later was decided under one. It is had from a clock that nothing is wrong with, from an intent that was written under
/// such a one, or from the ledger of what was destroyed before.
#[derive(Debug)]
pub(crate) struct MayDestroy {
    at: Time,
}

impl MayDestroy {
    /// Leave at this time.
    pub(crate) const fn assertion(at: Time) -> Self {
        Self { at }
    }

    /// By when what is destroyed by its age has to have run out. It is the clock's time, not the log's: after a clock that
    /// was ahead and was set right, the log's stays ahead.
    pub(crate) const fn at(&self) -> Time {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::Destroying;

    #[test]
    fn a_run_takes_its_share_and_in_small_rooms_a_few() {
        let bounds = Destroying { clock_hours: 24, run_percent: 5, run_rows: 100 };
        assert!(bounds.is_sound());
        assert_eq!([0, 100, 2000, 2020, 1_000_000].map(|of| bounds.most(of)), [100, 100, 100, 101, 50_000]);
        assert_eq!(bounds.most(u64::MAX), u64::MAX / 100);
        for wrong in [
            Destroying { clock_hours: 23, ..bounds },
            Destroying { clock_hours: 169, ..bounds },
            Destroying { run_percent: 0, ..bounds },
            Destroying { run_percent: 101, ..bounds },
            Destroying { run_rows: 0, ..bounds },
        ] {
            assert!(!wrong.is_sound(), "{wrong:?}");
        }
    }
}
