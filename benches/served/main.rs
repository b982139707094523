//! What the daemon's socket costs: an audited reading of a ticket's queue by 16 members of staff at once, through the
//! socket and with the room in hand. The goal is at most 1.5 times.
//!
//! `cargo bench --bench served`. The two are measured in turns, so that whatever else the machine does falls on both.
#![expect(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![expect(clippy::indexing_slicing, reason = "a measurement that fails shall stop")]
#![expect(clippy::print_stdout, reason = "the ratio is the result")]
#![expect(clippy::disallowed_methods, reason = "measures the passing of real time")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use strongroom::room::{
    Appointment, Ceremony, Page, Role, Room, RoomKind, RoomOptions, StaffLogin, TeamProfile, TicketQueue, Why,
};

const CLIENTS: usize = 16;
const TURNS: usize = 7;

/// A served room, and the sessions of those who work in it.
struct World {
    room: Room,
    logins: Vec<StaffLogin>,
    daemon: Child,
    directory: tempfile::TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let person = |handle: &str, role| Appointment { handle: handle.to_owned(), roles: vec![role] };
        let appointments = vec![
            person("ada", Role::AccessAdmin),
            person("alan", Role::AccessAdmin),
            person("vera", Role::Auditor),
            person("sam", Role::Support),
        ];
        let ceremony = Ceremony {
            kind: RoomKind::Demo,
            outside: None,
            profile: TeamProfile::Two,
            appointments,
            custody: strongroom::room::Custody::default(),
        };
        let path = directory.path().join("room");
        let room = Room::init(RoomOptions::new(&path, "bench"), &ceremony).unwrap().room;
        let logins = (0..CLIENTS).map(|_| room.assume("sam").unwrap()).collect();
        let mut daemon = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .args(["serve", "--room"])
            .arg(&path)
            .arg("--socket")
            .arg(directory.path().join("socket"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(daemon.stderr.take().unwrap()).read_line(&mut said).unwrap();
        Self { room, logins, daemon, directory }
    }

    /// Readings per second of so many clients, for so long.
    fn rate(&self, turn: Duration, client: impl Fn(&Self, &StaffLogin, &dyn Fn() -> bool) + Sync) -> f64 {
        let (is_over, done, ready) = (AtomicBool::new(false), AtomicU64::new(0), Barrier::new(CLIENTS + 1));
        thread::scope(|scope| {
            for login in &self.logins {
                let (is_over, done, ready, client) = (&is_over, &done, &ready, &client);
                scope.spawn(move || {
                    ready.wait();
                    client(self, login, &|| {
                        done.fetch_add(1, Ordering::Relaxed);
                        is_over.load(Ordering::Relaxed)
                    });
                });
            }
            ready.wait();
            let began = Instant::now();
            thread::sleep(turn);
            let readings = done.load(Ordering::Relaxed);
            let took = began.elapsed();
            is_over.store(true, Ordering::Relaxed);
            f64::from(u32::try_from(readings).unwrap()) / took.as_secs_f64()
        })
    }
}

fn direct(world: &World, login: &StaffLogin, is_over: &dyn Fn() -> bool) {
    let staff = world.room.staff(&login.token);
    loop {
        staff.tickets(TicketQueue::Mine, &Page::first(50), &Why::unstated()).unwrap();
        if is_over() {
            return;
        }
    }
}

fn served(world: &World, login: &StaffLogin, is_over: &dyn Fn() -> bool) {
    let mut line = connect(&world.directory.path().join("socket"));
    let (holder, expires, token) = (login.principal, login.expires.as_ms(), login.token.expose());
    let call = format!(
        "{{\"call\":{{\"arguments\":[\"ticket\",\"list\",\"--mine\",\"--json\"],\"session\":\
         {{\"holder\":\"principal:{holder}\",\"expires\":{expires},\"token\":\"{token}\"}}}}}}"
    );
    let mut frame = u32::try_from(call.len() + 1).unwrap().to_be_bytes().to_vec();
    frame.push(1);
    frame.extend(call.as_bytes());
    loop {
        line.get_mut().write_all(&frame).unwrap();
        while let (kind, body) = hear(&mut line)
            && kind != 1
        {
            assert!(body.starts_with(b"{\"next\"") || kind == 3, "{}", String::from_utf8_lossy(&body));
        }
        if is_over() {
            return;
        }
    }
}

fn connect(path: &Path) -> BufReader<UnixStream> {
    let mut line = BufReader::new(UnixStream::connect(path).unwrap());
    hear(&mut line);
    line
}

fn hear(line: &mut BufReader<UnixStream>) -> (u8, Vec<u8>) {
    let mut head = [0; 5];
    line.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
    let mut body = vec![0; usize::try_from(length).unwrap() - 1];
    line.read_exact(&mut body).unwrap();
    (head[4], body)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let world = World::new();
    // `cargo test --benches` wants to know whether it runs, not how fast.
    let turn = if std::env::args().any(|arg| arg == "--bench") { 2000 } else { 20 };
    let (mut in_hand, mut through) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        in_hand.push(world.rate(Duration::from_millis(turn), direct));
        through.push(world.rate(Duration::from_millis(turn), served));
    }
    let ratios = in_hand.iter().zip(&through).map(|(in_hand, through)| in_hand / through).collect();
    println!("{CLIENTS} clients, audited listings per second, medians of {TURNS} turns");
    println!("  with the room in hand  {:8.0}", median(in_hand));
    println!("  through the socket     {:8.0}", median(through));
    println!("  ratio                  {:8.2}   (goal: at most 1.5)", median(ratios));
}
