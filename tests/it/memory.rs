//! Keys are in locked memory, and in a process that asked for them.

use std::fs;
#[cfg(feature = "cli")]
use std::{
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
};

use strongroom::room::{
    Class, Failure, KeyError, Kind, Purpose, Room, RoomOptions, StaffError, Why, WriteError,
};

use crate::world::{JANE, World, options};

/// The room as a process sees it that asked for these classes alone.
fn with_classes(world: &World, classes: &[Class]) -> Room {
    RoomOptions { classes: classes.to_vec(), ..options(&world.path(), &world.clock) }.open().unwrap()
}

fn not_asked_for(failure: &Failure) -> Option<Class> {
    match failure {
        Failure::Key(KeyError::NotAskedFor { class }) => Some(*class),
        _ => None,
    }
}

#[test]
fn a_process_opens_nothing_of_a_class_that_it_did_not_ask_for() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let ticket = world.ticket(&jane);
    let sam = world.room.assume("sam").unwrap().token;

    let identity = with_classes(&world, &[Class::Identity]);
    let why = Why::purpose(Purpose::SupportRequest).case(strongroom::room::CaseRef::Ticket(ticket));
    assert!(identity.staff(&sam).account(jane.account(), &why).is_ok());
    let Err(StaffError::Failed(failure)) = identity.staff(&sam).ticket(ticket, &why) else {
        panic!("a ticket was read without the class's keys")
    };
    assert_eq!((not_asked_for(&failure), failure.kind()), (Some(Class::Support), Kind::Unavailable));
    let Err(WriteError::Failed(failure)) = identity.owner(&jane).open_ticket("Subject", "Body") else {
        panic!("a ticket was written without the class's keys")
    };
    assert_eq!(not_asked_for(&failure), Some(Class::Support));

    let support = with_classes(&world, &[Class::Support]);
    assert!(support.staff(&sam).ticket(ticket, &why).is_ok());
    assert!(support.staff(&sam).account(jane.account(), &why).is_err());
}

#[test]
fn an_open_room_has_its_keys_in_locked_memory() {
    let world = World::demo();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
    assert_ne!(locked.trim(), "0 kB");
    let findings = world.room.doctor().unwrap();
    let memory = findings.iter().find(|finding| finding.check == "memory").unwrap();
    assert_eq!(memory.found, "all keys are in locked memory");
}

/// A process that may leave a core dump, killed as soon as it is `ready`; whether it left one. `None` where the system
/// lets nobody.
#[cfg(feature = "cli")]
fn leaves_a_core(command: &[&str], ready: impl Fn(&str) -> bool) -> Option<bool> {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -c unlimited && exec \"$@\"", "sh"])
        .args(command)
        .current_dir(directory.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    while child.try_wait().unwrap().is_none() && !ready(&fs::read_to_string(&status).unwrap_or_default()) {
        std::thread::yield_now();
    }
    let id = rustix::process::Pid::from_child(&child);
    let killed = child.try_wait().unwrap().is_none()
        && rustix::process::kill_process(id, rustix::process::Signal::ABORT).is_ok();
    let ended = child.wait().unwrap();
    killed.then(|| ended.core_dumped())
}

#[cfg(feature = "cli")]
#[test]
fn the_program_leaves_no_core_dump() {
    let name = |status: &str| status.lines().next().unwrap_or_default().to_owned();
    let Some(control) = leaves_a_core(&["cat"], |status| name(status).ends_with("cat")) else {
        assert!(std::env::var_os("STRONGROOM_TEST_SKIP_NOTHING").is_none(), "core dumps cannot be allowed");
        return;
    };
    assert!(control, "the control left no core dump: this test sees nothing");
    let world = World::demo();
    let room = world.path();
    let program = env!("CARGO_BIN_EXE_strongroom");
    let login = ["--session", "session", "login", JANE, "--password-fd", "0"];
    let waits = [[program, "--room", room.to_str().unwrap()].as_slice(), &login].concat();
    // The room is open when its lanes' threads are there: keys are in memory, and the password is waited for.
    let opened = |status: &str| status.contains("Threads:\t3");
    assert_eq!(leaves_a_core(&waits, opened), Some(false));
}
