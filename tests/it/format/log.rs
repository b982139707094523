//! FORMAT.md section 8: entries, head, checkpoint, details.

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use serde_json::Value;

use super::{
    primitives::{
        Bytes32, b64, bytes32, expand, hmac, padded_b64, peaks, root, sha256, to_b64, to_padded_b64,
    },
    reader::{Cell, LOG, Reader, class, rows},
};

/// An entry as it stands in its row.
pub struct LogEntry {
    pub line: Vec<u8>,
    pub leaf: Bytes32,
    pub json: Value,
}

/// The head row.
pub struct Head {
    pub bytes: Vec<u8>,
    pub mac: Vec<u8>,
}

/// The keys of an entry in their order, section 8.1.
pub const KEYS: [&str; 23] = [
    "v", "position", "time", "event", "outcome", "reason", "actor", "session", "roles", "rule", "policy",
    "purpose", "case", "subjects", "objects", "fields", "view", "request", "via", "data", "details", "nonce",
    "prev",
];

impl Reader {
    /// The log, each entry checked by itself and against the one in front.
    pub fn log(&self) -> Vec<LogEntry> {
        let stored =
            rows(&self.store, "SELECT entry, leaf FROM audit_entry ORDER BY position", None, |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
            });
        let mut entries: Vec<LogEntry> = Vec::new();
        let mut prev = [0; 32];
        for (position, (line, leaf)) in stored.into_iter().enumerate() {
            assert_eq!(sha256(&[&[0], &line]), leaf[..]);
            let json: Value = serde_json::from_slice(&line).unwrap();
            assert_eq!(json["position"], position);
            assert_eq!(b64(json["prev"].as_str().unwrap()), prev);
            assert_one_form(std::str::from_utf8(&line).unwrap(), &json);
            prev = bytes32(&leaf);
            entries.push(LogEntry { line, leaf: prev, json });
        }
        entries
    }

    /// The head row, its MAC compared.
    pub fn head(&self) -> Head {
        let (bytes, mac): (Vec<u8>, Vec<u8>) = self
            .store
            .query_row("SELECT head, mac FROM audit_head", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(hmac(&self.authority_key(&[b"strongroom/authority/head/1"]), &[&bytes]), mac[..]);
        Head { bytes, mac }
    }

    /// The head that this log must have, by section 8.5, but for its veiled fold.
    pub fn head_of(&self, log: &[LogEntry]) -> Vec<u8> {
        let leaves: Vec<Bytes32> = log.iter().map(|entry| entry.leaf).collect();
        let (size, root) = ((log.len() as u64).to_be_bytes(), root(&leaves));
        let epoch: i64 = self.keyring.query_row("SELECT epoch FROM keyring", [], |row| row.get(0)).unwrap();
        let time = log.last().unwrap().json["time"].as_u64().unwrap().to_be_bytes();
        let peaks = peaks(&leaves);
        [
            b"strongroom/head/1\0".as_slice(),
            &self.room[..],
            &self.incarnation().to_be_bytes(),
            &size,
            &root,
            &epoch.to_be_bytes(),
            &time,
            &self.veiled_fold(&size, &root),
            &[u8::try_from(peaks.len()).unwrap()],
            &peaks.concat(),
        ]
        .concat()
    }

    /// The log's incarnation: the one that the newest restore began.
    pub fn incarnation(&self) -> u32 {
        let log = self.log();
        let restored = log.iter().rfind(|entry| entry.json["event"] == "room.restored");
        restored.map_or(1, |entry| entry.json["data"]["incarnation"].as_u64().unwrap().try_into().unwrap())
    }

    /// The verifier key of the log, made from its seed.
    pub fn verifier_key(&self) -> (VerifyingKey, String) {
        let seed = bytes32(&expand(&self.wrapping_key(LOG, 1), &[b"strongroom/log/1"], 32));
        let key = SigningKey::from_bytes(&seed).verifying_key();
        let name = format!("{}/{}", self.origin, self.incarnation());
        let id = key_id(&name, &key);
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("{name}+{id}+{}", to_padded_b64(&[&[1], key.as_bytes().as_slice()].concat()));
        (key, text)
    }

    /// Section 9: a ledger of these lines, each epoch, class, scope and position.
    pub fn ledger(&self, lines: &[(u64, &str, &[u8], u64)]) -> String {
        let key = self.authority_key(&[b"strongroom/authority/ledger/1"]);
        let (mut before, mut text) = ([0; 32], String::new());
        for (index, (epoch, class, scope, position)) in (1..).zip(lines) {
            let line = format!("strongroom-ledger/1 {index} {epoch} {class} {} {position}", to_b64(scope));
            before = hmac(&key, &[&before, line.as_bytes()]);
            text.push_str(&format!("{line} {}\n", to_b64(&before)));
        }
        text
    }

    /// Size and root of the newest checkpoint, both files' signatures verified.
    pub fn checkpoint(&self) -> (u64, Bytes32) {
        let files = ["checkpoint.a", "checkpoint.b"].map(|name| self.checkpoint_in(name));
        let (incarnation, size, root) = files.into_iter().max_by_key(|(n, size, _)| (*n, *size)).unwrap();
        assert_eq!(incarnation, self.incarnation());
        (size, root)
    }

    /// Incarnation, size and root of the checkpoint in a file, its signature verified.
    pub fn checkpoint_in(&self, name: &str) -> (u32, u64, Bytes32) {
        let (key, _) = self.verifier_key();
        let note = std::fs::read_to_string(self.outside.join(name)).unwrap();
        let (text, signatures) = note.split_once("\n\n").unwrap();
        let text = format!("{text}\n");
        let lines: Vec<&str> = text.lines().collect();
        let origin = lines[0];
        let incarnation = origin.strip_prefix(&format!("{}/", self.origin)).unwrap();
        assert_eq!(lines.len(), 3);
        let signature = signatures.strip_prefix(&format!("\u{2014} {origin} ")).unwrap();
        let signature = padded_b64(signature.strip_suffix('\n').unwrap());
        assert_eq!(signature[..4], key_id(origin, &key));
        let signature = Signature::from_slice(&signature[4..]).unwrap();
        key.verify_strict(text.as_bytes(), &signature).unwrap();
        (incarnation.parse().unwrap(), lines[1].parse().unwrap(), bytes32(&padded_b64(lines[2])))
    }

    /// The texts beside an entry, by kind, each held against its commitment.
    pub fn details(&self, entry: &LogEntry) -> Vec<(u8, String)> {
        let position = entry.json["position"].as_i64().unwrap();
        let stored = rows(&self.store, "SELECT * FROM audit_detail ORDER BY kind", None, |row| {
            let scope = super::reader::scope(
                row.get("scope_kind")?,
                &row.get::<_, Vec<u8>>("owner")?,
                row.get("period")?,
            );
            Ok((
                row.get::<_, i64>("position")?,
                row.get::<_, u8>("kind")?,
                scope,
                row.get::<_, Vec<u8>>("text_sealed")?,
            ))
        });
        let commitments = entry.json["details"].as_array().unwrap();
        let own = stored.into_iter().filter(|(at, ..)| *at == position);
        own.map(|(_, kind, scope, sealed)| {
            let cell = Cell {
                class: class::AUDIT_DETAIL,
                scope,
                column: 0x0a00 + u16::from(kind),
                row: b64(entry.json["nonce"].as_str().unwrap()),
                version: 0,
            };
            let plaintext = self.field(&cell, &sealed);
            let (salt, text) = plaintext.split_at(32);
            let name = ["actor", "subject"][usize::from(kind) - 1];
            let stated = commitments.iter().find(|detail| detail["kind"] == name).unwrap();
            let commitment = hmac(salt, &[b"strongroom/detail/1\0", &[kind], text]);
            assert_eq!(b64(stated["commitment"].as_str().unwrap()), commitment);
            (kind, String::from_utf8(text.to_vec()).unwrap())
        })
        .collect()
    }
}

fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &[1], key.as_bytes()]);
    [a, b, c, d]
}

/// Written again by section 8.1, the line is the same: keys in order, no spaces, no escapes.
fn assert_one_form(line: &str, json: &Value) {
    assert!(line.is_ascii() && !line.contains(['\\', '\n', ' ']) && line.len() <= 16_384);
    let mut at = 0;
    for key in KEYS {
        let sought = format!("\"{key}\":");
        at +=
            line[at..].find(&sought).unwrap_or_else(|| panic!("`{key}` is not in its place")) + sought.len();
    }
    assert_eq!(json.as_object().unwrap().len(), KEYS.len());
}
