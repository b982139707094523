//! How the story is told: paragraphs, tables and entries for people, one JSON object a line for programs.

use std::fmt::Display;

use serde_json::{Map, Value, json};
use strongroom::room::LogEntry;

use crate::{failed::Failed, output::Output};

/// The width that paragraphs are wrapped to, characters.
const WIDTH: usize = 96;
/// What stands in front of a refusal or a fault, and of what is sound.
const CROSS: char = '\u{2717}';
const TICK: char = '\u{2713}';

/// The tale of the demonstration.
pub struct Story<'o> {
    out: &'o mut Output,
    scenes: usize,
    name: &'static str,
}

/// The colours of a terminal that the story uses, as SGR parameters.
#[derive(Clone, Copy)]
enum Paint {
    Bold,
    Dim,
    Red,
    Green,
}

impl<'o> Story<'o> {
    /// A story told to `out`.
    pub fn new(out: &'o mut Output) -> Self {
        Self { out, scenes: 0, name: "prologue" }
    }

    /// Begins a scene. Programs know it by its name.
    pub fn scene(&mut self, name: &'static str, title: &str) -> Result<(), Failed> {
        self.scenes += 1;
        self.name = name;
        if self.out.is_json() {
            return self.object("scene", json!({ "title": title }));
        }
        let title = self.paint(Paint::Bold, &format!("{}. {title}", self.scenes));
        self.lines(&["", &title])
    }

    /// A paragraph.
    pub fn say(&mut self, text: &str) -> Result<(), Failed> {
        if self.out.is_json() {
            return self.object("told", json!({ "text": text }));
        }
        self.lines(&[""])?;
        wrapped(text, WIDTH - 2).iter().try_for_each(|line| self.put(&format!("  {line}")))
    }

    /// What somebody saw: values by their names.
    pub fn show(&mut self, values: &[(&str, &str)]) -> Result<(), Failed> {
        if self.out.is_json() {
            let values = values.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
            return self.object("shown", json!({ "values": values.collect::<Map<_, _>>() }));
        }
        let width = widest(values.iter().map(|(name, _)| *name));
        for (name, value) in values {
            for (at, line) in value.lines().enumerate() {
                let label =
                    if at == 0 { self.paint(Paint::Dim, &padded(name, width)) } else { " ".repeat(width) };
                self.put(&format!("    {label}  {line}"))?;
            }
        }
        Ok(())
    }

    /// Rows of values under their names.
    pub fn table<const N: usize>(
        &mut self,
        kind: &str,
        names: [&str; N],
        rows: &[[String; N]],
    ) -> Result<(), Failed> {
        if self.out.is_json() {
            return rows.iter().try_for_each(|row| {
                let pairs = names.iter().zip(row);
                let values = pairs.map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
                self.object(kind, Value::Object(values.collect()))
            });
        }
        let widths = std::array::from_fn(|column| {
            let cell = |row: &[String; N]| row.get(column).map_or(0, |cell| cell.chars().count());
            rows.iter().map(cell).max().unwrap_or_default()
        });
        for row in rows {
            let line = self.row(row.each_ref().map(String::as_str), widths);
            self.put(&format!("    {line}"))?;
        }
        Ok(())
    }

    /// In how many files something was found.
    pub fn searched(&mut self, what: &str, files: usize) -> Result<(), Failed> {
        if self.out.is_json() {
            return self.object("searched", json!({ "what": what, "files": files }));
        }
        let found = if files == 0 { "nowhere".to_owned() } else { format!("in {files}") };
        self.put(&format!("    {what:<32}  {found}"))
    }

    /// What was refused, and in which words.
    pub fn refused(&mut self, what: &str, error: &dyn Display) -> Result<(), Failed> {
        if self.out.is_json() {
            return self.object("refused", json!({ "what": what, "error": error.to_string() }));
        }
        let error = self.paint(Paint::Red, &format!("{CROSS} {error}"));
        self.put(&format!("    {error}"))
    }

    /// A statement to the engine.
    pub fn sql(&mut self, statement: &str) -> Result<(), Failed> {
        if self.out.is_json() {
            return self.object("sql", json!({ "statement": statement }));
        }
        let lines = statement.lines().zip(["sql> "].into_iter().chain(std::iter::repeat("     ")));
        lines.into_iter().try_for_each(|(line, prompt)| self.put(&format!("    {prompt}{line}")))
    }

    /// What a verification found.
    pub fn verified(&mut self, values: Value, text: &str, is_sound: bool) -> Result<(), Failed> {
        if self.out.is_json() {
            return self.object("verified", values);
        }
        let (paint, mark) = if is_sound { (Paint::Green, TICK) } else { (Paint::Red, CROSS) };
        let text = self.paint(paint, &format!("{mark} {text}"));
        self.put(&format!("    {text}"))
    }

    /// The names of what [`Story::entry`] tells.
    pub fn entry_names(&mut self) -> Result<(), Failed> {
        if self.out.is_json() {
            return Ok(());
        }
        let row = entry_row(["#", "time (UTC)", "who", "event", "outcome", "purpose", "rule"]);
        let row = self.paint(Paint::Dim, &row);
        self.lines(&["", &row])
    }

    /// An entry of the log, by somebody of this name.
    pub fn entry(&mut self, entry: &LogEntry, who: &str) -> Result<(), Failed> {
        let LogEntry { line, entry } = entry;
        if self.out.is_json() {
            let values = json!({
                "position": entry.position,
                "time": entry.time.to_string(),
                "who": who,
                "event": entry.what.name(),
                "outcome": entry.outcome.name(),
                "reason": entry.reason,
                "purpose": entry.purpose,
                "rule": entry.rule,
                "line": line,
            });
            return self.object("entry", values);
        }
        let (position, time) = (format!("#{}", entry.position), entry.time.to_string());
        let outcome = entry.outcome.name();
        let paint = match outcome {
            "granted" => Paint::Green,
            "denied" | "failed" => Paint::Red,
            _ => Paint::Dim,
        };
        let row = entry_row([
            &position,
            time.get(11..23).unwrap_or_default(),
            who,
            entry.what.name(),
            outcome,
            entry.purpose.as_deref().unwrap_or("-"),
            &entry.rule.as_deref().map_or_else(|| "-".to_owned(), short_rule),
        ]);
        let row = row.replacen(outcome, &self.paint(paint, outcome), 1);
        self.put(&row)
    }

    /// Commands to type, each behind what it is for.
    pub fn commands(&mut self, commands: &[(&str, String)]) -> Result<(), Failed> {
        if !self.out.is_json() {
            self.put("")?;
        }
        for (what_for, command) in commands {
            if self.out.is_json() {
                self.object("command", json!({ "for": what_for, "command": command }))?;
            } else {
                let what_for = self.paint(Paint::Dim, &format!("# {what_for}"));
                self.lines(&[&format!("    {what_for}"), &format!("    {command}")])?;
            }
        }
        Ok(())
    }

    /// One line of JSON.
    fn object(&mut self, kind: &str, values: Value) -> Result<(), Failed> {
        let mut object = json!({ "scene": self.name, "kind": kind });
        if let (Some(object), Value::Object(values)) = (object.as_object_mut(), values) {
            object.extend(values);
        }
        self.out.json("demo", object);
        self.out.flush()
    }

    /// One line for people, at once.
    fn put(&mut self, line: &str) -> Result<(), Failed> {
        self.out.line(line);
        self.out.flush()
    }

    fn lines(&mut self, lines: &[&str]) -> Result<(), Failed> {
        lines.iter().try_for_each(|line| self.put(line))
    }

    fn row<const N: usize>(&self, cells: [&str; N], widths: [usize; N]) -> String {
        let cells = cells.iter().zip(widths).map(|(cell, width)| padded(cell, width));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }

    fn paint(&self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Bold => 1,
            Paint::Dim => 2,
            Paint::Red => 31,
            Paint::Green => 32,
        };
        if self.out.has_colours() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A rule without the action in its middle, which the event tells, and without what limits it: `support/ticket.assign/x(take)`
/// as `support/x`.
fn short_rule(rule: &str) -> String {
    let parts: Vec<_> = rule.split('/').collect();
    match parts.as_slice() {
        [role, _, cell] => format!("{role}/{}", cell.split('(').next().unwrap_or(cell)),
        _ => rule.to_owned(),
    }
}

fn entry_row(cells: [&str; 7]) -> String {
    let [position, time, who, event, outcome, purpose, rule] = cells;
    let row =
        format!("    {position:<5}{time:<12}  {who:<6}  {event:<24}  {outcome:<7}  {purpose:<15}  {rule}");
    row.trim_end().to_owned()
}

fn padded(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or_default()
}

/// The lines of a paragraph, none longer than `width` characters if its words are not.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
