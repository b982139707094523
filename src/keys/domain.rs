//! What one wrapping key covers.

use crate::base::Class;

/// A key domain: one wrapping key per domain and version, so that a process loads only what its work needs.
/// The numbers are frozen: they stand in associated data and in the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Domain {
    /// Wraps the data keys of one class.
    Class(Class),
    /// Is the blind-index key.
    Index,
    /// Is the key of row MACs and the head's MAC.
    Authority,
    /// Is the seed of the log's signing key, which signs checkpoints and nothing else.
    Log,
}

impl Domain {
    /// Every domain that holds a key. Accountability is never sealed, so it has none.
    pub(crate) const ALL: [Self; 10] = [
        Self::Class(Class::Identity),
        Self::Class(Class::Credential),
        Self::Class(Class::Billing),
        Self::Class(Class::Support),
        Self::Class(Class::Activity),
        Self::Class(Class::AuditDetail),
        Self::Class(Class::Staff),
        Self::Index,
        Self::Authority,
        Self::Log,
    ];

    /// The frozen number; a class's domain has the class's number.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Class(class) => class.number(),
            Self::Index => 0x41,
            Self::Authority => 0x42,
            Self::Log => 0x43,
        }
    }

    /// The domain with this number.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|domain| domain.number() == number)
    }

    /// The name in key files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Class(class) => class.name(),
            Self::Index => "index",
            Self::Authority => "authority",
            Self::Log => "log",
        }
    }
}
