//! What the process says: every event and span at TRACE, and every panic.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};

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

/// The tape of this process. The subscriber and the hook are the process's own, because a room has threads of its own;
/// what other tests say is on it too and holds no mark.
pub fn tape() -> &'static Tape {
    static TAPE: OnceLock<Tape> = OnceLock::new();
    TAPE.get_or_init(|| {
        let tape = Tape::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(tape.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        let (panics, earlier) = (tape.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| {
            panics.write(format!("panic: {panic} {panic:?}\n").as_bytes());
            earlier(panic);
        }));
        tape
    })
}
