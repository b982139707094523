//! What goes on and what does not when something is broken, cell by cell, and that the room says so. The table stands in
//! `docs/operate.md`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use strongroom::room::{Answer, Clock, OwnerSession, Purpose, Room, Standing, TicketId, Trouble, Why};

use crate::{
    disk,
    erasure::{close, erase},
    powercut::{Ack, Child, Error, Fails, Rules, Scenario, Verdict, scenario},
    world::{JANE, PASSWORD, START, World, options, secret},
};

/// What one tries in each state.
const ATTEMPTS: [&str; 7] =
    ["login", "own data", "attachment", "staff read", "staff write", "start", "start for customers"];

/// A room in use, about to be broken.
struct Scene {
    world: World,
    jane: OwnerSession,
    ticket: TicketId,
}

impl Scene {
    fn new(root: &Path) -> Self {
        let world = World::demo_in(root);
        let jane = world.customer(JANE);
        let ticket = world.ticket(&jane);
        world.later(Duration::from_secs(7200));
        let _entry = world.room.assume("sam").unwrap();
        Self { jane: relogin(&world.room), world, ticket }
    }

    fn path(&self) -> PathBuf {
        self.world.path()
    }

    fn opened(&self, clock: &Clock) -> Used {
        Used { room: options(&self.path(), clock).open().unwrap(), clock: clock.clone() }
    }

    fn as_it_is(&self) -> Used {
        Used { room: self.world.room.clone(), clock: self.world.clock.clone() }
    }

    fn away(&self, names: &[&str]) -> Used {
        for name in names {
            let path = self.path().join(name);
            if path.exists() {
                fs::rename(&path, self.world.directory.path().join(name.replace('/', "."))).unwrap();
            }
        }
        self.as_it_is()
    }

    /// Does each thing once, and says what came of it.
    fn outcomes(&self, used: &Used) -> [String; ATTEMPTS.len()] {
        let room = &used.room;
        let owner = room.owner(&self.jane);
        let support = Why::purpose(Purpose::SupportRequest);
        let sam = || room.assume("sam").map(|login| room.staff(&login.token));
        let login =
            room.login(JANE, &secret(PASSWORD)).map(|answer| assert!(matches!(answer, Answer::Granted(_))));
        let read = sam().map(|sam| sam.account(self.jane.account(), &support).map(drop));
        let write = sam().map(|sam| sam.reply(self.ticket, "Better now?", &support).map(drop));
        [
            said(login.map_err(|e| e.kind())),
            said(owner.ticket(self.ticket).map_err(|e| e.kind())),
            said(owner.attach(self.ticket, "a.txt", "text/plain", &b"text"[..]).map_err(|e| e.kind())),
            said(read.map_err(|e| e.kind()).and_then(|done| done.map_err(|e| e.kind()))),
            said(write.map_err(|e| e.kind()).and_then(|done| done.map_err(|e| e.kind()))),
            said(options(&self.path(), &used.clock).open().map_err(|e| e.kind())),
            said(options(&self.path(), &used.clock).open_or_hold().map_err(|e| e.kind()).and_then(|room| {
                let answer = room.login(JANE, &secret(PASSWORD)).map_err(|e| e.kind())?;
                assert!(matches!(answer, Answer::Granted(_)));
                Ok(())
            })),
        ]
    }
}

/// The room as it is used once it is broken.
struct Used {
    room: Room,
    clock: Clock,
}

fn said<T>(outcome: Result<T, strongroom::room::Kind>) -> String {
    outcome.map_or_else(|kind| kind.name().to_owned(), |_| GOES.to_owned())
}

fn relogin(room: &Room) -> OwnerSession {
    match room.login(JANE, &secret(PASSWORD)).unwrap().complete() {
        Some(granted) => granted.owner,
        None => panic!("denied"),
    }
}

/// A state that a room can get into, and what becomes of each attempt: `goes`, or the kind of its error.
struct Row {
    name: &'static str,
    /// Brings the state about under an open room.
    broken: fn(&Scene, &Ack) -> Used,
    outcomes: [&'static str; ATTEMPTS.len()],
    trouble: Option<Trouble>,
}

const GOES: &str = "goes";

const ROWS: [Row; 13] = [
    Row { name: "nothing", broken: |scene, _| scene.as_it_is(), outcomes: [GOES; 7], trouble: None },
    Row {
        name: "the disk at its mark",
        broken: |scene, _| {
            let file = scene.path().join("room.toml");
            let text = fs::read_to_string(&file).unwrap();
            fs::write(&file, format!("{text}attachments_stop_percent = 1\n")).unwrap();
            scene.opened(&scene.world.clock)
        },
        outcomes: [GOES, GOES, "unavailable", GOES, GOES, GOES, GOES],
        trouble: Some(Trouble::DiskFilling),
    },
    Row {
        name: "the disk is full",
        broken: |scene, _| {
            // Of no disk is there so much.
            let file = scene.path().join("room.toml");
            let text = fs::read_to_string(&file).unwrap();
            fs::write(&file, format!("{text}reserve_bytes = {}\n", 1_u64 << 60)).unwrap();
            scene.opened(&scene.world.clock)
        },
        outcomes: [GOES, GOES, "unavailable", "unavailable", "unavailable", GOES, GOES],
        trouble: Some(Trouble::DiskFull),
    },
    Row {
        name: "the disk is full, and the reserve with it",
        broken: |scene, ack| {
            let full = Rules::none().fail_from(Fails::Write, "*/store.db-wal", 1, Error::NoSpace);
            ack.arm(&full);
            // The first to come learns it for everybody.
            let _refused = scene.world.room.login(JANE, &secret(PASSWORD));
            scene.as_it_is()
        },
        outcomes: [
            "unavailable",
            "unavailable",
            "unavailable",
            "unavailable",
            "unavailable",
            GOES,
            "unavailable",
        ],
        trouble: Some(Trouble::WritingFails),
    },
    Row {
        name: "the place of the checkpoints is gone",
        broken: |scene, _| scene.away(&["outside"]),
        outcomes: [GOES, GOES, "unavailable", "unavailable", "unavailable", "integrity", GOES],
        trouble: Some(Trouble::CheckpointMissing),
    },
    Row {
        name: "the outside checkpoint is gone",
        broken: |scene, _| scene.away(&["outside/checkpoint.a", "outside/checkpoint.b"]),
        outcomes: [GOES, GOES, "unavailable", "unavailable", "unavailable", "integrity", GOES],
        trouble: Some(Trouble::CheckpointMissing),
    },
    Row {
        name: "the outside checkpoint is ahead",
        broken: |scene, _| {
            // A copy goes on, and its checkpoint comes back.
            let copy = scene.world.directory.path().join("copy");
            disk::copy(&scene.path(), &copy);
            let later = options(&copy, &scene.world.clock).open().unwrap();
            for _ in 0..8 {
                let _session = later.assume("sam").unwrap();
            }
            drop(later);
            for file in ["outside/checkpoint.a", "outside/checkpoint.b"] {
                fs::copy(copy.join(file), scene.path().join(file)).unwrap();
            }
            scene.as_it_is()
        },
        outcomes: [GOES, GOES, "unavailable", "unavailable", "unavailable", "integrity", GOES],
        trouble: Some(Trouble::CheckpointAhead),
    },
    Row {
        name: "the log's head was edited",
        broken: |scene, _| {
            disk::sql(&scene.path().join("store/store.db"), "UPDATE audit_head SET mac = zeroblob(32)");
            scene.as_it_is()
        },
        outcomes: [GOES, GOES, "integrity", "integrity", "integrity", "integrity", GOES],
        trouble: Some(Trouble::LogUnsound),
    },
    Row {
        name: "the provider's keys are gone",
        broken: |scene, _| scene.away(&["keys"]),
        outcomes: [GOES, GOES, GOES, GOES, GOES, "unavailable", "unavailable"],
        trouble: Some(Trouble::KeysUnreadable),
    },
    Row {
        name: "the clock is two hours behind",
        broken: |scene, _| scene.opened(&Clock::manual(START)),
        outcomes: [GOES, "denied", "denied", GOES, GOES, GOES, GOES],
        trouble: Some(Trouble::ClockBehind),
    },
    Row {
        name: "the clock is two days ahead",
        broken: |scene, _| scene.opened(&Clock::manual(START.plus(Duration::from_secs(48 * 3600)))),
        outcomes: [GOES, "denied", "denied", GOES, GOES, GOES, GOES],
        trouble: Some(Trouble::ClockInDoubt),
    },
    Row {
        name: "the keyring is gone",
        broken: |scene, _| scene.away(&["keyring"]),
        outcomes: [GOES, GOES, GOES, GOES, GOES, "unavailable", "unavailable"],
        trouble: Some(Trouble::KeyringUnreadable),
    },
    Row {
        name: "the keyring is older than the log's head",
        broken: |scene, _| {
            let world = &scene.world;
            let gone = world.customer("john.roe@example.com").account();
            close(&world.room, gone);
            erase(&world.room, gone).unwrap();
            let older = "DROP TRIGGER keyring_epoch_grows; UPDATE keyring SET epoch = epoch - 1";
            disk::sql(&scene.path().join("keyring/keyring.db"), older);
            scene.as_it_is()
        },
        outcomes: [GOES, GOES, GOES, "integrity", "integrity", "integrity", "integrity"],
        trouble: Some(Trouble::KeyringOlder),
    },
];

/// The table for `docs/operate.md`.
pub fn markdown() -> String {
    let mut out = format!(
        "| What is broken | {} | `health` |\n|---|{}---|\n",
        ATTEMPTS.join(" | "),
        "---|".repeat(ATTEMPTS.len())
    );
    for row in &ROWS {
        let trouble = row.trouble.map_or_else(|| "–".to_owned(), |trouble| format!("`{trouble}`"));
        out.push_str(&format!("| {} | {} | {trouble} |\n", row.name, row.outcomes.join(" | ")));
    }
    out
}

const EACH: Scenario = scenario("each state of a room", each_state);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[EACH];

#[test]
fn each_state_does_what_the_table_says() {
    Child::new(EACH).record();
}

fn each_state(root: &Path, ack: &Ack) -> Verdict {
    let mut differs = Vec::new();
    for row in &ROWS {
        let scene = Scene::new(root);
        let used = (row.broken)(&scene, ack);
        let condition = used.room.health();
        let outcomes = scene.outcomes(&used);
        ack.arm(&Rules::none());
        let named = match row.trouble {
            Some(trouble) => condition.troubles.contains(&trouble),
            None => condition.standing == Standing::Ready,
        };
        if outcomes != row.outcomes || !named {
            let after = used.room.health();
            differs.push(format!("{}: {outcomes:?}, {condition:?}, then {after:?}", row.name));
        }
    }
    assert!(differs.is_empty(), "{}", differs.join("\n"));
    Ok(())
}
