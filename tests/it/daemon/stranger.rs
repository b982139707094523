//! A client of a stranger, written from FORMAT.md section 17 alone: it shares no code with the program.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use serde_json::{Value, json};

pub const MESSAGE: u8 = 1;
pub const CONTENT: u8 = 2;
pub const OUTPUT: u8 = 3;
pub const ERROR: u8 = 4;

/// A connection.
pub struct Line(pub UnixStream);

/// What a call came to.
#[derive(Debug, Default)]
pub struct Ended {
    pub exit: i64,
    pub output: String,
    pub error: String,
}

impl Line {
    pub fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        // A server that never answers fails the test instead of holding it.
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        Self(stream)
    }

    pub fn send(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 1).unwrap().to_be_bytes();
        self.0.write_all(&[&length[..], &[kind], body].concat())
    }

    pub fn say(&mut self, message: &Value) {
        self.send(MESSAGE, message.to_string().as_bytes()).unwrap();
    }

    /// The next frame; none once the other side has closed.
    pub fn hear(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.0.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes(head[..4].try_into().unwrap());
        assert!((1..=1_048_576).contains(&length));
        let mut body = vec![0; usize::try_from(length).unwrap() - 1];
        self.0.read_exact(&mut body).ok()?;
        Some((head[4], body))
    }

    /// The next frame, which is a message.
    pub fn message(&mut self) -> Option<Value> {
        let (kind, body) = self.hear()?;
        assert_eq!(kind, MESSAGE);
        Some(serde_json::from_slice(&body).unwrap())
    }

    /// The room that is served.
    pub fn hello(&mut self) -> String {
        let hello = self.message().unwrap();
        assert_eq!(hello["hello"]["strongroom"], 1, "{hello}");
        hello["hello"]["room"].as_str().unwrap().to_owned()
    }

    /// A call in which nothing is asked back.
    pub fn call(&mut self, words: &[&str]) -> Ended {
        self.say(&json!({"call": {"arguments": words}}));
        self.ended()
    }

    /// Gathers outputs until the call is over.
    pub fn ended(&mut self) -> Ended {
        let mut ended = Ended::default();
        loop {
            let (kind, body) = self.hear().expect("the connection ended within a call");
            let text = String::from_utf8_lossy(&body).into_owned();
            match kind {
                OUTPUT => ended.output.push_str(&text),
                ERROR => ended.error.push_str(&text),
                _ => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    ended.exit = message["end"]["exit"].as_i64().unwrap_or_else(|| panic!("{message}"));
                    return ended;
                }
            }
        }
    }
}
