//! `protect.least`, broken.

use rusqlite::params;
use strongroom::room::{PrincipalId, Role};

use super::Busy;
use crate::{dba::bytes, format::vouch_for};

/// Inserts a grant as a fault of the program would: genuine, and in no entry.
fn grant(busy: &Busy, id: u8, holder: PrincipalId, role: Role, days: i64) -> String {
    let id = [id; 16];
    let holder = bytes(holder);
    let now = busy.world().clock.now().as_ms();
    busy.store()
        .execute(
            "INSERT INTO role_grant VALUES (?1, ?2, ?3, ?4, ?5, 1, NULL, 0, zeroblob(32))",
            params![&id[..], holder, role.number(), now, now + days * 86_400_000],
        )
        .unwrap();
    vouch_for(&busy.world().path(), "role_grant", &id);
    format!("grant {}", strongroom::room::GrantId::from_bytes(id))
}

/// What is found beside that the log does not know it.
fn found(busy: &Busy, grant: &str) -> Vec<String> {
    let mut found = busy.broken("protect.least");
    assert_eq!(found.remove(0), format!("{grant}: is not what the log says"));
    found
}

#[test]
fn a_role_beside_one_that_must_be_apart_is_found() {
    let busy = Busy::new();
    let id = grant(&busy, 0xff, busy.scene.id("sam"), Role::Billing, 30);
    assert_eq!(
        found(&busy, &id),
        [format!("{id}: gives a role that its holder must not have beside another")]
    );
}

#[test]
fn a_grant_for_longer_than_may_be_is_found() {
    let busy = Busy::new();
    let id = grant(&busy, 1, busy.scene.id("alan"), Role::AccessAdmin, 367);
    assert_eq!(found(&busy, &id), [format!("{id}: stands for longer than a grant may")]);
}

#[test]
fn a_machines_role_in_a_persons_hand_is_found() {
    let busy = Busy::new();
    let id = grant(&busy, 1, busy.scene.id("bill"), Role::RetentionBatch, 30);
    assert_eq!(
        found(&busy, &id),
        [format!("{id}: gives a person a machine's role, or a machine a person's")]
    );
}

#[test]
fn a_grant_of_nobody_is_found() {
    let busy = Busy::new();
    let id = grant(&busy, 1, PrincipalId::from_bytes([9; 16]), Role::Support, 30);
    assert_eq!(found(&busy, &id), [format!("{id}: has no holder")]);
}

#[test]
fn a_grant_of_somebody_disabled_is_found() {
    let busy = Busy::new();
    let id = grant(&busy, 1, busy.lea, Role::SupportLead, 30);
    assert_eq!(found(&busy, &id), [format!("{id}: stands though its holder is disabled")]);
}

#[test]
fn a_grant_that_was_edited_or_removed_by_sql_is_found() {
    let busy = Busy::new();
    let (sam, bill) = (busy.scene.grant("sam"), busy.scene.grant("bill"));
    let store = busy.store();
    store.execute("UPDATE role_grant SET role = 10 WHERE id = ?1", [bytes(sam)]).unwrap();
    store.execute("DELETE FROM role_grant WHERE id = ?1", [bytes(bill)]).unwrap();
    let mut expected = vec![
        format!("grant {sam}: is not what the log says"),
        format!("grant {bill}: is not what the log says"),
        format!("grant {sam}: was written past this program"),
    ];
    let mut found = busy.broken("protect.least");
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn who_is_disabled_loses_the_roles_too() {
    let busy = Busy::new();
    let held: i64 = busy
        .store()
        .query_row(
            "SELECT count(*) FROM role_grant WHERE principal = ?1 AND state = 1",
            [bytes(busy.lea)],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(held, 0);
    assert!(crate::dba::Copy::of(busy.world()).verify().is_sound(), "the log gives the same");
}

/// A second factor as a fault of the program would leave it: genuine, and in no entry.
#[test]
fn a_factor_that_no_entry_tells_of_is_found() {
    let busy = Busy::new();
    let id = [0xee; 16];
    let (holder, now) = (bytes(busy.scene.id("sam")), busy.world().clock.now().as_ms());
    busy.store()
        .execute(
            "INSERT INTO factor VALUES (?1, ?2, 2, zeroblob(32), zeroblob(32), ?3, 0, 0, 0, 1, NULL, 0, zeroblob(32))",
            params![&id[..], holder, now],
        )
        .unwrap();
    vouch_for(&busy.world().path(), "factor", &id);
    let factor = strongroom::room::FactorId::from_bytes(id);
    assert_eq!(busy.broken("protect.least"), [format!("factor {factor}: is not what the log says")]);
    assert_eq!(busy.broken("protect.logged"), [format!("factor {factor}: has no entry in the log")]);
}
