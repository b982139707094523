//! References: each processor's pattern, and what no pattern takes.

use proptest::prelude::*;

use super::{BadReference, Pattern, Processor, ProcessorReference};

const GOOD: [(Processor, &str); 13] = [
    (Processor::Stripe, "pi_3MtwBwLkdIwHu7ix28a3tqPa"),
    (Processor::Stripe, "txn_1MiN3gLkdIwHu7ixxapQrznl"),
    (Processor::Adyen, "NC6HT9CRT65ZGN82"),
    (Processor::PayPal, "8XJ12345AB678901C"),
    (Processor::Braintree, "f49dwa6k"),
    (Processor::Mollie, "tr_7UhSN1zuXS"),
    (Processor::Razorpay, "pay_29QQoUBi66xm2f"),
    (Processor::Checkout, "pay_mbabizu24mvu3mela5njyhpit4"),
    (Processor::Alipay, "2024051722001412345600789012"),
    (Processor::WeChatPay, "4200001234202405171234567890"),
    (Processor::UnionPay, "202405171234567890123"),
    (Processor::AuthorizeNet, "60198401234"),
    (Processor::Other, "INV-2024-000123"),
];

#[test]
fn each_processor_has_its_pattern() {
    for (processor, text) in GOOD {
        let reference = ProcessorReference::parse(processor, text).map_err(|why| (text, why)).ok().unwrap();
        assert_eq!(reference.expose(), text);
        let back = ProcessorReference::from_bytes(&reference.to_bytes()).ok().unwrap();
        assert_eq!((back.processor(), back.expose()), (processor, text));
        assert!(!reference.masked().to_string().contains(text));
        for changed in [format!("{text} "), format!(" {text}"), format!("{text}_"), format!("{text}\u{e9}")] {
            let why = ProcessorReference::parse(processor, &changed).err();
            assert_eq!(why, Some(BadReference::NotThePattern { processor }), "{changed:?}");
        }
    }
    assert!(ProcessorReference::parse(Processor::Stripe, "pi_short").is_err());
    assert!(ProcessorReference::parse(Processor::Other, "12345678").is_err());
}

#[test]
fn no_pattern_takes_a_card_number() {
    let numbers = [
        "4111111111111111",
        "5555-5555-5555-4444",
        "378282246310005",
        "6799990100000000019",
        "4222222222222",
    ];
    for number in numbers {
        for processor in Processor::ALL {
            let prefix = processor.pattern().prefixes.first().copied().unwrap_or_default();
            for text in [
                number.to_owned(),
                format!("{prefix}{number}"),
                format!("{prefix}{number}A"),
                format!("A{number}"),
            ] {
                assert!(ProcessorReference::parse(processor, &text).is_err(), "{processor:?} {text}");
            }
        }
    }
    for apart in ["4111x1111x1111x1111", "PAN-41111111-11111111", "4a1b1c1d1e1f1g1h1i1j1k1l1m1n1o1"] {
        assert_eq!(ProcessorReference::parse(Processor::Other, apart).err(), Some(BadReference::CardNumber));
    }
}

#[test]
fn no_pattern_has_room_for_bare_digits_of_a_cards_length() {
    for processor in Processor::ALL {
        let Pattern { prefixes, .. } = processor.pattern();
        for length in 12..=19 {
            let digits = "9".repeat(length);
            assert!(!processor.pattern().matches(&digits), "{processor:?} takes {length} digits");
            let prefixed =
                prefixes.iter().any(|prefix| processor.pattern().matches(&format!("{prefix}{digits}")));
            assert!(!prefixed || prefixes.iter().all(|prefix| prefix.contains('_')), "{processor:?}");
        }
    }
}

#[test]
fn the_stored_form_is_strict() {
    let good = ProcessorReference::parse(Processor::Braintree, "f49dwa6k").ok().unwrap();
    assert_eq!(**good.to_bytes(), *b"\x01\x04f49dwa6k");
    for refused in [
        &b""[..],
        b"\x01",
        b"\x01\x04",
        b"\x02\x04f49dwa6k",
        b"\x01\x00f49dwa6k",
        b"\x01\x04F49DWA6K",
        b"\x01\xff4111111111111111a",
        b"\x01\x04f49dwa6\xff",
    ] {
        assert!(ProcessorReference::from_bytes(refused).is_err(), "{refused:?}");
    }
}

#[test]
fn processors_are_known_by_number_and_name() {
    for processor in Processor::ALL {
        assert_eq!(Processor::from_number(processor.number()), Some(processor));
        assert_eq!(Processor::from_name(processor.name()), Some(processor));
        let Pattern { prefixes, length: (_, most), .. } = processor.pattern();
        let longest = prefixes.iter().map(|prefix| prefix.len()).max().unwrap_or(0) + most;
        assert!(longest <= 72);
    }
    assert_eq!(Processor::from_name("Stripe"), None);
}

proptest! {
    #[test]
    fn one_reference_has_one_form(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), b'a'..=b'z', 0_u8..12], 0..40),
    ) {
        if let Ok(reference) = ProcessorReference::from_bytes(&bytes) {
            prop_assert_eq!(reference.to_bytes().to_vec(), bytes);
        }
    }
}
