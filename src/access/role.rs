//! Who may act: the sixteen built-in roles and the sets of them.

use crate::access::frozen::frozen;

frozen! {
    /// What kind of principal acts. A human's role never goes to a machine, nor the reverse (SSD-5).
    pub enum PrincipalKind {
        /// A member of staff.
        Human = 1 "human",
        /// A service.
        Machine = 2 "machine",
    }
}

frozen! {
    /// A built-in role. Rooms define none of their own: who may do what is one table that tests can exhaust.
    pub enum Role {
        /// Logs customers in and carries their self-service.
        AuthService = 1 "auth-service",
        /// Takes customers' messages in.
        TicketIntake = 2 "ticket-intake",
        /// Takes transactions over from payment processors.
        BillingSync = 3 "billing-sync",
        /// Runs retention.
        RetentionBatch = 4 "retention-batch",
        /// Reads aggregates.
        AnalyticsExport = 5 "analytics-export",
        /// Answers customers.
        Support = 6 "support",
        /// Support with three rights more: reads any ticket, assigns to anyone, reveals without elevation.
        SupportLead = 7 "support-lead",
        /// Disputes, invoices, refunds.
        Billing = 8 "billing",
        /// Abuse, fraud and incidents.
        Security = 9 "security",
        /// The rights of the people that data is about.
        PrivacyOfficer = 10 "privacy-officer",
        /// Orders and holds.
        Legal = 11 "legal",
        /// Reads and verifies the log, nothing else.
        Auditor = 12 "auditor",
        /// Creates staff and grants roles, sees no customer's data.
        AccessAdmin = 13 "access-admin",
        /// Decides in access reviews.
        Reviewer = 14 "reviewer",
        /// Rotates and destroys keys, sees no customer's data.
        KeyCustodian = 15 "key-custodian",
        /// The emergency role: narrow, loud and short.
        BreakGlass = 16 "break-glass",
    }
}

impl Role {
    /// The two letters in matrices.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AuthService => "AU",
            Self::TicketIntake => "TI",
            Self::BillingSync => "BS",
            Self::RetentionBatch => "RB",
            Self::AnalyticsExport => "AX",
            Self::Support => "SU",
            Self::SupportLead => "SL",
            Self::Billing => "BI",
            Self::Security => "SE",
            Self::PrivacyOfficer => "PR",
            Self::Legal => "LE",
            Self::Auditor => "AD",
            Self::AccessAdmin => "AA",
            Self::Reviewer => "RV",
            Self::KeyCustodian => "KC",
            Self::BreakGlass => "BG",
        }
    }

    /// The kind of principal that may hold it.
    pub const fn kind(self) -> PrincipalKind {
        match self {
            Self::AuthService
            | Self::TicketIntake
            | Self::BillingSync
            | Self::RetentionBatch
            | Self::AnalyticsExport => PrincipalKind::Machine,
            Self::Support
            | Self::SupportLead
            | Self::Billing
            | Self::Security
            | Self::PrivacyOfficer
            | Self::Legal
            | Self::Auditor
            | Self::AccessAdmin
            | Self::Reviewer
            | Self::KeyCustodian
            | Self::BreakGlass => PrincipalKind::Human,
        }
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Roles(u16);

impl Roles {
    /// No role.
    pub const NONE: Self = Self(0);

    const fn bit(role: Role) -> u16 {
        1 << (role.number() - 1)
    }

    /// The set of these roles.
    pub const fn of(list: &[Role]) -> Self {
        let (mut bits, mut left) = (0, list);
        while let [first, rest @ ..] = left {
            bits |= Self::bit(*first);
            left = rest;
        }
        Self(bits)
    }

    /// This set and `role`.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | Self::bit(role))
    }

    /// What stands in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `role` is in it.
    pub const fn contains(self, role: Role) -> bool {
        self.0 & Self::bit(role) != 0
    }

    /// Whether no role is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The roles in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }

    /// The set with these bits: bit `n - 1` is the role with number `n`. Every value is a set.
    pub(crate) const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The set as bits.
    pub(crate) const fn bits(self) -> u16 {
        self.0
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::{PrincipalKind, Role, Roles};

    #[test]
    fn a_set_holds_what_was_put_in() {
        for bits in 0..=u16::MAX {
            let set = Roles::from_bits(bits);
            assert_eq!(set.iter().collect::<Roles>(), set);
            assert_eq!(set.iter().count(), bits.count_ones() as usize);
        }
        assert_eq!(Roles::of(&Role::ALL), Roles::from_bits(u16::MAX));
    }

    #[test]
    fn codes_are_distinct_and_machines_come_first() {
        let mut codes: Vec<_> = Role::ALL.map(Role::code).to_vec();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 16);
        assert!(Role::ALL.iter().all(|role| (role.kind() == PrincipalKind::Machine) == (role.number() <= 5)));
    }
}
