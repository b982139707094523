//! Billing as it is shown.

use serde_json::{Value, json};
use strongroom::room::{
    AccountId, BillingDetail, InvoiceDetail, Listed, Money, OwnBilling, OwnInvoice, OwnPayment,
    PaymentDetail, PaymentView,
};

use crate::{output::Output, paged, shown, table::Table};

fn money(amount: Money) -> Value {
    json!({"minor": amount.minor(), "currency": amount.currency().code(), "text": amount.to_string()})
}

/// Transactions as staff see them by default.
pub fn masked(account: AccountId, part: &Listed<PaymentView>, out: &mut Output) {
    if out.is_json() {
        let payments = part.rows.iter().map(masked_value).collect::<Vec<_>>();
        let value = json!({
            "account": account.to_string(),
            "view": "masked",
            "payments": payments,
            "next": paged::value(part.next.as_ref()),
        });
        out.json("billing.show", value);
        return;
    }
    if part.rows.is_empty() {
        out.line("no payments");
        return;
    }
    let mut table = Table::new(["payment", "date", "result", ">amount", "card"]);
    for payment in &part.rows {
        let card = payment.card.as_ref().map_or("–", |card| card.text());
        table.row([
            payment.payment.to_string(),
            shown::time(payment.occurred),
            payment.result.name().to_owned(),
            payment.amount.to_string(),
            card.to_owned(),
        ]);
    }
    out.line(table);
    paged::tell(part.next.as_ref(), out);
}

/// A customer's own transactions and invoices.
pub fn own(account: AccountId, own: OwnBilling, out: &mut Output) {
    let OwnBilling { payments, invoices, next } = own;
    let payment = |OwnPayment { payment, result, amount, occurred, card }| PaymentView {
        payment,
        result,
        amount,
        occurred,
        card,
    };
    let invoice =
        |OwnInvoice { invoice, amount, issued, body }| InvoiceDetail { invoice, amount, issued, body };
    let payments = Listed { rows: payments.into_iter().map(payment).collect::<Vec<_>>(), next };
    let invoices = invoices.into_iter().map(invoice).collect::<Vec<_>>();
    if out.is_json() {
        let value = json!({
            "account": account.to_string(),
            "view": "own",
            "payments": payments.rows.iter().map(masked_value).collect::<Vec<_>>(),
            "invoices": invoices.iter().map(invoice_value).collect::<Vec<_>>(),
            "next": paged::value(payments.next.as_ref()),
        });
        out.json("billing.show", value);
        return;
    }
    masked(account, &payments, out);
    for invoice in &invoices {
        out.line(format_args!("\n{}", head(invoice)));
        out.line(lines(invoice));
    }
}

fn masked_value(payment: &PaymentView) -> Value {
    json!({
        "payment": payment.payment.to_string(),
        "result": payment.result.name(),
        "amount": money(payment.amount),
        "date": payment.occurred.to_string(),
        "card": payment.card.as_ref().map(|card| card.text()),
    })
}

/// Transactions with their references, and invoices with their lines.
pub fn detail(account: AccountId, detail: &BillingDetail, out: &mut Output) {
    if out.is_json() {
        let value = json!({
            "account": account.to_string(),
            "view": "clear",
            "payments": detail.payments.iter().map(payment_value).collect::<Vec<_>>(),
            "invoices": detail.invoices.iter().map(invoice_value).collect::<Vec<_>>(),
            "next": paged::value(detail.next.as_ref()),
            "position": detail.position,
        });
        out.json("billing.detail", value);
        return;
    }
    let mut table = Table::new(["payment", "date", "result", ">amount", "reference", "card"]);
    for payment in &detail.payments {
        table.row(payment_row(payment));
    }
    if detail.payments.is_empty() {
        out.line("no payments");
    } else {
        out.line(table);
    }
    for invoice in &detail.invoices {
        out.line(format_args!("\n{}", head(invoice)));
        out.line(lines(invoice));
    }
    paged::tell(detail.next.as_ref(), out);
    out.note(format_args!("this reading is entry {} of the log", detail.position));
}

fn payment_row(payment: &PaymentDetail) -> [String; 6] {
    let reference = payment.reference.expose().get();
    [
        payment.payment.to_string(),
        shown::time(payment.occurred),
        payment.result.name().to_owned(),
        payment.amount.to_string(),
        format!("{} {}", reference.processor().name(), reference.expose()),
        payment.card.as_ref().map_or_else(|| "–".to_owned(), |card| card.expose().get().clear().to_string()),
    ]
}

fn payment_value(payment: &PaymentDetail) -> Value {
    let reference = payment.reference.expose().get();
    json!({
        "payment": payment.payment.to_string(),
        "result": payment.result.name(),
        "amount": money(payment.amount),
        "date": payment.occurred.to_string(),
        "processor": reference.processor().name(),
        "reference": reference.expose(),
        "card": payment.card.as_ref().map(|card| card.expose().get().clear().to_string()),
    })
}

fn invoice_value(invoice: &InvoiceDetail) -> Value {
    let body = invoice.body.expose().get();
    let lines = body.lines.lines().iter().map(|line| {
        json!({"description": line.description(), "quantity": line.quantity(), "unit": money(line.unit())})
    });
    let address = body.address.as_ref().map(
        |address| json!({"lines": address.lines().collect::<Vec<_>>(), "country": address.country().code()}),
    );
    json!({
        "invoice": invoice.invoice.to_string(),
        "number": body.number.expose(),
        "amount": money(invoice.amount),
        "issued": invoice.issued.to_string(),
        "address": address,
        "lines": lines.collect::<Vec<_>>(),
    })
}

/// Which invoice, and to whom.
fn head(invoice: &InvoiceDetail) -> String {
    let body = invoice.body.expose().get();
    let number = shown::line(body.number.expose());
    let mut head = format!("invoice {number}, {}, {}", shown::time(invoice.issued), invoice.invoice);
    if let Some(address) = &body.address {
        let country = address.country();
        let lines = address.lines().chain([country.code()]).map(shown::line);
        head.push_str(&format!("\nto {}", lines.collect::<Vec<_>>().join(", ")));
    }
    head
}

fn lines(invoice: &InvoiceDetail) -> Table<3> {
    let mut table = Table::new([">count", ">price", "text"]);
    for line in invoice.body.expose().get().lines.lines() {
        table.row([line.quantity().to_string(), line.unit().to_string(), line.description().to_owned()]);
    }
    table.row([String::new(), invoice.amount.to_string(), "total".to_owned()]);
    table
}
