//! What goes wrong, and what HTTP says of it.

use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Redirect, Response},
};
use strongroom::room::{Kind, LoginError, MalformedId, RegisterError, WriteError};

use crate::pages;

/// A page, or why there is none.
pub type Answered<T> = Result<T, Problem>;

/// Why a request is not answered as it was meant.
pub enum Problem {
    /// There is no session's cookie.
    LoggedOut,
    /// The login was denied. Nobody here knows more, and nobody is told more.
    NotRight,
    /// The form comes from another site.
    Foreign,
    /// Every place is taken, and so is every place to wait.
    Full,
    /// The room's answer: its kind, and what it says, in which no value of a customer stands.
    Room(Kind, String),
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, said) = match self {
            Self::LoggedOut | Self::Room(Kind::Denied, _) => return Redirect::to("/login").into_response(),
            Self::NotRight => (StatusCode::UNAUTHORIZED, "The address or the password is not right.".into()),
            Self::Foreign => (StatusCode::FORBIDDEN, "This form was sent from another site.".into()),
            Self::Room(Kind::Invalid, said) => (StatusCode::UNPROCESSABLE_ENTITY, sentence(&said)),
            Self::Room(Kind::Conflict, said) => (StatusCode::CONFLICT, sentence(&said)),
            Self::Room(Kind::Pending, _) => (StatusCode::ACCEPTED, "This waits for somebody else.".into()),
            Self::Room(Kind::NotFound, _) => (StatusCode::NOT_FOUND, "There is nothing here.".into()),
            Self::Room(Kind::Erased, _) => (StatusCode::GONE, "This was erased.".into()),
            Self::Full | Self::Room(Kind::Busy, _) => {
                let busy = pages::problem("Too many people at once. Please try again in a moment.");
                return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], busy).into_response();
            }
            Self::Room(kind @ (Kind::Unavailable | Kind::Integrity | Kind::Internal), error) => {
                tracing::error!(kind = kind.name(), error, "the room could not do it");
                let said = "Something is wrong on our side. It has been recorded.";
                (StatusCode::INTERNAL_SERVER_ERROR, said.into())
            }
        };
        (status, pages::problem(&said)).into_response()
    }
}

/// An error as people write: with a capital and a full stop.
fn sentence(said: &str) -> String {
    let mut chars = said.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

/// Each verb of the room has an error of its own; all of them have a kind. A service that sends mail answers an address
/// that is taken like any other, and writes to its owner.
macro_rules! from_the_room {
    ($($error:ty),*) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                Self::Room(error.kind(), error.to_string())
            }
        }
    )*};
}

from_the_room!(LoginError, RegisterError, WriteError);

impl From<MalformedId> for Problem {
    fn from(error: MalformedId) -> Self {
        Self::Room(Kind::NotFound, error.to_string())
    }
}
