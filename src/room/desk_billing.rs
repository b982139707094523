//! Staff on billing: record transactions and invoices, read them masked or in detail.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    cursor::{Cursor, Listed, Page},
    desk_accounts::{Receipts, receipt},
    erase::erased_at,
    error::{Failure, StaffError},
    paging::List,
    staff::Staff,
    standing::{By, writable},
};
use crate::{
    access::{Action, Field, Object},
    audit::Data,
    base::{AccountId, AccountState, Class, InvoiceId, PaymentId, Scope, SecretText, Time, limits, text},
    billing::{Invoice as InvoiceBody, Money, PaymentFacts, PaymentFields, PaymentResult},
    keys::IndexField,
    seal::{self, At, Card, Clear, Invoice, Masked, Reference, Sealed},
    store::{
        LogTurn, StoreError, accounts,
        bills::{self, Bill, InvoiceRow, PaymentRow},
    },
};

/// A transaction as staff see it by default: no reference, and of the card brand and last four digits.
pub struct PaymentView {
    /// Its id.
    pub payment: PaymentId,
    /// How it went.
    pub result: PaymentResult,
    /// How much.
    pub amount: Money,
    /// When.
    pub occurred: Time,
    /// The card, masked.
    pub card: Option<Masked<Card>>,
}

/// A transaction in detail.
pub struct PaymentDetail {
    /// Its id.
    pub payment: PaymentId,
    /// How it went.
    pub result: PaymentResult,
    /// How much.
    pub amount: Money,
    /// When.
    pub occurred: Time,
    /// The processor's reference.
    pub reference: Clear<Reference>,
    /// The card with its expiry.
    pub card: Option<Clear<Card>>,
}

/// An invoice in detail.
pub struct InvoiceDetail {
    /// Its id.
    pub invoice: InvoiceId,
    /// How much.
    pub amount: Money,
    /// When it was issued.
    pub issued: Time,
    /// Its number, address and lines.
    pub body: Clear<Invoice>,
}

/// A part of an account's billing in detail.
pub struct BillingDetail {
    /// Its transactions, newest first.
    pub payments: Vec<PaymentDetail>,
    /// Its invoices, newest first.
    pub invoices: Vec<InvoiceDetail>,
    /// Where the next part begins.
    pub next: Option<Cursor>,
    /// The entry that records this reading.
    pub position: u64,
}

/// Rows of one reading: what one entry can name.
const ROWS_MAX: usize = limits::ENTRY_OBJECTS_MAX;

impl Staff {
    /// Records a transaction. Its types hold no card number: what was typed was searched for one.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(
        name = "staff.record_payment",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn record_payment(
        &self,
        account: AccountId,
        facts: &PaymentFacts,
        fields: PaymentFields,
        why: &Why,
    ) -> Result<PaymentId, StaffError> {
        let core = &*self.room.core;
        plausible("date", facts.date, core.clock.now())?;
        let id = PaymentId::random().map_err(Failure::from)?;
        let written = vec![Field::Reference, Field::Card];
        self.foresee_record(account, Object::Payment(id), &written, why)?;
        let year = facts.date.year();
        let scope = Scope::AccountYear(account, year);
        let key = core.vault.key_for_writing(&core.store, Class::Billing, scope)?;
        let reference = SecretText::new(fields.reference.expose().to_owned());
        core.lay_clue(IndexField::Reference, &reference, id.as_bytes(), scope)?;
        let at = At { room: core.id, scope, row: *id.as_bytes() };
        let card = fields.card.map(|card| seal::seal(&key, &at, 0, &Card::new(card)));
        let row = PaymentRow {
            id,
            account,
            year,
            result: facts.result,
            amount: facts.amount,
            occurred: facts.date,
            reference: seal::seal(&key, &at, 0, &Reference::new(fields.reference))?,
            card: card.transpose()?,
        };
        let data = Data::BillingPaymentRecorded { payment: id, cards_masked: 0 };
        self.record(account, Object::Payment(id), written, data, why, |turn| {
            core.still_sealed(Class::Billing, scope, key.generation())?;
            Ok(bills::insert_payment(turn, &row)?)
        })?;
        Ok(id)
    }

    /// Records an invoice.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(
        name = "staff.record_invoice",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn record_invoice(
        &self,
        account: AccountId,
        issued: Time,
        body: InvoiceBody,
        why: &Why,
    ) -> Result<InvoiceId, StaffError> {
        let core = &*self.room.core;
        let amount =
            body.lines.total().map_err(|e| StaffError::Input { field: "invoice", why: e.to_string() })?;
        plausible("date", issued, core.clock.now())?;
        let id = InvoiceId::random().map_err(Failure::from)?;
        let written = vec![Field::InvoiceLines];
        self.foresee_record(account, Object::Invoice(id), &written, why)?;
        let year = issued.year();
        let scope = Scope::AccountYear(account, year);
        let key = core.vault.key_for_writing(&core.store, Class::Billing, scope)?;
        if let Ok(number) = text::invoice_number(body.number.expose()) {
            core.lay_clue(IndexField::InvoiceNumber, &SecretText::new(number), id.as_bytes(), scope)?;
        }
        let at = At { room: core.id, scope, row: *id.as_bytes() };
        let body = seal::seal(&key, &at, 0, &Invoice::new(body))?;
        let row = InvoiceRow { id, account, year, amount, issued, body };
        let data = Data::BillingInvoiceRecorded { invoice: id, cards_masked: 0 };
        self.record(account, Object::Invoice(id), written, data, why, |turn| {
            core.still_sealed(Class::Billing, scope, key.generation())?;
            Ok(bills::insert_invoice(turn, &row)?)
        })?;
        Ok(id)
    }

    /// Refuses what would not be recorded, before a key is made for it.
    fn foresee_record(
        &self,
        account: AccountId,
        object: Object,
        fields: &[Field],
        why: &Why,
    ) -> Result<(), StaffError> {
        let sought = sought(account, vec![object], fields.to_vec());
        match self.room.core.store.read(|db| accounts::state(db, account))? {
            None => Err(self.absent(Action::BillingWrite, why)),
            Some(AccountState::Erased) => {
                let at = self.room.core.store.read(|db| erased_at(db, account))?;
                Err(self.refuse(Action::BillingWrite, why, sought, StaffError::Erased { at }))
            }
            Some(AccountState::Active | AccountState::Closed) => {
                self.foresee(Action::BillingWrite, why, sought)
            }
        }
    }

    fn record(
        &self,
        account: AccountId,
        object: Object,
        fields: Vec<Field>,
        data: Data,
        why: &Why,
        insert: impl FnOnce(&mut LogTurn<'_>) -> Result<(), Failure>,
    ) -> Result<(), StaffError> {
        self.act(
            Action::BillingWrite,
            why,
            Some(account),
            |_, turn| Ok(about(turn, account)?.map(|()| (sought(account, vec![object], fields), ()))),
            |_, turn, _, ()| {
                writable(turn, account, By::Staff)?;
                insert(turn)?;
                Ok(Granted::change(data, ()))
            },
        )?;
        Ok(())
    }

    /// A part of an account's transactions, masked, newest first; at most 256 at once.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.billing", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn billing(
        &self,
        account: AccountId,
        page: &Page,
        why: &Why,
    ) -> Result<Listed<PaymentView>, StaffError> {
        let paging = self.paging(List::Payments, Some(account), page, ROWS_MAX)?;
        let answered = self.act(
            Action::BillingReadMasked,
            why,
            Some(account),
            |_, turn| {
                let Some(()) = about(turn, account)? else { return Ok(None) };
                let rows = bills::payments_of(turn, account, &paging.slice())?;
                let part = paging.cut(rows, PaymentRow::place);
                let objects = part.rows.iter().map(|row| Object::Payment(row.id)).collect();
                Ok(Some((sought(account, objects, vec![Field::Card]), part)))
            },
            |_, _, _, part| {
                let with_card = part.rows.iter().filter(|row| row.card.is_some());
                let cells = with_card.map(|row| (Object::Payment(row.id), Field::Card)).collect();
                Ok(Granted::access(Data::BillingRead {}, Class::Billing, cells, part))
            },
        )?;
        let whole = receipt(answered.receipt)?;
        let clear = whole.view() == Some(crate::access::View::Clear);
        let mut receipts = Receipts::of(Some(whole))?;
        let core = &*self.room.core;
        let view = |row: PaymentRow| {
            let sealed = row.card.map(|bytes| {
                Sealed::<Card>::from_row(
                    &at(core, &row.id, account, row.year),
                    0,
                    Object::Payment(row.id),
                    bytes,
                )
            });
            let card = match sealed {
                Some(sealed) if clear => {
                    Some(self.room.open(receipts.take(&sealed)?, &sealed)?.into_masked())
                }
                Some(sealed) => Some(self.room.open_masked(receipts.take(&sealed)?, &sealed)?),
                None => None,
            };
            Ok(PaymentView {
                payment: row.id,
                result: row.result,
                amount: row.amount,
                occurred: row.occurred,
                card,
            })
        };
        answered.value.try_map(view)
    }

    /// A part of an account's transactions and invoices in detail, newest first; at most 256 at once.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(
        name = "staff.billing_detail",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn billing_detail(
        &self,
        account: AccountId,
        page: &Page,
        why: &Why,
    ) -> Result<BillingDetail, StaffError> {
        let paging = self.paging(List::Billing, Some(account), page, ROWS_MAX)?;
        let answered = self.act(
            Action::BillingReadDetail,
            why,
            Some(account),
            |_, turn| {
                let Some(()) = about(turn, account)? else { return Ok(None) };
                let part = paging.cut(bills::bills_of(turn, account, &paging.slice())?, Bill::place);
                let objects = part.rows.iter().map(object).collect();
                let fields = vec![Field::Card, Field::Reference, Field::InvoiceLines];
                Ok(Some((sought(account, objects, fields), part)))
            },
            |_, _, _, part| {
                let cells = part.rows.iter().flat_map(cells_of).collect();
                Ok(Granted::access(Data::BillingReveal {}, Class::Billing, cells, part))
            },
        )?;
        let whole = receipt(answered.receipt)?;
        let position = whole.position();
        let mut receipts = Receipts::of(Some(whole))?;
        let Listed { rows, next } = answered.value;
        let (mut payments, mut invoices) = (Vec::new(), Vec::new());
        for bill in rows {
            match bill {
                Bill::Payment(row) => payments.push(self.payment(row, &mut receipts)?),
                Bill::Invoice(row) => invoices.push(self.invoice(row, &mut receipts)?),
            }
        }
        Ok(BillingDetail { payments, invoices, next, position })
    }

    fn payment(&self, row: PaymentRow, receipts: &mut Receipts) -> Result<PaymentDetail, StaffError> {
        let at = at(&self.room.core, &row.id, row.account, row.year);
        let object = Object::Payment(row.id);
        let reference = Sealed::<Reference>::from_row(&at, 0, object, row.reference);
        let card = row.card.map(|bytes| Sealed::<Card>::from_row(&at, 0, object, bytes));
        Ok(PaymentDetail {
            payment: row.id,
            result: row.result,
            amount: row.amount,
            occurred: row.occurred,
            reference: self.room.open(receipts.take(&reference)?, &reference)?,
            card: match card {
                Some(card) => Some(self.room.open(receipts.take(&card)?, &card)?),
                None => None,
            },
        })
    }

    fn invoice(&self, row: InvoiceRow, receipts: &mut Receipts) -> Result<InvoiceDetail, StaffError> {
        let at = at(&self.room.core, &row.id, row.account, row.year);
        let body = Sealed::<Invoice>::from_row(&at, 0, Object::Invoice(row.id), row.body);
        let body = self.room.open(receipts.take(&body)?, &body)?;
        Ok(InvoiceDetail { invoice: row.id, amount: row.amount, issued: row.issued, body })
    }
}

fn at<K: crate::base::Kind>(core: &Core, row: &crate::base::Id<K>, account: AccountId, year: u32) -> At {
    At { room: core.id, scope: Scope::AccountYear(account, year), row: *row.as_bytes() }
}

fn sought(account: AccountId, objects: Vec<Object>, fields: Vec<Field>) -> Sought {
    Sought { subject: Some(account), objects, fields }
}

fn object(bill: &Bill) -> Object {
    match bill {
        Bill::Payment(row) => Object::Payment(row.id),
        Bill::Invoice(row) => Object::Invoice(row.id),
    }
}

/// What a reading in detail opens of a row.
fn cells_of(bill: &Bill) -> Vec<(Object, Field)> {
    let fields: &[Field] = match bill {
        Bill::Payment(row) if row.card.is_some() => &[Field::Reference, Field::Card],
        Bill::Payment(_) => &[Field::Reference],
        Bill::Invoice(_) => &[Field::InvoiceLines],
    };
    fields.iter().map(|field| (object(bill), *field)).collect()
}

/// Refuses a date from which no period can be counted: the year of it says when its key is destroyed.
fn plausible(field: &'static str, date: Time, now: Time) -> Result<(), StaffError> {
    if now.since(date) > limits::BILLING_AGE_MAX {
        return Err(StaffError::Input { field, why: "it is too long ago".to_owned() });
    }
    if date.since(now) > limits::BILLING_AHEAD_MAX {
        return Err(StaffError::Input { field, why: "it is too far ahead".to_owned() });
    }
    Ok(())
}

/// Whether the account exists.
fn about(turn: &mut LogTurn<'_>, account: AccountId) -> Result<Option<()>, StoreError> {
    Ok(accounts::state(turn, account)?.map(drop))
}
