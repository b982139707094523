//! Which rule decided.

use std::fmt;

use super::{Action, Role, matrix};

/// The rule that decided, as the entry quotes it and an auditor looks it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Only a vouched-for, active principal acts.
    Principal,
    /// Only a live session of the actor acts.
    Session,
    /// A request must be one that an entry can tell truly.
    Request,
    /// Nobody works on his own customer account.
    OwnAccount,
    /// What no cell allows is denied.
    Default,
    /// A cell of the matrix.
    Cell(Action, Role),
}

/// `principal`, `session`, `request`, `own-account`, `default`, or a cell as `support/ticket.read_assigned/Ft`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal => f.write_str("principal"),
            Self::Session => f.write_str("session"),
            Self::Request => f.write_str("request"),
            Self::OwnAccount => f.write_str("own-account"),
            Self::Default => f.write_str("default"),
            Self::Cell(action, role) => write!(f, "{role}/{action}/{}", matrix::cell(*action, *role)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use crate::access::{Action, Role};

    #[test]
    fn a_rule_quotes_its_cell() {
        let rule = Rule::Cell(Action::AccountRevealField, Role::Support);
        assert_eq!(rule.to_string(), "support/account.reveal_field/Fptj");
        let rule = Rule::Cell(Action::TicketAssign, Role::Billing);
        assert_eq!(rule.to_string(), "billing/ticket.assign/x(take)");
        assert_eq!(Rule::Default.to_string(), "default");
    }
}
