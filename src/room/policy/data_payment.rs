//! `data.payment`: no card number is stored, because no place can hold one.
//!
//! Every column is one that this program knows, so that nobody added a place. What is sealed of billing has the form
//! and at most the width of a masked card, a reference, an invoice; none of these types holds a number. What lies open
//! beside it is looked through for one.

use std::collections::BTreeMap;

use super::{
    seen::Seen,
    verdict::{Findings, Verdict},
};
use crate::{
    billing::{Currency, guard},
    room::error::Failure,
    seal,
    store::{
        OneState, StoreError,
        census::{self, BillValues},
        columns::{self, Holds, Table},
        room_row,
    },
};

pub(super) const CLAUSE: &str = "data.payment";

pub(super) fn check(seen: &mut Seen<'_, '_, '_>) -> Result<Verdict, Failure> {
    let mut findings = Findings::of(CLAUSE);
    // A room that nobody has upgraded yet lacks what later formats added.
    let format = room_row::room(seen.store)?.format;
    let there = |table: &str, column: &str| columns::since(table, column) <= format;
    places(seen.store, "columns of store.db", columns_of(Table::is_of_store, there), &mut findings)?;
    let of_keyring = columns_of(|table| !table.is_of_store(), |_, _| true);
    places(seen.keys, "columns of keyring.db", of_keyring, &mut findings)?;
    values(seen.store, &mut findings)?;
    findings.beside("card numbers masked before storing", seen.record.cards_masked);
    Ok(findings.verdict())
}

/// The columns of these tables that are to be there, each with what it holds.
fn columns_of(
    of: impl Fn(&Table) -> bool,
    there: impl Fn(&str, &str) -> bool,
) -> impl Iterator<Item = (&'static str, &'static str, Holds)> {
    let tables = columns::TABLES.iter().filter(move |table| of(table));
    let each =
        tables.flat_map(|table| table.columns.iter().map(|(column, holds)| (table.name, *column, *holds)));
    each.filter(move |(table, column, _)| there(table, column))
}

/// The columns of a database against those that this program knows.
fn places(
    db: &mut OneState<'_>,
    what: &str,
    known: impl Iterator<Item = (&'static str, &'static str, Holds)>,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let mut known: BTreeMap<(&str, &str), Holds> =
        known.map(|(table, column, holds)| ((table, column), holds)).collect();
    let stored = census::columns(db)?;
    for column in &stored {
        let place = || format!("column {}.{}", shown(&column.table), shown(&column.column));
        match known.remove(&(column.table.as_str(), column.column.as_str())) {
            None => findings.wrong_at(place(), "is none of this program's: nobody knows what it holds"),
            Some(holds) if holds.sql_type() != column.sql_type => {
                findings.wrong_at(place(), "is of another type than this program made it");
            }
            Some(_) => {}
        }
    }
    for (table, column) in known.keys() {
        findings.wrong_at(format!("column {table}.{column}"), "is missing");
    }
    findings.looked_at(what, stored.len() as u64);
    Ok(())
}

/// A name that somebody else gave: shown if it is one, for it may be what must not be shown.
fn shown(name: &str) -> &str {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    if name.len() <= 32 && name.chars().all(plain) { name } else { "(a strange name)" }
}

/// What payments and invoices hold, and the one other text in the open.
fn values(db: &mut OneState<'_>, findings: &mut Findings) -> Result<(), StoreError> {
    let (mut payments, mut invoices, mut schemes) = (0, 0, 0);
    census::payment_values(db, &mut |row| {
        payments += 1;
        bill("payment", row.id.as_bytes(), &row, findings);
    })?;
    census::invoice_values(db, &mut |row| {
        invoices += 1;
        bill("invoice", row.id.as_bytes(), &row, findings);
    })?;
    census::schemes(db, &mut |owner, scheme| {
        schemes += 1;
        if guard::refuse(scheme).is_err() {
            findings.wrong("credential of", &owner, "holds a card number in the open, in `scheme`");
        }
    })?;
    findings.beside("payments", payments);
    findings.beside("invoices", invoices);
    findings.beside("labels of password records", schemes);
    Ok(())
}

fn bill<K>(table: &'static str, id: &[u8; 16], row: &BillValues<K>, findings: &mut Findings) {
    for (column, bytes) in &row.sealed {
        let widest = columns::sealed_width(table, column);
        if widest.is_none_or(|widest| !seal::has_form(bytes, widest)) {
            findings.wrong(table, id, "holds something in a sealed column that this program did not seal");
        }
    }
    if Currency::from_code(&row.currency).is_none() {
        findings.wrong(table, id, "holds something in `currency` that is none");
    }
    // Sixteen digits are as many as an amount may have, and as an id has bytes.
    if guard::refuse(std::str::from_utf8(id).unwrap_or_default()).is_err() {
        findings.wrong_at(format!("a row of {table}"), "holds a card number in the open, as its id");
    } else if guard::refuse(&row.amount_minor.unsigned_abs().to_string()).is_err() {
        findings.wrong(table, id, "holds a card number in the open, in `amount_minor`");
    }
}
