//! Who works in a room, as it is shown.

use serde_json::json;
use strongroom::room::{GrantHeader, GrantState, PrincipalHeader};

use crate::{output::Output, shown, table::Table};

/// Who there is, by the roles that they hold.
pub fn list(mut people: Vec<PrincipalHeader>, mut grants: Vec<GrantHeader>, out: &mut Output) {
    grants.sort_by_key(|grant| (grant.role, grant.not_before));
    let of = |person: &PrincipalHeader| {
        let id = person.principal;
        grants.iter().filter(move |grant| grant.principal == id)
    };
    people.sort_by_key(|person| {
        let first = of(person).map(|grant| grant.role).min();
        (first.is_none(), first, person.principal)
    });
    if out.is_json() {
        let grant = |grant: &GrantHeader| {
            json!({
                "grant": grant.grant.to_string(),
                "role": grant.role.name(),
                "state": grant.state.name(),
                "not_before": grant.not_before.to_string(),
                "expires": grant.expires.to_string(),
            })
        };
        let person = |person: &PrincipalHeader| {
            json!({
                "principal": person.principal.to_string(),
                "kind": person.kind.name(),
                "state": person.state.name(),
                "grants": of(person).map(grant).collect::<Vec<_>>(),
            })
        };
        out.json("staff.list", json!({"people": people.iter().map(person).collect::<Vec<_>>()}));
        return;
    }
    let mut table = Table::new(["principal", "kind", "state", "role", "grant", "until"]);
    for person in &people {
        let own = [person.principal.to_string(), person.kind.to_string(), person.state.to_string()];
        let mut rows: Vec<[String; 3]> = of(person).map(row).collect();
        if rows.is_empty() {
            rows.push(["–".to_owned(), String::new(), String::new()]);
        }
        for [role, grant, until] in rows {
            let [principal, kind, state] = own.clone();
            table.row([principal, kind, state, role, grant, until]);
        }
    }
    out.line(table);
}

fn row(grant: &GrantHeader) -> [String; 3] {
    let until = match grant.state {
        GrantState::Live => shown::time(grant.expires),
        GrantState::Revoked => "revoked".to_owned(),
    };
    [grant.role.to_string(), grant.grant.to_string(), until]
}
