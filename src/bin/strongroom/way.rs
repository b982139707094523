//! Which way a command reaches its room: by the files, or through a socket.

use std::{fs::File, io::ErrorKind, path::Path};

use crate::{
    arguments::Command,
    call::{Reach, SOCKET},
    failed::Failed,
    globals::Globals,
    surroundings::Surroundings,
};

/// The socket that a command goes through; none if it works on the files, or on none.
///
/// # Errors
/// A socket was named that means nothing to it.
pub fn socket(command: &Command, globals: &Globals, around: &Surroundings) -> Result<Option<String>, Failed> {
    match (command.reach(), &globals.socket) {
        (Reach::Listener, _) | (Reach::Files | Reach::Nothing, None) => Ok(None),
        (Reach::Files | Reach::Nothing, Some(_)) => {
            Err(Failed::usage("`--socket` means nothing to this command")
                .hint("it is for whoever holds the room's files"))
        }
        (Reach::Room, Some(_)) if globals.room.is_some() => {
            Err(Failed::usage("`--room` and `--socket` exclude each other"))
        }
        (Reach::Room, Some(socket)) => Ok(Some(socket.clone())),
        (Reach::Room, None) if is_out_of_reach(globals) => Ok(default(around)),
        (Reach::Room, None) => Ok(None),
    }
}

/// Whether the room's files are not for this user to read; or there is no room here, and none was named.
fn is_out_of_reach(globals: &Globals) -> bool {
    let directory = globals.room.as_deref().unwrap_or(Path::new("."));
    match File::open(directory.join("room.toml")) {
        Ok(_) => false,
        Err(e) if e.kind() == ErrorKind::PermissionDenied => true,
        Err(e) => e.kind() == ErrorKind::NotFound && globals.room.is_none(),
    }
}

/// The socket that nobody had to name, if there is one.
fn default(around: &Surroundings) -> Option<String> {
    around.socket.clone().or_else(|| Path::new(SOCKET).exists().then(|| SOCKET.to_owned()))
}
