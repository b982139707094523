//! All rows that confer authority, against the log's head and against their own MACs.

use crate::{
    access::rows::{
        ApprovalRow, CaseRow, EnrolmentRow, FactorRow, GrantRow, HoldRow, IntentRow, PrincipalRow,
        SessionRow, SettingRow, TicketRow, WaiverRow,
    },
    audit::{Fold, FoldKey},
    base::base64url,
    seal::Voucher,
    store::{
        AuthorityTable, Queries, StoreError,
        authority::{self, Rows},
    },
};

/// Rows added up as the head's sum has them, and looked at one by one.
pub(super) struct Sum {
    pub(super) fold: Fold,
    /// Those that the sum has.
    pub(super) live: usize,
    /// The rows whose MAC is wrong. An edit that leaves id, position and MAC alone is in no sum: this finds it.
    pub(super) forged: Vec<Forgery>,
}

/// A row that confers authority and whose MAC is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgery {
    /// The kind of row.
    pub kind: &'static str,
    /// The row's id.
    pub id: String,
}

/// Sums the rows of every kind. Those that have ended are in no sum; with [`Rows::All`] their MACs are looked at too.
pub(super) fn sum(
    db: &mut impl Queries,
    key: &FoldKey,
    voucher: &Voucher,
    rows: Rows,
) -> Result<Sum, StoreError> {
    let mut sum = Sum { fold: Fold::default(), live: 0, forged: Vec::new() };
    sum.add::<PrincipalRow>(db, key, voucher, rows)?;
    sum.add::<GrantRow>(db, key, voucher, rows)?;
    sum.add::<SessionRow>(db, key, voucher, rows)?;
    sum.add::<EnrolmentRow>(db, key, voucher, rows)?;
    sum.add::<TicketRow>(db, key, voucher, rows)?;
    sum.add::<CaseRow>(db, key, voucher, rows)?;
    sum.add::<HoldRow>(db, key, voucher, rows)?;
    sum.add::<SettingRow>(db, key, voucher, rows)?;
    sum.add::<IntentRow>(db, key, voucher, rows)?;
    sum.add::<FactorRow>(db, key, voucher, rows)?;
    sum.add::<ApprovalRow>(db, key, voucher, rows)?;
    sum.add::<WaiverRow>(db, key, voucher, rows)?;
    Ok(sum)
}

impl Sum {
    fn add<T: AuthorityTable>(
        &mut self,
        db: &mut impl Queries,
        key: &FoldKey,
        voucher: &Voucher,
        rows: Rows,
    ) -> Result<(), StoreError> {
        authority::each::<T>(db, rows, |stored| {
            let (id, changed_at) = (stored.row.id(), stored.row.changed_at());
            if stored.row.is_folded() {
                self.fold.toggle(&key.element(T::KIND.number(), &id, changed_at, &stored.mac));
                self.live += 1;
            }
            if voucher.vouch(stored).is_err() {
                self.forged.push(Forgery { kind: T::KIND.name(), id: base64url::encode(&id) });
            }
        })
    }
}
