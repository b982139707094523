//! A reader of a room's files by somebody who has FORMAT.md and nothing else: it names no type of the library. It
//! reads and trusts; what is wrong with a room is for others to tell.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Row};

use super::primitives::{Bytes32, b64, bytes32, chunked_open, expand, hmac, to_b64, xaes_open};

/// Section 3.
pub mod class {
    pub const IDENTITY: u8 = 1;
    pub const CREDENTIAL: u8 = 2;
    pub const BILLING: u8 = 3;
    pub const SUPPORT: u8 = 4;
    pub const ACTIVITY: u8 = 5;
    pub const AUDIT_DETAIL: u8 = 6;
    pub const STAFF: u8 = 7;
}

/// Section 4: the domains that are no class.
pub const INDEX: u8 = 0x41;
pub const AUTHORITY: u8 = 0x42;
pub const LOG: u8 = 0x43;

/// A room's files.
pub struct Reader {
    directory: PathBuf,
    pub outside: PathBuf,
    pub room: Vec<u8>,
    pub origin: String,
    pub store: Connection,
    pub keyring: Connection,
}

/// One sealed value's place: class, scope, column, row, version.
pub struct Cell {
    pub class: u8,
    pub scope: Vec<u8>,
    pub column: u16,
    pub row: Vec<u8>,
    pub version: i64,
}

/// A scope's 21 bytes.
pub fn scope(kind: u8, owner: &[u8], period: u32) -> Vec<u8> {
    [&[kind], owner, &period.to_be_bytes()[..]].concat()
}

/// What `read` gives for each row of a query, whose one parameter is a blob where there is one.
pub fn rows<T>(
    db: &Connection,
    sql: &str,
    of: Option<&[u8]>,
    mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement = db.prepare(sql).unwrap();
    let found = match of {
        Some(value) => statement.query_map([value], |row| read(row)).unwrap().collect(),
        None => statement.query_map([], |row| read(row)).unwrap().collect::<rusqlite::Result<Vec<_>>>(),
    };
    found.unwrap()
}

impl Reader {
    /// Section 2.
    pub fn open(directory: &Path) -> Self {
        let text = std::fs::read_to_string(directory.join("room.toml")).unwrap();
        let settings: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(settings["format"].as_integer(), Some(1));
        let outside = settings.get("outside").map_or("outside", |path| path.as_str().unwrap());
        let open = |path: &str| {
            Connection::open_with_flags(directory.join(path), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
        };
        let reader = Self {
            outside: directory.join(outside),
            room: b64(settings["room"].as_str().unwrap()),
            origin: settings["origin"].as_str().unwrap().to_owned(),
            store: open("store/store.db"),
            keyring: open("keyring/keyring.db"),
            directory: directory.to_owned(),
        };
        let of_store: Vec<u8> = reader.store.query_row("SELECT id FROM room", [], |row| row.get(0)).unwrap();
        let of_keyring: Vec<u8> =
            reader.keyring.query_row("SELECT room FROM keyring", [], |row| row.get(0)).unwrap();
        assert!(of_store == reader.room && of_keyring == reader.room);
        reader
    }

    pub fn file(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.directory.join(path)).unwrap()
    }

    /// Section 4: the provider key in `keys/DOMAIN-VERSION.key`.
    fn provider_key(&self, domain: u8, version: u32) -> Vec<u8> {
        let name = match domain {
            INDEX => "index",
            AUTHORITY => "authority",
            LOG => "log",
            class => ["identity", "credential", "billing", "support", "activity", "audit-detail", "staff"]
                [usize::from(class) - 1],
        };
        let line = String::from_utf8(self.file(&format!("keys/{name}-{version}.key"))).unwrap();
        let key = line.strip_prefix(&format!("strongroom-key/1 {name} {version} ")).unwrap();
        b64(key.strip_suffix('\n').unwrap())
    }

    /// Section 4: a wrapped key and its check value.
    fn unwrap(by: &[u8], aad: &[u8], wrapped: &[u8], check: &[u8]) -> Vec<u8> {
        assert_eq!((wrapped.len(), wrapped[0]), (73, 1));
        let key = xaes_open(by, aad, &wrapped[1..]).unwrap();
        assert_eq!(expand(&key, &[b"strongroom/check/1"], 32), check);
        key
    }

    /// The wrapping key of a domain's version.
    pub fn wrapping_key(&self, domain: u8, version: u32) -> Vec<u8> {
        let (wrapped, check): (Vec<u8>, Vec<u8>) = self
            .keyring
            .query_row(
                "SELECT wrapped, check_value FROM wrapping_key WHERE domain = ?1 AND version = ?2 AND state IN (1, 2)",
                (domain, version),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        let aad =
            [b"strongroom/kek/1\0".as_slice(), &self.room[..], &[domain], &version.to_be_bytes()].concat();
        Self::unwrap(&self.provider_key(domain, version), &aad, &wrapped, &check)
    }

    /// The data key of a class, a scope and a generation.
    pub fn data_key(&self, class: u8, scope: &[u8], generation: u32) -> Vec<u8> {
        let period = u32::from_be_bytes(scope[17..].try_into().unwrap());
        let (version, wrapped, check): (u32, Vec<u8>, Vec<u8>) = self
            .keyring
            .query_row(
                "SELECT wrapping_version, wrapped, check_value FROM data_key \
                 WHERE class = ?1 AND scope_kind = ?2 AND owner = ?3 AND period = ?4 AND generation = ?5",
                (class, scope[0], &scope[1..17], period, generation),
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        let aad = [
            b"strongroom/dek/1\0".as_slice(),
            &self.room[..],
            &[class],
            scope,
            &generation.to_be_bytes(),
            &version.to_be_bytes(),
        ]
        .concat();
        Self::unwrap(&self.wrapping_key(class, version), &aad, &wrapped, &check)
    }

    /// Section 3: the 86 bytes.
    fn associated_data(&self, cell: &Cell, format: u8, generation: &[u8]) -> Vec<u8> {
        let aad = [
            b"strongroom/aad/1\0".as_slice(),
            &[format],
            &self.room[..],
            &[cell.class],
            &cell.scope,
            generation,
            &cell.column.to_be_bytes(),
            &cell.row,
            &cell.version.to_be_bytes(),
        ]
        .concat();
        assert_eq!(aad.len(), 86);
        aad
    }

    /// Section 3, format 1.
    pub fn field(&self, cell: &Cell, sealed: &[u8]) -> Vec<u8> {
        assert_eq!((sealed[0], (sealed.len() - 45) % 32), (1, 0));
        let generation = &sealed[1..5];
        let key = self.data_key(cell.class, &cell.scope, u32::from_be_bytes(generation.try_into().unwrap()));
        let key = expand(&key, &[b"strongroom/field/1"], 32);
        let padded = xaes_open(&key, &self.associated_data(cell, 1, generation), &sealed[5..]).unwrap();
        let length = u32::from_be_bytes(padded[..4].try_into().unwrap()) as usize;
        assert!(padded[4 + length..].len() < 32 && padded[4 + length..].iter().all(|byte| *byte == 0));
        padded[4..4 + length].to_vec()
    }

    pub fn text(&self, cell: &Cell, sealed: &[u8]) -> String {
        String::from_utf8(self.field(cell, sealed)).unwrap()
    }

    /// Section 3, format 2.
    pub fn blob(&self, account: &[u8], attachment: &[u8]) -> Vec<u8> {
        let name: String = attachment.iter().map(|byte| format!("{byte:02x}")).collect();
        let sealed = self.file(&format!("store/blobs/{}/{name}", &name[..2]));
        assert_eq!(sealed[0], 2);
        let cell = Cell {
            class: class::SUPPORT,
            scope: scope(1, account, 0),
            column: 0x0703,
            row: attachment.to_vec(),
            version: 0,
        };
        let generation = &sealed[1..5];
        let key = self.data_key(cell.class, &cell.scope, u32::from_be_bytes(generation.try_into().unwrap()));
        let key = expand(&key, &[b"strongroom/blob/1"], 32);
        chunked_open(&key, &self.associated_data(&cell, 2, generation), &sealed[5..]).unwrap()
    }

    /// Section 5: the target of a normalised address (1) or handle (2), and whether the row is live.
    pub fn index(&self, field: u8, normalised: &str) -> Option<(Vec<u8>, bool)> {
        let key = self.wrapping_key(INDEX, 1);
        let mac = hmac(&key, &[b"strongroom/index/1\0", &self.room, &[field], &[1], normalised.as_bytes()]);
        let found = rows(
            &self.keyring,
            "SELECT target, state = 2 FROM blind_index WHERE key_version = 1 AND mac = ?1",
            Some(&mac),
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        found.into_iter().next()
    }

    /// Section 4: a key under the authority key.
    pub fn authority_key(&self, info: &[&[u8]]) -> Bytes32 {
        bytes32(&expand(&self.wrapping_key(AUTHORITY, 1), info, 32))
    }

    pub fn id_text(&self) -> String {
        to_b64(&self.room)
    }
}
