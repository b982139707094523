//! An invoice as it is typed, and what it means.

use std::fmt::Display;

use clap::Args;
use strongroom::room::{
    AccountId, BillingAddress, Currency, InvoiceBody, InvoiceLine, InvoiceLines, InvoiceNumber, Money, Time,
};

use crate::{failed::Failed, typed};

/// An invoice as it is typed.
#[derive(Args)]
pub struct Invoice {
    /// Whose
    pub account: AccountId,
    /// The number that the customer knows it by
    #[arg(long, value_name = "TEXT")]
    number: String,
    /// When it was issued
    #[arg(long, value_name = "TIME", value_parser = typed::time)]
    pub issued: Time,
    /// In which currency, by its three letters
    #[arg(long, value_name = "CODE", value_parser = typed::currency)]
    currency: Currency,
    /// A line, repeated: how many, the price of one, and what it was
    #[arg(long = "line", value_name = "COUNT PRICE TEXT", required = true, allow_hyphen_values = true)]
    lines: Vec<String>,
    /// A line of the address to which it was billed, repeated
    #[arg(long, value_name = "TEXT", requires = "country")]
    address: Vec<String>,
    /// The address's country, by its two letters
    #[arg(long, value_name = "CODE", requires = "address")]
    country: Option<String>,
}

impl Invoice {
    /// The invoice that was meant.
    ///
    /// # Errors
    /// One of its parts is not understood.
    pub fn means(&self) -> Result<InvoiceBody, Failed> {
        let number = InvoiceNumber::accept(&self.number).map_err(|e| refused("--number", &e))?;
        let lines = self.lines.iter().map(|text| line(text, self.currency)).collect::<Result<_, _>>();
        let lines = lines.map_err(|why| refused("--line", &why))?;
        let lines = InvoiceLines::new(lines).map_err(|e| refused("--line", &e))?;
        let parts: Vec<_> = self.address.iter().map(String::as_str).collect();
        let address = self.country.as_deref().map(|country| BillingAddress::accept(&parts, country));
        let address = address.transpose().map_err(|e| refused("--address", &e))?;
        Ok(InvoiceBody { number, address, lines })
    }
}

fn refused(what: &str, why: &dyn Display) -> Failed {
    Failed::usage(format!("`{what}` is not understood: {why}"))
}

/// `12 9.90 Hosting, large`.
fn line(text: &str, currency: Currency) -> Result<InvoiceLine, String> {
    let form = || "a line is written as `COUNT PRICE TEXT`".to_owned();
    let (count, rest) = text.trim_start().split_once(' ').ok_or_else(form)?;
    let (price, description) = rest.trim_start().split_once(' ').ok_or_else(form)?;
    let count = count.parse().map_err(|_| form())?;
    let price = Money::from_decimal(price, currency).map_err(|e| e.to_string())?;
    InvoiceLine::new(description, count, price).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Currency, line};

    #[test]
    fn a_line_is_count_price_and_text() {
        let currency = Currency::from_code("EUR").unwrap();
        let read = line("12  -9.90 Hosting, large", currency).ok().unwrap();
        assert_eq!((read.quantity(), read.unit().minor(), read.description()), (12, -990, "Hosting, large"));
        for refused in [
            "",
            "12",
            "12 9.90",
            "12 9.90 ",
            "x 9.90 y",
            "1 9,90 y",
            "0 1 y",
            "-1 1 y",
            "1 1 4111111111111111",
        ] {
            assert!(line(refused, currency).is_err(), "{refused}");
        }
    }
}
