//! The clock rule: after a jump of the clock nothing is destroyed by its age before two people have said that it is
//! right; and one run takes a share of a class at most.

use std::{fs, process::Command, time::Duration};

use strongroom::{
    audit::{Data, What},
    room::{
        AccountId, Awaited, CaseRef, Class, Classes, Clock, Failure, Kind, Policy, Purpose, Resumed, Room,
        StaffError, Swept, Time, Trouble, Waivable, Why,
    },
};

use crate::{
    dba::log,
    erasure::{Jane, close, erase, held::order, pay},
    scene::staff,
    source,
    two_people::{Scene, awaited},
    world::{JANE, START, World, options},
};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn ask(room: &Room) -> Result<Resumed, StaffError> {
    staff(room, "ada").resume(&Why::purpose(Purpose::AccessAdmin))
}

fn approve(room: &Room, asked: &Awaited) {
    staff(room, "alan").approve(asked.approval, &Why::unstated()).unwrap();
}

/// Two people say that the clock is right.
pub fn confirm(room: &Room) -> Resumed {
    approve(room, &awaited(ask(room)));
    ask(room).unwrap()
}

fn in_doubt<T>(swept: Result<T, Failure>) -> u64 {
    match swept {
        Err(error @ Failure::ClockInDoubt { jump }) => {
            assert_eq!(error.kind(), Kind::Pending);
            jump
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was destroyed"),
    }
}

fn is_told(room: &Room) -> bool {
    room.health().troubles.contains(&Trouble::ClockInDoubt)
}

fn is_sound(room: &Room) {
    let verified = staff(room, "vera").verify(None, &Why::unstated(), |_| ()).unwrap();
    assert!(verified.is_sound(), "{:?}", verified.report.faults);
    let times: Vec<_> = log(room).into_iter().map(|entry| entry.entry.time).collect();
    assert!(times.is_sorted(), "an entry's time went back");
}

fn invited(room: &Room, count: usize) {
    for n in 0..count {
        drop(room.invite(&format!("guest{n}@example.com"), None).unwrap());
    }
}

/// The years of its law end with 2026.
const IN_2019: Time = Time::from_ms(1_560_000_000_000);

const NOTHING: Swept = Swept { registrations: 0, left: 0 };

#[test]
fn after_a_jump_ahead_nothing_is_destroyed_until_two_people_confirm_the_clock() {
    let jane = Jane::new();
    let (room, account, world) = (&jane.world.room, jane.account(), &jane.world);
    pay(room, account, jane.ticket, IN_2019).unwrap();
    invited(room, 1);
    close(room, account);
    assert!(!is_told(room));
    world.later(DAY * 300);
    assert!(is_told(room), "the newest entry is long past");
    let next = in_doubt(room.sweep());
    // What is recorded from now on is at the time of the jump, and hides nothing.
    let refused = erase(room, account).err().unwrap();
    assert!(matches!(refused, StaffError::ClockInDoubt { jump } if jump == next), "{refused}");
    assert_eq!(refused.kind(), Kind::Pending);
    assert!(room.beat().unwrap().is_none(), "an entry was just written");
    assert!(is_told(room) && in_doubt(world.again().sweep()) == next);
    let is_it = |line: &str| line.contains("clock_in_doubt") && line.contains("erasure.begun");
    assert_eq!(log(room).iter().filter(|entry| is_it(&entry.line)).count(), 1, "the refusal is on record");

    let asked = awaited(ask(room));
    assert_eq!(awaited(ask(room)).approval, asked.approval, "one alone confirms nothing");
    let text = staff(room, "alan").approval(asked.approval, &Why::unstated()).unwrap().request;
    assert!(text.contains(&format!("jump {next}\n")), "{text}");
    in_doubt(room.sweep());
    approve(room, &asked);
    in_doubt(room.sweep());
    let resumed = ask(room).unwrap();
    assert_eq!(resumed.since, Trouble::ClockInDoubt);
    let entry = log(room).remove(usize::try_from(resumed.position).unwrap());
    assert_eq!(entry.entry.what, What::Known(Data::ClockConfirmed { clock: world.clock.now() }));
    assert!(entry.line.contains(&asked.approval.to_string()), "{}", entry.line);

    assert!(!is_told(room) && !is_told(&world.again()));
    assert_eq!(room.sweep().unwrap(), Swept { registrations: 1, left: 0 });
    let receipt = erase(room, account).unwrap();
    assert!(receipt.destroyed.iter().any(|gone| gone.class == Class::Billing), "its years are over");
    is_sound(room);
}

#[test]
fn an_approval_is_for_the_jump_that_it_was_asked_for() {
    let world = World::demo();
    let room = &world.room;
    world.later(DAY * 30);
    let asked = awaited(ask(room));
    approve(room, &asked);
    world.later(DAY * 2);
    let other = awaited(ask(room));
    assert_ne!(other.approval, asked.approval);
    assert!(is_told(room));
    approve(room, &other);
    ask(room).unwrap();
    assert!(!is_told(room));
    let nothing = ask(room).err().unwrap();
    assert!(matches!(nothing, StaffError::State { .. }), "{nothing}");
    is_sound(room);
}

#[test]
fn a_jump_that_was_taken_back_leaves_its_doubt_and_the_right_clock_decides() {
    let world = World::demo();
    let room = &world.room;
    invited(room, 1);
    world.later(DAY * 300);
    let sam = staff(room, "sam");
    let _read = sam.account(AccountId::from_bytes([1; 16]), &Why::purpose(Purpose::SupportRequest));
    drop(sam);
    // The clock is right again, a day later; the log's times stay ahead.
    let right = Clock::manual(START.plus(DAY));
    let room = &options(&world.path(), &right).open().unwrap();
    let troubles = room.health().troubles;
    assert!(troubles.contains(&Trouble::ClockInDoubt) && troubles.contains(&Trouble::ClockBehind));
    right.advance(DAY * 100);
    in_doubt(room.sweep());
    let room = &options(&world.path(), &Clock::manual(START.plus(DAY))).open().unwrap();
    confirm(room);
    assert!(!is_told(room));
    assert_eq!(room.sweep().unwrap(), NOTHING, "by the log's time it had run out");
    // No entry would tell of a jump now: what was confirmed lasts a day.
    let next = &options(&world.path(), &Clock::manual(START.plus(DAY + DAY))).open().unwrap();
    assert!(!is_told(next));
    let later = Clock::manual(START.plus(DAY * 8));
    let room = &options(&world.path(), &later).open().unwrap();
    assert!(is_told(room));
    in_doubt(room.sweep());
    confirm(room);
    assert_eq!(room.sweep().unwrap(), Swept { registrations: 1, left: 0 });
    is_sound(room);
}

/// The entries hide it: they are at that time already.
#[test]
fn the_clock_that_was_wrong_once_is_not_believed_a_second_time() {
    let world = World::demo();
    invited(&world.room, 1);
    world.later(DAY * 300);
    world.room.beat().unwrap().unwrap();
    let at = |time: Time| options(&world.path(), &Clock::manual(time)).open().unwrap();
    let right = START.plus(DAY);
    confirm(&at(right));
    assert!(!is_told(&at(right.plus(DAY))), "within the day that was confirmed");
    for wrong in [START, right.plus(DAY * 2), START.plus(DAY * 300), START.plus(DAY * 300 + HOUR)] {
        let room = at(wrong);
        assert!(is_told(&room), "{wrong:?}");
        if wrong > START.plus(DAY * 7) {
            in_doubt(room.sweep());
        }
    }
    let room = at(START.plus(DAY * 300));
    confirm(&room);
    assert_eq!(room.sweep().unwrap(), Swept { registrations: 1, left: 0 }, "two said that it is right now");
    is_sound(&room);
}

/// A second jump comes between a confirmation that nobody approved, for a rule is out of force, and its review.
#[test]
fn a_review_of_an_old_confirmation_settles_no_newer_jump() {
    let Scene { world } = Scene::new();
    let room = &world.room;
    let hours = Duration::from_secs(12 * 3600);
    let (ada, why) = (world.staff("ada"), Why::purpose(Purpose::AccessAdmin));
    let case = ada.open_case(None, &why).unwrap();
    let why = why.case(CaseRef::Case(case));
    let waiver = awaited(ada.waive(Waivable::SecondPerson, DAY * 20, &why)).approval;
    for handle in ["alan", "priya"] {
        staff(room, handle).approve(waiver, &Why::unstated()).unwrap();
    }
    ada.waive(Waivable::SecondPerson, DAY * 20, &why).unwrap();
    drop(ada);
    invited(room, 1);
    let alone = || {
        let asked = awaited(ask(room)).approval;
        world.in_use(DAY + hours);
        ask(room).unwrap();
        asked
    };
    world.later(DAY * 2);
    let first = alone();
    assert!(!is_told(room));
    world.later(DAY * 2);
    room.beat().unwrap().unwrap();
    let jump = doubted(room);
    staff(room, "alan").approve(first, &Why::unstated()).unwrap();
    assert_eq!((doubted(room), doubted(&world.again())), (jump, jump), "it is as it was");
    // And one that is reviewed stays a confirmation, of what it was for.
    let second = alone();
    staff(room, "alan").approve(second, &Why::unstated()).unwrap();
    assert!(!is_told(room) && !is_told(&world.again()));
    is_sound(room);
}

fn doubted(room: &Room) -> Option<u64> {
    assert!(is_told(room));
    let text = match ask(room) {
        Err(StaffError::Awaits { awaited }) => {
            staff(room, "alan").approval(awaited.approval, &Why::unstated()).unwrap().request
        }
        _ => panic!("it waits for nobody"),
    };
    let jump = text.lines().find_map(|line| line.strip_prefix("jump "));
    jump.map(|jump| jump.parse().unwrap())
}

#[test]
fn an_upload_that_seems_old_is_left_while_the_clock_is_in_doubt() {
    let world = World::demo_at(Clock::system().now());
    let directory = world.path().join("store/blobs/00");
    fs::create_dir_all(&directory).unwrap();
    let part = directory.join("written.part");
    fs::write(&part, b"on its way").unwrap();
    world.later(DAY * 2);
    let room = world.again();
    assert!(is_told(&room) && part.exists());
    confirm(&room);
    drop(world.again());
    assert!(!part.exists(), "by a clock that is right it is abandoned");
}

#[test]
fn a_quiet_room_whose_heart_beats_is_in_no_doubt() {
    let world = World::demo();
    let room = &world.room;
    let beats = || {
        let entries = log(room).into_iter().filter(|entry| entry.entry.what.name() == "log.beat");
        entries.count()
    };
    for _ in 0..72 {
        world.later(HOUR);
        room.beat().unwrap();
        assert!(!is_told(room));
    }
    assert_eq!(beats(), 12, "one each six hours");
    assert_eq!(room.sweep().unwrap(), NOTHING);
    world.later(DAY);
    assert!(!is_told(room) && room.sweep().is_ok(), "a day is no jump");
    world.later(Duration::from_millis(1));
    assert!(is_told(room));
    // A heart that beats after the jump hides nothing.
    assert!(room.beat().unwrap().is_some());
    assert!(is_told(room));
    is_sound(room);
}

#[test]
fn what_a_hold_kept_waits_for_the_clock_too_and_goes_once_it_is_confirmed() {
    let jane = Jane::new();
    let (room, account) = (&jane.world.room, jane.account());
    close(room, account);
    let lena = staff(room, "lena");
    let (support, review) = (Classes::of(&[Class::Support]), START.plus(DAY * 30));
    let hold = lena.place_hold(account, support, review, &order(room, account)).unwrap();
    assert!(erase(room, account).unwrap().is_deferred());
    jane.world.later(DAY * 2);
    let lena = staff(room, "lena");
    assert!(lena.release_hold(hold, &order(room, account)).unwrap().is_none());
    let done = |room: &Room| {
        let entries = log(room).into_iter().filter(|entry| entry.entry.what.name() == "erasure.done");
        entries.count()
    };
    assert_eq!((done(room), done(&jane.world.again())), (1, 1), "opening waits as well");
    confirm(room);
    assert_eq!(done(room), 2);
    is_sound(room);
}

#[test]
fn one_run_takes_its_share_and_the_next_the_rest() {
    let world = World::demo();
    let room = &world.room;
    invited(room, 103);
    world.in_use(DAY * 7);
    assert_eq!(room.sweep().unwrap(), Swept { registrations: 100, left: 3 });
    assert_eq!(room.sweep().unwrap(), Swept { registrations: 3, left: 0 });
    is_sound(room);
}

#[test]
fn a_policy_cannot_put_the_rule_out_of_force() {
    let text = fs::read_to_string(source::root().join("policy/default.toml")).unwrap();
    assert!(text.contains("clock_hours = 24\n"), "the tests here go by it");
    let policy = Policy::in_force().unwrap().destroying;
    assert_eq!((policy.clock_hours, policy.run_percent, policy.run_rows), (24, 5, 100));
}

/// The functions of the store that delete and take no leave, each with what goes by it: nothing that is old.
const ELSE: [(&str, &str); 20] = [
    ("accounts::remove_credential", "the password of who is enrolled anew"),
    ("authority::end_other_sessions_of", "sessions that their owner ended"),
    ("authority::end_session_of", "a session that its owner ended"),
    ("authority::end_sessions_of", "the sessions of who is erased, closed, suspended or reset"),
    ("authority::remove_owners_sessions", "every session, after a restore"),
    ("challenges::remove_all", "every code, after a restore"),
    ("challenges::remove_of", "what an account was sent before, when it is used or replaced"),
    ("challenges::remove_of_topic", "codes that another one replaces"),
    ("challenges::remove_sign_up", "a registration that became an account, or gave way"),
    ("clues::forget", "what leads to a name, with its key or for a new one"),
    ("clues::forget_owner", "what leads to nobody, whose row is gone"),
    ("devices::forget", "devices that are to be known no more"),
    ("devices::insert", "devices that are known no more anyway, by the same clock, when another one is"),
    ("field_checks::insert", "counts of guesses, which a limit forgets by the same clock"),
    ("keyring::abandon_index", "a claim whose account never came"),
    ("keyring::forget_data_keys", "the keys of a registration whose row is gone"),
    ("keyring::forget_index", "the index of an address that an account has no more"),
    ("keyring_restore::forget_indexes", "indexes of accounts that a restored store does not have"),
    ("outbox::acknowledge", "a message that was delivered"),
    ("outbox::remove", "a message that nobody is to be told any more"),
];

/// Whatever deletes takes leave to destroy, or stands on the list.
#[test]
fn what_deletes_takes_leave() {
    let mut found = Vec::new();
    let mut statements = Vec::new();
    for path in source::files("src/store/sql") {
        let text = source::read(&path);
        let (lines, mut name) = (text.lines(), "");
        for line in lines {
            let line = line.trim();
            if let Some((constant, _)) = line.split_once(", \"")
                && constant.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
            {
                name = constant;
            }
            if line.contains("\"DELETE ") || name == "DATA_KEY_DESTROY" {
                statements.push(format!("::{name}"));
            }
        }
    }
    statements.sort_unstable();
    statements.dedup();
    assert!(statements.len() > 20, "{statements:?}");
    for statement in &statements {
        let mut uses = 0;
        for path in source::files("src").into_iter().filter(|path| is_product(path)) {
            let text = source::read(&path);
            for function in text.split("\n}\n").filter(|part| names(part, statement)) {
                uses += 1;
                let file = path.rsplit(['/', '.']).nth(1).unwrap();
                let name = function.rsplit("fn ").next().unwrap().split(['(', '<']).next().unwrap();
                let name = format!("{file}::{name}");
                if !function.contains("&MayDestroy") && !ELSE.iter().any(|(known, _)| *known == name) {
                    found.push(format!("{path}: `{name}` uses `{statement}`"));
                }
            }
        }
        assert!(uses > 0, "nothing uses `{statement}`");
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn is_product(path: &str) -> bool {
    path.ends_with(".rs") && !path.ends_with("_tests.rs") && !path.contains("/sql/")
}

fn names(text: &str, statement: &str) -> bool {
    text.match_indices(statement).any(|(at, _)| {
        !text[at + statement.len()..].starts_with(|next: char| next.is_ascii_uppercase() || next == '_')
    })
}

#[test]
fn the_command_line_says_what_to_do_and_two_people_do_it() {
    let world = World::demo_at(Time::from_ms(Clock::system().now().as_ms() - 2 * 86_400_000));
    let path = world.path();
    let run = |line: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_strongroom"));
        let output = program.arg("--room").arg(&path).args(line.split(' ')).output().unwrap();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        (output.status.code(), said)
    };
    let (code, said) = run("health");
    assert!(code == Some(5) && said.contains("clock_in_doubt") && said.contains("room resume"), "{said}");
    let jane = world.customer(JANE).account();
    close(&world.room, jane);
    drop(world.room.clone());
    let case = run(&format!("--as priya case open --account {jane} --purpose data_subject_request --json")).1;
    let case = case.split("\"case\":\"").nth(1).unwrap().split('"').next().unwrap();
    let erase = format!("--as priya account erase {jane} --purpose data_subject_request --case case:{case}");
    let (code, said) = run(&erase);
    assert!(code == Some(5) && said.contains("hint: see to the clock"), "{said}");
    let resume = "--as ada room resume --purpose access_admin";
    let (code, said) = run(resume);
    let approval = said.split("as approval ").nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(run(&format!("--as alan approval approve {approval}")).0, Some(0));
    let (code, said) = run(resume);
    assert!(code == Some(0) && said.starts_with("confirmed: the clock is right"), "{said}");
    assert_eq!(run(&erase).0, Some(0));
    assert_eq!(run("health"), (Some(0), "ready\n".to_owned()));
}
