//! How a command ends, and what is said when it fails.

use std::process::ExitCode;

use strongroom::room::{Kind, RequestId};

/// The exit codes: a closed set that scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command was not understood, or its input is not acceptable: the same again will not be either.
    Usage = 2,
    /// Refused by the rules. Where the rules record it, the refusal names its request.
    Denied = 3,
    /// Something was changed past this program: stop and look.
    Integrity = 4,
    /// Something is overdue, or could not be checked to its end.
    Incomplete = 5,
}

impl Exit {
    /// The code for what a library's error asks of a program.
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Invalid => Self::Usage,
            Kind::Denied => Self::Denied,
            Kind::Integrity => Self::Integrity,
            Kind::Pending => Self::Incomplete,
            Kind::NotFound
            | Kind::Conflict
            | Kind::Busy
            | Kind::Erased
            | Kind::Unavailable
            | Kind::Internal => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that came to nothing. The message is lower case, has no full stop, and quotes input in backquotes.
#[derive(Debug)]
pub struct Failed {
    exit: Exit,
    kind: &'static str,
    message: String,
    details: Box<Details>,
}

/// What not every failure has.
#[derive(Debug, Default)]
struct Details {
    hint: Option<String>,
    reason: Option<&'static str>,
    request: Option<RequestId>,
}

impl Failed {
    /// A failure of this program's own matters: a file, a terminal.
    pub fn new(message: impl Into<String>) -> Self {
        Self::with(Exit::Failed, "failed", message)
    }

    /// A command that was not understood.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::with(Exit::Usage, "usage", message)
    }

    /// What the library said.
    pub fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self::with(Exit::of(kind), kind.name(), message)
    }

    /// Nobody reads on: no failure, and nothing to say to anybody.
    pub fn unread() -> Self {
        Self::with(Exit::Done, "unread", "")
    }

    fn with(exit: Exit, kind: &'static str, message: impl Into<String>) -> Self {
        Self { exit, kind, message: message.into(), details: Box::default() }
    }

    /// The same, ending with another code.
    #[must_use]
    pub fn exit_with(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// With what may help, on a line of its own.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.details.hint = Some(hint.into());
        self
    }

    /// With the name of the reason, for programs.
    #[must_use]
    pub fn reason(mut self, reason: &'static str) -> Self {
        self.details.reason = Some(reason);
        self
    }

    /// With the request whose entry tells more.
    #[must_use]
    pub fn request(mut self, request: Option<RequestId>) -> Self {
        self.details.request = request;
        self
    }

    /// How the program ends.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// The family of the failure, for programs.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// What happened; empty if there is nothing to say.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What may help.
    pub fn hint_text(&self) -> Option<&str> {
        self.details.hint.as_deref()
    }

    /// The name of the reason.
    pub const fn reason_name(&self) -> Option<&'static str> {
        self.details.reason
    }

    /// The request whose entry tells more.
    pub const fn request_id(&self) -> Option<RequestId> {
        self.details.request
    }
}
