//! HTML. Everything that somebody typed goes through [`e`].

use std::fmt;

use axum::{http::header, response::Html};
use strongroom::room::{OwnBilling, OwnTicket, Profile, SecretText, TicketHeader, TicketState, Time};

pub type Page = Html<String>;

/// Text between tags or in a quoted attribute.
fn e(text: &str) -> impl fmt::Display + '_ {
    fmt::from_fn(|f| {
        text.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => write!(f, "{c}"),
        })
    })
}

/// A moment, to the minute.
fn when(time: Time) -> String {
    let full = time.to_string();
    let minute = full.get(..16).unwrap_or(&full).replace('T', " ");
    format!(r#"<time datetime="{full}">{minute}</time>"#)
}

fn page(title: &str, out: &str, body: &str) -> Page {
    Html(format!(include_str!("pages/page.html"), title = title, out = out, body = body))
}

fn table(rows: impl Iterator<Item = String>, none: &str) -> String {
    let rows: String = rows.collect();
    if rows.is_empty() { format!("<p class=\"none\">{none}</p>") } else { format!("<table>{rows}</table>") }
}

pub async fn style() -> impl axum::response::IntoResponse {
    ([(header::CONTENT_TYPE, "text/css")], include_str!("pages/style.css"))
}

/// The forms to come in by.
pub async fn front() -> Page {
    page("Welcome", "", include_str!("pages/front.html"))
}

/// What shows that somebody was sent something: the link that he came by, or a code to be typed.
fn proof(link: Option<&SecretText>) -> String {
    match link {
        Some(link) => format!(r#"<input name="link" type="hidden" value="{}">"#, e(link.expose())),
        None => include_str!("pages/code.html").to_owned(),
    }
}

/// Where an address is confirmed.
pub fn confirm(link: Option<&SecretText>) -> Page {
    page("Your address", "", &format!(include_str!("pages/confirm.html"), proof = proof(link)))
}

/// Where another password is chosen.
pub fn reset(link: Option<&SecretText>) -> Page {
    page("Another password", "", &format!(include_str!("pages/reset.html"), proof = proof(link)))
}

/// What went wrong.
pub fn problem(said: &str) -> Page {
    page("Sorry", "", &format!(r#"<section class="card"><p>{}</p><a href="/">Back</a></section>"#, e(said)))
}

const LOG_OUT: &str = r#"<form method="post" action="/logout"><button class="quiet">Log out</button></form>"#;

/// All that is the customer's.
pub fn account(profile: &Profile, tickets: &[TicketHeader], bills: &OwnBilling) -> Page {
    let email = profile.email.expose().as_str();
    let name = profile.name.as_ref().map_or(email, |name| name.expose().as_str());
    let tickets = tickets.iter().map(|ticket| {
        let (date, id, state) = (when(ticket.created), ticket.ticket, ticket.state);
        format!(r#"<tr><td>{date}<td><a href="/tickets/{id}">{id}</a><td><b class="{state}">{state}</b>"#)
    });
    let payments = bills.payments.iter().map(|payment| {
        let (date, result) = (when(payment.occurred), payment.result.name());
        let card = payment.card.as_ref().map_or("–", |card| card.text());
        format!(r#"<tr><td>{date}<td>{}<td>{result}<td class="money">{}"#, e(card), payment.amount)
    });
    let invoices = bills.invoices.iter().map(|invoice| {
        let (date, number) = (when(invoice.issued), e(invoice.body.expose().get().number.expose()));
        format!(r#"<tr><td>{date}<td>{number}<td class="money">{}"#, invoice.amount)
    });
    let body = format!(
        include_str!("pages/account.html"),
        name = e(name),
        email = e(email),
        tickets = table(tickets, "No tickets yet."),
        invoices = table(invoices, "No invoices yet."),
        payments = table(payments, "No payments yet."),
    );
    page("Account", LOG_OUT, &body)
}

/// One ticket.
pub fn ticket(ticket: &OwnTicket) -> Page {
    let messages = ticket.messages.iter().map(|message| {
        let (who, class) = if message.by_staff { ("Support", "theirs") } else { ("You", "mine") };
        let (date, text) = (when(message.created), e(message.body.expose().as_str()));
        format!(r#"<article class="{class}"><h3>{who} · {date}</h3><p>{text}</p></article>"#)
    });
    let answer = format!(include_str!("pages/answer.html"), id = ticket.header.ticket);
    let body = format!(
        include_str!("pages/ticket.html"),
        subject = e(ticket.subject.expose().as_str()),
        state = ticket.header.state,
        messages = messages.collect::<String>(),
        answer = if ticket.header.state == TicketState::Open { &answer } else { "" },
    );
    page("Ticket", LOG_OUT, &body)
}
