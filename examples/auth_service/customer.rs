//! Registering, logging in and out, one's own account and tickets.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use strongroom::room::{Answer, Granted, Page as Part, Registration, Room, SecretText, TicketId};

use crate::{
    Service,
    pages::{self, Page},
    problem::Problem,
    web::Session,
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

/// The account for who is in already, the forms to come in by for everybody else.
pub async fn front(
    State(service): State<Service>,
    session: Result<Session, Problem>,
) -> Result<Response, Problem> {
    let stands = match session {
        Ok(session) => service.desk.owner(session, |_| Ok(())).await,
        Err(problem) => Err(problem),
    };
    match stands {
        Ok(()) => Ok(Redirect::to("/account").into_response()),
        Err(Problem::LoggedOut) => Ok(pages::front().into_response()),
        Err(problem) => Err(problem),
    }
}

pub async fn register(
    State(service): State<Service>,
    Form(form): Form<Registering>,
) -> Result<impl IntoResponse, Problem> {
    let token = service.desk.password(move |room| {
        let password = SecretText::new(form.password);
        let name = Some(form.name.as_str()).filter(|name| !name.trim().is_empty());
        room.register(&Registration { email: &form.email, name, password: &password })?;
        enter(room, &form.email, &password)
    });
    let token = token.await?;
    Ok((service.site.set_cookie(Some(&token)), Redirect::to("/account")))
}

pub async fn login(
    State(service): State<Service>,
    Form(form): Form<LoggingIn>,
) -> Result<impl IntoResponse, Problem> {
    let work = move |room: &Room| enter(room, &form.email, &SecretText::new(form.password));
    let token = service.desk.password(work).await?;
    Ok((service.site.set_cookie(Some(&token)), Redirect::to("/account")))
}

/// Every refusal is one and the same: for an unknown address, a wrong password, a closed account. That an account is
/// suspended is told to who has its password.
fn enter(room: &Room, email: &str, password: &SecretText) -> Result<SecretText, Problem> {
    match room.login(email, password)? {
        Answer::Granted(Granted::Complete(login)) => Ok(login.token),
        // No account has a second factor yet; a page that asks for it stands here then.
        Answer::Granted(Granted::SecondFactor(_)) | Answer::Denied => Err(Problem::NotRight),
        Answer::Suspended(suspension) => Err(Problem::Suspended(suspension)),
    }
}

pub async fn logout(State(service): State<Service>, session: Session) -> Result<impl IntoResponse, Problem> {
    match service.desk.short(move |room| Ok(room.logout(&session.0)?)).await {
        Ok(()) | Err(Problem::LoggedOut) => Ok((service.site.set_cookie(None), Redirect::to("/"))),
        Err(problem) => Err(problem),
    }
}

pub async fn account(State(service): State<Service>, session: Session) -> Result<Page, Problem> {
    let page = service.desk.owner(session, |owner| {
        let (tickets, billing) = (owner.tickets(&NEWEST)?, owner.billing(&NEWEST)?);
        Ok(pages::account(&owner.profile()?, &tickets.rows, &billing))
    });
    page.await
}

pub async fn open_ticket(
    State(service): State<Service>,
    session: Session,
    Form(form): Form<Ticket>,
) -> Result<Redirect, Problem> {
    let opened =
        service.desk.owner(session, move |owner| Ok(owner.open_ticket(&form.subject, &form.body)?.ticket));
    Ok(Redirect::to(&format!("/tickets/{}", opened.await?)))
}

pub async fn ticket(
    State(service): State<Service>,
    session: Session,
    Path(ticket): Path<String>,
) -> Result<Page, Problem> {
    let ticket: TicketId = ticket.parse()?;
    service.desk.owner(session, move |owner| Ok(pages::ticket(&owner.ticket(ticket)?))).await
}

pub async fn write(
    State(service): State<Service>,
    session: Session,
    Path(ticket): Path<String>,
    Form(form): Form<Message>,
) -> Result<Redirect, Problem> {
    let ticket: TicketId = ticket.parse()?;
    service.desk.owner(session, move |owner| Ok(owner.write(ticket, &form.body)?)).await?;
    Ok(Redirect::to(&format!("/tickets/{ticket}")))
}
