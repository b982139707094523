//! Invoices: what is refused, and the frozen stored forms.

use proptest::prelude::*;

use crate::billing::Invoice;

use super::{
    super::{Currency, Money},
    BadAmount, BadInvoice, BillingAddress, InvoiceLine, InvoiceLines, InvoiceNumber, RefusedLine,
};
use crate::base::limits::{AMOUNT_MINOR_MAX, BILLING_ADDRESS_LINES_MAX, FIELD_BYTES_MAX, INVOICE_LINES_MAX};

fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::from_code("EUR").unwrap()).unwrap()
}

fn line(description: &str, quantity: u32, minor: i64) -> InvoiceLine {
    InvoiceLine::new(description, quantity, euros(minor)).ok().unwrap()
}

fn lines() -> InvoiceLines {
    InvoiceLines::new(vec![line("Server, 12 months", 12, 4_990), line("19 % tax", 1, 11_377)]).ok().unwrap()
}

#[test]
fn lines_add_up_in_one_currency() {
    assert_eq!(lines().total(), Ok(euros(71_257)));
    assert_eq!(lines().total(), Ok(euros(71_257)));
    let dollars = Money::new(1, Currency::from_code("USD").unwrap()).unwrap();
    let mixed = InvoiceLines::new(vec![line("a", 1, 1), InvoiceLine::new("b", 1, dollars).ok().unwrap()]);
    assert_eq!(mixed.err(), Some(BadInvoice::Amount(BadAmount::MixedCurrencies)));
    let much = InvoiceLines::new(vec![line("a", 1, AMOUNT_MINOR_MAX), line("b", 1, 1)]);
    assert_eq!(much.err(), Some(BadInvoice::Amount(BadAmount::TooLarge)));
    assert_eq!(InvoiceLine::new("a", 0, euros(1)).err(), Some(BadInvoice::NoQuantity));
    assert_eq!(
        InvoiceLine::new("a", 2, euros(AMOUNT_MINOR_MAX)).err(),
        Some(BadInvoice::Amount(BadAmount::TooLarge))
    );
    assert!(InvoiceLines::new(Vec::new()).is_err());
    assert!(InvoiceLines::new((0..=INVOICE_LINES_MAX).map(|_| line("a", 1, 1)).collect()).is_err());
}

#[test]
fn no_part_takes_a_card_number() {
    let number = "paid by 4111 1111 1111 1111";
    assert_eq!(InvoiceLine::new(number, 1, euros(1)).err(), Some(BadInvoice::Line(RefusedLine::CardNumber)));
    assert_eq!(InvoiceNumber::accept(number).err(), Some(RefusedLine::CardNumber));
    let address = BillingAddress::accept(&["Jane Doe", number], "DE").err();
    assert_eq!(address, Some(BadInvoice::Line(RefusedLine::CardNumber)));
    assert!(InvoiceNumber::from_bytes(b"\x014111111111111111").is_err());
    let mut stored = lines().to_bytes().to_vec();
    let at = stored.len() - "19 % tax".len() - 2;
    stored.splice(at.., [&[0, 16][..], b"4111111111111111"].concat());
    assert!(InvoiceLines::from_bytes(&stored).is_err());
}

#[test]
fn the_stored_forms_are_frozen() {
    let one = InvoiceLines::new(vec![line("a\u{e9}", 2, -3)]).ok().unwrap();
    assert_eq!(**one.to_bytes(), *b"\x01EUR\0\x01\0\0\0\x02\xff\xff\xff\xff\xff\xff\xff\xfd\0\x03a\xc3\xa9");
    assert_eq!(**InvoiceNumber::accept(" R-7 ").ok().unwrap().to_bytes(), *b"\x01R-7");
    let address = BillingAddress::accept(&["Jane Doe", "1 Main St"], "US").ok().unwrap();
    assert_eq!(**address.to_bytes(), *b"\x01US\x02\0\x08Jane Doe\0\x091 Main St");
}

#[test]
fn the_stored_forms_are_strict() {
    let stored = lines().to_bytes();
    for length in 0..stored.len() {
        assert!(InvoiceLines::from_bytes(&stored[..length]).is_err(), "{length} bytes");
    }
    assert!(InvoiceLines::from_bytes(&[&stored[..], &[0]].concat()).is_err());
    assert!(InvoiceLines::from_bytes(b"\x01EUR\0\0").is_err());
    for refused in [
        &b"\x01us\x01\0\x01a"[..],
        b"\x01US\0",
        b"\x01US\x01\0\0",
        b"\x01US\x01\0\x02 a",
        b"\x01US\x01\0\x01\n",
        b"\x01US\x09",
    ] {
        assert!(BillingAddress::from_bytes(refused).is_err(), "{refused:?}");
    }
    for refused in [&b""[..], b"\x01", b"\x02R", b"\x01 R", b"\x01e\xcc\x81", b"\x01\xff"] {
        assert!(InvoiceNumber::from_bytes(refused).is_err(), "{refused:?}");
    }
}

#[test]
fn an_address_has_lines_and_a_country() {
    let address = BillingAddress::accept(&["Jane Doe", "1 Main St"], "US").ok().unwrap();
    assert_eq!(
        (address.lines().collect::<Vec<_>>(), address.country().code()),
        (vec!["Jane Doe", "1 Main St"], "US")
    );
    for country in ["", "us", "USA", "U1", "\u{dc}"] {
        assert_eq!(BillingAddress::accept(&["a"], country).err(), Some(BadInvoice::NoCountry), "{country:?}");
    }
    assert!(BillingAddress::accept(&[], "US").is_err());
    assert!(BillingAddress::accept(&["a"; BILLING_ADDRESS_LINES_MAX + 1], "US").is_err());
}

#[test]
fn the_longest_lines_fit_a_field() {
    let all = InvoiceLines::new((0..INVOICE_LINES_MAX).map(|_| line(&"x".repeat(512), 1, 1)).collect())
        .ok()
        .unwrap();
    assert!(all.to_bytes().len() <= FIELD_BYTES_MAX);
    let back = InvoiceLines::from_bytes(&all.to_bytes()).ok().unwrap();
    assert_eq!(back.lines().len(), INVOICE_LINES_MAX);
}

proptest! {
    #[test]
    fn one_invoice_has_one_form(
        parts in prop::collection::vec(
            ("[a-z0-9 %.,\u{e9}\u{4e00}]{1,20}", 1_u32..1000, -100_000_i64..100_000),
            1..8,
        ),
        at in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let line = |(text, quantity, minor): &(String, u32, i64)| InvoiceLine::new(text, *quantity, euros(*minor));
        let made: Result<Vec<_>, _> = parts.iter().map(line).collect();
        let Ok(made) = made else { return Ok(()) };
        let stored = InvoiceLines::new(made).ok().unwrap().to_bytes().to_vec();
        prop_assert_eq!(InvoiceLines::from_bytes(&stored).ok().unwrap().to_bytes().to_vec(), stored.clone());
        let mut changed = stored;
        let at = at.index(changed.len());
        changed[at] ^= flip;
        if let Ok(other) = InvoiceLines::from_bytes(&changed) {
            prop_assert_eq!(other.to_bytes().to_vec(), changed);
        }
    }
}

#[test]
fn a_whole_invoice_has_one_form() {
    let accept = |number| InvoiceNumber::accept(number).ok().unwrap();
    for address in [None, BillingAddress::accept(&["Jane Doe", "1 Main St"], "US").ok()] {
        let stored = Invoice { number: accept("R-7"), address, lines: lines() }.to_bytes();
        let read = Invoice::from_bytes(&stored).ok().unwrap();
        assert_eq!(read.number.expose(), "R-7");
        assert!(read.to_bytes() == stored);
        for length in 0..stored.len() {
            assert!(Invoice::from_bytes(&stored[..length]).is_err(), "{length} bytes");
        }
        assert!(Invoice::from_bytes(&[&stored[..], &[0]].concat()).is_err());
    }
}
