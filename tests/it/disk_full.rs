//! A disk that is full: customers log in from the reserve, nobody else goes on, nothing is torn, and with some space
//! everybody does again.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use strongroom::room::{
    ActivityEvent, Kind, OwnerSession, Registration, Room, Staff, Standing, TicketId, Trouble, Why,
};

use crate::{
    disk::{self, Census},
    postgres,
    powercut::{
        Ack, Child, Error, Fails, Rules, Scenario, Verdict, acknowledged, on_a_small_disk, scenario, sibling,
    },
    workload::{CUSTOMERS, entries, login, open, prepare, why},
    world::{FIRST, PASSWORD, secret},
};

const FILLS: Scenario = scenario("a disk that fills", a_disk_fills);
const KILLED: Scenario = scenario("killed on a full disk", killed_on_a_full_disk);
const LOGS_IN: Scenario = scenario("logins on a full disk", logs_in);
const USED_UP: Scenario = scenario("a reserve that is used up", the_reserve_is_used_up);
const STARTS: Scenario = scenario("a start on a full disk", starts_on_a_full_disk);
const ONE_BATCH: Scenario = scenario("a batch that finds the disk full", one_batch);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[FILLS, KILLED, LOGS_IN, USED_UP, STARTS, ONE_BATCH];

/// The small disk, MiB: the reserve of a new room, the room, and something to fill.
const DISK: u32 = 64;
const RESERVE: u64 = 32 * 1024 * 1024;

/// Runs the scenario on a small disk, or says that it was skipped.
fn on_a_full_disk(scenario: Scenario) -> Option<tempfile::TempDir> {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("disk");
    fs::create_dir(&root).unwrap();
    let Some(child) = on_a_small_disk(scenario, &root, DISK) else {
        postgres::skip("no small disk can be mounted here");
        return None;
    };
    child.finish().unwrap();
    Some(directory)
}

#[test]
fn customers_go_on_while_the_disk_fills_and_staff_when_there_is_space_again() {
    on_a_full_disk(FILLS);
}

#[test]
fn a_process_that_is_killed_on_a_full_disk_leaves_nothing_torn() {
    let Some(directory) = on_a_full_disk(KILLED) else { return };
    assert!(!acknowledged(&directory.path().join("disk")).is_empty());
}

#[test]
fn a_reserve_that_others_took_stops_everybody_and_loses_nothing() {
    on_a_full_disk(USED_UP);
}

#[test]
fn a_room_that_is_shut_opens_on_a_full_disk() {
    on_a_full_disk(STARTS);
}

#[test]
fn a_login_whose_batch_finds_the_disk_full_goes_on() {
    Child::new(ONE_BATCH).record();
}

/// A room in use on the small disk.
struct Scene {
    room: Room,
    root: PathBuf,
    jane: OwnerSession,
    sam: Staff,
    ticket: TicketId,
}

impl Scene {
    fn new(root: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        prepare(root);
        let room = open(root)?;
        let jane = login(&room, CUSTOMERS[0])?;
        let ticket = room.owner(&jane).open_ticket("It fails", "Again.")?.ticket;
        let support = room.assume("sam")?;
        let sam = room.staff(&support.token);
        sam.assign(ticket, support.principal, &Why::unstated())?;
        Ok(Self { room, root: root.to_path_buf(), jane, sam, ticket })
    }

    fn reserve(&self) -> fs::Metadata {
        fs::metadata(self.root.join("room/store/reserve")).unwrap()
    }

    fn is_full(&self) -> bool {
        self.room.health().troubles.contains(&Trouble::DiskFull)
    }

    /// Customers are served, with a mark; staff, uploads and whatever else are told what is wrong.
    fn serves_customers_alone(&self) {
        login(&self.room, CUSTOMERS[1]).unwrap();
        let condition = self.room.health();
        assert!(self.is_full() && condition.standing == Standing::Degraded, "{condition:?}");
        assert!(self.reserve().len() <= 4096);
        let _session = login(&self.room, CUSTOMERS[0]).unwrap();
        let owner = self.room.owner(&self.jane);
        let newest = owner.activity(&FIRST).unwrap().rows[0].1;
        assert_eq!(newest, ActivityEvent::LoginStopped, "the mark");
        owner.ticket(self.ticket).unwrap();
        let keys = || Census::of(&self.root.join("room")).rows("data_key");
        let before = (self.reserve().ino(), keys());
        let password = secret(PASSWORD);
        let new = Registration { email: "new@example.com", name: None, password: &password };
        let target = self.root.join("backup");
        let refused = [
            ("read", self.sam.account(self.jane.account(), &why()).err().map(|e| (e.kind(), e.to_string()))),
            ("staff", self.room.assume("sam").err().map(|e| (e.kind(), e.to_string()))),
            ("ticket", owner.open_ticket("More", "Text.").err().map(|e| (e.kind(), e.to_string()))),
            (
                "attachment",
                owner
                    .attach(self.ticket, "a.txt", "text/plain", &b"text"[..])
                    .err()
                    .map(|e| (e.kind(), e.to_string())),
            ),
            ("register", self.room.register(&new).err().map(|e| (e.kind(), e.to_string()))),
            ("backup", self.room.backup_data(&target, |_, _| ()).err().map(|e| (e.kind(), e.to_string()))),
        ];
        for (what, refused) in refused {
            let (kind, text) = refused.unwrap_or_else(|| panic!("{what} went on"));
            assert!(kind == Kind::Unavailable && text.contains("`disk_full`"), "{what}: {kind:?}, {text}");
        }
        assert!(!target.exists() && (self.reserve().ino(), keys()) == before);
    }

    /// Everybody is served again, and the log is whole.
    fn serves_everybody(&self, events: &[&str]) {
        self.sam.account(self.jane.account(), &why()).unwrap();
        let condition = self.room.health();
        assert_eq!(condition.standing, Standing::Ready, "{condition:?}");
        assert!(self.reserve().len() == RESERVE && self.reserve().blocks() * 512 >= RESERVE, "real blocks");
        login(&self.room, CUSTOMERS[0]).unwrap();
        let newest = self.room.owner(&self.jane).activity(&FIRST).unwrap().rows[0].1;
        assert_eq!(newest, ActivityEvent::Login);
        let vera = self.room.staff(&self.room.assume("vera").unwrap().token);
        let verified = vera.verify(None, &Why::unstated(), |_| ()).unwrap();
        assert!(verified.is_sound(), "{:?}", verified.report.faults);
        let lines = entries(&self.room).unwrap();
        let told: Vec<_> = lines
            .iter()
            .filter_map(|line| line.split("\"event\":\"reserve.").nth(1))
            .map(|rest| rest.split('"').next().unwrap_or_default())
            .collect();
        assert_eq!(told, events, "{lines:#?}");
    }

    fn fill(&self, name: &str, enough: impl Fn() -> bool) {
        fill(&self.root.join(name), enough);
    }

    fn free(&self, name: &str) {
        fs::remove_file(self.root.join(name)).unwrap();
    }
}

/// Takes the disk, piece by piece, until nothing is left or `enough` says so.
fn fill(path: &Path, enough: impl Fn() -> bool) {
    let mut file = File::create(path).unwrap();
    let piece = vec![1; 16 * 1024];
    while !enough() {
        match file.write(&piece) {
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::StorageFull => return,
            Err(e) => panic!("{e}"),
        }
    }
}

/// How many logins each thread does after the disk is full.
const MORE: usize = 8;

fn a_disk_fills(root: &Path, _: &Ack) -> Verdict {
    let scene = Scene::new(root)?;
    assert!(scene.reserve().len() == RESERVE && scene.reserve().blocks() * 512 >= RESERVE, "real blocks");
    scene.serves_everybody(&[]);
    let (full, refused) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for customer in CUSTOMERS {
            scope.spawn({
                let (scene, full) = (&scene, &full);
                move || {
                    let mut after = 0;
                    while after < MORE {
                        after += usize::from(full.load(Ordering::SeqCst));
                        login(&scene.room, customer).unwrap();
                    }
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                while refused.load(Ordering::SeqCst) < 2 * MORE {
                    if let Err(e) = scene.sam.account(scene.jane.account(), &why()) {
                        assert_eq!(e.kind(), Kind::Unavailable, "{e}");
                        refused.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        scene.fill("filler", || scene.is_full());
        full.store(true, Ordering::SeqCst);
    });
    scene.serves_customers_alone();
    // Another process that comes now serves them as well.
    let again = open(root)?;
    login(&again, CUSTOMERS[1])?;
    drop(again);
    scene.free("filler");
    scene.serves_everybody(&["given", "restored"]);
    // An upload under way ends when the disk is full. The next to open the room makes it whole again, whoever comes.
    let owner = scene.room.owner(&scene.jane);
    let endless = Endless { scene: &scene, read: 0 };
    let refused = owner.attach(scene.ticket, "a.txt", "text/plain", endless).err().unwrap();
    assert!(refused.to_string().contains("`disk_full`"), "{refused}");
    assert!(scene.is_full());
    scene.free("filler");
    drop(open(root)?);
    assert!(!scene.is_full());
    scene.serves_everybody(&["given", "restored", "given", "restored"]);
    Ok(())
}

/// A file that never ends, while somebody else fills the disk.
struct Endless<'a> {
    scene: &'a Scene,
    read: usize,
}

impl std::io::Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.read == 2 {
            self.scene.fill("filler", || false);
            login(&self.scene.room, CUSTOMERS[0]).unwrap();
        }
        assert!(self.read < 32, "the reserve is not for uploads");
        self.read += 1;
        buffer.fill(1);
        Ok(buffer.len())
    }
}

fn logs_in(root: &Path, ack: &Ack) -> Verdict {
    let room = open(root)?;
    loop {
        login(&room, CUSTOMERS[1])?;
        ack.done("login");
    }
}

fn killed_on_a_full_disk(root: &Path, _: &Ack) -> Verdict {
    let scene = Scene::new(root)?;
    scene.fill("filler", || false);
    let other = sibling(LOGS_IN);
    while acknowledged(root).len() < MORE {
        thread::yield_now();
    }
    drop(other);
    scene.serves_customers_alone();
    let Scene { room, root, jane, ticket, .. } = scene;
    drop(room);
    // Nobody has it open: not even the index of the write-ahead log is there any more.
    let room = open(&root)?;
    assert!(room.health().troubles.contains(&Trouble::DiskFull));
    login(&room, CUSTOMERS[0])?;
    assert!(room.assume("sam").is_err());
    fs::remove_file(root.join("filler"))?;
    let sam = room.staff(&room.assume("sam")?.token);
    Scene { room, root, jane, sam, ticket }.serves_everybody(&["given", "restored"]);
    Ok(())
}

fn starts_on_a_full_disk(root: &Path, _: &Ack) -> Verdict {
    let Scene { room, ticket, jane, .. } = Scene::new(root)?;
    drop(room);
    disk::closed(&root.join("room"));
    fill(&root.join("filler"), || false);
    let room = open(root)?;
    login(&room, CUSTOMERS[0])?;
    assert!(room.health().troubles.contains(&Trouble::DiskFull) && room.assume("sam").is_err());
    fs::remove_file(root.join("filler"))?;
    let sam = room.staff(&room.assume("sam")?.token);
    Scene { room, root: root.to_path_buf(), jane, sam, ticket }.serves_everybody(&["given", "restored"]);
    Ok(())
}

fn the_reserve_is_used_up(root: &Path, _: &Ack) -> Verdict {
    let scene = Scene::new(root)?;
    scene.fill("filler", || false);
    login(&scene.room, CUSTOMERS[0])?;
    scene.serves_customers_alone();
    // Another program takes what was given back.
    scene.fill("more", || false);
    let refused = loop {
        // What the databases' logs have of the disk is theirs; then nothing is written any more.
        match scene.room.login(CUSTOMERS[0], &secret(PASSWORD)) {
            Ok(_) => {}
            Err(e) => break e,
        }
    };
    assert_eq!(refused.kind(), Kind::Unavailable, "{refused}");
    let condition = scene.room.health();
    assert!(condition.standing == Standing::Down && condition.troubles.contains(&Trouble::WritingFails));
    scene.free("more");
    scene.serves_customers_alone();
    scene.free("filler");
    scene.serves_everybody(&["given", "restored"]);
    Ok(())
}

fn one_batch(root: &Path, ack: &Ack) -> Verdict {
    let scene = Scene::new(root)?;
    let first = scene.reserve().ino();
    for database in ["*/store.db-wal", "*/keyring.db-wal"] {
        ack.arm(&Rules::none().fail_once(Fails::Write, database, 1, Error::NoSpace));
        login(&scene.room, CUSTOMERS[0])?;
    }
    ack.arm(&Rules::none());
    // It was given back, and as there was space it was made again.
    assert_ne!(scene.reserve().ino(), first);
    scene.serves_everybody(&[]);
    Ok(())
}
