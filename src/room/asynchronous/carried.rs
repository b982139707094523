//! What a verb is given, as it goes to a thread that may outlive whoever asked.

use crate::{
    base::{Id, Kind, SecretText, Time},
    room::{accounts::Registration, challenges::Proof, cursor::Page},
};

/// Something that a verb borrows, of which a copy goes with it. Secrets are wiped wherever a copy ends.
pub(super) trait Carried {
    type Own: Send + 'static;

    fn carried(self) -> Self::Own;
}

impl Carried for &str {
    type Own = String;

    fn carried(self) -> String {
        self.to_owned()
    }
}

impl Carried for Option<&str> {
    type Own = Option<String>;

    fn carried(self) -> Option<String> {
        self.map(str::to_owned)
    }
}

impl Carried for &[&str] {
    type Own = Vec<String>;

    fn carried(self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

impl Carried for &SecretText {
    type Own = SecretText;

    fn carried(self) -> SecretText {
        SecretText::new(self.expose().to_owned())
    }
}

impl Carried for &Page {
    type Own = Page;

    fn carried(self) -> Page {
        *self
    }
}

impl<K: Kind + Send + 'static> Carried for Id<K> {
    type Own = Self;

    fn carried(self) -> Self {
        self
    }
}

impl Carried for Time {
    type Own = Self;

    fn carried(self) -> Self {
        self
    }
}

/// [`Registration`], with what it borrows.
pub(super) struct OwnRegistration {
    email: String,
    name: Option<String>,
    password: SecretText,
}

impl Carried for &Registration<'_> {
    type Own = OwnRegistration;

    fn carried(self) -> OwnRegistration {
        OwnRegistration {
            email: self.email.carried(),
            name: self.name.carried(),
            password: self.password.carried(),
        }
    }
}

impl OwnRegistration {
    pub(super) fn lent(&self) -> Registration<'_> {
        Registration { email: &self.email, name: self.name.as_deref(), password: &self.password }
    }
}

/// [`Proof`], with what it borrows.
pub(super) enum OwnProof {
    Code { handle: SecretText, code: SecretText },
    Link(SecretText),
}

impl Carried for &Proof<'_> {
    type Own = OwnProof;

    fn carried(self) -> OwnProof {
        match self {
            Proof::Code { handle, code } => OwnProof::Code { handle: handle.carried(), code: code.carried() },
            Proof::Link(link) => OwnProof::Link(link.carried()),
        }
    }
}

impl OwnProof {
    pub(super) fn lent(&self) -> Proof<'_> {
        match self {
            Self::Code { handle, code } => Proof::Code { handle, code },
            Self::Link(link) => Proof::Link(link),
        }
    }
}

/// Verbs by name: each carries what it is given to [`AsyncRoom::run`](super::AsyncRoom::run), under its load.
macro_rules! verbs {
    ($face:ident as $blocking:literal { $($load:ident $verb:ident($($arg:ident: $type:ty),*) -> $value:ty, $error:ty, $call:expr;)* }) => {
        impl $face {
            $(
                #[doc = concat!("[`", $blocking, "::", stringify!($verb), "`](crate::room::", $blocking, "::", stringify!($verb), ").")]
                ///
                /// # Errors
                /// As there; or there is no place, and it was not begun.
                pub async fn $verb(&self $(, $arg: $type)*) -> Result<$value, $error> {
                    $(let $arg = Carried::carried($arg);)*
                    self.run(Load::$load, $call).await
                }
            )*
        }
    };
}
pub(super) use verbs;
