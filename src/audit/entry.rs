//! An entry: one line of canonical JSON, kept byte for byte as it was hashed.
//!
//! Fixed keys in a fixed order, no spaces, no line feed, ASCII, integers under 2^53, at most 16 KiB. It holds ids,
//! names of closed lists and numbers; nothing that a customer typed and nothing about a customer but the
//! pseudonym. What is read is exactly what would be written: every other line is undecodable.

use std::fmt;

use super::{
    event::{Data, Event},
    json,
    tree::Hash,
};
use crate::{
    access::{Object, View},
    base::{AccountId, EntryNonce, PrincipalId, RequestId, SessionId, Time, TraceId, base64url, limits},
};

/// Declares a closed list of names that every version-1 entry draws from.
macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// The name in the line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value with this name.
            pub(super) fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

names! {
    /// How it went.
    Outcome {
        /// Access was allowed; not that anything was delivered.
        Granted "granted",
        /// Access was refused.
        Denied "denied",
        /// A change was made.
        Done "done",
        /// An attempt came to nothing: a wrong password, a lost race.
        Failed "failed",
        /// The first half of what is done in two databases.
        Begun "begun",
    }
}

impl Outcome {
    /// Whether nothing came of it: such an entry may have no data.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Denied | Self::Failed)
    }
}

names! {
    /// Whose text a detail holds.
    DetailKind {
        /// The actor's own: address, terminal.
        Actor "actor",
        /// About the subject: a reason that was given.
        Subject "subject",
    }
}

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A member of staff or a machine.
    Principal(PrincipalId),
    /// The owner of an account.
    Account(AccountId),
    /// This program by itself, and whoever runs `init`.
    System,
}

/// A thing by noun and id. Nouns that a later version names are kept as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    /// The singular noun in front of the colon.
    pub noun: String,
    /// The 16 bytes of the id.
    pub id: [u8; 16],
}

/// A sealed text beside the log, by its commitment: HMAC-SHA-256 under a fresh salt that is sealed with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Whose text it is.
    pub kind: DetailKind,
    /// The commitment; nothing where the text was not kept, because the subject's class is erased.
    pub commitment: Option<Hash>,
}

/// Which way a call came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// The component that carried it.
    pub component: String,
    /// The host that it ran on.
    pub host: String,
    /// The system's user at the other end of a local socket.
    pub peer: Option<u32>,
    /// The caller's own id of the request.
    pub trace: Option<TraceId>,
}

impl Via {
    /// The component of whoever works with the room's files in hand: the command line without a daemon. A program that
    /// links the room gives its own name.
    pub const DIRECT: &'static str = "direct";

    /// Whether the call came from somebody with the room's files in hand.
    pub fn is_direct(&self) -> bool {
        self.component == Self::DIRECT
    }

    /// The names, made fit for a line: in lower case, other characters than those of names as `-`, cut to 64.
    pub fn new(component: &str, host: &str) -> Self {
        let fit = |text: &str| {
            let plain = text.chars().map(|c| c.to_ascii_lowercase());
            let plain = plain.map(|c| if json::is_name(c.encode_utf8(&mut [0; 4])) { c } else { '-' });
            let name: String = plain.take(json::NAME_BYTES_MAX).collect();
            if name.is_empty() { "-".to_owned() } else { name }
        };
        Self { component: fit(component), host: fit(host), peer: None, trace: None }
    }
}

/// What an entry is about, with its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An event that came about.
    Known(Data),
    /// An event that was refused or failed: there is nothing to tell of it.
    Bare(Event),
    /// An event that a later version writes; its data as they stand.
    Unknown {
        /// Its name.
        event: String,
        /// The JSON object.
        data: String,
    },
}

impl What {
    /// The event's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(data) => data.event().name(),
            Self::Bare(event) => event.name(),
            Self::Unknown { event, .. } => event,
        }
    }
}

/// One record of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 0 without gaps.
    pub position: u64,
    /// When; never before the entry in front of it.
    pub time: Time,
    /// What it is about.
    pub what: What,
    /// How it went.
    pub outcome: Outcome,
    /// The name of the reason of a refusal or failure.
    pub reason: Option<String>,
    /// Who acted.
    pub actor: Actor,
    /// In which session.
    pub session: Option<SessionId>,
    /// The names of the roles that were live.
    pub roles: Vec<String>,
    /// The rule that decided.
    pub rule: Option<String>,
    /// Digest of the matrix that it stands in.
    pub policy: Hash,
    /// The name of the purpose that was stated.
    pub purpose: Option<String>,
    /// The case that was stated.
    pub case: Option<Named>,
    /// The pseudonyms of the people that it is about.
    pub subjects: Vec<AccountId>,
    /// The things that it names, at most 256.
    pub objects: Vec<Named>,
    /// The names of the fields that were asked for.
    pub fields: Vec<String>,
    /// How much was shown.
    pub view: Option<View>,
    /// The call that it belongs to.
    pub request: RequestId,
    /// Which way the call came.
    pub via: Via,
    /// Commitments to sealed texts.
    pub details: Vec<Detail>,
    /// 16 random bytes: nobody finds an entry by hashing what it might say.
    pub nonce: EntryNonce,
    /// The leaf hash of the entry before, [`super::NO_LEAF`] at position 0.
    pub prev: Hash,
}

/// `principal:ID`, `account:ID` or `system`.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(id) => write!(f, "principal:{id}"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::System => f.write_str("system"),
        }
    }
}

impl From<Object> for Named {
    fn from(object: Object) -> Self {
        Self { noun: object.noun().to_owned(), id: *object.id_bytes() }
    }
}

/// `ticket:ID`.
impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.noun, base64url::encode(&self.id))
    }
}

/// Why an entry has no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unencodable {
    /// The line would be over the limit.
    TooLong {
        /// How long it would be, bytes.
        bytes: usize,
    },
    /// The value of this key could not be read back.
    Unfit {
        /// The key.
        key: &'static str,
    },
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => {
                write!(f, "the entry takes {bytes} bytes, the limit is {}", limits::ENTRY_BYTES_MAX)
            }
            Self::Unfit { key } => write!(f, "the entry's `{key}` does not fit its form"),
        }
    }
}

impl std::error::Error for Unencodable {}

/// Why a line is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecodable {
    /// Over the limit.
    TooLong,
    /// Of a version that this program does not know.
    Version,
    /// An object has a key twice.
    DuplicateKey,
    /// Something else than the form asks for.
    Malformed {
        /// Where, as a byte offset.
        at: usize,
    },
    /// It would be written differently.
    NotCanonical,
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the line is over the limit"),
            Self::Version => f.write_str("the line is of an unknown version"),
            Self::DuplicateKey => f.write_str("the line has a key twice"),
            Self::Malformed { at } => write!(f, "the line breaks the form at byte {at}"),
            Self::NotCanonical => f.write_str("the line is not in canonical form"),
        }
    }
}

impl std::error::Error for Undecodable {}
