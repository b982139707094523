//! A whole invoice as it is sealed: number, address, lines.

use zeroize::Zeroizing;

use super::{
    BillingAddress, InvoiceLines, InvoiceNumber, Undecodable,
    codec::{Cursor, put_bytes},
};

/// What of an invoice is sealed, as one value: whoever may read the lines may read to whom they were billed.
///
/// | bytes | what |
/// |---|---|
/// | 1 | version, 1 |
/// | 2 | length of the number's stored form, big-endian |
/// | – | the number |
/// | 2 | length of the address's stored form, 0 without one, big-endian |
/// | – | the address |
/// | – | the lines, to the end |
pub struct Invoice {
    /// The number that the customer knows it by.
    pub number: InvoiceNumber,
    /// To whom it was billed.
    pub address: Option<BillingAddress>,
    /// What was billed.
    pub lines: InvoiceLines,
}

impl Invoice {
    const VERSION: u8 = 1;

    /// The stored form.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(vec![Self::VERSION]);
        put_bytes(&mut out, &self.number.to_bytes());
        let address = self.address.as_ref().map(BillingAddress::to_bytes);
        put_bytes(&mut out, address.as_deref().map_or(&[], Vec::as_slice));
        out.extend_from_slice(&self.lines.to_bytes());
        out
    }

    /// The invoice with this stored form.
    ///
    /// # Errors
    /// [`Undecodable`] for any other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Undecodable> {
        let mut cursor = Cursor::versioned(bytes, Self::VERSION)?;
        let number = InvoiceNumber::from_bytes(cursor.sized()?)?;
        let address = match cursor.sized()? {
            [] => None,
            address => Some(BillingAddress::from_bytes(address)?),
        };
        Ok(Self { number, address, lines: InvoiceLines::from_bytes(cursor.remaining())? })
    }
}
