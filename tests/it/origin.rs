//! One process that carries calls of many people: each entry says whose way it came.

use std::thread;

use strongroom::room::{
    AccountId, DetailText, EntryDetail, LogPart, Origin, Page, Purpose, Room, TraceId, Why,
};

use zeroize::Zeroizing;

use crate::world::{JANE, World};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn newest(world: &World) -> EntryDetail {
    let vera = world.staff("vera");
    let why = Why::purpose(Purpose::Audit);
    let position = world.room.log_size().unwrap() - 2;
    let listed = vera.audit_log(LogPart::All, position, &Page::first(1), &why).unwrap();
    vera.audit_show(listed.entries[0].entry.position, &why).unwrap()
}

/// Reads an account, as sam, in this view of the room.
fn read(room: &Room, account: AccountId) {
    let sam = room.assume("sam").unwrap();
    drop(room.staff(&sam.token).account(account, &Why::purpose(Purpose::SupportRequest)).unwrap());
}

fn texts(entry: EntryDetail) -> Vec<Zeroizing<String>> {
    let text = |(_, kept)| match kept {
        DetailText::Text(text) => text,
        _ => panic!("the detail is gone"),
    };
    entry.details.into_iter().map(text).collect()
}

#[test]
fn an_entry_says_which_way_its_call_came() {
    let world = World::demo();
    let jane = world.customer(JANE).account();
    let origin = Origin::new()
        .component("Socket")
        .host("Desk 4")
        .at("203.0.113.7 on /dev/pts/1")
        .peer(1000)
        .trace(TraceId::parse(TRACE).unwrap());
    read(&world.room.from(&origin), jane);
    let entry = newest(&world);
    let via = &entry.entry.entry.via;
    assert_eq!((via.component.as_str(), via.host.as_str(), via.peer), ("socket", "desk-4", Some(1000)));
    assert_eq!(via.trace.unwrap().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(!entry.entry.line.contains("203.0.113"), "where somebody is stands sealed beside the entry");
    assert_eq!(texts(entry)[0].as_str(), "203.0.113.7 on /dev/pts/1");

    // What is not said is the room's own; what is one call's is not another's.
    read(&world.room.from(&origin).from(&Origin::new().component("web")), jane);
    let entry = newest(&world);
    let via = &entry.entry.entry.via;
    assert_eq!((via.component.as_str(), via.host.as_str()), ("web", "desk-4"));
    assert_eq!((via.peer, via.trace), (None, None));
    assert!(texts(entry).is_empty());

    read(&world.room, jane);
    let via = newest(&world).entry.entry.via;
    assert_eq!((via.component.as_str(), via.host.as_str(), via.peer), ("test", "host-1", None));
}

#[test]
fn calls_of_many_origins_at_once_do_not_mix() {
    let world = World::demo();
    let jane = world.customer(JANE).account();
    let before = world.room.log_size().unwrap();
    thread::scope(|scope| {
        for user in 0..8 {
            let room = world.room.from(&Origin::new().peer(user).at(&format!("desk {user}")));
            scope.spawn(move || {
                for _ in 0..4 {
                    read(&room, jane);
                }
            });
        }
    });
    let vera = world.staff("vera");
    let why = Why::purpose(Purpose::Audit);
    let entries = vera.audit_log(LogPart::All, before, &Page::first(500), &why).unwrap().entries;
    let mut seen = [0; 8];
    for entry in entries.into_iter().filter(|entry| entry.entry.what.name() == "account.read") {
        let user = entry.entry.via.peer.unwrap();
        seen[usize::try_from(user).unwrap()] += 1;
        let shown = vera.audit_show(entry.entry.position, &why).unwrap();
        assert_eq!(*texts(shown)[0], format!("desk {user}"));
    }
    assert_eq!(seen, [4; 8]);
}
