//! Data keys on demand: the one place of the room that holds them, each for one operation.

use crate::{
    base::{Class, Scope},
    keys::{DataKey, DataKeyState, KeyError, KeyRing},
    store::{self, EngineFault, KeyTurn, KeyringDatabase, StoreDatabase, StoreError, keyring},
};

use super::error::Failure;

/// The keyring with the wrapping keys that open it.
pub(super) struct Vault {
    pub(super) ring: KeyRing,
    pub(super) database: KeyringDatabase,
}

impl Vault {
    /// Begins something in the keyring. On a full disk that is refused, as any change of `store` is; what only ends what
    /// `store` has begun is not, and is told to the database itself.
    ///
    /// # Errors
    /// What `run` returns; the keyring could not be written.
    pub(super) fn commit<T, E: From<StoreError>>(
        &self,
        store: &StoreDatabase,
        run: impl FnOnce(&mut KeyTurn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        store.is_not_full()?;
        self.database.commit(run)
    }

    /// The newest data key of a class and scope, made if there is none: on first use, before the lane is entered.
    ///
    /// # Errors
    /// [`KeyError::Erased`] behind a fence; [`KeyError::Missing`] if there is none and should be one, because a
    /// second key over what the first has sealed would hide that it is lost; a failing keyring.
    pub(super) fn key_for_writing(
        &self,
        store: &StoreDatabase,
        class: Class,
        scope: Scope,
    ) -> Result<DataKey, Failure> {
        if let Some(row) = self.database.read(|db| keyring::data_key(db, class, scope, None))? {
            return Ok(self.ring.unwrap(&row)?);
        }
        if store.read(|db| store::is_sealed_under(db, class, scope))? {
            // Another caller may have made the key and used it since: then it is there now.
            return self.key_for_reading(class, scope, None);
        }
        let (key, row) = self.ring.mint(class, scope, 1)?;
        // What customers do has a key of its day, which the first to come makes.
        let inserted = if class == Class::Activity {
            self.database.commit_for_customer(|turn| keyring::insert_data_key(turn, &row))
        } else {
            self.commit(store, |turn| keyring::insert_data_key(turn, &row))
        };
        match inserted {
            Ok(()) => Ok(key),
            // Another caller minted it first, or a fence or an ended period refuses it: the row tells which.
            Err(StoreError::Engine { fault: EngineFault::Constraint, .. }) => {
                self.key_for_reading(class, scope, None)
            }
            Err(e) => Err(e.into()),
        }
    }

    /// An existing data key: of this generation, or the newest.
    ///
    /// # Errors
    /// [`KeyError::Erased`] behind a fence; [`KeyError::Missing`] if there is no row at all, because what it
    /// sealed exists.
    pub(super) fn key_for_reading(
        &self,
        class: Class,
        scope: Scope,
        generation: Option<u32>,
    ) -> Result<DataKey, Failure> {
        let row = self.database.read(|db| keyring::data_key(db, class, scope, generation))?;
        let row = row.ok_or(KeyError::Missing { class })?;
        Ok(self.ring.unwrap(&row)?)
    }

    /// The generation of the key that seals now; `None` if it is erased or not there. Read again inside the lane,
    /// so that nothing sealed before an erasure is stored after it.
    pub(super) fn live_generation(&self, class: Class, scope: Scope) -> Result<Option<u32>, StoreError> {
        let row = self.database.read(|db| keyring::data_key(db, class, scope, None))?;
        Ok(row.filter(|row| matches!(row.state, DataKeyState::Live { .. })).map(|row| row.generation))
    }
}
