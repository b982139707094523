//! What there is, counted and named by ids, for whoever holds the room against its policy: nothing here opens anything.

use super::{OneState, Queries, Statement, StoreError, StoredColumn, sql::census};
use crate::base::{AccountId, InvoiceId, PaymentId, Time};

/// A kind of row that an entry of the log must tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowKind {
    Account,
    Ticket,
    Message,
    Attachment,
    Case,
    Payment,
    Invoice,
    Principal,
    Grant,
    Enrolment,
    Hold,
    Approval,
    Waiver,
    Factor,
    ApiKey,
}

impl RowKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 15] = [
        Self::Account,
        Self::Ticket,
        Self::Message,
        Self::Attachment,
        Self::Case,
        Self::Payment,
        Self::Invoice,
        Self::Principal,
        Self::Grant,
        Self::Enrolment,
        Self::Hold,
        Self::Approval,
        Self::Waiver,
        Self::Factor,
        Self::ApiKey,
    ];

    /// The noun, as objects of entries have it.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Ticket => "ticket",
            Self::Message => "message",
            Self::Attachment => "attachment",
            Self::Case => "case",
            Self::Payment => "payment",
            Self::Invoice => "invoice",
            Self::Principal => "principal",
            Self::Grant => "grant",
            Self::Enrolment => "enrolment",
            Self::Hold => "hold",
            Self::Approval => "approval",
            Self::Waiver => "waiver",
            Self::Factor => "factor",
            Self::ApiKey => "api_key",
        }
    }

    const fn statement(self) -> &'static Statement {
        match self {
            Self::Account => &census::ACCOUNTS,
            Self::Ticket => &census::TICKETS,
            Self::Message => &census::MESSAGES,
            Self::Attachment => &census::ATTACHMENTS,
            Self::Case => &census::CASES,
            Self::Payment => &census::PAYMENTS,
            Self::Invoice => &census::INVOICES,
            Self::Principal => &census::PRINCIPALS,
            Self::Grant => &census::GRANTS,
            Self::Enrolment => &census::ENROLMENTS,
            Self::Hold => &census::HOLDS,
            Self::Approval => &census::APPROVALS,
            Self::Waiver => &census::WAIVERS,
            Self::Factor => &census::FACTORS,
            Self::ApiKey => &census::API_KEYS,
        }
    }
}

/// Every row of a kind, in the order of the ids: the id, and the account that it is about.
pub(crate) fn rows(
    db: &mut OneState<'_>,
    kind: RowKind,
    each: &mut dyn FnMut([u8; 16], Option<AccountId>),
) -> Result<(), StoreError> {
    db.engine().query(kind.statement(), &[], &mut |row| {
        each(row.bytes(0)?, row.optional_id(1)?);
        Ok(())
    })
}

/// Every table and column of a database: what is there, not what should be.
pub(crate) fn columns(db: &mut OneState<'_>) -> Result<Vec<StoredColumn>, StoreError> {
    db.engine().columns()
}

/// What a payment or an invoice holds in the open, and its sealed values as they lie there.
pub(crate) struct BillValues<K> {
    pub(crate) id: K,
    pub(crate) currency: String,
    pub(crate) amount_minor: i64,
    /// Column and bytes.
    pub(crate) sealed: Vec<(&'static str, Vec<u8>)>,
}

/// Every payment.
pub(crate) fn payment_values(
    db: &mut OneState<'_>,
    each: &mut dyn FnMut(BillValues<PaymentId>),
) -> Result<(), StoreError> {
    db.engine().query(&census::PAYMENT_VALUES, &[], &mut |row| {
        let mut sealed = vec![("reference_sealed", row.blob(3)?.to_vec())];
        sealed.extend(row.optional_blob(4)?.map(|card| ("card_sealed", card.to_vec())));
        let (id, currency) = (row.id(0)?, row.text(1)?.to_owned());
        each(BillValues { id, currency, amount_minor: row.int(2)?, sealed });
        Ok(())
    })
}

/// Every invoice.
pub(crate) fn invoice_values(
    db: &mut OneState<'_>,
    each: &mut dyn FnMut(BillValues<InvoiceId>),
) -> Result<(), StoreError> {
    db.engine().query(&census::INVOICE_VALUES, &[], &mut |row| {
        let sealed = vec![("body_sealed", row.blob(3)?.to_vec())];
        let (id, currency) = (row.id(0)?, row.text(1)?.to_owned());
        each(BillValues { id, currency, amount_minor: row.int(2)?, sealed });
        Ok(())
    })
}

/// Every label of a password record, with its owner.
pub(crate) fn schemes(db: &mut OneState<'_>, each: &mut dyn FnMut([u8; 16], &str)) -> Result<(), StoreError> {
    db.engine().query(&census::SCHEMES, &[], &mut |row| {
        each(row.bytes(0)?, row.text(1)?);
        Ok(())
    })
}

/// Every account and calendar year that a financial record falls into.
pub(crate) fn billing_years(db: &mut OneState<'_>) -> Result<Vec<(AccountId, u32)>, StoreError> {
    db.all(&census::BILLING_YEARS, &[], |row| Ok((row.id(0)?, row.number(1)?)))
}

/// An account that is closed or erased.
pub(crate) struct EndedAccount {
    pub(crate) id: AccountId,
    /// When it was closed, as its row says.
    pub(crate) closed: Option<Time>,
}

/// Every account that is not in use.
pub(crate) fn ended_accounts(db: &mut OneState<'_>) -> Result<Vec<EndedAccount>, StoreError> {
    db.all(&census::ENDED_ACCOUNTS, &[], |row| {
        Ok(EndedAccount { id: row.id(0)?, closed: row.optional_time(1)? })
    })
}

/// How many sessions a customer has.
pub(crate) fn sessions_of(db: &mut OneState<'_>, account: AccountId) -> Result<u64, StoreError> {
    Ok(db.one(&census::SESSIONS_OF, &[account.into()], |row| row.number(0))?.unwrap_or(0))
}
