//! Takes webhooks from the outbox to their receiver: one after the other, in the daemon by a thread of its own, or once.

use std::{
    io,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use strongroom::room::{Failure, Room};

use crate::webhook::Sender;

/// For how long a webhook is this process's: more than its request can take.
const LEASE: Duration = Duration::from_secs(60);
/// Between two looks into an outbox in which nothing was due.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two tries while the receiver takes nothing; it doubles up to [`PAUSE_MAX`].
const PAUSE_FAILED: Duration = Duration::from_secs(2);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What came of one step.
pub enum Step {
    /// Nothing was due.
    Idle,
    /// One was delivered.
    Delivered,
    /// One was not, and why.
    Failed(String),
}

/// Delivers the next webhook that is due.
///
/// # Errors
/// The room could not say which, or keep what came of it.
pub fn step(room: &Room, sender: &Sender) -> Result<Step, Failure> {
    let Some(event) = room.next_webhook(LEASE)? else { return Ok(Step::Idle) };
    match sender.send(&event) {
        Ok(()) => {
            // If somebody else has it by now, it comes twice: its id says so.
            room.webhook_delivered(&event)?;
            Ok(Step::Delivered)
        }
        Err(undelivered) => {
            room.webhook_failed(&event, undelivered.retry)?;
            Ok(Step::Failed(undelivered.why))
        }
    }
}

/// The thread of a daemon that delivers.
pub struct Courier {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Courier {
    /// Begins to deliver. `say` is told when the receiver takes nothing, and when it takes them again.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn begin(room: Room, sender: Sender, say: impl Fn(&str) + Send + 'static) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let deliver = move || deliver(&room, &sender, &stopped, &say);
        let thread = thread::Builder::new().name("strongroom-webhooks".to_owned()).spawn(deliver)?;
        Ok(Self { stop, thread })
    }

    /// Stops once what is on its way has arrived, or its time is over.
    pub fn stop(self) {
        drop(self.stop);
        // It ends by itself; what it was at is in the outbox still.
        let _ = self.thread.join();
    }
}

fn deliver(room: &Room, sender: &Sender, stopped: &mpsc::Receiver<()>, say: &dyn Fn(&str)) {
    let mut pause_failed = PAUSE_FAILED;
    let mut failing = false;
    loop {
        let pause = match step(room, sender) {
            Ok(Step::Delivered) => {
                if failing {
                    say("webhooks are delivered again");
                }
                (failing, pause_failed) = (false, PAUSE_FAILED);
                Duration::ZERO
            }
            Ok(Step::Idle) => PAUSE,
            Ok(Step::Failed(why)) => {
                if !failing {
                    say(&format!("webhooks are not delivered: {why}"));
                }
                failing = true;
                let pause = pause_failed;
                pause_failed = (pause * 2).min(PAUSE_MAX);
                pause
            }
            // The room says elsewhere what is wrong with it.
            Err(_) => PAUSE_MAX,
        };
        match stopped.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
