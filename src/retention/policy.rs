//! The published policy as a document: what was promised, where it is enforced, what proves it, how long things are
//! kept. Its text is digested into each entry of the log, so that it is known under which policy something was done.

use std::{collections::BTreeSet, fmt};

use serde::Deserialize;

use super::{
    clause::Clause,
    destroying::Destroying,
    schedule::{BadPeriod, Periods, Schedule},
};

/// The document in force, byte for byte.
pub(crate) const TEXT: &str = include_str!("../../policy/default.toml");

/// The form of the document that this program reads.
const FORMAT: u32 = 1;

/// A length of time, in the unit in which it was promised: a month is no number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Hours, exact.
    Hours(u32),
    /// Days of 24 hours.
    Days(u32),
    /// Days on which the company works.
    BusinessDays(u32),
    /// Calendar years.
    Years(u32),
}

impl Span {
    const fn parts(self) -> (u32, &'static str, &'static str) {
        match self {
            Self::Hours(count) => (count, "hour", "hours"),
            Self::Days(count) => (count, "day", "days"),
            Self::BusinessDays(count) => (count, "business day", "business days"),
            Self::Years(count) => (count, "year", "years"),
        }
    }

    /// Whether it is at least as long as one of the same unit; of another unit nobody can say.
    fn compares(self, with: Self, holds: fn(&u32, &u32) -> bool) -> bool {
        let ((count, unit, _), (other, other_unit, _)) = (self.parts(), with.parts());
        unit == other_unit && holds(&count, &other)
    }
}

/// `7 years`, `1 day`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, one, many) = self.parts();
        write!(f, "{count} {}", if count == 1 { one } else { many })
    }
}

/// What a clause fixes of its period, whatever the document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fixed {
    /// It has none.
    Nothing,
    /// Kept at least so long.
    Keep(Span),
    /// Done at most so long after.
    Within(Span),
}

/// Every clause that was promised. A document that left one out would be silent about it.
const CLAUSES: [(&str, Fixed); 49] = [
    ("data.account", Fixed::Nothing),
    ("data.payment", Fixed::Nothing),
    ("data.support", Fixed::Nothing),
    ("data.order", Fixed::Nothing),
    ("data.mail", Fixed::Nothing),
    ("data.access_log", Fixed::Nothing),
    ("data.device", Fixed::Nothing),
    ("data.usage", Fixed::Nothing),
    ("data.preferences", Fixed::Nothing),
    ("use.purpose", Fixed::Nothing),
    ("use.basis", Fixed::Nothing),
    ("use.risk", Fixed::Nothing),
    ("use.research", Fixed::Nothing),
    ("use.marketing", Fixed::Nothing),
    ("use.analytics", Fixed::Nothing),
    ("share.minimum", Fixed::Nothing),
    ("share.agreement", Fixed::Nothing),
    ("share.downstream", Fixed::Nothing),
    ("share.rights", Fixed::Nothing),
    ("share.law", Fixed::Nothing),
    ("share.never_sold", Fixed::Nothing),
    ("share.merger", Fixed::Nothing),
    ("share.consent", Fixed::Nothing),
    ("region.transfer", Fixed::Nothing),
    ("keep.account", Fixed::Keep(Span::Days(365))),
    ("keep.financial", Fixed::Keep(Span::Years(7))),
    ("keep.access_log", Fixed::Keep(Span::Days(90))),
    ("keep.ticket", Fixed::Keep(Span::Days(365))),
    ("keep.instance", Fixed::Within(Span::Hours(72))),
    ("keep.law", Fixed::Nothing),
    ("protect.password", Fixed::Nothing),
    ("protect.least", Fixed::Nothing),
    ("protect.logged", Fixed::Nothing),
    ("protect.review", Fixed::Within(Span::Days(184))),
    ("protect.transit", Fixed::Nothing),
    ("protect.physical", Fixed::Nothing),
    ("protect.scan", Fixed::Nothing),
    ("protect.incident", Fixed::Nothing),
    ("right.access", Fixed::Nothing),
    ("right.rectify", Fixed::Nothing),
    ("right.erase", Fixed::Nothing),
    ("right.optout", Fixed::Nothing),
    ("right.withdraw", Fixed::Nothing),
    ("right.clock", Fixed::Within(Span::Days(30))),
    ("right.minor", Fixed::Nothing),
    ("policy.version", Fixed::Nothing),
    ("policy.accept", Fixed::Nothing),
    ("policy.inapp", Fixed::Nothing),
    ("policy.contact", Fixed::Within(Span::BusinessDays(2))),
];

/// One promise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyClause {
    /// Its name, for ever.
    pub id: String,
    /// What was promised.
    pub sentence: String,
    /// The law that asks for it, where one does.
    pub law: Option<String>,
    /// How long something is kept, after which it ends.
    pub keep: Option<Span>,
    /// In what time something is done.
    pub within: Option<Span>,
    /// The files that make it true; none where nothing does yet.
    pub enforced: Vec<String>,
    /// The check that proves it.
    pub check: Option<String>,
    /// The step of the roadmap in which a check comes.
    pub step: Option<u32>,
    /// What a check looks at.
    pub evidence: String,
}

impl PolicyClause {
    fn fault(&self) -> Option<PolicyFault> {
        let fixed = CLAUSES.iter().find(|(id, _)| *id == self.id).map(|(_, fixed)| *fixed);
        let period_holds = match (fixed, self.keep, self.within) {
            (None, ..) => return Some(PolicyFault::Unknown),
            (Some(Fixed::Nothing), None, None) => true,
            (Some(Fixed::Keep(least)), Some(keep), None) => keep.compares(least, u32::ge),
            (Some(Fixed::Within(most)), None, Some(within)) => within.compares(most, u32::le),
            _ => return Some(PolicyFault::Period),
        };
        if !period_holds {
            return Some(PolicyFault::Floor);
        }
        if self.check.is_some() == self.step.is_some() {
            return Some(PolicyFault::Check);
        }
        let says = [&self.sentence, &self.evidence].iter().all(|text| !text.trim().is_empty());
        (!says).then_some(PolicyFault::Silent)
    }
}

/// The document.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    format: u32,
    /// Its name.
    pub name: String,
    /// Its number: one more with each publication.
    pub version: u32,
    /// The day of its publication, `YYYY-MM-DD`.
    pub published: String,
    /// What bounds whatever destroys by age.
    pub destroying: Destroying,
    /// What was promised, in the order of the document.
    #[serde(rename = "clause")]
    pub clauses: Vec<PolicyClause>,
}

impl Policy {
    /// The policy in force.
    ///
    /// # Errors
    /// Never, in a program that was tested: the document is part of it.
    pub fn in_force() -> Result<Self, BadPolicy> {
        Self::parse(TEXT)
    }

    /// Reads a document. Every clause stands in it once; none has a shorter period than it fixes, nor a later
    /// deadline.
    ///
    /// # Errors
    /// [`BadPolicy`].
    pub(crate) fn parse(text: &str) -> Result<Self, BadPolicy> {
        let policy: Self = toml::from_str(text).map_err(|e| BadPolicy::Form(e.message().to_owned()))?;
        if policy.format != FORMAT {
            return Err(BadPolicy::Format(policy.format));
        }
        if !policy.destroying.is_sound() {
            return Err(BadPolicy::Destroying);
        }
        let mut seen = BTreeSet::new();
        for clause in &policy.clauses {
            let fault = if seen.insert(&clause.id) { clause.fault() } else { Some(PolicyFault::Twice) };
            if let Some(fault) = fault {
                return Err(BadPolicy::Clause { id: clause.id.clone(), fault });
            }
        }
        match CLAUSES.iter().find(|(id, _)| !policy.clauses.iter().any(|clause| clause.id == *id)) {
            Some((id, _)) => Err(BadPolicy::Clause { id: (*id).to_owned(), fault: PolicyFault::Missing }),
            None => Ok(policy),
        }
    }

    /// The clause of this name.
    pub fn clause(&self, id: &str) -> Option<&PolicyClause> {
        self.clauses.iter().find(|clause| clause.id == id)
    }

    /// The periods as the plan takes them; [`Schedule::DEFAULT`] is that of the policy in force.
    ///
    /// # Errors
    /// [`BadPeriod`]: one outlives everybody.
    pub fn schedule(&self) -> Result<Schedule, BadPeriod> {
        let keep = |clause: Clause| {
            let span = self.clause(clause.id()).and_then(|clause| clause.keep);
            span.map_or(0, |span| span.parts().0)
        };
        Schedule::new(Periods {
            account_days: keep(Clause::KeepAccount),
            ticket_days: keep(Clause::KeepTicket),
            financial_years: keep(Clause::KeepFinancial),
            access_log_days: keep(Clause::KeepAccessLog),
        })
    }
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadPolicy {
    /// It is not TOML, or has a key that no policy has, or lacks one.
    Form(String),
    /// It is of a form that this program does not read.
    Format(u32),
    /// The clock is asked too late or all the time, or one run may destroy nothing or more than there is.
    Destroying,
    /// A clause does not hold.
    Clause {
        /// Which.
        id: String,
        /// Why not.
        fault: PolicyFault,
    },
}

/// What is wrong with a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyFault {
    /// There is no such clause.
    Unknown,
    /// It stands there twice.
    Twice,
    /// It is not there.
    Missing,
    /// It takes a period, or takes none, or one of the other kind.
    Period,
    /// Its period is shorter than it fixes, or its deadline later, or in another unit.
    Floor,
    /// It has a check and a step, or neither.
    Check,
    /// It does not say what it promises, or what proves it.
    Silent,
}

impl fmt::Display for BadPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(what) => write!(f, "the policy cannot be read: {what}"),
            Self::Format(format) => {
                write!(f, "the policy is of format {format}, this program reads {FORMAT}")
            }
            Self::Destroying => {
                f.write_str("the policy bounds what is destroyed by nothing that can be meant")
            }
            Self::Clause { id, fault } => write!(f, "clause `{id}` of the policy {fault}"),
        }
    }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "is not one that was promised",
            Self::Twice => "stands there twice",
            Self::Missing => "is missing",
            Self::Period => "has not the kind of period that it is about",
            Self::Floor => "may not be shortened below what it fixes, nor its deadline put off",
            Self::Check => "needs a check or the step in which one comes, and not both",
            Self::Silent => "does not say what it promises or what proves it",
        })
    }
}

impl std::error::Error for BadPolicy {}

/// The clauses for people, in Markdown: what each says, where it is enforced, what checks it; then those that nothing
/// enforces yet. README.md holds this text between two markers, and a test holds them equal.
pub fn policy_markdown() -> String {
    let mut out =
        "| Clause | What the policy says | Where it is enforced | Checked |\n|---|---|---|---|\n".to_owned();
    let clauses = Policy::in_force().map(|policy| policy.clauses).unwrap_or_default();
    let quoted = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
    };
    for clause in clauses.iter().filter(|clause| !clause.enforced.is_empty()) {
        let files = quoted(&mut clause.enforced.iter());
        let checked = match clause.step {
            None => "yes".to_owned(),
            Some(step) => format!("step {step}"),
        };
        out.push_str(&format!("| `{}` | {} | {files} | {checked} |\n", clause.id, clause.sentence));
    }
    let unkept = clauses.iter().filter(|clause| clause.enforced.is_empty());
    out.push_str(&format!(
        "\nPromised, and enforced nowhere yet: {}.\n",
        quoted(&mut unkept.map(|clause| &clause.id))
    ));
    out
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
