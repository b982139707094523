//! What surrounds this process: the one place that reads the environment. No secret comes this way.

use std::{
    io::{self, IsTerminal},
    net::IpAddr,
    path::PathBuf,
    time::Duration,
};

use strongroom::room::TraceId;

/// What is taken from the surroundings.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The directory for what lasts as long as the person is logged in to this machine.
    pub runtime: Option<PathBuf>,
    /// Whether somebody asked all programs for no colour.
    pub plain: bool,
    /// This machine's name.
    pub host: String,
    /// The socket through which rooms are reached whose files cannot be read.
    pub socket: Option<String>,
    /// What the system's manager of services said, if it started this process.
    pub supervised: Supervised,
    /// Where the person is, as far as it is known: a terminal, an address. It is recorded as it was said.
    pub origin: Option<String>,
    /// The other end of the connection by which SSH brought the person here.
    pub client: Option<IpAddr>,
    /// The trace that this command is part of, if whoever started it says one in `TRACEPARENT`.
    pub trace: Option<TraceId>,
}

/// What a manager of services says: for this process alone.
#[derive(Debug, Clone, Default)]
pub struct Supervised {
    /// The address of the socket that takes notices.
    pub notify: Option<String>,
    /// A sign of life is due within this time.
    pub watchdog: Option<Duration>,
    /// How many descriptors were handed over.
    pub descriptors: u32,
}

fn supervised(set: impl Fn(&str) -> Option<String>) -> Supervised {
    let own = std::process::id();
    let number = |name| set(name).and_then(|text| text.parse::<u64>().ok());
    let is_for_this = |name| number(name).is_none_or(|process| process == u64::from(own));
    let watchdog = number("WATCHDOG_USEC").filter(|micros| *micros > 0 && is_for_this("WATCHDOG_PID"));
    let descriptors = number("LISTEN_FDS").filter(|_| number("LISTEN_PID") == Some(own.into()));
    Supervised {
        notify: set("NOTIFY_SOCKET"),
        watchdog: watchdog.map(Duration::from_micros),
        descriptors: descriptors.and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
    }
}

impl Surroundings {
    /// Looks around.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn look() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let runtime = set("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
        let client = set("SSH_CONNECTION").and_then(|connection| client(&connection));
        Self {
            runtime,
            plain: set("NO_COLOR").is_some(),
            socket: set("STRONGROOM_SOCKET"),
            supervised: supervised(set),
            client,
            trace: set("TRACEPARENT").and_then(|header| TraceId::from_traceparent(&header)),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            origin: origin(terminal(), client),
        }
    }
}

/// The address of the other end of a connection as SSH tells it: address and port of both ends.
fn client(connection: &str) -> Option<IpAddr> {
    connection.split(' ').next()?.parse().ok()
}

/// The name of the terminal behind one of the standard streams.
fn terminal() -> Option<String> {
    let name = |stream: &dyn rustix::fd::AsFd| rustix::termios::ttyname(stream, Vec::new()).ok();
    let (input, error) = (io::stdin(), io::stderr());
    let found = if input.is_terminal() { name(&input) } else { name(&error) };
    found.and_then(|name| name.into_string().ok())
}

fn origin(terminal: Option<String>, client: Option<IpAddr>) -> Option<String> {
    match (terminal, client) {
        (Some(terminal), Some(client)) => Some(format!("{client} on {terminal}")),
        (None, Some(client)) => Some(client.to_string()),
        (terminal, None) => terminal,
    }
}

#[cfg(test)]
mod tests {
    use super::{client, origin};

    #[test]
    fn an_origin_is_an_address_or_nothing() {
        assert_eq!(client("203.0.113.7 50000 10.0.0.1 22").unwrap().to_string(), "203.0.113.7");
        assert_eq!(client("2001:db8::1 50000 ::1 22").unwrap().to_string(), "2001:db8::1");
        for nonsense in ["", "jane 1 2 3", "\u{1b}[2J 1 2 3"] {
            assert_eq!(client(nonsense), None, "{nonsense:?}");
        }
        let here = Some("/dev/pts/1".to_owned());
        assert_eq!(origin(here.clone(), client("::1 1 ::1 2")).unwrap(), "::1 on /dev/pts/1");
        assert_eq!(origin(here.clone(), None), here);
        assert_eq!(origin(None, None), None);
    }
}
