//! How long each class is kept, as the published policy says it.

use std::{fmt, time::Duration};

use super::clause::Clause;
use crate::base::Time;

/// A day.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How much later than in UTC a year ends where it ends last (UTC−12): the room's own zone is among those.
const YEAR_ENDS_LATEST: Duration = Duration::from_secs(12 * 3600);
/// A period that outlives everybody is a slip of the pen.
const YEARS_MAX: u32 = 100;
const DAYS_MAX: u32 = 366 * YEARS_MAX;

/// The figures of the policy's clauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    /// `keep.account`: days after closure that identity and credential are kept at most.
    pub account_days: u32,
    /// `keep.ticket`: days after closure that tickets are kept at most.
    pub ticket_days: u32,
    /// `keep.financial`: years after the end of its year that a financial record is kept at least.
    pub financial_years: u32,
    /// `keep.access_log`: days that a record of access is kept.
    pub access_log_days: u32,
}

/// Periods that shorten nothing that law fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule(Periods);

impl Schedule {
    /// Years after the end of its year before which no financial record is destroyed. The Inland Revenue Ordinance of
    /// Hong Kong (Cap. 112), section 51C, asks for seven years; the other regions that the policy names ask for no more.
    pub const FINANCIAL_YEARS_MIN: u32 = 7;

    /// The figures of the published policy.
    pub const DEFAULT: Self = Self(Periods {
        account_days: 365,
        ticket_days: 365,
        financial_years: Self::FINANCIAL_YEARS_MIN,
        access_log_days: 90,
    });

    /// A schedule with these periods.
    ///
    /// # Errors
    /// [`BadPeriod`]: one is shorter than law fixes, or longer than a hundred years.
    pub const fn new(periods: Periods) -> Result<Self, BadPeriod> {
        if periods.financial_years < Self::FINANCIAL_YEARS_MIN {
            return Err(BadPeriod::ShorterThanLaw {
                clause: Clause::KeepFinancial,
                least_years: Self::FINANCIAL_YEARS_MIN,
            });
        }
        let longest = [
            (Clause::KeepAccount, periods.account_days, DAYS_MAX),
            (Clause::KeepTicket, periods.ticket_days, DAYS_MAX),
            (Clause::KeepFinancial, periods.financial_years, YEARS_MAX),
            (Clause::KeepAccessLog, periods.access_log_days, DAYS_MAX),
        ];
        let mut left: &[_] = &longest;
        while let [(clause, period, most), rest @ ..] = left {
            if *period > *most {
                return Err(BadPeriod::TooLong { clause: *clause });
            }
            left = rest;
        }
        Ok(Self(periods))
    }

    /// The figures.
    pub const fn periods(&self) -> Periods {
        self.0
    }

    /// From when identity and credential of an account closed at `closed` must not open any more (`keep.account`).
    pub fn account_ends(&self, closed: Time) -> Time {
        closed.plus(DAY.saturating_mul(self.0.account_days))
    }

    /// From when tickets of an account closed at `closed` must not open any more (`keep.ticket`).
    pub fn ticket_ends(&self, closed: Time) -> Time {
        closed.plus(DAY.saturating_mul(self.0.ticket_days))
    }

    /// From when financial records of `year` may be destroyed, and not a moment earlier (`keep.financial`). The year
    /// is taken to end where on Earth it ends last.
    pub fn financial_ends(&self, year: u32) -> Time {
        let end = year.saturating_add(1).saturating_add(self.0.financial_years);
        Time::start_of_year(end).plus(YEAR_ENDS_LATEST)
    }

    /// From when records of access of `day`, counted from the epoch, must not open any more (`keep.access_log`).
    pub fn access_log_ends(&self, day: u32) -> Time {
        Time::ZERO
            .plus(DAY.saturating_mul(day.saturating_add(1)))
            .plus(DAY.saturating_mul(self.0.access_log_days))
    }
}

/// A period that no schedule takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadPeriod {
    /// Law asks for more.
    ShorterThanLaw {
        /// Whose figure it is.
        clause: Clause,
        /// What law asks for.
        least_years: u32,
    },
    /// Longer than a hundred years.
    TooLong {
        /// Whose figure it is.
        clause: Clause,
    },
}

impl fmt::Display for BadPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShorterThanLaw { clause, least_years } => {
                write!(f, "`{clause}` is shorter than the {least_years} years that law fixes")
            }
            Self::TooLong { clause } => write!(f, "`{clause}` is longer than {YEARS_MAX} years"),
        }
    }
}

impl std::error::Error for BadPeriod {}

#[cfg(test)]
mod tests {
    use super::{BadPeriod, Clause, Periods, Schedule};
    use crate::base::Time;

    #[test]
    fn the_default_is_what_the_policy_says() {
        let schedule = Schedule::DEFAULT;
        assert_eq!(Schedule::new(schedule.periods()), Ok(schedule));
        let closed = Time::from_ms(1_735_689_600_000);
        assert_eq!(closed.to_string(), "2025-01-01T00:00:00.000Z");
        assert_eq!(schedule.account_ends(closed).to_string(), "2026-01-01T00:00:00.000Z");
        assert_eq!(schedule.ticket_ends(closed), schedule.account_ends(closed));
        assert_eq!(schedule.financial_ends(2024).to_string(), "2032-01-01T12:00:00.000Z");
        assert_eq!(schedule.access_log_ends(0).to_string(), "1970-04-02T00:00:00.000Z");
    }

    #[test]
    fn what_law_fixes_is_lengthened_only() {
        let years =
            |financial_years| Schedule::new(Periods { financial_years, ..Schedule::DEFAULT.periods() });
        for shorter in 0..7 {
            let refused = BadPeriod::ShorterThanLaw { clause: Clause::KeepFinancial, least_years: 7 };
            assert_eq!(years(shorter), Err(refused));
        }
        assert_eq!(years(10).unwrap().financial_ends(2024).to_string(), "2035-01-01T12:00:00.000Z");
        assert_eq!(years(101), Err(BadPeriod::TooLong { clause: Clause::KeepFinancial }));
        let forever = Periods { ticket_days: u32::MAX, ..Schedule::DEFAULT.periods() };
        assert_eq!(Schedule::new(forever), Err(BadPeriod::TooLong { clause: Clause::KeepTicket }));
    }

    #[test]
    fn a_year_beyond_all_times_never_ends() {
        assert_eq!(Schedule::DEFAULT.financial_ends(u32::MAX), Time::MAX);
        assert_eq!(Schedule::DEFAULT.financial_ends(300_000), Time::MAX);
    }
}
