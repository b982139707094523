//! `keep.account`: account fields live as long as the account, and then for a while.
//!
//! Of an account that was closed longer ago nothing of class identity or credential opens: it has no live key of either,
//! and no index leads to it, unless a hold keeps them. When it was closed is what the log says or its row, whichever is
//! earlier: an edited row postpones nothing.

use std::collections::BTreeMap;

use super::{
    seen::Seen,
    verdict::{Findings, Verdict},
};
use crate::{
    base::{AccountId, Class, Scope, Time},
    retention::Schedule,
    room::error::Failure,
    store::{census, clues, fences},
};

pub(super) const CLAUSE: &str = "keep.account";

pub(super) fn check(seen: &mut Seen<'_, '_, '_>, schedule: &Schedule) -> Result<Verdict, Failure> {
    let mut findings = Findings::of(CLAUSE);
    let holds = seen.holds()?;
    let mut closed: BTreeMap<AccountId, Time> = seen.record.closed.clone();
    for account in census::ended_accounts(seen.store)? {
        let known = closed.entry(account.id).or_insert(Time::MAX);
        *known = account.closed.map_or(*known, |stated| stated.min(*known));
    }
    findings.looked_at("accounts that were closed", closed.len() as u64);
    let (mut ended, mut held) = (0, 0);
    for (account, closed) in closed {
        if seen.now < schedule.account_ends(closed) {
            continue;
        }
        ended += 1;
        for (class, found) in [
            (Class::Identity, "has a live key of class identity past its period"),
            (Class::Credential, "has a live key of class credential past its period"),
        ] {
            if holds.keep(account, class) {
                held += 1;
            } else if fences::count(seen.keys, class, Scope::Account(account))?.live > 0 {
                findings.wrong("account", account.as_bytes(), found);
            }
        }
        if holds.keep(account, Class::Identity) {
            continue;
        }
        if fences::indexes_of(seen.keys, account.as_bytes())? > 0 {
            findings.wrong("account", account.as_bytes(), "is found by its address past its period");
        }
        if clues::count(seen.keys, Class::Identity, Scope::Account(account))? > 0 {
            findings.wrong("account", account.as_bytes(), "is found by its name past its period");
        }
    }
    findings.beside("of them past their period", ended);
    findings.beside("classes of these that are held", held);
    Ok(findings.verdict())
}
