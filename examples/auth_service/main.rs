//! A small auth service over a room: what linking the library into an HTTP service looks like.
//!
//! `auth_service ROOM [LISTEN [ORIGIN]]`, where `ORIGIN` is what browsers see, `https://accounts.example.com`. In front of
//! it stands a reverse proxy that ends TLS, bounds connections, headers and how slowly a body may come, and slows down
//! whoever guesses.
//!
//! | File | What it shows |
//! |---|---|
//! | `customer.rs` | what each page does: a form, one verb of the room, a page |
//! | `letters.rs` | codes and links on their way to whoever is sent them |
//! | `problem.rs` | errors of the room as answers of HTTP, in one function |
//! | `web.rs` | traces, cookies, forged requests, headers, the request's line in the log |
//! | `pages.rs` | HTML, in which everything that somebody typed is escaped; the pages themselves are in `pages/` |

mod customer;
mod letters;
mod pages;
mod problem;
mod web;

use std::{error::Error, io::IsTerminal, io::Write, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    response::Redirect,
    routing::{get, post},
};
use strongroom::room::{Admission, AsyncRoom, CodesTo, RoomOptions};
use tokio::{net::TcpListener, signal, signal::unix::SignalKind};

use crate::{letters::Letters, web::Site};

/// What every request has at hand.
#[derive(Clone)]
struct Service {
    room: AsyncRoom,
    site: Arc<Site>,
    letters: Letters,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).with_ansi(colours).init();
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: auth_service ROOM [LISTEN [ORIGIN]]")?;
    let listener = TcpListener::bind(arguments.next().as_deref().unwrap_or("127.0.0.1:8080")).await?;
    let address = listener.local_addr()?;
    let origin = arguments.next().unwrap_or_else(|| format!("http://{address}"));
    let component = "auth_service".to_owned();
    // It sends what is asked for itself; a service with a machine that delivers leaves that to the outbox.
    let codes_to = CodesTo::Asker;
    let room = RoomOptions { component, codes_to, ..RoomOptions::new(&directory, "localhost") }.open()?;
    let service = Service {
        room: AsyncRoom::new(room, Admission::default()),
        site: Arc::new(Site::new(&origin)),
        letters: Letters::into(&format!("{directory}.letters"), &origin)?,
    };
    let mut stop = signal::unix::signal(SignalKind::terminate())?;
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    let asked = async move {
        tokio::select! { _ = stop.recv() => {}, _ = signal::ctrl_c() => {} }
        tracing::info!("asked to stop: what is in flight is answered first");
    };
    Ok(axum::serve(listener, routes(service)).with_graceful_shutdown(asked).await?)
}

fn routes(service: Service) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/account") }))
        .route("/register", post(customer::register))
        .route("/confirm", get(customer::look).post(customer::confirm))
        .route("/forgotten", post(customer::forgotten))
        .route("/reset", get(customer::look_at_reset).post(customer::reset))
        .route("/login", get(pages::front).post(customer::login))
        .route("/logout", post(customer::logout))
        .route("/account", get(customer::account))
        .route("/tickets", post(customer::open_ticket))
        .route("/tickets/{ticket}", get(customer::ticket).post(customer::write))
        .route("/style.css", get(pages::style))
        .route("/healthz", get(customer::health))
        // The longest message, each byte of it in three.
        .layer(DefaultBodyLimit::max(1024 * 1024))
        .layer(from_fn_with_state(service.site.clone(), web::guard))
        .with_state(service)
}
