//! A customer's own face: a token resumes what a login began, and gives him all that is his.

use std::{io::Read, time::Duration};

use rusqlite::{Connection, params};
use strongroom::room::{
    AccountId, ActivityEvent, Answer, Brand, CaseRef, Class, Classes, Currency, Granted, InvoiceBody,
    InvoiceLine, InvoiceLines, InvoiceNumber, Kind, LastFour, LoginError, MaskedCard, Money, PaymentFacts,
    PaymentFields, PaymentResult, Processor, ProcessorReference, Purpose, Registration, Why, WriteError,
};

use crate::{
    disk::sql,
    erasure,
    world::{JANE, PASSWORD, START, World, secret},
};

fn granted(world: &World, email: &str) -> Granted {
    let password = secret(PASSWORD);
    world.room.register(&Registration { email, name: Some("Jane Doe"), password: &password }).unwrap();
    match world.room.login(email, &password).unwrap() {
        Answer::Granted(granted) => granted,
        Answer::Denied => panic!("the right password was denied"),
    }
}

/// A payment by card and an invoice, recorded by bill on a ticket of the customer's.
fn billed(world: &World, owner: &strongroom::room::OwnerSession, number: &str) {
    let account = owner.account();
    let ticket = world.room.owner(owner).open_ticket("Refund", "Please.").unwrap().ticket;
    let login = world.room.assume("bill").unwrap();
    let bill = world.room.staff(&login.token);
    bill.assign(ticket, login.principal, &Why::unstated()).unwrap();
    let why = Why::purpose(Purpose::BillingDispute).case(CaseRef::Ticket(ticket));
    let amount = Money::new(999, Currency::from_code("EUR").unwrap()).unwrap();
    let facts = PaymentFacts { result: PaymentResult::Approved, amount, date: START };
    let reference = ProcessorReference::parse(Processor::Other, "order-2026-17").ok().unwrap();
    let card = MaskedCard::new(Brand::Visa, LastFour::parse("4242").ok().unwrap(), None);
    bill.record_payment(account, &facts, PaymentFields { reference, card: Some(card) }, &why).unwrap();
    let lines = InvoiceLines::new(vec![InvoiceLine::new("Hosting", 1, amount).ok().unwrap()]).ok().unwrap();
    let number = InvoiceNumber::accept(number).ok().unwrap();
    bill.record_invoice(account, START, InvoiceBody { number, address: None, lines }, &why).unwrap();
}

#[test]
fn a_token_gives_a_customer_all_that_is_his() {
    let world = World::demo();
    let (jane, eve) = (granted(&world, JANE), granted(&world, "eve@example.com"));
    billed(&world, &jane.owner, "R-1");
    billed(&world, &eve.owner, "R-2");
    let ticket = world.ticket(&jane.owner);
    let why = Why::purpose(Purpose::SupportRequest);
    world.staff("sam").reply(ticket, "We look.", &why).unwrap();
    world.room.owner(&jane.owner).attach(ticket, "scan.png", "image/png", &b"pixels"[..]).unwrap();

    let again = world.again();
    let session = again.resume(&jane.token).unwrap();
    let owner = again.owner(&session);
    assert_eq!(owner.profile().unwrap().email.expose().as_str(), JANE);

    let read = owner.ticket(ticket).unwrap();
    let said: Vec<_> = read.messages.iter().map(|m| (m.by_staff, m.body.expose().as_str())).collect();
    assert_eq!(said, [(false, "Please look at the last one."), (true, "We look.")]);
    assert_eq!(read.messages[0].created, START);
    let [attached] = read.attachments.as_slice() else { panic!("one file was attached") };
    assert_eq!((attached.name.expose().as_str(), attached.header.bytes), ("scan.png", 6));
    let mut file = owner.open_attachment(attached.header.attachment).unwrap();
    assert_eq!((file.name.expose().as_str(), file.media_type.expose().as_str()), ("scan.png", "image/png"));
    let mut content = String::new();
    file.content.read_to_string(&mut content).unwrap();
    assert_eq!(content, "pixels");

    let bills = owner.billing(&crate::world::FIRST).unwrap();
    let [invoice] = bills.invoices.as_slice() else { panic!("one invoice is hers") };
    assert_eq!(invoice.body.expose().get().number.expose(), "R-1");
    assert_eq!((invoice.amount.to_string().as_str(), invoice.issued), ("9.99 EUR", START));
    let [payment] = bills.payments.as_slice() else { panic!("one payment is hers") };
    let card = payment.card.as_ref().unwrap().text();
    assert!(card.contains("4242") && !card.contains("order"), "{card}");
}

/// An Activity record stands before the answer, and none, no answer.
#[test]
fn billing_that_cannot_be_recorded_is_not_read() {
    let world = World::demo();
    let jane = granted(&world, JANE);
    billed(&world, &jane.owner, "R-1");
    let store = world.path().join("store/store.db");
    let reads = || {
        let activity = world.room.owner(&jane.owner).activity(&crate::world::FIRST).unwrap();
        activity.rows.iter().filter(|(_, event)| *event == ActivityEvent::Read).count()
    };
    let before = reads();
    drop(world.room.owner(&jane.owner).billing(&crate::world::FIRST).unwrap());
    assert_eq!(reads(), before + 1);

    sql(
        &store,
        "CREATE TRIGGER no_record BEFORE INSERT ON activity BEGIN SELECT RAISE(ABORT, 'disk on fire'); END",
    );
    assert_eq!(
        world.room.owner(&jane.owner).billing(&crate::world::FIRST).err().unwrap().kind(),
        Kind::Unavailable
    );
    sql(&store, "DROP TRIGGER no_record");
    drop(world.room.owner(&jane.owner).billing(&crate::world::FIRST).unwrap());
}

#[test]
fn a_customers_session_counts_for_a_day_whether_it_is_used_or_not() {
    let world = World::demo();
    let jane = granted(&world, JANE);
    world.later(Duration::from_secs(24 * 3600 - 1));
    let session = world.room.resume(&jane.token).unwrap();
    assert_eq!(session.account(), jane.owner.account());
    assert!(world.room.owner(&session).profile().is_ok());
    world.later(Duration::from_secs(1));
    assert!(matches!(world.room.resume(&jane.token), Err(LoginError::NoSession)));
    for held in [&jane.owner, &session] {
        assert!(matches!(
            world.room.owner(held).billing(&crate::world::FIRST).err().unwrap(),
            WriteError::SessionEnded
        ));
    }
}

#[test]
fn a_session_row_that_was_edited_resumes_nothing() {
    let world = World::demo();
    let (jane, eve) = (granted(&world, JANE), granted(&world, "eve@example.com"));
    let store = Connection::open(world.path().join("store/store.db")).unwrap();
    let id = jane.owner.session().as_bytes().to_vec();
    let columns = "holder, expires_ms, state, mac, token_hash";
    let keep = format!("CREATE TABLE kept AS SELECT {columns} FROM session WHERE id = ?1");
    store.execute(&keep, params![id]).unwrap();
    let holder = eve.owner.account().as_bytes().to_vec();
    for (edit, value) in
        [("holder = ?2", Some(holder)), ("expires_ms = expires_ms + 1 + (?2 IS NOT NULL)", None)]
    {
        let edit = format!("UPDATE session SET {edit} WHERE id = ?1");
        assert_eq!(store.execute(&edit, params![id, value]).unwrap(), 1);
        assert!(matches!(world.room.resume(&jane.token), Err(LoginError::NoSession)), "{edit}");
        assert!(matches!(world.room.owner(&jane.owner).profile(), Err(WriteError::SessionEnded)), "{edit}");
        let back = format!("UPDATE session SET ({columns}) = (SELECT {columns} FROM kept) WHERE id = ?1");
        assert_eq!(store.execute(&back, params![id]).unwrap(), 1);
        assert!(world.room.resume(&jane.token).is_ok(), "{edit}: as it was");
    }
    for nothing in ["", "no token", &"A".repeat(43)] {
        let refused = world.room.resume(&secret(nothing)).err().unwrap();
        assert_eq!(refused.kind(), Kind::Denied, "`{nothing}`");
    }
}

/// Whoever closes or erases the account ends what its sessions can do, at once and in every process.
#[test]
fn no_session_outlives_its_account() {
    let world = World::demo();
    let jane = granted(&world, JANE);
    let set = |state: u8, account: AccountId| {
        let store = Connection::open(world.path().join("store/store.db")).unwrap();
        let edit = "UPDATE account SET state = ?2 WHERE id = ?1";
        assert_eq!(store.execute(edit, params![account.as_bytes().to_vec(), state]).unwrap(), 1);
    };
    for state in [2, 3] {
        set(state, jane.owner.account());
        assert!(matches!(world.room.resume(&jane.token), Err(LoginError::NoSession)), "state {state}");
        let held = world.room.owner(&jane.owner);
        assert!(matches!(held.profile(), Err(WriteError::SessionEnded)), "state {state}");
        assert!(matches!(held.billing(&crate::world::FIRST), Err(WriteError::SessionEnded)), "state {state}");
        assert!(matches!(held.open_ticket("Still", "Here."), Err(WriteError::SessionEnded)), "state {state}");
    }
    set(1, jane.owner.account());
    assert!(world.room.resume(&jane.token).is_ok());
}

#[test]
fn a_login_name_leads_to_its_account_and_to_no_other() {
    let world = World::demo();
    let (jane, eve) = (granted(&world, JANE), granted(&world, "eve@example.com"));
    let find = |typed: &str| world.room.find(typed).unwrap();
    assert_eq!(find(JANE), Some(jane.owner.account()));
    assert_eq!(find(" Jane.Doe@EXAMPLE.com "), Some(jane.owner.account()), "as she logs in");
    for nobody in ["nobody@example.com", "no address", "", "jane.doe@example.com\0"] {
        assert_eq!(find(nobody), None, "`{nobody}`");
    }
    // Of somebody erased nothing leads anywhere, though a hold keeps her index until it ends.
    let (held, account) = (granted(&world, "held@example.com"), find("held@example.com").unwrap());
    let (lena, why) = (world.staff("lena"), Why::purpose(Purpose::LegalObligation));
    let why = why.clone().case(CaseRef::Case(lena.open_case(Some(account), &why).unwrap()));
    let review = world.clock.now().plus(Duration::from_secs(86_400));
    lena.place_hold(account, Classes::of(&[Class::Identity]), review, &why).unwrap();
    erasure::close(&world.room, held.owner.account());
    erasure::erase(&world.room, account).unwrap();
    assert_eq!(find("held@example.com"), None);
    // An index row that was turned to somebody else leads nowhere: his account does not repeat its nonce.
    let keyring = Connection::open(world.path().join("keyring/keyring.db")).unwrap();
    let turn = "UPDATE blind_index SET target = ?2 WHERE target = ?1";
    let (from, to) = (jane.owner.account().as_bytes().to_vec(), eve.owner.account().as_bytes().to_vec());
    assert_eq!(keyring.execute(turn, params![from, to]).unwrap(), 1);
    assert_eq!(find(JANE), None);
}
