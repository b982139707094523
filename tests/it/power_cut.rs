//! Power cuts and kills of a room at work: nothing that was acknowledged is lost, the log verifies, and attachments
//! match their rows. A disk that lies is found out.

use std::path::Path;

use crate::{
    powercut::{Ack, Child, Policy, Recording, Scenario, Verdict, kills, scenario, sibling},
    workload::{Shift, check, prepare, prepare_once},
};

const AT_WORK: Scenario = scenario("a room at work", |root, ack| shift(root, ack, 0, "first", 24));
const LATER: Scenario = scenario("a room at work again", |root, ack| shift(root, ack, 0, "later", 8));
const PAIR: Scenario = scenario("two processes on one room", two_processes);
const SECOND: Scenario =
    scenario("the second process on the room", |root, ack| shift(root, ack, 1, "second", 16));
const ENDLESS: Scenario = scenario("a room at work without end", without_end);

/// For [`crate::powercut`].
pub const SCENARIOS: &[Scenario] = &[AT_WORK, LATER, PAIR, SECOND, ENDLESS];

fn shift(root: &Path, ack: &Ack, customer: usize, who: &str, rounds: u32) -> Verdict {
    let mut shift = Shift::begin(root, ack, customer, who)?;
    (0..rounds).try_for_each(|round| shift.round(round))
}

fn two_processes(root: &Path, ack: &Ack) -> Verdict {
    let second = sibling(SECOND);
    shift(root, ack, 0, "first", 16)?;
    second.finish()
}

fn without_end(root: &Path, ack: &Ack) -> Verdict {
    prepare_once(root)?;
    let second = std::process::id();
    let mut shift = Shift::begin(root, ack, 0, &format!("process{second}"))?;
    (0..).try_for_each(|round| shift.round(round))
}

fn at_work() -> Recording {
    Child::new(AT_WORK).prepared(prepare).record()
}

fn no_cut_loses(run: &Recording, cuts: usize, seed: u64) {
    let mut kept = Vec::new();
    let failures = run.cuts(cuts, seed, &Policy::honest(), |disk, acked| {
        kept.push(acked.len());
        check(disk, acked)
    });
    failures.assert_none();
    let most = kept.iter().copied().max().unwrap_or(0);
    let early = kept.iter().filter(|acked| **acked < most / 2).count();
    assert!(most > 60 && early > cuts / 8, "cuts everywhere: at most {most} acknowledged, {early} early");
}

#[test]
fn no_cut_loses_what_the_room_acknowledged() {
    no_cut_loses(&at_work(), 24, 1);
}

#[test]
#[ignore = "200 cuts, each with a room to be opened and verified: minutes"]
fn no_cut_of_two_hundred_loses_what_the_room_acknowledged() {
    no_cut_loses(&at_work(), 200, 2);
}

#[test]
fn a_disk_that_lies_about_a_flush_is_found_out() {
    let run = at_work();
    for (seed, path_end, why) in [
        (3, "store.db-wal", "behind its outside checkpoint"),
        (4, "keyring.db-wal", "key is missing"),
        (5, ".part", "mangled blob"),
    ] {
        let lying = Policy::honest().ignore_syncs(path_end);
        let failures = run.cuts(10, seed, &lying, check);
        assert!(failures.saying(why) > 0, "{path_end}: {failures:?}");
    }
    let failures = run.cuts(10, 6, &Policy::honest().ignore_directory_syncs(), check);
    assert!(failures.saying("mangled blob") > 0, "{failures:?}");
}

#[test]
fn a_cut_while_the_room_settles_a_cut_loses_nothing_either() {
    let run = at_work();
    let cut = run.trace.records.len() / 2;
    let mut before = Vec::new();
    let again =
        Child::new(LATER).prepared(|root| before = run.rebuild(cut, 8, &Policy::honest(), root)).record();
    let failures =
        again.cuts(12, 9, &Policy::honest(), |disk, acked| check(disk, &[&before, acked].concat()));
    failures.assert_none();
}

#[test]
fn no_cut_loses_what_either_of_two_processes_acknowledged() {
    no_cut_loses(&Child::new(PAIR).prepared(prepare).record(), 16, 10);
}

#[test]
#[ignore = "100 cuts of two processes, each with a room to be opened and verified: a minute"]
fn no_cut_of_a_hundred_loses_what_either_of_two_processes_acknowledged() {
    no_cut_loses(&Child::new(PAIR).prepared(prepare).record(), 100, 11);
}

fn no_kill_loses(kill_count: usize, seed: u64) {
    let mut at_work = 0;
    let failures = kills(ENDLESS, kill_count, seed, |root, acked| {
        at_work += usize::from(!acked.is_empty());
        check(root, acked)
    });
    failures.assert_none();
    assert!(at_work > kill_count / 2, "{at_work} of {kill_count} had something to lose");
}

#[test]
fn no_kill_loses_what_the_room_acknowledged() {
    no_kill_loses(10, 12);
}

#[test]
#[ignore = "200 kills, each with a room to be opened and verified: minutes"]
fn no_kill_of_two_hundred_loses_what_the_room_acknowledged() {
    no_kill_loses(200, 13);
}
