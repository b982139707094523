//! The one way in which this program writes to its outputs.
//!
//! What a command says is held back until it is done, so that a command that fails has written nothing. Errors, notes
//! and warnings go to standard error, everything else to standard output.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{failed::Failed, shown, stream, terminal};

/// Characters of an error's message: a path that somebody typed may be as long as the system lets him type.
const MESSAGE_MAX: usize = 500;

/// How to write.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// One JSON object instead of text.
    pub json: bool,
    /// No notes and no progress.
    pub quiet: bool,
    /// No colour, whatever the terminal can do.
    pub plain: bool,
}

/// Standard output and standard error.
pub struct Output {
    style: Style,
    /// Wiped, because customers' data pass through it.
    held: Zeroizing<Vec<u8>>,
    notes: Vec<u8>,
}

impl Output {
    /// The process's outputs in this style.
    pub fn new(style: Style) -> Self {
        Self { style, held: Zeroizing::default(), notes: Vec::new() }
    }

    /// Whether a program reads it.
    pub const fn is_json(&self) -> bool {
        self.style.json
    }

    /// Whether standard output may be coloured.
    pub fn has_colours(&self) -> bool {
        !self.style.plain && terminal::is_output()
    }

    /// Whether progress may be drawn.
    pub fn draws_progress(&self) -> bool {
        !self.style.quiet && terminal::is_error()
    }

    /// A line for people. The caller has escaped what others wrote, with [`shown::line`].
    pub fn line(&mut self, text: impl Display) {
        // Writing to a `Vec` does not fail.
        let _ = writeln!(self.held, "{text}");
    }

    /// The result for programs: `value`, an object, with its `"schema":"strongroom.NAME/1"`.
    pub fn json(&mut self, name: &str, mut value: Value) {
        if let Some(fields) = value.as_object_mut() {
            fields.insert("schema".to_owned(), Value::String(format!("strongroom.{name}/1")));
        }
        self.line(shown::json(&value));
    }

    /// A result of one line: for programs or for people.
    pub fn result(&mut self, name: &str, value: Value, text: impl Display) {
        if self.is_json() { self.json(name, value) } else { self.line(text) }
    }

    /// Bytes as they are: an attachment's content. They leave at once.
    ///
    /// # Errors
    /// Standard output does not take them.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        stream::output().write_all(bytes).map_err(|e| unwritten(&e))
    }

    /// What is worth knowing and changes nothing: dropped when quiet.
    pub fn note(&mut self, text: impl Display) {
        if !self.style.quiet {
            let _ = writeln!(self.notes, "{} {text}", self.label("note", "36"));
        }
    }

    /// What somebody should look at, and what to do about it.
    pub fn warn(&mut self, text: impl Display, hint: impl Display) {
        let _ = writeln!(self.notes, "{} {text}", self.label("warning", "1;33"));
        let _ = writeln!(self.notes, "{} {hint}", self.label("hint", "36"));
    }

    /// How many card numbers were masked before storing, if any.
    pub fn cards_masked(&mut self, count: usize) {
        if count > 0 {
            let numbers = shown::count(count as u64, "card number was", "card numbers were");
            self.note(format_args!("{numbers} masked before anything was stored"));
        }
    }

    /// Writes what was held back.
    ///
    /// # Errors
    /// An output does not take it. A reader that has gone away is [`Failed::unread`].
    pub fn flush(&mut self) -> Result<(), Failed> {
        let written = write(&mut *stream::error(), &self.notes)
            .and_then(|()| write(&mut *stream::output(), &self.held));
        self.notes.clear();
        self.held = Zeroizing::default();
        written.map_err(|e| unwritten(&e))
    }

    /// Says why the command failed, instead of everything that was held back.
    pub fn fail(&mut self, failed: &Failed) {
        self.held = Zeroizing::default();
        if failed.message().is_empty() {
            return;
        }
        let mut text = Vec::new();
        let _ = if self.is_json() {
            writeln!(text, "{}", shown::json(&failure(failed)))
        } else {
            let message = shown::cut(&shown::line(failed.message()), MESSAGE_MAX);
            let _ = writeln!(text, "{} {message}", self.label("error", "1;31"));
            failed
                .hint_text()
                .map_or(Ok(()), |hint| writeln!(text, "{} {}", self.label("hint", "36"), shown::line(hint)))
        };
        // There is nobody left to tell that standard error is closed.
        let _ = write(&mut *stream::error(), &text);
    }

    fn label(&self, word: &str, colour: &str) -> String {
        if self.style.plain || !terminal::is_error() {
            format!("{word}:")
        } else {
            format!("\u{1b}[{colour}m{word}:\u{1b}[0m")
        }
    }
}

fn failure(failed: &Failed) -> Value {
    json!({
        "schema": "strongroom.error/1",
        "exit": failed.exit() as u8,
        "kind": failed.kind(),
        "message": shown::cut(failed.message(), MESSAGE_MAX),
        "hint": failed.hint_text(),
        "reason": failed.reason_name(),
        "request": failed.request_id().map(|request| request.to_string()),
    })
}

fn write(to: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes).and_then(|()| to.flush())
}

/// A reader that went away has what it wanted: `audit log | head` is no failure.
fn unwritten(e: &io::Error) -> Failed {
    match e.kind() {
        ErrorKind::BrokenPipe => Failed::unread(),
        kind => Failed::new(format!("writing the output failed: {kind}")),
    }
}
