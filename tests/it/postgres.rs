//! The PostgreSQL that statements are prepared against: a server of the system's packages, thrown away afterwards.
//! `scripts/postgres-for-tests run cargo test` starts one; `.ci/run` does.

use postgres::{Client, NoTls};

/// The variable that holds how to connect, as key-value pairs.
const CONNECTION: &str = "STRONGROOM_TEST_POSTGRES";
/// The variable that turns a test which would be skipped into one that fails.
const SKIP_NOTHING: &str = "STRONGROOM_TEST_SKIP_NOTHING";

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told where the server is; the library reads no environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A connection to the throw-away server; `None`, and a line that says so, where there is none and that is allowed.
///
/// # Panics
/// There is none and nothing may be skipped, or it does not answer.
pub fn client() -> Option<Client> {
    let Some(connection) = variable(CONNECTION) else {
        skip(&format!("{CONNECTION} is not set: see scripts/postgres-for-tests"));
        return None;
    };
    Some(Client::connect(&connection, NoTls).unwrap())
}

/// Says that a test is skipped, and why.
///
/// # Panics
/// Nothing may be skipped.
pub fn skip(why: &str) {
    assert!(variable(SKIP_NOTHING).is_none(), "nothing may be skipped, and {why}");
    report(&format!("skipped: {why}"));
}

/// Says something beside what a test came to.
#[expect(clippy::print_stderr, reason = "a skipped test says so where the person who runs it reads")]
pub fn report(line: &str) {
    eprintln!("{line}");
}

#[test]
fn the_server_is_one_to_throw_away() {
    let Some(mut client) = client() else { return };
    let mut setting =
        |name: &str| -> String { client.query_one("SELECT current_setting($1)", &[&name]).unwrap().get(0) };
    assert_eq!(setting("listen_addresses"), "127.0.0.1");
    assert_eq!(
        setting("fsync"),
        "off",
        "statements are prepared and never kept: this server is not somebody's own"
    );
    assert_eq!(setting("server_encoding"), "UTF8");
    let version: u32 = setting("server_version_num").parse().unwrap();
    assert!(version >= 150_000, "PostgreSQL 15 or later, not {version}");
}
