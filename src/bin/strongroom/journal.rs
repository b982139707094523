//! What the daemon writes down of its work, for its operator: a line on standard error for each event, and one for each
//! span when it ends. Spans hold ids, counts and what came of it; of what callers typed nothing is among them.

use std::{
    fmt::{Debug, Write as _},
    io::{self, Write as _},
};

use clap::{
    ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde_json::{Map, Value, json};
use strongroom::room::{Clock, Moment};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*, registry::LookupSpan};

use crate::shown;

/// Whose events and spans are written: this program's and its library's. What a dependency says was written by somebody
/// who did not know what may not be said.
const OWN: &str = "strongroom";

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people: the event, then its span's fields
    Text,
    /// One JSON object in each line
    Json,
}

/// A level by its name.
pub fn level() -> impl TypedValueParser<Value = LevelFilter> {
    PossibleValuesParser::new(["off", "error", "warn", "info", "debug", "trace"])
        .try_map(|name| name.parse::<LevelFilter>().map_err(|_| "this is none of them"))
}

/// The daemon's journal.
#[derive(Debug, Clone)]
pub struct Journal {
    form: Form,
    level: LevelFilter,
    /// A manager of services reads it: it notes times itself, and takes a level in front of each line.
    supervised: bool,
    clock: Clock,
}

impl Journal {
    /// Begins to write, from now on and for the whole process.
    pub fn begin(form: Form, level: LevelFilter, supervised: bool, clock: &Clock) -> Self {
        let journal = Self { form, level, supervised, clock: clock.clone() };
        // A second one in one process would be a second daemon: there is none.
        let _ = tracing::subscriber::set_global_default(Registry::default().with(journal.clone()));
        journal
    }

    /// The daemon's own words: nothing of any caller is in them. They are written whatever the level.
    pub fn say(&self, text: &str) {
        match (self.form, self.supervised) {
            (Form::Text, false) => write(text),
            _ => self.line(Level::INFO, text, &[], &Map::new()),
        }
    }

    fn line(&self, level: Level, message: &str, spans: &[String], fields: &Map<String, Value>) {
        let name = level.as_str().to_lowercase();
        if self.form == Form::Json {
            let time = self.clock.now().to_string();
            let mut object = json!({"time": time, "level": name, "message": message, "spans": spans});
            if let Some(object) = object.as_object_mut() {
                object.extend(fields.clone());
            }
            return write(&shown::json(&object));
        }
        let mut text = if self.supervised {
            format!("<{}>", priority(level))
        } else {
            format!("{} {name} ", self.clock.now())
        };
        text.push_str(message);
        for (key, value) in fields {
            // Writing to a `String` does not fail.
            let _ = match value {
                Value::String(value) if !value.contains([' ', '"', '=']) => write!(text, " {key}={value}"),
                value => write!(text, " {key}={value}"),
            };
        }
        write(&shown::line(&text));
    }
}

/// The level as the manager of services has it: `<3>` is an error.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

/// A line in one piece, so that those of other threads do not run into it.
fn write(line: &str) {
    // Nobody reads on: no reason to stop.
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// A span that has not ended.
struct Open {
    began: Moment,
    fields: Map<String, Value>,
}

/// Gathers fields.
struct Gathered<'f>(&'f mut Map<String, Value>);

impl Visit for Gathered<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

/// The spans around something, outermost first, and their fields: an inner one's word is the more exact.
fn around<S: Subscriber + for<'s> LookupSpan<'s>>(
    id: Option<&span::Id>,
    context: &Context<'_, S>,
) -> (Vec<String>, Map<String, Value>) {
    let (mut spans, mut fields) = (Vec::new(), Map::new());
    let scope = id.and_then(|id| context.span_scope(id));
    for span in scope.into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
        spans.push(span.name().to_owned());
        if let Some(open) = span.extensions().get::<Open>() {
            fields.extend(open.fields.clone());
        }
    }
    (spans, fields)
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Journal {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let is_own = metadata.target().split("::").next() == Some(OWN);
        is_own && *metadata.level() <= self.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut open = Open { began: self.clock.moment(), fields: Map::new() };
        attributes.record(&mut Gathered(&mut open.fields));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(open);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(&mut Gathered(&mut open.fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let current = context.lookup_current().map(|span| span.id());
        let (spans, mut fields) = around(current.as_ref(), &context);
        event.record(&mut Gathered(&mut fields));
        let message = match fields.remove("message") {
            Some(Value::String(message)) => message,
            // An error that a verb ends with is an event without words of its own.
            _ => spans.last().map_or_else(String::new, |verb| format!("{verb} failed")),
        };
        self.line(*event.metadata().level(), &message, &spans, &fields);
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let took = span.extensions().get::<Open>().map(|open| self.clock.moment().since(open.began));
        let (spans, mut fields) = around(Some(&id), &context);
        let micros = took.and_then(|took| u64::try_from(took.as_micros()).ok());
        fields.insert("micros".to_owned(), micros.into());
        self.line(*span.metadata().level(), span.name(), &spans, &fields);
    }
}
