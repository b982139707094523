//! The second half of a restore on disk: what was there steps aside, and the copies take their places. Each step may be
//! the last before a power cut, and may be taken twice.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    super::{
        copying,
        error::Failure,
        layout::{Layout, sync_directory},
    },
    marker::{Marker, remove},
    stage::Stage,
};
use crate::{base::AttachmentId, store::BlobDirectory};

/// Puts the old databases aside, and the staged ones in their places.
pub(super) fn exchange(layout: &Layout, stage: &Stage, marker: &Marker) -> Result<(), Failure> {
    if marker.data {
        let directory = layout.store().directory;
        let exchanged = replace(&directory, "store.db", &stage.store, marker.incarnation)
            .and_then(|()| place_blobs(&stage.store.join("blobs"), &layout.store().blobs()));
        exchanged.map_err(|e| Failure::file(&directory, &e))?;
    }
    if marker.keyring {
        let directory = layout.keyring().directory;
        replace(&directory, "keyring.db", &stage.keyring, marker.incarnation)
            .map_err(|e| Failure::file(&directory, &e))?;
    }
    Ok(())
}

/// Removes the old keyring: the keys in it would outlive the next erasure. The old store has none, and stays.
pub(super) fn forget_keyring(layout: &Layout, marker: &Marker) -> Result<(), Failure> {
    let directory = layout.keyring().directory;
    let aside = format!("keyring.db.{}", marker.incarnation);
    ["", "-wal"]
        .into_iter()
        .try_for_each(|end| remove(&directory.join(format!("{aside}{end}"))))
        .and_then(|()| sync_directory(&directory))
        .map_err(|e| Failure::file(&directory, &e))
}

/// Puts a database aside, once, and the staged one in its place. A write-ahead log must never be beside another database
/// than its own: it would be replayed into it. So it goes first, and that is durable before the new one comes.
fn replace(directory: &Path, name: &str, stage: &Path, incarnation: u32) -> io::Result<()> {
    let at = |end: &str| directory.join(format!("{name}{end}"));
    let aside = at(&format!(".{incarnation}"));
    if fs::symlink_metadata(&aside).is_err() {
        rename_if_there(&at("-wal"), &at(&format!(".{incarnation}-wal")))?;
        sync_directory(directory)?;
        rename_if_there(&at(""), &aside)?;
    }
    // An earlier attempt's copy, if the old one is aside already.
    for end in ["-wal", "-shm", ""] {
        remove(&at(end))?;
    }
    sync_directory(directory)?;
    fs::rename(stage.join(name), at(""))?;
    sync_directory(directory)
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Moves staged blobs to where the store looks for them.
fn place_blobs(staged: &Path, blobs: &Path) -> io::Result<()> {
    if !staged.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(staged)? {
        let from = entry?.path();
        let Some(name) = from.file_name() else { continue };
        let to = blobs.join(name);
        copying::directory(&to)?;
        for blob in fs::read_dir(&from)? {
            let blob = blob?;
            fs::rename(blob.path(), to.join(blob.file_name()))?;
        }
        sync_directory(&to)?;
    }
    sync_directory(blobs)
}

/// Moves the blobs that no attachment of the restored store names to where the old store is, which may name them; the
/// directory, if there are any. Each stays sealed under its account's key, and opens no more when that is erased.
pub(super) fn unnamed_blobs_aside(
    layout: &Layout,
    marker: &Marker,
    mut is_named: impl FnMut(AttachmentId) -> Result<bool, Failure>,
) -> Result<Option<PathBuf>, Failure> {
    let (blobs, aside) = (layout.store().blobs(), layout.blobs_aside(marker.incarnation));
    let failed = |e: io::Error| Failure::file(&aside, &e);
    for entry in fs::read_dir(&blobs).map_err(failed)? {
        let from = entry.map_err(failed)?.path();
        let Some(part) = from.file_name().filter(|_| from.is_dir()) else { continue };
        let to = aside.join(part);
        let mut moved = false;
        for blob in fs::read_dir(&from).map_err(failed)? {
            let name = blob.map_err(failed)?.file_name();
            // Anything else is no blob: an upload that was cut off is removed in time.
            let Some(id) = name.to_str().and_then(BlobDirectory::id_of) else { continue };
            if !is_named(id)? {
                if !moved {
                    copying::directory(&aside).and_then(|()| copying::directory(&to)).map_err(failed)?;
                    moved = true;
                }
                fs::rename(from.join(&name), to.join(&name)).map_err(failed)?;
            }
        }
        if moved {
            [&to, &aside, &from].into_iter().try_for_each(|one| sync_directory(one)).map_err(failed)?;
        }
    }
    Ok(aside.exists().then_some(aside))
}
