//! Stand-in for the output of the command line.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use serde_json::Value;

use crate::failed::Failed;

pub struct Output {
    json: bool,
    colours: bool,
    held: Vec<u8>,
}

impl Output {
    pub fn new(json: bool, no_color: bool) -> Self {
        let colours = !no_color && io::stdout().is_terminal();
        Self { json, colours, held: Vec::new() }
    }

    pub fn is_json(&self) -> bool {
        self.json
    }

    pub fn has_colours(&self) -> bool {
        self.colours
    }

    pub fn line(&mut self, line: impl Display) {
        let _ = writeln!(self.held, "{line}");
    }

    pub fn json(&mut self, name: &str, mut value: Value) {
        if let Some(fields) = value.as_object_mut() {
            fields.insert("schema".to_owned(), Value::String(format!("strongroom.{name}/1")));
        }
        self.line(value);
    }

    pub fn flush(&mut self) -> Result<(), Failed> {
        let written = io::stdout().lock().write_all(&self.held);
        self.held.clear();
        written.map_err(|e| Failed::new(e.to_string()))
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
