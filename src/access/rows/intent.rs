//! What is to be destroyed: an intent lets the program destroy in nobody's session, after a crash or a hold's end.

use crate::access::frozen::frozen;

use super::{AuthorityRow, Bytes, RowKind};
use crate::base::{AccountId, Class, Scope};

frozen! {
    /// How far an erasure of one class has come.
    pub enum IntentState {
        /// Its keys are about to be destroyed: whoever opens the room carries on.
        Begun = 1 "begun",
        /// It was asked for and a hold stands in the way.
        Deferred = 2 "deferred",
    }
}

/// One class of one account, or one year of it, that is to be destroyed. Its id is the account's: a class has one row
/// for each period.
///
/// | Column | Bytes |
/// |---|---|
/// | class | 1 |
/// | period | 4 |
/// | state | 1 |
///
/// 32 bytes in all. Its position is that of the entry that begins the erasure: where the fence will stand.
#[derive(Clone)]
pub(crate) struct IntentRow {
    /// Whose.
    pub(crate) account: AccountId,
    /// Which class.
    pub(crate) class: Class,
    /// Which year of it; 0 where the class is not cut.
    pub(crate) period: u32,
    /// How far it has come.
    pub(crate) state: IntentState,
    /// Position of the entry that last changed it.
    pub(crate) changed_at: u64,
}

impl IntentRow {
    /// What goes, as the keyring cuts it.
    pub(crate) fn scope(&self) -> Scope {
        match self.period {
            0 => Scope::Account(self.account),
            year => Scope::AccountYear(self.account, year),
        }
    }
}

impl AuthorityRow for IntentRow {
    const KIND: RowKind = RowKind::Intent;

    fn id(&self) -> [u8; 16] {
        *self.account.as_bytes()
    }

    fn changed_at(&self) -> u64 {
        self.changed_at
    }

    fn columns(&self, out: &mut Bytes<'_>) {
        out.byte(self.class.number());
        out.array(&self.period.to_be_bytes());
        out.byte(self.state.number());
    }
}
