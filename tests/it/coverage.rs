//! Every table and column has a class or is open, in the list that FORMAT.md prints and in the schemas of both engines:
//! what erasure and export walk is complete because nothing can be added beside it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::{source, world::World};

/// What the list says of a column: its class, or what it holds in the open.
type Columns = BTreeMap<(String, String), String>;

/// A table of the list: its name, its columns, what becomes of a person's rows.
struct Listed {
    name: String,
    columns: Vec<(String, String)>,
    ends: String,
}

const CLASSES: [&str; 7] =
    ["identity", "credential", "billing", "support", "activity", "audit-detail", "staff"];

fn listed() -> Vec<Listed> {
    let text = source::read("FORMAT.md");
    let (_, rest) = text.split_once("<!-- generated: columns -->\n").unwrap();
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let pairs = cells[1..3].iter().flat_map(|cell| cell.split(", ")).filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (name, holds) = pair.split_once(' ').unwrap();
            (name.replace('`', ""), holds.to_owned())
        };
        Listed {
            name: cells[0].replace('`', ""),
            columns: pairs.map(pair).collect(),
            ends: cells[3].to_owned(),
        }
    })
    .collect()
}

fn all(listed: &[Listed]) -> Columns {
    let columns = |table: &Listed| {
        let name = table.name.clone();
        table.columns.clone().into_iter().map(move |(column, holds)| ((name.clone(), column), holds))
    };
    listed.iter().flat_map(columns).collect()
}

/// The columns of a database's tables, each with its type.
fn stored(database: &Connection) -> Columns {
    let mut statement = database
        .prepare(
            "SELECT s.name, c.name, c.type FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) c WHERE s.type = 'table'",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// The columns of a schema's text, as they are named there: each on a line of its own, or in an `ALTER TABLE TABLE ADD
/// COLUMN NAME` on one line.
fn written(schema: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut table = None;
    for line in schema.lines() {
        if let Some(rest) = line.strip_prefix("ALTER TABLE ") {
            let mut words = rest.split_whitespace();
            let (table, column) = (words.next(), words.nth(2));
            found.extend(table.zip(column).map(|(table, column)| (table.to_owned(), column.to_owned())));
        } else if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.split_whitespace().next().map(str::to_owned);
        } else if line.starts_with(')') {
            table = None;
        } else if let (Some(table), Some(word)) = (&table, line.split_whitespace().next())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            found.insert((table.clone(), word.to_owned()));
        }
    }
    found
}

/// Columns of one that the other has not.
fn missing<'c, T: 'c>(
    of: impl IntoIterator<Item = &'c (String, String)>,
    listed: &BTreeMap<(String, String), T>,
) -> Vec<String> {
    of.into_iter().filter(|column| !listed.contains_key(*column)).map(|(t, c)| format!("{t}.{c}")).collect()
}

#[test]
fn every_column_of_a_room_has_a_class_or_is_open() {
    let world = World::demo();
    let open = |path: &str| stored(&Connection::open(world.path().join(path)).unwrap());
    let mut there = open("store/store.db");
    there.extend(open("keyring/keyring.db"));
    let list = all(&listed());
    assert_eq!(missing(there.keys(), &list), [""; 0], "in a room, and of no class: src/store/columns.rs");
    assert_eq!(missing(list.keys(), &there), [""; 0], "in the list alone");
    for (column, holds) in &list {
        let expected = match holds.as_str() {
            "id" | "hash" | "made" => "BLOB",
            "number" | "time" | "money" => "INTEGER",
            "label" => "TEXT",
            class => {
                assert!(CLASSES.contains(&class), "{column:?} holds `{class}`");
                "BLOB"
            }
        };
        assert_eq!(there[column], expected, "{column:?}");
        assert_eq!(column.1.ends_with("_sealed"), CLASSES.contains(&holds.as_str()), "{column:?}");
    }
}

#[test]
fn every_column_of_both_schemas_is_listed() {
    let list = all(&listed());
    for engine in ["sqlite", "postgres"] {
        let files =
            source::files(&format!("schema/{engine}")).into_iter().filter(|file| file.ends_with(".sql"));
        let text: Vec<_> = files.map(|file| source::read(&file)).collect();
        let there = written(&text.join("\n"));
        assert_eq!(missing(&there, &list), [""; 0], "{engine}");
        let there: BTreeMap<_, _> = there.into_iter().map(|column| (column, ())).collect();
        assert_eq!(missing(list.keys(), &there), [""; 0], "{engine}");
    }
}

#[test]
fn what_is_sealed_of_a_person_goes_with_its_class_or_is_emptied() {
    for table in listed() {
        let sealed: BTreeSet<_> = table
            .columns
            .iter()
            .map(|(_, holds)| holds.as_str())
            .filter(|holds| CLASSES.contains(holds))
            .collect();
        let names_a_person =
            table.columns.iter().any(|(column, _)| column == "account" || column == "holder");
        let class = table.ends.strip_prefix("rows go with class ");
        match class.map(|class| class.strip_suffix(", and one tells of it").unwrap_or(class)) {
            Some(class) => assert!(sealed.is_empty() || sealed == [class].into(), "{}", table.name),
            None if table.ends.ends_with("emptied") => assert!(!sealed.is_empty(), "{}", table.name),
            // Of nobody's account yet: gone within days, or moved into the tables above.
            None if table.ends.contains("of no account") => assert!(!names_a_person, "{}", table.name),
            // Nothing sealed about a customer stays as it is.
            None => assert!(sealed.is_empty() || sealed == ["staff"].into(), "{}", table.name),
        }
        assert!(!names_a_person || table.ends != "about no customer", "{}", table.name);
    }
}

/// The rows of a table in which the account stands in a column of ids, and those of them that still hold a key or
/// something sealed.
fn about(database: &Connection, table: &Listed, account: &[u8]) -> (i64, i64) {
    let of = |wanted: &dyn Fn(&str, &str) -> bool| -> Vec<&str> {
        let columns = table.columns.iter().filter(|(name, holds)| wanted(name, holds));
        columns.map(|(name, _)| name.as_str()).collect()
    };
    let ids: Vec<_> = of(&|_, holds| holds == "id").iter().map(|name| format!("{name} = ?1")).collect();
    if ids.is_empty() {
        return (0, 0);
    }
    let full = of(&|name, holds| CLASSES.contains(&holds) || name == "wrapped");
    let full: Vec<_> = full.iter().map(|name| format!("coalesce(length({name}), 0) > 0")).collect();
    let full = if full.is_empty() { "0".to_owned() } else { full.join(" OR ") };
    let sql =
        format!("SELECT count(*), coalesce(sum({full}), 0) FROM {} WHERE {}", table.name, ids.join(" OR "));
    database.query_row(&sql, [account], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

/// The list is what erasure does: of an erased customer a row is left where the list says that rows stay, with nothing
/// sealed in it, and nowhere else. Billing of this year stays, and says that it does.
#[test]
fn what_the_list_says_of_an_erasure_is_what_an_erasure_leaves() {
    let jane = crate::erasure::Jane::new();
    let account = *jane.account().as_bytes();
    let open = |path: &str| Connection::open(jane.world.path().join(path)).unwrap();
    let (store, keyring) = (open("store/store.db"), open("keyring/keyring.db"));
    let in_keyring =
        ["keyring", "wrapping_key", "data_key", "period_floor", "version_floor", "blind_index", "clue"];
    let count = |table: &Listed| {
        about(if in_keyring.contains(&table.name.as_str()) { &keyring } else { &store }, table, &account)
    };
    let before: BTreeMap<String, i64> =
        listed().iter().map(|table| (table.name.clone(), count(table).0)).collect();
    for table in [
        "account",
        "credential",
        "activity",
        "ticket",
        "ticket_message",
        "attachment",
        "attachment_use",
        "payment",
        "audit_detail",
        "data_key",
        "blind_index",
        "clue",
        "session",
        "challenge",
        "outbox",
        "api_key",
        "device",
    ] {
        assert!(before[table] > 0, "nothing of hers in {table}");
    }
    jane.erase();
    for table in listed() {
        let (rows, full) = count(&table);
        let kept = i64::from(table.name == "payment");
        match table.ends.as_str() {
            "rows stay, what is sealed is emptied" => assert_eq!((rows, full), (1, 0), "{}", table.name),
            "rows stay: ids, dates, states" => assert_eq!(full, 0, "{}", table.name),
            // It says that she is erased, and holds nothing of her.
            "rows go with class identity, and one tells of it" => {
                assert_eq!((rows, full), (1, 0), "{}", table.name);
            }
            // One key has its law: that of this year's billing.
            "rows stay as fences, without a key" => assert!(rows > 1 && full == 1, "{}: {full}", table.name),
            // That key's payment is found by its reference; her name is not.
            "each row goes with its key" => assert_eq!(rows, 1, "{}", table.name),
            _ => assert_eq!(rows, kept, "{}: {}", table.name, table.ends),
        }
    }
}

#[test]
fn a_column_that_nobody_listed_is_found() {
    let schema = "CREATE TABLE account (\n    id BLOB,\n    phone_sealed BLOB,\n    CHECK (id = 1)\n);\nCREATE TABLE note (\n    text TEXT\n) STRICT;\n\
                  ALTER TABLE account ADD COLUMN fax_sealed BLOB;\n";
    let list = all(&listed());
    assert_eq!(missing(&written(schema), &list), ["account.fax_sealed", "account.phone_sealed", "note.text"]);
}
