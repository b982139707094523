//! Invoices: number, lines and address.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    codec::{Cursor, Undecodable, put_text},
    line::{GuardedLine, RefusedLine},
    money::{BadAmount, Currency, Money},
};
use crate::base::limits::{
    BILLING_ADDRESS_LINE_BYTES_MAX, BILLING_ADDRESS_LINES_MAX, INVOICE_DESCRIPTION_BYTES_MAX,
    INVOICE_LINES_MAX, INVOICE_NUMBER_BYTES_MAX,
};

/// Why a part of an invoice was refused. It never repeats the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadInvoice {
    /// A text was refused.
    Line(RefusedLine),
    /// An amount was refused.
    Amount(BadAmount),
    /// A quantity of zero.
    NoQuantity,
    /// No lines, or more than the limit.
    LineCount {
        /// The limit.
        lines_max: usize,
    },
    /// No country code of two capital letters.
    NoCountry,
}

impl fmt::Display for BadInvoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(why) => why.fmt(f),
            Self::Amount(why) => why.fmt(f),
            Self::NoQuantity => f.write_str("the quantity of an invoice line is at least 1"),
            Self::LineCount { lines_max } => write!(f, "there are 1 to {lines_max} lines"),
            Self::NoCountry => f.write_str("a country is two capital letters of ISO 3166"),
        }
    }
}

impl std::error::Error for BadInvoice {}

/// An invoice's number.
///
/// Stored as:
///
/// | bytes | what |
/// |---|---|
/// | 1 | version, 1 |
/// | 1 to 64 | the number, UTF-8 |
pub struct InvoiceNumber(GuardedLine);

impl InvoiceNumber {
    const VERSION: u8 = 1;

    /// A number as it is printed.
    ///
    /// # Errors
    /// [`RefusedLine`]: empty, too long, unprintable, or a card number in it.
    pub fn accept(text: &str) -> Result<Self, RefusedLine> {
        GuardedLine::accept(text, INVOICE_NUMBER_BYTES_MAX).map(Self)
    }

    /// The number. Each caller is a place to review.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(vec![Self::VERSION]);
        out.extend_from_slice(self.expose().as_bytes());
        out
    }

    /// The number with this stored form.
    ///
    /// # Errors
    /// [`Undecodable`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Undecodable> {
        let text = Cursor::versioned(bytes, Self::VERSION)?.rest()?;
        GuardedLine::stored(text, INVOICE_NUMBER_BYTES_MAX).map(Self).ok_or(Undecodable)
    }
}

/// One thing that was bought. A tax or a discount is a line of its own.
pub struct InvoiceLine {
    description: GuardedLine,
    quantity: u32,
    unit: Money,
}

impl InvoiceLine {
    /// A line of this many units at this price each.
    ///
    /// # Errors
    /// [`BadInvoice`]: a refused description, no quantity, or more than an amount may be.
    pub fn new(description: &str, quantity: u32, unit: Money) -> Result<Self, BadInvoice> {
        if quantity == 0 {
            return Err(BadInvoice::NoQuantity);
        }
        let description =
            GuardedLine::accept(description, INVOICE_DESCRIPTION_BYTES_MAX).map_err(BadInvoice::Line)?;
        unit.times(quantity).map_err(BadInvoice::Amount)?;
        Ok(Self { description, quantity, unit })
    }

    /// What it was.
    pub fn description(&self) -> &str {
        self.description.expose()
    }

    /// How many, at least 1.
    pub const fn quantity(&self) -> u32 {
        self.quantity
    }

    /// The price of one.
    pub const fn unit(&self) -> Money {
        self.unit
    }
}

/// The lines of an invoice, in one currency.
///
/// Stored as:
///
/// | bytes | what |
/// |---|---|
/// | 1 | version, 1 |
/// | 3 | currency code, ASCII |
/// | 2 | number of lines, 1 to 200, big-endian |
/// | – | the lines, one after the other |
///
/// and each line as:
///
/// | bytes | what |
/// |---|---|
/// | 4 | quantity, at least 1, big-endian |
/// | 8 | price of one in minor units, signed, big-endian |
/// | 2 | length of the description in bytes, 1 to 512, big-endian |
/// | – | the description, UTF-8, NFC |
pub struct InvoiceLines {
    currency: Currency,
    lines: Vec<InvoiceLine>,
}

impl InvoiceLines {
    const VERSION: u8 = 1;

    /// These lines.
    ///
    /// # Errors
    /// [`BadInvoice`]: none, too many, two currencies, or a sum beyond what an amount may be.
    pub fn new(lines: Vec<InvoiceLine>) -> Result<Self, BadInvoice> {
        let wrong_count = BadInvoice::LineCount { lines_max: INVOICE_LINES_MAX };
        let currency = lines.first().ok_or(wrong_count)?.unit.currency();
        if lines.len() > INVOICE_LINES_MAX {
            return Err(wrong_count);
        }
        let all = Self { currency, lines };
        all.total().map_err(BadInvoice::Amount)?;
        Ok(all)
    }

    /// The lines in their order.
    pub fn lines(&self) -> &[InvoiceLine] {
        &self.lines
    }

    /// What they add up to.
    ///
    /// # Errors
    /// [`BadAmount`]: two currencies, or more than an amount may be on the way.
    pub fn total(&self) -> Result<Money, BadAmount> {
        let zero = Money::new(0, self.currency)?;
        self.lines.iter().try_fold(zero, |sum, line| sum.plus(line.unit.times(line.quantity)?))
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(vec![Self::VERSION]);
        out.extend_from_slice(&self.currency.to_bytes());
        out.extend_from_slice(&u16::try_from(self.lines.len()).unwrap_or(u16::MAX).to_be_bytes());
        for line in &self.lines {
            out.extend_from_slice(&line.quantity.to_be_bytes());
            out.extend_from_slice(&line.unit.minor().to_be_bytes());
            put_text(&mut out, line.description());
        }
        out
    }

    /// The lines with this stored form.
    ///
    /// # Errors
    /// [`Undecodable`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Undecodable> {
        let mut cursor = Cursor::versioned(bytes, Self::VERSION)?;
        let currency = Currency::from_bytes(cursor.array()?).ok_or(Undecodable)?;
        let count = cursor.u16()?;
        let lines: Result<Vec<_>, _> = (0..count)
            .map(|_| {
                let quantity = cursor.u32()?;
                let unit = Money::new(cursor.i64()?, currency).map_err(|_| Undecodable)?;
                let text = cursor.text()?;
                InvoiceLine::new(text, quantity, unit)
                    .ok()
                    .filter(|line| line.description() == text)
                    .ok_or(Undecodable)
            })
            .collect();
        cursor.end()?;
        Self::new(lines?).map_err(|_| Undecodable)
    }
}

/// A country by its two letters (ISO 3166-1 alpha-2). Only the form is checked: the list changes, and the tax
/// office checks the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Two ASCII capital letters.
    pub fn from_code(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().and_then(Self::from_bytes)
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn from_bytes(code: [u8; 2]) -> Option<Self> {
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code))
    }
}

/// To whom an invoice is addressed: name, street and town as lines, and the country by itself, which is what
/// the masked view shows.
///
/// Stored as:
///
/// | bytes | what |
/// |---|---|
/// | 1 | version, 1 |
/// | 2 | country code, ASCII |
/// | 1 | number of lines, 1 to 8 |
/// | – | the lines, each led by its length in bytes, 1 to 256 (two bytes, big-endian); UTF-8, NFC |
pub struct BillingAddress {
    lines: Vec<GuardedLine>,
    country: Country,
}

impl BillingAddress {
    const VERSION: u8 = 1;

    /// These lines in this country.
    ///
    /// # Errors
    /// [`BadInvoice`]: a refused line, none or too many, or no country.
    pub fn accept(lines: &[&str], country: &str) -> Result<Self, BadInvoice> {
        let country = Country::from_code(country).ok_or(BadInvoice::NoCountry)?;
        if lines.is_empty() || lines.len() > BILLING_ADDRESS_LINES_MAX {
            return Err(BadInvoice::LineCount { lines_max: BILLING_ADDRESS_LINES_MAX });
        }
        let lines: Result<Vec<_>, _> =
            lines.iter().map(|line| GuardedLine::accept(line, BILLING_ADDRESS_LINE_BYTES_MAX)).collect();
        Ok(Self { lines: lines.map_err(BadInvoice::Line)?, country })
    }

    /// The lines, the country aside.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(GuardedLine::expose)
    }

    /// The country: the masked view.
    pub const fn country(&self) -> Country {
        self.country
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(vec![Self::VERSION]);
        out.extend_from_slice(&self.country.0);
        out.push(u8::try_from(self.lines.len()).unwrap_or(u8::MAX));
        self.lines().for_each(|line| put_text(&mut out, line));
        out
    }

    /// The address with this stored form.
    ///
    /// # Errors
    /// [`Undecodable`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Undecodable> {
        let mut cursor = Cursor::versioned(bytes, Self::VERSION)?;
        let country = Country::from_bytes(cursor.array()?).ok_or(Undecodable)?;
        let count = cursor.u8()?;
        if count == 0 || usize::from(count) > BILLING_ADDRESS_LINES_MAX {
            return Err(Undecodable);
        }
        let lines: Result<Vec<_>, _> = (0..count)
            .map(|_| GuardedLine::stored(cursor.text()?, BILLING_ADDRESS_LINE_BYTES_MAX).ok_or(Undecodable))
            .collect();
        cursor.end()?;
        Ok(Self { lines: lines?, country })
    }
}

#[cfg(test)]
#[path = "invoice_tests.rs"]
mod tests;
