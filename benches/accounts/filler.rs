//! Rows of accounts that nobody asks for, written past the room: as many, as long and as scattered as real ones.

use std::path::Path;

use rusqlite::Connection;

/// Fills the tables of a room that has some accounts up to `accounts`.
pub fn fill(room: &Path, accounts: u64) {
    let store = Connection::open(room.join("store/store.db")).unwrap();
    let keyring = Connection::open(room.join("keyring/keyring.db")).unwrap();
    let there: u64 =
        store.query_row("SELECT count(*) FROM account", (), |row| row.get::<_, u32>(0)).unwrap().into();
    let missing = i64::try_from(accounts.saturating_sub(there)).unwrap();
    for (db, table) in
        [(&store, "account"), (&store, "credential"), (&keyring, "blind_index"), (&keyring, "data_key")]
    {
        db.pragma_update(None, "cache_size", -500_000).unwrap();
        let mut columns =
            db.prepare(&format!("SELECT name, type FROM pragma_table_info('{table}')")).unwrap();
        let columns =
            columns.query_map((), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
        let values = columns.map(Result::unwrap).map(|(name, kind)| match kind.as_str() {
            "BLOB" => {
                format!("CASE WHEN one.{name} IS NULL THEN NULL ELSE randomblob(length(one.{name})) END")
            }
            _ => format!("one.{name}"),
        });
        let values: Vec<_> = values.collect();
        let fill = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {missing})
             INSERT INTO {table} SELECT {} FROM n, (SELECT * FROM {table} LIMIT 1 OFFSET 20) AS one",
            values.join(", ")
        );
        if missing > 0 {
            db.execute(&fill, ()).unwrap();
        }
    }
}
