//! A room's files from outside, past the program: copies, statements, and what stands where.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, types::Value};
use sha2::{Digest, Sha256};

/// Makes a room of format 1 of one that has used nothing of what format 2 brought.
pub const TO_FORMAT_1: &str =
    "UPDATE room SET format = 1; DROP TABLE outbox; DROP TABLE device; DROP TABLE session_roles";

/// Copies a directory with its file modes. Of an open room the index of the write-ahead log stays behind, as after a
/// power cut.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else if !path.to_string_lossy().ends_with("-shm") {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Runs statements on a database file, as its administrator could.
pub fn sql(database: &Path, statements: &str) {
    Connection::open(database).unwrap().execute_batch(statements).unwrap();
}

/// Every file under a directory.
pub fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut directories = vec![directory.to_path_buf()];
    while let Some(next) = directories.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_path_buf();
                match fs::read(&path) {
                    Ok(bytes) => drop(found.insert(name, bytes)),
                    // The log of a room that is being closed.
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                    Err(e) => panic!("{}: {e}", path.display()),
                }
            }
        }
    }
    found
}

/// Waits until this process has let go of a dropped room's files, which its threads do a little later; two of them at
/// once may leave a write-ahead log behind.
pub fn closed(root: &Path) {
    let is_open = |fd: std::io::Result<fs::DirEntry>| {
        fd.and_then(|fd| fs::read_link(fd.path())).is_ok_and(|path| path.starts_with(root))
    };
    for _ in 0..1000 {
        if !fs::read_dir("/proc/self/fd").unwrap().any(is_open) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the room's files are still open");
}

/// What a room holds: each table's rows by number and digest, and each blob by name and length.
pub struct Census(BTreeMap<String, (u64, [u8; 32])>);

impl Census {
    /// Of the room in this directory, which may be open.
    pub fn of(room: &Path) -> Self {
        let mut all = BTreeMap::new();
        for database in ["store/store.db", "keyring/keyring.db"] {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(room.join(database), flags).unwrap();
            for table in tables(&connection) {
                let rows = rows(&connection, &table);
                all.insert(table, rows);
            }
        }
        for (path, bytes) in files(&room.join("store/blobs")) {
            all.insert(
                format!("blob {}", path.display()),
                (bytes.len() as u64, Sha256::digest(&bytes).into()),
            );
        }
        Self(all)
    }

    /// How many rows a table has.
    pub fn rows(&self, table: &str) -> u64 {
        self.0.get(table).unwrap().0
    }

    /// The tables and blobs in which the two differ.
    pub fn changed(&self, later: &Self) -> BTreeSet<String> {
        let names: BTreeSet<_> = self.0.keys().chain(later.0.keys()).collect();
        names.into_iter().filter(|name| self.0.get(*name) != later.0.get(*name)).cloned().collect()
    }
}

fn tables(connection: &Connection) -> Vec<String> {
    let mut found =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let names = found.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

fn rows(connection: &Connection, table: &str) -> (u64, [u8; 32]) {
    let mut found = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = found.column_count();
    let rows = found.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
    let (mut count, mut digest) = (0, Sha256::new());
    for row in rows {
        let row: Vec<Value> = row.unwrap();
        digest.update(format!("{row:?}\n"));
        count += 1;
    }
    (count, digest.finalize().into())
}
