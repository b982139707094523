//! What has run out is ended with its holder's next step of the same kind, so that an opening has no more to check than
//! what may still count.

use super::core::Core;
use crate::{
    access::rows::{CaseRow, CaseState, SessionRow, SessionState},
    base::PrincipalId,
    store::{LogTurn, StoreError, authority},
};

impl Core {
    /// Ends a principal's sessions whose time is over.
    pub(super) fn end_sessions_over(
        &self,
        turn: &mut LogTurn<'_>,
        of: PrincipalId,
    ) -> Result<(), StoreError> {
        let (now, changed_at) = (turn.time(), turn.position());
        for row in authority::sessions_over(turn, of, now)? {
            let Some(row) = self.vouch(Some(row)) else { continue };
            let ended = SessionRow { state: SessionState::Ended, changed_at, ..SessionRow::clone(&row) };
            self.change(turn, &*row, &ended)?;
        }
        Ok(())
    }

    /// Closes a principal's cases whose time is over.
    pub(super) fn close_cases_over(&self, turn: &mut LogTurn<'_>, of: PrincipalId) -> Result<(), StoreError> {
        let (now, changed_at) = (turn.time(), turn.position());
        for row in authority::cases_over(turn, of, now)? {
            let Some(row) = self.vouch(Some(row)) else { continue };
            let closed = CaseRow { state: CaseState::Closed, changed_at, ..CaseRow::clone(&row) };
            self.change(turn, &*row, &closed)?;
        }
        Ok(())
    }
}
