//! Evidence that a row's MAC was checked.

use std::ops::Deref;

/// A row that was vouched for: its MAC over its bytes, its room and its id was right. Only such rows reach a
/// decision, so that a row that somebody wrote with SQL confers nothing.
///
/// It says that this room once wrote the row, not that it is the newest: an older valid row put back is found
/// by the fold in the log's head. Not `Clone`: evidence stays where it was made.
pub(crate) struct Vouched<T>(T);

impl<T> Vouched<T> {
    /// States that `row` was vouched for. `seal/vouch.rs` alone may name this, after comparing the MAC.
    pub(crate) const fn assertion(row: T) -> Self {
        Self(row)
    }
}

impl<T> Deref for Vouched<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
