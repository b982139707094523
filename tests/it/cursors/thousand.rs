//! A thousand rows, a part at a time, while more are written: none is missed, and none comes twice.

use std::{cell::Cell, collections::BTreeSet, fmt::Debug, time::Duration};

use strongroom::room::{Cursor, LogPart, OwnerSession, Page, TicketQueue, Why};

use crate::{
    disk::sql,
    lists::{biller, pay},
    scene::{rights, staff},
    world::{JANE, World},
};

const ROWS: usize = 1000;

/// Reads a list to its end, `limit` rows at a time, and writes something after each part: every row that was there
/// comes once.
#[track_caller]
fn whole<K: Ord + Copy + Debug>(
    limit: usize,
    before: &BTreeSet<K>,
    read: impl Fn(&Page) -> (Vec<K>, Option<Cursor>),
    write: impl Fn(),
) -> BTreeSet<K> {
    let (mut seen, mut page) = (BTreeSet::new(), Page::first(limit));
    loop {
        let (rows, next) = read(&page);
        assert!((1..=limit).contains(&rows.len()), "{} rows", rows.len());
        for row in rows {
            assert!(seen.insert(row), "{row:?} comes twice");
        }
        let Some(next) = next else { break };
        write();
        page = Page::after(next, limit);
    }
    let missed: Vec<_> = before.difference(&seen).collect();
    assert!(missed.is_empty(), "{} missed: {missed:?}", missed.len());
    seen
}

fn open(world: &World, jane: &OwnerSession) {
    // What is of the same moment as the last row of a part is before or behind it, by its id.
    world.later(Duration::from_millis(1));
    world.room.owner(jane).open_ticket("Subject", "Body").unwrap();
}

#[test]
fn a_thousand_tickets_and_the_entries_about_them() {
    let world = World::demo();
    let jane = world.customer(JANE);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..ROWS / 8).for_each(|_| open(&world, &jane)));
        }
    });
    let owner = world.room.owner(&jane);
    let own = |page: &Page| {
        let part = owner.tickets(page).unwrap();
        (part.rows.iter().map(|one| one.ticket).collect::<Vec<_>>(), part.next)
    };
    let all = whole(500, &BTreeSet::new(), own, || ());
    assert_eq!(all.len(), ROWS);
    // What is newer than where it began is in none of its parts.
    assert!(whole(97, &all, own, || open(&world, &jane)) == all);

    let lea = world.staff("lea");
    let queue = |page: &Page| {
        let part = lea.tickets(TicketQueue::Unassigned, page, &Why::unstated()).unwrap();
        (part.rows.iter().map(|one| one.header.ticket).collect::<Vec<_>>(), part.next)
    };
    // The oldest comes first, so what is written meanwhile comes last.
    assert!(whole(256, &all, queue, || open(&world, &jane)).len() > ROWS + 4);

    let vera = world.staff("vera");
    for (part, least, limit) in [(LogPart::All, ROWS, 111), (LogPart::About(jane.account()), ROWS, 111)] {
        let size = world.room.log_size().unwrap();
        let log = |page: &Page| {
            let part = vera.audit_log(part, 0, page, &Why::unstated()).unwrap();
            assert_eq!(part.size, size, "the log as it was at the first part");
            (part.entries.iter().map(|one| one.entry.position).collect::<Vec<_>>(), part.next)
        };
        let all = whole(limit, &BTreeSet::new(), log, || open(&world, &jane));
        assert!(all.len() >= least && all.iter().all(|position| *position < size), "{}", all.len());
        assert!(part != LogPart::All || all.len() as u64 == size, "each entry that there was");
    }
}

/// Each reading is an entry about her, and of one row at a time they would never end.
#[test]
fn the_log_has_an_end_however_small_its_parts_are() {
    let world = World::demo();
    let jane = world.customer(JANE);
    open(&world, &jane);
    let priya = staff(&world.room, "priya");
    let read = |page: &Page| {
        let part = priya.audit_log(LogPart::About(jane.account()), 0, page, &rights()).unwrap();
        (part.entries.iter().map(|one| one.entry.position).collect::<Vec<_>>(), part.next)
    };
    let size = world.room.log_size().unwrap();
    let seen = whole(1, &BTreeSet::new(), read, || ());
    assert!(seen.len() > 1 && seen.iter().all(|position| *position < size), "{seen:?}");
    assert_eq!(world.room.log_size().unwrap(), size + seen.len() as u64, "each part is an entry");
}

#[test]
fn a_thousand_payments_and_messages() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let at_work = biller(&world, &jane);
    pay(&world, &at_work, jane.account(), 1);
    let store = world.path().join("store/store.db");
    // Several of each moment.
    sql(
        &store,
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 999)
        INSERT INTO payment (id, account, year, result, amount_minor, currency, occurred_ms, reference_sealed, card_sealed)
        SELECT randomblob(16), account, year, result, amount_minor, currency, occurred_ms - i / 3, reference_sealed, NULL
        FROM payment, n",
    );
    let waiting = world.room.outbox().unwrap().pending;
    sql(
        &store,
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO outbox (seq, id, channel, kind, receiver_kind, receiver, challenge, object, created_ms, expires_ms,
        due_ms, tries, state, address_version, address_sealed)
        SELECT 1000 + i, randomblob(16), channel, kind, receiver_kind, receiver, challenge, object, created_ms,
        expires_ms, due_ms, tries, state, address_version, address_sealed FROM (SELECT * FROM outbox LIMIT 1), n",
    );
    let (bill, why) = &at_work;
    let payments = |page: &Page| {
        let part = bill.billing(jane.account(), page, why).unwrap();
        (part.rows.iter().map(|one| one.payment).collect::<Vec<_>>(), part.next)
    };
    let all = whole(256, &BTreeSet::new(), payments, || ());
    assert_eq!(all.len(), ROWS);
    let write = || {
        world.later(Duration::from_millis(1));
        pay(&world, &at_work, jane.account(), 2);
    };
    assert!(whole(77, &all, payments, write) == all);

    let messages = |page: &Page| {
        let part = world.room.outbox_rows(false, page).unwrap().unwrap();
        (part.rows.iter().map(|one| one.notice).collect::<Vec<_>>(), part.next)
    };
    let all = whole(500, &BTreeSet::new(), messages, || ());
    assert_eq!(all.len() as u64, waiting + 1000);
    let number = Cell::new(0);
    let write = || {
        number.set(number.get() + 1);
        world.customer(&format!("new{}@example.com", number.get()));
    };
    assert!(whole(300, &all, messages, write).len() > all.len());
}
