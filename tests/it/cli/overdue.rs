//! A hold whose review is overdue, at the command line.

use std::{process::Command, time::Duration};

use strongroom::room::{CaseRef, Class, Classes, Clock, Purpose, Registration, Room, RoomKind, Time, Why};

use crate::world::{JANE, PASSWORD, ceremony, options, secret};

#[test]
fn a_list_with_an_overdue_review_and_the_doctor_say_so_by_their_codes() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("room");
    // Two days ago.
    let clock = Clock::manual(Time::from_ms(Clock::system().now().as_ms() - 2 * 86_400_000));
    let made = Room::init(options(&path, &clock), &ceremony(RoomKind::Demo)).unwrap();
    let room = made.room;
    let password = secret(PASSWORD);
    let account =
        room.register(&Registration { email: JANE, name: None, password: &password }).unwrap().account;
    let lena = room.staff(&room.assume("lena").unwrap().token);
    let why = Why::purpose(Purpose::LegalObligation);
    let why = why.clone().case(CaseRef::Case(lena.open_case(Some(account), &why).unwrap()));
    lena.place_hold(account, Classes::of(&[Class::Support]), clock.now().plus(DAY), &why).unwrap();
    drop((lena, room));

    let run = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_strongroom"));
        let output = program.args(["--room", path.to_str().unwrap()]).args(arguments).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, out, err) = run(&["--as", "priya", "hold", "list"]);
    assert_eq!((code, out.matches("(overdue)").count()), (Some(5), 1), "{out}{err}");
    assert!(err.contains("warning: 1 review is overdue"), "{err}");
    let (code, out, _) = run(&["--as", "priya", "hold", "list", "--json"]);
    assert_eq!(code, Some(5));
    assert!(out.contains("\"overdue\":true") && out.contains("\"overdue\":1"), "{out}");
    let (code, out, _) = run(&["doctor"]);
    assert_eq!(code, Some(5));
    assert!(out.contains("warning   holds        1 of 1 in force are overdue"), "{out}");
}
