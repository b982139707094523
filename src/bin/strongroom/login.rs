//! `login` and `logout`: a customer's session.

use clap::Args;
use serde_json::json;
use strongroom::room::{Answer, Kind, LoginError, StaffLoginError};

use crate::{
    actor::session,
    call::Call,
    failed::Failed,
    output::Output,
    secret::PasswordFrom,
    session::{Holder, Session},
    shown,
};

/// A customer's login.
#[derive(Args)]
pub struct Login {
    /// The e-mail address
    address: String,
    #[command(flatten)]
    password: PasswordFrom,
}

impl Login {
    /// Begins a session and keeps its token in the session file.
    ///
    /// # Errors
    /// The login is denied, or a session is kept there already.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let file = call.session_file(&room)?;
        file.is_free(call.clock().now())?;
        let password = self.password.read()?;
        let Answer::Granted(granted) = room.login(&self.address, &password)? else {
            return Err(Failed::of(Kind::Denied, "the login was denied"));
        };
        let (account, expires) = (granted.owner.account(), granted.owner.expires());
        file.write(&Session { holder: Holder::Customer, expires, token: granted.token })?;
        let value = json!({
            "account": account.to_string(),
            "expires": expires.to_string(),
            "session_file": file.path().to_string_lossy(),
        });
        let path = shown::line(&file.path().to_string_lossy());
        let until = shown::time(expires);
        out.result(
            "login",
            value,
            format_args!("logged in as account {account} until {until}, session in {path}"),
        );
        Ok(())
    }
}

/// Ends the session at hand.
///
/// # Errors
/// There is none of this holder, or the room could not do it.
pub fn logout(call: &Call, holder: Holder, out: &mut Output) -> Result<(), Failed> {
    let room = call.room()?;
    let file = call.session_file(&room)?;
    let kept = session(call, &room)?;
    if kept.holder != holder {
        let hint = format!("end it with `strongroom {}`", kept.holder.commands().1);
        return Err(Failed::new(format!("the session is of {}", kept.holder.noun())).hint(hint));
    }
    let ended = match holder {
        Holder::Customer => match room.logout(&kept.token) {
            Err(LoginError::NoSession) => false,
            other => other.map(|()| true)?,
        },
        Holder::Staff => match room.staff(&kept.token).logout() {
            Err(StaffLoginError::Denied) => false,
            other => other.map(|()| true)?,
        },
    };
    file.remove()?;
    if !ended {
        out.note("the session had ended before");
    }
    out.result("logout", json!({"ended": ended}), "logged out");
    Ok(())
}
