//! Billing: a full card number enters no field, and what is kept of a card is what the work takes.

use std::fmt::Display;

use strongroom::room::{
    Brand, CaseRef, Currency, Expiry, LastFour, MaskedCard, Money, PaymentFacts, PaymentFields,
    PaymentResult, Processor, ProcessorReference, Purpose, Why,
};

use super::{amiss::amiss, assets::CARD, customer::Customer, stage::Stage, ticket::Ticket};
use crate::failed::Failed;

/// Plays the scene.
pub fn play(stage: &mut Stage<'_>, jane: &Customer, ticket: &Ticket) -> Result<(), Failed> {
    stage.story.scene("billing", "Billing")?;
    stage.story.say(
        "Lea hands the ticket to Bill, of billing. He pastes the whole card number into the fields for the \
                     processor's reference and for the last four digits.",
    )?;
    let (lea, bill) = (stage.staff("lea")?, stage.staff("bill")?);
    lea.assign(ticket.id, stage.principal("bill")?, &Why::unstated())?;
    stage.tell()?;
    refused(stage, "reference", ProcessorReference::parse(Processor::Stripe, CARD).err().as_ref())?;
    refused(stage, "last_four", LastFour::parse(CARD).err().as_ref())?;

    stage.story.say(
        "Then he records the refund as the processor reports it. There is no type for a full card number.",
    )?;
    let why = Why::purpose(Purpose::BillingDispute).case(CaseRef::Ticket(ticket.id));
    let currency = Currency::from_code("EUR").ok_or_else(|| amiss("no such currency"))?;
    let date = stage.room.clock().now();
    let facts = PaymentFacts {
        result: PaymentResult::Refunded,
        amount: Money::new(2380, currency).map_err(amiss)?,
        date,
    };
    bill.record_payment(jane.account, &facts, fields()?, &why)?;
    let detail = bill.billing_detail(jane.account, &strongroom::room::Page::first(100), &why)?;
    let paid = detail.payments.first().ok_or_else(|| amiss("the payment is not there"))?;
    let card = paid.card.as_ref().map(|card| card.expose().get().clear().to_string());
    stage.tell()?;
    stage.story.show(&[
        ("payment", &format!("{}, {}", paid.amount, paid.result.name())),
        ("card", &card.unwrap_or_default()),
        ("reference", paid.reference.expose().get().expose()),
    ])?;

    stage.story.say("Sam, asked by Jane which card it was, sees brand and last four digits.")?;
    let sam = stage.staff("sam")?;
    let seen = sam.billing(
        jane.account,
        &strongroom::room::Page::first(100),
        &Why::purpose(Purpose::SupportRequest),
    )?;
    let card = seen.rows.first().and_then(|payment| payment.card.as_ref());
    stage.tell()?;
    stage.story.show(&[("card", card.map_or("-", |card| card.text()))])
}

fn fields() -> Result<PaymentFields, Failed> {
    let reference =
        ProcessorReference::parse(Processor::Stripe, "re_3PkQ9xLkdIwHu7ix0Qm2VtYa").map_err(amiss)?;
    let (last_four, expiry) =
        (LastFour::parse("1111").map_err(amiss)?, Expiry::parse("12/28").map_err(amiss)?);
    Ok(PaymentFields { reference, card: Some(MaskedCard::new(Brand::Visa, last_four, Some(expiry))) })
}

fn refused<E: Display>(stage: &mut Stage<'_>, field: &str, error: Option<&E>) -> Result<(), Failed> {
    match error {
        Some(error) => stage.story.refused(field, error),
        None => Err(amiss("a card number was taken")),
    }
}
