//! A client of HTTP/1.1 as small as the tests need: one request on one connection, bodies of any length.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

/// A request.
pub struct Ask<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub cookie: &'a str,
    /// What a browser says whose page sent it.
    pub origin: Option<&'a str>,
    pub content_type: &'a str,
    /// By which trace it comes, as a header has it.
    pub traceparent: Option<&'a str>,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        let content_type = "application/x-www-form-urlencoded";
        Self { method: "GET", path: "/", cookie: "", origin: None, content_type, traceparent: None }
    }
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What the browser keeps of a cookie: its name and its value.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// A page that was given.
    pub fn page(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        self.text()
    }

    /// Everything but when it was given.
    pub fn without_date(mut self) -> (u16, Vec<(String, String)>, String) {
        self.headers.retain(|(name, _)| name != "date");
        (self.status, self.headers.clone(), self.text())
    }
}

/// A body as a form sends it: everything but letters and digits quoted.
pub fn form(fields: &[(&str, &str)]) -> String {
    let quoted = |text: &str| -> String {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(byte).collect()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", quoted(name), quoted(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The head of a request; a body in chunks follows.
pub fn head(to: SocketAddr, ask: &Ask<'_>) -> String {
    let mut head = format!("{} {} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n", ask.method, ask.path);
    let headers = [("Cookie", Some(ask.cookie)), ("Origin", ask.origin), ("Traceparent", ask.traceparent)];
    for (name, value) in headers {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    if ask.method != "GET" {
        head.push_str(&format!("Content-Type: {}\r\nTransfer-Encoding: chunked\r\n", ask.content_type));
    }
    head + "\r\n"
}

/// Sends a body in chunks, up to its end or as far as the other side takes it.
pub fn send(stream: &mut TcpStream, mut body: impl Read) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = body.read(&mut buffer)?;
        stream.write_all(format!("{read:x}\r\n").as_bytes())?;
        stream.write_all(&buffer[..read])?;
        stream.write_all(b"\r\n")?;
        if read == 0 {
            return Ok(());
        }
    }
}

/// The answer's head, and the stream behind it.
pub fn receive(stream: TcpStream) -> (Answer, impl Read) {
    let mut stream = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let status = line();
    let status = status.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: `{status}`")).parse().unwrap();
    let mut headers = Vec::new();
    loop {
        let header = line();
        let Some((name, value)) = header.split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    (Answer { status, headers, body: Vec::new() }, stream)
}

/// One request and its answer.
pub fn ask(to: SocketAddr, ask: &Ask<'_>, body: impl Read) -> Answer {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.write_all(head(to, ask).as_bytes()).unwrap();
    if ask.method != "GET" {
        // A refusal may come, and the connection end, before the whole body is there.
        let _refused = send(&mut stream, body);
    }
    let (mut answer, mut rest) = receive(stream);
    rest.read_to_end(&mut answer.body).unwrap();
    let told = answer.header("content-length").map(|length| length.parse::<usize>().unwrap());
    assert!(told.is_none_or(|told| told == answer.body.len()), "an answer broke off");
    answer
}
