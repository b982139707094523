//! Stand-in for how a command ends.

use strongroom::room::{
    EnrolError, Failure, InitError, LoginError, OpenRoomError, RegisterError, StaffError, StaffLoginError,
    WriteError,
};

pub struct Failed {
    pub text: String,
    pub hint: Option<String>,
}

impl Failed {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), hint: None }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

macro_rules! as_it_says {
    ($($error:ty),+) => {$(
        impl From<$error> for Failed {
            fn from(e: $error) -> Self {
                Self::new(e.to_string())
            }
        }
    )+};
}

as_it_says!(
    EnrolError,
    Failure,
    InitError,
    LoginError,
    RegisterError,
    StaffLoginError,
    OpenRoomError,
    WriteError,
    StaffError
);
