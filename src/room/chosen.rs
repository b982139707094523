//! A new password, judged with what is tried first on its account: the address and name, or the handle, that lie sealed
//! in the account's row. They stay there: what comes back is the password, or why it is refused.

use super::{core::Core, error::Failure};
use crate::{
    access::Object,
    base::{AccountId, Class, PrincipalId, Scope, SecretText},
    password::{NewPassword, Rejected},
    seal::{At, Email, Handle, Name, Sealed, verdict},
    store::{
        accounts,
        authority::{self, PrincipalSeals},
    },
};

/// A password that may be hashed, or why it may not.
type Chosen = Result<NewPassword, Rejected>;

impl Core {
    /// A new password of an account; nothing if there is no such account.
    pub(super) fn chosen(
        &self,
        account: AccountId,
        password: &SecretText,
    ) -> Result<Option<Chosen>, Failure> {
        let Some(row) = self.store.read(|db| accounts::find(db, account))? else { return Ok(None) };
        let email = self.sealed_address(&row)?;
        self.chosen_by(account, &email, row.name, password).map(Some)
    }

    /// A password of somebody who comes in by an invitation.
    pub(super) fn chosen_by_invited(
        &self,
        id: AccountId,
        (email, name): (Vec<u8>, Option<Vec<u8>>),
        password: &SecretText,
    ) -> Result<Chosen, Failure> {
        let email = Sealed::from_row(&self.at(id), 1, Object::Account(id), email);
        self.chosen_by(id, &email, name, password)
    }

    /// A password of a colleague.
    pub(super) fn chosen_by_staff(
        &self,
        principal: PrincipalId,
        password: &SecretText,
    ) -> Result<Chosen, Failure> {
        let stored = self.store.read(|db| authority::principal_seals(db, principal))?;
        let Some(PrincipalSeals { handle, .. }) = stored else {
            return Ok(NewPassword::accept(password, &[]));
        };
        let scope = Scope::Principal(principal);
        let at = At { room: self.id, scope, row: *principal.as_bytes() };
        let handle = Sealed::<Handle>::from_row(&at, 0, Object::Principal(principal), handle);
        let key = self.vault.key_for_reading(Class::Staff, scope, handle.generation())?;
        Ok(verdict::judge_password(password, &[(&key, &handle)])?)
    }

    fn at(&self, account: AccountId) -> At {
        At { room: self.id, scope: Scope::Account(account), row: *account.as_bytes() }
    }

    fn chosen_by(
        &self,
        account: AccountId,
        email: &Sealed<Email>,
        name: Option<Vec<u8>>,
        password: &SecretText,
    ) -> Result<Chosen, Failure> {
        let key =
            |generation| self.vault.key_for_reading(Class::Identity, Scope::Account(account), generation);
        let of_email = key(email.generation())?;
        let name =
            name.map(|name| Sealed::<Name>::from_row(&self.at(account), 0, Object::Account(account), name));
        let of_name = name.as_ref().map(|name| key(name.generation())).transpose()?;
        let mut words: Vec<(_, &dyn verdict::Guessed)> = vec![(&of_email, email)];
        words.extend(
            of_name.as_ref().zip(name.as_ref()).map(|(key, name)| (key, name as &dyn verdict::Guessed)),
        );
        Ok(verdict::judge_password(password, &words)?)
    }
}
