//! `init`: the ceremony that makes a room.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use strongroom::room::{
    Appointment, Ceremony, Code, Custody, Initialised, Room, RoomKind, TeamProfile, WAIVED_FOR,
};

use crate::{
    call::Call,
    codes::CodesTo,
    custody::{share_lines, share_name},
    failed::Failed,
    faults,
    output::Output,
    plan::{self, Planned},
    shown,
    table::Table,
    typed,
};

/// What the ceremony decides.
#[derive(Args)]
pub struct Init {
    /// Keep the log's checkpoint in this directory: on another device, or another user's
    #[arg(long, value_name = "DIR")]
    outside: Option<PathBuf>,
    /// Appoint a person with first roles, repeated; two access-admins and an auditor at least
    #[arg(long, value_name = "HANDLE=ROLE[,ROLE]", value_parser = typed::appointment, required_unless_present = "plan")]
    appoint: Vec<Appointment>,
    /// How large the team is: the smaller, the more rules are waived, for 180 days, on record
    #[arg(long, value_name = "NAME", value_parser = typed::profile(), default_value = "small")]
    profile: TeamProfile,
    /// Among how many people the way back is shared when nobody administers access any more, and how many it takes
    #[arg(long, value_name = "N-of-M", value_parser = typed::custody, default_value = "2-of-3")]
    custody: Custody,
    /// Read all of this from a file instead: TOML with `outside`, `profile`, `custody`, and a `[[person]]` with `handle`
    /// and `roles` for each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["outside", "appoint", "profile", "custody"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    codes: CodesTo,
}

impl Init {
    /// Makes the room, and prints the record of the ceremony with everybody's one-time code.
    ///
    /// # Errors
    /// The ceremony is incomplete, or the room cannot be made.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let Some(directory) = call.named_directory() else {
            return Err(
                Failed::usage("`--room` is missing").hint("say where to make the room with `--room DIR`")
            );
        };
        let absolute = |path: &Path| std::path::absolute(path).map_err(|e| faults::file(path, &e));
        let directory = absolute(directory)?;
        let Planned { outside, profile, custody, appointments } = match &self.plan {
            Some(path) => plan::read(path)?,
            None => Planned {
                outside: self.outside,
                profile: self.profile,
                custody: self.custody,
                appointments: self.appoint,
            },
        };
        let outside = outside.as_deref().map(absolute).transpose()?;
        let inside = outside.as_deref().is_none_or(|outside| outside.starts_with(&directory));
        let code_file = self.codes.open()?;
        let code_path = code_file.as_ref().map(|file| file.path().to_path_buf());
        let ceremony =
            Ceremony { kind: RoomKind::Real, outside: outside.clone(), appointments, profile, custody };
        let made = Room::init(call.options(), &ceremony)?;
        if let Some(file) = code_file {
            let codes = made.codes.iter().map(|code| (code.handle.clone(), &code.code));
            let shares = made.shares.iter().map(|share| (share_name(share.number, custody), &share.text));
            let lines: Vec<_> = codes.chain(shares).collect();
            file.write(lines.iter().map(|(who, text)| (who.as_str(), *text)))?;
        }
        if inside {
            out.warn(
                "the checkpoint is kept in the room's own directory: who can cut the log can cut it too",
                "make the room with `--outside DIR`, on another device or another user's",
            );
        }
        let record = Record {
            directory: &directory,
            outside: outside.as_deref(),
            ceremony: &ceremony,
            made: &made,
            code_file: code_path,
        };
        record.write(call, out);
        // Codes that nobody could read leave a room that nobody can enter: that is no success, whoever went away.
        out.flush().map_err(|failed| {
            let why = if failed.message().is_empty() { "nobody reads the output" } else { failed.message() };
            Failed::new(format!("the room is made, but its one-time codes are lost: {why}"))
                .hint("remove the room and make it again; `--codes-to FILE` keeps the codes")
        })
    }
}

/// The record of a ceremony: to print, to sign, and to keep apart from the room.
struct Record<'a> {
    directory: &'a Path,
    outside: Option<&'a Path>,
    ceremony: &'a Ceremony,
    made: &'a Initialised,
    code_file: Option<PathBuf>,
}

impl Record<'_> {
    fn write(&self, call: &Call, out: &mut Output) {
        if out.is_json() { self.write_json(call, out) } else { self.write_text(call, out) }
    }

    fn people(&self) -> impl Iterator<Item = (&Appointment, &Code)> {
        self.ceremony.appointments.iter().zip(&self.made.codes)
    }

    /// The code, where it is to be shown.
    fn code<'c>(&self, code: &'c Code) -> Option<&'c str> {
        self.code_file.is_none().then(|| code.code.expose())
    }

    /// The shares, where they are to be shown.
    fn shares(&self) -> Vec<Option<&str>> {
        let is_shown = self.code_file.is_none();
        self.made.shares.iter().map(|share| is_shown.then(|| share.text.expose())).collect()
    }

    /// The rules that are out of force, and until when.
    fn waived(&self, call: &Call) -> String {
        let rules: Vec<_> = self.made.waived.iter().map(|rule| rule.name()).collect();
        if rules.is_empty() {
            return "nothing".to_owned();
        }
        let until = call.clock().now().plus(WAIVED_FOR);
        format!("{}, until {}", rules.join(", "), shown::time(until))
    }

    fn write_json(&self, call: &Call, out: &mut Output) {
        let people = self.people().map(|(person, code)| {
            json!({
                "handle": code.handle,
                "principal": code.principal.to_string(),
                "roles": person.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
                "code": self.code(code),
            })
        });
        let value = json!({
            "room": self.made.room.id().to_string(),
            "directory": self.directory.to_string_lossy(),
            "outside": self.outside.map(Path::to_string_lossy),
            "made": call.clock().now().to_string(),
            "verifier_key": self.made.verifier_key,
            "profile": self.ceremony.profile.name(),
            "waived": self.made.waived.iter().map(|rule| rule.name()).collect::<Vec<_>>(),
            "people": people.collect::<Vec<_>>(),
            "custody": {"needed": self.ceremony.custody.needed, "shares": self.shares()},
            "codes_file": self.code_file.as_deref().map(Path::to_string_lossy),
        });
        out.json("init", value);
    }

    fn write_text(&self, call: &Call, out: &mut Output) {
        let path = |path: &Path| shown::line(&path.to_string_lossy());
        out.line("Record of the ceremony that made a strongroom");
        out.line("");
        out.line(format_args!("  room        {}", self.made.room.id()));
        out.line(format_args!("  directory   {}", path(self.directory)));
        out.line(format_args!(
            "  checkpoint  {}",
            self.outside.map_or_else(|| "in the room's directory".to_owned(), path)
        ));
        out.line(format_args!("  made        {}", shown::time(call.clock().now())));
        out.line(format_args!("  profile     {}", self.ceremony.profile));
        out.line(format_args!("  waived      {}", self.waived(call)));
        out.line("  log's key   for every auditor to pin:");
        out.line(format_args!("              {}", shown::line(&self.made.verifier_key)));
        out.line("");
        let mut table = Table::new(["  handle", "roles", "principal", "one-time code"]);
        for (person, code) in self.people() {
            let roles = person.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
            let shown_code = self.code(code).unwrap_or("in the file").to_owned();
            table.row([format!("  {}", code.handle), roles, code.principal.to_string(), shown_code]);
        }
        out.line(table);
        out.line("");
        if let Some(file) = &self.code_file {
            out.line(format_args!("The codes are in {} and nowhere else.", path(file)));
        } else {
            out.line("The codes are shown this once.");
        }
        out.line("Each works once, within seven days, with `strongroom staff enrol`.");
        out.line("");
        share_lines(&self.made.shares, self.ceremony.custody, self.code_file.is_some(), out);
        out.line("");
        out.line("  witnessed by  ______________________    ______________________");
    }
}
