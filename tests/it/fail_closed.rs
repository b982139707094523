//! When the disk, the database or the checkpoint's place fails, nothing is read: every way to plaintext ends in an
//! error of the right kind, what was answered stands in the log and nothing else does, and the room goes on when the
//! cause is gone.

use std::{os::unix::fs::FileExt as _, path::Path, time::Duration};

use rusqlite::Connection;
use strongroom::room::{
    AttachmentId, Clock, Kind, OwnerSession, Registration, Room, Staff, StaffError, TicketId, Why, WriteError,
};

use crate::{
    powercut::{Ack, Child, Error, Fails, Policy, Record, Rules, Scenario, Verdict, scenario},
    workload::{CUSTOMERS, entries, login, open, prepare, why},
    world::{PASSWORD, secret},
};

const FULL: Scenario = scenario("a full disk", full_disk);
const FULL_TOGETHER: Scenario = scenario("a full disk under many callers", full_disk_together);
const SYNC: Scenario = scenario("failing syncs", failing_syncs);
const COMES_BACK: Scenario = scenario("a sync that failed", comes_back);
const READ_ONLY: Scenario = scenario("a read-only file system", read_only);
const OUTSIDE: Scenario = scenario("an outside directory that fails", outside_fails);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[FULL, FULL_TOGETHER, SYNC, COMES_BACK, READ_ONLY, OUTSIDE];

/// A room with somebody at each of its doors.
struct Doors {
    room: Room,
    owner: OwnerSession,
    staff: Staff,
    ticket: TicketId,
    attachment: AttachmentId,
}

const CONTENT: &[u8] = &[42; 40_000];

/// What is behind the doors, in the order of [`Doors::reads`].
const BEHIND: [&str; 6] =
    ["j•••@e•••.com", "It fails", "40000 bytes", CUSTOMERS[0], "It fails", "40000 bytes"];

type Answer = Result<String, (Kind, String)>;

fn staff_said(error: &StaffError) -> (Kind, String) {
    (error.kind(), error.to_string())
}

fn owner_said(error: &WriteError) -> (Kind, String) {
    (error.kind(), error.to_string())
}

fn all_of(mut content: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).unwrap();
    assert!(bytes == CONTENT);
    format!("{} bytes", bytes.len())
}

impl Doors {
    fn open(root: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let room = open(root)?;
        let owner = login(&room, CUSTOMERS[0])?;
        let sam = room.assume("sam")?;
        let staff = room.staff(&sam.token);
        let ticket = match room.owner(&owner).tickets(&crate::world::FIRST)?.rows.first() {
            Some(header) => header.ticket,
            None => room.owner(&owner).open_ticket("It fails", "Again.")?.ticket,
        };
        if room.owner(&owner).ticket(ticket)?.header.assignee.is_none() {
            staff.assign(ticket, sam.principal, &Why::unstated())?;
        }
        let of_owner = room.owner(&owner).ticket(ticket)?.attachments;
        let attachment = match of_owner.first() {
            Some(attached) => attached.header.attachment,
            None => room.owner(&owner).attach(ticket, "scan 1", "image/png", CONTENT)?.attachment,
        };
        Ok(Self { room, owner, staff, ticket, attachment })
    }

    /// Every way to plaintext, and what comes of it.
    fn reads(&self) -> Vec<(&'static str, Answer)> {
        let account = self.owner.account();
        let owner = self.room.owner(&self.owner);
        let staff = |answer: Result<String, StaffError>| answer.map_err(|e| staff_said(&e));
        let own = |answer: Result<String, WriteError>| answer.map_err(|e| owner_said(&e));
        vec![
            ("account", staff(self.staff.account(account, &why()).map(|view| view.email.text().to_owned()))),
            (
                "ticket",
                staff(
                    self.staff
                        .ticket(self.ticket, &why())
                        .map(|view| view.subject.expose().as_str().to_owned()),
                ),
            ),
            (
                "attachment",
                staff(self.staff.attachment(self.attachment, &why()).map(|view| all_of(view.content))),
            ),
            ("profile", own(owner.profile().map(|profile| profile.email.expose().as_str().to_owned()))),
            (
                "own ticket",
                own(owner.ticket(self.ticket).map(|ticket| ticket.subject.expose().as_str().to_owned())),
            ),
            ("own attachment", own(owner.open_attachment(self.attachment).map(|file| all_of(file.content)))),
        ]
    }

    /// Every door is shut, for a reason of this kind that says this.
    fn shut(&self, kind: Kind, says: &str) {
        for (door, answer) in self.reads() {
            let (found, text) = answer.expect_err(door);
            assert!(found == kind && text.contains(says), "{door}: {found:?}, {text}");
        }
    }

    /// Staff's doors are shut because writing has stopped; the customer's own, which need no entry, are open.
    fn stopped(&self) {
        let (staff, own): (Vec<_>, Vec<_>) =
            self.reads().into_iter().zip(0..).partition(|(_, door)| *door < 3);
        for ((door, answer), _) in staff {
            let (found, text) = answer.expect_err(door);
            assert!(
                found == Kind::Unavailable && text.contains("writing has stopped"),
                "{door}: {found:?}, {text}"
            );
        }
        for ((door, answer), number) in own {
            assert_eq!(answer.as_deref(), Ok(BEHIND[number]), "{door}");
        }
        login(&self.room, CUSTOMERS[0]).unwrap();
    }

    /// Every door is open, and shows what is behind it.
    fn works(&self) {
        for ((door, answer), behind) in self.reads().into_iter().zip(BEHIND) {
            assert_eq!(answer.as_deref(), Ok(behind), "{door}");
        }
    }

    /// How many readings of accounts the log holds.
    fn recorded(&self) -> usize {
        let lines = entries(&self.room).unwrap();
        lines.iter().filter(|line| line.contains("\"event\":\"account.read\"")).count()
    }

    /// Attaches something; what it says if it fails.
    fn attach(&self) -> Answer {
        let attached = self.room.owner(&self.owner).attach(self.ticket, "scan 1", "image/png", CONTENT);
        attached.map(|attached| attached.attachment.to_string()).map_err(|e| owner_said(&e))
    }

    fn register(&self, email: &str) -> Result<(), Kind> {
        let registration = Registration { email, name: None, password: &secret(PASSWORD) };
        self.room.register(&registration).map(drop).map_err(|e| e.kind())
    }
}

/// Runs a scenario; then no power is cut, and the room is whole.
fn whole_after(scenario: Scenario) {
    let run = Child::new(scenario).prepared(prepare).record();
    check_whole(run.root());
}

fn check_whole(root: &Path) {
    let room = open(root).unwrap();
    entries(&room).unwrap();
    drop(room);
    let verified = strongroom::room::verify(&root.join("room"), None, |_| {}).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.report.faults);
}

/// Names in the room's blob directories.
fn blobs(root: &Path) -> usize {
    let directories = std::fs::read_dir(root.join("room/store/blobs")).unwrap();
    directories.map(|directory| std::fs::read_dir(directory.unwrap().path()).unwrap().count()).sum()
}

const NO_FAULT: fn() -> Rules = Rules::none;

#[test]
fn a_full_disk_shuts_every_door_until_there_is_room() {
    whole_after(FULL);
}

fn full_disk(root: &Path, ack: &Ack) -> Verdict {
    let doors = Doors::open(root)?;
    doors.works();
    let (recorded, kept) = (doors.recorded(), blobs(root));
    for rules in [
        NO_FAULT().fail_from(Fails::Write, "*/store.db-wal", 1, Error::NoSpace),
        NO_FAULT().fail_from(Fails::Write, "*/store.db-wal", 3, Error::NoSpace),
    ] {
        ack.arm(&rules);
        doors.shut(Kind::Unavailable, "the disk is full");
        assert!(doors.attach().is_err());
        ack.arm(&NO_FAULT());
        doors.works();
    }
    assert_eq!(doors.recorded(), recorded + 2, "what was refused is not recorded as read");
    assert_eq!(blobs(root), kept, "an attachment that is not there keeps no room");

    // Room for nothing: not for the entry, nor for the blob.
    ack.arm(&NO_FAULT().budget(10_000));
    assert_eq!(doors.attach().map_err(|(kind, _)| kind), Err(Kind::Unavailable));
    ack.arm(&NO_FAULT());
    assert_eq!(blobs(root), kept);
    doors.attach().unwrap();
    doors.works();

    // The keyring's disk alone.
    ack.arm(&NO_FAULT().fail_from(Fails::Write, "*/keyring.db-wal", 1, Error::NoSpace));
    assert_eq!(doors.register("full@example.com"), Err(Kind::Unavailable));
    ack.arm(&NO_FAULT());
    assert_eq!(doors.register("full@example.com"), Ok(()));
    Ok(())
}

#[test]
fn members_of_a_batch_on_a_full_disk_are_all_answered_or_all_refused() {
    whole_after(FULL_TOGETHER);
}

fn full_disk_together(root: &Path, ack: &Ack) -> Verdict {
    let doors = Doors::open(root)?;
    let account = doors.owner.account();
    let before = doors.recorded();
    // The log's file grows by some pages with each commit, until the budget is gone in the middle of a batch.
    ack.arm(&NO_FAULT().budget(400_000));
    let answers: Vec<Vec<Answer>> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| {
                let read = || doors.staff.account(account, &why());
                let answer =
                    move |_| read().map(|view| view.position.to_string()).map_err(|e| staff_said(&e));
                scope.spawn(move || (0..40).map(answer).collect())
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    ack.arm(&NO_FAULT());
    let (granted, refused): (Vec<_>, Vec<_>) = answers.into_iter().flatten().partition(Result::is_ok);
    assert!(
        !granted.is_empty() && !refused.is_empty(),
        "{} granted, {} refused",
        granted.len(),
        refused.len()
    );
    for answer in refused {
        let (kind, text) = answer.unwrap_err();
        assert!(kind == Kind::Unavailable && text.contains("the disk is full"), "{kind:?}, {text}");
    }
    let lines = entries(&doors.room)?;
    for position in granted.iter().flatten() {
        assert!(lines[position.parse::<usize>()?].contains("\"event\":\"account.read\""));
    }
    assert_eq!(doors.recorded() - before, granted.len(), "one entry for each answer, none for a refusal");
    doors.works();
    Ok(())
}

#[test]
fn a_failing_sync_refuses_its_batch_and_the_next_goes_on() {
    let run = Child::new(SYNC).prepared(prepare).record();
    check_whole(run.root());
    let failures = run.cuts(16, 1, &Policy::honest(), |disk, _| attachments(disk).map(drop));
    failures.assert_none();
}

/// How many attachments there are: each opens.
fn attachments(root: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let doors = Doors::open(root)?;
    doors.works();
    let owner = doors.room.owner(&doors.owner);
    let attachments = owner.ticket(doors.ticket)?.attachments;
    for attachment in &attachments {
        all_of(owner.open_attachment(attachment.header.attachment)?.content);
    }
    drop(doors);
    check_whole(root);
    Ok(attachments.len())
}

/// The one refusal that is not final: after a failed sync the disk may hold the batch all the same.
#[test]
fn what_a_failed_sync_refused_is_whole_if_it_comes_back() {
    let run = Child::new(COMES_BACK).prepared(prepare).record();
    let failed =
        run.trace.records.iter().position(|record| matches!(record, Record::SyncEnd { done: false, .. }));
    let mut found = [0, 0, 0];
    for (seed, after) in (0..20).zip([2, 4, 6, 8].into_iter().cycle()) {
        let disk = tempfile::tempdir().unwrap();
        run.rebuild(failed.unwrap() + after, seed, &Policy::honest(), disk.path());
        found[attachments(disk.path()).unwrap()] += 1;
    }
    assert!(found[1] > 0 && found[2] > 0, "one attachment, or the refused one too: {found:?}");
}

fn comes_back(root: &Path, ack: &Ack) -> Verdict {
    let doors = Doors::open(root)?;
    ack.arm(&NO_FAULT().fail_from(Fails::Sync, "*/store.db-wal", 1, Error::Io));
    assert_eq!(doors.attach().map_err(|(kind, _)| kind), Err(Kind::Unavailable));
    ack.arm(&NO_FAULT());
    Ok(())
}

fn failing_syncs(root: &Path, ack: &Ack) -> Verdict {
    let doors = Doors::open(root)?;
    let account = doors.owner.account();
    let before = doors.recorded();
    ack.arm(&NO_FAULT().fail_once(Fails::Sync, "*/store.db-wal", 1, Error::Io));
    let refused = doors.staff.account(account, &why()).err().unwrap();
    assert!(refused.kind() == Kind::Unavailable && refused.to_string().contains("sync"), "{refused}");
    doors.staff.account(account, &why())?;
    assert_eq!(doors.recorded(), before + 1);

    ack.arm(&NO_FAULT().fail_from(Fails::Sync, "*/store.db-wal", 1, Error::Io));
    doors.shut(Kind::Unavailable, "the disk failed");
    assert_eq!(doors.attach().map_err(|(kind, _)| kind), Err(Kind::Unavailable));
    ack.arm(&NO_FAULT());
    doors.works();

    let kept = blobs(root);
    for (what, pattern) in [(Fails::Sync, "*.part"), (Fails::Write, "*.part"), (Fails::Name, "*/blobs/*")] {
        ack.arm(&NO_FAULT().fail_from(what, pattern, 1, Error::Io));
        assert_eq!(doors.attach().map_err(|(kind, _)| kind), Err(Kind::Unavailable), "{what:?}");
        ack.arm(&NO_FAULT());
        assert_eq!(blobs(root), kept, "{what:?}");
    }
    doors.attach().unwrap();

    // A registration changes both databases: it fails in each of its commits, and the address stays free.
    // The keyring's: keys and claim together, and the claim that goes live.
    let keyring = (1..=2).map(|sync| (sync, "keyring"));
    for (sync, database) in keyring.chain([(1, "store")]) {
        let (email, pattern) = (format!("{database}.{sync}@example.com"), format!("*/{database}.db-wal"));
        ack.arm(&NO_FAULT().fail_once(Fails::Sync, &pattern, sync, Error::Io));
        let first = doors.register(&email);
        ack.arm(&NO_FAULT());
        match first {
            Err(Kind::Unavailable) => assert!(matches!(doors.register(&email), Ok(()) | Err(Kind::Conflict))),
            other => panic!("{pattern} {sync}: {other:?}"),
        }
        login(&doors.room, &email)?;
    }
    ack.arm(&NO_FAULT().fail_once(Fails::Sync, "*/keyring.db-wal", 3, Error::Io));
    assert_eq!(doors.register("no.third@example.com"), Ok(()), "those were all of its commits");
    ack.arm(&NO_FAULT());
    Ok(())
}

#[test]
fn on_a_read_only_file_system_nothing_opens_and_nothing_is_read() {
    whole_after(READ_ONLY);
}

fn read_only(root: &Path, ack: &Ack) -> Verdict {
    let doors = Doors::open(root)?;
    let remounted = |what| NO_FAULT().fail_from(what, "*/room/*", 1, Error::ReadOnly);
    ack.arm(&remounted(Fails::Write));
    doors.shut(Kind::Unavailable, "");
    ack.arm(&NO_FAULT());
    doors.works();
    drop(doors);

    ack.arm(&remounted(Fails::Open).fail_from(Fails::Name, "*/room/*", 1, Error::ReadOnly));
    let refused = strongroom::room::RoomOptions::new(root.join("room"), "host-1").open().err().unwrap();
    assert_eq!(refused.kind(), Kind::Unavailable, "{refused}");
    ack.arm(&NO_FAULT());
    Doors::open(root)?.works();
    Ok(())
}

#[test]
fn a_checkpoint_that_cannot_be_written_stops_the_room_until_it_is_opened_again() {
    whole_after(OUTSIDE);
}

fn outside_fails(root: &Path, ack: &Ack) -> Verdict {
    for (what, error) in [
        (Fails::Write, Error::NoSpace),
        (Fails::Write, Error::Io),
        (Fails::Open, Error::ReadOnly),
        // A sync is due once a second and in any case at the first publishing of a process.
        (Fails::Sync, Error::Io),
    ] {
        let doors = Doors::open(root)?;
        doors.works();
        let account = doors.owner.account();
        ack.arm(&NO_FAULT().fail_from(what, "*/outside/checkpoint.*", 1, error));
        if matches!(what, Fails::Sync) {
            std::thread::sleep(Duration::from_millis(1100));
        }
        let refused = doors.staff.account(account, &why()).err().unwrap();
        let request = refused.request_id().ok_or("an unsettled commit names its request")?;
        assert!(
            refused.kind() == Kind::Unavailable && refused.to_string().contains("writing stops"),
            "{refused}"
        );
        doors.stopped();
        assert_eq!(doors.attach().map_err(|(kind, _)| kind), Err(Kind::Unavailable));
        ack.arm(&NO_FAULT());
        doors.stopped();

        drop(doors);
        let doors = Doors::open(root)?;
        doors.works();
        let lines = entries(&doors.room)?;
        let unsettled = lines.iter().position(|line| line.contains(&request.to_string()));
        let recovered = lines.iter().rposition(|line| line.contains("\"event\":\"log.recovered\""));
        assert!(unsettled.is_some() && unsettled < recovered, "{what:?}: {unsettled:?}, {recovered:?}");
    }
    Ok(())
}

/// The database's own lock, held by a program that knows nothing of the lane.
#[test]
fn a_lock_held_outside_makes_everybody_busy_in_time() {
    let directory = tempfile::tempdir().unwrap();
    prepare(directory.path());
    let doors = Doors::open(directory.path()).unwrap();
    let outsider = Connection::open(directory.path().join("room/store/store.db")).unwrap();
    outsider.execute_batch("BEGIN IMMEDIATE").unwrap();
    let clock = Clock::system();
    let began = clock.moment();
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let refused = doors.staff.account(doors.owner.account(), &why()).err().unwrap();
                assert_eq!(refused.kind(), Kind::Busy, "{refused}");
            });
        }
    });
    // One after the other they wait two seconds for that lock, and nobody behind them longer than ten.
    let waited = clock.moment().since(began);
    assert!(waited < Duration::from_secs(14), "{waited:?}");
    outsider.execute_batch("ROLLBACK").unwrap();
    doors.works();
    drop((doors, outsider));
    check_whole(directory.path());
}

/// Page by page: what a damaged page does to reading is an error or nothing, never a wrong answer.
#[test]
fn a_damaged_page_is_an_error_or_nothing() {
    const PAGE: usize = 4096;
    let sound = tempfile::tempdir().unwrap();
    prepare(sound.path());
    Doors::open(sound.path()).unwrap().works();
    let pages = std::fs::metadata(sound.path().join("room/store/store.db")).unwrap().len() / PAGE as u64;
    let (mut refused, mut unharmed) = (0, 0);
    for page in 0..usize::try_from(pages).unwrap() {
        let copy = tempfile::tempdir().unwrap();
        copy_room(&sound.path().join("room"), &copy.path().join("room"));
        let path = copy.path().join("room/store/store.db");
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.write_all_at(&[0xa5; PAGE], (page * PAGE) as u64).unwrap();
        let Ok(doors) = Doors::open(copy.path()) else {
            refused += 1;
            continue;
        };
        let reads = doors.reads();
        unharmed += usize::from(reads.iter().all(|(_, answer)| answer.is_ok()));
        for ((door, answer), behind) in reads.into_iter().zip(BEHIND) {
            match answer {
                Ok(text) => assert_eq!(text, behind, "page {page}: {door}"),
                Err((kind, text)) => assert_eq!(kind, Kind::Integrity, "page {page}: {door}: {text}"),
            }
        }
    }
    assert!(refused > 5 && unharmed > 5, "of {pages} pages {refused} refused, {unharmed} without harm");
}

/// A room at rest, with the modes of its files.
fn copy_room(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_room(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
}
