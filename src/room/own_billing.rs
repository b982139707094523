//! What a customer sees of his own billing: invoices in the clear, payments masked.
//!
//! The card stays masked and the processor's reference unseen even for its owner: who has stolen a session gets no
//! more of them than a member of staff by default.

use super::{error::WriteError, owner::Owner};
use crate::{
    access::Object,
    base::{AccountId, InvoiceId, PaymentId, Scope, Time, limits},
    billing::{Money, PaymentResult},
    seal::{At, Card, Clear, Invoice, Masked, Sealed},
    store::{
        StoreError,
        accounts::ActivityEvent,
        bills::{self, InvoiceRow, PaymentRow},
    },
};

/// An owner's own billing: up to 500 of each, oldest first.
pub struct OwnBilling {
    /// The transactions.
    pub payments: Vec<OwnPayment>,
    /// The invoices.
    pub invoices: Vec<OwnInvoice>,
}

/// An owner's own transaction.
pub struct OwnPayment {
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

/// An owner's own invoice.
pub struct OwnInvoice {
    /// Its id.
    pub invoice: InvoiceId,
    /// How much.
    pub amount: Money,
    /// When it was issued.
    pub issued: Time,
    /// Its number, address and lines.
    pub body: Clear<Invoice>,
}

impl Owner<'_> {
    /// His own transactions and invoices.
    ///
    /// # Errors
    /// The session has ended, or the room could not do it.
    pub fn billing(&self) -> Result<OwnBilling, WriteError> {
        let account = self.live()?;
        self.record(account, ActivityEvent::Read)?;
        let limit = u32::try_from(limits::LIST_ROWS_MAX).unwrap_or(u32::MAX);
        let (payments, invoices) = self.core.store.read(|db| {
            Ok::<_, StoreError>((
                bills::payments_of(db, account, limit)?,
                bills::invoices_of(db, account, limit)?,
            ))
        })?;
        Ok(OwnBilling {
            payments: payments.into_iter().map(|row| self.payment(row)).collect::<Result<_, _>>()?,
            invoices: invoices.into_iter().map(|row| self.invoice(row)).collect::<Result<_, _>>()?,
        })
    }

    fn payment(&self, row: PaymentRow) -> Result<OwnPayment, WriteError> {
        let at = self.year_of(row.account, row.year, *row.id.as_bytes());
        let card = row.card.map(|bytes| Sealed::<Card>::from_row(&at, 0, Object::Payment(row.id), bytes));
        Ok(OwnPayment {
            payment: row.id,
            result: row.result,
            amount: row.amount,
            occurred: row.occurred,
            card: card.map(|card| self.open(&card)).transpose()?.map(Clear::into_masked),
        })
    }

    fn invoice(&self, row: InvoiceRow) -> Result<OwnInvoice, WriteError> {
        let at = self.year_of(row.account, row.year, *row.id.as_bytes());
        let body = Sealed::<Invoice>::from_row(&at, 0, Object::Invoice(row.id), row.body);
        Ok(OwnInvoice { invoice: row.id, amount: row.amount, issued: row.issued, body: self.open(&body)? })
    }

    fn year_of(&self, account: AccountId, year: u32, row: [u8; 16]) -> At {
        At { room: self.core.id, scope: Scope::AccountYear(account, year), row }
    }
}
