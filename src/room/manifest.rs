//! What a backup says of itself: `manifest.json`, the file that makes a directory a backup. FORMAT.md section 13.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

use super::{copying, error::Failure, layout::sync_directory};
use crate::{
    audit::{BackupKind, Hash},
    base::{RoomId, Secret, Time, base64url, limits},
    crypto::mac,
};

/// The first value of each manifest.
const FORMAT: &str = "strongroom-backup/1";
/// The file's name; while a directory has none, it is no backup.
pub(super) const FILE: &str = "manifest.json";
/// What stands in front of the MAC.
const MAC: &str = ",\"mac\":\"";

/// A backup, as its manifest tells it.
pub(super) struct Manifest {
    pub(super) room: RoomId,
    pub(super) kind: BackupKind,
    pub(super) taken: Time,
    pub(super) incarnation: u32,
    pub(super) size: u64,
    pub(super) root: Hash,
    pub(super) epoch: u64,
    /// Position of the entry `backup.taken`.
    pub(super) position: u64,
    /// Every file, by path.
    pub(super) files: Vec<FileSum>,
}

/// A file of a backup, and what it must hold.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct FileSum {
    /// Names with `/` between them, below the backup's directory.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: Hash,
}

/// The JSON, its keys in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: String,
    room: String,
    kind: String,
    taken: i64,
    incarnation: u32,
    size: u64,
    root: String,
    epoch: u64,
    position: u64,
    files: Vec<FileText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    path: String,
    bytes: u64,
    sha256: String,
}

/// Why a manifest is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadManifest {
    /// Not what any version of this program writes, or cut short.
    Malformed,
    /// Another room's.
    OtherRoom,
    /// Changed after it was written, or written by somebody without the room's keys.
    Unauthentic,
}

impl Manifest {
    /// The line and its line feed, vouched for under the room's backup key.
    pub(super) fn encode(&self, key: &Secret<32>) -> Result<String, Failure> {
        let files = self.files.iter().map(|file| FileText {
            path: file.path.clone(),
            bytes: file.bytes,
            sha256: base64url::encode(&file.sha256),
        });
        let text = Text {
            format: FORMAT.to_owned(),
            room: self.room.to_string(),
            kind: self.kind.name().to_owned(),
            taken: self.taken.as_ms(),
            incarnation: self.incarnation,
            size: self.size,
            root: base64url::encode(&self.root),
            epoch: self.epoch,
            position: self.position,
            files: files.collect(),
        };
        let json = serde_json::to_string(&text).map_err(|_| Failure::Internal("a manifest"))?;
        let said = json.strip_suffix('}').unwrap_or(&json);
        let mac = mac::hmac_sha256(key.expose(), &[said.as_bytes()]);
        Ok(format!("{said}{MAC}{}\"}}\n", base64url::encode(&mac)))
    }

    /// Reads a line of this room, whose key tells whether it was changed.
    ///
    /// # Errors
    /// [`BadManifest`].
    pub(super) fn decode(line: &str, room: RoomId, key: &Secret<32>) -> Result<Self, BadManifest> {
        let bad = BadManifest::Malformed;
        let (said, rest) = line.rsplit_once(MAC).ok_or(bad)?;
        let stated = base64url::decode::<32>(rest.strip_suffix("\"}\n").ok_or(bad)?).ok_or(bad)?;
        let json = format!("{said}}}");
        let text: Text = serde_json::from_str(&json).map_err(|_| bad)?;
        // There is one way to write it: another is not this program's.
        if text.format != FORMAT || serde_json::to_string(&text).ok().as_ref() != Some(&json) {
            return Err(bad);
        }
        if text.room.parse() != Ok(room) {
            return Err(BadManifest::OtherRoom);
        }
        if !mac::equal(&mac::hmac_sha256(key.expose(), &[said.as_bytes()]), &stated) {
            return Err(BadManifest::Unauthentic);
        }
        let kind = BackupKind::from_name(&text.kind).ok_or(bad)?;
        let files = text.files.into_iter().map(|file| file_sum(kind, file)).collect::<Option<_>>();
        Ok(Self {
            room,
            kind,
            taken: Time::from_ms(text.taken),
            incarnation: text.incarnation,
            size: text.size,
            root: base64url::decode(&text.root).ok_or(bad)?,
            epoch: text.epoch,
            position: text.position,
            files: files.ok_or(bad)?,
        })
    }

    /// Writes the manifest of the backup in `directory`, whose other files are durable, and makes it durable.
    pub(super) fn write(&self, directory: &Path, key: &Secret<32>) -> Result<(), Failure> {
        let (path, line) = (directory.join(FILE), self.encode(key)?);
        copying::write_new(&path, line.as_bytes())
            .and_then(|()| sync_directory(directory))
            .map_err(|e| Failure::file(&path, &e))
    }

    /// The bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// A file that a backup of this kind may hold: no path leads out of the directory.
fn file_sum(kind: BackupKind, text: FileText) -> Option<FileSum> {
    let known = match kind {
        BackupKind::Keyring => text.path == "keyring.db",
        BackupKind::Data => matches!(text.path.as_str(), "room.toml" | "store.db") || is_blob(&text.path),
    };
    let sha256 = base64url::decode(&text.sha256)?;
    known.then_some(FileSum { path: text.path, bytes: text.bytes, sha256 })
}

/// `blobs/HH/ID`.
fn is_blob(path: &str) -> bool {
    let hex = |name: &str| name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let named = path.strip_prefix("blobs/").and_then(|rest| rest.split_once('/'));
    named.is_some_and(|(first, id)| {
        first.len() == 2 && id.len() == 32 && id.starts_with(first) && hex(first) && hex(id)
    })
}

/// The text of a directory's manifest; `None` if it has none.
pub(super) fn read(directory: &Path) -> Result<Option<String>, Failure> {
    let path = directory.join(FILE);
    match copying::read_text(&path, limits::MANIFEST_BYTES_MAX) {
        Ok(text) => Ok(Some(text)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        // Not UTF-8: a manifest all the same, and a malformed one.
        Err(e) if e.kind() == io::ErrorKind::InvalidData => Ok(Some(String::new())),
        Err(e) => Err(Failure::file(&path, &e)),
    }
}

/// Whether a directory is a backup, or holds a database: nothing else may be written into or below it.
pub(super) fn is_taken(directory: &Path) -> bool {
    let exists = |name: &str| fs::symlink_metadata(directory.join(name)).is_ok();
    let begins = |path: &Path| {
        let mut start = [0; 48];
        let read = fs::File::open(path).and_then(|mut file| io::Read::read(&mut file, &mut start));
        read.is_ok() && start.starts_with(format!("{{\"format\":\"{FORMAT}\"").as_bytes())
    };
    ["room.toml", "store.db", "keyring.db"].into_iter().any(exists) || begins(&directory.join(FILE))
}

#[cfg(test)]
mod tests {
    use super::{BackupKind, BadManifest, FileSum, Manifest, is_blob};
    use crate::base::{RoomId, Secret, Time};

    const ROOM: RoomId = RoomId::from_bytes([1; 16]);

    fn manifest() -> Manifest {
        let file = |path: &str| FileSum { path: path.to_owned(), bytes: 7, sha256: [9; 32] };
        Manifest {
            room: ROOM,
            kind: BackupKind::Data,
            taken: Time::from_ms(1_790_000_000_000),
            incarnation: 1,
            size: 12,
            root: [3; 32],
            epoch: 2,
            position: 14,
            files: vec![file("blobs/0f/0f000000000000000000000000000000"), file("store.db")],
        }
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written_or_not_at_all() {
        let key = Secret::random().unwrap();
        let line = manifest().encode(&key).unwrap();
        let read = Manifest::decode(&line, ROOM, &key).unwrap();
        assert!(read.files == manifest().files && read.bytes() == 14);
        assert_eq!((read.kind, read.size, read.root, read.epoch), (BackupKind::Data, 12, [3; 32], 2));
        assert_eq!(read.encode(&key).unwrap(), line);
        for at in 0..line.len() {
            let mut changed = line.clone().into_bytes();
            changed[at] ^= 1;
            let text = String::from_utf8_lossy(&changed);
            assert!(Manifest::decode(&text, ROOM, &key).is_err(), "byte {at}");
        }
        let cut = line.get(..line.len() - 1).unwrap();
        assert_eq!(Manifest::decode(cut, ROOM, &key).err(), Some(BadManifest::Malformed));
        let spaced = line.replace("\"size\":12", "\"size\": 12");
        assert_eq!(Manifest::decode(&spaced, ROOM, &key).err(), Some(BadManifest::Malformed));
        let edited = line.replace("\"size\":12", "\"size\":13");
        assert_eq!(Manifest::decode(&edited, ROOM, &key).err(), Some(BadManifest::Unauthentic));
        let other = RoomId::from_bytes([2; 16]);
        assert_eq!(Manifest::decode(&line, other, &key).err(), Some(BadManifest::OtherRoom));
        assert!(Manifest::decode(&line, ROOM, &Secret::random().unwrap()).is_err());
    }

    #[test]
    fn no_file_leads_out_of_a_backup() {
        let key = Secret::random().unwrap();
        for path in ["../store.db", "/store.db", "blobs/0f/../../x", "keyring.db", "", "blobs/0f/0f"] {
            let mut bad = manifest();
            bad.files[1].path = path.to_owned();
            let line = bad.encode(&key).unwrap();
            assert_eq!(Manifest::decode(&line, ROOM, &key).err(), Some(BadManifest::Malformed), "{path}");
        }
        assert!(!is_blob("blobs/0f/1f000000000000000000000000000000"));
    }
}
