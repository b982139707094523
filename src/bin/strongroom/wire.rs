//! The socket's protocol, FORMAT.md section 17: frames, and what they say. Neither side of it knows the other's code.

use std::io::{self, ErrorKind, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, Zeroizing};

/// The protocol's number.
pub const VERSION: u32 = 1;
/// What follows a frame's length, bytes.
const FRAME_BYTES_MAX: u32 = 1024 * 1024;
/// Content and output leave in frames of this size at most, bytes.
pub const PART_BYTES_MAX: usize = 64 * 1024;
/// What is reserved before anything has come, bytes: a length alone costs nobody memory.
const RESERVED_BYTES: usize = 16 * 1024;
/// Words of one command line.
pub const WORDS_MAX: usize = 1024;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A message.
    Message = 1,
    /// Bytes of what was asked for, or of a new file.
    Content = 2,
    /// For standard output.
    Output = 3,
    /// For standard error.
    Error = 4,
}

/// One frame. The body is wiped: tokens and passwords come in some.
pub struct Frame {
    pub kind: Kind,
    pub body: Zeroizing<Vec<u8>>,
}

impl Frame {
    /// The message in it.
    ///
    /// # Errors
    /// It is none of this protocol.
    pub fn message<T: DeserializeOwned>(&self) -> io::Result<T> {
        if self.kind != Kind::Message {
            return Err(unfit("a message was due"));
        }
        // The parser's words may quote what was sent.
        serde_json::from_slice(&self.body).map_err(|_| unfit("a message is not understood"))
    }
}

fn unfit(why: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

/// The next frame; none where the other side has closed after the last one.
///
/// # Errors
/// The connection ends within a frame, or what comes is none.
pub fn receive(from: &mut impl Read) -> io::Result<Option<Frame>> {
    let mut head = [0; 5];
    loop {
        match from.read(head.get_mut(..1).unwrap_or_default()) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    from.read_exact(head.get_mut(1..).unwrap_or_default())?;
    let [a, b, c, d, kind] = head;
    let length = u32::from_be_bytes([a, b, c, d]);
    let kind = match kind {
        1 => Kind::Message,
        2 => Kind::Content,
        3 => Kind::Output,
        4 => Kind::Error,
        _ => return Err(unfit("a frame is of no known kind")),
    };
    if length == 0 || length > FRAME_BYTES_MAX {
        return Err(unfit("a frame is empty or over the limit"));
    }
    let length = u64::from(length) - 1;
    // Whoever wipes it wipes what is reserved.
    let reserved = usize::try_from(length).unwrap_or(usize::MAX).min(RESERVED_BYTES);
    let mut body = Zeroizing::new(Vec::with_capacity(reserved));
    if from.take(length).read_to_end(&mut body)? as u64 != length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(Frame { kind, body }))
}

/// Appends a frame to what is to be sent.
///
/// # Errors
/// It is over the limit.
pub fn append(to: &mut Vec<u8>, kind: Kind, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len() + 1).ok().filter(|length| *length <= FRAME_BYTES_MAX);
    let length = length.ok_or_else(|| unfit("a frame is over the limit"))?;
    to.extend_from_slice(&length.to_be_bytes());
    to.push(kind as u8);
    to.extend_from_slice(body);
    Ok(())
}

/// Sends one frame.
///
/// # Errors
/// It is over the limit, or the connection does not take it.
pub fn send(to: &mut impl Write, kind: Kind, body: &[u8]) -> io::Result<()> {
    let mut frame = Zeroizing::new(Vec::with_capacity(body.len() + 5));
    append(&mut frame, kind, body)?;
    to.write_all(&frame)?;
    to.flush()
}

/// A message as it is sent.
///
/// # Errors
/// It has no JSON.
pub fn written(message: &impl Serialize) -> io::Result<Zeroizing<Vec<u8>>> {
    let unwritten = |_| unfit("a message has no form");
    let mut length = Length(0);
    serde_json::to_writer(&mut length, message).map_err(unwritten)?;
    // As long as it is: a buffer that grows leaves copies behind that nobody wipes.
    let mut text = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *text, message).map_err(unwritten)?;
    Ok(text)
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the server says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    Hello(Hello),
    Refused(Refused),
    Progress(Option<Advance>),
    Secret(Prompt),
    Sign(Signing),
    Open(Opening),
    Read(Part),
    Create(NewPath),
    Keep,
    Session(Option<Kept>),
    End(End),
}

#[derive(Serialize, Deserialize)]
pub struct Hello {
    pub strongroom: u32,
    pub room: String,
    pub program: String,
}

#[derive(Serialize, Deserialize)]
pub struct Refused {
    pub kind: String,
    pub message: String,
    pub hint: Option<String>,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
pub struct Advance {
    pub what: Work,
    pub total: Option<u64>,
    pub done: u64,
}

/// What progress counts.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Bytes,
    Entries,
}

#[derive(Serialize, Deserialize)]
pub struct Prompt {
    pub prompt: String,
    pub bytes_max: usize,
}

/// What a person's own key is to sign.
#[derive(Serialize, Deserialize)]
pub struct Signing {
    pub key: String,
    pub challenge: String,
}

#[derive(Serialize, Deserialize)]
pub struct Opening {
    pub source: Source,
}

/// What a caller has to read from.
#[derive(Serialize, Deserialize, Clone)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Input,
    File(String),
    Private(String),
    Descriptor(u16),
}

#[derive(Serialize, Deserialize)]
pub struct Part {
    pub bytes_max: usize,
}

#[derive(Serialize, Deserialize)]
pub struct NewPath {
    pub path: String,
}

#[derive(Serialize, Deserialize)]
pub struct End {
    pub exit: u8,
}

/// What the client says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    Relayed(Relayed),
    Call(Box<Asked>),
    Opened(Opened),
    Done,
    Failed(Unmet),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relayed {
    pub from: String,
}

/// A command to carry out.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    pub arguments: Vec<String>,
    pub terminal: Vec<Terminal>,
    pub plain: bool,
    pub zone: Option<String>,
    pub at: Option<String>,
    pub trace: Option<String>,
    pub session_file: Option<String>,
    pub session: Option<Kept>,
}

/// A standard stream that is a terminal.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Terminal {
    Input,
    Output,
    Error,
}

/// A session on its way. The token is wiped.
#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    pub holder: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<String>,
    pub expires: i64,
    pub token: String,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    pub bytes: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmet {
    pub usage: bool,
    pub message: String,
    pub hint: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::{Asked, FRAME_BYTES_MAX, Kind, Said, Told, append, receive, send, written};

    fn frame(length: u32, kind: u8, body: &[u8]) -> Vec<u8> {
        [&length.to_be_bytes()[..], &[kind], body].concat()
    }

    #[test]
    fn frames_come_as_they_went() {
        let mut wire = Vec::new();
        send(&mut wire, Kind::Content, b"").unwrap();
        send(&mut wire, Kind::Output, &[7; 100_000]).unwrap();
        assert_eq!(wire[..5], [0, 0, 0, 1, 2]);
        let mut wire = wire.as_slice();
        let first = receive(&mut wire).unwrap().unwrap();
        assert_eq!((first.kind, first.body.len()), (Kind::Content, 0));
        let second = receive(&mut wire).unwrap().unwrap();
        assert_eq!((second.kind, second.body.as_slice()), (Kind::Output, &[7; 100_000][..]));
        assert!(receive(&mut wire).unwrap().is_none());
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        let refused = |bytes: &[u8]| receive(&mut &*bytes).err().map(|e| e.kind());
        assert_eq!(refused(&frame(0, 1, b"")), Some(ErrorKind::InvalidData));
        assert_eq!(refused(&frame(FRAME_BYTES_MAX + 1, 1, b"")), Some(ErrorKind::InvalidData));
        assert_eq!(refused(&frame(u32::MAX, 1, b"")), Some(ErrorKind::InvalidData));
        for kind in [0, 5, b'{'] {
            assert_eq!(refused(&frame(3, kind, b"{}")), Some(ErrorKind::InvalidData));
        }
        let whole = frame(3, 1, b"{}");
        for cut in 1..whole.len() {
            assert_eq!(refused(&whole[..cut]), Some(ErrorKind::UnexpectedEof), "{cut}");
        }
        assert!(append(&mut Vec::new(), Kind::Output, &vec![0; FRAME_BYTES_MAX as usize]).is_err());
    }

    /// The messages as FORMAT.md has them.
    #[test]
    fn messages_have_the_documented_forms() {
        let said = |text: &str| {
            let said: Said = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&said).unwrap(), text);
        };
        said(r#"{"hello":{"strongroom":1,"room":"r","program":"0.1.0"}}"#);
        said(r#"{"refused":{"kind":"busy","message":"m","hint":null}}"#);
        said(r#"{"progress":{"what":"bytes","total":null,"done":5}}"#);
        said(r#"{"progress":null}"#);
        said(r#"{"secret":{"prompt":"password: ","bytes_max":4096}}"#);
        said(r#"{"sign":{"key":"id_ed25519","challenge":"c"}}"#);
        said(r#"{"open":{"source":"input"}}"#);
        said(r#"{"open":{"source":{"descriptor":3}}}"#);
        said(r#"{"read":{"bytes_max":1}}"#);
        said(r#"{"create":{"path":"a"}}"#);
        said(r#""keep""#);
        said(r#"{"session":{"holder":"principal:x","expires":1,"token":"t"}}"#);
        said(r#"{"end":{"exit":3}}"#);
        let call: Told = serde_json::from_str(r#"{"call":{"arguments":["doctor"]}}"#).unwrap();
        let Told::Call(call) = call else { panic!("it is a call") };
        assert_eq!((call.arguments, call.plain), (vec!["doctor".to_owned()], false));
        for refused in [r#"{"call":{"more":1}}"#, r#"{"cal":{}}"#, r#"{"failed":{}}"#, "3", ""] {
            assert!(serde_json::from_str::<Told>(refused).is_err(), "{refused}");
        }
        let text = written(&Told::Call(Box::default())).unwrap();
        assert!(String::from_utf8(text.to_vec()).unwrap().starts_with(r#"{"call":{"arguments":[]"#));
        let _: Asked = Asked::default();
    }
}
