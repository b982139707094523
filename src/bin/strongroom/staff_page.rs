//! Who works in a room, as it is shown.

use serde_json::json;
use strongroom::room::{Colleague, GrantHeader, GrantState};

use crate::{output::Output, shown, table::Table};

/// Who there is, by the roles that they hold.
pub fn list(mut people: Vec<Colleague>, mut grants: Vec<GrantHeader>, out: &mut Output) {
    grants.sort_by_key(|grant| (grant.role, grant.not_before));
    let of = |person: &Colleague| {
        let id = person.header.principal;
        grants.iter().filter(move |grant| grant.principal == id)
    };
    people.sort_by_key(|person| {
        let first = of(person).map(|grant| grant.role).min();
        (first.is_none(), first, person.header.principal)
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
        let person = |person: &Colleague| {
            json!({
                "handle": handle(person),
                "principal": person.header.principal.to_string(),
                "kind": person.header.kind.name(),
                "state": person.header.state.name(),
                "grants": of(person).map(grant).collect::<Vec<_>>(),
            })
        };
        out.json("staff.list", json!({"people": people.iter().map(person).collect::<Vec<_>>()}));
        return;
    }
    let mut table = Table::new(["handle", "principal", "kind", "state", "role", "grant", "until"]);
    for person in &people {
        let own = [
            handle(person).map_or_else(|| "–".to_owned(), shown::line),
            person.header.principal.to_string(),
            person.header.kind.to_string(),
            person.header.state.to_string(),
        ];
        let mut rows: Vec<[String; 3]> = of(person).map(row).collect();
        if rows.is_empty() {
            rows.push(["–".to_owned(), String::new(), String::new()]);
        }
        for [role, grant, until] in rows {
            let [handle, principal, kind, state] = own.clone();
            table.row([handle, principal, kind, state, role, grant, until]);
        }
    }
    out.line(table);
}

fn handle(person: &Colleague) -> Option<&str> {
    person.handle.as_ref().map(|handle| handle.expose().as_str())
}

fn row(grant: &GrantHeader) -> [String; 3] {
    let until = match grant.state {
        GrantState::Live => shown::time(grant.expires),
        GrantState::Revoked => "revoked".to_owned(),
    };
    [grant.role.to_string(), grant.grant.to_string(), until]
}
