//! Whether a keyring fits a store: for all that is sealed it has the key, or the fence of its erasure, and to everybody
//! who is not erased an index leads. Nothing is opened.

use std::fmt;

use super::{core::Core, error::Failure};
use crate::{
    base::{Class, Scope},
    store::{Queries, StoreError, each_scope, fences},
};

/// What a keyring lacks of what a store needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MissingKeys {
    /// Keys, by class and scope, under which something is sealed, and no erasure says why they are not there.
    pub keys: u64,
    /// Customers and colleagues to whom neither address nor handle leads: they cannot log in.
    pub people: u64,
}

impl MissingKeys {
    /// Whether nothing is missing.
    pub const fn is_nothing(&self) -> bool {
        self.keys == 0 && self.people == 0
    }

    /// What `keys` lacks of what `store` needs. The store's state must be no younger than the keyring's: a key and an
    /// index are there before what needs them.
    pub(super) fn between(store: &mut impl Queries, keys: &mut impl Queries) -> Result<Self, StoreError> {
        let mut missing = Self::default();
        for class in Class::SEALED {
            each_scope(store, class, &mut |scope| {
                let there = fences::count(keys, class, scope)?;
                missing.keys += u64::from(there.live == 0 && there.fenced_at.is_none());
                // What is emptied by an erasure that is under way has its fence, and no index any more.
                if is_person(class, scope) && there.fenced_at.is_none() {
                    missing.people += u64::from(fences::indexes_of(keys, &scope.owner())? == 0);
                }
                Ok(())
            })?;
        }
        Ok(missing)
    }
}

impl fmt::Display for MissingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (keys, people) = (counted(self.keys, "key", "keys"), counted(self.people, "person", "people"));
        match (self.keys, self.people) {
            (0, 0) => f.write_str("nothing"),
            (_, 0) => write!(f, "{keys} of the data"),
            (0, _) => write!(f, "the address or handle of {people}"),
            _ => write!(f, "{keys} of the data, and the address or handle of {people}"),
        }
    }
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Whether there is one such scope for each person who logs in.
fn is_person(class: Class, scope: Scope) -> bool {
    matches!((class, scope), (Class::Identity, Scope::Account(_)) | (Class::Staff, Scope::Principal(_)))
}

impl Core {
    /// What the room's keyring lacks.
    pub(super) fn missing_keys(&self) -> Result<MissingKeys, Failure> {
        self.store.read_one_state(|store| {
            self.vault.database.read_one_state(|keys| Ok(MissingKeys::between(store, keys)?))
        })
    }
}
