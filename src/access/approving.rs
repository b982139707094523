//! Who may be the second person, and how many of them an action takes.

use super::{Action, Role, Roles};

/// The roles that what is given may be misused most by: giving one takes two second persons.
const GRAVE: Roles = Roles::of(&[
    Role::Security,
    Role::PrivacyOfficer,
    Role::Legal,
    Role::Auditor,
    Role::AccessAdmin,
    Role::KeyCustodian,
    Role::BreakGlass,
]);

/// The roles that see customers' data in their daily work.
const DATA: Roles =
    Roles::of(&[Role::SupportLead, Role::Billing, Role::Security, Role::PrivacyOfficer, Role::Legal]);

/// How many approvals `action` takes, of `role` where one is to be given.
pub(crate) const fn needed(action: Action, role: Option<Role>) -> u8 {
    match (action, role) {
        (Action::GrantGive, Some(role)) if GRAVE.contains(role) => 2,
        (Action::WaiverGive, _) => 2,
        _ => 1,
    }
}

/// Whether some role has `action` only with a second person.
pub(crate) const fn takes(action: Action) -> bool {
    !approvers(action, Some(Role::Support)).is_empty()
}

/// Who may approve `action`, of `role` where one is to be given; nobody where no action of the matrix asks for it.
pub(crate) const fn approvers(action: Action, role: Option<Role>) -> Roles {
    const ADMINS: Roles = Roles::of(&[Role::AccessAdmin, Role::Security]);
    const WITH_PRIVACY: Roles = ADMINS.with(Role::PrivacyOfficer);
    match (action, role) {
        (Action::GrantGive, Some(Role::Support)) => WITH_PRIVACY.with(Role::SupportLead),
        (Action::GrantGive, Some(role)) if DATA.contains(role) => WITH_PRIVACY,
        (Action::GrantGive, Some(_)) | (Action::StaffFactorReset, _) => ADMINS,
        (Action::WaiverGive | Action::RoomResume, _) => WITH_PRIVACY,
        _ => Roles::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::{approvers, needed, takes};
    use crate::access::{
        Action, Role,
        cell::{Effect, Obligation},
        matrix,
    };

    /// What takes a second person has somebody who may be it, and an approver may take approvals at all.
    #[test]
    fn every_action_that_takes_a_second_person_has_approvers_who_may_decide() {
        for action in Action::ALL {
            let asks =
                Role::ALL.into_iter().any(|role| matrix::cell(action, role).asks(Obligation::SecondPerson));
            let roles = if action == Action::GrantGive { Role::ALL.map(Some).to_vec() } else { vec![None] };
            for role in roles {
                let who = approvers(action, role);
                assert_eq!((asks, asks), (takes(action), !who.is_empty()), "{action} {role:?}");
                assert!((1..=2).contains(&needed(action, role)));
                for approver in who.iter() {
                    let cell = matrix::cell(Action::ApprovalDecide, approver);
                    assert_ne!(cell.effect, Effect::Deny, "{approver} approves {action}");
                }
            }
        }
    }

    #[test]
    fn who_audits_or_holds_keys_approves_nothing() {
        for action in Action::ALL {
            for role in Role::ALL.map(Some).into_iter().chain([None]) {
                let who = approvers(action, role);
                assert!(!who.contains(Role::Auditor) && !who.contains(Role::KeyCustodian));
            }
        }
    }
}
