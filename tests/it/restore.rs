//! Restoring: what was backed up is there again, what was lost is told, what was tampered with is refused.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use strongroom::{
    audit::VerifierKey,
    room::{
        Answer, Backups, Kind, LogPart, LogVerdict, OpenRoomError, Page, RestoreError, Restored, Room,
        SecretText, Why, verify,
    },
};

use crate::{
    backup::furnished,
    disk,
    world::{JANE, PASSWORD, World, options, secret},
};

fn quiet(_: u64, _: u64) {}

/// A room whose process has ended, with backups of both halves, and a copy of its sessions' tokens.
pub struct Kept {
    pub world: World,
    data: PathBuf,
    keyring: PathBuf,
    tokens: [SecretText; 2],
    size: u64,
}

impl Kept {
    pub fn new() -> Self {
        let world = furnished();
        let at = |name: &str| world.directory.path().join(name);
        let (data, keyring) = (at("data"), at("kept"));
        let owner = match world.room.login(JANE, &secret(PASSWORD)).unwrap().complete() {
            Some(granted) => granted.token,
            None => panic!("denied"),
        };
        let tokens = [world.room.assume("sam").unwrap().token, owner];
        let size = world.room.backup_data(&data, quiet).unwrap().size;
        world.room.backup_keyring(&keyring, quiet).unwrap();
        Self { world, data, keyring, tokens, size }
    }

    fn both(&self) -> Backups {
        Backups { data: Some(self.data.clone()), keyring: Some(self.keyring.clone()), ..Backups::default() }
    }

    fn data(&self) -> Backups {
        Backups { data: Some(self.data.clone()), keyring: None, ..Backups::default() }
    }

    pub fn path(&self) -> PathBuf {
        self.world.path()
    }

    /// Ends the process that has the room open.
    pub fn stop(self) -> Stopped {
        let World { room, clock, directory } = self.world;
        let path = directory.path().join("room");
        let key = VerifierKey::parse(&room.verifier_key()).unwrap();
        drop(room);
        disk::closed(&path);
        let (data, keyring) = (self.data, self.keyring);
        Stopped {
            clock,
            _directory: directory,
            path,
            data,
            keyring,
            tokens: self.tokens,
            size: self.size,
            key,
        }
    }
}

/// A room that nobody has open.
pub struct Stopped {
    pub clock: strongroom::room::Clock,
    _directory: tempfile::TempDir,
    pub path: PathBuf,
    data: PathBuf,
    keyring: PathBuf,
    tokens: [SecretText; 2],
    size: u64,
    key: VerifierKey,
}

impl Stopped {
    pub fn restore(&self, backups: &Backups) -> Result<Restored, RestoreError> {
        options(&self.path, &self.clock).restore(backups, quiet)
    }

    fn both(&self) -> Backups {
        Backups { data: Some(self.data.clone()), keyring: Some(self.keyring.clone()), ..Backups::default() }
    }

    pub fn of_data(&self) -> Backups {
        Backups { data: Some(self.data.clone()), keyring: None, ..Backups::default() }
    }

    pub fn of_keyring(&self) -> Backups {
        Backups { data: None, keyring: Some(self.keyring.clone()), ..Backups::default() }
    }

    pub fn open(&self) -> Result<Room, OpenRoomError> {
        options(&self.path, &self.clock).open()
    }

    fn outside(&self, name: &str) -> PathBuf {
        self.path.join("outside").join(name)
    }
}

fn sound(path: &Path, key: Option<&VerifierKey>) {
    let verified = verify(path, key, |_| ()).unwrap();
    assert!(verified.is_sound(), "{:?} {:?}", verified.report.faults, verified.authority);
    let verdict = if key.is_some() { LogVerdict::Authenticated } else { LogVerdict::Consistent };
    assert_eq!(verified.report.verdict(), verdict);
}

/// Everything that the customer had when the backup was taken.
fn customer_is_whole(room: &Room) {
    let Some(granted) = room.login(JANE, &secret(PASSWORD)).unwrap().complete() else { panic!("denied") };
    let owner = room.owner(&granted.owner);
    assert_eq!(owner.profile().unwrap().email.expose().as_str(), JANE);
    let tickets = owner.tickets(&Page::first(10)).unwrap().rows;
    assert_eq!(tickets.len(), 1);
    let attachments = owner.ticket(tickets[0].ticket).unwrap().attachments;
    let mut lengths = Vec::new();
    for attachment in attachments {
        let mut content = Vec::new();
        owner
            .open_attachment(attachment.header.attachment)
            .unwrap()
            .content
            .read_to_end(&mut content)
            .unwrap();
        lengths.push(content.len());
    }
    lengths.sort_unstable();
    assert_eq!(lengths, [7, 40_000]);
}

#[test]
fn a_restored_room_is_as_it_was_and_says_what_was_lost() {
    let kept = Kept::new();
    let late = kept.world.customer("late@example.com");
    kept.world.room.owner(&late).open_ticket("Lost", "Text").unwrap();
    let lost = kept.world.room.log_size().unwrap();
    let room = kept.stop();
    let restored = room.restore(&room.both()).unwrap();
    assert_eq!((restored.incarnation, restored.size, restored.outside_size), (2, room.size, lost));
    assert_eq!(restored.lost(), lost - room.size);
    let aside = restored.aside.unwrap();
    assert!(aside.ends_with("store/store.db.1") && aside.exists());
    for gone in ["keyring/keyring.db.1", "restore.unfinished", "store/restore", "keyring/restore"] {
        assert!(!room.path.join(gone).exists(), "{gone}");
    }

    let opened = room.open().unwrap();
    assert_eq!(opened.log_size().unwrap(), room.size + 1);
    customer_is_whole(&opened);
    assert!(opened.verifier_key().contains("/2+"), "{}", opened.verifier_key());
    let denied = opened.login("late@example.com", &secret(PASSWORD)).unwrap();
    assert!(matches!(denied, Answer::Denied), "she came after the backup");

    let vera = opened.staff(&opened.assume("vera").unwrap().token);
    let entries = vera.audit_log(LogPart::All, room.size, &Page::first(1), &Why::unstated()).unwrap().entries;
    let line = &entries[0].line;
    assert!(line.contains(&format!("\"data\":{{\"incarnation\":2,\"size\":{},", room.size)), "{line}");
    assert!(line.contains(&format!("\"outside_size\":{lost},")), "{line}");
    drop((vera, opened));
    sound(&room.path, None);
    sound(&room.path, Some(&room.key));
    drop(room.open().unwrap());
}

#[test]
fn nobody_is_logged_in_after_a_restore() {
    let kept = Kept::new();
    let [staff, owner] = &kept.tokens;
    kept.world.room.resume(owner).unwrap();
    kept.world
        .room
        .staff(staff)
        .find(JANE, &Why::purpose(strongroom::room::Purpose::SupportRequest))
        .unwrap();
    let room = kept.stop();
    room.restore(&room.of_data()).unwrap();
    let opened = room.open().unwrap();
    let [staff, owner] = &room.tokens;
    assert!(opened.resume(owner).is_err());
    let why = Why::purpose(strongroom::room::Purpose::SupportRequest);
    assert_eq!(opened.staff(staff).find(JANE, &why).err().unwrap().kind(), Kind::Denied);
}

#[test]
fn who_came_or_changed_after_the_backup_is_not_locked_out() {
    let kept = Kept::new();
    kept.world.customer("late@example.com");
    // A stronger record, and with it a floor above the one in the backup.
    let mut stronger = options(&kept.path(), &kept.world.clock);
    let settings = strongroom::password::Settings::new(
        strongroom::password::Settings::default().memory_kib(),
        strongroom::password::Settings::default().passes() + 1,
        1,
    );
    stronger.passwords = settings.ok();
    let upgraded = stronger.open().unwrap();
    assert!(matches!(upgraded.login(JANE, &secret(PASSWORD)).unwrap(), Answer::Granted(_)));
    drop(upgraded);
    let room = kept.stop();
    room.restore(&room.of_data()).unwrap();
    let opened = room.open().unwrap();
    customer_is_whole(&opened);
    let password = secret(PASSWORD);
    let again = strongroom::room::Registration { email: "late@example.com", name: None, password: &password };
    opened.register(&again).unwrap();
    assert!(matches!(opened.login("late@example.com", &password).unwrap(), Answer::Granted(_)));
}

#[test]
fn a_room_at_work_is_not_restored() {
    let kept = Kept::new();
    let restore =
        |world: &World, backups: &Backups| options(&world.path(), &world.clock).restore(backups, quiet);
    let refused = restore(&kept.world, &kept.both()).err().unwrap();
    assert!(matches!(refused, RestoreError::InUse) && refused.kind() == Kind::Busy, "{refused}");
    assert!(!kept.path().join("restore.unfinished").exists());
    let size = kept.world.room.log_size().unwrap();
    kept.world.staff("sam");
    assert_eq!(kept.world.room.log_size().unwrap(), size + 1, "it goes on");
    drop(kept.data());
}

#[test]
fn a_tampered_backup_is_refused_and_the_room_stays_as_it_is() {
    let other = Kept::new().stop();
    let room = Kept::new().stop();
    let before = disk::Census::of(&room.path);
    let refused = |what: &str, backups: &Backups| {
        let error = room.restore(backups).err().unwrap_or_else(|| panic!("{what}: it was restored"));
        assert_eq!(error.kind(), Kind::Integrity, "{what}: {error}");
        assert!(disk::Census::of(&room.path).changed(&before).is_empty(), "{what}");
        assert!(!room.path.join("restore.unfinished").exists(), "{what}");
        assert!(!room.path.join("store/restore").exists(), "{what}");
    };
    let files: Vec<(bool, PathBuf)> = [(true, &room.data), (false, &room.keyring)]
        .into_iter()
        .flat_map(|(data, backup)| disk::files(backup).into_keys().map(move |name| (data, backup.join(name))))
        .collect();
    assert_eq!(files.len(), 7);
    for (data, file) in files {
        let (bytes, backups) =
            (fs::read(&file).unwrap(), if data { room.of_data() } else { room.of_keyring() });
        let name = file.display();
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&file, changed).unwrap();
            refused(&format!("byte {at} of {name}"), &backups);
        }
        fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
        refused(&format!("{name} cut"), &backups);
        fs::write(&file, [&bytes[..], b"\n"].concat()).unwrap();
        refused(&format!("{name} longer"), &backups);
        fs::remove_file(&file).unwrap();
        if file.ends_with("manifest.json") {
            let error = room.restore(&backups).err().unwrap();
            assert!(matches!(error, RestoreError::NoBackup { .. }), "{error}");
        } else if !file.ends_with("keyring.db") {
            refused(&format!("{name} missing"), &backups);
        }
        fs::write(&file, bytes).unwrap();
    }
    // What nothing but its own MAC speaks for.
    let manifest = room.data.join("manifest.json");
    let line = fs::read_to_string(&manifest).unwrap();
    for key in ["taken", "incarnation", "epoch", "position"] {
        let edited = line.replace(&format!("\"{key}\":"), &format!("\"{key}\":1"));
        assert_ne!(edited, line);
        fs::write(&manifest, edited).unwrap();
        refused(key, &room.of_data());
        assert!(room.restore(&room.of_data()).err().unwrap().to_string().contains("was changed"), "{key}");
    }
    fs::write(&manifest, line).unwrap();
    for theirs in [other.of_data(), other.of_keyring()] {
        refused("another room's", &theirs);
        let told = room.restore(&theirs).err().unwrap().to_string();
        assert!(told.ends_with("is another room's"), "{told}");
    }
    for (ours, theirs, name) in
        [(&room.data, &other.data, "store.db"), (&room.keyring, &other.keyring, "keyring.db")]
    {
        let bytes = fs::read(ours.join(name)).unwrap();
        fs::copy(theirs.join(name), ours.join(name)).unwrap();
        let backups = if name == "store.db" { room.of_data() } else { room.of_keyring() };
        refused(&format!("{name} of another room"), &backups);
        fs::write(ours.join(name), bytes).unwrap();
    }
    let swapped = Backups { data: Some(room.keyring.clone()), keyring: None, ..Backups::default() };
    assert!(matches!(room.restore(&swapped).err(), Some(RestoreError::OtherKind { .. })));
    assert!(matches!(room.restore(&Backups::default()).err(), Some(RestoreError::Nothing)));
    drop(room.open().unwrap());
    room.restore(&room.both()).unwrap();
    customer_is_whole(&room.open().unwrap());
}

#[test]
fn what_was_before_a_restore_does_not_come_back() {
    let room = Kept::new().stop();
    let saved = room.path.with_file_name("saved");
    disk::copy(&room.path, &saved);
    room.restore(&room.both()).unwrap();
    let restored = room.path.with_file_name("restored");
    disk::copy(&room.path, &restored);
    let put_back = |part: &str, from: &Path| {
        fs::remove_dir_all(room.path.join(part)).unwrap();
        disk::copy(&from.join(part), &room.path.join(part));
    };
    for (part, why) in [("store", "from before a restore"), ("outside", "from before the restore")] {
        put_back(part, &saved);
        let error = room.open().err().unwrap();
        assert!(error.kind() == Kind::Integrity && error.to_string().contains(why), "{part}: {error}");
        let verified = verify(&room.path, None, |_| ()).unwrap();
        assert!(!verified.is_sound(), "{part}");
        put_back(part, &restored);
        drop(room.open().unwrap());
        disk::closed(&room.path);
    }
}

#[test]
fn the_checkpoint_of_the_log_that_ended_is_kept() {
    let room = Kept::new().stop();
    let newest = |path: &Path| {
        let size = |name: &str| {
            let note = fs::read_to_string(path.join(name)).unwrap();
            (note.lines().nth(1).unwrap().parse::<u64>().unwrap(), note)
        };
        size("checkpoint.a").max(size("checkpoint.b"))
    };
    let (size, note) = newest(&room.path.join("outside"));
    room.restore(&room.of_data()).unwrap();
    assert_eq!(fs::read_to_string(room.outside("checkpoint.1")).unwrap(), note);
    // The old store with the old checkpoint is a log that an auditor verifies as before.
    let old = room.path.with_file_name("old");
    disk::copy(&room.path, &old);
    fs::rename(old.join("store/store.db.1"), old.join("store/store.db")).unwrap();
    let wal = |name: &str| old.join(format!("store/{name}-wal"));
    drop(fs::remove_file(wal("store.db")));
    drop(fs::rename(wal("store.db.1"), wal("store.db")));
    for name in ["checkpoint.a", "checkpoint.b"] {
        fs::copy(room.outside("checkpoint.1"), old.join("outside").join(name)).unwrap();
    }
    let verified = verify(&old, Some(&room.key), |_| ()).unwrap();
    assert!(verified.report.faults.is_empty(), "{:?}", verified.report.faults);
    assert_eq!((verified.report.size, verified.report.verdict()), (size, LogVerdict::Authenticated));
    // Once more: another incarnation, and another checkpoint beside.
    let again = room.restore(&room.of_data()).unwrap();
    assert_eq!(again.incarnation, 3);
    assert!(room.outside("checkpoint.2").exists() && room.path.join("store/store.db.2").exists());
    sound(&room.path, Some(&room.key));
}

/// What was committed and not yet written into the old database itself stays with it, and comes into no other.
#[test]
fn the_old_store_s_write_ahead_log_comes_into_no_other() {
    for lost_database in [false, true] {
        let kept = Kept::new();
        kept.world.customer("late@example.com");
        let lost = kept.world.room.log_size().unwrap();
        // As after a power cut: the write-ahead log is still there.
        let cut = kept.path().with_file_name("cut");
        disk::copy(&kept.path(), &cut);
        let [store, wal] = ["store.db", "store.db-wal"].map(|name| cut.join("store").join(name));
        let newest = fs::read(&wal).unwrap();
        assert!(!newest.is_empty());
        if lost_database {
            fs::remove_file(&store).unwrap();
        }
        options(&cut, &kept.world.clock).restore(&kept.both(), quiet).unwrap();
        let opened = options(&cut, &kept.world.clock).open().unwrap();
        assert_eq!(opened.log_size().unwrap(), kept.size + 1, "nothing of it came into the restored one");
        customer_is_whole(&opened);
        drop(opened);
        disk::closed(&cut);
        sound(&cut, None);
        let aside = cut.join("store/store.db.1");
        if lost_database {
            assert!(fs::read(cut.join("store/store.db.1-wal")).is_ok_and(|wal| wal == newest), "as it was");
        } else {
            let old = rusqlite::Connection::open(aside).unwrap();
            let entries = old.query_row("SELECT count(*) FROM audit_entry", [], |row| row.get::<_, i64>(0));
            assert_eq!(entries.unwrap().cast_unsigned(), lost, "all of the old log");
        }
    }
}

#[test]
fn blobs_that_the_restored_data_do_not_name_go_with_the_old_store() {
    let kept = Kept::new();
    let (room, at) = (&kept.world.room, |name: &str| kept.world.directory.path().join(name));
    let owner = room.resume(&kept.tokens[1]).unwrap();
    let ticket = room.owner(&owner).tickets(&Page::first(1)).unwrap().rows[0].ticket;
    let before = disk::files(&kept.path().join("store/blobs"));
    let later = room.owner(&owner).attach(ticket, "c.txt", "text/plain", &b"later"[..]).unwrap();
    room.backup_data(&at("newer"), quiet).unwrap();
    room.backup_keyring(&at("newer-kept"), quiet).unwrap();
    let newer = Backups { data: Some(at("newer")), keyring: Some(at("newer-kept")), accept_missing: false };
    let fine = |room: &Room| {
        let found = room.doctor().unwrap().into_iter().find(|finding| finding.check == "aside").unwrap();
        (found.severity == strongroom::room::Severity::Fine, found.found)
    };
    assert!(fine(room).0);
    let room = kept.stop();
    // What an upload that was cut off has left is no blob, and nobody's to keep.
    let part = room.path.join("store/blobs").join(before.keys().next().unwrap());
    let part = part.with_file_name(format!("{}.part", "0".repeat(32)));
    fs::write(&part, b"half").unwrap();
    let restored = room.restore(&room.of_data()).unwrap();
    let aside = restored.blobs_aside.unwrap();
    assert!(aside.ends_with("store/blobs.1"));
    fs::remove_file(&part).unwrap();
    assert_eq!(disk::files(&room.path.join("store/blobs")), before);
    let moved = disk::files(&aside);
    assert_eq!(moved.len(), 1, "{:?}", moved.keys());
    let id = crate::dba::bytes(later.attachment);
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(moved.keys().all(|name| name.ends_with(&hex)), "{:?}", moved.keys());
    let (is_fine, found) = fine(&room.open().unwrap());
    assert!(!is_fine && found.contains("`blobs.1`, `store.db.1`"), "{found}");
    disk::closed(&room.path);

    // The newer backup brings it back.
    assert_eq!(room.restore(&newer).unwrap().blobs_aside, None);
    assert_eq!(disk::files(&room.path.join("store/blobs")).len(), before.len() + 1);
    sound(&room.path, Some(&room.key));
}

#[test]
fn a_room_that_was_lost_whole_comes_back_from_backups_keys_and_outside() {
    let room = Kept::new().stop();
    for lost in ["room.toml", "store", "keyring"] {
        let path = room.path.join(lost);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    let restored = room.restore(&room.both()).unwrap();
    assert_eq!((restored.incarnation, restored.aside), (2, None));
    customer_is_whole(&room.open().unwrap());
    sound(&room.path, Some(&room.key));

    fs::remove_file(room.outside("erasure.ledger")).unwrap();
    let refused = room.restore(&room.both()).err().unwrap();
    assert!(refused.kind() == Kind::Integrity && refused.to_string().contains("ledger"), "{refused}");
    assert!(!matches!(refused, RestoreError::Unfinished { .. }), "before anything is replaced: {refused}");
}

#[test]
fn the_keyring_alone_can_be_restored() {
    let room = Kept::new().stop();
    fs::remove_file(room.path.join("keyring/keyring.db")).unwrap();
    assert!(room.open().is_err());
    let restored = room.restore(&room.of_keyring()).unwrap();
    assert_eq!((restored.incarnation, restored.taken, restored.lost()), (2, None, 0));
    customer_is_whole(&room.open().unwrap());
    sound(&room.path, Some(&room.key));
}

#[test]
fn an_unfinished_restore_is_told_and_run_again() {
    // Something is where the checkpoint of the log that ends is to be kept, or where the old keyring is put aside: then
    // the new log has begun already.
    for (incarnation, blocked) in [(2, "outside/checkpoint.part"), (3, "keyring/keyring.db.1")] {
        let room = Kept::new().stop();
        let blocked = room.path.join(blocked);
        fs::create_dir(&blocked).unwrap();
        let broke_off = room.restore(&room.both()).err().unwrap();
        assert!(matches!(broke_off, RestoreError::Unfinished { .. }), "{broke_off}");
        fs::remove_dir(&blocked).unwrap();
        let error = room.open().err().unwrap();
        assert!(matches!(error, OpenRoomError::Unfinished), "{error}");
        assert_eq!(error.to_string(), "unfinished restore: run it again");
        assert!(matches!(verify(&room.path, None, |_| ()).err(), Some(OpenRoomError::Unfinished)));
        assert!(matches!(room.restore(&room.of_data()).err(), Some(RestoreError::More)));
        let restored = room.restore(&room.both()).unwrap();
        assert_eq!((restored.incarnation, restored.size), (incarnation, room.size));
        assert_eq!(restored.outside_size, room.size + 2, "as it was before the first attempt");
        let old = rusqlite::Connection::open(restored.aside.unwrap()).unwrap();
        let entries = old.query_row("SELECT count(*) FROM audit_entry", [], |row| row.get::<_, i64>(0));
        assert_eq!(entries.unwrap().cast_unsigned(), room.size + 2, "what is aside is the old log");
        customer_is_whole(&room.open().unwrap());
        sound(&room.path, Some(&room.key));
    }
}
