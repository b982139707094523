//! What goes wrong, and what HTTP says of it.

use axum::{
    extract::multipart::MultipartError,
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Redirect, Response},
};
use strongroom::room::{Kind, LoginError, MalformedId, RegisterError, WriteError};

use crate::pages;

/// Why a request is not answered as it was meant.
pub enum Problem {
    /// There is no session, or it has ended.
    LoggedOut,
    /// The login was denied. Nobody here knows more, and nobody is told more.
    NotRight,
    /// The form comes from another site.
    Foreign,
    /// An upload that is none.
    NoUpload,
    /// Every place is taken, and so is every place to wait.
    Full,
    /// A thread of this service ended in the middle of its work.
    Broken,
    /// The room's answer.
    Room(Kind, String),
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::NoSession => Self::LoggedOut,
            other => Self::Room(other.kind(), other.to_string()),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        // A service that sends mail answers a taken address like any other and writes to its owner.
        Self::Room(error.kind(), error.to_string())
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::SessionEnded => Self::LoggedOut,
            other => Self::Room(other.kind(), other.to_string()),
        }
    }
}

impl From<MalformedId> for Problem {
    fn from(_: MalformedId) -> Self {
        Self::Room(Kind::NotFound, String::new())
    }
}

impl From<MultipartError> for Problem {
    fn from(_: MultipartError) -> Self {
        Self::NoUpload
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        const BUSY: &str = "Too many people at once. Please try again in a moment.";
        const BROKEN: &str = "Something is wrong on our side. It has been recorded.";
        let (status, said) = match self {
            Self::LoggedOut => return Redirect::to("/").into_response(),
            Self::NotRight => (StatusCode::UNAUTHORIZED, "The address or the password is not right.".into()),
            Self::Foreign => (StatusCode::FORBIDDEN, "This form was sent from another site.".into()),
            Self::NoUpload => (StatusCode::BAD_REQUEST, "No file was sent.".into()),
            Self::Full => (StatusCode::SERVICE_UNAVAILABLE, BUSY.into()),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, BROKEN.into()),
            Self::Room(kind, said) => match kind {
                Kind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, sentence(&said)),
                Kind::Conflict => (StatusCode::CONFLICT, sentence(&said)),
                Kind::Pending => (StatusCode::ACCEPTED, "This waits for somebody else.".into()),
                Kind::Denied => (StatusCode::FORBIDDEN, "This is not allowed.".into()),
                Kind::NotFound => (StatusCode::NOT_FOUND, "There is nothing here.".into()),
                Kind::Erased => (StatusCode::GONE, "This was erased.".into()),
                Kind::Busy => (StatusCode::SERVICE_UNAVAILABLE, BUSY.into()),
                Kind::Unavailable | Kind::Integrity | Kind::Internal => {
                    // The room's errors hold no value of a customer: they may stand in a log.
                    tracing::error!(kind = kind.name(), error = said, "the room could not do it");
                    (StatusCode::INTERNAL_SERVER_ERROR, BROKEN.into())
                }
            },
        };
        let page = (status, pages::problem(&said));
        match status {
            StatusCode::SERVICE_UNAVAILABLE => ([(RETRY_AFTER, "1")], page).into_response(),
            _ => page.into_response(),
        }
    }
}

/// An error as people write: with a capital and a full stop.
fn sentence(said: &str) -> String {
    let mut chars = said.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}
