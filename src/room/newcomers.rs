//! Accounts on their way in, one or many at a time: both databases, in an order that a crash cannot leave half done.
//!
//! Pending index rows and data keys (keyring) → account rows that repeat the nonces, and their entry (store) → pending
//! becomes live (keyring). A pending row whose nonce no account repeats is nobody's.

use super::{core::Core, error::Failure};
use crate::{
    access::Object,
    audit::{Actor, Data, Draft},
    base::{AccountId, AccountState, Class, EntryNonce, Scope, SecretText, Time},
    keys::{BlindIndex, DataKeyRow},
    password::Record,
    seal::{self, At, Email, Name, verdict},
    store::{
        EngineFault, LogTurn, StoreError,
        accounts::{self, AccountRow, CredentialRow},
        keyring,
    },
};

/// Somebody who is to have an account.
pub(super) struct Newcomer {
    pub(super) id: AccountId,
    /// The indexes of the address under every live version of the index key, the current one first.
    indexes: Vec<BlindIndex>,
    pub(super) with: Belongings,
}

/// What a newcomer comes with.
pub(super) struct Belongings {
    pub(super) email: Email,
    pub(super) name: Option<Name>,
    pub(super) record: Record,
    /// Since when there is the account; without it since now.
    pub(super) created: Option<Time>,
    /// Card numbers that stood in the name and were masked.
    pub(super) cards_masked: usize,
}

/// A newcomer's address and name, sealed.
pub(super) struct SealedNewcomer {
    pub(super) key: DataKeyRow,
    pub(super) email: Vec<u8>,
    pub(super) name: Option<Vec<u8>>,
}

/// What stands where a newcomer's index is to stand.
pub(super) enum Standing {
    Nothing,
    /// A claim of somebody who has not come, with its nonce.
    Claim(EntryNonce),
    Account,
}

/// A newcomer, sealed.
pub(super) struct Prepared {
    pub(super) id: AccountId,
    /// Since when there is the account; without it since now.
    pub(super) created: Option<Time>,
    /// The index under the current key.
    pub(super) index: BlindIndex,
    pub(super) nonce: EntryNonce,
    /// The keys that come with it.
    pub(super) keys: Vec<DataKeyRow>,
    pub(super) email: Vec<u8>,
    pub(super) name: Option<Vec<u8>>,
    pub(super) credential: CredentialRow,
    /// Card numbers that stood in the name and were masked.
    pub(super) cards_masked: usize,
}

impl Newcomer {
    /// The digest of the address under the current key: the same for the same address.
    pub(super) fn address_digest(&self) -> [u8; 32] {
        self.indexes.first().map_or([0; 32], |index| index.mac)
    }
}

impl Core {
    /// A newcomer with this normalised address.
    pub(super) fn newcomer(&self, normal: &SecretText, with: Belongings) -> Result<Newcomer, Failure> {
        Ok(Newcomer { id: AccountId::random()?, indexes: self.address_indexes(normal), with })
    }

    /// Whether a newcomer's address leads to an account already.
    pub(super) fn has_account(&self, newcomer: &Newcomer) -> Result<bool, Failure> {
        Ok(matches!(self.standing(&newcomer.indexes)?, Standing::Account))
    }

    /// Makes the accounts of these newcomers under one entry, whose data and actor `record` gives. Each answer says
    /// whether a newcomer came in: who finds the address taken does not, and nothing is left of him.
    pub(super) fn admit(
        &self,
        newcomers: &[Newcomer],
        record: impl FnOnce(&[Prepared]) -> (Data, Actor),
    ) -> Result<Vec<bool>, Failure> {
        let mut claims = Vec::new();
        for newcomer in newcomers {
            match self.standing(&newcomer.indexes)? {
                Standing::Account => {}
                Standing::Nothing => claims.push((self.prepare(newcomer)?, None)),
                Standing::Claim(stale) => claims.push((self.prepare(newcomer)?, Some(stale))),
            }
        }
        let claimed = self.claim_all(claims)?;
        if claimed.is_empty() {
            return Ok(vec![false; newcomers.len()]);
        }
        if let Err(failure) = self.store(&claimed, record) {
            self.give_up(&claimed, &failure)?;
            return Err(failure);
        }
        let lost = self.go_live(&claimed)?;
        self.abandon(&lost)?;
        let is_in =
            |id: AccountId| claimed.iter().any(|one| one.id == id) && !lost.iter().any(|one| one.id == id);
        Ok(newcomers.iter().map(|newcomer| is_in(newcomer.id)).collect())
    }

    /// What stands where an address, by its indexes under every live key, is to stand. A claim that its account does not
    /// repeat is nobody's: he never came, or has another address by now.
    pub(super) fn standing(&self, indexes: &[BlindIndex]) -> Result<Standing, Failure> {
        for index in indexes {
            if self.account_behind(index)?.is_some() {
                return Ok(Standing::Account);
            }
        }
        let index = current(indexes)?;
        let row = self.vault.database.read(|db| keyring::index(db, index))?;
        Ok(row.map_or(Standing::Nothing, |row| Standing::Claim(row.nonce)))
    }

    /// Seals what a newcomer brings under keys that nobody has yet.
    fn prepare(&self, newcomer: &Newcomer) -> Result<Prepared, Failure> {
        let Belongings { email, name, record, created, cards_masked } = &newcomer.with;
        let sealed = self.seal_newcomer(newcomer.id, email, name.as_ref())?;
        let (key, credential) = self.seal_first_record(newcomer.id, record)?;
        Ok(Prepared {
            id: newcomer.id,
            created: *created,
            index: *current(&newcomer.indexes)?,
            nonce: EntryNonce::random()?,
            keys: vec![sealed.key, key],
            email: sealed.email,
            name: sealed.name,
            credential,
            cards_masked: *cards_masked,
        })
    }

    /// Address and name under a fresh key, as they will stand in the account's row.
    pub(super) fn seal_newcomer(
        &self,
        id: AccountId,
        email: &Email,
        name: Option<&Name>,
    ) -> Result<SealedNewcomer, Failure> {
        let scope = Scope::Account(id);
        let at = At { room: self.id, scope, row: *id.as_bytes() };
        let (identity, key) = self.vault.ring.mint(Class::Identity, scope, 1)?;
        let email = seal::seal(&identity, &at, 1, email)?;
        let name = name.map(|name| seal::seal(&identity, &at, 0, name)).transpose()?;
        Ok(SealedNewcomer { key, email, name })
    }

    /// The first password record under a fresh key, as it will stand in the credential's row.
    pub(super) fn seal_first_record(
        &self,
        id: AccountId,
        record: &Record,
    ) -> Result<(DataKeyRow, CredentialRow), Failure> {
        let scope = Scope::Account(id);
        let (credential, key) = self.vault.ring.mint(Class::Credential, scope, 1)?;
        let at = verdict::CredentialAt { room: self.id, scope, version: 1 };
        let sealed = verdict::seal_record(&credential, &at, record)?;
        Ok((key, CredentialRow { owner: scope, version: 1, scheme: record.scheme_label(), record: sealed }))
    }

    /// Claims indexes and keeps keys, in one transaction. A claim of somebody who never came is taken over; whose index
    /// somebody else claimed meanwhile is left out.
    pub(super) fn claim_all(
        &self,
        claims: Vec<(Prepared, Option<EntryNonce>)>,
    ) -> Result<Vec<Prepared>, Failure> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let claimed = self.vault.database.commit(|turn| {
            let mut claimed = Vec::with_capacity(claims.len());
            for (one, stale) in claims {
                let made = turn.attempt(|turn| {
                    if let Some(stale) = stale {
                        keyring::abandon_index(turn, &one.index, stale)?;
                    }
                    keyring::insert_pending_index(turn, &one.index, one.id.as_bytes(), one.nonce)?;
                    one.keys.iter().try_for_each(|key| keyring::insert_data_key(turn, key))
                });
                match made {
                    Ok(()) => claimed.push(one),
                    Err(StoreError::Engine { fault: EngineFault::Constraint, .. }) => {}
                    Err(other) => return Err(other),
                }
            }
            Ok(claimed)
        })?;
        Ok(claimed)
    }

    fn store(
        &self,
        claimed: &[Prepared],
        record: impl FnOnce(&[Prepared]) -> (Data, Actor),
    ) -> Result<(), Failure> {
        let (data, actor) = record(claimed);
        let opening = self.opening(None, None)?;
        self.commit(opening.request, |turn| {
            claimed.iter().try_for_each(|one| one.insert(turn))?;
            let ids: Vec<_> = claimed.iter().map(|one| one.id).collect();
            let objects: Vec<_> = ids.iter().copied().map(Object::Account).collect();
            let draft = Draft::done(data, actor, self.call(&opening)).about(&ids).on(&objects);
            turn.append(draft, opening.nonce, &opening.details).map_err(Failure::from)
        })
        .map(drop)
    }

    /// Gives up the claims of accounts that failed to come. Those that may stand in the store all the same keep theirs,
    /// which then lead to them; if they do not stand there the next to come takes the claims over.
    pub(super) fn give_up(&self, claimed: &[Prepared], why: &Failure) -> Result<(), Failure> {
        if why.may_be_committed() {
            return Ok(());
        }
        let abandon = |one: &Prepared| (one.index, one.nonce);
        let given_up: Vec<_> = claimed.iter().map(abandon).collect();
        Ok(self.vault.database.commit(|turn| {
            given_up.iter().try_for_each(|(index, nonce)| keyring::abandon_index(turn, index, *nonce))
        })?)
    }

    /// Makes claims live; those that are somebody else's by now are returned.
    pub(super) fn go_live<'a>(&self, claimed: &'a [Prepared]) -> Result<Vec<&'a Prepared>, Failure> {
        Ok(self.vault.database.commit(|turn| {
            let mut lost = Vec::new();
            for one in claimed {
                if keyring::make_index_live(turn, &one.index, one.nonce)? {
                    let owner = one.id.as_bytes();
                    keyring::raise_version_floor(turn, Class::Identity, owner, 1)?;
                    keyring::raise_version_floor(turn, Class::Credential, owner, 1)?;
                } else {
                    lost.push(one);
                }
            }
            Ok::<_, StoreError>(lost)
        })?)
    }

    /// Removes accounts that lost the race for their addresses, each with an entry.
    pub(super) fn abandon(&self, lost: &[&Prepared]) -> Result<(), Failure> {
        for one in lost {
            let (account, opening) = (one.id, self.opening(None, None)?);
            self.commit(opening.request, |turn| {
                accounts::abandon(turn, account, one.nonce)?;
                let data = Data::IndexAbandoned { account };
                let draft = Draft::done(data, Actor::System, self.call(&opening)).about(&[account]);
                turn.append(draft, opening.nonce, &opening.details).map_err(Failure::from)
            })?;
        }
        Ok(())
    }
}

impl Prepared {
    /// Writes account and credential.
    pub(super) fn insert(&self, turn: &mut LogTurn<'_>) -> Result<(), StoreError> {
        let row = AccountRow {
            id: self.id,
            state: AccountState::Active,
            created: self.created.unwrap_or(turn.time()),
            closed: None,
            index_nonce: self.nonce,
            email_version: 1,
            email: self.email.clone(),
            name: self.name.clone(),
            suspended: None,
        };
        accounts::insert(turn, &row)?;
        accounts::insert_credential(turn, &self.credential)
    }
}

fn current(indexes: &[BlindIndex]) -> Result<&BlindIndex, Failure> {
    indexes.first().ok_or(Failure::Internal("no index key"))
}
