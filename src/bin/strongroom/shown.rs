//! Values as people and terminals may have them.

use std::fmt::Write;

use jiff::{Timestamp, tz::TimeZone};
use strongroom::room::Time;

use crate::line;

/// A character that ends a line, moves a cursor, hides text or turns the direction of reading. Printed as it is, a
/// customer's name could rewrite what a terminal shows around it, or answer in its owner's place.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text on one line: what a terminal would act on stands as `\u{1b}`.
pub fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) {
            // Writing to a `String` does not fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The text on its own lines, each behind `indent`: no line of it passes for one of this program's.
pub fn lines(text: &str, indent: &str) -> String {
    let shown = text.split('\n').map(|part| format!("{indent}{}", line(&part.replace('\t', "    "))));
    shown.collect::<Vec<_>>().join("\n")
}

/// The text, cut with a mark where it is longer than so many characters.
pub fn cut(text: &str, characters_max: usize) -> String {
    match text.char_indices().nth(characters_max) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// JSON in which no character is left that a terminal would act on: JSON itself escapes only those below a space.
pub fn json(value: &serde_json::Value) -> String {
    let mut shown = String::new();
    for c in value.to_string().chars() {
        if is_unprintable(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The zone that the person reads times in.
fn zone() -> TimeZone {
    match line::current() {
        None => TimeZone::system(),
        Some(line) => {
            let known = line.caller(|caller| caller.zone.as_deref().map(TimeZone::get));
            known.and_then(Result::ok).unwrap_or(TimeZone::UTC)
        }
    }
}

/// The time in the zone of the person's machine, with the offset: `2026-11-22 14:39:05 +01:00`.
pub fn time(time: Time) -> String {
    let Ok(timestamp) = Timestamp::from_millisecond(time.as_ms()) else { return time.to_string() };
    timestamp.to_zoned(zone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// A number with its noun: `1 entry`, `2 entries`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A length in bytes as people read it.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1024 => count(bytes, "byte", "bytes"),
        _ => format!("{bytes} bytes ({})", indicatif::BinaryBytes(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, cut, json, line, lines};

    #[test]
    fn nothing_that_a_terminal_acts_on_is_left() {
        assert_eq!(line("Jane\u{1b}[2J\r\nDoe"), "Jane\\u{1b}[2J\\u{d}\\u{a}Doe");
        assert_eq!(line("a\u{9b}b\u{202e}c\u{200b}d\u{7f}"), "a\\u{9b}b\\u{202e}c\\u{200b}d\\u{7f}");
        assert_eq!(line("é 漢 [card •••• 1234]"), "é 漢 [card •••• 1234]");
        assert_eq!([cut("éé", 2), cut("ééé", 2)], ["éé", "éé…"]);
        assert_eq!(lines("a\tb\n\u{1b}c", "  "), "  a    b\n  \\u{1b}c");
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({"a": "x\u{9b}\u{202e}\u{e0001}é\n\""});
        let shown = json(&value);
        assert_eq!(shown, "{\"a\":\"x\\u009b\\u202e\\udb40\\udc01é\\n\\\"\"}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).ok(), Some(value));
    }

    #[test]
    fn lengths_are_read_by_people() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(1023), "1023 bytes");
        assert_eq!(bytes(1536), "1536 bytes (1.50 KiB)");
    }
}
