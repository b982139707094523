//! Staff find accounts by what somebody tells them: an address, words of a name, an invoice, a processor's reference.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    desk_accounts::{AccountSeals, Receipts, receipt},
    error::{Failure, StaffError},
    staff::Staff,
    verify_field::{not_too_often, since},
};
use crate::{
    access::{Action, Field, Object},
    audit::Data,
    base::{
        AccountId, AccountState, Class, EntryNonce, InvoiceId, PaymentId, Scope, SecretText, Time, limits,
        text, text::BadText,
    },
    billing::guard,
    crypto::mac,
    keys::{IndexField, KeyError},
    seal::{At, Email, Invoice, Masked, Name, Reference, Sealed, verdict},
    store::{
        LogTurn, StoreError, accounts, bills,
        clues::ClueRow,
        field_checks::{self, CameTo, FieldCheck},
    },
};

/// What is known of whom somebody looks for. Each is whole and exact: nobody is found by a part of a word.
#[derive(Clone, Copy)]
pub enum Clue<'a> {
    /// The e-mail address.
    Email(&'a str),
    /// Words of the name, each of which it has.
    Words(&'a str),
    /// The number of an invoice.
    Invoice(&'a str),
    /// A processor's reference to a transaction.
    Reference(&'a str),
}

/// Who was found.
pub struct Search {
    /// The accounts, masked: twenty at most, in no order that tells anything.
    pub accounts: Vec<FoundAccount>,
    /// How many there are, of ten thousand at most: where it is more than are shown, more words narrow it.
    pub found: u64,
    /// The entry that records the search.
    pub position: u64,
}

/// An account that was found.
pub struct FoundAccount {
    /// Its id.
    pub account: AccountId,
    /// In use or closed: what is erased is not found.
    pub state: AccountState,
    /// When it was registered.
    pub created: Time,
    /// The address, masked.
    pub email: Masked<Email>,
    /// The name, masked.
    pub name: Option<Masked<Name>>,
}

/// What is looked for, normalised.
struct Wanted {
    field: IndexField,
    /// Words of a name, or one value.
    values: Vec<SecretText>,
}

/// Whom the index names: some of them, and how many there are.
struct Candidates {
    accounts: Vec<AccountId>,
    found: u64,
}

impl Clue<'_> {
    fn wanted(&self) -> Result<Wanted, StaffError> {
        let (field, name, typed) = match *self {
            Self::Email(typed) => (IndexField::Address, "address", typed),
            Self::Words(typed) => (IndexField::NameWord, "name", typed),
            Self::Invoice(typed) => (IndexField::InvoiceNumber, "invoice", typed),
            Self::Reference(typed) => (IndexField::Reference, "reference", typed),
        };
        let refused = |why: String| StaffError::Input { field: name, why };
        let bad = |why: BadText| refused(why.to_string());
        // Whoever is asked for a card number should not get used to typing it here.
        guard::refuse(typed).map_err(|why| refused(why.to_string()))?;
        let values = match field {
            IndexField::Address => vec![SecretText::new(text::address(typed).map_err(bad)?)],
            IndexField::InvoiceNumber => vec![SecretText::new(text::invoice_number(typed).map_err(bad)?)],
            IndexField::Reference => {
                vec![SecretText::new(text::line(typed, limits::NAME_BYTES_MAX).map_err(bad)?)]
            }
            IndexField::NameWord | IndexField::Handle => {
                text::words(&text::line(typed, limits::NAME_BYTES_MAX).map_err(bad)?)
            }
        };
        if values.is_empty() { Err(bad(BadText::Empty)) } else { Ok(Wanted { field, values }) }
    }
}

impl Staff {
    /// Finds accounts by what is known of them, and shows at most twenty of them, masked. It is one entry, which names
    /// those that are shown and says how many there are; of what was looked for it has a keyed digest, the same for the
    /// same, so that auditors see who looks for the same again and again. Neither that nor the stated words are kept.
    ///
    /// An erased account is not found, nor is the own one of whoever looks.
    ///
    /// # Errors
    /// [`StaffError::Denied`], [`StaffError::Input`]; [`StaffError::TooOften`] after 200 searches of this colleague in a
    /// day.
    #[instrument(name = "staff.search", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn search(&self, clue: &Clue<'_>, why: &Why) -> Result<Search, StaffError> {
        let core = &*self.room.core;
        let wanted = clue.wanted()?;
        let nobody = Sought { subject: None, objects: Vec::new(), fields: SHOWN.to_vec() };
        self.foresee(Action::AccountFind, why, nobody)?;
        let candidates = core.candidates(&wanted, self.own_account()?)?;
        let count = EntryNonce::random().map_err(Failure::from)?;
        let (query, found) = (core.query_digest(&wanted), candidates.found);
        let answered = self.act(
            Action::AccountFind,
            why,
            None,
            |_, turn| {
                let accounts = standing(turn, candidates.accounts)?;
                let objects = accounts.iter().copied().map(Object::Account).collect();
                Ok(Some((Sought { subject: None, objects, fields: SHOWN.to_vec() }, accounts)))
            },
            |_, turn, permit, accounts| {
                let (now, principal) = (turn.time(), permit.actor());
                let own = field_checks::searches_of(turn, principal, since(now))?;
                not_too_often("searches by one colleague", own, limits::SEARCHES_OF_ONE_MAX, now)?;
                let (account, came_to) = (NOBODY, CameTo::Search);
                field_checks::insert(
                    turn,
                    count,
                    &FieldCheck { account, principal, came_to, at: now },
                    since(now),
                )?;
                let of = |account: &AccountId| SHOWN.map(|field| (Object::Account(*account), field));
                let cells = accounts.iter().flat_map(of).collect();
                let data = Data::AccountFound { shown: accounts.len() as u64, found, query };
                Ok(Granted::access(data, Class::Identity, cells, accounts))
            },
        )?;
        let whole = receipt(answered.receipt)?;
        let position = whole.position();
        let mut receipts = Receipts::of(Some(whole))?;
        let mut accounts = Vec::new();
        for account in answered.value {
            match self.found(account, &mut receipts) {
                // Erased since its entry.
                Err(StaffError::Failed(Failure::Key(KeyError::Erased { .. }))) => {}
                other => accounts.push(other?),
            }
        }
        Ok(Search { accounts, found, position })
    }

    fn found(&self, account: AccountId, receipts: &mut Receipts) -> Result<FoundAccount, StaffError> {
        let AccountSeals { email, name, state, created, .. } = self.room.account_seals(account)?;
        let email = self.room.open_masked(receipts.take(&email)?, &email)?;
        let name = match &name {
            Some(name) => Some(self.room.open_masked(receipts.take(name)?, name)?),
            None => None,
        };
        Ok(FoundAccount { account, state, created, email, name })
    }
}

/// The account of what is about none.
const NOBODY: AccountId = AccountId::from_bytes([0; 16]);

/// What is shown of who is found.
const SHOWN: [Field; 2] = [Field::Email, Field::Name];

/// Those that there are, and that are not erased.
fn standing(turn: &mut LogTurn<'_>, accounts: Vec<AccountId>) -> Result<Vec<AccountId>, StoreError> {
    let mut standing = Vec::new();
    for account in accounts {
        match accounts::state(turn, account)? {
            Some(AccountState::Active | AccountState::Closed) => standing.push(account),
            Some(AccountState::Erased) | None => {}
        }
    }
    Ok(standing)
}

impl Core {
    /// A pseudonym of what was looked for: the same for the same, in whatever order its words were typed.
    fn query_digest(&self, wanted: &Wanted) -> [u8; 32] {
        let field = [wanted.field.number()];
        let mut parts: Vec<&[u8]> = vec![b"find\0", &field];
        for value in &wanted.values {
            parts.extend([value.expose().as_bytes(), b"\0"]);
        }
        mac::hmac_sha256(self.query_key.expose(), &parts)
    }

    /// Whom the indexes name, `own` left out: as many as are shown are held against what is sealed, because an index lies
    /// in a table, and tables are edited.
    fn candidates(&self, wanted: &Wanted, own: Option<AccountId>) -> Result<Candidates, Failure> {
        let mut rows = self.rows_behind(wanted)?;
        rows.retain(|row| own.is_none_or(|own| row.owner != *own.as_bytes()));
        let mut owners: Vec<_> = rows.iter().map(|row| row.owner).collect();
        owners.sort_unstable();
        owners.dedup();
        let mut accounts = Vec::new();
        for row in rows {
            let account = AccountId::from_bytes(row.owner);
            if accounts.len() == limits::SEARCH_SHOWN_MAX {
                break;
            }
            if !accounts.contains(&account) && self.is_true(wanted, &row)? {
                accounts.push(account);
            }
        }
        Ok(Candidates { accounts, found: owners.len() as u64 })
    }

    fn rows_behind(&self, wanted: &Wanted) -> Result<Vec<ClueRow>, Failure> {
        let indexes: Vec<_> = wanted.values.iter().map(|value| self.indexes(wanted.field, value)).collect();
        if wanted.field != IndexField::Address {
            return self.led_to(&indexes);
        }
        for index in indexes.iter().flatten() {
            if let Some(account) = self.account_behind(index)? {
                let owner = *account.as_bytes();
                return Ok(vec![ClueRow { object: owner, owner, period: 0 }]);
            }
        }
        Ok(Vec::new())
    }

    /// Whether what is sealed says what the index says. Nothing of it comes out but that.
    fn is_true(&self, wanted: &Wanted, row: &ClueRow) -> Result<bool, Failure> {
        let account = AccountId::from_bytes(row.owner);
        let is_true = match (wanted.field, wanted.values.as_slice()) {
            (IndexField::Address, [normal]) => self.has_address(account, normal),
            (IndexField::NameWord, words) => self.has_words(account, words),
            (IndexField::InvoiceNumber, [normal]) => self.has_invoice(account, row, normal),
            (IndexField::Reference, [normal]) => self.has_reference(account, row, normal),
            _ => Ok(false),
        };
        match is_true {
            // Erased since the index was read: it leads nowhere by now.
            Err(Failure::Key(KeyError::Erased { .. })) => Ok(false),
            other => other,
        }
    }

    fn has_words(&self, account: AccountId, words: &[SecretText]) -> Result<bool, Failure> {
        let Some(row) = self.store.read(|db| accounts::find(db, account))? else { return Ok(false) };
        let Some(name) = row.name.filter(|_| row.state != AccountState::Erased) else { return Ok(false) };
        let at = At { room: self.id, scope: Scope::Account(account), row: *account.as_bytes() };
        let sealed = Sealed::<Name>::from_row(&at, 0, Object::Account(account), name);
        let key = self.vault.key_for_reading(Class::Identity, sealed.scope(), sealed.generation())?;
        Ok(verdict::has_words(&key, &sealed, words)?)
    }

    fn has_invoice(&self, account: AccountId, row: &ClueRow, normal: &SecretText) -> Result<bool, Failure> {
        let id = InvoiceId::from_bytes(row.object);
        let sealed = self.store.read(|db| bills::invoice_body(db, id, account, row.period))?;
        let Some(body) = sealed else { return Ok(false) };
        let at = At { room: self.id, scope: Scope::AccountYear(account, row.period), row: row.object };
        let sealed = Sealed::<Invoice>::from_row(&at, 0, Object::Invoice(id), body);
        let key = self.vault.key_for_reading(Class::Billing, sealed.scope(), sealed.generation())?;
        Ok(verdict::is_invoice(&key, &sealed, normal)?)
    }

    fn has_reference(&self, account: AccountId, row: &ClueRow, typed: &SecretText) -> Result<bool, Failure> {
        let id = PaymentId::from_bytes(row.object);
        let sealed = self.store.read(|db| bills::payment_reference(db, id, account, row.period))?;
        let Some(reference) = sealed else { return Ok(false) };
        let at = At { room: self.id, scope: Scope::AccountYear(account, row.period), row: row.object };
        let sealed = Sealed::<Reference>::from_row(&at, 0, Object::Payment(id), reference);
        let key = self.vault.key_for_reading(Class::Billing, sealed.scope(), sealed.generation())?;
        Ok(verdict::is_reference(&key, &sealed, typed)?)
    }
}
