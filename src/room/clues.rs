//! What accounts are found by: the indexes of what is looked up, and the clues that lie in the keyring.
//!
//! A clue is written before the row that it leads to, so that no crash leaves a row that nobody finds; one whose row
//! never came, or changed, leads nobody anywhere, for whoever follows a clue holds it against what is sealed.

use super::{core::Core, error::Failure};
use crate::{
    access::Object,
    base::{AccountId, Class, Scope, SecretText, limits, text},
    keys::{BlindIndex, IndexField, KeyError},
    seal::{At, Name, Sealed, verdict},
    store::{
        EngineFault, KeyTurn, StoreError, accounts,
        clues::{self, ClueRow},
    },
};

impl Core {
    /// The indexes of a normalised value under every live version of the index key, the current one first.
    pub(super) fn indexes(&self, field: IndexField, normal: &SecretText) -> Vec<BlindIndex> {
        let keys = self.vault.ring.index_keys();
        keys.iter().map(|key| key.index(&self.id, field, normal)).collect()
    }

    /// The index of a normalised value under the current key.
    pub(super) fn index(&self, field: IndexField, normal: &SecretText) -> Result<BlindIndex, Failure> {
        self.indexes(field, normal).first().copied().ok_or(Failure::Internal("no index key"))
    }

    /// The words of a name under the current key.
    pub(super) fn words_of(&self, name: Option<&Name>) -> Result<Vec<BlindIndex>, Failure> {
        let words = name.map_or_else(Vec::new, |name| text::words(name.as_str()));
        words.iter().map(|word| self.index(IndexField::NameWord, word)).collect()
    }

    /// The same of a name that is sealed in an account's row, or in that of its registration.
    pub(super) fn words_of_sealed(
        &self,
        account: AccountId,
        name: Option<&[u8]>,
    ) -> Result<Vec<BlindIndex>, Failure> {
        let Some(name) = name else { return Ok(Vec::new()) };
        let keys = self.vault.ring.index_keys();
        let current = keys.first().ok_or(Failure::Internal("no index key"))?;
        let at = At { room: self.id, scope: Scope::Account(account), row: *account.as_bytes() };
        let sealed = Sealed::<Name>::from_row(&at, 0, Object::Account(account), name.to_vec());
        let key = self.vault.key_for_reading(Class::Identity, sealed.scope(), sealed.generation())?;
        Ok(verdict::index_words(&key, &sealed, |word| current.index(&self.id, IndexField::NameWord, word))?)
    }

    /// Lets an account be found by these words too: they are in a name that it is about to have.
    pub(super) fn expect_words(&self, account: AccountId, words: &[BlindIndex]) -> Result<(), Failure> {
        if words.is_empty() {
            return Ok(());
        }
        Ok(self.vault.commit(&self.store, |turn| add_words(turn, account, words))?)
    }

    /// Lets an account be found by the words of the name that it has, and by no others. The name is read in the keyring's
    /// turn: of two changes at once, the one that settles last sees the name that stands.
    pub(super) fn settle_words(&self, account: AccountId) -> Result<(), Failure> {
        self.vault.database.commit(|turn| {
            let row = self.store.read(|db| accounts::find(db, account))?;
            match self.words_of_sealed(account, row.and_then(|row| row.name).as_deref()) {
                Ok(words) => Ok(set_words(turn, account, &words)?),
                // Erased meanwhile, and its words with it.
                Err(Failure::Key(KeyError::Erased { .. })) => Ok(()),
                Err(other) => Err(other),
            }
        })
    }

    /// Lets a row of an account's billing be found by a value in it.
    pub(super) fn lay_clue(
        &self,
        field: IndexField,
        normal: &SecretText,
        object: &[u8; 16],
        scope: Scope,
    ) -> Result<(), Failure> {
        let index = self.index(field, normal)?;
        let laid =
            self.vault.commit(&self.store, |turn| clues::insert(turn, &index, object, Class::Billing, scope));
        match laid {
            // The key is gone since it was fetched: erased, or the keyring is not whole.
            Err(StoreError::Engine { fault: EngineFault::Constraint, .. }) => {
                self.vault.key_for_reading(Class::Billing, scope, None)?;
                Err(Failure::Internal("a clue that was refused"))
            }
            other => Ok(other?),
        }
    }

    /// What has all of these values, each by its indexes; among at most ten thousand rows of the rarest.
    pub(super) fn led_to(&self, values: &[Vec<BlindIndex>]) -> Result<Vec<ClueRow>, Failure> {
        self.vault
            .database
            .read(|db| {
                let mut fewest: Option<Vec<ClueRow>> = None;
                for value in values {
                    let mut rows = Vec::new();
                    for index in value {
                        rows.extend(clues::all(db, index, limits::SEARCH_COUNTED_MAX)?);
                    }
                    if fewest.as_ref().is_none_or(|fewest| rows.len() < fewest.len()) {
                        fewest = Some(rows);
                    }
                }
                let mut found = Vec::new();
                for row in fewest.unwrap_or_default() {
                    let mut has_all = !found.contains(&row);
                    for value in values {
                        let mut has = false;
                        for index in value {
                            has = has || clues::leads_to(db, index, &row.object)?;
                        }
                        has_all = has_all && has;
                    }
                    if has_all {
                        found.push(row);
                    }
                }
                Ok::<_, StoreError>(found)
            })
            .map_err(Failure::from)
    }
}

/// Lets an account be found by the words of its name, beside what it is found by already.
pub(super) fn add_words(
    turn: &mut KeyTurn<'_>,
    account: AccountId,
    words: &[BlindIndex],
) -> Result<(), StoreError> {
    let scope = Scope::Account(account);
    words.iter().try_for_each(|word| clues::insert(turn, word, account.as_bytes(), Class::Identity, scope))
}

/// Lets an account be found by these words of its name, and by no others.
pub(super) fn set_words(
    turn: &mut KeyTurn<'_>,
    account: AccountId,
    words: &[BlindIndex],
) -> Result<(), StoreError> {
    if clues::count(turn, Class::Identity, Scope::Account(account))? != words.len() as u64 {
        clues::forget(turn, Class::Identity, Scope::Account(account))?;
        add_words(turn, account, words)?;
    }
    Ok(())
}
