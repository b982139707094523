//! What a customer sees of his own billing: invoices in the clear, payments masked.
//!
//! The card stays masked and the processor's reference unseen even for its owner: who has stolen a session gets no
//! more of them than a member of staff by default.

use tracing::instrument;

use super::{
    cursor::{Cursor, Listed, Page},
    error::WriteError,
    owner::Owner,
    paging::{For, List},
};
use crate::{
    access::Object,
    base::{AccountId, InvoiceId, PaymentId, Scope, Time, limits},
    billing::{Money, PaymentResult},
    seal::{At, Card, Clear, Invoice, Masked, Sealed},
    store::{
        accounts::ActivityEvent,
        bills::{self, Bill, InvoiceRow, PaymentRow},
    },
};

/// A part of an owner's own billing, newest first.
pub struct OwnBilling {
    /// Its transactions.
    pub payments: Vec<OwnPayment>,
    /// Its invoices.
    pub invoices: Vec<OwnInvoice>,
    /// Where the next part begins.
    pub next: Option<Cursor>,
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
    /// A part of his own transactions and invoices, newest first; at most 500 at once.
    ///
    /// # Errors
    /// The session has ended, the cursor is none of this list, or the room could not do it.
    #[instrument(name = "owner.billing", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn billing(&self, page: &Page) -> Result<OwnBilling, WriteError> {
        let account = self.live()?;
        let paging = self.core.paging(List::Billing, For::owner(account), page, limits::LIST_ROWS_MAX)?;
        self.record(account, ActivityEvent::Read)?;
        let stored = self.core.store.read(|db| bills::bills_of(db, account, &paging.slice()))?;
        let Listed { rows, next } = paging.cut(stored, Bill::place);
        let (mut payments, mut invoices) = (Vec::new(), Vec::new());
        for bill in rows {
            match bill {
                Bill::Payment(row) => payments.push(self.payment(row)?),
                Bill::Invoice(row) => invoices.push(self.invoice(row)?),
            }
        }
        Ok(OwnBilling { payments, invoices, next })
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
