//! `protect.logged`: what is sensitive is fully logged.
//!
//! The log itself holds: chain, tree, head and checkpoint. Against it stand the store's own counts: every row that
//! takes an entry has exactly the one that made it, and every entry that made a row has that row, unless the log says
//! that it went; and an account is in use, closed, erased or suspended as the log says.

use super::{
    record::Made,
    seen::Seen,
    verdict::{Findings, Verdict},
};
use crate::{
    base::{Class, base64url},
    room::error::Failure,
    store::{
        accounts,
        census::{self, RowKind},
    },
};

pub(super) const CLAUSE: &str = "protect.logged";

pub(super) fn check(seen: &mut Seen<'_, '_, '_>) -> Result<Verdict, Failure> {
    let mut findings = Findings::of(CLAUSE);
    findings.looked_at("entries", seen.record.entries);
    for fault in &seen.report.faults {
        findings.wrong_at(fault.place.to_string(), fault.kind.name());
    }
    for kind in RowKind::ALL {
        let rows = compare(seen, kind, &mut findings)?;
        findings.beside(format!("rows of {}s", kind.noun()), rows);
    }
    for id in seen.record.authority.differing_lives(&accounts::lives(seen.store)?) {
        findings.wrong(
            "account",
            id.as_bytes(),
            "is closed, erased, suspended or none of it other than the log says",
        );
    }
    for (component, entries) in &seen.record.components {
        findings.beside(format!("entries by way of `{component}`"), *entries);
    }
    Ok(findings.verdict())
}

/// The rows of a kind against what the log says was made; how many there are.
fn compare(seen: &mut Seen<'_, '_, '_>, kind: RowKind, findings: &mut Findings) -> Result<u64, Failure> {
    let made = seen.record.made(kind);
    let mut expected = made.as_slice();
    let mut rows = 0;
    let (store, record) = (&mut *seen.store, &seen.record);
    let missing = |one: &Made, findings: &mut Findings| {
        let gone =
            one.subject.zip(class_of(kind)).is_some_and(|(account, class)| record.is_erased(account, class));
        if !gone {
            let place = format!("{} {}, entry {}", kind.noun(), base64url::encode(&one.id), one.position);
            findings.wrong_at(place, "is in the log, and is not there");
        }
    };
    census::rows(store, kind, &mut |id, _| {
        rows += 1;
        while let Some((first, rest)) = expected.split_first()
            && first.id < id
        {
            missing(first, findings);
            expected = rest;
        }
        match expected.split_first() {
            Some((first, rest)) if first.id == id => expected = rest,
            _ => findings.wrong(kind.noun(), &id, "has no entry in the log"),
        }
    })?;
    for one in expected {
        missing(one, findings);
    }
    Ok(rows)
}

/// With which class the rows of a kind go; those that account for the rest stay.
const fn class_of(kind: RowKind) -> Option<Class> {
    match kind {
        RowKind::Ticket | RowKind::Message | RowKind::Attachment => Some(Class::Support),
        RowKind::Payment | RowKind::Invoice => Some(Class::Billing),
        RowKind::ApiKey => Some(Class::Credential),
        RowKind::Account
        | RowKind::Case
        | RowKind::Principal
        | RowKind::Grant
        | RowKind::Enrolment
        | RowKind::Hold
        | RowKind::Approval
        | RowKind::Waiver
        | RowKind::Factor => None,
    }
}
