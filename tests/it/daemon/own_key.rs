//! A person's own key and terminal, at the other end of the socket: what is signed is signed there, and who has to show
//! again who he is is asked there.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
    process::{Command, Output},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use strongroom::room::{CaseRef, Clock, Purpose, Room, RoomKind, Why};

use super::{
    Served, program, serve,
    stranger::{CONTENT, Line, MESSAGE},
};
use crate::{
    terminal::{Terminal, sam_has_a_password, sam_has_both},
    world::{PASSWORD, World, ceremony, options, secret},
};

/// What `ssh-keygen` on a laptop does, which says that it was asked.
const WRAPPER: &str = "#!/bin/sh\necho asked >> asked\nexec /usr/bin/ssh-keygen \"$@\"\n";

/// A laptop with a key and a password, and what runs there.
struct Laptop<'a> {
    directory: std::path::PathBuf,
    socket: &'a Path,
}

impl<'a> Laptop<'a> {
    fn new(served: &'a Served) -> Self {
        let directory = served.world.directory.path().join("laptop");
        fs::create_dir_all(directory.join("bin")).unwrap();
        let write = |name: &str, text: &str, mode| {
            fs::write(directory.join(name), text).unwrap();
            fs::set_permissions(directory.join(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        write("bin/ssh-keygen", WRAPPER, 0o755);
        write("password", PASSWORD, 0o600);
        for name in ["key", "other"] {
            let words = ["-q", "-t", "ed25519", "-N", "", "-f", name];
            let made = Command::new("ssh-keygen").args(words).current_dir(&directory).status();
            assert!(made.unwrap().success());
        }
        Self { directory, socket: &served.socket }
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = program();
        command.env("PATH", format!("{}:/usr/bin:/bin", self.directory.join("bin").display()));
        command.current_dir(&self.directory).arg("--socket").arg(self.socket).args(words).output().unwrap()
    }

    /// How often it was asked to sign.
    fn asked(&self) -> usize {
        fs::read_to_string(self.directory.join("asked")).map_or(0, |asked| asked.lines().count())
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_key_signs_where_its_person_is() {
    if !Path::new("/usr/bin/ssh-keygen").exists() {
        return crate::postgres::skip("there is no ssh-keygen");
    }
    let served = Served::new();
    sam_has_a_password(&served.world);
    let laptop = Laptop::new(&served);
    let login = ["--session", "s", "staff", "login", "sam", "--password-file", "password"];
    let by = |key: &'static str| laptop.run(&[&login[..], &["--ssh-key", key]].concat());

    // The key's name means something on the laptop alone: the daemon works in another directory.
    assert!(laptop.run(&login).status.success());
    let added = laptop.run(&["--session", "s", "staff", "factor", "add", "ssh", "--ssh-key", "key"]);
    assert!(added.status.success(), "{}", told(&added));
    assert_eq!(laptop.asked(), 1);
    assert!(laptop.run(&["--session", "s", "staff", "logout"]).status.success());

    let half = laptop.run(&login);
    assert_eq!(half.status.code(), Some(3), "a password alone: {}", told(&half));
    assert!(told(&half).contains("--ssh-key FILE"), "{}", told(&half));
    let other = laptop.run(&[&login[..], &["--ssh-key=other"]].concat());
    assert_eq!(other.status.code(), Some(3), "another key: {}", told(&other));
    let nowhere = by("nowhere");
    assert_eq!(nowhere.status.code(), Some(1), "{}", told(&nowhere));
    assert!(told(&nowhere).contains("did not sign with `nowhere`"), "{}", told(&nowhere));
    // The public half, where an agent or a security key holds the rest, is named in the same way.
    let whole = by("key");
    assert!(whole.status.success(), "{}", told(&whole));
    assert!(laptop.run(&["--session", "s", "ticket", "list", "--mine"]).status.success());
    assert_eq!(laptop.asked(), 4);

    // A program that follows FORMAT.md signs in its own way.
    let mut line = served.line();
    line.hello();
    let words = ["staff", "login", "sam", "--ssh-key", "K"];
    line.say(&json!({"call": {"arguments": words, "terminal": ["input"]}}));
    assert_eq!(line.message().unwrap()["secret"]["prompt"], "password: ");
    line.send(CONTENT, PASSWORD.as_bytes()).unwrap();
    let asked: Value = line.message().unwrap();
    assert_eq!(asked["sign"]["key"], "K", "{asked}");
    fs::write(laptop.directory.join("challenge"), asked["sign"]["challenge"].as_str().unwrap()).unwrap();
    let signed = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", "strongroom-login", "-f", "key", "challenge"])
        .current_dir(&laptop.directory)
        .status();
    assert!(signed.unwrap().success());
    let signature = fs::read(laptop.directory.join("challenge.sig")).unwrap();
    line.send(CONTENT, &signature).unwrap();
    assert!(line.message().unwrap()["session"]["token"].is_string());
    line.say(&json!("done"));
    assert_eq!(line.ended().exit, 0);

    // What is no signature is answered like a wrong one, and what could be none ends the call.
    for (sent, exit) in [(b"no signature".to_vec(), 3), (vec![b'x'; 4097], 1)] {
        line.say(&json!({"call": {"arguments": words, "terminal": ["input"]}}));
        line.message().unwrap();
        line.send(CONTENT, PASSWORD.as_bytes()).unwrap();
        assert_eq!(line.message().unwrap()["sign"]["key"], "K");
        line.send(CONTENT, &sent).unwrap();
        if exit == 3 {
            assert_eq!(line.ended().exit, exit);
        } else {
            assert!(line.hear().is_none(), "it is given up");
        }
    }
}

/// A daemon that lies gets a signature by the key that the command line gives to sign with, and by no other.
#[test]
fn a_client_signs_with_no_key_that_was_not_given() {
    if !Path::new("/usr/bin/ssh-keygen").exists() {
        return crate::postgres::skip("there is no ssh-keygen");
    }
    let directory = tempfile::tempdir().unwrap();
    for name in ["given", "named", "other"] {
        let words = ["-q", "-t", "ed25519", "-N", "", "-f", name];
        let made = Command::new("ssh-keygen").args(words).current_dir(directory.path()).status();
        assert!(made.unwrap().success());
    }
    let listener = UnixListener::bind(directory.path().join("socket")).unwrap();
    let room = World::demo().room.id().to_string();
    let daemon = thread::spawn(move || {
        let mut line = Line(listener.accept().unwrap().0);
        line.say(&json!({"hello": {"strongroom": 1, "room": room, "program": "0"}}));
        line.message().unwrap();
        let answers = ["other", "named", "given.pub", "given"].map(|key| {
            line.say(&json!({"sign": {"key": key, "challenge": "c"}}));
            line.hear().unwrap().0
        });
        line.say(&json!({"end": {"exit": 0}}));
        answers
    });
    let words = ["--session", "s", "staff", "login", "named", "--ssh-key", "given"];
    let ran = program().current_dir(directory.path()).args(["--socket", "socket"]).args(words).output();
    assert!(ran.unwrap().status.success());
    assert_eq!(daemon.join().unwrap(), [MESSAGE, MESSAGE, MESSAGE, CONTENT]);
}

/// Whoever has an agent names the public half: the private one is nowhere on this machine's disk.
#[test]
fn an_agent_signs_where_its_person_is() {
    if !Path::new("/usr/bin/ssh-agent").exists() {
        return crate::postgres::skip("there is no ssh-agent");
    }
    let served = Served::new();
    sam_has_a_password(&served.world);
    let laptop = Laptop::new(&served);
    let login = ["--session", "s", "staff", "login", "sam", "--password-file", "password"];
    assert!(laptop.run(&login).status.success());
    let add = laptop.run(&["--session", "s", "staff", "factor", "add", "ssh", "--ssh-key", "key"]);
    assert!(add.status.success(), "{}", told(&add));
    let script = format!(
        "ssh-add -q key && rm key && exec {} --socket {} --session t staff login sam --password-file password \
         --ssh-key key.pub",
        env!("CARGO_BIN_EXE_strongroom"),
        served.socket.display()
    );
    let login = Command::new("ssh-agent").args(["sh", "-c", &script]).current_dir(&laptop.directory).output();
    let login = login.unwrap();
    assert!(login.status.success(), "{}", told(&login));
}

#[test]
fn who_is_asked_again_over_the_socket_answers_and_the_command_goes_on() {
    // A login of twenty minutes ago, at work until ten minutes ago: what takes a fresh factor does not pass.
    let directory = tempfile::tempdir().unwrap();
    let now = Clock::system().now();
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let clock = Clock::manual(strongroom::room::Time::from_ms(now.as_ms() - 25 * 60_000));
    let made =
        Room::init(options(&directory.path().join("room"), &clock), &ceremony(RoomKind::Demo)).unwrap();
    let world = World { room: made.room, clock, directory };
    let ada = world.room.assume("ada").unwrap().principal;
    let code = {
        let (staff, why) = (world.staff("alan"), Why::purpose(Purpose::AccessAdmin));
        let why = why.clone().case(CaseRef::Case(staff.open_case(None, &why).unwrap()));
        staff.reenrol(ada, &why).unwrap().code
    };
    world.room.enrol(&code, &secret(PASSWORD)).unwrap();
    let login = world.room.staff_login("ada", &secret(PASSWORD)).unwrap();
    world.later(minutes(14));
    world.room.staff(&login.token).people(&crate::world::FIRST, &Why::unstated()).unwrap();
    let place = world.directory.path().to_path_buf();
    let session = json!({
        "schema": "strongroom.session/1", "room": world.room.id().to_string(),
        "holder": format!("principal:{ada}"), "handle": "ada", "expires": login.expires.as_ms(),
        "token": login.token.expose(),
    });
    fs::write(place.join("s"), session.to_string()).unwrap();
    fs::set_permissions(place.join("s"), fs::Permissions::from_mode(0o600)).unwrap();
    let socket = place.join("socket");
    let process = serve(&world.path(), &socket, 300);
    let served = Served { world, socket, process };

    let open = ["--session", "s", "case", "open", "--purpose", "access_admin"];
    let nobody = served.run(&open);
    assert_eq!(nobody.status.code(), Some(3), "{}", told(&nobody));
    let words = [&["--socket", "socket"][..], &open].concat();
    let mut terminal = Terminal::at(&place, None, &words);
    terminal.until("password: ", 1);
    terminal.types(&format!("{PASSWORD}\n"));
    let (shown, code) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("log in again as `ada`") && shown.contains("opened case"), "{shown}");
    assert!(!shown.contains("kettle"), "{shown}");
    assert!(served.run(&open).status.success(), "the new session is kept on this side");

    // A session that is over is asked for anew as well, with its second factor.
    let authenticator = sam_has_both(&served.world);
    let again = |steps: u64| authenticator.code(Clock::system().now().plus(Duration::from_secs(30 * steps)));
    let login = ["--socket", "socket", "--session", "sam", "staff", "login", "sam"];
    let list = ["--socket", "socket", "--session", "sam", "ticket", "list", "--mine"];
    for (step, words) in [&login[..], &list].into_iter().enumerate() {
        let mut terminal = Terminal::at(&place, None, words);
        terminal.until("password: ", 1);
        terminal.types(&format!("{PASSWORD}\n"));
        terminal.until("code: ", 1);
        terminal.types(&format!("{}\n", again(step as u64).expose()));
        let (shown, code) = terminal.end();
        assert_eq!(code, 0, "{shown}");
        if step == 0 {
            let kept: Value = serde_json::from_str(&fs::read_to_string(place.join("sam")).unwrap()).unwrap();
            served.world.room.staff(&secret(kept["token"].as_str().unwrap())).logout().unwrap();
        } else {
            assert!(shown.contains("log in again as `sam`"), "{shown}");
        }
    }
}
