//! What a future costs beside the blocking verb that it runs: 16 callers at once read what needs no record, read what is
//! on record, and log in, as threads that block and as tasks on a runtime.
//!
//! `cargo bench --bench awaited`. The two are measured in turns, so that whatever else the machine does falls on both.
#![expect(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![expect(clippy::print_stdout, reason = "the ratio is the result")]
#![expect(clippy::disallowed_methods, reason = "measures the passing of real time")]

mod staged;

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use strongroom::room::{
    Admission, AsyncOwner, AsyncRoom, OwnerSession, Page, Registration, Room, SecretText,
};
use tokio::{runtime::Runtime, sync::Barrier as Gathered};

const CALLERS: usize = 16;
const TURNS: usize = 7;
const EMAIL: &str = "jane@example.com";
const PAGE: Page = Page::first(50);

/// What a caller does, again and again.
#[derive(Debug, Clone, Copy)]
enum Verb {
    /// Leaves no record.
    Tickets,
    /// Leaves one.
    Profile,
    /// Hashes a password, and leaves one.
    Login,
}

struct World {
    room: Room,
    awaited: AsyncRoom,
    runtime: Runtime,
    session: OwnerSession,
    _directory: tempfile::TempDir,
}

/// What was done in a turn.
#[derive(Clone, Default)]
struct Turn {
    is_over: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
}

impl Turn {
    fn goes_on(&self) -> bool {
        self.done.fetch_add(1, Ordering::Relaxed);
        !self.is_over.load(Ordering::Relaxed)
    }

    /// Lets the callers work for so long; how many calls a second that were.
    fn rate(&self, span: Duration) -> f64 {
        let began = Instant::now();
        thread::sleep(span);
        let (done, took) = (self.done.load(Ordering::Relaxed), began.elapsed());
        self.is_over.store(true, Ordering::Relaxed);
        f64::from(u32::try_from(done).unwrap()) / took.as_secs_f64()
    }
}

fn password() -> SecretText {
    SecretText::new("violet kettle sings at noon".to_owned())
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let room = staged::room(&directory.path().join("room"));
        let (email, password) = (EMAIL, password());
        room.register(&Registration { email, name: Some("Jane"), password: &password }).unwrap();
        let session = room.login(email, &password).unwrap().complete().unwrap().owner;
        room.owner(&session).open_ticket("Invoice", "Please look.").unwrap();
        let awaited = AsyncRoom::new(room.clone(), Admission::default());
        Self { room, awaited, runtime: Runtime::new().unwrap(), session, _directory: directory }
    }

    fn blocking(&self, verb: Verb, span: Duration) -> f64 {
        let (turn, ready) = (Turn::default(), Barrier::new(CALLERS + 1));
        let call = || match verb {
            Verb::Tickets => drop(self.room.owner(&self.session).tickets(&PAGE).unwrap()),
            Verb::Profile => drop(self.room.owner(&self.session).profile().unwrap()),
            Verb::Login => drop(self.room.login(EMAIL, &password()).unwrap().complete().unwrap()),
        };
        thread::scope(|scope| {
            for _ in 0..CALLERS {
                scope.spawn(|| {
                    ready.wait();
                    call();
                    while turn.goes_on() {
                        call();
                    }
                });
            }
            ready.wait();
            turn.rate(span)
        })
    }

    fn awaited(&self, verb: Verb, span: Duration) -> f64 {
        let (turn, ready) = (Turn::default(), Arc::new(Gathered::new(CALLERS + 1)));
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (room, turn, ready) = (self.awaited.clone(), turn.clone(), ready.clone());
                let token = self.room.login(EMAIL, &password()).unwrap().complete().unwrap().token;
                self.runtime.spawn(async move {
                    let owner = room.owner(room.resume(&token).await.unwrap());
                    ready.wait().await;
                    called(&room, &owner, verb).await;
                    while turn.goes_on() {
                        called(&room, &owner, verb).await;
                    }
                })
            })
            .collect();
        self.runtime.block_on(ready.wait());
        let rate = turn.rate(span);
        callers.into_iter().for_each(|caller| self.runtime.block_on(caller).unwrap());
        rate
    }
}

async fn called(room: &AsyncRoom, owner: &AsyncOwner, verb: Verb) {
    match verb {
        Verb::Tickets => drop(owner.tickets(&PAGE).await.unwrap()),
        Verb::Profile => drop(owner.profile().await.unwrap()),
        Verb::Login => drop(room.login(EMAIL, &password()).await.unwrap().complete().unwrap()),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    *values.get(values.len() / 2).unwrap()
}

fn main() {
    let world = World::new();
    // `cargo test --benches` wants to know whether it runs, not how fast.
    let is_measured = std::env::args().any(|arg| arg == "--bench");
    let (turns, span) = if is_measured { (TURNS, 2000) } else { (1, 20) };
    println!("{CALLERS} callers, blocking calls per second over awaited ones, medians of {turns} turns");
    for verb in [Verb::Tickets, Verb::Profile, Verb::Login] {
        let turn = |_| {
            let span = Duration::from_millis(span);
            world.blocking(verb, span) / world.awaited(verb, span)
        };
        println!(
            "  {:<8} {:5.2}",
            format!("{verb:?}").to_lowercase(),
            median((0..turns).map(turn).collect())
        );
    }
}
