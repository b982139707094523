//! An account that is closed, suspended or said to be in use by SQL: the columns that say so are open, and verification
//! and the check of the policy hold them against the log.

use std::time::Duration;

use rusqlite::Connection;
use strongroom::room::{AccountId, Kept, Room, Suspension, SuspensionReason, Why, verify};

use crate::{
    dba::is,
    disk::sql,
    suspended::guarded,
    world::{JANE, PASSWORD, World, secret},
};

const HOUR: Duration = Duration::from_secs(3600);

/// What verification finds, as place and kind.
fn found(world: &World) -> Vec<String> {
    let verified = verify(&world.path(), None, |_| ()).unwrap();
    let faults = &verified.report.faults;
    faults.iter().map(|fault| format!("{} {}", fault.place, fault.kind.name())).collect()
}

/// The accounts that the check of the policy names.
fn checked(room: &Room) -> Vec<String> {
    let vera = room.staff(&room.assume("vera").unwrap().token);
    let report = vera.check_policy(&["protect.logged"], &Why::unstated(), |_| ()).unwrap();
    let Kept::Broken { counter_examples, .. } = &report.verdicts[0].kept else { return Vec::new() };
    counter_examples.iter().map(|one| one.place.clone()).collect()
}

fn named(account: AccountId) -> (Vec<String>, Vec<String>) {
    (vec![format!("account {account} accounts_differ")], vec![format!("account {account}")])
}

#[test]
fn who_reinstates_himself_with_sql_is_named() {
    let (world, sven, why) = guarded();
    let (jane, joe) = (world.customer(JANE), world.customer("joe@example.com"));
    let account = jane.account();
    let until = Some(world.clock.now().plus(HOUR));
    sven.suspend(account, Suspension { reason: SuspensionReason::Abuse, until }, &why(account)).unwrap();
    assert_eq!((found(&world), checked(&world.room)), (vec![], vec![]));
    let store = world.path().join("store/store.db");
    let kept = "CREATE TABLE kept AS SELECT suspended_reason r, suspended_until_ms u FROM account";
    sql(&store, &format!("{kept} WHERE {}", is("id", account)));
    for edit in [
        "suspended_reason = NULL, suspended_until_ms = NULL",
        "suspended_until_ms = NULL",
        "suspended_until_ms = suspended_until_ms - 1",
        "suspended_reason = 2",
        "state = 2",
        "closed_ms = 0",
    ] {
        sql(&store, &format!("UPDATE account SET {edit} WHERE {}", is("id", account)));
        assert_eq!((found(&world), checked(&world.room)), named(account), "{edit}");
        let back = "state = 1, closed_ms = NULL, suspended_reason = (SELECT r FROM kept), \
                    suspended_until_ms = (SELECT u FROM kept)";
        sql(&store, &format!("UPDATE account SET {back} WHERE {}", is("id", account)));
    }
    // Of one whom nobody suspended.
    sql(
        &store,
        &format!(
            "UPDATE account SET suspended_reason = 1, suspended_until_ms = 9e12 WHERE {}",
            is("id", joe.account())
        ),
    );
    assert_eq!((found(&world), checked(&world.room)), named(joe.account()));
}

#[test]
fn a_closed_account_that_is_opened_with_sql_is_named() {
    let (world, sven, why) = guarded();
    let jane = world.customer(JANE);
    let account = jane.account();
    let endless = Suspension { reason: SuspensionReason::Payment, until: None };
    let why = why(account);
    sven.suspend(account, endless, &why).unwrap();
    sven.reinstate(account, &why).unwrap();
    assert_eq!(
        (found(&world), checked(&world.room)),
        (vec![], vec![]),
        "reinstated is as if nothing had been"
    );
    let jane = world.room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap().owner;
    world.room.owner(&jane).close(&secret(PASSWORD)).unwrap();
    assert_eq!((found(&world), checked(&world.room)), (vec![], vec![]));
    let store = world.path().join("store/store.db");
    let closed: i64 = Connection::open(&store)
        .unwrap()
        .query_row("SELECT closed_ms FROM account WHERE closed_ms IS NOT NULL", [], |row| row.get(0))
        .unwrap();
    for edit in ["state = 1", "state = 1, closed_ms = NULL", "closed_ms = closed_ms + 1", "state = 3"] {
        sql(&store, &format!("UPDATE account SET {edit} WHERE {}", is("id", account)));
        let (verified, policy) = named(account);
        assert_eq!(found(&world), verified, "{edit}");
        assert!(checked(&world.room).starts_with(&policy), "{edit}");
        sql(
            &store,
            &format!("UPDATE account SET state = 2, closed_ms = {closed} WHERE {}", is("id", account)),
        );
    }
    assert_eq!(found(&world), [""; 0]);
}
