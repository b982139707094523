//! What stands around every request: the session's cookie, forged requests, headers, a line in the log.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use strongroom::room::{Owner, SecretText};

use crate::{
    Service,
    gate::Gate,
    problem::{Answered, Problem},
};

/// What a page may do: show itself, with its own style, and send its own forms.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// How browsers see this service.
pub struct Site {
    origin: String,
    cookie: &'static str,
    only_over: &'static str,
}

impl Site {
    /// The site at this origin; over HTTPS its cookie is for HTTPS alone, and no other host of the domain can set it.
    pub fn new(origin: &str) -> Self {
        let origin = origin.trim_end_matches('/').to_owned();
        let is_secure = origin.starts_with("https://");
        let (cookie, only_over) = if is_secure { ("__Host-session", "; Secure") } else { ("session", "") };
        Self { origin, cookie, only_over }
    }

    /// The header that gives a browser its token, or takes it away.
    pub fn set_cookie(&self, token: Option<&SecretText>) -> [(HeaderName, String); 1] {
        let Self { cookie, only_over, .. } = self;
        let (token, ends) = token.map_or(("", "; Max-Age=0"), |token| (token.expose(), ""));
        let cookie = format!("{cookie}={token}; Path=/; HttpOnly; SameSite=Strict{only_over}{ends}");
        [(header::SET_COOKIE, cookie)]
    }

    /// Whether a request that changes something was sent by a page of this site. Browsers say whose page it was and
    /// pages cannot change that; with `SameSite` beside it a token in each form would add nothing.
    fn sent_this(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == self.origin.as_bytes())
    }
}

/// Whoever sent a session's token. What it is worth, the room says at each call.
pub struct Customer {
    gate: Gate,
    /// As the browser sent it.
    pub token: SecretText,
}

impl Customer {
    /// What a customer does with his own, if his session still stands.
    pub async fn call<T: Send + 'static>(
        self,
        work: impl FnOnce(Owner<'_>) -> Answered<T> + Send + 'static,
    ) -> Answered<T> {
        let Self { gate, token } = self;
        gate.call(move |room| work(room.owner(&room.resume(&token)?))).await
    }
}

impl FromRequestParts<Service> for Customer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Answered<Self> {
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split("; ")).filter_map(|pair| pair.split_once('='));
        let (_, token) = pairs.find(|(name, _)| *name == service.site.cookie).ok_or(Problem::LoggedOut)?;
        Ok(Self { gate: service.moments.clone(), token: SecretText::new(token.to_owned()) })
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
