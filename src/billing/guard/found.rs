//! A card number that was found.

use std::ops::Range;

use crate::billing::card::LastFour;

/// A card number in a text.
pub(crate) struct Found {
    /// Where it stands, bytes: from its first digit to its last.
    pub(crate) range: Range<usize>,
    /// What may be shown of it.
    pub(crate) last_four: LastFour,
}
