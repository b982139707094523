//! Ten thousand people log in at once.

use std::{
    io::Write,
    net::TcpStream,
    num::NonZero,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use rustix::process::{Resource, getrlimit, setrlimit};
use strongroom::room::Registration;

use super::{
    http::{self, form},
    now,
    service::Service,
};
use crate::world::{JANE, PASSWORD, secret};

const LOGINS: usize = 10_000;
/// What a process takes at the most with so many connections open: docs/embed.md.
const MIB_FOR_CONNECTIONS: u64 = 400;
const MIB_PER_HASH: u64 = 19;
/// Its threads: two workers, the places of each core, and main, lanes and letters.
const WORKERS: usize = 2;
const PLACES_PER_CORE: usize = 1 + 16 + 4;
const THREADS_BESIDE: usize = 8;
/// Connections that wait to be taken.
const QUEUE: usize = 100;
/// Connections of this test beside the logins.
const FILES_BESIDE: u64 = 1000;

/// Lets this process, and those that it starts, have a connection for everybody.
fn connections_for_all() {
    let mut files = getrlimit(Resource::Nofile);
    let wanted = LOGINS as u64 + FILES_BESIDE;
    if files.current.is_some_and(|current| current < wanted) {
        files.current = files.maximum.map_or(Some(wanted), |most| Some(most.min(wanted)));
        assert!(files.current >= Some(wanted), "this machine lets a process open {:?} files", files.maximum);
        setrlimit(Resource::Nofile, files).unwrap();
    }
}

/// A login that lacks its last byte.
fn begin(service: &Service, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(service.address()).unwrap();
    let head = service.head("POST", "/login", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body.as_bytes()[..body.len() - 1]).unwrap();
    stream
}

/// Everybody, and no faster than the service takes them: what its queue has no room for would be asked again by the
/// system a second later, one after the other.
fn all_begin(service: &Service, body: &str) -> Vec<TcpStream> {
    let mut streams = Vec::with_capacity(LOGINS);
    while streams.len() < LOGINS {
        streams.extend((0..QUEUE).map(|_| begin(service, body)));
        assert_eq!(service.get("/healthz", "").status, 200);
    }
    streams
}

/// Says that the burst is over, however it ends.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Asks whether it is well, over and over, until the burst is over; how often it was.
fn asked_meanwhile(service: &Service, over: &AtomicBool) -> usize {
    let mut well = 0;
    while !over.load(Ordering::SeqCst) {
        assert_eq!(service.get("/healthz", "").page(), "ok\n");
        well += 1;
    }
    well
}

/// Every connection is open, and every request but for its last byte there, before the first is complete. Whoever finds a
/// place comes in; everybody else is told when to come again; the service is well all the while; and neither its threads
/// nor its memory grow with those who ask.
#[test]
fn ten_thousand_log_in_at_once() {
    connections_for_all();
    let world = now();
    world.room.register(&Registration { email: JANE, name: None, password: &secret(PASSWORD) }).unwrap();
    let service = Service::start_on(&world.path(), WORKERS);
    let body = form(&[("email", JANE), ("password", PASSWORD)]);
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads_max = (WORKERS + cores * PLACES_PER_CORE + THREADS_BESIDE) as u64;
    let over = AtomicBool::new(false);
    let (mut came_in, mut shed) = (0, 0);
    thread::scope(|scope| {
        let streams = all_begin(&service, &body);
        let ends = Over(&over);
        let well = scope.spawn(|| asked_meanwhile(&service, &over));
        for mut stream in &streams {
            stream.write_all(&body.as_bytes()[body.len() - 1..]).unwrap();
        }
        let threads = service.status("Threads");
        assert!(threads <= threads_max, "{threads} threads while {LOGINS} log in");
        for stream in streams {
            let (answer, _) = http::receive(stream);
            match (answer.status, answer.header("retry-after")) {
                (303, None) => came_in += 1,
                (503, Some("1")) => shed += 1,
                other => panic!("{other:?}"),
            }
        }
        drop(ends);
        assert!(well.join().unwrap() > 0);
    });
    assert!(
        came_in >= cores * 17,
        "{came_in} came in: for each core one at once and 16 who wait have places"
    );
    assert_eq!(came_in + shed, LOGINS);
    assert!(shed > 0, "this machine hashes {LOGINS} passwords at once");
    let (threads, peak) = (service.status("Threads"), service.status("VmHWM") / 1024);
    assert!(threads <= threads_max, "{threads} threads afterwards");
    let most = MIB_FOR_CONNECTIONS + cores as u64 * MIB_PER_HASH;
    assert!(peak <= most, "{peak} MiB at most while {LOGINS} logged in");
    assert!(
        world.room.login(JANE, &secret(PASSWORD)).unwrap().complete().is_some(),
        "and the room is as it was"
    );
}

/// Those who go away in the middle of it leave nothing behind: no place taken, nothing half done.
#[test]
fn whoever_goes_away_leaves_his_place() {
    const GONE: usize = 300;
    let world = now();
    world.room.register(&Registration { email: JANE, name: None, password: &secret(PASSWORD) }).unwrap();
    let service = Service::start_on(&world.path(), WORKERS);
    let body = form(&[("email", JANE), ("password", PASSWORD)]);
    for _ in 0..GONE {
        let mut stream = begin(&service, &body);
        stream.write_all(&body.as_bytes()[body.len() - 1..]).unwrap();
    }
    // Whoever comes now is let in as soon as those who were at work are done: those who waited wait no more.
    let answer = loop {
        let answer = service.post("/login", "", &body);
        if answer.status != 503 {
            break answer;
        }
    };
    assert_eq!((answer.status, answer.header("location")), (303, Some("/account")));
    assert_eq!(service.get("/account", &answer.cookie()).status, 200);
    service.stopped();
    assert!(world.room.health().troubles.is_empty());
}
