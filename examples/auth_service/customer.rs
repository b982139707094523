//! What a customer does: registering, logging in and out, his own account and tickets.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;
use strongroom::room::{Answer, Page as Part, Registration, Room, SecretText, TicketId};

use crate::{
    Service,
    pages::{self, Page},
    problem::Problem,
    web::Customer,
};

/// What one page shows of a list.
const NEWEST: Part = Part::first(100);

#[derive(Deserialize)]
pub struct Registering {
    email: String,
    name: String,
    password: String,
}

#[derive(Deserialize)]
pub struct LoggingIn {
    email: String,
    password: String,
}

#[derive(Deserialize)]
pub struct Ticket {
    subject: String,
    body: String,
}

#[derive(Deserialize)]
pub struct Message {
    body: String,
}

pub async fn register(
    State(service): State<Service>,
    Form(form): Form<Registering>,
) -> Result<impl IntoResponse, Problem> {
    let token = service.passwords.call(move |room| {
        let password = SecretText::new(form.password);
        let name = Some(form.name.as_str()).filter(|name| !name.trim().is_empty());
        room.register(&Registration { email: &form.email, name, password: &password })?;
        enter(room, &form.email, &password)
    });
    Ok((service.site.set_cookie(Some(&token.await?)), Redirect::to("/account")))
}

pub async fn login(
    State(service): State<Service>,
    Form(form): Form<LoggingIn>,
) -> Result<impl IntoResponse, Problem> {
    let work = move |room: &Room| enter(room, &form.email, &SecretText::new(form.password));
    let token = service.passwords.call(work).await?;
    Ok((service.site.set_cookie(Some(&token)), Redirect::to("/account")))
}

/// Every refusal is one and the same: for an unknown address, a wrong password, a closed account.
fn enter(room: &Room, email: &str, password: &SecretText) -> Result<SecretText, Problem> {
    match room.login(email, password)? {
        Answer::Granted(granted) => Ok(granted.token),
        Answer::Denied => Err(Problem::NotRight),
    }
}

pub async fn logout(
    State(service): State<Service>,
    customer: Customer,
) -> Result<impl IntoResponse, Problem> {
    service.moments.call(move |room| Ok(room.logout(&customer.token)?)).await?;
    Ok((service.site.set_cookie(None), Redirect::to("/login")))
}

pub async fn account(customer: Customer) -> Result<Page, Problem> {
    let page = customer.call(|owner| {
        let (tickets, billing) = (owner.tickets(&NEWEST)?, owner.billing(&NEWEST)?);
        Ok(pages::account(&owner.profile()?, &tickets.rows, &billing))
    });
    page.await
}

pub async fn open_ticket(customer: Customer, Form(form): Form<Ticket>) -> Result<Redirect, Problem> {
    let opened = customer.call(move |owner| Ok(owner.open_ticket(&form.subject, &form.body)?));
    Ok(Redirect::to(&format!("/tickets/{}", opened.await?.ticket)))
}

pub async fn ticket(customer: Customer, Path(ticket): Path<String>) -> Result<Page, Problem> {
    let ticket: TicketId = ticket.parse()?;
    customer.call(move |owner| Ok(pages::ticket(&owner.ticket(ticket)?))).await
}

pub async fn write(
    customer: Customer,
    Path(ticket): Path<String>,
    Form(form): Form<Message>,
) -> Result<Redirect, Problem> {
    let ticket: TicketId = ticket.parse()?;
    customer.call(move |owner| Ok(owner.write(ticket, &form.body)?)).await?;
    Ok(Redirect::to(&format!("/tickets/{ticket}")))
}
