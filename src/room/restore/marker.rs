//! `restore.unfinished`: what a restore that did not come to its end has to know when it is run again.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    super::{
        copying,
        error::Failure,
        layout::{Layout, sync_directory},
    },
    error::RestoreError,
};
use crate::{
    audit::Hash,
    base::{base64url, limits},
};

/// The first value of the file.
const FORMAT: &str = "strongroom-restore/1";

/// What was known before anything was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker {
    /// The incarnation that ends.
    pub(super) incarnation: u32,
    /// The size that its newest checkpoint stated, 0 if there is none.
    pub(super) size: u64,
    /// The root that it stated.
    pub(super) root: Hash,
    /// The largest epoch that head, ledger and backups know.
    pub(super) epoch: u64,
    /// The store is being replaced.
    pub(super) data: bool,
    /// The keyring is being replaced.
    pub(super) keyring: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: String,
    incarnation: u32,
    size: u64,
    root: String,
    epoch: u64,
    data: bool,
    keyring: bool,
}

impl Marker {
    /// The room's, if a restore of it is unfinished.
    pub(super) fn read(layout: &Layout) -> Result<Option<Self>, RestoreError> {
        let path = layout.unfinished_restore();
        let text = match copying::read_text(&path, limits::ROOM_TOML_BYTES_MAX) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Failure::file(&path, &e).into()),
        };
        match decode(&text) {
            Some(marker) => Ok(Some(marker)),
            None => Err(RestoreError::Unfit { path, what: "is not what an unfinished restore leaves" }),
        }
    }

    /// Makes it the room's, durably: under its own name it is whole.
    pub(super) fn write(&self, layout: &Layout) -> Result<(), Failure> {
        let text = Text {
            format: FORMAT.to_owned(),
            incarnation: self.incarnation,
            size: self.size,
            root: base64url::encode(&self.root),
            epoch: self.epoch,
            data: self.data,
            keyring: self.keyring,
        };
        let line = serde_json::to_string(&text).map_err(|_| Failure::Internal("a restore's marker"))?;
        let path = layout.unfinished_restore();
        let making = path.with_extension("part");
        remove(&making)
            .and_then(|()| copying::write_new(&making, format!("{line}\n").as_bytes()))
            .and_then(|()| fs::rename(&making, &path))
            .and_then(|()| sync_directory(layout.root()))
            .map_err(|e| Failure::file(&path, &e))
    }

    /// Takes it away: the restore is done.
    pub(super) fn clear(layout: &Layout) -> Result<(), Failure> {
        let path = layout.unfinished_restore();
        remove(&path).and_then(|()| sync_directory(layout.root())).map_err(|e| Failure::file(&path, &e))
    }
}

fn decode(text: &str) -> Option<Marker> {
    let text: Text = serde_json::from_str(text).ok()?;
    (text.format == FORMAT).then_some(())?;
    let Text { incarnation, size, epoch, data, keyring, .. } = text;
    Some(Marker { incarnation, size, root: base64url::decode(&text.root)?, epoch, data, keyring })
}

/// Removes a file; one that is not there is removed already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
