//! What only a terminal gets to see: prompts that show nothing of what is typed, and progress that is wiped when the
//! work is done.

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use pty_process::{
    Size,
    blocking::{Command, Pty, open},
};

use strongroom::room::{CaseRef, Clock, Purpose, TotpOffer, Why};

use crate::{
    carried::Authenticator,
    import,
    world::{JANE, PASSWORD, World, secret},
};

/// A command on a terminal of its own.
pub struct Terminal {
    pty: Pty,
    child: Child,
    /// Everything that it showed so far.
    shown: String,
}

impl Terminal {
    /// Runs the program in a room; what `stdin` gives instead of the keyboard, if anything.
    fn run(room: &Path, stdin: Option<Stdio>, words: &[&str]) -> Self {
        Self::at(room.parent().unwrap(), stdin, &[&["--room", room.to_str().unwrap()], words].concat())
    }

    /// Runs the program in a directory.
    pub fn at(directory: &Path, stdin: Option<Stdio>, words: &[&str]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(24, 100)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
        command = command.env_clear().env("TERM", "xterm").current_dir(directory);
        if let Some(stdin) = stdin {
            command = command.stdin(stdin);
        }
        let child = command.args(words).spawn(pts).unwrap();
        Self { pty, child, shown: String::new() }
    }

    /// Reads once; whether there may be more.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // Its end is an error: the other side of the terminal is closed.
        let read = self.pty.read(&mut bytes).unwrap_or(0);
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..read]));
        read > 0
    }

    /// Waits until it shows this `times` over.
    pub fn until(&mut self, text: &str, times: usize) {
        while self.shown.matches(text).count() < times {
            assert!(self.read(), "ended before `{text}`: {}", self.shown);
        }
    }

    pub fn types(&mut self, text: &str) {
        self.pty.write_all(text.as_bytes()).unwrap();
    }

    /// What it showed, and how it ended.
    pub fn end(mut self) -> (String, i32) {
        while self.read() {}
        (self.shown, self.child.wait().unwrap().code().unwrap())
    }
}

#[test]
fn a_password_is_asked_for_twice_when_it_is_chosen_and_never_shown() {
    let world = World::demo();
    let mut terminal = Terminal::run(&world.path(), None, &["account", "register", JANE]);
    terminal.until("password: ", 1);
    terminal.types(&format!("{PASSWORD}\n"));
    terminal.until("password, again: ", 1);
    terminal.types(&format!("{PASSWORD}\n"));
    let (shown, code) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("registered account") && !shown.contains("kettle"), "{shown}");

    let login = ["--session", "jane", "login", JANE];
    for (typed, code) in [("violet kettle sings at dusk", 3), (PASSWORD, 0)] {
        let mut terminal = Terminal::run(&world.path(), None, &login);
        terminal.until("password: ", 1);
        terminal.types(&format!("{typed}\n"));
        let (shown, ended) = terminal.end();
        assert_eq!(ended, code, "{shown}");
        assert!(!shown.contains("again") && !shown.contains("kettle"), "{shown}");
    }
}

#[test]
fn two_passwords_that_differ_register_nobody() {
    let world = World::demo();
    let mut terminal = Terminal::run(&world.path(), None, &["account", "register", JANE]);
    terminal.until("password: ", 1);
    terminal.types(&format!("{PASSWORD}\n"));
    terminal.until("password, again: ", 1);
    terminal.types(&format!("{PASSWORD} \n"));
    let (shown, code) = terminal.end();
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("the passwords differ"), "{shown}");
    assert!(world.staff("sam").find(JANE, &crate::scene::support()).is_err());
}

#[test]
fn an_import_shows_its_rate_and_the_time_left_and_wipes_them() {
    let world = World::demo();
    let path = world.directory.path().join("accounts.jsonl");
    // Work of less than a second shows nothing: more of it, until it takes longer.
    for (round, lines) in [4_000, 16_000, 64_000, 256_000].into_iter().enumerate() {
        let first = u32::try_from(round).unwrap() * 1_000_000;
        fs::write(&path, import::file(first..first + lines)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let terminal = Terminal::run(&world.path(), None, &["import", "accounts", "accounts.jsonl"]);
        let (shown, code) = terminal.end();
        assert_eq!(code, 0, "{shown}");
        let Some((before, after)) = shown.rsplit_once(" left") else { continue };
        assert!(before.contains("accounts, ") && before.contains(" per second, "), "{before:?}");
        assert!(after.contains("\u{1b}[2K"), "the bar is not wiped: {after:?}");
        assert!(after.trim_end().ends_with(&format!("imported {lines} accounts")), "{after:?}");
        let quiet = Terminal::run(&world.path(), None, &["--quiet", "import", "accounts", "accounts.jsonl"]);
        let (shown, code) = quiet.end();
        assert_eq!((code, shown.contains("per second")), (5, false));
        return;
    }
    panic!("256,000 lines in less than a second");
}

#[test]
fn an_upload_of_unknown_length_shows_how_far_it_is() {
    let world = World::demo();
    let jane = world.customer(JANE);
    let ticket = world.ticket(&jane).to_string();
    let (reader, mut writer) = std::io::pipe().unwrap();
    let words =
        ["--as", "sam", "--purpose", "support_request", "attachment", "put", &ticket, "-", "--name", "log"];
    let mut terminal = Terminal::run(&world.path(), Some(reader.into()), &words);
    let feeding = std::thread::spawn(move || {
        // A trickle that ends when nobody reads it any more.
        for _ in 0..600 {
            if writer.write_all(&[b'x'; 1024]).is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    });
    terminal.until("KiB, ", 1);
    let (shown, code) = terminal.end();
    feeding.join().unwrap();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.trim_end().ends_with("600.00 KiB)"), "{shown:?}");
}

/// Sam, of support, has a password.
pub fn sam_has_a_password(world: &World) {
    let ada = world.staff("ada");
    let why = Why::purpose(Purpose::AccessAdmin);
    let why = why.clone().case(CaseRef::Case(ada.open_case(None, &why).unwrap()));
    let sam = world.room.assume("sam").unwrap();
    let code = ada.reenrol(sam.principal, &why).unwrap().code;
    world.room.enrol(&code, &secret(PASSWORD)).unwrap();
}

/// Sam has an authenticator as well.
pub fn sam_has_both(world: &World) -> Authenticator {
    sam_has_a_password(world);
    let offer = TotpOffer::fresh().unwrap();
    let authenticator = Authenticator::of(offer.address("sam").expose());
    world.staff("sam").add_totp(&offer, &authenticator.code(world.clock.now())).unwrap();
    authenticator
}

#[test]
fn a_session_that_is_over_is_renewed_in_place_and_the_command_goes_on() {
    let world = World::demo();
    let authenticator = sam_has_both(&world);
    let now = Clock::system().now();
    let types = |terminal: &mut Terminal, steps: u64| {
        terminal.until("password: ", 1);
        terminal.types(&format!("{PASSWORD}\n"));
        terminal.until("code: ", 1);
        let code = authenticator.code(now.plus(Duration::from_secs(30 * steps)));
        terminal.types(&format!("{}\n", code.expose()));
    };
    let mut terminal = Terminal::run(&world.path(), None, &["--session", "sam", "staff", "login", "sam"]);
    types(&mut terminal, 0);
    let (shown, code) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    let list = ["--session", "sam", "staff", "list"];
    let (shown, code) = Terminal::run(&world.path(), None, &list).end();
    assert!(code == 0 && !shown.contains("password: "), "{shown}");

    // Somebody ends it from elsewhere.
    let file = fs::read_to_string(world.path().parent().unwrap().join("sam")).unwrap();
    let session: serde_json::Value = serde_json::from_str(&file).unwrap();
    world.again().staff(&secret(session["token"].as_str().unwrap())).logout().unwrap();
    let (reader, _writer) = std::io::pipe().unwrap();
    let (shown, code) = Terminal::run(&world.path(), Some(reader.into()), &list).end();
    assert_eq!(code, 3, "nobody to ask: {shown}");
    assert!(shown.contains("strongroom staff login HANDLE"), "{shown}");
    let mut terminal = Terminal::run(&world.path(), None, &list);
    types(&mut terminal, 1);
    let (shown, code) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("log in again as `sam`") && shown.contains("access-admin"), "{shown}");
    assert!(!shown.contains("kettle"), "{shown}");
    let (shown, code) = Terminal::run(&world.path(), None, &list).end();
    assert!(code == 0 && !shown.contains("password: "), "the new session is kept: {shown}");
}
