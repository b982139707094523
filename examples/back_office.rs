//! A web back end for staff, which holds no key and has no room open: it acts for whoever is logged in, with that
//! person's session, through the socket of `strongroom serve` (FORMAT.md section 17).
//!
//! ```text
//! back_office SOCKET [LISTEN]
//! ```
//!
//! What its users may do, the room decides, at each call, and has on record before anything is shown; whoever takes this
//! program over has the sessions of those who use it meanwhile, and nothing else. A reverse proxy ends TLS in front of
//! it. The session is in the browser's cookie: nothing is kept here.

use std::{
    error::Error,
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{
    Form, Router,
    extract::{ConnectInfo, FromRequestParts, Path, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Frames of the socket: their kinds.
const MESSAGE: u8 = 1;
const CONTENT: u8 = 2;
const OUTPUT: u8 = 3;
/// What follows a frame's length, bytes.
const FRAME_BYTES_MAX: usize = 1024 * 1024;
/// A page is shorter.
const OUTPUT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The daemon answers sooner.
const PATIENCE: Duration = Duration::from_secs(60);

/// A call: a command, and what it may ask back for.
#[derive(Default)]
struct Call {
    words: Vec<String>,
    session: Option<Value>,
    /// What is typed at prompts, by the first word of each.
    typed: Vec<(&'static str, String)>,
    /// What is at standard input.
    input: Vec<u8>,
    at: String,
    trace: Option<String>,
}

/// What it came to.
struct Ended {
    exit: i64,
    /// The object that `--json` gives; of a failure, too.
    value: Value,
    /// A session to keep, if one was begun.
    session: Option<Value>,
}

/// What stands there in a message.
fn at<'v>(message: &'v Value, place: &str) -> &'v Value {
    message.pointer(place).unwrap_or(&Value::Null)
}

/// A connection to the daemon.
struct Line(UnixStream);

impl Line {
    fn send(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 1).map_err(io::Error::other)?;
        self.0.write_all(&[&length.to_be_bytes()[..], &[kind], body].concat())
    }

    fn say(&mut self, message: &Value) -> io::Result<()> {
        self.send(MESSAGE, message.to_string().as_bytes())
    }

    fn hear(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let (mut length, mut kind) = ([0; 4], [0; 1]);
        self.0.read_exact(&mut length)?;
        self.0.read_exact(&mut kind)?;
        let length = u32::from_be_bytes(length) as usize;
        if !(1..=FRAME_BYTES_MAX).contains(&length) {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length - 1];
        self.0.read_exact(&mut body)?;
        let [kind] = kind;
        Ok((kind, body))
    }

    /// Answers what the daemon asks for. Nothing of this machine is opened: there are prompts, an input and a session.
    fn answer(&mut self, asked: &Value, call: &mut Call, kept: &mut Option<Value>) -> io::Result<()> {
        let failed = json!({"failed": {"usage": true, "message": "the back office has none", "hint": null}});
        if let Some(prompt) = at(asked, "/secret/prompt").as_str() {
            let typed = call.typed.iter().find(|(word, _)| prompt.contains(word));
            return match typed {
                Some((_, typed)) => self.send(CONTENT, typed.as_bytes()),
                None => self.say(&failed),
            };
        }
        if at(asked, "/open/source") == "input" {
            return self.say(&json!({"opened": {"bytes": call.input.len()}}));
        }
        if let Some(most) = at(asked, "/read/bytes_max").as_u64() {
            let most = usize::try_from(most).unwrap_or(0).min(call.input.len());
            let part: Vec<u8> = call.input.drain(..most).collect();
            return self.send(CONTENT, &part);
        }
        if let Some(session) = asked.get("session") {
            *kept = Some(session.clone());
            return self.say(&json!("done"));
        }
        if asked.get("progress").is_some() { Ok(()) } else { self.say(&failed) }
    }
}

/// Has a call carried out.
fn carry_out(socket: &std::path::Path, mut call: Call) -> io::Result<Ended> {
    let mut line = Line(UnixStream::connect(socket)?);
    line.0.set_read_timeout(Some(PATIENCE))?;
    let (_, hello) = line.hear()?;
    let hello: Value = serde_json::from_slice(&hello)?;
    if at(&hello, "/hello/strongroom") != 1 {
        return Err(io::Error::other("the daemon refuses, or speaks another protocol"));
    }
    line.say(&json!({"call": {
        "arguments": call.words,
        "terminal": ["input"],
        "session": call.session,
        "at": call.at,
        "trace": call.trace,
    }}))?;
    let (mut output, mut error, mut kept) = (Vec::new(), Vec::new(), None);
    loop {
        let (kind, body) = line.hear()?;
        if kind == MESSAGE {
            let asked: Value = serde_json::from_slice(&body)?;
            if let Some(exit) = at(&asked, "/end/exit").as_i64() {
                // A failure is the last line of its stream; notes may stand before it.
                let text = if exit == 0 { &output } else { &error };
                let last = text.rsplit(|byte| *byte == b'\n').find(|line| line.starts_with(b"{"));
                let value = last.and_then(|line| serde_json::from_slice(line).ok()).unwrap_or(Value::Null);
                return Ok(Ended { exit, value, session: kept });
            }
            line.answer(&asked, &mut call, &mut kept)?;
        } else {
            let text = if kind == OUTPUT { &mut output } else { &mut error };
            text.extend(body);
            if text.len() > OUTPUT_BYTES_MAX {
                return Err(ErrorKind::InvalidData.into());
            }
        }
    }
}

/// Whoever asks: the session of his cookie, where he is, and his own id of the request.
struct Asker {
    session: Option<Value>,
    at: String,
    trace: Option<String>,
}

/// `HOLDER.EXPIRES.TOKEN`: none of them has a dot.
fn session(cookie: &str) -> Option<Value> {
    let mut parts = cookie.splitn(3, '.');
    let (holder, expires, token) = (parts.next()?, parts.next()?.parse::<i64>().ok()?, parts.next()?);
    Some(json!({"holder": holder, "expires": expires, "token": token}))
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let headers = &parts.headers;
        if parts.method != "GET" && !is_own_form(headers) {
            return Err(
                (StatusCode::FORBIDDEN, "this form was not sent by a page of this site").into_response()
            );
        }
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split("; ")).filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(name, _)| *name == "session").and_then(|(_, value)| session(value));
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        let trace = headers.get("traceparent").and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Self { session: found, at: address.unwrap_or_default(), trace })
    }
}

/// Browsers say whose page sent a form.
fn is_own_form(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let sent_by = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    sent_by.is_some() && sent_by == text(header::HOST)
}

/// The daemon's socket.
type Daemon = State<Arc<PathBuf>>;

impl Asker {
    /// A command with the asker's session, its words as a person would type them.
    async fn carry_out(self, daemon: &Arc<PathBuf>, words: &[&str], call: Call) -> Result<Ended, Response> {
        let words = ["--json"].iter().chain(words).map(|word| (*word).to_owned()).collect();
        let Self { session, at, trace } = self;
        let (socket, call) = (Arc::clone(daemon), Call { words, session, at, trace, ..call });
        // It blocks, as long as the room takes: not on the threads that answer.
        let ended = tokio::task::spawn_blocking(move || carry_out(&socket, call)).await;
        let unavailable = (StatusCode::SERVICE_UNAVAILABLE, "the room is not reached; try again later");
        let ended =
            ended.map_err(|_| unavailable.into_response())?.map_err(|_| unavailable.into_response())?;
        if ended.exit == 0 { Ok(ended) } else { Err(problem(&ended)) }
    }
}

/// A failure, in the words of the command.
fn problem(ended: &Ended) -> Response {
    let status = match at(&ended.value, "/kind").as_str() {
        Some("denied") => StatusCode::FORBIDDEN,
        Some("not_found") => StatusCode::NOT_FOUND,
        Some("usage" | "invalid") => StatusCode::BAD_REQUEST,
        Some("busy" | "unavailable") => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, page("That was not done", &ended.value)).into_response()
}

/// A page that shows what a command gave. Everything in it is escaped: customers wrote some of it.
fn page(title: &str, value: &Value) -> Html<String> {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><pre>{text}</pre>\
         <form method=post action=/logout><button>Log out</button></form>"
    ))
}

const FRONT: &str = "<!doctype html><meta charset=utf-8><title>Back office</title><h1>Back office</h1>\
    <form method=post action=/login><input name=handle><input name=password type=password>\
    <input name=code placeholder='one-time code'><button>Log in</button></form>";

#[derive(Deserialize)]
struct Login {
    handle: String,
    password: String,
    #[serde(default)]
    code: String,
}

async fn login(State(daemon): Daemon, asker: Asker, Form(form): Form<Login>) -> Result<Response, Response> {
    let typed = vec![("password", form.password), ("code", form.code)];
    // Whoever is logged in already begins anew.
    let asker = Asker { session: None, ..asker };
    // Behind `--`, so that no handle is an argument.
    let ended = asker
        .carry_out(&daemon, &["staff", "login", "--", &form.handle], Call { typed, ..Call::default() })
        .await?;
    let kept = ended.session.unwrap_or_default();
    let part = |name| at(&kept, name).as_str().unwrap_or_default().to_owned();
    let value = format!("{}.{}.{}", part("/holder"), at(&kept, "/expires"), part("/token"));
    Ok((cookie(&value, ""), Redirect::to("/tickets")).into_response())
}

/// The cookie; in front of TLS it would say `Secure` too.
fn cookie(value: &str, more: &str) -> [(header::HeaderName, String); 1] {
    [(header::SET_COOKIE, format!("session={value}; Path=/; HttpOnly; SameSite=Strict{more}"))]
}

async fn logout(State(daemon): Daemon, asker: Asker) -> Response {
    // A session that had ended before is as good as one that ends now.
    let _ended = asker.carry_out(&daemon, &["staff", "logout"], Call::default()).await;
    (cookie("", "; Max-Age=0"), Redirect::to("/")).into_response()
}

async fn tickets(State(daemon): Daemon, asker: Asker) -> Result<Html<String>, Response> {
    let listed = asker.carry_out(&daemon, &["ticket", "list", "--mine"], Call::default()).await?;
    Ok(page("My tickets", &listed.value))
}

async fn ticket(
    State(daemon): Daemon,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Html<String>, Response> {
    let words = ["ticket", "show", "--purpose", "support_request", "--", &id];
    let shown = asker.carry_out(&daemon, &words, Call::default()).await?;
    Ok(page("Ticket", &shown.value))
}

#[derive(Deserialize)]
struct Reply {
    message: String,
}

async fn reply(
    State(daemon): Daemon,
    asker: Asker,
    Path(id): Path<String>,
    Form(form): Form<Reply>,
) -> Result<Redirect, Response> {
    let call = Call { input: form.message.into_bytes(), ..Call::default() };
    asker.carry_out(&daemon, &["ticket", "reply", "--", &id], call).await?;
    Ok(Redirect::to(&format!("/tickets/{id}")))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let socket = arguments.next().ok_or("usage: back_office SOCKET [LISTEN]")?;
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    writeln!(io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let routes = Router::new()
        .route("/", get(|| async { Html(FRONT) }))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/tickets", get(tickets))
        .route("/tickets/{id}", get(ticket))
        .route("/tickets/{id}/replies", post(reply))
        .with_state(Arc::new(PathBuf::from(socket)));
    Ok(axum::serve(listener, routes.into_make_service_with_connect_info::<SocketAddr>()).await?)
}
