//! The daemon's own thread for webhooks.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    configured, program,
    receiver::{Answer, Receiver, status},
    registered,
};
use crate::{examples::now, world::World};

/// The daemon of this room, once it serves.
fn serving(world: &World) -> Child {
    let socket = world.directory.path().join("socket");
    let mut daemon = program(world)
        .args(["serve", "--webhooks", "--socket"])
        .arg(&socket)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(daemon.stderr.take().unwrap());
    assert!(said.lines().any(|line| line.unwrap().starts_with("serving room ")), "it does not serve");
    daemon
}

fn stopped(mut daemon: Child) {
    let pid = Pid::from_child(&daemon);
    kill_process(pid, Signal::TERM).unwrap();
    assert!(daemon.wait().unwrap().success());
}

#[test]
fn a_daemon_delivers_while_it_serves() {
    let receiver = Receiver::new(vec![status("200 OK"), status("200 OK")]);
    let world = now();
    let room = configured(&world, &receiver.url(), "");
    let daemon = serving(&world);
    let account = registered(&room);
    assert!(receiver.next().body.contains("\"registered\""));
    let owner = room.login(crate::world::JANE, &crate::world::secret(crate::world::PASSWORD)).unwrap();
    let owner = owner.complete().unwrap().owner;
    room.owner(&owner).close(&crate::world::secret(crate::world::PASSWORD)).unwrap();
    let told = receiver.next();
    assert!(told.body.contains("\"closed\"") && told.body.contains(&account.to_string()), "{}", told.body);
    stopped(daemon);
}

/// What it is at ends in its own time; what was not acknowledged is in the outbox still.
#[test]
fn a_daemon_stops_while_a_receiver_hangs() {
    let receiver = Receiver::new(vec![Answer::Hangs]);
    let world = now();
    let room = configured(&world, &receiver.url(), "");
    registered(&room);
    let daemon = serving(&world);
    receiver.next();
    stopped(daemon);
    assert_eq!(room.webhooks().unwrap().pending, 1);
}
