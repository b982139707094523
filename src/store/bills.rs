//! Transactions and invoices.

use super::{Place, Queries, Slice, StoreError, authority::LogTurn, sql::bills};
use crate::{
    base::{AccountId, InvoiceId, PaymentId, Time},
    billing::{Currency, Money, PaymentResult},
};

/// A row of `payment`.
pub(crate) struct PaymentRow {
    pub(crate) id: PaymentId,
    pub(crate) account: AccountId,
    /// The fiscal year whose key seals it.
    pub(crate) year: u32,
    pub(crate) result: PaymentResult,
    pub(crate) amount: Money,
    pub(crate) occurred: Time,
    pub(crate) reference: Vec<u8>,
    pub(crate) card: Option<Vec<u8>>,
}

impl PaymentRow {
    /// Its place in a list.
    pub(crate) fn place(&self) -> Place {
        Place { number: self.occurred.as_ms(), id: *self.id.as_bytes() }
    }
}

/// Writes a transaction.
pub(crate) fn insert_payment(turn: &mut LogTurn<'_>, row: &PaymentRow) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.account.into(),
        row.year.into(),
        row.result.number().into(),
        row.amount.minor().into(),
        row.amount.currency().code().into(),
        row.occurred.into(),
        row.reference.clone().into(),
        row.card.clone().into(),
    ];
    turn.change_one(&bills::PAYMENT_INSERT, &values)
}

/// A part of the transactions of an account, newest first.
pub(crate) fn payments_of(
    db: &mut impl Queries,
    account: AccountId,
    slice: &Slice,
) -> Result<Vec<PaymentRow>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&bills::PAYMENTS_OF, &[account.into(), number, id, limit], |row| {
        Ok(PaymentRow {
            id: row.id(0)?,
            account,
            year: row.number(1)?,
            result: PaymentResult::from_number(row.number(2)?).ok_or_else(|| row.corrupt())?,
            amount: money(row, 3, 4)?,
            occurred: row.time(5)?,
            reference: row.blob(6)?.to_vec(),
            card: row.optional_blob(7)?.map(<[u8]>::to_vec),
        })
    })
}

/// A row of `invoice`.
pub(crate) struct InvoiceRow {
    pub(crate) id: InvoiceId,
    pub(crate) account: AccountId,
    /// The fiscal year whose key seals it.
    pub(crate) year: u32,
    pub(crate) amount: Money,
    pub(crate) issued: Time,
    pub(crate) body: Vec<u8>,
}

impl InvoiceRow {
    /// Its place in a list.
    pub(crate) fn place(&self) -> Place {
        Place { number: self.issued.as_ms(), id: *self.id.as_bytes() }
    }
}

/// Writes an invoice.
pub(crate) fn insert_invoice(turn: &mut LogTurn<'_>, row: &InvoiceRow) -> Result<(), StoreError> {
    let values = [
        row.id.into(),
        row.account.into(),
        row.year.into(),
        row.amount.minor().into(),
        row.amount.currency().code().into(),
        row.issued.into(),
        row.body.clone().into(),
    ];
    turn.change_one(&bills::INVOICE_INSERT, &values)
}

/// A part of the invoices of an account, newest first.
pub(crate) fn invoices_of(
    db: &mut impl Queries,
    account: AccountId,
    slice: &Slice,
) -> Result<Vec<InvoiceRow>, StoreError> {
    let [number, id, limit] = slice.values();
    db.all(&bills::INVOICES_OF, &[account.into(), number, id, limit], |row| {
        Ok(InvoiceRow {
            id: row.id(0)?,
            account,
            year: row.number(1)?,
            amount: money(row, 2, 3)?,
            issued: row.time(4)?,
            body: row.blob(5)?.to_vec(),
        })
    })
}

/// What is sealed of one invoice of this account and year.
pub(crate) fn invoice_body(
    db: &mut impl Queries,
    id: InvoiceId,
    account: AccountId,
    year: u32,
) -> Result<Option<Vec<u8>>, StoreError> {
    let values = [id.into(), account.into(), year.into()];
    db.one(&bills::INVOICE_BODY, &values, |row| Ok(row.blob(0)?.to_vec()))
}

/// The sealed reference of one transaction of this account and year.
pub(crate) fn payment_reference(
    db: &mut impl Queries,
    id: PaymentId,
    account: AccountId,
    year: u32,
) -> Result<Option<Vec<u8>>, StoreError> {
    let values = [id.into(), account.into(), year.into()];
    db.one(&bills::PAYMENT_REFERENCE, &values, |row| Ok(row.blob(0)?.to_vec()))
}

fn money(row: &super::Row, minor: usize, currency: usize) -> Result<Money, StoreError> {
    let currency = Currency::from_code(row.text(currency)?).ok_or_else(|| row.corrupt())?;
    Money::new(row.int(minor)?, currency).map_err(|_| row.corrupt())
}

/// A transaction or an invoice.
pub(crate) enum Bill {
    Payment(PaymentRow),
    Invoice(InvoiceRow),
}

impl Bill {
    /// Its place in a list.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Payment(row) => row.place(),
            Self::Invoice(row) => row.place(),
        }
    }
}

/// A part of the transactions and invoices of an account in one list, newest first.
pub(crate) fn bills_of(
    db: &mut impl Queries,
    account: AccountId,
    slice: &Slice,
) -> Result<Vec<Bill>, StoreError> {
    let payments = payments_of(db, account, slice)?.into_iter().map(Bill::Payment);
    let mut bills: Vec<Bill> =
        payments.chain(invoices_of(db, account, slice)?.into_iter().map(Bill::Invoice)).collect();
    bills.sort_by_key(|bill| std::cmp::Reverse(bill.place()));
    Ok(bills)
}
