//! Amounts of money: whole minor units and a currency, never a float.

use std::fmt;

use crate::base::limits::AMOUNT_MINOR_MAX;

/// The currencies in which a hosting bill is paid, by the number of digits behind the point (ISO 4217 table A.1 and,
/// behind the bar, codes withdrawn since 2021: seven years of invoices still name them). Funds codes, metals and
/// test codes are no way to pay.
const BY_EXPONENT: [(u8, &str); 3] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY \
         COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
         IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR \
         MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG \
         SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES \
         WST XCD XCG YER ZAR ZMW ZWG | ANG BGN CUC HRK SLL ZWL",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
];

/// A currency of ISO 4217, by its three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

impl Currency {
    /// The currency with this alphabetic code in upper case; `None` if it is no currency to pay in.
    pub fn from_code(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        let (exponent, _) = BY_EXPONENT
            .iter()
            .find(|(_, codes)| codes.split_ascii_whitespace().any(|known| known == text))?;
        Some(Self { code, exponent: *exponent })
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// The three letters as bytes.
    pub const fn to_bytes(self) -> [u8; 3] {
        self.code
    }

    /// The currency with these letters.
    pub fn from_bytes(code: [u8; 3]) -> Option<Self> {
        Self::from_code(std::str::from_utf8(&code).ok()?)
    }

    /// Digits of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    pub const fn exponent(&self) -> u8 {
        self.exponent
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Why a text or a number is no amount. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadAmount {
    /// Not ISO 4217's three upper-case letters, or no currency to pay in.
    UnknownCurrency,
    /// Not digits with at most one point and an optional minus sign in front.
    NotANumber,
    /// More digits behind the point than the currency has.
    TooPrecise {
        /// The digits that the currency has.
        exponent: u8,
    },
    /// Beyond 2^53 - 1 minor units either way, which JSON no longer keeps exactly.
    TooLarge,
    /// Two currencies in one sum.
    MixedCurrencies,
}

impl fmt::Display for BadAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCurrency => f.write_str("this is no currency code of ISO 4217"),
            Self::NotANumber => f.write_str("this is no amount of money"),
            Self::TooPrecise { exponent: 0 } => f.write_str("this currency has no minor unit"),
            Self::TooPrecise { exponent } => {
                write!(f, "this currency has {exponent} digits behind the point")
            }
            Self::TooLarge => write!(f, "the amount is beyond {AMOUNT_MINOR_MAX} minor units"),
            Self::MixedCurrencies => f.write_str("the amounts are in two currencies"),
        }
    }
}

impl std::error::Error for BadAmount {}

/// An amount in minor units; negative for what went back to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// This many minor units.
    ///
    /// # Errors
    /// [`BadAmount::TooLarge`] beyond `AMOUNT_MINOR_MAX` either way.
    pub const fn new(minor: i64, currency: Currency) -> Result<Self, BadAmount> {
        if minor.unsigned_abs() > AMOUNT_MINOR_MAX.unsigned_abs() {
            return Err(BadAmount::TooLarge);
        }
        Ok(Self { minor, currency })
    }

    /// The amount that a person or an invoice writes: `12`, `12.3`, `-12.34`. No signs of thousands: a comma is
    /// a point to half the world.
    ///
    /// # Errors
    /// [`BadAmount`] with the reason.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, BadAmount> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return Err(BadAmount::NotANumber);
        }
        let exponent = currency.exponent();
        let kept = if digits.contains('.') { fraction } else { "" };
        let missing =
            usize::from(exponent).checked_sub(kept.len()).ok_or(BadAmount::TooPrecise { exponent })?;
        let units = format!("{whole}{kept}{:0<missing$}", "");
        let minor: i64 = units.parse().map_err(|_| BadAmount::TooLarge)?;
        Self::new(if negative { -minor } else { minor }, currency)
    }

    /// Minor units.
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The sum.
    ///
    /// # Errors
    /// [`BadAmount::MixedCurrencies`] or [`BadAmount::TooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, BadAmount> {
        if self.currency != other.currency {
            return Err(BadAmount::MixedCurrencies);
        }
        Self::new(self.minor.checked_add(other.minor).ok_or(BadAmount::TooLarge)?, self.currency)
    }

    /// This many times the amount.
    ///
    /// # Errors
    /// [`BadAmount::TooLarge`].
    pub fn times(self, count: u32) -> Result<Self, BadAmount> {
        Self::new(self.minor.checked_mul(i64::from(count)).ok_or(BadAmount::TooLarge)?, self.currency)
    }
}

/// `12.34 EUR`, `1200 JPY`, `-0.005 KWD`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let scale = 10_u64.pow(u32::from(self.currency.exponent));
        let (whole, fraction) = (self.minor.unsigned_abs() / scale, self.minor.unsigned_abs() % scale);
        let width = usize::from(self.currency.exponent);
        match width {
            0 => write!(f, "{sign}{whole} {}", self.currency),
            _ => write!(f, "{sign}{whole}.{fraction:0width$} {}", self.currency),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AMOUNT_MINOR_MAX, BY_EXPONENT, BadAmount, Currency, Money};

    fn currency(code: &str) -> Currency {
        Currency::from_code(code).unwrap()
    }

    #[test]
    fn a_currency_is_one_to_pay_in() {
        for (code, exponent) in [("EUR", 2), ("JPY", 0), ("KWD", 3), ("HKD", 2), ("KRW", 0), ("HRK", 2)] {
            assert_eq!(currency(code).exponent(), exponent);
            assert_eq!(Currency::from_bytes(currency(code).to_bytes()), Some(currency(code)));
        }
        for refused in ["eur", "EU", "EURO", "XAU", "XTS", "XXX", "", "|", " EUR", "\u{20ac}"] {
            assert_eq!(Currency::from_code(refused), None, "{refused:?}");
        }
        let mut codes: Vec<&str> = BY_EXPONENT
            .iter()
            .flat_map(|(_, codes)| codes.split_ascii_whitespace())
            .filter(|c| *c != "|")
            .collect();
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count, "a code stands twice");
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        let read = |text, code| Money::from_decimal(text, currency(code)).map(|money| money.minor());
        assert_eq!(read("12", "EUR"), Ok(1200));
        assert_eq!(read("12.3", "EUR"), Ok(1230));
        assert_eq!(read("-12.34", "EUR"), Ok(-1234));
        assert_eq!(read("007.00", "USD"), Ok(700));
        assert_eq!(read("1200", "JPY"), Ok(1200));
        assert_eq!(read("0.005", "KWD"), Ok(5));
        assert_eq!(read("12.345", "EUR"), Err(BadAmount::TooPrecise { exponent: 2 }));
        assert_eq!(read("12.0", "JPY"), Err(BadAmount::TooPrecise { exponent: 0 }));
        for refused in ["", "-", ".", "1.", ".5", "1,5", "1.2.3", "+1", "--1", "1e3", "\u{ff11}", " 1", "0x1"]
        {
            assert_eq!(read(refused, "EUR"), Err(BadAmount::NotANumber), "{refused:?}");
        }
        assert_eq!(read("90071992547409.91", "EUR"), Ok(AMOUNT_MINOR_MAX));
        assert_eq!(read("90071992547409.92", "EUR"), Err(BadAmount::TooLarge));
        assert_eq!(read(&"9".repeat(400), "EUR"), Err(BadAmount::TooLarge));
    }

    #[test]
    fn sums_stay_within_one_currency_and_the_limit() {
        let euros = |minor| Money::new(minor, currency("EUR")).unwrap();
        assert_eq!(euros(150).plus(euros(-50)), Ok(euros(100)));
        assert_eq!(euros(150).times(3), Ok(euros(450)));
        assert_eq!(euros(1).plus(Money::new(1, currency("USD")).unwrap()), Err(BadAmount::MixedCurrencies));
        assert_eq!(euros(AMOUNT_MINOR_MAX).plus(euros(1)), Err(BadAmount::TooLarge));
        assert_eq!(euros(AMOUNT_MINOR_MAX).times(u32::MAX), Err(BadAmount::TooLarge));
        assert_eq!(Money::new(i64::MIN, currency("EUR")), Err(BadAmount::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            minor in -AMOUNT_MINOR_MAX..=AMOUNT_MINOR_MAX,
            code in prop::sample::select(vec!["EUR", "JPY", "KWD"]),
        ) {
            let money = Money::new(minor, currency(code)).unwrap();
            let text = money.to_string();
            let number = text.strip_suffix(code).unwrap().trim_end();
            prop_assert_eq!(Money::from_decimal(number, currency(code)), Ok(money));
        }
    }
}
