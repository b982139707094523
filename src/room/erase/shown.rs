//! Whether anything of an account is shown.

use super::super::error::StaffError;
use crate::{
    base::{AccountId, AccountState},
    store::{Queries, StoreError, accounts, erasure},
};

/// Whether data of the account may be shown to staff: of an erased one nothing is, though a hold or a crash may have
/// left some of it.
pub(in super::super) fn shown(db: &mut impl Queries, account: AccountId) -> Result<(), StaffError> {
    match accounts::state(db, account)? {
        Some(AccountState::Erased) => Err(StaffError::Erased { at: erased_at(db, account)? }),
        Some(AccountState::Active | AccountState::Closed) | None => Ok(()),
    }
}

/// Position of the entry that erased the account.
pub(in super::super) fn erased_at(db: &mut impl Queries, account: AccountId) -> Result<u64, StoreError> {
    Ok(erasure::erased_at(db, account)?.unwrap_or_default())
}
