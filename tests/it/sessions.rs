//! Sessions end by their own door: a customer's token is none of staff, and the reverse.

use std::time::Duration;

use rusqlite::Connection;
use strongroom::room::{LoginError, Purpose, Registration, StaffError, Why, WriteError};

use crate::{
    disk::sql,
    world::{JANE, PASSWORD, World, secret},
};

#[test]
fn a_staff_token_is_no_customers_and_the_room_opens_again() {
    let world = World::demo();
    let login = world.room.assume("sam").unwrap();
    assert!(matches!(world.room.logout(&login.token), Err(LoginError::NoSession)));
    assert!(world.room.resume(&login.token).is_err());
    world.again();
    world.room.staff(&login.token).people(&crate::world::FIRST, &Why::unstated()).unwrap();
}

#[test]
fn a_customers_token_is_none_of_staff_and_ends_once() {
    let world = World::demo();
    let password = secret(PASSWORD);
    world.room.register(&Registration { email: JANE, name: None, password: &password }).unwrap();
    let Some(granted) = world.room.login(JANE, &password).unwrap().complete() else {
        panic!("the right password was denied")
    };
    assert!(matches!(
        world.room.staff(&granted.token).people(&crate::world::FIRST, &Why::unstated()),
        Err(StaffError::Denied { .. })
    ));
    assert!(world.room.staff(&granted.token).logout().is_err());
    world.room.logout(&granted.token).unwrap();
    assert!(matches!(world.room.logout(&granted.token), Err(LoginError::NoSession)));
    assert!(world.room.resume(&granted.token).is_err());
    world.again();
}

#[test]
fn what_a_login_gave_ends_with_its_session_and_in_no_other_room() {
    let world = World::demo();
    let password = secret(PASSWORD);
    world.room.register(&Registration { email: JANE, name: None, password: &password }).unwrap();
    let Some(granted) = world.room.login(JANE, &password).unwrap().complete() else {
        panic!("the right password was denied")
    };
    let owner = world.room.owner(&granted.owner);
    let ticket = owner.open_ticket("Mine", "Text").unwrap().ticket;

    let elsewhere = World::demo();
    let stranger = elsewhere.room.owner(&granted.owner);
    assert!(matches!(stranger.open_ticket("Not here", "Text"), Err(WriteError::SessionEnded)));
    assert!(matches!(stranger.tickets(&crate::world::FIRST), Err(WriteError::SessionEnded)));

    // In another process, which this one hears nothing of.
    world.again().logout(&granted.token).unwrap();
    assert!(matches!(owner.profile(), Err(WriteError::SessionEnded)));
    assert!(matches!(owner.ticket(ticket), Err(WriteError::SessionEnded)));
    assert!(matches!(owner.write(ticket, "More"), Err(WriteError::SessionEnded)));
    assert!(matches!(owner.attach(ticket, "a", "text/plain", &b"a"[..]), Err(WriteError::SessionEnded)));
}

#[test]
fn an_owner_reads_what_an_earlier_key_sealed() {
    let world = World::demo();
    let owner = world.customer(JANE);
    let ticket = world.room.owner(&owner).open_ticket("Mine", "Text").unwrap().ticket;
    // A later generation, whose key is none: what it did not seal does not ask for it.
    sql(
        &world.path().join("keyring/keyring.db"),
        "INSERT INTO data_key SELECT class, scope_kind, owner, period, 2, wrapping_version, wrapped, check_value,
         fenced_at FROM data_key WHERE class IN (1, 4)",
    );
    assert_eq!(world.room.owner(&owner).profile().unwrap().email.expose().as_str(), JANE);
    assert_eq!(world.room.owner(&owner).ticket(ticket).unwrap().subject.expose().as_str(), "Mine");
}

#[test]
fn a_ticket_holds_as_many_messages_as_its_reading_can_name() {
    let world = World::demo();
    let owner = world.customer(JANE);
    let ticket = world.ticket(&owner);
    for n in 1..255 {
        world.room.owner(&owner).write(ticket, &format!("message {n}")).unwrap();
    }
    assert!(matches!(world.room.owner(&owner).write(ticket, "too many"), Err(WriteError::Full)));
    let (sam, why) = (world.staff("sam"), Why::purpose(Purpose::SupportRequest));
    assert!(matches!(sam.reply(ticket, "too many", &why), Err(StaffError::State { .. })));
    assert_eq!(sam.ticket(ticket, &why).unwrap().messages.len(), 255);
}

/// Rows that have run out are ended by their holder's next step: an opening looks at all that are not.
#[test]
fn what_has_run_out_is_ended_by_its_holders_next_step() {
    let world = World::demo();
    let store = world.path().join("store/store.db");
    let live = |table: &str| {
        let count = format!("SELECT count(*) FROM {table} WHERE state = 1");
        Connection::open(&store).unwrap().query_row(&count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let ada = || world.staff("ada").open_case(None, &Why::purpose(Purpose::AccessAdmin)).unwrap();
    ada();
    ada();
    assert_eq!((live("session"), live("staff_case")), (2, 2));
    world.later(Duration::from_secs((8 * 24 + 1) * 3600));
    ada();
    assert_eq!((live("session"), live("staff_case")), (1, 1));
    drop(world.again());
}
