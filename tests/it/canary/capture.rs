//! What the process says: every event and span at TRACE, and every panic.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tracing::{Subscriber, span};
use tracing_subscriber::{
    Layer,
    fmt::{MakeWriter, format::FmtSpan},
    layer::Context,
    prelude::*,
};

/// Bytes that grow.
#[derive(Clone, Default)]
pub struct Tape(Arc<Mutex<Vec<u8>>>);

impl Tape {
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }
}

impl io::Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::write(self, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Tape {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

thread_local! {
    static DONE: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes the name of each span, for the thread that it is of.
struct Verbs;

impl<S: Subscriber> Layer<S> for Verbs {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        DONE.with_borrow_mut(|done| done.insert(attributes.metadata().name()));
    }
}

/// The spans of this thread so far.
pub fn done() -> BTreeSet<&'static str> {
    DONE.with_borrow(Clone::clone)
}

/// The tape of this process. The subscriber and the hook are the process's own, because a room has threads of its own;
/// what other tests say is on it too and holds no mark.
pub fn tape() -> &'static Tape {
    static TAPE: OnceLock<Tape> = OnceLock::new();
    TAPE.get_or_init(|| {
        let tape = Tape::default();
        let told = tracing_subscriber::fmt::layer()
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(tape.clone());
        let subscriber = tracing_subscriber::registry().with(told).with(Verbs);
        tracing::subscriber::set_global_default(subscriber).unwrap();
        let (panics, earlier) = (tape.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| {
            panics.write(format!("panic: {panic} {panic:?}\n").as_bytes());
            earlier(panic);
        }));
        tape
    })
}
