//! One transaction: open facts and sealed fields.

use super::{
    card::MaskedCard,
    codec::{Cursor, Undecodable},
    money::{Currency, Money},
    reference::ProcessorReference,
};
use crate::base::Time;

/// How a transaction ended, or where it stands. The numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PaymentResult {
    /// Begun, not yet decided.
    Pending = 1,
    /// The money is taken or will be.
    Approved = 2,
    /// The issuer or the processor said no.
    Declined = 3,
    /// It broke before anybody decided.
    Failed = 4,
    /// Given up before the money was taken.
    Cancelled = 5,
    /// Money went back to the customer.
    Refunded = 6,
    /// The customer's bank took the money back.
    ChargedBack = 7,
}

impl PaymentResult {
    /// Every result, in the order of its number.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Approved,
        Self::Declined,
        Self::Failed,
        Self::Cancelled,
        Self::Refunded,
        Self::ChargedBack,
    ];

    /// The frozen number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The result with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.number() == number)
    }

    /// The name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::ChargedBack => "charged-back",
        }
    }

    /// The result with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.name() == name)
    }
}

/// What stands in open columns: enough to add up a year, not enough to know a person.
///
/// Canonical bytes, for whatever binds a row's open columns to its sealed ones:
///
/// | bytes | what |
/// |---|---|
/// | 1 | version, 1 |
/// | 1 | result's number |
/// | 8 | minor units, signed, big-endian |
/// | 3 | currency code, ASCII |
/// | 8 | time in milliseconds since 1970, big-endian |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentFacts {
    /// How it ended.
    pub result: PaymentResult,
    /// How much.
    pub amount: Money,
    /// When the processor dates it; its year is the row's fiscal year.
    pub date: Time,
}

impl PaymentFacts {
    /// Bytes of the canonical form.
    pub const CANONICAL_BYTES: usize = 21;
    const VERSION: u8 = 1;

    /// The canonical form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::CANONICAL_BYTES);
        out.extend_from_slice(&[Self::VERSION, self.result.number()]);
        out.extend_from_slice(&self.amount.minor().to_be_bytes());
        out.extend_from_slice(&self.amount.currency().to_bytes());
        out.extend_from_slice(&self.date.as_ms().to_be_bytes());
        out
    }

    /// The facts with this canonical form.
    ///
    /// # Errors
    /// [`Undecodable`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Undecodable> {
        let mut cursor = Cursor::versioned(bytes, Self::VERSION)?;
        let result = PaymentResult::from_number(cursor.u8()?).ok_or(Undecodable)?;
        let minor = cursor.i64()?;
        let currency = Currency::from_bytes(cursor.array()?).ok_or(Undecodable)?;
        let amount = Money::new(minor, currency).map_err(|_| Undecodable)?;
        let date = time(&mut cursor)?;
        cursor.end()?;
        Ok(Self { result, amount, date })
    }
}

/// A time in range: one that [`Time::from_ms`] would have moved was not written by this program.
pub(super) fn time(cursor: &mut Cursor<'_>) -> Result<Time, Undecodable> {
    let ms = cursor.i64()?;
    let time = Time::from_ms(ms);
    if time.as_ms() == ms { Ok(time) } else { Err(Undecodable) }
}

/// What is sealed, each field by itself: a reader of one opens one.
pub struct PaymentFields {
    /// The processor's name for it.
    pub reference: ProcessorReference,
    /// The card, if it was one.
    pub card: Option<MaskedCard>,
}

#[cfg(test)]
mod tests {
    use super::{Currency, Money, PaymentFacts, PaymentResult, Time};

    fn facts() -> PaymentFacts {
        PaymentFacts {
            result: PaymentResult::Approved,
            amount: Money::new(-1234, Currency::from_code("EUR").unwrap()).unwrap(),
            date: Time::from_ms(1_700_000_000_000),
        }
    }

    #[test]
    fn the_canonical_form_is_frozen_and_strict() {
        let bytes = facts().to_bytes();
        assert_eq!(bytes.len(), PaymentFacts::CANONICAL_BYTES);
        assert_eq!(bytes, b"\x01\x02\xff\xff\xff\xff\xff\xff\xfb\x2eEUR\0\0\x01\x8b\xcf\xe5\x68\0");
        assert_eq!(PaymentFacts::from_bytes(&bytes), Ok(facts()));
        for at in [0, 1, 2, 10, 13] {
            let mut changed = bytes.clone();
            changed[at] ^= 0x80;
            assert!(PaymentFacts::from_bytes(&changed).is_err(), "byte {at}");
        }
        assert!(PaymentFacts::from_bytes(&bytes[..20]).is_err());
        assert!(PaymentFacts::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn results_are_known_by_number_and_name() {
        for result in PaymentResult::ALL {
            assert_eq!(PaymentResult::from_number(result.number()), Some(result));
            assert_eq!(PaymentResult::from_name(result.name()), Some(result));
        }
        assert_eq!(PaymentResult::from_number(0), None);
        assert_eq!(PaymentResult::from_name("Approved"), None);
    }
}
