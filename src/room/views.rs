//! What needs no key: ids, states, counters and dates of tickets, attachments, payments, people.

use crate::{
    access::{
        CaseRef, PrincipalKind, Role,
        rows::{GrantRow, GrantState, HoldRow, PrincipalRow, PrincipalState, TicketRow, TicketState},
    },
    base::{AccountId, AttachmentId, Classes, GrantId, HoldId, PrincipalId, TicketId, Time},
    seal::{Clear, Handle},
    store::tickets::AttachmentRow,
};

/// A ticket without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketHeader {
    /// Its id.
    pub ticket: TicketId,
    /// Whose it is.
    pub account: AccountId,
    /// Open or closed.
    pub state: TicketState,
    /// Who works on it.
    pub assignee: Option<PrincipalId>,
    /// When it was opened.
    pub created: Time,
}

impl TicketHeader {
    pub(super) fn of(row: &TicketRow) -> Self {
        Self {
            ticket: row.id,
            account: row.account,
            state: row.state,
            assignee: row.assignee,
            created: row.created,
        }
    }
}

/// An attachment without its name and content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachmentHeader {
    /// Its id.
    pub attachment: AttachmentId,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was attached.
    pub created: Time,
}

impl AttachmentHeader {
    pub(super) fn of(row: &AttachmentRow) -> Self {
        Self { attachment: row.id, bytes: row.bytes, created: row.created }
    }
}

/// A principal as other staff see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrincipalHeader {
    /// Its id.
    pub principal: PrincipalId,
    /// Human or machine.
    pub kind: PrincipalKind,
    /// Active or disabled.
    pub state: PrincipalState,
}

impl PrincipalHeader {
    pub(super) fn of(row: &PrincipalRow) -> Self {
        Self { principal: row.id, kind: row.kind, state: row.state }
    }
}

/// A principal by the name that colleagues know it by.
pub struct Colleague {
    /// What needs no key.
    pub header: PrincipalHeader,
    /// The handle; nothing if its key is erased.
    pub handle: Option<Clear<Handle>>,
    /// Every grant that it has or had.
    pub grants: Vec<GrantHeader>,
}

/// A grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantHeader {
    /// Its id.
    pub grant: GrantId,
    /// Who holds it.
    pub principal: PrincipalId,
    /// The role.
    pub role: Role,
    /// From when it counts.
    pub not_before: Time,
    /// From when it counts no more.
    pub expires: Time,
    /// Live or revoked.
    pub state: GrantState,
}

impl GrantHeader {
    pub(super) fn of(row: &GrantRow) -> Self {
        Self {
            grant: row.id,
            principal: row.principal,
            role: row.role,
            not_before: row.not_before,
            expires: row.expires,
            state: row.state,
        }
    }
}

/// A hold in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldHeader {
    /// Its id.
    pub hold: HoldId,
    /// Whose data it keeps.
    pub account: AccountId,
    /// Which of them.
    pub classes: Classes,
    /// Who placed it.
    pub placed_by: PrincipalId,
    /// On the strength of which case.
    pub case: CaseRef,
    /// By when somebody has to look whether it is still needed.
    pub review: Time,
}

impl HoldHeader {
    pub(super) fn of(row: &HoldRow) -> Self {
        Self {
            hold: row.id,
            account: row.account,
            classes: row.classes,
            placed_by: row.placed_by,
            case: row.case,
            review: row.review,
        }
    }
}
