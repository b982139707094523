//! What stands around every request: its trace, the session's cookie, forged requests, headers, a line in the log.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use strongroom::room::{AsyncOwner, Origin, SecretText, TraceId};

use crate::{
    Service,
    problem::{Answered, Problem},
};

/// What a page may do: show itself, with its own style, and send its own forms.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a browser keeps for this service.
#[derive(Clone, Copy)]
pub enum Cookie {
    /// The token of a session.
    Session,
    /// What a code counts together with, in the browser that asked for it.
    Handle,
}

impl Cookie {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Handle => "handle",
        }
    }
}

/// How browsers see this service.
pub struct Site {
    origin: String,
    prefix: &'static str,
    only_over: &'static str,
}

impl Site {
    /// The site at this origin; over HTTPS its cookies are for HTTPS alone, and no other host of the domain can set them.
    pub fn new(origin: &str) -> Self {
        let origin = origin.trim_end_matches('/').to_owned();
        let is_secure = origin.starts_with("https://");
        let (prefix, only_over) = if is_secure { ("__Host-", "; Secure") } else { ("", "") };
        Self { origin, prefix, only_over }
    }

    /// The header that gives a browser a secret to keep, or takes it away.
    pub fn set(&self, cookie: Cookie, secret: Option<&SecretText>) -> [(HeaderName, String); 1] {
        let Self { prefix, only_over, .. } = self;
        let (secret, ends) = secret.map_or(("", "; Max-Age=0"), |secret| (secret.expose(), ""));
        let name = cookie.name();
        let cookie = format!("{prefix}{name}={secret}; Path=/; HttpOnly; SameSite=Strict{only_over}{ends}");
        [(header::SET_COOKIE, cookie)]
    }

    /// What a browser keeps.
    fn kept(&self, cookie: Cookie, headers: &HeaderMap) -> Option<SecretText> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split("; ")).filter_map(|pair| pair.split_once('='));
        let is_it = |name: &str| name.strip_prefix(self.prefix) == Some(cookie.name());
        pairs.find(|(name, _)| is_it(name)).map(|(_, secret)| SecretText::new(secret.to_owned()))
    }

    /// Whether a request that changes something was sent by a page of this site. Browsers say whose page it was and
    /// pages cannot change that; with `SameSite` beside it a token in each form would add nothing.
    fn sent_this(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == self.origin.as_bytes())
    }
}

/// The service as one request has it: what the room does for it is done under the trace that the request came with. A
/// header that is not as W3C Trace Context has it, or comes twice, is no reason to refuse anybody.
impl FromRequestParts<Self> for Service {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, service: &Self) -> Result<Self, Infallible> {
        Ok(service.traced(&parts.headers))
    }
}

impl Service {
    fn traced(&self, headers: &HeaderMap) -> Self {
        let mut sent = headers.get_all("traceparent").iter();
        let only = sent.next().filter(|_| sent.next().is_none()).and_then(|header| header.to_str().ok());
        match only.and_then(TraceId::from_traceparent) {
            Some(trace) => Self { room: self.room.from(&Origin::new().trace(trace)), ..self.clone() },
            None => self.clone(),
        }
    }
}

/// Whoever sent a session's token, if the session still stands.
pub struct Customer {
    /// As the browser sent it.
    pub token: SecretText,
    /// What he does with his own.
    pub owner: AsyncOwner,
}

impl FromRequestParts<Service> for Customer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Answered<Self> {
        let token = service.site.kept(Cookie::Session, &parts.headers).ok_or(Problem::LoggedOut)?;
        let room = service.traced(&parts.headers).room;
        let owner = room.owner(room.resume(&token).await?);
        Ok(Self { token, owner })
    }
}

/// What the browser was given when it asked for a code.
pub struct Handle(pub Option<SecretText>);

impl FromRequestParts<Service> for Handle {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Answered<Self> {
        Ok(Self(service.site.kept(Cookie::Handle, &parts.headers)))
    }
}

/// Refuses what another site sent, and puts the headers on every answer.
pub async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // The pattern, not the path: what is in the log is not what was asked for but which page.
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let is_safe = matches!(method, Method::GET | Method::HEAD);
    let mut response = if is_safe || site.sent_this(request.headers()) {
        next.run(request).await
    } else {
        Problem::Foreign.into_response()
    };
    tracing::info!(%method, route, status = response.status().as_u16(), "answered");
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: forms would come without their origin.
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
