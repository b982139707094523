//! The seam to an SQL engine: transactions, savepoints, statements, and what an error means.

use super::{EngineFault, Row, StoreError, Value};

/// Which of a room's two databases a statement runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    /// Accounts, tickets, billing, authority rows, the audit log. No key.
    Store,
    /// Keys and indexes.
    Keyring,
}

/// One SQL statement: portable text with `?1` placeholders. Every statement of the program stands in
/// [`Statement::ALL`](super::sql), where a test prepares it on each engine.
pub(crate) struct Statement {
    /// The name in errors.
    pub(crate) name: &'static str,
    /// Where it runs: on which schema a test prepares it.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that prepares every statement"))]
    pub(crate) database: Database,
    /// The text.
    pub(crate) text: &'static str,
}

/// A column that a database has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StoredColumn {
    pub(crate) table: String,
    pub(crate) column: String,
    /// The engine's name of its type.
    pub(crate) sql_type: String,
}

/// A connection to one database of a room.
pub(crate) trait Engine: Send {
    /// Begins a write transaction.
    fn begin(&mut self) -> Result<(), StoreError>;
    /// Begins a read transaction: until it is rolled back, every query sees one state.
    fn snapshot(&mut self) -> Result<(), StoreError>;
    /// Commits it; on return the change is on disk.
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Rolls it back. Never fails: a transaction that the engine already dropped is gone too.
    fn rollback(&mut self);
    /// Whether a transaction is open. After any error the batch asks this: a full disk rolls the whole
    /// transaction back, not the statement.
    fn in_transaction(&self) -> bool;
    /// What failed last on this connection: tells why a transaction is gone.
    fn last_fault(&self) -> Option<EngineFault>;
    /// Every table and column of the database, with the column's type: what is there, not what should be.
    fn columns(&mut self) -> Result<Vec<StoredColumn>, StoreError>;
    /// Opens a savepoint at this depth, inside a transaction: outside one it would begin another, which nobody
    /// asked for.
    fn savepoint(&mut self, depth: u8) -> Result<(), StoreError>;
    /// Keeps what was done since the savepoint.
    fn release(&mut self, depth: u8) -> Result<(), StoreError>;
    /// Undoes what was done since the savepoint.
    fn undo(&mut self, depth: u8) -> Result<(), StoreError>;
    /// Runs the text of a migration inside a transaction: it is all there when that commits, or not at all.
    fn migrate(&mut self, text: &'static str) -> Result<(), StoreError>;
    /// Runs a statement inside a transaction; the number of rows it changed. Outside one it would be committed
    /// alone: a closure that goes on after the engine dropped its transaction must not write.
    fn execute(&mut self, statement: &'static Statement, values: &[Value]) -> Result<usize, StoreError>;
    /// Runs a statement and gives each row to `each`, which may stop by an error.
    fn query(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
        each: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
    /// Outside a transaction: empties the log that commits go to first, so that no older page is left in it, durably.
    /// `false` if somebody reads a state that stands only there. An engine whose log is cut by the server alone has
    /// nothing to do.
    fn empty_log(&mut self) -> Result<bool, StoreError>;
}

/// What every holder of a connection reads with.
pub(crate) trait Queries {
    /// The connection.
    fn engine(&mut self) -> &mut dyn Engine;

    /// The only row, if there is one.
    fn one<T>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.engine().query(statement, values, &mut |row| {
            found = Some(read(&row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// All rows, in the statement's order; the statement carries its own LIMIT.
    fn all<T>(
        &mut self,
        statement: &'static Statement,
        values: &[Value],
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.engine().query(statement, values, &mut |row| {
            found.push(read(&row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Runs a statement that must change exactly one row.
    fn change_one(&mut self, statement: &'static Statement, values: &[Value]) -> Result<(), StoreError> {
        match self.engine().execute(statement, values)? {
            1 => Ok(()),
            _ => Err(StoreError::Engine { statement: statement.name, fault: EngineFault::Constraint }),
        }
    }
}

impl Queries for Box<dyn Engine> {
    fn engine(&mut self) -> &mut dyn Engine {
        self.as_mut()
    }
}
