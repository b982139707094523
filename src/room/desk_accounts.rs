//! Staff on accounts: find, read masked, reveal one field.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::{Core, Room},
    erase::shown,
    error::{Failure, StaffError},
    staff::Staff,
    standing::Suspension,
};
use crate::{
    access::{Action, Field, Object},
    audit::{Data, Receipt},
    base::{AccountId, AccountState, Class, Scope, SecretText, Time, text},
    keys::KeyError,
    seal::{At, Clear, Email, Masked, Name, Sealable, Sealed, open_clear, open_masked},
    store::{
        LogTurn, StoreError,
        accounts::{self, AccountRow},
    },
};

/// An account's sealed fields: what a receipt opens.
pub struct AccountSeals {
    /// The address.
    pub email: Sealed<Email>,
    /// The name.
    pub name: Option<Sealed<Name>>,
    /// In use, closed or erased.
    pub state: AccountState,
    /// When it was registered.
    pub created: Time,
    /// When it was closed.
    pub closed: Option<Time>,
    /// That it is suspended.
    pub suspended: Option<Suspension>,
}

/// An account as staff see it by default.
pub struct AccountView {
    /// Its id.
    pub account: AccountId,
    /// In use, closed or erased.
    pub state: AccountState,
    /// When it was registered.
    pub created: Time,
    /// The address, masked.
    pub email: Masked<Email>,
    /// The name, masked.
    pub name: Option<Masked<Name>>,
    /// The entry that records this reading.
    pub position: u64,
}

impl Room {
    /// An account's sealed fields. They tell nothing without a receipt.
    ///
    /// # Errors
    /// [`StaffError::NotFound`], or the room could not do it.
    pub fn account_seals(&self, account: AccountId) -> Result<AccountSeals, StaffError> {
        let core = &*self.core;
        let row = core.store.read(|db| accounts::find(db, account))?.ok_or(StaffError::NotFound)?;
        let at = At { room: core.id, scope: Scope::Account(account), row: *account.as_bytes() };
        let object = Object::Account(account);
        Ok(AccountSeals {
            email: core.sealed_address(&row)?,
            name: row.name.map(|bytes| Sealed::from_row(&at, 0, object, bytes)),
            state: row.state,
            created: row.created,
            closed: row.closed,
            suspended: row.suspended.filter(|(_, until)| core.clock.now() < *until).map(Suspension::of_row),
        })
    }

    /// Opens a value in the clear, by the receipt of an entry that names it.
    ///
    /// # Errors
    /// The receipt does not fit, the value is not authentic, or its key is erased.
    pub fn open<T: Sealable>(&self, receipt: Receipt, sealed: &Sealed<T>) -> Result<Clear<T>, StaffError> {
        let key = self.core.vault.key_for_reading(T::CLASS, sealed.scope(), sealed.generation())?;
        Ok(open_clear(receipt, &key, sealed, self.core.clock.moment())?)
    }

    /// Opens a value as far as its mask shows it.
    ///
    /// # Errors
    /// The receipt does not fit, the value is not authentic, or its key is erased.
    pub fn open_masked<T: Sealable>(
        &self,
        receipt: Receipt,
        sealed: &Sealed<T>,
    ) -> Result<Masked<T>, StaffError> {
        let key = self.core.vault.key_for_reading(T::CLASS, sealed.scope(), sealed.generation())?;
        Ok(open_masked(receipt, &key, sealed, self.core.clock.moment())?)
    }
}

/// The receipt of an entry that must have one.
pub(super) fn receipt(receipt: Option<Receipt>) -> Result<Receipt, Failure> {
    receipt.ok_or(Failure::Internal("a granted entry without a receipt"))
}

/// The receipts of one entry, taken one by one for the values it names.
pub(super) struct Receipts(Vec<Receipt>);

impl Receipts {
    pub(super) fn of(whole: Option<Receipt>) -> Result<Self, Failure> {
        receipt(whole).map(|receipt| Self(receipt.split()))
    }

    /// The receipt for this value.
    pub(super) fn take<T: Sealable>(&mut self, sealed: &Sealed<T>) -> Result<Receipt, Failure> {
        let cell = (sealed.object(), T::FIELD);
        let found = self.0.iter().position(|receipt| receipt.cells() == [cell]);
        found
            .map(|index| self.0.swap_remove(index))
            .ok_or(Failure::Internal("a value that its entry does not name"))
    }

    /// The receipt that is left: the content's, which a stream consumes.
    pub(super) fn rest(mut self) -> Result<Receipt, Failure> {
        self.0.pop().ok_or(Failure::Internal("a content that its entry does not name"))
    }
}

impl Staff {
    /// The account of a whole, exact address. Found or not, it is an entry.
    ///
    /// # Errors
    /// [`StaffError::Denied`], [`StaffError::NotFound`].
    #[instrument(name = "staff.find", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn find(&self, email: &str, why: &Why) -> Result<AccountId, StaffError> {
        let normal =
            text::address(email).map_err(|e| StaffError::Input { field: "address", why: e.to_string() })?;
        let (core, normal) = (&*self.room.core, SecretText::new(normal));
        let mut found = None;
        for index in core.address_indexes(&normal) {
            found = found.or(core.account_behind(&index)?);
        }
        let mut misled = false;
        if let Some(account) = found {
            match core.has_address(account, &normal) {
                // Erased since the index was read: it leads nowhere by now.
                Err(Failure::Key(KeyError::Erased { .. })) => found = None,
                has => misled = !has?,
            }
        }
        let found = found.filter(|_| !misled);
        let seek = |_: &Core, _: &mut LogTurn<'_>| {
            let objects = found.map(Object::Account).into_iter().collect();
            Ok::<_, StoreError>(Some((Sought { subject: found, objects, fields: Vec::new() }, ())))
        };
        let answered = self.act(Action::AccountLookup, why, found, seek, |_, _, _, ()| {
            Ok(Granted::change(Data::AccountLookup { found: u64::from(found.is_some()) }, found))
        })?;
        if misled {
            // On record as found nowhere: what stood behind the index is somebody else.
            return Err(Failure::Forged { what: "address index" }.into());
        }
        answered.value.ok_or(StaffError::NotFound)
    }

    /// An account, masked.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.account", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn account(&self, account: AccountId, why: &Why) -> Result<AccountView, StaffError> {
        let fields = [Field::Email, Field::Name];
        let whole = self.account_receipt(account, &fields, Action::AccountReadMasked, why)?;
        let position = whole.position();
        let seals = self.room.account_seals(account)?;
        let mut receipts = Receipts::of(Some(whole))?;
        let email = self.room.open_masked(receipts.take(&seals.email)?, &seals.email)?;
        let name = match &seals.name {
            Some(name) => Some(self.room.open_masked(receipts.take(name)?, name)?),
            None => None,
        };
        Ok(AccountView { account, state: seals.state, created: seals.created, email, name, position })
    }

    /// The address in the clear.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.reveal_email", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn reveal_email(&self, account: AccountId, why: &Why) -> Result<Clear<Email>, StaffError> {
        let receipt = self.account_receipt(account, &[Field::Email], Action::AccountRevealField, why)?;
        let seals = self.room.account_seals(account)?;
        self.room.open(receipt, &seals.email)
    }

    /// The name in the clear; `None` if the customer gave none.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.reveal_name", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn reveal_name(&self, account: AccountId, why: &Why) -> Result<Option<Clear<Name>>, StaffError> {
        let receipt = self.account_receipt(account, &[Field::Name], Action::AccountRevealField, why)?;
        let seals = self.room.account_seals(account)?;
        seals.name.map(|name| self.room.open(receipt, &name)).transpose()
    }

    /// Asks to see fields of an account: the first of the two steps, [`Room::open`] or [`Room::open_masked`] is the
    /// second.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.ask_account", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn ask_account(
        &self,
        account: AccountId,
        fields: &[Field],
        action: Action,
        why: &Why,
    ) -> Result<Receipt, StaffError> {
        self.account_receipt(account, fields, action, why)
    }

    fn account_receipt(
        &self,
        account: AccountId,
        fields: &[Field],
        action: Action,
        why: &Why,
    ) -> Result<Receipt, StaffError> {
        let data = match action {
            Action::AccountReadMasked => Data::AccountRead {},
            Action::AccountRevealField => Data::AccountReveal {},
            _ => return Err(StaffError::Input { field: "action", why: "it reads no account".to_owned() }),
        };
        let object = Object::Account(account);
        let fields = fields.to_vec();
        let cells = fields.iter().map(|field| (object, *field)).collect();
        let seek = |_: &Core, turn: &mut LogTurn<'_>| {
            let found: Option<AccountRow> = accounts::find(turn, account)?;
            Ok::<_, StoreError>(
                found.map(|_| (Sought { subject: Some(account), objects: vec![object], fields }, ())),
            )
        };
        let answered = self.act(action, why, Some(account), seek, |_, turn, _, ()| {
            shown(turn, account)?;
            Ok(Granted::access(data, Class::Identity, cells, ()))
        })?;
        Ok(receipt(answered.receipt)?)
    }
}
