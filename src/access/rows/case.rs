//! Why data is read: a customer's ticket, or a case that staff opened.

use std::time::Duration;

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind, within};
use crate::{
    access::Purpose,
    base::{AccountId, CaseId, PrincipalId, TicketId, Time, limits},
};

frozen! {
    /// Whether a ticket can still justify anything.
    pub enum TicketState {
        /// Somebody works or should work on it.
        Open = 1 "open",
        /// Done.
        Closed = 2 "closed",
    }
}

/// What of a ticket justifies reading; its words are sealed elsewhere.
///
/// | Column | Bytes |
/// |---|---|
/// | account | 16 |
/// | state | 1 |
/// | assignee, optional | 17 |
/// | created | 8 |
///
/// 68 bytes in all.
#[derive(Clone)]
pub(crate) struct TicketRow {
    /// Its id.
    pub(crate) id: TicketId,
    /// Whose ticket it is.
    pub(crate) account: AccountId,
    /// Open or closed.
    pub(crate) state: TicketState,
    /// Who works on it.
    pub(crate) assignee: Option<PrincipalId>,
    /// When it was opened.
    pub(crate) created: Time,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl AuthorityRow for TicketRow {
    const KIND: RowKind = RowKind::Ticket;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.id(&self.account);
        out.byte(self.state.number());
        out.optional_id(self.assignee.as_ref());
        out.time(self.created);
    }
}

frozen! {
    /// Whether a case can still justify anything.
    pub enum CaseState {
        /// Counts until it expires.
        Open = 1 "open",
        /// Done.
        Closed = 2 "closed",
    }
}

/// A case that staff opened, with its purpose.
///
/// | Column | Bytes |
/// |---|---|
/// | account, optional | 17 |
/// | purpose | 1 |
/// | opened by | 16 |
/// | created | 8 |
/// | expires | 8 |
/// | state | 1 |
///
/// 77 bytes in all.
#[derive(Clone)]
pub(crate) struct CaseRow {
    /// Its id.
    pub(crate) id: CaseId,
    /// Whose data it is about; nobody's for a staff request, which then justifies nothing about a customer.
    pub(crate) account: Option<AccountId>,
    /// What for.
    pub(crate) purpose: Purpose,
    /// Who opened it and may work on it.
    pub(crate) opened_by: PrincipalId,
    /// When it was opened.
    pub(crate) created: Time,
    /// From when it justifies nothing.
    pub(crate) expires: Time,
    /// Open or closed.
    pub(crate) state: CaseState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl CaseRow {
    /// Whether it is past its time at `now`.
    pub(crate) fn is_expired(&self, now: Time) -> bool {
        !within(now, self.created, Self::lifetime(self.account)) || now >= self.expires
    }

    /// How long a case about this account counts; about nobody, for as long as what was asked on its strength may wait
    /// for a second person.
    pub(crate) fn lifetime(account: Option<AccountId>) -> Duration {
        match account {
            Some(_) => limits::CASE_LIFETIME,
            None => limits::STAFF_CASE_LIFETIME,
        }
    }
}

impl AuthorityRow for CaseRow {
    const KIND: RowKind = RowKind::Case;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.optional_id(self.account.as_ref());
        out.byte(self.purpose.number());
        out.id(&self.opened_by);
        out.time(self.created);
        out.time(self.expires);
        out.byte(self.state.number());
    }
}
