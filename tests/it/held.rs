//! A room that is opened for customers alone, because its evidence is broken: what goes on, what does not, and how two
//! people resume it.

use std::{fs, path::Path, time::Duration};

use strongroom::room::{
    ActivityEvent, Answer, ApprovalState, Awaited, Kind, OwnerSession, Purpose, Resumed, Room, RoomOptions,
    Staff, StaffError, TicketId, Trouble, Why,
};

use crate::{
    disk,
    two_people::{Scene, awaited},
    world::{FIRST, JANE, PASSWORD, options, secret},
};

/// A room in use, about to be shut, broken and opened again.
struct Used {
    scene: Scene,
    jane: OwnerSession,
    ticket: TicketId,
}

impl Used {
    fn new() -> Self {
        let scene = Scene::new();
        let jane = scene.world.customer(JANE);
        let ticket = scene.world.ticket(&jane);
        Self { scene, jane, ticket }
    }

    fn options(&self) -> RoomOptions {
        options(&self.scene.world.path(), &self.scene.world.clock)
    }

    /// The room, opened for whoever can be served.
    fn held(&self) -> Room {
        self.options().open_or_hold().unwrap()
    }

    fn refused(&self) -> String {
        let error = self.options().open().err().unwrap();
        assert_eq!(error.kind(), Kind::Integrity);
        error.to_string()
    }

    /// What of the outside place goes away, to come back.
    fn take_away(&self, names: &[&str]) {
        for name in names {
            self.moved(&self.scene.world.path().join("outside").join(name), &self.kept(name));
        }
    }

    fn bring_back(&self, names: &[&str]) {
        for name in names {
            self.moved(&self.kept(name), &self.scene.world.path().join("outside").join(name));
        }
    }

    fn kept(&self, name: &str) -> std::path::PathBuf {
        self.scene.world.directory.path().join(name)
    }

    fn moved(&self, from: &Path, to: &Path) {
        fs::rename(from, to).unwrap();
    }

    /// Customers are served, with a mark; staff are not.
    fn serves_customers_alone(&self, room: &Room, trouble: Trouble) {
        self.scene.world.later(Duration::from_secs(1));
        let login = room.login(JANE, &secret(PASSWORD)).unwrap();
        assert!(matches!(login, Answer::Granted(_)), "{trouble}");
        let owner = room.owner(&self.jane);
        let newest = owner.activity(&FIRST).unwrap().rows[0].1;
        assert_eq!(newest, ActivityEvent::LoginStopped, "the mark");
        assert!(owner.ticket(self.ticket).is_ok(), "{trouble}");
        assert_eq!(owner.open_ticket("Anything", "Nothing.").err().unwrap().kind(), Kind::Integrity);
        let troubles = room.health().troubles;
        assert!(
            troubles.contains(&Trouble::Held) && room.health().standing != strongroom::room::Standing::Down
        );
    }
}

fn why() -> Why {
    Why::purpose(Purpose::AccessAdmin)
}

const CHECKPOINTS: [&str; 2] = ["checkpoint.a", "checkpoint.b"];

fn ask(room: &Room) -> Result<Resumed, StaffError> {
    staff(room, "ada").resume(&why())
}

fn staff(room: &Room, handle: &str) -> Staff {
    room.staff(&room.assume(handle).unwrap().token)
}

/// Asks as ada; amos approves.
fn approved(room: &Room) -> Awaited {
    let asked = awaited(ask(room));
    let state = staff(room, "amos").approve(asked.approval, &Why::unstated()).unwrap().state;
    assert_eq!(state, ApprovalState::Approved);
    asked
}

#[test]
fn a_lost_checkpoint_holds_the_room_until_two_people_resume_it() {
    let used = Used::new();
    used.take_away(&CHECKPOINTS);
    assert!(used.refused().contains("no outside checkpoint"));
    let room = used.held();
    used.serves_customers_alone(&room, Trouble::CheckpointMissing);
    let refused = staff(&room, "sam").account(used.jane.account(), &Why::purpose(Purpose::SupportRequest));
    let refused = refused.err().unwrap();
    assert_eq!(refused.kind(), Kind::Integrity);
    assert!(refused.to_string().contains("`checkpoint_missing`"), "{refused}");

    let asked = awaited(ask(&room));
    assert_eq!(awaited(ask(&room)).approval, asked.approval, "one alone resumes nothing");
    assert!(used.options().open().is_err());
    approved(&room);
    let resumed = ask(&room).unwrap();
    assert_eq!(resumed.since, Trouble::CheckpointMissing);
    assert!(room.health().troubles.is_empty());
    staff(&room, "sam").account(used.jane.account(), &Why::purpose(Purpose::SupportRequest)).unwrap();

    let again = used.options().open().unwrap();
    let verified = staff(&again, "vera").verify(None, &Why::unstated(), |_| ()).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.report.faults);
    let line = crate::workload::entries(&again).unwrap().remove(usize::try_from(resumed.position).unwrap());
    assert!(
        line.contains("\"event\":\"room.resumed\"") && line.contains(&asked.approval.to_string()),
        "{line}"
    );
}

/// The disk was full when the room was found broken: that it has room again is told by those who resume it, or they could
/// do nothing.
#[test]
fn a_room_whose_disk_was_full_is_resumed_too() {
    let used = Used::new();
    let store = used.scene.world.path().join("store");
    fs::write(store.join("reserve"), "given 3\n").unwrap();
    used.take_away(&CHECKPOINTS);
    let room = used.held();
    approved(&room);
    assert_eq!(ask(&room).unwrap().since, Trouble::CheckpointMissing);
    assert!(room.health().troubles.is_empty());
    let told = crate::workload::entries(&room).unwrap();
    let restored = |line: &&String| line.contains("\"event\":\"reserve.restored\"");
    assert_eq!(told.iter().filter(restored).count(), 1);
}

#[test]
fn an_alarm_outlasts_its_cause() {
    let used = Used::new();
    used.take_away(&CHECKPOINTS);
    drop(used.held());
    used.bring_back(&CHECKPOINTS);
    assert!(used.refused().contains("held for customers alone since `checkpoint_missing`"));
    let room = used.held();
    used.serves_customers_alone(&room, Trouble::CheckpointMissing);
    approved(&room);
    assert_eq!(ask(&room).unwrap().since, Trouble::CheckpointMissing);
    drop(used.options().open().unwrap());
}

/// As a later program may write it.
#[test]
fn an_alarm_of_a_name_that_nobody_knows_is_one() {
    let used = Used::new();
    let mark = used.scene.world.path().join("store/held");
    fs::write(&mark, "what_is_found_in_years\n").unwrap();
    assert!(used.refused().contains("held for customers alone"));
    used.serves_customers_alone(&used.held(), Trouble::Held);
}

#[test]
fn what_resumes_the_room_is_one_request_of_one_person() {
    let used = Used::new();
    used.take_away(&CHECKPOINTS);
    let room = used.held();
    let asked = awaited(ask(&room));
    let own = staff(&room, "ada").approve(asked.approval, &Why::unstated()).err().unwrap();
    assert_eq!(own.kind(), Kind::Denied, "nobody is the second person of his own request");
    let (sam, priya) = (staff(&room, "sam").resume(&why()), staff(&room, "priya").resume(&why()));
    // Neither may: and a refusal of that is an entry that serves resuming.
    assert_eq!((sam.err().unwrap().kind(), priya.err().unwrap().kind()), (Kind::Denied, Kind::Denied));
    drop(room);
    // The request waits in the store, and another process may carry it on.
    let room = used.held();
    staff(&room, "amos").approve(asked.approval, &Why::unstated()).unwrap();
    ask(&room).unwrap();
    let refused = ask(&room).err().unwrap();
    assert!(refused.to_string().contains("not held"), "and nothing can be approved ahead: {refused}");
}

/// What was approved and not used when the alarm ended does not end the next one.
#[test]
fn what_was_approved_for_one_alarm_ends_no_other() {
    let used = Used::new();
    used.take_away(&CHECKPOINTS);
    let room = used.held();
    let by_alan = || staff(&room, "alan").resume(&why());
    let left = awaited(by_alan());
    staff(&room, "amos").approve(left.approval, &Why::unstated()).unwrap();
    let view = staff(&room, "alan").approval(left.approval, &Why::unstated()).unwrap();
    assert!(view.request.lines().any(|line| line.starts_with("alarm ")), "{}", view.request);
    approved(&room);
    // Opened again it is the same alarm.
    let room = used.held();
    ask(&room).unwrap();
    drop(room);

    used.take_away(&CHECKPOINTS);
    let room = used.held();
    let asked = awaited(staff(&room, "alan").resume(&why()));
    assert_ne!(asked.approval, left.approval);
    staff(&room, "amos").approve(asked.approval, &Why::unstated()).unwrap();
    staff(&room, "alan").resume(&why()).unwrap();
}

/// What two people have approved the end of is what they were told of: not what was found since.
#[test]
fn what_was_approved_for_one_cause_ends_no_other() {
    let used = Used::new();
    used.take_away(&CHECKPOINTS);
    let room = used.held();
    let asked = awaited(ask(&room));
    staff(&room, "amos").approve(asked.approval, &Why::unstated()).unwrap();
    let file = used.scene.world.path().join("store/held");
    let alarm = || fs::read_to_string(&file).unwrap().lines().nth(1).unwrap().to_owned();
    let first = alarm();
    drop(used.held());
    assert_eq!(alarm(), first, "the same is the same alarm");
    // Another process finds something else.
    used.take_away(&["erasure.ledger"]);
    drop(used.held());
    assert_ne!(alarm(), first);
    used.bring_back(&["erasure.ledger"]);
    assert_ne!(awaited(ask(&room)).approval, asked.approval);
}

#[test]
fn a_cut_under_the_ceremony_leaves_the_room_held() {
    let used = Used::new();
    used.take_away(&CHECKPOINTS);
    let room = used.held();
    approved(&room);
    drop(room);
    // Nothing outside vouches for these entries yet, and the head does.
    let room = used.held();
    used.serves_customers_alone(&room, Trouble::CheckpointMissing);
    ask(&room).unwrap();
}

/// What is broken, what is found, and whether staff who would resume it can log in at all.
fn nobody_resumes(used: &Used, trouble: Trouble) {
    let room = used.held();
    used.serves_customers_alone(&room, trouble);
    for handle in ["ada", "sam"] {
        let refused = room.assume(handle).err().unwrap();
        assert_eq!(refused.kind(), Kind::Integrity);
    }
    assert!(!used.refused().is_empty());
}

#[test]
fn a_database_behind_its_checkpoint_is_not_resumed() {
    let used = Used::new();
    let path = used.scene.world.path();
    let copy = used.kept("copy");
    disk::copy(&path, &copy);
    let later = options(&copy, &used.scene.world.clock).open().unwrap();
    for _ in 0..4 {
        let _session = later.assume("sam").unwrap();
    }
    drop(later);
    for file in CHECKPOINTS {
        fs::copy(copy.join("outside").join(file), path.join("outside").join(file)).unwrap();
    }
    nobody_resumes(&used, Trouble::CheckpointAhead);
    let refused = used.held().assume("ada").err().unwrap().to_string();
    assert!(refused.contains("nobody can resume it") && refused.contains("`checkpoint_ahead`"), "{refused}");
}

#[test]
fn a_log_that_was_cut_changed_or_added_to_is_not_resumed() {
    for edit in [
        "DROP TRIGGER audit_entry_stays; DELETE FROM audit_entry WHERE position = (SELECT max(position) FROM audit_entry)",
        "UPDATE audit_head SET mac = zeroblob(32)",
    ] {
        let used = Used::new();
        disk::sql(&used.scene.world.path().join("store/store.db"), edit);
        nobody_resumes(&used, Trouble::LogUnsound);
    }
}

#[test]
fn rights_that_were_edited_are_not_resumed() {
    let used = Used::new();
    let edit = "DELETE FROM role_grant WHERE id = (SELECT min(id) FROM role_grant)";
    disk::sql(&used.scene.world.path().join("store/store.db"), edit);
    nobody_resumes(&used, Trouble::RightsUnsound);
}

/// Whoever may write in the room's directory takes the mark away; what was found is known to whoever has it open.
#[test]
fn what_nobody_can_resume_is_not_ended_by_taking_its_mark_away() {
    let used = Used::new();
    let path = used.scene.world.path();
    disk::sql(&path.join("store/store.db"), "UPDATE audit_head SET mac = zeroblob(32)");
    let room = used.held();
    fs::remove_file(path.join("store/held")).unwrap();
    used.serves_customers_alone(&room, Trouble::LogUnsound);
}

#[test]
fn the_middle_of_the_log_is_read_before_it_is_resumed() {
    let used = Used::new();
    let edit = "DROP TRIGGER audit_entry_kept; UPDATE audit_entry SET entry = CAST(replace(CAST(entry AS TEXT), 'host-1', 'host-2') AS BLOB) WHERE position = 2";
    disk::sql(&used.scene.world.path().join("store/store.db"), edit);
    used.take_away(&CHECKPOINTS);
    let room = used.held();
    approved(&room);
    let refused = ask(&room).err().unwrap();
    assert!(
        matches!(refused, StaffError::State { .. }) && refused.to_string().contains("evidence"),
        "{refused}"
    );
    assert!(used.options().open().is_err());
}

#[test]
fn a_ledger_that_comes_back_is_resumed() {
    let used = Used::new();
    used.take_away(&["erasure.ledger"]);
    nobody_resumes(&used, Trouble::LedgerUnsound);
    used.bring_back(&["erasure.ledger"]);
    let room = used.held();
    approved(&room);
    assert_eq!(ask(&room).unwrap().since, Trouble::LedgerUnsound);
}

#[test]
fn files_that_are_no_checkpoints_are_kept() {
    let used = Used::new();
    used.take_away(&CHECKPOINTS);
    let path = used.scene.world.path().join("outside/checkpoint.a");
    fs::write(&path, "nothing").unwrap();
    let room = used.held();
    approved(&room);
    let refused = ask(&room).err().unwrap().to_string();
    assert!(refused.contains("keep them"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), b"nothing");
    fs::remove_file(&path).unwrap();
    ask(&room).unwrap();
}
