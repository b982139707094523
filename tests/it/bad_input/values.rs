//! Values that are typed before they reach a room.

use strongroom::room::{
    AccountId, BillingAddress, Brand, Country, Currency, Expiry, InvoiceBody, InvoiceLine, InvoiceLines,
    InvoiceNumber, LastFour, MaskedCard, Money, PaymentFacts, PaymentFields, PaymentResult, Processor,
    ProcessorReference,
};

use super::bad_lines;
use crate::world::START;

fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::from_code("EUR").unwrap()).unwrap()
}

fn line() -> InvoiceLine {
    InvoiceLine::new("Server", 1, euro(100)).unwrap()
}

/// A transaction that could be recorded.
pub fn payment() -> (PaymentFacts, PaymentFields) {
    let facts = PaymentFacts { result: PaymentResult::Approved, amount: euro(100), date: START };
    let reference = ProcessorReference::parse(Processor::Stripe, "pi_3MtwBwLkdIwHu7ix28a3tqPa").unwrap();
    (facts, PaymentFields { reference, card: None })
}

/// An invoice that could be recorded.
pub fn invoice() -> InvoiceBody {
    let number = InvoiceNumber::accept("2026-1").unwrap();
    InvoiceBody { number, address: None, lines: InvoiceLines::new(vec![line()]).unwrap() }
}

#[test]
fn texts_that_are_no_values_are_refused() {
    let odd =
        ["0", "-1", "NaN", "1e9", "４２４２", "12/", "/27", "13/27", "00/00", "eur", "EURO", "٣", "..", "+1"];
    let odd = odd.iter().map(|text| ("odd", (*text).to_owned()));
    for (what, text) in bad_lines(1024).into_iter().chain(odd) {
        assert!(text.parse::<AccountId>().is_err(), "an id: {what}");
        assert!(Brand::from_name(&text).is_err(), "a brand: {what}");
        assert!(LastFour::parse(&text).is_err(), "four digits: {what}");
        assert!(Expiry::parse(&text).is_err(), "an expiry: {what}");
        assert!(Currency::from_code(&text).is_none(), "a currency: {what}");
        assert!(Country::from_code(&text).is_none(), "a country: {what}");
        assert!(BillingAddress::accept(&["Street 1"], &text).is_err(), "an address's country: {what}");
        // The guard reads a huge text whole: once is enough.
        let processors = [Processor::Stripe, Processor::PayPal, Processor::Alipay, Processor::Other];
        for processor in processors.into_iter().take(if text.len() > 1 << 20 { 1 } else { 4 }) {
            assert!(ProcessorReference::parse(processor, &text).is_err(), "a reference: {what}");
        }
        assert!(MaskedCard::from_bytes(text.as_bytes()).is_err(), "a stored card: {what}");
        assert!(InvoiceBody::from_bytes(text.as_bytes()).is_err(), "a stored invoice: {what}");
        assert!(PaymentFacts::from_bytes(text.as_bytes()).is_err(), "stored facts: {what}");
    }
    for (what, text) in bad_lines(512) {
        assert!(InvoiceLine::new(&text, 1, euro(1)).is_err(), "a line: {what}");
        assert!(BillingAddress::accept(&[&text], "DE").is_err(), "an address: {what}");
    }
    for (what, text) in bad_lines(64) {
        assert!(InvoiceNumber::accept(&text).is_err(), "a number: {what}");
    }
}

#[test]
fn numbers_over_their_limits_are_refused() {
    let euros = Currency::from_code("EUR").unwrap();
    for minor in [i64::MIN, i64::MAX, 1 << 53, -(1 << 53)] {
        assert!(Money::new(minor, euros).is_err(), "{minor}");
    }
    for text in [
        "",
        "-",
        ".",
        "1.",
        ".5",
        "1.234",
        "1,00",
        " 1",
        "1 ",
        "0x1",
        "99999999999999999999",
        &"9".repeat(1 << 20),
    ] {
        assert!(Money::from_decimal(text, euros).is_err(), "{text:.20}");
    }
    assert!(InvoiceLine::new("Server", 0, euro(1)).is_err());
    assert!(InvoiceLine::new("Server", u32::MAX, euro((1 << 53) - 1)).is_err());
    assert!(InvoiceLines::new(Vec::new()).is_err());
    assert!(InvoiceLines::new((0..201).map(|_| line()).collect()).is_err());
    let yen =
        InvoiceLine::new("Server", 1, Money::new(1, Currency::from_code("JPY").unwrap()).unwrap()).unwrap();
    assert!(InvoiceLines::new(vec![line(), yen]).is_err());
    let most = || InvoiceLine::new("Server", 1, euro((1 << 53) - 1)).unwrap();
    assert!(InvoiceLines::new(vec![most(), most()]).is_err());
    assert!(BillingAddress::accept(&[], "DE").is_err() && BillingAddress::accept(&["a"; 9], "DE").is_err());
    for (month, year) in [(0, 2027), (13, 2027), (1, 1999), (1, 2100), (255, 65535)] {
        assert!(Expiry::new(month, year).is_err(), "{month}/{year}");
    }
}
