//! The daemon: the same commands through a socket, for people who cannot read the room.

mod reach;
