//! What the erasure of one account takes: fifty tickets, a hundred attachments of 64 KiB, a profile and a credential; from
//! the request to the receipt, every step durable.
//!
//! `cargo bench --bench erasure`. Beside it stands the same without tickets, and how long the accounts took to fill.
#![expect(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![expect(clippy::panic, reason = "a measurement that fails shall stop")]
#![expect(clippy::print_stdout, reason = "the times are the result")]
#![expect(clippy::disallowed_methods, reason = "measures the passing of real time")]

mod staged;

use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion};
use strongroom::room::{AccountId, CaseRef, Purpose, Registration, Room, SecretText, Staff, Why};

const TICKETS: usize = 50;
const ATTACHMENTS_EACH: usize = 2;
/// Runs of which the median counts.
const RUNS: usize = 11;
static CONTENT: [u8; 64 * 1024] = [7; 64 * 1024];

fn main() {
    let is_measured = std::env::args().any(|arg| arg == "--bench");
    let (tickets, runs) = if is_measured { (TICKETS, RUNS) } else { (2, 1) };
    let directory = tempfile::tempdir().unwrap();
    let stage = Stage::new(staged::room(&directory.path().join("room")));
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("erasure");
    for (name, tickets) in [("an account", 0), ("with fifty tickets", tickets)] {
        let filled = || stage.filled(tickets);
        group.bench_function(name, |bench| {
            bench.iter_batched(filled, |ask| stage.erase(&ask), BatchSize::PerIteration);
        });
    }
    group.finish();
    criterion.final_summary();
    for tickets in [0, tickets] {
        let mut times: Vec<_> =
            (0..runs).map(|_| stage.filled(tickets)).map(|ask| stage.erase(&ask)).collect();
        times.sort();
        let files = tickets * ATTACHMENTS_EACH;
        println!(
            "{tickets} tickets, {files} attachments: {:.1?} (median of {runs})",
            times.get(runs / 2).unwrap()
        );
    }
}

struct Stage {
    room: Room,
    priya: Staff,
}

/// A closed account, and the case by which it is to be erased.
struct Asked {
    account: AccountId,
    why: Why,
}

impl Stage {
    fn new(room: Room) -> Self {
        let priya = room.staff(&room.assume("priya").unwrap().token);
        Self { room, priya }
    }

    fn filled(&self, tickets: usize) -> Asked {
        let password = SecretText::new("violet kettle sings at noon".to_owned());
        let registration =
            Registration { email: "jane.doe@example.com", name: Some("Jane Doe"), password: &password };
        let account = self.room.register(&registration).unwrap().account;
        let Some(granted) = self.room.login(registration.email, &password).unwrap().complete() else {
            panic!("the right password was denied")
        };
        let owner = self.room.owner(&granted.owner);
        for number in 0..tickets {
            let ticket = owner.open_ticket(&format!("Ticket {number}"), "Please look at it.").unwrap().ticket;
            for _ in 0..ATTACHMENTS_EACH {
                owner.attach(ticket, "scan.png", "image/png", &CONTENT[..]).unwrap();
            }
        }
        let why = Why::purpose(Purpose::DataSubjectRequest);
        let case = self.priya.open_case(Some(account), &why).unwrap();
        let why = why.case(CaseRef::Case(case));
        self.priya.close_account(account, &why).unwrap();
        Asked { account, why }
    }

    fn erase(&self, ask: &Asked) -> Duration {
        let start = Instant::now();
        drop(self.priya.erase_account(ask.account, &ask.why).unwrap());
        start.elapsed()
    }
}
