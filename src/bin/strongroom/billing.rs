//! `billing`: record, invoice, show, detail.

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::room::{
    AccountId, Brand, Currency, Expiry, Kind, LastFour, MaskedCard, Money, PaymentFacts, PaymentFields,
    PaymentResult, Processor, ProcessorReference, Time,
};

use crate::{
    actor::{Actor, AtWork},
    billing_page,
    call::Call,
    failed::Failed,
    invoice::Invoice,
    output::Output,
    paged::Paged,
    typed,
};

/// What was paid, and for what.
#[derive(Subcommand)]
pub enum Billing {
    /// Record a transaction; no card number fits anywhere
    Record(Record),
    /// Record an invoice
    Invoice(Invoice),
    /// Show transactions, cards masked, newest first; to a customer his own, with his invoices
    Show(Shown),
    /// Show transactions with their references, and invoices with their lines, newest first
    Detail(Whose),
}

/// A part of an account's billing.
#[derive(Args)]
pub struct Whose {
    /// Whose
    account: AccountId,
    #[command(flatten)]
    paged: Paged,
}

/// A part of an account's billing, or of one's own.
#[derive(Args)]
pub struct Shown {
    /// Whose; a customer leaves it out
    account: Option<AccountId>,
    #[command(flatten)]
    paged: Paged,
}

/// A transaction as it is typed.
#[derive(Args)]
pub struct Record {
    /// Whose
    account: AccountId,
    /// How it ended
    #[arg(long, value_parser = typed::payment_result())]
    result: PaymentResult,
    /// How much, as `12.34`; negative for what went back
    #[arg(long, allow_hyphen_values = true)]
    amount: String,
    /// In which currency, by its three letters
    #[arg(long, value_name = "CODE", value_parser = typed::currency)]
    currency: Currency,
    /// When the processor dates it
    #[arg(long, value_name = "TIME", value_parser = typed::time)]
    date: Time,
    /// Who processed it
    #[arg(long, value_parser = typed::processor())]
    processor: Processor,
    /// The processor's name for it
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// The card's brand
    #[arg(long, requires = "last_four", value_parser = typed::brand)]
    brand: Option<Brand>,
    /// The card's last four digits
    #[arg(long, value_name = "DIGITS", requires = "brand")]
    last_four: Option<String>,
    /// When the card expires
    #[arg(long, value_name = "MM/YY", requires = "brand")]
    expiry: Option<String>,
}

impl Billing {
    /// Carries it out.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        match self {
            Self::Record(record) => {
                let account = record.account;
                let (facts, fields) = record.means()?;
                let staff = Actor::staff(call, &call.room()?)?.staff;
                let payment = staff.record_payment(account, &facts, fields, &call.why())?;
                let value = json!({"payment": payment.to_string()});
                out.result("billing.record", value, format_args!("recorded payment {payment}"));
            }
            Self::Invoice(invoice) => {
                let body = invoice.means()?;
                let staff = Actor::staff(call, &call.room()?)?.staff;
                let id = staff.record_invoice(invoice.account, invoice.issued, body, &call.why())?;
                let value = json!({"invoice": id.to_string()});
                out.result("billing.invoice", value, format_args!("recorded invoice {id}"));
            }
            Self::Show(asked) => asked.run(call, out)?,
            Self::Detail(Whose { account, paged }) => {
                let staff = Actor::staff(call, &call.room()?)?.staff;
                let detail = staff.billing_detail(account, &paged.page(), &call.why())?;
                billing_page::detail(account, &detail, out);
            }
        }
        Ok(())
    }
}

impl Shown {
    fn run(&self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let page = self.paged.page();
        match (Actor::of(call, &room)?, self.account) {
            (Actor::Staff(AtWork { staff, .. }), Some(account)) => {
                billing_page::masked(account, &staff.billing(account, &page, &call.why())?, out);
            }
            (Actor::Staff(_), None) => return Err(Failed::usage("`ACCOUNT` is missing")),
            // Whether another's account exists is nothing to tell a customer.
            (Actor::Customer(owner), Some(asked)) if asked != owner.account() => {
                return Err(Failed::of(Kind::NotFound, "there is no such object"));
            }
            (Actor::Customer(owner), _) => {
                billing_page::own(owner.account(), room.owner(&owner).billing(&page)?, out);
            }
        }
        Ok(())
    }
}

impl Record {
    /// The transaction that was meant.
    fn means(self) -> Result<(PaymentFacts, PaymentFields), Failed> {
        let refused = |what: &str, why: String| Failed::usage(format!("`{what}` is not understood: {why}"));
        let amount = Money::from_decimal(&self.amount, self.currency);
        let amount = amount.map_err(|e| refused("--amount", e.to_string()))?;
        let reference = ProcessorReference::parse(self.processor, &self.reference);
        let reference = reference.map_err(|e| refused("--reference", e.to_string()))?;
        let last_four = self.last_four.as_deref().map(LastFour::parse).transpose();
        let last_four = last_four.map_err(|e| refused("--last-four", e.to_string()))?;
        let expiry = self.expiry.as_deref().map(Expiry::parse).transpose();
        let expiry = expiry.map_err(|e| refused("--expiry", e.to_string()))?;
        let card =
            self.brand.zip(last_four).map(|(brand, last_four)| MaskedCard::new(brand, last_four, expiry));
        let facts = PaymentFacts { result: self.result, amount, date: self.date };
        Ok((facts, PaymentFields { reference, card }))
    }
}
