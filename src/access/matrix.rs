//! The matrix: what each role may do, as one constant table.
//!
//! It is the source; the tables of SECURITY.md are made from it. "The ticket that one is assigned to" is written
//! `t`, because an open ticket of the actor's is what `t` checks. What reviewers and the retention service may
//! read and revoke waits for reviews and retention, and is denied until then.

use super::{
    Action, Field, Fields, Role,
    cell::{Cell, Limit},
};

/// The cells of one action, in the order of the roles' numbers.
type Row = [Cell; Role::ALL.len()];

#[rustfmt::skip] // a table is read by its columns
const fn row_text(action: Action) -> &'static str {
    match action {
        //                              AU TI BS RB AX SU   SL   BI   SE   PR   LE   AD AA   RV KC  BG
        Action::AccountLookup =>      "x  x  x  -  -  xp   xp   xp   xp   xp   -    -  -    -  -   xpfn",
        Action::AccountReadMasked =>  "m  m  m  -  -  mp   mp   mp   mp   mp   -    -  -    -  -   mpfn",
        Action::AccountRevealField => "Fs -  -  -  -  Fptj Fpt  Fpt  Fptf Fpt  -    -  -    -  -   Fpfn",
        Action::BillingReadMasked =>  "m  -  m  -  -  m    m    F    m    m    -    -  -    -  -   -   ",
        Action::BillingReadDetail =>  "Fs -  F  -  -  -    -    Fp   Fptf Fpt  -    -  -    -  -   -   ",
        Action::BillingWrite =>       "-  -  x  -  -  -    -    xpt  -    -    -    -  -    -  -   -   ",
        Action::TicketReadAssigned => "Fs F  -  -  -  Ft   Ft   Ft   Fpt  Fpt  -    -  -    -  -   -   ",
        Action::TicketReadAny =>      "-  -  -  -  -  -    Fp   -    Fpf  Fpt  -    -  -    -  -   -   ",
        Action::TicketWrite =>        "xs x  -  -  -  x    x    x    x    x    -    -  -    -  -   -   ",
        Action::TicketAssign =>       "-  -  -  -  -  x    x    x    x    x    -    -  -    -  -   -   ",
        Action::TicketClose =>        "xs -  -  -  -  xt   x    xt   xt   xt   -    -  -    -  -   -   ",
        Action::AttachmentPut =>      "xs x  -  -  -  x    x    x    x    x    -    -  -    -  -   -   ",
        Action::AttachmentOpen =>     "Fs -  -  -  -  Ft   Ft   Ft   Fpt  Fpt  -    -  -    -  -   -   ",
        Action::CaseOpen =>           "-  -  -  -  -  -    -    xpf  xpf  xpf  xpf  -  xpf  -  -   -   ",
        Action::CaseClose =>          "-  -  -  -  -  -    -    xt   xt   xt   xt   -  xt   -  -   -   ",
        Action::AuditRead =>          "-  -  -  -  -  -    -    -    Fp   Fp   -    F  m    -  -   -   ",
        Action::AuditVerify =>        "-  -  -  x  -  -    -    -    x    -    -    x  -    -  -   -   ",
        Action::AuditCheckpoint =>    "-  -  -  x  -  -    -    -    x    -    -    x  -    -  -   -   ",
        Action::StaffCreate =>        "-  -  -  -  -  -    -    -    -    -    -    -  xpt  -  -   -   ",
        Action::StaffDisable =>       "-  -  -  -  -  -    -    -    xn   -    -    -  xpt  -  -   -   ",
        Action::GrantGive =>          "-  -  -  -  -  x2j  xp2  x2j  xf2j xf2j -   -  xptf2 - x2j -   ",
        Action::GrantRevoke =>        "-  -  -  -  -  x    x    x    xn   x    -    -  x    -  x   -   ",
        Action::PolicyRead =>         "-  -  -  -  -  F    F    F    F    F    F    F  F    F  F   -   ",
        Action::HealthRead =>         "-  -  -  x  -  -    -    -    x    x    -    x  x    -  x   xpfn",
        Action::AccountClose =>       "xs -  -  -  -  -    -    -    xptf xpt  -    -  -    -  -   -   ",
        Action::AccountErase =>       "-  -  -  -  -  -    -    -    -    xptf -    -  -    -  -   -   ",
        Action::HoldPlace =>          "-  -  -  -  -  -    -    -    -    -    xpt  -  -    -  -   -   ",
        Action::HoldRelease =>        "-  -  -  -  -  -    -    -    -    -    xptf -  -    -  -   -   ",
        Action::HoldRead =>           "-  -  -  x  -  -    -    -    -    x    x    x  -    -  -   -   ",
        Action::TicketList =>         "-  -  -  -  -  x    x    x    x    x    x    x  x    -  x   -   ",
        Action::PolicyCheck =>        "-  -  -  x  -  -    -    -    x    x    x    x  x    -  -   -   ",
        Action::StaffReenrol =>       "-  -  -  -  -  -    -    -    -    -    -    -  xptf -  -   -   ",
        Action::StaffLink =>          "-  -  -  -  -  -    -    -    -    -    -    -  xpt  -  -   -   ",
        Action::AccountVerifyField => "x  -  -  -  -  xpt  xpt  xpt  xp   xpt  -    -  -    -  -   -   ",
        Action::AccountFind =>        "-  -  -  -  -  mp   mp   mp   mp   mp   -    -  -    -  -   -   ",
        Action::AccountSuspend =>     "-  -  -  -  -  -    -    -    xptf -    -    -  -    -  -   -   ",
        Action::AccountReinstate =>   "-  -  -  -  -  -    -    -    xptf -    -    -  -    -  -   -   ",
        Action::StaffFactorReset =>   "-  -  -  -  -  -    -    -    -    -    -    -  xptf2 - -   -   ",
        Action::ApprovalDecide =>     "-  -  -  -  -  -    xf   -    xf   xf   xf   -  xf   -  -   -   ",
        Action::ApprovalRead =>       "-  -  -  -  -  x    x    x    x    x    x    x  x    -  x   -   ",
        Action::WaiverGive =>         "-  -  -  -  -  -    -    -    -    -    -    -  xptf2 - -   -   ",
        Action::WaiverEnd =>          "-  -  -  -  -  -    -    -    xf   xf   -    -  xf   -  -   -   ",
        Action::ApprovalReason =>     "-  -  -  -  -  -    Ff   -    Ff   Ff   Ff   -  Ff   -  -   -   ",
        Action::OutboxClaim =>        "F  -  -  -  -  -    -    -    -    -    -    -  -    -  -   -   ",
        Action::RoomResume =>         "-  -  -  -  -  -    -    -    xpf2 -    -    -  xpf2 -  -   -   ",
    }
}

/// The limit that a cell carries beyond its letters.
const fn limit(action: Action, role: Role) -> Limit {
    match (action, role) {
        (Action::TicketAssign, Role::SupportLead) => Limit::Any,
        (Action::TicketAssign, _) => Limit::Take,
        (Action::GrantRevoke, Role::AccessAdmin | Role::Security) => Limit::Any,
        (Action::GrantRevoke, _) => Limit::Own,
        (Action::GrantGive, Role::AccessAdmin) => Limit::Others,
        (Action::GrantGive, Role::SupportLead) => Limit::SupportRole,
        (Action::GrantGive, _) => Limit::Own,
        (Action::TicketList, Role::Legal | Role::Auditor | Role::AccessAdmin | Role::KeyCustodian) => {
            Limit::Own
        }
        (Action::AuditRead, Role::PrivacyOfficer) => Limit::OneSubject,
        (Action::AuditRead, Role::AccessAdmin) => Limit::Staff,
        (Action::CaseOpen, Role::AccessAdmin) => Limit::NoSubject,
        _ => Limit::Any,
    }
}

/// The fields that a role may read or write by an action. Least by role: support never sees a tax number,
/// billing no telephone number, and a file's name opens with the file.
const fn fields(action: Action, role: Role) -> Fields {
    use Field::{
        Address, Body, Card, Content, Detail, Email, FileName, InvoiceLines, Ip, MediaType, Name, Note,
        Phone, Reference, Subject, TaxId,
    };
    match (action, role) {
        (Action::AccountReadMasked, Role::Support | Role::SupportLead | Role::Security) => {
            Fields::of(&[Email, Name, Phone, Address])
        }
        (Action::AccountReadMasked, Role::Billing) => Fields::of(&[Email, Name, Address]),
        (Action::AccountReadMasked, Role::AuthService | Role::PrivacyOfficer) => {
            Fields::of(&[Email, Name, Phone, Address, TaxId])
        }
        (Action::AccountReadMasked, _) => Fields::of(&[Email, Name]),
        (Action::AccountFind, _) => Fields::of(&[Email, Name]),
        (Action::OutboxClaim, _) => Fields::of(&[Email]),
        (Action::AccountVerifyField, _) => Fields::of(&[Email, Name]),
        (Action::AccountRevealField, Role::AuthService | Role::PrivacyOfficer) => {
            Fields::of(&[Email, Name, Phone, Address, TaxId])
        }
        (Action::AccountRevealField, Role::Billing) => Fields::of(&[Name, Address, TaxId]),
        (Action::AccountRevealField, _) => Fields::of(&[Email, Name, Phone, Address]),
        (Action::BillingReadMasked, _) => Fields::of(&[Card]),
        (Action::BillingReadDetail, Role::BillingSync) => Fields::of(&[Card, Reference, InvoiceLines]),
        (Action::BillingReadDetail, _) => Fields::of(&[Card, Reference, InvoiceLines, Address]),
        (Action::BillingWrite, _) => Fields::of(&[Card, Reference, InvoiceLines]),
        (Action::TicketReadAssigned | Action::TicketWrite, Role::AuthService | Role::TicketIntake) => {
            Fields::of(&[Subject, Body])
        }
        (Action::TicketReadAssigned | Action::TicketReadAny, _) => {
            Fields::of(&[Subject, Body, Note, MediaType])
        }
        (Action::TicketWrite, _) => Fields::of(&[Subject, Body, Note]),
        (Action::AttachmentPut | Action::AttachmentOpen, _) => Fields::of(&[FileName, MediaType, Content]),
        (Action::CaseOpen | Action::CaseClose | Action::ApprovalReason, _) => Fields::of(&[Detail]),
        (Action::AuditRead, Role::AccessAdmin) => Fields::NONE,
        (Action::AuditRead, Role::PrivacyOfficer) => Fields::of(&[Detail]),
        (Action::AuditRead, _) => Fields::of(&[Detail, Ip]),
        (Action::StaffCreate | Action::PolicyRead, _) => Fields::of(&[Field::Handle]),
        _ => Fields::NONE,
    }
}

const fn row(action: Action) -> Row {
    let mut row = [Cell::DENY; Role::ALL.len()];
    let mut text = row_text(action).as_bytes();
    let (mut slots, mut roles): (&mut [Cell], &[Role]) = (&mut row, &Role::ALL);
    while let ([slot, later_slots @ ..], [role, later_roles @ ..]) = (slots, roles) {
        let (cell, rest) = Cell::read(text);
        *slot = cell.with(limit(action, *role), fields(action, *role));
        (slots, roles, text) = (later_slots, later_roles, rest);
    }
    row
}

static MATRIX: [Row; Action::ALL.len()] = {
    let mut table = [[Cell::DENY; Role::ALL.len()]; Action::ALL.len()];
    let (mut rows, mut actions): (&mut [Row], &[Action]) = (&mut table, &Action::ALL);
    while let ([slot, later_rows @ ..], [action, later_actions @ ..]) = (rows, actions) {
        *slot = row(*action);
        (rows, actions) = (later_rows, later_actions);
    }
    table
};

/// What `action` is to `role`.
pub(crate) fn cell(action: Action, role: Role) -> Cell {
    let (row, column) = (usize::from(action.number() - 1), usize::from(role.number() - 1));
    MATRIX.get(row).and_then(|cells| cells.get(column)).copied().unwrap_or(Cell::DENY)
}

#[cfg(test)]
mod tests;
