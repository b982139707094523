//! Each way to tamper with a log, and how the verifier tells it from the others.

use std::convert::Infallible;

use proptest::prelude::*;

use super::{Evidence, Key, verify};
use crate::{
    access::Role,
    audit::{
        Entry, Event, Fault, FaultKind, Frontier, Grant, Hold, NO_LEAF, Outcome, Place, Replay, Row, Verdict,
        What,
        test_log::{ADMIN, Log, ROOM, entry, signed_note, signing_key},
        test_support::rehashed,
    },
    base::{AccountId, Class, Classes, GrantId, HoldId, RequestId, Time},
};

fn flip(entry: &mut Entry) {
    entry.request = RequestId::from_bytes([0xee; 16]);
}

/// 20 entries, the files at 19 and 20: a log at rest.
fn at_rest() -> Log {
    Log::new(20, 19, 20)
}

/// 23 entries, the newest file at 20: the last commits were never published.
fn with_a_tail() -> Log {
    Log::new(23, 16, 20)
}

const HEAD: (FaultKind, Place) = (FaultKind::HeadForged, Place::Head);

#[test]
fn genuine_logs_of_every_size_are_authenticated() {
    for size in 0..40 {
        let report = Log::new(size, size.saturating_sub(1), size).verified();
        assert_eq!(report.faults, [], "size {size}");
        assert_eq!((report.size, report.verdict()), (size, Verdict::Authenticated));
        assert_eq!((report.unknown_events, report.unsigned), (u64::from(size > 13), 0));
        assert_eq!(report.checkpoint.unwrap().root, report.root);
    }
}

#[test]
fn without_a_pinned_key_it_is_consistent_not_authenticated() {
    let log = at_rest();
    for key in [Key::Unknown, Key::OfRoom(signing_key(5).verifier())] {
        assert_eq!(log.report(key, true).verdict(), Verdict::Consistent);
    }
    assert_eq!(Verdict::Consistent.to_string(), "consistent, not authenticated");
    assert_eq!(log.report(Key::Pinned(signing_key(5).verifier()), false).verdict(), Verdict::Authenticated);
}

#[test]
fn a_tail_past_the_checkpoint_is_as_good_as_the_head_that_covers_it() {
    let log = with_a_tail();
    assert_eq!((log.verified().verdict(), log.verified().unsigned), (Verdict::Authenticated, 3));
    let unchecked = log.report(Key::Pinned(signing_key(5).verifier()), false);
    assert_eq!(unchecked.verdict(), Verdict::Consistent);
}

#[test]
fn edited_without_hashing_anew() {
    for at in 0..20 {
        let mut log = at_rest();
        let leaf = log.rows[at].leaf;
        log.edit(at, flip);
        log.rows[at].leaf = leaf;
        log.finds(&[(FaultKind::Edited, Place::Position(at as u64))]);

        let mut log = at_rest();
        log.rows[at].leaf[31] ^= 1;
        log.finds(&[(FaultKind::Edited, Place::Position(at as u64))]);
    }
}

/// The next entry's link gives it away; the last entry has none, but the head's smallest subtrees narrow it.
#[test]
fn edited_with_its_leaf_hashed_anew() {
    for at in 0..19 {
        let mut log = at_rest();
        log.edit(at, flip);
        log.finds(&[(FaultKind::Edited, Place::Position(at as u64))]);
    }
    let mut log = at_rest();
    log.edit(19, flip);
    log.finds(&[(FaultKind::Edited, Place::Within { from: 19, to: 20 })]);
}

#[test]
fn an_edited_link_is_told_from_an_edited_predecessor() {
    for at in 0..20 {
        let mut log = at_rest();
        log.edit(at, |entry| entry.prev = [0xee; 32]);
        log.finds(&[(FaultKind::Edited, Place::Position(at as u64))]);
    }
}

#[test]
fn two_neighbours_edited_are_both_found() {
    let mut log = at_rest();
    log.edit(6, flip);
    log.edit(7, flip);
    let place = |at| (FaultKind::Edited, Place::Position(at));
    log.finds(&[place(6), place(7)]);
}

#[test]
fn edited_with_the_whole_chain_hashed_anew() {
    for at in 0..19 {
        let mut log = at_rest();
        log.edit(at, flip);
        log.rechain(at + 1);
        let report = log.verified();
        let fault = report.faults[0];
        assert_eq!((report.faults.len(), fault.kind), (1, FaultKind::Edited), "{:?}", report.faults);
        assert!(fault.place.contains(at as u64), "{at}: {}", fault.place);
        // 16 is the largest perfect subtree; 19 and 20 are the files' sizes.
        let (from, to) = if at < 16 { (0, 16) } else { (16, 19) };
        assert_eq!(fault.place, Place::Within { from, to });
        // With the head row written anew too, its MAC tells.
        log.head = log.fitting_head().canonical(&ROOM);
        let kinds: Vec<_> = log.verified().faults.iter().map(|fault| fault.kind).collect();
        assert_eq!(kinds, [FaultKind::Edited, FaultKind::HeadForged]);
        assert!(log.verified().faults[0].place.contains(at as u64));
        // And without the MAC's key the signature does.
        let report = log.report(Key::Pinned(signing_key(5).verifier()), false);
        assert_eq!(report.faults[0].kind, FaultKind::Edited);
    }
}

#[test]
fn one_entry_missing_and_a_run_dropped() {
    let mut log = at_rest();
    log.rows.remove(7);
    log.finds(&[(FaultKind::Missing, Place::All { from: 7, to: 8 })]);
    log.renumber();
    log.finds(&[(FaultKind::Missing, Place::All { from: 7, to: 8 })]);

    let mut log = at_rest();
    log.rows.drain(4..9);
    log.finds(&[(FaultKind::RunDropped, Place::All { from: 4, to: 9 })]);
    log.renumber();
    log.finds(&[(FaultKind::RunDropped, Place::All { from: 4, to: 9 })]);

    // Everything made to fit: the hashes tell that something before 16 differs, and that the end is gone.
    log.rechain(4);
    let tail = (FaultKind::TailCut, Place::Position(15));
    log.finds(&[tail]);
    let mut log = with_a_tail();
    log.rows.drain(4..7);
    log.rechain(4);
    let edited = (FaultKind::Edited, Place::Within { from: 0, to: 16 });
    log.finds(&[edited, (FaultKind::TailCut, Place::Position(20))]);

    let mut log = at_rest();
    log.rows[7].entry = None;
    log.finds(&[(FaultKind::Missing, Place::Position(7))]);
}

#[test]
fn the_beginning_missing() {
    for count in [1, 5, 19] {
        let mut log = at_rest();
        log.rows.drain(..count);
        let fault = (FaultKind::HeadMissing, Place::All { from: 0, to: count as u64 });
        log.finds(&[fault]);
        log.renumber();
        log.finds(&[fault]);
    }
}

#[test]
fn the_tail_cut_with_the_head_row_left_rewritten_or_taken_away() {
    for left in [0, 1, 7, 16, 19] {
        let cut = (FaultKind::TailCut, Place::Position(left as u64));
        let mut log = at_rest();
        log.rows.truncate(left);
        log.finds(&[cut]);
        log.head = log.fitting_head().canonical(&ROOM);
        log.finds(&[cut, HEAD]);
        log.head.clear();
        log.finds(&[cut, HEAD]);
    }
}

#[test]
fn an_older_copy_put_in_its_place() {
    for left in [0, 1, 7, 16, 19] {
        let mut log = at_rest();
        let copy = Log::new(left, 0, left);
        log.rows = copy.rows;
        (log.head, log.mac) = (copy.head, copy.mac);
        (log.grants, log.holds) = (copy.grants, copy.holds);
        log.finds(&[(FaultKind::ReplacedByOlderCopy, Place::Position(left))]);
        // Whoever cannot check the MAC cannot tell it from a head that was made up.
        let report = log.report(Key::Pinned(signing_key(5).verifier()), false);
        let behind = Fault { kind: FaultKind::BehindCheckpoint, place: Place::Position(left) };
        assert_eq!(report.faults, [behind]);
    }
}

/// The copy was used: the program itself appended to it and made its head, but what was signed stays signed.
#[test]
fn an_older_copy_that_grew_on() {
    for size in [20, 25] {
        let mut log = Log::new(size, 0, size);
        log.edit(12, flip);
        log.rechain(13);
        let head = log.fitting_head();
        log.set_head(&head);
        log.files = at_rest().files;
        log.finds(&[(FaultKind::ReplacedByOlderCopy, Place::Within { from: 0, to: 19 })]);
    }
}

#[test]
fn appended_by_sql_with_a_chain_that_fits() {
    for count in [1, 3] {
        let appended = (FaultKind::AppendedBySql, Place::Position(20));
        let mut log = at_rest();
        for _ in 0..count {
            let (position, prev) = (log.rows.len() as u64, log.rows.last().unwrap().leaf);
            log.push(&entry(position, prev));
        }
        log.finds(&[appended]);
        assert_eq!(log.verified().size, 20);
        log.head = log.fitting_head().canonical(&ROOM);
        log.finds(&[appended, HEAD]);
    }
    let mut log = at_rest();
    log.rows.push(Row { position: 4711, entry: None, leaf: [0; 32] });
    log.finds(&[(FaultKind::AppendedBySql, Place::Position(20))]);
}

#[test]
fn slipped_in_between_or_copied() {
    let mut log = at_rest();
    let mut forged = log.rows[7].clone();
    forged.entry = log.rows[7].entry.clone();
    log.rows.insert(7, forged);
    log.edit(7, flip);
    log.renumber();
    let first = log.verified().faults[0];
    assert_eq!((first.kind, first.place), (FaultKind::Edited, Place::Within { from: 7, to: 9 }));

    let mut log = at_rest();
    log.rows.insert(11, log.rows[3].clone());
    log.renumber();
    let first = log.verified().faults[0];
    assert_eq!((first.kind, first.place), (FaultKind::Edited, Place::Within { from: 11, to: 12 }));

    let mut log = at_rest();
    log.rows.swap(4, 5);
    assert_eq!(log.verified().verdict(), Verdict::Broken);
}

#[test]
fn the_tail_edited_past_the_newest_checkpoint() {
    for at in 20..23 {
        let mut log = with_a_tail();
        let leaf = log.rows[at].leaf;
        log.edit(at, flip);
        let hashed = log.clone();
        log.rows[at].leaf = leaf;
        log.finds(&[(FaultKind::UnsignedTailEdited, Place::Position(at as u64))]);

        let first = hashed.verified().faults[0];
        assert_eq!(first.kind, FaultKind::UnsignedTailEdited);
        assert!(first.place.contains(at as u64), "{at}: {}", first.place);

        let mut log = hashed;
        log.rechain(at + 1);
        let first = log.verified().faults[0];
        assert_eq!((log.verified().faults.len(), first.kind), (1, FaultKind::UnsignedTailEdited));
        assert!(first.place.contains(at as u64), "{at}: {}", first.place);

        // With a head that fits and has no MAC, nothing covers the tail any more.
        log.head = log.fitting_head().canonical(&ROOM);
        log.finds(&[(FaultKind::AppendedBySql, Place::Position(20)), HEAD]);
    }
}

#[test]
fn a_line_that_is_no_entry_although_its_hash_holds() {
    for (at, broken, kind) in [
        (6, r#"{"v":1}"#.to_owned(), FaultKind::Undecodable),
        (6, String::new(), FaultKind::Undecodable),
        (6, line_of(6).replace("\"v\":1", "\"v\":2"), FaultKind::Undecodable),
        (6, line_of(6).replace("\"v\":1", "\"v\":1,\"v\":1"), FaultKind::DuplicateKeys),
        (6, line_of(6).replace("\"time\"", "\"actor\":\"system\",\"time\""), FaultKind::DuplicateKeys),
    ] {
        let mut log = at_rest();
        log.rows[at] = rehashed(&log.rows[at], broken.into_bytes());
        let first = log.verified().faults[0];
        assert_eq!((first.kind, first.place), (kind, Place::Position(at as u64)));
    }
}

fn line_of(at: usize) -> String {
    String::from_utf8(at_rest().rows[at].entry.clone().unwrap()).unwrap()
}

#[test]
fn wrong_signatures_and_no_checkpoint() {
    let wrong = |number| (FaultKind::WrongSignature, Place::Checkpoint(Some(number)));
    let mut log = at_rest();
    log.files[0] = Some(signed_note(&log.fitting_head(), 99));
    log.finds(&[wrong(0)]);
    log.files[1] = Some(vec![0; 10_000]);
    log.finds(&[wrong(0), wrong(1)]);
    log.files = [None, None];
    log.finds(&[(FaultKind::NoCheckpoint, Place::Checkpoint(None))]);

    let mut torn = with_a_tail();
    torn.files[1] = torn.files[1].take().map(|note| note[..40].to_vec());
    torn.finds(&[wrong(1)]);
    torn.files[1] = None;
    assert_eq!((torn.verified().verdict(), torn.verified().unsigned), (Verdict::Authenticated, 7));
}

#[test]
fn the_head_row_taken_away_forged_or_older() {
    let mut log = at_rest();
    log.head.clear();
    log.finds(&[HEAD]);
    let mut log = at_rest();
    log.mac[0] ^= 1;
    log.finds(&[HEAD]);
    let mut log = at_rest();
    let older = Log::new(12, 0, 12);
    (log.head, log.mac) = (older.head, older.mac);
    log.finds(&[HEAD]);
    // A head of this size with another root, seen without the MAC's key: the signature is for the rows.
    let mut log = at_rest();
    let mut other = log.fitting_head();
    other.frontier = Frontier::from_parts(20, vec![[1; 32], [2; 32]]).unwrap();
    other.root = other.frontier.root();
    log.head = other.canonical(&ROOM);
    let report = log.report(Key::Pinned(signing_key(5).verifier()), false);
    assert_eq!(report.faults, [Fault { kind: HEAD.0, place: HEAD.1 }]);
}

#[test]
fn grants_that_the_log_does_not_give() {
    let differs = |n: u8| (FaultKind::GrantsDiffer, Place::Grant(GrantId::from_bytes([n; 16])));
    let mut log = at_rest();
    assert_eq!(log.grants.len(), 4);
    log.grants.iter_mut().find(|grant| grant.revoked).unwrap().revoked = false;
    log.finds(&[differs(5)]);
    log.grants = at_rest().grants;
    log.grants[0].role = Role::Security;
    log.finds(&[differs(3)]);
    log.grants = at_rest().grants;
    let strange = Grant { id: GrantId::from_bytes([66; 16]), ..log.grants[0].clone() };
    log.grants.push(strange);
    log.finds(&[differs(66)]);
    log.grants = at_rest().grants[1..].to_vec();
    log.finds(&[differs(3)]);
    for change in [
        (|grant| grant.expires = Time::from_ms(2_000_000)) as fn(&mut Grant),
        |grant| grant.not_before = Time::ZERO,
        |grant| grant.principal = ADMIN,
        |grant| grant.granted_by = None,
        |grant| grant.changed_at += 1,
    ] {
        log.grants = at_rest().grants;
        change(&mut log.grants[0]);
        log.finds(&[differs(3)]);
    }
}

#[test]
fn holds_that_the_log_does_not_give() {
    let differs = |n: u8| (FaultKind::HoldsDiffer, Place::Hold(HoldId::from_bytes([n; 16])));
    let mut log = at_rest();
    assert_eq!(log.holds.iter().map(|hold| hold.released).collect::<Vec<_>>(), [false, true]);
    for change in [
        (|hold| hold.classes = Classes::of(&[Class::Billing])) as fn(&mut Hold),
        |hold| hold.account = Some(AccountId::from_bytes([61; 16])),
        |hold| hold.placed_by = None,
        |hold| hold.case = None,
        |hold| hold.review = Time::MAX,
        |hold| hold.released = true,
        |hold| hold.changed_at += 1,
    ] {
        log.holds = at_rest().holds;
        change(&mut log.holds[0]);
        log.finds(&[differs(4)]);
    }
    // Released, and put back as it was before.
    log.holds = at_rest().holds;
    (log.holds[1].released, log.holds[1].changed_at) = (false, 7);
    log.finds(&[differs(7)]);
    log.holds = vec![at_rest().holds[1].clone()];
    log.finds(&[differs(4)]);
    let strange = Hold { id: HoldId::from_bytes([66; 16]), ..at_rest().holds[0].clone() };
    log.holds = [at_rest().holds, vec![strange]].concat();
    log.finds(&[differs(66)]);
}

#[test]
fn refused_attempts_give_nothing() {
    let mut replay = Replay::default();
    let refused =
        Entry { outcome: Outcome::Denied, what: What::Bare(Event::GrantGiven), ..entry(3, NO_LEAF) };
    replay.apply(&refused);
    replay.apply(&Entry { outcome: Outcome::Failed, ..entry(3, NO_LEAF) });
    replay.apply(&Entry { outcome: Outcome::Failed, ..entry(4, NO_LEAF) });
    assert!(replay.grants().is_empty() && replay.holds().is_empty());
}

#[test]
fn errors_of_the_rows_end_it_and_progress_is_told() {
    let log = at_rest();
    let evidence = Evidence {
        head: None,
        files: [None, None],
        key: Key::Unknown,
        grants: None,
        holds: None,
        approvals: None,
        waivers: None,
        factors: None,
        lives: None,
    };
    let rows = log.rows.iter().cloned().map(Ok).chain([Err("gone")]);
    assert_eq!(verify(rows, &evidence, |_| ()).err(), Some("gone"));
    let mut told = vec![];
    let rows = std::iter::repeat_n(&log.rows[0], 5000).cloned().map(Ok::<_, Infallible>);
    verify(rows, &evidence, |read| told.push(read)).unwrap();
    assert_eq!(told, [4096, 5000]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Any byte of any entry, leaf, head, MAC or checkpoint: found, of the right kind, at the right place.
    #[test]
    fn any_changed_byte_is_found_where_it_is(
        size in 1..40_u64,
        tail in 0..4_u64,
        part in 0..6,
        row in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        change in 1..=255_u8,
    ) {
        let newest = size.saturating_sub(tail);
        let mut log = Log::new(size, newest.saturating_sub(1), newest);
        let row = row.index(log.rows.len());
        let bytes: &mut [u8] = match part {
            0 => log.rows[row].entry.as_mut().unwrap(),
            1 => &mut log.rows[row].leaf,
            2 => &mut log.head,
            3 => &mut log.mac,
            4 if log.files[0].is_some() => log.files[0].as_mut().unwrap(),
            _ => log.files[1].as_mut().unwrap(),
        };
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        let report = log.verified();
        prop_assert_eq!(report.verdict(), Verdict::Broken);
        let first = report.faults[0];
        match part {
            0 | 1 => {
                let past = row as u64 >= newest;
                let kind = if past { FaultKind::UnsignedTailEdited } else { FaultKind::Edited };
                prop_assert_eq!((first.kind, first.place), (kind, Place::Position(row as u64)));
            }
            // Without its head the tail is covered by nothing, which is what the first fault says then.
            2 | 3 if tail > 0 => prop_assert_eq!(first.place, Place::Position(newest)),
            2 | 3 => prop_assert_eq!(first.place, Place::Head),
            _ => prop_assert_eq!(first.kind, FaultKind::WrongSignature),
        }
    }

    /// Whatever is edited with its leaf hashed anew and the chain made to fit for a while: the first fault is never
    /// before the first change.
    #[test]
    fn no_fault_is_told_before_the_first_change(
        size in 2..40_u64,
        tail in 0..4_u64,
        from in any::<prop::sample::Index>(),
        length in 1..40_usize,
    ) {
        let newest = size.saturating_sub(tail);
        let mut log = Log::new(size, newest.saturating_sub(1), newest);
        let from = from.index(log.rows.len());
        let rest = log.rows.split_off((from + length).min(log.rows.len()));
        log.edit(from, flip);
        log.rechain(from + 1);
        log.rows.extend(rest);
        let report = log.verified();
        prop_assert_eq!(report.verdict(), Verdict::Broken);
        let first = report.faults[0].place;
        prop_assert!(first.contains(from as u64) || first.first() > Some(from as u64), "{}", first);
    }
}
