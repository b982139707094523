//! The daemon's heartbeats: a room in which nobody does anything says from time to time that its clock goes on.

use std::{io, thread, time::Duration};

use strongroom::room::Room;

/// Between two looks whether one is due.
const PAUSE: Duration = Duration::from_secs(600);

/// Beats from now on, as long as the process lives.
///
/// # Errors
/// There is no thread for it.
pub fn begin(room: Room) -> io::Result<()> {
    let beating = move || {
        loop {
            // A room that is held, or a full disk, is told of elsewhere.
            if let Err(error) = room.beat() {
                tracing::warn!(error = %error, "no heartbeat");
            }
            thread::sleep(PAUSE);
        }
    };
    thread::Builder::new().name("strongroom-heart".to_owned()).spawn(beating).map(drop)
}
