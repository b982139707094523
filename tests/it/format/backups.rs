//! FORMAT.md sections 14 and 15: a stranger reads a backup, and a room that was restored from it.

use std::path::Path;

use serde_json::Value;
use strongroom::room::Backups;

use super::{
    Scene,
    primitives::{b64, hmac, root, sha256, to_b64},
    reader::Reader,
};
use crate::{disk, world::options};

/// The keys of a manifest in their order, its MAC aside.
const KEYS: [&str; 10] =
    ["format", "room", "kind", "taken", "incarnation", "size", "root", "epoch", "position", "files"];

/// The manifest of a backup, its MAC compared, its one form, and its files as they are.
fn manifest(reader: &Reader, backup: &Path) -> Value {
    let line = std::fs::read_to_string(backup.join("manifest.json")).unwrap();
    let (said, mac) = line.rsplit_once(",\"mac\":\"").unwrap();
    let mac = mac.strip_suffix("\"}\n").unwrap();
    let key = reader.authority_key(&[b"strongroom/authority/backup/1"]);
    assert_eq!(to_b64(&hmac(&key, &[said.as_bytes()])), mac);
    let json: Value = serde_json::from_str(&line).unwrap();
    let value = |key: &str| format!("\"{key}\":{}", json[key]);
    let files: Vec<String> = json["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            format!("{{\"path\":{},\"bytes\":{},\"sha256\":{}}}", file["path"], file["bytes"], file["sha256"])
        })
        .collect();
    let whole: Vec<String> = KEYS[..9].iter().map(|key| value(key)).collect();
    assert_eq!(said, format!("{{{},\"files\":[{}]", whole.join(","), files.join(",")));
    assert_eq!(
        (&json["format"], b64(json["room"].as_str().unwrap())),
        (&Value::from("strongroom-backup/1"), reader.room.clone())
    );
    let mut there: Vec<String> =
        disk::files(backup).into_keys().map(|path| path.to_str().unwrap().to_owned()).collect();
    there.retain(|path| path != "manifest.json");
    let named: Vec<&str> =
        json["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(named, there, "by path, and none left out");
    for file in json["files"].as_array().unwrap() {
        let bytes = std::fs::read(backup.join(file["path"].as_str().unwrap())).unwrap();
        assert_eq!(
            (&file["bytes"], &file["sha256"]),
            (&Value::from(bytes.len()), &Value::from(to_b64(&sha256(&[&bytes]))))
        );
    }
    json
}

#[test]
fn a_stranger_reads_a_backup_and_what_was_restored_from_it() {
    let scene = Scene::new();
    let at = |name: &str| scene.world.directory.path().join(name);
    let before = scene.reader().log();
    let (data, kept, copy) = (at("data"), at("kept"), at("copy"));
    scene.world.room.backup_data(&data, |_, _| ()).unwrap();
    scene.world.room.backup_keyring(&kept, |_, _| ()).unwrap();
    let reader = scene.reader();
    let (of_data, of_keyring) = (manifest(&reader, &data), manifest(&reader, &kept));
    let leaves: Vec<_> = before.iter().map(|entry| entry.leaf).collect();
    let size = before.len();
    assert_eq!((&of_data["kind"], &of_keyring["kind"]), (&"data".into(), &"keyring".into()));
    assert_eq!((&of_data["size"], &of_data["root"]), (&size.into(), &to_b64(&root(&leaves)).into()));
    assert_eq!((&of_data["position"], &of_keyring["position"]), (&size.into(), &(size + 1).into()));
    assert_eq!((&of_data["incarnation"], &of_data["epoch"]), (&1.into(), &1.into()));
    let taken = &reader.log()[size];
    assert_eq!((&taken.json["event"], &taken.json["time"]), (&"backup.taken".into(), &of_data["taken"]));
    for key in ["kind", "size", "root", "epoch"] {
        assert_eq!(taken.json["data"][key], of_data[key], "{key}");
    }
    let files = of_data["files"].as_array().unwrap();
    let bytes: u64 = files.iter().map(|file| file["bytes"].as_u64().unwrap()).sum();
    assert_eq!(taken.json["data"]["files"], files.len());
    assert_eq!(taken.json["data"]["bytes"], bytes);

    disk::copy(&scene.world.path(), &copy);
    let newest = reader.checkpoint();
    let backups = Backups { data: Some(data), keyring: Some(kept), ..Backups::default() };
    options(&copy, &scene.world.clock).restore(&backups, |_, _| ()).unwrap();
    let reader = Reader::open(&copy);
    let log = reader.log();
    let restored = log.last().unwrap();
    assert_eq!((log.len(), &restored.json["event"]), (size + 1, &"room.restored".into()));
    let said = &restored.json["data"];
    assert_eq!((&said["incarnation"], &said["size"]), (&2.into(), &size.into()));
    assert_eq!(said["root"], to_b64(&root(&leaves)));
    assert_eq!((&said["outside_size"], &said["outside_root"]), (&newest.0.into(), &to_b64(&newest.1).into()));
    assert_eq!(reader.incarnation(), 2);
    assert_eq!(reader.head().bytes, reader.head_of(&log));
    let leaves: Vec<_> = log.iter().map(|entry| entry.leaf).collect();
    assert_eq!(reader.checkpoint(), (size as u64 + 1, root(&leaves)));
    let (ended, old_size, old_root) = reader.checkpoint_in("checkpoint.1");
    assert_eq!((ended, (old_size, old_root)), (1, newest));
}
