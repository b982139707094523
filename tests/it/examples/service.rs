//! The auth service as a process of its own.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    thread::JoinHandle,
};

use super::{
    built,
    http::{self, Answer, Ask},
};

/// A running service; it ends with the test.
pub struct Service {
    child: Child,
    address: SocketAddr,
    origin: String,
    /// Where it puts its letters.
    letters: PathBuf,
    log: Option<JoinHandle<String>>,
}

impl Service {
    /// Starts it on a port of its own.
    pub fn start(room: &Path) -> Self {
        Self::start_as(room, None, None)
    }

    /// Starts it with so many workers, and for as many cores.
    pub fn start_on(room: &Path, workers: usize) -> Self {
        Self::start_as(room, None, Some(workers))
    }

    /// Starts it for browsers that see it at this origin.
    pub fn start_for(room: &Path, origin: Option<&str>) -> Self {
        Self::start_as(room, origin, None)
    }

    fn start_as(room: &Path, origin: Option<&str>, workers: Option<usize>) -> Self {
        static BUILT: LazyLock<PathBuf> = LazyLock::new(|| built("auth_service"));
        let mut start = Command::new(&*BUILT);
        start.arg(room).arg("127.0.0.1:0").args(origin).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(workers) = workers {
            start.env("TOKIO_WORKER_THREADS", workers.to_string());
        }
        let mut child = start.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let Some(address) = said.trim().strip_prefix("listening on http://") else {
            panic!("it does not serve: `{said}` {}", log.join().unwrap())
        };
        let address: SocketAddr = address.parse().unwrap();
        let origin = origin.map_or_else(|| format!("http://{address}"), str::to_owned);
        let letters = PathBuf::from(format!("{}.letters", room.display()));
        Self { child, address, origin, letters, log: Some(log) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The head of a form of so many bytes, sent from the service's own page.
    pub fn head(&self, method: &str, path: &str, bytes: usize) -> String {
        let Self { address, origin, .. } = self;
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nOrigin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {bytes}\r\n\r\n"
        )
    }

    /// A number of what the system says of its process.
    pub fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Code and link of the newest letter to an address; it comes after the answer.
    pub fn letter(&self, to: &str) -> (String, String) {
        let name: String = to.bytes().map(|byte| format!("{byte:02x}")).collect();
        let file = self.letters.join(name);
        let text = loop {
            if let Ok(text) = std::fs::read_to_string(&file) {
                break text;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        std::fs::remove_file(file).unwrap();
        let between = |from: &str, to: &str| {
            text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).unwrap().0.to_owned()
        };
        (between("Your code is ", "."), between("?link=", " "))
    }

    pub fn ask(&self, ask: &Ask<'_>, body: impl Read) -> Answer {
        http::ask(self.address, ask, body)
    }

    pub fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(&Ask { path, cookie, ..Ask::default() }, io::empty())
    }

    /// The same, as somebody sends it who has a trace of his own.
    pub fn post_traced(&self, path: &str, cookie: &str, body: &str, traceparent: &str) -> Answer {
        let (origin, traceparent) = (Some(self.origin.as_str()), Some(traceparent));
        let ask = Ask { method: "POST", path, cookie, origin, traceparent, ..Ask::default() };
        self.ask(&ask, body.as_bytes())
    }

    /// A form, sent from the service's own page.
    pub fn post(&self, path: &str, cookie: &str, body: &str) -> Answer {
        let origin = Some(self.origin.as_str());
        self.ask(&Ask { method: "POST", path, cookie, origin, ..Ask::default() }, body.as_bytes())
    }

    /// A form of which this much is sent; given once the service has begun with it.
    pub fn begin(&self, path: &str, cookie: &str, body: &str) -> Begun {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let origin = Some(self.origin.as_str());
        let ask = Ask { method: "POST", path, cookie, origin, ..Ask::default() };
        let head = http::head(self.address, &ask).replacen("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1);
        stream.write_all(head.as_bytes()).unwrap();
        // It asks for the body when a handler reads it.
        let mut asked = [0; 25];
        stream.read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        let mut begun = Begun { stream };
        begun.chunk(body.as_bytes());
        begun
    }

    pub fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Stops it in good order; gives what it wrote into its log.
    pub fn stopped(mut self) -> String {
        self.ask_to_stop();
        assert!(self.child.wait().unwrap().success());
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A request in flight.
pub struct Begun {
    stream: TcpStream,
}

impl Begun {
    fn chunk(&mut self, bytes: &[u8]) {
        self.stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).unwrap();
        self.stream.write_all(&[bytes, b"\r\n"].concat()).unwrap();
    }

    /// Sends the rest.
    pub fn end(mut self, rest: &str) -> Answer {
        self.chunk(rest.as_bytes());
        self.chunk(b"");
        let (mut answer, mut body) = http::receive(self.stream);
        body.read_to_end(&mut answer.body).unwrap();
        answer
    }
}
