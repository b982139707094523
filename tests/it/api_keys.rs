//! Keys of customers' programs.

use std::time::Duration;

use strongroom::room::{
    Kind, OpenRoomError, OwnerSession, Page, Registration, Suspension, SuspensionReason, WriteError,
};

use crate::{
    dba::log,
    disk::sql,
    suspended::guarded,
    world::{JANE, PASSWORD, World, options, secret},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn a_key_tells_whose_it_is_and_what_for_until_it_is_revoked() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let (room, owner) = (&world.room, world.room.owner(&jane));
    let expires = world.clock.now().plus(30 * DAY);
    let made = owner.make_api_key(&["dns:write", "mail.*"], expires).unwrap();
    assert!(made.key.expose().starts_with("srk_") && made.key.expose().len() == 68);
    let holder = room.api_key(&made.key).unwrap().unwrap();
    assert_eq!((holder.key, holder.account), (made.id, jane.account()));
    assert_eq!(holder.scopes, ["dns:write", "mail.*"]);

    let listed = owner.api_keys(&Page::first(500)).unwrap().rows;
    let [key] = listed.as_slice() else { panic!("one key is hers") };
    assert!(made.key.expose().starts_with(&key.prefix) && key.prefix.len() == 12);
    assert_eq!((key.expires, key.used_day, key.is_live), (expires, Some(world.clock.now().day()), true));
    world.later(DAY);
    assert!(world.again().api_key(&made.key).unwrap().is_some());
    assert_eq!(owner_again(&world).1, Some(world.clock.now().day()));

    let jane = owner_again(&world).0;
    let owner = room.owner(&jane);
    owner.revoke_api_key(made.id).unwrap();
    assert!(room.api_key(&made.key).unwrap().is_none());
    assert!(matches!(owner.revoke_api_key(made.id), Err(WriteError::NotFound)));
    assert!(!owner.api_keys(&Page::first(500)).unwrap().rows[0].is_live);
    let events: Vec<_> = log(room).into_iter().map(|entry| entry.entry.what.name().to_owned()).collect();
    for event in ["api_key.made", "api_key.revoked"] {
        assert_eq!(events.iter().filter(|name| *name == event).count(), 1, "{event}");
    }
    drop(world.again());
}

/// Jane after her first session is over, and the day on which her key was used.
fn owner_again(world: &World) -> (OwnerSession, Option<u32>) {
    let jane = world.room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap().owner;
    let day = world.room.owner(&jane).api_keys(&Page::first(500)).unwrap().rows[0].used_day;
    (jane, day)
}

#[test]
fn what_is_no_key_or_counts_no_more_tells_nothing() {
    let world = World::demo();
    let (jane, joe) = (world.customer(JANE), world.customer("joe@example.com"));
    let room = &world.room;
    let expires = world.clock.now().plus(DAY);
    let made = room.owner(&jane).make_api_key(&[], expires).unwrap();
    let text = made.key.expose();
    let (mark, rest) = text.split_at(4);
    let last = if text.ends_with('A') { "B" } else { "A" };
    for no_key in ["", "srk_", rest, &format!("{mark}{}", "A".repeat(64)), &format!("{}{last}", &text[..67])]
    {
        assert!(room.api_key(&secret(no_key)).unwrap().is_none(), "`{no_key}`");
    }
    assert!(matches!(room.owner(&joe).revoke_api_key(made.id), Err(WriteError::NotFound)));
    assert!(room.api_key(&secret(&format!(" {text}\n"))).unwrap().is_some());
    world.later(DAY);
    assert!(room.api_key(&made.key).unwrap().is_none(), "it has expired");
    let joes = world.room.login("joe@example.com", &secret(PASSWORD)).unwrap().complete().unwrap().owner;
    let made = room.owner(&joes).make_api_key(&[], world.clock.now().plus(DAY)).unwrap();
    assert!(room.api_key(&made.key).unwrap().is_some());
    room.owner(&joes).close(&secret(PASSWORD)).unwrap();
    assert!(room.api_key(&made.key).unwrap().is_none(), "its account is closed");
}

#[test]
fn a_key_of_a_suspended_account_rests() {
    let (world, sven, why) = guarded();
    let jane = world.customer(JANE);
    let why = why(jane.account());
    let made = world.room.owner(&jane).make_api_key(&[], world.clock.now().plus(2 * DAY)).unwrap();
    // Used today already, and not used yet.
    for used in [false, true] {
        let suspension = Suspension { reason: SuspensionReason::Abuse, until: None };
        sven.suspend(jane.account(), suspension, &why).unwrap();
        assert!(world.room.api_key(&made.key).unwrap().is_none(), "used: {used}");
        sven.reinstate(jane.account(), &why).unwrap();
        assert!(world.room.api_key(&made.key).unwrap().is_some());
    }
}

#[test]
fn a_key_is_made_for_names_and_for_a_time() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let owner = world.room.owner(&jane);
    let now = world.clock.now();
    let soon = now.plus(DAY);
    let long = "x".repeat(65);
    for scopes in [&["DNS"][..], &["dns write"], &[""], &["4929730188462271"], &["a\n"], &[&long], &["a"; 17]]
    {
        let refused = owner.make_api_key(scopes, soon).err().unwrap();
        assert!(
            matches!(refused, WriteError::ApiKey { .. }) && refused.kind() == Kind::Invalid,
            "{scopes:?}"
        );
    }
    for expires in [now, now.plus(3 * 366 * DAY)] {
        assert!(matches!(owner.make_api_key(&[], expires), Err(WriteError::ApiKey { .. })));
    }
    for _ in 0..100 {
        owner.make_api_key(&[], soon).unwrap();
    }
    assert!(matches!(owner.make_api_key(&[], soon), Err(WriteError::TooManyKeys)));
    assert_eq!(WriteError::TooManyKeys.kind(), Kind::Conflict);
}

/// A key that was invented, widened or brought back with SQL is none, and the room says so when it is opened.
#[test]
fn a_key_that_was_edited_is_none() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let (room, owner) = (&world.room, world.room.owner(&jane));
    let store = world.path().join("store/store.db");
    let made = owner.make_api_key(&["read"], world.clock.now().plus(DAY)).unwrap();
    let opens = || options(&world.path(), &world.clock).open();
    for edit in ["scopes = 'read write'", "expires_ms = expires_ms + 1", "secret_hash = zeroblob(32)"] {
        let column = edit.split(' ').next().unwrap();
        sql(&store, &format!("CREATE TABLE kept AS SELECT {column} AS was FROM api_key"));
        sql(&store, &format!("UPDATE api_key SET {edit}"));
        assert!(room.api_key(&made.key).unwrap().is_none(), "{edit}");
        assert!(matches!(opens(), Err(OpenRoomError::Integrity { .. })), "{edit}");
        sql(&store, &format!("UPDATE api_key SET {column} = (SELECT was FROM kept); DROP TABLE kept"));
    }
    drop(opens().unwrap());
    sql(&store, "CREATE TABLE kept AS SELECT * FROM api_key");
    owner.revoke_api_key(made.id).unwrap();
    sql(&store, "DELETE FROM api_key; INSERT INTO api_key SELECT * FROM kept");
    assert!(matches!(opens(), Err(OpenRoomError::Integrity { .. })), "one that was revoked is put back");
}

#[test]
fn two_keys_of_two_people_are_two() {
    let world = World::demo();
    let password = secret(PASSWORD);
    for email in [JANE, "joe@example.com"] {
        world.room.register(&Registration { email, name: None, password: &password }).unwrap();
    }
    let keys = [JANE, "joe@example.com"].map(|email| {
        let owner = world.room.login(email, &password).unwrap().complete().unwrap().owner;
        let made = world.room.owner(&owner).make_api_key(&[], world.clock.now().plus(DAY)).unwrap();
        (owner.account(), made)
    });
    for (account, made) in &keys {
        assert_eq!(world.room.api_key(&made.key).unwrap().unwrap().account, *account);
    }
}
