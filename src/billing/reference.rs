//! The processor's own name for a transaction: the token that stands where others store a card number.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    codec::{Cursor, Undecodable},
    guard,
};

/// Who processed a payment. Each has a declared pattern that its references must match. The numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Processor {
    /// Stripe: `pi_`, `ch_`, `py_`, `re_`, `txn_` or `in_`, then 14 to 64 letters and digits.
    Stripe = 1,
    /// Adyen: 16 capital letters and digits.
    Adyen = 2,
    /// `PayPal`: 17 capital letters and digits.
    PayPal = 3,
    /// Braintree: 6 to 11 small letters and digits.
    Braintree = 4,
    /// Mollie: `tr_` or `re_`, then 8 to 32 letters and digits.
    Mollie = 5,
    /// Razorpay: `pay_` or `rfnd_`, then 14 letters and digits.
    Razorpay = 6,
    /// Checkout.com: `pay_` or `act_`, then 26 small letters and digits.
    Checkout = 7,
    /// Alipay: 28 digits, the day in front.
    Alipay = 8,
    /// `WeChat` Pay: 28 digits led by 4.
    WeChatPay = 9,
    /// `UnionPay`'s gateway: 21 digits.
    UnionPay = 10,
    /// Authorize.Net: 8 to 11 digits.
    AuthorizeNet = 11,
    /// Any other: 6 to 64 letters, digits and hyphens, with at least one letter.
    Other = 255,
}

/// What the characters behind the prefix may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Digits,
    Lower,
    Upper,
    Mixed,
    MixedAndHyphens,
}

impl Alphabet {
    const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Lower => byte.is_ascii_digit() || byte.is_ascii_lowercase(),
            Self::Upper => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            Self::Mixed => byte.is_ascii_alphanumeric(),
            Self::MixedAndHyphens => byte.is_ascii_alphanumeric() || byte == b'-',
        }
    }
}

/// The declared pattern of a processor's references.
struct Pattern {
    /// One of these leads; empty for none.
    prefixes: &'static [&'static str],
    alphabet: Alphabet,
    /// Fewest and most characters behind the prefix.
    length: (usize, usize),
}

impl Pattern {
    /// Unprefixed patterns as long as a card number must show a letter, or a bare card number would fit them.
    const SHORTEST_CARD: usize = 12;

    fn matches(&self, text: &str) -> bool {
        let body = match self.prefixes {
            [] => Some(text),
            prefixes => prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)),
        };
        let (least, most) = self.length;
        body.is_some_and(|body| {
            let letters_needed =
                self.prefixes.is_empty() && self.alphabet != Alphabet::Digits && most >= Self::SHORTEST_CARD;
            (least..=most).contains(&body.len())
                && body.bytes().all(|byte| self.alphabet.holds(byte))
                && (!letters_needed || body.bytes().any(|byte| byte.is_ascii_alphabetic()))
        })
    }
}

impl Processor {
    /// Every processor, in the order of its number.
    pub const ALL: [Self; 12] = [
        Self::Stripe,
        Self::Adyen,
        Self::PayPal,
        Self::Braintree,
        Self::Mollie,
        Self::Razorpay,
        Self::Checkout,
        Self::Alipay,
        Self::WeChatPay,
        Self::UnionPay,
        Self::AuthorizeNet,
        Self::Other,
    ];

    /// The frozen number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The processor with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|processor| processor.number() == number)
    }

    /// The name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Adyen => "adyen",
            Self::PayPal => "paypal",
            Self::Braintree => "braintree",
            Self::Mollie => "mollie",
            Self::Razorpay => "razorpay",
            Self::Checkout => "checkout",
            Self::Alipay => "alipay",
            Self::WeChatPay => "wechat-pay",
            Self::UnionPay => "unionpay",
            Self::AuthorizeNet => "authorize-net",
            Self::Other => "other",
        }
    }

    /// The processor with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|processor| processor.name() == name)
    }

    const fn pattern(self) -> Pattern {
        let (prefixes, alphabet, length): (&[&str], _, _) = match self {
            Self::Stripe => (&["pi_", "ch_", "py_", "re_", "txn_", "in_"], Alphabet::Mixed, (14, 64)),
            Self::Adyen => (&[], Alphabet::Upper, (16, 16)),
            Self::PayPal => (&[], Alphabet::Upper, (17, 17)),
            Self::Braintree => (&[], Alphabet::Lower, (6, 11)),
            Self::Mollie => (&["tr_", "re_"], Alphabet::Mixed, (8, 32)),
            Self::Razorpay => (&["pay_", "rfnd_"], Alphabet::Mixed, (14, 14)),
            Self::Checkout => (&["pay_", "act_"], Alphabet::Lower, (26, 26)),
            Self::Alipay => (&["20"], Alphabet::Digits, (26, 26)),
            Self::WeChatPay => (&["4"], Alphabet::Digits, (27, 27)),
            Self::UnionPay => (&[], Alphabet::Digits, (21, 21)),
            Self::AuthorizeNet => (&[], Alphabet::Digits, (8, 11)),
            Self::Other => (&[], Alphabet::MixedAndHyphens, (6, 64)),
        };
        Pattern { prefixes, alphabet, length }
    }
}

/// Why a reference was refused. It never repeats the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadReference {
    /// It does not match what the processor's references look like.
    NotThePattern {
        /// The processor.
        processor: Processor,
    },
    /// A card number stands in it, with or without other characters between its digits.
    CardNumber,
}

impl fmt::Display for BadReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThePattern { processor } => {
                write!(f, "this is no transaction reference of `{}`", processor.name())
            }
            Self::CardNumber => guard::CardNumber.fmt(f),
        }
    }
}

impl std::error::Error for BadReference {}

/// A processor and its reference to one transaction. Wiped on drop.
///
/// Stored as:
///
/// | bytes | what |
/// |---|---|
/// | 1 | version, 1 |
/// | 1 | processor's number |
/// | 6 to 72 | the reference, ASCII |
pub struct ProcessorReference {
    processor: Processor,
    text: Zeroizing<String>,
}

impl ProcessorReference {
    const VERSION: u8 = 1;

    /// The reference as the processor gave it: no trimming, no change of case.
    ///
    /// # Errors
    /// [`BadReference`] with the reason.
    pub fn parse(processor: Processor, text: &str) -> Result<Self, BadReference> {
        if guard::refuse(text).is_err() || is_card_number_spelled_apart(text) {
            return Err(BadReference::CardNumber);
        }
        if !processor.pattern().matches(text) {
            return Err(BadReference::NotThePattern { processor });
        }
        Ok(Self { processor, text: Zeroizing::new(text.to_owned()) })
    }

    /// The processor.
    pub const fn processor(&self) -> Processor {
        self.processor
    }

    /// The reference. Each caller is a place to review.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// `stripe ••••`: for roles that need not find the transaction.
    pub fn masked(&self) -> impl fmt::Display + use<> {
        let name = self.processor.name();
        fmt::from_fn(move |f| write!(f, "{name} ••••"))
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(2 + self.text.len()));
        out.extend_from_slice(&[Self::VERSION, self.processor.number()]);
        out.extend_from_slice(self.text.as_bytes());
        out
    }

    /// The reference with this stored form.
    ///
    /// # Errors
    /// [`Undecodable`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Undecodable> {
        let mut cursor = Cursor::versioned(bytes, Self::VERSION)?;
        let processor = Processor::from_number(cursor.u8()?).ok_or(Undecodable)?;
        Self::parse(processor, cursor.rest()?).map_err(|_| Undecodable)
    }
}

/// Whether the digits of a reference, whatever stands between them, are a card number. In prose that would hit half of
/// all sentences with numbers in them; a reference with that many digits in that order is an attempt.
fn is_card_number_spelled_apart(text: &str) -> bool {
    let digits: Zeroizing<String> = Zeroizing::new(text.chars().filter(char::is_ascii_digit).collect());
    guard::refuse(&digits).is_err()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BadReference, Pattern, Processor, ProcessorReference};
    use crate::base::limits::PROCESSOR_REFERENCE_BYTES_MAX;

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
            let reference =
                ProcessorReference::parse(processor, text).map_err(|why| (text, why)).ok().unwrap();
            assert_eq!(reference.expose(), text);
            let back = ProcessorReference::from_bytes(&reference.to_bytes()).ok().unwrap();
            assert_eq!((back.processor(), back.expose()), (processor, text));
            assert!(!reference.masked().to_string().contains(text));
            for changed in
                [format!("{text} "), format!(" {text}"), format!("{text}_"), format!("{text}\u{e9}")]
            {
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
            assert_eq!(
                ProcessorReference::parse(Processor::Other, apart).err(),
                Some(BadReference::CardNumber)
            );
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
            assert!(longest <= PROCESSOR_REFERENCE_BYTES_MAX);
        }
        assert_eq!(Processor::from_name("Stripe"), None);
    }

    proptest! {
        #[test]
        fn one_reference_has_one_form(bytes in prop::collection::vec(prop_oneof![any::<u8>(), b'a'..=b'z', 0_u8..12], 0..40)) {
            if let Ok(reference) = ProcessorReference::from_bytes(&bytes) {
                prop_assert_eq!(reference.to_bytes().to_vec(), bytes);
            }
        }
    }
}
