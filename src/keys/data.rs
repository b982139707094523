//! Data keys (DEK): one per class, scope and generation; what erasure destroys.

use super::{
    Domain, KeyError, WrappingKey,
    wrapping::{check_value, unwrap_bytes, wrap_bytes},
};
use crate::{
    base::{Class, RoomId, Scope, Secret},
    crypto::{hkdf, mac},
};

/// A row of `data_key`.
pub(crate) struct DataKeyRow {
    pub(crate) class: Class,
    pub(crate) scope: Scope,
    pub(crate) generation: u32,
    pub(crate) wrapping_version: u32,
    pub(crate) check_value: [u8; 32],
    pub(crate) state: DataKeyState,
}

/// Whether a data key's row still holds a key. Erased is a state, not an absence.
pub(crate) enum DataKeyState {
    /// Wrapped by the wrapping key of the row's version.
    Live {
        /// `format | nonce | ciphertext | tag`.
        wrapped: Vec<u8>,
    },
    /// Destroyed: the fence behind which no key is made again.
    Fenced {
        /// The audit position that destroyed it.
        at: u64,
    },
}

/// A data key in memory, for one operation. It seals nothing itself: a field key and a blob key are derived, so
/// that one key never serves two algorithms.
pub(crate) struct DataKey {
    class: Class,
    scope: Scope,
    generation: u32,
    secret: Secret<32>,
}

impl DataKey {
    /// A fresh key and the row that keeps it.
    ///
    /// # Errors
    /// There is no randomness.
    pub(crate) fn create(
        by: &WrappingKey,
        room: &RoomId,
        class: Class,
        scope: Scope,
        generation: u32,
    ) -> Result<(Self, DataKeyRow), KeyError> {
        debug_assert!(by.domain() == Domain::Class(class));
        let key = Self { class, scope, generation, secret: Secret::random()? };
        let row = DataKeyRow {
            class,
            scope,
            generation,
            wrapping_version: by.version(),
            check_value: check_value(&key.secret),
            state: DataKeyState::Live {
                wrapped: wrap_bytes(
                    by.secret(),
                    &associated_data(room, class, &scope, generation, by),
                    &key.secret,
                )?,
            },
        };
        Ok((key, row))
    }

    /// The key of a row.
    ///
    /// # Errors
    /// It is erased, or its row is not authentic.
    pub(crate) fn load(by: &WrappingKey, room: &RoomId, row: &DataKeyRow) -> Result<Self, KeyError> {
        let DataKeyRow { class, scope, generation, .. } = *row;
        let wrapped = match &row.state {
            DataKeyState::Fenced { at } => return Err(KeyError::Erased { class, at: *at }),
            DataKeyState::Live { wrapped } => wrapped,
        };
        let unauthentic = || KeyError::Unauthentic { domain: class.name(), version: row.wrapping_version };
        if by.version() != row.wrapping_version || by.domain() != Domain::Class(class) {
            return Err(unauthentic());
        }
        let secret =
            unwrap_bytes(by.secret(), &associated_data(room, class, &scope, generation, by), wrapped)
                .ok_or_else(unauthentic)?;
        if !mac::equal(&check_value(&secret), &row.check_value) {
            return Err(unauthentic());
        }
        Ok(Self { class, scope, generation, secret })
    }

    /// The class whose data it seals.
    pub(crate) const fn class(&self) -> Class {
        self.class
    }

    /// Whose data it seals.
    pub(crate) const fn scope(&self) -> Scope {
        self.scope
    }

    /// Which of the scope's keys it is.
    pub(crate) const fn generation(&self) -> u32 {
        self.generation
    }

    /// The key of small sealed fields.
    pub(crate) fn field_key(&self) -> Secret<32> {
        self.derive(b"strongroom/field/1")
    }

    /// The input key of attachments.
    pub(crate) fn blob_key(&self) -> Secret<32> {
        self.derive(b"strongroom/blob/1")
    }

    fn derive(&self, label: &[u8]) -> Secret<32> {
        Secret::from_fill(|slot| hkdf::expand_sha512(self.secret.expose(), &[label], slot))
    }
}

/// `"strongroom/dek/1" 00 | room 16 | class u8 | scope 21 | generation u32be | wrapping version u32be`.
fn associated_data(room: &RoomId, class: Class, scope: &Scope, generation: u32, by: &WrappingKey) -> Vec<u8> {
    [
        b"strongroom/dek/1\0".as_slice(),
        room.as_bytes(),
        &[class.number()],
        &scope.to_bytes(),
        &generation.to_be_bytes(),
        &by.version().to_be_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::{DataKey, DataKeyState};
    use crate::{
        base::{AccountId, Class, RoomId, Scope},
        keys::{Domain, KeyError, KeyFiles, WrappingKey},
    };

    #[test]
    fn a_wrapped_key_opens_in_its_own_row_alone() {
        let dir = tempfile::tempdir().unwrap();
        let provider = KeyFiles::new(dir.path().to_path_buf());
        let room = RoomId::from_bytes([1; 16]);
        let (by, _) = WrappingKey::create(&provider, &room, Domain::Class(Class::Support), 1).unwrap();
        let scope = Scope::Account(AccountId::from_bytes([7; 16]));
        let (key, row) = DataKey::create(&by, &room, Class::Support, scope, 1).unwrap();
        let again = DataKey::load(&by, &room, &row).unwrap();
        assert!(again.field_key().expose() == key.field_key().expose());
        assert!(again.field_key().expose() != key.blob_key().expose());

        let moved = |change: fn(&mut super::DataKeyRow)| {
            let (_, mut row) = DataKey::create(&by, &room, Class::Support, scope, 1).unwrap();
            change(&mut row);
            DataKey::load(&by, &room, &row).err()
        };
        let changes: [fn(&mut super::DataKeyRow); 5] = [
            |row| row.scope = Scope::Account(AccountId::from_bytes([8; 16])),
            |row| row.generation = 2,
            |row| row.class = Class::Identity,
            |row| row.wrapping_version = 2,
            |row| row.check_value = [0; 32],
        ];
        for change in changes {
            assert!(matches!(moved(change), Some(KeyError::Unauthentic { .. })));
        }
        assert!(DataKey::load(&by, &RoomId::from_bytes([2; 16]), &row).is_err());
        assert!(matches!(
            moved(|row| row.state = DataKeyState::Fenced { at: 9 }),
            Some(KeyError::Erased { class: Class::Support, at: 9 })
        ));
    }
}
