//! Devices that customers log in with: one that is new is told of, and has a token by which it is known from then on.

use std::{path::PathBuf, time::Duration};

use base64ct::{Base64UrlUnpadded, Encoding};
use strongroom::room::{Answer, LoggedIn, NoticeKind, Origin, Room, SecretText};

use crate::{
    codes::OTHER,
    disk::{Census, TO_FORMAT_1, files, sql},
    erasure::{close, erase},
    post::{posted, sent, told},
    suspended::guarded,
    world::{JANE, PASSWORD, World, secret},
};

const JOE: &str = "joe@example.com";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Somebody logs in with a device that shows this.
fn on(room: &Room, shown: Option<&SecretText>, email: &str, password: &str) -> LoggedIn {
    let room = room.from(&Origin::new().device(shown));
    room.login(email, &secret(password)).unwrap().complete().expect("let in")
}

/// Jane's device that shows this, with her first password; a token if it is new.
fn jane_on(room: &Room, shown: Option<&SecretText>) -> Option<SecretText> {
    on(room, shown, JANE, PASSWORD).device
}

/// Whose letters of a new device there are, and no other kind of letter is there.
fn told_of(room: &Room) -> Vec<String> {
    let told = told(room).into_iter();
    told.map(|(kind, to)| {
        assert_eq!(kind, NoticeKind::NewDevice);
        to
    })
    .collect()
}

/// A room in which everybody has been told everything.
fn world() -> World {
    let world = World::demo();
    for email in [JANE, JOE] {
        world.customer(email);
    }
    drop(told(&world.room));
    world
}

fn known(world: &World) -> u64 {
    Census::of(&world.path()).rows("device")
}

fn store(world: &World) -> PathBuf {
    world.path().join("store/store.db")
}

#[test]
fn a_new_device_is_told_of_once_and_known_by_its_token() {
    let world = world();
    let room = &world.room;
    let token = jane_on(room, None).expect("a token for the new device");
    assert_eq!(told_of(room), [JANE]);
    assert!(jane_on(room, Some(&token)).is_none(), "it keeps the token that it has");
    assert!(jane_on(&world.again(), Some(&token)).is_none());
    assert!(told_of(room).is_empty());

    // It is known of her alone; what is no token is none.
    let joes = on(room, Some(&token), JOE, PASSWORD).device.expect("new to him");
    assert_eq!(told_of(room), [JOE]);
    for other in [&joes, &secret(""), &secret("none"), &secret(&"A".repeat(43)), &secret(&"A".repeat(4096))] {
        assert!(jane_on(room, Some(other)).is_some());
        assert_eq!(told_of(room), [JANE]);
    }
    assert!(jane_on(room, Some(&token)).is_none());
}

#[test]
fn where_no_tokens_are_kept_no_device_is_new() {
    let world = world();
    let again = || world.room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap();
    assert!(again().device.is_none() && again().device.is_none());
    assert!(told(&world.room).is_empty());
    assert_eq!(known(&world), 0);
}

#[test]
fn who_is_not_let_in_makes_no_device_known() {
    let (world, sven, why) = guarded();
    let jane = world.customer(JANE);
    let here = world.room.from(&Origin::new().device(None));
    assert!(matches!(here.login(JANE, &secret(OTHER)).unwrap(), Answer::Denied));
    let suspension = strongroom::room::Suspension {
        reason: strongroom::room::SuspensionReason::Abuse,
        until: Some(world.clock.now().plus(DAY)),
    };
    sven.suspend(jane.account(), suspension, &why(jane.account())).unwrap();
    assert!(matches!(here.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Suspended(_)));
    assert_eq!(known(&world), 0);
    assert!(told(&world.room).iter().all(|(kind, _)| *kind != NoticeKind::NewDevice));
}

#[test]
fn with_the_password_devices_are_forgotten() {
    let world = world();
    let room = &world.room;
    let joes = on(room, None, JOE, PASSWORD).device.unwrap();
    let (first, second) = (on(room, None, JANE, PASSWORD), jane_on(room, None).unwrap());
    let token = first.device.unwrap();
    drop(told(room));

    // Where she changes it herself, the device that she does it with is still hers.
    let here = room.from(&Origin::new().device(Some(&token)));
    here.owner(&first.owner).change_password(&secret(PASSWORD), &secret(OTHER)).unwrap();
    drop(told(room));
    assert!(on(room, Some(&token), JANE, OTHER).device.is_none());
    assert!(told_of(room).is_empty());
    assert!(on(room, Some(&second), JANE, OTHER).device.is_some());
    assert_eq!(told_of(room), [JANE]);

    // Who has forgotten it shows a letter, and no device.
    let asked = posted(room, room.ask_reset(JANE).unwrap());
    let link = strongroom::room::Proof::Link(sent(&asked).1);
    here.reset(&link, &secret(PASSWORD)).unwrap();
    drop(told(room));
    assert!(jane_on(room, Some(&token)).is_some());
    assert_eq!(told_of(room), [JANE]);
    assert!(on(room, Some(&joes), JOE, PASSWORD).device.is_none(), "nobody else's");
}

#[test]
fn devices_go_when_the_account_is_closed_and_when_it_is_erased() {
    let world = world();
    let (room, account) = (&world.room, on(&world.room, None, JANE, PASSWORD).owner.account());
    drop(on(room, None, JOE, PASSWORD));
    // An older program closes the account and leaves the row.
    sql(&store(&world), "CREATE TABLE kept AS SELECT * FROM device");
    close(room, account);
    assert_eq!(known(&world), 1);
    sql(&store(&world), "DELETE FROM device; INSERT INTO device SELECT * FROM kept; DROP TABLE kept");
    assert_eq!(known(&world), 2);
    erase(room, account).unwrap();
    assert_eq!(known(&world), 1);
}

#[test]
fn an_account_has_twenty_devices_and_each_is_known_for_half_a_year() {
    let world = world();
    let room = &world.room;
    let oldest = jane_on(room, None).unwrap();
    world.later(DAY);
    let second = jane_on(room, None).unwrap();
    world.later(DAY);
    assert!(jane_on(room, Some(&oldest)).is_none(), "used once more");
    for _ in 0..19 {
        assert!(jane_on(room, None).is_some());
    }
    assert_eq!(known(&world), 20);
    assert!(jane_on(room, Some(&oldest)).is_none());
    assert!(jane_on(room, Some(&second)).is_some(), "the one that was not used for longest");

    let world = self::world();
    let token = jane_on(&world.room, None).unwrap();
    for _ in 0..2 {
        world.later(DAY * 180);
        assert!(jane_on(&world.room, Some(&token)).is_none());
    }
    world.later(DAY * 181);
    assert!(jane_on(&world.room, Some(&token)).is_some());
    assert_eq!(known(&world), 1, "the old row is gone");
}

/// Who runs the database finds no token, and makes nobody's device another's.
#[test]
fn the_database_holds_a_digest_that_counts_with_one_account() {
    let world = world();
    let room = &world.room;
    let token = on(room, None, JOE, PASSWORD).device.unwrap();
    let jane = on(room, None, JANE, PASSWORD).owner.account();
    drop(told(room));
    let bytes = Base64UrlUnpadded::decode_vec(token.expose()).unwrap();
    for (path, content) in files(&world.path()) {
        let holds = |what: &[u8]| content.windows(what.len()).any(|part| part == what);
        assert!(!holds(token.expose().as_bytes()) && !holds(&bytes), "{}", path.display());
    }
    let jane = crate::dba::bytes(jane).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    sql(&store(&world), &format!("UPDATE device SET account = x'{jane}'"));
    assert!(jane_on(room, Some(&token)).is_some());
    assert_eq!(told_of(room), [JANE]);
}

#[test]
fn a_room_of_format_1_knows_no_devices() {
    let world = world();
    sql(&store(&world), TO_FORMAT_1);
    let room = world.again();
    assert!(jane_on(&room, None).is_none() && jane_on(&room, Some(&secret(&"A".repeat(43)))).is_none());
    let jane = on(&room, None, JANE, PASSWORD);
    room.owner(&jane.owner).change_password(&secret(PASSWORD), &secret(OTHER)).unwrap();
    room.owner(&jane.owner).close(&secret(OTHER)).unwrap();
}
