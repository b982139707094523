//! `data.payment`, broken.

use strongroom::room::Kept;

use super::{Busy, count};

#[test]
fn a_place_that_nobody_made_is_named() {
    let busy = Busy::new();
    let store = busy.store();
    store.execute_batch("CREATE TABLE cards (number TEXT, jane4111 TEXT)").unwrap();
    store.execute("ALTER TABLE payment ADD COLUMN pan TEXT", []).unwrap();
    let strange = "is none of this program's: nobody knows what it holds";
    assert_eq!(
        busy.broken("data.payment"),
        [
            format!("column cards.number: {strange}"),
            format!("column cards.(a strange name): {strange}"),
            format!("column payment.pan: {strange}"),
        ]
    );
}

#[test]
fn a_place_in_the_keyring_is_named_too() {
    let busy = Busy::new();
    busy.keyring().execute("ALTER TABLE blind_index ADD COLUMN plain TEXT", []).unwrap();
    let found = busy.broken("data.payment");
    assert_eq!(found, ["column blind_index.plain: is none of this program's: nobody knows what it holds"]);
}

#[test]
fn a_place_that_is_gone_is_named() {
    let busy = Busy::new();
    busy.store()
        .execute_batch("DROP INDEX invoice_account; ALTER TABLE invoice RENAME COLUMN issued_ms TO card")
        .unwrap();
    let found = busy.broken("data.payment");
    assert_eq!(
        found,
        [
            "column invoice.card: is none of this program's: nobody knows what it holds",
            "column invoice.issued_ms: is missing"
        ]
    );
}

#[test]
fn a_place_that_could_hold_more_than_it_should_is_named() {
    let busy = Busy::new();
    busy.store()
        .execute_batch("ALTER TABLE payment DROP COLUMN result; ALTER TABLE payment ADD COLUMN result TEXT")
        .unwrap();
    assert_eq!(
        busy.broken("data.payment"),
        ["column payment.result: is of another type than this program made it"]
    );
}

#[test]
fn what_poses_as_a_currency_is_found() {
    let busy = Busy::new();
    let changed = busy.store().execute("UPDATE payment SET currency = '411'", []).unwrap();
    let found = busy.broken("data.payment");
    assert_eq!(found.len(), changed, "{found:?}");
    assert!(found.iter().all(|one| one.ends_with("holds something in `currency` that is none")), "{found:?}");
}

#[test]
fn a_number_in_an_open_column_is_found_and_not_repeated() {
    let busy = Busy::new();
    let store = busy.store();
    let id: Vec<u8> = store.query_row("SELECT id FROM payment LIMIT 1", [], |row| row.get(0)).unwrap();
    store.execute("UPDATE payment SET amount_minor = 4111111111111111 WHERE id = ?1", [&id]).unwrap();
    store.execute("UPDATE credential SET scheme = '4111 1111 1111 1111' WHERE owner_kind = 1", []).unwrap();
    store.execute("UPDATE invoice SET id = CAST('5555555555554444' AS BLOB) WHERE rowid = 1", []).unwrap();
    let found = busy.broken("data.payment");
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[0].starts_with("payment ") && found[0].ends_with("in `amount_minor`"), "{found:?}");
    assert_eq!(found[1], "a row of invoice: holds a card number in the open, as its id");
    assert!(found[2].starts_with("credential of ") && found[2].ends_with("in `scheme`"), "{found:?}");
    assert!(found.iter().all(|line| !line.contains("4111") && !line.contains("5555")), "{found:?}");
}

#[test]
fn plaintext_in_a_sealed_column_is_found() {
    let busy = Busy::new();
    let store = busy.store();
    store.execute("UPDATE payment SET card_sealed = CAST('4111111111111111' AS BLOB)", []).unwrap();
    let found = busy.broken("data.payment");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].ends_with("holds something in a sealed column that this program did not seal"));
}

#[test]
fn a_sealed_value_that_is_too_wide_for_a_card_is_found() {
    let busy = Busy::new();
    let store = busy.store();
    // What a fault would leave that sealed a longer text as if it were a card.
    store.execute("UPDATE payment SET card_sealed = CAST(card_sealed || zeroblob(32) AS BLOB)", []).unwrap();
    assert_eq!(busy.broken("data.payment").len(), 2);
}

#[test]
fn what_the_guard_masked_is_counted() {
    let busy = Busy::new();
    let verdict = busy.check("data.payment");
    assert_eq!(verdict.kept, Kept::Kept);
    assert_eq!(count(&verdict, "card numbers masked before storing"), 1);
    assert_eq!((count(&verdict, "payments"), count(&verdict, "invoices")), (2, 2));
}
