//! A ceremony that was decided beforehand, in a file: for automation.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use strongroom::room::{Appointment, Custody, Role, TeamProfile};

use crate::{failed::Failed, faults, typed};

/// More than any ceremony.
const PLAN_BYTES_MAX: u64 = 64 * 1024;

/// What the file says. An unknown key is refused: a typing error must not weaken a ceremony.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    outside: Option<PathBuf>,
    profile: Option<String>,
    custody: Option<String>,
    person: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    handle: String,
    roles: Vec<String>,
}

/// What a ceremony decides.
pub struct Planned {
    pub outside: Option<PathBuf>,
    pub profile: TeamProfile,
    pub custody: Custody,
    pub appointments: Vec<Appointment>,
}

/// Reads a plan.
///
/// # Errors
/// The file cannot be read, or says something else.
pub fn read(path: &Path) -> Result<Planned, Failed> {
    let not_understood = |why: &str| Failed::usage(format!("the plan is not understood: {why}"));
    let size = std::fs::metadata(path).map_err(|e| faults::file(path, &e))?.len();
    if size > PLAN_BYTES_MAX {
        return Err(not_understood("it is longer than 64 KiB"));
    }
    let text = std::fs::read_to_string(path).map_err(|e| faults::file(path, &e))?;
    let line = |at: usize| text.get(..at).unwrap_or("").matches('\n').count() + 1;
    let plan: Plan = toml::from_str(&text).map_err(|e| {
        let place = e.span().map_or_else(String::new, |span| format!("line {}: ", line(span.start)));
        not_understood(&format!("{place}{}", unquoted(e.message())))
    })?;
    let profile = match plan.profile.as_deref() {
        None => TeamProfile::Small,
        Some(name) => {
            TeamProfile::from_name(name).ok_or_else(|| not_understood("there is no such profile"))?
        }
    };
    let custody = plan.custody.as_deref().map(typed::custody).transpose().map_err(not_understood)?;
    let role = |name: String| Role::from_name(&name).ok_or_else(|| not_understood("there is no such role"));
    let appoint = |person: Person| {
        let roles = person.roles.into_iter().map(role).collect::<Result<_, _>>()?;
        Ok(Appointment { handle: person.handle, roles })
    };
    let appointments = plan.person.into_iter().map(appoint).collect::<Result<_, Failed>>()?;
    Ok(Planned { outside: plan.outside, profile, custody: custody.unwrap_or_default(), appointments })
}

/// What the parser says, without the value that it found: that may be a secret which was written in the wrong place.
fn unquoted(message: &str) -> String {
    let Some((found, expected)) = message.split_once(": ").zip(message.rsplit_once(", expected ")) else {
        return message.to_owned();
    };
    match found {
        (invalid @ ("invalid type" | "invalid value"), _) => format!("{invalid}, expected {}", expected.1),
        _ => message.to_owned(),
    }
}
