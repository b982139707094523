//! Another program of the company's: it takes one webhook, at a port of this machine.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A webhook arrives within this time.
const PATIENCE: Duration = Duration::from_secs(10);
/// A body that is taken, bytes.
const BODY_BYTES_MAX: u64 = 64 * 1024;

/// A request as it arrived.
#[derive(Default)]
pub struct Request {
    /// The headers, their names in small letters.
    headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Who listens, in a thread of its own.
pub struct Listener {
    place: SocketAddr,
    requests: mpsc::Receiver<io::Result<Request>>,
}

impl Listener {
    /// Listens at a port that is free.
    ///
    /// # Errors
    /// There is none.
    pub fn begin() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let place = listener.local_addr()?;
        let (tell, requests) = mpsc::channel();
        // Nobody waits for what comes after the demonstration's end.
        thread::spawn(move || tell.send(listener.accept().and_then(|(stream, _)| taken(&stream))));
        Ok(Self { place, requests })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}/", self.place)
    }

    /// What has arrived.
    ///
    /// # Errors
    /// Nothing has.
    pub fn request(&self) -> io::Result<Request> {
        self.requests.recv_timeout(PATIENCE).map_err(|_| io::ErrorKind::TimedOut)?
    }
}

fn taken(mut stream: &TcpStream) -> io::Result<Request> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let mut request = Request::default();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            request.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        line.clear();
    }
    let length = request.header("content-length").and_then(|length| length.parse().ok());
    let length = length.unwrap_or(0).min(BODY_BYTES_MAX);
    reader.take(length).read_to_string(&mut request.body)?;
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
    Ok(request)
}
