//! Reading the log by role: the auditor all of it, the privacy officer what is about one person, the access
//! administrator what is about staff; each reading on record with whom it was about; and nothing of a log that is not
//! what was written.

use strongroom::{
    audit::{Actor, Outcome, leaf_hash},
    room::{
        AccountId, CaseRef, DenialReason, DetailText, ImportOptions, Kind, LogEntry, LogPage, LogPart, Page,
        PrincipalKind, Purpose, Room, Staff, StaffError, View, Why,
    },
};

use crate::{
    dba::{Copy, bytes, change, entry_of, log},
    import::file,
    scene::{Scene, refused, rights, staff, support},
};

/// The access administrator's reason.
fn admin() -> Why {
    Why::purpose(Purpose::AccessAdmin)
}

/// Why it was refused, and the rule on record.
#[track_caller]
fn denied<T>(room: &Room, result: Result<T, StaffError>) -> (DenialReason, String) {
    let refusal = refused(result);
    (refusal.reason, entry_of(room, refusal.request).rule.unwrap())
}

fn positions(entries: &[LogEntry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.entry.position).collect()
}

/// Every page of a part.
fn whole(reader: &Staff, part: LogPart, limit: usize, why: &Why) -> Vec<LogEntry> {
    let (mut entries, mut page) = (Vec::new(), Page::first(limit));
    loop {
        let LogPage { entries: some, next, searched, .. } = reader.audit_log(part, 0, &page, why).unwrap();
        assert!(some.len() <= limit && searched.is_some() == (part != LogPart::All));
        entries.extend(some);
        let Some(next) = next else { return entries };
        page = Page::after(next, limit);
    }
}

/// A room where sam has read about jane and joe, and ada has appointed somebody.
fn scene() -> Scene {
    let scene = Scene::new();
    let sam = scene.world.staff("sam");
    sam.account(scene.account(), &support().because("she asked on the phone")).unwrap();
    sam.account(scene.joe.account(), &support()).unwrap();
    let ada = scene.world.staff("ada");
    let case = ada.open_case(None, &admin()).unwrap();
    ada.appoint("nina", PrincipalKind::Human, &admin().case(CaseRef::Case(case))).unwrap();
    scene
}

#[test]
fn a_privacy_officer_reads_what_is_about_one_person() {
    let scene = scene();
    let (room, jane) = (&scene.world.room, scene.account());
    let priya = scene.world.staff("priya");
    let size = room.log_size().unwrap();
    let page = priya.audit_log(LogPart::About(jane), 0, &Page::first(500), &rights()).unwrap();
    let all = log(room);
    let about = |entry: &&LogEntry| entry.entry.position < size && entry.entry.subjects.contains(&jane);
    assert_eq!(
        positions(&page.entries),
        all.iter().filter(about).map(|e| e.entry.position).collect::<Vec<_>>()
    );
    assert!(page.entries.iter().any(|entry| entry.entry.what.name() == "account.read"));
    // What was read through, by size and root.
    let searched = page.searched.unwrap();
    let checkpoint = strongroom::audit::root_of(leaves(&all[..usize::try_from(size).unwrap()]));
    assert_eq!((searched.size, searched.root, page.next), (size, checkpoint, None));
    // The reading is about her as well.
    let reading = &all[usize::try_from(size).unwrap()].entry;
    assert_eq!(
        (reading.what.name(), reading.outcome, reading.view),
        ("audit.read", Outcome::Done, Some(View::Clear))
    );
    assert_eq!((reading.subjects.as_slice(), reading.objects.len()), (&[jane][..], 1));
    let again = priya.audit_log(LogPart::About(jane), size, &Page::first(500), &rights()).unwrap();
    assert_eq!(positions(&again.entries), [size]);

    let rule = "privacy-officer/audit.read/Fp(one-subject)";
    for part in [LogPart::All, LogPart::Staff] {
        assert_eq!(
            denied(room, priya.audit_log(part, 0, &Page::first(9), &rights())),
            (DenialReason::NotAllowed, rule.to_owned())
        );
    }
    let unstated = priya.audit_log(LogPart::About(jane), 0, &Page::first(9), &Why::unstated());
    assert_eq!(denied(room, unstated), (DenialReason::PurposeMissing, rule.to_owned()));
    let nobody = AccountId::from_bytes([7; 16]);
    let absent = priya.audit_log(LogPart::About(nobody), 0, &Page::first(9), &rights()).err().unwrap();
    assert_eq!(absent.kind(), Kind::NotFound);
    for other in ["sam", "bill", "ada"] {
        let result = staff(room, other).audit_log(LogPart::About(jane), 0, &Page::first(9), &Why::unstated());
        assert_eq!(denied(room, result).0, DenialReason::NotAllowed, "{other}");
    }
}

fn leaves(entries: &[LogEntry]) -> Vec<[u8; 32]> {
    entries.iter().map(|entry| leaf_hash(entry.line.as_bytes())).collect()
}

/// Who has read about her: an auditor who opened the reason of a reading, too.
#[test]
fn opening_a_text_about_a_person_is_an_entry_about_that_person() {
    let scene = scene();
    let (room, jane) = (&scene.world.room, scene.account());
    let priya = scene.world.staff("priya");
    let read =
        |account| priya.audit_log(LogPart::About(account), 0, &Page::first(500), &rights()).unwrap().entries;
    let of_sam = |entry: &LogEntry| entry.entry.what.name() == "account.read";
    let position = read(jane).iter().find(|entry| of_sam(entry)).unwrap().entry.position;
    let before = room.log_size().unwrap();
    for (reader, why) in [("vera", Why::unstated()), ("priya", rights())] {
        let mut shown = staff(room, reader).audit_show(position, &why).unwrap();
        let Some((_, DetailText::Text(text))) = shown.details.pop() else { panic!("no text for {reader}") };
        assert_eq!(text.as_str(), "she asked on the phone");
    }
    let since = read(jane).into_iter().filter(|entry| entry.entry.position >= before);
    let readers = since.filter(|entry| entry.entry.fields == ["detail"]).map(|entry| entry.entry.actor);
    let wanted = ["vera", "priya"].map(|handle| Actor::Principal(scene.id(handle)));
    assert_eq!(readers.collect::<Vec<_>>(), wanted);
    assert!(
        read(scene.joe.account())
            .iter()
            .all(|entry| entry.entry.position < before || entry.entry.fields.is_empty())
    );
    // What is about nobody is nothing for a privacy officer, and the auditor's reading is about nobody.
    assert_eq!(denied(room, priya.audit_show(0, &rights())).0, DenialReason::NotAllowed);
    let size = room.log_size().unwrap();
    staff(room, "vera").audit_show(0, &Why::unstated()).unwrap();
    assert!(log(room)[usize::try_from(size).unwrap() + 1].entry.subjects.is_empty());
}

/// An entry about many is nobody's in particular: its line is for whoever reads about one of them, its texts are not.
#[test]
fn an_entry_about_several_people_is_a_line_to_who_reads_about_one() {
    let scene = scene();
    let room = &scene.world.room;
    let options = ImportOptions::default();
    room.import_accounts(file(0..2).as_bytes(), options, |_| Ok(()), |_| ()).unwrap();
    let about = scene.world.staff("sam").find("c0@example.com", &support()).unwrap();
    let (priya, vera) = (scene.world.staff("priya"), scene.world.staff("vera"));
    let lines = priya.audit_log(LogPart::About(about), 0, &Page::first(500), &rights()).unwrap().entries;
    let import = lines.iter().find(|entry| entry.entry.what.name() == "accounts.imported").unwrap();
    assert_eq!(import.entry.subjects.len(), 2);
    let position = import.entry.position;
    assert_eq!(denied(room, priya.audit_show(position, &rights())).0, DenialReason::NotAllowed);
    assert_eq!(vera.audit_show(position, &Why::unstated()).unwrap().entry.line, import.line);
}

#[test]
fn an_access_administrator_reads_what_is_about_staff() {
    let scene = scene();
    let room = &scene.world.room;
    let ada = scene.world.staff("ada");
    let size = room.log_size().unwrap();
    let page = ada.audit_log(LogPart::Staff, 0, &Page::first(500), &Why::unstated()).unwrap();
    let names: Vec<_> = page.entries.iter().map(|entry| entry.entry.what.name().to_owned()).collect();
    assert_eq!(names, ["room.initialised", "principal.appointed"]);
    let all = log(room);
    let reading = &all[usize::try_from(size).unwrap()].entry;
    assert_eq!((reading.view, reading.fields.len()), (Some(View::Masked), 0));
    assert_eq!(reading.objects, page.entries[1].entry.objects);
    // Where nothing is found, the reading names the reader.
    let none = ada.audit_log(LogPart::Staff, size + 9, &Page::first(500), &Why::unstated()).unwrap();
    assert!(none.entries.is_empty() && none.next.is_none() && none.searched.is_some());
    let reading = log(room).into_iter().rev().find(|entry| entry.entry.what.name() == "audit.read").unwrap();
    assert_eq!(reading.entry.objects[0].to_string(), format!("principal:{}", scene.id("ada")));

    let rule = "access-admin/audit.read/m(staff)".to_owned();
    for part in [LogPart::All, LogPart::About(scene.account())] {
        assert_eq!(
            denied(room, ada.audit_log(part, 0, &Page::first(9), &admin())),
            (DenialReason::NotAllowed, rule.clone())
        );
    }
    // Masked is without the texts.
    let appointed = page.entries[1].entry.position;
    assert_eq!(denied(room, ada.audit_show(appointed, &admin())), (DenialReason::FieldNotAllowed, rule));
    assert_eq!(
        denied(room, staff(room, "sam").audit_log(LogPart::Staff, 0, &Page::first(9), &support())).0,
        DenialReason::NotAllowed
    );
}

#[test]
fn pages_of_a_part_add_up_to_it() {
    let scene = scene();
    let (vera, jane) = (scene.world.staff("vera"), scene.account());
    let at_once =
        vera.audit_log(LogPart::About(jane), 0, &Page::first(500), &Why::unstated()).unwrap().entries;
    let by_two = whole(&vera, LogPart::About(jane), 2, &Why::unstated());
    assert!(at_once.len() > 4 && by_two.len() > at_once.len(), "each page read is one more entry about her");
    assert_eq!(positions(&by_two)[..at_once.len()], positions(&at_once));
    let all = whole(&vera, LogPart::All, 3, &Why::unstated());
    assert_eq!(positions(&all), (0..all.len() as u64).collect::<Vec<_>>());
    let staffs = whole(&vera, LogPart::Staff, 2, &Why::unstated());
    assert_eq!(staffs.len(), 2);
}

/// An entry that is not what was hashed is told, not shown; and one that was hashed anew, with all that follow, breaks
/// the root that every search ends with.
#[test]
fn of_a_changed_log_nothing_is_shown() {
    let scene = scene();
    let jane = scene.account();
    let broken = |copy: &Copy, part, from| {
        let result = staff(&copy.room(), "vera").audit_log(part, from, &Page::first(9), &Why::unstated());
        result.map(drop).err().map(|error| error.kind())
    };
    let at =
        log(&scene.world.room).iter().position(|entry| entry.entry.what.name() == "account.read").unwrap();
    let line = log(&scene.world.room)[at].line.replace("host-1", "host-2");
    let (at, row) = (at as u64, i64::try_from(at).unwrap());

    let copy = Copy::of(&scene.world);
    let edit = "UPDATE audit_entry SET entry = ?1 WHERE position = ?2";
    change(&copy.store(), edit, rusqlite::params![line.as_bytes(), row], 1);
    for (part, from) in [(LogPart::All, at), (LogPart::About(jane), at + 1), (LogPart::Staff, 0)] {
        assert_eq!(broken(&copy, part, from), Some(Kind::Integrity), "{part:?}");
    }
    let shown = staff(&copy.room(), "vera").audit_show(at, &Why::unstated());
    assert_eq!(shown.err().map(|error| error.kind()), Some(Kind::Integrity));
    assert_eq!(broken(&copy, LogPart::All, at + 1), None, "a page of sound entries");

    let edit = "UPDATE audit_entry SET leaf = ?1 WHERE position = ?2";
    change(&copy.store(), edit, rusqlite::params![leaf_hash(line.as_bytes()), row], 1);
    assert_eq!(broken(&copy, LogPart::All, at), None, "it fits in itself: `audit verify` finds it");
    for part in [LogPart::About(jane), LogPart::Staff] {
        assert_eq!(broken(&copy, part, at + 1), Some(Kind::Integrity), "{part:?}");
    }
}

/// The person's id stands in the entry as the rest of the log has it.
#[test]
fn the_entry_of_a_reading_names_its_person_as_object_too() {
    let scene = scene();
    let jane = scene.account();
    scene.world.staff("priya").audit_log(LogPart::About(jane), 0, &Page::first(1), &rights()).unwrap();
    let entries = log(&scene.world.room);
    let reading = entries.iter().rev().find(|entry| entry.entry.what.name() == "audit.read").unwrap();
    assert_eq!(reading.entry.objects[0].id.to_vec(), bytes(jane));
    assert!(reading.line.contains("\"data\":{\"from\":0,\"count\":1}"));
}
