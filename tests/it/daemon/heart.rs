//! The daemon keeps a quiet room's clock believed.

use strongroom::room::{Clock, Room, RoomKind, Time};

use super::{Served, serve, until};
use crate::world::{World, ceremony, options};

#[test]
fn a_room_in_which_nobody_did_anything_for_hours_gets_a_heartbeat() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("room");
    let clock = Clock::manual(Time::from_ms(Clock::system().now().as_ms() - 7 * 3_600_000));
    drop(Room::init(options(&path, &clock), &ceremony(RoomKind::Demo)).unwrap());
    let clock = Clock::system();
    let world = World { room: options(&path, &clock).open().unwrap(), clock, directory };
    let before = world.room.log_size().unwrap();
    let socket = world.directory.path().join("socket");
    let process = serve(&world.path(), &socket, 300);
    let served = Served { world, socket, process };
    until(|| served.world.room.log_size().unwrap() > before);
    let entries = served.entries(before);
    assert_eq!(entries[0].entry.what.name(), "log.beat");
    assert_eq!(
        (entries[0].entry.actor.to_string(), &*entries[0].entry.via.component),
        ("system".to_owned(), "socket")
    );
}
