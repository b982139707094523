//! Erasing one account: what is intended, what there is of each class, and its removal.

use super::{
    Queries, Row, Statement, StoreError, Value,
    authority::{AuthorityTable, LogTurn, known},
    sql::{accounts, api_keys, challenges, erasure, people},
};
use crate::{
    access::rows::{IntentRow, IntentState, TicketRow},
    base::{AccountId, AttachmentId, Class, Scope, limits::ERASURE_SLICE_ROWS},
    retention::MayDestroy,
    seal::Unvouched,
};

impl AuthorityTable for IntentRow {
    const ALL: &'static Statement = &erasure::INTENTS;
    const LIVE: &'static Statement = &erasure::INTENTS_LIVE;
    const UPDATE: &'static Statement = &erasure::INTENT_UPDATE;

    fn read(row: &Row) -> Result<Unvouched<Self>, StoreError> {
        let intent = Self {
            account: row.id(0)?,
            class: known(row, Class::from_number(row.number(1)?))?,
            period: row.number(2)?,
            state: known(row, IntentState::from_number(row.number(3)?))?,
            changed_at: row.number(4)?,
        };
        Ok(Unvouched { row: intent, mac: row.bytes(5)? })
    }

    /// Each of them: what is carried out is deleted.
    fn is_folded(&self) -> bool {
        true
    }

    fn changeable(&self) -> Vec<Value> {
        vec![self.class.number().into(), self.period.into(), self.state.number().into()]
    }
}

/// Writes a new intent.
pub(crate) fn insert_intent(
    turn: &mut LogTurn<'_>,
    row: &IntentRow,
    mac: &[u8; 32],
    _may: &MayDestroy,
) -> Result<(), StoreError> {
    let values = [
        row.account.into(),
        row.class.number().into(),
        row.period.into(),
        row.state.number().into(),
        row.changed_at.into(),
        Value::from(mac),
    ];
    turn.insert(&erasure::INTENT_INSERT, row, mac, &values)
}

/// Removes an intent that is carried out.
pub(crate) fn remove_intent(
    turn: &mut LogTurn<'_>,
    stored: &Unvouched<IntentRow>,
    _may: &MayDestroy,
) -> Result<(), StoreError> {
    let row = &stored.row;
    let values = [row.account.into(), row.class.number().into(), row.period.into()];
    turn.remove(&erasure::INTENT_DELETE, &values, stored)
}

/// What is intended for an account.
pub(crate) fn intents_of(
    db: &mut impl Queries,
    account: AccountId,
) -> Result<Vec<Unvouched<IntentRow>>, StoreError> {
    db.all(&erasure::INTENTS_OF, &[account.into()], IntentRow::read)
}

/// The years that an account's payments and invoices fall into.
pub(crate) fn billing_years(db: &mut impl Queries, account: AccountId) -> Result<Vec<u32>, StoreError> {
    db.all(&erasure::BILLING_YEARS, &[account.into()], |row| row.number(0))
}

/// From here on the account is erased, by the entry at `at`; one that is already stays as it is, and so does one that
/// is not there.
pub(crate) fn mark_erased(turn: &mut LogTurn<'_>, account: AccountId, at: u64) -> Result<(), StoreError> {
    turn.engine().execute(&erasure::ACCOUNT_ERASE, &[account.into(), at.into()]).map(drop)
}

/// Position of the entry that erased the account; `None` if it is not erased.
pub(crate) fn erased_at(db: &mut impl Queries, account: AccountId) -> Result<Option<u64>, StoreError> {
    Ok(db
        .one(&erasure::ACCOUNT_ERASED_AT, &[account.into()], |row| row.optional_number(0))?
        .map(Option::unwrap_or_default))
}

/// How many rows of a class an account has, of one year where the class is cut by years.
pub(crate) fn rows(db: &mut impl Queries, class: Class, scope: Scope) -> Result<u64, StoreError> {
    let owner = Value::from(&scope.owner());
    let by_year = [owner.clone(), scope.period().into()];
    // In tables that a room of format 1 has not.
    let later = match class {
        Class::Identity => super::outbox::count_of(db, &owner)?,
        Class::Credential => super::devices::count_of(db, &owner)?,
        _ => 0,
    };
    let (statements, values): (&[&'static Statement], &[Value]) = match class {
        Class::Identity => {
            (&[&erasure::IDENTITY_COUNT, &challenges::CHALLENGES_OF_COUNT], std::slice::from_ref(&owner))
        }
        Class::Credential => {
            (&[&erasure::CREDENTIAL_COUNT, &api_keys::API_KEYS_COUNT], std::slice::from_ref(&owner))
        }
        Class::Billing => (&[&erasure::PAYMENT_COUNT, &erasure::INVOICE_COUNT], &by_year),
        Class::Support => {
            (&[&erasure::TICKET_COUNT, &erasure::MESSAGE_COUNT, &erasure::ATTACHMENT_COUNT], &[owner])
        }
        Class::Activity => (&[&erasure::ACTIVITY_COUNT], &[owner]),
        Class::AuditDetail => (&[&erasure::DETAIL_COUNT], &[owner]),
        Class::Staff | Class::Accountability => (&[], &[]),
    };
    let mut rows = later;
    for statement in statements {
        rows += db.one(statement, values, |row| row.number::<u64>(0))?.unwrap_or(0);
    }
    Ok(rows)
}

/// Removes up to a slice of the rows of a class that no sum holds; how many went. The last of a class go with
/// [`finish`].
pub(crate) fn remove_slice(
    turn: &mut LogTurn<'_>,
    class: Class,
    scope: Scope,
    _may: &MayDestroy,
) -> Result<usize, StoreError> {
    let (owner, limit) = (Value::from(&scope.owner()), Value::from(ERASURE_SLICE_ROWS));
    let by_year = [owner.clone(), scope.period().into(), limit.clone()];
    let (statements, values): (&[&'static Statement], &[Value]) = match class {
        Class::Billing => (&[&erasure::PAYMENT_DELETE, &erasure::INVOICE_DELETE], &by_year),
        Class::Support => (&[&erasure::MESSAGE_DELETE, &erasure::ATTACHMENT_DELETE], &[owner, limit]),
        Class::Activity => (&[&erasure::ACTIVITY_DELETE], &[owner, limit]),
        Class::AuditDetail => (&[&erasure::DETAIL_DELETE], &[owner, limit]),
        Class::Identity | Class::Credential | Class::Staff | Class::Accountability => (&[], &[]),
    };
    let mut removed = 0;
    for statement in statements {
        removed += turn.engine().execute(statement, values)?;
    }
    Ok(removed)
}

/// Removes what is left of a class: what there is once of an account, and what the head's sum holds, in the
/// transaction of the entry that says so.
pub(crate) fn finish(
    turn: &mut LogTurn<'_>,
    class: Class,
    scope: Scope,
    may: &MayDestroy,
) -> Result<(), StoreError> {
    while remove_slice(turn, class, scope, may)? > 0 {}
    let owner = Value::from(&scope.owner());
    match class {
        Class::Identity => {
            let nothing = Value::Blob(Vec::new());
            turn.engine().execute(&challenges::CHALLENGES_OF_DELETE, std::slice::from_ref(&owner))?;
            turn.engine().execute(&people::FIELD_CHECKS_DELETE, std::slice::from_ref(&owner))?;
            super::outbox::remove_of(turn, &owner, may)?;
            turn.engine().execute(&erasure::ACCOUNT_EMPTY, &[owner, nothing])?;
        }
        Class::Credential => {
            super::api_keys::remove_of(turn, &owner, may)?;
            super::devices::remove_of(turn, &owner, may)?;
            turn.engine().execute(&accounts::CREDENTIAL_DELETE, &[scope.kind().into(), owner])?;
        }
        Class::Support => remove_tickets(turn, &owner, may)?,
        Class::Billing | Class::Activity | Class::AuditDetail | Class::Staff | Class::Accountability => {}
    }
    Ok(())
}

fn remove_tickets(turn: &mut LogTurn<'_>, account: &Value, _may: &MayDestroy) -> Result<(), StoreError> {
    loop {
        let page =
            turn.all(&erasure::TICKETS_PAGE, &[account.clone(), ERASURE_SLICE_ROWS.into()], TicketRow::read)?;
        if page.is_empty() {
            return Ok(());
        }
        for ticket in page {
            turn.remove(&erasure::TICKET_DELETE, &[ticket.row.id.into()], &ticket)?;
        }
    }
}

/// An attachment's blob: what is removed from the store of blobs.
pub(crate) struct BlobOf {
    pub(crate) id: AttachmentId,
    /// Of its plaintext.
    pub(crate) bytes: u64,
}

/// Up to a slice of the blobs that an account's attachments name, by id, from behind `after` on.
pub(crate) fn blobs_of(
    db: &mut impl Queries,
    account: AccountId,
    after: Option<AttachmentId>,
) -> Result<Vec<BlobOf>, StoreError> {
    let after = after.map_or_else(|| Value::Blob(Vec::new()), Value::from);
    db.all(&erasure::BLOBS_OF, &[account.into(), after, ERASURE_SLICE_ROWS.into()], |row| {
        Ok(BlobOf { id: row.id(0)?, bytes: row.number(1)? })
    })
}
