//! Reading the times of other programs: RFC 3339, with its offset.

use super::Time;

/// The time that an RFC 3339 text states, cut to milliseconds; `None` if it is none, before 1970, or a leap second.
pub(crate) fn parse(text: &str) -> Option<Time> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [year, month, day] = parts(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = parts(clock, ':', [2, 2, 2])?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (ms, zone) = fraction(rest)?;
    let seconds = days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let ms = (seconds - offset(zone)?) * 1000 + ms;
    (0..=Time::MAX.as_ms()).contains(&ms).then(|| Time::from_ms(ms))
}

/// Numbers of exactly these widths, with a mark between them.
fn parts(text: &str, mark: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut numbers = [0; 3];
    let mut words = text.split(mark);
    for (number, width) in numbers.iter_mut().zip(widths) {
        *number = digits(words.next()?, width)?;
    }
    words.next().is_none().then_some(numbers)
}

fn digits(text: &str, width: usize) -> Option<i64> {
    let plain = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// Milliseconds of a fraction of up to nine digits, and what follows it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let width = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = rest.split_at_checked(width)?;
    if !(1..=9).contains(&width) {
        return None;
    }
    let ms: String = digits.chars().chain("00".chars()).take(3).collect();
    Some((ms.parse().ok()?, zone))
}

/// Seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    let (ahead, rest) = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(ahead * (hours * 3600 + minutes * 60))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// After Howard Hinnant's `days_from_civil`.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::base::Time;

    #[test]
    fn a_time_is_read_back_as_it_was_written() {
        for ms in [0, 1, 951_782_399_999, 951_782_400_000, 1_790_000_000_123, 4_102_444_800_000] {
            let time = Time::from_ms(ms);
            assert_eq!(parse(&time.to_string()), Some(time));
        }
        for (text, ms) in [
            ("2024-02-29T12:00:00Z", 1_709_208_000_000),
            ("2024-02-29t12:00:00z", 1_709_208_000_000),
            ("2024-02-29 12:00:00+00:00", 1_709_208_000_000),
            ("2024-02-29T14:30:00+02:30", 1_709_208_000_000),
            ("2024-02-28T23:00:00.5-13:00", 1_709_208_000_500),
            ("2024-02-29T12:00:00.123456789Z", 1_709_208_000_123),
        ] {
            assert_eq!(parse(text), Some(Time::from_ms(ms)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2024-02-29",
            "2024-02-29T12:00:00",
            "2023-02-29T12:00:00Z",
            "2100-02-29T12:00:00Z",
            "2024-13-01T12:00:00Z",
            "2024-00-01T12:00:00Z",
            "2024-04-31T12:00:00Z",
            "2024-04-30T24:00:00Z",
            "2024-04-30T12:60:00Z",
            "2016-12-31T23:59:60Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "2024-04-30T12:00:00+0200",
            "2024-04-30T12:00:00+24:00",
            "2024-04-30T12:00:00.Z",
            "2024-04-30T12:00:00.1234567890Z",
            "2024-4-30T12:00:00Z",
            "+024-04-30T12:00:00Z",
            "2024-04-30T12:00:00Z ",
            "2024-04-3\u{e9}T12:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
