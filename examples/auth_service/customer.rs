//! What a customer does: registering, logging in and out, his own account and tickets.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;
use strongroom::room::{Answer, Granted, Page as Part, Registration, Room, SecretText, TicketId};

use crate::{
    Service,
    pages::{self, Page},
    problem::{Answered, Problem},
    web::Customer,
};

/// What somebody types to come in; the name where he registers.
#[derive(Deserialize)]
pub struct Person {
    email: String,
    password: String,
    name: Option<String>,
}

/// What somebody writes; the subject where it opens a ticket.
#[derive(Deserialize)]
pub struct Words {
    subject: Option<String>,
    body: String,
}

pub async fn register(
    State(service): State<Service>,
    Form(form): Form<Person>,
) -> Answered<impl IntoResponse> {
    let token = service.passwords.call(move |room| {
        let password = SecretText::new(form.password);
        let name = form.name.as_deref().filter(|name| !name.trim().is_empty());
        room.register(&Registration { email: &form.email, name, password: &password })?;
        enter(room, &form.email, &password)
    });
    Ok((service.site.set_cookie(Some(&token.await?)), Redirect::to("/account")))
}

pub async fn login(State(service): State<Service>, Form(form): Form<Person>) -> Answered<impl IntoResponse> {
    let work = move |room: &Room| enter(room, &form.email, &SecretText::new(form.password));
    let token = service.passwords.call(work).await?;
    Ok((service.site.set_cookie(Some(&token)), Redirect::to("/account")))
}

/// Every refusal is one and the same: for an unknown address, a wrong password, a closed account. That an account is
/// suspended is told to who has its password.
fn enter(room: &Room, email: &str, password: &SecretText) -> Answered<SecretText> {
    match room.login(email, password)? {
        Answer::Granted(Granted::Complete(login)) => Ok(login.token),
        // No account has a second factor yet; a page that asks for it stands here then.
        Answer::Granted(Granted::SecondFactor(_)) | Answer::Denied => Err(Problem::NotRight),
        Answer::Suspended(suspension) => Err(Problem::Suspended(suspension)),
    }
}

pub async fn logout(State(service): State<Service>, customer: Customer) -> Answered<impl IntoResponse> {
    service.moments.call(move |room| Ok(room.logout(&customer.token)?)).await?;
    Ok((service.site.set_cookie(None), Redirect::to("/login")))
}

pub async fn account(customer: Customer) -> Answered<Page> {
    let read = customer.call(|owner| {
        let newest = Part::first(100);
        Ok((owner.profile()?, owner.tickets(&newest)?, owner.billing(&newest)?))
    });
    let (profile, tickets, bills) = read.await?;
    Ok(pages::account(&profile, &tickets.rows, &bills))
}

pub async fn open_ticket(customer: Customer, Form(form): Form<Words>) -> Answered<Redirect> {
    let opened =
        customer.call(move |owner| Ok(owner.open_ticket(&form.subject.unwrap_or_default(), &form.body)?));
    Ok(Redirect::to(&format!("/tickets/{}", opened.await?.ticket)))
}

pub async fn ticket(customer: Customer, Path(ticket): Path<String>) -> Answered<Page> {
    let ticket: TicketId = ticket.parse()?;
    customer.call(move |owner| Ok(pages::ticket(&owner.ticket(ticket)?))).await
}

pub async fn write(
    customer: Customer,
    Path(ticket): Path<String>,
    Form(form): Form<Words>,
) -> Answered<Redirect> {
    let ticket: TicketId = ticket.parse()?;
    customer.call(move |owner| Ok(owner.write(ticket, &form.body)?)).await?;
    Ok(Redirect::to(&format!("/tickets/{ticket}")))
}
