//! Ciphertexts moved by SQL, between columns, rows, accounts and rooms, and blobs between files: each opens where it
//! was sealed and nowhere else. Nothing tells opening or verification: the reader is told, as of an integrity failure.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, params, types::Value};
use strongroom::{
    password::Settings,
    room::{
        Answer, Brand, CaseRef, Currency, DetailText, Kind, LastFour, MaskedCard, Money, PaymentFacts,
        PaymentFields, PaymentResult, Processor, ProcessorReference, Purpose, Registration, Room,
        RoomOptions, StaffError, Why, WriteError,
    },
};

use crate::{
    dba::{Copy, Kept, bytes, change, column, is, swap},
    scene::{SCAN, Scene, staff, support},
    world::{JANE, PASSWORD, START, World, options, secret},
};

/// Nothing comes out, and it is called what it is.
fn unauthentic<T>(result: Result<T, StaffError>, what: &str) {
    let error = result.err().unwrap_or_else(|| panic!("opens: {what}"));
    assert_eq!(error.kind(), Kind::Integrity, "{what}: {error}");
}

fn unauthentic_to_owner<T>(result: Result<T, WriteError>, what: &str) {
    let error = result.err().unwrap_or_else(|| panic!("opens: {what}"));
    assert_eq!(error.kind(), Kind::Integrity, "{what}: {error}");
}

/// A copy on which `statement` was run, and its room.
fn changed(scene: &Scene, statement: &str, rows: usize) -> (Copy, Room) {
    let copy = Copy::of(&scene.world);
    change(&copy.store(), statement, [], rows);
    let room = copy.room();
    (copy, room)
}

#[test]
fn an_accounts_fields_do_not_open_for_each_other() {
    let scene = Scene::new();
    for statement in [
        "UPDATE account SET email_sealed = name_sealed, name_sealed = email_sealed",
        "UPDATE account SET email_version = email_version + 1",
        "UPDATE account SET email_sealed = CAST(substr(email_sealed, 1, length(email_sealed) - 1) AS BLOB)",
        "UPDATE account SET email_sealed = CAST(email_sealed || x'00' AS BLOB)",
        "UPDATE account SET email_sealed = CAST(x'02' || substr(email_sealed, 2) AS BLOB)",
        "UPDATE account SET email_sealed = CAST(x'0100000002' || substr(email_sealed, 6) AS BLOB)",
        "UPDATE account SET email_sealed = x''",
    ] {
        let (_copy, room) = changed(&scene, statement, 2);
        unauthentic(staff(&room, "sam").account(scene.account(), &support()), statement);
        unauthentic_to_owner(room.owner(&scene.jane).profile(), statement);
    }
    let copy = Copy::of(&scene.world);
    let accounts = [is("id", scene.account()), is("id", scene.joe.account())];
    for name in ["email_sealed", "name_sealed"] {
        swap(&copy.store(), "account", name, [&accounts[0], &accounts[1]]);
        let room = copy.room();
        for owner in [&scene.jane, &scene.joe] {
            unauthentic(staff(&room, "sam").account(owner.account(), &support()), "swapped");
            unauthentic_to_owner(room.owner(owner).profile(), "swapped");
        }
    }
}

#[test]
fn what_is_written_on_tickets_does_not_open_elsewhere() {
    let scene = Scene::new();
    let world = &scene.world;
    world.room.owner(&scene.jane).write(scene.ticket, "And my domain?").unwrap();
    let copy = Copy::of(world);
    let sql = copy.store();
    let mine = column(
        &sql,
        "SELECT hex(id) FROM ticket_message WHERE kind = 1 AND ticket = (SELECT max(ticket) FROM attachment)",
    );
    let hex = |value: &Value| match value {
        Value::Text(id) => format!("hex(id) = '{id}'"),
        other => panic!("{other:?}"),
    };
    swap(&sql, "ticket_message", "body_sealed", [&hex(&mine[0]), &hex(&mine[1])]);
    unauthentic(staff(&copy.room(), "sam").ticket(scene.ticket, &support()), "two messages of one ticket");
    for statement in [
        "UPDATE ticket_message SET body_sealed = (SELECT subject_sealed FROM ticket WHERE ticket.id = ticket)",
        "UPDATE ticket_message SET id = randomblob(16)",
        "UPDATE ticket_message SET kind = 3",
    ] {
        let (_copy, room) = changed(&scene, statement, 4);
        unauthentic(staff(&room, "sam").ticket(scene.ticket, &support()), statement);
    }
    let (_copy, room) = changed(
        &scene,
        "UPDATE ticket SET subject_sealed = (SELECT body_sealed FROM ticket_message LIMIT 1)",
        2,
    );
    unauthentic(staff(&room, "sam").ticket(scene.ticket, &support()), "subject");
    unauthentic_to_owner(room.owner(&scene.jane).ticket(scene.ticket), "subject");
}

/// The kind of a message stands open in its row. Said to be a reply, a note would be the customer's to read.
#[test]
fn a_note_is_not_shown_to_the_customer_as_a_reply() {
    let scene = Scene::new();
    let shown = scene.world.room.owner(&scene.jane).ticket(scene.ticket).unwrap();
    assert_eq!(shown.messages.len(), 1);
    for kind in [1, 2] {
        let (_copy, room) =
            changed(&scene, &format!("UPDATE ticket_message SET kind = {kind} WHERE kind = 3"), 1);
        unauthentic_to_owner(room.owner(&scene.jane).ticket(scene.ticket), "the note");
    }
}

/// Joe's message, hung on jane's ticket: the ticket says whose key and place it has.
#[test]
fn a_message_does_not_open_on_another_accounts_ticket() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let values = params![bytes(scene.joes), bytes(scene.ticket), bytes(scene.account())];
    change(&copy.store(), "UPDATE ticket_message SET ticket = ?2, account = ?3 WHERE ticket = ?1", values, 1);
    let room = copy.room();
    unauthentic(staff(&room, "sam").ticket(scene.ticket, &support()), "joe's message");
    unauthentic_to_owner(room.owner(&scene.jane).ticket(scene.ticket), "joe's message");
}

/// Where an attachment's blob is.
fn blob(room: &Path, id: impl std::fmt::Display) -> PathBuf {
    let hex: String = bytes(id).iter().map(|byte| format!("{byte:02x}")).collect();
    room.join("store/blobs").join(hex.get(..2).unwrap()).join(hex)
}

fn opened(room: &Room, scene: &Scene) -> Result<Vec<u8>, StaffError> {
    let mut content = Vec::new();
    let view = staff(room, "sam").attachment(scene.scan, &support())?;
    let mut reader = view.content;
    match reader.read_to_end(&mut content) {
        Ok(_) => Ok(content),
        Err(_) => panic!("bytes were released before the end was known"),
    }
}

#[test]
fn a_blob_opens_whole_and_under_its_own_name_or_not_at_all() {
    let scene = Scene::new();
    let other =
        scene.world.room.owner(&scene.jane).attach(scene.ticket, "b.txt", "text/plain", SCAN).unwrap();
    let joes = scene.world.room.owner(&scene.joe).attach(scene.joes, "c.txt", "text/plain", SCAN).unwrap();
    assert_eq!(opened(&scene.world.room, &scene).unwrap(), SCAN);
    let [mine, other, joes] = [scene.scan, other.attachment, joes.attachment]
        .map(|id| fs::read(blob(&scene.world.path(), id)).unwrap());
    let (cut, longer) = (&mine[..mine.len() - 1], [mine.as_slice(), &[0]].concat());
    let mut flipped = mine.clone();
    flipped[5] ^= 1;
    for (what, bytes) in [
        ("another of the same account", other.as_slice()),
        ("another account's", &joes),
        ("cut", cut),
        ("longer", &longer),
        ("changed", &flipped),
        ("only its head", &mine[..5]),
        ("nothing", &[]),
    ] {
        let copy = Copy::of(&scene.world);
        fs::write(blob(&copy.path(), scene.scan), bytes).unwrap();
        let room = copy.room();
        unauthentic(opened(&room, &scene), what);
        unauthentic_to_owner(room.owner(&scene.jane).open_attachment(scene.scan), what);
    }
}

#[test]
fn an_attachments_row_is_no_way_to_its_bytes_for_somebody_else() {
    let scene = Scene::new();
    for edit in ["name_sealed = media_type_sealed, media_type_sealed = name_sealed", "generation = 2"] {
        let (_copy, room) = changed(&scene, &format!("UPDATE attachment SET {edit}"), 1);
        unauthentic(opened(&room, &scene), edit);
    }
    // Said to be joe's, and to hang on his ticket.
    let copy = Copy::of(&scene.world);
    let values = params![bytes(scene.joe.account()), bytes(scene.joes)];
    change(&copy.store(), "UPDATE attachment SET account = ?1, ticket = ?2", values, 1);
    let room = copy.room();
    unauthentic_to_owner(room.owner(&scene.joe).open_attachment(scene.scan), "joe reads jane's");
    let lea = staff(&room, "lea");
    lea.assign(scene.joes, scene.id("lea"), &support()).unwrap();
    unauthentic(lea.attachment(scene.scan, &support()), "by joe's ticket");
}

/// A scene with two payments of jane's and one of joe's.
fn billed() -> (Scene, Why) {
    let scene = Scene::new();
    let (lea, bill) = (scene.world.staff("lea"), scene.id("bill"));
    for (ticket, owner, payments) in [(scene.joes, &scene.joe, 1), (scene.ticket, &scene.jane, 2)] {
        lea.assign(ticket, bill, &support()).unwrap();
        let why = Why::purpose(Purpose::Contract).case(CaseRef::Ticket(ticket));
        for number in 0..payments {
            let card = MaskedCard::new(Brand::Visa, LastFour::parse("1111").unwrap(), None);
            let reference = format!("pi_3MtwBwLkdIwHu7ix28a3t{number}");
            let fields = PaymentFields {
                reference: ProcessorReference::parse(Processor::Stripe, &reference).unwrap(),
                card: Some(card),
            };
            let amount = Money::new(1900, Currency::from_code("EUR").unwrap()).unwrap();
            let facts = PaymentFacts { result: PaymentResult::Approved, amount, date: START };
            scene.world.staff("bill").record_payment(owner.account(), &facts, fields, &why).unwrap();
        }
    }
    (scene, Why::purpose(Purpose::Contract))
}

#[test]
fn what_is_billed_does_not_open_under_another_payment_or_year() {
    let (scene, why) = billed();
    let whole =
        staff(&scene.world.room, "bill").billing_detail(scene.account(), &crate::world::FIRST, &why).unwrap();
    assert_eq!(whole.payments.len(), 2);
    let of = |owner: &str| format!("id = (SELECT max(id) FROM payment WHERE {owner})");
    let [jane, joe] = [&scene.jane, &scene.joe].map(|owner| is("account", owner.account()));
    let first = format!("id = (SELECT min(id) FROM payment WHERE {jane})");
    for name in ["reference_sealed", "card_sealed"] {
        for other in [&first, &of(&joe)] {
            let copy = Copy::of(&scene.world);
            swap(&copy.store(), "payment", name, [&of(&jane), other]);
            let bill = copy.room();
            unauthentic(
                staff(&bill, "bill").billing_detail(scene.account(), &crate::world::FIRST, &why),
                name,
            );
        }
    }
    for statement in [
        "UPDATE payment SET card_sealed = reference_sealed, reference_sealed = card_sealed",
        "UPDATE payment SET id = randomblob(16)",
        "UPDATE payment SET year = year - 1",
        "UPDATE payment SET account = (SELECT id FROM account WHERE id <> payment.account)",
    ] {
        let (_copy, room) = changed(&scene, statement, 3);
        let bill = staff(&room, "bill");
        unauthentic(bill.billing_detail(scene.account(), &crate::world::FIRST, &why), statement);
        unauthentic(bill.billing(scene.account(), &crate::world::FIRST, &why), statement);
    }
}

#[test]
fn a_value_of_another_room_does_not_open() {
    let scene = Scene::new();
    let other = World::demo();
    other.customer(JANE);
    let theirs = Connection::open(other.path().join("store/store.db")).unwrap();
    let email = column(&theirs, "SELECT email_sealed FROM account").remove(0);
    let copy = Copy::of(&scene.world);
    let values = params![email, bytes(scene.account())];
    change(&copy.store(), "UPDATE account SET email_sealed = ?1 WHERE id = ?2", values, 1);
    unauthentic(staff(&copy.room(), "sam").account(scene.account(), &support()), "another room's address");
}

const OTHER: &str = "a lamp for the long evening";

fn granted(room: &Room, email: &str, password: &str) -> bool {
    matches!(room.login(email, &secret(password)).unwrap(), Answer::Granted(_))
}

#[test]
fn a_password_record_is_its_accounts_alone() {
    let world = World::demo();
    world.customer(JANE);
    let mallory = "mallory@example.net";
    let password = secret(OTHER);
    world.room.register(&Registration { email: mallory, name: None, password: &password }).unwrap();
    let owners = |sql: &Connection| {
        let hex = |value: Value| match value {
            Value::Text(id) => format!("hex(owner) = '{id}'"),
            other => panic!("{other:?}"),
        };
        column(sql, "SELECT hex(owner) FROM credential").into_iter().map(hex).collect::<Vec<_>>()
    };
    let nobody = |copy: &Copy, what: &str| {
        let room = copy.room();
        for (email, password) in [(JANE, PASSWORD), (JANE, OTHER), (mallory, PASSWORD), (mallory, OTHER)] {
            assert!(!granted(&room, email, password), "{what}");
        }
    };
    let copy = Copy::of(&world);
    let sql = copy.store();
    let [one, other] = [&owners(&sql)[0], &owners(&sql)[1]].map(String::clone);
    swap(&sql, "credential", "record_sealed", [&one, &other]);
    nobody(&copy, "each other's records");
    // And whole rows, with versions and all.
    swap(&sql, "credential", "record_sealed", [&one, &other]);
    change(&sql, &format!("UPDATE credential SET owner = zeroblob(16) WHERE {one}"), [], 1);
    let (moved, own) = (one.replace("hex(owner) = ", "owner = unhex(") + ")", other.clone());
    change(&sql, &format!("UPDATE credential SET {moved} WHERE {own}"), [], 1);
    nobody(&copy, "another's row");
    for edit in [
        "version = version + 1",
        "record_sealed = randomblob(length(record_sealed))",
        "record_sealed = x''",
        "record_sealed = CAST(x'0100000002' || substr(record_sealed, 6) AS BLOB)",
    ] {
        let copy = Copy::of(&world);
        change(&copy.store(), &format!("UPDATE credential SET {edit}"), [], 2);
        nobody(&copy, edit);
    }
}

#[test]
fn an_older_password_record_put_back_is_below_the_floor() {
    let world = World::demo();
    world.customer(JANE);
    let copy = Copy::of(&world);
    let sql = copy.store();
    let older = Kept::of(&sql, "credential", "true");
    let passwords = Settings::new(24_576, 2, 1).unwrap();
    let stronger = RoomOptions { passwords: Some(passwords), ..options(&copy.path(), &world.clock) };
    let room = stronger.open().unwrap();
    assert!(granted(&room, JANE, PASSWORD));
    assert_eq!(column(&sql, "SELECT version FROM credential"), [2.into()]);
    older.put_back(&sql);
    assert!(!granted(&room, JANE, PASSWORD));
    // Nor with the newer one's version.
    change(&sql, "UPDATE credential SET version = 2", [], 1);
    assert!(!granted(&room, JANE, PASSWORD));
}

#[test]
fn an_older_address_put_back_is_below_the_floor() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    // What a change of address does to the keyring.
    change(
        &copy.keyring(),
        "UPDATE version_floor SET version = 2 WHERE class = 1 AND owner = ?1",
        [bytes(scene.account())],
        1,
    );
    let room = copy.room();
    let sam = staff(&room, "sam");
    unauthentic(sam.account(scene.account(), &support()), "below the floor");
    unauthentic(sam.find(JANE, &support()), "below the floor");
    unauthentic_to_owner(room.owner(&scene.jane).profile(), "below the floor");
    assert!(sam.account(scene.joe.account(), &support()).is_ok());
}

#[test]
fn a_text_beside_the_log_is_of_its_own_entry() {
    let scene = Scene::new();
    let (sam, mut positions) = (scene.world.staff("sam"), Vec::new());
    for text in ["she asked on the phone", "she asked again"] {
        positions.push(sam.account(scene.account(), &support().because(text)).unwrap().position);
    }
    let text = |room: &Room, position: u64| {
        let mut shown = staff(room, "vera").audit_show(position, &Why::unstated()).unwrap();
        match shown.details.pop().unwrap().1 {
            DetailText::Text(text) => text.to_string(),
            DetailText::Erased => "erased".to_owned(),
            DetailText::NotKept => "not kept".to_owned(),
            DetailText::Broken => "broken".to_owned(),
        }
    };
    assert_eq!(text(&scene.world.room, positions[0]), "she asked on the phone");
    let copy = Copy::of(&scene.world);
    let of = |at: usize| format!("kind = 2 AND position = {}", positions[at]);
    swap(&copy.store(), "audit_detail", "text_sealed", [&of(0), &of(1)]);
    assert_eq!(positions.iter().map(|at| text(&copy.room(), *at)).collect::<Vec<_>>(), ["broken", "broken"]);
    for statement in [
        "DELETE FROM audit_detail WHERE kind = 2",
        "UPDATE audit_detail SET kind = 1 WHERE kind = 2",
        "UPDATE audit_detail SET text_sealed = zeroblob(length(text_sealed)) WHERE kind = 2",
    ] {
        let (_copy, room) = changed(&scene, statement, 2);
        assert_eq!(text(&room, positions[0]), "broken", "{statement}");
    }
}
