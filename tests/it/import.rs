//! Accounts of another system come in, line by line; what is refused is told, what breaks off is undone, and nothing
//! comes in half.

use std::{
    collections::BTreeSet,
    io::{self, BufReader, Read},
    path::Path,
};

use rusqlite::Connection;
use serde_json::{Value, json};
use strongroom::{
    password::{Dialect, NewPassword, Record, Settings},
    room::{Answer, ImportError, ImportFault, ImportOptions, ImportReport, Kind, Registration, Room, Time},
};

use crate::{
    disk::{self, Census},
    erasure,
    world::{JANE, PASSWORD, World, secret},
};

/// A bcrypt record of [`BCRYPT_PASSWORD`], cost 5.
pub const BCRYPT: &str = "$2a$05$jTD0xXks.Hj7LYFCRyEJOOSn7TJlPRop8MI00U86lHzjsVG9WDHNu";
const BCRYPT_PASSWORD: &str = "correct horse battery staple";

/// A line of a file of accounts.
pub fn line(identifier: &str) -> String {
    json!({"identifier": identifier, "password_record": BCRYPT, "created_at": "2020-02-01T00:00:00Z"})
        .to_string()
}

/// A file of customers with these numbers.
pub fn file(numbers: impl IntoIterator<Item = u32>) -> String {
    numbers.into_iter().map(|number| line(&format!("c{number}@example.com")) + "\n").collect()
}

/// What was refused: the line's number, the fault's name, and what it says.
type Refused = Vec<(u64, &'static str, Option<String>)>;

fn import(room: &Room, text: &str, options: ImportOptions) -> (Result<ImportReport, ImportError>, Refused) {
    import_from(room, text.as_bytes(), options)
}

fn import_from(
    room: &Room,
    source: impl Read,
    options: ImportOptions,
) -> (Result<ImportReport, ImportError>, Refused) {
    let mut refused = Vec::new();
    let report = room.import_accounts(
        BufReader::new(source),
        options,
        |line| {
            refused.push((line.line, line.fault.name(), line.content.map(str::to_owned)));
            Ok(())
        },
        |_| (),
    );
    (report, refused)
}

fn dry() -> ImportOptions {
    ImportOptions { dry_run: true, ..ImportOptions::default() }
}

/// The entries of these events, as they stand in the table.
/// The entries of these events.
pub fn entries_of(room: &Path, events: &[&str]) -> Vec<Value> {
    let db = Connection::open(room.join("store/store.db")).unwrap();
    let mut statement = db.prepare("SELECT entry FROM audit_entry ORDER BY position").unwrap();
    let lines = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let entries = lines.map(|line| serde_json::from_slice::<Value>(&line.unwrap()).unwrap());
    entries.filter(|entry| events.contains(&entry["event"].as_str().unwrap())).collect()
}

fn ids(list: &Value) -> Vec<String> {
    let texts = list.as_array().unwrap().iter().map(|id| id.as_str().unwrap());
    texts.map(|id| id.trim_start_matches("account:").to_owned()).collect()
}

fn count(database: &Path, query: &str) -> i64 {
    Connection::open(database).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}

/// Every account is whole, in both databases, and is one of those that entries name.
pub fn whole(room: &Path) -> i64 {
    let db = Connection::open(room.join("store/store.db")).unwrap();
    db.execute("ATTACH DATABASE ?1 AS keyring", [room.join("keyring/keyring.db").to_str().unwrap()]).unwrap();
    let broken = |what: &str, query: &str| {
        let found: i64 = db.query_row(query, [], |row| row.get(0)).unwrap();
        assert_eq!(found, 0, "{what}");
    };
    broken(
        "accounts without a record",
        "SELECT count(*) FROM account a LEFT JOIN credential c ON c.owner = a.id AND c.owner_kind = 1
         WHERE c.owner IS NULL",
    );
    broken(
        "accounts that no index leads to",
        "SELECT count(*) FROM account a LEFT JOIN keyring.blind_index i ON i.target = a.id AND i.nonce = a.index_nonce
         WHERE i.target IS NULL",
    );
    broken(
        "accounts without both keys",
        "SELECT count(*) FROM account a WHERE
         (SELECT count(*) FROM keyring.data_key k WHERE k.owner = a.id AND k.class IN (1, 2)) <> 2",
    );
    broken(
        "keys of accounts that neither came nor are claimed",
        "SELECT count(*) FROM keyring.data_key k LEFT JOIN keyring.blind_index i ON i.target = k.owner
         WHERE k.scope_kind = 1 AND k.fenced_at IS NULL AND i.target IS NULL",
    );
    broken(
        "live indexes that lead to nobody",
        "SELECT count(*) FROM keyring.blind_index i
         LEFT JOIN account a ON a.id = i.target WHERE i.state = 2 AND i.field = 1 AND a.id IS NULL",
    );
    let named: BTreeSet<String> = entries_of(room, &["accounts.imported", "account.registered"])
        .iter()
        .flat_map(|entry| ids(&entry["objects"]))
        .collect();
    let accounts: i64 = db.query_row("SELECT count(*) FROM account", [], |row| row.get(0)).unwrap();
    assert!(i64::try_from(named.len()).unwrap() >= accounts, "{accounts} accounts, {} named", named.len());
    accounts
}

fn is_let_in(room: &Room, address: &str, password: &str) -> bool {
    matches!(room.login(address, &secret(password)).unwrap(), Answer::Granted(_))
}

/// What is fast to guess is wrapped before it is stored, what says nothing about itself is declared, and the next login
/// replaces both.
#[test]
fn fast_records_are_stored_wrapped() {
    let world = World::demo();
    let lines = [
        json!({"identifier": "apr1@example.com", "password_record": "$apr1$saltsalt$PU9q8.HoFJEM7m9NSIooE1"}),
        json!({"identifier": "md5@example.com", "password_record": "9cc2ae8a1ba7a93da39b46fc1019c481"}),
        json!({"identifier": "none@example.com", "password_record": "!1r31BGwfPLI7BteG7ndu3yeaha5SykNJXTPksHTc"}),
    ];
    let text = lines.map(|line| line.to_string()).join("\n");
    let (report, refused) = import(&world.room, &text, dry());
    assert_eq!(
        (report.unwrap().accepted, refused[0].1),
        (2, "password_record"),
        "a digest says nothing about itself"
    );
    let dialect = Dialect::declared("md5:{password}").ok().unwrap();
    let options = ImportOptions { dialect, ..ImportOptions::default() };
    let report = import(&world.room, &text, options).0.unwrap();
    assert_eq!((report.accepted, report.wrapped), (3, 3));
    let scheme = |like: &str| {
        count(
            &world.path().join("store/store.db"),
            &format!("SELECT count(*) FROM credential WHERE scheme LIKE '{like}'"),
        )
    };
    assert_eq!(scheme("argon2id:m19456,t2,p1 of %"), 3);
    for address in ["apr1@example.com", "md5@example.com"] {
        assert!(!is_let_in(&world.room, address, "correct horse battery stable"));
        assert!(is_let_in(&world.room, address, "correct horse battery staple"));
        assert!(is_let_in(&world.room, address, "correct horse battery staple"), "the new record too");
    }
    assert!(!is_let_in(&world.room, "none@example.com", ""));
    assert!(!is_let_in(&world.room, "none@example.com", "!1r31BGwfPLI7BteG7ndu3yeaha5SykNJXTPksHTc"));
    assert_eq!(scheme("argon2id:m19456,t2,p1 of %"), 1, "two were replaced at a login");
}

#[test]
fn imported_customers_log_in_with_their_old_passwords_and_are_upgraded() {
    let world = World::demo();
    let typed = secret("an older and quite long password");
    let argon2 = Record::hash(&NewPassword::accept(&typed, &[]).unwrap(), &Settings::FLOOR).unwrap();
    let lines = [
        json!({"identifier": "Ada@Example.com", "name": "Ada L. 4111 1111 1111 1111", "password_record": BCRYPT,
               "created_at": 1_500_000_000_000_u64}),
        json!({"identifier": "bob@example.com", "name": null, "password_record": argon2.to_text()}),
    ];
    let (report, refused) =
        import(&world.room, &format!("{}\n{}", lines[0], lines[1]), ImportOptions::default());
    let report = report.unwrap();
    assert_eq!((report.lines, report.accepted, report.refused, report.cards_masked), (2, 2, 0, 1));
    assert!(refused.is_empty());
    assert!(is_let_in(&world.room, "ada@example.COM", BCRYPT_PASSWORD));
    assert!(is_let_in(&world.room, "bob@example.com", "an older and quite long password"));
    assert!(!is_let_in(&world.room, "bob@example.com", BCRYPT_PASSWORD));
    let old = "SELECT count(*) FROM credential WHERE scheme LIKE 'bcrypt%'";
    assert_eq!(count(&world.path().join("store/store.db"), old), 0, "the bcrypt record was replaced");
    let Some(ada) = world.room.login("ada@example.com", &secret(BCRYPT_PASSWORD)).unwrap().complete() else {
        panic!("denied")
    };
    let profile = world.room.owner(&ada.owner).profile().unwrap();
    assert_eq!(profile.email.expose().as_str(), "Ada@Example.com");
    assert_eq!(profile.name.unwrap().expose().as_str(), "Ada L. [card •••• 1111]");
    let seen = world.staff("sam").account(ada.owner.account(), &crate::scene::support()).unwrap();
    assert_eq!(seen.created, Time::from_ms(1_500_000_000_000));
}

#[test]
fn a_batch_is_one_entry_that_names_its_accounts() {
    let world = World::demo();
    let (report, refused) = import(&world.room, &file(0..600), ImportOptions::default());
    assert_eq!((report.unwrap().accepted, refused.len()), (600, 0));
    let entries = entries_of(&world.path(), &["accounts.imported"]);
    let counts: Vec<_> = entries.iter().map(|entry| entry["data"]["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [256, 256, 88]);
    for entry in &entries {
        assert_eq!(ids(&entry["subjects"]), ids(&entry["objects"]));
        assert_eq!((&entry["actor"], &entry["outcome"]), (&json!("system"), &json!("done")));
    }
    assert_eq!(whole(&world.path()), 600);
    let live = "SELECT count(*) FROM blind_index WHERE field = 1 AND state = 2";
    assert_eq!(count(&world.path().join("keyring/keyring.db"), live), 600);
    assert!(is_let_in(&world.room, "c599@example.com", BCRYPT_PASSWORD));
}

#[test]
fn a_line_that_is_refused_is_told_with_its_number_and_stops_nothing() {
    let world = World::demo();
    world.customer(JANE);
    let long = line(&format!("{}@example.com", "a".repeat(20_000)));
    let lines = [
        line("a@example.com"),
        line(&JANE.to_uppercase()),
        "not json at all".to_owned(),
        String::new(),
        line("A@example.com"),
        long,
        line("b@example.com").replace("2020", "2036"),
        line("b@example.com").replace("$2a$", "$2x$"),
        line("b@example.com"),
    ];
    let (report, refused) = import(&world.room, &lines.join("\n"), ImportOptions::default());
    let report = report.unwrap();
    assert_eq!((report.lines, report.accepted, report.refused, report.duplicates), (9, 2, 7, 2));
    let faults: Vec<_> = refused.iter().map(|(line, fault, _)| (*line, *fault)).collect();
    assert_eq!(
        faults,
        [
            (2, "duplicate"),
            (3, "not_json"),
            (4, "empty"),
            (5, "duplicate"),
            (6, "too_long"),
            (7, "future"),
            (8, "password_record"),
        ]
    );
    for (number, _, content) in &refused {
        let said = usize::try_from(number - 1).unwrap();
        assert_eq!(content.as_deref(), (*number != 6).then_some(lines[said].as_str()));
    }
    assert!(is_let_in(&world.room, JANE, PASSWORD), "who was there first stays");
}

#[test]
fn bytes_that_are_no_text_are_refused_alone() {
    let world = World::demo();
    let text = [b"\xff\xfe\n", file(0..1).as_bytes(), b"\0\n"].concat();
    let (report, refused) = import_from(&world.room, &text[..], ImportOptions::default());
    assert_eq!(report.unwrap().accepted, 1);
    assert_eq!(refused.iter().map(|one| one.1).collect::<Vec<_>>(), ["not_utf8", "not_json"]);
}

#[test]
fn a_dry_run_finds_the_same_and_writes_nothing() {
    let world = World::demo();
    let (report, _) = import(&world.room, &file(0..10), ImportOptions::default());
    assert_eq!(report.unwrap().accepted, 10);
    let before = Census::of(&world.path());
    let text = file((5..700).chain(650..660)) + "nonsense\n";
    let (looked, dry_refused) = import(&world.room, &text, dry());
    assert!(before.changed(&Census::of(&world.path())).is_empty());
    let (real, refused) = import(&world.room, &text, ImportOptions::default());
    assert!(!before.changed(&Census::of(&world.path())).is_empty());
    assert_eq!(dry_refused, refused);
    assert_eq!(looked.unwrap(), real.unwrap());
    assert_eq!(whole(&world.path()), 700);
}

/// A source that breaks off.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() { Err(io::ErrorKind::ConnectionReset.into()) } else { self.0.read(out) }
    }
}

#[test]
fn a_file_that_breaks_off_undoes_its_batch_and_says_where_to_go_on() {
    let world = World::demo();
    let text = file(0..400);
    let cut = text.match_indices('\n').nth(300).unwrap().0;
    let (report, refused) =
        import_from(&world.room, Broken(&text.as_bytes()[..cut]), ImportOptions::default());
    let broken = report.unwrap_err();
    assert!(matches!(broken.cause, ImportFault::Source { fault: io::ErrorKind::ConnectionReset }));
    assert_eq!((broken.resume_at, broken.report.accepted), (257, 256));
    assert!(refused.is_empty());
    assert_eq!(whole(&world.path()), 256);
    let rest = ImportOptions { from_line: broken.resume_at, ..ImportOptions::default() };
    let (report, refused) = import(&world.room, &text, rest);
    assert_eq!((report.unwrap().accepted, refused.len()), (144, 0));
    assert_eq!(whole(&world.path()), 400);
}

#[test]
fn an_engine_that_fails_undoes_its_batch_in_both_databases() {
    let world = World::demo();
    let store = world.path().join("store/store.db");
    disk::sql(
        &store,
        "CREATE TRIGGER full BEFORE INSERT ON account WHEN (SELECT count(*) FROM account) >= 300
         BEGIN SELECT RAISE(ABORT, 'full'); END;",
    );
    let text = file(0..400);
    let (report, _) = import(&world.room, &text, ImportOptions::default());
    let broken = report.unwrap_err();
    assert_eq!((broken.resume_at, broken.kind(), broken.report.accepted), (257, Kind::Unavailable, 256));
    assert_eq!(whole(&world.path()), 256);
    let keyring = |what: &str| count(&world.path().join("keyring/keyring.db"), what);
    let (claims, keys) =
        ("SELECT count(*) FROM blind_index WHERE state = 1", "SELECT count(*) FROM data_key WHERE class = 1");
    assert_eq!((keyring(claims), keyring(keys)), (144, 400), "claims of nobody, with their keys");
    disk::sql(&store, "DROP TRIGGER full");
    let (report, refused) = import(&world.room, &text, ImportOptions::default());
    assert_eq!((report.unwrap().accepted, refused.len()), (144, 256));
    assert_eq!((keyring(claims), keyring(keys)), (0, 400), "taken as they were");
    assert_eq!(whole(&world.path()), 400);
}

#[test]
fn what_cannot_be_kept_of_the_refused_stops_the_import() {
    let world = World::demo();
    let mut told = 0;
    let report = world.room.import_accounts(
        (file(0..256) + "\n\n" + &file(300..900)).as_bytes(),
        ImportOptions::default(),
        |_| {
            told += 1;
            Err(io::ErrorKind::StorageFull.into())
        },
        |_| (),
    );
    let broken = report.unwrap_err();
    assert!(matches!(broken.cause, ImportFault::Refusals { fault: io::ErrorKind::StorageFull }));
    assert_eq!((told, broken.resume_at), (1, 257));
    whole(&world.path());
}

#[test]
fn two_imports_and_customers_who_register_meanwhile_make_each_account_once() {
    let world = World::new(strongroom::room::RoomKind::Demo);
    let rooms = [world.room.clone(), world.again(), world.again()];
    let made: Vec<u64> = std::thread::scope(|scope| {
        let importers = rooms[..2].iter().map(|room| {
            scope.spawn(move || import(room, &file(0..700), ImportOptions::default()).0.unwrap().accepted)
        });
        let importers: Vec<_> = importers.collect();
        let registering = scope.spawn(|| {
            let password = secret(PASSWORD);
            let register = |number: u32| {
                let email = format!("C{}@example.com", number * 70);
                let registration = Registration { email: &email, name: None, password: &password };
                u64::from(rooms[2].register(&registration).is_ok())
            };
            (0..10).map(register).sum()
        });
        importers.into_iter().chain([registering]).map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(made.iter().sum::<u64>(), 700, "{made:?}");
    assert_eq!(whole(&world.path()), 700);
    for number in [0, 1, 69, 70, 699] {
        let known = world.staff("sam").find(&format!("c{number}@example.com"), &crate::scene::support());
        assert!(known.is_ok(), "{number}");
    }
    let verified = strongroom::room::verify(&world.path(), None, |_| ()).unwrap();
    assert!(verified.is_sound());
}

/// The command that imports a file into a room.
#[cfg(feature = "cli")]
fn command(room: &Path, file: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command.args(["--room", room.to_str().unwrap(), "--json", "import", "accounts", file.to_str().unwrap()]);
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    command
}

#[cfg(feature = "cli")]
#[test]
fn an_import_that_is_killed_leaves_no_half_account_and_is_finished_by_the_next() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::demo();
    let path = world.directory.path().join("accounts.jsonl");
    std::fs::write(&path, file(0..4000)).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let store = world.path().join("store/store.db");
    let accounts = || count(&store, "SELECT count(*) FROM account");
    let mut at_work = 0;
    for more in [1, 300, 600, 900] {
        let before = accounts();
        let mut child = command(&world.path(), &path).spawn().unwrap();
        while accounts() < before + more && child.try_wait().unwrap().is_none() {}
        at_work += i32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        drop(world.again());
        whole(&world.path());
    }
    assert!(at_work > 1, "{at_work} imports were killed at work");
    let before = accounts();
    let output = command(&world.path(), &path).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(5), "{report}");
    assert_eq!(report["accepted"].as_i64().unwrap() + before, 4000);
    assert_eq!(report["duplicates"], before);
    assert_eq!(whole(&world.path()), 4000);
    let kept = std::fs::read_to_string(path.with_extension("jsonl.refused")).unwrap();
    assert_eq!(i64::try_from(kept.lines().count()).unwrap(), before);
    assert!(strongroom::room::verify(&world.path(), None, |_| ()).unwrap().is_sound());
}

#[test]
fn an_address_that_is_erased_while_a_file_with_it_is_imported_has_one_account_or_none() {
    let world = World::demo();
    import(&world.room, &file(0..12), ImportOptions::default()).0.unwrap();
    let support = crate::scene::support();
    let known = |room: &Room, number: u32| {
        let login = room.assume("sam").unwrap();
        room.staff(&login.token).find(&format!("c{number}@example.com"), &support).ok()
    };
    let before: Vec<_> = (0..12).map(|number| known(&world.room, number).unwrap()).collect();
    let rooms = [world.room.clone(), world.again()];
    let (erased, imported) = std::thread::scope(|scope| {
        let (erasing, importing) = (&rooms[0], &rooms[1]);
        let erased = scope.spawn(|| {
            let erase = |account: &_| {
                erasure::close(erasing, *account);
                erasure::erase(erasing, *account).unwrap();
            };
            before.iter().for_each(erase);
        });
        let imported = scope.spawn(move || {
            let mut imported = 0;
            for _ in 0..12 {
                imported += import(importing, &file(0..12), ImportOptions::default()).0.unwrap().accepted;
            }
            imported
        });
        erased.join().unwrap();
        (before.len() as u64, imported.join().unwrap())
    });
    assert!(imported <= erased, "{imported} came back for {erased} erased");
    // Once more: now everybody is free to come back, and those who did are there already.
    let last = import(&world.room, &file(0..12), ImportOptions::default()).0.unwrap().accepted;
    assert_eq!(imported + last, erased);
    for (number, gone) in (0..).zip(&before) {
        let account = known(&world.room, number).unwrap();
        assert_ne!(account, *gone, "a returning customer is somebody new");
        assert!(is_let_in(&world.room, &format!("c{number}@example.com"), BCRYPT_PASSWORD));
    }
    let active = "SELECT count(*) FROM account WHERE state = 1";
    assert_eq!(count(&world.path().join("store/store.db"), active), 12);
    assert!(strongroom::room::verify(&world.path(), None, |_| ()).unwrap().is_sound());
}
