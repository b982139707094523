//! How far an account's life has come.

/// Whether an account is in use. The numbers stand in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// In use.
    Active = 1,
    /// Closed by its owner or by staff: nobody logs in to it any more, and its periods run.
    Closed = 2,
    /// Erased: what law keeps stays, the rest is gone, and nothing is written about it again.
    Erased = 3,
}

impl AccountState {
    /// The state with this number; `None` for what no version of this program writes.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Active, Self::Closed, Self::Erased].into_iter().find(|state| *state as i64 == number)
    }

    /// The name in answers and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Erased => "erased",
        }
    }
}
