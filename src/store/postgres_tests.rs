//! Every statement and the PostgreSQL schema, prepared against a real server.

use postgres::{Client, NoTls};

use super::{Database, Statement, formats::FORMATS};

const KEYRING: &str = include_str!("../../schema/postgres/keyring/0001.sql");

/// What `.ci/run` sets: how to connect, and that nothing may be skipped.
#[expect(clippy::disallowed_methods, reason = "how a test run names the server it brought")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn every_statement_prepares_on_postgresql() {
    let Some(server) = variable("STRONGROOM_TEST_POSTGRES") else {
        assert!(variable("STRONGROOM_TEST_SKIP_NOTHING").is_none(), "no server, and nothing may be skipped");
        eprintln!("skipped: STRONGROOM_TEST_POSTGRES names no server");
        return;
    };
    let mut client = Client::connect(&server, NoTls).unwrap();
    let store: Vec<_> = FORMATS.iter().map(|format| format.postgres).collect();
    for (database, schemas) in [(Database::Store, store), (Database::Keyring, vec![KEYRING])] {
        let mut transaction = client.transaction().unwrap();
        transaction
            .batch_execute("CREATE SCHEMA strongroom_test; SET LOCAL search_path = strongroom_test")
            .unwrap();
        for schema in schemas {
            transaction.batch_execute(schema).unwrap();
        }
        for statement in Statement::all().filter(|statement| statement.database == database) {
            let prepared = transaction.prepare(&statement.postgres_text());
            assert!(prepared.is_ok(), "{}: {:?}", statement.name, prepared.err());
        }
        transaction.rollback().unwrap();
    }
}

#[test]
fn statements_have_one_name_each_and_bind_every_value() {
    let mut names: Vec<_> = Statement::all().map(|statement| statement.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    for statement in Statement::all() {
        assert!(!statement.text.contains('\''), "{} holds a literal text", statement.name);
        let marks = statement.text.matches('?').count();
        let numbered = statement
            .text
            .split('?')
            .skip(1)
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            .count();
        assert_eq!(marks, numbered, "{} holds a question mark that is no placeholder", statement.name);
    }
}
