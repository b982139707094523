//! What surrounds this process: the one place that reads the environment. No secret comes this way.

use std::{
    io::{self, IsTerminal},
    net::IpAddr,
    path::PathBuf,
};

/// What is taken from the surroundings.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The directory for what lasts as long as the person is logged in to this machine.
    pub runtime: Option<PathBuf>,
    /// Whether somebody asked all programs for no colour.
    pub plain: bool,
    /// This machine's name.
    pub host: String,
    /// Where the person is, as far as it is known: a terminal, an address. It is recorded as it was said.
    pub origin: Option<String>,
}

impl Surroundings {
    /// Looks around.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn look() -> Self {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let runtime = set("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
        let client = set("SSH_CONNECTION").and_then(|connection| client(&connection));
        Self {
            runtime,
            plain: set("NO_COLOR").is_some(),
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
