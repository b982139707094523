//! The doctor finds no fault where nothing is wrong, and what others can reach.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use sha2::{Digest, Sha256};
use strongroom::room::{Ceremony, Clock, Room, RoomKind, Severity};

use crate::{
    dba::unguarded,
    disk,
    world::{JANE, START, World, ceremony, options},
};

#[test]
fn a_room_at_work_has_no_fault() {
    let world = World::demo();
    world.customer(JANE);
    let findings = world.room.doctor().unwrap();
    let faults: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Fault).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn what_others_can_reach_is_a_fault() {
    for (file, mode) in [
        ("room.toml", 0o644),
        ("store/store.db", 0o640),
        ("keys/log-1.key", 0o604),
        ("outside/checkpoint.a", 0o644),
    ] {
        let world = World::demo();
        fs::set_permissions(world.path().join(file), fs::Permissions::from_mode(mode)).unwrap();
        let findings = world.room.doctor().unwrap();
        assert_eq!((findings[0].severity, findings[0].check), (Severity::Fault, "permissions"), "{file}");
    }
}

#[test]
fn what_others_can_reach_outside_the_room_is_a_fault() {
    let directory = tempfile::tempdir().unwrap();
    let [room, outside] = ["room", "outside"].map(|name| directory.path().join(name));
    let ceremony = Ceremony { outside: Some(outside.clone()), ..ceremony(RoomKind::Demo) };
    let room = Room::init(options(&room, &Clock::manual(START)), &ceremony).unwrap().room;
    let worst = || room.doctor().unwrap().remove(0);
    assert_ne!(worst().severity, Severity::Fault);
    fs::set_permissions(outside.join("erasure.ledger"), fs::Permissions::from_mode(0o604)).unwrap();
    assert_eq!((worst().severity, worst().check), (Severity::Fault, "permissions"));
}

#[test]
fn an_attachment_that_others_can_read_is_a_fault() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let ticket = world.ticket(&jane);
    world.room.owner(&jane).attach(ticket, "a.txt", "text/plain", &b"text"[..]).unwrap();
    let blobs = disk::files(&world.path().join("store/blobs"));
    let blob = world.path().join("store/blobs").join(blobs.keys().next().unwrap());
    fs::set_permissions(&blob, fs::Permissions::from_mode(0o644)).unwrap();
    let findings = world.room.doctor().unwrap();
    assert_eq!((findings[0].severity, findings[0].check), (Severity::Fault, "permissions"));
    assert!(findings[0].found.contains(blob.to_str().unwrap()), "{}", findings[0].found);
}

fn found(world: &World, check: &str) -> (Severity, String) {
    let findings = world.room.doctor().unwrap();
    let finding = findings.into_iter().find(|finding| finding.check == check).unwrap();
    (finding.severity, finding.found)
}

#[test]
fn a_log_without_its_checkpoint_is_a_fault_and_with_an_older_one_a_note() {
    let world = World::demo();
    let outside = world.path().join("outside");
    let names = ["checkpoint.a", "checkpoint.b"];
    let kept: Vec<_> = names.map(|name| fs::read(outside.join(name)).unwrap()).into();
    world.customer(JANE);
    assert_eq!(found(&world, "log").0, Severity::Fine);
    for (name, older) in names.iter().zip(&kept) {
        fs::write(outside.join(name), older).unwrap();
    }
    let (severity, told) = found(&world, "log");
    assert_eq!(severity, Severity::Note, "{told}");
    for name in names {
        fs::remove_file(outside.join(name)).unwrap();
    }
    assert_eq!(found(&world, "log").0, Severity::Fault);
}

#[test]
fn an_erasure_that_is_not_done_is_a_warning() {
    let world = World::demo();
    assert_eq!(found(&world, "erasures").0, Severity::Fine);
    let begun = "INSERT INTO intent VALUES (zeroblob(16), 1, 0, 1, 7, zeroblob(32))";
    disk::sql(&world.path().join("store/store.db"), begun);
    let (severity, told) = found(&world, "erasures");
    assert_eq!((severity, told.contains("of 1 accounts")), (Severity::Warning, true), "{told}");
}

/// What is on the data's device is lost and stolen with it.
#[test]
fn keys_and_checkpoint_on_the_datas_device_are_a_warning() {
    let world = World::demo();
    for check in ["keys", "outside"] {
        assert_eq!(found(&world, check).0, Severity::Warning, "{check}");
    }
}

#[test]
fn a_customer_who_waits_too_long_is_a_warning() {
    let world = World::demo();
    let jane = world.customer(JANE);
    world.ticket(&jane);
    world.ticket(&jane);
    world.later(Duration::from_secs(48 * 3600) - Duration::from_millis(1));
    assert_eq!(found(&world, "tickets").0, Severity::Fine);
    world.later(Duration::from_millis(1));
    let (severity, found) = found(&world, "tickets");
    assert_eq!(severity, Severity::Warning);
    assert!(found.contains("in 2 of them"), "{found}");
}

#[test]
fn an_entry_that_was_edited_under_an_open_room_is_a_fault() {
    let edit = "entry = CAST(replace(entry, 'host-1', 'host-2') AS BLOB) WHERE position = 2";
    for (what, broken) in [("the text alone", 2), ("its leaf as well", 3), ("its place", 7)] {
        let world = World::demo();
        world.ticket(&world.customer(JANE));
        assert_eq!(found(&world, "chain").0, Severity::Fine);
        let size = world.room.log_size().unwrap();
        let store = unguarded(&world.path().join("store/store.db"));
        match what {
            "the text alone" => store.execute(&format!("UPDATE audit_entry SET {edit}"), []).unwrap(),
            "its leaf as well" => {
                store.execute(&format!("UPDATE audit_entry SET {edit}"), []).unwrap();
                let read = "SELECT entry FROM audit_entry WHERE position = 2";
                let entry: Vec<u8> = store.query_row(read, [], |row| row.get(0)).unwrap();
                let leaf = Sha256::new().chain_update([0]).chain_update(entry).finalize().to_vec();
                store.execute("UPDATE audit_entry SET leaf = ?1 WHERE position = 2", [leaf]).unwrap()
            }
            _ => {
                // The newest: nothing hangs on it.
                let moved = "UPDATE audit_entry SET position = 7 WHERE position = ?1 - 1";
                store.execute(moved, [size.cast_signed()]).unwrap()
            }
        };
        let (severity, told) = found(&world, "chain");
        assert_eq!(severity, Severity::Fault, "{what}");
        assert!(told.contains(&format!("entry {broken} does not")), "{what}: {told}");
    }
}
