//! The only clock. Tests, the demo and the log's clock rule hold it in their hand.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A wall-clock time: milliseconds since 1970-01-01T00:00:00Z, never negative, under 2^53 so that JSON keeps it exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Time(i64);

impl Time {
    /// The epoch.
    pub const ZERO: Self = Self(0);
    /// The latest time that formats can hold.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The time with this many milliseconds, held to the range that formats can hold.
    pub const fn from_ms(ms: i64) -> Self {
        if ms < 0 {
            Self::ZERO
        } else if ms > Self::MAX.0 {
            Self::MAX
        } else {
            Self(ms)
        }
    }

    /// Milliseconds since the epoch.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// This much later, at most [`Time::MAX`].
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self::from_ms(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long `earlier` is past; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole days since the epoch, UTC: the period of class Activity.
    pub fn day(self) -> u32 {
        u32::try_from(self.0.div_euclid(86_400_000)).unwrap_or(u32::MAX)
    }

    /// The civil date in UTC.
    pub fn date(self) -> (i64, u32, u32) {
        // Days to civil date after Howard Hinnant's `civil_from_days`, exact for all years in range.
        let shifted = self.0.div_euclid(86_400_000) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, u32::try_from(month).unwrap_or(0), u32::try_from(day).unwrap_or(0))
    }

    /// Months since the year 0, UTC: the period of the actors' own audit details.
    pub fn month(self) -> u32 {
        let (year, month, _) = self.date();
        u32::try_from(year).unwrap_or(0) * 12 + (month - 1)
    }

    /// The calendar year, UTC: the fiscal year until a room says otherwise.
    pub fn year(self) -> u32 {
        u32::try_from(self.date().0).unwrap_or(0)
    }

    /// The first moment of a calendar year, UTC; [`Time::ZERO`] before 1970, [`Time::MAX`] beyond what formats hold.
    pub fn start_of_year(year: u32) -> Self {
        // Days before the year in the Gregorian calendar, counted from the year 1.
        let before = i64::from(year) - 1;
        let days = before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
        Self::from_ms((days - 719_162).saturating_mul(86_400_000))
    }
}

/// RFC 3339 in UTC with milliseconds.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let ms = self.0.rem_euclid(86_400_000);
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }
}

/// A point of monotonic time in this process: what receipts and deadlines are measured with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment(Duration);

impl Moment {
    /// How long ago `earlier` was.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Where time comes from.
#[derive(Clone, Debug)]
pub struct Clock(Source);

/// Where monotonic time is counted from: one point for the process, because what one clock stamped is held against
/// another. Each with a start of its own, a receipt would live as long as one room was open before the next.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clocks")]
fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual { ms: Arc<AtomicI64> },
}

impl Clock {
    /// The operating system's clocks.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until [`Clock::advance`]; its clones share the hand.
    pub fn manual(start: Time) -> Self {
        Self(Source::Manual { ms: Arc::new(AtomicI64::new(start.as_ms())) })
    }

    /// Moves a manual clock on; a system clock is left alone.
    pub fn advance(&self, span: Duration) {
        if let Source::Manual { ms } = &self.0 {
            ms.fetch_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// The wall-clock time.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clocks")]
    pub fn now(&self) -> Time {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Time::ZERO.plus(since)
            }
            Source::Manual { ms } => Time::from_ms(ms.load(Ordering::SeqCst)),
        }
    }

    /// The monotonic time.
    pub fn moment(&self) -> Moment {
        match &self.0 {
            Source::System => Moment(start().elapsed()),
            Source::Manual { ms } => Moment(Time::from_ms(ms.load(Ordering::SeqCst)).since(Time::ZERO)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clock, Time};

    #[test]
    fn two_clocks_of_one_process_agree_on_monotonic_time() {
        let first = Clock::system();
        let before = first.moment();
        std::thread::sleep(Duration::from_millis(5));
        let later = Clock::system().moment();
        assert!(later.since(before) >= Duration::from_millis(5));
    }

    #[test]
    fn dates_and_periods_at_their_edges() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ];
        for (ms, text) in cases {
            assert_eq!(Time::from_ms(ms).to_string(), text);
        }
        assert_eq!(Time::from_ms(1_735_689_599_999).year(), 2024);
        assert_eq!(Time::from_ms(1_735_689_600_000).month(), 2025 * 12);
        assert_eq!(Time::from_ms(86_399_999).day(), 0);
        assert_eq!(Time::from_ms(-5), Time::ZERO);
        for year in 1970..2500 {
            let start = Time::start_of_year(year);
            assert_eq!(start.date(), (i64::from(year), 1, 1));
            assert!(start == Time::ZERO || Time::from_ms(start.as_ms() - 1).year() == year - 1);
        }
        assert_eq!((Time::start_of_year(0), Time::start_of_year(u32::MAX)), (Time::ZERO, Time::MAX));
    }
}
