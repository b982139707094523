//! What a daemon answers to a monitoring system and a load balancer, over HTTP: `/metrics` and `/healthz`, and nothing
//! that is about a person.
//!
//! One thread answers, one connection at a time, each with little time: whoever is slow is cut off, and costs the daemon
//! nothing but that thread's patience.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use strongroom::room::{Clock, Moment, Room, Standing};

/// How long one connection may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is read of a request, bytes: its first line is all that counts.
const REQUEST_BYTES_MAX: usize = 8 * 1024;

/// Answers at `address` from now on, as long as the process lives; gives back where, the port chosen if none was.
///
/// # Errors
/// The address cannot be had.
pub fn begin(address: SocketAddr, room: Room, clock: Clock) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address)?;
    let place = listener.local_addr()?;
    thread::Builder::new().name("strongroom-metrics".to_owned()).spawn(move || {
        for stream in listener.incoming() {
            match stream {
                // What goes wrong in a connection is its caller's to notice.
                Ok(stream) => drop(answer(stream, &room, &clock)),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    })?;
    Ok(place)
}

fn answer(mut stream: TcpStream, room: &Room, clock: &Clock) -> io::Result<()> {
    let began = clock.moment();
    let request = read(&mut stream, clock, began)?;
    let mut words = request.lines().next().unwrap_or("").split(' ');
    let (status, kind, body) = match (words.next(), words.next()) {
        (Some("GET"), Some("/metrics")) => {
            ("200 OK", "text/plain; version=0.0.4; charset=utf-8", room.metrics().to_string())
        }
        (Some("GET"), Some("/healthz")) => health(room),
        (Some("GET"), Some(_)) => {
            ("404 Not Found", "text/plain", "there are /metrics and /healthz\n".to_owned())
        }
        _ => ("400 Bad Request", "text/plain", "this is no request that is understood here\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    stream.flush()
}

/// 200 while customers can be served, and 503 when the room has to be taken out of service.
fn health(room: &Room) -> (&'static str, &'static str, String) {
    let condition = room.health();
    let status = match condition.standing {
        Standing::Ready | Standing::Degraded => "200 OK",
        Standing::Down => "503 Service Unavailable",
    };
    let troubles = condition.troubles.iter().map(|trouble| format!("{trouble}\n")).collect::<String>();
    (status, "text/plain", format!("{}\n{troubles}", condition.standing.name()))
}

/// The request's head, up to its empty line.
fn read(stream: &mut TcpStream, clock: &Clock, began: Moment) -> io::Result<String> {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let left = PATIENCE.saturating_sub(clock.moment().since(began));
        if left.is_zero() || head.len() > REQUEST_BYTES_MAX {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        let read = stream.read(&mut buffer)?;
        head.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if read == 0 || head.windows(4).any(|end| end == b"\r\n\r\n") {
            return Ok(String::from_utf8_lossy(&head).into_owned());
        }
    }
}
