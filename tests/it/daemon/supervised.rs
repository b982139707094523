//! What the system's manager of services says and hears: readiness, the watchdog, stopping, a socket handed over.

use std::{
    os::{
        fd::OwnedFd,
        unix::net::{UnixDatagram, UnixListener},
    },
    process::{Command, Stdio},
    time::Duration,
};

use super::{Served, program, stranger::Line};
use crate::examples::now;

#[test]
fn the_manager_hears_that_it_is_ready_alive_and_stopping() {
    let world = now();
    let directory = world.directory.path();
    let notices = UnixDatagram::bind(directory.join("notify")).unwrap();
    notices.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let hear = || {
        let mut said = [0; 64];
        let length = notices.recv(&mut said).unwrap();
        String::from_utf8_lossy(&said[..length]).into_owned()
    };
    let socket = directory.join("socket");
    let process = program()
        .env("NOTIFY_SOCKET", directory.join("notify"))
        .env("WATCHDOG_USEC", "100000")
        .args(["serve", "--room"])
        .arg(world.path())
        .arg("--socket")
        .arg(&socket)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut served = Served { world, socket, process };
    assert_eq!(hear(), "READY=1");
    assert_eq!([hear(), hear()], ["WATCHDOG=1"; 2]);
    served.terminate();
    let mut last = hear();
    while last == "WATCHDOG=1" {
        last = hear();
    }
    assert_eq!(last, "STOPPING=1");
    assert!(served.process.wait().unwrap().success());
}

/// The manager listens before the daemon runs, and callers wait meanwhile.
#[test]
fn a_socket_that_is_handed_over_is_served_and_left_where_it_is() {
    let world = now();
    let socket = world.directory.path().join("socket");
    let listener = UnixListener::bind(&socket).unwrap();
    let mut early = Line::connect(&socket);
    let serve = "exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" serve --room \"$1\"";
    let process = Command::new("sh")
        .env_clear()
        .args(["-c", serve, env!("CARGO_BIN_EXE_strongroom")])
        .arg(world.path())
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut served = Served { world, socket, process };
    early.hello();
    assert_eq!(early.call(&["--as", "sam", "ticket", "list", "--mine"]).exit, 0);
    served.terminate();
    assert!(served.process.wait().unwrap().success());
    assert!(served.socket.exists(), "it is the manager's");
}

/// Words of a manager that are meant for another process are not taken for one's own.
#[test]
fn words_for_another_process_are_not_taken() {
    let world = now();
    let ran = program()
        .env("LISTEN_FDS", "1")
        .env("LISTEN_PID", "1")
        .args(["serve", "--room"])
        .arg(world.path())
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(2), "{}", String::from_utf8_lossy(&ran.stderr));
}
