//! A check of a room at work, and of one that was restored, tells no fault that is none.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use strongroom::room::{Backups, ClauseVerdict, Kept, Room, Why};

use crate::{
    backup::furnished,
    disk,
    erasure::{close, erase},
    scene::Scene,
    world::{JANE, World, options},
};

fn check(room: &Room) -> Vec<ClauseVerdict> {
    let vera = room.staff(&room.assume("vera").unwrap().token);
    vera.check_policy(&[], &Why::unstated(), |_| ()).unwrap().verdicts
}

fn broken(verdicts: &[ClauseVerdict]) -> Vec<&ClauseVerdict> {
    verdicts.iter().filter(|verdict| matches!(verdict.kept, Kept::Broken { .. })).collect()
}

#[test]
fn a_check_among_writers_and_erasers_finds_no_fault() {
    let scene = Scene::new();
    let (ended, room) = (AtomicBool::new(false), &scene.world.room);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                let owner = room.owner(&scene.jane);
                owner.write(scene.ticket, "One more.").unwrap();
                owner.open_ticket("Another", "One.").unwrap();
            }
        });
        scope.spawn(|| {
            for number in 0..6 {
                let owner = scene.world.customer(&format!("gone{number}@example.com"));
                let ticket = room.owner(&owner).open_ticket("Last", "Words.").unwrap().ticket;
                room.owner(&owner).attach(ticket, "a.txt", "text/plain", &b"text"[..]).unwrap();
                close(room, owner.account());
                erase(room, owner.account()).unwrap();
            }
            ended.store(true, Ordering::Relaxed);
        });
        while !ended.load(Ordering::Relaxed) {
            let verdicts = check(room);
            assert!(broken(&verdicts).is_empty(), "{:?}", broken(&verdicts));
        }
    });
    let verdicts = check(room);
    assert!(broken(&verdicts).is_empty(), "{:?}", broken(&verdicts));
}

/// She was erased after the backups were taken: the ledger has her erased again, and the checks see that it has.
#[test]
fn a_restored_room_keeps_what_was_promised() {
    let World { room, clock, directory } = furnished();
    let path = directory.path().join("room");
    let [data, keyring] = ["data", "kept"].map(|name| directory.path().join(name));
    room.backup_data(&data, |_, _| ()).unwrap();
    room.backup_keyring(&keyring, |_, _| ()).unwrap();
    let sam = room.staff(&room.assume("sam").unwrap().token);
    let support = Why::purpose(strongroom::room::Purpose::SupportRequest);
    let account = sam.find(JANE, &support).unwrap();
    close(&room, account);
    erase(&room, account).unwrap();
    drop((sam, room));
    disk::closed(&path);
    let backups = Backups { data: Some(data), keyring: Some(keyring), ..Backups::default() };
    options(&path, &clock).restore(&backups, |_, _| ()).unwrap();
    let room = options(&path, &clock).open().unwrap();
    let verdicts = check(&room);
    assert!(broken(&verdicts).is_empty(), "{:?}", broken(&verdicts));
    let erased = verdicts.iter().find(|verdict| verdict.clause == "right.erase").unwrap();
    assert_eq!(erased.kept, Kept::Kept, "{erased:?}");
}
