//! Whose session one is.

use strongroom::room::{AccountId, Object, PrincipalId};

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A member of staff's.
    Staff(PrincipalId),
    /// A customer's.
    Customer(AccountId),
}

impl Holder {
    /// The command that begins such a session.
    pub const fn login(self) -> &'static str {
        match self {
            Self::Staff(_) => "staff login HANDLE",
            Self::Customer(_) => "login ADDRESS",
        }
    }

    /// The command that ends it.
    pub const fn logout(self) -> &'static str {
        match self {
            Self::Staff(_) => "staff logout",
            Self::Customer(_) => "logout",
        }
    }

    /// What it is in a sentence.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Staff(_) => "a member of staff's session",
            Self::Customer(_) => "a customer's session",
        }
    }

    /// `principal:ID` or `account:ID`.
    pub fn object(self) -> Object {
        match self {
            Self::Staff(id) => id.into(),
            Self::Customer(id) => id.into(),
        }
    }

    /// The holder of this text.
    pub fn parse(text: &str) -> Option<Self> {
        match text.parse().ok()? {
            Object::Principal(id) => Some(Self::Staff(id)),
            Object::Account(id) => Some(Self::Customer(id)),
            _ => None,
        }
    }
}
