//! The auth service as a process of its own.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
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
    log: Option<JoinHandle<String>>,
}

const BOUNDARY: &str = "between-the-parts";

impl Service {
    /// Starts it on a port of its own.
    pub fn start(room: &Path) -> Self {
        Self::start_for(room, None)
    }

    /// Starts it for browsers that see it at this origin.
    pub fn start_for(room: &Path, origin: Option<&str>) -> Self {
        static BUILT: LazyLock<PathBuf> = LazyLock::new(|| built("auth_service"));
        let mut start = Command::new(&*BUILT);
        start.arg(room).arg("127.0.0.1:0").args(origin).stdout(Stdio::piped()).stderr(Stdio::piped());
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
        Self { child, address, origin, log: Some(log) }
    }

    pub fn ask(&self, ask: &Ask<'_>, body: impl Read) -> Answer {
        http::ask(self.address, ask, body)
    }

    pub fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(&Ask { path, cookie, ..Ask::default() }, io::empty())
    }

    /// A form, sent from the service's own page.
    pub fn post(&self, path: &str, cookie: &str, body: &str) -> Answer {
        let origin = Some(self.origin.as_str());
        self.ask(&Ask { method: "POST", path, cookie, origin, ..Ask::default() }, body.as_bytes())
    }

    /// A file, as a form sends it.
    pub fn upload(&self, ticket: &str, cookie: &str, name: &str, kind: &str, file: impl Read) -> Answer {
        let end = format!("\r\n--{BOUNDARY}--\r\n");
        let body = io::Cursor::new(part(name, kind)).chain(file).chain(end.as_bytes());
        self.multipart(ticket, cookie, |ask| self.ask(ask, body))
    }

    /// A file of which so many bytes are sent; given once the room reads them.
    pub fn begin_upload(
        &self,
        ticket: &str,
        cookie: &str,
        bytes: u64,
        is_arriving: impl Fn() -> bool,
    ) -> Begun {
        self.multipart(ticket, cookie, |ask| {
            let mut stream = TcpStream::connect(self.address).unwrap();
            stream.write_all(http::head(self.address, ask).as_bytes()).unwrap();
            let mut begun = Begun { stream };
            let mut body = part("half", "text/plain").into_bytes();
            io::repeat(7).take(bytes).read_to_end(&mut body).unwrap();
            begun.chunk(&body);
            while !is_arriving() {
                std::thread::yield_now();
            }
            begun
        })
    }

    fn multipart<T>(&self, ticket: &str, cookie: &str, send: impl FnOnce(&Ask<'_>) -> T) -> T {
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let path = format!("{ticket}/attachments");
        let origin = Some(self.origin.as_str());
        send(&Ask { method: "POST", path: &path, cookie, origin, content_type: &content_type })
    }

    /// How many bytes a download has, without keeping them.
    pub fn measure(&self, path: &str, cookie: &str) -> u64 {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let ask = Ask { path, cookie, ..Ask::default() };
        stream.write_all(http::head(self.address, &ask).as_bytes()).unwrap();
        io::copy(&mut http::receive(stream).1, &mut io::sink()).unwrap()
    }

    /// The most memory that it ever had, bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
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

    /// The browser is gone.
    pub fn break_off(self) {
        self.stream.shutdown(Shutdown::Both).unwrap();
    }

    /// Sends the end.
    pub fn end(mut self) -> Answer {
        self.chunk(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        self.chunk(b"");
        http::receive(self.stream).0
    }
}

fn part(name: &str, kind: &str) -> String {
    let name = name.replace('"', "%22");
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
    )
}
