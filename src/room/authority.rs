//! All rows that confer authority, against the log's head and against their own MACs.

use crate::{
    access::rows::{CaseRow, EnrolmentRow, GrantRow, PrincipalRow, SessionRow, TicketRow},
    audit::{Fold, FoldKey},
    base::base64url,
    seal::Voucher,
    store::{AuthorityTable, Queries, StoreError, authority},
};

/// The sum over all rows that the head's sum has.
pub(super) struct Sum {
    pub(super) fold: Fold,
    pub(super) rows: usize,
}

/// Sums up to `limit` rows of each kind.
pub(super) fn sum(db: &mut impl Queries, key: &FoldKey, limit: u32) -> Result<Sum, StoreError> {
    let mut sum = Sum { fold: Fold::default(), rows: 0 };
    sum.add::<PrincipalRow>(db, key, limit)?;
    sum.add::<GrantRow>(db, key, limit)?;
    sum.add::<SessionRow>(db, key, limit)?;
    sum.add::<EnrolmentRow>(db, key, limit)?;
    sum.add::<TicketRow>(db, key, limit)?;
    sum.add::<CaseRow>(db, key, limit)?;
    Ok(sum)
}

impl Sum {
    fn add<T: AuthorityTable>(
        &mut self,
        db: &mut impl Queries,
        key: &FoldKey,
        limit: u32,
    ) -> Result<(), StoreError> {
        for stored in authority::all::<T>(db, limit)? {
            let row = &stored.row;
            // The stored MAC is what counts here: a forged row is found because its MAC is not the one folded in.
            self.fold.toggle(&key.element(T::KIND.number(), &row.id(), row.changed_at(), &stored.mac));
            self.rows += 1;
        }
        Ok(())
    }
}

/// A row that confers authority and whose MAC is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgery {
    /// The kind of row.
    pub kind: &'static str,
    /// The row's id.
    pub id: String,
}

/// Every row whose MAC is wrong.
pub(super) fn forged(db: &mut impl Queries, voucher: &Voucher) -> Result<Vec<Forgery>, StoreError> {
    let mut found = Vec::new();
    forged_of::<PrincipalRow>(db, voucher, &mut found)?;
    forged_of::<GrantRow>(db, voucher, &mut found)?;
    forged_of::<SessionRow>(db, voucher, &mut found)?;
    forged_of::<EnrolmentRow>(db, voucher, &mut found)?;
    forged_of::<TicketRow>(db, voucher, &mut found)?;
    forged_of::<CaseRow>(db, voucher, &mut found)?;
    Ok(found)
}

fn forged_of<T: AuthorityTable>(
    db: &mut impl Queries,
    voucher: &Voucher,
    found: &mut Vec<Forgery>,
) -> Result<(), StoreError> {
    for stored in authority::all::<T>(db, u32::MAX)? {
        let id = base64url::encode(&stored.row.id());
        if voucher.vouch(stored).is_err() {
            found.push(Forgery { kind: T::KIND.name(), id });
        }
    }
    Ok(())
}
