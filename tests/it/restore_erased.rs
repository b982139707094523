//! Whoever was erased stays erased, whatever a backup of before still holds.

use std::{fs, path::PathBuf};

use rusqlite::Connection;
use strongroom::room::{
    AccountId, AccountState, Answer, Backups, CaseRef, Class, Classes, Clock, LogPart, Page, Purpose, Room,
    StaffError, Why, verify,
};
use tempfile::TempDir;

use crate::{
    dba, disk,
    erasure::{
        Jane, close, erase,
        forensic::{holding, wrapped},
        support,
    },
    scene::staff,
    world::{JANE, PASSWORD, World, options, secret},
};

fn quiet(_: u64, _: u64) {}

/// A room whose customer was erased after its backups were taken; nobody has it open.
struct Erased {
    _directory: TempDir,
    path: PathBuf,
    clock: Clock,
    account: AccountId,
    /// Her wrapped keys, as the backup of the keyring has them.
    keys: Vec<Vec<u8>>,
    data: PathBuf,
    keyring: PathBuf,
}

impl Erased {
    fn new() -> Self {
        let jane = Jane::new();
        let at = |name: &str| jane.world.directory.path().join(name);
        let (data, keyring) = (at("data"), at("kept"));
        jane.world.room.backup_data(&data, quiet).unwrap();
        jane.world.room.backup_keyring(&keyring, quiet).unwrap();
        let keys = wrapped(&jane.world.path(), jane.account());
        let account = jane.account();
        jane.erase();
        let World { room, clock, directory } = jane.world;
        let path = directory.path().join("room");
        drop(room);
        disk::closed(&path);
        Self { _directory: directory, path, clock, account, keys, data, keyring }
    }

    fn backups(&self, data: bool, keyring: bool) -> Backups {
        Backups {
            data: data.then(|| self.data.clone()),
            keyring: keyring.then(|| self.keyring.clone()),
            ..Backups::default()
        }
    }

    fn restore(&self, backups: &Backups) {
        options(&self.path, &self.clock).restore(backups, quiet).unwrap();
    }

    fn open(&self) -> Room {
        options(&self.path, &self.clock).open().unwrap()
    }

    /// Nothing of her is there, in no database, file or answer.
    fn is_gone(&self, what: &str) {
        let room = self.open();
        assert_eq!(room.account_seals(self.account).unwrap().state, AccountState::Erased, "{what}");
        assert!(matches!(room.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Denied), "{what}");
        let refused = staff(&room, "sam").account(self.account, &support()).err().unwrap();
        assert!(matches!(refused, StaffError::Erased { .. }), "{what}: {refused}");
        drop(room);
        disk::closed(&self.path);
        let id = dba::bytes(self.account);
        let count = |database: &str, query: &str| -> i64 {
            let sql = Connection::open(self.path.join(database)).unwrap();
            sql.query_row(query, [&id], |row| row.get(0)).unwrap()
        };
        for (left, query) in [
            (1, "SELECT count(*) FROM data_key WHERE owner = ?1 AND wrapped IS NOT NULL"),
            (0, "SELECT count(*) FROM blind_index WHERE target = ?1"),
        ] {
            assert_eq!(count("keyring/keyring.db", query), left, "{what}: {query}");
        }
        for (left, query) in [
            (0, "SELECT count(*) FROM ticket WHERE account = ?1"),
            (0, "SELECT count(*) FROM attachment WHERE account = ?1"),
            (0, "SELECT count(*) FROM activity WHERE account = ?1"),
            (0, "SELECT count(*) FROM credential WHERE owner = ?1"),
            (0, "SELECT length(email_sealed) FROM account WHERE id = ?1"),
            (1, "SELECT count(*) FROM payment WHERE account = ?1"),
            (0, "SELECT count(*) FROM intent WHERE account = ?1"),
        ] {
            assert_eq!(count("store/store.db", query), left, "{what}: {query}");
        }
        assert!(disk::files(&self.path.join("store/blobs")).is_empty(), "{what}: a blob");
        assert_eq!(holding(&self.path, &self.keys), [] as [PathBuf; 0], "{what}: a wrapped key");
        let verified = verify(&self.path, None, |_| ()).unwrap();
        assert!(verified.is_sound(), "{what}: {:?}", verified.report.faults);
    }

    /// How many entries of this event the log has.
    fn entries(&self, event: &str) -> usize {
        let room = self.open();
        let page =
            staff(&room, "vera").audit_log(LogPart::All, 0, &Page::first(500), &Why::unstated()).unwrap();
        page.entries.iter().filter(|entry| entry.entry.what.name() == event).count()
    }
}

#[test]
fn no_backup_of_before_brings_the_erased_back() {
    for (what, data, keyring) in
        [("the data", true, false), ("the keyring", false, true), ("both", true, true)]
    {
        let room = Erased::new();
        let ledger = fs::read_to_string(room.path.join("outside/erasure.ledger")).unwrap();
        room.restore(&room.backups(data, keyring));
        room.is_gone(what);
        let now = fs::read_to_string(room.path.join("outside/erasure.ledger")).unwrap();
        assert!(now.starts_with(&ledger), "{what}: the ledger only grows");
        assert_eq!(now == ledger, !keyring, "{what}: a restored keyring has a later epoch");
        // Twice is once.
        room.restore(&room.backups(data, keyring));
        room.is_gone(what);
    }
}

/// A restore erases her again without closing her account, as it does one who came after the backup and has no row: only
/// the end of the erasure says that rows went.
#[test]
fn the_row_of_somebody_erased_again_is_missed_when_it_is_deleted() {
    let room = Erased::new();
    room.restore(&room.backups(true, true));
    room.is_gone("erased again");
    let store = room.path.join("store/store.db");
    disk::sql(&store, &format!("DELETE FROM account WHERE {}", dba::is("id", room.account)));
    let verified = verify(&room.path, None, |_| ()).unwrap();
    let faults = &verified.report.faults;
    let found: Vec<_> = faults.iter().map(|fault| format!("{} {}", fault.place, fault.kind.name())).collect();
    assert_eq!(found, [format!("account {} accounts_differ", room.account)]);
}

/// A backup of the day before yesterday leaves the clock in doubt; what the ledger lists was destroyed before.
#[test]
fn an_older_backup_brings_nobody_back_though_its_clock_is_in_doubt() {
    let room = Erased::new();
    room.clock.advance(std::time::Duration::from_secs(2 * 24 * 3600));
    room.restore(&room.backups(true, true));
    let troubles = room.open().health().troubles;
    assert_eq!(troubles, [strongroom::room::Trouble::ClockInDoubt]);
    room.is_gone("both");
}

/// The crash that kept the line out of the ledger took the store with its intent.
#[test]
fn a_fence_that_the_ledger_never_heard_of_is_told_to_it() {
    let room = Erased::new();
    let ledger = room.path.join("outside/erasure.ledger");
    let lines = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, "").unwrap();
    room.restore(&room.backups(true, false));
    let told = fs::read_to_string(&ledger).unwrap();
    assert!(told.lines().count() >= lines.lines().count(), "{told}");
    room.is_gone("without its line");
}

#[test]
fn what_was_erased_before_the_backup_is_not_erased_again() {
    let jane = Jane::new();
    jane.erase();
    let (data, kept) = (jane.world.directory.path().join("data"), jane.world.directory.path().join("kept"));
    jane.world.room.backup_data(&data, quiet).unwrap();
    jane.world.room.backup_keyring(&kept, quiet).unwrap();
    let account = jane.account();
    let World { room, clock, directory } = jane.world;
    let path = directory.path().join("room");
    drop(room);
    disk::closed(&path);
    let room = Erased { _directory: directory, path, clock, account, keys: Vec::new(), data, keyring: kept };
    let begun = room.entries("erasure.begun");
    disk::closed(&room.path);
    room.restore(&room.backups(true, true));
    room.is_gone("erased before");
    assert_eq!(room.entries("erasure.begun"), begun);
}

#[test]
fn a_backup_by_hand_is_refused_where_a_restore_would_do() {
    let room = Erased::new();
    disk::closed(&room.path);
    for (from, to, why) in [
        (room.keyring.join("keyring.db"), "keyring/keyring.db", "older than the erasure ledger"),
        (room.data.join("store.db"), "store/store.db", "behind its outside checkpoint"),
    ] {
        let place = room.path.join(to);
        let now = fs::read(&place).unwrap();
        for end in ["-wal", "-shm"] {
            drop(fs::remove_file(room.path.join(format!("{to}{end}"))));
        }
        fs::copy(&from, &place).unwrap();
        let refused = options(&room.path, &room.clock).open().err().unwrap().to_string();
        assert!(refused.contains(why), "{to}: {refused}");
        disk::closed(&room.path);
        for end in ["-wal", "-shm"] {
            drop(fs::remove_file(room.path.join(format!("{to}{end}"))));
        }
        fs::write(&place, now).unwrap();
    }
    room.is_gone("put back");
}

/// What a hold deferred was asked for all the same: a restore that knows neither the hold nor the request does it.
#[test]
fn what_a_lost_hold_deferred_goes_with_the_rest() {
    let room = deferred();
    room.restore(&room.backups(true, true));
    room.is_gone("deferred");
}

/// The backup is of the day before yesterday: what is in no ledger waits for the clock.
#[test]
fn what_a_lost_hold_deferred_goes_when_the_clock_is_confirmed() {
    let room = deferred();
    room.clock.advance(std::time::Duration::from_secs(2 * 24 * 3600));
    room.restore(&room.backups(true, true));
    assert_eq!(room.entries("erasure.done"), 1);
    crate::clock_rule::confirm(&room.open());
    assert_eq!(room.entries("erasure.done"), 2);
    room.is_gone("deferred");
}

/// A room whose customer was erased but for what a hold kept, after its backups were taken.
fn deferred() -> Erased {
    let jane = Jane::new();
    let at = |name: &str| jane.world.directory.path().join(name);
    let (data, keyring) = (at("data"), at("kept"));
    jane.world.room.backup_data(&data, quiet).unwrap();
    jane.world.room.backup_keyring(&keyring, quiet).unwrap();
    let (keys, account) = (wrapped(&jane.world.path(), jane.account()), jane.account());
    let (lena, why) = (staff(&jane.world.room, "lena"), Why::purpose(Purpose::LegalObligation));
    let why = why.clone().case(CaseRef::Case(lena.open_case(Some(account), &why).unwrap()));
    let review = jane.world.clock.now().plus(std::time::Duration::from_secs(86_400));
    lena.place_hold(account, Classes::of(&[Class::Support]), review, &why).unwrap();
    close(&jane.world.room, account);
    assert!(erase(&jane.world.room, account).unwrap().is_deferred());
    drop(lena);
    let World { room, clock, directory } = jane.world;
    let path = directory.path().join("room");
    drop(room);
    disk::closed(&path);
    Erased { _directory: directory, path, clock, account, keys, data, keyring }
}
