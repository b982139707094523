//! What a doctor finds.

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Fine,
    /// Worth knowing.
    Note,
    /// Weakens a promise: to be changed.
    Warning,
    /// A promise does not hold: to be changed now.
    Fault,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The check's name, for programs.
    pub check: &'static str,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

impl Finding {
    /// As it should be.
    pub(super) fn fine(check: &'static str, found: String) -> Self {
        Self { severity: Severity::Fine, check, found, hint: None }
    }

    /// Something to be told, and what to do about it.
    pub(super) fn told(severity: Severity, check: &'static str, found: String, hint: &'static str) -> Self {
        Self { severity, check, found, hint: Some(hint) }
    }
}
