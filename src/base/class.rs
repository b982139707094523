//! The one enumeration that cuts keys, retention, permissions and erasure.

use super::{
    Time,
    id::{AccountId, PrincipalId},
};

/// A class of personal data. The numbers are frozen: they stand in associated data and key files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// Who the customer is: address, name.
    Identity = 1,
    /// Password records and other authenticators; opened by verdicts only.
    Credential = 2,
    /// Masked payment fields and invoices, kept by law.
    Billing = 3,
    /// Tickets, messages, attachments.
    Support = 4,
    /// Customers' own logins and reads.
    Activity = 5,
    /// Free text of the audit log.
    AuditDetail = 6,
    /// Data about staff.
    Staff = 7,
    /// Ids, dates and states that account for the rest; never sealed.
    Accountability = 8,
}

impl Class {
    /// Every class, in the order of its number.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::Credential,
        Self::Billing,
        Self::Support,
        Self::Activity,
        Self::AuditDetail,
        Self::Staff,
        Self::Accountability,
    ];

    /// The classes whose data are sealed: those that have keys.
    pub const SEALED: [Self; 7] = [
        Self::Identity,
        Self::Credential,
        Self::Billing,
        Self::Support,
        Self::Activity,
        Self::AuditDetail,
        Self::Staff,
    ];

    /// The frozen number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The class with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.number() == number)
    }

    /// The name in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Credential => "credential",
            Self::Billing => "billing",
            Self::Support => "support",
            Self::Activity => "activity",
            Self::AuditDetail => "audit-detail",
            Self::Staff => "staff",
            Self::Accountability => "accountability",
        }
    }

    /// The class with this name, exactly as written.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// Whose data one data key seals: the unit that erasure and retention destroy. FORMAT.md section 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything of a class about one account.
    Account(AccountId),
    /// What falls into one calendar year of one account.
    AccountYear(AccountId, u32),
    /// What one principal owns.
    Principal(PrincipalId),
    /// What falls into one UTC day of the room.
    RoomDay(u32),
    /// What falls into one UTC month of the room.
    RoomMonth(u32),
}

impl Scope {
    /// The day of the room that `time` falls into.
    pub fn day_of(time: Time) -> Self {
        Self::RoomDay(time.day())
    }

    /// The month of the room that `time` falls into.
    pub fn month_of(time: Time) -> Self {
        Self::RoomMonth(time.month())
    }

    /// The frozen number of the kind of scope.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Account(_) => 1,
            Self::AccountYear(..) => 2,
            Self::Principal(_) => 3,
            Self::RoomDay(_) => 4,
            Self::RoomMonth(_) => 5,
        }
    }

    /// The owner's 16 bytes; zeros for the room itself.
    pub fn owner(&self) -> [u8; 16] {
        match self {
            Self::Account(id) | Self::AccountYear(id, _) => *id.as_bytes(),
            Self::Principal(id) => *id.as_bytes(),
            Self::RoomDay(_) | Self::RoomMonth(_) => [0; 16],
        }
    }

    /// The period; zero where the scope has none.
    pub const fn period(&self) -> u32 {
        match self {
            Self::Account(_) | Self::Principal(_) => 0,
            Self::AccountYear(_, period) | Self::RoomDay(period) | Self::RoomMonth(period) => *period,
        }
    }

    /// The scope with these parts, as a row of the keyring holds them; `None` if no version of this program
    /// writes such a row.
    pub fn from_parts(kind: u8, owner: [u8; 16], period: u32) -> Option<Self> {
        let scope = match kind {
            1 => Self::Account(AccountId::from_bytes(owner)),
            2 => Self::AccountYear(AccountId::from_bytes(owner), period),
            3 => Self::Principal(PrincipalId::from_bytes(owner)),
            4 => Self::RoomDay(period),
            5 => Self::RoomMonth(period),
            _ => return None,
        };
        (scope.owner() == owner && scope.period() == period).then_some(scope)
    }

    /// The scope of these 21 bytes; `None` if no version of this program writes them.
    pub fn from_bytes(bytes: [u8; 21]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (owner, period) = rest.split_first_chunk::<16>()?;
        Self::from_parts(*kind, *owner, u32::from_be_bytes(period.try_into().ok()?))
    }

    /// 21 bytes: kind, owner, period big-endian. FORMAT.md section 3.
    pub fn to_bytes(self) -> [u8; 21] {
        let mut out = [0; 21];
        let (kind, rest) = out.split_at_mut(1);
        let (owner, period) = rest.split_at_mut(16);
        kind.copy_from_slice(&[self.kind()]);
        owner.copy_from_slice(&self.owner());
        period.copy_from_slice(&self.period().to_be_bytes());
        out
    }
}
