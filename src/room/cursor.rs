//! Lists in parts: how many rows, after which row, and where the next part begins.

use std::{fmt, str::FromStr};

use crate::base::base64url;

/// Bytes of a cursor: FORMAT.md section 11.
pub(super) const BYTES: usize = 42;

/// Where a part of a list ended: the next one begins behind it. It counts in this room, for this list and for who got it,
/// and is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub(super) [u8; BYTES]);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        base64url::decode(text).map(Self).ok_or(BadCursor)
    }
}

/// No cursor of this room for this list and this reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadCursor;

impl fmt::Display for BadCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is none of this list")
    }
}

impl std::error::Error for BadCursor {}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub(super) limit: usize,
    pub(super) after: Option<Cursor>,
}

impl Page {
    /// The first `limit` rows. Each list has a limit of its own, which it does not exceed.
    pub const fn first(limit: usize) -> Self {
        Self { limit, after: None }
    }

    /// As many rows of another list, from its beginning.
    pub(super) const fn begun(&self) -> Self {
        Self::first(self.limit)
    }

    /// The next `limit` rows after a cursor.
    pub const fn after(cursor: Cursor, limit: usize) -> Self {
        Self { limit, after: Some(cursor) }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next part begins; `None` if this was the last.
    pub next: Option<Cursor>,
}

impl<T> Listed<T> {
    /// The same part with its rows made into something else.
    pub(super) fn map<U>(self, to: impl FnMut(T) -> U) -> Listed<U> {
        Listed { rows: self.rows.into_iter().map(to).collect(), next: self.next }
    }

    /// The same, if each of its rows can be made.
    pub(super) fn try_map<U, E>(self, to: impl FnMut(T) -> Result<U, E>) -> Result<Listed<U>, E> {
        Ok(Listed { rows: self.rows.into_iter().map(to).collect::<Result<_, E>>()?, next: self.next })
    }
}
