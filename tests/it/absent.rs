//! What must be absent, and where: SQL outside the store, an engine outside the store, keys inside it, another
//! clock, printing and the surroundings of the process in the library. ARCHITECTURE.md gives the reasons.

use crate::source::{self, Kind, SourceFile, Tree};

/// The one place outside the store with SQL: it tampers with a copy of a room to show that tampering is found.
const TAMPERING: &str = "src/bin/strongroom/demo/tamper.rs";
/// The one place that asks the operating system for the time.
const CLOCK: &str = "src/base/clock.rs";

/// SQL as a verb and the word that must follow it somewhere; an empty one asks for nothing more.
const STATEMENTS: [(&str, &str); 17] = [
    ("SELECT", "FROM"),
    ("SELECT", "("),
    ("INSERT", "INTO"),
    ("REPLACE", "INTO"),
    ("UPDATE", "SET"),
    ("DELETE", "FROM"),
    ("CREATE", "TABLE"),
    ("CREATE", "TRIGGER"),
    ("CREATE", "INDEX"),
    ("CREATE", "VIEW"),
    ("DROP", "TABLE"),
    ("DROP", "TRIGGER"),
    ("DROP", "INDEX"),
    ("ALTER", "TABLE"),
    ("BEGIN", "IMMEDIATE"),
    ("ATTACH", "DATABASE"),
    ("PRAGMA", ""),
];

fn in_store(path: &str) -> bool {
    path.starts_with("src/store/")
}

fn in_library(path: &str) -> bool {
    !path.starts_with("src/bin/")
}

/// Whether a text is SQL: a statement's words in capitals anywhere, or in any case where the text starts with them.
/// Prose that starts with "select" and goes on to "from" has to be put in other words.
fn is_sql(text: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let spaced = text.replace('(', " ( ").replace("\\n", " ").replace([';', '"', '\\'], " ");
        spaced.split_whitespace().map(str::to_owned).collect()
    };
    let follows = |words: &[String], next: &str| next.is_empty() || words.iter().any(|word| word == next);
    let (as_written, raised) = (words(text), words(&text.to_uppercase()));
    STATEMENTS.iter().any(|(verb, next)| {
        let anywhere = as_written.iter().position(|word| word == verb);
        anywhere.is_some_and(|at| follows(&as_written[at + 1..], next))
            || raised
                .split_first()
                .is_some_and(|(first, rest)| first == verb && *next != "(" && follows(rest, next))
    })
}

/// SQL, files of SQL, and the engine's crate by name.
fn sql(file: &SourceFile) -> Vec<String> {
    let is_engine = |token: &source::Token| token.is_word("rusqlite") || token.is_word("libsqlite3_sys");
    let is_file = |text: &str| text.to_lowercase().ends_with(".sql");
    let found = file.code.iter().filter(|token| match token.kind {
        Kind::Text => is_sql(&token.text) || is_file(&token.text),
        _ => is_engine(token),
    });
    found.map(|token| format!("{}:{}: `{}`", file.path, token.line, token.text)).collect()
}

/// Macros and paths of the library that print, or read what surrounds the process.
fn surroundings(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for module in &tree.files {
        let file = &module.file;
        for (at, token) in file.product() {
            if ["print", "println", "eprint", "eprintln", "dbg"].iter().any(|name| file.has(at, &[name, "!"]))
            {
                faults.push(format!("{}:{}: prints", file.path, token.line));
            }
        }
        for mention in module.mentions.iter().filter(|mention| !mention.in_test) {
            let named = mention.segments.iter().map(String::as_str).collect::<Vec<_>>();
            if reads_surroundings(&named) {
                faults.push(format!("{}:{}: names `{}`", file.path, mention.line, named.join("::")));
            }
        }
    }
    faults
}

fn reads_surroundings(path: &[&str]) -> bool {
    let path = path.strip_prefix(&[""]).unwrap_or(path);
    matches!(
        path,
        ["std", "env", ..] | ["std", "io", "stdout" | "stderr" | "stdin" | "Stdout" | "Stderr" | "Stdin"]
    ) || path.iter().any(|name| matches!(*name, "home_dir" | "dirs" | "directories"))
}

/// The words `now` of the standard library's clocks.
fn clocks(file: &SourceFile) -> Vec<String> {
    let clock = |at: usize| ["SystemTime", "Instant"].iter().any(|name| file.has(at, &[name, "::", "now"]));
    let found = file.code.iter().enumerate().filter(|(at, _)| clock(*at));
    found.map(|(_, token)| format!("{}:{}: asks for the time", file.path, token.line)).collect()
}

/// Secrets by their types: the store is given a notary that it cannot look into, and sealed bytes.
fn keys(file: &SourceFile) -> Vec<String> {
    let is_key = |name: &str| matches!(name, "Secret" | "DataKey" | "Zeroizing");
    let found = file.product().filter(|(_, token)| token.kind == Kind::Word && is_key(&token.text));
    found.map(|(_, token)| format!("{}:{}: names `{}`", file.path, token.line, token.text)).collect()
}

fn check(wanted: impl Fn(&str) -> bool, faults: impl Fn(&SourceFile) -> Vec<String>) {
    let files = source::rust_files("src");
    let faults: Vec<_> = files.iter().filter(|file| wanted(&file.path)).flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn sql_and_its_engine_stand_in_the_store_alone() {
    check(|path| !in_store(path) && path != TAMPERING, sql);
}

#[test]
fn the_store_holds_no_key() {
    check(in_store, keys);
}

#[test]
fn the_library_has_one_clock() {
    check(|path| in_library(path) && path != CLOCK, clocks);
}

#[test]
fn the_library_neither_prints_nor_looks_around() {
    let files = source::rust_files("src").into_iter().filter(|file| in_library(&file.path)).collect();
    let faults = surroundings(&Tree::of(files));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::{SourceFile, Tree, clocks, is_sql, keys, sql, surroundings};

    #[test]
    fn sql_is_told_from_prose() {
        for text in [
            "SELECT id FROM account WHERE x = ?1",
            "  select id\n from account",
            "WITH x AS (SELECT 1) SELECT * FROM x",
            "SELECT count(*)",
            "INSERT OR IGNORE INTO a VALUES (1)",
            "insert into a values (1)",
            "UPDATE account SET state = 2",
            "DELETE FROM entry",
            "PRAGMA journal_mode = WAL",
            "pragma user_version",
            "CREATE UNIQUE INDEX a ON b (c)",
            "; DROP TRIGGER entry_guard;",
        ] {
            assert!(is_sql(text), "{text}");
        }
        for text in [
            "the account is selected from the list",
            "update the settings",
            "select a role (or two)",
            "delete",
            "",
        ] {
            assert!(!is_sql(text), "{text}");
        }
        let faults = |source: &str| sql(&SourceFile::new("src/room/a.rs", source)).len();
        assert_eq!(
            faults("let a = r#\"SELECT 1 FROM b\"#; include_str!(\"b.sql\"); use rusqlite::Connection;"),
            3
        );
        assert_eq!(faults("// SELECT 1 FROM b\n fn rusqlite_free() {}"), 0);
    }

    #[test]
    fn printing_and_looking_around_are_found() {
        let faults =
            |source: &str| surroundings(&Tree::of(vec![SourceFile::new("src/room/mod.rs", source)])).len();
        for found in [
            "println!(\"a\");",
            "dbg!(1);",
            "use std::{env, fs};",
            "let a = std::env::var(\"A\");",
            "use ::std::env::args;",
            "std::io::stdout().lock();",
            "use std::io::{self, stderr};",
            "let a = std::env::home_dir();",
        ] {
            assert_eq!(faults(found), 1, "{found}");
        }
        for fine in [
            "env!(\"CARGO_PKG_VERSION\");",
            "writeln!(f, \"a\");",
            "use std::{fs, io::Write};",
            "my::println();",
        ] {
            assert_eq!(faults(fine), 0, "{fine}");
        }
        assert_eq!(faults("#[cfg(test)] mod tests { use std::env; fn f() { println!() } }"), 0);
    }

    #[test]
    fn another_clock_and_a_key_are_found() {
        let file = |source| SourceFile::new("src/store/a.rs", source);
        assert_eq!(
            clocks(&file("let a = std::time::Instant::now(); SystemTime::now(); Clock::now()")).len(),
            2
        );
        assert_eq!(
            keys(&file("fn f(key: &Secret<32>, text: Zeroizing<String>, notary: &Notary) {}")).len(),
            2
        );
    }
}
