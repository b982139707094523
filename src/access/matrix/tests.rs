//! What the table promises, whatever else changes in it.

use super::{cell, row_text};
use crate::access::{
    Action, Field, PrincipalKind, Role, Roles, View, canonical_text,
    cell::{Cell, Effect, Obligation},
    matrix_markdown,
};

/// Fields that hold a customer's data or words.
const ABOUT_CUSTOMERS: [Field; 14] = [
    Field::Email,
    Field::Name,
    Field::Phone,
    Field::Address,
    Field::TaxId,
    Field::Subject,
    Field::Body,
    Field::Note,
    Field::FileName,
    Field::MediaType,
    Field::Content,
    Field::Card,
    Field::Reference,
    Field::InvoiceLines,
];

fn cells() -> impl Iterator<Item = (Action, Role, Cell)> {
    Action::ALL
        .into_iter()
        .flat_map(|action| Role::ALL.into_iter().map(move |role| (action, role, cell(action, role))))
}

fn shows_customer(cell: &Cell) -> bool {
    cell.effect.view().is_some() && ABOUT_CUSTOMERS.into_iter().any(|field| cell.fields.contains(field))
}

/// A slip in the table denies silently; here it speaks.
#[test]
fn the_table_reads_as_it_is_written() {
    for action in Action::ALL {
        let written: Vec<_> = row_text(action).split_whitespace().map(str::to_owned).collect();
        let letters = |cell: Cell| cell.to_string().split('(').next().unwrap().to_owned();
        let read: Vec<_> = Role::ALL.map(|role| letters(cell(action, role))).to_vec();
        assert_eq!(read, written, "{action}");
    }
}

/// DESIGN: reading takes a purpose or a case. The cells without either are few, and listed.
#[test]
fn a_human_sees_a_customer_in_clear_for_a_purpose_or_a_case() {
    let bare: Vec<_> = cells()
        .filter(|(_, role, cell)| role.kind() == PrincipalKind::Human && shows_customer(cell))
        .filter(|(_, _, cell)| cell.effect == Effect::Clear)
        .filter(|(_, _, cell)| !cell.asks(Obligation::Purpose) && !cell.asks(Obligation::Case))
        .map(|(action, role, _)| (action, role))
        .collect();
    assert_eq!(
        bare,
        [(Action::BillingReadMasked, Role::Billing)],
        "its card: brand, last four digits, expiry"
    );
}

#[test]
fn revealing_takes_a_case_always() {
    for role in Role::ALL.into_iter().filter(|role| role.kind() == PrincipalKind::Human) {
        let cell = cell(Action::AccountRevealField, role);
        let is_loud = cell.asks(Obligation::Notice);
        assert!(cell.effect == Effect::Deny || cell.asks(Obligation::Case) || is_loud, "{role}");
    }
}

#[test]
fn who_grants_audits_or_keeps_keys_sees_no_customer() {
    let blind = Roles::of(&[
        Role::RetentionBatch,
        Role::AnalyticsExport,
        Role::Legal,
        Role::Auditor,
        Role::AccessAdmin,
        Role::Reviewer,
        Role::KeyCustodian,
    ]);
    for (action, role, cell) in cells().filter(|(_, role, _)| blind.contains(*role)) {
        assert!(!shows_customer(&cell), "{role} {action}");
    }
}

#[test]
fn support_and_billing_see_what_their_work_needs() {
    let clear = |role| {
        let cells =
            cells().filter(move |(_, its, cell)| *its == role && cell.effect.view() == Some(View::Clear));
        let mut fields: Vec<_> =
            cells.flat_map(|(_, _, cell)| cell.fields.iter().collect::<Vec<_>>()).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    };
    assert!(!clear(Role::Support).contains(&Field::TaxId) && !clear(Role::Support).contains(&Field::Card));
    let revealed: Vec<_> = cell(Action::AccountRevealField, Role::Billing).fields.iter().collect();
    assert_eq!(revealed, [Field::Name, Field::Address, Field::TaxId]);
    assert!(!clear(Role::Billing).contains(&Field::Email) && !clear(Role::Billing).contains(&Field::Phone));
}

/// A role's rights are its purposes' too: a cell that asks for a purpose from a role without one never opens.
#[test]
fn machines_are_held_to_their_task_and_humans_to_purposes() {
    for (action, role, cell) in cells() {
        match role.kind() {
            PrincipalKind::Machine => {
                let asks_people = [
                    Obligation::Purpose,
                    Obligation::Case,
                    Obligation::FreshFactor,
                    Obligation::SecondPerson,
                    Obligation::Notice,
                    Obligation::Elevation,
                ];
                assert!(!asks_people.into_iter().any(|one| cell.asks(one)), "{role} {action}");
            }
            PrincipalKind::Human => {
                assert!(!cell.asks(Obligation::OwnSubject), "{role} {action}");
                assert!(!role.purposes().is_empty(), "{role}");
            }
        }
    }
}

/// Support-lead is support and three rights more: the only inheritance.
#[test]
fn support_lead_can_what_support_can() {
    for action in Action::ALL {
        let (support, lead) = (cell(action, Role::Support), cell(action, Role::SupportLead));
        assert!(support.effect == Effect::Deny || lead.effect == support.effect, "{action}");
        assert!(support.fields.iter().all(|field| lead.fields.contains(field)), "{action}");
    }
}

#[test]
fn nobody_gives_a_grant_alone() {
    for role in Role::ALL {
        let cell = cell(Action::GrantGive, role);
        assert!(cell.effect == Effect::Deny || cell.asks(Obligation::SecondPerson), "{role}");
    }
}

/// The digest in entries means these lines; a change here is a new policy.
#[test]
fn the_canonical_text_says_all_that_decides() {
    let text = canonical_text();
    assert!(text.starts_with("strongroom/matrix/1\n") && text.ends_with('\n') && text.is_ascii());
    for line in [
        "time factor_fresh 900",
        "role support human support_request",
        "apart SSD-6 billing support",
        "cell account.reveal_field billing Fpt name,address,tax_id",
        "cell ticket.read_assigned support Ft subject,body,note,media_type",
        "cell ticket.assign support x(take)",
        "cell grant.give access-admin xptf2(others)",
        "approve grant.give support 1 support-lead,security,privacy-officer,access-admin",
        "approve grant.give auditor 2 security,access-admin",
        "approve waiver.give - 2 security,privacy-officer,access-admin",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} in\n{text}");
    }
    let granting = cells().filter(|(_, _, cell)| cell.effect != Effect::Deny).count();
    assert_eq!(text.lines().filter(|line| line.starts_with("cell ")).count(), granting);
    assert!(text.lines().all(|line| line.trim_end() == line));
}

#[test]
fn the_markdown_holds_the_whole_table() {
    let text = matrix_markdown();
    for action in Action::ALL {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{action}` | "))).unwrap();
        assert_eq!(row.matches('|').count(), 18, "{row}");
    }
    let row = "| `account.reveal_field` | Fs | - | - | - | - | Fptj | Fpt | Fpt | Fptf | Fpt | - | - | - | - | - | Fpfn |";
    assert!(text.contains(row), "{text}");
    assert!(text.contains("| `account.reveal_field` | BI | name, address, tax_id |"), "{text}");
    assert!(text.contains("AX with any other |"), "{text}");
}
