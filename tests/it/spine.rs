//! The spine, end to end: a customer logs in, support is refused without a reason and reads with one, and every step
//! stands in the log.

use std::io::Read;

use strongroom::room::{CaseRef, DenialReason, LogPart, Page, Purpose, RoomKind, StaffError, Why, Words};

use crate::world::{JANE, PASSWORD, World, secret};

#[test]
fn support_is_refused_without_a_ticket_and_reads_with_one() {
    let world = World::demo();
    let owner = world.customer(JANE);
    let sam = world.staff("sam");
    let support = Why::purpose(Purpose::SupportRequest);

    let account = sam.find(JANE, &support).unwrap();
    assert_eq!(account, owner.account());
    let view = sam.account(account, &support).unwrap();
    assert_eq!(view.email.text(), "j•••@e•••.com");
    assert_eq!(view.name.unwrap().text(), "J••• D•••");
    assert!(matches!(sam.account(account, &Why::unstated()), Err(StaffError::Denied { .. })));

    let opened = world.room.owner(&owner).open_ticket("Login", "It fails.\nSince Monday.").unwrap();
    let refused = sam.ticket(opened.ticket, &support).err().unwrap();
    assert!(
        matches!(refused, StaffError::Denied { refused } if refused.reason == DenialReason::CaseNotYours),
        "{refused}"
    );

    let login = world.room.assume("sam").unwrap();
    sam.assign(opened.ticket, login.principal, &Why::unstated()).unwrap();
    let ticket = sam.ticket(opened.ticket, &support).unwrap();
    assert_eq!(ticket.subject.expose().as_str(), "Login");
    let Words::Message(body) = &ticket.messages[0].words else { panic!("a customer's message is no note") };
    assert_eq!(body.expose().as_str(), "It fails.\nSince Monday.");
    let refused =
        sam.reveal_email(account, &support.clone().case(CaseRef::Ticket(opened.ticket))).err().unwrap();
    assert!(
        matches!(refused, StaffError::Denied { refused } if matches!(refused.reason, DenialReason::NeedsStepTwo(_))),
        "{refused}"
    );
}

#[test]
fn an_attachment_comes_back_whole_from_any_offset() {
    let world = World::demo();
    let owner = world.customer(JANE);
    let ticket = world.ticket(&owner);
    let content: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let attached = world
        .room
        .owner(&owner)
        .attach(ticket, "scan 4111 1111 1111 1111.pdf", "application/pdf", &content[..])
        .unwrap();
    assert_eq!((attached.bytes, attached.cards_masked), (100_000, 1));

    let sam = world.staff("sam");
    let mut view = sam.attachment(attached.attachment, &Why::purpose(Purpose::SupportRequest)).unwrap();
    assert_eq!(view.name.expose().as_str(), "scan [card •••• 1111].pdf");
    let mut read = Vec::new();
    view.content.read_to_end(&mut read).unwrap();
    assert!(read == content);
    let mut own = Vec::new();
    let mut file = world.room.owner(&owner).open_attachment(attached.attachment).unwrap();
    file.content.read_to_end(&mut own).unwrap();
    assert!(own == content);
}

#[test]
fn staff_enrol_by_a_code_once_and_log_in_by_password() {
    let directory = tempfile::tempdir().unwrap();
    let clock = strongroom::room::Clock::manual(crate::world::START);
    let options = crate::world::options(&directory.path().join("room"), &clock);
    let made = strongroom::room::Room::init(options, &crate::world::ceremony(RoomKind::Real)).unwrap();
    let (room, code) = (made.room, &made.codes[3]);
    room.enrol(&code.code, &secret(PASSWORD)).unwrap();
    assert!(room.enrol(&code.code, &secret(PASSWORD)).is_err(), "a code works once");
    assert!(room.staff_login("sam", &secret("not the password of sam")).is_err());
    assert!(room.staff_login("nobody", &secret(PASSWORD)).is_err());
    assert!(room.assume("sam").is_err(), "no switch makes a real room a demonstration");
    let login = room.staff_login("SAM", &secret(PASSWORD)).unwrap();
    assert_eq!(login.principal, code.principal);
    room.staff(&login.token).logout().unwrap();
    let denied = room.staff(&login.token).find(JANE, &Why::purpose(Purpose::SupportRequest));
    assert!(matches!(denied, Err(StaffError::Denied { .. })));
}

#[test]
fn the_log_tells_it_all_and_survives_reopening() {
    let world = World::demo();
    let owner = world.customer(JANE);
    world.ticket(&owner);
    let entries =
        world.staff("vera").audit_log(LogPart::All, 0, &Page::first(100), &Why::unstated()).unwrap().entries;
    let events: Vec<_> = entries.iter().map(|entry| entry.entry.what.name().to_owned()).collect();
    assert_eq!(
        events,
        [
            "room.initialised",
            "account.registered",
            "ticket.opened",
            "staff.login",
            "ticket.assigned",
            "staff.login"
        ]
    );
    let size = world.room.log_size().unwrap();
    let again = world.again();
    assert_eq!(again.log_size().unwrap(), size, "opening a settled room writes nothing");
    assert!(again.checkpoint().unwrap().contains("strongroom/"));
}

#[test]
fn a_sound_log_verifies_and_one_changed_byte_of_a_copy_is_found() {
    let world = World::demo();
    let owner = world.customer(JANE);
    world.ticket(&owner);
    let sound = strongroom::room::verify(&world.path(), None, |_| ()).unwrap();
    assert!(sound.is_sound(), "{:?}", sound.report.faults);
    assert_eq!(sound.authority, Some(true));
    assert!(!sound.report.authenticated, "nobody pinned a key");
    let key = strongroom::room::VerifierKey::parse(&world.room.verifier_key()).unwrap();
    assert!(strongroom::room::verify(&world.path(), Some(&key), |_| ()).unwrap().report.authenticated);

    let database = rusqlite::Connection::open(world.path().join("store/store.db")).unwrap();
    let refused = database.execute("UPDATE audit_entry SET entry = x'00' WHERE position = 1", []);
    assert!(refused.unwrap_err().to_string().contains("not changed"));
    database.execute_batch("DROP TRIGGER audit_entry_kept").unwrap();
    database.execute("UPDATE audit_entry SET entry = CAST(replace(CAST(entry AS TEXT), 'done', 'gone') AS BLOB) WHERE position = 1", []).unwrap();
    let broken = strongroom::room::verify(&world.path(), Some(&key), |_| ()).unwrap();
    let fault = broken.report.faults.first().unwrap();
    assert_eq!((fault.kind.name(), fault.place.first()), ("edited", Some(1)), "{fault}");
}
