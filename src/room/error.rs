//! Errors of the public face: one enum per family of operations, each with a [`Kind`] to map on.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{cursor::BadCursor, trouble::Trouble};
use crate::{
    access::DenialReason,
    base::{ApprovalId, Class, RequestId, Time, random::NoRandomness, text::BadText},
    keys::{KeyError, LedgerFailed},
    password::Rejected,
    seal::{OpenError, SealError, verdict::Unmoved},
    store::{EngineFault, StoreError},
};

/// What a program does about an error: a small closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The input is not acceptable; the same input will not be later either.
    Invalid,
    /// Refused by the rules; the refusal is on record.
    Denied,
    /// It waits for somebody else: a second person, or the day that stands for one. Ask the same again then.
    Pending,
    /// There is no such thing.
    NotFound,
    /// It exists already, or changed meanwhile.
    Conflict,
    /// Try again after [`Failure::retry_after`].
    Busy,
    /// What was asked for is erased.
    Erased,
    /// The disk, a file or the engine failed: an operator's matter.
    Unavailable,
    /// Something was changed past this program, or does not fit together: stop and look.
    Integrity,
    /// A fault of this program.
    Internal,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Invalid,
        Self::Denied,
        Self::Pending,
        Self::NotFound,
        Self::Conflict,
        Self::Busy,
        Self::Erased,
        Self::Unavailable,
        Self::Integrity,
        Self::Internal,
    ];

    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::Pending => "pending",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Busy => "busy",
            Self::Erased => "erased",
            Self::Unavailable => "unavailable",
            Self::Integrity => "integrity",
            Self::Internal => "internal",
        }
    }
}

/// The room could not do it, whatever was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// A database could not do it.
    Store(StoreError),
    /// A key could not be had.
    Key(KeyError),
    /// A sealed value does not open.
    Open(OpenError),
    /// A file of the room failed.
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        fault: io::ErrorKind,
    },
    /// A row that confers authority was written past this program.
    Forged {
        /// The kind of row.
        what: &'static str,
    },
    /// An erasure has begun and is not at its end: what it is about is not shown any more, and whoever opens the room
    /// carries on.
    Unfinished {
        /// What stands in the way.
        what: &'static str,
    },
    /// The clock went on by more than the policy lets it: nothing is destroyed by its age before two people have said, by
    /// [`Staff::resume`](super::Staff::resume), that it is right.
    ClockInDoubt {
        /// The entry before which it did; the one that is written next, where none was since.
        jump: u64,
    },
    /// The disk of the data is nearly full: attachments are refused, so that the log goes on.
    DiskFilling {
        /// How much of it is taken.
        percent: u8,
    },
    /// Every place of an `AsyncRoom` is taken, and every place to wait: nothing was begun.
    Full,
    /// A fault of this program.
    Internal(&'static str),
    /// The commit is on disk and its checkpoint is not: there is no receipt, and writing has stopped.
    Unsettled {
        /// The request whose entry may stand in the log.
        request: RequestId,
    },
}

impl Failure {
    pub(super) fn file(path: &Path, e: &io::Error) -> Self {
        Self::File { path: path.to_path_buf(), fault: e.kind() }
    }

    /// What a program does about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Store(StoreError::Busy) | Self::Unfinished { .. } | Self::Full => Kind::Busy,
            Self::Store(StoreError::Engine { fault, .. } | StoreError::BatchLost { fault }) => match fault {
                EngineFault::Locked | EngineFault::BrokenOff => Kind::Busy,
                EngineFault::Damaged => Kind::Integrity,
                EngineFault::Full
                | EngineFault::Io
                | EngineFault::ReadOnly
                | EngineFault::Constraint
                | EngineFault::Other(_) => Kind::Unavailable,
            },
            Self::Store(
                StoreError::Corrupt { .. } | StoreError::Integrity { .. } | StoreError::Held { .. },
            )
            | Self::Open(OpenError::Unauthentic)
            | Self::Forged { .. }
            | Self::Key(
                KeyError::Missing { .. }
                | KeyError::Unauthentic { .. }
                | KeyError::NoWrappingKey { .. }
                | KeyError::Malformed { .. },
            ) => Kind::Integrity,
            Self::Store(StoreError::TooLarge | StoreError::Format { .. }) => Kind::Invalid,
            Self::Store(_) | Self::File { .. } | Self::DiskFilling { .. } | Self::Unsettled { .. } => {
                Kind::Unavailable
            }
            Self::ClockInDoubt { .. } => Kind::Pending,
            Self::Key(KeyError::Erased { .. }) => Kind::Erased,
            Self::Key(_) => Kind::Unavailable,
            Self::Open(_) => Kind::Denied,
            Self::Internal(_) => Kind::Internal,
        }
    }

    /// Whether what failed may stand in the database all the same. After a failed sync nobody knows what the disk
    /// holds.
    pub(super) fn may_be_committed(&self) -> bool {
        match self {
            Self::Unsettled { .. } => true,
            Self::Store(StoreError::BatchLost { fault }) => *fault != EngineFault::Full,
            _ => false,
        }
    }

    /// When to try again, where that can help.
    pub fn retry_after(&self) -> Option<Duration> {
        (self.kind() == Kind::Busy).then_some(Duration::from_secs(1))
    }

    /// The request whose entry may stand in the log although nothing came of it.
    pub const fn request_id(&self) -> Option<RequestId> {
        match self {
            Self::Unsettled { request } => Some(*request),
            _ => None,
        }
    }

    /// The class that is erased, if that is why.
    pub fn erased(&self) -> Option<Class> {
        match self {
            Self::Key(KeyError::Erased { class, .. }) => Some(*class),
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(e) => e.fmt(f),
            Self::Key(e) => e.fmt(f),
            Self::Open(e) => e.fmt(f),
            Self::File { path, fault } => write!(f, "`{}`: {fault}", path.display()),
            Self::Forged { what } => {
                write!(f, "a {what} row was written past this program: integrity failure, it confers nothing")
            }
            Self::Unfinished { what } => write!(f, "the erasure has begun and is not finished: {what}"),
            Self::ClockInDoubt { jump } => f.write_str(&in_doubt(*jump)),
            Self::DiskFilling { percent } => {
                write!(f, "the disk is {percent} % full: attachments are refused until some of it is free")
            }
            Self::Full => f.write_str("every place is taken, and so is every place to wait"),
            Self::Internal(what) => write!(f, "a fault of this program: {what}"),
            Self::Unsettled { request } => {
                write!(
                    f,
                    "committed as request {request}, but its checkpoint could not be published: writing stops"
                )
            }
        }
    }
}

impl std::error::Error for Failure {}

fn in_doubt(jump: u64) -> String {
    format!(
        "the clock is in doubt, it went on by too much before entry {jump}: nothing is destroyed by its age until two people resume the room"
    )
}

macro_rules! into_failure {
    ($($from:ty => |$e:ident| $to:expr;)*) => {$(
        impl From<$from> for Failure {
            fn from($e: $from) -> Self { $to }
        }
    )*};
}

into_failure! {
    StoreError => |e| Self::Store(e);
    KeyError => |e| Self::Key(e);
    OpenError => |e| Self::Open(e);
    LedgerFailed => |e| match e {
        LedgerFailed::Missing => Self::Store(StoreError::Integrity { what: "the erasure ledger is missing" }),
        LedgerFailed::Changed(bad) => {
            tracing::error!(line = bad.line, "the erasure ledger");
            Self::Store(StoreError::Integrity { what: "the erasure ledger was changed" })
        }
        LedgerFailed::File(e) => Self::File { path: "erasure.ledger".into(), fault: e.kind() },
    };
    Unmoved => |e| match e {
        Unmoved::Open(e) => e.into(),
        Unmoved::Seal(e) => e.into(),
    };
    NoRandomness => |_e| Self::Store(StoreError::NoRandomness);
    SealError => |e| match e {
        SealError::TooLarge => Self::Store(StoreError::TooLarge),
        SealError::WrongKey => Self::Internal("a key for another place"),
        SealError::NoRandomness => Self::Store(StoreError::NoRandomness),
    };
}

/// A family of operations that fails either for its own reasons or by [`Failure`].
macro_rules! operation_error {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $({ $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })? => $kind:ident, $message:expr;)* } $(request $own:expr)? $(; retry $wait:expr)?) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant $({ $($(#[$fdoc])* $field: $type),* })?,)*
            /// The room could not do it.
            Failed(Failure),
        }

        impl $name {
            /// What a program does about it.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$variant { .. } => Kind::$kind,)*
                    Self::Failed(failure) => failure.kind(),
                }
            }

            /// When to try again, where that can help.
            pub fn retry_after(&self) -> Option<std::time::Duration> {
                let own: Option<fn(&Self) -> Option<std::time::Duration>> = None $(.or(Some($wait)))?;
                match self {
                    Self::Failed(failure) => failure.retry_after(),
                    other => own.and_then(|own| own(other)),
                }
            }

            /// The request whose entry tells more, where there is one.
            pub fn request_id(&self) -> Option<crate::base::RequestId> {
                let own: Option<fn(&Self) -> Option<crate::base::RequestId>> = None $(.or(Some($own)))?;
                match self {
                    Self::Failed(failure) => failure.request_id(),
                    other => own.and_then(|own| own(other)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant $({ $($field),* })? => {
                        let text: String = $message;
                        f.write_str(&text)
                    })*
                    Self::Failed(failure) => failure.fmt(f),
                }
            }
        }

        impl std::error::Error for $name {}

        impl<E: Into<Failure>> From<E> for $name {
            fn from(e: E) -> Self { Self::Failed(e.into()) }
        }
    };
}
pub(super) use operation_error;

operation_error! {
    /// A room could not be opened.
    OpenRoomError {
        /// There is no room at this path.
        NoRoom {
            /// The file that is not there.
            path: PathBuf,
        } => NotFound, format!("there is no room: `{}` is missing", path.display());
        /// room.toml cannot be understood.
        Config {
            /// The file.
            path: PathBuf,
            /// The line.
            line: Option<usize>,
            /// What is wrong with it.
            what: String,
        } => Invalid, match line {
            Some(line) => format!("`{}` line {line}: {what}", path.display()),
            None => format!("`{}`: {what}", path.display()),
        };
        /// A restore of the room has begun and is not done.
        Unfinished => Unavailable, "unfinished restore: run it again".to_owned();
        /// The room has another format than this program.
        Format {
            /// The room's.
            room: u32,
            /// The program's.
            program: u32,
        } => Invalid, format!("the room has format {room}, this program has format {program}");
        /// This process would have weaker settings than the room.
        Weaker {
            /// What it would weaken.
            what: &'static str,
        } => Invalid, format!("weaker settings than the room's were asked for: {what}");
        /// The room was opened for customers alone, and nobody has resumed it since.
        Held {
            /// What was found then.
            since: Trouble,
        } => Integrity, format!(
            "the room is held for customers alone since `{since}`: two people resume it with `room resume`"
        );
        /// The parts of the room do not belong together, or one of them was changed or put back.
        Integrity {
            /// What does not fit.
            what: &'static str,
        } => Integrity, format!("integrity failure: {what}");
    }
}

operation_error! {
    /// An account could not be registered.
    RegisterError {
        /// The address belongs to an account already.
        AddressTaken => Conflict, "this address has an account already".to_owned();
        /// The address is none.
        Address {
            /// Why.
            why: BadText,
        } => Invalid, format!("the address was refused: {why}");
        /// The name was refused.
        Name {
            /// Why.
            why: BadText,
        } => Invalid, format!("the name was refused: {why}");
        /// The password was refused.
        Password {
            /// Why.
            why: Rejected,
        } => Invalid, format!("the password was refused: {why}");
    }
}

operation_error! {
    /// A staff code or password could not be used.
    EnrolError {
        /// The code is wrong, used or expired; which of them is not said.
        Code => Denied, "the code is not valid".to_owned();
        /// The password was refused.
        Password {
            /// Why.
            why: Rejected,
        } => Invalid, format!("the password was refused: {why}");
    }
}

operation_error! {
    /// A list could not be read.
    ListError {
        /// A cursor is none of this room for this list.
        Cursor {
            /// Why.
            why: BadCursor,
        } => Invalid, format!("the cursor was refused: {why}");
    }
}

operation_error! {
    /// Something could not be written for a customer.
    WriteError {
        /// There is no such object, or it is another's.
        NotFound => NotFound, "there is no such object".to_owned();
        /// A text was refused.
        Text {
            /// Which.
            field: &'static str,
            /// Why.
            why: BadText,
        } => Invalid, format!("the {field} was refused: {why}");
        /// A card number stands where none may.
        CardNumber {
            /// Where.
            field: &'static str,
        } => Invalid, format!("the {field} holds a card number: it is not stored");
        /// The attachment is larger than a limit.
        Quota {
            /// The limit that it meets, in bytes.
            bytes_max: u64,
        } => Invalid, format!("the attachment exceeds the limit of {bytes_max} bytes");
        /// A cursor is none of this room for this list.
        Cursor {
            /// Why.
            why: BadCursor,
        } => Invalid, format!("the cursor was refused: {why}");
        /// The ticket has as many messages, or attachments, as one may have: another has to be opened.
        Full => Conflict, "the ticket is full: open another one".to_owned();
        /// The ticket is closed.
        Closed => Conflict, "the ticket is closed".to_owned();
        /// It is not the account's password.
        Password => Denied, "the password is not the account's".to_owned();
        /// The new password was refused.
        NewPassword {
            /// Why.
            why: Rejected,
        } => Invalid, format!("the password was refused: {why}");
        /// A key for a program cannot be made like this.
        ApiKey {
            /// What is wrong with it.
            what: &'static str,
        } => Invalid, (*what).to_owned();
        /// The account has as many keys for programs as one may have: one has to be revoked.
        TooManyKeys => Conflict, "the account has too many keys: revoke one".to_owned();
        /// What was to change has changed meanwhile.
        Changed => Conflict, "it has changed meanwhile: try again".to_owned();
        /// The session has ended.
        SessionEnded => Denied, "the session has ended".to_owned();
        /// Reading what is to be stored failed.
        Source {
            /// What the system said.
            fault: io::ErrorKind,
        } => Invalid, format!("reading the attachment failed: {fault}");
    }
}

/// A refusal that stands in the log. What a person is told; the rule that decided stands in the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The nearest obstacle.
    pub reason: DenialReason,
    /// The entry's request id: for `audit show`.
    pub request: RequestId,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "denied: {} (request {})", self.reason, self.request)
    }
}

/// A request that waits for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    /// What they approve.
    pub approval: ApprovalId,
    /// How many approvals are missing.
    pub missing: u8,
    /// From when a delay stands for who is missing, where a rule is waived.
    pub not_before: Option<Time>,
    /// From when nothing comes of it.
    pub expires: Time,
    /// The entry's request id.
    pub request: RequestId,
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = if self.missing > 1 { "two people" } else { "a second person" };
        write!(f, "this waits for {who}, as approval {} (request {})", self.approval, self.request)
    }
}

operation_error! {
    /// A staff member's request was not granted or not carried out.
    StaffError {
        /// Denied by the rules, and recorded.
        Denied {
            /// The refusal.
            refused: Refused,
        } => Denied, refused.to_string();
        /// It waits for a second person, or for the day that stands for one; that it was asked is recorded.
        Awaits {
            /// What was asked, and how it goes on.
            awaited: Awaited,
        } => Pending, awaited.to_string();
        /// There is no such object; the attempt is recorded.
        NotFound => NotFound, "there is no such object".to_owned();
        /// It is erased.
        Erased {
            /// Position of the entry that erased it.
            at: u64,
        } => Erased, format!("erased, by entry {at}");
        /// The handle is in use.
        HandleTaken => Conflict, "this handle is in use".to_owned();
        /// The principal may not hold this role beside what he holds.
        Conflict {
            /// What it conflicts with.
            what: String,
        } => Conflict, format!("separation of duty: {what}");
        /// The object's state does not allow it.
        State {
            /// Which.
            what: &'static str,
        } => Conflict, (*what).to_owned();
        /// It destroys by age, and the clock is in doubt; the attempt is recorded. Two people say that it is right, by
        /// [`Staff::resume`](super::Staff::resume).
        ClockInDoubt {
            /// The entry before which it went on by too much.
            jump: u64,
        } => Pending, in_doubt(*jump);
        /// It was done too often lately; the attempt is recorded.
        TooOften {
            /// What.
            what: &'static str,
            /// How long until the oldest of what counts is a day old.
            wait: Duration,
        } => Denied, format!("too often today: {what}; again in {} minutes", wait.as_secs().div_ceil(60));
        /// An input was refused.
        Input {
            /// Which.
            field: &'static str,
            /// Why.
            why: String,
        } => Invalid, format!("the {field} was refused: {why}");
    } request |error| match error {
        Self::Denied { refused } => Some(refused.request),
        Self::Awaits { awaited } => Some(awaited.request),
        _ => None,
    }; retry |error| match error {
        Self::TooOften { wait, .. } => Some(*wait),
        _ => None,
    }
}

impl From<BadCursor> for WriteError {
    fn from(why: BadCursor) -> Self {
        Self::Cursor { why }
    }
}

impl From<BadCursor> for ListError {
    fn from(why: BadCursor) -> Self {
        Self::Cursor { why }
    }
}

impl From<BadCursor> for StaffError {
    fn from(why: BadCursor) -> Self {
        Self::Input { field: "cursor", why: why.to_string() }
    }
}

impl StaffError {
    /// The name under which the log holds why nothing came of a permitted request.
    pub(super) const fn recorded_reason(&self) -> &'static str {
        match self {
            Self::Denied { .. } => "denied",
            Self::Awaits { .. } => "awaits",
            Self::NotFound => "no_such_object",
            Self::Erased { .. } => "erased",
            Self::HandleTaken => "handle_taken",
            Self::Conflict { .. } => "separation_of_duty",
            Self::State { .. } => "wrong_state",
            Self::ClockInDoubt { .. } => "clock_in_doubt",
            Self::TooOften { .. } => "too_often",
            Self::Input { .. } => "bad_input",
            Self::Failed(_) => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Kind, RegisterError, RequestId, StoreError, WriteError};

    #[test]
    fn every_operation_says_when_to_try_again_and_which_request_it_was() {
        let busy = RegisterError::Failed(Failure::Store(StoreError::Busy));
        assert!(busy.kind() == Kind::Busy && busy.retry_after().is_some() && busy.request_id().is_none());
        let request = RequestId::random().unwrap();
        let unsettled = WriteError::Failed(Failure::Unsettled { request });
        assert_eq!((unsettled.request_id(), unsettled.retry_after()), (Some(request), None));
        assert_eq!((WriteError::Closed.request_id(), WriteError::Closed.retry_after()), (None, None));
    }
}
