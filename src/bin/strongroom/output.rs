//! Stand-in for the output of the command line.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

pub struct Output {
    json: bool,
    colours: bool,
    stdout: io::Stdout,
}

pub struct Failed {
    text: String,
    hint: Option<String>,
}

impl Failed {
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), hint: None }
    }

    pub fn hint(self, hint: &str) -> Self {
        Self { hint: Some(hint.to_owned()), ..self }
    }
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(e: E) -> Self {
        Self { text: e.to_string(), hint: None }
    }
}

impl Output {
    pub fn new(json: bool, no_color: bool) -> Self {
        let stdout = io::stdout();
        Self { json, colours: !no_color && stdout.is_terminal(), stdout }
    }

    pub fn is_json(&self) -> bool {
        self.json
    }

    pub fn has_colours(&self) -> bool {
        self.colours
    }

    pub fn line(&mut self, line: &str) -> Result<(), Failed> {
        Ok(writeln!(self.stdout, "{line}")?)
    }

    pub fn fail(&self, failed: &Failed) -> ExitCode {
        let mut stderr = io::stderr();
        let _ = writeln!(stderr, "error: {}", failed.text);
        if let Some(hint) = &failed.hint {
            let _ = writeln!(stderr, "hint: {hint}");
        }
        ExitCode::FAILURE
    }
}
