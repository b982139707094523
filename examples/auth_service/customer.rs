//! What a customer does: coming in, logging in and out, his own account and tickets.

use axum::{
    Form,
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;
use strongroom::room::{
    Answer, Granted, Load, Page as Part, Proof, Registration, SecretText, Standing, TicketId, WriteError,
};

use crate::{
    Service,
    pages::{self, Page},
    problem::{Answered, Problem},
    web::{Cookie, Customer, Handle},
};

/// A secret that comes in a form, wiped when the request is answered.
#[derive(Deserialize)]
#[serde(from = "String")]
pub struct Typed(SecretText);

impl From<String> for Typed {
    fn from(text: String) -> Self {
        Self(SecretText::new(text))
    }
}

/// What somebody types to come in; the name where he registers.
#[derive(Deserialize)]
pub struct Person {
    email: String,
    password: Typed,
    name: Option<String>,
}

/// An address.
#[derive(Deserialize)]
pub struct Addressed {
    email: String,
}

/// What somebody shows who was sent a letter: its code or its link; with a new password where that is what he wants.
#[derive(Deserialize)]
pub struct Shown {
    code: Option<Typed>,
    link: Option<Typed>,
    password: Option<Typed>,
}

/// What somebody writes; the subject where it opens a ticket.
#[derive(Deserialize)]
pub struct Words {
    subject: Option<String>,
    body: String,
}

/// Whether the room does its work: nobody's logins keep this waiting.
pub async fn health(service: Service) -> Answered<&'static str> {
    match service.room.health().await?.standing {
        Standing::Ready | Standing::Degraded => Ok("ok\n"),
        Standing::Down => Err(Problem::Down),
    }
}

/// The answer is the same whether the address has an account or not; so is the time that it takes.
pub async fn register(service: Service, Form(form): Form<Person>) -> Answered<impl IntoResponse> {
    let name = form.name.as_deref().filter(|name| !name.trim().is_empty());
    let registration = Registration { email: &form.email, name, password: &form.password.0 };
    let asked = service.room.sign_up(&registration).await?;
    service.letters.post(&form.email, asked.unsent);
    Ok((service.site.set(Cookie::Handle, Some(&asked.handle)), Redirect::to("/confirm")))
}

pub async fn look(service: Service, Query(shown): Query<Shown>) -> Answered<Page> {
    Ok(pages::confirm(shown.looked(&service).await?))
}

pub async fn confirm(
    service: Service,
    handle: Handle,
    Form(form): Form<Shown>,
) -> Answered<impl IntoResponse> {
    service.room.confirm(&form.proof(&handle)?).await?;
    Ok((service.site.set(Cookie::Handle, None), Redirect::to("/login")))
}

pub async fn forgotten(service: Service, Form(form): Form<Addressed>) -> Answered<impl IntoResponse> {
    let asked = service.room.ask_reset(&form.email).await?;
    service.letters.post(&form.email, asked.unsent);
    Ok((service.site.set(Cookie::Handle, Some(&asked.handle)), Redirect::to("/reset")))
}

pub async fn look_at_reset(service: Service, Query(shown): Query<Shown>) -> Answered<Page> {
    Ok(pages::reset(shown.looked(&service).await?))
}

pub async fn reset(service: Service, handle: Handle, Form(form): Form<Shown>) -> Answered<impl IntoResponse> {
    let Typed(password) = form.password.as_ref().ok_or(Problem::NothingShown)?;
    service.room.reset(&form.proof(&handle)?, password).await?;
    Ok((service.site.set(Cookie::Handle, None), Redirect::to("/login")))
}

impl Shown {
    /// The link, if he came by one and it can still be used. Looking uses nothing up: mail programs do it.
    async fn looked(&self, service: &Service) -> Answered<Option<&SecretText>> {
        let Some(Typed(link)) = &self.link else { return Ok(None) };
        service.room.look(link).await?;
        Ok(Some(link))
    }

    /// A code counts together with what this browser was given when it asked; a link counts in any.
    fn proof<'a>(&'a self, Handle(handle): &'a Handle) -> Answered<Proof<'a>> {
        match (&self.link, &self.code, handle) {
            (Some(Typed(link)), _, _) => Ok(Proof::Link(link)),
            (None, Some(Typed(code)), Some(handle)) => Ok(Proof::Code { handle, code }),
            (None, ..) => Err(Problem::NothingShown),
        }
    }
}

/// Every refusal is one and the same: for an unknown address, a wrong password, a closed account. That an account is
/// suspended is told to who has its password.
pub async fn login(service: Service, Form(form): Form<Person>) -> Answered<impl IntoResponse> {
    match service.room.login(&form.email, &form.password.0).await? {
        Answer::Granted(Granted::Complete(login)) => {
            Ok((service.site.set(Cookie::Session, Some(&login.token)), Redirect::to("/account")))
        }
        // No account has a second factor yet; a page that asks for it stands here then.
        Answer::Granted(Granted::SecondFactor(_)) | Answer::Denied => Err(Problem::NotRight),
        Answer::Suspended(suspension) => Err(Problem::Suspended(suspension)),
    }
}

pub async fn logout(service: Service, customer: Customer) -> Answered<impl IntoResponse> {
    service.room.logout(&customer.token).await?;
    Ok((service.site.set(Cookie::Session, None), Redirect::to("/login")))
}

/// Three reads in one go, on one thread.
pub async fn account(customer: Customer) -> Answered<Page> {
    let read = customer.owner.run(Load::Commit, |owner| {
        let newest = Part::first(100);
        Ok::<_, WriteError>((owner.profile()?, owner.tickets(&newest)?, owner.billing(&newest)?))
    });
    let (profile, tickets, bills) = read.await?;
    Ok(pages::account(&profile, &tickets.rows, &bills))
}

pub async fn open_ticket(customer: Customer, Form(form): Form<Words>) -> Answered<Redirect> {
    let opened = customer.owner.open_ticket(&form.subject.unwrap_or_default(), &form.body).await?;
    Ok(Redirect::to(&format!("/tickets/{}", opened.ticket)))
}

pub async fn ticket(customer: Customer, Path(ticket): Path<String>) -> Answered<Page> {
    let ticket: TicketId = ticket.parse()?;
    Ok(pages::ticket(&customer.owner.ticket(ticket).await?))
}

pub async fn write(
    customer: Customer,
    Path(ticket): Path<String>,
    Form(form): Form<Words>,
) -> Answered<Redirect> {
    let ticket: TicketId = ticket.parse()?;
    customer.owner.write(ticket, &form.body).await?;
    Ok(Redirect::to(&format!("/tickets/{ticket}")))
}
