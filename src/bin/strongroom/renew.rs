//! Logging in again in place: a session that is over, or a factor that was shown too long ago, ends no work at a terminal.

use strongroom::room::Roles;

use crate::{
    call::Call,
    failed::Failed,
    holder::Holder,
    second_factor::{self, FactorFrom},
    secret::PasswordFrom,
    session::Session,
    terminal,
};

/// Refusals that a login lifts.
const LIFTED: [&str; 4] = ["session_ended", "session_expired", "session_idle", "stale_factor"];

/// Whether a command came to nothing because of the login alone. The refusal stands on record; nothing was done.
pub fn would_help(failed: &Failed) -> bool {
    failed.reason_name().is_some_and(|reason| LIFTED.contains(&reason))
}

/// Asks for the password, and the factor, of whoever's session it was, and keeps the new session in place of the old.
/// `false` if there is nobody to ask, or the session is not one that this program began.
///
/// # Errors
/// The login is denied, or there is no place for its session.
pub fn in_place(failed: &Failed, call: &Call) -> Result<bool, Failed> {
    if call.acting().is_some() || !terminal::is_input() {
        return Ok(false);
    }
    let room = call.room()?;
    let file = call.session_file(&room)?;
    let Some(Session { holder: Holder::Staff(_), handle: Some(handle), token, work, .. }) = file.read()?
    else {
        return Ok(false);
    };
    let password = PasswordFrom::again(&handle, failed.message())?;
    // The new one acts in the roles that were named for the old one.
    let named = room.staff(&token).session()?.and_then(|session| session.named);
    let roles: Vec<_> = named.into_iter().flat_map(Roles::iter).collect();
    let login = second_factor::login(&room.in_roles(&roles), &handle, &password, &FactorFrom::terminal())?;
    // The old one ends with it, unless it had ended before.
    let _ended = room.staff(&token).logout();
    file.write(&Session {
        holder: Holder::Staff(login.principal),
        handle: Some(handle),
        // A quarter of an hour without use ends the work; a factor that has to be shown again does not.
        work: work.filter(|_| failed.reason_name() == Some("stale_factor")),
        expires: login.expires,
        token: login.token,
    })?;
    Ok(true)
}
