//! The doctor finds no fault where nothing is wrong, and what others can reach.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use strongroom::room::Severity;

use crate::{
    disk,
    world::{JANE, World},
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
    let world = World::demo();
    world.ticket(&world.customer(JANE));
    assert_eq!(found(&world, "chain").0, Severity::Fine);
    let store = world.path().join("store/store.db");
    disk::sql(
        &store,
        "DROP TRIGGER audit_entry_kept;
         UPDATE audit_entry SET entry = CAST(replace(entry, 'ticket.opened', 'ticket.closed') AS BLOB)",
    );
    let (severity, told) = found(&world, "chain");
    assert_eq!(severity, Severity::Fault);
    assert!(told.contains("entry 2 does not"), "{told}");
}
