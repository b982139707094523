//! What a check came to: ids, positions, names of columns and counts, never a value.

use std::fmt;

use crate::base::{Time, base64url, limits};

/// What holding the room against the policy came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyReport {
    /// Clause by clause, in the order of the document.
    pub verdicts: Vec<Verdict>,
    /// Which way the entries of the log came.
    pub ways: Ways,
}

/// Which way the entries of the log came. Whoever works with the room's files in hand could as well read them without
/// an entry: how much of that there is belongs to every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ways {
    /// Entries that were read.
    pub entries: u64,
    /// Those of them that came by direct use of the room's files: `via` says `direct`.
    pub direct: u64,
    /// When the first of those came.
    pub direct_since: Option<Time>,
    /// What is wrong with the log that was counted: not a figure to build on unless it is 0.
    pub log_faults: u64,
}

/// What holding the room against one clause came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The clause.
    pub clause: String,
    /// Whether it holds.
    pub kept: Kept,
    /// What was looked at, and how much of it.
    pub evidence: Vec<Evidence>,
}

/// Whether a clause holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It does.
    Kept,
    /// It does not.
    Broken {
        /// Where, as far as they are told singly.
        counter_examples: Vec<CounterExample>,
        /// How many more there are.
        left_out: u64,
    },
    /// There is nothing in the room that it is about.
    NotApplicable,
    /// No check looks at it before this step of the roadmap: nobody knows.
    NotChecked {
        /// The step.
        step: u32,
    },
}

impl Kept {
    /// The name in reports for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken { .. } => "broken",
            Self::NotApplicable => "not_applicable",
            Self::NotChecked { .. } => "not_checked",
        }
    }
}

/// Something that a clause says must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterExample {
    /// Where: a noun and an id, a position, a column.
    pub place: String,
    /// What is wrong there.
    pub found: &'static str,
}

/// `grant aGk…: is not what the log says`.
impl fmt::Display for CounterExample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.found)
    }
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What.
    pub what: String,
    /// How much.
    pub count: u64,
}

/// A verdict in the making.
pub(super) struct Findings {
    clause: &'static str,
    counter_examples: Vec<CounterExample>,
    left_out: u64,
    evidence: Vec<Evidence>,
    about_something: bool,
}

impl Findings {
    pub(super) const fn of(clause: &'static str) -> Self {
        Self {
            clause,
            counter_examples: Vec::new(),
            left_out: 0,
            evidence: Vec::new(),
            about_something: false,
        }
    }

    /// Something that must not be, at a row.
    pub(super) fn wrong(&mut self, noun: &str, id: &[u8; 16], found: &'static str) {
        self.wrong_at(format!("{noun} {}", base64url::encode(id)), found);
    }

    /// Something that must not be, in a place of another kind.
    pub(super) fn wrong_at(&mut self, place: String, found: &'static str) {
        self.about_something = true;
        if self.counter_examples.len() < limits::POLICY_COUNTER_EXAMPLES_MAX {
            self.counter_examples.push(CounterExample { place, found });
        } else {
            self.left_out += 1;
        }
    }

    /// So many of these were looked at: they are what the clause is about.
    pub(super) fn looked_at(&mut self, what: impl Into<String>, count: u64) {
        self.about_something |= count > 0;
        self.beside(what, count);
    }

    /// So many of these stand beside it: worth knowing, and no reason to say that the clause holds.
    pub(super) fn beside(&mut self, what: impl Into<String>, count: u64) {
        self.evidence.push(Evidence { what: what.into(), count });
    }

    pub(super) fn verdict(self) -> Verdict {
        let Self { clause, counter_examples, left_out, evidence, about_something } = self;
        let kept = match (counter_examples.is_empty(), about_something) {
            (false, _) => Kept::Broken { counter_examples, left_out },
            (true, true) => Kept::Kept,
            (true, false) => Kept::NotApplicable,
        };
        Verdict { clause: clause.to_owned(), kept, evidence }
    }
}
