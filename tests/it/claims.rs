//! Claims of addresses and handles, and the floors of credentials: what stands in the keyring while the other database
//! did not come along.

use std::{fs, path::Path, sync::Barrier, thread};

use rusqlite::Connection;
use strongroom::room::{
    Answer, CaseRef, PrincipalKind, Purpose, RegisterError, Registration, Severity, StaffError, Why, verify,
};

use crate::{
    disk::sql,
    import::whole,
    powercut::{Ack, Child, Policy, Scenario, Verdict, scenario},
    workload::{CUSTOMERS, login, open, prepare},
    world::{JANE, PASSWORD, World, secret},
};

const COMING: Scenario = scenario("two register the same people", both_come);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[COMING];

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

const PEOPLE: usize = 3;

fn address(number: usize) -> String {
    format!("new.{number}@example.com")
}

fn register(room: &strongroom::room::Room, number: usize) -> Result<bool, RegisterError> {
    let (email, password) = (address(number), secret(PASSWORD));
    match room.register(&Registration { email: &email, name: Some("Jane Doe"), password: &password }) {
        Ok(_) => Ok(true),
        Err(RegisterError::AddressTaken) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Two handles, as of two processes, register each of the same people at the same moment.
fn both_come(root: &Path, ack: &Ack) -> Verdict {
    let (rooms, meet) = ([open(root)?, open(root)?], Barrier::new(2));
    thread::scope(|scope| {
        for room in &rooms {
            scope.spawn(|| {
                for number in 0..PEOPLE {
                    meet.wait();
                    if register(room, number).unwrap() {
                        ack.done(address(number));
                    }
                }
            });
        }
    });
    Ok(())
}

/// Who was let in is in; who comes again comes in; and then nobody has an account, a claim or a key too many.
fn each_once(root: &Path, acked: &[Vec<u8>]) -> Verdict {
    let room = open(root)?;
    for email in acked {
        login(&room, std::str::from_utf8(email)?)?;
    }
    for number in 0..PEOPLE {
        register(&room, number)?;
        login(&room, &address(number))?;
    }
    let claims = room.doctor()?.into_iter().find(|finding| finding.check == "claims").unwrap();
    assert_eq!(claims.severity, Severity::Fine, "{}", claims.found);
    drop(room);
    assert_eq!(usize::try_from(whole(&root.join("room")))?, PEOPLE + CUSTOMERS.len());
    let verified = verify(&root.join("room"), None, |_| {})?;
    if verified.is_sound() { Ok(()) } else { Err(format!("unsound: {:?}", verified.report.faults).into()) }
}

#[test]
fn no_cut_of_a_registration_leaves_an_account_or_a_key_of_nobody() {
    let run = Child::new(COMING).prepared(prepare).record();
    let mut claimed = 0;
    let failures = run.cuts(24, 51, &Policy::honest(), |disk, acked| {
        let room = open(disk)?;
        let findings = room.doctor()?;
        claimed +=
            usize::from(findings.iter().any(|one| one.check == "claims" && one.severity == Severity::Note));
        drop(room);
        each_once(disk, acked)
    });
    failures.assert_none();
    assert!(claimed > 1, "{claimed} cuts between a claim and its account");
}
