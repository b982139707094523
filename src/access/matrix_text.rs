//! The matrix as text: canonical, for its digest in every entry, and as the tables of SECURITY.md.

use std::{fmt::Write as _, time::Duration};

use super::{
    Action, Exclusion, Role, Roles, approving,
    cell::{Effect, Limit, Obligation},
    matrix::cell,
    sod::Conflict,
};
use crate::base::limits;

/// The times that the decision holds things to.
const TIMES: [(&str, Duration); 12] = [
    ("staff_session", limits::STAFF_SESSION_LIFETIME),
    ("staff_session_idle", limits::STAFF_SESSION_IDLE),
    ("owner_session", limits::OWNER_SESSION_LIFETIME),
    ("factor_fresh", limits::FACTOR_FRESH),
    ("case", limits::CASE_LIFETIME),
    ("grant_max", limits::GRANT_LIFETIME_MAX),
    ("staff_case", limits::STAFF_CASE_LIFETIME),
    ("approval", limits::APPROVAL_LIFETIME),
    ("approval_delay", limits::APPROVAL_DELAY),
    ("approver_apart", limits::APPROVER_APART),
    ("waiver_max", limits::WAIVER_LIFETIME_MAX),
    ("elevation_max", limits::ELEVATION_MAX),
];

fn words<T: ToString>(items: impl Iterator<Item = T>, between: &str) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(between)
}

/// The roles that `constraint` keeps apart from `one`.
fn apart(constraint: Conflict, one: Role) -> Vec<Role> {
    Role::ALL.into_iter().filter(|other| constraint.parts(one, *other)).collect()
}

/// The roles with greater numbers that `exclusion` keeps out of a session with `one`.
fn excluded(exclusion: Exclusion, one: Role) -> Vec<Role> {
    let others = Role::ALL.into_iter().filter(|other| other.number() > one.number());
    others.filter(|other| exclusion.parts(one, *other)).collect()
}

/// What takes a second person: each action that does, `grant.give` by the role that is given.
fn approved() -> Vec<(Action, Option<Role>)> {
    let asks = |action: &Action| {
        Role::ALL.into_iter().any(|role| cell(*action, role).asks(Obligation::SecondPerson))
    };
    let each = |action| match action {
        Action::GrantGive => Role::ALL.map(|role| (action, Some(role))).to_vec(),
        _ => vec![(action, None)],
    };
    Action::ALL.into_iter().filter(asks).flat_map(each).collect()
}

/// All that decides, one fact a line, in one order: the input of the policy digest that entries quote. Two rooms
/// with one digest decide alike.
///
/// ```text
/// strongroom/matrix/1
/// time factor_fresh 900
/// role support human support_request
/// apart SSD-6 billing support
/// session DSD-1 support billing
/// approve grant.give support 1 support-lead,security,privacy-officer,access-admin
/// cell ticket.read_assigned support Ft subject,body,note,media_type
/// ```
pub(crate) fn canonical_text() -> String {
    let mut lines = vec!["strongroom/matrix/1".to_owned()];
    lines.extend(TIMES.map(|(name, time)| format!("time {name} {}", time.as_secs())));
    lines.extend(
        Role::ALL.map(|role| format!("role {role} {} {}", role.kind(), words(role.purposes().iter(), ","))),
    );
    for constraint in Conflict::ALL {
        for one in Role::ALL {
            let others = apart(constraint, one).into_iter();
            lines.extend(others.map(|other| format!("apart {} {one} {other}", constraint.name())));
        }
    }
    for exclusion in Exclusion::ALL {
        for one in Role::ALL {
            let others = excluded(exclusion, one).into_iter();
            lines.extend(others.map(|other| format!("session {} {one} {other}", exclusion.name())));
        }
    }
    for (action, role) in approved() {
        let what = role.map_or_else(|| "-".to_owned(), |role| role.to_string());
        let (who, needed) = (approving::approvers(action, role), approving::needed(action, role));
        lines.push(format!("approve {action} {what} {needed} {}", words(who.iter(), ",")));
    }
    for action in Action::ALL {
        for role in Role::ALL {
            let cell = cell(action, role);
            if cell.effect != Effect::Deny {
                lines.push(
                    format!("cell {action} {role} {cell} {}", words(cell.fields.iter(), ","))
                        .trim_end()
                        .to_owned(),
                );
            }
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The matrix for people, in Markdown: roles, cells with their legend, fields, separation of duty. SECURITY.md
/// holds this text between two markers, and a test holds them equal.
pub fn matrix_markdown() -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_roles(&mut out).and_then(|()| write_cells(&mut out)).and_then(|()| write_fields(&mut out));
    let _ = write_apart(&mut out)
        .and_then(|()| write_excluded(&mut out))
        .and_then(|()| write_approvers(&mut out));
    out
}

fn write_roles(out: &mut String) -> std::fmt::Result {
    writeln!(out, "| | Role | Held by | Acts for |\n|---|---|---|---|")?;
    for role in Role::ALL {
        let purposes = words(role.purposes().iter(), ", ");
        writeln!(out, "| {} | `{role}` | a {} | {purposes} |", role.code(), role.kind())?;
    }
    writeln!(out)
}

fn write_cells(out: &mut String) -> std::fmt::Result {
    writeln!(out, "| Action | {} |", words(Role::ALL.iter().map(|role| role.code()), " | "))?;
    writeln!(out, "|---|{}", "---|".repeat(Role::ALL.len()))?;
    for action in Action::ALL {
        let cells = Role::ALL.map(|role| cell(action, role));
        writeln!(out, "| `{action}` | {} |", words(cells.iter(), " | "))?;
    }
    writeln!(out, "\nA cell is a letter for what is allowed:\n")?;
    for effect in Effect::ALL {
        writeln!(out, "- `{}` {}", effect.letter(), effect.meaning())?;
    }
    writeln!(out, "\nthen one for each thing that it asks for in return:\n")?;
    for obligation in Obligation::ALL {
        writeln!(out, "- `{}` {}", obligation.letter(), obligation.meaning())?;
    }
    writeln!(out, "\nand, in brackets, what it is limited to:\n")?;
    for limit in Limit::ALL.into_iter().filter(|limit| *limit != Limit::Any) {
        writeln!(out, "- `({})` {}", limit.word(), limit.meaning())?;
    }
    writeln!(out)
}

fn write_fields(out: &mut String) -> std::fmt::Result {
    writeln!(out, "| Action | Roles | Fields |\n|---|---|---|")?;
    for action in Action::ALL {
        let mut sets: Vec<(String, Vec<&str>)> = Vec::new();
        for role in Role::ALL {
            let fields = words(cell(action, role).fields.iter(), ", ");
            match sets.iter_mut().find(|(set, _)| *set == fields) {
                Some((_, roles)) => roles.push(role.code()),
                None => sets.push((fields, vec![role.code()])),
            }
        }
        for (fields, roles) in sets.iter().filter(|(fields, _)| !fields.is_empty()) {
            writeln!(out, "| `{action}` | {} | {fields} |", roles.join(", "))?;
        }
    }
    writeln!(out)
}

fn write_apart(out: &mut String) -> std::fmt::Result {
    writeln!(out, "| Constraint | Roles that one principal must not hold together |\n|---|---|")?;
    for constraint in Conflict::ALL {
        let groups = Role::ALL.into_iter().map(|one| (one, apart(constraint, one)));
        let groups = groups.filter(|(_, others)| !others.is_empty()).map(|(one, others)| {
            let is_all = others.len() == Role::ALL.len() - 1;
            let others = if is_all {
                "any other".to_owned()
            } else {
                words(others.iter().map(|role| role.code()), ", ")
            };
            format!("{} with {others}", one.code())
        });
        writeln!(out, "| {constraint} | {} |", words(groups, "; "))?;
    }
    Ok(())
}

fn write_excluded(out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n| Constraint | Roles that must not act in one session |\n|---|---|")?;
    for exclusion in Exclusion::ALL {
        let pairs = Role::ALL.into_iter().map(|one| (one, excluded(exclusion, one)));
        let pairs = pairs.filter(|(_, others)| !others.is_empty()).map(|(one, others)| {
            format!("{} with {}", one.code(), words(others.iter().map(|role| role.code()), ", "))
        });
        writeln!(out, "| {exclusion} | {} |", words(pairs, "; "))?;
    }
    Ok(())
}

fn write_approvers(out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n| What takes a second person | How many | Who may be it |\n|---|---|---|")?;
    let mut rows: Vec<(Action, Vec<String>, u8, Roles)> = Vec::new();
    for (action, role) in approved() {
        let (who, needed) = (approving::approvers(action, role), approving::needed(action, role));
        let what = role.map(|role| role.code().to_owned());
        match rows.iter_mut().find(|row| (row.0, row.2, row.3) == (action, needed, who)) {
            Some(row) => row.1.extend(what),
            None => rows.push((action, what.into_iter().collect(), needed, who)),
        }
    }
    for (action, what, needed, who) in rows {
        let of = if what.is_empty() { String::new() } else { format!(" of {}", what.join(", ")) };
        writeln!(out, "| `{action}`{of} | {needed} | {} |", words(who.iter().map(Role::code), ", "))?;
    }
    Ok(())
}
