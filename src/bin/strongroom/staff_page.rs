//! Who works in a room, as it is shown.

use serde_json::json;
use strongroom::room::{Cautions, Colleague, GrantHeader, GrantState, Listed};

use crate::{cautions, output::Output, paged, shown, table::Table};

/// Who there is, each part by the roles that they hold.
pub fn list(part: Listed<Colleague>, cautions: &Cautions, out: &mut Output) {
    let Listed { rows: mut people, next } = part;
    for person in &mut people {
        person.grants.sort_by_key(|grant| (grant.role, grant.not_before));
    }
    people.sort_by_key(|person| {
        let first = person.grants.iter().map(|grant| grant.role).min();
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
                "grants": person.grants.iter().map(grant).collect::<Vec<_>>(),
            })
        };
        let people: Vec<_> = people.iter().map(person).collect();
        let value = json!({
            "cautions": cautions::value(cautions),
            "people": people,
            "next": paged::value(next.as_ref()),
        });
        out.json("staff.list", value);
        return;
    }
    cautions::tell(cautions, out);
    let mut table = Table::new(["handle", "principal", "kind", "state", "role", "grant", "until"]);
    for person in &people {
        let own = [
            handle(person).map_or_else(|| "–".to_owned(), shown::line),
            person.header.principal.to_string(),
            person.header.kind.to_string(),
            person.header.state.to_string(),
        ];
        let mut rows: Vec<[String; 3]> = person.grants.iter().map(row).collect();
        if rows.is_empty() {
            rows.push(["–".to_owned(), String::new(), String::new()]);
        }
        for [role, grant, until] in rows {
            let [handle, principal, kind, state] = own.clone();
            table.row([handle, principal, kind, state, role, grant, until]);
        }
    }
    out.line(table);
    paged::tell(next.as_ref(), out);
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
