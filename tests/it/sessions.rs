//! Sessions end by their own door: a customer's token is none of staff, and the reverse.

use strongroom::room::{Answer, LoginError, Registration, StaffError, Why, WriteError};

use crate::world::{JANE, PASSWORD, World, secret};

#[test]
fn a_staff_token_is_no_customers_and_the_room_opens_again() {
    let world = World::demo();
    let login = world.room.assume("sam").unwrap();
    assert!(matches!(world.room.logout(&login.token), Err(LoginError::NoSession)));
    assert!(world.room.resume(&login.token).is_err());
    world.again();
    world.room.staff(&login.token).people(&Why::unstated()).unwrap();
}

#[test]
fn a_customers_token_is_none_of_staff_and_ends_once() {
    let world = World::demo();
    let password = secret(PASSWORD);
    world.room.register(&Registration { email: JANE, name: None, password: &password }).unwrap();
    let Answer::Granted(granted) = world.room.login(JANE, &password).unwrap() else {
        panic!("the right password was denied")
    };
    assert!(matches!(
        world.room.staff(&granted.token).people(&Why::unstated()),
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
    let Answer::Granted(granted) = world.room.login(JANE, &password).unwrap() else {
        panic!("the right password was denied")
    };
    let owner = world.room.owner(&granted.owner);
    let ticket = owner.open_ticket("Mine", "Text").unwrap().ticket;

    let elsewhere = World::demo();
    let stranger = elsewhere.room.owner(&granted.owner);
    assert!(matches!(stranger.open_ticket("Not here", "Text"), Err(WriteError::SessionEnded)));
    assert!(matches!(stranger.tickets(), Err(WriteError::SessionEnded)));

    // In another process, which this one hears nothing of.
    world.again().logout(&granted.token).unwrap();
    assert!(matches!(owner.profile(), Err(WriteError::SessionEnded)));
    assert!(matches!(owner.ticket(ticket), Err(WriteError::SessionEnded)));
    assert!(matches!(owner.write(ticket, "More"), Err(WriteError::SessionEnded)));
    assert!(matches!(owner.attach(ticket, "a", "text/plain", &b"a"[..]), Err(WriteError::SessionEnded)));
}
