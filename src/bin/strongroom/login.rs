//! `login` and `logout`: a customer's session.

use clap::Args;
use serde_json::json;
use strongroom::room::{Answer, Granted, Kind, LoginError, StaffLoginError, Suspension};

use crate::{
    actor::session,
    call::Call,
    failed::Failed,
    holder::Holder,
    output::Output,
    secret::PasswordFrom,
    session::{Session, SessionFile},
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
        let granted = match room.login(&self.address, &password)? {
            Answer::Granted(Granted::Complete(login)) => login,
            Answer::Suspended(suspension) => return Err(suspended(suspension)),
            Answer::Granted(Granted::SecondFactor(_)) | Answer::Denied => {
                return Err(Failed::of(Kind::Denied, "the login was denied"));
            }
        };
        let (account, expires) = (granted.owner.account(), granted.owner.expires());
        let holder = Holder::Customer(account);
        file.write(&Session { holder, handle: None, work: None, expires, token: granted.token })?;
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

/// Ends a customer's session.
///
/// # Errors
/// There is none at hand, or the room could not do it.
pub fn logout(call: &Call, out: &mut Output) -> Result<(), Failed> {
    let room = call.room()?;
    let kept = session(call, &room)?;
    let Holder::Customer(_) = kept.holder else { return Err(wrong(kept.holder)) };
    let ended = match room.logout(&kept.token) {
        Err(LoginError::NoSession) => false,
        other => other.map(|()| true)?,
    };
    logged_out(&call.session_file(&room)?, ended, out)
}

/// Ends a member of staff's session.
///
/// # Errors
/// There is none at hand, or the room could not do it.
pub fn staff_logout(call: &Call, out: &mut Output) -> Result<(), Failed> {
    let room = call.room_or_held()?;
    let kept = session(call, &room)?;
    let Holder::Staff(_) = kept.holder else { return Err(wrong(kept.holder)) };
    let ended = match room.staff(&kept.token).logout() {
        Err(StaffLoginError::Denied) => false,
        other => other.map(|()| true)?,
    };
    logged_out(&call.session_file(&room)?, ended, out)
}

fn wrong(holder: Holder) -> Failed {
    Failed::new(format!("this is {}", holder.noun()))
        .hint(format!("end it with `strongroom {}`", holder.logout()))
}

fn logged_out(file: &SessionFile, ended: bool, out: &mut Output) -> Result<(), Failed> {
    file.remove()?;
    if !ended {
        out.note("the session had ended before");
    }
    out.result("logout", json!({"ended": ended}), "logged out");
    Ok(())
}

/// What somebody who has the password of a suspended account is told.
fn suspended(suspension: Suspension) -> Failed {
    let until = suspension.until.map_or_else(String::new, |until| format!(" until {}", shown::time(until)));
    Failed::of(Kind::Denied, format!("the account is suspended{until}: {}", suspension.reason))
}
