//! The keyring's database in the hands of its administrator: keys swapped, copied and taken away, fences removed,
//! indexes redirected, an older keyring in the newer one's place.

use rusqlite::{Connection, params, types::Value};
use strongroom::room::{Answer, Failure, KeyError, Kind, Registration, Room, StaffError, Why, WriteError};

use crate::{
    dba::{Copy, bytes, change, column, log, swap},
    erasure::{close, erase},
    scene::{JOE, Scene, staff, support},
    world::{JANE, PASSWORD, World, secret},
};

/// What all attempts on jane's data come to: sam on her account, she on her profile and her ticket.
fn nothing_opens(room: &Room, scene: &Scene, kind: Kind, what: &str) {
    let account = staff(room, "sam").account(scene.account(), &support()).err();
    assert_eq!(account.map(|e| e.kind()), Some(kind), "{what}");
    let profile = room.owner(&scene.jane).profile().err();
    assert_eq!(profile.map(|e| e.kind()), Some(kind), "{what}");
    let ticket = staff(room, "sam").ticket(scene.ticket, &support()).err();
    assert_eq!(ticket.map(|e| e.kind()), Some(kind), "{what}");
}

#[test]
fn a_key_opens_what_its_own_row_seals_and_nothing_else() {
    let scene = Scene::new();
    let [jane, joe] = [&scene.jane, &scene.joe].map(|owner| bytes(owner.account()));
    let joes = "(SELECT other.{} FROM data_key other WHERE other.owner = ?2 AND other.class = data_key.class AND other.generation = 1)";
    for edit in [
        format!("wrapped = {}", joes.replace("{}", "wrapped")),
        format!(
            "wrapped = {}, check_value = {}",
            joes.replace("{}", "wrapped"),
            joes.replace("{}", "check_value")
        ),
        "check_value = zeroblob(32)".to_owned(),
        "wrapped = CAST(x'02' || substr(wrapped, 2) AS BLOB)".to_owned(),
        "wrapping_version = 2".to_owned(),
        "class = 7 - class".to_owned(),
    ] {
        let copy = Copy::of(&scene.world);
        let statement =
            format!("UPDATE data_key SET {edit} WHERE owner = ?1 AND class IN (1, 4) AND ?2 = ?2");
        change(&copy.keyring(), &statement, params![jane, joe], 2);
        nothing_opens(&copy.room(), &scene, Kind::Integrity, &edit);
    }
    // Joe's keys as jane's newer ones: nothing is sealed under them.
    let copy = Copy::of(&scene.world);
    change(
        &copy.keyring(),
        "INSERT INTO data_key SELECT class, scope_kind, ?1, period, 2, wrapping_version, wrapped, check_value, fenced_at FROM data_key WHERE owner = ?2 AND class = 4",
        params![jane, joe],
        1,
    );
    let room = copy.room();
    let written = room.owner(&scene.jane).write(scene.ticket, "Hello?").err().unwrap();
    assert_eq!(written.kind(), Kind::Integrity);
}

/// A key that is gone is not one that was destroyed: nothing is made in its place.
#[test]
fn a_key_taken_away_is_missed_and_not_replaced() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    change(
        &copy.keyring(),
        "DELETE FROM data_key WHERE owner = ?1 AND class IN (1, 4)",
        [bytes(scene.account())],
        2,
    );
    let room = copy.room();
    nothing_opens(&room, &scene, Kind::Integrity, "the key is gone");
    let jane = room.owner(&scene.jane);
    let missing = |error: WriteError| {
        assert!(matches!(error, WriteError::Failed(Failure::Key(KeyError::Missing { .. }))), "{error}");
    };
    missing(jane.write(scene.ticket, "Hello?").err().unwrap());
    missing(jane.open_ticket("Again", "Hello?").err().unwrap());
    missing(jane.attach(scene.ticket, "a.txt", "text/plain", &b"x"[..]).err().unwrap());
    let noted = staff(&room, "sam").note(scene.ticket, "Hm.", &support()).err().unwrap();
    assert!(matches!(noted, StaffError::Failed(Failure::Key(KeyError::Missing { .. }))), "{noted}");

    // Everybody's activity of the day, the same: the customer is not let in unrecorded.
    change(&copy.keyring(), "DELETE FROM data_key WHERE class = 5", [], 1);
    assert!(room.login(JOE, &secret(PASSWORD)).is_err());
}

#[test]
fn a_fence_holds_against_sql_and_what_is_behind_it_stays_closed_without_it() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let guarded = Connection::open(copy.path().join("keyring/keyring.db")).unwrap();
    let (jane, wrapped): (Vec<u8>, Vec<u8>) = (
        bytes(scene.account()),
        guarded
            .query_row(
                "SELECT wrapped FROM data_key WHERE owner = ?1 AND class = 4",
                [bytes(scene.account())],
                |row| row.get(0),
            )
            .unwrap(),
    );
    // What an erasure does.
    change(&guarded, "UPDATE data_key SET wrapped = NULL, fenced_at = 7 WHERE owner = ?1", [&jane], 3);
    let room = copy.room();
    nothing_opens(&room, &scene, Kind::Erased, "fenced");
    let written = room.owner(&scene.jane).write(scene.ticket, "Hello?").err().unwrap();
    assert_eq!(written.kind(), Kind::Erased);
    assert!(!matches!(room.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Granted(_)));

    for statement in [
        "UPDATE data_key SET wrapped = ?2, fenced_at = NULL WHERE owner = ?1 AND class = 4",
        "DELETE FROM data_key WHERE owner = ?1 AND ?2 = ?2",
        "INSERT OR REPLACE INTO data_key SELECT class, scope_kind, owner, period, generation, wrapping_version, ?2, check_value, NULL FROM data_key WHERE owner = ?1",
        "INSERT INTO data_key SELECT class, scope_kind, owner, period, 2, wrapping_version, ?2, check_value, NULL FROM data_key WHERE owner = ?1",
    ] {
        let refused = guarded.execute(statement, params![jane, wrapped]).unwrap_err().to_string();
        assert!(refused.contains("erased"), "{refused}");
    }
    // The triggers are a guard and no proof. Without them the fence can be taken away, and the key does not come back.
    change(&copy.keyring(), "DELETE FROM data_key WHERE owner = ?1", [&jane], 3);
    nothing_opens(&room, &scene, Kind::Integrity, "the fence is gone");
    let written = room.owner(&scene.jane).write(scene.ticket, "Hello?").err().unwrap();
    assert_eq!(written.kind(), Kind::Integrity, "no second key over what the first has sealed");
}

#[test]
fn an_older_keyring_is_refused_by_its_epoch() {
    let scene = Scene::new();
    let older = Copy::of(&scene.world);
    let copy = older.again();
    let room = copy.room();
    close(&room, scene.account());
    erase(&room, scene.account()).unwrap();
    drop(room);
    copy.put("keyring", &older);
    let refused = copy.refused();
    assert!(refused.contains("keyring is older"), "{refused}");
    // Its own guard.
    let guarded = Connection::open(older.path().join("keyring/keyring.db")).unwrap();
    assert!(guarded.execute("UPDATE keyring SET epoch = 0", []).is_err());
}

/// From before jane came, with the same epoch: nothing was destroyed since. It opens, and what it lacks is missed.
#[test]
fn a_keyring_from_before_an_account_misses_its_keys() {
    let world = World::demo();
    let before = Copy::of(&world);
    let owner = world.customer(JANE);
    world.ticket(&owner);
    let copy = Copy::of(&world);
    copy.put("keyring", &before);
    let room = copy.room();
    // The key of the day's activity is missing as well: nobody is let in, or turned away, unrecorded.
    assert_eq!(room.login(JANE, &secret(PASSWORD)).err().map(|e| e.kind()), Some(Kind::Integrity));
    let account = staff(&room, "sam").account(owner.account(), &support()).err().unwrap();
    assert_eq!(account.kind(), Kind::Integrity, "{account}");
    let written = room.owner(&owner).open_ticket("Hello", "Is anybody there?").err().unwrap();
    assert_eq!(written.kind(), Kind::Integrity, "{written}");
}

#[test]
fn wrapping_keys_and_key_files_that_change_places_open_no_room() {
    let scene = Scene::new();
    for statement in [
        "UPDATE wrapping_key SET wrapped = (SELECT other.wrapped FROM wrapping_key other WHERE other.domain = 1) WHERE domain = 4",
        "UPDATE wrapping_key SET check_value = zeroblob(32) WHERE domain = 66",
        "UPDATE wrapping_key SET version = 2 WHERE domain = 65",
        "DELETE FROM wrapping_key WHERE domain = 67",
        "UPDATE keyring SET room = zeroblob(16)",
    ] {
        let copy = Copy::of(&scene.world);
        change(&copy.keyring(), statement, [], 1);
        assert!(copy.open().is_err(), "{statement}");
    }
    let copy = Copy::of(&scene.world);
    let keys = copy.path().join("keys");
    std::fs::copy(keys.join("identity-1.key"), keys.join("support-1.key")).unwrap();
    assert!(copy.open().is_err(), "a key file under another name");
}

#[test]
fn parts_of_another_room_open_no_room() {
    let (scene, other) = (Scene::new(), World::demo());
    let theirs = Copy::of(&other);
    for parts in [
        &["store"][..],
        &["keyring"],
        &["keys"],
        &["outside"],
        &["room.toml"],
        &["store", "room.toml"],
        &["keyring", "keys"],
        &["store", "outside", "room.toml"],
    ] {
        let copy = Copy::of(&scene.world);
        for part in parts {
            copy.put(part, &theirs);
        }
        assert!(copy.open().is_err(), "{parts:?}");
    }
}

const OTHER: &str = "a lamp for the long evening";

/// Two customers with passwords of their own, and their indexes led to each other.
fn redirected(columns: &[&str]) -> (World, Copy) {
    let world = World::demo();
    world.customer(JANE);
    let password = secret(OTHER);
    world.room.register(&Registration { email: JOE, name: None, password: &password }).unwrap();
    let copy = Copy::of(&world);
    let sql = copy.keyring();
    let mut macs = column(&sql, "SELECT hex(mac) FROM blind_index WHERE field = 1").into_iter();
    let mut one = || match macs.next() {
        Some(Value::Text(mac)) => format!("hex(mac) = '{mac}'"),
        _ => panic!("two addresses have two indexes"),
    };
    let (jane, joe) = (one(), one());
    for column in columns {
        swap(&sql, "blind_index", column, [&jane, &joe]);
    }
    (world, copy)
}

/// An address leads to an account by an open id: redirected, it is a wrong door and not a key. Whose password opens
/// is whose account it is.
#[test]
fn an_address_led_to_another_account_takes_that_accounts_password() {
    let (_world, copy) = redirected(&["target", "nonce"]);
    let room = copy.room();
    let login = |email: &str, password: &str| match room.login(email, &secret(password)).unwrap().complete() {
        Some(granted) => {
            Some(room.owner(&granted.owner).profile().unwrap().email.expose().as_str().to_owned())
        }
        None => None,
    };
    assert_eq!(login(JANE, PASSWORD), None);
    assert_eq!(login(JOE, OTHER), None);
    assert_eq!(login(JANE, OTHER).as_deref(), Some(JOE), "joe, whatever door he came by");
}

/// An index whose nonce its account does not repeat is left over, and leads nowhere.
#[test]
fn an_address_led_to_an_account_that_does_not_repeat_it_leads_nowhere() {
    let (_world, copy) = redirected(&["target"]);
    let room = copy.room();
    for (address, password) in [(JANE, PASSWORD), (JANE, OTHER), (JOE, OTHER), (JOE, PASSWORD)] {
        assert!(room.login(address, &secret(password)).unwrap().complete().is_none(), "{address}");
    }
    assert_eq!(staff(&room, "sam").find(JANE, &support()).err().unwrap().kind(), Kind::NotFound);
}

/// Staff would act on the wrong person: what the index leads to must have the address.
#[test]
fn an_address_led_to_another_account_finds_nobody() {
    let (_world, copy) = redirected(&["target", "nonce"]);
    let room = copy.room();
    let sam = staff(&room, "sam");
    for address in [JANE, JOE] {
        let error = sam.find(address, &support()).err().unwrap();
        assert_eq!(error.kind(), Kind::Integrity, "{error}");
    }
    let found = log(&room).into_iter().filter(|entry| entry.line.contains("\"found\":0")).count();
    assert_eq!(found, 2, "each attempt is an entry, about nobody");
}

/// A member of staff by another's handle needs the other's password, too.
#[test]
fn a_handle_led_to_another_principal_takes_that_ones_password() {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(crate::world::START);
    let path = directory.path().join("room");
    let ceremony = crate::world::ceremony(strongroom::room::RoomKind::Real);
    let made = Room::init(crate::world::options(&path, &clock), &ceremony).unwrap();
    let [ada, sam] = [&made.codes[0], &made.codes[3]];
    made.room.enrol(&ada.code, &secret(OTHER)).unwrap();
    made.room.enrol(&sam.code, &secret(PASSWORD)).unwrap();
    let sql = crate::dba::unguarded(&path.join("keyring/keyring.db"));
    change(
        &sql,
        "UPDATE blind_index SET target = ?2 WHERE target = ?1",
        params![bytes(sam.principal), bytes(ada.principal)],
        1,
    );
    assert!(made.room.staff_login("sam", &secret(PASSWORD)).is_err());
    let login = made.room.staff_login("sam", &secret(OTHER)).unwrap();
    assert_eq!(login.principal, ada.principal, "ada, and nobody but ada");
    let people = made.room.staff(&login.token).people(&crate::world::FIRST, &Why::unstated());
    assert!(people.is_ok());
}
