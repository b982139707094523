//! Accounts on their way in, one or many at a time: both databases, in an order that a crash cannot leave half done.
//!
//! Pending index rows and data keys (keyring) → account rows that repeat the nonces, and their entry (store) → pending
//! becomes live (keyring). A pending row whose nonce no account repeats is a claim of somebody who has not come: it names
//! the account that is to be, and its keys are there. Whoever comes with the address takes it as it is. So there is never
//! a second account under one claim: two who come at once are told apart by whose row is first in the store's lane. A
//! claim is never given up either, which would pull it from under another who has taken it; it waits for the next.
//!
//! One that cannot be taken as it is, because it names an account that has another address, or because who comes has an
//! account already, gives way (`gives_way`): first the store's lane sees to it that whoever made it comes too late, if he
//! is still on his way, and only then it goes. So no row ever repeats the nonce of a claim that is gone.

use super::{clues, core::Core, error::Failure};
use crate::{
    access::{NoticeKind, Object, rows::Topic},
    audit::{Actor, Data, Draft},
    base::{AccountId, AccountState, Class, EntryNonce, Scope, SecretText, Time},
    keys::{BlindIndex, DataKeyRow},
    password::Record,
    seal::{self, At, Email, Name, verdict},
    store::{
        EngineFault, LogTurn, StoreError,
        accounts::{self, AccountRow, CredentialRow},
        challenges,
        keyring::{self, IndexRow},
    },
};

/// Somebody who is to have an account.
pub(super) struct Newcomer {
    pub(super) id: AccountId,
    /// The indexes of the address under every live version of the index key, the current one first.
    indexes: Vec<BlindIndex>,
    /// The words of the name, by which staff find him.
    words: Vec<BlindIndex>,
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

/// What stands where the index of an address is to stand.
pub(super) enum Standing {
    Nothing,
    /// A claim of somebody who has not come.
    Claim(IndexRow),
    /// A claim of an account that has another address, one that it had or was to have; or of one that is to come no more.
    Left(IndexRow),
    Account,
}

/// Under which keys a newcomer is sealed.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    /// Under new ones.
    Fresh,
    /// Under those of a claim that stands.
    Claimed,
}

/// A newcomer's address and name, sealed, and their key if nobody has it yet.
pub(super) struct SealedIdentity {
    pub(super) key: Option<DataKeyRow>,
    pub(super) email: Vec<u8>,
    pub(super) name: Option<Vec<u8>>,
}

/// How a newcomer has his index.
pub(super) enum Index {
    /// The claim stands, and its keys with it.
    Stands,
    /// He claims it, with keys that nobody has yet; first of all this claim goes.
    Claimed { keys: Vec<DataKeyRow>, instead_of: Option<EntryNonce> },
}

/// A newcomer, sealed under the keys of his account.
pub(super) struct Prepared {
    pub(super) id: AccountId,
    pub(super) created: Option<Time>,
    /// The index under the current key.
    pub(super) index: BlindIndex,
    pub(super) nonce: EntryNonce,
    pub(super) by: Index,
    pub(super) email: Vec<u8>,
    pub(super) name: Option<Vec<u8>>,
    /// The words of the name, by which staff find him.
    pub(super) words: Vec<BlindIndex>,
    pub(super) credential: CredentialRow,
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
        let (indexes, words) = (self.address_indexes(normal), self.words_of(with.name.as_ref())?);
        Ok(Newcomer { id: AccountId::random()?, indexes, words, with })
    }

    /// Whether a newcomer's address leads to an account already.
    pub(super) fn has_account(&self, newcomer: &Newcomer) -> Result<bool, Failure> {
        Ok(matches!(self.standing(&newcomer.indexes)?, Standing::Account))
    }

    /// Makes the accounts of these newcomers under one entry, whose data and actor `record` gives. Each answer says
    /// whether a newcomer came in: who finds the address taken does not, and nothing is left of him. Whose address was
    /// claimed before and not taken has the account that the claim names.
    pub(super) fn admit(
        &self,
        newcomers: &mut [Newcomer],
        record: impl FnOnce(&[&Prepared]) -> (Data, Actor),
    ) -> Result<Vec<bool>, Failure> {
        let mut prepared = Vec::new();
        for newcomer in newcomers.iter_mut() {
            match self.standing(&newcomer.indexes)? {
                Standing::Account => {}
                Standing::Nothing => prepared.push(self.prepare(newcomer, None)?),
                Standing::Left(claim) if self.gives_way(&claim)? => {
                    prepared.push(self.prepare(newcomer, Some(claim.nonce))?);
                }
                Standing::Left(_) => {}
                Standing::Claim(row) => {
                    newcomer.id = AccountId::from_bytes(row.target);
                    prepared.push(self.prepare_claimed(newcomer, row.nonce)?);
                }
            }
        }
        let claimed = self.claim_all(prepared)?;
        let came = if claimed.is_empty() {
            Vec::new()
        } else {
            self.store::<Failure>(&claimed, |_| Ok(()), record)?
        };
        self.go_live(claimed.iter().filter(|one| came.contains(&one.id)))?;
        Ok(newcomers.iter().map(|newcomer| came.contains(&newcomer.id)).collect())
    }

    /// What stands where an address, by its indexes under every live key, is to stand.
    pub(super) fn standing(&self, indexes: &[BlindIndex]) -> Result<Standing, Failure> {
        for index in indexes {
            if self.account_behind(index)?.is_some() {
                return Ok(Standing::Account);
            }
        }
        let index = current(indexes)?;
        let Some(row) = self.vault.database.read(|db| keyring::index(db, index))? else {
            return Ok(Standing::Nothing);
        };
        let target = AccountId::from_bytes(row.target);
        Ok(match self.store.read(|db| accounts::standing(db, target))? {
            // It came between the two readings.
            Some((_, nonce)) if nonce == row.nonce => Standing::Account,
            Some(_) => Standing::Left(row),
            None if row.live => Standing::Account,
            None if self.store.read(|db| challenges::is_withdrawn(db, target))? => Standing::Left(row),
            None => Standing::Claim(row),
        })
    }

    /// Sees to it that nobody has an address any more by this claim: the change of address or the registration that made
    /// it comes too late, if it is still on its way. `false` if it came first.
    pub(super) fn gives_way(&self, claim: &IndexRow) -> Result<bool, Failure> {
        let target = AccountId::from_bytes(claim.target);
        let settled = self.store.commit(|turn| {
            match accounts::standing(turn, target)? {
                Some((_, nonce)) if nonce == claim.nonce => return Ok(false),
                Some(_) => challenges::remove_of_topic(turn, target, Topic::Address)?,
                None => challenges::withdraw_sign_up(turn, target)?,
            }
            Ok::<_, StoreError>(true)
        })?;
        Ok(settled.value)
    }

    /// Seals what a newcomer brings under keys that nobody has yet.
    fn prepare(&self, newcomer: &Newcomer, instead_of: Option<EntryNonce>) -> Result<Prepared, Failure> {
        let (nonce, keys) = (EntryNonce::random()?, Keys::Fresh);
        self.seal_newcomer(newcomer, nonce, keys, |keys| Index::Claimed { keys, instead_of })
    }

    /// The same under the keys of the claim that stands.
    fn prepare_claimed(&self, newcomer: &Newcomer, nonce: EntryNonce) -> Result<Prepared, Failure> {
        self.seal_newcomer(newcomer, nonce, Keys::Claimed, |_| Index::Stands)
    }

    fn seal_newcomer(
        &self,
        newcomer: &Newcomer,
        nonce: EntryNonce,
        keys: Keys,
        by: impl FnOnce(Vec<DataKeyRow>) -> Index,
    ) -> Result<Prepared, Failure> {
        let Belongings { email, name, record, created, cards_masked } = &newcomer.with;
        let identity = self.seal_identity(newcomer.id, email, name.as_ref(), keys)?;
        let (key, credential) = self.seal_first_record(newcomer.id, record, keys)?;
        Ok(Prepared {
            id: newcomer.id,
            created: *created,
            index: *current(&newcomer.indexes)?,
            nonce,
            by: by(identity.key.into_iter().chain(key).collect()),
            email: identity.email,
            name: identity.name,
            words: newcomer.words.clone(),
            credential,
            cards_masked: *cards_masked,
        })
    }

    /// Address and name, as they will stand in the row of the account.
    pub(super) fn seal_identity(
        &self,
        id: AccountId,
        email: &Email,
        name: Option<&Name>,
        keys: Keys,
    ) -> Result<SealedIdentity, Failure> {
        let scope = Scope::Account(id);
        let (sealing, key) = match keys {
            Keys::Claimed => (self.vault.key_for_writing(&self.store, Class::Identity, scope)?, None),
            Keys::Fresh => {
                let (sealing, key) = self.vault.ring.mint(Class::Identity, scope, 1)?;
                (sealing, Some(key))
            }
        };
        let at = At { room: self.id, scope, row: *id.as_bytes() };
        let name = name.map(|name| seal::seal(&sealing, &at, 0, name)).transpose()?;
        Ok(SealedIdentity { key, email: seal::seal(&sealing, &at, 1, email)?, name })
    }

    /// The first password record, as it will stand in its row, and its key if nobody has that yet.
    pub(super) fn seal_first_record(
        &self,
        id: AccountId,
        record: &Record,
        keys: Keys,
    ) -> Result<(Option<DataKeyRow>, CredentialRow), Failure> {
        let scope = Scope::Account(id);
        let (sealing, key) = match keys {
            Keys::Claimed => (self.vault.key_for_writing(&self.store, Class::Credential, scope)?, None),
            Keys::Fresh => {
                let (sealing, key) = self.vault.ring.mint(Class::Credential, scope, 1)?;
                (sealing, Some(key))
            }
        };
        let at = verdict::CredentialAt { room: self.id, scope, version: 1 };
        let (scheme, sealed) = (record.scheme_label(), verdict::seal_record(&sealing, &at, record)?);
        Ok((key, CredentialRow { owner: scope, version: 1, scheme, record: sealed }))
    }

    /// Claims the indexes of those who come first, with their keys and the words of their names, in one transaction. Whose
    /// index somebody else claimed meanwhile is left out.
    pub(super) fn claim_all(&self, all: Vec<Prepared>) -> Result<Vec<Prepared>, Failure> {
        if all.iter().all(|one| matches!(one.by, Index::Stands) && one.words.is_empty()) {
            return Ok(all);
        }
        let claimed = self.vault.commit(&self.store, |turn| {
            let mut claimed = Vec::with_capacity(all.len());
            for one in all {
                let made = turn.attempt(|turn| {
                    if let Index::Claimed { keys, instead_of } = &one.by {
                        if let Some(left) = instead_of {
                            keyring::abandon_index(turn, &one.index, *left)?;
                        }
                        keyring::insert_pending_index(turn, &one.index, one.id.as_bytes(), one.nonce)?;
                        keys.iter().try_for_each(|key| keyring::insert_data_key(turn, key))?;
                    }
                    clues::add_words(turn, one.id, &one.words)
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

    /// Writes the rows of those whose account nobody else has made meanwhile, and the entry that names them; `before` is
    /// done first, in the same transaction.
    pub(super) fn store<E: From<Failure> + From<StoreError>>(
        &self,
        claimed: &[Prepared],
        before: impl FnOnce(&mut LogTurn<'_>) -> Result<(), E>,
        record: impl FnOnce(&[&Prepared]) -> (Data, Actor),
    ) -> Result<Vec<AccountId>, E> {
        let opening = self.opening(None, None)?;
        let settled = self.commit(opening.request, |turn| {
            before(turn)?;
            let mut came = Vec::new();
            for one in claimed {
                if !comes_too_late(turn, one.id)? {
                    one.insert(turn)?;
                    came.push(one);
                }
            }
            let ids: Vec<_> = came.iter().map(|one| one.id).collect();
            if !came.is_empty() {
                let (data, actor) = record(&came);
                // Who is brought along from another system has not come today.
                if matches!(data, Data::AccountRegistered { .. }) {
                    ids.iter().try_for_each(|id| self.tell(turn, *id, NoticeKind::Registered))?;
                }
                let objects: Vec<_> = ids.iter().copied().map(Object::Account).collect();
                let draft = Draft::done(data, actor, self.call(&opening)).about(&ids).on(&objects);
                turn.append(draft, opening.nonce, &opening.details)?;
            }
            Ok::<_, E>(ids)
        })?;
        Ok(settled.value)
    }

    /// Makes the claims of those who came live.
    pub(super) fn go_live<'a>(&self, came: impl Iterator<Item = &'a Prepared>) -> Result<(), Failure> {
        let came: Vec<_> = came.collect();
        if came.is_empty() {
            return Ok(());
        }
        self.vault.database.commit(|turn| {
            for one in &came {
                // A claim that is not there any more went with its account, which was erased since.
                if keyring::make_index_live(turn, &one.index, one.nonce)? {
                    let owner = one.id.as_bytes();
                    keyring::raise_version_floor(turn, Class::Identity, owner, 1)?;
                    keyring::raise_version_floor(turn, Class::Credential, owner, 1)?;
                    // Who claimed the address before may have had another name.
                    clues::set_words(turn, one.id, &one.words)?;
                }
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(())
    }
}

impl Prepared {
    fn insert(&self, turn: &mut LogTurn<'_>) -> Result<(), StoreError> {
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

/// Whether somebody else has made this account meanwhile, or has the address that it was to have.
pub(super) fn comes_too_late(turn: &mut LogTurn<'_>, id: AccountId) -> Result<bool, StoreError> {
    Ok(accounts::state(turn, id)?.is_some() || challenges::is_withdrawn(turn, id)?)
}

fn current(indexes: &[BlindIndex]) -> Result<&BlindIndex, Failure> {
    indexes.first().ok_or(Failure::Internal("no index key"))
}

#[cfg(test)]
#[path = "newcomers_tests.rs"]
mod tests;
