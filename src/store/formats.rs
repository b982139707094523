//! The formats of store.db, oldest first, and the steps between them. FORMAT.md section 12.
//!
//! A step that expands adds tables, or columns that may be empty, and leaves the older numbers as they are: programs of
//! the formats before go on reading and writing the room. The release after it may contract: it raises them, once no such
//! program is left.

use super::columns;

/// A format, and how the one before becomes it.
pub(crate) struct StoreFormat {
    /// Its number: one more than the one before.
    pub(crate) number: u32,
    /// The oldest format whose programs may read a room of it.
    pub(crate) reads_from: u32,
    /// The oldest format whose programs may write one.
    pub(crate) writes_from: u32,
    /// The step, as SQLite takes it.
    pub(super) sqlite: &'static str,
    /// The same for a PostgreSQL-wire engine: a test runs it.
    #[cfg(test)]
    pub(super) postgres: &'static str,
}

/// A format whose steps stand in the files of this number.
macro_rules! format {
    ($number:literal, $file:literal, reads from $reads:literal, writes from $writes:literal) => {
        StoreFormat {
            number: $number,
            reads_from: $reads,
            writes_from: $writes,
            sqlite: include_str!(concat!("../../schema/sqlite/store/", $file)),
            #[cfg(test)]
            postgres: include_str!(concat!("../../schema/postgres/store/", $file)),
        }
    };
}

/// Every format.
pub(crate) static FORMATS: &[StoreFormat] = &[format!(1, "0001.sql", reads from 1, writes from 1), NEWEST];

/// What this program makes, and upgrades to.
pub(crate) const NEWEST: StoreFormat = format!(2, "0002.sql", reads from 1, writes from 1);

/// Its number.
pub(crate) const FORMAT: u32 = NEWEST.number;

impl StoreFormat {
    /// What its step adds: tables, and columns of tables that were there.
    pub(crate) fn adds(&self) -> Vec<String> {
        columns::added(self.number)
    }
}

/// The steps from a room of this format to what this program makes.
pub(crate) fn steps_from(format: u32) -> impl Iterator<Item = &'static StoreFormat> {
    FORMATS.iter().filter(move |step| step.number > format)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rusqlite::Connection;

    use super::{FORMAT, FORMATS, columns, steps_from};

    #[test]
    fn formats_are_numbered_in_order_and_shut_out_no_more_than_the_one_before_them() {
        for (format, number) in FORMATS.iter().zip(1..) {
            assert_eq!(format.number, number);
            assert!(format.reads_from <= format.writes_from && format.writes_from <= number);
        }
        for pair in FORMATS.windows(2) {
            // Who wrote the format before this one reads and writes it: hosts are changed one by one.
            assert!(pair[1].reads_from <= pair[0].number && pair[1].writes_from <= pair[0].number);
            assert!(pair[0].reads_from <= pair[1].reads_from && pair[0].writes_from <= pair[1].writes_from);
        }
        assert_eq!(FORMATS.last().map(|format| format.number), Some(FORMAT));
        assert_eq!((steps_from(1).count(), steps_from(FORMAT).count()), (FORMATS.len() - 1, 0));
    }

    /// What a plan says that a step adds, and what a room of an older format is to have, is what the files make.
    #[test]
    fn a_room_of_each_format_has_the_columns_that_the_list_gives_to_it() {
        let database = Connection::open_in_memory().unwrap();
        for format in FORMATS {
            database.execute_batch(format.sqlite).unwrap();
            let mut listed = database
                .prepare(
                    "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) c WHERE s.type = 'table'",
                )
                .unwrap();
            let rows = listed.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            let there: BTreeSet<(String, String)> = rows.map(Result::unwrap).collect();
            let of_store = columns::TABLES.iter().filter(|table| table.is_of_store());
            let known = of_store
                .flat_map(|table| {
                    table.columns.iter().map(|(column, _)| (table.name.to_owned(), (*column).to_owned()))
                })
                .filter(|(table, column)| columns::since(table, column) <= format.number);
            assert_eq!(there, known.collect(), "format {}", format.number);
        }
    }
}
