//! Sessions end by their own door: a customer's token is none of staff, and the reverse.

use strongroom::room::{Answer, LoginError, Registration, StaffError, Why};

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
