//! A small auth service over a room: what linking the library into an HTTP service looks like.
//!
//! ```text
//! auth_service ROOM [LISTEN [ORIGIN]]
//! ```
//!
//! A reverse proxy ends TLS in front of it, bounds connections and headers, and slows down whoever guesses.
//! `ORIGIN` is what browsers see, `https://accounts.example.com`; forms from elsewhere are refused.
//!
//! | File | What it shows |
//! |---|---|
//! | `desk.rs` | calling a library that blocks from a runtime that must not, and shedding what is too much |
//! | `problem.rs` | errors of the room as answers of HTTP, in one function |
//! | `web.rs` | the session's cookie, forged requests, headers, the request's line in the log |
//! | `customer.rs` | registering, logging in and out, one's own account and tickets |
//! | `files.rs` | attachments, streamed in constant memory both ways |
//! | `pages.rs` | HTML, in which everything that somebody typed is escaped |

mod customer;
mod desk;
mod files;
mod pages;
mod problem;
mod web;

use std::{error::Error, io::Write, process::ExitCode, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use strongroom::room::RoomOptions;
use tokio::{net::TcpListener, signal::unix, sync::oneshot, time::sleep};

use crate::{desk::Desk, web::Site};

/// What a form may fill, bytes: the longest message, each byte of it in three.
const FORM_BYTES_MAX: usize = 1024 * 1024;
/// How long requests in flight may take once the service is asked to stop. What a room has answered is on disk.
const GRACE: Duration = Duration::from_secs(20);

/// What every request has at hand.
#[derive(Clone)]
struct Service {
    desk: Desk,
    site: Arc<Site>,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "it does not serve");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: auth_service ROOM [LISTEN [ORIGIN]]")?;
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let options =
        RoomOptions { component: "auth_service".to_owned(), ..RoomOptions::new(directory, "localhost") };
    let desk = Desk::new(options.open()?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(&listen).await?;
        let address = listener.local_addr()?;
        let origin = arguments.next().unwrap_or_else(|| format!("http://{address}"));
        writeln!(std::io::stdout(), "listening on http://{address}")?;
        serve(listener, Service { desk, site: Arc::new(Site::new(&origin)) }).await
    });
    runtime.shutdown_timeout(GRACE);
    Ok(served?)
}

/// Serves until it is asked to stop, and then what is in flight.
async fn serve(listener: TcpListener, service: Service) -> std::io::Result<()> {
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    let mut interrupt = unix::signal(unix::SignalKind::interrupt())?;
    let (stopping, stopped) = oneshot::channel();
    let asked = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("asked to stop: what is in flight is answered first");
        let _nobody_waits = stopping.send(());
    };
    let late = async {
        let _asked = stopped.await;
        sleep(GRACE).await;
    };
    tokio::select! {
        served = axum::serve(listener, routes(service)).with_graceful_shutdown(asked) => served,
        () = late => Ok(()),
    }
}

fn routes(service: Service) -> Router {
    Router::new()
        .route("/", get(customer::front))
        .route("/register", post(customer::register))
        .route("/login", post(customer::login))
        .route("/logout", post(customer::logout))
        .route("/account", get(customer::account))
        .route("/tickets", post(customer::open_ticket))
        .route("/tickets/{ticket}", get(customer::ticket))
        .route("/tickets/{ticket}/messages", post(customer::write))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        // Not limited here: the room's quotas end a stream that is too long.
        .route("/tickets/{ticket}/attachments", post(files::put).layer(DefaultBodyLimit::disable()))
        .route("/attachments/{attachment}", get(files::get))
        .route("/healthz", get(|| async { "ok\n" }))
        .layer(from_fn_with_state(service.site.clone(), web::guard))
        .with_state(service)
}
