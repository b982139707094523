//! The administrator of a room's databases: has every file of the databases in hand and any SQL he likes, and neither
//! the program nor its keys. Tests let him work on copies of a real room.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64ct::{Base64UrlUnpadded, Encoding};
use rusqlite::{Connection, types::Value};
use sha2::{Digest, Sha256};
use strongroom::room::{
    Clock, Entry, Forgery, Kind, LogEntry, LogPart, OpenRoomError, Page, RequestId, Room, SecretText,
    Verified, VerifierKey, Why, verify,
};
use tempfile::TempDir;

use crate::world::{World, options};

/// A copy of a room, on the original's clock.
pub struct Copy {
    clock: Clock,
    directory: TempDir,
}

impl Copy {
    /// A copy of the whole room as it is now: nobody writes to it meanwhile.
    pub fn of(world: &World) -> Self {
        Self::from(&world.path(), &world.clock)
    }

    /// A copy of this copy.
    pub fn again(&self) -> Self {
        Self::from(&self.path(), &self.clock)
    }

    fn from(room: &Path, clock: &Clock) -> Self {
        let directory = tempfile::tempdir().unwrap();
        copy_directory(room, &directory.path().join("room"));
        Self { clock: clock.clone(), directory }
    }

    /// Its directory.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("room")
    }

    /// The room in it, opened as by the program.
    pub fn open(&self) -> Result<Room, OpenRoomError> {
        options(&self.path(), &self.clock).open()
    }

    /// The room, which opens.
    pub fn room(&self) -> Room {
        self.open().unwrap()
    }

    /// `store.db` with the guards taken off.
    pub fn store(&self) -> Connection {
        unguarded(&self.path().join("store/store.db"))
    }

    /// `keyring.db` with the guards taken off.
    pub fn keyring(&self) -> Connection {
        unguarded(&self.path().join("keyring/keyring.db"))
    }

    /// What an auditor finds who has the room's files and keys.
    pub fn verify(&self) -> Verified {
        verify(&self.path(), None, |_| ()).unwrap()
    }

    /// What an auditor finds who has the log's public key from elsewhere, too.
    pub fn verify_pinned(&self, key: &str) -> Verified {
        verify(&self.path(), Some(&VerifierKey::parse(key).unwrap()), |_| ()).unwrap()
    }

    /// Puts a part of another copy in this one's place.
    pub fn put(&self, part: &str, from: &Copy) {
        let (from, to) = (from.path().join(part), self.path().join(part));
        if from.is_dir() {
            fs::remove_dir_all(&to).unwrap();
            copy_directory(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }

    /// Why the program refuses to open it, which must be that it is not whole.
    pub fn refused(&self) -> String {
        match self.open() {
            Ok(_) => panic!("the room opens"),
            Err(error) => {
                assert_eq!(error.kind(), Kind::Integrity, "{error}");
                error.to_string()
            }
        }
    }

    /// Neither the program nor an auditor takes the rows that confer authority for genuine; the auditor names those
    /// whose MAC is wrong.
    pub fn authority_is_found(&self) -> Vec<Forgery> {
        let refused = self.refused();
        assert!(refused.contains("confer authority"), "{refused}");
        let verified = self.verify();
        assert_eq!(verified.authority, Some(false));
        assert!(!verified.is_sound());
        verified.forged
    }
}

fn copy_directory(from: &Path, to: &Path) {
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if from.is_dir() {
            copy_directory(&from, &to.join(name));
        } else {
            fs::copy(&from, to.join(&name)).unwrap();
            let mode = fs::metadata(&from).unwrap().permissions().mode();
            fs::set_permissions(to.join(&name), fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}

/// A connection to a database whose triggers are gone: they guard against accidents, not against him.
pub fn unguarded(database: &Path) -> Connection {
    let sql = Connection::open(database).unwrap();
    for trigger in column(&sql, "SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
        let Value::Text(name) = trigger else { panic!("a trigger without a name") };
        sql.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    sql
}

/// The first column of all rows.
pub fn column(sql: &Connection, query: &str) -> Vec<Value> {
    let mut statement = sql.prepare(query).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Runs one statement that changes so many rows.
pub fn change(sql: &Connection, statement: &str, values: impl rusqlite::Params, rows: usize) {
    assert_eq!(sql.execute(statement, values).unwrap(), rows, "{statement}");
}

/// Exchanges what two rows have in a column.
pub fn swap(sql: &Connection, table: &str, name: &str, [one, other]: [&str; 2]) {
    let read =
        |condition: &str| column(sql, &format!("SELECT {name} FROM {table} WHERE {condition}")).remove(0);
    let (mine, theirs) = (read(one), read(other));
    assert_ne!(mine, theirs);
    for (condition, value) in [(one, theirs), (other, mine)] {
        change(sql, &format!("UPDATE {table} SET {name} = ?1 WHERE {condition}"), [value], 1);
    }
}

/// The condition of a row with this id, in this column.
pub fn is(column: &str, id: impl std::fmt::Display) -> String {
    let hex: String = bytes(id).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{column} = x'{hex}'")
}

/// Rows of a table, whole, as they are now.
pub struct Kept {
    table: &'static str,
    rows: Vec<Vec<Value>>,
}

impl Kept {
    /// The rows of `table` that `condition` names: at least one.
    pub fn of(sql: &Connection, table: &'static str, condition: &str) -> Self {
        let mut statement = sql.prepare(&format!("SELECT * FROM {table} WHERE {condition}")).unwrap();
        let columns = statement.column_count();
        let whole = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
        let rows: Vec<_> = statement.query_map([], whole).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(!rows.is_empty(), "{table}: {condition}");
        Self { table, rows }
    }

    /// Puts them back as they were, over whatever stands there.
    pub fn put_back(&self, sql: &Connection) {
        for row in &self.rows {
            let places = vec!["?"; row.len()].join(", ");
            let statement = format!("INSERT OR REPLACE INTO {} VALUES ({places})", self.table);
            change(sql, &statement, rusqlite::params_from_iter(row), 1);
        }
    }
}

/// A token that the administrator made up, and its hash as the program computes it: the way is no secret.
pub fn made_up_token() -> (SecretText, [u8; 32]) {
    let secret = [0x5a; 32];
    let text = Base64UrlUnpadded::encode_string(&secret);
    let hash = Sha256::new().chain_update(b"strongroom/token/1\0").chain_update(secret).finalize();
    (SecretText::new(text), hash.into())
}

/// The whole log, as an auditor reads it.
pub fn log(room: &Room) -> Vec<LogEntry> {
    let vera = room.staff(&room.assume("vera").unwrap().token);
    vera.audit_log(LogPart::All, 0, &Page::first(500), &Why::unstated()).unwrap().entries
}

/// The entry of a request: exactly one.
pub fn entry_of(room: &Room, request: RequestId) -> Entry {
    let mut found = log(room).into_iter().map(|entry| entry.entry).filter(|entry| entry.request == request);
    let entry = found.next().unwrap();
    assert!(found.next().is_none(), "two entries of one request");
    entry
}

/// The 16 bytes of an id.
pub fn bytes(id: impl std::fmt::Display) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(&id.to_string()).unwrap()
}
