//! FORMAT.md against the bytes: a reader that shares no code with the library opens a room by the document alone; the
//! tables add up; the numbers of the lists are the program's; each verb leaves the record that the table says.

mod authority;
mod backups;
mod log;
mod policy;
mod primitives;
mod reader;
mod tables;
pub mod verbs;

use authority::KINDS;
use primitives::{b64, hmac, root, sha256, to_b64};
use reader::{Cell, Reader, class, rows, scope};
use strongroom::room::{
    AccountId, BillingAddress, Brand, CaseRef, Class, Classes, Currency, Expiry, InvoiceBody, InvoiceLine,
    InvoiceLines, InvoiceNumber, LastFour, MaskedCard, Money, OwnerSession, PaymentFacts, PaymentFields,
    PaymentResult, Processor, ProcessorReference, Purpose, Role, RoomOptions, Staff, TicketId, TotpOffer,
    Why,
};

use crate::{
    carried::Authenticator,
    post::{posted, sent},
    world::{JANE, START, World, options},
};

/// Where the people behind the scene's process are.
const ORIGIN: &str = "192.0.2.7 tty1";
static CONTENT: [u8; 40_000] = [0xa5; 40_000];
const BODY: &str = "Please look at the last one.";

/// A room in which something of everything has happened.
struct Scene {
    world: World,
    account: AccountId,
    ticket: TicketId,
    token: String,
    /// Of vera's one-time codes.
    secret: Vec<u8>,
    asked: strongroom::room::Asked,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::demo();
        let own = options(&world.path(), &world.clock);
        world.room = RoomOptions { origin: Some(ORIGIN.to_owned()), ..own }.open().unwrap();
        let owner = world.customer(JANE);
        let ticket = world.ticket(&owner);
        let account = owner.account();
        world.room.owner(&owner).attach(ticket, "scan.pdf", "application/pdf", &CONTENT[..]).unwrap();
        let why = Why::purpose(Purpose::SupportRequest).because("she called about it");
        let sam = world.staff("sam");
        sam.note(ticket, "Checked.", &why).unwrap();
        sam.ticket(ticket, &why).unwrap();
        bill(&world, &owner);
        world.staff("priya").open_case(Some(account), &Why::purpose(Purpose::DataSubjectRequest)).unwrap();
        hold(&world, account);
        let secret = one_time_codes(&world);
        two_people(&world);
        let login = world.room.in_roles(&[Role::Support]).assume("sam").unwrap();
        let soon = world.clock.now().plus(std::time::Duration::from_secs(60));
        drop(world.room.owner(&owner).make_api_key(&["dns:write", "mail"], soon).unwrap());
        let asked = posted(&world.room, world.room.ask_reset(JANE).unwrap());
        Self { world, account, ticket, token: login.token.expose().to_owned(), asked, secret }
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.world.path())
    }

    fn account(&self) -> &[u8] {
        self.account.as_bytes()
    }
}

/// Something waits for a second person.
fn two_people(world: &World) {
    let (ada, plain) = (world.staff("ada"), Why::purpose(Purpose::AccessAdmin));
    let case = ada.open_case(None, &plain).unwrap();
    let sam = world.room.assume("sam").unwrap().principal;
    let (day, why) = (std::time::Duration::from_secs(86_400), plain.case(CaseRef::Case(case)));
    assert!(ada.give(sam, Role::Reviewer, day, &why).is_err());
}

/// Writes the MAC of a row that confers authority anew, for the row as it stands: what a fault of the program could do,
/// or somebody who has its keys.
pub fn vouch_for(directory: &std::path::Path, table: &str, id: &[u8]) {
    let kind = KINDS.iter().find(|kind| kind.table == table).unwrap();
    let reader = Reader::open(directory);
    let row = reader.authority_rows(kind).into_iter().find(|row| row.id == id).unwrap();
    let mac = reader.row_mac(kind, &row).to_vec();
    let store = rusqlite::Connection::open(directory.join("store/store.db")).unwrap();
    let sql = format!("UPDATE {table} SET mac = ?1 WHERE id = ?2");
    assert_eq!(store.execute(&sql, [&mac[..], id]).unwrap(), 1);
}

/// Writes a ledger of one line: that a class of an account, in a year, was destroyed by the entry at 3.
pub fn one_erasure(directory: &std::path::Path, class: &str, account: &[u8], year: u32) {
    let reader = Reader::open(directory);
    let text = reader.ledger(&[(2, class, &scope(2, account, year), 3)]);
    std::fs::write(reader.outside.join("erasure.ledger"), text).unwrap();
}

/// A payment and an invoice of the customer's, recorded on a ticket that bill took.
pub fn bill(world: &World, owner: &OwnerSession) {
    let ticket = world.room.owner(owner).open_ticket("Refund", BODY).unwrap().ticket;
    let login = world.room.assume("bill").unwrap();
    let bill = world.room.staff(&login.token);
    bill.assign(ticket, login.principal, &Why::unstated()).unwrap();
    let why = Why::purpose(Purpose::BillingDispute).case(CaseRef::Ticket(ticket));
    record(&bill, owner.account(), &why);
}

/// Vera's authenticator; its secret.
fn one_time_codes(world: &World) -> Vec<u8> {
    let offer = TotpOffer::fresh().unwrap();
    let authenticator = Authenticator::of(offer.address("vera").expose());
    world.staff("vera").add_totp(&offer, &authenticator.code(world.clock.now())).unwrap();
    let [secret, _] = authenticator.marks();
    secret
}

/// A hold on what the customer wrote.
fn hold(world: &World, account: AccountId) {
    let (lena, why) = (world.staff("lena"), Why::purpose(Purpose::LegalObligation));
    let why = why.clone().case(CaseRef::Case(lena.open_case(Some(account), &why).unwrap()));
    let review = world.clock.now().plus(std::time::Duration::from_secs(60));
    lena.place_hold(account, Classes::of(&[Class::Support]), review, &why).unwrap();
}

fn record(bill: &Staff, account: AccountId, why: &Why) {
    let amount = |minor| Money::new(minor, Currency::from_code("EUR").unwrap()).unwrap();
    let facts = PaymentFacts { result: PaymentResult::Refunded, amount: amount(-1234), date: START };
    let card = MaskedCard::new(
        Brand::Visa,
        LastFour::parse("4242").ok().unwrap(),
        Some(Expiry::parse("12/27").ok().unwrap()),
    );
    let reference = ProcessorReference::parse(Processor::Stripe, "pi_3MtwBwLkdIwHu7ix28a3tqPa").ok().unwrap();
    bill.record_payment(account, &facts, PaymentFields { reference, card: Some(card) }, why).unwrap();
    let lines = vec![
        InvoiceLine::new("Hosting", 12, amount(999)).ok().unwrap(),
        InvoiceLine::new("Größe", 1, amount(-99)).ok().unwrap(),
    ];
    let invoice = InvoiceBody {
        number: InvoiceNumber::accept("R-2026-17").ok().unwrap(),
        address: Some(BillingAddress::accept(&["Jane Doe", "Weg 1"], "AT").ok().unwrap()),
        lines: InvoiceLines::new(lines).ok().unwrap(),
    };
    bill.record_invoice(account, START, invoice, why).unwrap();
}

#[test]
fn a_stranger_finds_and_reads_a_customer() {
    let scene = Scene::new();
    let reader = scene.reader();
    assert_eq!(reader.id_text(), scene.world.room.id().to_string());
    assert_eq!(reader.index(1, JANE), Some((scene.account().to_vec(), true)));
    assert_eq!(reader.index(1, "nobody@example.com"), None);

    let identity = |column, version| Cell {
        class: class::IDENTITY,
        scope: scope(1, scene.account(), 0),
        column,
        row: scene.account().to_vec(),
        version,
    };
    let (version, email, name): (i64, Vec<u8>, Vec<u8>) = reader
        .store
        .query_row("SELECT email_version, email_sealed, name_sealed FROM account", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(reader.text(&identity(0x0101, version), &email), JANE);
    assert_eq!(reader.text(&identity(0x0102, 0), &name), "Jane Doe");

    let record = rows(
        &reader.store,
        "SELECT owner_kind, owner, version, record_sealed FROM credential WHERE owner = ?1",
        Some(scene.account()),
        |row| {
            let owner: Vec<u8> = row.get(1)?;
            let scope = scope(row.get(0)?, &owner, 0);
            let cell =
                Cell { class: class::CREDENTIAL, scope, column: 0x0201, row: owner, version: row.get(2)? };
            Ok(reader.text(&cell, &row.get::<_, Vec<u8>>(3)?))
        },
    );
    assert!(record.len() == 1 && record[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));

    let activity = rows(&reader.store, "SELECT id, day, event, detail_sealed FROM activity", None, |row| {
        let scope = scope(4, &[0; 16], row.get(1)?);
        let cell = Cell { class: class::ACTIVITY, scope, column: 0x0401, row: row.get(0)?, version: 0 };
        Ok((row.get::<_, u8>(2)?, reader.text(&cell, &row.get::<_, Vec<u8>>(3)?)))
    });
    assert_eq!(activity, [(1, ORIGIN.to_owned()), (7, ORIGIN.to_owned())]);
}

#[test]
fn a_stranger_reads_a_ticket_and_its_attachment() {
    let scene = Scene::new();
    let reader = scene.reader();
    let support = |column, row| Cell {
        class: class::SUPPORT,
        scope: scope(1, scene.account(), 0),
        column,
        row,
        version: 0,
    };
    let ticket = Some(scene.ticket.as_bytes().as_slice());
    let subject = rows(&reader.store, "SELECT id, subject_sealed FROM ticket WHERE id = ?1", ticket, |row| {
        Ok(reader.text(&support(0x0501, row.get(0)?), &row.get::<_, Vec<u8>>(1)?))
    });
    assert_eq!(subject, ["Invoice wrong"]);
    let messages = rows(
        &reader.store,
        "SELECT id, kind, body_sealed FROM ticket_message WHERE ticket = ?1 ORDER BY at_position",
        ticket,
        |row| {
            let kind: u8 = row.get(1)?;
            let column = if kind == 3 { 0x0602 } else { 0x0601 };
            Ok((kind, reader.text(&support(column, row.get(0)?), &row.get::<_, Vec<u8>>(2)?)))
        },
    );
    assert_eq!(messages, [(1, BODY.to_owned()), (3, "Checked.".to_owned())]);
    let attachments = rows(&reader.store, "SELECT * FROM attachment WHERE ticket = ?1", ticket, |row| {
        let id: Vec<u8> = row.get("id")?;
        let text = |column, sealed: &str| {
            Ok::<_, rusqlite::Error>(
                reader.text(&support(column, id.clone()), &row.get::<_, Vec<u8>>(sealed)?),
            )
        };
        let names = [text(0x0701, "name_sealed")?, text(0x0702, "media_type_sealed")?];
        assert_eq!(row.get::<_, u32>("bytes")? as usize, CONTENT.len());
        Ok((names, reader.blob(scene.account(), &id)))
    });
    let (names, content) = &attachments[0];
    assert_eq!(names.each_ref().map(String::as_str), ["scan.pdf", "application/pdf"]);
    assert!(content[..] == CONTENT[..]);
}

#[test]
fn a_stranger_reads_billing() {
    let scene = Scene::new();
    let reader = scene.reader();
    let billing = |column, row, year| Cell {
        class: class::BILLING,
        scope: scope(2, scene.account(), year),
        column,
        row,
        version: 0,
    };
    let payments = rows(&reader.store, "SELECT * FROM payment", None, |row| {
        let (id, year): (Vec<u8>, u32) = (row.get("id")?, row.get("year")?);
        let open = |column, name: &str| {
            Ok::<_, rusqlite::Error>(
                reader.field(&billing(column, id.clone(), year), &row.get::<_, Vec<u8>>(name)?),
            )
        };
        let facts: (u8, i64, String) = (row.get("result")?, row.get("amount_minor")?, row.get("currency")?);
        Ok((facts, open(0x0801, "reference_sealed")?, open(0x0802, "card_sealed")?))
    });
    let (facts, reference, card) = &payments[0];
    assert_eq!(*facts, (6, -1234, "EUR".to_owned()));
    assert_eq!(*reference, [&[1, 1], b"pi_3MtwBwLkdIwHu7ix28a3tqPa".as_slice()].concat());
    assert_eq!(*card, [1, 1, b'4', b'2', b'4', b'2', 12, 27]);
    let invoices =
        rows(&reader.store, "SELECT id, year, amount_minor, body_sealed FROM invoice", None, |row| {
            let cell = billing(0x0901, row.get(0)?, row.get(1)?);
            Ok((row.get::<_, i64>(2)?, reader.field(&cell, &row.get::<_, Vec<u8>>(3)?)))
        });
    let sized = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let line = |quantity: u32, price: i64, text: &str| {
        [&quantity.to_be_bytes()[..], &price.to_be_bytes(), &sized(text.as_bytes())].concat()
    };
    let address = [b"\x01AT\x02".to_vec(), sized(b"Jane Doe"), sized(b"Weg 1")].concat();
    let body = [
        vec![1],
        sized(b"\x01R-2026-17"),
        sized(&address),
        b"\x01EUR\x00\x02".to_vec(),
        line(12, 999, "Hosting"),
        line(1, -99, "Größe"),
    ];
    assert_eq!(invoices, [(12 * 999 - 99, body.concat())]);
}

#[test]
fn a_stranger_verifies_the_log_and_reads_what_stands_beside_it() {
    let scene = Scene::new();
    let reader = scene.reader();
    let log = reader.log();
    let leaves: Vec<_> = log.iter().map(|entry| entry.leaf).collect();
    let head = reader.head();
    assert_eq!((head.bytes.len(), head.mac.len()), (127 + 32 * log.len().count_ones() as usize, 32));
    assert_eq!(head.bytes, reader.head_of(&log));
    assert_eq!(reader.checkpoint(), (log.len() as u64, root(&leaves)));
    assert_eq!(reader.verifier_key().1, scene.world.room.verifier_key());

    assert!(
        log.iter().all(|entry| entry.json["policy"] == to_b64(&policy::hash())),
        "{}",
        policy::canonical_text()
    );

    let read = log.iter().find(|entry| entry.json["event"] == "ticket.read").unwrap();
    let both = [(1, ORIGIN.to_owned()), (2, "she called about it".to_owned())];
    assert_eq!(reader.details(read), both);
    assert_eq!(read.json["subjects"][0], scene.account.to_string());
    assert!(read.line.starts_with(b"{\"v\":1,\"position\":"));
}

#[test]
fn a_stranger_makes_the_codes_that_customers_are_sent() {
    let scene = Scene::new();
    let reader = scene.reader();
    let ids: Vec<Vec<u8>> = rows(&reader.store, "SELECT id FROM challenge", None, |row| row.get(0));
    let [id] = ids.as_slice() else { panic!("one code was sent") };
    let key = reader.authority_key(&[b"strongroom/authority/code/1"]);
    let mac = |word: &str| hmac(&key, &[word.as_bytes(), b"\0", id]);
    let token = |word: &str| to_b64(&[id.as_slice(), &mac(word)[..]].concat());
    let (code, link) = sent(&scene.asked);
    assert_eq!(scene.asked.handle.expose(), token("strongroom/handle/1"));
    assert_eq!(link.expose(), token("strongroom/link/1"));
    let number = u64::from_be_bytes(mac("strongroom/code/1")[..8].try_into().unwrap()) % 100_000_000;
    assert_eq!(code.expose(), format!("{number:08}"));
}

#[test]
fn a_stranger_checks_the_rows_that_confer_authority() {
    let scene = Scene::new();
    let reader = scene.reader();
    for kind in &KINDS {
        let rows = reader.authority_rows(kind);
        // An intent is there while an erasure is not at its end.
        assert_eq!(rows.is_empty(), kind.table == "intent", "{}", kind.table);
        for row in rows {
            assert_eq!(row.canonical.len(), kind.width, "{}", kind.table);
            assert_eq!(reader.row_mac(kind, &row)[..], row.mac, "{} {}", kind.table, to_b64(&row.id));
        }
    }
    let hash = sha256(&[b"strongroom/token/1\0", &b64(&scene.token)]);
    let holder: Vec<Vec<u8>> =
        rows(&reader.store, "SELECT holder FROM session WHERE token_hash = ?1", Some(&hash), |row| {
            row.get(0)
        });
    assert_eq!(reader.index(2, "sam"), Some((holder[0].clone(), true)));
    let handle = rows(
        &reader.store,
        "SELECT id, handle_sealed FROM principal WHERE id = ?1",
        Some(&holder[0]),
        |row| {
            let id: Vec<u8> = row.get(0)?;
            let cell =
                Cell { class: class::STAFF, scope: scope(3, &id, 0), column: 0x0301, row: id, version: 0 };
            Ok(reader.text(&cell, &row.get::<_, Vec<u8>>(1)?))
        },
    );
    assert_eq!(handle, ["sam"]);
    let secrets = rows(&reader.store, "SELECT id, principal, secret_sealed FROM factor", None, |row| {
        let (id, principal): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let scope = scope(3, &principal, 0);
        let cell = Cell { class: class::STAFF, scope, column: 0x0b01, row: id, version: 0 };
        Ok(reader.field(&cell, &row.get::<_, Vec<u8>>(2)?))
    });
    assert_eq!(secrets, [scene.secret]);
}

#[test]
fn a_ledger_by_the_document_holds_at_opening() {
    let scene = Scene::new();
    let (world, reader) = (&scene.world, scene.reader());
    let path = reader.outside.join("erasure.ledger");
    assert!(std::fs::read(&path).unwrap().is_empty());
    let opens = |text: &str| {
        std::fs::write(&path, text).unwrap();
        options(&world.path(), &world.clock).open().is_ok()
    };
    let of = scope(1, &[9; 16], 0);
    let same_age = reader.ledger(&[(1, "identity", &of, 3), (1, "support", &of, 3)]);
    assert!(opens(&same_age) && opens(same_age.trim_end()), "a torn last line is no erasure");
    assert!(!opens(&same_age.replace("support", "billing")), "a line was changed");
    assert!(!opens(&reader.ledger(&[(2, "identity", &of, 3)])), "the keyring is older");
    std::fs::remove_file(&path).unwrap();
    assert!(options(&world.path(), &world.clock).open().is_err(), "the ledger is missing");
}
