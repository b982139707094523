//! The notary on real files: what a power cut, a second process and a rolled-back database find.

use std::{path::Path, time::Duration};

use super::{Forged, Notary, Unpublished};
use crate::{
    audit::{checkpoint::Checkpoint, head::Head, note::SigningKey, outside::OutsideFiles, tree::leaf_hash},
    base::{Clock, RoomId, Secret, Time},
};

const ORIGIN: &str = "audit.example.com/room/1";

struct World {
    directory: tempfile::TempDir,
    clock: Clock,
    heads: Vec<Head>,
}

impl World {
    fn new() -> Self {
        let mut heads = vec![Head::new(1, 0, [0; 32])];
        for n in 0..40_u8 {
            let mut next = heads.last().unwrap().clone();
            next.push(leaf_hash(&[n]), Time::from_ms(i64::from(n)));
            heads.push(next);
        }
        Self { directory: tempfile::tempdir().unwrap(), clock: Clock::manual(Time::from_ms(1 << 40)), heads }
    }

    /// One process's notary.
    fn notary(&self) -> Notary {
        let key = SigningKey::new(ORIGIN, Secret::from_fill(|seed| seed.fill(5))).unwrap();
        let outside = OutsideFiles::new(self.directory.path().to_owned());
        let head_key = Secret::from_fill(|seed| seed.fill(6));
        Notary::new(RoomId::from_bytes([1; 16]), head_key, key, outside, self.clock.clone())
    }

    /// A notary whose files hold sizes 0 and 1, synced.
    fn opened(&self) -> Notary {
        let notary = self.notary();
        self.publish(&notary, 0, 0).unwrap();
        self.publish(&notary, 0, 1).unwrap();
        notary.sync().unwrap();
        notary
    }

    fn publish(&self, notary: &Notary, previous: usize, size: usize) -> Result<(), Unpublished> {
        notary.publish(previous as u64, &self.heads[size])
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.directory.path()).join(name)
    }

    /// The sizes in both files; `None` where no valid checkpoint stands.
    fn sizes(&self) -> [Option<u64>; 2] {
        ["checkpoint.a", "checkpoint.b"].map(|name| {
            let bytes = std::fs::read(self.path(name)).ok()?;
            Checkpoint::open(&bytes, self.notary().verifier()).ok().map(|checkpoint| checkpoint.size)
        })
    }
}

#[test]
fn what_is_published_is_read_back_and_each_publication_outlives_the_last() {
    let world = World::new();
    let notary = world.notary();
    assert_eq!(notary.newest(), Ok(None));
    for size in 0..=40 {
        world.publish(&notary, usize::saturating_sub(size, 1), size).unwrap();
        let newest = world.notary().newest().unwrap().unwrap();
        assert_eq!((newest.size, newest.root), (size as u64, world.heads[size].root));
    }
}

/// The rule that survives a power cut: one file alone is written until it is synced, at most a second; the other
/// was synced before. At 300 ms a step the fourth publication is due: it syncs A, then writes and syncs B.
#[test]
fn one_file_is_left_alone_until_the_other_is_synced() {
    let world = World::new();
    let notary = world.opened();
    let mut written = String::new();
    for size in 2..14 {
        world.clock.advance(Duration::from_millis(300));
        let before = world.sizes();
        world.publish(&notary, size - 1, size).unwrap();
        let after = world.sizes();
        written.extend((0..2).filter(|slot| before[*slot] != after[*slot]).map(|slot| ['A', 'B'][slot]));
        assert_eq!(notary.state().last.unwrap().dirty, written.ends_with('A'));
    }
    assert_eq!(written, "AAABAAABAAAB");
}

#[test]
fn a_torn_file_is_the_one_that_is_written_next() {
    for torn in ["checkpoint.a", "checkpoint.b"] {
        let world = World::new();
        drop(world.opened());
        let bytes = std::fs::read(world.path(torn)).unwrap();
        std::fs::write(world.path(torn), &bytes[..bytes.len() / 2]).unwrap();
        let left = world.notary().newest().unwrap().unwrap().size;
        world.publish(&world.notary(), 1, 2).unwrap();
        let mut sizes = world.sizes();
        sizes.sort_unstable();
        assert_eq!(sizes, [Some(left), Some(2)], "{torn}");
    }
}

#[test]
fn two_processes_take_turns_and_neither_goes_back() {
    let world = World::new();
    let processes = [world.opened(), world.notary()];
    for size in 2..=40 {
        world.clock.advance(Duration::from_millis(150));
        world.publish(&processes[size % 2], size - 1, size).unwrap();
        assert_eq!(world.notary().newest().unwrap().unwrap().size, size as u64);
    }
    let sizes = world.sizes();
    assert!(sizes.iter().all(|size| size.unwrap() > 25), "the files still alternate: {sizes:?}");
}

/// Another process died in the middle of its rewrite: the one file that is whole is synced and left alone, however
/// short ago this process synced.
#[test]
fn beside_a_torn_file_the_whole_one_is_never_rewritten() {
    for torn in ["checkpoint.a", "checkpoint.b"] {
        let world = World::new();
        let running = world.opened();
        let other = world.notary();
        world.publish(&other, 1, 2).unwrap();
        std::fs::write(world.path(torn), "torn").unwrap();
        let whole = world.sizes().into_iter().flatten().max().unwrap();
        world.publish(&running, 2, 3).unwrap();
        let mut sizes = world.sizes();
        sizes.sort_unstable();
        assert_eq!(sizes, [Some(whole), Some(3)], "{torn}");
    }
}

#[test]
fn a_smaller_or_forked_log_is_refused_and_stops_the_notary() {
    let world = World::new();
    let mut fork = world.heads[4].clone();
    fork.push(leaf_hash(b"fork"), Time::ZERO);

    let notary = world.opened();
    world.publish(&notary, 1, 5).unwrap();
    assert_eq!(world.publish(&notary, 5, 4), Err(Unpublished::Smaller { published: 5, size: 4 }));
    assert_eq!(world.publish(&notary, 5, 6), Err(Unpublished::Stopped));

    let reopened = world.notary();
    assert_eq!(world.publish(&reopened, 3, 4), Err(Unpublished::Smaller { published: 5, size: 4 }));
    assert_eq!(world.notary().publish(4, &fork), Err(Unpublished::Forked { size: 5 }));
    assert_eq!(world.sizes().into_iter().max(), Some(Some(5)), "nothing was written");
    assert_eq!(world.publish(&world.notary(), 4, 5), Ok(()), "the same again is no fault");
}

#[test]
fn files_that_somebody_took_away_stop_the_notary() {
    let world = World::new();
    let notary = world.opened();
    for name in ["checkpoint.a", "checkpoint.b"] {
        std::fs::remove_file(world.path(name)).unwrap();
    }
    assert_eq!(world.publish(&notary, 1, 2), Err(Unpublished::NoneValid));
    assert_eq!(world.publish(&world.notary(), 1, 2), Err(Unpublished::NoneValid));
    assert_eq!(world.sizes(), [None, None]);
}

#[test]
fn a_larger_checkpoint_that_came_from_elsewhere_is_not_overwritten() {
    let world = World::new();
    let notary = world.opened();
    world.publish(&notary, 1, 2).unwrap();
    world.publish(&world.notary(), 2, 5).unwrap();
    let ahead = world.sizes();
    // This one knows of size 2, and another log of this key has come to 5.
    assert_eq!(world.publish(&notary, 2, 3), Err(Unpublished::Smaller { published: 5, size: 3 }));
    assert_eq!(world.sizes(), ahead);
}

#[test]
fn files_of_another_key_are_no_checkpoint() {
    let world = World::new();
    drop(world.opened());
    let other = SigningKey::new(ORIGIN, Secret::from_fill(|seed| seed.fill(9))).unwrap();
    let forged = Checkpoint { origin: ORIGIN.into(), size: 1, root: [0; 32] }.sign(&other).unwrap();
    for name in ["checkpoint.a", "checkpoint.b"] {
        std::fs::write(world.path(name), &forged).unwrap();
    }
    assert_eq!(world.notary().newest(), Err(Unpublished::NoneValid));
    assert_eq!(world.publish(&world.notary(), 1, 2), Err(Unpublished::NoneValid));
}

#[test]
fn a_head_is_checked_by_mac_frontier_and_incarnation() {
    let world = World::new();
    let notary = world.notary();
    let head = &world.heads[7];
    let mac = notary.mac(head);
    assert_eq!(notary.check(head, &mac), Ok(()));
    assert_eq!(notary.check(&world.heads[8], &mac), Err(Forged));
    assert_eq!(notary.check(head, &mac[..31]), Err(Forged));
    let mut crooked = head.clone();
    crooked.root = [0; 32];
    assert_eq!(notary.check(&crooked, &notary.mac(&crooked)), Err(Forged), "a MAC does not straighten it");
    assert_eq!(notary.publish(0, &crooked), Err(Unpublished::OtherLog));
    let restored = Head { incarnation: 2, ..head.clone() };
    assert_eq!(world.notary().publish(0, &restored), Err(Unpublished::OtherLog));
}
