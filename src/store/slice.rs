//! A part of a list, newest first: lists are read from a place on, not by counting rows from their beginning.

use super::Value;

/// A place in a list: a time or a position, and the id that tells rows of the same time apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Milliseconds since 1970, or a position of the log.
    pub(crate) number: i64,
    /// The row's id.
    pub(crate) id: [u8; 16],
}

impl Place {
    /// Behind which every row is.
    pub(crate) const NEWEST: Self = Self { number: i64::MAX, id: [0xff; 16] };
    /// The same for a list that begins with the oldest.
    pub(crate) const OLDEST: Self = Self { number: -1, id: [0; 16] };
}

/// Up to `limit` rows behind a place, in the order of their list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) behind: Place,
    pub(crate) limit: u32,
}

impl Slice {
    /// What a statement is bound to: number and id of the place, and the limit.
    pub(super) fn values(&self) -> [Value; 3] {
        [self.behind.number.into(), Value::from(&self.behind.id), self.limit.into()]
    }
}
