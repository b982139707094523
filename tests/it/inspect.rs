//! Staff on the room itself: what they verify, take away and look over is on record, and whoever may not is refused
//! before any of it is done.

use strongroom::{
    audit::{Checkpoint, Data, Entry, VerifierKey, What},
    room::{DenialReason, Kind, LogPart, Page, Purpose, Room, Staff, StaffError, Why},
};

use crate::{
    dba::{Copy, change, entry_of, log},
    scene::{Scene, refused, staff},
};

fn newest(room: &Room, position: u64) -> Entry {
    log(room)[usize::try_from(position).unwrap()].entry.clone()
}

#[test]
fn an_auditor_verifies_on_record() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let vera = scene.world.staff("vera");
    let (size, key) = (room.log_size().unwrap(), VerifierKey::parse(&room.verifier_key()).unwrap());
    let mut read = 0;
    let verified = vera.verify(Some(&key), &Why::unstated(), |entries| read = entries).unwrap();
    assert!(verified.is_sound() && verified.report.authenticated);
    assert_eq!((verified.report.size, read, verified.recorded), (size, size, Some(size)));
    let entry = newest(room, size);
    assert_eq!(entry.what, What::Known(Data::AuditVerified { size, faults: 0 }));
    assert_eq!(entry.rule.as_deref(), Some("auditor/audit.verify/x"));
    // Without a session it is verified all the same, and nobody knows.
    let size = room.log_size().unwrap();
    let offline = strongroom::room::verify(&scene.world.path(), Some(&key), |_| ()).unwrap();
    assert!(offline.is_sound() && offline.recorded.is_none());
    assert_eq!(room.log_size().unwrap(), size);
}

#[test]
fn the_faults_that_were_found_are_on_record() {
    let scene = Scene::new();
    let copy = Copy::of(&scene.world);
    let edit = "UPDATE audit_entry SET leaf = zeroblob(32) WHERE position = ?1";
    for position in [3, 5] {
        change(&copy.store(), edit, [position], 1);
    }
    let room = copy.room();
    let verified = staff(&room, "vera").verify(None, &Why::unstated(), |_| ()).unwrap();
    assert!(!verified.is_sound());
    assert_eq!(verified.faults(), 2);
    let position = verified.recorded.unwrap();
    let entry =
        staff(&room, "vera").audit_log(LogPart::All, position, &Page::first(1), &Why::unstated()).unwrap();
    let entry = &entry.entries[0].entry;
    assert_eq!(entry.what, What::Known(Data::AuditVerified { size: verified.report.size, faults: 2 }));
    // A row that was written past the program is one too, though the log is whole.
    let scene = Scene::new();
    let room = scene.world.again();
    let sql = rusqlite::Connection::open(scene.world.path().join("store/store.db")).unwrap();
    change(&sql, "UPDATE principal SET kind = 2 WHERE id = ?1", [crate::dba::bytes(scene.id("lea"))], 1);
    let verified = staff(&room, "vera").verify(None, &Why::unstated(), |_| ()).unwrap();
    assert_eq!((verified.faults(), verified.forged.len(), verified.report.faults.len()), (1, 1, 0));
}

#[test]
fn a_checkpoint_is_taken_away_on_record() {
    let scene = Scene::new();
    let room = &scene.world.room;
    let vera = scene.world.staff("vera");
    let size = room.log_size().unwrap();
    let taken = vera.checkpoint(&Why::unstated()).unwrap();
    let key = VerifierKey::parse(&room.verifier_key()).unwrap();
    assert_eq!(Checkpoint::open(taken.note.as_bytes(), &key).unwrap().size, size);
    assert_eq!(newest(room, taken.position).what, What::Known(Data::AuditCheckpointed { size }));
}

#[test]
fn the_rooms_health_is_read_on_record() {
    let scene = Scene::new();
    let room = &scene.world.room;
    for (handle, why) in [("vera", Why::unstated()), ("ada", Why::unstated()), ("priya", Why::unstated())] {
        let health = scene.world.staff(handle).health(&why).unwrap();
        assert!(health.findings.iter().any(|finding| finding.check == "log"), "{handle}");
        assert_eq!(newest(room, health.position).what, What::Known(Data::HealthRead {}), "{handle}");
    }
}

#[test]
fn whoever_may_not_is_refused_on_record_before_it_is_done() {
    type Verb = fn(&Staff, &mut u64) -> Result<(), StaffError>;
    let scene = Scene::new();
    let room = &scene.world.room;
    let verbs: [(&str, Verb); 3] = [
        ("audit.verified", |staff, read| staff.verify(None, &support(), |entries| *read = entries).map(drop)),
        ("audit.checkpointed", |staff, _| staff.checkpoint(&support()).map(drop)),
        ("health.read", |staff, _| staff.health(&support()).map(drop)),
    ];
    for (event, verb) in verbs {
        let mut read = 0;
        let refusal = refused(verb(&scene.world.staff("sam"), &mut read));
        assert_eq!((refusal.reason, read), (DenialReason::NotAllowed, 0));
        assert_eq!(entry_of(room, refusal.request).what.name(), event);
        scene.world.staff("sam").logout().unwrap();
        let gone = scene.world.staff("vera");
        gone.logout().unwrap();
        assert_eq!(verb(&gone, &mut read).err().unwrap().kind(), Kind::Denied);
    }
}

fn support() -> Why {
    Why::purpose(Purpose::SupportRequest)
}
