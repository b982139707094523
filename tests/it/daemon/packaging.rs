//! The units for systemd say what they mean, and leave the daemon little to do harm with.

use std::{fs, process::Command};

use crate::source;

/// Whether there is a systemd to ask.
fn analyzes() -> bool {
    let is_there = Command::new("systemd-analyze").arg("--version").output().is_ok();
    if !is_there {
        crate::postgres::skip("there is no systemd-analyze");
    }
    is_there
}

#[test]
fn the_units_are_sound_and_shut() {
    if !analyzes() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let units = [
        "strongroom.service",
        "strongroom.socket",
        "strongroom-webhooks.service",
        "strongroom-webhooks.timer",
    ];
    for name in units {
        let unit = source::read(&format!("packaging/{name}"));
        fs::write(at(name), unit.replace("/usr/bin/strongroom", env!("CARGO_BIN_EXE_strongroom"))).unwrap();
    }
    let verified =
        Command::new("systemd-analyze").args(["verify", "--man=no"]).args(units.map(at)).output().unwrap();
    let told = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success() && !told.contains("strongroom"), "{told}");
    // In tenths of a point of exposure: 10 is "OK" to systemd, 20 its next.
    let rated = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=10"])
        .arg(at("strongroom.service"))
        .output()
        .unwrap();
    assert!(rated.status.success(), "{}", String::from_utf8_lossy(&rated.stdout));
    // What sends webhooks has a network, and nothing else that the daemon has not.
    let rated = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=20"])
        .arg(at("strongroom-webhooks.service"))
        .output()
        .unwrap();
    assert!(rated.status.success(), "{}", String::from_utf8_lossy(&rated.stdout));
}

/// What the units name is what the program does.
#[test]
fn the_units_name_what_the_program_has() {
    let service = source::read("packaging/strongroom.service");
    let socket = source::read("packaging/strongroom.socket");
    assert!(service.contains("ExecStart=/usr/bin/strongroom serve --room "));
    assert!(socket.contains("ListenStream=/run/strongroom/socket\n"));
    assert!(source::read("src/bin/strongroom/call.rs").contains("\"/run/strongroom/socket\""));
    for needed in
        ["Type=notify", "WatchdogSec=", "LimitNOFILE=4096", "SystemCallFilter=@system-service pidfd_getfd"]
    {
        assert!(service.contains(needed), "{needed}");
    }
    assert!(!service.contains("PrivateUsers="), "peers would be nobody");
    assert!(service.contains("PrivateNetwork=yes") && !service.contains("--webhooks"), "no network");
    let webhooks = source::read("packaging/strongroom-webhooks.service");
    assert!(webhooks.contains("ExecStart=/usr/bin/strongroom outbox deliver "));
}
