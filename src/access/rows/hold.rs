//! What keeps data of an account from being destroyed.

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind};
use crate::{
    access::request::CaseRef,
    base::{AccountId, CaseId, Classes, HoldId, PrincipalId, TicketId, Time},
};

frozen! {
    /// Whether a hold keeps anything.
    pub enum HoldState {
        /// In force, its review overdue or not.
        Live = 1 "live",
        /// Ended by somebody.
        Released = 2 "released",
    }
}

/// A hold: what the law keeps, whoever asks for its erasure. It confers no access; it is among these rows because a
/// hold that is edited away with SQL would let evidence be destroyed.
///
/// | Column | Bytes |
/// |---|---|
/// | account | 16 |
/// | classes | 1 |
/// | placed by | 16 |
/// | kind of case, 1 ticket, 2 case | 1 |
/// | case | 16 |
/// | review | 8 |
/// | state | 1 |
///
/// 85 bytes in all.
#[derive(Clone)]
pub(crate) struct HoldRow {
    /// Its id.
    pub(crate) id: HoldId,
    /// Whose data.
    pub(crate) account: AccountId,
    /// Which of them.
    pub(crate) classes: Classes,
    /// Who placed it.
    pub(crate) placed_by: PrincipalId,
    /// On the strength of which case.
    pub(crate) case: CaseRef,
    /// By when somebody has to look whether it is still needed. Its passing ends nothing.
    pub(crate) review: Time,
    /// Live or released.
    pub(crate) state: HoldState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl HoldRow {
    /// The kind of its case as rows hold it, and the case's 16 bytes.
    pub(crate) const fn case_parts(&self) -> (u8, &[u8; 16]) {
        match &self.case {
            CaseRef::Ticket(id) => (1, id.as_bytes()),
            CaseRef::Case(id) => (2, id.as_bytes()),
        }
    }

    /// The case with these parts; `None` for what no version of this program writes.
    pub(crate) const fn case_from_parts(kind: u8, id: [u8; 16]) -> Option<CaseRef> {
        match kind {
            1 => Some(CaseRef::Ticket(TicketId::from_bytes(id))),
            2 => Some(CaseRef::Case(CaseId::from_bytes(id))),
            _ => None,
        }
    }
}

impl AuthorityRow for HoldRow {
    const KIND: RowKind = RowKind::Hold;

    fn id(&self) -> [u8; 16] {
        *self.id.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        let (kind, case) = self.case_parts();
        out.id(&self.account);
        out.byte(self.classes.bits());
        out.id(&self.placed_by);
        out.byte(kind);
        out.array(case);
        out.time(self.review);
        out.byte(self.state.number());
    }
}
