//! Rooms that earlier programs left, kept in `tests/rooms/`: each opens, verifies and gives out what it was given, from
//! now on.
//!
//! `FIXTURES=overwrite cargo test --test it fixture` makes the newest of them anew. It is done when a format changes
//! before a release; after one a fixture is never made anew, the next step's gets a directory of its own.

use std::{
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use strongroom::room::{
    AccountState, Action, CaseRef, Class, Classes, Clock, Currency, Field, InvoiceBody, InvoiceLine,
    InvoiceLines, InvoiceNumber, Kind, Money, PaymentFacts, PaymentFields, PaymentResult, Processor,
    ProcessorReference, Purpose, Room, Time, VerifierKey, Why, verify,
};

use crate::{
    disk,
    scene::{JOE, SCAN, Scene, support},
    world::{FIRST, JANE, PASSWORD, World, options, secret},
};

/// The room that this program makes.
const NEWEST: &str = "step-2";
/// The room of format 1.
pub const OLDEST: &str = "step-1";
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rooms");

/// Where the room of a step is kept, with the public key of its log beside it.
pub fn kept(step: &str) -> PathBuf {
    Path::new(KEPT).join(step)
}
const BYTES_MAX: usize = 500 * 1024;
/// Who closed her account.
const CLARA: &str = "clara.closed@example.net";
/// Who was erased.
const EDGAR: &str = "edgar.erased@example.net";

/// The room of format 1, a day after it was made.
pub fn first() -> World {
    let directory = tempfile::tempdir().unwrap();
    copied(&kept(OLDEST).join("room"), &directory.path().join("room"));
    let clock = Clock::manual(later());
    let room = options(&directory.path().join("room"), &clock).open().unwrap();
    World { room, clock, directory }
}

/// A room in which everything that has a format was done once.
fn made() -> World {
    let scene = Scene::new();
    billed(&scene);
    let clara = scene.world.customer(CLARA);
    scene.world.room.owner(&clara).close(&secret(PASSWORD)).unwrap();
    erased(&scene.world);
    let lena = scene.world.staff("lena");
    let why = Why::purpose(Purpose::LegalObligation);
    let case = lena.open_case(Some(scene.account()), &why).unwrap();
    let review = scene.world.clock.now().plus(Duration::from_secs(90 * 24 * 3600));
    let classes = Classes::of(&[Class::Billing]);
    lena.place_hold(scene.account(), classes, review, &why.case(CaseRef::Case(case))).unwrap();
    // Refused, and so on record.
    let refused = scene.world.staff("sam").reveal_email(scene.account(), &support());
    assert_eq!(refused.err().unwrap().kind(), Kind::Denied);
    scene.world
}

fn erased(world: &World) {
    let edgar = world.customer(EDGAR);
    world.room.owner(&edgar).open_ticket("Forget me", "All of it, please.").unwrap();
    let priya = world.staff("priya");
    let why = Why::purpose(Purpose::DataSubjectRequest);
    let case = priya.open_case(Some(edgar.account()), &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    priya.close_account(edgar.account(), &why).unwrap();
    drop(priya.erase_account(edgar.account(), &why).unwrap());
}

fn billed(scene: &Scene) {
    let bill = scene.world.staff("bill");
    bill.assign(scene.joes, scene.id("bill"), &Why::unstated()).unwrap();
    let why = Why::purpose(Purpose::BillingDispute).case(CaseRef::Ticket(scene.joes));
    let amount = Money::new(2380, Currency::from_code("EUR").unwrap()).unwrap();
    let at = scene.world.clock.now();
    let facts = PaymentFacts { result: PaymentResult::Refunded, amount, date: at };
    let reference = ProcessorReference::parse(Processor::Other, "order-2026-17").ok().unwrap();
    let joe = scene.joe.account();
    bill.record_payment(joe, &facts, PaymentFields { reference, card: None }, &why).unwrap();
    let lines = InvoiceLines::new(vec![InvoiceLine::new("Hosting", 2, amount).ok().unwrap()]).ok().unwrap();
    let number = InvoiceNumber::accept("R-2026-17").ok().unwrap();
    bill.record_invoice(joe, at, InvoiceBody { number, address: None, lines }, &why).unwrap();
}

/// Holds a room that [`made`] made against what was put into it. It may be of any earlier program.
pub fn holds_what_it_was_given(directory: &Path, key: &str) {
    let key = VerifierKey::parse(key.trim()).unwrap();
    let verified = verify(directory, Some(&key), |_| ()).unwrap();
    assert!(verified.is_sound() && verified.report.authenticated, "{:?}", verified.report);
    assert_eq!((verified.authority, verified.report.unknown_events), (Some(true), 0));

    let room = options(directory, &Clock::manual(later())).open().unwrap();
    let login = |email: &str| match room.login(email, &secret(PASSWORD)).unwrap().complete() {
        Some(granted) => Some(granted.owner),
        None => None,
    };
    let (jane, joe) = (login(JANE).unwrap(), login(JOE).unwrap());
    assert!(login(CLARA).is_none(), "her account is closed");
    assert!(login(EDGAR).is_none() && room.find(EDGAR).unwrap().is_none(), "he was erased");
    jane_finds_her_ticket(&room, &jane);

    let bills = room.owner(&joe).billing(&FIRST).unwrap();
    let invoice = bills.invoices.first().unwrap();
    assert_eq!(invoice.body.expose().get().number.expose(), "R-2026-17");
    assert_eq!((invoice.amount.to_string().as_str(), bills.payments.len()), ("47.60 EUR", 1));
    staff_work(&room, jane.account());
    drop(room);
    let verified = verify(directory, Some(&key), |_| ()).unwrap();
    assert!(verified.is_sound(), "the log goes on: {:?}", verified.report);
}

/// A day after the rooms were made.
pub fn later() -> Time {
    crate::world::START.plus(Duration::from_secs(24 * 3600))
}

fn jane_finds_her_ticket(room: &Room, jane: &strongroom::room::OwnerSession) {
    let owner = room.owner(jane);
    let profile = owner.profile().unwrap();
    assert_eq!(
        (profile.email.expose().as_str(), profile.name.unwrap().expose().as_str()),
        (JANE, "Jane Doe")
    );
    let tickets = owner.tickets(&FIRST).unwrap();
    let ticket = owner.ticket(tickets.rows.first().unwrap().ticket).unwrap();
    assert_eq!(ticket.subject.expose().as_str(), "Invoice wrong");
    assert_eq!(ticket.messages.first().unwrap().body.expose().as_str(), "Please look at the last one.");
    let file = ticket.attachments.first().unwrap();
    assert_eq!(
        (file.name.expose().as_str(), file.media_type.expose().as_str()),
        ("scan.pdf", "application/pdf")
    );
    let mut content = Vec::new();
    owner.open_attachment(file.header.attachment).unwrap().content.read_to_end(&mut content).unwrap();
    assert_eq!(content, SCAN);
}

fn staff_work(room: &Room, jane: strongroom::room::AccountId) {
    let staff = |handle: &str| room.staff(&room.assume(handle).unwrap().token);
    let sam = staff("sam");
    let view = sam.account(jane, &support()).unwrap();
    assert_eq!((view.email.text(), view.state), ("j•••@e•••.com", AccountState::Active));
    let found = sam.find(CLARA, &support()).unwrap();
    assert_eq!(room.account_seals(found).unwrap().state, AccountState::Closed);
    let receipt = sam.ask_account(jane, &[Field::Name], Action::AccountReadMasked, &support()).unwrap();
    let name = room.account_seals(jane).unwrap().name.unwrap();
    assert_eq!(room.open_masked(receipt, &name).unwrap().text(), "J••• D•••");
    let held = staff("lena").holds(None, &crate::world::FIRST, &Why::unstated()).unwrap();
    assert_eq!(held.rows.first().unwrap().classes, Classes::of(&[Class::Billing]));
}

/// Copies a kept room and gives it the modes that git does not keep.
pub fn copied(kept: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(kept).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copied(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// The newest of the rooms is one that this program makes; where it is asked to, it is put in place.
#[test]
fn the_newest_room_is_made_like_this() {
    let World { room, directory, .. } = made();
    let key = room.verifier_key();
    drop(room);
    let path = directory.path().join("room");
    disk::closed(&path);
    // Whoever opens the room makes it.
    fs::remove_file(path.join("store/reserve")).unwrap();
    let bytes: usize = disk::files(&path).values().map(Vec::len).sum();
    assert!(bytes < BYTES_MAX, "{bytes} bytes");
    #[expect(clippy::disallowed_methods, reason = "whoever runs this test says that it shall write")]
    if std::env::var("FIXTURES").is_ok_and(|what| what == "overwrite") {
        let kept = kept(NEWEST);
        let _not_there_yet = fs::remove_dir_all(&kept);
        copied(&path, &kept.join("room"));
        fs::write(kept.join("verifier-key"), format!("{key}\n")).unwrap();
    }
    holds_what_it_was_given(&path, &key);
}

#[test]
fn every_kept_room_opens_and_holds_what_it_was_given() {
    let kept = fs::read_dir(KEPT).unwrap().map(|entry| entry.unwrap().path());
    let kept: Vec<_> = kept.filter(|path| path.is_dir()).collect();
    assert!(kept.iter().any(|path| path.ends_with(NEWEST)), "{kept:?}");
    for kept in kept {
        let key = fs::read_to_string(kept.join("verifier-key")).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let room = directory.path().join("room");
        copied(&kept.join("room"), &room);
        holds_what_it_was_given(&room, &key);
    }
}
