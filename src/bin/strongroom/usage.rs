//! What the parser of arguments says, told in this program's way: one line, lower case, what was typed in backquotes.

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{failed::Failed, shown};

/// How parsing ended early.
pub enum Early {
    /// A page that was asked for: help, the version.
    Page(String),
    /// The arguments were not understood.
    Failed(Failed),
}

/// What the parser's error means. `coloured` is for pages alone.
pub fn told(e: &Error, coloured: bool) -> Early {
    match e.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let page = e.render();
            Early::Page(if coloured { page.ansi().to_string() } else { page.to_string() })
        }
        _ => {
            let failed = Failed::usage(message(e));
            Early::Failed(match hint(e) {
                Some(hint) => failed.hint(hint),
                None => failed,
            })
        }
    }
}

fn message(e: &Error) -> String {
    let named = |kind| text(e, kind).unwrap_or_default();
    let argument = named(ContextKind::InvalidArg);
    match e.kind() {
        ErrorKind::UnknownArgument => match argument.split('=').next() {
            Some(name) if name.starts_with('-') => format!("there is no argument `{name}` here"),
            // A word is not repeated: it may be a secret that was not to stand here.
            _ => "there is a word too many here".to_owned(),
        },
        ErrorKind::InvalidSubcommand => match text(e, ContextKind::SuggestedSubcommand) {
            Some(_) => format!("there is no command `{}`", named(ContextKind::InvalidSubcommand)),
            None => "there is no such command".to_owned(),
        },
        ErrorKind::InvalidValue if named(ContextKind::InvalidValue).is_empty() => {
            format!("`{argument}` takes a value")
        }
        ErrorKind::InvalidValue => match text(e, ContextKind::SuggestedValue) {
            Some(_) => format!("`{argument}` does not take `{}`", named(ContextKind::InvalidValue)),
            None => format!("`{argument}` does not take this"),
        },
        // The value is not repeated: it may be a secret in the wrong place.
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(e).map(|why| format!(": {why}")).unwrap_or_default();
            format!("`{argument}` is not understood{why}")
        }
        ErrorKind::TooManyValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::TooFewValues
        | ErrorKind::NoEquals => {
            format!("`{argument}` takes one value")
        }
        ErrorKind::ArgumentConflict => match named(ContextKind::PriorArg) {
            prior if prior.is_empty() || prior == argument => format!("`{argument}` is given twice"),
            prior => format!("`{argument}` and `{prior}` exclude each other"),
        },
        ErrorKind::MissingRequiredArgument if argument.contains(", ") => format!("`{argument}` are missing"),
        ErrorKind::MissingRequiredArgument => format!("`{argument}` is missing"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a command is missing".to_owned()
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".to_owned(),
        _ => "the arguments are not understood".to_owned(),
    }
}

fn hint(e: &Error) -> Option<String> {
    let suggested =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    if let Some(near) = suggested.into_iter().find_map(|kind| text(e, kind)) {
        return Some(format!("did you mean `{near}`?"));
    }
    if let Some(values) = text(e, ContextKind::ValidValue) {
        return Some(format!("it takes one of `{values}`"));
    }
    match (command(e), e.kind()) {
        (Some(command), _) => Some(format!("`{command} --help` tells more")),
        // The message said already what it takes.
        (None, ErrorKind::ValueValidation) => None,
        (None, _) => Some("`--help` tells more".to_owned()),
    }
}

/// The command that the error is about, out of its usage line.
fn command(e: &Error) -> Option<String> {
    let usage = match e.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => return None,
    };
    let words = usage.split_whitespace().skip_while(|word| *word != "strongroom");
    let named = words.take_while(|word| !word.starts_with(['-', '<', '[', '.']));
    let command = named.collect::<Vec<_>>().join(" ");
    (!command.is_empty()).then_some(command)
}

fn text(e: &Error, kind: ContextKind) -> Option<String> {
    match e.get(kind)? {
        ContextValue::String(text) => Some(bare(text)),
        ContextValue::Strings(texts) if !texts.is_empty() => {
            Some(texts.iter().map(|text| bare(text)).collect::<Vec<_>>().join("`, `"))
        }
        ContextValue::StyledStr(text) => Some(text.to_string()),
        _ => None,
    }
}

/// `--room <DIR>` as `--room`; `<TICKET>` as `TICKET`; what was typed is cut where it grows long.
fn bare(text: &str) -> String {
    let word = match text.split_once(" <") {
        Some((option, _)) if option.starts_with('-') => option,
        _ => text.trim_start_matches(['<', '[']).trim_end_matches(['>', ']', '.']),
    };
    shown::cut(word, 60)
}
