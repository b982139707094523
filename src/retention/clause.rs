//! The clauses of the published policy that say how long something is kept.

use std::fmt;

/// A clause that a plan rests on. Its id is the one in the policy's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// Account fields: for the account's lifetime and a while after its closure.
    KeepAccount,
    /// Invoices and payment evidence: for years after the end of their year, whatever else is asked.
    KeepFinancial,
    /// Access logs: for days.
    KeepAccessLog,
    /// Tickets: for the account's lifetime and a while after its closure.
    KeepTicket,
    /// What accounts for the rest: that something was done, by whom and when, with no word of anybody's in it.
    ProtectLogged,
}

impl Clause {
    /// The id in the policy's document.
    pub const fn id(self) -> &'static str {
        match self {
            Self::KeepAccount => "keep.account",
            Self::KeepFinancial => "keep.financial",
            Self::KeepAccessLog => "keep.access_log",
            Self::KeepTicket => "keep.ticket",
            Self::ProtectLogged => "protect.logged",
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
