//! FORMAT.md section 6: rows that confer authority, their MACs and their fold.

use rusqlite::{Row, types::Value};

use super::{
    primitives::{Bytes32, hmac, sha256, xor},
    reader::{Reader, rows},
};

/// How a column stands in the canonical bytes.
#[derive(Clone, Copy)]
enum Form {
    Byte,
    Bits,
    Period,
    Time,
    Bytes,
    OptionalTime,
    OptionalId,
    Digest,
}

use Form::{Bits, Byte, Bytes, Digest, OptionalId, OptionalTime, Period, Time};

/// A kind of row: number, table, columns between id and position, bytes in all.
pub struct Kind {
    pub number: u8,
    pub table: &'static str,
    columns: &'static [(&'static str, Form)],
    pub width: usize,
}

pub const KINDS: [Kind; 15] = [
    Kind {
        number: 1,
        table: "principal",
        columns: &[("kind", Byte), ("state", Byte), ("account", OptionalId), ("factors", Byte)],
        width: 46,
    },
    Kind {
        number: 2,
        table: "role_grant",
        columns: &[
            ("principal", Bytes),
            ("role", Byte),
            ("not_before_ms", Time),
            ("expires_ms", Time),
            ("state", Byte),
            ("granted_by", OptionalId),
        ],
        width: 77,
    },
    Kind {
        number: 3,
        table: "session",
        columns: &[
            ("holder_kind", Byte),
            ("holder", Bytes),
            ("token_hash", Bytes),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("used_ms", Time),
            ("factor_ms", OptionalTime),
            ("state", Byte),
        ],
        width: 109,
    },
    Kind {
        number: 4,
        table: "enrolment",
        columns: &[("principal", Bytes), ("code_hash", Bytes), ("expires_ms", Time), ("state", Byte)],
        width: 83,
    },
    Kind {
        number: 5,
        table: "ticket",
        columns: &[("account", Bytes), ("state", Byte), ("assignee", OptionalId), ("created_ms", Time)],
        width: 68,
    },
    Kind {
        number: 6,
        table: "staff_case",
        columns: &[
            ("account", OptionalId),
            ("purpose", Byte),
            ("opened_by", Bytes),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("state", Byte),
        ],
        width: 77,
    },
    Kind {
        number: 7,
        table: "hold",
        columns: &[
            ("account", Bytes),
            ("classes", Byte),
            ("placed_by", Bytes),
            ("case_kind", Byte),
            ("case_id", Bytes),
            ("review_ms", Time),
            ("state", Byte),
        ],
        width: 85,
    },
    Kind {
        number: 8,
        table: "setting",
        columns: &[
            ("version", Time),
            ("argon2_memory_kib", Time),
            ("argon2_passes", Time),
            ("argon2_lanes", Time),
            ("attachment_bytes_max", Time),
            ("account_bytes_max", Time),
            ("room_bytes_max", Time),
            ("recovery", Bytes),
        ],
        width: 114,
    },
    Kind {
        number: 9,
        table: "intent",
        columns: &[("class", Byte), ("period", Period), ("state", Byte)],
        width: 32,
    },
    Kind {
        number: 10,
        table: "factor",
        columns: &[
            ("principal", Bytes),
            ("kind", Byte),
            ("public_key", Bytes),
            ("application", Bytes),
            ("created_ms", Time),
            ("used", Time),
            ("failures", Time),
            ("failed_ms", Time),
            ("state", Byte),
        ],
        width: 140,
    },
    Kind {
        number: 11,
        table: "approval",
        columns: &[
            ("requester", Bytes),
            ("action", Byte),
            ("role", Byte),
            ("beneficiary", OptionalId),
            ("subject", OptionalId),
            ("request", Bytes),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("first_approver", OptionalId),
            ("second_approver", OptionalId),
            ("state", Byte),
        ],
        width: 161,
    },
    Kind {
        number: 12,
        table: "waiver",
        columns: &[
            ("rule", Byte),
            ("given_by", OptionalId),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("state", Byte),
        ],
        width: 61,
    },
    Kind {
        number: 13,
        table: "api_key",
        columns: &[
            ("account", Bytes),
            ("secret_hash", Bytes),
            ("scopes", Digest),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("state", Byte),
        ],
        width: 123,
    },
    Kind {
        number: 14,
        table: "challenge",
        columns: &[
            ("topic", Byte),
            ("account", Bytes),
            ("created_ms", Time),
            ("expires_ms", Time),
            ("tries", Period),
            ("state", Byte),
        ],
        width: 64,
    },
    Kind { number: 15, table: "session_roles", columns: &[("roles", Bits)], width: 28 },
];

/// A row as it stands in its table.
pub struct AuthorityRow {
    pub canonical: Vec<u8>,
    pub id: Vec<u8>,
    changed_at: i64,
    pub mac: Vec<u8>,
    folded: bool,
}

fn column(value: Value, form: Form) -> Vec<u8> {
    match (form, value) {
        (Byte, Value::Integer(number)) => vec![u8::try_from(number).unwrap()],
        (Bits, Value::Integer(number)) => u16::try_from(number).unwrap().to_be_bytes().to_vec(),
        (Period, Value::Integer(number)) => u32::try_from(number).unwrap().to_be_bytes().to_vec(),
        (Time, Value::Integer(number)) => number.to_be_bytes().to_vec(),
        (Bytes, Value::Blob(bytes)) => bytes,
        (Digest, Value::Text(text)) => sha256(&[text.as_bytes()]).to_vec(),
        (OptionalTime, Value::Integer(number)) => [&[1], &number.to_be_bytes()[..]].concat(),
        (OptionalTime, Value::Null) => vec![0; 9],
        (OptionalId, Value::Blob(bytes)) => [&[1], &bytes[..]].concat(),
        (OptionalId, Value::Null) => vec![0; 17],
        _ => panic!("a column of another type"),
    }
}

fn read(kind: &Kind, row: &Row<'_>) -> rusqlite::Result<AuthorityRow> {
    let intent = kind.table == "intent";
    let id = if intent { "account" } else { "id" };
    let (id, changed_at): (Vec<u8>, i64) = (row.get(id)?, row.get("changed_at")?);
    let mut canonical = [&[kind.number, 1], &id[..]].concat();
    for (name, form) in kind.columns {
        canonical.extend(column(row.get(*name)?, *form));
    }
    canonical.extend(changed_at.to_be_bytes());
    let staff = kind.table != "session" || row.get::<_, u8>("holder_kind")? == 1;
    let open = if kind.table == "approval" { 1..=3 } else { 1..=1 };
    let summed = staff && !["challenge", "session_roles"].contains(&kind.table);
    let folded = intent || kind.table == "setting" || (summed && open.contains(&row.get::<_, u8>("state")?));
    Ok(AuthorityRow { canonical, id, changed_at, mac: row.get("mac")?, folded })
}

impl Reader {
    /// The rows of a kind.
    pub fn authority_rows(&self, kind: &Kind) -> Vec<AuthorityRow> {
        rows(&self.store, &format!("SELECT * FROM {}", kind.table), None, |row| read(kind, row))
    }

    /// The MAC that a row must have.
    pub fn row_mac(&self, kind: &Kind, row: &AuthorityRow) -> Bytes32 {
        let key = self.authority_key(&[b"strongroom/authority/row/1", &[kind.number]]);
        hmac(&key, &[b"strongroom/row/1\0", &self.room, &[kind.number], &row.canonical])
    }

    /// The veiled fold that a head of this size and root must hold.
    pub fn veiled_fold(&self, size: &[u8], root: &[u8]) -> Bytes32 {
        let key = self.authority_key(&[b"strongroom/authority/fold/1"]);
        let mut fold = [0; 32];
        for kind in &KINDS {
            for row in self.authority_rows(kind).into_iter().filter(|row| row.folded) {
                let changed_at = row.changed_at.to_be_bytes();
                let parts: [&[u8]; 5] = [b"element\0", &[kind.number], &row.id, &changed_at, &row.mac];
                fold = xor(fold, hmac(&key, &parts));
            }
        }
        xor(fold, hmac(&key, &[b"veil\0", size, root]))
    }
}
