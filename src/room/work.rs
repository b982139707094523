//! What a member of staff works on: a case and a purpose that stand for what is not typed with each request.
//!
//! It is kept by whoever asks, beside the session's token, and is worth what stating it would be: each request is decided
//! on the case itself, and is an entry of its own that names it. It ends with the case, and with the session, which ends
//! after a quarter of an hour without use.

use tracing::instrument;

use super::{core::Core, error::StaffError, staff::Staff};
use crate::{
    access::{
        CaseRef, Purpose, Roles, Vouched,
        rows::{CaseRow, CaseState, TicketRow, TicketState},
    },
    base::{AccountId, PrincipalId, Time},
    store::{Queries, StoreError, authority},
};

/// A case that somebody works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// The case.
    pub case: CaseRef,
    /// The purpose for which.
    pub purpose: Purpose,
    /// Whom it is about.
    pub account: Option<AccountId>,
}

/// A case, whichever of the two it is.
struct Standing {
    account: Option<AccountId>,
    worker: Option<PrincipalId>,
    is_over: bool,
    /// What it stands for; a ticket stands for more than one purpose.
    purpose: Option<Purpose>,
}

impl Staff {
    /// What working on a case means, for [`super::Why::working_on`]: a ticket that one is assigned to, or a case that
    /// one opened, for the purpose that is stated or the first that one's roles act for.
    ///
    /// # Errors
    /// [`StaffError::NotFound`] for a case that is not one's own, [`StaffError::State`] for one that is over and for a
    /// purpose that it does not stand for.
    #[instrument(name = "staff.work_on", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn work_on(&self, case: CaseRef, stated: Option<Purpose>) -> Result<Work, StaffError> {
        let core = &*self.room.core;
        let me = self.principal()?.ok_or(StaffError::NotFound)?;
        let now = core.clock.now();
        let roles = self.session()?.map_or(Roles::NONE, |session| session.roles);
        let standing = core.store.read(|db| core.standing_of(db, case, now))?;
        let standing = standing.filter(|standing| standing.worker == Some(me)).ok_or(StaffError::NotFound)?;
        if standing.is_over {
            return Err(StaffError::State { what: "the case is over" });
        }
        let mut fits = roles.iter().flat_map(|role| role.purposes().iter().copied()).filter(|purpose| {
            stated.is_none_or(|stated| stated == *purpose)
                && standing.purpose.map_or(purpose.stands_on_ticket(), |its| its == *purpose)
        });
        let purpose =
            fits.next().ok_or(StaffError::State { what: "it stands for no purpose of one's roles" })?;
        Ok(Work { case, purpose, account: standing.account })
    }
}

impl Core {
    /// Whom an open case is about; nothing for one that is over, or is none.
    pub(super) fn open_case_about(
        &self,
        db: &mut impl Queries,
        case: CaseRef,
        now: Time,
    ) -> Result<Option<Option<AccountId>>, StoreError> {
        let standing = self.standing_of(db, case, now)?;
        Ok(standing.filter(|standing| !standing.is_over).map(|standing| standing.account))
    }

    fn standing_of(
        &self,
        db: &mut impl Queries,
        case: CaseRef,
        now: Time,
    ) -> Result<Option<Standing>, StoreError> {
        Ok(match case {
            CaseRef::Ticket(id) => {
                let row: Option<Vouched<TicketRow>> = self.vouch(authority::ticket(db, id)?);
                row.map(|row| Standing {
                    account: Some(row.account),
                    worker: row.assignee,
                    is_over: row.state == TicketState::Closed,
                    purpose: None,
                })
            }
            CaseRef::Case(id) => {
                let row: Option<Vouched<CaseRow>> = self.vouch(authority::case(db, id)?);
                row.map(|row| Standing {
                    account: row.account,
                    worker: Some(row.opened_by),
                    is_over: row.state == CaseState::Closed || row.is_expired(now),
                    purpose: Some(row.purpose),
                })
            }
        })
    }
}
