//! `protect.logged`, broken.

use std::time::Duration;

use rusqlite::params;
use strongroom::room::{Kept, MessageId, Room, RoomOptions, Via, Why};

use super::{Busy, count};
use crate::{dba::bytes, world::options};

#[test]
fn a_row_that_has_no_entry_is_named() {
    let busy = Busy::new();
    let store = busy.store();
    let id = [0xee; 16];
    store
        .execute(
            "INSERT INTO ticket_message SELECT ?1, ticket, account, kind, author, at_position, created_ms, body_sealed \
             FROM ticket_message LIMIT 1",
            params![&id[..]],
        )
        .unwrap();
    let message = MessageId::from_bytes(id);
    assert_eq!(busy.broken("protect.logged"), [format!("message {message}: has no entry in the log")]);
}

#[test]
fn a_row_that_the_log_tells_of_and_that_is_gone_is_named_with_its_entry() {
    let busy = Busy::new();
    let id = busy.scene.scan;
    busy.store().execute("DELETE FROM attachment WHERE id = ?1", [bytes(id)]).unwrap();
    let found = busy.broken("protect.logged");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(&format!("attachment {id}, entry ")), "{found:?}");
    assert!(found[0].ends_with(": is in the log, and is not there"), "{found:?}");
}

#[test]
fn one_row_for_another_is_two_counter_examples() {
    let busy = Busy::new();
    let id = busy.scene.case;
    busy.store()
        .execute("UPDATE staff_case SET id = ?1 WHERE id = ?2", params![&[7_u8; 16][..], bytes(id)])
        .unwrap();
    let found = busy.broken("protect.logged");
    assert_eq!(found.len(), 2, "the count alone is as before: {found:?}");
}

#[test]
fn a_log_that_does_not_hold_is_named_by_position() {
    let busy = Busy::new();
    let store = busy.store();
    store.execute("UPDATE audit_entry SET entry = CAST(replace(CAST(entry AS TEXT), 'ticket.noted', 'ticket.nosed') AS BLOB) WHERE CAST(entry AS TEXT) LIKE '%ticket.noted%'", []).unwrap();
    let position: i64 = store
        .query_row("SELECT position FROM audit_entry WHERE CAST(entry AS TEXT) LIKE '%nosed%'", [], |row| {
            row.get(0)
        })
        .unwrap();
    let found = busy.broken("protect.logged");
    assert_eq!(found[0], format!("entry {position}: edited"));
}

#[test]
fn how_the_room_was_used_is_counted() {
    let busy = Busy::new();
    let verdict = busy.check("protect.logged");
    assert_eq!(verdict.kept, Kept::Kept);
    let entries = count(&verdict, "entries");
    assert!(entries > 20, "{entries}");
    assert_eq!(count(&verdict, "entries by way of `test`"), entries);
    assert_eq!(count(&verdict, "rows of accounts"), 2);
    assert_eq!(count(&verdict, "rows of attachments"), 1);
}

#[test]
fn direct_use_is_counted_with_the_time_since_when() {
    let busy = Busy::new();
    let world = busy.world();
    let ways = |room: &Room| {
        let vera = room.staff(&room.assume("vera").unwrap().token);
        vera.check_policy(&["data.payment"], &Why::unstated(), |_| ()).unwrap().ways
    };
    let none = ways(&world.room);
    assert!(none.entries > 20 && none.log_faults == 0, "{none:?}");
    assert_eq!((none.direct, none.direct_since), (0, None));

    world.later(Duration::from_secs(3600));
    let since = world.clock.now();
    let options = RoomOptions { component: Via::DIRECT.to_owned(), ..options(&world.path(), &world.clock) };
    let direct = options.open().unwrap();
    let first = ways(&direct);
    assert_eq!((first.direct, first.direct_since), (1, Some(since)), "the login");
    world.later(Duration::from_secs(3600));
    let second = ways(&direct);
    // The check and the next login: checking is an entry behind those that it counts.
    assert_eq!((second.direct, second.direct_since), (3, Some(since)));
    assert_eq!(second.entries, first.entries + 2);

    let findings = direct.doctor().unwrap();
    let told = findings.iter().find(|finding| finding.check == "direct").unwrap();
    let figure = format!("4 of the newest {} entries", second.entries + 1);
    assert!(told.found.starts_with(&figure), "{}", told.found);
    assert!(told.found.ends_with(&format!("since {since}")), "{}", told.found);
}
