//! An erasure in one process against everybody else in another: readers, writers, uploads, logins and imports.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
    thread,
    time::Duration,
};

use rusqlite::Connection;
use strongroom::room::{
    AccountId, AccountState, AttachmentId, ImportOptions, Kind, OwnerSession, PrincipalId, Room, TicketId,
    Why, verify,
};

use super::{close, cuts, erase, forensic, races::bearable, support};
use crate::{
    dba,
    import::file,
    powercut::{Ack, Scenario, Verdict, acknowledged, process, scenario},
    scene::{on, staff},
    workload::{CUSTOMERS, login, open, prepare},
    world::{FIRST, PASSWORD, secret},
};

const EVERYDAY: Scenario = scenario("everybody else, while people are erased", everyday);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[EVERYDAY];

/// Who is erased, one after the other. Of the last of them the addresses are imported meanwhile.
const PEOPLE: u32 = 12;
const IMPORTED: u32 = 3;
/// How much the other process does between two erasures: each begins somewhere else in its work.
const PAUSES: [usize; 6] = [0, 7, 1, 12, 3, 5];

/// A customer as the other process knows her.
struct Known {
    number: u32,
    owner: OwnerSession,
    ticket: TicketId,
    scan: AttachmentId,
}

impl Known {
    fn meet(room: &Room, number: u32, sam: PrincipalId) -> Result<Self, Box<dyn std::error::Error>> {
        let owner = login(room, &cuts::address(number))?;
        let ticket = room.owner(&owner).tickets(&FIRST)?.rows[0].ticket;
        let scan = room.owner(&owner).ticket(ticket)?.attachments[0].header.attachment;
        staff(room, "sam").assign(ticket, sam, &Why::unstated())?;
        Ok(Self { number, owner, ticket, scan })
    }

    fn account(&self) -> AccountId {
        self.owner.account()
    }
}

fn erased(root: &Path, number: u32) -> bool {
    root.join(format!("erased {number}")).exists()
}

/// A file that comes in pieces.
struct Trickle(usize);

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        thread::yield_now();
        let given = self.0.min(buffer.len()).min(4096);
        self.0 -= given;
        buffer[..given].fill(7);
        Ok(given)
    }
}

type Deed = fn(&Room, &Known) -> Result<(), Kind>;

/// What the other process does, each in a thread of its own.
const DEEDS: [(&str, Deed); 6] = [
    ("account", |room, jane| {
        staff(room, "sam").account(jane.account(), &support()).map(drop).map_err(|e| e.kind())
    }),
    ("ticket", |room, jane| {
        let view = staff(room, "sam").ticket(jane.ticket, &on(jane.ticket)).map_err(|e| e.kind())?;
        let file = staff(room, "sam").attachment(jane.scan, &on(jane.ticket));
        let mut scan = Vec::new();
        match file.map_err(|e| e.kind())?.content.read_to_end(&mut scan) {
            Ok(_) => assert!(scan == [42; 20_000] && !view.messages.is_empty(), "another's"),
            Err(_) => return Err(Kind::Erased),
        }
        Ok(())
    }),
    ("message", |room, jane| {
        room.owner(&jane.owner).write(jane.ticket, "It fails still.").map(drop).map_err(|e| e.kind())
    }),
    ("upload", |room, jane| {
        let owner = room.owner(&jane.owner);
        owner.attach(jane.ticket, "scan 2", "image/png", Trickle(30_000)).map(drop).map_err(|e| e.kind())
    }),
    ("login", |room, jane| {
        let answer = room.login(&cuts::address(jane.number), &secret(PASSWORD)).map_err(|e| e.kind())?;
        match answer.complete() {
            Some(granted) => assert_eq!(granted.owner.account(), jane.account()),
            None => return Err(Kind::Denied),
        }
        Ok(())
    }),
    ("import", |room, jane| {
        if jane.number < PEOPLE - IMPORTED {
            return Err(Kind::Denied);
        }
        let line = file([0]).replace("c0@example.com", &cuts::address(jane.number));
        let report = room.import_accounts(line.as_bytes(), ImportOptions::default(), |_| Ok(()), |_| ());
        assert!(report.unwrap().accepted <= 1);
        // Whoever comes back with the address is somebody else, at any time.
        Err(Kind::Conflict)
    }),
];

fn everyday(root: &Path, ack: &Ack) -> Verdict {
    let room = open(root)?;
    let sam = room.assume("sam")?.principal;
    let known = (0..PEOPLE).map(|number| Known::meet(&room, number, sam)).collect::<Result<Vec<_>, _>>()?;
    ack.done("ready");
    let (room, known) = (&room, &known);
    thread::scope(|scope| {
        for (at, (name, deed)) in DEEDS.into_iter().enumerate() {
            scope.spawn(move || {
                let around = known.iter().cycle().skip(at * 2);
                for jane in around.take_while(|_| !root.join("over").exists()) {
                    let late = erased(root, jane.number);
                    match deed(room, jane) {
                        Ok(()) => {
                            assert!(!late, "{name} of {} after the erasure", jane.account());
                            ack.done(format!("done {name} {}", jane.number));
                        }
                        Err(kind) => {
                            assert!(bearable(kind), "{name}: {kind:?}");
                            ack.done(format!("refused {name} {}", jane.number));
                        }
                    }
                }
            });
        }
    });
    Ok(())
}

/// How often the other process said this.
fn said(root: &Path, what: &str) -> usize {
    acknowledged(root).iter().filter(|ack| ack.starts_with(what.as_bytes())).count()
}

fn until(root: &Path, what: &str, count: usize) {
    while said(root, what) < count {
        thread::sleep(Duration::from_millis(1));
    }
}

fn number(sql: &Connection, query: &str, id: &[u8]) -> i64 {
    sql.query_row(query, [id], |row| row.get(0)).unwrap()
}

/// Nothing of hers is there but what says that she is gone, and nothing leads to her.
fn is_gone(root: &Path, room: &Room, account: AccountId) {
    assert_eq!(room.account_seals(account).unwrap().state, AccountState::Erased);
    let id = dba::bytes(account);
    let store = Connection::open(root.join("room/store/store.db")).unwrap();
    for (table, column) in [
        ("activity", "account"),
        ("ticket", "account"),
        ("attachment", "account"),
        ("audit_detail", "owner"),
        ("credential", "owner"),
        ("session", "holder"),
    ] {
        let rows = format!("SELECT count(*) FROM {table} WHERE {column} = ?1");
        assert_eq!(number(&store, &rows, &id), 0, "{table} of {account}");
    }
    let sealed = "SELECT count(*) FROM account WHERE id = ?1 AND (length(email_sealed) > 0 OR name_sealed IS NOT NULL)";
    assert_eq!(number(&store, sealed, &id), 0, "sealed values of {account}");
    let keyring = Connection::open(root.join("room/keyring/keyring.db")).unwrap();
    for (what, query) in [
        ("keys", "SELECT count(*) FROM data_key WHERE owner = ?1 AND wrapped IS NOT NULL"),
        ("indexes", "SELECT count(*) FROM blind_index WHERE target = ?1"),
    ] {
        assert_eq!(number(&keyring, query, &id), 0, "{what} of {account}");
    }
}

/// Who was not erased has everything that he had, and every blob is somebody's.
fn others_are_whole(root: &Path, room: &Room) {
    for email in CUSTOMERS {
        let owner = login(room, email).unwrap();
        let owner = room.owner(&owner);
        let ticket = owner.tickets(&FIRST).unwrap().rows[0].ticket;
        let view = owner.ticket(ticket).unwrap();
        let mut scan = Vec::new();
        let file = owner.open_attachment(view.attachments[0].header.attachment);
        file.unwrap().content.read_to_end(&mut scan).unwrap();
        assert!(scan == [9; 20_000]);
    }
    let store = Connection::open(root.join("room/store/store.db")).unwrap();
    let rows: i64 = store.query_row("SELECT count(*) FROM attachment", [], |row| row.get(0)).unwrap();
    let blobs = fs::read_dir(root.join("room/store/blobs")).unwrap();
    let blobs: usize = blobs.map(|of| fs::read_dir(of.unwrap().path()).unwrap().count()).sum();
    assert_eq!(i64::try_from(blobs).unwrap(), rows, "blobs on disk, and rows that have one");
}

fn filled(root: &Path) -> Room {
    fs::create_dir(root).unwrap();
    prepare(root);
    let room = open(root).unwrap();
    for email in CUSTOMERS {
        let owner = login(&room, email).unwrap();
        let owner = room.owner(&owner);
        let ticket = owner.open_ticket("It works", "Thank you.").unwrap().ticket;
        owner.attach(ticket, "scan", "image/png", &[9; 20_000][..]).unwrap();
    }
    for number in 0..PEOPLE {
        cuts::come(&room, number);
    }
    room
}

#[test]
fn an_erasure_in_one_process_stands_against_everybody_in_another() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let room = filled(&root);
    let sam = staff(&room, "sam");
    let accounts: Vec<_> =
        (0..PEOPLE).map(|number| sam.find(&cuts::address(number), &support()).unwrap()).collect();
    let other = process(EVERYDAY, &root);
    until(&root, "ready", 1);
    let (mut keys, mut beside) = (Vec::new(), 0);
    for ((number, account), pause) in (0..PEOPLE).zip(&accounts).zip(PAUSES.into_iter().cycle()) {
        until(&root, "", acknowledged(&root).len() + pause);
        let before = acknowledged(&root).len();
        keys.extend(forensic::wrapped(&root.join("room"), *account));
        // Closed first by half of them: the others learn of both at once.
        close(&room, *account);
        if number % 2 == 0 {
            until(&root, "", before + pause);
        }
        let receipt = erase(&room, *account).unwrap();
        assert!(receipt.probe.left.is_empty(), "{receipt:?}");
        File::create(root.join(format!("erased {number}"))).unwrap();
        beside += usize::from(acknowledged(&root).len() > before + pause);
    }
    let before = acknowledged(&root).len();
    until(&root, "", before + 60);
    File::create(root.join("over")).unwrap();
    other.finish().unwrap();
    assert!(
        beside > accounts.len() / 2,
        "only in {beside} of {} was anything done meanwhile",
        accounts.len()
    );
    for (name, _) in DEEDS.into_iter().filter(|(name, _)| *name != "import") {
        let counts = (said(&root, &format!("done {name}")), said(&root, &format!("refused {name}")));
        assert!(counts.0 > 2 && counts.1 > 2, "{name}: {counts:?}");
    }
    for account in &accounts {
        is_gone(&root, &room, *account);
    }
    assert_eq!(forensic::holding(&root.join("room"), &keys), [] as [std::path::PathBuf; 0]);
    others_are_whole(&root, &room);
    cuts::ends(&room).unwrap();
    for number in 0..PEOPLE {
        let again = room.find(&cuts::address(number)).unwrap();
        assert!(
            again.is_none_or(|again| !accounts.contains(&again) && number >= PEOPLE - IMPORTED),
            "{number}"
        );
    }
    drop((room, sam));
    let room = open(&root).unwrap();
    drop(room);
    let verified = verify(&root.join("room"), None, |_| {}).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.report.faults);
}
