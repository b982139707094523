//! Power cuts and kills during backups and restores: a backup is whole or none, and a room is the old one, the restored
//! one, or one that says that its restore is to be run again.

use std::{fs, io::Read as _, path::Path, time::Duration};

use strongroom::room::{
    Backups, OpenRoomError, Owner, Page, RestoreError, Restored, Room, RoomOptions, verify,
};

use crate::{
    disk,
    powercut::{Ack, Child, Policy, Recording, Scenario, Verdict, kills, scenario},
    workload::{CUSTOMERS, Shift, check, login, open, prepare, prepare_once},
};

const BACKING_UP: Scenario = scenario("backups of a room at work", back_up);
const RESTORING: Scenario = scenario("a restore", |root, ack| {
    let restored = restore(root)?;
    ack.done(format!("restored {}", restored.incarnation));
    Ok(())
});
const RESTORING_FOR_EVER: Scenario = scenario("restores without end", |root, ack| {
    prepare_once(root)?;
    if !root.join("data/manifest.json").exists() || !root.join("kept/manifest.json").exists() {
        for half_written in ["data", "kept"] {
            drop(fs::remove_dir_all(root.join(half_written)));
        }
        take(&settled(root)?, root, "data", "kept")?;
    }
    std::thread::scope(|scope| {
        // A kill comes behind an acknowledgement: these are everywhere.
        scope.spawn(|| {
            loop {
                ack.done("tick");
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        loop {
            let restored = restore(root)?;
            ack.done(format!("restored {}", restored.incarnation));
            fs::remove_file(restored.aside.ok_or("nothing is aside")?)?;
        }
    })
});

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[BACKING_UP, RESTORING, RESTORING_FOR_EVER];

fn take(room: &Room, root: &Path, data: &str, kept: &str) -> Verdict {
    room.backup_data(&root.join(data), |_, _| ())?;
    room.backup_keyring(&root.join(kept), |_, _| ())?;
    Ok(())
}

fn back_up(root: &Path, ack: &Ack) -> Verdict {
    let mut shift = Shift::begin(root, ack, 0, "first")?;
    let room = open(root)?;
    for number in 0..3 {
        for round in 0..4 {
            shift.round(number * 4 + round)?;
        }
        take(&room, root, &format!("data{number}"), &format!("kept{number}"))?;
        ack.done(format!("backup {number}"));
    }
    Ok(())
}

fn options(root: &Path) -> RoomOptions {
    RoomOptions::new(root.join("room"), "host-1")
}

fn restore(root: &Path) -> Result<Restored, RestoreError> {
    let backups =
        Backups { data: Some(root.join("data")), keyring: Some(root.join("kept")), ..Backups::default() };
    options(root).restore(&backups, |_, _| ())
}

/// The room; if a restore of it is unfinished, after running it again.
fn settled(root: &Path) -> Result<Room, Box<dyn std::error::Error>> {
    match options(root).open() {
        Err(OpenRoomError::Unfinished) => {
            restore(root).map_err(|e| format!("run again: {e}"))?;
            Ok(options(root).open().map_err(|e| format!("does not open: {e}"))?)
        }
        other => Ok(other.map_err(|e| format!("does not open: {e}"))?),
    }
}

fn sound(root: &Path) -> Verdict {
    let verified = verify(&root.join("room"), None, |_| ())?;
    if verified.is_sound() { Ok(()) } else { Err(format!("unsound: {:?}", verified.report.faults).into()) }
}

/// A room with work of before and after its backups, whose only blob was damaged since; the blob's name.
fn backed_up(root: &Path) -> String {
    prepare(root);
    let room = open(root).unwrap();
    let owner = login(&room, CUSTOMERS[0]).unwrap();
    let ticket = room.owner(&owner).open_ticket("first 1", "Text").unwrap().ticket;
    room.owner(&owner).attach(ticket, "first 1", "text/plain", &[5; 30_000][..]).unwrap();
    take(&room, root, "data", "kept").unwrap();
    for number in 0..4 {
        room.owner(&owner).open_ticket(&format!("late {number}"), "Text").unwrap();
    }
    drop(room);
    disk::closed(root);
    let blobs = root.join("room/store/blobs");
    let blob = disk::files(&blobs).into_keys().next().unwrap();
    let length = fs::metadata(blobs.join(&blob)).unwrap().len();
    fs::write(blobs.join(&blob), vec![9; usize::try_from(length).unwrap()]).unwrap();
    blob.display().to_string()
}

fn log_size(room: &Room) -> u64 {
    room.log_size().unwrap()
}

/// Each backup that has a manifest restores; one that was acknowledged has it.
fn check_backups(root: &Path, acked: &[Vec<u8>]) -> Verdict {
    let (backups, others): (Vec<_>, Vec<_>) =
        acked.iter().cloned().partition(|ack| ack.starts_with(b"backup "));
    check(root, &others)?;
    disk::closed(root);
    for number in 0..3 {
        let (data, kept) = (root.join(format!("data{number}")), root.join(format!("kept{number}")));
        let is_acked = backups.contains(&format!("backup {number}").into_bytes());
        let whole = [&data, &kept].map(|backup| backup.join("manifest.json").exists());
        if is_acked && whole != [true; 2] {
            return Err(format!("lost the manifest of backup {number}").into());
        }
        if !data.exists() {
            continue;
        }
        let copy = root.join(format!("copy{number}"));
        disk::copy(&root.join("room"), &copy.join("room"));
        let named = Backups { data: Some(data), keyring: whole[1].then_some(kept), ..Backups::default() };
        match options(&copy).restore(&named, |_, _| ()) {
            Ok(_) if whole[0] => {
                drop(open(&copy)?);
                sound(&copy)?;
            }
            Ok(_) => return Err(format!("half of backup {number} was restored").into()),
            // A torn manifest is none: it was being written when the power went.
            Err(e) if is_acked => return Err(format!("mangled backup {number}: {e}").into()),
            Err(_) => {}
        }
    }
    Ok(())
}

fn attachment_is_whole(owner: &Owner<'_>) -> Verdict {
    for header in owner.tickets(&Page::first(10))?.rows {
        for attachment in owner.ticket(header.ticket)?.attachments {
            let mut content = Vec::new();
            let file = owner.open_attachment(attachment.header.attachment);
            let mut file = file.map_err(|e| format!("mangled blob: {e}"))?.content;
            file.read_to_end(&mut content).map_err(|e| format!("mangled blob: {e}"))?;
            if content != [5; 30_000] {
                return Err("mangled blob".into());
            }
        }
    }
    Ok(())
}

/// The old room, or the restored one; nothing between.
fn check_restored(root: &Path, acked: &[Vec<u8>], old: u64, backup: u64) -> Result<&'static str, String> {
    let say = |e: &dyn std::fmt::Display| e.to_string();
    let unfinished = root.join("room/restore.unfinished").exists();
    let told = matches!(options(root).open(), Err(OpenRoomError::Unfinished));
    if unfinished != told {
        return Err(format!("unfinished {unfinished}, told {told}"));
    }
    if unfinished && !acked.is_empty() {
        return Err("an acknowledged restore is unfinished".to_owned());
    }
    disk::closed(root);
    let room = settled(root).map_err(|e| say(&e))?;
    let size = log_size(&room);
    let incarnation = room.verifier_key();
    let is_old = incarnation.contains("/1+");
    for email in CUSTOMERS {
        login(&room, email).map_err(|e| say(&e))?;
    }
    let owner = login(&room, CUSTOMERS[0]).map_err(|e| say(&e))?;
    let tickets = room.owner(&owner).tickets(&Page::first(10)).map_err(|e| say(&e))?.rows.len();
    if !is_old {
        attachment_is_whole(&room.owner(&owner)).map_err(|e| say(&e))?;
    }
    drop(room);
    disk::closed(root);
    sound(root).map_err(|e| say(&e))?;
    match (is_old, acked.is_empty(), tickets) {
        (true, false, _) => Err("an acknowledged restore is gone".to_owned()),
        (true, true, 5) if size >= old => Ok("old"),
        (false, _, 1) if size > backup => Ok(if unfinished { "again" } else { "restored" }),
        _ => Err(format!("{size} entries and {tickets} tickets, old {is_old}")),
    }
}

/// A recorded restore, the sizes of the log before it and in its backup, and the blob that it brings back.
fn restoring() -> (Recording, u64, u64, String) {
    let (mut old, mut backup, mut blob) = (0, 0, String::new());
    let run = Child::new(RESTORING)
        .prepared(|root| {
            blob = backed_up(root);
            old = log_size(&open(root).unwrap());
            disk::closed(root);
            let manifest = fs::read_to_string(root.join("data/manifest.json")).unwrap();
            let json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
            backup = json["size"].as_u64().unwrap();
        })
        .record();
    (run, old, backup, blob)
}

fn no_cut_spoils_a_restore(cuts: usize, seed: u64) {
    let (run, old, backup, _) = restoring();
    let mut seen = Vec::new();
    let failures = run.cuts(cuts, seed, &Policy::honest(), |root, acked| {
        seen.push(check_restored(root, acked, old, backup)?);
        Ok(())
    });
    failures.assert_none();
    for outcome in ["old", "again"] {
        assert!(seen.contains(&outcome), "cuts everywhere: {seen:?}");
    }
}

#[test]
fn no_cut_spoils_a_restore_or_the_room() {
    no_cut_spoils_a_restore(24, 1);
}

#[test]
#[ignore = "200 cuts, each with a room to be restored and verified: minutes"]
fn no_cut_of_two_hundred_spoils_a_restore_or_the_room() {
    no_cut_spoils_a_restore(200, 2);
}

#[test]
fn a_cut_while_a_restore_is_run_again_spoils_nothing_either() {
    let (run, _, backup, _) = restoring();
    let cut = run.trace.records.len() * 3 / 4;
    let again = Child::new(RESTORING)
        .prepared(|root| {
            let begun = |root: &Path| root.join("room/restore.unfinished").exists();
            // Any cut after the marker: the model of the disk may have lost what was not synced yet.
            let cuts = (cut..run.trace.records.len()).chain((0..cut).rev());
            let found = cuts.into_iter().any(|cut| {
                run.rebuild(cut, 8, &Policy::honest(), root);
                begun(root)
            });
            assert!(found, "no cut leaves a restore unfinished");
        })
        .record();
    let failures = again.cuts(12, 9, &Policy::honest(), |root, acked| {
        match check_restored(root, acked, u64::MAX, backup)? {
            "old" => Err("the old room is back".into()),
            _ => Ok(()),
        }
    });
    failures.assert_none();
}

#[test]
fn a_disk_that_lies_about_a_restored_blob_is_found_out() {
    let (run, old, backup, blob) = restoring();
    let lying = Policy::honest().ignore_syncs(&blob);
    let failures = run.cuts(24, 3, &lying, |root, acked| {
        check_restored(root, acked, old, backup)?;
        Ok(())
    });
    assert!(failures.saying("mangled blob") > 0, "{failures:?}");
}

#[test]
fn no_cut_leaves_half_a_backup() {
    let run = Child::new(BACKING_UP).prepared(prepare).record();
    run.cuts(16, 4, &Policy::honest(), check_backups).assert_none();
    let lying = Policy::honest().ignore_syncs("/store.db");
    let failures = run.cuts(16, 5, &lying, check_backups);
    assert!(failures.saying("mangled backup") > 0, "{failures:?}");
}

fn no_kill_spoils(kill_count: usize, seed: u64) {
    let mut unfinished = 0;
    let failures = kills(RESTORING_FOR_EVER, kill_count, seed, |root, acked| {
        if !root.join("room").exists() {
            return Ok(());
        }
        unfinished += usize::from(root.join("room/restore.unfinished").exists());
        let room = settled(root)?;
        login(&room, CUSTOMERS[0])?;
        let key = room.verifier_key();
        let mut restored = acked.iter().filter_map(|ack| ack.strip_prefix(b"restored "));
        let newest =
            restored.next_back().map_or(1, |ack| String::from_utf8_lossy(ack).parse::<u32>().unwrap());
        let number = key.split(['/', '+']).nth(2).unwrap().parse::<u32>()?;
        if number < newest {
            return Err(format!("incarnation {newest} was acknowledged, and {number} is there").into());
        }
        drop(room);
        disk::closed(root);
        sound(root)
    });
    failures.assert_none();
    assert!(unfinished > 0, "some were killed in the middle");
}

#[test]
fn no_kill_spoils_a_restore() {
    no_kill_spoils(16, 6);
}
