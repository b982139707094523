//! Registering an account, and the indexes that lead to accounts.

use tracing::instrument;

use super::{
    core::{Core, Room},
    error::{Failure, RegisterError},
    newcomers::Belongings,
};
use crate::{
    access::Object,
    audit::{Actor, Data},
    base::{AccountId, AccountState, Class, EntryNonce, Scope, SecretText, limits, text},
    billing::guard,
    keys::{BlindIndex, IndexField},
    password::{HashFailed, NewPassword, Record},
    seal::{At, Email, Name, OpenError, Sealed, verdict},
    store::{
        EngineFault, StoreError,
        accounts::{self, AccountRow, CredentialRow},
        keyring,
    },
};

/// What a customer registers with.
pub struct Registration<'a> {
    /// The e-mail address, the one thing that is mandatory beside the password.
    pub email: &'a str,
    /// A name.
    pub name: Option<&'a str>,
    /// The password.
    pub password: &'a SecretText,
}

/// A new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub account: AccountId,
    /// Card numbers that stood in the name and were masked before storing.
    pub cards_masked: usize,
}

impl Room {
    /// Makes an account.
    ///
    /// # Errors
    /// [`RegisterError`]; nothing is stored then.
    #[instrument(name = "room.register", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn register(&self, registration: &Registration<'_>) -> Result<Registered, RegisterError> {
        let core = &*self.core;
        let (normal, with) = core.belongings(registration)?;
        let cards_masked = with.cards_masked;
        let mut newcomer = core.newcomer(&normal, with)?;
        let admitted = core.admit(std::slice::from_mut(&mut newcomer), |came| {
            let data = Data::AccountRegistered { cards_masked: cards_masked as u64 };
            (data, came.first().map_or(Actor::System, |one| Actor::Account(one.id)))
        })?;
        match admitted.as_slice() {
            [true] => Ok(Registered { account: newcomer.id, cards_masked }),
            _ => Err(RegisterError::AddressTaken),
        }
    }

    /// The account with this login name, closed ones included, for the service that logs customers in. It opens nothing
    /// and leaves no record; staff look somebody up by [`Staff::find`](super::Staff::find), which does.
    ///
    /// It is what the index says, and an index lies in a table: whoever changes an account on the strength of it lets
    /// its owner log in first.
    ///
    /// # Errors
    /// The room could not do it.
    #[instrument(name = "room.find", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn find(&self, email: &str) -> Result<Option<AccountId>, Failure> {
        let Ok(normal) = text::address(email) else { return Ok(None) };
        for index in self.core.address_indexes(&SecretText::new(normal)) {
            if let Some(account) = self.core.standing_behind(&index)? {
                return Ok(Some(account));
            }
        }
        Ok(None)
    }
}

impl Core {
    /// What somebody registers with, checked and hashed.
    pub(super) fn belongings(
        &self,
        registration: &Registration<'_>,
    ) -> Result<(SecretText, Belongings), RegisterError> {
        let (normal, email) = address(registration.email)?;
        let (name, cards_masked) = name(registration.name)?;
        let record =
            self.hash_new(registration.password, &[normal.expose(), name.as_ref().map_or("", Name::as_str)])?;
        Ok((normal, Belongings { email, name, record, created: None, cards_masked }))
    }

    /// A new password's record.
    pub(super) fn hash_new(&self, password: &SecretText, context: &[&str]) -> Result<Record, RegisterError> {
        let password =
            NewPassword::accept(password, context).map_err(|why| RegisterError::Password { why })?;
        Ok(Record::hash(&password, &self.settings.passwords)?)
    }

    /// The indexes of a normalised address under every live version of the index key, the current one first.
    pub(super) fn address_indexes(&self, normal: &SecretText) -> Vec<BlindIndex> {
        self.indexes(IndexField::Address, normal)
    }

    /// The account that an index leads to and that repeats its nonce. A claim that no account repeats is left: its
    /// registration may be on its way, or its account has another address by now.
    pub(super) fn account_behind(&self, index: &BlindIndex) -> Result<Option<AccountId>, Failure> {
        let Some(row) = self.vault.database.read(|db| keyring::index(db, index))? else { return Ok(None) };
        let id = AccountId::from_bytes(row.target);
        let stands = self.store.read(|db| accounts::standing(db, id))?;
        Ok(stands.filter(|(_, nonce)| *nonce == row.nonce).map(|_| id))
    }

    /// The account that an index leads to and that repeats its nonce, if it is not erased.
    fn standing_behind(&self, index: &BlindIndex) -> Result<Option<AccountId>, Failure> {
        let Some(row) = self.vault.database.read(|db| keyring::index(db, index))? else { return Ok(None) };
        let id = AccountId::from_bytes(row.target);
        let stands = self.store.read(|db| accounts::standing(db, id))?;
        let found = stands.filter(|(state, nonce)| *state != AccountState::Erased && *nonce == row.nonce);
        Ok(found.map(|_| id))
    }

    /// An account's sealed address. Below the keyring's floor it was put back, and is not given out.
    pub(super) fn sealed_address(&self, row: &AccountRow) -> Result<Sealed<Email>, Failure> {
        let scope = Scope::Account(row.id);
        let floor =
            self.vault.database.read(|db| keyring::version_floor(db, Class::Identity, row.id.as_bytes()))?;
        if row.email_version < floor {
            tracing::error!("an address older than the keyring's floor was put back");
            return Err(OpenError::Unauthentic.into());
        }
        let at = At { room: self.id, scope, row: *row.id.as_bytes() };
        Ok(Sealed::from_row(&at, row.email_version, Object::Account(row.id), row.email.clone()))
    }

    /// Whether an account has this normalised address: the index that led to it lies in a table, and tables are
    /// edited.
    pub(super) fn has_address(&self, account: AccountId, normal: &SecretText) -> Result<bool, Failure> {
        let Some(row) = self.store.read(|db| accounts::find(db, account))? else { return Ok(false) };
        let sealed = self.sealed_address(&row)?;
        let key = self.vault.key_for_reading(Class::Identity, sealed.scope(), sealed.generation())?;
        Ok(verdict::is_address(&key, &sealed, normal)?)
    }

    /// Claims an index for a target that does not exist yet; `false` if it leads to somebody. A claim of somebody who
    /// never came is taken over; whether it is one, `is_free` finds out.
    pub(super) fn claim_index(
        &self,
        index: &BlindIndex,
        target: &[u8; 16],
        nonce: EntryNonce,
        is_free: impl FnOnce() -> Result<bool, Failure>,
    ) -> Result<bool, Failure> {
        let insert = || {
            self.vault.commit(&self.store, |turn| keyring::insert_pending_index(turn, index, target, nonce))
        };
        let claim = || match insert() {
            Err(StoreError::Engine { fault: EngineFault::Constraint, .. }) => Ok(false),
            other => other.map(|()| true),
        };
        if claim()? {
            return Ok(true);
        }
        if let Some(row) = self.vault.database.read(|db| keyring::index(db, index))? {
            if row.live || !is_free()? {
                return Ok(false);
            }
            self.vault.commit(&self.store, |turn| keyring::abandon_index(turn, index, row.nonce))?;
        }
        Ok(claim()?)
    }

    /// Gives a claim up whose target failed to come. One that may stand in the store all the same keeps its claim,
    /// which then leads to it; if it does not stand there the next to come takes the claim over.
    pub(super) fn give_up_claim(
        &self,
        index: &BlindIndex,
        nonce: EntryNonce,
        why: Option<&Failure>,
    ) -> Result<(), Failure> {
        if why.is_some_and(Failure::may_be_committed) {
            return Ok(());
        }
        Ok(self.vault.database.commit(|turn| keyring::abandon_index(turn, index, nonce))?)
    }

    /// A credential's row with its record sealed at this version.
    pub(super) fn sealed_credential(
        &self,
        owner: Scope,
        version: u64,
        record: &Record,
    ) -> Result<CredentialRow, Failure> {
        let key = self.vault.key_for_writing(&self.store, Class::Credential, owner)?;
        let at = verdict::CredentialAt { room: self.id, scope: owner, version };
        let sealed = verdict::seal_record(&key, &at, record)?;
        Ok(CredentialRow { owner, version, scheme: record.scheme_label(), record: sealed })
    }

    pub(super) fn raise_floor(&self, class: Class, owner: Scope, version: u64) -> Result<(), Failure> {
        let owner = owner.owner();
        Ok(self
            .vault
            .database
            .commit_for_customer(|turn| keyring::raise_version_floor(turn, class, &owner, version))?)
    }
}

/// An address, normalised and as it was typed.
pub(super) fn address(typed: &str) -> Result<(SecretText, Email), RegisterError> {
    let email = text::line(typed, limits::ADDRESS_BYTES_MAX).map_err(|why| RegisterError::Address { why })?;
    let normal = text::address(&email).map_err(|why| RegisterError::Address { why })?;
    Ok((SecretText::new(normal), Email::new(email)))
}

/// A name without card numbers, and how many were masked.
pub(super) fn name(typed: Option<&str>) -> Result<(Option<Name>, usize), RegisterError> {
    let line = typed.map(|name| text::line(name, limits::NAME_BYTES_MAX)).transpose();
    let masked = line.map_err(|why| RegisterError::Name { why })?.map(|name| guard::mask(&name));
    let count = masked.as_ref().map_or(0, |masked| masked.count);
    Ok((masked.map(|masked| Name::new(masked.text)), count))
}

impl From<HashFailed> for Failure {
    fn from(failed: HashFailed) -> Self {
        match failed {
            HashFailed::NoRandomness => Self::Store(StoreError::NoRandomness),
            HashFailed::OutOfMemory { .. } => Self::Store(StoreError::Busy),
            HashFailed::Inconsistent => Self::Internal("hashing"),
        }
    }
}
