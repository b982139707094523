//! The doctor finds no fault where nothing is wrong, and what others can reach.

use std::{fs, os::unix::fs::PermissionsExt};

use strongroom::room::Severity;

use crate::world::{JANE, World};

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
