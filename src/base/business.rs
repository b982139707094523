//! Business days: Monday to Friday, UTC. On Saturdays and Sundays no time passes.

use std::time::Duration;

use super::Time;

const DAY: Duration = Duration::from_secs(86_400);

/// The time at which so many business days have passed since `from`. It never decreases with `from`.
pub(crate) fn after(from: Time, days: u32) -> Time {
    let mut time = match weekday(from) {
        5 => midnight(from).plus(DAY * 2),
        6 => midnight(from).plus(DAY),
        _ => from,
    };
    for _ in 0..days {
        time = time.plus(if weekday(time) == 4 { DAY * 3 } else { DAY });
    }
    time
}

/// The latest time for which so many business days have passed at `until`.
pub(crate) fn latest_before(until: Time, days: u32) -> Time {
    let (mut low, mut high) = (0, until.as_ms());
    while low < high {
        let middle = low + (high - low + 1) / 2;
        if after(Time::from_ms(middle), days) <= until { low = middle } else { high = middle - 1 }
    }
    Time::from_ms(low)
}

/// 0 for Monday to 6 for Sunday. The epoch was a Thursday.
fn weekday(time: Time) -> u32 {
    (time.day() + 3) % 7
}

fn midnight(time: Time) -> Time {
    Time::from_ms(i64::from(time.day()) * 86_400_000)
}

#[cfg(test)]
mod tests {
    use super::{after, latest_before};
    use crate::base::{Time, rfc3339};

    fn time(text: &str) -> Time {
        rfc3339::parse(text).unwrap()
    }

    #[test]
    fn weekends_do_not_count() {
        for (from, due) in [
            ("2026-11-23T09:00:00Z", "2026-11-25T09:00:00Z"), // a Monday
            ("2026-11-26T09:00:00Z", "2026-11-30T09:00:00Z"), // Thursday to Monday
            ("2026-11-27T15:00:00Z", "2026-12-01T15:00:00Z"), // Friday to Tuesday
            ("2026-11-27T23:59:59.999Z", "2026-12-01T23:59:59.999Z"),
            ("2026-11-28T00:00:00Z", "2026-12-02T00:00:00Z"), // a weekend begins with Monday
            ("2026-11-29T23:59:59.999Z", "2026-12-02T00:00:00Z"),
            ("2026-11-30T00:00:00Z", "2026-12-02T00:00:00Z"),
        ] {
            assert_eq!(after(time(from), 2), time(due), "{from}");
        }
    }

    #[test]
    fn the_latest_time_is_the_last_that_is_due() {
        let start = time("2026-11-23T00:00:00Z").as_ms();
        for hour in 0..400 {
            let until = Time::from_ms(start + hour * 3_600_000);
            let latest = latest_before(until, 2);
            assert!(after(latest, 2) <= until, "{until}");
            assert!(after(Time::from_ms(latest.as_ms() + 1), 2) > until, "{until}");
        }
    }
}
