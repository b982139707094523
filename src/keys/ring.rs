//! The wrapping keys that a process has loaded.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DataKey, DataKeyRow, Domain, IndexKey, KeyError, KeyProvider, ServiceKeys, WrappingKey, WrappingKeyRow,
    WrappingKeyState,
};
use crate::base::{Class, RoomId, Scope, Secret};

/// The wrapping keys of the domains that this process asked for, by version.
pub(crate) struct KeyRing {
    room: RoomId,
    keys: BTreeMap<(Domain, u32), WrappingKey>,
    current: BTreeMap<Domain, u32>,
    /// Classes that this process did not ask for.
    left_out: BTreeSet<Class>,
}

impl KeyRing {
    /// A new room's keys, version 1 of every domain, and their rows.
    ///
    /// # Errors
    /// The provider cannot make its keys.
    pub(crate) fn create(
        provider: &dyn KeyProvider,
        room: RoomId,
    ) -> Result<(Self, Vec<WrappingKeyRow>), KeyError> {
        let mut ring =
            Self { room, keys: BTreeMap::new(), current: BTreeMap::new(), left_out: BTreeSet::new() };
        let mut rows = Vec::new();
        for domain in Domain::ALL {
            let (key, row) = WrappingKey::create(provider, &room, domain, 1)?;
            ring.keys.insert((domain, 1), key);
            ring.current.insert(domain, 1);
            rows.push(row);
        }
        Ok((ring, rows))
    }

    /// The keys of these rows that wrap the data keys of `classes` or serve the room itself; destroyed versions are
    /// left out.
    ///
    /// # Errors
    /// The provider cannot use a key, or a row is not authentic.
    pub(crate) fn load(
        provider: &dyn KeyProvider,
        room: RoomId,
        rows: &[WrappingKeyRow],
        classes: &[Class],
    ) -> Result<Self, KeyError> {
        let left_out = Class::SEALED.into_iter().filter(|class| !classes.contains(class)).collect();
        let mut ring = Self { room, keys: BTreeMap::new(), current: BTreeMap::new(), left_out };
        for row in rows {
            if matches!(row.domain, Domain::Class(class) if ring.left_out.contains(&class)) {
                continue;
            }
            if matches!(row.state, WrappingKeyState::Destroying | WrappingKeyState::Destroyed) {
                continue;
            }
            ring.keys.insert((row.domain, row.version), WrappingKey::load(provider, &room, row)?);
            if row.state == WrappingKeyState::Current {
                ring.current.insert(row.domain, row.version);
            }
        }
        Ok(ring)
    }

    /// A fresh data key under the class's current wrapping key, and its row.
    ///
    /// # Errors
    /// The class has no current wrapping key here, or there is no randomness.
    pub(crate) fn mint(
        &self,
        class: Class,
        scope: Scope,
        generation: u32,
    ) -> Result<(DataKey, DataKeyRow), KeyError> {
        self.asked_for(class)?;
        DataKey::create(self.current(Domain::Class(class))?, &self.room, class, scope, generation)
    }

    /// The data key of a row.
    ///
    /// # Errors
    /// It is erased, its wrapping key is not here, or the row is not authentic.
    pub(crate) fn unwrap(&self, row: &DataKeyRow) -> Result<DataKey, KeyError> {
        let class = row.class;
        if let super::DataKeyState::Fenced { at } = row.state {
            return Err(KeyError::Erased { class, at });
        }
        self.asked_for(class)?;
        let by = self
            .keys
            .get(&(Domain::Class(class), row.wrapping_version))
            .ok_or(KeyError::NoWrappingKey { domain: class.name(), version: row.wrapping_version })?;
        DataKey::load(by, &self.room, row)
    }

    /// Every live version of the index key, the current one first.
    pub(crate) fn index_keys(&self) -> Vec<IndexKey> {
        let current = self.current.get(&Domain::Index).copied();
        let mut keys: Vec<IndexKey> = self
            .keys
            .values()
            .filter(|key| key.domain() == Domain::Index)
            .map(|key| IndexKey::new(key.version(), copy(key.secret())))
            .collect();
        keys.sort_by_key(|key| Some(key.version()) != current);
        keys
    }

    /// The keys that serve the room itself.
    ///
    /// # Errors
    /// A domain has no current key here.
    pub(crate) fn service(&self) -> Result<ServiceKeys, KeyError> {
        let authority = copy(self.current(Domain::Authority)?.secret());
        let log = copy(self.current(Domain::Log)?.secret());
        Ok(ServiceKeys::new(authority, log))
    }

    fn asked_for(&self, class: Class) -> Result<(), KeyError> {
        if self.left_out.contains(&class) { Err(KeyError::NotAskedFor { class }) } else { Ok(()) }
    }

    fn current(&self, domain: Domain) -> Result<&WrappingKey, KeyError> {
        let version = self.current.get(&domain).copied().unwrap_or(0);
        self.keys.get(&(domain, version)).ok_or(KeyError::NoWrappingKey { domain: domain.name(), version })
    }
}

/// A second slot with the same secret, for a holder with its own lifetime.
fn copy(secret: &Secret<32>) -> Secret<32> {
    Secret::from_fill(|slot| slot.copy_from_slice(secret.expose()))
}
