//! Which of the roles that somebody holds act in one session (INCITS 359, dynamic separation of duty).
//!
//! Whoever holds roles that exclude each other says at his login in which of them he acts. A role that comes while a
//! session runs never takes the place of one that acts in it.

use std::fmt;

use super::{Role, Roles, rows::GrantRow, sod::Conflict};
use crate::base::Time;

/// Why two roles must not act in one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exclusion {
    /// DSD-1: whoever answers customers, refunds them, investigates them and decides what they ask for sees more of them
    /// at once than any of these tasks takes.
    Desks,
    /// DSD-2: an emergency is no daily work.
    BreakGlass,
    /// DSD-3: where a waiver lets one person hold two roles that are to be apart, he acts in one of them at a time.
    Parted,
}

impl Exclusion {
    /// Every exclusion, in the order of its number.
    pub const ALL: [Self; 3] = [Self::Desks, Self::BreakGlass, Self::Parted];

    /// The exclusion's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Desks => "DSD-1",
            Self::BreakGlass => "DSD-2",
            Self::Parted => "DSD-3",
        }
    }

    /// Whether it keeps the two apart, in whatever order they are named.
    pub(super) fn parts(self, one: Role, other: Role) -> bool {
        match self {
            Self::Desks => desk(one).zip(desk(other)).is_some_and(|(one, other)| one != other),
            Self::BreakGlass => (one == Role::BreakGlass) != (other == Role::BreakGlass),
            Self::Parted => {
                Conflict::ALL.into_iter().any(|rule| rule.parts(one, other) || rule.parts(other, one))
            }
        }
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Desks => "a session serves one desk: support, billing, security or privacy (DSD-1)",
            Self::BreakGlass => "break-glass acts alone (DSD-2)",
            Self::Parted => "what only a waiver lets one person hold does not act together (DSD-3)",
        })
    }
}

/// The desk that a role works at, if it is one of those that see customers; the lead's is support's.
const fn desk(role: Role) -> Option<u8> {
    match role {
        Role::Support | Role::SupportLead => Some(1),
        Role::Billing => Some(2),
        Role::Security => Some(3),
        Role::PrivacyOfficer => Some(4),
        _ => None,
    }
}

/// Whether the two must not act in one session.
fn exclude(one: Role, other: Role) -> bool {
    Exclusion::ALL.into_iter().any(|exclusion| exclusion.parts(one, other))
}

/// The first exclusion that all of these acting in one session would break.
pub(crate) fn exclusion(roles: Roles) -> Option<Exclusion> {
    Exclusion::ALL
        .into_iter()
        .find(|exclusion| roles.iter().any(|one| roles.iter().any(|other| exclusion.parts(one, other))))
}

/// What a session says of the roles that act in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acting {
    /// All that are held: the room's format has no place to say otherwise.
    All,
    /// Nothing was chosen when it began, then: what was held, and of what came later that which excludes none of it.
    Unchosen(Time),
    /// These, as far as they are held.
    Chosen(Roles),
}

impl Default for Acting {
    fn default() -> Self {
        Self::Chosen(Roles::NONE)
    }
}

impl Acting {
    /// The roles that act at `now`, of those that somebody holds or held by these grants.
    pub(crate) fn of<'a>(self, grants: impl Iterator<Item = &'a GrantRow>, now: Time) -> Roles {
        let mut grants: Vec<_> = grants.filter(|grant| grant.not_before <= now).collect();
        grants.sort_unstable_by_key(|grant| (grant.not_before, grant.role.number()));
        let live = grants.iter().filter(|grant| grant.is_live(now)).map(|grant| grant.role);
        match self {
            Self::All => live.collect(),
            Self::Chosen(chosen) => beside(Roles::NONE, live.filter(|role| chosen.contains(*role))),
            Self::Unchosen(began) => {
                let (before, after) =
                    grants.split_at(grants.partition_point(|grant| grant.not_before <= began));
                let held = before.iter().filter(|grant| grant.is_live(now)).map(|grant| grant.role);
                let held = beside(Roles::NONE, held);
                // What has ended meanwhile keeps its place: a session does not go on at another desk.
                let stood =
                    before.iter().filter(|grant| began < grant.expires).map(|grant| grant.role).collect();
                let acted = beside(stood, after.iter().map(|grant| grant.role));
                let came = after.iter().filter(|grant| grant.is_live(now)).map(|grant| grant.role);
                came.filter(|role| acted.contains(*role) && !excluded(*role, stood)).fold(held, Roles::with)
            }
        }
    }
}

/// Whether one of these excludes the role.
fn excluded(role: Role, by: Roles) -> bool {
    by.iter().any(|other| exclude(role, other))
}

/// These, and each of the roles in turn that excludes none before it.
fn beside(these: Roles, roles: impl Iterator<Item = Role>) -> Roles {
    roles.fold(these, |acting, role| if excluded(role, acting) { acting } else { acting.with(role) })
}

#[cfg(test)]
mod tests {
    use super::{Acting, Exclusion, GrantRow, Role, Roles, Time, exclude, exclusion};
    use crate::access::{
        rows::GrantState,
        testing::{self, NOW},
    };

    /// The pairs once more: whoever edits one table must edit both. What separation of duty parts has its own in `sod`.
    const APART: &[(&str, &[&str], &[&str])] = &[
        ("DSD-1", &["SU", "SL"], &["BI", "SE", "PR"]),
        ("DSD-1", &["BI"], &["SE", "PR"]),
        ("DSD-1", &["SE"], &["PR"]),
        ("DSD-2", &["BG"], &["*"]),
        ("DSD-3", &["AA"], &["SU", "SL", "BI", "SE", "PR", "LE", "KC", "AD"]),
        ("DSD-3", &["KC"], &["SU", "SL", "BI", "SE", "PR", "LE", "AD"]),
        ("DSD-3", &["AD"], &["SU", "SL", "BI", "SE", "PR", "LE"]),
        ("DSD-3", &["PR"], &["LE"]),
        ("DSD-3", &["AU", "TI", "BS", "RB", "AX"], &["*"]),
    ];

    /// When the sessions of these tests begin; everything is asked at `NOW`.
    const BEGAN: Acting = Acting::Unchosen(NOW);

    /// A grant that began so long after the session, or before it.
    fn at(ms: i64, role: Role) -> GrantRow {
        GrantRow { not_before: Time::from_ms(NOW.as_ms() + ms), ..testing::grant(role) }
    }

    fn acts(acting: Acting, grants: &[GrantRow]) -> Roles {
        acting.of(grants.iter(), Time::from_ms(NOW.as_ms() + 100))
    }

    #[test]
    fn every_pair_of_roles_is_apart_as_listed() {
        let hits = |list: &[&str], role: Role| list.contains(&role.code()) || list == ["*"];
        for one in Role::ALL {
            for other in Role::ALL {
                let both = |(_, left, right): &&(&str, &[&str], &[&str])| {
                    (hits(left, one) && hits(right, other)) || (hits(left, other) && hits(right, one))
                };
                let listed = APART.iter().find(both).map(|(name, ..)| *name).filter(|_| one != other);
                let found = exclusion(Roles::of(&[one, other])).map(Exclusion::name);
                assert_eq!((found, exclude(one, other)), (listed, listed.is_some()), "{one} and {other}");
            }
        }
    }

    /// Whatever is held, and whatever was chosen of it, nothing acts beside what excludes it, and what acts is held and
    /// chosen; where nothing excludes anything, all of it acts.
    #[test]
    fn no_two_that_exclude_each_other_ever_act_together() {
        for bits in 0..=u16::MAX {
            let held = Roles::from_bits(bits);
            // Since when: in the order of their numbers, and the other way round.
            for ways in [1, -1] {
                let grants: Vec<_> =
                    held.iter().map(|role| at(ways * (i64::from(role.number()) - 8), role)).collect();
                for acting in [BEGAN, Acting::Chosen(Roles::from_bits(0x5fa7))] {
                    let acts = acts(acting, &grants);
                    assert_eq!(exclusion(acts), None, "{held:?} {acting:?}");
                    assert_eq!(acts.and(held), acts);
                    if exclusion(held).is_none() && acting == BEGAN {
                        assert_eq!(acts, held);
                    }
                }
            }
        }
    }

    /// Who is given a role while a session runs loses none in it.
    #[test]
    fn what_comes_later_never_takes_the_place_of_what_acts() {
        for before in Role::ALL {
            for after in Role::ALL {
                // He held the first when the session began, or was given both while it ran.
                for since in [-1, 1] {
                    let mut grants = [at(2, after), at(since, before)];
                    let acting = acts(BEGAN, &grants);
                    assert!(acting.contains(before), "{before}, then {after}");
                    assert_eq!(acting.contains(after), !exclude(before, after), "{before}, then {after}");
                    // Once the first has ended the session does not go over to the other.
                    grants[1].state = GrantState::Revoked;
                    assert_eq!(
                        acts(BEGAN, &grants).contains(after),
                        !exclude(before, after),
                        "{after} alone"
                    );
                    grants[1].state = GrantState::Live;
                    grants[1].expires = Time::from_ms(NOW.as_ms() + 3);
                    assert_eq!(
                        acts(BEGAN, &grants).contains(after),
                        !exclude(before, after),
                        "{after} alone"
                    );
                }
            }
        }
    }

    /// What had run out before a session began stands in nothing's way.
    #[test]
    fn what_had_ended_before_the_session_keeps_no_place_in_it() {
        let mut over = at(-2, Role::Support);
        over.expires = NOW;
        assert_eq!(acts(BEGAN, &[over, at(1, Role::Security)]), Roles::of(&[Role::Security]));
    }

    #[test]
    fn what_was_chosen_acts_alone_and_only_while_it_is_held() {
        let chosen = Acting::Chosen(Roles::of(&[Role::Security]));
        let held = [at(1, Role::Support), at(2, Role::Security), at(3, Role::Reviewer)];
        assert_eq!(acts(chosen, &held), Roles::of(&[Role::Security]));
        assert_eq!(acts(chosen, &held[..1]), Roles::NONE);
        assert_eq!(acts(Acting::All, &held), Roles::of(&[Role::Support, Role::Security, Role::Reviewer]));
    }
}
