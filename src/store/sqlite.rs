//! The embedded engine: SQLite, bundled.

use std::{
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
    config::DbConfig,
    ffi,
    types::ValueRef,
};

use super::{
    Database, Engine, EngineFault, Row, Statement, StoreError, StoredColumn, Value, formats::FORMATS,
};
use crate::base::limits::ENGINE_LOCK_WAIT_MAX;

/// The keyring has one format.
const KEYRING: &str = include_str!("../../schema/sqlite/keyring/0001.sql");

/// Pragmas that change what a promise rests on: each connection sets and then reads them back, because SQLite
/// ignores a pragma that it does not know.
///
/// `recursive_triggers`: OR REPLACE deletes without firing a DELETE trigger otherwise. `secure_delete`: deleted
/// rows are overwritten. No `mmap_size`: an I/O error or a cut file would be a signal instead of an error.
const PRAGMAS: &[(&str, &str, i64)] = &[
    ("foreign_keys", "ON", 1),
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("secure_delete", "ON", 1),
    ("temp_store", "MEMORY", 2),
    ("mmap_size", "0", 0),
    ("synchronous", "FULL", 2),
];

/// Statements that a connection keeps prepared.
const STATEMENT_CACHE: usize = 128;

/// Pages that a copy takes at a time: between two steps its progress is told.
const PAGES_PER_STEP: i32 = 1024;

/// A connection to one SQLite file.
pub(crate) struct Sqlite {
    connection: Connection,
    last_fault: Option<EngineFault>,
}

impl Sqlite {
    /// Makes a new database file with the newest schema. The file is its owner's alone.
    pub(crate) fn create(path: &Path, database: Database) -> Result<Self, StoreError> {
        new_file(path)?;
        let engine = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let run = |text| engine.connection.execute_batch(text).map_err(|e| failed("schema", &e));
        match database {
            Database::Store => FORMATS.iter().try_for_each(|format| run(format.sqlite))?,
            Database::Keyring => run(KEYRING)?,
        }
        Ok(engine)
    }

    /// Opens an existing database for writing.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        refuse_empty(path)?;
        Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    /// Opens an existing database for reading.
    pub(crate) fn open_reader(path: &Path) -> Result<Self, StoreError> {
        refuse_empty(path)?;
        let engine = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        engine.pragma("query_only", "ON", 1)?;
        // Each commit empties what a reader has cached, and there are many readers: 256 KiB each.
        engine.pragma("cache_size", "-256", -256)?;
        Ok(engine)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(path, flags).map_err(|e| failed("open", &e))?;
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        connection.busy_timeout(ENGINE_LOCK_WAIT_MAX).map_err(|e| failed("busy_timeout", &e))?;
        let engine = Self { connection, last_fault: None };
        let mode: String = engine
            .connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .map_err(|e| failed("journal_mode", &e))?;
        if mode != "wal" {
            return Err(StoreError::Engine { statement: "journal_mode", fault: EngineFault::ReadOnly });
        }
        for (name, setting, expected) in PRAGMAS {
            engine.pragma(name, setting, *expected)?;
        }
        // One plan for a statement, whatever is bound to it: else the engine plans it anew for each value, which takes
        // longer than most of these statements.
        let stable = engine.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
        stable.map_err(|e| failed("stable plans", &e))?;
        Ok(engine)
    }

    /// Copies the state that the open transaction sees into a new file, its owner's alone, and syncs it. `progress`
    /// hears of the pages copied and of all.
    pub(crate) fn copy_to(&self, path: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        self.inside("copy")?;
        new_file(path)?;
        let fail = |e: rusqlite::Error| failed("copy", &e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut target = Connection::open_with_flags(path, flags).map_err(fail)?;
        target.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
        let copy = Backup::new(&self.connection, &mut target).map_err(fail)?;
        loop {
            let step = copy.step(PAGES_PER_STEP).map_err(fail)?;
            let pages = copy.progress();
            let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
            progress(count(pages.pagecount - pages.remaining), count(pages.pagecount));
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(StoreError::Engine { statement: "copy", fault: EngineFault::Locked }),
            }
        }
        drop(copy);
        target.close().map_err(|(_, e)| fail(e))
    }

    fn pragma(&self, name: &'static str, setting: &str, expected: i64) -> Result<(), StoreError> {
        self.connection.pragma_update(None, name, setting).map_err(|e| failed(name, &e))?;
        let found = match self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)) {
            // A pragma without a value of its own (no memory mapping compiled in) answers with no row.
            Err(rusqlite::Error::QueryReturnedNoRows) => expected,
            other => other.map_err(|e| failed(name, &e))?,
        };
        if found == expected {
            Ok(())
        } else {
            Err(StoreError::Engine { statement: name, fault: EngineFault::Constraint })
        }
    }

    /// The engine says what came of it in a row, and cuts the file without a sync: a power cut would bring the pages
    /// back.
    fn truncate_log(&self) -> Result<bool, StoreError> {
        let fail = |e: &rusqlite::Error| failed("empty_log", e);
        let answer = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        });
        match answer.map_err(|e| fail(&e)) {
            Ok((0, 0)) => {}
            Ok(_) | Err(StoreError::Engine { fault: EngineFault::Locked, .. }) => return Ok(false),
            Err(other) => return Err(other),
        }
        let path = PathBuf::from(format!("{}-wal", self.connection.path().unwrap_or_default()));
        let log = std::fs::File::open(&path).and_then(|log| {
            log.sync_all()?;
            log.metadata()
        });
        let log = log.map_err(|e| StoreError::File { path, fault: e.kind() })?;
        Ok(log.len() == 0)
    }

    /// Runs a statement of transactions: kept prepared like any other, for each read is recorded within four.
    fn control(&mut self, name: &'static str, text: &str) -> Result<(), StoreError> {
        let done = self
            .connection
            .prepare_cached(text)
            .and_then(|mut prepared| prepared.execute([]))
            .map(drop)
            .map_err(|e| failed(name, &e));
        self.noted(done)
    }

    fn noted<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Engine { fault, .. }) = &done {
            self.last_fault = Some(*fault);
        }
        done
    }

    fn change(&self, statement: &'static Statement, values: &[Value]) -> Result<usize, StoreError> {
        let fail = |e: rusqlite::Error| failed(statement.name, &e);
        let mut prepared = self.connection.prepare_cached(statement.text).map_err(fail)?;
        prepared.execute(rusqlite::params_from_iter(values)).map_err(fail)
    }

    fn read(
        &self,
        statement: &'static Statement,
        values: &[Value],
        each: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let fail = |e: rusqlite::Error| failed(statement.name, &e);
        let corrupt = || StoreError::Corrupt { statement: statement.name };
        let mut prepared = self.connection.prepare_cached(statement.text).map_err(fail)?;
        let columns = prepared.column_count();
        let mut rows = prepared.query(rusqlite::params_from_iter(values)).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let values = (0..columns)
                .map(|column| value(row.get_ref(column).map_err(fail)?).ok_or_else(corrupt))
                .collect::<Result<Vec<_>, _>>()?;
            each(Row::new(statement.name, values))?;
        }
        Ok(())
    }

    /// What a step would do if the transaction it belongs to is gone is nothing that anybody asked for.
    fn inside(&self, statement: &'static str) -> Result<(), StoreError> {
        let fault = self.last_fault.unwrap_or(EngineFault::BrokenOff);
        if self.in_transaction() { Ok(()) } else { Err(StoreError::Engine { statement, fault }) }
    }
}

impl Engine for Sqlite {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.control("begin", "BEGIN IMMEDIATE")
    }

    fn snapshot(&mut self) -> Result<(), StoreError> {
        self.control("snapshot", "BEGIN DEFERRED")
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.control("commit", "COMMIT")
    }

    fn rollback(&mut self) {
        if self.in_transaction() {
            // Fails only when the engine has dropped the transaction on its own, which is what is wanted.
            let _gone = self.control("rollback", "ROLLBACK");
        }
    }

    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn last_fault(&self) -> Option<EngineFault> {
        self.last_fault
    }

    fn savepoint(&mut self, depth: u8) -> Result<(), StoreError> {
        self.inside("savepoint")?;
        self.control("savepoint", &format!("SAVEPOINT s{depth}"))
    }

    fn release(&mut self, depth: u8) -> Result<(), StoreError> {
        self.control("release", &format!("RELEASE s{depth}"))
    }

    fn undo(&mut self, depth: u8) -> Result<(), StoreError> {
        self.control("undo", &format!("ROLLBACK TO s{depth}"))?;
        self.control("undo", &format!("RELEASE s{depth}"))
    }

    fn columns(&mut self) -> Result<Vec<StoredColumn>, StoreError> {
        /// What SQLite makes for itself (statistics, say) is none of ours and holds no row that anybody inserted.
        const LISTED: &str = "SELECT s.name, c.name, c.type FROM sqlite_schema AS s JOIN pragma_table_xinfo(s.name) AS c \
                              WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.name, c.cid";
        let fail = |e: rusqlite::Error| failed("columns", &e);
        let mut prepared = self.connection.prepare_cached(LISTED).map_err(fail)?;
        let rows = prepared.query_map([], |row| {
            Ok(StoredColumn { table: row.get(0)?, column: row.get(1)?, sql_type: row.get(2)? })
        });
        rows.map_err(fail)?.collect::<Result<_, _>>().map_err(fail)
    }

    fn migrate(&mut self, text: &'static str) -> Result<(), StoreError> {
        self.inside("migrate")?;
        let done = self.connection.execute_batch(text).map_err(|e| failed("migrate", &e));
        self.noted(done)
    }

    fn execute(&mut self, statement: &'static Statement, values: &[Value]) -> Result<usize, StoreError> {
        #[cfg(test)]
        crate::base::steps::note(statement.name);
        self.inside(statement.name)?;
        let changed = self.change(statement, values);
        self.noted(changed)
    }

    fn query(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
        each: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        #[cfg(test)]
        crate::base::steps::note(statement.name);
        let read = self.read(statement, values, each);
        self.noted(read)
    }

    fn empty_log(&mut self) -> Result<bool, StoreError> {
        let emptied = self.truncate_log();
        self.noted(emptied)
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ToSqlOutput::Borrowed;
        Ok(Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

/// Makes an empty file that is its owner's alone: the engine keeps the mode for what it puts beside it.
fn new_file(path: &Path) -> Result<(), StoreError> {
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map(drop).map_err(|e| StoreError::File { path: path.to_path_buf(), fault: e.kind() })
}

/// SQLite takes an empty file for a new database and would begin to write it: here it is one that lost everything.
fn refuse_empty(path: &Path) -> Result<(), StoreError> {
    let lost = std::fs::metadata(path).is_ok_and(|file| file.len() == 0);
    if lost { Err(StoreError::Engine { statement: "open", fault: EngineFault::Damaged }) } else { Ok(()) }
}

/// A stored value; `None` for what no column of ours holds.
fn value(stored: ValueRef<'_>) -> Option<Value> {
    Some(match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(value) => Value::Text(std::str::from_utf8(value).ok()?.to_owned()),
        ValueRef::Blob(value) => Value::Blob(value.to_vec()),
        ValueRef::Real(_) => return None,
    })
}

/// An engine's error without its message, which may quote values.
fn failed(statement: &'static str, error: &rusqlite::Error) -> StoreError {
    let fault = match error {
        rusqlite::Error::SqliteFailure(e, _) => fault(e.extended_code),
        _ => EngineFault::Other(-1),
    };
    StoreError::Engine { statement, fault }
}

fn fault(extended: i32) -> EngineFault {
    match extended & 0xff {
        ffi::SQLITE_FULL => EngineFault::Full,
        ffi::SQLITE_IOERR => EngineFault::Io,
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM | ffi::SQLITE_CANTOPEN => EngineFault::ReadOnly,
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => EngineFault::Locked,
        // Every statement is a constant that the schema takes: an error in one is another schema.
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB | ffi::SQLITE_ERROR => EngineFault::Damaged,
        ffi::SQLITE_CONSTRAINT => EngineFault::Constraint,
        _ => EngineFault::Other(extended),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::{Database, Engine, Sqlite};
    use crate::store::{Value, sql::tickets};

    /// A bound `LIMIT`, and what the engine knows of how values lie, would have it look at each value anew.
    #[test]
    fn a_statement_is_planned_once_whatever_is_bound_to_it() {
        let directory = tempfile::tempdir().unwrap();
        let mut engine = Sqlite::create(&directory.path().join("store.db"), Database::Store).unwrap();
        for limit in [1_u8, 50, 1, 3] {
            let id = Value::Blob(vec![limit; 16]);
            let bound = [id.clone(), Value::Int(0), id, Value::Int(i64::from(limit))];
            engine.query(&tickets::TICKETS_MINE, &bound, &mut |_| Ok(())).unwrap();
        }
        let statement = engine.connection.prepare_cached(tickets::TICKETS_MINE.text).unwrap();
        assert_eq!(statement.get_status(StatementStatus::Run), 4, "it is the one that ran");
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
