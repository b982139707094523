//! What one would write without this library: each read appends one hash-chained entry in a transaction of its own,
//! synced, and then decrypts.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use aes_gcm::{Aes256Gcm, Key, KeyInit, aead::Aead};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

/// One connection behind a lock: faster than a connection each, which would wait for SQLite's own lock.
pub struct ByHand {
    db: Mutex<Connection>,
    cipher: Aes256Gcm,
    /// An entry of the room's own log: the same fields, the same length.
    line: String,
}

type Nonce = [u8; 12];
const NONCE: Nonce = [7; 12];

impl ByHand {
    /// A database with so many accounts.
    pub fn new(path: &Path, line: &str, accounts: usize) -> Self {
        let db = Connection::open(path).unwrap();
        let mode: String = db.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        for (name, value) in [("synchronous", "FULL"), ("secure_delete", "ON"), ("cell_size_check", "ON")] {
            db.pragma_update(None, name, value).unwrap();
        }
        db.execute_batch(
            "CREATE TABLE entry (position INTEGER PRIMARY KEY, line BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
             CREATE TABLE account (id INTEGER PRIMARY KEY, email BLOB NOT NULL, name BLOB NOT NULL) STRICT;",
        )
        .unwrap();
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from([9; 32]));
        for id in 0..u32::try_from(accounts).unwrap() {
            let email = format!("jane.doe.{id}@example.com");
            let sealed = |text: &str| cipher.encrypt(&NONCE.into(), text.as_bytes()).unwrap();
            let row = (id, sealed(&email), sealed("Jane Doe"));
            db.execute("INSERT INTO account VALUES (?1, ?2, ?3)", row).unwrap();
        }
        Self { db: Mutex::new(db), cipher, line: line.to_owned() }
    }

    /// Records that an account was read, then reads it.
    pub fn read(&self, account: usize) {
        self.append();
        let (email, name) = {
            let db = self.db();
            let mut select = db.prepare_cached("SELECT email, name FROM account WHERE id = ?1").unwrap();
            select
                .query_row([i64::try_from(account).unwrap()], |row| {
                    Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
                })
                .unwrap()
        };
        for sealed in [email, name] {
            let text = self.cipher.decrypt(&NONCE.into(), sealed.as_slice()).unwrap();
            let text = String::from_utf8(text).unwrap();
            let masked: String =
                text.chars().enumerate().map(|(at, c)| if at == 0 { c } else { '•' }).collect();
            assert!(masked.to_lowercase().starts_with('j'));
        }
    }

    fn append(&self) {
        let mut db = self.db();
        let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        {
            let last = "SELECT position, hash FROM entry ORDER BY position DESC LIMIT 1";
            let mut last = transaction.prepare_cached(last).unwrap();
            let (position, previous) = last
                .query_row((), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
                .unwrap_or((0, vec![0; 32]));
            let hash = Sha256::new().chain_update(&previous).chain_update(&self.line).finalize();
            let mut insert = transaction.prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3)").unwrap();
            insert.execute((position + 1, self.line.as_bytes(), hash.as_slice())).unwrap();
        }
        transaction.commit().unwrap();
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
