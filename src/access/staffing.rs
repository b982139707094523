//! Whether a team can go on: every action of the matrix stays within somebody's reach, whoever leaves.
//!
//! What is not held by anybody can be given, as long as somebody may ask for it and as many others approve as it takes.
//! New people can be appointed while somebody administers access; so a role that can be given at all can be given to as
//! many as are needed.

use super::{
    Action, PrincipalKind, Role, Roles, approving,
    cell::{Effect, Limit, Obligation},
    matrix::cell,
    rows::Waivable,
    sod::conflict,
};

use crate::access::frozen::frozen;

frozen! {
    /// How large a team is, and what it may waive therefore.
    pub enum TeamProfile {
        /// Two people, who cannot keep apart what should be: a day's delay stands for the second person, and the
        /// constraints that their roles break are waived.
        Two = 1 "two",
        /// Some people: where two must approve, a day's delay may stand for the second of them, and billing may go with
        /// support, and holds with erasure.
        Small = 2 "small",
        /// Enough people for every rule.
        Full = 3 "full",
    }
}

impl TeamProfile {
    /// What is waived in such a team, whoever is in it.
    const fn always(self) -> &'static [Waivable] {
        match self {
            Self::Two => &[Waivable::SecondPerson],
            Self::Small => &[Waivable::SecondApprover],
            Self::Full => &[],
        }
    }

    /// Whether the team may waive a constraint that its roles break.
    const fn may_waive(self, rule: Waivable) -> bool {
        match self {
            Self::Two => true,
            Self::Small => matches!(rule, Waivable::ErasureAndHold | Waivable::RefundAndSupport),
            Self::Full => false,
        }
    }

    /// The rules that a team with these roles waives, in their order: what it always does, and the constraints that the
    /// roles of one of them break.
    pub(crate) fn waived(self, people: &[Roles]) -> Vec<Waivable> {
        let broken = |rule: &Waivable| {
            people.iter().any(|held| {
                held.iter().any(|role| {
                    let all_but_it = |other: Waivable| other != *rule;
                    conflict(*held, role, all_but_it).is_some()
                })
            })
        };
        let needed =
            |rule: &Waivable| self.always().contains(rule) || (self.may_waive(*rule) && broken(rule));
        Waivable::ALL.into_iter().filter(needed).collect()
    }
}

/// Somebody's leaving after which nobody could do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    /// The place of who leaves; nobody where it cannot be done even now.
    pub(crate) leaver: Option<usize>,
    /// What nobody could do any more.
    pub(crate) action: Action,
}

/// The first gap of a team with these roles, in which these rules are waived.
pub(crate) fn gap(people: &[Roles], waived: &[Waivable]) -> Option<Gap> {
    let unreachable = |people: &[Roles]| Team::new(people, waived).unreachable();
    if let Some(action) = unreachable(people) {
        return Some(Gap { leaver: None, action });
    }
    (0..people.len()).find_map(|leaver| {
        let mut left = people.to_vec();
        left.remove(leaver);
        unreachable(&left).map(|action| Gap { leaver: Some(leaver), action })
    })
}

/// Whether what a cell asks for can be had by anybody among staff.
fn is_built(action: Action, role: Role) -> bool {
    let cell = cell(action, role);
    role.kind() == PrincipalKind::Human && cell.effect != Effect::Deny && !cell.asks(Obligation::OwnSubject)
}

/// The team as it is, and the roles that it can come to give.
struct Team<'a> {
    people: &'a [Roles],
    waived: &'a [Waivable],
    /// Roles that can be given to newcomers: as many hold them as are needed.
    given: Roles,
}

impl<'a> Team<'a> {
    fn new(people: &'a [Roles], waived: &'a [Waivable]) -> Self {
        let mut team = Self { people, waived, given: Roles::NONE };
        // Each round can make approvers for the next; there are no more rounds than roles.
        for _ in Role::ALL {
            let more = |role: &Role| role.kind() == PrincipalKind::Human && team.gives(*role);
            team.given = Role::ALL.into_iter().filter(more).fold(team.given, Roles::with);
        }
        team
    }

    fn unreachable(&self) -> Option<Action> {
        let somebody_may = |action: &Action| Role::ALL.into_iter().any(|role| is_built(*action, role));
        Action::ALL.into_iter().filter(somebody_may).find(|action| !self.reaches(*action))
    }

    fn reaches(&self, action: Action) -> bool {
        Role::ALL.into_iter().filter(|role| is_built(action, *role)).any(|role| {
            let asks = cell(action, role).asks(Obligation::SecondPerson);
            match action {
                // Whether any role can be given; which, is asked of each role's own actions.
                Action::GrantGive => !self.given.is_empty(),
                _ if self.given.contains(role) => !asks || self.approves(action, None, None),
                _ => self.holders(role).any(|who| !asks || self.approves(action, None, Some(who))),
            }
        })
    }

    /// Whether somebody can give `role` to a newcomer, whom somebody can appoint.
    fn gives(&self, role: Role) -> bool {
        let asks_for = |asker: Role| match cell(Action::GrantGive, asker).limit {
            _ if !is_built(Action::GrantGive, asker) => false,
            Limit::Others => true,
            Limit::SupportRole => role == Role::Support,
            _ => false,
        };
        let appoints = |who: Role| is_built(Action::StaffCreate, who) && self.holds(who);
        Role::ALL.into_iter().any(appoints)
            && Role::ALL.into_iter().filter(|asker| asks_for(*asker)).any(|asker| {
                (self.given.contains(asker) && self.approves(Action::GrantGive, Some(role), None))
                    || self.holders(asker).any(|who| self.approves(Action::GrantGive, Some(role), Some(who)))
            })
    }

    fn holds(&self, role: Role) -> bool {
        self.given.contains(role) || self.holders(role).next().is_some()
    }

    fn holders(&self, role: Role) -> impl Iterator<Item = usize> {
        self.people.iter().enumerate().filter(move |(_, held)| held.contains(role)).map(|(who, _)| who)
    }

    /// Whether enough others than the requester approve, or a delay stands for those who are missing.
    fn approves(&self, action: Action, role: Option<Role>, requester: Option<usize>) -> bool {
        let who = approving::approvers(action, role);
        let needed = usize::from(approving::needed(action, role));
        let least = if self.waived.contains(&Waivable::SecondPerson) {
            0
        } else if self.waived.contains(&Waivable::SecondApprover) {
            1
        } else {
            needed
        };
        let others = self
            .people
            .iter()
            .enumerate()
            .filter(|(one, held)| Some(*one) != requester && !held.and(who).is_empty());
        !who.is_empty() && (!self.given.and(who).is_empty() || others.count() >= least.min(needed))
    }
}

#[cfg(test)]
mod tests;
