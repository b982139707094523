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
        EngineFault, StoreError,
        accounts::{self, AccountRow, CredentialRow},
        keyring,
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
    /// A claim of somebody who has not come, with its nonce.
    Claim(EntryNonce),
    Account,
}

/// A newcomer under fresh keys.
struct Prepared<'a> {
    newcomer: &'a Newcomer,
    /// The index under the current key.
    index: BlindIndex,
    nonce: EntryNonce,
    keys: [DataKeyRow; 2],
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
    /// whether a newcomer came in: who finds the address taken does not, and nothing is left of him.
    pub(super) fn admit(
        &self,
        newcomers: &[Newcomer],
        record: impl FnOnce(&[&Newcomer]) -> (Data, Actor),
    ) -> Result<Vec<bool>, Failure> {
        let mut claims = Vec::new();
        for newcomer in newcomers {
            match self.standing(newcomer)? {
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
        let is_in = |id: AccountId| {
            claimed.iter().any(|one| one.newcomer.id == id) && !lost.iter().any(|one| one.newcomer.id == id)
        };
        Ok(newcomers.iter().map(|newcomer| is_in(newcomer.id)).collect())
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
            Some(row) => Standing::Claim(row.nonce),
        })
    }

    /// Seals what a newcomer brings under keys that nobody has yet.
    fn prepare<'a>(&self, newcomer: &'a Newcomer) -> Result<Prepared<'a>, Failure> {
        let scope = Scope::Account(newcomer.id);
        let at = At { room: self.id, scope, row: *newcomer.id.as_bytes() };
        let (identity, identity_row) = self.vault.ring.mint(Class::Identity, scope, 1)?;
        let email = seal::seal(&identity, &at, 1, &newcomer.email)?;
        let name = newcomer.name.as_ref().map(|name| seal::seal(&identity, &at, 0, name)).transpose()?;
        let (credential, credential_row) = self.vault.ring.mint(Class::Credential, scope, 1)?;
        let at = verdict::CredentialAt { room: self.id, scope, version: 1 };
        let sealed = verdict::seal_record(&credential, &at, &newcomer.record)?;
        let scheme = newcomer.record.scheme_label();
        Ok(Prepared {
            newcomer,
            index: *current(newcomer)?,
            nonce: EntryNonce::random()?,
            keys: [identity_row, credential_row],
            email,
            name,
            credential: CredentialRow { owner: scope, version: 1, scheme, record: sealed },
        })
    }

    /// Claims indexes and keeps keys, in one transaction. A claim of somebody who never came is taken over; whose index
    /// somebody else claimed meanwhile is left out.
    fn claim_all<'a>(
        &self,
        claims: Vec<(Prepared<'a>, Option<EntryNonce>)>,
    ) -> Result<Vec<Prepared<'a>>, Failure> {
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
                    keyring::insert_pending_index(turn, &one.index, one.newcomer.id.as_bytes(), one.nonce)?;
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
        claimed: &[Prepared<'_>],
        record: impl FnOnce(&[&Newcomer]) -> (Data, Actor),
    ) -> Result<(), Failure> {
        let newcomers: Vec<_> = claimed.iter().map(|one| one.newcomer).collect();
        let (data, actor) = record(&newcomers);
        let opening = self.opening(None, None)?;
        self.commit(opening.request, |turn| {
            let now = turn.time();
            for one in claimed {
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
            }
            let ids: Vec<_> = newcomers.iter().map(|newcomer| newcomer.id).collect();
            let objects: Vec<_> = ids.iter().copied().map(Object::Account).collect();
            let draft = Draft::done(data, actor, self.call(&opening)).about(&ids).on(&objects);
            turn.append(draft, opening.nonce, &opening.details).map_err(Failure::from)
        })
        .map(drop)
    }

    /// Gives up the claims of accounts that failed to come. Those that may stand in the store all the same keep theirs,
    /// which then lead to them; if they do not stand there the next to come takes the claims over.
    fn give_up(&self, claimed: &[Prepared<'_>], why: &Failure) -> Result<(), Failure> {
        if why.may_be_committed() {
            return Ok(());
        }
        let abandon = |one: &Prepared<'_>| (one.index, one.nonce);
        let given_up: Vec<_> = claimed.iter().map(abandon).collect();
        Ok(self.vault.database.commit(|turn| {
            given_up.iter().try_for_each(|(index, nonce)| keyring::abandon_index(turn, index, *nonce))
        })?)
    }

    /// Makes claims live; those that are somebody else's by now are returned.
    fn go_live<'a, 'b>(&self, claimed: &'b [Prepared<'a>]) -> Result<Vec<&'b Prepared<'a>>, Failure> {
        Ok(self.vault.database.commit(|turn| {
            let mut lost = Vec::new();
            for one in claimed {
                if keyring::make_index_live(turn, &one.index, one.nonce)? {
                    let owner = one.newcomer.id.as_bytes();
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
    fn abandon(&self, lost: &[&Prepared<'_>]) -> Result<(), Failure> {
        for one in lost {
            let (account, opening) = (one.newcomer.id, self.opening(None, None)?);
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

fn current(newcomer: &Newcomer) -> Result<&BlindIndex, Failure> {
    newcomer.indexes.first().ok_or(Failure::Internal("no index key"))
}
