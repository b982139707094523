//! A record weaker than the room's settings is upgraded by its owner's next login, once.

use strongroom::{
    password::Settings,
    room::{Answer, LogPart, Page, RoomOptions, Why},
};

use crate::world::{JANE, PASSWORD, World, options, secret};

fn events(world: &World) -> Vec<String> {
    let entries =
        world.staff("vera").audit_log(LogPart::All, 0, &Page::first(100), &Why::unstated()).unwrap().entries;
    entries.iter().map(|entry| entry.entry.what.name().to_owned()).collect()
}

#[test]
fn a_login_upgrades_a_stale_record_once_and_a_wrong_password_never() {
    let world = World::demo();
    world.customer(JANE);
    let stronger =
        RoomOptions { passwords: Settings::new(24_576, 2, 1).ok(), ..options(&world.path(), &world.clock) };
    let room = stronger.open().unwrap();
    let granted = |password: &str| matches!(room.login(JANE, &secret(password)).unwrap(), Answer::Granted(_));
    assert!(!granted("not the password of jane"));
    assert!(!events(&world).contains(&"credential.upgraded".to_owned()));
    assert!(granted(PASSWORD));
    assert!(granted(PASSWORD), "the upgraded record is of the same password");
    let upgrades = events(&world).iter().filter(|event| *event == "credential.upgraded").count();
    assert_eq!(upgrades, 1);
    assert!(
        matches!(world.room.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Granted(_)),
        "weaker settings keep it"
    );
    assert_eq!(events(&world).iter().filter(|event| *event == "credential.upgraded").count(), 1);
}
