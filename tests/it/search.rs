//! Staff find people by what is known of them: whole words and whole numbers, masked, twenty at most, on record.

use std::{collections::BTreeSet, path::Path};

use rusqlite::Connection;
use serde_json::{Value, json};
use strongroom::room::{
    AccountId, Backups, CaseRef, Clue, Currency, ImportOptions, InvoiceBody, InvoiceLine, InvoiceLines,
    InvoiceNumber, Kind, LogPart, Money, Page, PaymentFacts, PaymentFields, PaymentResult, Processor,
    ProcessorReference, Purpose, Registration, Room, Search, Staff, StaffError, Why,
};

use crate::{
    disk,
    import::{BCRYPT, entries_of},
    scene::{Scene, rights, staff, support},
    world::{JANE, PASSWORD, START, World, options, secret},
};

const REFERENCE: &str = "order-2026-17";
const INVOICE: &str = "R-2026/17";

fn register(room: &Room, email: &str, name: &str) -> AccountId {
    let password = secret(PASSWORD);
    room.register(&Registration { email, name: Some(name), password: &password }).unwrap().account
}

/// Who is found, in the order of their ids.
fn found(staff: &Staff, clue: &Clue<'_>) -> Vec<AccountId> {
    let mut found: Vec<_> = search(staff, clue).accounts.iter().map(|one| one.account).collect();
    found.sort_unstable();
    found
}

fn search(staff: &Staff, clue: &Clue<'_>) -> Search {
    staff.search(clue, &support()).unwrap()
}

fn sorted<const N: usize>(mut accounts: [AccountId; N]) -> [AccountId; N] {
    accounts.sort_unstable();
    accounts
}

/// The entries of searches.
fn searches(path: &Path) -> Vec<Value> {
    entries_of(path, &["account.found"])
}

fn clues(path: &Path, of: AccountId) -> i64 {
    let keyring = Connection::open(path.join("keyring/keyring.db")).unwrap();
    let sql = "SELECT count(*) FROM clue WHERE owner = ?1";
    keyring.query_row(sql, [of.as_bytes().as_slice()], |row| row.get(0)).unwrap()
}

/// A transaction and an invoice of joe's.
fn billed(scene: &Scene) {
    let bill = scene.world.staff("bill");
    bill.assign(scene.joes, scene.id("bill"), &Why::unstated()).unwrap();
    let why = Why::purpose(Purpose::BillingDispute).case(CaseRef::Ticket(scene.joes));
    let amount = Money::new(2380, Currency::from_code("EUR").unwrap()).unwrap();
    let joe = scene.joe.account();
    for result in [PaymentResult::Approved, PaymentResult::Refunded] {
        let facts = PaymentFacts { result, amount, date: START };
        let reference = ProcessorReference::parse(Processor::Other, REFERENCE).ok().unwrap();
        bill.record_payment(joe, &facts, PaymentFields { reference, card: None }, &why).unwrap();
    }
    let lines = InvoiceLines::new(vec![InvoiceLine::new("Hosting", 1, amount).ok().unwrap()]).ok().unwrap();
    let number = InvoiceNumber::accept(INVOICE).ok().unwrap();
    bill.record_invoice(joe, START, InvoiceBody { number, address: None, lines }, &why).unwrap();
}

#[test]
fn whole_words_find_whoever_has_all_of_them() {
    let world = World::demo();
    let jane = register(&world.room, "jane@example.com", "Jane van Müller");
    let jan = register(&world.room, "jan@example.com", "Jan Muller");
    let sam = world.staff("sam");
    for (words, expected) in [
        ("jane", vec![jane]),
        ("MULLER", sorted([jane, jan]).to_vec()),
        ("müller, VAN", vec![jane]),
        ("Muller Jan", vec![jan]),
        ("mull", vec![]),
        ("muller jane jan", vec![]),
        ("nobody", vec![]),
    ] {
        assert_eq!(found(&sam, &Clue::Words(words)), expected, "{words}");
    }
    let view = search(&sam, &Clue::Words("jan"));
    let one = &view.accounts[0];
    assert_eq!((one.email.text(), one.name.as_ref().unwrap().text()), ("j•••@e•••.com", "J••• M•••"));
    assert_eq!(view.found, 1);
}

#[test]
fn an_address_an_invoice_and_a_reference_find_one_person() {
    let scene = Scene::new();
    billed(&scene);
    let (sam, joe) = (scene.world.staff("sam"), scene.joe.account());
    assert_eq!(found(&sam, &Clue::Email(" Jane.Doe@EXAMPLE.com")), [scene.account()]);
    assert_eq!(found(&sam, &Clue::Invoice("r-2026/17")), [joe]);
    assert_eq!(found(&sam, &Clue::Reference(REFERENCE)), [joe], "once, for two transactions of his");
    for nothing in [
        Clue::Email("nobody@example.com"),
        Clue::Invoice("R-2026/1"),
        Clue::Invoice(REFERENCE),
        Clue::Reference(INVOICE),
        Clue::Words(REFERENCE),
        Clue::Reference("ORDER-2026-17"),
    ] {
        assert!(found(&sam, &nothing).is_empty());
    }
    for refused in [
        Clue::Words(" - "),
        Clue::Words("Jane 4111 1111 1111 1111"),
        Clue::Reference("4111111111111111"),
        Clue::Invoice("a\nb"),
        Clue::Email("jane"),
    ] {
        assert_eq!(sam.search(&refused, &support()).err().unwrap().kind(), Kind::Invalid);
    }
}

#[test]
fn a_search_is_one_entry_about_those_it_shows_with_a_digest_of_what_was_sought() {
    let world = World::demo();
    let jane = register(&world.room, JANE, "Jane Doe");
    let jim = register(&world.room, "jim@example.com", "Jim Doe");
    let sam = world.staff("sam");
    for words in ["jane doe", "DOE  Jane", "doe", "jane"] {
        search(&sam, &Clue::Words(words));
    }
    search(&sam, &Clue::Invoice("jane"));
    let entries = searches(&world.path());
    let ids = |value: &Value| -> BTreeSet<String> {
        value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().replace("account:", "")).collect()
    };
    let both = BTreeSet::from([jane.to_string(), jim.to_string()]);
    assert_eq!((ids(&entries[2]["subjects"]), ids(&entries[2]["objects"])), (both.clone(), both));
    assert_eq!(entries[2]["fields"], json!(["email", "name"]));
    assert_eq!((&entries[2]["view"], &entries[2]["outcome"]), (&json!("masked"), &json!("granted")));
    assert_eq!((&entries[2]["data"]["shown"], &entries[2]["data"]["found"]), (&json!(2), &json!(2)));
    let digests: Vec<_> = entries.iter().map(|entry| entry["data"]["query"].clone()).collect();
    assert_eq!(digests[0], digests[1], "the same words in another order");
    let each: BTreeSet<String> = digests.iter().map(ToString::to_string).collect();
    assert_eq!(each.len(), 4, "what differs has digests that differ, and so have clues of another kind");
    assert_eq!(entries[4]["subjects"], json!([]));
}

#[test]
fn twenty_are_shown_and_all_are_counted() {
    let world = World::demo();
    let line = |number: usize| {
        let email = format!("c{number}@example.com");
        json!({"identifier": email, "password_record": BCRYPT, "name": format!("Maria No{number}")})
    };
    let text: Vec<String> = (0..30).map(|number| line(number).to_string()).collect();
    world
        .room
        .import_accounts(text.join("\n").as_bytes(), ImportOptions::default(), |_| Ok(()), |_| ())
        .unwrap();
    let sam = world.staff("sam");
    let many = search(&sam, &Clue::Words("maria"));
    assert_eq!((many.accounts.len(), many.found), (20, 30));
    let entries = searches(&world.path());
    assert_eq!(entries[0]["objects"].as_array().unwrap().len(), 20);
    assert_eq!((&entries[0]["data"]["shown"], &entries[0]["data"]["found"]), (&json!(20), &json!(30)));
    assert_eq!(found(&sam, &Clue::Words("maria no29")).len(), 1);
}

#[test]
fn nobody_finds_himself_or_whom_he_may_not() {
    let scene = Scene::new();
    let ada = scene.world.staff("ada");
    let why = Why::purpose(Purpose::AccessAdmin);
    let case = ada.open_case(None, &why).unwrap();
    ada.link(scene.id("sam"), Some(scene.account()), &why.case(CaseRef::Case(case))).unwrap();
    let sam = scene.world.staff("sam");
    let view = search(&sam, &Clue::Words("jane doe"));
    assert_eq!((view.accounts.len(), view.found), (1, 1), "joe, who is called the same, and not jane");
    assert_eq!(view.accounts[0].account, scene.joe.account());
    assert!(found(&sam, &Clue::Email(JANE)).is_empty());

    for (handle, why) in [
        ("vera", Why::purpose(Purpose::Audit)),
        ("lena", Why::purpose(Purpose::LegalObligation)),
        ("ada", Why::purpose(Purpose::AccessAdmin)),
        ("sam", Why::unstated()),
        ("sam", Why::purpose(Purpose::Audit)),
    ] {
        let refused = scene.world.staff(handle).search(&Clue::Words("jane"), &why).err().unwrap();
        assert_eq!(refused.kind(), Kind::Denied, "{handle}");
    }
    let denied: Vec<_> = searches(&scene.world.path()).into_iter().skip(2).collect();
    assert_eq!(denied.len(), 5);
    for entry in denied {
        assert_eq!((&entry["outcome"], &entry["subjects"]), (&json!("denied"), &json!([])));
    }
}

#[test]
fn the_closed_are_found_and_the_erased_are_not() {
    let scene = Scene::new();
    billed(&scene);
    let (sam, priya, joe) = (scene.world.staff("sam"), scene.world.staff("priya"), scene.joe.account());
    let case = priya.open_case(Some(joe), &rights()).unwrap();
    let why = rights().case(CaseRef::Case(case));
    priya.close_account(joe, &why).unwrap();
    assert_eq!(found(&sam, &Clue::Reference(REFERENCE)), [joe]);
    assert_eq!(clues(&scene.world.path(), joe), 2 + 2 + 1, "two words, two transactions, an invoice");
    let receipt = priya.erase_account(joe, &why).unwrap();
    assert_eq!((receipt.indexes, receipt.probe.left.len()), (3, 0), "the address and two words");
    assert_eq!(clues(&scene.world.path(), joe), 3, "what law keeps keeps its clues");
    for clue in [Clue::Words("jane doe"), Clue::Reference(REFERENCE), Clue::Invoice(INVOICE)] {
        assert!(!found(&sam, &clue).contains(&joe));
    }
}

/// Indexes lie in a table, and tables are edited.
#[test]
fn a_clue_that_was_led_elsewhere_leads_nobody() {
    let scene = Scene::new();
    billed(&scene);
    let other = register(&scene.world.room, "jim@example.com", "Jim Beam");
    let keyring = crate::dba::unguarded(&scene.world.path().join("keyring/keyring.db"));
    let turned =
        "UPDATE clue SET owner = ?1, object = CASE field WHEN 3 THEN ?1 ELSE object END WHERE owner = ?2";
    let (to, joe) = (other.as_bytes().as_slice(), scene.joe.account());
    assert_eq!(keyring.execute(turned, [to, joe.as_bytes().as_slice()]).unwrap(), 5);
    let sam = scene.world.staff("sam");
    for clue in [Clue::Words("jane"), Clue::Reference(REFERENCE), Clue::Invoice(INVOICE)] {
        let found = found(&sam, &clue);
        assert!(!found.contains(&other) && !found.contains(&joe));
    }
}

/// Of two who claimed one address, the one who came is found, by his own name.
#[test]
fn whoever_takes_a_claim_is_found_by_his_own_name() {
    let world = World::demo();
    let store = world.path().join("store/store.db");
    let full = "CREATE TRIGGER full BEFORE INSERT ON account BEGIN SELECT RAISE(ABORT, 'full'); END;";
    disk::sql(&store, full);
    let password = secret(PASSWORD);
    let first = Registration { email: JANE, name: Some("Jane Claimed Doe"), password: &password };
    assert!(world.room.register(&first).is_err());
    disk::sql(&store, "DROP TRIGGER full");
    let sam = world.staff("sam");
    assert!(found(&sam, &Clue::Words("claimed")).is_empty(), "a claim of nobody");
    let jane = register(&world.room, JANE, "Jana Doe");
    assert_eq!(found(&sam, &Clue::Words("jana doe")), [jane]);
    assert!(found(&sam, &Clue::Words("claimed")).is_empty());
    assert_eq!(clues(&world.path(), jane), 2);
}

/// A restored store knows nobody who came since, and leaves none of their clues.
#[test]
fn clues_come_and_go_with_their_half_of_a_backup() {
    let world = World::demo();
    let old = register(&world.room, JANE, "Jane Doe");
    let (path, at) = (world.path(), |name: &str| world.directory.path().join(name));
    world.room.backup_data(&at("data"), |_, _| ()).unwrap();
    world.room.backup_keyring(&at("kept"), |_, _| ()).unwrap();
    let new = register(&world.room, "jim@example.com", "Jim Doe");
    assert_eq!(clues(&path, new), 2);
    for keyring in [None, Some(at("kept"))] {
        let copy = at(if keyring.is_some() { "both" } else { "one" });
        disk::copy(&path, &copy);
        let backups = Backups { data: Some(at("data")), keyring, accept_missing: false };
        options(&copy, &world.clock).restore(&backups, |_, _| ()).unwrap();
        assert_eq!((clues(&copy, old), clues(&copy, new)), (2, 0));
        let room = options(&copy, &world.clock).open().unwrap();
        assert_eq!(found(&staff(&room, "sam"), &Clue::Words("doe")), [old]);
    }
}

/// Who changes his name is found by the new one.
#[test]
fn a_changed_name_is_found_and_the_one_before_is_not() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let (owner, sam) = (world.room.owner(&jane), world.staff("sam"));
    for (name, words) in [(Some("Jane Roe"), 2), (Some("Jane"), 1), (Some("Roe Jane Roe"), 2), (None, 0)] {
        owner.change_name(name).unwrap();
        assert_eq!(clues(&world.path(), jane.account()), words, "{name:?}");
        let now = found(&sam, &Clue::Words("roe"));
        assert_eq!(now.contains(&jane.account()), name.is_some_and(|name| name.contains("Roe")), "{name:?}");
        assert!(found(&sam, &Clue::Words("doe")).is_empty());
    }
}

/// Going through a list of names comes to an end each day, for each of those who search, and is on record.
#[test]
fn two_hundred_searches_a_day_are_one_colleagues_last() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let sam = scene.world.staff("sam");
    let hour = std::time::Duration::from_secs(3600);
    let there = found(&sam, &Clue::Words("jane"));
    scene.world.later(hour);
    let (sam_later, why) = (scene.world.staff("sam"), support());
    for _ in 1..200 {
        assert_eq!(found(&sam_later, &Clue::Words("nobody")).len(), 0);
    }
    let before = room.log_size().unwrap();
    let refused = sam_later.search(&Clue::Words("jane"), &why).err().unwrap();
    assert!(matches!(refused, StaffError::TooOften { .. }), "{refused}");
    assert_eq!(refused.retry_after(), Some(hour * 23));
    assert_eq!(refused.to_string(), "too often today: searches by one colleague; again in 1380 minutes");
    let vera = scene.world.staff("vera");
    let log = vera.audit_log(LogPart::All, before, &Page::first(10), &Why::unstated()).unwrap();
    let entry = &log.entries.iter().find(|one| one.entry.what.name() == "account.found").unwrap().entry;
    assert_eq!((entry.outcome.name(), entry.reason.as_deref()), ("failed", Some("too_often")));
    // Nobody else is stopped by it, nor is what is no search.
    assert_eq!(found(&scene.world.staff("lea"), &Clue::Words("jane")), there);
    sam_later.find(JANE, &why).unwrap();
    // When the first of them is a day old there is one more.
    scene.world.later(hour * 23);
    let sam = scene.world.staff("sam");
    assert_eq!(found(&sam, &Clue::Words("jane")), there);
    assert!(sam.search(&Clue::Words("jane"), &why).is_err());
}
