//! The power-cut library itself, on a bare database and bare files: it keeps what was promised, finds what was
//! not, and says when it was blind.

use crate::powercut::{
    Ack, Child, Error, Fails, Policy, Record, Recording, Rules, Scenario, Verdict, compile, kills, scenario,
    sibling,
};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;

const ROWS: Scenario = scenario("rows and blobs", rows_and_blobs);
const MORE: Scenario = scenario("more rows", |root, ack| insert(&open(root)?, ack, 20));
const ENDLESS: Scenario = scenario("rows without end", |root, ack| insert(&open(root)?, ack, 1_000_000));
const PAIR: Scenario = scenario("two processes", two_processes);
const SECOND: Scenario = scenario("the second process", |root, ack| appended(root, ack, "second"));
const FAULTS: Scenario = scenario("faults in turn", faults_in_turn);
const CALLS: Scenario = scenario("every call", every_call);
const SHORT: Scenario = scenario("short writes", |root, _| Ok(std::fs::write(root.join("a"), payload(50))?));
const THREADS: Scenario = scenario("threads", threads_flush_together);
const UNSEEN: Scenario =
    scenario("a raw system call", |root, _| Ok(rustix::fs::mkdir(root.join("b"), rustix::fs::Mode::RWXU)?));
const FAILING: Scenario = scenario("an error", |_, _| Err("as it should".into()));

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] =
    &[ROWS, MORE, ENDLESS, PAIR, SECOND, FAULTS, CALLS, SHORT, THREADS, UNSEEN, FAILING];

/// Bytes that follow from a number: up to 20 KiB, most of them short.
fn payload(number: u32) -> Vec<u8> {
    let length = if number.is_multiple_of(10) { 400 * number + 1 } else { 7 * number + 1 };
    (0..length % 20_480).map(|at| u8::try_from((at * 31 + number * 7) % 251).unwrap()).collect()
}

fn open(root: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(root.join("rows.db"))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // Often, so that cuts fall into checkpoints too.
    db.pragma_update(None, "wal_autocheckpoint", 40)?;
    db.execute("CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, payload BLOB) STRICT", ())?;
    Ok(db)
}

/// Inserts so many more rows, one transaction each.
fn insert(db: &Connection, ack: &Ack, count: u32) -> Verdict {
    let next: u32 = db.query_row("SELECT coalesce(max(number) + 1, 0) FROM rows", (), |row| row.get(0))?;
    for number in next..next + count {
        db.execute("INSERT INTO rows VALUES (?1, ?2)", (number, payload(number)))?;
        ack.done(format!("row {number}"));
    }
    Ok(())
}

/// A file as it should be made: complete before it has its name, and the name flushed.
fn put(root: &Path, ack: &Ack, number: u32) -> Verdict {
    let temporary = root.join("blobs/temporary");
    let mut file = File::create(&temporary)?;
    file.write_all(&payload(number))?;
    file.sync_all()?;
    std::fs::rename(&temporary, root.join(format!("blobs/{number}")))?;
    File::open(root.join("blobs"))?.sync_all()?;
    ack.done(format!("blob {number}"));
    Ok(())
}

fn rows_and_blobs(root: &Path, ack: &Ack) -> Verdict {
    std::fs::create_dir(root.join("blobs"))?;
    File::open(root)?.sync_all()?;
    for number in 0..50 {
        // Reopening removes and makes the log anew.
        insert(&open(root)?, ack, 4)?;
        put(root, ack, number)?;
    }
    Ok(())
}

fn numbers<'a>(acked: &'a [Vec<u8>], kind: &'a str) -> impl Iterator<Item = u32> + 'a {
    acked.iter().filter_map(move |ack| std::str::from_utf8(ack).unwrap().strip_prefix(kind)?.parse().ok())
}

fn check_rows(disk: &Path, acked: &[Vec<u8>]) -> Verdict {
    let path = disk.join("rows.db");
    if !path.exists() {
        return if numbers(acked, "row ").next().is_some() {
            Err("lost the database".into())
        } else {
            Ok(())
        };
    }
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let intact: String = db.query_row("PRAGMA integrity_check", (), |row| row.get(0))?;
    if intact != "ok" {
        return Err(format!("not intact: {intact}").into());
    }
    if numbers(acked, "row ").next().is_none() {
        return Ok(());
    }
    let mut select = db.prepare("SELECT payload FROM rows WHERE number = ?1")?;
    for number in numbers(acked, "row ") {
        match select.query_row([number], |row| row.get::<_, Vec<u8>>(0)) {
            Ok(found) if found == payload(number) => {}
            other => return Err(format!("lost row {number}: {:?}", other.map(|found| found.len())).into()),
        }
    }
    Ok(())
}

fn check_blobs(disk: &Path, acked: &[Vec<u8>]) -> Verdict {
    for number in numbers(acked, "blob ") {
        if !disk.join(format!("blobs/{number}")).exists() {
            return Err(format!("lost blob {number}").into());
        }
    }
    for entry in std::fs::read_dir(disk.join("blobs")).into_iter().flatten() {
        let entry = entry?;
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if number.is_some_and(|number| std::fs::read(entry.path()).unwrap() != payload(number)) {
            return Err(format!("mangled blob {}", entry.path().display()).into());
        }
    }
    Ok(())
}

#[test]
fn no_cut_loses_what_was_acknowledged_and_a_lying_disk_is_found_out() {
    let run = Child::new(ROWS).record();
    let (mut rows, mut cut_early) = (0, 0);
    let honest = run.cuts(200, 1, &Policy::honest(), |disk, acked| {
        rows = rows.max(numbers(acked, "row ").count());
        cut_early += usize::from(numbers(acked, "row ").count() < 100);
        check_rows(disk, acked)?;
        check_blobs(disk, acked)
    });
    honest.assert_none();
    assert!(rows > 150 && cut_early > 50, "cuts everywhere: at most {rows} rows, {cut_early} early");

    let no_log = Policy::honest().ignore_syncs("rows.db-wal");
    assert!(run.cuts(200, 2, &no_log, check_rows).saying("lost row") > 0);
    let no_names = Policy::honest().ignore_directory_syncs();
    assert!(run.cuts(200, 3, &no_names, check_blobs).saying("lost blob") > 0);
    let no_content = Policy::honest().ignore_syncs("blobs/temporary");
    assert!(run.cuts(200, 4, &no_content, check_blobs).saying("mangled blob") > 0);
}

#[test]
fn a_cut_while_recovering_from_a_cut_loses_nothing_either() {
    let run = Child::new(ROWS).record();
    for cut in [run.trace.records.len() / 3, run.trace.records.len() / 2] {
        let mut before = Vec::new();
        let again =
            Child::new(MORE).prepared(|root| before = run.rebuild(cut, 8, &Policy::honest(), root)).record();
        again
            .cuts(40, 9, &Policy::honest(), |disk, acked| {
                let promised = [before.as_slice(), acked].concat();
                check_rows(disk, &promised)?;
                check_blobs(disk, &promised)
            })
            .assert_none();
    }
}

#[test]
fn no_kill_loses_what_was_acknowledged() {
    let mut at_work = 0;
    kills(ENDLESS, 200, 5, |root, acked| {
        at_work += usize::from(!acked.is_empty());
        check_rows(root, acked)
    })
    .assert_none();
    assert!(at_work > 150, "{at_work} of 200 had a row to lose");
}

#[test]
fn a_second_process_is_in_the_same_trace() {
    let run = Child::new(PAIR).record();
    let processes = run.trace.records.iter().filter(|record| matches!(record, Record::Start { .. })).count();
    assert_eq!(processes, 2);
    run.cuts(60, 6, &Policy::honest(), |disk, acked| {
        for who in ["first", "second"] {
            let kept = std::fs::read(disk.join(who)).unwrap_or_default().len();
            let promised = numbers(acked, who).count();
            assert!(kept >= promised, "{who}: {promised} bytes promised, {kept} there");
        }
        Ok(())
    })
    .assert_none();
}

fn two_processes(root: &Path, ack: &Ack) -> Verdict {
    let second = sibling(SECOND);
    appended(root, ack, "first")?;
    second.finish()
}

fn appended(root: &Path, ack: &Ack, who: &str) -> Verdict {
    let mut file = File::options().append(true).create(true).open(root.join(who))?;
    File::open(root)?.sync_all()?;
    for length in 1..=100 {
        file.write_all(b"x")?;
        file.sync_data()?;
        ack.done(format!("{who}{length}"));
    }
    Ok(())
}

#[test]
fn faults_come_when_and_where_they_were_ordered() {
    let run = Child::new(FAULTS).record();
    run.cuts(60, 7, &Policy::honest(), check_rows).assert_none();
    check_rows(run.root(), &run.trace.acked(usize::MAX)).unwrap();
}

/// The code the engine answers with.
fn refused(result: Verdict) -> Option<rusqlite::ErrorCode> {
    result.err()?.downcast_ref::<rusqlite::Error>()?.sqlite_error_code()
}

fn faults_in_turn(root: &Path, ack: &Ack) -> Verdict {
    use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
    let db = open(root)?;
    insert(&db, ack, 5)?;

    ack.arm(&Rules::none().fail_once(Fails::Sync, "*-wal", 3, Error::Io));
    assert_eq!(refused(insert(&db, ack, 5)), Some(SystemIoFailure));
    insert(&db, ack, 5)?;

    ack.arm(&Rules::none().fail_from(Fails::Write, "*/rows.db-wal", 2, Error::NoSpace));
    assert_eq!(refused(insert(&db, ack, 5)), Some(DiskFull));
    assert_eq!(refused(insert(&db, ack, 1)), Some(DiskFull));

    // More than the log's present file holds.
    ack.arm(&Rules::none().budget(100_000));
    assert_eq!(refused(insert(&db, ack, 300)), Some(DiskFull));
    assert!(File::create(root.join("other")).is_err(), "a full disk has no room for a name");

    ack.arm(&Rules::none().fail_once(Fails::Name, "*/other", 1, Error::ReadOnly));
    let other = File::create(root.join("other"));
    assert_eq!(other.map_err(|e| e.kind()).err(), Some(std::io::ErrorKind::ReadOnlyFilesystem));

    ack.arm(&Rules::none());
    insert(&db, ack, 5)
}

#[test]
fn short_writes_are_short_and_complete_in_the_end() {
    let run = Child::new(SHORT).rules(Rules::none().short_from("*/a", 1)).record();
    let writes = run.trace.records.iter().filter(|record| matches!(record, Record::Write { .. })).count();
    assert!(writes > 5, "{writes} writes");
    assert_eq!(std::fs::read(run.root().join("a")).unwrap(), payload(50));
}

#[test]
fn flushes_of_several_threads_overlap_under_a_delay() {
    let run = Child::new(THREADS).rules(Rules::none().flush_delay(20)).record();
    let most = flushes_at_once(&run);
    assert!(most >= 4, "at most {most} at once");
}

fn flushes_at_once(run: &Recording) -> i32 {
    let under_way = run.trace.records.iter().scan(0, |count, record| {
        *count += match record {
            Record::SyncBegin { .. } => 1,
            Record::SyncEnd { .. } => -1,
            _ => 0,
        };
        Some(*count)
    });
    under_way.max().unwrap_or(0)
}

fn threads_flush_together(root: &Path, ack: &Ack) -> Verdict {
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                let mut file = File::create(root.join(thread.to_string())).unwrap();
                for byte in 0..5 {
                    file.write_all(&[byte]).unwrap();
                    file.sync_data().unwrap();
                    ack.done([thread, byte]);
                }
            });
        }
    });
    Ok(())
}

/// That the replay equals the directory is checked by every recording; this one makes each kind of call.
#[test]
fn every_call_the_library_makes_is_replayed() {
    let prepare = |root: &Path| {
        std::fs::write(root.join("there"), payload(20)).unwrap();
        std::os::unix::fs::symlink(compile("calls.c", &[]), root.with_file_name("calls")).unwrap();
    };
    let run = Child::new(CALLS).prepared(prepare).record();
    let has = |wanted: fn(&Record) -> bool| run.trace.records.iter().any(wanted);
    assert!(has(|record| matches!(record, Record::Link { .. })));
    assert!(has(|record| matches!(record, Record::Mode { mode: 0o400, .. })));
    assert!(has(|record| matches!(record, Record::Allocate { .. })));
    assert!(has(|record| matches!(record, Record::Hint)));
}

fn every_call(root: &Path, _ack: &Ack) -> Verdict {
    let at = |name: &str| root.join(name);
    std::fs::create_dir_all(at("d/e/f"))?;
    std::fs::write(at("d/a"), payload(30))?;
    std::fs::copy(at("d/a"), at("d/e/copied"))?;
    std::fs::hard_link(at("d/a"), at("linked"))?;
    std::fs::rename(at("d/e"), at("moved"))?;
    std::fs::set_permissions(at("linked"), std::fs::Permissions::from_mode(0o600))?;

    let mut file = File::options().read(true).write(true).open(at("there"))?;
    file.write_at(b"in the middle", 1000)?;
    file.set_len(1500)?;
    file.set_len(9000)?;
    let two = [std::io::IoSlice::new(b"one, "), std::io::IoSlice::new(b"two")];
    assert_eq!(file.write_vectored(&two)?, 8);
    std::io::copy(&mut File::open(at("d/a"))?, &mut file)?;
    File::options().append(true).open(at("there"))?.write_all(b"the end")?;
    file.set_permissions(std::fs::Permissions::from_mode(0o400))?;

    std::fs::create_dir_all(at("gone/with/all"))?;
    std::fs::write(at("gone/with/file"), b"x")?;
    std::fs::remove_dir_all(at("gone"))?;
    std::fs::write(at("short-lived"), b"x")?;
    std::fs::remove_file(at("short-lived"))?;

    let output = std::process::Command::new(root.with_file_name("calls")).arg(root).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[test]
fn a_change_the_shim_does_not_see_fails_the_recording() {
    let why = Child::new(UNSEEN).try_record().err().unwrap();
    assert!(why.contains("does not see") && why.contains("\"b\""), "{why}");
}

#[test]
fn a_scenario_that_fails_says_so() {
    let why = Child::new(FAILING).try_record().err().unwrap();
    assert!(why.contains("as it should"), "{why}");
}
