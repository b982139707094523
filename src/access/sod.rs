//! Separation of duty: which roles one principal must not hold together (INCITS 359, static separation).

use std::fmt;

use super::{PrincipalKind, Role, Roles, rows::Waivable};

/// Why a role must not be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Conflict {
    /// SSD-1: who grants access must not benefit from it.
    AccessAdmin,
    /// SSD-2: who holds keys must not see what they seal.
    KeyCustodian,
    /// SSD-3: who audits must not do what is audited; only reviewing goes with it.
    Auditor,
    /// SSD-4: who erases must not hold, and the reverse.
    ErasureAndHold,
    /// SSD-5: one machine, one role; no human's role for a machine, nor the reverse.
    Machine,
    /// SSD-6: who answers customers must not refund them: a takeover would pay itself.
    RefundAndSupport,
}

impl Conflict {
    /// Every constraint, in the order of its number.
    pub const ALL: [Self; 6] = [
        Self::AccessAdmin,
        Self::KeyCustodian,
        Self::Auditor,
        Self::ErasureAndHold,
        Self::Machine,
        Self::RefundAndSupport,
    ];

    /// The constraint's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessAdmin => "SSD-1",
            Self::KeyCustodian => "SSD-2",
            Self::Auditor => "SSD-3",
            Self::ErasureAndHold => "SSD-4",
            Self::Machine => "SSD-5",
            Self::RefundAndSupport => "SSD-6",
        }
    }

    /// As what a small team may put it out of force for a time; nothing for what nobody needs to.
    pub(crate) const fn waivable(self) -> Option<Waivable> {
        match self {
            Self::AccessAdmin => Some(Waivable::AccessAdmin),
            Self::KeyCustodian => Some(Waivable::KeyCustodian),
            Self::Auditor => Some(Waivable::Auditor),
            Self::ErasureAndHold => Some(Waivable::ErasureAndHold),
            Self::Machine => None,
            Self::RefundAndSupport => Some(Waivable::RefundAndSupport),
        }
    }

    /// Whether no principal may hold both; asked in one order, and [`conflict`] asks in both.
    pub(super) const fn parts(self, one: Role, other: Role) -> bool {
        const DATA: Roles = Roles::of(&[
            Role::Support,
            Role::SupportLead,
            Role::Billing,
            Role::Security,
            Role::PrivacyOfficer,
            Role::Legal,
            Role::Auditor,
        ]);
        const FROM_ACCESS_ADMIN: Roles = DATA.with(Role::KeyCustodian).with(Role::BreakGlass);
        const FROM_KEY_CUSTODIAN: Roles = DATA.with(Role::AccessAdmin);
        const SUPPORT: Roles = Roles::of(&[Role::Support, Role::SupportLead]);
        match self {
            Self::AccessAdmin => matches!(one, Role::AccessAdmin) && FROM_ACCESS_ADMIN.contains(other),
            Self::KeyCustodian => matches!(one, Role::KeyCustodian) && FROM_KEY_CUSTODIAN.contains(other),
            Self::Auditor => matches!(one, Role::Auditor) && !matches!(other, Role::Auditor | Role::Reviewer),
            Self::ErasureAndHold => matches!((one, other), (Role::PrivacyOfficer, Role::Legal)),
            Self::Machine => matches!(one.kind(), PrincipalKind::Machine) && one.number() != other.number(),
            Self::RefundAndSupport => matches!(one, Role::Billing) && SUPPORT.contains(other),
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessAdmin => "who grants access must not benefit from it (SSD-1)",
            Self::KeyCustodian => "who holds keys must not see what they seal (SSD-2)",
            Self::Auditor => "who audits must not do what is audited (SSD-3)",
            Self::ErasureAndHold => "who erases must not place holds (SSD-4)",
            Self::Machine => "a machine has one role, and none of a human's (SSD-5)",
            Self::RefundAndSupport => "who answers customers must not refund them (SSD-6)",
        })
    }
}

impl std::error::Error for Conflict {}

/// The first constraint that giving `new` to a holder of `existing` would break. A role already held breaks none
/// by being given again. To be asked in the transaction that writes the grant, over all grants that are not
/// revoked, those that begin later included.
/// Constraints that `waived` says are out of force part nothing.
pub(crate) fn conflict(existing: Roles, new: Role, waived: impl Fn(Waivable) -> bool) -> Option<Conflict> {
    Conflict::ALL
        .into_iter()
        .filter(|one| !one.waivable().is_some_and(&waived))
        .find(|one| existing.iter().any(|held| one.parts(held, new) || one.parts(new, held)))
}

/// How many people may hold a role at once, where there is a limit: what may be misused most is held by few.
pub(crate) const fn holders_max(role: Role) -> Option<usize> {
    match role {
        Role::AccessAdmin => Some(4),
        Role::KeyCustodian => Some(5),
        Role::BreakGlass => Some(6),
        _ => None,
    }
}

/// How many people have to hold a role, where there is a least: with fewer, what takes two of them cannot be done, or
/// nobody reads what was done.
pub(crate) const fn holders_min(role: Role) -> usize {
    match role {
        Role::AccessAdmin => 2,
        Role::Auditor => 1,
        _ => 0,
    }
}

/// SSD-5's other half: a role goes to principals of its kind alone.
pub(crate) fn kind_conflict(kind: PrincipalKind, new: Role) -> Option<Conflict> {
    (new.kind() != kind).then_some(Conflict::Machine)
}

#[cfg(test)]
mod tests {
    use super::{Conflict, PrincipalKind, Role, Roles, Waivable, conflict, kind_conflict};

    /// The constraints once more, as the pairs that they forbid: whoever edits one table must edit both.
    const FORBIDDEN: &[(&str, &[&str], &[&str])] = &[
        ("SSD-1", &["AA"], &["SU", "SL", "BI", "SE", "PR", "LE", "KC", "AD", "BG"]),
        ("SSD-2", &["KC"], &["SU", "SL", "BI", "SE", "PR", "LE", "AA", "AD"]),
        (
            "SSD-3",
            &["AD"],
            &["AU", "TI", "BS", "RB", "AX", "SU", "SL", "BI", "SE", "PR", "LE", "AA", "KC", "BG"],
        ),
        ("SSD-4", &["PR"], &["LE"]),
        ("SSD-5", &["AU", "TI", "BS", "RB", "AX"], &["*"]),
        ("SSD-6", &["BI"], &["SU", "SL"]),
    ];

    fn forbidden(one: Role, other: Role) -> Option<&'static str> {
        let hits = |list: &[&str], role: Role| list.contains(&role.code()) || list == ["*"];
        let both = |(_, left, right): &&(&str, &[&str], &[&str])| {
            (hits(left, one) && hits(right, other)) || (hits(left, other) && hits(right, one))
        };
        FORBIDDEN.iter().find(both).map(|(name, ..)| *name).filter(|_| one != other)
    }

    #[test]
    fn every_pair_of_roles_parts_as_listed() {
        for held in Role::ALL {
            for new in Role::ALL {
                let found = conflict(Roles::of(&[held]), new, |_| false).map(Conflict::name);
                assert_eq!(found, forbidden(held, new), "{held} and {new}");
            }
        }
    }

    #[test]
    fn a_set_conflicts_exactly_if_one_of_its_roles_does() {
        for bits in 0..=u16::MAX {
            let set = Roles::from_bits(bits);
            for new in Role::ALL {
                let expected = set.iter().any(|held| forbidden(held, new).is_some());
                assert_eq!(conflict(set, new, |_| false).is_some(), expected, "{set:?} and {new}");
            }
        }
    }

    /// A waiver lifts its own constraint and no other.
    #[test]
    fn a_waiver_lifts_its_constraint_alone() {
        for held in Role::ALL {
            for new in Role::ALL {
                let found = conflict(Roles::of(&[held]), new, |_| false);
                for waived in Waivable::ALL {
                    let with = conflict(Roles::of(&[held]), new, |rule| rule == waived);
                    let is_its = found.is_some_and(|found| found.waivable() == Some(waived));
                    assert!(with == found || is_its, "{held} and {new} under {waived}");
                    assert!(with != found || !is_its, "{held} and {new} under {waived}");
                }
            }
        }
    }

    #[test]
    fn kinds_keep_apart() {
        for role in Role::ALL {
            let misfits = PrincipalKind::ALL.map(|kind| kind_conflict(kind, role).is_some());
            assert_eq!(misfits.iter().filter(|misfit| **misfit).count(), 1, "{role}");
        }
        assert_eq!(kind_conflict(PrincipalKind::Machine, Role::Support), Some(Conflict::Machine));
    }
}
