//! `right.erase`: what was erased is gone, what was begun is done, and what was put off has its hold.
//!
//! Whatever the log says was done, and whatever the ledger outside says was destroyed, is looked for class by class: no
//! live key, a fence, no index that leads to the account, no row. A fence that neither tells of is a loss and no erasure.

use std::collections::BTreeSet;

use super::{
    seen::Seen,
    verdict::{Findings, Verdict},
};
use crate::{
    access::rows::{IntentRow, IntentState},
    base::{AccountId, AccountState, Class, Scope, base64url},
    room::error::Failure,
    store::{accounts, authority, census, clues, erasure, fences},
};

pub(super) const CLAUSE: &str = "right.erase";

pub(super) fn check(seen: &mut Seen<'_, '_, '_>) -> Result<Verdict, Failure> {
    let mut findings = Findings::of(CLAUSE);
    let mut erased: BTreeSet<(Class, Scope)> =
        seen.record.done.iter().flat_map(|done| done.scopes()).collect();
    erased.extend(seen.ledger.iter().map(|line| (line.class, line.scope)));
    // Somebody carries these out right now.
    let (under_way, forgotten): (Vec<_>, Vec<_>) =
        seen.record.undone().cloned().partition(|begun| begun.position >= seen.core.opened);
    let busy: BTreeSet<_> = under_way.iter().flat_map(|begun| begun.scopes()).collect();
    erased.retain(|scope| !busy.contains(scope));
    findings.looked_at("classes that were erased", erased.len() as u64);
    let mut people = BTreeSet::new();
    for (class, scope) in &erased {
        gone(seen, *class, *scope, &mut findings)?;
        people.extend(account_of(*scope));
    }
    for account in &people {
        person(seen, *account, erased.contains(&(Class::Identity, Scope::Account(*account))), &mut findings)?;
    }
    findings.beside("people that were erased", people.len() as u64);
    let unknown = fences::all(seen.keys)?.into_iter();
    let begun: BTreeSet<_> = seen.record.begun.iter().flat_map(|begun| begun.scopes()).collect();
    // A fence of an entry past this state of the store is of an erasure that began meanwhile.
    let known = |at| at < seen.report.size;
    for fence in unknown.filter(|fence| known(fence.at) && !erased.contains(&(fence.class, fence.scope))) {
        if !begun.contains(&(fence.class, fence.scope)) {
            findings
                .wrong_at(place(fence.class, fence.scope), "has a fence, and nothing tells of an erasure");
        }
    }
    // This process carried on with what it found when it opened the room.
    for begun in forgotten {
        let place =
            format!("account {}, entry {}", base64url::encode(begun.account.as_bytes()), begun.position);
        findings.wrong_at(place, "was begun to be erased, and is not done");
    }
    deferred(seen, &mut findings)?;
    Ok(findings.verdict())
}

/// Whom a scope is about.
fn account_of(scope: Scope) -> Option<AccountId> {
    match scope {
        Scope::Account(account) | Scope::AccountYear(account, _) => Some(account),
        Scope::Principal(_) | Scope::RoomDay(_) | Scope::RoomMonth(_) => None,
    }
}

fn place(class: Class, scope: Scope) -> String {
    let owner = base64url::encode(&scope.owner());
    match scope {
        Scope::AccountYear(_, year) => format!("account {owner}, class {}, year {year}", class.name()),
        _ => format!("account {owner}, class {}", class.name()),
    }
}

/// One class that was erased. Records of activity are sealed by the day for the whole room: their rows go.
fn gone(
    seen: &mut Seen<'_, '_, '_>,
    class: Class,
    scope: Scope,
    findings: &mut Findings,
) -> Result<(), Failure> {
    if class != Class::Activity {
        let keys = fences::count(seen.keys, class, scope)?;
        if keys.live > 0 {
            findings.wrong_at(place(class, scope), "was erased, and has a live key");
        } else if keys.fenced_at.is_none() {
            findings.wrong_at(place(class, scope), "was erased, and no fence stands behind it");
        }
        if clues::count(seen.keys, class, scope)? > 0 {
            findings.wrong_at(place(class, scope), "was erased, and is found by what it held");
        }
    }
    if erasure::rows(seen.store, class, scope)? > 0 {
        findings.wrong_at(place(class, scope), "was erased, and has rows");
    }
    Ok(())
}

/// A person of whom something was erased.
fn person(
    seen: &mut Seen<'_, '_, '_>,
    account: AccountId,
    forgotten: bool,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let mut wrong = |found| findings.wrong("account", account.as_bytes(), found);
    if accounts::state(seen.store, account)? != Some(AccountState::Erased) {
        wrong("was erased, and its row says otherwise");
    }
    if census::sessions_of(seen.store, account)? > 0 {
        wrong("was erased, and has a session");
    }
    if forgotten && fences::indexes_of(seen.keys, account.as_bytes())? > 0 {
        wrong("was erased, and is found by its address");
    }
    Ok(())
}

/// What was put off: each has its intent until it is done, and a hold that stands in the way.
fn deferred(seen: &mut Seen<'_, '_, '_>, findings: &mut Findings) -> Result<(), Failure> {
    let holds = seen.holds()?;
    let intents = authority::all::<IntentRow>(seen.store, u32::MAX)?;
    let waiting: BTreeSet<_> = intents
        .into_iter()
        .filter_map(|stored| seen.core.voucher.vouch(stored).ok())
        .filter(|intent| intent.state == IntentState::Deferred)
        .map(|intent| (intent.account, intent.class))
        .collect();
    findings.beside("classes that holds defer", waiting.len() as u64);
    for (account, class) in &waiting {
        if !holds.keep(*account, *class) {
            findings.wrong_at(
                place(*class, Scope::Account(*account)),
                "is put off, and no hold stands in the way",
            );
        }
    }
    for begun in &seen.record.begun {
        for class in &begun.deferred {
            let done = seen.record.is_done_after(begun.position, begun.account, *class);
            if !done && !waiting.contains(&(begun.account, *class)) {
                let place = place(*class, Scope::Account(begun.account));
                findings.wrong_at(place, "was put off, and is forgotten");
            }
        }
    }
    Ok(())
}
