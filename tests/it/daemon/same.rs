//! The same commands: a session, a prompt and a file are the person's own, wherever the command is carried out.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixListener, process::CommandExt},
    process::Stdio,
    thread,
};

use serde_json::{Value, json};

use super::{
    Served, program,
    stranger::{CONTENT, Line},
};
use crate::world::{JANE, PASSWORD, secret};

/// The one room's sessions are the same, whichever way they were begun.
#[test]
fn a_session_that_was_begun_one_way_works_the_other_way() {
    let served = Served::new();
    let directory = served.world.directory.path();
    served.world.customer(JANE);
    fs::write(directory.join("password"), PASSWORD).unwrap();
    fs::set_permissions(directory.join("password"), fs::Permissions::from_mode(0o600)).unwrap();
    let direct = |words: &[&str]| {
        let output = program().current_dir(directory).args(["--room", "room"]).args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let login = ["login", JANE, "--password-file", "password", "--session"];
    served.says(&[&login[..], &["by-socket"]].concat());
    direct(&[&login[..], &["by-files"]].concat());
    let mode = |name| fs::metadata(directory.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("by-socket"), mode("by-files")], [0o600; 2]);
    for session in ["by-socket", "by-files"] {
        direct(&["ticket", "list", "--session", session]);
        served.says(&["ticket", "list", "--session", session]);
    }
    served.says(&["logout", "--session", "by-files"]);
    direct(&["logout", "--session", "by-socket"]);
    for session in ["by-socket", "by-files"] {
        assert!(!directory.join(session).exists());
    }
}

/// A member of staff enrols, logs in and works over the socket alone.
#[test]
fn staff_enrol_and_log_in_over_the_socket() {
    let served = Served::new();
    let room = &served.world.room;
    let ada = served.world.staff("ada");
    let plain = strongroom::room::Why::purpose(strongroom::room::Purpose::AccessAdmin);
    let case = ada.open_case(None, &plain).unwrap();
    let why = plain.case(strongroom::room::CaseRef::Case(case));
    let code = ada.appoint("nina", strongroom::room::PrincipalKind::Human, &why).unwrap();
    let mut line = served.line();
    assert_eq!(line.hello(), room.id().to_string());

    // What is typed is asked for, each by its own prompt, and goes as content.
    line.say(&json!({"call": {"arguments": ["staff", "enrol"], "terminal": ["input"]}}));
    for (prompt, typed) in
        [("code: ", code.code.expose()), ("password: ", PASSWORD), ("password, again: ", PASSWORD)]
    {
        let asked = line.message().unwrap();
        assert_eq!(asked["secret"]["prompt"], prompt, "{asked}");
        line.send(CONTENT, typed.as_bytes()).unwrap();
    }
    assert_eq!(line.ended().exit, 0);

    line.say(&json!({"call": {"arguments": ["staff", "login", "nina"], "terminal": ["input"]}}));
    assert_eq!(line.message().unwrap()["secret"]["prompt"], "password: ");
    line.send(CONTENT, PASSWORD.as_bytes()).unwrap();
    let session = line.message().unwrap()["session"].clone();
    assert_eq!(session["holder"], format!("principal:{}", code.principal));
    line.say(&json!("done"));
    assert_eq!(line.ended().exit, 0);

    // The next call brings the session along; it is the person's, and in no other call.
    let listed = json!({"call": {"arguments": ["ticket", "list", "--mine"], "session": session}});
    line.say(&listed);
    let denied = line.ended();
    assert_eq!(denied.exit, 3, "nina has no role yet: {}", denied.error);
    assert!(denied.error.contains("request"), "the room denied it, on record: {}", denied.error);
    let nobody = line.call(&["ticket", "list", "--mine"]);
    assert!(nobody.error.contains("nobody is logged in"), "{}", nobody.error);
    let token = secret(session["token"].as_str().unwrap());
    room.staff(&token).logout().unwrap();
}

/// Who cannot read the room comes through the socket by himself.
#[test]
fn another_user_reaches_the_room_without_saying_how() {
    const NOBODY: u32 = 65_534;
    if !rustix::process::geteuid().is_root() {
        crate::postgres::skip("being another user takes root");
        return;
    }
    let served = Served::new();
    let outside = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
    let copy = outside.path().join("strongroom");
    fs::copy(env!("CARGO_BIN_EXE_strongroom"), &copy).unwrap();
    let path = served.world.directory.path();
    fs::set_permissions(path, fs::Permissions::from_mode(0o711)).unwrap();
    let run = |words: &[&str]| {
        let mut command = std::process::Command::new(&copy);
        command.env_clear().env("STRONGROOM_SOCKET", &served.socket).uid(NOBODY).gid(NOBODY);
        command.current_dir("/").stdin(Stdio::null()).args(words).output().unwrap()
    };
    let room = served.world.path();
    for words in
        [&["--as", "vera", "doctor"][..], &["--room", room.to_str().unwrap(), "--as", "vera", "doctor"]]
    {
        let refused = run(words);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{told}");
        assert!(told.contains("permission denied") && told.contains("group"), "{told}");
    }
    fs::set_permissions(&served.socket, fs::Permissions::from_mode(0o666)).unwrap();
    let before = served.world.room.log_size().unwrap();
    for words in
        [&["--as", "vera", "doctor"][..], &["--room", room.to_str().unwrap(), "--as", "vera", "doctor"]]
    {
        let output = run(words);
        assert!(!output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let seen = served.entries(before);
    let read: Vec<_> = seen.iter().filter(|entry| entry.entry.what.name() == "health.read").collect();
    assert_eq!(read.len(), 2);
    for entry in read {
        let via = &entry.entry.via;
        assert_eq!((via.component.as_str(), via.peer), ("socket", Some(NOBODY)));
    }
}

/// What the caller says of the call stands in the entry, and so does what the system says of him.
#[test]
fn an_entry_says_who_was_at_the_other_end() {
    let served = Served::new();
    let before = served.world.room.log_size().unwrap();
    let mut line = served.line();
    line.hello();
    line.say(&json!({"relayed": {"from": "203.0.113.7"}}));
    line.say(&json!({"call": {
        "arguments": ["--as", "vera", "doctor"],
        "at": "/dev/pts/7",
        "trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }}));
    line.ended();
    let entry =
        served.entries(before).into_iter().find(|entry| entry.entry.what.name() == "health.read").unwrap();
    let via = &entry.entry.via;
    assert_eq!(via.peer, Some(rustix::process::geteuid().as_raw()));
    assert_eq!(via.trace.unwrap().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    let shown = served.says(&["--as", "vera", "audit", "show", &entry.entry.position.to_string(), "--json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["details"][0]["text"], "203.0.113.7, /dev/pts/7", "{shown}");
}

/// A daemon that asks for what the command line does not name gets nothing, whatever it is.
#[test]
fn a_client_opens_nothing_that_was_not_named() {
    let directory = tempfile::tempdir().unwrap();
    let (path, other) = (directory.path().join("socket"), directory.path().join("other"));
    fs::write(&other, "not for the daemon").unwrap();
    fs::write(directory.path().join("named"), "for the daemon").unwrap();
    let listener = UnixListener::bind(&path).unwrap();
    let room = crate::world::World::demo().room.id().to_string();
    let asked = thread::spawn(move || {
        let mut line = Line(listener.accept().unwrap().0);
        line.say(&json!({"hello": {"strongroom": 1, "room": room, "program": "0"}}));
        let call = line.message().unwrap();
        let other = other.to_str().unwrap();
        let asks = [
            json!({"open": {"source": {"file": other}}}),
            json!({"open": {"source": {"private": other}}}),
            json!({"open": {"source": {"file": "/etc/hostname"}}}),
            json!({"open": {"source": {"descriptor": 0}}}),
            json!({"create": {"path": format!("{other}.new")}}),
            json!({"create": {"path": "named"}}),
            json!("keep"),
            json!({"read": {"bytes_max": 10}}),
            json!({"open": {"source": {"file": "named"}}}),
        ];
        let answers = asks.iter().map(|ask| {
            line.say(ask);
            line.message().unwrap()
        });
        let answers: Vec<Value> = answers.collect();
        line.say(&json!({"read": {"bytes_max": 100}}));
        let content = line.hear().unwrap();
        line.say(&json!({"end": {"exit": 5}}));
        (call, answers, content)
    });
    let ran = program()
        .current_dir(directory.path())
        .args(["--socket", "socket", "ticket", "reply", "AAAAAAAAAAAAAAAAAAAAAA", "--message-file", "named"])
        .args(["--session", "none"])
        .output()
        .unwrap();
    let (call, answers, content) = asked.join().unwrap();
    assert_eq!(call["call"]["arguments"].as_array().unwrap().len(), 5, "{call}");
    let (named, refused) = answers.split_last().unwrap();
    for answer in refused {
        assert!(answer["failed"]["message"].is_string(), "{answer}");
    }
    assert_eq!(named["opened"]["bytes"], 14);
    assert_eq!(content, (CONTENT, b"for the daemon".to_vec()));
    assert_eq!(ran.status.code(), Some(5));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "nothing was written");
}
