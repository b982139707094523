//! A program that receives webhooks, at a port of this machine, and answers as it is told to.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use crate::source;

/// How it answers one request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With these bytes.
    Says(String),
    /// With a head, and then a body without an end.
    Endless,
    /// With a head that comes byte by byte, and never ends.
    Slow,
    /// Not at all; it keeps the connection.
    Hangs,
    /// Not at all; it closes the connection once the request is there.
    Closes,
}

/// An answer of this status.
pub fn status(status: &str) -> Answer {
    Answer::Says(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"))
}

/// A request as it arrived.
pub struct Request {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// The receiver; its threads end with the test.
pub struct Receiver {
    pub address: SocketAddr,
    requests: mpsc::Receiver<Request>,
}

impl Receiver {
    /// One that answers the first request with the first of these, and so on; nobody is let in after the last.
    pub fn new(answers: Vec<Answer>) -> Self {
        Self::with(answers, Some)
    }

    /// The same behind TLS, with the certificate of `tests/tls`.
    pub fn behind_tls(answers: Vec<Answer>) -> Self {
        use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
        let certificate = CertificateDer::from_pem_slice(source::read("tests/tls/receiver.pem").as_bytes());
        let key = PrivateKeyDer::from_pem_slice(source::read("tests/tls/receiver.key").as_bytes());
        let config =
            rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.unwrap()], key.unwrap())
                .unwrap();
        let config = Arc::new(config);
        Self::with(answers, move |stream| {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            Some(rustls::StreamOwned::new(connection, stream))
        })
    }

    fn with<S: Read + Write + Send + 'static>(
        answers: Vec<Answer>,
        wrap: impl Fn(TcpStream) -> Option<S> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, requests) = mpsc::channel();
        thread::spawn(move || {
            for answer in answers {
                let Ok((stream, _)) = listener.accept() else { return };
                let Some(stream) = wrap(stream) else { return };
                let tell = tell.clone();
                // Each by itself: one that hangs keeps nobody else.
                thread::spawn(move || serve(stream, &answer, &tell));
            }
        });
        Self { address, requests }
    }

    /// The address, with this path.
    pub fn url(&self) -> String {
        format!("http://{}/hooks?of=room", self.address)
    }

    /// The next request; a test that waits for one in vain fails.
    pub fn next(&self) -> Request {
        self.requests.recv_timeout(Duration::from_secs(120)).unwrap()
    }

    /// What has arrived and was not looked at.
    pub fn rest(&self) -> Vec<Request> {
        self.requests.try_iter().collect()
    }
}

fn serve(mut stream: impl Read + Write, answer: &Answer, tell: &mpsc::Sender<Request>) {
    // A sender who refuses the certificate sends nothing.
    let Some(request) = read(&mut stream) else { return };
    let _ = tell.send(request);
    match answer {
        Answer::Says(text) => drop(stream.write_all(text.as_bytes()).and_then(|()| stream.flush())),
        Answer::Endless => {
            let mut gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
            while gone.is_ok() {
                gone = stream.write_all(&[b'x'; 65_536]);
            }
        }
        Answer::Slow => {
            let mut gone = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ");
            while gone.is_ok() {
                thread::sleep(Duration::from_millis(200));
                gone = stream.write_all(b"x").and_then(|()| stream.flush());
            }
        }
        Answer::Hangs => while stream.read(&mut [0; 64]).is_ok_and(|read| read > 0) {},
        Answer::Closes => {}
    }
}

fn read(stream: &mut impl Read) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let mut lines = head.lines();
    let line = lines.next().unwrap().to_owned();
    let header =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: BTreeMap<_, _> = lines.filter_map(header).collect();
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    Some(Request { line, headers, body: String::from_utf8(body).unwrap() })
}
