//! What a request says beside objects and fields: numbers and names of closed lists, no text.

use std::{fmt, time::Duration};

use super::{Role, rows::Waivable};
use crate::base::base64url;

/// One thing that a request asks for in particular. Whoever approves the request approves it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
    /// The role that is to be given.
    Role(Role),
    /// For how long.
    Lifetime(Duration),
    /// The rule that is to be put out of force.
    Rule(Waivable),
    /// The alarm that is to end.
    Alarm([u8; 16]),
    /// The entry before which the clock went on by too much.
    Jump(u64),
}

impl Parameter {
    /// What a line of a canonical text says.
    pub(crate) fn read(key: &str, value: &str) -> Option<Self> {
        match key {
            "role" => Role::from_name(value).map(Self::Role),
            "seconds" => value.parse().ok().map(|seconds| Self::Lifetime(Duration::from_secs(seconds))),
            "alarm" => base64url::decode(value).map(Self::Alarm),
            "jump" => value.parse().ok().map(Self::Jump),
            "rule" => Waivable::from_name(value).map(Self::Rule),
            _ => None,
        }
    }
}

/// `role support`, `seconds 7200`, `rule ssd-6`, `jump 4712`: a line of the request's canonical text.
impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => write!(f, "role {role}"),
            Self::Lifetime(lifetime) => write!(f, "seconds {}", lifetime.as_secs()),
            Self::Rule(rule) => write!(f, "rule {rule}"),
            Self::Alarm(alarm) => write!(f, "alarm {}", base64url::encode(alarm)),
            Self::Jump(position) => write!(f, "jump {position}"),
        }
    }
}
