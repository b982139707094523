//! A strict reader of records: the PHC string format, `crypt(3)` and their kin.
//!
//! Each value has one text: decimal numbers without leading zeros, base64 without padding and with trailing bits
//! of zero, parameters in their one order. Readers that accept more disagree with each other about what a record
//! means; one that accepts less can only refuse.

use base64ct::{Base64ShaCrypt, Encoding};
use zeroize::Zeroizing;

use super::unsupported::Unsupported;

/// What is left of a record's text, and where in the whole text that is.
pub(super) struct Cursor<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor on `rest`, which begins at byte `at` of the whole text.
    pub(super) fn new(rest: &'a str, at: usize) -> Self {
        Self { rest, at }
    }

    /// The refusal of what stands here.
    pub(super) fn malformed(&self) -> Unsupported {
        Unsupported::Malformed { at: self.at }
    }

    /// Whether `literal` stands here.
    pub(super) fn is_at(&self, literal: &str) -> bool {
        self.rest.starts_with(literal)
    }

    /// All that is left.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Steps over `literal`, if it stands here.
    pub(super) fn skip(&mut self, literal: &str) -> bool {
        let rest = self.rest.strip_prefix(literal);
        if let Some(rest) = rest {
            self.rest = rest;
            self.at += literal.len();
        }
        rest.is_some()
    }

    /// Steps over `literal`, which must stand here.
    pub(super) fn literal(&mut self, literal: &str) -> Result<(), Unsupported> {
        if self.skip(literal) { Ok(()) } else { Err(self.malformed()) }
    }

    /// The next `bytes` bytes, all of them.
    pub(super) fn take(&mut self, bytes: usize) -> Result<&'a str, Unsupported> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(self.malformed())?;
        self.rest = rest;
        self.at += bytes;
        Ok(taken)
    }

    /// A decimal number without sign and leading zeros.
    pub(super) fn number(&mut self) -> Result<u64, Unsupported> {
        let digits = self.run(|byte| byte.is_ascii_digit());
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(self.malformed());
        }
        let number = digits.parse().map_err(|_| self.malformed())?;
        self.take(digits.len())?;
        Ok(number)
    }

    /// What stands before the next `separator`, or all that is left.
    pub(super) fn text(&mut self, separator: u8) -> &'a str {
        let text = self.run(|byte| byte != separator);
        self.rest = self.rest.get(text.len()..).unwrap_or_default();
        self.at += text.len();
        text
    }

    /// What stands before the next `separator`, which must stand there; both are stepped over.
    pub(super) fn text_and(&mut self, separator: &str) -> Result<&'a str, Unsupported> {
        let (text, rest) = self.rest.split_once(separator).ok_or(self.malformed())?;
        self.rest = rest;
        self.at += text.len() + separator.len();
        Ok(text)
    }

    /// Bytes in an encoding of base64, up to the next `$`.
    pub(super) fn bytes<E: Encoding>(&mut self) -> Result<Zeroizing<Vec<u8>>, Unsupported> {
        let malformed = self.malformed();
        E::decode_vec(self.text(b'$')).map(Zeroizing::new).map_err(|_| malformed)
    }

    /// Bytes in hexadecimal digits of one case, up to the next `separator`.
    pub(super) fn hex(&mut self, separator: u8) -> Result<Zeroizing<Vec<u8>>, Unsupported> {
        let malformed = self.malformed();
        let text = self.text(separator).as_bytes();
        let upper = text.iter().any(u8::is_ascii_uppercase);
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' if !upper => Some(digit - b'a' + 10),
            b'A'..=b'F' => Some(digit - b'A' + 10),
            _ => None,
        };
        let byte = |pair: &[u8]| match *pair {
            [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = text.chunks(2).map(byte).collect();
        bytes.map(Zeroizing::new).ok_or(malformed)
    }

    /// The text of so many bytes in base64 of `crypt(3)`, in its one form, as it stands: tags of those schemes are
    /// compared as texts, since each writes the bytes in an order of its own.
    pub(super) fn crypt64(&mut self, bytes: usize) -> Result<Zeroizing<Vec<u8>>, Unsupported> {
        let malformed = self.malformed();
        let text = self.text(b'$');
        let decoded = Base64ShaCrypt::decode_vec(text).map(Zeroizing::new).map_err(|_| malformed)?;
        if decoded.len() == bytes { Ok(Zeroizing::new(text.as_bytes().to_vec())) } else { Err(malformed) }
    }

    /// Nothing may be left, not even a line feed.
    pub(super) fn end(self) -> Result<(), Unsupported> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed()) }
    }

    /// The longest run of such bytes from here on, without stepping over it.
    fn run(&self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let bytes = self.rest.bytes().take_while(|byte| belongs(*byte)).count();
        self.rest.get(..bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use base64ct::Base64Unpadded;

    use super::{Cursor, Unsupported};

    #[test]
    fn numbers_have_one_text() {
        for (text, number) in [("0", 0), ("7,", 7), ("18446744073709551615$", u64::MAX)] {
            assert_eq!(Cursor::new(text, 0).number(), Ok(number));
        }
        for text in ["", "x", "-1", "+1", " 1", "01", "00", "18446744073709551616", "٣"] {
            assert_eq!(Cursor::new(text, 5).number(), Err(Unsupported::Malformed { at: 5 }), "{text}");
        }
    }

    #[test]
    fn bytes_have_one_text() {
        assert_eq!(Cursor::new("/w$", 0).bytes::<Base64Unpadded>().unwrap().as_slice(), [0xff]);
        assert!(Cursor::new("", 0).bytes::<Base64Unpadded>().unwrap().is_empty());
        for text in ["/x", "/w==", "_w", "/", "/w\n", " /w", "é"] {
            assert!(Cursor::new(text, 0).bytes::<Base64Unpadded>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_names_its_place() {
        let mut cursor = Cursor::new("m=64,x", 10);
        cursor.literal("m=").unwrap();
        cursor.number().unwrap();
        assert_eq!(cursor.literal(",t="), Err(Unsupported::Malformed { at: 14 }));
        assert_eq!(cursor.take(3), Err(Unsupported::Malformed { at: 14 }));
        assert_eq!(cursor.take(2), Ok(",x"));
        assert_eq!(cursor.end(), Ok(()));
    }
}
