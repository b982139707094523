//! Power cuts and kills while people are erased: an erasure is whole afterwards, or the opening makes it whole; never
//! half, and never back.

use std::{collections::BTreeMap, path::Path};

use strongroom::room::{
    AccountId, AccountState, Kind, LogPart, Page, Registration, Room, RoomKind, Why, verify,
};

use super::{close, erase, forensic, support};
use crate::{
    powercut::{Ack, Child, Policy, Recording, Scenario, Verdict, kills, scenario},
    scene::staff,
    workload::open,
    world::{PASSWORD, ceremony, secret},
};

const ERASING: Scenario = scenario("people are erased", |root, ack| erase_all(root, ack, 0..PEOPLE));
const ENDLESS: Scenario = scenario("people are erased without end", without_end);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[ERASING, ENDLESS];

const PEOPLE: u32 = 4;

pub(super) fn address(number: u32) -> String {
    format!("p{number}@example.com")
}

/// Registers one with a ticket and an attachment.
pub(super) fn come(room: &Room, number: u32) -> AccountId {
    let email = address(number);
    let password = secret(PASSWORD);
    let account =
        room.register(&Registration { email: &email, name: Some("Jane Doe"), password: &password }).unwrap();
    let Some(granted) = room.login(&email, &password).unwrap().complete() else { panic!("denied") };
    let owner = room.owner(&granted.owner);
    let ticket = owner.open_ticket("It fails", "Again.").unwrap().ticket;
    owner.attach(ticket, "scan 1", "image/png", &[42; 20_000][..]).unwrap();
    account.account
}

fn prepare(root: &Path) {
    let options = strongroom::room::RoomOptions::new(root.join("room"), "host-1");
    let room = Room::init(options, &ceremony(RoomKind::Demo)).unwrap().room;
    for number in 0..PEOPLE {
        come(&room, number);
    }
}

/// Says what is about to be erased, by its keys, and then that it is.
fn erase_one(room: &Room, root: &Path, ack: &Ack, account: AccountId) -> Verdict {
    let keys = forensic::wrapped(&root.join("room"), account);
    let keys: Vec<_> =
        keys.iter().map(|key| key.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).collect();
    ack.done(format!("keys {account} {}", keys.join(" ")));
    close(room, account);
    ack.done(format!("closed {account}"));
    let receipt = erase(room, account)?;
    assert!(receipt.probe.left.is_empty(), "{receipt:?}");
    ack.done(format!("erased {account} {}", receipt.done));
    Ok(())
}

fn erase_all(root: &Path, ack: &Ack, numbers: std::ops::Range<u32>) -> Verdict {
    let room = open(root)?;
    let sam = staff(&room, "sam");
    for number in numbers {
        let account = sam.find(&address(number), &support())?;
        erase_one(&room, root, ack, account)?;
    }
    Ok(())
}

fn without_end(root: &Path, ack: &Ack) -> Verdict {
    crate::workload::prepare_once(root)?;
    let room = open(root)?;
    (0..).try_for_each(|round: u32| {
        let account = come(&room, std::process::id().wrapping_add(round) % 100_000 * 100 + round % 100);
        erase_one(&room, root, ack, account)
    })
}

/// What an acknowledgement says, word by word, by account.
fn said(acked: &[Vec<u8>], kind: &str) -> BTreeMap<String, Vec<String>> {
    let lines = acked.iter().map(|ack| String::from_utf8(ack.clone()).unwrap());
    let words = lines.filter_map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next()? == kind).then(|| (words.next().unwrap(), words.collect()))
    });
    words.collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Whole or resumed, never half and never back.
fn check(root: &Path, acked: &[Vec<u8>]) -> Verdict {
    if !root.join("room").exists() {
        return if acked.is_empty() { Ok(()) } else { Err("lost the room".into()) };
    }
    let (keys, erased) = (said(acked, "keys"), said(acked, "erased"));
    let keys_of = |account: &String| keys[account].iter().map(|key| unhex(key)).collect::<Vec<_>>();
    // What was told to be erased is in no file, before anything is repaired.
    for account in erased.keys() {
        let holding = forensic::holding(&root.join("room"), &keys_of(account));
        if !holding.is_empty() {
            return Err(format!("back: a key of {account} in {holding:?}").into());
        }
    }
    let room = open(root)?;
    for account in keys.keys() {
        let id: AccountId = account.parse()?;
        let state = room.account_seals(id).map_err(|e| e.to_string())?.state;
        if erased.contains_key(account) && state != AccountState::Erased {
            return Err(format!("back: {account}").into());
        }
        let holding = forensic::holding(&root.join("room"), &keys_of(account));
        if state == AccountState::Erased && !holding.is_empty() {
            return Err(format!("half: a key of {account} in {holding:?}").into());
        }
        let asked = staff(&room, "sam").account(id, &support());
        match (state, asked.map_err(|e| e.kind())) {
            (AccountState::Erased, Err(Kind::Erased))
            | (AccountState::Active | AccountState::Closed, Ok(_)) => {}
            (_, other) => return Err(format!("half: {account} {:?}", other.err()).into()),
        }
    }
    ends(&room)?;
    drop(room);
    let verified = verify(&root.join("room"), None, |_| {})?;
    if verified.is_sound() { Ok(()) } else { Err(format!("unsound: {:?}", verified.report.faults).into()) }
}

/// Every erasure that has begun is done, once.
pub(super) fn ends(room: &Room) -> Verdict {
    let vera = staff(room, "vera");
    let (mut begun, mut done, mut from) = (0, 0, 0);
    loop {
        let page = vera.audit_log(LogPart::All, from, &Page::first(500), &Why::unstated())?;
        let Some(last) = page.entries.last() else { break };
        from = last.entry.position + 1;
        begun += page.entries.iter().filter(|entry| entry.entry.what.name() == "erasure.begun").count();
        done += page.entries.iter().filter(|entry| entry.entry.what.name() == "erasure.done").count();
        if page.entries.len() < 500 {
            break;
        }
    }
    if begun == done { Ok(()) } else { Err(format!("half: {begun} begun, {done} done").into()) }
}

fn recorded() -> Recording {
    Child::new(ERASING).prepared(prepare).record()
}

#[test]
fn no_cut_leaves_an_erasure_half() {
    let run = recorded();
    let (mut told, mut between) = (Vec::new(), 0);
    let failures = run.cuts(48, 31, &Policy::honest(), |disk, acked| {
        let erased = said(acked, "erased");
        between += said(acked, "closed").keys().filter(|account| !erased.contains_key(*account)).count();
        told.push(erased.len());
        check(disk, acked)
    });
    failures.assert_none();
    assert!(told.contains(&0) && told.iter().any(|count| *count > 1), "cuts everywhere: {told:?}");
    assert!(between > 5, "{between} cuts between the closing and the end of an erasure");
}

#[test]
#[ignore = "200 cuts, each with a room to be opened and verified: minutes"]
fn no_cut_of_two_hundred_leaves_an_erasure_half() {
    recorded().cuts(200, 32, &Policy::honest(), check).assert_none();
}

#[test]
fn a_disk_that_lies_about_the_keyrings_log_is_found_out() {
    let lying = Policy::honest().ignore_syncs("keyring.db");
    let failures = recorded().cuts(12, 33, &lying, check);
    assert!(failures.saying("key") + failures.saying("keyring") > 0, "{failures:?}");
}

#[test]
fn no_kill_leaves_an_erasure_half() {
    kills(ENDLESS, 6, 34, check).assert_none();
}
