//! A small room for benches that need a real one.

use std::path::Path;

use strongroom::room::{Appointment, Ceremony, Role, Room, RoomKind, RoomOptions, TeamProfile};

/// A demonstration room with its first people.
pub fn room(directory: &Path) -> Room {
    let appoint = |handle: &str, role| Appointment { handle: handle.to_owned(), roles: vec![role] };
    let appointments = vec![
        appoint("ada", Role::AccessAdmin),
        appoint("alan", Role::AccessAdmin),
        appoint("vera", Role::Auditor),
        appoint("sam", Role::Support),
        appoint("priya", Role::PrivacyOfficer),
    ];
    let ceremony = Ceremony {
        kind: RoomKind::Demo,
        outside: None,
        appointments,
        profile: TeamProfile::Two,
        custody: strongroom::room::Custody::default(),
    };
    Room::init(RoomOptions::new(directory, "bench"), &ceremony).unwrap().room
}
