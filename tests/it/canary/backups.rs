//! Both halves of the room are backed up, and the room restored.

use std::{fs, path::Path};

use strongroom::room::{Backups, RestoreError, Restored};

use super::{
    marks,
    search::Places,
    story::{Story, options},
};
use crate::disk;

/// Backups beside the room, and what is no place for one.
pub fn both_halves(story: &mut Story) {
    let at = |story: &Story, name: &str| story.root().join(name);
    let (data, kept) = (at(story, "data"), at(story, "kept"));
    let told = |_: u64, _: u64| ();
    let room = story.room.clone();
    let taken = [room.backup_data(&data, told).unwrap(), room.backup_keyring(&kept, told).unwrap()];
    story.shown("backups", &taken);
    story.refused("a backup into a backup", room.backup_data(&data, told));
    story.refused("the keyring beside the data", room.backup_keyring(&data.join("blobs/keyring"), told));
    story.refused("a backup nowhere", room.backup_data(&at(story, "nowhere").join("data"), told));
    for (name, manifest) in [
        ("half", None),
        ("pasted", Some(marks::CARD)),
        ("json", Some("{\"format\":\"strongroom-backup/1\"}\n")),
    ] {
        let bad = at(story, name);
        fs::create_dir(&bad).unwrap();
        if let Some(text) = manifest {
            fs::write(bad.join("manifest.json"), text).unwrap();
        }
        let backups = Backups { data: Some(bad.clone()), keyring: None, ..Backups::default() };
        let copy = at(story, "copy");
        disk::copy(&story.directory(), &copy);
        story.refused("a bad backup", options(copy.clone(), &story.clock).restore(&backups, told));
        fs::remove_dir_all(copy).unwrap();
        fs::remove_dir_all(bad).unwrap();
    }
}

/// The room as its backups have it.
pub fn restored(
    root: &Path,
    story: impl FnOnce(&Backups) -> Result<Restored, RestoreError>,
    places: &mut Places,
) {
    let backups =
        Backups { data: Some(root.join("data")), keyring: Some(root.join("kept")), ..Backups::default() };
    let restored = story(&backups).unwrap();
    places.add("debug: a restore", format!("{backups:?}\n{restored:?}"));
    disk::closed(root);
    places.add_files("restored", root);
}
