//! What can be typed with every command.

use std::{ffi::OsString, path::PathBuf};

use clap::Args;
use strongroom::room::{CaseRef, Purpose};

use crate::typed;

/// Arguments that stand before or after the command.
#[derive(Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Globals {
    /// The room's directory; without it the current one
    #[arg(long, global = true, value_name = "DIR")]
    pub room: Option<PathBuf>,
    /// Reach the room through this socket, or at `ssh:HOST`; without it, where its files cannot be read, through
    /// `STRONGROOM_SOCKET` or `/run/strongroom/socket`
    #[arg(long, global = true, value_name = "PATH")]
    pub socket: Option<String>,
    /// Write one JSON object for programs, times in UTC
    #[arg(long, global = true)]
    pub json: bool,
    /// No notes and no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// No colours; also when the variable `NO_COLOR` is set
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Keep the session in this file, or find it there
    #[arg(long, global = true, value_name = "FILE")]
    pub session: Option<PathBuf>,
    /// Act as this member of staff without a password: in a demonstration room alone
    #[arg(long = "as", global = true, value_name = "NAME", conflicts_with = "session")]
    pub acting: Option<String>,
    /// Why staff do this
    #[arg(long, global = true, value_name = "NAME", value_parser = typed::purpose(), hide_possible_values = true)]
    pub purpose: Option<Purpose>,
    /// By which case staff do this: `ticket:ID` or `case:ID`
    #[arg(long, global = true, value_name = "CASE", value_parser = typed::case)]
    pub case: Option<CaseRef>,
    /// The same in words, kept sealed beside the entry
    #[arg(long, global = true, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// The arguments that may stand on either side of the command: given on both, the parser would silently take the
/// second.
const NAMES: [&str; 10] = [
    "--room",
    "--socket",
    "--json",
    "--quiet",
    "--no-color",
    "--session",
    "--as",
    "--purpose",
    "--case",
    "--reason",
];

/// One of them that was typed twice.
pub fn twice(typed: impl IntoIterator<Item = OsString>) -> Option<&'static str> {
    let typed: Vec<_> = typed.into_iter().take_while(|word| word != "--").collect();
    let is = |word: &OsString, name: &str| {
        let rest = word.as_encoded_bytes().strip_prefix(name.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"="))
    };
    NAMES.into_iter().find(|name| typed.iter().filter(|word| is(word, name)).count() > 1)
}

#[cfg(test)]
mod tests {
    use super::twice;

    #[test]
    fn an_argument_on_both_sides_is_found() {
        let typed = |line: &str| twice(line.split(' ').map(Into::into));
        assert_eq!(typed("--room a ticket list --room=b"), Some("--room"));
        assert_eq!(typed("--json audit log --json"), Some("--json"));
        assert_eq!(typed("--room a ticket list --rooms b"), None);
        assert_eq!(typed("--room a ticket list -- --room"), None);
    }
}
