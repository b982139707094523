//! What the daemon tells a monitoring system and a load balancer.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use crate::world::{JANE, World};

/// A daemon over a room; ends with the test.
struct Daemon {
    process: Child,
    address: String,
}

impl Daemon {
    fn over(world: &World) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_strongroom"))
            .arg("--room")
            .arg(world.path())
            .args(["serve", "--metrics", "127.0.0.1:0", "--socket"])
            .arg(world.directory.path().join("socket"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let place = lines.find_map(|line| Some(line.unwrap().strip_prefix("metrics at http://")?.to_owned()));
        let address = place.unwrap().strip_suffix("/metrics").unwrap().to_owned();
        Self { process, address }
    }

    /// What it answers to these bytes, until it closes.
    fn answer(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.answer(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn it_tells_metrics_and_health_over_http_and_nothing_about_people() {
    let world = crate::examples::now();
    let jane = world.customer(JANE);
    let daemon = Daemon::over(&world);
    let metrics = daemon.get("/metrics");
    let (head, body) = metrics.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("version=0.0.4"), "{head}");
    assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
    assert!(body.contains("strongroom_standing{standing=\"ready\"} 1\n"), "{body}");
    assert!(!metrics.contains(JANE) && !metrics.contains(&jane.account().to_string()));
    assert!(daemon.get("/healthz").ends_with("\r\n\r\nready\n"));
    assert!(daemon.get("/elsewhere").starts_with("HTTP/1.1 404 "));
    assert!(daemon.answer(b"POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
    assert!(daemon.answer(b"\xff\xfe\r\n\r\n").starts_with("HTTP/1.1 400 "));
    // The room goes from under it: whoever asks is told to send nobody here.
    std::fs::rename(world.path().join("store/store.db"), world.path().join("store/away.db")).unwrap();
    let down = daemon.get("/healthz");
    assert!(down.starts_with("HTTP/1.1 503 ") && down.ends_with("down\nstore_unreadable\n"), "{down}");
}

#[test]
fn who_says_nothing_or_too_much_keeps_nobody_waiting_for_long() {
    let world = crate::examples::now();
    let daemon = Daemon::over(&world);
    let silent = TcpStream::connect(&daemon.address).unwrap();
    let mut endless = TcpStream::connect(&daemon.address).unwrap();
    // It is cut off in the middle, so that not all of it is taken.
    let _cut_off = endless.write_all(&vec![b'a'; 1024 * 1024]);
    assert!(daemon.get("/healthz").ends_with("ready\n"));
    drop((silent, endless));
}
