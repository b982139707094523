//! `staff`: enrol, log in and out, second factors; list, appoint, reenrol, link, disable, give, revoke.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::room::{
    AccountId, Code, DenialReason, GrantId, Kind, PrincipalId, PrincipalKind, Role, Roles,
};

use crate::{
    actor::Actor,
    call::{Call, Takes},
    codes::CodesTo,
    factor::Factor,
    failed::Failed,
    holder::Holder,
    login,
    output::Output,
    paged::Paged,
    second_factor::{self, FactorFrom},
    secret::{CodeFrom, PasswordFrom},
    session::Session,
    shown, staff_page, typed,
};

/// The people who work in a room.
#[derive(Subcommand)]
pub enum Staff {
    /// Set a password by a one-time code
    Enrol(Enrol),
    /// Log in and keep the session's token in a file
    Login(Login),
    /// Say who is logged in, and in which roles
    Whoami,
    /// End the session
    Logout,
    /// List who there is and what they hold
    List(Paged),
    /// Appoint somebody without a role, and issue a one-time code
    Appoint(Appoint),
    /// Issue a one-time code anew; the password, the open codes and the sessions of before end at once
    Reenrol(Reenrol),
    /// Say which customer's account is somebody's own, so that he does not work on it; without one, that none is
    Link {
        /// Whose
        principal: PrincipalId,
        /// Which account
        account: Option<AccountId>,
    },
    /// Disable somebody, from the next request on
    Disable {
        /// Whom
        principal: PrincipalId,
    },
    /// Give a role; this waits for a second person, and the same command gives it once that person has approved
    Give {
        /// To whom
        principal: PrincipalId,
        /// Which role
        #[arg(value_parser = typed::role())]
        role: Role,
        /// For how long, as `8h` or `30d`: a year at most, and for oneself eight hours
        #[arg(long = "for", value_name = "TIME", value_parser = typed::lifetime, default_value = "180d")]
        lifetime: Duration,
    },
    /// Second factors: what is shown beside a password
    #[command(subcommand)]
    Factor(Factor),
    /// Take a role away, from the next request on
    Revoke {
        /// Which grant
        grant: GrantId,
    },
}

/// Setting a password.
#[derive(Args)]
pub struct Enrol {
    #[command(flatten)]
    code: CodeFrom,
    #[command(flatten)]
    password: PasswordFrom,
}

/// A login.
#[derive(Args)]
pub struct Login {
    /// The handle
    handle: String,
    /// Act in this role alone, or in these; without it in all that one has, unless some exclude each other
    #[arg(long = "role", value_name = "ROLE", value_parser = typed::role())]
    roles: Vec<Role>,
    #[command(flatten)]
    password: PasswordFrom,
    #[command(flatten)]
    factor: FactorFrom,
}

/// An appointment.
#[derive(Args)]
pub struct Appoint {
    /// The handle
    handle: String,
    /// A machine, not a person
    #[arg(long)]
    machine: bool,
    #[command(flatten)]
    codes: CodesTo,
}

/// A new code.
#[derive(Args)]
pub struct Reenrol {
    /// For whom
    principal: PrincipalId,
    #[command(flatten)]
    codes: CodesTo,
}

impl Staff {
    /// What it takes of the arguments for every command.
    pub const fn takes(&self) -> Takes {
        match self {
            Self::Enrol(_) => Takes::Nothing,
            Self::Login(_) | Self::Logout => Takes::Session,
            Self::Whoami
            | Self::List(_)
            | Self::Factor(_)
            | Self::Appoint(_)
            | Self::Reenrol(_)
            | Self::Link { .. }
            | Self::Disable { .. }
            | Self::Give { .. }
            | Self::Revoke { .. } => Takes::Actor,
        }
    }

    /// Carries it out.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        match self {
            Self::Enrol(enrol) => enrol.run(call, out),
            Self::Login(login) => login.run(call, out),
            Self::Logout => login::staff_logout(call, out),
            Self::Whoami => whoami(call, out),
            Self::Factor(factor) => factor.run(call, out),
            Self::Appoint(appoint) => appoint.run(call, out),
            Self::Reenrol(reenrol) => reenrol.run(call, out),
            Self::Link { principal, account } => {
                Actor::staff(call, &call.room()?)?.staff.link(principal, account, &call.why())?;
                let id = account.map(|account| account.to_string());
                let told = id.as_ref().map_or_else(
                    || format!("no account is {principal}'s own"),
                    |id| format!("account {id} is {principal}'s own"),
                );
                out.result("staff.link", json!({"principal": principal.to_string(), "account": id}), told);
                Ok(())
            }
            Self::List(paged) => {
                let room = call.room()?;
                let staff = Actor::staff(call, &room)?.staff;
                let people = staff.people(&paged.page(), &call.why())?;
                staff_page::list(people, &room.cautions()?, out);
                Ok(())
            }
            Self::Disable { principal } => {
                Actor::staff(call, &call.room()?)?.staff.disable(principal, &call.why())?;
                let value = json!({"principal": principal.to_string()});
                out.result("staff.disable", value, format_args!("disabled {principal}"));
                Ok(())
            }
            Self::Give { principal, role, lifetime } => {
                let staff = Actor::staff(call, &call.room()?)?.staff;
                let grant = staff.give(principal, role, lifetime, &call.why())?;
                let value = json!({
                    "principal": principal.to_string(),
                    "role": role.name(),
                    "grant": grant.to_string(),
                });
                out.result("staff.give", value, format_args!("gave {role} to {principal}"));
                Ok(())
            }
            Self::Revoke { grant } => {
                Actor::staff(call, &call.room()?)?.staff.revoke(grant, &call.why())?;
                out.result(
                    "staff.revoke",
                    json!({"grant": grant.to_string()}),
                    format_args!("revoked {grant}"),
                );
                Ok(())
            }
        }
    }
}

/// Roles for people.
fn named(roles: Roles) -> String {
    let names: Vec<_> = roles.iter().map(Role::name).collect();
    if names.is_empty() { "no role".to_owned() } else { names.join(", ") }
}

fn whoami(call: &Call, out: &mut Output) -> Result<(), Failed> {
    let staff = Actor::staff(call, &call.room_or_held()?)?.staff;
    let over = |reason: &'static str| {
        let failed = Failed::of(Kind::Denied, "the session is over").reason(reason);
        failed.hint("log in with `strongroom staff login HANDLE`")
    };
    let session = staff.session()?.ok_or_else(|| over(DenialReason::SessionEnded.name()))?;
    if let Some(reason) = session.over {
        return Err(over(reason.name()));
    }
    let value = json!({
        "principal": session.principal.to_string(),
        "roles": session.roles.iter().map(Role::name).collect::<Vec<_>>(),
        "named": session.named.is_some(),
        "expires": session.expires.to_string(),
    });
    let until = shown::time(session.expires);
    let told = format_args!("{} acts in {} until {until}", session.principal, named(session.roles));
    out.result("staff.whoami", value, told);
    Ok(())
}

impl Enrol {
    fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let code = self.code.read()?;
        let principal = room.enrol(&code, &self.password.choose()?)?;
        let value = json!({"principal": principal.to_string()});
        out.result(
            "staff.enrol",
            value,
            format_args!("enrolled {principal}: log in with `strongroom staff login HANDLE`"),
        );
        Ok(())
    }
}

impl Login {
    fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room_or_held()?.in_roles(&self.roles);
        let file = call.session_file(&room)?;
        file.is_free(call.clock().now())?;
        let login = second_factor::login(&room, &self.handle, &self.password.read()?, &self.factor)?;
        file.write(&Session {
            holder: Holder::Staff(login.principal),
            handle: Some(self.handle),
            work: None,
            expires: login.expires,
            token: login.token,
        })?;
        let value = json!({
            "principal": login.principal.to_string(),
            "roles": login.roles.iter().map(Role::name).collect::<Vec<_>>(),
            "expires": login.expires.to_string(),
            "session_file": file.path().to_string_lossy(),
        });
        let (principal, until) = (login.principal, shown::time(login.expires));
        let path = shown::line(&file.path().to_string_lossy());
        let roles = if self.roles.is_empty() { String::new() } else { format!(" in {}", named(login.roles)) };
        out.result(
            "staff.login",
            value,
            format_args!("logged in as {principal}{roles} until {until}, session in {path}"),
        );
        Ok(())
    }
}

impl Appoint {
    fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let staff = Actor::staff(call, &room)?.staff;
        let code_file = self.codes.open()?;
        let in_file = code_file.is_some();
        let kind = if self.machine { PrincipalKind::Machine } else { PrincipalKind::Human };
        let code = staff.appoint(&self.handle, kind, &call.why())?;
        if let Some(file) = code_file {
            file.write([(code.handle.as_str(), &code.code)])?;
        }
        self::appointed(&code, in_file, out);
        Ok(())
    }
}

impl Reenrol {
    fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let room = call.room()?;
        let staff = Actor::staff(call, &room)?.staff;
        let code_file = self.codes.open()?;
        let in_file = code_file.is_some();
        let new = staff.reenrol(self.principal, &call.why())?;
        let principal = new.principal.to_string();
        if let Some(file) = code_file {
            file.write([(principal.as_str(), &new.code)])?;
        }
        let text = (!in_file).then(|| new.code.expose());
        let value = json!({
            "principal": principal,
            "code": text,
            "expires": new.expires.to_string(),
            "sessions_ended": new.sessions,
        });
        let tail = text.map_or_else(String::new, |text| format!("\none-time code, shown this once: {text}"));
        let sessions = shown::count(new.sessions, "session", "sessions");
        let told = format_args!("{principal} enrols anew, {sessions} ended{tail}");
        out.result("staff.reenrol", value, told);
        Ok(())
    }
}

fn appointed(code: &Code, in_file: bool, out: &mut Output) {
    let text = (!in_file).then(|| code.code.expose());
    let value = json!({"handle": code.handle, "principal": code.principal.to_string(), "code": text});
    let tail = text.map_or_else(String::new, |text| format!("\none-time code, shown this once: {text}"));
    let handle = shown::line(&code.handle);
    out.result("staff.appoint", value, format_args!("appointed `{handle}` as {}{tail}", code.principal));
}
