//! `protect.least`: staff have the least that their work takes.
//!
//! The tables of grants and of second factors are what the log gives, row by row; each row is genuine; each grant ends, and in time; nobody
//! holds two roles that must be apart, nor one of the other kind of principal; who was disabled holds nothing. Roles that
//! must not act in one session are held to it, but in a room of format 1.

use std::collections::BTreeMap;

use super::{
    seen::Seen,
    verdict::{Findings, Verdict},
};
use crate::{
    access::{
        Roles, conflict, exclusion, kind_conflict,
        rows::{FactorRow, GrantRow, GrantState, PrincipalRow, PrincipalState, is_waived},
    },
    audit::{Factor, Grant},
    base::{PrincipalId, limits},
    room::error::Failure,
    store::authority,
};

pub(super) const CLAUSE: &str = "protect.least";

pub(super) fn check(seen: &mut Seen<'_, '_, '_>) -> Result<Verdict, Failure> {
    let mut findings = Findings::of(CLAUSE);
    let grants = authority::all::<GrantRow>(seen.store, u32::MAX)?;
    let principals = authority::all::<PrincipalRow>(seen.store, u32::MAX)?;
    let table: Vec<_> = grants.iter().map(|stored| Grant::from(&stored.row)).collect();
    for id in seen.record.authority.differing_grants(&table) {
        findings.wrong("grant", id.as_bytes(), "is not what the log says");
    }
    let factors = authority::all::<FactorRow>(seen.store, u32::MAX)?;
    let second: Vec<_> = factors.iter().map(|stored| Factor::from(&stored.row)).collect();
    for id in seen.record.authority.differing_factors(&second) {
        findings.wrong("factor", id.as_bytes(), "is not what the log says");
    }
    findings.looked_at("grants", grants.len() as u64);
    findings.looked_at("principals", principals.len() as u64);
    let grants: Vec<_> = grants
        .into_iter()
        .filter_map(|stored| {
            let id = stored.row.id;
            let genuine = seen.core.voucher.vouch(stored).ok();
            if genuine.is_none() {
                findings.wrong("grant", id.as_bytes(), "was written past this program");
            }
            genuine
        })
        .collect();
    let principals: BTreeMap<PrincipalId, _> = principals
        .into_iter()
        .filter_map(|stored| {
            let id = stored.row.id;
            let genuine = seen.core.voucher.vouch(stored).ok();
            if genuine.is_none() {
                findings.wrong("principal", id.as_bytes(), "was written past this program");
            }
            genuine.map(|row| (id, row))
        })
        .collect();
    let waivers = seen.core.waivers(seen.store)?;
    let now = seen.now;
    let waived = |rule| is_waived(&waivers, rule, now);
    let mut held: BTreeMap<PrincipalId, Roles> = BTreeMap::new();
    let standing = grants.iter().filter(|grant| grant.state == GrantState::Live && seen.now < grant.expires);
    let mut live = 0;
    for grant in standing {
        live += 1;
        judge(grant, principals.get(&grant.principal).map(|row| &**row), &mut findings);
        let roles = held.entry(grant.principal).or_default();
        if conflict(*roles, grant.role, waived).is_some() {
            findings.wrong(
                "grant",
                grant.id.as_bytes(),
                "gives a role that its holder must not have beside another",
            );
        }
        *roles = roles.with(grant.role);
    }
    if !seen.core.has_outbox(seen.store)? {
        for (holder, _) in held.iter().filter(|(_, roles)| exclusion(**roles).is_some()) {
            findings.wrong(
                "principal",
                holder.as_bytes(),
                "holds roles that exclude each other, which act together in a room of format 1: `strongroom room upgrade --apply`",
            );
        }
    }
    findings.beside("grants that stand", live);
    findings.beside("second factors", second.len() as u64);
    Ok(findings.verdict())
}

/// One grant by itself.
fn judge(grant: &GrantRow, holder: Option<&PrincipalRow>, findings: &mut Findings) {
    let mut wrong = |found| findings.wrong("grant", grant.id.as_bytes(), found);
    if grant.expires.since(grant.not_before) > limits::GRANT_LIFETIME_MAX {
        wrong("stands for longer than a grant may");
    }
    match holder {
        None => wrong("has no holder"),
        Some(holder) => {
            if holder.state == PrincipalState::Disabled {
                wrong("stands though its holder is disabled");
            }
            if kind_conflict(holder.kind, grant.role).is_some() {
                wrong("gives a person a machine's role, or a machine a person's");
            }
        }
    }
}
