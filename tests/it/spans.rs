//! What the library tells whoever listens to its spans: each verb has one, with the id under which the log has it, the
//! caller's own, and what came of it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use strongroom::room::{Answer, Origin, Purpose, TraceId, Why};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*, registry::LookupSpan};

use crate::{
    source,
    world::{JANE, PASSWORD, World, secret},
};

/// Steps of other verbs, one for each value that they show: they have no call of their own.
const STEPS: [&str; 3] = ["Room::account_seals", "Room::open", "Room::open_masked"];

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A span or an event: its name, and all that was ever said in each of its fields.
#[derive(Clone, Default)]
pub struct Told {
    pub name: String,
    pub fields: BTreeMap<String, Vec<String>>,
}

impl Told {
    /// What was said in a field.
    pub fn said(&self, field: &str) -> &[String] {
        self.fields.get(field).map_or(&[], Vec::as_slice)
    }
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.entry(field.name().to_owned()).or_default().push(format!("{value:?}"));
    }
}

/// Everything that was told to one listener.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<BTreeMap<u64, Told>>>);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, _: Context<'_, S>) {
        let mut told = Told { name: attributes.metadata().name().to_owned(), ..Told::default() };
        attributes.record(&mut told);
        self.0.lock().unwrap().insert(id.into_u64(), told);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        values.record(self.0.lock().unwrap().get_mut(&id.into_u64()).unwrap());
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        // An event's fields are its span's here: which of them said it is asked by no test.
        if let Some(span) = context.lookup_current() {
            event.record(self.0.lock().unwrap().get_mut(&span.id().into_u64()).unwrap());
        }
    }

    fn on_close(&self, id: span::Id, _: Context<'_, S>) {
        // The next span may have its number.
        let mut spans = self.0.lock().unwrap();
        if let Some(told) = spans.remove(&id.into_u64()) {
            let free = spans.keys().next_back().map_or(1 << 63, |last| (last + 1).max(1 << 63));
            spans.insert(free, told);
        }
    }
}

/// Does something, and listens meanwhile: its value, and the spans in which it was done.
pub fn heard<T>(run: impl FnOnce() -> T) -> (T, Vec<Told>) {
    let listener = Listener::default();
    let value = tracing::subscriber::with_default(Registry::default().with(listener.clone()), run);
    let spans = listener.0.lock().unwrap().values().cloned().collect();
    (value, spans)
}

/// The name of a verb's span.
pub fn name(verb: &str) -> String {
    verb.replace("RoomOptions", "options").replace("::", ".").to_lowercase()
}

fn named<'t>(spans: &'t [Told], name: &str) -> &'t Told {
    spans.iter().find(|told| told.name == name).unwrap_or_else(|| panic!("no span `{name}`"))
}

/// Public verbs that may fail, without the line that gives them their span; the line as the formatter writes it, on one
/// line or on several.
fn without_span(text: &str) -> Vec<String> {
    let (mut holder, mut missing, mut above) = ("", Vec::new(), String::new());
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if let Some(rest) = line.strip_prefix("impl ") {
            let name = rest.split([' ', '<']).next().unwrap();
            holder = if ["Room", "RoomOptions", "Owner", "Staff"].contains(&name) { name } else { "" };
        }
        if let Some(rest) = line.strip_prefix("    pub fn ").filter(|_| !holder.is_empty()) {
            let end = lines[at..].iter().position(|line| line.ends_with('{')).unwrap();
            let verb = format!("{holder}::{}", rest.split(['(', '<']).next().unwrap());
            let span = format!(
                "#[instrument(name = \"{}\", skip_all, err(level = \"info\"), fields(trace, request, outcome))]",
                name(&verb)
            );
            let written = above.replace("( ", "(").replace(" )", ")");
            let may_fail = lines[at..=at + end].concat().contains("-> Result<");
            if may_fail && !STEPS.contains(&verb.as_str()) && !written.contains(&span) {
                missing.push(verb);
            }
        }
        if line.trim_start().starts_with("///") || line.ends_with('}') || line.is_empty() {
            above.clear();
        } else {
            above.push_str(line.trim());
            above.push(' ');
        }
    }
    missing
}

#[test]
fn every_verb_that_can_fail_has_a_span_of_its_name() {
    let paths = source::files("src/room").into_iter().filter(|path| path.ends_with(".rs"));
    let missing: Vec<_> = paths.flat_map(|path| without_span(&source::read(&path))).collect();
    assert_eq!(missing, [""; 0]);
    let other = "impl Staff {\n    /// Text.\n    pub fn ticket(&self) -> Result<A, B> {\n    }\n\n    pub fn id(&self) -> u8 {\n    }\n}";
    assert_eq!(without_span(other), ["Staff::ticket"]);
}

#[test]
fn a_span_has_the_ids_of_its_entry_and_what_came_of_it() {
    let world = World::demo();
    let jane = world.customer(JANE).account();
    let room = world.room.from(&Origin::new().trace(TraceId::parse(TRACE).unwrap()));
    let login = room.assume("sam").unwrap();
    let sam = room.staff(&login.token);
    let why = Why::purpose(Purpose::SupportRequest);
    let (_, spans) = heard(|| drop(sam.account(jane, &why).unwrap()));
    let granted = named(&spans, "staff.account");
    assert_eq!(granted.said("trace"), [TRACE]);
    assert_eq!(granted.said("outcome"), ["granted", "\"granted\""], "in the span, and with its entry");
    assert_eq!(
        (granted.said("event"), granted.said("objects")),
        (&["\"account.read\"".to_owned()][..], &["1".to_owned()][..])
    );

    let (refused, spans) = heard(|| sam.reveal_email(jane, &why).err().unwrap());
    let denied = named(&spans, "staff.reveal_email");
    assert_eq!(denied.said("request"), [refused.request_id().unwrap().to_string()]);
    assert_eq!(denied.said("outcome")[0], "denied");
    assert_eq!(denied.said("error"), [refused.to_string()]);
}

#[test]
fn a_customers_span_has_his_trace_and_nothing_of_him() {
    let world = World::demo();
    world.customer(JANE);
    let room = world.room.from(&Origin::new().trace(TraceId::parse(TRACE).unwrap()).at("203.0.113.7"));
    let (answer, spans) = heard(|| room.login(JANE, &secret("not her password at all")).unwrap());
    assert!(matches!(answer, Answer::Denied));
    let failed = named(&spans, "room.login");
    assert_eq!(
        (failed.said("trace"), failed.said("outcome")),
        (&[TRACE.to_owned()][..], &["login_failed".to_owned()][..])
    );
    let (answer, spans) = heard(|| room.login(JANE, &secret(PASSWORD)).unwrap());
    assert_eq!(named(&spans, "room.login").said("outcome"), ["login"]);
    let owner = answer.complete().unwrap().owner;
    let (_, spans) = heard(|| drop(room.owner(&owner).profile().unwrap()));
    assert_eq!(named(&spans, "owner.profile").said("outcome"), ["read"]);
    for told in spans {
        let said = told.fields.values().flatten().cloned().collect::<String>();
        assert!(!said.contains("jane") && !said.contains("203.0.113"), "{said}");
    }
}

/// Where the room's spans are switched off, a program's own span with a field of the same name keeps what the program
/// said in it.
#[test]
fn the_span_of_whoever_calls_is_left_alone() {
    let world = World::demo();
    let jane = world.customer(JANE).account();
    let sam = world.staff("sam");
    let listener = Listener::default();
    let own = tracing_subscriber::filter::filter_fn(|metadata| !metadata.target().starts_with("strongroom"));
    let subscriber = Registry::default().with(listener.clone().with_filter(own));
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("http", request = "7", outcome = tracing::field::Empty);
        let _entered = span.enter();
        drop(sam.account(jane, &Why::purpose(Purpose::SupportRequest)).unwrap());
    });
    let spans: Vec<_> = listener.0.lock().unwrap().values().cloned().collect();
    assert_eq!(spans.iter().map(|told| told.name.as_str()).collect::<Vec<_>>(), ["http"]);
    assert_eq!((spans[0].said("request"), spans[0].said("outcome")), (&["\"7\"".to_owned()][..], &[][..]));
}
