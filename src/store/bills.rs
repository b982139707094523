//! Transactions and invoices.

use super::{Queries, StoreError, authority::LogTurn, sql::bills};
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

/// The transactions of an account, oldest first.
pub(crate) fn payments_of(
    db: &mut impl Queries,
    account: AccountId,
    limit: u32,
) -> Result<Vec<PaymentRow>, StoreError> {
    db.all(&bills::PAYMENTS_OF, &[account.into(), limit.into()], |row| {
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

/// The invoices of an account, oldest first.
pub(crate) fn invoices_of(
    db: &mut impl Queries,
    account: AccountId,
    limit: u32,
) -> Result<Vec<InvoiceRow>, StoreError> {
    db.all(&bills::INVOICES_OF, &[account.into(), limit.into()], |row| {
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

fn money(row: &super::Row, minor: usize, currency: usize) -> Result<Money, StoreError> {
    let currency = Currency::from_code(row.text(currency)?).ok_or_else(|| row.corrupt())?;
    Money::new(row.int(minor)?, currency).map_err(|_| row.corrupt())
}
