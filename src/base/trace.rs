//! The caller's own id of a request: by it an entry of the log and what the caller wrote down of the same call find
//! each other. And what this library tells whoever listens to its spans.

use std::fmt;

/// 16 bytes, as W3C trace contexts and UUIDs have them. Nothing else is taken: a free text could be anything, a
/// customer's address too, and would stand in the log for good.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The id in a `traceparent` ([`Self::from_traceparent`]), in a UUID, or in 32 hexadecimal digits. `None` for all
    /// else, and for the id of zeros, which stands for none.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split('-').collect::<Vec<_>>()[..] {
            [digits] => Self::from_hex(digits),
            [a, b, c, d, e] if [a, b, c, d, e].map(str::len) == [8, 4, 4, 4, 12] => {
                Self::from_hex(&[a, b, c, d, e].concat())
            }
            _ => Self::from_traceparent(text),
        }
    }

    /// The trace id of a `traceparent`, as W3C Trace Context says in its levels 1 and 2, section 3.2: four fields of
    /// digits in lower case; ids that are not zeros; of version 00 nothing behind them; of a later version, which is not
    /// ff, perhaps more behind a hyphen. `None` for all else: whoever is called then begins a trace of its own.
    pub fn from_traceparent(text: &str) -> Option<Self> {
        let mut fields = text.splitn(5, '-');
        let [version, trace, parent, flags] = [2, 32, 16, 2].map(|digits| {
            let field = fields.next()?;
            (field.len() == digits && field.bytes().all(is_lower)).then_some(field)
        });
        let (version, parent) = (version?, parent?);
        flags?;
        let ends = version != "00" || fields.next().is_none();
        let is_valid = ends && version != "ff" && parent.bytes().any(|digit| digit != b'0');
        trace.filter(|_| is_valid).and_then(Self::from_hex)
    }

    /// The id of exactly 32 digits, in either case.
    fn from_hex(digits: &str) -> Option<Self> {
        if digits.len() != 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let number = u128::from_str_radix(digits, 16).ok()?;
        (number != 0).then_some(Self(number.to_be_bytes()))
    }

    /// The id of the 32 digits that [`fmt::Display`] writes, and no other way to write them.
    pub(crate) fn from_canonical(digits: &str) -> Option<Self> {
        digits.bytes().all(is_lower).then(|| Self::from_hex(digits)).flatten()
    }
}

const fn is_lower(digit: u8) -> bool {
    matches!(digit, b'0'..=b'9' | b'a'..=b'f')
}

/// Tells the span of the verb at work. Where those are switched off the current span is another program's: it is left
/// alone.
pub(crate) fn tell(field: &'static str, value: impl fmt::Display) {
    let span = tracing::Span::current();
    if span.metadata().is_some_and(|metadata| metadata.target().starts_with("strongroom::room")) {
        span.record(field, tracing::field::display(value));
    }
}

/// 32 hexadecimal digits in lower case: how systems that trace requests show it.
impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::TraceId;

    const DIGITS: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn ids_come_from_trace_contexts_uuids_and_digits() {
        for text in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
            "4BF92F35-77B3-4DA6-A3CE-929D0E0E4736",
            "4BF92F3577B34DA6A3CE929D0E0E4736",
            DIGITS,
        ] {
            assert_eq!(TraceId::parse(text).unwrap().to_string(), DIGITS, "{text}");
        }
        assert_eq!(TraceId::from_canonical(DIGITS), TraceId::parse(DIGITS));
        assert_eq!(TraceId::from_canonical(&DIGITS.to_uppercase()), None);
        assert_eq!(TraceId::from_traceparent(DIGITS), None, "an id is no header");
    }

    /// What the standard calls invalid, case by case.
    #[test]
    fn a_traceparent_is_read_as_strictly_as_the_standard_says() {
        for text in [
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
            "0G-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
            "0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
        ] {
            assert_eq!(TraceId::from_traceparent(text), None, "{text}");
            assert_eq!(TraceId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_else_gets_into_the_log() {
        for text in [
            "",
            "jane@customer.example",
            "4bf92f3577b34da6a3ce929d0e0e473",
            "4bf92f3577b34da6a3ce929d0e0e47366",
            "+bf92f3577b34da6a3ce929d0e0e4736",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e473g",
            "00000000000000000000000000000000",
            " 4bf92f3577b34da6a3ce929d0e0e4736",
        ] {
            assert_eq!(TraceId::parse(text), None, "{text}");
        }
    }
}
