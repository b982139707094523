//! A room that is opened for customers alone, because its evidence is broken: what goes on, what does not, and how two
//! people resume it.

use std::{fs, path::Path};

use strongroom::room::{
    ActivityEvent, Answer, ApprovalState, Awaited, Kind, OpenRoomError, OwnerSession, Purpose, Resumed, Room, RoomOptions,
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
        let login = room.login(JANE, &secret(PASSWORD)).unwrap();
        assert!(matches!(login, Answer::Granted(_)), "{trouble}");
        let owner = room.owner(&self.jane);
        assert!(owner.ticket(self.ticket).is_ok(), "{trouble}");
        let newest = owner.activity(&FIRST).unwrap().rows[0].1;
        assert_eq!(newest, ActivityEvent::LoginStopped, "the mark");
        assert_eq!(owner.open_ticket("Anything", "Nothing.").err().unwrap().kind(), Kind::Integrity);
        let troubles = room.health().troubles;
        assert!(troubles.contains(&Trouble::Held) && room.health().standing != strongroom::room::Standing::Down);
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
    assert!(line.contains("\"event\":\"room.resumed\"") && line.contains(&asked.approval.to_string()), "{line}");
}
