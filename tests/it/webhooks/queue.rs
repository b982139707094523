//! The queue, by the library and a clock that the test holds.

use std::time::Duration;

use strongroom::room::{
    CaseRef, Channel, Contact, NoticeId, NoticeKind, Object, Page, Purpose, Receiver, Retry, Room,
    WebhookEvent, WebhookKey, Why,
};

use super::{configured, registered};
use crate::{
    disk::Census,
    world::{JANE, PASSWORD, World, secret},
};

const MINUTE: Duration = Duration::from_secs(60);
const URL: &str = "https://example.com/hooks";

fn next(room: &Room) -> Option<WebhookEvent> {
    room.next_webhook(MINUTE).unwrap()
}

#[test]
fn a_room_that_names_no_place_writes_no_webhook() {
    let world = World::demo();
    world.customer(JANE);
    assert_eq!(world.room.webhooks().unwrap().pending, 0);
    assert_eq!(next(&world.room), None);
}

#[test]
fn letters_and_webhooks_of_one_event_do_not_wait_for_each_other() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    let account = registered(&room);
    let event = next(&room).unwrap();
    assert_eq!((event.kind, event.to), (NoticeKind::Registered, Receiver::Account(account)));
    assert_eq!((room.outbox().unwrap().pending, room.webhooks().unwrap().pending), (1, 1));
    assert!(room.webhook_delivered(&event).unwrap());
    assert_eq!((room.outbox().unwrap().pending, room.webhooks().unwrap().pending), (1, 0));
    let letters = crate::post::told(&room);
    assert_eq!(letters.len(), 1, "the letter is there for whoever delivers letters");
}

#[test]
fn one_receivers_webhooks_come_in_order_and_each_is_one_takers() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    registered(&room);
    let owner = room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap().owner;
    room.owner(&owner).close(&secret(PASSWORD)).unwrap();
    let first = next(&room).unwrap();
    assert_eq!((first.kind, first.tries), (NoticeKind::Registered, 1));
    assert_eq!(next(&room), None, "it is somebody's, and the next waits for it");
    world.later(MINUTE);
    let again = next(&room).unwrap();
    assert_eq!((again.notice, again.tries), (first.notice, 2), "its taker has gone");
    assert!(!room.webhook_delivered(&first).unwrap(), "the first taker comes late");
    assert!(!room.webhook_failed(&first, Retry::Later).unwrap());
    assert!(room.webhook_delivered(&again).unwrap());
    assert_eq!(next(&room).unwrap().kind, NoticeKind::Closed);
}

/// Whoever gets it late can tell when it happened from when it was sent: it is signed for the second.
#[test]
fn what_is_sent_says_what_it_is_about_and_is_signed_for_the_moment() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    registered(&room);
    assert!(room.webhook_delivered(&next(&room).unwrap()).unwrap());
    let owner = room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap().owner;
    let ticket = world.ticket(&owner);
    let sam = room.staff(&room.assume("sam").unwrap().token);
    sam.reply(ticket, "It is done.", &Why::purpose(Purpose::SupportRequest)).unwrap();
    let event = next(&room).unwrap();
    assert_eq!((event.kind, event.about), (NoticeKind::TicketReplied, Some(Object::Ticket(ticket))));

    let keys = super::SECRETS.map(|text| WebhookKey::parse(&secret(text)).unwrap());
    let sent = event.created.plus(MINUTE);
    let message = event.message(&keys, sent);
    let header = |name: &str| message.headers.iter().find(|(other, _)| *other == name).unwrap().1.clone();
    assert_eq!(header("webhook-timestamp"), (sent.as_ms() / 1000).to_string());
    let signatures = keys.map(|key| key.sign(&event.notice.to_string(), sent, &message.body));
    assert_eq!(header("webhook-signature"), signatures.join(" "));
    let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
    assert_eq!(body["data"]["about"], format!("ticket:{ticket}"));
    assert_eq!(body["timestamp"], event.created.to_string());
}

#[test]
fn pauses_grow_with_a_part_of_chance_until_it_is_given_up() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    registered(&room);
    let mut pauses = Vec::new();
    while let Some(event) = next(&room) {
        let failed = world.clock.now();
        assert!(room.webhook_failed(&event, Retry::Later).unwrap());
        let rows = room.outbox_rows(false, &Page::first(500)).unwrap().unwrap().rows;
        let row = rows.iter().find(|row| row.notice == event.notice);
        let Some(due) = row.and_then(|row| row.due) else { break };
        let (pause, whole) = (due.since(failed), Duration::from_secs(30 << (event.tries - 1)));
        assert!(whole / 2 <= pause && pause <= whole, "{pause:?} after try {}", event.tries);
        pauses.push((pause, whole));
        world.later(pause.saturating_sub(Duration::from_millis(1)));
        assert_eq!(next(&room), None, "not before its time");
        world.later(Duration::from_millis(1));
    }
    assert_eq!(pauses.len(), 9);
    assert!(pauses.iter().any(|(pause, whole)| pause != whole), "there is no chance in it");
    let dead = room.outbox_rows(true, &Page::first(500)).unwrap().unwrap().rows;
    let [dead] = &*dead else { panic!("{dead:?}") };
    assert_eq!((dead.kind, dead.tries, dead.due), (NoticeKind::Registered, 10, None));
    assert_eq!((room.webhooks().unwrap().pending, room.webhooks().unwrap().dead), (0, 1));

    assert!(room.redrive(dead.notice).unwrap());
    assert!(!room.redrive(dead.notice).unwrap(), "it was given up no more");
    let event = next(&room).unwrap();
    assert_eq!((event.notice, event.tries), (dead.notice, 1));
}

/// Another program learns it once; the customer is told at both addresses.
#[test]
fn an_address_that_changes_is_one_webhook_and_two_letters() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    let account = registered(&room);
    let robot = crate::post::postman(&room);
    drop(crate::post::emptied_by(&robot));
    let owner = room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap().owner;
    let asked = room.owner(&owner).ask_address(&secret(PASSWORD), "jane@example.org").unwrap();
    let asked = crate::post::posted_by(&robot, asked);
    let (_, link) = crate::post::sent(&asked);
    room.confirm_address(&strongroom::room::Proof::Link(link)).unwrap();

    let sent = crate::post::emptied_by(&robot);
    let letters: Vec<_> = sent.iter().map(|one| (one.delivery.contact, one.address.as_ref())).collect();
    let letters: Vec<_> = letters
        .into_iter()
        .map(|(to, address)| (to, address.unwrap().expose().as_str().to_owned()))
        .collect();
    let expected = [(Contact::Address, "jane@example.org"), (Contact::FormerAddress, JANE)];
    assert_eq!(letters, expected.map(|(to, address)| (to, address.to_owned())));
    let mut hooks = Vec::new();
    while let Some(event) = next(&room) {
        assert!(room.webhook_delivered(&event).unwrap());
        hooks.extend((event.to == Receiver::Account(account)).then_some(event.kind));
    }
    let told = [NoticeKind::Registered, NoticeKind::AddressChanging, NoticeKind::AddressChanged];
    assert_eq!(hooks, told, "of the code it learns nothing");
}

/// A webhook that was given up holds nobody up, and comes first again when it is tried anew.
#[test]
fn what_was_given_up_lets_the_next_pass() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    registered(&room);
    let owner = room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap().owner;
    room.owner(&owner).close(&secret(PASSWORD)).unwrap();
    let first = next(&room).unwrap();
    assert!(room.webhook_failed(&first, Retry::Never).unwrap());
    let behind = next(&room).unwrap();
    assert_eq!((first.kind, behind.kind), (NoticeKind::Registered, NoticeKind::Closed));
    assert!(room.webhook_failed(&behind, Retry::After(Duration::ZERO)).unwrap());
    assert!(room.redrive(first.notice).unwrap());
    let again = next(&room).unwrap();
    assert_eq!((again.notice, next(&room)), (first.notice, None));
    assert!(room.webhook_delivered(&again).unwrap());
    assert_eq!(next(&room).unwrap().notice, behind.notice);
}

/// The receiver says when, or that it is never.
#[test]
fn a_receivers_own_pause_is_kept_to_the_second() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    registered(&room);
    let event = next(&room).unwrap();
    assert!(room.webhook_failed(&event, Retry::After(5 * MINUTE)).unwrap());
    world.later(5 * MINUTE - Duration::from_millis(1));
    assert_eq!(next(&room), None);
    world.later(Duration::from_millis(1));
    let event = next(&room).unwrap();
    assert!(room.webhook_failed(&event, Retry::Never).unwrap());
    assert_eq!(room.webhooks().unwrap().dead, 1);
}

/// What is not delivered within thirty days is told nobody any more.
#[test]
fn a_webhook_runs_out() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    registered(&room);
    world.later(30 * 24 * 60 * MINUTE);
    assert_eq!(next(&room), None);
    assert_eq!(room.webhooks().unwrap().pending, 0);
}

/// Ids that lead nowhere, and an event of yesterday, change nothing.
#[test]
fn what_is_none_of_the_outbox_changes_nothing() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    registered(&room);
    let event = next(&room).unwrap();
    assert!(room.webhook_delivered(&event).unwrap());
    let before = Census::of(&world.path());
    assert!(!room.webhook_delivered(&event).unwrap());
    for retry in [Retry::Later, Retry::After(Duration::MAX), Retry::Never] {
        assert!(!room.webhook_failed(&event, retry).unwrap());
    }
    assert!(!room.redrive(event.notice).unwrap());
    assert!(!room.redrive(NoticeId::from_bytes([7; 16])).unwrap());
    let letter = room.outbox_rows(false, &Page::first(500)).unwrap().unwrap().rows[0].notice;
    assert!(!room.redrive(letter).unwrap(), "it was not given up");
    assert_eq!(Census::of(&world.path()).rows("outbox"), before.rows("outbox"));
}

/// An endless lease would keep a message from everybody for good.
#[test]
fn a_lease_is_an_hour_at_most() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    registered(&room);
    let event = room.next_webhook(Duration::MAX).unwrap().unwrap();
    world.later(60 * MINUTE);
    assert_eq!(next(&room).unwrap().notice, event.notice);
}

/// What an erased person was to be told goes with him; that he is erased is told.
#[test]
fn webhooks_of_the_erased_go_but_the_one_that_tells() {
    let world = World::demo();
    let room = configured(&world, URL, "");
    let account = registered(&room);
    let owner = room.login(JANE, &secret(PASSWORD)).unwrap().complete().unwrap().owner;
    room.owner(&owner).close(&secret(PASSWORD)).unwrap();
    let priya = crate::scene::staff(&room, "priya");
    let why = Why::purpose(Purpose::DataSubjectRequest);
    let case = priya.open_case(Some(account), &why).unwrap();
    priya.erase_account(account, &why.case(CaseRef::Case(case))).unwrap();
    let left: Vec<_> = room.outbox_rows(false, &Page::first(500)).unwrap().unwrap().rows;
    let webhooks =
        left.iter().filter(|row| row.channel == Channel::Webhook && row.to == Receiver::Account(account));
    assert_eq!(webhooks.map(|row| row.kind).collect::<Vec<_>>(), [NoticeKind::Erased]);
}
