//! What an erasure of one account destroys, and what it has to leave.

use std::collections::BTreeSet;

use super::{clause::Clause, hold::Held, schedule::Schedule};
use crate::base::{AccountId, AccountState, Class, Classes, Scope, Time};

/// What the plan is made from: ids, states and dates, nothing sealed.
pub(crate) struct AccountFacts {
    /// Whose data.
    pub(crate) account: AccountId,
    /// How far its life has come.
    pub(crate) state: AccountState,
    /// The calendar years that its financial records fall into, in any order.
    pub(crate) billing_years: Vec<u32>,
}

/// What becomes of one class, or of one year of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes.
    Destroy,
    /// It stays by a clause of the policy.
    Keep {
        /// Which.
        clause: Clause,
        /// Until when; `None` as long as the account is in use, and for what accounts for the rest.
        until: Option<Time>,
    },
    /// It stays as long as the hold stands. Of several holds this is the one whose review is latest.
    Held(Held),
}

/// One line of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Which class.
    pub class: Class,
    /// The calendar year, where the class is cut by years: billing.
    pub year: Option<u32>,
    /// What becomes of it.
    pub fate: Fate,
}

/// What an erasure would do, class by class in the order of their numbers: each class that an account has stands in
/// it once, billing once for each year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    account: AccountId,
    lines: Vec<Line>,
}

impl Plan {
    /// Whose data.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Every line.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What goes, as the keyring cuts it. Records of activity are sealed by the day for the whole room: their rows go,
    /// and their day's key goes when the day's period ends.
    pub(crate) fn destroyed(&self) -> impl Iterator<Item = (Class, Scope)> {
        let gone = self.lines.iter().filter(|line| line.fate == Fate::Destroy);
        gone.map(|line| {
            let scope =
                line.year.map_or(Scope::Account(self.account), |year| Scope::AccountYear(self.account, year));
            (line.class, scope)
        })
    }

    /// The classes of which something is held.
    pub fn held(&self) -> Classes {
        let held = self.lines.iter().filter(|line| matches!(line.fate, Fate::Held(_)));
        held.map(|line| line.class).collect()
    }
}

/// The plan of an erasure at `now`. An account that is in use keeps everything; of one that is closed everything goes
/// that neither law nor a hold keeps; of one that is erased the same, so that what had to stay goes once it may.
pub(crate) fn plan(facts: &AccountFacts, holds: &[Held], schedule: &Schedule, now: Time) -> Plan {
    let years: BTreeSet<u32> = facts.billing_years.iter().copied().collect();
    let at_once = Time::ZERO;
    let mut lines = Vec::new();
    for class in Class::ALL {
        let line = |year, fate| Line { class, year, fate };
        let of = |clause, ends| fate(facts, Held::longest(holds, class), clause, ends, now);
        match class {
            Class::Identity | Class::Credential => lines.push(line(None, of(Clause::KeepAccount, at_once))),
            Class::Support => lines.push(line(None, of(Clause::KeepTicket, at_once))),
            Class::Activity => lines.push(line(None, of(Clause::KeepAccessLog, at_once))),
            Class::AuditDetail => lines.push(line(None, of(Clause::ProtectLogged, at_once))),
            Class::Billing => lines.extend(
                years
                    .iter()
                    .map(|year| line(Some(*year), of(Clause::KeepFinancial, schedule.financial_ends(*year)))),
            ),
            Class::Accountability => {
                lines.push(line(None, Fate::Keep { clause: Clause::ProtectLogged, until: None }));
            }
            // About staff: no customer's account has any.
            Class::Staff => {}
        }
    }
    Plan { account: facts.account, lines }
}

/// What becomes of a part that may go from `ends` on. A time that formats cannot hold comes never.
fn fate(facts: &AccountFacts, held: Option<Held>, clause: Clause, ends: Time, now: Time) -> Fate {
    let ended = now >= ends && ends < Time::MAX;
    match (held, facts.state) {
        (Some(held), _) => Fate::Held(held),
        (None, AccountState::Active) => Fate::Keep { clause, until: None },
        (None, AccountState::Closed | AccountState::Erased) if ended => Fate::Destroy,
        (None, AccountState::Closed | AccountState::Erased) => Fate::Keep { clause, until: Some(ends) },
    }
}
