//! A room with a million accounts: how fast they are imported, how long it takes to open, and how long to find whose a
//! login name is, against the two statements alone with the same settings; and how long a room with very many open
//! tickets takes to open, against reading their rows.
//!
//! The first of the accounts are imported, and those are looked for; the others are rows as long and as scattered, written
//! past the room.
//!
//! `cargo bench --bench accounts`. `STRONGROOM_BENCH_ACCOUNTS` sets another number of accounts; a room that is already
//! there in `STRONGROOM_BENCH_ROOM` is used again. Without `--bench` it is a small run that shows that it works.
#![expect(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![expect(clippy::print_stdout, reason = "the ratios are the result")]
#![expect(clippy::disallowed_methods, reason = "measures the passing of real time")]

mod bare;
mod filler;
#[path = "../staged/mod.rs"]
mod staged;
mod tickets;

use std::{
    env,
    hint::black_box,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bare::Bare;
use criterion::Criterion;
use strongroom::room::{ImportOptions, Room, RoomOptions};

/// Turns of which the median counts, and lookups in each.
const TURNS: usize = 11;
const LOOKUPS: u64 = 20_000;
/// Accounts that are imported, at most.
const IMPORTED_MAX: u64 = 50_000;

fn main() {
    let is_measured = env::args().any(|arg| arg == "--bench");
    let accounts = env::var_os("STRONGROOM_BENCH_ACCOUNTS");
    let accounts = accounts.map(|text| text.into_string().unwrap().parse().unwrap());
    let accounts = accounts.unwrap_or(if is_measured { 1_000_000 } else { 1_000 });
    let scratch = tempfile::tempdir().unwrap();
    let kept = env::var_os("STRONGROOM_BENCH_ROOM").map(PathBuf::from);
    let directory = kept.unwrap_or_else(|| scratch.path().join("room"));
    if !directory.exists() {
        import(&directory, accounts.min(IMPORTED_MAX));
        filler::fill(&directory, accounts);
    }
    open(&directory, accounts);
    find(&directory, accounts);
    let directory = scratch.path().join("tickets");
    tickets::room(&directory);
    tickets::measure(&directory, if is_measured { 100_000 } else { 200 });
}

fn address(number: u64) -> String {
    format!("jane.doe.{number}@example.com")
}

/// A file of JSON lines, as it is read.
struct Lines {
    next: u64,
    end: u64,
    line: std::io::Cursor<Vec<u8>>,
}

/// What another system kept: bcrypt of cost 10.
const RECORD: &str = "$2b$10$abcdefghijklmnopqrstuuXVlMZGOJzWzXmVyXqWNnZ6xXk1eQx1G";

impl Read for Lines {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.line.read(out)?;
        if read > 0 || self.next == self.end {
            return Ok(read);
        }
        let (email, n) = (address(self.next), self.next);
        let line = format!(
            "{{\"identifier\":\"{email}\",\"name\":\"Jane Doe {n}\",\"password_record\":\"{RECORD}\"}}\n"
        );
        self.next += 1;
        self.line = std::io::Cursor::new(line.into_bytes());
        self.line.read(out)
    }
}

fn import(directory: &Path, accounts: u64) {
    let room = staged::room(directory);
    let lines = Lines { next: 0, end: accounts, line: std::io::Cursor::default() };
    let refused = |refused: &strongroom::room::LineRefused<'_>| panic_on(refused.line);
    let start = Instant::now();
    let report =
        room.import_accounts(BufReader::new(lines), ImportOptions::default(), refused, |_| ()).unwrap();
    let took = start.elapsed();
    assert_eq!(report.accepted, accounts);
    let rate = f64::from(u32::try_from(accounts).unwrap()) / took.as_secs_f64();
    println!("import: {accounts} accounts in {took:.1?}: {rate:.0} a second");
}

fn panic_on(line: u64) -> std::io::Result<()> {
    Err(std::io::Error::other(format!("line {line} was refused")))
}

fn opened(directory: &Path) -> Room {
    RoomOptions::new(directory, "bench").open().unwrap()
}

fn open(directory: &Path, accounts: u64) {
    let mut times: Vec<_> = (0..TURNS).map(|_| time(|| opened(directory))).collect();
    times.sort();
    println!("opening with {accounts}: {:.1?} (median of {TURNS})", times.get(TURNS / 2).unwrap());
}

fn find(directory: &Path, accounts: u64) {
    let room = opened(directory);
    let bare = Bare::open(directory);
    // A generator of numbers (Knuth's), so that both sides jump about alike.
    let mut state = 1_u64;
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % accounts.min(IMPORTED_MAX)
    };
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("identifier to account");
    group
        .bench_function("Room::find", |bench| bench.iter(|| room.find(&address(number())).unwrap().unwrap()));
    group.bench_function("two statements", |bench| bench.iter(|| bare.find(number())));
    group.finish();
    criterion.final_summary();
    let turns = (0..TURNS).map(|_| {
        let ours = time(|| (0..LOOKUPS).all(|_| room.find(&address(number())).unwrap().is_some()));
        let theirs = time(|| (0..LOOKUPS).all(|_| bare.find(number()) != [0; 16]));
        (ours, theirs)
    });
    let mut turns: Vec<_> = turns.collect();
    let ratio = |(ours, theirs): &(Duration, Duration)| ours.as_secs_f64() / theirs.as_secs_f64();
    turns.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let median = turns.get(TURNS / 2).unwrap();
    let each = |all: Duration| all.div_f64(20_000.0);
    println!(
        "find among {accounts}: {:.1?}, the two statements alone {:.1?}: {:.2} times (median of {TURNS} turns)",
        each(median.0),
        each(median.1),
        ratio(median)
    );
}

fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}
