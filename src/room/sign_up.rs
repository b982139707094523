//! Registering with an address that is not confirmed yet.
//!
//! A registration on its way stands in a table of its own and in no index: nobody owns an address by typing it, two may
//! be on their way with the same one, and the first that is confirmed has it. So nothing is looked up when somebody
//! registers, and nothing can be told of who has an account.

use super::{
    accounts::{Registered, Registration, address, name},
    challenges::{Asked, Asking, CodeError, Contact, Proof},
    core::{Core, Room},
    error::{Failure, RegisterError},
    newcomers::{Belongings, Prepared, Standing},
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
    seal::{At, Email, Sealed, verdict},
    store::{
        accounts::CredentialRow,
        challenges::{self, SignUpRow},
        keyring,
    },
};

impl Room {
    /// Registers somebody under an address that is still to be confirmed. What comes back is the same whether the
    /// address has an account or not; who can confirm it is told then.
    ///
    /// # Errors
    /// [`RegisterError`], but never [`RegisterError::AddressTaken`]; nothing is stored then.
    pub fn sign_up(&self, registration: &Registration<'_>) -> Result<Asked, RegisterError> {
        let core = &*self.core;
        let (_, with) = core.belongings(registration)?;
        let Belongings { email, name, record, cards_masked, .. } = with;
        let id = AccountId::random()?;
        let sealed = core.seal_newcomer(id, &email, name.as_ref())?;
        let (key, credential) = core.seal_first_record(id, &record)?;
        let row = SignUpRow {
            id,
            expires: core.clock.now().plus(limits::UNVERIFIED_LIFETIME),
            cards_masked: cards_masked as u64,
            email: sealed.email,
            name: sealed.name,
            record: Some((credential.scheme, credential.record)),
        };
        Ok(core.begin_sign_up(&row, &[sealed.key, key], Topic::Verify)?)
    }

    /// Invites somebody: he comes in by the code or link that he is sent, with a password of his own choice. What comes
    /// back is the same whether the address has an account or not.
    ///
    /// # Errors
    /// [`RegisterError`]; nothing is stored then.
    pub fn invite(&self, email: &str, called: Option<&str>) -> Result<Asked, RegisterError> {
        let core = &*self.core;
        let (_, email) = address(email)?;
        let (name, cards_masked) = name(called)?;
        let id = AccountId::random()?;
        let sealed = core.seal_newcomer(id, &email, name.as_ref())?;
        let row = SignUpRow {
            id,
            expires: core.clock.now().plus(limits::UNVERIFIED_LIFETIME),
            cards_masked: cards_masked as u64,
            email: sealed.email,
            name: sealed.name,
            record: None,
        };
        Ok(core.begin_sign_up(&row, &[sealed.key], Topic::Invite)?)
    }

    /// Confirms the address of a registration: from now on there is an account.
    ///
    /// # Errors
    /// [`CodeError`]; with [`CodeError::AddressTaken`] the address has an account, which whoever reads its mail may know.
    pub fn confirm(&self, proof: &Proof<'_>) -> Result<Registered, CodeError> {
        let core = &*self.core;
        let shown = core.proved(proof, Topic::Verify)?;
        let row = core.on_its_way(&shown)?;
        let owner = Scope::Account(row.id);
        let (scheme, record) = row.record.clone().ok_or(CodeError::Code)?;
        core.come_in(&shown, &row, CredentialRow { owner, version: 1, scheme, record }, Vec::new())
    }

    /// Comes in by an invitation, with this password.
    ///
    /// # Errors
    /// [`CodeError`]; after [`CodeError::Password`] the invitation still stands.
    pub fn accept(&self, proof: &Proof<'_>, password: &SecretText) -> Result<Registered, CodeError> {
        let core = &*self.core;
        let chosen = NewPassword::accept(password, &[]).map_err(|why| CodeError::Password { why })?;
        let shown = core.proved(proof, Topic::Invite)?;
        let row = core.on_its_way(&shown)?;
        let record = Record::hash(&chosen, &core.settings.passwords)?;
        let (key, credential) = core.seal_first_record(row.id, &record)?;
        core.come_in(&shown, &row, credential, vec![key])
    }

    /// Removes registrations that nobody has confirmed in time, with their keys, and codes that have run out; how many
    /// registrations went. Each registration removes a few itself: this is for a room in which nobody registers.
    ///
    /// # Errors
    /// The room could not do it.
    pub fn sweep(&self) -> Result<u64, Failure> {
        let mut gone = 0;
        loop {
            let (registrations, codes) = self.core.sweep_some()?;
            gone += registrations;
            if registrations == 0 && codes == 0 {
                return Ok(gone);
            }
        }
    }
}

impl Core {
    /// Keeps the keys of a registration, and writes its row with its code.
    fn begin_sign_up(&self, row: &SignUpRow, keys: &[DataKeyRow], topic: Topic) -> Result<Asked, Failure> {
        if let Err(failure) = self.sweep_some() {
            tracing::warn!(error = %failure, "what has run out was not swept");
        }
        self.vault
            .database
            .commit(|turn| keys.iter().try_for_each(|key| keyring::insert_data_key(turn, key)))?;
        let id = ChallengeId::random()?;
        let detail = self.activity_detail()?;
        let asking = Asking {
            topic,
            account: row.id,
            contact: Contact::Unconfirmed,
            is_somebody: true,
            recorded: row.id,
            address: None,
        };
        let settled = self.store.commit(|turn| {
            challenges::insert_sign_up(turn, row)?;
            self.ask(turn, id, &asking, &detail)
        })?;
        Ok(Asked { handle: self.codes.handle(id), delivery: settled.value })
    }

    /// The registration that a code is about.
    fn on_its_way(&self, shown: &ChallengeRow) -> Result<SignUpRow, CodeError> {
        self.store.read(|db| challenges::sign_up(db, shown.account))?.ok_or(CodeError::Code)
    }

    /// Makes the account of a registration. What was sealed stands as it is sealed.
    fn come_in(
        &self,
        shown: &ChallengeRow,
        row: &SignUpRow,
        credential: CredentialRow,
        keys: Vec<DataKeyRow>,
    ) -> Result<Registered, CodeError> {
        let indexes = self.indexes_of(row)?;
        let stale = match self.standing(&indexes)? {
            Standing::Account => return Err(CodeError::AddressTaken),
            Standing::Claim(stale) => Some(stale),
            Standing::Nothing => None,
        };
        let newcomer = Prepared {
            id: row.id,
            created: None,
            index: *indexes.first().ok_or(Failure::Internal("no index key"))?,
            nonce: EntryNonce::random()?,
            keys,
            email: row.email.clone(),
            name: row.name.clone(),
            credential,
            cards_masked: usize::try_from(row.cards_masked).unwrap_or(usize::MAX),
        };
        let claimed = self.claim_all(vec![(newcomer, stale)])?;
        let Some(newcomer) = claimed.first() else { return Err(CodeError::AddressTaken) };
        if let Err(error) = self.store_confirmed(shown, newcomer) {
            if let CodeError::Failed(failure) = &error {
                self.give_up(&claimed, failure)?;
            } else {
                self.give_up(&claimed, &Failure::Internal("a code that was used meanwhile"))?;
            }
            return Err(error);
        }
        let lost = self.go_live(&claimed)?;
        self.abandon(&lost)?;
        if lost.is_empty() {
            Ok(Registered { account: row.id, cards_masked: newcomer.cards_masked })
        } else {
            Err(CodeError::AddressTaken)
        }
    }

    fn store_confirmed(&self, shown: &ChallengeRow, newcomer: &Prepared) -> Result<(), CodeError> {
        let opening = self.opening(None, None)?;
        self.commit(opening.request, |turn| {
            self.spend(turn, shown)?;
            if !challenges::remove_sign_up(turn, newcomer.id)? {
                return Err(CodeError::Code);
            }
            newcomer.insert(turn)?;
            let data = Data::AccountRegistered { cards_masked: newcomer.cards_masked as u64 };
            let draft = Draft::done(data, Actor::Account(newcomer.id), self.call(&opening))
                .about(&[newcomer.id])
                .on(&[Object::Account(newcomer.id)]);
            turn.append(draft, opening.nonce, &opening.details).map_err(CodeError::from)
        })?;
        Ok(())
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

    /// Removes some of what has run out: how many registrations and codes. Rows go before keys, so that nobody comes in
    /// whose key is gone.
    fn sweep_some(&self) -> Result<(u64, u64), Failure> {
        let over = self.store.read(|db| challenges::sign_ups_over(db, self.clock.now()))?;
        let codes = self.store.read(|db| challenges::any_over(db, self.clock.now()))?;
        if over.is_empty() && !codes {
            return Ok((0, 0));
        }
        let opening = self.opening(None, None)?;
        let settled = self.commit(opening.request, |turn| {
            let mut gone = Vec::new();
            for id in over {
                if challenges::remove_sign_up(turn, id)? {
                    challenges::remove_of(turn, id)?;
                    gone.push(id);
                }
            }
            let now = turn.time();
            let codes = challenges::remove_over(turn, now)?;
            if !gone.is_empty() {
                let data = Data::RegistrationsExpired { count: gone.len() as u64 };
                let draft = Draft::done(data, Actor::System, self.call(&opening));
                turn.append(draft, opening.nonce, &opening.details)?;
            }
            Ok::<_, Failure>((gone, codes as u64))
        })?;
        let (gone, codes) = settled.value;
        if !gone.is_empty() {
            self.vault
                .database
                .commit(|turn| gone.iter().try_for_each(|id| keyring::forget_data_keys(turn, *id)))?;
        }
        Ok((gone.len() as u64, codes))
    }
}
