//! The little JSON that entries are made of: ASCII, no spaces, no escapes, no floats, one form per value.

use std::fmt::Write as _;

use crate::base::base64url::{self, Coded};

/// Integers stay under 2^53, which every JSON reader keeps exact.
pub(crate) const INTEGER_END: u64 = 1 << 53;
/// A name, bytes.
pub(crate) const NAME_BYTES_MAX: usize = 64;
/// A text, bytes.
pub(crate) const TEXT_BYTES_MAX: usize = 128;

/// What a byte may be part of: a bit each for names and texts.
type Part = u8;
const NAME: Part = 1;
const TEXT: Part = 2;

/// What each byte may be part of. A line is looked at byte by byte: one look-up each.
static PARTS: [Part; 256] = {
    let mut parts = [0; 256];
    let (mut left, mut byte) = (parts.as_mut_slice(), 0_u8);
    while let Some((part, others)) = left.split_first_mut() {
        *part = match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => NAME | TEXT,
            b'"' | b'\\' => 0,
            b' '..=b'~' => TEXT,
            _ => 0,
        };
        (left, byte) = (others, byte.wrapping_add(1));
    }
    parts
};

#[inline]
fn is_of(part: Part, byte: u8) -> bool {
    PARTS.get(usize::from(byte)).is_some_and(|parts| parts & part != 0)
}

/// Whether `text` is a name: 1 to 64 of `a`-`z`, `0`-`9`, `.`, `_`, `-`.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| is_of(NAME, byte))
}

/// Whether `text` can stand in quotes as it is: 1 to 128 printable ASCII characters without `"` and `\`.
pub(crate) fn is_text(text: &str) -> bool {
    (1..=TEXT_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| is_of(TEXT, byte))
}

/// Appends `text` in quotes; it holds nothing that would need an escape.
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    out.push_str(text);
    out.push('"');
}

/// Appends a key, after a comma if it is not its object's first.
pub(crate) fn key<'o>(out: &'o mut String, name: &str) -> &'o mut String {
    if !out.ends_with('{') {
        out.push(',');
    }
    quote(out, name);
    out.push(':');
    out
}

/// Appends `null`, or what `write` appends for the value.
pub(crate) fn optional<T>(out: &mut String, value: Option<T>, write: impl Fn(&mut String, T)) {
    match value {
        Some(value) => write(out, value),
        None => out.push_str("null"),
    }
}

/// Appends a list of what `write` appends for each item.
pub(crate) fn list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// Appends a decimal integer.
pub(crate) fn integer(out: &mut String, value: u64) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{value}");
}

/// Appends bytes as base64url.
pub(crate) fn bytes(out: &mut String, value: &[u8]) {
    quote(out, &base64url::encode(value));
}

/// What stands between a value and the next one of its object: one literal, compared at once.
macro_rules! next {
    ($key:literal) => {
        concat!(",\"", $key, "\":")
    };
}

pub(super) use next;

/// Where a line stops being what was expected, as a byte offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unexpected {
    pub(crate) at: usize,
}

/// A part of a line that holds ASCII only: it was looked at byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ascii<'a>(&'a [u8]);

impl<'a> Ascii<'a> {
    /// Whether it is this text.
    #[inline]
    pub(crate) fn is(self, text: &str) -> bool {
        self.0 == text.as_bytes()
    }

    /// As text.
    pub(crate) fn as_str(self) -> &'a str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }

    /// A reader of it.
    pub(crate) fn reader(self) -> Cursor<'a> {
        Cursor::new(self.0)
    }

    /// As text of one's own.
    pub(crate) fn to_owned(self) -> String {
        self.as_str().to_owned()
    }
}

/// Reads a line from left to right and expects each byte: what it accepts has one form only. It builds nothing.
pub(crate) struct Cursor<'a> {
    line: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// At the beginning of `line`.
    pub(crate) fn new(line: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { line: line.as_ref(), rest: line.as_ref() }
    }

    /// How far it has come, bytes.
    pub(crate) const fn at(&self) -> usize {
        self.line.len() - self.rest.len()
    }

    /// The error for what stands here.
    pub(crate) const fn unexpected(&self) -> Unexpected {
        Unexpected { at: self.at() }
    }

    /// What was read since `start`.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> Ascii<'a> {
        Ascii(self.line.get(start..self.at()).unwrap_or_default())
    }

    /// Whether `literal` stands here.
    #[inline]
    pub(crate) fn sees(&self, literal: &str) -> bool {
        self.rest.starts_with(literal.as_bytes())
    }

    /// Steps over `literal` if it stands here.
    #[inline]
    pub(crate) fn take(&mut self, literal: &str) -> bool {
        let rest = self.rest.strip_prefix(literal.as_bytes());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Steps over `literal`.
    #[inline]
    pub(crate) fn require(&mut self, literal: &str) -> Result<(), Unexpected> {
        if self.take(literal) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Steps over `literal`, to what stands behind it.
    #[inline]
    pub(crate) fn after(&mut self, literal: &str) -> Result<&mut Self, Unexpected> {
        self.require(literal).map(|()| self)
    }

    /// Steps over the end of the line.
    #[inline]
    pub(crate) fn end(&self) -> Result<(), Unexpected> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Steps over a key of the object whose first key begins at `start`, after a comma if it is not that one.
    pub(crate) fn key(&mut self, start: usize, name: &str) -> Result<&mut Self, Unexpected> {
        if self.at() > start {
            self.require(",")?;
        }
        self.after("\"")?.after(name)?.after("\":")
    }

    /// `null`, or what `read` reads.
    #[inline]
    pub(crate) fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unexpected>,
    ) -> Result<Option<T>, Unexpected> {
        if self.take("null") { Ok(None) } else { read(self).map(Some) }
    }

    /// A list of what `read` reads.
    #[inline]
    pub(crate) fn each(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<(), Unexpected>,
    ) -> Result<(), Unexpected> {
        self.require("[")?;
        if self.take("]") {
            return Ok(());
        }
        loop {
            read(self)?;
            if self.take("]") {
                return Ok(());
            }
            self.require(",")?;
        }
    }

    /// A list of what `read` reads, collected.
    pub(crate) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Unexpected>,
    ) -> Result<Vec<T>, Unexpected> {
        let mut items = Vec::new();
        self.each(|line| read(line).map(|item| items.push(item)))?;
        Ok(items)
    }

    /// What `read` reads, in quotes.
    #[inline]
    pub(crate) fn quoted<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unexpected>,
    ) -> Result<T, Unexpected> {
        let value = read(self.after("\"")?)?;
        self.require("\"").map(|()| value)
    }

    /// One to `bytes_max` bytes that may be part of this.
    #[inline]
    fn run(&mut self, part: Part, bytes_max: usize) -> Result<Ascii<'a>, Unexpected> {
        let length = self.rest.iter().position(|byte| !is_of(part, *byte)).unwrap_or(self.rest.len());
        match self.rest.split_at_checked(length) {
            Some((run, rest)) if (1..=bytes_max).contains(&length) => {
                self.rest = rest;
                Ok(Ascii(run))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A name, without quotes.
    #[inline]
    pub(crate) fn bare_name(&mut self) -> Result<Ascii<'a>, Unexpected> {
        self.run(NAME, NAME_BYTES_MAX)
    }

    /// A quoted name.
    #[inline]
    pub(crate) fn name(&mut self) -> Result<Ascii<'a>, Unexpected> {
        self.quoted(Self::bare_name)
    }

    /// A quoted text.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<Ascii<'a>, Unexpected> {
        self.quoted(|line| line.run(TEXT, TEXT_BYTES_MAX))
    }

    /// A quoted name of which `parse` makes something.
    #[inline]
    pub(crate) fn parsed<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Unexpected> {
        let here = self.unexpected();
        parse(self.name()?.as_str()).ok_or(here)
    }

    /// base64url, without quotes.
    #[inline]
    pub(crate) fn coded<const CHARS: usize, const BYTES: usize>(
        &mut self,
    ) -> Result<Coded<'a, CHARS, BYTES>, Unexpected> {
        let (text, rest) = self.rest.split_first_chunk().ok_or(self.unexpected())?;
        let coded = Coded::new(text).ok_or(self.unexpected())?;
        self.rest = rest;
        Ok(coded)
    }

    /// A decimal integer under 2^53 without sign, leading zero or exponent.
    #[inline]
    pub(crate) fn integer(&mut self) -> Result<u64, Unexpected> {
        let (mut value, mut rest) = (0, self.rest);
        while let Some((digit @ b'0'..=b'9', after)) = rest.split_first() {
            value = value * 10 + u64::from(digit - b'0');
            rest = after;
            if value >= INTEGER_END {
                return Err(self.unexpected());
            }
        }
        let digits = self.rest.len() - rest.len();
        if digits == 0 || (digits > 1 && self.sees("0")) {
            return Err(self.unexpected());
        }
        self.rest = rest;
        Ok(value)
    }
}

/// Whether some object in `line` has a key twice: two readers would see two entries. It looks at any text, sound or
/// not, and guesses no more than where strings and braces are.
pub(crate) fn repeats_a_key(line: &str) -> bool {
    let mut objects: Vec<Vec<&str>> = Vec::new();
    let mut last = None;
    let mut rest = line;
    while let Some(at) = rest.find(['"', '{', '}', ':']) {
        let (sign, after) =
            rest.split_at_checked(at).and_then(|(_, found)| found.split_at_checked(1)).unwrap_or(("", ""));
        rest = after;
        match sign {
            "\"" => {
                let end = closing_quote(rest);
                let (inner, beyond) = rest.split_at_checked(end).unwrap_or((rest, ""));
                last = Some(inner);
                rest = beyond.get(1..).unwrap_or("");
            }
            "{" => objects.push(Vec::new()),
            "}" => drop(objects.pop()),
            _ => {
                let (Some(keys), Some(key)) = (objects.last_mut(), last.take()) else { continue };
                if keys.contains(&key) {
                    return true;
                }
                keys.push(key);
            }
        }
    }
    false
}

/// Where the string that `text` continues ends: at the first quote that no backslash escapes.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::{Ascii, Cursor, is_name, is_text, repeats_a_key};

    #[test]
    fn integers_have_one_form() {
        for (text, value) in [("0", 0), ("7", 7), ("9007199254740991", (1 << 53) - 1)] {
            assert_eq!(Cursor::new(text).integer(), Ok(value));
        }
        for refused in ["", "-1", "+1", "01", "00", "x", "9007199254740992", "99999999999999999999999"] {
            assert!(Cursor::new(refused).integer().is_err(), "{refused}");
        }
        let mut cursor = Cursor::new("1.5");
        assert_eq!(cursor.integer(), Ok(1));
        assert!(cursor.end().is_err(), "a float is an integer and rubbish");
    }

    #[test]
    fn strings_take_no_escape_and_end_where_they_end() {
        for refused in ["name", "\"name", "\"\"", "\"na me\"", "\"na\\u006de\"", "\"NAME\"", "\"n\u{e4}me\""]
        {
            assert!(Cursor::new(refused).name().is_err(), "{refused}");
        }
        let mut cursor = Cursor::new("\"a.b_c-1\"]");
        assert_eq!(cursor.name().map(Ascii::as_str), Ok("a.b_c-1"));
        assert!(cursor.take("]") && cursor.end().is_ok());
        assert!(is_name(&"a".repeat(64)) && !is_name(&"a".repeat(65)));
        assert!(
            is_text("support/x (take)")
                && !is_text("a\nb")
                && !is_text("a\"b")
                && !is_text("a\\b")
                && !is_text("")
        );
    }

    #[test]
    fn lists_have_one_form() {
        let read = |text: &str| {
            let mut cursor = Cursor::new(text);
            let items = cursor.list(Cursor::integer)?;
            cursor.end().map(|()| items)
        };
        assert_eq!(read("[]"), Ok(vec![]));
        assert_eq!(read("[1,2]"), Ok(vec![1, 2]));
        for refused in ["", "[", "[1", "[1,]", "[,1]", "[1 ]", "[1,2]]", "[1;2]"] {
            assert!(read(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn repeated_keys_are_found_wherever_they_stand() {
        for repeated in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":{"c":1},"a":2}"#,
            r#"{"a":{"b":1,"c":2,"b":3}}"#,
            r#"[{"a":1},{"b":1,"b":2}]"#,
            r#"{"a":"\"","b":1,"b":2}"#,
            r#"{ "a" : 1, "a" : 2"#,
        ] {
            assert!(repeats_a_key(repeated), "{repeated}");
        }
        for sound in [
            r#"{"a":1,"b":2}"#,
            r#"{"a":{"a":{"a":1}}}"#,
            r#"[{"a":1},{"a":1}]"#,
            r#"{"a":"b","b":"a:a"}"#,
            r#"{"a":"{\"b\":1,\"b\":2}"}"#,
            "}{::\"",
            "",
        ] {
            assert!(!repeats_a_key(sound), "{sound}");
        }
    }
}
