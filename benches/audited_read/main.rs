//! What an audited read costs when it is durable before it is answered: an account's two fields, masked, read by 1,
//! 16 and 64 members of staff at once, against one transaction per record, as one would write it by hand.
//!
//! `cargo bench --bench audited_read`. Criterion reports the times on this machine's own disk; the table at the end
//! reports ratios from runs taken in turns, natively and with 4 ms added to each flush, which is what a disk without
//! a cache of its own takes. The delay comes from the library of the power-cut tests, under which this program runs
//! itself once more; it needs a C compiler.
#![expect(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![expect(clippy::panic, reason = "a measurement that fails shall stop")]
#![expect(clippy::indexing_slicing, reason = "a measurement that fails shall stop")]
#![expect(clippy::print_stdout, reason = "the ratios are the result")]
#![expect(clippy::disallowed_methods, reason = "measures the passing of real time")]

mod by_hand;

use std::{
    path::Path,
    process::Command,
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use by_hand::ByHand;
use criterion::Criterion;
use strongroom::room::{
    AccountId, Appointment, Ceremony, LogPart, Page, Purpose, Registration, Role, Room, RoomKind,
    RoomOptions, SecretText, Staff, TeamProfile, Why,
};

const CALLERS: [usize; 3] = [1, 16, 64];
const ACCOUNTS: usize = 16;
/// Set for the run with slower flushes.
const DELAYED: &str = "STRONGROOM_BENCH_DELAYED";
const DELAY_MS: u32 = 4;
/// Turns of which the median counts, and how long each side's is.
const TURNS: usize = 5;
const TURN: Duration = Duration::from_secs(1);

fn main() {
    if let Some(directory) = std::env::var_os(DELAYED) {
        return compare(&format!("{DELAY_MS} ms added to each flush"), Path::new(&directory));
    }
    let directory = tempfile::tempdir().unwrap();
    let world = World::new(directory.path());
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("durable audited read");
    for callers in CALLERS {
        let one = AtomicU64::new(0);
        group.bench_function(format!("strongroom, {callers} callers"), |bench| {
            bench.iter_custom(|reads| fixed(callers, reads, |caller| world.read(caller, &one)));
        });
        group.bench_function(format!("a transaction per record, {callers} callers"), |bench| {
            bench.iter_custom(|reads| fixed(callers, reads, |_| world.by_hand.read(next(&one))));
        });
    }
    group.finish();
    criterion.final_summary();
    drop(world);
    // `cargo test --benches` wants to know whether it runs, not how fast.
    if std::env::args().any(|arg| arg == "--bench") {
        compare("natively", &directory.path().join("again"));
        delayed(&directory.path().canonicalize().unwrap().join("delayed"));
    }
}

/// A room with accounts and sixty-four sessions of staff, and the same accounts by hand.
struct World {
    _room: Room,
    staff: Vec<Staff>,
    accounts: Vec<AccountId>,
    by_hand: ByHand,
}

impl World {
    fn new(directory: &Path) -> Self {
        std::fs::create_dir_all(directory).unwrap();
        let appoint = |handle: &str, role| Appointment { handle: handle.to_owned(), roles: vec![role] };
        let appointments = vec![
            appoint("ada", Role::AccessAdmin),
            appoint("alan", Role::AccessAdmin),
            appoint("vera", Role::Auditor),
            appoint("sam", Role::Support),
        ];
        let ceremony = Ceremony {
            kind: RoomKind::Demo,
            outside: None,
            appointments,
            profile: TeamProfile::Two,
            custody: strongroom::room::Custody::default(),
        };
        let room = Room::init(RoomOptions::new(directory.join("room"), "bench"), &ceremony).unwrap().room;
        let password = SecretText::new("violet kettle sings at noon".to_owned());
        let accounts = (0..ACCOUNTS).map(|number| {
            let email = format!("jane.doe.{number}@example.com");
            let registration = Registration { email: &email, name: Some("Jane Doe"), password: &password };
            room.register(&registration).unwrap().account
        });
        let accounts: Vec<_> = accounts.collect();
        let staff: Vec<_> = (0..CALLERS[2]).map(|_| room.staff(&room.assume("sam").unwrap().token)).collect();
        staff[0].account(accounts[0], &why()).unwrap();
        let vera = room.staff(&room.assume("vera").unwrap().token);
        let line = vera
            .audit_log(LogPart::All, room.log_size().unwrap() - 2, &Page::first(1), &Why::unstated())
            .unwrap()
            .entries
            .remove(0)
            .line;
        let by_hand = ByHand::new(&directory.join("by_hand.db"), &line, ACCOUNTS);
        Self { _room: room, staff, accounts, by_hand }
    }

    fn read(&self, caller: usize, one: &AtomicU64) {
        let view = self.staff[caller].account(self.accounts[next(one)], &why()).unwrap();
        assert!(view.email.text().starts_with('j'));
    }
}

fn why() -> Why {
    Why::purpose(Purpose::SupportRequest)
}

fn next(one: &AtomicU64) -> usize {
    usize::try_from(one.fetch_add(1, Ordering::Relaxed)).unwrap() % ACCOUNTS
}

/// The time that so many callers together take for so many reads.
fn fixed(callers: usize, reads: u64, read: impl Fn(usize) + Sync) -> Duration {
    let left = AtomicU64::new(reads);
    let enough =
        || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
    run(callers, |caller| {
        while !enough() {
            read(caller);
        }
    })
}

/// Reads per second of so many callers together.
fn rate(callers: usize, read: impl Fn(usize) + Sync) -> f64 {
    let (done, start) = (AtomicU64::new(0), Instant::now());
    let took = run(callers, |caller| {
        while start.elapsed() < TURN {
            read(caller);
            done.fetch_add(1, Ordering::Relaxed);
        }
    });
    f64::from(u32::try_from(done.into_inner()).unwrap()) / took.as_secs_f64()
}

fn run(callers: usize, work: impl Fn(usize) + Sync) -> Duration {
    let (ready, work) = (Barrier::new(callers + 1), &work);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..callers)
            .map(|caller| {
                let ready = &ready;
                scope.spawn(move || {
                    ready.wait();
                    work(caller);
                })
            })
            .collect();
        ready.wait();
        let start = Instant::now();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        start.elapsed()
    })
}

fn compare(disk: &str, directory: &Path) {
    let world = World::new(directory);
    let one = AtomicU64::new(0);
    println!("\ndurable audited reads per second, {disk} (medians of {TURNS} turns)");
    for callers in CALLERS {
        let turns = (0..TURNS).map(|_| {
            let ours = rate(callers, |caller| world.read(caller, &one));
            let theirs = rate(callers, |_| world.by_hand.read(next(&one)));
            (ours, theirs, ours / theirs)
        });
        let turns: Vec<_> = turns.collect();
        let median = |of: fn(&(f64, f64, f64)) -> f64| {
            let mut sorted: Vec<_> = turns.iter().map(of).collect();
            sorted.sort_by(f64::total_cmp);
            sorted[TURNS / 2]
        };
        let (ours, theirs, ratio) = (median(|turn| turn.0), median(|turn| turn.1), median(|turn| turn.2));
        println!(
            "{callers:>3} callers: {ours:>8.0}   a transaction per record: {theirs:>8.0}   ratio {ratio:.1}"
        );
    }
}

/// This program once more, with each flush in `directory` slowed down.
fn delayed(directory: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/powercut/shim.c");
    let shim = directory.with_file_name("shim.so");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut compile = Command::new(compiler);
    compile.args(["-O2", "-pthread", "-shared", "-fPIC", "-o"]).arg(&shim).arg(source);
    assert!(compile.status().unwrap().success(), "{compile:?}");
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.env(DELAYED, directory).env("LD_PRELOAD", shim).env("STRONGROOM_CUT_ROOTS", directory);
    again.env("STRONGROOM_CUT_TRACE", "/dev/null").env("STRONGROOM_CUT_RULES", format!("delay {DELAY_MS}"));
    if !again.status().unwrap().success() {
        panic!("the run with slower flushes failed");
    }
}
