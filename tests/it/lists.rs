//! Lists come in parts: each row once, newest first, and a cursor counts for its own list alone.

use std::time::Duration;

use strongroom::room::{
    AccountId, CaseRef, Colleague, Currency, Cursor, InvoiceBody, InvoiceLine, InvoiceLines, InvoiceNumber,
    Kind, Listed, Money, OwnerSession, Page, PaymentFacts, PaymentFields, PaymentResult, PrincipalKind,
    Processor, ProcessorReference, Purpose, RoomKind, Staff, Why, WriteError,
};

use crate::{
    dba::log,
    disk::sql,
    world::{JANE, PEOPLE, World},
};

/// All parts of a list, three rows at a time.
fn parts<T>(read: impl Fn(&Page) -> Listed<T>) -> Vec<Vec<T>> {
    let mut part = read(&Page::first(3));
    let mut all = Vec::new();
    while let Some(next) = part.next {
        let following = read(&Page::after(next, 3));
        all.push(std::mem::replace(&mut part, following).rows);
    }
    all.push(part.rows);
    all
}

pub fn money(minor: i64) -> Money {
    Money::new(minor, Currency::from_code("EUR").unwrap()).unwrap()
}

/// Billing at work on a ticket of a customer's.
pub fn biller(world: &World, owner: &OwnerSession) -> (Staff, Why) {
    let ticket = world.room.owner(owner).open_ticket("Refund", "Please.").unwrap().ticket;
    let login = world.room.assume("bill").unwrap();
    let bill = world.room.staff(&login.token);
    bill.assign(ticket, login.principal, &Why::unstated()).unwrap();
    (bill, Why::purpose(Purpose::BillingDispute).case(CaseRef::Ticket(ticket)))
}

pub fn pay(world: &World, (bill, why): &(Staff, Why), account: AccountId, minor: i64) {
    let facts =
        PaymentFacts { result: PaymentResult::Approved, amount: money(minor), date: world.clock.now() };
    let reference = ProcessorReference::parse(Processor::Other, "order-2026-17").ok().unwrap();
    bill.record_payment(account, &facts, PaymentFields { reference, card: None }, why).unwrap();
}

pub fn invoice(world: &World, (bill, why): &(Staff, Why), account: AccountId, minor: i64) {
    let line = InvoiceLine::new("Hosting", 1, money(minor)).ok().unwrap();
    let number = InvoiceNumber::accept("R-1").ok().unwrap();
    let body = InvoiceBody { number, address: None, lines: InvoiceLines::new(vec![line]).ok().unwrap() };
    bill.record_invoice(account, world.clock.now(), body, why).unwrap();
}

#[test]
fn each_ticket_stands_in_one_part_newest_first() {
    let world = World::demo();
    let jane = world.customer(JANE);
    world.customer("eve@example.com");
    let owner = world.room.owner(&jane);
    let mut opened = Vec::new();
    for number in 0..7 {
        opened.push(owner.open_ticket("Subject", "Body").unwrap().ticket);
        // Two of the same millisecond are told apart by their ids.
        if number % 2 == 0 {
            world.later(Duration::from_millis(1));
        }
    }
    let parts = parts(|page| owner.tickets(page).unwrap());
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    let listed: Vec<_> = parts.into_iter().flatten().collect();
    assert!(listed.is_sorted_by(|newer, older| newer.created >= older.created));
    let mut ids: Vec<_> = listed.iter().map(|header| header.ticket).collect();
    ids.sort_unstable();
    opened.sort_unstable();
    assert_eq!(ids, opened);
    assert_eq!(owner.tickets(&Page::first(0)).unwrap().rows.len(), 1, "a part is never empty without an end");
    let all = owner.tickets(&Page::first(usize::MAX)).unwrap();
    assert_eq!((all.rows.len(), all.next), (7, None));
    let exactly = owner.tickets(&Page::first(7)).unwrap();
    assert_eq!((exactly.rows.len(), exactly.next), (7, None), "what is all has no next part");
}

#[test]
fn what_is_written_meanwhile_shifts_no_part() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let owner = world.room.owner(&jane);
    let mut opened = Vec::new();
    for _ in 0..4 {
        opened.push(owner.open_ticket("Subject", "Body").unwrap().ticket);
        world.later(Duration::from_millis(1));
    }
    let first = owner.tickets(&Page::first(2)).unwrap();
    owner.open_ticket("Subject", "Body").unwrap();
    let second = owner.tickets(&Page::after(first.next.unwrap(), 2)).unwrap();
    let ids: Vec<_> = first.rows.iter().chain(&second.rows).map(|header| header.ticket).collect();
    opened.reverse();
    assert_eq!(ids, opened);
}

#[test]
pub fn payments_and_invoices_are_one_list_to_both_sides() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let at_work = biller(&world, &jane);
    for number in 0..5 {
        pay(&world, &at_work, jane.account(), number);
        world.later(Duration::from_secs(1));
        invoice(&world, &at_work, jane.account(), 100 + number);
        world.later(Duration::from_secs(1));
    }
    let (bill, why) = &at_work;
    let detail = |page: &Page| {
        let detail = bill.billing_detail(jane.account(), page, why).unwrap();
        assert!(detail.payments.is_sorted_by(|newer, older| newer.occurred >= older.occurred));
        let payments = detail.payments.iter().map(|payment| (payment.occurred, payment.amount.minor()));
        let invoices = detail.invoices.iter().map(|invoice| (invoice.issued, invoice.amount.minor()));
        let mut rows: Vec<_> = payments.chain(invoices).collect();
        rows.sort_unstable_by_key(|(at, _)| std::cmp::Reverse(*at));
        Listed { rows, next: detail.next }
    };
    let rows: Vec<_> = parts(detail).into_iter().flatten().map(|(_, minor)| minor).collect();
    assert_eq!(rows, [104, 4, 103, 3, 102, 2, 101, 1, 100, 0]);
    let masked = parts(|page| bill.billing(jane.account(), page, why).unwrap());
    let masked: Vec<_> = masked.into_iter().flatten().map(|payment| payment.amount.minor()).collect();
    assert_eq!(masked, [4, 3, 2, 1, 0]);

    let owner = world.room.owner(&jane);
    let own = |page: &Page| {
        let part = owner.billing(page).unwrap();
        Listed { rows: vec![(part.payments.len(), part.invoices.len())], next: part.next }
    };
    assert_eq!(parts(own).concat(), [(1, 2), (2, 1), (1, 2), (1, 0)]);
    let activity = parts(|page| owner.activity(page).unwrap());
    let activity: Vec<_> = activity.into_iter().flatten().collect();
    assert!(activity.is_sorted_by(|(newer, _), (older, _)| newer >= older) && activity.len() > 3);
}

#[test]
fn a_ticket_with_as_many_files_as_are_shown_takes_no_more() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let ticket = world.ticket(&jane);
    let owner = world.room.owner(&jane);
    owner.attach(ticket, "a.txt", "text/plain", &b"a"[..]).unwrap();
    let copies = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 254)
        INSERT INTO attachment SELECT randomblob(16), ticket, account, generation, bytes, created_ms, name_sealed,
        media_type_sealed FROM attachment, n";
    sql(&world.path().join("store/store.db"), copies);
    let last = owner.attach(ticket, "b.txt", "text/plain", &b"b"[..]).unwrap().attachment;
    let refused = owner.attach(ticket, "c.txt", "text/plain", &b"c"[..]).err().unwrap();
    assert!(matches!(refused, WriteError::Full), "{refused}");
    let why = Why::purpose(Purpose::SupportRequest);
    let shown = world.staff("sam").ticket(ticket, &why).unwrap().attachments;
    assert!(shown.len() == 256 && shown.iter().any(|header| header.attachment == last), "{}", shown.len());
}

/// Each part is an entry that names its people and nobody else.
#[test]
fn each_member_of_staff_stands_in_one_part_with_what_he_holds() {
    let world = World::demo();
    let ada = world.staff("ada");
    let plain = Why::purpose(Purpose::AccessAdmin);
    let why = plain.clone().case(CaseRef::Case(ada.open_case(None, &plain).unwrap()));
    ada.appoint("nina", PrincipalKind::Human, &why).unwrap();
    let vera = world.staff("vera");
    let before = usize::try_from(world.room.log_size().unwrap()).unwrap();
    let parts = parts(|page| vera.people(page, &Why::unstated()).unwrap());
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3]);
    let id = |one: &Colleague| one.header.principal;
    let entries = log(&world.room);
    for (part, entry) in parts.iter().zip(&entries[before..]) {
        let named: Vec<_> = entry.entry.objects.iter().map(|named| named.id).collect();
        assert_eq!(entry.entry.what.name(), "policy.read");
        assert_eq!(named, part.iter().map(|one| *id(one).as_bytes()).collect::<Vec<_>>());
    }
    let all: Vec<_> = parts.into_iter().flatten().collect();
    assert!(all.is_sorted_by(|one, next| id(one) < id(next)), "each once");
    for one in &all {
        let handle = one.handle.as_ref().unwrap().expose().as_str();
        let role = PEOPLE.iter().find(|(of, _)| *of == handle).map(|(_, role)| *role);
        let held: Vec<_> = one.grants.iter().map(|grant| (grant.principal, grant.role)).collect();
        assert_eq!(held, role.map(|role| (id(one), role)).into_iter().collect::<Vec<_>>(), "{handle}");
    }
    let jane = world.customer(JANE);
    let tickets = world.room.owner(&jane);
    for _ in 0..2 {
        tickets.open_ticket("Subject", "Body").unwrap();
    }
    let foreign = tickets.tickets(&Page::first(1)).unwrap().next.unwrap();
    let refused = vera.people(&Page::after(foreign, 1), &Why::unstated()).map(drop);
    assert_eq!(refused.unwrap_err().kind(), Kind::Invalid, "a cursor of another list");
}

#[test]
fn a_cursor_that_was_made_up_or_is_of_another_list_is_refused() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let eve = world.customer("eve@example.com");
    let at_work = biller(&world, &jane);
    for number in 0..3 {
        pay(&world, &at_work, jane.account(), number);
        world.room.owner(&jane).open_ticket("Subject", "Body").unwrap();
        world.room.owner(&eve).open_ticket("Subject", "Body").unwrap();
    }
    let (bill, why) = &at_work;
    let owner = world.room.owner(&jane);
    owner.profile().unwrap();
    let cursor = owner.tickets(&Page::first(1)).unwrap().next.unwrap();
    assert_eq!(cursor.to_string().parse(), Ok(cursor));
    assert!(owner.tickets(&Page::after(cursor, 1)).is_ok());
    let refused =
        |cursor: Cursor| owner.tickets(&Page::after(cursor, 1)).err().map(|e| (e.kind(), e.to_string()));
    let no_cursor = Some((Kind::Invalid, "the cursor was refused: it is none of this list".to_owned()));

    let foreign = [
        ("another account's", world.room.owner(&eve).tickets(&Page::first(1)).unwrap().next.unwrap()),
        ("another list's", owner.activity(&Page::first(1)).unwrap().next.unwrap()),
        ("payments'", bill.billing(jane.account(), &Page::first(1), why).unwrap().next.unwrap()),
    ];
    for (whose, cursor) in foreign {
        assert_eq!(refused(cursor), no_cursor, "{whose}");
    }
    let other = World::new(RoomKind::Demo);
    let other_jane = other.customer(JANE);
    for _ in 0..2 {
        other.room.owner(&other_jane).open_ticket("Subject", "Body").unwrap();
    }
    let theirs = other.room.owner(&other_jane).tickets(&Page::first(1)).unwrap().next.unwrap();
    assert_eq!(refused(theirs), no_cursor, "another room's");

    // Every character of a genuine one counts.
    let genuine = cursor.to_string();
    for at in 0..genuine.len() {
        let mut text = genuine.clone().into_bytes();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        if let Ok(forged) = String::from_utf8(text).unwrap().parse() {
            assert_eq!(refused(forged), no_cursor, "character {at}");
        }
    }
    for none in ["", "A", "not a cursor", &genuine[1..], &format!("{genuine}A")] {
        assert!(none.parse::<Cursor>().is_err(), "{none}");
    }

    let before = world.room.log_size().unwrap();
    let denied = bill.billing(jane.account(), &Page::after(cursor, 1), why).err().unwrap();
    assert_eq!(denied.kind(), Kind::Invalid);
    assert_eq!(world.room.log_size().unwrap(), before, "nothing was asked for, and nothing is recorded");
}
