//! The caller's own id of a request: by it an entry of the log and what the caller wrote down of the same call find
//! each other.

use std::fmt;

/// 16 bytes, as W3C trace contexts and UUIDs have them. Nothing else is taken: a free text could be anything, a
/// customer's address too, and would stand in the log for good.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The id in a header of the caller: a `traceparent` of whatever version, a UUID, or 32 hexadecimal digits.
    /// `None` for all else, and for the id of zeros, which stands for none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = match text.split('-').collect::<Vec<_>>()[..] {
            [digits] => digits.to_owned(),
            [version, trace, parent, flags, ..]
                if [version.len(), parent.len(), flags.len()] == [2, 16, 2] =>
            {
                trace.to_owned()
            }
            [a, b, c, d, e] if [a, b, c, d, e].map(str::len) == [8, 4, 4, 4, 12] => [a, b, c, d, e].concat(),
            _ => return None,
        };
        Self::from_hex(&digits)
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
        let is_lower = |digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        digits.bytes().all(is_lower).then(|| Self::from_hex(digits)).flatten()
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
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
            "4BF92F35-77B3-4DA6-A3CE-929D0E0E4736",
            DIGITS,
            " 4bf92f3577b34da6a3ce929d0e0e4736 ",
        ] {
            assert_eq!(TraceId::parse(text).unwrap().to_string(), DIGITS, "{text}");
        }
        assert_eq!(TraceId::from_canonical(DIGITS), TraceId::parse(DIGITS));
        assert_eq!(TraceId::from_canonical(&DIGITS.to_uppercase()), None);
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
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00000000000000000000000000000000",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceId::parse(text), None, "{text}");
        }
    }
}
