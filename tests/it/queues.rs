//! Staff list what is to be done: their own tickets, nobody's, those that are due; each listing is one entry that names
//! what was seen.

use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use strongroom::room::{
    DenialReason, Listed, Page, QueuedTicket, StaffError, TicketId, TicketQueue, Time, Why,
};

use crate::{
    disk,
    scene::{JOE, Scene, reason, support},
    world::{JANE, PASSWORD, START, World, secret},
};

const HOUR: Duration = Duration::from_secs(3600);
const ALL: Page = Page::first(256);

fn ids(part: &Listed<QueuedTicket>) -> Vec<TicketId> {
    part.rows.iter().map(|row| row.header.ticket).collect()
}

fn plain() -> Why {
    Why::unstated()
}

/// The newest entry.
fn newest(world: &World) -> Value {
    let db = Connection::open(world.path().join("store/store.db")).unwrap();
    let newest = "SELECT entry FROM audit_entry ORDER BY position DESC LIMIT 1";
    let line: Vec<u8> = db.query_row(newest, [], |row| row.get(0)).unwrap();
    serde_json::from_slice(&line).unwrap()
}

#[test]
fn a_queue_holds_what_is_open_and_ones_own_or_nobodys() {
    let scene = Scene::new();
    let world = &scene.world;
    world.later(HOUR);
    let (sam, lea) = (world.staff("sam"), world.staff("lea"));
    let second = world.room.owner(&scene.joe).open_ticket("Again", "Still expired.").unwrap().ticket;
    let mine = sam.tickets(TicketQueue::Mine, &ALL, &plain()).unwrap();
    assert_eq!(ids(&mine), [scene.ticket]);
    assert_eq!(
        (mine.rows[0].header.account, mine.rows[0].header.assignee),
        (scene.account(), Some(scene.id("sam")))
    );
    assert!(lea.tickets(TicketQueue::Mine, &ALL, &plain()).unwrap().rows.is_empty());
    let nobodys = lea.tickets(TicketQueue::Unassigned, &ALL, &plain()).unwrap();
    assert_eq!(ids(&nobodys), [scene.joes, second], "oldest first");
    sam.assign(second, scene.id("sam"), &plain()).unwrap();
    sam.close_ticket(scene.ticket, &support()).unwrap();
    assert_eq!(ids(&sam.tickets(TicketQueue::Mine, &ALL, &plain()).unwrap()), [second]);
    assert_eq!(ids(&sam.tickets(TicketQueue::Unassigned, &ALL, &plain()).unwrap()), [scene.joes]);
}

#[test]
fn a_listing_is_one_entry_that_names_each_ticket_and_no_word() {
    let scene = Scene::new();
    scene.world.staff("lea").tickets(TicketQueue::Due, &ALL, &plain()).unwrap();
    assert_eq!(newest(&scene.world)["data"]["count"], 0);
    scene.world.later(30 * HOUR);
    let due = scene.world.staff("lea").tickets(TicketQueue::Due, &ALL, &plain()).unwrap();
    assert_eq!(due.rows.len(), 2);
    let entry = newest(&scene.world);
    assert_eq!((&entry["event"], &entry["outcome"]), (&"ticket.listed".into(), &"done".into()));
    assert_eq!(entry["data"]["count"], 2);
    let named: Vec<_> = due.rows.iter().map(|row| format!("ticket:{}", row.header.ticket)).collect();
    assert_eq!(entry["objects"], Value::from(named));
    assert_eq!((&entry["fields"], &entry["view"]), (&Value::from(Vec::<String>::new()), &Value::Null));
}

#[test]
fn an_answer_is_due_two_business_days_after_the_oldest_message_without_one() {
    // A Monday.
    let world = World::demo();
    let ticket = world.ticket(&world.customer(JANE));
    let write = |text: &str| {
        let Some(jane) = world.room.login(JANE, &secret(PASSWORD)).unwrap().complete() else { panic!() };
        world.room.owner(&jane.owner).write(ticket, text).unwrap();
    };
    let due = |at: &str| {
        let part = world.staff("lea").tickets(TicketQueue::Due, &ALL, &plain()).unwrap();
        let due: Vec<_> = part.rows.iter().map(|row| row.due.unwrap()).collect();
        assert_eq!(ids(&part), vec![ticket; due.len()], "{at}");
        due
    };
    let wednesday = START.plus(48 * HOUR);
    assert!(due("at once").is_empty());
    world.later(24 * HOUR - Duration::from_millis(1));
    assert!(due("more than a day before").is_empty());
    world.later(Duration::from_millis(1));
    assert_eq!(due("a day before"), [wednesday]);
    write("Is anybody there?");
    world.staff("sam").note(ticket, "She is in a hurry.", &support()).unwrap();
    assert_eq!(due("writing again changes nothing, nor does a note"), [wednesday]);
    world.later(48 * HOUR);
    assert_eq!(due("past its time"), [wednesday]);
    world.staff("sam").reply(ticket, "We are.", &support()).unwrap();
    assert!(due("answered").is_empty());
    // Thursday, half past one: due on Monday.
    write("Thank you. One more thing.");
    let monday = START.plus(7 * 24 * HOUR);
    world.later(48 * HOUR);
    assert!(due("a Saturday").is_empty());
    world.later(24 * HOUR);
    assert_eq!(due("a Sunday"), [monday]);
    let mine = world.staff("sam").tickets(TicketQueue::Mine, &ALL, &plain()).unwrap();
    assert_eq!(mine.rows[0].due, Some(monday));
    world.staff("sam").close_ticket(ticket, &support()).unwrap();
    assert!(due("closed").is_empty());
}

#[test]
fn a_long_queue_comes_in_parts_of_what_one_entry_names() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let open = |number: u32| {
        if number.is_multiple_of(50) {
            world.later(HOUR);
        }
        world.room.owner(&jane).open_ticket("Number", &number.to_string()).unwrap().ticket
    };
    let mut opened: Vec<_> = (0..300).map(open).collect();
    for queue in [TicketQueue::Unassigned, TicketQueue::Due] {
        world.later(24 * HOUR);
        let lea = world.staff("lea");
        let first = lea.tickets(queue, &Page::first(1000), &plain()).unwrap();
        assert_eq!(first.rows.len(), 256);
        let next = first.next.unwrap();
        let rest = lea.tickets(queue, &Page::after(next, 1000), &plain()).unwrap();
        assert_eq!((rest.rows.len(), rest.next), (44, None));
        let ages: Vec<Time> = first.rows.iter().chain(&rest.rows).map(|row| row.header.created).collect();
        assert!(ages.is_sorted());
        let mut seen = [ids(&first), ids(&rest)].concat();
        seen.sort();
        opened.sort();
        assert_eq!(seen, opened);
        let other = if queue == TicketQueue::Due { TicketQueue::Unassigned } else { TicketQueue::Due };
        let refused = lea.tickets(other, &Page::after(next, 10), &plain());
        assert!(matches!(refused, Err(StaffError::Input { field: "cursor", .. })), "another list's");
        assert_eq!(newest(&world)["outcome"], "failed");
    }
}

#[test]
fn who_may_not_list_is_denied_on_record_and_a_forged_assignment_is_not_listed() {
    let scene = Scene::new();
    let vera = scene.world.staff("vera");
    let denied = vera.tickets(TicketQueue::Due, &ALL, &plain());
    assert_eq!(reason(denied), DenialReason::NotAllowed);
    let entry = newest(&scene.world);
    assert_eq!((&entry["event"], &entry["outcome"]), (&"ticket.listed".into(), &"denied".into()));
    let sam = disk_id(&scene);
    let store = scene.world.path().join("store/store.db");
    disk::sql(&store, &format!("UPDATE ticket SET assignee = x'{sam}'"));
    let mine = scene.world.staff("sam").tickets(TicketQueue::Mine, &ALL, &plain()).unwrap();
    assert_eq!(ids(&mine), [scene.ticket], "{JOE}'s ticket has no right MAC");
}

fn disk_id(scene: &Scene) -> String {
    scene.id("sam").as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
