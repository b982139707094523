//! A cursor over stored bytes: each step takes what it names or fails, and the end must be the end.

use std::fmt;

/// Bytes that no version of this program writes for this field. It does not repeat them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecodable;

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored billing field has a form that no version of this program writes")
    }
}

impl std::error::Error for Undecodable {}

/// What is left to read.
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    /// A cursor past the version byte, which must be `version`.
    pub(super) fn versioned(bytes: &'a [u8], version: u8) -> Result<Self, Undecodable> {
        let mut cursor = Self(bytes);
        if cursor.u8()? == version { Ok(cursor) } else { Err(Undecodable) }
    }

    /// The next `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Undecodable> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Undecodable)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Undecodable> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Undecodable)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// One byte.
    pub(super) fn u8(&mut self) -> Result<u8, Undecodable> {
        self.array().map(u8::from_be_bytes)
    }

    /// Two bytes, big-endian.
    pub(super) fn u16(&mut self) -> Result<u16, Undecodable> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes, big-endian.
    pub(super) fn u32(&mut self) -> Result<u32, Undecodable> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes, big-endian, two's complement.
    pub(super) fn i64(&mut self) -> Result<i64, Undecodable> {
        self.array().map(i64::from_be_bytes)
    }

    /// A text that its length in bytes leads (two bytes, big-endian).
    pub(super) fn text(&mut self) -> Result<&'a str, Undecodable> {
        let count = self.u16()?;
        std::str::from_utf8(self.bytes(usize::from(count))?).map_err(|_| Undecodable)
    }

    /// Bytes that their length leads (two bytes, big-endian).
    pub(super) fn sized(&mut self) -> Result<&'a [u8], Undecodable> {
        let count = self.u16()?;
        self.bytes(usize::from(count))
    }

    /// All that is left.
    pub(super) fn remaining(self) -> &'a [u8] {
        self.0
    }

    /// All that is left, as text.
    pub(super) fn rest(self) -> Result<&'a str, Undecodable> {
        std::str::from_utf8(self.0).map_err(|_| Undecodable)
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), Undecodable> {
        if self.0.is_empty() { Ok(()) } else { Err(Undecodable) }
    }
}

/// Writes what [`Cursor::text`] reads. The limits of texts stand far under 2^16 bytes; a longer one would be
/// cut off here and then fail to decode, never be read as something else.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_bytes(out, text.as_bytes());
}

/// Writes what [`Cursor::sized`] reads.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let count = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&count.to_be_bytes());
    out.extend(bytes.iter().take(usize::from(count)));
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Undecodable, put_text};

    #[test]
    fn a_cursor_takes_what_is_there_and_no_more() {
        let mut out = vec![1];
        put_text(&mut out, "\u{e9}a");
        out.extend_from_slice(&(-2_i64).to_be_bytes());
        let mut cursor = Cursor::versioned(&out, 1).ok().unwrap();
        assert_eq!(cursor.text(), Ok("\u{e9}a"));
        assert_eq!(cursor.i64(), Ok(-2));
        assert_eq!(cursor.u8(), Err(Undecodable));
        assert_eq!(cursor.end(), Ok(()));
        assert!(Cursor::versioned(&out, 2).is_err());
        assert!(Cursor::versioned(&[], 1).is_err());
        assert_eq!(Cursor::versioned(&out, 1).ok().unwrap().end(), Err(Undecodable));
        assert_eq!(Cursor::versioned(&[1, 0, 1, 0xff], 1).ok().unwrap().text(), Err(Undecodable));
        assert_eq!(Cursor::versioned(&[1, 0, 2, b'a'], 1).ok().unwrap().text(), Err(Undecodable));
    }
}
