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
fn a_file_that_others_can_reach_is_a_fault() {
    let world = World::demo();
    fs::set_permissions(world.path().join("outside/checkpoint.a"), fs::Permissions::from_mode(0o644))
        .unwrap();
    let findings = world.room.doctor().unwrap();
    assert_eq!((findings[0].severity, findings[0].check), (Severity::Fault, "permissions"));
}
