//! What must agree between hosts is a row of the room: made with it, vouched for, and never weaker in one process.

use strongroom::{
    password::Settings,
    room::{Kind, OpenRoomError, Quotas, Registration, Room, RoomKind, RoomOptions},
};

use crate::{
    dba::{Copy, Kept},
    world::{JANE, PASSWORD, START, World, ceremony, options, secret},
};

/// A room made with 24 MiB for passwords and 10,000 bytes for attachments, and its options.
fn made(directory: &std::path::Path) -> (Room, RoomOptions) {
    let clock = strongroom::room::Clock::manual(START);
    let own = options(&directory.join("room"), &clock);
    let quotas = Quotas { attachment_bytes_max: 10_000, account_bytes_max: 20_000, room_bytes_max: 30_000 };
    let strict =
        RoomOptions { passwords: Settings::new(24_576, 2, 1).ok(), quotas: Some(quotas), ..own.clone() };
    (Room::init(strict, &ceremony(RoomKind::Demo)).unwrap().room, own)
}

fn scheme(room: &std::path::Path) -> String {
    let store = rusqlite::Connection::open(room.join("store/store.db")).unwrap();
    store.query_row("SELECT scheme FROM credential WHERE owner_kind = 1", [], |row| row.get(0)).unwrap()
}

#[test]
fn what_a_room_was_made_with_holds_on_every_host() {
    let directory = tempfile::tempdir().unwrap();
    let (room, own) = made(directory.path());
    drop(room);
    // Another host, which knows nothing of it.
    let room = own.open().unwrap();
    let password = secret(PASSWORD);
    room.register(&Registration { email: JANE, name: None, password: &password }).unwrap();
    let scheme = scheme(&directory.path().join("room"));
    assert!(scheme.contains("24576"), "{scheme}");
    let Some(jane) = room.login(JANE, &password).unwrap().complete() else {
        panic!("the right password was denied")
    };
    let owner = room.owner(&jane.owner);
    let ticket = owner.open_ticket("Subject", "Body").unwrap().ticket;
    assert!(owner.attach(ticket, "a.bin", "a/b", &[7; 10_001][..]).is_err());
    assert!(owner.attach(ticket, "a.bin", "a/b", &[7; 10_000][..]).is_ok());
    let settings = room.doctor().unwrap().into_iter().find(|finding| finding.check == "settings").unwrap();
    assert!(settings.found.contains("24576 KiB"), "{}", settings.found);
}

#[test]
fn a_process_may_be_stricter_than_its_room_and_not_weaker() {
    let directory = tempfile::tempdir().unwrap();
    let (room, own) = made(directory.path());
    drop(room);
    let quotas = Quotas { attachment_bytes_max: 10_000, account_bytes_max: 20_000, room_bytes_max: 30_000 };
    let with = |passwords: Option<Settings>, quotas: Option<Quotas>| {
        let opened = RoomOptions { passwords, quotas, ..own.clone() }.open();
        opened.map(drop).map_err(|error| (error.kind(), matches!(error, OpenRoomError::Weaker { .. })))
    };
    assert_eq!(with(Settings::new(32_768, 2, 1).ok(), None), Ok(()));
    assert_eq!(with(Some(Settings::FLOOR), None), Err((Kind::Invalid, true)));
    assert_eq!(with(None, Some(Quotas { room_bytes_max: 29_999, ..quotas })), Ok(()));
    for looser in [
        Quotas { attachment_bytes_max: 10_001, ..quotas },
        Quotas { account_bytes_max: 20_001, ..quotas },
        Quotas { room_bytes_max: 30_001, ..quotas },
    ] {
        assert_eq!(with(None, Some(looser)), Err((Kind::Invalid, true)));
    }
}

#[test]
fn settings_that_were_written_past_the_program_keep_a_room_shut() {
    let world = World::demo();
    for edit in [
        "UPDATE setting SET argon2_memory_kib = 19455",
        "UPDATE setting SET room_bytes_max = room_bytes_max + 1",
        "UPDATE setting SET version = 2",
        "UPDATE setting SET changed_at = 1",
        "DELETE FROM setting",
    ] {
        let copy = Copy::of(&world);
        copy.store().execute_batch(edit).unwrap();
        let refused = copy.refused();
        assert!(refused.contains("settings"), "{edit}: {refused}");
        let verified = copy.verify();
        assert_eq!(verified.authority, Some(false), "{edit}");
    }
}

#[test]
fn another_rooms_settings_are_none_of_this_one() {
    let world = World::demo();
    let directory = tempfile::tempdir().unwrap();
    let (weak, own) = (Copy::of(&world), directory.path());
    drop(made(own));
    let taken = Kept::of(&weak.store(), "setting", "TRUE");
    let strict = crate::dba::unguarded(&own.join("room/store/store.db"));
    strict.execute_batch("DELETE FROM setting").unwrap();
    taken.put_back(&strict);
    strict.execute_batch("UPDATE setting SET id = (SELECT id FROM room)").unwrap();
    let clock = strongroom::room::Clock::manual(START);
    assert_eq!(options(&own.join("room"), &clock).open().err().unwrap().kind(), Kind::Integrity);
}
