//! Registering with an address that is not confirmed yet.
//!
//! A registration on its way stands in a table of its own and in no index: nobody owns an address by typing it, two may
//! be on their way with the same one, and the first that is confirmed has it. So nothing is looked up when somebody
//! registers, and nothing can be told of who has an account.

use tracing::instrument;

use super::{
    accounts::{Registered, Registration, address, name},
    challenges::{Asked, Asking, CodeError, Proof},
    core::{Core, Room},
    error::{Failure, RegisterError},
    newcomers::{Index, Keys, Prepared, Standing, comes_too_late},
    outbox::Contact,
};
use crate::{
    access::{
        Object,
        rows::{ChallengeRow, Topic},
    },
    audit::{Actor, Data, Draft},
    base::{AccountId, ChallengeId, Class, EntryNonce, Scope, SecretText, limits},
    keys::{BlindIndex, DataKeyRow, KeyError},
    password::{NewPassword, Record},
    seal::{At, Email, Name, Sealed, verdict},
    store::{
        LogTurn, StoreError,
        accounts::{self, CredentialRow},
        challenges::{self, SignUpRow},
        clues, fences,
        keyring::{self, IndexRow},
        outbox,
    },
};

/// Somebody who registers, before he has an id.
struct Arriving {
    email: Email,
    name: Option<Name>,
    cards_masked: usize,
    /// Scheme and sealed record, of who brings a password.
    record: Option<(String, Vec<u8>)>,
}

/// The password record that a registration comes in with.
enum Brings<'a> {
    /// The one that lies sealed in its row.
    Sealed((String, Vec<u8>)),
    /// One that was just made.
    Record(&'a Record),
}

/// What one run removed of what has run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Registrations that nobody had confirmed.
    pub registrations: u64,
    /// Those that have run out too, and were more than one run may destroy: they are for the next one.
    pub left: u64,
}

impl Room {
    /// Registers somebody under an address that is still to be confirmed. What comes back is the same whether the
    /// address has an account or not; who can confirm it is told then.
    ///
    /// # Errors
    /// [`RegisterError`], but never [`RegisterError::AddressTaken`]; nothing is stored then.
    #[instrument(name = "room.sign_up", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn sign_up(&self, registration: &Registration<'_>) -> Result<Asked, RegisterError> {
        let core = &*self.core;
        let (_, with) = core.belongings(registration)?;
        let id = AccountId::random()?;
        let (key, credential) = core.seal_first_record(id, &with.record, Keys::Fresh)?;
        let record = Some((credential.scheme, credential.record));
        let arriving =
            Arriving { email: with.email, name: with.name, cards_masked: with.cards_masked, record };
        Ok(core.begin_sign_up(id, arriving, key, Topic::Verify)?)
    }

    /// Invites somebody: he comes in by the code or link that he is sent, with a password of his own choice. What comes
    /// back is the same whether the address has an account or not.
    ///
    /// # Errors
    /// [`RegisterError`]; nothing is stored then.
    #[instrument(name = "room.invite", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn invite(&self, email: &str, called: Option<&str>) -> Result<Asked, RegisterError> {
        let core = &*self.core;
        let (_, email) = address(email)?;
        let (name, cards_masked) = name(called)?;
        let arriving = Arriving { email, name, cards_masked, record: None };
        Ok(core.begin_sign_up(AccountId::random()?, arriving, None, Topic::Invite)?)
    }

    /// Confirms the address of a registration: from now on there is an account.
    ///
    /// # Errors
    /// [`CodeError`]; with [`CodeError::AddressTaken`] the address has an account, which whoever reads its mail may know.
    #[instrument(name = "room.confirm", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn confirm(&self, proof: &Proof<'_>) -> Result<Registered, CodeError> {
        let core = &*self.core;
        let shown = core.proved(proof, Topic::Verify)?;
        let row = core.on_its_way(&shown)?;
        let brings = row.record.clone().ok_or(CodeError::Code)?;
        core.come_in(&shown, &row, Brings::Sealed(brings))
    }

    /// Comes in by an invitation, with this password.
    ///
    /// # Errors
    /// [`CodeError`]; after [`CodeError::Password`] the invitation still stands.
    #[instrument(name = "room.accept", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn accept(&self, proof: &Proof<'_>, password: &SecretText) -> Result<Registered, CodeError> {
        let core = &*self.core;
        NewPassword::accept(password, &[]).map_err(|why| CodeError::Password { why })?;
        let shown = core.proved(proof, Topic::Invite)?;
        let row = core.on_its_way(&shown)?;
        let chosen = match core.chosen_by_invited(row.id, (row.email.clone(), row.name.clone()), password) {
            // Swept meanwhile, or never there.
            Err(Failure::Key(KeyError::Missing { .. } | KeyError::Erased { .. })) => {
                return Err(CodeError::Code);
            }
            other => other?.map_err(|why| CodeError::Password { why })?,
        };
        let record = Record::hash(&chosen, &core.settings.passwords)?;
        core.come_in(&shown, &row, Brings::Record(&record))
    }

    /// Removes registrations that nobody has confirmed in time, with their keys, and codes and messages that have run
    /// out. One run removes so many registrations as the policy's share of accounts and registrations together; what it
    /// leaves the next one takes. Codes and messages go all: they serve nobody any more. Each registration removes a few
    /// of everything itself: this is for a room in which nobody registers.
    ///
    /// # Errors
    /// [`Failure::ClockInDoubt`], where there is anything to remove: nothing went. The room could not do it.
    #[instrument(name = "room.sweep", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn sweep(&self) -> Result<Swept, Failure> {
        let core = &*self.core;
        let counted = || core.store.read(|db| challenges::sign_ups(db, core.clock.now()));
        let most = core.share_of(counted()?.0);
        let mut registrations = 0;
        loop {
            let (gone, codes) = core.sweep_some(most - registrations)?;
            registrations += gone;
            if gone == 0 && codes == 0 {
                return Ok(Swept { registrations, left: counted()?.1 });
            }
        }
    }
}

impl Core {
    /// Keeps the keys of a registration, and writes its row with its code.
    fn begin_sign_up(
        &self,
        id: AccountId,
        arriving: Arriving,
        key: Option<DataKeyRow>,
        topic: Topic,
    ) -> Result<Asked, Failure> {
        if let Err(failure) = self.sweep_some(limits::SWEEP_ROWS.into()) {
            tracing::warn!(error = %failure, "what has run out was not swept");
        }
        let sealed = self.seal_identity(id, &arriving.email, arriving.name.as_ref(), Keys::Fresh)?;
        let keys: Vec<_> = sealed.key.into_iter().chain(key).collect();
        self.vault.commit(&self.store, |turn| {
            keys.iter().try_for_each(|key| keyring::insert_data_key(turn, key))
        })?;
        let row = SignUpRow {
            id,
            expires: self.clock.now().plus(limits::UNVERIFIED_LIFETIME),
            cards_masked: arriving.cards_masked as u64,
            email: sealed.email,
            name: sealed.name,
            record: arriving.record,
        };
        let asking = Asking {
            topic,
            account: id,
            contact: Contact::Unconfirmed,
            is_somebody: true,
            recorded: id,
            address: None,
        };
        let (challenge, detail) = (ChallengeId::random()?, self.activity_detail()?);
        let settled = self.store.commit(|turn| {
            challenges::insert_sign_up(turn, &row)?;
            self.ask(turn, challenge, &asking, &detail)
        })?;
        Ok(Asked { handle: self.codes.handle(challenge), unsent: settled.value })
    }

    /// The registration that a code is about.
    fn on_its_way(&self, shown: &ChallengeRow) -> Result<SignUpRow, CodeError> {
        self.store.read(|db| challenges::sign_up(db, shown.account))?.ok_or(CodeError::Code)
    }

    /// Makes the account of a registration. What was sealed stands as it is; where a claim of the address stands, whose
    /// account is to have another id, it is sealed anew under the keys of that.
    fn come_in(
        &self,
        shown: &ChallengeRow,
        row: &SignUpRow,
        brings: Brings<'_>,
    ) -> Result<Registered, CodeError> {
        let indexes = self.indexes_of(row)?;
        let newcomer = match self.standing(&indexes)? {
            Standing::Account => return Err(CodeError::AddressTaken),
            Standing::Nothing => self.as_sealed(row, brings, &indexes, None)?,
            Standing::Left(claim) if self.gives_way(&claim)? => {
                self.as_sealed(row, brings, &indexes, Some(claim.nonce))?
            }
            Standing::Left(_) => return Err(CodeError::AddressTaken),
            Standing::Claim(claim) => self.resealed(row, brings, &indexes, &claim)?,
        };
        let claimed = self.claim_all(vec![newcomer])?;
        let before = |turn: &mut LogTurn<'_>| {
            self.spend(turn, shown)?;
            for one in &claimed {
                if comes_too_late(turn, one.id)? {
                    return Err(CodeError::AddressTaken);
                }
            }
            if challenges::remove_sign_up(turn, row.id)? { Ok(()) } else { Err(CodeError::Code) }
        };
        let record = |came: &[&Prepared]| {
            let data = Data::AccountRegistered { cards_masked: row.cards_masked };
            (data, came.first().map_or(Actor::System, |one| Actor::Account(one.id)))
        };
        let Some(newcomer) = claimed.first() else { return Err(CodeError::AddressTaken) };
        self.store(&claimed, before, record)?;
        self.go_live(claimed.iter())?;
        if newcomer.id != row.id {
            self.forget_keys(&[row.id])?;
        }
        let cards_masked = usize::try_from(row.cards_masked).unwrap_or(usize::MAX);
        Ok(Registered { account: newcomer.id, cards_masked })
    }

    /// A registration as it stands in its row.
    fn as_sealed(
        &self,
        row: &SignUpRow,
        brings: Brings<'_>,
        indexes: &[BlindIndex],
        instead_of: Option<EntryNonce>,
    ) -> Result<Prepared, Failure> {
        let (key, credential) = match brings {
            Brings::Sealed((scheme, record)) => {
                let owner = Scope::Account(row.id);
                (None, CredentialRow { owner, version: 1, scheme, record })
            }
            Brings::Record(record) => self.seal_first_record(row.id, record, Keys::Fresh)?,
        };
        Ok(Prepared {
            id: row.id,
            created: None,
            index: *indexes.first().ok_or(Failure::Internal("no index key"))?,
            nonce: EntryNonce::random()?,
            by: Index::Claimed { keys: key.into_iter().collect(), instead_of },
            email: row.email.clone(),
            name: row.name.clone(),
            words: self.words_of_sealed(row.id, row.name.as_deref())?,
            credential,
            cards_masked: usize::try_from(row.cards_masked).unwrap_or(usize::MAX),
        })
    }

    /// A registration under the keys of a claim that stands: of a registration that broke off, whose account it becomes.
    fn resealed(
        &self,
        row: &SignUpRow,
        brings: Brings<'_>,
        indexes: &[BlindIndex],
        claim: &IndexRow,
    ) -> Result<Prepared, Failure> {
        let (from, id) = (Scope::Account(row.id), AccountId::from_bytes(claim.target));
        let scope = Scope::Account(id);
        let place = |scope: Scope, row: AccountId| At { room: self.id, scope, row: *row.as_bytes() };
        let (was, is) = (place(from, row.id), place(scope, id));
        let email = Sealed::<Email>::from_row(&was, 1, Object::Account(row.id), row.email.clone());
        let old = self.vault.key_for_reading(Class::Identity, from, email.generation())?;
        let new = self.vault.key_for_writing(&self.store, Class::Identity, scope)?;
        let name =
            row.name.clone().map(|name| Sealed::<Name>::from_row(&was, 0, Object::Account(row.id), name));
        let name = name.map(|name| verdict::reseal((&old, &name), (&new, &is, 0))).transpose()?;
        let credential = match brings {
            Brings::Record(record) => self.seal_first_record(id, record, Keys::Claimed)?.1,
            Brings::Sealed((scheme, record)) => {
                let at = |scope| verdict::CredentialAt { room: self.id, scope, version: 1 };
                let generation = verdict::record_generation(&record);
                let old = self.vault.key_for_reading(Class::Credential, from, generation)?;
                let new = self.vault.key_for_writing(&self.store, Class::Credential, scope)?;
                let record = verdict::reseal_record((&old, &at(from), &record), (&new, &at(scope)))?;
                CredentialRow { owner: scope, version: 1, scheme, record }
            }
        };
        Ok(Prepared {
            id,
            created: None,
            index: *indexes.first().ok_or(Failure::Internal("no index key"))?,
            nonce: claim.nonce,
            by: Index::Stands,
            email: verdict::reseal((&old, &email), (&new, &is, 1))?,
            name,
            words: self.words_of_sealed(row.id, row.name.as_deref())?,
            credential,
            cards_masked: usize::try_from(row.cards_masked).unwrap_or(usize::MAX),
        })
    }

    /// Forgets the keys of registrations that are gone. What a claim names, or an account is, has its keys.
    fn forget_keys(&self, of: &[AccountId]) -> Result<(), Failure> {
        let mut gone = Vec::new();
        for id in of {
            if self.store.read(|db| accounts::state(db, *id))?.is_none() {
                gone.push(*id);
            }
        }
        Ok(self.vault.commit(&self.store, |turn| {
            for id in &gone {
                if fences::indexes_of(turn, id.as_bytes())? == 0 {
                    clues::forget_owner(turn, id.as_bytes())?;
                    keyring::forget_data_keys(turn, *id)?;
                }
            }
            Ok::<_, StoreError>(())
        })?)
    }

    /// The indexes of the address that a registration is to have.
    fn indexes_of(&self, row: &SignUpRow) -> Result<Vec<BlindIndex>, CodeError> {
        let at = At { room: self.id, scope: Scope::Account(row.id), row: *row.id.as_bytes() };
        let sealed = Sealed::<Email>::from_row(&at, 1, Object::Account(row.id), row.email.clone());
        let key = match self.vault.key_for_reading(Class::Identity, sealed.scope(), sealed.generation()) {
            // Swept meanwhile, or never there: a keyring of another day is beside this store.
            Err(Failure::Key(KeyError::Missing { .. } | KeyError::Erased { .. })) => {
                return Err(CodeError::Code);
            }
            other => other?,
        };
        Ok(verdict::reindex(&key, &sealed, &self.id, &self.vault.ring.index_keys()).map_err(Failure::from)?)
    }

    /// Removes some of what has run out, at most so many registrations: how many of them and of everything else went. Rows
    /// go before keys, so that nobody comes in whose key is gone.
    fn sweep_some(&self, most: u64) -> Result<(u64, u64), Failure> {
        let limit = u32::try_from(most).unwrap_or(u32::MAX).min(limits::SWEEP_ROWS);
        let (over, codes) = self.store.read(|db| {
            let now = self.clock.now();
            let over = challenges::sign_ups_over(db, now, limit)?;
            Ok::<_, StoreError>((over, challenges::any_over(db, now)? || outbox::any_over(db, now)?))
        })?;
        if over.is_empty() && !codes {
            return Ok((0, 0));
        }
        // What is seen here need not be looked for in the lane, where it is decided.
        if let Some(jump) = self.clock_doubt()? {
            return Err(Failure::ClockInDoubt { jump });
        }
        let opening = self.opening(None, None)?;
        let settled = self.commit(opening.request, |turn| {
            let may = self.may_destroy(turn)?.map_err(|jump| Failure::ClockInDoubt { jump })?;
            let mut gone = Vec::new();
            for id in over {
                if challenges::expire_sign_up(turn, id, &may)? {
                    gone.push(id);
                }
            }
            let codes = challenges::remove_over(turn, &may)? + outbox::remove_over(turn, &may)?;
            if !gone.is_empty() {
                let data = Data::RegistrationsExpired { count: gone.len() as u64 };
                let draft = Draft::done(data, Actor::System, self.call(&opening));
                turn.append(draft, opening.nonce, &opening.details)?;
            }
            Ok::<_, Failure>((gone, codes as u64))
        })?;
        let (gone, codes) = settled.value;
        if !gone.is_empty() {
            self.forget_keys(&gone)?;
        }
        Ok((gone.len() as u64, codes))
    }
}
