//! Claims of addresses and handles, and the floors of credentials: what stands in the keyring while the other database
//! did not come along.

use std::fs;

use rusqlite::Connection;
use strongroom::room::{Answer, CaseRef, PrincipalKind, Purpose, Registration, StaffError, Why};

use crate::{
    disk::sql,
    world::{JANE, PASSWORD, World, secret},
};

const FILES: [&str; 2] = ["checkpoint.a", "checkpoint.b"];

#[test]
fn an_address_leads_to_an_account_that_was_committed_without_its_checkpoint() {
    let world = World::demo();
    let outside = world.path().join("outside");
    for name in FILES {
        fs::rename(outside.join(name), outside.join(format!("{name}.away"))).unwrap();
    }
    let password = secret(PASSWORD);
    let registration = Registration { email: JANE, name: None, password: &password };
    assert!(world.room.register(&registration).unwrap_err().to_string().contains("checkpoint"));
    for name in FILES {
        fs::rename(outside.join(format!("{name}.away")), outside.join(name)).unwrap();
    }
    let room = world.again();
    assert!(matches!(room.login(JANE, &password).unwrap(), Answer::Granted(_)), "nobody finds the account");
    assert!(room.register(&registration).is_err(), "two accounts of one address");
}

#[test]
fn a_handle_whose_appointment_was_cut_off_is_free_again() {
    let world = World::demo();
    let (ada, why) = (world.staff("ada"), Why::purpose(Purpose::AccessAdmin));
    let case = ada.open_case(None, &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let nina = ada.appoint("nina", PrincipalKind::Human, &why).unwrap();
    let taken = ada.appoint("Nina", PrincipalKind::Human, &why);
    assert!(matches!(taken, Err(StaffError::HandleTaken)));
    // As if the claim stood and its principal had never come.
    let keyring = Connection::open(world.path().join("keyring/keyring.db")).unwrap();
    let changed = keyring
        .execute(
            "UPDATE blind_index SET state = 1, nonce = zeroblob(16) WHERE target = ?1",
            [nina.principal.as_bytes().as_slice()],
        )
        .unwrap();
    assert_eq!(changed, 1);
    let again = ada.appoint("nina", PrincipalKind::Human, &why).unwrap();
    assert_ne!(again.principal, nina.principal);
    assert_eq!(world.room.assume("nina").unwrap().principal, again.principal);
}

#[test]
fn a_floor_that_a_cut_left_low_is_raised_by_the_next_login() {
    let world = World::demo();
    world.customer(JANE);
    let path = world.path().join("keyring/keyring.db");
    sql(&path, "UPDATE version_floor SET version = 0 WHERE class = 2");
    assert!(matches!(world.room.login(JANE, &secret("another one entirely")).unwrap(), Answer::Denied));
    let floor = || -> i64 {
        let keyring = Connection::open(&path).unwrap();
        keyring.query_row("SELECT version FROM version_floor WHERE class = 2", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(floor(), 0, "nobody writes by guessing");
    assert!(matches!(world.room.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Granted(_)));
    assert_eq!(floor(), 1);
}
