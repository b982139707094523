//! Accounts are closed by their customers and by staff: sessions end, logins are denied as if the password were
//! wrong, customers write nothing more, and staff go on with what is left to do.

use std::{
    io::{self, Read},
    sync::Barrier,
    thread,
    time::Duration,
};

use rusqlite::Connection;
use strongroom::room::{
    AccountState, Answer, CaseRef, Class, Classes, Currency, DenialReason, InvoiceBody, InvoiceLine,
    InvoiceLines, InvoiceNumber, Kind, LoggedIn, LoginError, Money, PaymentFacts, PaymentFields,
    PaymentResult, Processor, ProcessorReference, Purpose, RegisterError, Registration, Room, Staff,
    StaffError, Why, WriteError,
};

use crate::{
    dba::{is, log},
    disk::{files, sql},
    scene::{SCAN, Scene, on, reason, support},
    world::{JANE, PASSWORD, START, World, secret},
};

fn login(room: &Room) -> Option<LoggedIn> {
    room.login(JANE, &secret(PASSWORD)).unwrap().complete()
}

fn priyas(scene: &Scene) -> (Staff, Why) {
    let why = Why::purpose(Purpose::DataSubjectRequest).case(CaseRef::Case(scene.case));
    (scene.world.staff("priya"), why)
}

/// Rows of a table that matter to a login.
fn count(world: &World, table: &str) -> i64 {
    let store = Connection::open(world.path().join("store/store.db")).unwrap();
    store.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn failed_logins(world: &World) -> i64 {
    count(world, "activity WHERE event = 2")
}

#[test]
fn a_customer_closes_his_account_with_his_password() {
    let scene = Scene::new();
    let (room, world) = (&scene.world.room, &scene.world);
    let other = login(room).unwrap();
    let owner = room.owner(&scene.jane);
    let before = (room.log_size().unwrap(), failed_logins(world));
    let wrong = owner.close(&secret("not her password at all"));
    assert!(matches!(&wrong, Err(WriteError::Password)));
    assert_eq!(wrong.err().unwrap().kind(), Kind::Denied);
    assert_eq!((room.log_size().unwrap(), failed_logins(world)), (before.0, before.1 + 1));
    assert!(owner.profile().is_ok(), "nothing was closed");

    owner.close(&secret(PASSWORD)).unwrap();
    let last = log(room)
        .into_iter()
        .rev()
        .map(|entry| entry.entry)
        .find(|entry| entry.what.name() == "account.closed");
    let entry = last.unwrap();
    assert_eq!(
        (entry.outcome.name(), entry.actor.to_string()),
        ("done", format!("account:{}", scene.account()))
    );
    assert_eq!((entry.subjects.clone(), entry.session), (vec![scene.account()], Some(scene.jane.session())));
    let seals = room.account_seals(scene.account()).unwrap();
    assert_eq!((seals.state, seals.closed), (AccountState::Closed, Some(world.clock.now())));
    // Here, in his other session, and in another process.
    assert!(matches!(owner.close(&secret(PASSWORD)), Err(WriteError::SessionEnded)));
    for room in [room, &world.again()] {
        assert!(matches!(room.resume(&other.token), Err(LoginError::NoSession)));
        assert!(matches!(room.logout(&other.token), Err(LoginError::NoSession)));
        for session in [&scene.jane, &other.owner] {
            let owner = room.owner(session);
            assert!(matches!(owner.profile(), Err(WriteError::SessionEnded)));
            assert!(matches!(owner.open_ticket("More", "Text"), Err(WriteError::SessionEnded)));
            assert!(matches!(owner.write(scene.ticket, "More"), Err(WriteError::SessionEnded)));
            let attached = owner.attach(scene.ticket, "a", "text/plain", &b"a"[..]);
            assert!(matches!(attached, Err(WriteError::SessionEnded)));
        }
    }
    // Joe's account is his own.
    assert!(room.owner(&scene.joe).open_ticket("Mine", "Text").is_ok());
}

/// What a denied login leaves, and what it reads and writes, tells a closed account from a wrong password to nobody.
#[test]
fn a_login_to_a_closed_account_is_a_login_with_a_wrong_password() {
    let scene = Scene::new();
    let (room, world) = (&scene.world.room, &scene.world);
    let traces = || {
        let sizes = ["session", "activity", "credential", "audit_entry", "audit_detail", "account"];
        sizes.map(|table| count(world, table))
    };
    let left = |password: &str| {
        let before = traces();
        assert!(matches!(room.login(JANE, &secret(password)), Ok(Answer::Denied)));
        let mut now = traces();
        now.iter_mut().zip(before).for_each(|(now, before)| *now -= before);
        now
    };
    let wrong = left("not her password at all");
    room.owner(&scene.jane).close(&secret(PASSWORD)).unwrap();
    let failures = failed_logins(world);
    assert_eq!(left(PASSWORD), wrong);
    assert_eq!(left("not her password at all"), wrong);
    assert_eq!(failed_logins(world), failures + 2);
    let password = secret(PASSWORD);
    let again = room.register(&Registration { email: JANE, name: None, password: &password });
    assert!(matches!(again, Err(RegisterError::AddressTaken)), "it is his until it is erased");
}

#[test]
fn staff_close_an_account_once_with_a_reason_and_on_record() {
    let scene = Scene::new();
    let (priya, why) = priyas(&scene);
    let account = scene.account();
    for handle in ["ada", "vera", "sam", "lea", "bill", "lena"] {
        let refused = scene.world.staff(handle).close_account(account, &Why::unstated());
        assert_eq!(reason(refused), DenialReason::NotAllowed, "{handle}");
    }
    assert_eq!(reason(priya.close_account(account, &Why::unstated())), DenialReason::PurposeMissing);
    assert_eq!(reason(priya.close_account(scene.joe.account(), &why)), DenialReason::CaseOtherAccount);
    assert!(login(&scene.world.room).is_some());
    priya.close_account(account, &why).unwrap();
    assert!(login(&scene.world.room).is_none());
    assert!(matches!(scene.world.room.owner(&scene.jane).profile(), Err(WriteError::SessionEnded)));
    let again = priya.close_account(account, &why);
    assert!(matches!(&again, Err(StaffError::State { what: "the account is closed already" })), "{again:?}");
    assert_eq!(again.err().unwrap().kind(), Kind::Conflict);
    let closings: Vec<_> = log(&scene.world.room)
        .into_iter()
        .filter(|entry| entry.entry.what.name() == "account.closed")
        .map(|entry| (entry.entry.outcome.name(), entry.entry.reason))
        .collect();
    assert_eq!(closings.iter().filter(|(outcome, _)| *outcome == "done").count(), 1);
    assert_eq!(closings.last().unwrap(), &("failed", Some("wrong_state".to_owned())));
}

/// What is left to do about a closed account is done: its ticket is read and answered, its last payment recorded.
#[test]
fn staff_work_on_in_a_closed_account() {
    let scene = Scene::new();
    let (priya, why) = priyas(&scene);
    priya.close_account(scene.account(), &why).unwrap();
    let sam = scene.world.staff("sam");
    assert_eq!(sam.ticket(scene.ticket, &support()).unwrap().messages.len(), 2);
    sam.reply(scene.ticket, "We have closed it.", &support()).unwrap();
    sam.attach(scene.ticket, "last.txt", "text/plain", SCAN, &support()).unwrap();
    assert!(sam.attachment(scene.scan, &support()).is_ok());
    let view = sam.account(scene.account(), &on(scene.ticket)).unwrap();
    assert_eq!(view.state, AccountState::Closed);
    sam.close_ticket(scene.ticket, &support()).unwrap();
}

/// Whichever comes first, no session outlives the closing.
#[test]
fn a_login_and_a_closing_at_once_leave_no_session() {
    for _ in 0..4 {
        let scene = Scene::new();
        let (priya, why) = priyas(&scene);
        let start = Barrier::new(2);
        let granted = thread::scope(|scope| {
            let login = scope.spawn(|| {
                start.wait();
                login(&scene.world.room)
            });
            start.wait();
            priya.close_account(scene.account(), &why).unwrap();
            login.join().unwrap()
        });
        if let Some(granted) = granted {
            assert!(scene.world.room.resume(&granted.token).is_err());
        }
        assert_eq!(count(&scene.world, "session WHERE holder_kind = 2"), 1, "joe's alone");
    }
}

/// A file whose reading takes so long that its ticket's account is closed meanwhile.
struct Slow<'a>(Option<&'a dyn Fn()>);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(meanwhile) = self.0.take() else { return Ok(0) };
        meanwhile();
        out[..4].copy_from_slice(b"late");
        Ok(4)
    }
}

/// What was begun before the closing is asked about again in the transaction that would write it.
#[test]
fn an_upload_that_outlasts_the_account_is_not_kept() {
    let scene = Scene::new();
    let (priya, why) = priyas(&scene);
    let close = || priya.close_account(scene.account(), &why).unwrap();
    let (before, blobs) =
        (count(&scene.world, "attachment"), || files(&scene.world.path().join("store/blobs")).len());
    let kept = blobs();
    let late =
        scene.world.room.owner(&scene.jane).attach(scene.ticket, "a", "text/plain", Slow(Some(&close)));
    assert!(matches!(late, Err(WriteError::SessionEnded)));
    assert_eq!((count(&scene.world, "attachment"), blobs()), (before, kept));
    // A colleague's, in the account that is closed and then erased.
    let erase = || sql(&scene.world.path().join("store/store.db"), "UPDATE account SET state = 3");
    let sam = scene.world.staff("sam");
    let late = sam.attach(scene.ticket, "a", "text/plain", Slow(Some(&erase)), &support());
    assert!(matches!(late, Err(StaffError::Erased { .. })));
    assert_eq!((count(&scene.world, "attachment"), blobs()), (before, kept));
}

/// As erasing leaves it, keys and rows aside: nobody writes about the account again, and no key is made for it.
#[test]
fn nothing_is_written_about_an_erased_account() {
    let scene = Scene::new();
    let (priya, why) = priyas(&scene);
    let (world, account) = (&scene.world, scene.account());
    let bill = world.staff("bill");
    let dispute = Why::purpose(Purpose::BillingDispute);
    let case = bill.open_case(Some(account), &dispute).unwrap();
    let dispute = dispute.case(CaseRef::Case(case));
    let lena = world.staff("lena");
    let order = Why::purpose(Purpose::LegalObligation);
    let order = order.clone().case(CaseRef::Case(lena.open_case(Some(account), &order).unwrap()));
    let whose = is("id", account);
    sql(&world.path().join("store/store.db"), &format!("UPDATE account SET state = 3 WHERE {whose}"));

    let keys = || {
        let keyring = Connection::open(world.path().join("keyring/keyring.db")).unwrap();
        keyring.query_row("SELECT count(*) FROM data_key", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let erased = |result: Result<(), StaffError>| {
        assert!(matches!(&result, Err(StaffError::Erased { .. })), "{result:?}");
    };
    let (tables, before) = (["ticket_message", "attachment", "payment", "invoice", "hold"], keys());
    let rows = || tables.map(|table| count(world, table));
    let written = rows();
    let sam = world.staff("sam");
    erased(sam.reply(scene.ticket, "Hello?", &support()).map(drop));
    erased(sam.note(scene.ticket, "Gone.", &support()).map(drop));
    erased(sam.attach(scene.ticket, "a", "text/plain", SCAN, &support()).map(drop));
    erased(sam.close_ticket(scene.ticket, &support()));
    erased(world.staff("lea").assign(scene.ticket, scene.id("sam"), &support()));
    let euro = Currency::from_code("EUR").unwrap();
    let amount = Money::new(1990, euro).unwrap();
    let facts = PaymentFacts { result: PaymentResult::Approved, amount, date: START };
    let reference = ProcessorReference::parse(Processor::Other, "order-2026-17").ok().unwrap();
    erased(bill.record_payment(account, &facts, PaymentFields { reference, card: None }, &dispute).map(drop));
    let lines = InvoiceLines::new(vec![InvoiceLine::new("Hosting", 1, amount).ok().unwrap()]).ok().unwrap();
    let invoice = InvoiceBody { number: InvoiceNumber::accept("R-1").ok().unwrap(), address: None, lines };
    erased(bill.record_invoice(account, START, invoice, &dispute).map(drop));
    erased(priya.close_account(account, &why));
    let review = world.clock.now().plus(Duration::from_secs(60));
    let hold = |class| lena.place_hold(account, Classes::of(&[class]), review, &order);
    erased(hold(Class::Support).map(drop));
    assert_eq!((rows(), keys()), (written, before));
    hold(Class::Billing).unwrap();

    let owner = world.room.owner(&scene.jane);
    assert!(matches!(owner.write(scene.ticket, "Hello?"), Err(WriteError::SessionEnded)));
    assert!(matches!(owner.profile(), Err(WriteError::SessionEnded)));
    // A login fails like any other, and is not recorded as hers.
    let hers = format!("activity WHERE {}", is("account", account));
    let (all, of_hers) = (count(world, "activity"), count(world, &hers));
    assert!(login(&world.room).is_none());
    assert_eq!((count(world, "activity"), count(world, &hers)), (all + 1, of_hers));
}
