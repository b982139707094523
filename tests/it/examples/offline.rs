//! `verify_offline`: what an auditor does with copies of two files and the key that he has from elsewhere.

use std::{fs, path::Path, process::Command, sync::LazyLock};

use strongroom::room::{Purpose, Why};

use super::{built, now};
use crate::{
    disk::sql,
    world::{JANE, World},
};

/// What an auditor carried off at one time.
struct Carried {
    directory: tempfile::TempDir,
}

impl Carried {
    /// The checkpoint, then the database, and nothing else.
    fn of(world: &World) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("checkpoint"), world.room.checkpoint().unwrap()).unwrap();
        for file in ["store.db", "store.db-wal"] {
            let from = world.path().join("store").join(file);
            if from.exists() {
                fs::copy(from, directory.path().join(file)).unwrap();
            }
        }
        Self { directory }
    }

    fn checkpoint(&self) -> std::path::PathBuf {
        self.directory.path().join("checkpoint")
    }

    fn tamper(&self, statements: &str) {
        let guards =
            "DROP TRIGGER audit_entry_kept; DROP TRIGGER audit_entry_stays; DROP TRIGGER audit_entry_next;";
        sql(&self.directory.path().join("store.db"), &format!("{guards} {statements}"));
    }

    /// The exit code and what it says.
    fn verified(&self, key: &str, earlier: Option<&Path>) -> (i32, String) {
        static BUILT: LazyLock<std::path::PathBuf> = LazyLock::new(|| built("verify_offline"));
        let mut verify = Command::new(&*BUILT);
        verify.arg(self.directory.path().join("store.db")).arg(key).arg(self.checkpoint()).args(earlier);
        let output = verify.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }
}

/// A room in which an account was registered and read.
fn read_once() -> (World, String) {
    let world = now();
    let jane = world.customer(JANE);
    world.staff("sam").account(jane.account(), &Why::purpose(Purpose::SupportRequest)).unwrap();
    let key = world.room.verifier_key();
    (world, key)
}

#[test]
fn an_auditor_verifies_a_copy_with_his_own_key() {
    let (world, key) = read_once();
    let carried = Carried::of(&world);
    let (exit, said) = carried.verified(&key, None);
    let size = world.room.log_size().unwrap();
    assert!(exit == 0 && said.contains(&format!("log       {size} entries, authenticated")), "{exit} {said}");
    assert!(said.contains("1  account.registered") && said.contains("1  account.read"), "{said}");
    assert!(!said.contains("jane"), "{said}");

    let (other, _) = read_once();
    let (exit, said) = carried.verified(&other.room.verifier_key(), None);
    assert!(exit == 4 && said.contains("no valid signature"), "{exit} {said}");
    assert_eq!(carried.verified("no key", None).0, 2);
    fs::remove_file(carried.directory.path().join("store.db")).unwrap();
    assert_eq!(carried.verified(&key, None).0, 1);
}

#[test]
fn an_auditor_finds_what_was_done_to_a_copy() {
    let (world, key) = read_once();
    let last = world.room.log_size().unwrap() - 1;
    for (what, statements) in [
        (
            "was edited",
            "UPDATE audit_entry SET entry = CAST(replace(CAST(entry AS TEXT), 'granted', 'refused') AS BLOB) WHERE position = 3".to_owned(),
        ),
        ("cut off", format!("DELETE FROM audit_entry WHERE position = {last}")),
        ("is missing", "DELETE FROM audit_entry WHERE position = 1".to_owned()),
        ("is not what the log says", "UPDATE role_grant SET role = 10 WHERE role = 6".to_owned()),
        (
            "somebody appended it",
            format!(
                "INSERT INTO audit_entry SELECT position + 1, entry, leaf FROM audit_entry WHERE position = {last}"
            ),
        ),
    ] {
        let carried = Carried::of(&world);
        carried.tamper(&statements);
        let (exit, said) = carried.verified(&key, None);
        assert!(exit == 4 && said.contains(what), "{what}: {exit} {said}");
    }
}

/// The log of last time has only grown, or it is another one.
#[test]
fn an_auditor_holds_a_copy_against_his_earlier_checkpoint() {
    let (world, key) = read_once();
    let before = Carried::of(&world);
    world.staff("sam").find(JANE, &Why::purpose(Purpose::SupportRequest)).unwrap();
    let after = Carried::of(&world);
    assert_eq!(after.verified(&key, Some(&before.checkpoint())).0, 0);

    // Sound in itself, and not as long as the one that was signed.
    let (exit, said) = before.verified(&key, Some(&after.checkpoint()));
    assert!(exit == 4 && said.contains("signed for, but not there"), "{exit} {said}");

    // Entries that no checkpoint of the auditor's covers are nobody's yet.
    fs::copy(before.checkpoint(), after.checkpoint()).unwrap();
    let (exit, said) = after.verified(&key, None);
    assert!(exit == 5 && said.contains("entries past the checkpoint"), "{exit} {said}");
}
