//! Tampering with the log of a real room, by SQL on a copy: verification names each way and the first bad position,
//! with the log's key pinned, with the room's own keys, and without any; and opening refuses what it must not build on.

use rusqlite::{Connection, params};
use strongroom::{
    audit::leaf_hash,
    room::{FaultKind, LogPart, LogVerdict, Page, Place, Verified},
};

use crate::{
    dba::{Copy, change},
    scene::{Scene, staff, support},
};

use base64ct::{Base64UrlUnpadded, Encoding};

/// A row of the log.
#[derive(Clone)]
struct Row {
    position: i64,
    line: String,
    leaf: [u8; 32],
}

impl Row {
    /// Changes the line so that it is still an entry, and leaves its hash.
    fn edit(&mut self) {
        let edited = self.line.replace("\"host\":\"host-1\"", "\"host\":\"host-2\"");
        assert_ne!(edited, self.line);
        self.line = edited;
    }

    fn hash(&mut self) {
        self.leaf = leaf_hash(self.line.as_bytes());
    }

    /// Links the line to `leaf` and hashes it.
    fn link(&mut self, leaf: &[u8; 32]) {
        let (before, rest) = self.line.split_once("\"prev\":\"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        self.line = format!("{before}\"prev\":\"{}\"{after}", Base64UrlUnpadded::encode_string(leaf));
        self.hash();
    }
}

/// The row at this position.
fn row(rows: &mut [Row], position: u64) -> &mut Row {
    &mut rows[usize::try_from(position).unwrap()]
}

/// A log in the administrator's hands: read whole, changed, written back whole.
struct Log(Vec<Row>);

impl Log {
    fn read(sql: &Connection) -> Self {
        let mut rows =
            sql.prepare("SELECT position, entry, leaf FROM audit_entry ORDER BY position").unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            let line = String::from_utf8(row.get(1)?).unwrap();
            Ok(Row { position: row.get(0)?, line, leaf: row.get(2)? })
        };
        Self(rows.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap())
    }

    fn write(&self, sql: &Connection) {
        sql.execute("DELETE FROM audit_entry", []).unwrap();
        for row in &self.0 {
            let values = params![row.position, row.line.as_bytes(), row.leaf];
            change(sql, "INSERT INTO audit_entry VALUES (?1, ?2, ?3)", values, 1);
        }
    }

    fn renumber(&mut self) {
        for (position, row) in (0..).zip(&mut self.0) {
            row.position = position;
        }
    }

    /// Makes every link from `at` on fit.
    fn rechain(&mut self, at: usize) {
        for at in at..self.0.len() {
            let leaf = self.0[at - 1].leaf;
            self.0[at].link(&leaf);
        }
    }
}

/// A copy to tamper with, and the same room some entries before.
struct Stage {
    copy: Copy,
    older: Copy,
    /// The size of the log, and what it was.
    size: u64,
    before: u64,
    /// The public key as an auditor has it.
    key: String,
}

/// What an auditor may have.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Has {
    Pinned,
    RoomsKeys,
    Nothing,
}

impl Stage {
    fn new() -> Self {
        let scene = Scene::new();
        let room = &scene.world.room;
        let older = Copy::of(&scene.world);
        let before = room.log_size().unwrap();
        for _ in 0..4 {
            scene.world.staff("sam").ticket(scene.ticket, &support()).unwrap();
        }
        let copy = Copy::of(&scene.world);
        Self { copy, older, size: room.log_size().unwrap(), before, key: room.verifier_key() }
    }

    /// Changes the log as a whole.
    fn log(&self, change: impl FnOnce(&mut Vec<Row>)) -> Log {
        let sql = self.copy.store();
        let mut log = Log::read(&sql);
        change(&mut log.0);
        log.write(&sql);
        log
    }

    fn again(&self) -> Self {
        Self { copy: self.copy.again(), older: self.older.again(), key: self.key.clone(), ..*self }
    }

    fn verified(&self, has: Has) -> Verified {
        match has {
            Has::Pinned => self.copy.verify_pinned(&self.key),
            Has::RoomsKeys => self.copy.verify(),
            Has::Nothing => {
                let bare = self.copy.again();
                for part in ["keys", "keyring"] {
                    std::fs::remove_dir_all(bare.path().join(part)).unwrap();
                }
                bare.verify()
            }
        }
    }

    /// The first fault, by everybody who may look.
    #[track_caller]
    fn finds(&self, kind: FaultKind, place: Place) {
        for has in [Has::Pinned, Has::RoomsKeys, Has::Nothing] {
            self.finds_with(has, kind, place);
        }
    }

    #[track_caller]
    fn finds_with(&self, has: Has, kind: FaultKind, place: Place) {
        let faults = self.verified(has).report.faults;
        let first = faults.first().map(|fault| (fault.kind, fault.place));
        assert_eq!(first, Some((kind, place)), "{has:?}: {faults:?}");
    }

    /// The room opens: what is wrong lies before the newest checkpoint, where opening does not look.
    #[track_caller]
    fn opens(&self) {
        assert!(self.copy.open().is_ok());
    }

    #[track_caller]
    fn does_not_open(&self, because: &str) {
        let refused = self.copy.refused();
        assert!(refused.contains(because), "{refused}");
    }
}

#[test]
fn a_sound_log_is_authenticated_by_a_pinned_key_alone() {
    let stage = Stage::new();
    for (has, verdict) in [
        (Has::Pinned, LogVerdict::Authenticated),
        (Has::RoomsKeys, LogVerdict::Consistent),
        (Has::Nothing, LogVerdict::Consistent),
    ] {
        let verified = stage.verified(has);
        assert_eq!((verified.report.verdict(), verified.report.size), (verdict, stage.size), "{has:?}");
        assert_eq!(verified.authority, (has != Has::Nothing).then_some(true));
        assert!(verified.is_sound());
    }
    stage.opens();
}

#[test]
fn edited() {
    let stage = Stage::new();
    for at in [0, 7, stage.size - 1] {
        let plain = stage.again();
        plain.log(|rows| row(rows, at).edit());
        plain.finds(FaultKind::Edited, Place::Position(at));

        // Its own hash made to fit: the next entry's link gives it away, or the head's smallest subtrees.
        let hashed = stage.again();
        hashed.log(|rows| {
            row(rows, at).edit();
            row(rows, at).hash();
        });
        for has in [Has::Pinned, Has::RoomsKeys, Has::Nothing] {
            let first = hashed.verified(has).report.faults[0];
            assert!(first.kind == FaultKind::Edited && first.place.contains(at), "{has:?}: {first}");
        }
    }
    let stage = stage.again();
    stage.log(|rows| rows[7].edit());
    stage.opens();
}

/// Everything after it made to fit as well: what was signed narrows it down.
#[test]
fn edited_and_everything_after_it_hashed_anew() {
    let stage = Stage::new();
    let mut log = Log::read(&stage.copy.store());
    log.0[7].edit();
    log.0[7].hash();
    log.rechain(8);
    log.write(&stage.copy.store());
    for has in [Has::Pinned, Has::RoomsKeys, Has::Nothing] {
        let first = stage.verified(has).report.faults[0];
        assert!(first.kind == FaultKind::Edited && first.place.contains(7), "{has:?}: {first}");
    }
}

#[test]
fn one_missing() {
    for renumbered in [false, true] {
        let stage = Stage::new();
        let mut log = Log::read(&stage.copy.store());
        log.0.remove(7);
        if renumbered {
            log.renumber();
        }
        log.write(&stage.copy.store());
        stage.finds(FaultKind::Missing, Place::All { from: 7, to: 8 });
        if renumbered {
            stage.does_not_open("newest entry is missing");
        } else {
            stage.opens();
        }
    }
}

#[test]
fn a_run_dropped() {
    for renumbered in [false, true] {
        let stage = Stage::new();
        let mut log = Log::read(&stage.copy.store());
        log.0.drain(4..9);
        if renumbered {
            log.renumber();
        }
        log.write(&stage.copy.store());
        stage.finds(FaultKind::RunDropped, Place::All { from: 4, to: 9 });
        if renumbered {
            stage.does_not_open("newest entry is missing");
        } else {
            stage.opens();
        }
    }
}

#[test]
fn the_beginning_missing() {
    let stage = Stage::new();
    stage.log(|rows| drop(rows.drain(..3)));
    stage.finds(FaultKind::HeadMissing, Place::All { from: 0, to: 3 });
    stage.opens();
}

#[test]
fn the_tail_cut() {
    let stage = Stage::new();
    let cut = Place::Position(stage.size - 3);
    // The head row left as it is.
    let left = stage.again();
    left.log(|rows| rows.truncate(rows.len() - 3));
    left.finds(FaultKind::TailCut, cut);
    left.does_not_open("newest entry is missing");
    // Taken away.
    change(&left.copy.store(), "DELETE FROM audit_head", [], 1);
    left.finds(FaultKind::TailCut, cut);
    assert!(
        left.verified(Has::Nothing).report.faults.iter().any(|fault| fault.kind == FaultKind::HeadForged)
    );
    left.does_not_open("no head");
    // Made up to fit: nobody without the key can tell it from the program's own, and the checkpoint tells both.
    let stage = stage.again();
    stage.log(|rows| rows.truncate(rows.len() - 3));
    change(&stage.copy.store(), "UPDATE audit_head SET mac = randomblob(32)", [], 1);
    stage.finds_with(Has::Pinned, FaultKind::TailCut, cut);
    stage.does_not_open("not authentic");
}

/// The rows left, the head row of an earlier moment in place: genuine, and too old.
#[test]
fn an_older_head_row() {
    let stage = Stage::new();
    older_head(&stage);
    stage.finds(FaultKind::HeadForged, Place::Head);
    stage.does_not_open("its head does not cover");
}

fn older_head(stage: &Stage) {
    let sql = stage.copy.store();
    let older = stage.older.store();
    let (head, mac): (Vec<u8>, Vec<u8>) = older
        .query_row("SELECT head, mac FROM audit_head", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    change(&sql, "UPDATE audit_head SET head = ?1, mac = ?2", params![head, mac], 1);
}

#[test]
fn the_head_row_missing_or_forged() {
    for (statement, because) in [
        ("DELETE FROM audit_head", "no head"),
        ("UPDATE audit_head SET mac = zeroblob(32)", "not authentic"),
        ("UPDATE audit_head SET head = x'00'", "not one"),
    ] {
        let stage = Stage::new();
        change(&stage.copy.store(), statement, [], 1);
        stage.does_not_open(because);
        let has = if statement.contains("mac") { Has::RoomsKeys } else { Has::Nothing };
        stage.finds_with(has, FaultKind::HeadForged, Place::Head);
    }
}

/// Nothing opens, and a process at work stops: its next entry has no place.
#[test]
fn appended_by_sql_with_a_chain_that_fits() {
    let stage = Stage::new();
    let room = stage.copy.room();
    let mut log = Log::read(&stage.copy.store());
    let last = log.0.last().unwrap().clone();
    let line = last
        .line
        .replace(&format!("\"position\":{}", stage.size - 1), &format!("\"position\":{}", stage.size));
    log.0.push(Row { position: last.position + 1, line, ..last });
    log.rechain(log.0.len() - 1);
    log.write(&stage.copy.store());
    let refused = room.assume("sam").err().unwrap();
    assert!(refused.to_string().contains("its head does not cover"), "{refused}");
    drop(room);
    stage.finds(FaultKind::AppendedBySql, Place::Position(stage.size));
    stage.does_not_open("its head does not cover");
}

/// Entries that only the head covers, for a checkpoint of before them is in place.
#[test]
fn edited_past_the_newest_checkpoint() {
    let stage = Stage::new();
    stage.copy.put("outside", &stage.older);
    let sound = stage.verified(Has::Pinned).report;
    assert_eq!((sound.verdict(), sound.unsigned), (LogVerdict::Authenticated, stage.size - stage.before));
    assert_eq!(stage.verified(Has::Nothing).report.verdict(), LogVerdict::Consistent);
    let recovers = stage.again();
    recovers.opens();
    assert_eq!(recovers.verified(Has::Pinned).report.unsigned, 0, "signed under an entry");

    let at = stage.before + 1;
    for hashed in [false, true] {
        let stage = stage.again();
        stage.log(|rows| {
            row(rows, at).edit();
            if hashed {
                row(rows, at).hash();
            }
        });
        stage.finds(FaultKind::UnsignedTailEdited, Place::Position(at));
        stage.does_not_open("not those that the log's head covers");
    }
}

#[test]
fn no_entry_and_twice_a_key_although_the_hash_holds() {
    let stage = Stage::new();
    for (from, to, kind) in [
        ("\"v\":1", "\"v\":2", FaultKind::Undecodable),
        ("{\"v\"", "{ \"v\"", FaultKind::Undecodable),
        ("\"v\":1", "\"v\":1,\"v\":1", FaultKind::DuplicateKeys),
        ("\"actor\"", "\"actor\":\"system\",\"actor\"", FaultKind::DuplicateKeys),
    ] {
        let stage = stage.again();
        let mut log = Log::read(&stage.copy.store());
        let broken = log.0[7].line.replacen(from, to, 1);
        log.0[7].line = broken;
        log.0[7].hash();
        log.rechain(8);
        log.write(&stage.copy.store());
        stage.finds(kind, Place::Position(7));
        stage.opens();
        // Whoever then reads the log is told, not shown.
        let room = stage.copy.room();
        let read = staff(&room, "vera").audit_log(
            LogPart::All,
            0,
            &Page::first(100),
            &strongroom::room::Why::unstated(),
        );
        assert!(read.is_err());
    }
}

#[test]
fn checkpoints_that_the_key_did_not_sign() {
    let stage = Stage::new();
    let note = |name: &str| stage.copy.path().join("outside").join(name);
    let sizes: Vec<u64> = ["checkpoint.a", "checkpoint.b"]
        .iter()
        .map(|name| std::fs::read_to_string(note(name)).unwrap().lines().nth(1).unwrap().parse().unwrap())
        .collect();
    assert!(sizes.contains(&stage.size));
    for (slot, name) in ["checkpoint.a", "checkpoint.b"].into_iter().enumerate() {
        let stage = stage.again();
        let path = stage.copy.path().join("outside").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        // Another size under the same signature.
        let forged = text.replacen(&format!("\n{}\n", sizes[slot]), &format!("\n{}\n", sizes[slot] - 1), 1);
        assert_ne!(forged, text);
        std::fs::write(&path, forged).unwrap();
        for has in [Has::Pinned, Has::RoomsKeys] {
            stage.finds_with(has, FaultKind::WrongSignature, Place::Checkpoint(Some(slot)));
        }
        // The other one counts: entries past it are accepted under an entry, as after a power cut.
        stage.opens();
    }
    for name in ["checkpoint.a", "checkpoint.b"] {
        std::fs::write(note(name), "strongroom\n7\nAAAA\n\n— strongroom AAAA\n").unwrap();
    }
    stage.finds(FaultKind::WrongSignature, Place::Checkpoint(Some(0)));
    stage.does_not_open("no valid outside checkpoint");
    for name in ["checkpoint.a", "checkpoint.b"] {
        std::fs::remove_file(note(name)).unwrap();
    }
    stage.finds(FaultKind::NoCheckpoint, Place::Checkpoint(None));
    stage.does_not_open("no outside checkpoint");
}

/// A key that the room does not sign with: it is another room's log, or the pin is old.
#[test]
fn another_rooms_key_pinned() {
    let (stage, other) = (Stage::new(), Stage::new());
    let faults = stage.copy.verify_pinned(&other.key).report.faults;
    assert!(
        faults.len() >= 2 && faults.iter().all(|fault| fault.kind == FaultKind::WrongSignature),
        "{faults:?}"
    );
}

#[test]
fn replaced_by_an_older_copy_of_the_whole_store() {
    let stage = Stage::new();
    stage.copy.put("store", &stage.older);
    for has in [Has::Pinned, Has::RoomsKeys] {
        stage.finds_with(has, FaultKind::ReplacedByOlderCopy, Place::Position(stage.before));
    }
    // Whoever cannot check the head's MAC cannot tell it from one that was made up.
    stage.finds_with(Has::Nothing, FaultKind::BehindCheckpoint, Place::Position(stage.before));
    stage.does_not_open("behind its outside checkpoint");
}

/// With its checkpoint files it is a room of the past: nothing in it tells. Whoever kept a later checkpoint knows.
#[test]
fn replaced_together_with_its_checkpoints() {
    let stage = Stage::new();
    let kept = stage.again();
    for part in ["store", "outside"] {
        stage.copy.put(part, &stage.older);
    }
    assert!(stage.verified(Has::Pinned).is_sound(), "stated in SECURITY.md");
    stage.opens();
    // It grew on; then the newer checkpoints come back.
    staff(&stage.copy.room(), "sam");
    stage.copy.put("outside", &kept.copy);
    let first = stage.verified(Has::Pinned).report.faults[0];
    assert_eq!(first.kind, FaultKind::ReplacedByOlderCopy, "{first}");
    stage.does_not_open("behind its outside checkpoint");
}

#[test]
fn the_grants_in_the_table_are_held_against_the_log() {
    let stage = Stage::new();
    change(&stage.copy.store(), "DELETE FROM role_grant WHERE id = (SELECT max(id) FROM role_grant)", [], 1);
    for has in [Has::Pinned, Has::RoomsKeys, Has::Nothing] {
        let verified = stage.verified(has);
        let faults = &verified.report.faults;
        assert!(faults.len() == 1 && faults[0].kind == FaultKind::GrantsDiffer, "{has:?}: {faults:?}");
        assert_eq!(verified.authority, (has != Has::Nothing).then_some(false));
    }
    stage.does_not_open("confer authority");
}

/// A trigger of the administrator's runs inside the program's own transaction, and takes the entry away again. Nobody
/// gets to see what it was to record.
#[test]
fn an_entry_eaten_by_a_trigger_opens_nothing() {
    let scene = Scene::new();
    for trigger in [
        "CREATE TRIGGER eats AFTER INSERT ON audit_entry BEGIN DELETE FROM audit_entry WHERE position = NEW.position; END",
        "CREATE TRIGGER turns AFTER INSERT ON audit_entry BEGIN UPDATE audit_entry SET leaf = zeroblob(32) WHERE position = NEW.position; END",
        "CREATE TRIGGER skips BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(IGNORE); END",
    ] {
        let copy = Copy::of(&scene.world);
        let room = copy.room();
        let sam = staff(&room, "sam");
        copy.store().execute_batch(trigger).unwrap();
        assert!(sam.ticket(scene.ticket, &support()).is_err(), "{trigger}");
        // What was not stored at all was rolled back. What was, and went, stops all writing.
        copy.store();
        let stopped = !trigger.contains("IGNORE");
        assert_eq!(sam.ticket(scene.ticket, &support()).is_err(), stopped, "{trigger}");
    }
}
