//! The two statements by themselves: index to account, account to its state, on connections like the room's readers.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// Two connections, and the indexes that lead to somebody.
pub struct Bare {
    store: Connection,
    keyring: Connection,
    indexes: Vec<[u8; 32]>,
}

impl Bare {
    pub fn open(room: &Path) -> Self {
        let (store, keyring) =
            (connect(&room.join("store/store.db")), connect(&room.join("keyring/keyring.db")));
        let indexes = {
            let mut all = keyring.prepare("SELECT mac, target FROM blind_index WHERE field = 1").unwrap();
            let mut is_real = store.prepare("SELECT 1 FROM account WHERE id = ?1").unwrap();
            let all = all.query_map((), |row| Ok((row.get(0)?, row.get::<_, [u8; 16]>(1)?))).unwrap();
            let real = all.map(Result::unwrap).filter(|(_, target)| is_real.exists([target]).unwrap());
            real.map(|(mac, _)| mac).collect()
        };
        Self { store, keyring, indexes }
    }

    pub fn find(&self, number: u64) -> [u8; 16] {
        let mac = self.indexes.get(usize::try_from(number).unwrap()).unwrap();
        let index =
            "SELECT target, state, nonce FROM blind_index WHERE field = ?1 AND key_version = ?2 AND mac = ?3";
        let mut index = self.keyring.prepare_cached(index).unwrap();
        let row = index.query_row((1, 1, mac), |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, i64>(1)?, row.get::<_, [u8; 16]>(2)?))
        });
        let (target, _, nonce) = row.unwrap();
        let mut account =
            self.store.prepare_cached("SELECT state, index_nonce FROM account WHERE id = ?1").unwrap();
        let row = account.query_row([target], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?)));
        assert_eq!(row.unwrap(), (1, nonce));
        target
    }
}

/// A connection like one of the room's readers.
pub fn connect(path: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).unwrap();
    let settings = [
        ("foreign_keys", "ON"),
        ("recursive_triggers", "ON"),
        ("trusted_schema", "OFF"),
        ("cell_size_check", "ON"),
        ("secure_delete", "ON"),
        ("temp_store", "MEMORY"),
        ("mmap_size", "0"),
        ("synchronous", "FULL"),
        ("query_only", "ON"),
        ("cache_size", "-256"),
    ];
    for (name, value) in settings {
        db.pragma_update(None, name, value).unwrap();
    }
    db
}
