//! HTML. Everything that somebody typed goes through [`e`].

use std::{fmt, sync::LazyLock};

use axum::response::{Html, IntoResponse, Response};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use strongroom::room::{OwnBilling, OwnInvoice, OwnTicket, Profile, TicketHeader, TicketState, Time};

const STYLE: &str = include_str!("style.css");

/// What lets the pages' own style in and no other.
pub static STYLE_HASH: LazyLock<String> =
    LazyLock::new(|| Base64::encode_string(&Sha256::digest(STYLE.as_bytes())));

/// A page.
pub struct Page(String);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        Html(self.0).into_response()
    }
}

/// Text between tags or in a quoted attribute.
fn e(text: &str) -> impl fmt::Display + '_ {
    struct Escaped<'a>(&'a str);
    impl fmt::Display for Escaped<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.chars().try_for_each(|c| match c {
                '&' => f.write_str("&amp;"),
                '<' => f.write_str("&lt;"),
                '>' => f.write_str("&gt;"),
                '"' => f.write_str("&quot;"),
                '\'' => f.write_str("&#39;"),
                c => write!(f, "{c}"),
            })
        }
    }
    Escaped(text)
}

/// A moment, to the minute.
fn when(time: Time) -> String {
    let full = time.to_string();
    let minute = full.get(..16).unwrap_or(&full).replace('T', " ");
    format!(r#"<time datetime="{full}">{minute}</time>"#)
}

fn page(title: &str, is_in: bool, body: &str) -> Page {
    let out = r#"<form method="post" action="/logout"><button class="quiet">Log out</button></form>"#;
    Page(format!(
        r#"<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · strongroom</title><style>{STYLE}</style>
<header><a class="brand" href="/">strongroom</a>{}</header><main>{body}</main></html>"#,
        if is_in { out } else { "" },
        title = e(title),
    ))
}

/// The forms to come in by.
pub fn front() -> Page {
    page(
        "Welcome",
        false,
        r#"<h1>Your account</h1><div class="two">
<form class="card" method="post" action="/login"><h2>Log in</h2>
<label>E-mail address<input name="email" type="email" autocomplete="username" required></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button></form>
<form class="card" method="post" action="/register"><h2>Create an account</h2>
<label>E-mail address<input name="email" type="email" autocomplete="username" required></label>
<label>Name <small>(if you like)</small><input name="name" autocomplete="name"></label>
<label>Password <small>(15 characters or more)</small>
<input name="password" type="password" minlength="15" autocomplete="new-password" required></label>
<button>Create account</button></form></div>"#,
    )
}

/// What went wrong.
pub fn problem(said: &str) -> Page {
    page(
        "Sorry",
        false,
        &format!(r#"<section class="card"><p>{}</p><a href="/">Back</a></section>"#, e(said)),
    )
}

/// All that is the customer's.
pub fn account(profile: &Profile, tickets: &[TicketHeader], bills: &OwnBilling) -> Page {
    let email = profile.email.expose().as_str();
    let name = profile.name.as_ref().map_or(email, |name| name.expose().as_str());
    let tickets = tickets.iter().rev().map(|ticket| {
        let (state, id) = (ticket.state, ticket.ticket);
        format!(
            r#"<tr><td>{}<td><a href="/tickets/{id}">{id}</a><td><span class="{state}">{state}</span>"#,
            when(ticket.created)
        )
    });
    let payments = bills.payments.iter().rev().map(|payment| {
        let card = payment.card.as_ref().map_or("–", |card| card.text());
        format!(
            "<tr><td>{}<td>{}<td>{}<td class=\"money\">{}",
            when(payment.occurred),
            e(card),
            payment.result.name(),
            payment.amount
        )
    });
    let body = format!(
        r#"<h1>Hello, {name}</h1>
<section class="card"><h2>Profile</h2><dl><dt>Name<dd>{name}<dt>E-mail address<dd>{email}</dl></section>
<section class="card"><h2>Tickets</h2>{tickets}
<details><summary>Open a ticket</summary><form method="post" action="/tickets">
<label>Subject<input name="subject" required></label>
<label>What is it about?<textarea name="body" rows="5" required></textarea></label>
<button>Open ticket</button></form></details></section>
<section class="card"><h2>Invoices</h2>{invoices}</section>
<section class="card"><h2>Payments</h2>{payments}</section>"#,
        name = e(name),
        email = e(email),
        tickets = table(tickets, "No tickets yet."),
        invoices = table(bills.invoices.iter().rev().map(invoice), "No invoices yet."),
        payments = table(payments, "No payments yet."),
    );
    page("Account", true, &body)
}

fn table(rows: impl Iterator<Item = String>, none: &str) -> String {
    let rows: String = rows.collect();
    if rows.is_empty() { format!("<p class=\"none\">{none}</p>") } else { format!("<table>{rows}</table>") }
}

fn invoice(invoice: &OwnInvoice) -> String {
    let body = invoice.body.expose().get();
    let lines = body.lines.lines().iter().map(|line| format!("<li>{}", e(line.description())));
    format!(
        r#"<tr><td>{}<td><details><summary>{}</summary><ul>{}</ul></details><td class="money">{}"#,
        when(invoice.issued),
        e(body.number.expose()),
        lines.collect::<String>(),
        invoice.amount
    )
}

/// One ticket.
pub fn ticket(ticket: &OwnTicket) -> Page {
    let id = ticket.header.ticket;
    let messages = ticket.messages.iter().map(|message| {
        let (who, class) = if message.by_staff { ("Support", "theirs") } else { ("You", "mine") };
        let text = e(message.body.expose().as_str());
        format!(
            "<article class=\"{class}\"><h3>{who} · {}</h3><p>{text}</p></article>",
            when(message.created)
        )
    });
    let files = ticket.attachments.iter().map(|file| {
        let (id, name) = (file.header.attachment, e(file.name.expose().as_str()));
        let (date, bytes) = (when(file.header.created), file.header.bytes);
        format!(r#"<tr><td>{date}<td><a href="/attachments/{id}">{name}</a><td class="money">{bytes} bytes"#)
    });
    let forms = format!(
        r#"<div class="two"><form class="card" method="post" action="/tickets/{id}/messages"><h2>Answer</h2>
<label>Message<textarea name="body" rows="4" required></textarea></label><button>Send</button></form>
<form class="card" method="post" action="/tickets/{id}/attachments" enctype="multipart/form-data">
<h2>Attach a file</h2><label>File<input type="file" name="file" required></label><button>Upload</button>
</form></div>"#
    );
    let body = format!(
        r#"<p><a href="/account">← Account</a></p><h1>{} <span class="{state}">{state}</span></h1>{}
<section class="card"><h2>Files</h2>{}</section>{}"#,
        e(ticket.subject.expose().as_str()),
        messages.collect::<String>(),
        table(files, "No files yet."),
        if ticket.header.state == TicketState::Open { &forms } else { "" },
        state = ticket.header.state,
    );
    page("Ticket", true, &body)
}
