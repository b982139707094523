//! Accounts on their way in, one or many at a time: both databases, in an order that a crash cannot leave half done.
//!
//! Pending index rows and data keys (keyring) → account rows that repeat the nonces, and their entry (store) → pending
//! becomes live (keyring). A pending row whose nonce no account repeats is a claim of somebody who has not come: it names
//! the account that is to be, and its keys are there. Whoever comes with the address takes it as it is. So there is never
//! a second account under one claim: two who come at once are told apart by whose row is first in the store's lane. A
//! claim is never given up either, which would pull it from under another who has taken it; it waits for the next.

use super::{core::Core, error::Failure};
use crate::{
    access::Object,
    audit::{Actor, Data, Draft},
    base::{AccountId, AccountState, Class, EntryNonce, Scope, SecretText, Time},
    keys::{BlindIndex, DataKeyRow},
    password::Record,
    seal::{self, At, Email, Name, verdict},
    store::{
        EngineFault, StoreError,
        accounts::{self, AccountRow, CredentialRow},
        keyring::{self, IndexRow},
    },
};

/// Somebody who is to have an account.
pub(super) struct Newcomer {
    pub(super) id: AccountId,
    /// The indexes of the address under every live version of the index key, the current one first.
    indexes: Vec<BlindIndex>,
    email: Email,
    name: Option<Name>,
    record: Record,
    /// Since when there is the account; without it since now.
    created: Option<Time>,
    /// Card numbers that stood in the name and were masked.
    pub(super) cards_masked: usize,
}

/// What a newcomer comes with.
pub(super) struct Belongings {
    pub(super) email: String,
    pub(super) name: Option<Name>,
    pub(super) record: Record,
    pub(super) created: Option<Time>,
    pub(super) cards_masked: usize,
}

/// What stands where a newcomer's index is to stand.
enum Standing {
    Nothing,
    /// A claim of somebody who has not come.
    Claim(IndexRow),
    Account,
}

/// A newcomer under the keys of his account.
struct Prepared<'a> {
    newcomer: &'a Newcomer,
    /// The index under the current key.
    index: BlindIndex,
    nonce: EntryNonce,
    /// Keys that nobody has yet; none if the claim stood and they with it.
    keys: Option<[DataKeyRow; 2]>,
    email: Vec<u8>,
    name: Option<Vec<u8>>,
    credential: CredentialRow,
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
        let Belongings { email, name, record, created, cards_masked } = with;
        let id = AccountId::random()?;
        let indexes = self.address_indexes(normal);
        Ok(Newcomer { id, indexes, email: Email::new(email), name, record, created, cards_masked })
    }

    /// Whether a newcomer's address leads to an account already.
    pub(super) fn has_account(&self, newcomer: &Newcomer) -> Result<bool, Failure> {
        Ok(matches!(self.standing(newcomer)?, Standing::Account))
    }

    /// Makes the accounts of these newcomers under one entry, whose data and actor `record` gives. Each answer says
    /// whether a newcomer came in: who finds the address taken does not, and nothing is left of him. Whose address was
    /// claimed before and not taken has the account that the claim names.
    pub(super) fn admit(
        &self,
        newcomers: &mut [Newcomer],
        record: impl FnOnce(&[&Newcomer]) -> (Data, Actor),
    ) -> Result<Vec<bool>, Failure> {
        let mut claims = Vec::new();
        for newcomer in newcomers.iter_mut() {
            claims.push(match self.standing(newcomer)? {
                Standing::Account => None,
                Standing::Nothing => Some(None),
                Standing::Claim(row) => {
                    newcomer.id = AccountId::from_bytes(row.target);
                    Some(Some(row.nonce))
                }
            });
        }
        let newcomers = &*newcomers;
        let wanted = newcomers.iter().zip(claims);
        let prepared =
            wanted.filter_map(|(newcomer, claim)| claim.map(|claim| self.prepare(newcomer, claim)));
        let claimed = self.claim_all(prepared.collect::<Result<_, _>>()?)?;
        let came = if claimed.is_empty() { Vec::new() } else { self.store(&claimed, record)? };
        self.go_live(claimed.iter().filter(|one| came.contains(&one.newcomer.id)))?;
        Ok(newcomers.iter().map(|newcomer| came.contains(&newcomer.id)).collect())
    }

    fn standing(&self, newcomer: &Newcomer) -> Result<Standing, Failure> {
        for index in &newcomer.indexes {
            if self.account_behind(index)?.is_some() {
                return Ok(Standing::Account);
            }
        }
        let index = current(newcomer)?;
        let row = self.vault.database.read(|db| keyring::index(db, index))?;
        Ok(match row {
            None => Standing::Nothing,
            Some(row) if row.live => Standing::Account,
            Some(row) => Standing::Claim(row),
        })
    }

    /// Seals what a newcomer brings: under the keys of the claim that stands, or under keys that nobody has yet.
    fn prepare<'a>(
        &self,
        newcomer: &'a Newcomer,
        claim: Option<EntryNonce>,
    ) -> Result<Prepared<'a>, Failure> {
        let scope = Scope::Account(newcomer.id);
        let at = At { room: self.id, scope, row: *newcomer.id.as_bytes() };
        let (nonce, identity, credential, keys) = match claim {
            Some(nonce) => {
                let claimed = |class| self.vault.key_for_writing(&self.store, class, scope);
                (nonce, claimed(Class::Identity)?, claimed(Class::Credential)?, None)
            }
            None => {
                let (identity, identity_row) = self.vault.ring.mint(Class::Identity, scope, 1)?;
                let (credential, credential_row) = self.vault.ring.mint(Class::Credential, scope, 1)?;
                (EntryNonce::random()?, identity, credential, Some([identity_row, credential_row]))
            }
        };
        let email = seal::seal(&identity, &at, 1, &newcomer.email)?;
        let name = newcomer.name.as_ref().map(|name| seal::seal(&identity, &at, 0, name)).transpose()?;
        let at = verdict::CredentialAt { room: self.id, scope, version: 1 };
        let record = verdict::seal_record(&credential, &at, &newcomer.record)?;
        let scheme = newcomer.record.scheme_label();
        let credential = CredentialRow { owner: scope, version: 1, scheme, record };
        Ok(Prepared { newcomer, index: *current(newcomer)?, nonce, keys, email, name, credential })
    }

    /// Claims the indexes of those who come first, with their keys, in one transaction. Whose index somebody else claimed
    /// meanwhile is left out.
    fn claim_all<'a>(&self, all: Vec<Prepared<'a>>) -> Result<Vec<Prepared<'a>>, Failure> {
        if all.iter().all(|one| one.keys.is_none()) {
            return Ok(all);
        }
        let claimed = self.vault.database.commit(|turn| {
            let mut claimed = Vec::with_capacity(all.len());
            for one in all {
                let Some(keys) = &one.keys else {
                    claimed.push(one);
                    continue;
                };
                let made = turn.attempt(|turn| {
                    keyring::insert_pending_index(turn, &one.index, one.newcomer.id.as_bytes(), one.nonce)?;
                    keys.iter().try_for_each(|key| keyring::insert_data_key(turn, key))
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

    /// Writes the rows of those whose account nobody else has made meanwhile, and the entry that names them.
    fn store(
        &self,
        claimed: &[Prepared<'_>],
        record: impl FnOnce(&[&Newcomer]) -> (Data, Actor),
    ) -> Result<Vec<AccountId>, Failure> {
        let opening = self.opening(None, None)?;
        let settled = self.commit(opening.request, |turn| {
            let (now, mut came) = (turn.time(), Vec::new());
            for one in claimed {
                if accounts::state(turn, one.newcomer.id)?.is_some() {
                    continue;
                }
                let row = AccountRow {
                    id: one.newcomer.id,
                    state: AccountState::Active,
                    created: one.newcomer.created.unwrap_or(now),
                    closed: None,
                    index_nonce: one.nonce,
                    email_version: 1,
                    email: one.email.clone(),
                    name: one.name.clone(),
                };
                accounts::insert(turn, &row)?;
                accounts::insert_credential(turn, &one.credential)?;
                came.push(one.newcomer);
            }
            let ids: Vec<_> = came.iter().map(|newcomer| newcomer.id).collect();
            if !came.is_empty() {
                let (data, actor) = record(&came);
                let objects: Vec<_> = ids.iter().copied().map(Object::Account).collect();
                let draft = Draft::done(data, actor, self.call(&opening)).about(&ids).on(&objects);
                turn.append(draft, opening.nonce, &opening.details)?;
            }
            Ok::<_, Failure>(ids)
        })?;
        Ok(settled.value)
    }

    /// Makes the claims of those who came live.
    fn go_live<'a>(&self, came: impl Iterator<Item = &'a Prepared<'a>>) -> Result<(), Failure> {
        let came: Vec<_> = came.collect();
        if came.is_empty() {
            return Ok(());
        }
        self.vault.database.commit(|turn| {
            for one in &came {
                // A claim that is not there any more went with its account, which was erased since.
                if keyring::make_index_live(turn, &one.index, one.nonce)? {
                    let owner = one.newcomer.id.as_bytes();
                    keyring::raise_version_floor(turn, Class::Identity, owner, 1)?;
                    keyring::raise_version_floor(turn, Class::Credential, owner, 1)?;
                }
            }
            Ok::<_, StoreError>(())
        })?;
        Ok(())
    }
}

fn current(newcomer: &Newcomer) -> Result<&BlindIndex, Failure> {
    newcomer.indexes.first().ok_or(Failure::Internal("no index key"))
}

#[cfg(test)]
#[path = "newcomers_tests.rs"]
mod tests;
