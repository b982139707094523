//! `keep.financial`: invoices and evidence of payments are kept for at least seven years.
//!
//! Each calendar year of each account that has a financial record has its live key until the period ends; no fence was
//! put up before it ended; and what the log says was recorded is there.

use super::{
    seen::Seen,
    verdict::{Findings, Verdict},
};
use crate::{
    base::{AccountId, Class, Scope, base64url},
    retention::Schedule,
    room::error::Failure,
    store::{
        census::{self, RowKind},
        fences::{self, KeyCount},
    },
};

pub(super) const CLAUSE: &str = "keep.financial";

pub(super) fn check(seen: &mut Seen<'_, '_, '_>, schedule: &Schedule) -> Result<Verdict, Failure> {
    let mut findings = Findings::of(CLAUSE);
    let years = census::billing_years(seen.store)?;
    let mut kept = 0;
    for (account, year) in years {
        if seen.now >= schedule.financial_ends(year) {
            continue;
        }
        kept += 1;
        match fences::count(seen.keys, Class::Billing, Scope::AccountYear(account, year))? {
            KeyCount { live: 1.., .. } => {}
            KeyCount { fenced_at: Some(_), .. } => {
                findings.wrong_at(place(account, year), "has records, and their key was destroyed");
            }
            KeyCount { fenced_at: None, .. } => {
                findings.wrong_at(place(account, year), "has records, and their key is missing");
            }
        }
    }
    findings.looked_at("years of accounts within their period", kept);
    fences(seen, schedule, &mut findings)?;
    for kind in [RowKind::Payment, RowKind::Invoice] {
        recorded(seen, schedule, kind, &mut findings)?;
    }
    Ok(findings.verdict())
}

fn place(account: AccountId, year: u32) -> String {
    format!("account {}, year {year}", base64url::encode(account.as_bytes()))
}

/// Fences, and the ledger's lines, tell when something was destroyed by the entry that they name; one whose entry is no
/// erasure stands as of now.
fn fences(seen: &mut Seen<'_, '_, '_>, schedule: &Schedule, findings: &mut Findings) -> Result<(), Failure> {
    let fences: Vec<_> =
        fences::all(seen.keys)?.into_iter().map(|fence| (fence.class, fence.scope, fence.at)).collect();
    let lines: Vec<_> = seen.ledger.iter().map(|line| (line.class, line.scope, line.position)).collect();
    for (name, found, places) in [
        ("fences behind billing", "was fenced before its period ended", fences),
        (
            "lines of the ledger about billing",
            "stands in the ledger of erasures before its period ended",
            lines,
        ),
    ] {
        let billing: Vec<_> = places.into_iter().filter(|(class, ..)| *class == Class::Billing).collect();
        findings.beside(name, billing.len() as u64);
        for (_, scope, position) in billing {
            let Scope::AccountYear(account, year) = scope else { continue };
            let begun = seen.record.begun.iter().find(|erasure| erasure.position == position);
            let time = begun.map_or(seen.now, |erasure| erasure.time);
            if time < schedule.financial_ends(year) {
                findings.wrong_at(place(account, year), found);
            }
        }
    }
    Ok(())
}

/// What the log says was recorded, and is not there.
fn recorded(
    seen: &mut Seen<'_, '_, '_>,
    schedule: &Schedule,
    kind: RowKind,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let made = seen.record.made(kind);
    let mut there = Vec::new();
    census::rows(seen.store, kind, &mut |id, _| there.push(id))?;
    // The year of the entry is that of the record or a later one: doubt keeps.
    let due = made.iter().filter(|made| seen.now < schedule.financial_ends(made.time.year()));
    for made in due.filter(|made| there.binary_search(&made.id).is_err()) {
        let gone = made.subject.is_some_and(|account| seen.record.is_erased(account, Class::Billing));
        if !gone {
            let place = format!("{} {}, entry {}", kind.noun(), base64url::encode(&made.id), made.position);
            findings.wrong_at(place, "was recorded, and is not there");
        }
    }
    findings.looked_at(format!("{}s in the log", kind.noun()), made.len() as u64);
    Ok(())
}
