//! A customer's new address: asked for with the password, confirmed by who reads its mail.
//!
//! Nothing is looked up when it is asked for, so that nobody learns who else has an address. When it is confirmed the
//! order is that of a registration: the new index is claimed (keyring), the account's row takes address and nonce, with
//! its entry (store), the claim goes live and the old index goes (keyring). In between the row's nonce says which index
//! counts, so that exactly one address leads to the account at every moment.

use tracing::instrument;

use super::{
    accounts,
    challenges::{Asked, Asking, CodeError, Proof, in_use},
    core::{Core, Room},
    error::{Failure, RegisterError, WriteError},
    newcomers::Standing,
    outbox::{Contact, Delivery, Letter},
    owner::Owner,
    standing::{By, writable},
};
use crate::{
    access::{
        NoticeKind, Object, Receiver,
        rows::{ChallengeRow, Topic},
    },
    audit::{Actor, Data, Draft},
    base::{AccountId, ChallengeId, Class, EntryNonce, Scope, SecretText},
    keys::{BlindIndex, KeyError},
    seal::{self, At, Email, OpenError, Sealed, verdict},
    store::{
        EngineFault, StoreError,
        accounts::{self as rows, Address},
        challenges, keyring,
    },
};

impl Owner<'_> {
    /// Asks for another address, on his password. It is his when somebody who reads its mail confirms it. Who reads that
    /// of the address that he has is told that somebody with his password wants another.
    ///
    /// # Errors
    /// [`WriteError::Password`], which is an Activity record; [`WriteError::Text`] if it is no address.
    #[instrument(name = "owner.ask_address", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn ask_address(&self, password: &SecretText, email: &str) -> Result<Asked, WriteError> {
        let (core, account) = (self.core, self.live()?);
        let (_, email) = accounts::address(email).map_err(|refused| match refused {
            RegisterError::Address { why } => WriteError::Text { field: "address", why },
            RegisterError::Failed(failure) => failure.into(),
            _ => WriteError::NotFound,
        })?;
        self.check_password(account, password)?;
        let row = core.store.read(|db| rows::find(db, account))?.ok_or(WriteError::NotFound)?;
        let scope = Scope::Account(account);
        let key = core.vault.key_for_writing(&core.store, Class::Identity, scope)?;
        let at = At { room: core.id, scope, row: *account.as_bytes() };
        let asking = Asking {
            topic: Topic::Address,
            account,
            contact: Contact::NewAddress,
            is_somebody: true,
            recorded: account,
            address: Some(seal::seal(&key, &at, row.email_version + 1, &email)?),
        };
        let (id, detail) = (ChallengeId::random()?, core.activity_detail()?);
        let settled = core.store.commit(|turn| {
            writable(turn, account, By::Customer)?;
            let mut unsent = core.ask(turn, id, &asking, &detail)?;
            if core.posts_codes(turn)? {
                core.tell(turn, account, NoticeKind::AddressChanging)?;
            } else {
                let letter = Letter::Notice { kind: NoticeKind::AddressChanging, about: None };
                let to = Receiver::Account(account);
                unsent.push(Delivery { to, contact: Contact::Address, letter });
            }
            Ok::<_, WriteError>(unsent)
        })?;
        Ok(Asked { handle: core.codes.handle(id), unsent: settled.value })
    }
}

/// A change of address as it is carried out.
struct Change {
    account: AccountId,
    from: Address,
    to: Address,
    /// The new index, as long as it is a claim.
    claim: Option<BlindIndex>,
}

impl Room {
    /// Confirms a new address: from now on its owner logs in with it.
    ///
    /// # Errors
    /// [`CodeError`]; with [`CodeError::AddressTaken`] the address has an account, which whoever reads its mail may know.
    #[instrument(
        name = "room.confirm_address",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn confirm_address(&self, proof: &Proof<'_>) -> Result<AccountId, CodeError> {
        let core = &*self.core;
        let shown = core.proved(proof, Topic::Address)?;
        let change = core.claimed_address(&shown)?;
        let others = core.store_address(&shown, &change)?;
        core.settle_address(&change, &others)?;
        Ok(shown.account)
    }
}

impl Core {
    /// Claims the index of the address that a code confirms. If nothing comes of it the claim is left, to whoever comes
    /// next: another call of the same code may have taken it up.
    fn claimed_address(&self, shown: &ChallengeRow) -> Result<Change, CodeError> {
        let account = shown.account;
        let (sealed, row) = self
            .store
            .read(|db| Ok::<_, StoreError>((challenges::address(db, shown.id)?, rows::find(db, account)?)))?;
        let (sealed, row) = sealed.zip(row).ok_or(CodeError::Code)?;
        let from = Address { sealed: row.email, version: row.email_version, nonce: row.index_nonce };
        let indexes = self.indexes_of_next(account, from.version + 1, &sealed)?;
        let index = *indexes.first().ok_or(Failure::Internal("no index key"))?;
        let to = |nonce| Address { sealed, version: from.version + 1, nonce };
        let given_up = match self.standing(&indexes)? {
            Standing::Account if self.account_behind(&index)? == Some(account) => {
                let to = to(from.nonce);
                return Ok(Change { account, from, to, claim: None });
            }
            Standing::Account => return Err(CodeError::AddressTaken),
            // His own, of a change that broke off, or that is on its way: whose row is first in the lane carries it out.
            Standing::Left(own) if own.target == *account.as_bytes() => {
                let to = to(own.nonce);
                return Ok(Change { account, from, to, claim: (!own.live).then_some(index) });
            }
            // Of a change or a registration that broke off, or is on its way: who reads the mail now comes first.
            Standing::Left(claim) | Standing::Claim(claim) if self.gives_way(&claim)? => Some(claim.nonce),
            Standing::Left(_) | Standing::Claim(_) => return Err(CodeError::AddressTaken),
            Standing::Nothing => None,
        };
        let nonce = EntryNonce::random()?;
        let claimed = self.vault.commit(&self.store, |turn| {
            if let Some(nonce) = given_up {
                keyring::abandon_index(turn, &index, nonce)?;
            }
            keyring::insert_pending_index(turn, &index, account.as_bytes(), nonce)
        });
        match claimed {
            Err(StoreError::Engine { fault: EngineFault::Constraint, .. }) => Err(CodeError::AddressTaken),
            Err(e) => Err(e.into()),
            Ok(()) => {
                let to = to(nonce);
                Ok(Change { account, from, to, claim: Some(index) })
            }
        }
    }

    /// The indexes of an address that is sealed for the next version. One that was sealed for another does not open:
    /// the address has changed meanwhile.
    fn indexes_of_next(
        &self,
        account: AccountId,
        version: u64,
        sealed: &[u8],
    ) -> Result<Vec<BlindIndex>, CodeError> {
        let at = At { room: self.id, scope: Scope::Account(account), row: *account.as_bytes() };
        let sealed = Sealed::<Email>::from_row(&at, version, Object::Account(account), sealed.to_vec());
        let key = match self.vault.key_for_reading(Class::Identity, sealed.scope(), sealed.generation()) {
            Err(Failure::Key(KeyError::Erased { .. })) => return Err(CodeError::Code),
            other => other?,
        };
        match verdict::reindex(&key, &sealed, &self.id, &self.vault.ring.index_keys()) {
            Err(OpenError::Unauthentic) => Err(CodeError::Changed),
            other => Ok(other.map_err(Failure::from)?),
        }
    }

    /// The account's row takes the address. The indexes of addresses that it has no more come back: those that were
    /// there before. A claim among them is of a call that comes too late, because its code goes with this one; a later
    /// one is not among them.
    fn store_address(&self, shown: &ChallengeRow, change: &Change) -> Result<Vec<EntryNonce>, CodeError> {
        let (account, opening) = (change.account, self.opening(None, None)?);
        let mut others = self.vault.database.read(|db| keyring::indexes_to(db, account.as_bytes()))?;
        others.retain(|nonce| *nonce != change.to.nonce);
        self.commit(opening.request, |turn| {
            self.spend(turn, shown)?;
            in_use(turn, account)?;
            if !rows::readdress(turn, account, &change.from, &change.to)? {
                return Err(CodeError::Changed);
            }
            self.tell(turn, account, NoticeKind::AddressChanged)?;
            let former = (change.from.version, change.from.sealed.clone());
            self.tell_former(turn, account, NoticeKind::AddressChanged, former)?;
            let data = Data::AccountReaddressed { version: change.to.version };
            let draft = Draft::done(data, Actor::Account(account), self.call(&opening))
                .about(&[account])
                .on(&[Object::Account(account)]);
            turn.append(draft, opening.nonce, &opening.details).map_err(CodeError::from)
        })?;
        Ok(others)
    }

    /// The claim goes live and the old index goes. Nobody takes a claim that a row repeats; if it is gone all the same
    /// (the program of the first release, in the same room, takes claims unasked), the account keeps the address that it had.
    fn settle_address(&self, change: &Change, others: &[EntryNonce]) -> Result<(), CodeError> {
        let (owner, nonce) = (change.account.as_bytes(), change.to.nonce);
        let is_live = self.vault.database.commit(|turn| {
            if let Some(index) = &change.claim
                && !keyring::make_index_live(turn, index, nonce)?
            {
                return Ok(false);
            }
            keyring::raise_version_floor(turn, Class::Identity, owner, change.to.version)?;
            others.iter().try_for_each(|other| keyring::forget_index(turn, owner, *other))?;
            Ok::<_, StoreError>(true)
        })?;
        if is_live {
            return Ok(());
        }
        let (account, opening) = (change.account, self.opening(None, None)?);
        self.commit(opening.request, |turn| {
            if !rows::readdress(turn, account, &change.to, &change.from)? {
                return Err(CodeError::Changed);
            }
            let data = Data::AccountAddressKept { version: change.from.version };
            let draft = Draft::done(data, Actor::System, self.call(&opening))
                .about(&[account])
                .on(&[Object::Account(account)]);
            turn.append(draft, opening.nonce, &opening.details).map_err(CodeError::from)
        })?;
        Err(CodeError::AddressTaken)
    }
}

#[cfg(test)]
#[path = "own_address_tests.rs"]
mod tests;
