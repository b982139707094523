//! All rows that confer authority, against the log's head and against their own MACs.

use crate::{
    access::rows::{
        CaseRow, EnrolmentRow, GrantRow, HoldRow, IntentRow, PrincipalRow, SessionRow, TicketRow,
    },
    audit::{Fold, FoldKey},
    base::base64url,
    seal::Voucher,
    store::{AuthorityTable, Queries, StoreError, authority},
};

/// All rows that the head's sum has, added up and looked at one by one.
pub(super) struct Sum {
    pub(super) fold: Fold,
    pub(super) rows: usize,
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

/// Sums up to `limit` rows of each kind.
pub(super) fn sum(
    db: &mut impl Queries,
    key: &FoldKey,
    voucher: &Voucher,
    limit: u32,
) -> Result<Sum, StoreError> {
    let mut sum = Sum { fold: Fold::default(), rows: 0, forged: Vec::new() };
    sum.add::<PrincipalRow>(db, key, voucher, limit)?;
    sum.add::<GrantRow>(db, key, voucher, limit)?;
    sum.add::<SessionRow>(db, key, voucher, limit)?;
    sum.add::<EnrolmentRow>(db, key, voucher, limit)?;
    sum.add::<TicketRow>(db, key, voucher, limit)?;
    sum.add::<CaseRow>(db, key, voucher, limit)?;
    sum.add::<HoldRow>(db, key, voucher, limit)?;
    sum.add::<IntentRow>(db, key, voucher, limit)?;
    Ok(sum)
}

impl Sum {
    fn add<T: AuthorityTable>(
        &mut self,
        db: &mut impl Queries,
        key: &FoldKey,
        voucher: &Voucher,
        limit: u32,
    ) -> Result<(), StoreError> {
        for stored in authority::all::<T>(db, limit)? {
            let (id, changed_at) = (stored.row.id(), stored.row.changed_at());
            self.fold.toggle(&key.element(T::KIND.number(), &id, changed_at, &stored.mac));
            self.rows += 1;
            if voucher.vouch(stored).is_err() {
                self.forged.push(Forgery { kind: T::KIND.name(), id: base64url::encode(&id) });
            }
        }
        Ok(())
    }
}
