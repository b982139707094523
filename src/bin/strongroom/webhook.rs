//! Sending a webhook: one request, signed, over a connection that trusts nobody.
//!
//! The receiver is another program that may be slow, hang, answer at length or point elsewhere. A request has ten seconds
//! in all; no redirect is followed, because it would carry the message to a place that nobody configured; no proxy is taken
//! from the environment; of an answer the status counts, and its body is not read.

use std::{
    io::{ErrorKind, Read},
    path::Path,
    time::Duration,
};

use strongroom::room::{Clock, Retry, RoomOptions, WebhookEvent, WebhookKey, WebhookPlace};
use ureq::{
    Agent,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::{failed::Failed, faults, own_file};

/// A whole request, from the name's look-up to the answer's head.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// A connection, until both sides have agreed on its keys.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// The head of an answer, bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// A file of secrets, bytes.
const SECRET_BYTES_MAX: u64 = 1024;
/// A file of certificates, bytes.
const AUTHORITIES_BYTES_MAX: u64 = 1024 * 1024;
/// A receiver's wish for a pause is heard up to so many seconds.
const PAUSE_SECONDS_MAX: u64 = 6 * 3600;

/// What is said of a receiver whom nobody vouches for.
const UNKNOWN: &str = "the receiver's certificate does not hold, or it speaks no TLS";

/// What came of a request that was not a delivery.
pub struct Undelivered {
    /// In a few words; nothing of what the receiver wrote but a number.
    pub why: String,
    /// Whether it is worth trying again.
    pub retry: Retry,
}

/// Sends webhooks to one place.
pub struct Sender {
    agent: Agent,
    url: String,
    keys: Vec<WebhookKey>,
    clock: Clock,
}

impl Sender {
    /// One for the place that the room's configuration names, with the secrets and certificates in its files.
    ///
    /// # Errors
    /// It names none; a file cannot be read, is open to others, or holds something else.
    pub fn of(options: &RoomOptions) -> Result<Self, Failed> {
        let place = options.webhook()?.ok_or_else(|| {
            Failed::new("room.toml names no place for webhooks").hint("name one in its section `[webhook]`")
        })?;
        Self::new(&place, &options.clock)
    }

    fn new(place: &WebhookPlace, clock: &Clock) -> Result<Self, Failed> {
        let keys = place.secrets.iter().map(|path| key(path)).collect::<Result<_, _>>()?;
        let roots = place.authorities.as_deref().map_or(Ok(RootCerts::WebPki), authorities)?;
        let tls = TlsConfig::builder().root_certs(roots).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(REQUEST_MAX))
            .timeout_connect(Some(CONNECT_MAX))
            .max_response_header_size(HEAD_BYTES_MAX)
            .user_agent(concat!("strongroom/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.into(), url: place.url.clone(), keys, clock: clock.clone() })
    }

    /// Sends one; the answer says that it has arrived.
    ///
    /// # Errors
    /// It has not, or nobody knows.
    pub fn send(&self, event: &WebhookEvent) -> Result<(), Undelivered> {
        let message = event.message(&self.keys, self.clock.now());
        let request = message
            .headers
            .iter()
            .fold(self.agent.post(&self.url), |request, (name, value)| request.header(*name, value));
        let answer = request.header("content-type", "application/json").send(message.body.as_str());
        let answer = answer.map_err(|e| Undelivered { why: told(&e), retry: Retry::Later })?;
        let status = answer.status().as_u16();
        let retry = match status {
            200..=299 => return Ok(()),
            // Gone: the receiver wants no more of them.
            410 => Retry::Never,
            429 | 503 => pause(answer.headers().get("retry-after").and_then(|text| text.to_str().ok())),
            _ => Retry::Later,
        };
        Err(Undelivered { why: format!("the receiver answered {status}"), retry })
    }
}

/// How long the receiver wants to be left alone.
fn pause(seconds: Option<&str>) -> Retry {
    let seconds = seconds.and_then(|text| text.parse::<u64>().ok());
    seconds.map_or(Retry::Later, |seconds| Retry::After(Duration::from_secs(seconds.min(PAUSE_SECONDS_MAX))))
}

fn key(path: &Path) -> Result<WebhookKey, Failed> {
    let bytes = own_file::read(path, SECRET_BYTES_MAX)?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default().to_owned().into();
    WebhookKey::parse(&text).ok_or_else(|| {
        Failed::new(format!("`{}` holds no secret of webhooks", path.display()))
            .hint("it is written as `whsec_` and 24 to 64 random bytes in base64")
    })
}

fn authorities(path: &Path) -> Result<RootCerts, Failed> {
    let refused = || Failed::new(format!("`{}` holds no certificates", path.display()));
    let (file, _) = own_file::content(path)?;
    let mut text = Vec::new();
    file.take(AUTHORITIES_BYTES_MAX).read_to_end(&mut text).map_err(|e| faults::file(path, &e))?;
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| refused())? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err(refused()) } else { Ok(RootCerts::new_with_certs(&found)) }
}

/// An error of the transport, in words of this program's own: what the library says may repeat what the other side sent.
fn told(e: &ureq::Error) -> String {
    match e {
        ureq::Error::Timeout(_) => "the receiver did not answer in time".to_owned(),
        ureq::Error::HostNotFound => "the receiver's name is not known".to_owned(),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => UNKNOWN.to_owned(),
        // What TLS finds wrong arrives as this.
        ureq::Error::Io(e) if e.kind() == ErrorKind::InvalidData => UNKNOWN.to_owned(),
        ureq::Error::Io(e) => format!("the connection failed: {}", e.kind()),
        ureq::Error::ConnectionFailed => "the connection failed".to_owned(),
        _ => "the receiver's answer was not understood".to_owned(),
    }
}
