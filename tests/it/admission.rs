//! Who has no session costs the room an entry and nothing else; a code that two people hold is one person's.

use std::{
    io::{self, Read},
    sync::Barrier,
    thread,
};

use rusqlite::Connection;
use strongroom::room::{
    AccountId, EnrolError, Money, PaymentFacts, PaymentFields, PaymentResult, PrincipalKind, Processor,
    ProcessorReference, Purpose, Room, RoomKind, StaffError, Why,
};

use crate::world::{JANE, PASSWORD, START, World, ceremony, options, secret};

struct Untouched;

impl Read for Untouched {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("the file of somebody without a session was read")
    }
}

fn keys(world: &World) -> i64 {
    let keyring = Connection::open(world.path().join("keyring/keyring.db")).unwrap();
    keyring.query_row("SELECT count(*) FROM data_key", [], |row| row.get(0)).unwrap()
}

#[test]
fn without_a_session_no_file_is_read_and_no_key_is_made() {
    let world = World::demo();
    let owner = world.customer(JANE);
    let ticket = world.ticket(&owner);
    let (sam, ada, why) = (world.staff("sam"), world.staff("ada"), Why::purpose(Purpose::SupportRequest));
    sam.logout().unwrap();
    ada.logout().unwrap();
    let (before, size) = (keys(&world), world.room.log_size().unwrap());
    let attached = sam.attach(ticket, "a.bin", "application/octet-stream", Untouched, &why);
    assert!(matches!(attached, Err(StaffError::Denied { .. })));
    let appointed = ada.appoint("nina", PrincipalKind::Human, &why);
    assert!(matches!(appointed, Err(StaffError::Denied { .. })));
    assert_eq!(keys(&world), before);
    assert_eq!(world.room.log_size().unwrap(), size + 2, "both are on record");
}

#[test]
fn a_payment_of_nobody_makes_no_key() {
    let world = World::demo();
    let bill = world.staff("bill");
    let amount = Money::new(1990, strongroom::room::Currency::from_code("EUR").unwrap()).unwrap();
    let facts = PaymentFacts { result: PaymentResult::Approved, amount, date: START };
    let reference = ProcessorReference::parse(Processor::Other, "order-2026-17").ok().unwrap();
    let fields = PaymentFields { reference, card: None };
    let (before, size) = (keys(&world), world.room.log_size().unwrap());
    let nobody = AccountId::from_bytes([7; 16]);
    let recorded = bill.record_payment(nobody, &facts, fields, &Why::purpose(Purpose::BillingDispute));
    assert!(matches!(recorded, Err(StaffError::NotFound)));
    assert_eq!((keys(&world), world.room.log_size().unwrap()), (before, size + 1));
}

#[test]
fn of_two_who_use_one_code_at_once_one_is_refused_on_record() {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(START);
    let options = options(&directory.path().join("room"), &clock);
    let made = Room::init(options, &ceremony(RoomKind::Real)).unwrap();
    let (room, code, start) = (&made.room, &made.codes[3].code, Barrier::new(2));
    let size = room.log_size().unwrap();
    let enrol = || {
        start.wait();
        room.enrol(code, &secret(PASSWORD))
    };
    let outcomes = thread::scope(|scope| {
        let both = [scope.spawn(enrol), scope.spawn(enrol)];
        both.map(|one| one.join().unwrap())
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.iter().any(|outcome| matches!(outcome, Err(EnrolError::Code))));
    assert_eq!(room.log_size().unwrap(), size + 2, "each has an entry");
}
