//! A small room for benches that need a real one.

use std::path::Path;

use strongroom::room::{
    Appointment, Ceremony, LogPart, Purpose, Registration, Role, Room, RoomKind, RoomOptions, SecretText, Why,
};

/// A demonstration room with its first people.
pub fn room(directory: &Path) -> Room {
    let appoint = |handle: &str, role| Appointment { handle: handle.to_owned(), roles: vec![role] };
    let appointments = vec![
        appoint("ada", Role::AccessAdmin),
        appoint("alan", Role::AccessAdmin),
        appoint("vera", Role::Auditor),
        appoint("sam", Role::Support),
    ];
    let ceremony = Ceremony { kind: RoomKind::Demo, outside: None, appointments };
    Room::init(RoomOptions::new(directory, "bench"), &ceremony).unwrap().room
}

/// A line of the log that records that staff read an account.
pub fn an_audited_read() -> String {
    let directory = tempfile::tempdir().unwrap();
    let room = room(&directory.path().join("room"));
    let password = SecretText::new("violet kettle sings at noon".to_owned());
    let registration =
        Registration { email: "jane.doe@example.com", name: Some("Jane Doe"), password: &password };
    let account = room.register(&registration).unwrap().account;
    let sam = room.staff(&room.assume("sam").unwrap().token);
    let position = sam.account(account, &Why::purpose(Purpose::SupportRequest)).unwrap().position;
    let vera = room.staff(&room.assume("vera").unwrap().token);
    vera.audit_log(LogPart::All, position, 1, &Why::unstated()).unwrap().entries.remove(0).line
}
