//! A room for the unit tests of this floor.

use std::path::Path;

use super::{Appointment, Ceremony, CodesTo, Custody, Role, Room, RoomKind, RoomOptions};
use crate::access::TeamProfile;

/// How the room below `directory` is opened: whoever asks for a code is handed it.
pub(super) fn options(directory: &Path) -> RoomOptions {
    RoomOptions { codes_to: CodesTo::Asker, ..RoomOptions::new(directory.join("room"), "host-1") }
}

/// A new demonstration room below `directory`, with the fewest people that one has, and `priya` of privacy.
pub(super) fn demo(directory: &Path) -> Room {
    let people = [
        ("ada", Role::AccessAdmin),
        ("alan", Role::AccessAdmin),
        ("vera", Role::Auditor),
        ("priya", Role::PrivacyOfficer),
    ];
    let appoint = |(handle, role): (&str, Role)| Appointment { handle: handle.to_owned(), roles: vec![role] };
    let ceremony = Ceremony {
        kind: RoomKind::Demo,
        outside: None,
        appointments: people.map(appoint).into(),
        profile: TeamProfile::Two,
        custody: Custody::default(),
    };
    Room::init(options(directory), &ceremony).unwrap_or_else(|e| panic!("{e}")).room
}
