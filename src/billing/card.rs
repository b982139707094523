//! A card as a person recognises it: brand, last four digits, expiry. Nothing here can hold more of its number
//! (PCI DSS 4.0.1, 3.4.1 and 3.5.1: what is not stored needs no protection).

use std::fmt;

use super::codec::{Cursor, Undecodable};

/// The scheme whose mark is on the card, as the processor names it. The numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Brand {
    /// Visa, Visa Electron, V Pay.
    Visa = 1,
    /// Mastercard.
    Mastercard = 2,
    /// American Express.
    Amex = 3,
    /// Discover.
    Discover = 4,
    /// Diners Club.
    Diners = 5,
    /// JCB.
    Jcb = 6,
    /// China `UnionPay`.
    UnionPay = 7,
    /// Maestro.
    Maestro = 8,
    /// Mir.
    Mir = 9,
    /// `RuPay`.
    RuPay = 10,
    /// Elo.
    Elo = 11,
    /// Hipercard and Hiper.
    Hipercard = 12,
    /// Troy.
    Troy = 13,
    /// Verve.
    Verve = 14,
    /// Dankort.
    Dankort = 15,
    /// Any other scheme.
    Other = 255,
}

impl Brand {
    /// Every brand, in the order of its number.
    pub const ALL: [Self; 16] = [
        Self::Visa,
        Self::Mastercard,
        Self::Amex,
        Self::Discover,
        Self::Diners,
        Self::Jcb,
        Self::UnionPay,
        Self::Maestro,
        Self::Mir,
        Self::RuPay,
        Self::Elo,
        Self::Hipercard,
        Self::Troy,
        Self::Verve,
        Self::Dankort,
        Self::Other,
    ];

    /// The frozen number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The brand with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|brand| brand.number() == number)
    }

    /// The name on screens.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visa => "Visa",
            Self::Mastercard => "Mastercard",
            Self::Amex => "American Express",
            Self::Discover => "Discover",
            Self::Diners => "Diners Club",
            Self::Jcb => "JCB",
            Self::UnionPay => "UnionPay",
            Self::Maestro => "Maestro",
            Self::Mir => "Mir",
            Self::RuPay => "RuPay",
            Self::Elo => "Elo",
            Self::Hipercard => "Hipercard",
            Self::Troy => "Troy",
            Self::Verve => "Verve",
            Self::Dankort => "Dankort",
            Self::Other => "Card",
        }
    }

    /// The brand that a processor's answer means: upper or lower case, spaces, hyphens and underscores aside,
    /// and the usual short names.
    ///
    /// # Errors
    /// [`BadCard::UnknownBrand`]; a program that wants to keep the payment anyway says [`Brand::Other`].
    pub fn from_name(name: &str) -> Result<Self, BadCard> {
        let squeeze = |text: &str| -> String {
            text.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
        };
        let name = squeeze(name);
        let known = Self::ALL.into_iter().find(|brand| squeeze(brand.name()) == name);
        known.map_or_else(
            || match name.as_str() {
                "amex" => Ok(Self::Amex),
                "diners" => Ok(Self::Diners),
                "chinaunionpay" | "cup" => Ok(Self::UnionPay),
                "mc" => Ok(Self::Mastercard),
                "hiper" => Ok(Self::Hipercard),
                "other" => Ok(Self::Other),
                _ => Err(BadCard::UnknownBrand),
            },
            Ok,
        )
    }
}

/// Why a field of a card was refused. It never repeats the field: people paste the whole number into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadCard {
    /// No brand that this program knows.
    UnknownBrand,
    /// Not exactly four digits.
    NotLastFour,
    /// Not `MM/YY` or `MM/YYYY` of this century.
    NotAnExpiry,
}

impl fmt::Display for BadCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownBrand => "this card brand is not known",
            Self::NotLastFour => "the last four digits of a card are four digits",
            Self::NotAnExpiry => "a card's expiry is written MM/YY",
        })
    }
}

impl std::error::Error for BadCard {}

/// The last four digits of a card number, in ASCII: the only card digits that any type of this program holds.
/// No leading digits beside them, no digest of the whole: either would give back what was cut off.
pub struct LastFour([u8; 4]);

impl LastFour {
    /// Four ASCII digits and nothing else.
    ///
    /// # Errors
    /// [`BadCard::NotLastFour`].
    pub fn parse(text: &str) -> Result<Self, BadCard> {
        let digits: [u8; 4] = text.as_bytes().try_into().map_err(|_| BadCard::NotLastFour)?;
        Self::from_ascii(digits).ok_or(BadCard::NotLastFour)
    }

    /// The four digits as stored.
    pub(super) fn from_ascii(digits: [u8; 4]) -> Option<Self> {
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The last four of these digits, each 0 to 9.
    pub(super) fn of(digits: &[u8]) -> Option<Self> {
        let last: &[u8; 4] = digits.last_chunk()?;
        Self::from_ascii(last.map(|digit| digit.saturating_add(b'0')))
    }
}

impl fmt::Display for LastFour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

/// The last month in which a card is good.
#[derive(Clone, Copy)]
pub struct Expiry {
    month: u8,
    /// Years since 2000.
    year: u8,
}

impl Expiry {
    /// Month 1 to 12, year 2000 to 2099.
    ///
    /// # Errors
    /// [`BadCard::NotAnExpiry`].
    pub fn new(month: u8, year: u16) -> Result<Self, BadCard> {
        let since = year.checked_sub(2000).and_then(|since| u8::try_from(since).ok());
        since.and_then(|since| Self::from_parts(month, since)).ok_or(BadCard::NotAnExpiry)
    }

    /// Reads `MM/YY` or `MM/YYYY`.
    ///
    /// # Errors
    /// [`BadCard::NotAnExpiry`].
    pub fn parse(text: &str) -> Result<Self, BadCard> {
        let (month, year) = text.split_once('/').ok_or(BadCard::NotAnExpiry)?;
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if month.len() != 2 || !plain(month) || !plain(year) {
            return Err(BadCard::NotAnExpiry);
        }
        let month = month.parse().map_err(|_| BadCard::NotAnExpiry)?;
        let number: u16 = year.parse().map_err(|_| BadCard::NotAnExpiry)?;
        match year.len() {
            2 => Self::new(month, number.saturating_add(2000)),
            4 => Self::new(month, number),
            _ => Err(BadCard::NotAnExpiry),
        }
    }

    fn from_parts(month: u8, year: u8) -> Option<Self> {
        ((1..=12).contains(&month) && year < 100).then_some(Self { month, year })
    }

    /// The month, 1 to 12.
    pub const fn month(&self) -> u8 {
        self.month
    }

    /// The year, 2000 to 2099.
    pub fn year(&self) -> u16 {
        2000 + u16::from(self.year)
    }
}

/// `12/27`.
impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{:02}", self.month, self.year)
    }
}

/// What is kept of a card.
///
/// Stored in 8 bytes:
///
/// | bytes | what |
/// |---|---|
/// | 1 | version, 1 |
/// | 1 | brand's number |
/// | 4 | last four digits, ASCII |
/// | 1 | expiry's month, 1 to 12; 0 if the processor gave no expiry |
/// | 1 | expiry's year minus 2000, 0 to 99; 0 if there is none |
pub struct MaskedCard {
    brand: Brand,
    last_four: LastFour,
    expiry: Option<Expiry>,
}

impl MaskedCard {
    /// Bytes of the stored form.
    pub const STORED_BYTES: usize = 8;
    const VERSION: u8 = 1;

    /// A card as a processor describes it. Some debit schemes give no expiry.
    pub const fn new(brand: Brand, last_four: LastFour, expiry: Option<Expiry>) -> Self {
        Self { brand, last_four, expiry }
    }

    /// The brand.
    pub const fn brand(&self) -> Brand {
        self.brand
    }

    /// `Visa •••• 4242`: for roles that only have to recognise the card.
    pub fn masked(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(|f| write!(f, "{} •••• {}", self.brand.name(), self.last_four))
    }

    /// `Visa •••• 4242 12/27`: for roles that work on the payment.
    pub fn clear(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(|f| match self.expiry {
            Some(expiry) => write!(f, "{} {expiry}", self.masked()),
            None => write!(f, "{}", self.masked()),
        })
    }

    /// The stored form.
    pub fn to_bytes(&self) -> [u8; Self::STORED_BYTES] {
        let [a, b, c, d] = self.last_four.0;
        let (month, year) = self.expiry.map_or((0, 0), |expiry| (expiry.month, expiry.year));
        [Self::VERSION, self.brand.number(), a, b, c, d, month, year]
    }

    /// The card with this stored form.
    ///
    /// # Errors
    /// [`Undecodable`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Undecodable> {
        let mut cursor = Cursor::versioned(bytes, Self::VERSION)?;
        let brand = Brand::from_number(cursor.u8()?).ok_or(Undecodable)?;
        let last_four = LastFour::from_ascii(cursor.array()?).ok_or(Undecodable)?;
        let expiry = match (cursor.u8()?, cursor.u8()?) {
            (0, 0) => None,
            (month, year) => Some(Expiry::from_parts(month, year).ok_or(Undecodable)?),
        };
        cursor.end()?;
        Ok(Self { brand, last_four, expiry })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BadCard, Brand, Expiry, LastFour, MaskedCard};

    fn card(brand: Brand, last_four: &str, expiry: Option<&str>) -> MaskedCard {
        MaskedCard::new(
            brand,
            LastFour::parse(last_four).ok().unwrap(),
            expiry.map(|e| Expiry::parse(e).ok().unwrap()),
        )
    }

    #[test]
    fn the_two_views() {
        let visa = card(Brand::Visa, "4242", Some("12/27"));
        assert_eq!(visa.masked().to_string(), "Visa •••• 4242");
        assert_eq!(visa.clear().to_string(), "Visa •••• 4242 12/27");
        let debit = card(Brand::UnionPay, "0005", None);
        assert_eq!(debit.clear().to_string(), "UnionPay •••• 0005");
        assert_eq!(Expiry::parse("01/2030").ok().unwrap().to_string(), "01/30");
    }

    #[test]
    fn the_stored_form_is_frozen() {
        assert_eq!(card(Brand::Visa, "4242", Some("12/27")).to_bytes(), *b"\x01\x014242\x0c\x1b");
        assert_eq!(card(Brand::Other, "0000", None).to_bytes(), *b"\x01\xff0000\0\0");
        for refused in [
            &b""[..],
            b"\x01\x014242\x0c",
            b"\x01\x014242\x0c\x1b\0",
            b"\x02\x014242\x0c\x1b",
            b"\x01\x004242\x0c\x1b",
            b"\x01\x01424a\x0c\x1b",
            b"\x01\x014242\x0d\x1b",
            b"\x01\x014242\x00\x1b",
            b"\x01\x014242\x0c\x64",
        ] {
            assert!(MaskedCard::from_bytes(refused).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_whole_number_fits_no_field() {
        for pasted in
            ["4111111111111111", "4111 1111 1111 1111", "411", "41111", "\u{664}\u{662}", "abcd", ""]
        {
            assert_eq!(LastFour::parse(pasted).err(), Some(BadCard::NotLastFour), "{pasted:?}");
            assert_eq!(Brand::from_name(pasted), Err(BadCard::UnknownBrand), "{pasted:?}");
            assert_eq!(Expiry::parse(pasted).err(), Some(BadCard::NotAnExpiry), "{pasted:?}");
        }
        for refused in
            ["00/27", "13/27", "1/27", "12/1999", "12/2100", "12/271", "12/", "/27", "+1/27", "12-27"]
        {
            assert_eq!(Expiry::parse(refused).err(), Some(BadCard::NotAnExpiry), "{refused:?}");
        }
    }

    #[test]
    fn brands_are_known_by_number_and_name() {
        for brand in Brand::ALL {
            assert_eq!(Brand::from_number(brand.number()), Some(brand));
            assert_eq!(Brand::from_name(brand.name()), Ok(brand));
        }
        assert_eq!(Brand::from_name("AMERICAN_EXPRESS"), Ok(Brand::Amex));
        assert_eq!(Brand::from_name("amex"), Ok(Brand::Amex));
        assert_eq!(Brand::from_number(0), None);
    }

    proptest! {
        #[test]
        fn one_card_has_one_form(bytes in prop::array::uniform8(prop_oneof![any::<u8>(), 0_u8..16, b'0'..=b'9'])) {
            if let Ok(card) = MaskedCard::from_bytes(&bytes) {
                prop_assert_eq!(card.to_bytes(), bytes);
            }
        }

        #[test]
        fn every_card_comes_back(brand in 0_usize..16, last in 0_u16..10_000, month in 1_u8..13, year in 2000_u16..2100) {
            let expiry = Expiry::new(month, year).ok();
            let card = MaskedCard::new(Brand::ALL[brand], LastFour::parse(&format!("{last:04}")).ok().unwrap(), expiry);
            let back = MaskedCard::from_bytes(&card.to_bytes()).ok().unwrap();
            prop_assert_eq!(back.clear().to_string(), card.clear().to_string());
        }
    }
}
