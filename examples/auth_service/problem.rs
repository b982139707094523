//! What goes wrong, and what HTTP says of it.

use std::time::Duration;

use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Redirect, Response},
};
use strongroom::room::{
    CodeError, Failure, Kind, LoginError, MalformedId, RegisterError, Suspension, WriteError,
};

use crate::pages;

/// A page, or why there is none.
pub type Answered<T> = Result<T, Problem>;

/// Why a request is not answered as it was meant.
pub enum Problem {
    /// There is no session's cookie, or the session has ended.
    LoggedOut,
    /// The login was denied. Nobody here knows more, and nobody is told more.
    NotRight,
    /// The login was right, and the account is suspended.
    Suspended(Suspension),
    /// The form comes from another site.
    Foreign,
    /// Neither a link nor a code in the browser that asked for it.
    NothingShown,
    /// The room does not do its work.
    Down,
    /// The room's answer.
    Room(Fault),
}

/// What the room says of an error, whichever verb it is of. In the text stands no value of a customer.
pub struct Fault {
    kind: Kind,
    retry_after: Option<Duration>,
    said: String,
}

/// What each kind of error is in HTTP: the one place where that is said. There is no wildcard, so that a new kind stops
/// the build, and somebody decides.
const fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::Pending => StatusCode::ACCEPTED,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Erased => StatusCode::GONE,
        Kind::Unavailable | Kind::Integrity | Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let Self { kind, retry_after, said } = self;
        let page = match kind {
            Kind::Invalid | Kind::Denied | Kind::Conflict => sentence(&said),
            Kind::Pending => "This waits for somebody else.".to_owned(),
            Kind::NotFound => "There is nothing here.".to_owned(),
            Kind::Erased => "This was erased.".to_owned(),
            Kind::Busy => "Too many people at once. Please try again in a moment.".to_owned(),
            Kind::Unavailable | Kind::Integrity | Kind::Internal => {
                tracing::error!(kind = kind.name(), error = said, "the room could not do it");
                "Something is wrong on our side. It has been recorded.".to_owned()
            }
        };
        let again = retry_after.map(|span| [(RETRY_AFTER, span.as_secs().max(1).to_string())]);
        (status(kind), again, pages::problem(&page)).into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, said) = match self {
            Self::LoggedOut => return Redirect::to("/login").into_response(),
            Self::Room(fault) => return fault.into_response(),
            Self::NotRight => (StatusCode::UNAUTHORIZED, "The address or the password is not right.".into()),
            Self::Suspended(suspension) => (StatusCode::FORBIDDEN, suspended(suspension)),
            Self::Foreign => (StatusCode::FORBIDDEN, "This form was sent from another site.".into()),
            Self::NothingShown => {
                (StatusCode::UNPROCESSABLE_ENTITY, "Please ask for a code in this browser first.".into())
            }
            Self::Down => (StatusCode::SERVICE_UNAVAILABLE, "The room does not do its work.".into()),
        };
        (status, pages::problem(&said)).into_response()
    }
}

/// Why and until when, as its owner is told.
fn suspended(suspension: Suspension) -> String {
    let until = suspension.until.map_or_else(String::new, |until| format!(" until {until}"));
    format!("This account is suspended{until}. The reason is: {}.", suspension.reason)
}

/// An error as people write: with a capital and a full stop.
fn sentence(said: &str) -> String {
    let mut chars = said.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

/// Each verb of the room has an error of its own; all of them answer the same questions.
macro_rules! from_the_room {
    ($($error:ty),*) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                let (kind, retry_after) = (error.kind(), error.retry_after());
                Self::Room(Fault { kind, retry_after, said: error.to_string() })
            }
        }
    )*};
}

from_the_room!(CodeError, Failure, RegisterError, WriteError);

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::NoSession => Self::LoggedOut,
            other => {
                let (kind, retry_after) = (other.kind(), other.retry_after());
                Self::Room(Fault { kind, retry_after, said: other.to_string() })
            }
        }
    }
}

impl From<MalformedId> for Problem {
    fn from(error: MalformedId) -> Self {
        Self::Room(Fault { kind: Kind::NotFound, retry_after: None, said: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::{http::header::RETRY_AFTER, response::IntoResponse};
    use strongroom::room::{Failure, Kind};

    use super::{Fault, Problem};

    /// What is answered to each kind: the status, and whether the room's own words are in it.
    const TABLE: [(Kind, u16, bool); 10] = [
        (Kind::Invalid, 422, true),
        (Kind::Denied, 403, true),
        (Kind::Pending, 202, false),
        (Kind::NotFound, 404, false),
        (Kind::Conflict, 409, true),
        (Kind::Busy, 503, false),
        (Kind::Erased, 410, false),
        (Kind::Unavailable, 500, false),
        (Kind::Integrity, 500, false),
        (Kind::Internal, 500, false),
    ];

    #[tokio::test]
    async fn each_kind_of_error_has_its_answer() {
        assert_eq!(TABLE.map(|(kind, ..)| kind), Kind::ALL);
        for (kind, status, is_told) in TABLE {
            let retry_after = (kind == Kind::Busy).then_some(Duration::from_secs(1));
            let fault = Fault { kind, retry_after, said: "the <words> of it".to_owned() };
            let answer = Problem::Room(fault).into_response();
            assert_eq!(answer.status().as_u16(), status, "{kind:?}");
            let again = answer.headers().get(RETRY_AFTER).map(|seconds| seconds.to_str().unwrap().to_owned());
            assert_eq!(again, (kind == Kind::Busy).then(|| "1".to_owned()), "{kind:?}");
            let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert_eq!(body.contains("The &lt;words&gt; of it."), is_told, "{kind:?}: {body}");
            assert!(!body.contains("<words>"), "{body}");
        }
    }

    #[test]
    fn who_finds_no_place_is_told_when_to_come_again() {
        let answer = Problem::from(Failure::Full).into_response();
        assert_eq!((answer.status().as_u16(), answer.headers()[RETRY_AFTER].to_str().unwrap()), (503, "1"));
    }
}
