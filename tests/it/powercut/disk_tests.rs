//! The model of the disk against runs written by hand: what may come back, what must, what never does.

use super::chance::Chance;
use super::content::{Content, SECTOR};
use super::disk::{Disk, Policy};
use super::run::scratch;
use super::trace::{Inode, Place, Record};
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// An empty disk and the records of a test.
struct Script {
    root: Inode,
    disk: Disk,
    policy: Policy,
}

const FILE: Inode = Inode { device: 1, number: 1000 };
const OTHER: Inode = Inode { device: 1, number: 1001 };

impl Script {
    fn new() -> Self {
        let empty = scratch();
        let meta = empty.path().metadata().unwrap();
        let root = Inode { device: meta.dev(), number: meta.ino() };
        Self { root, disk: Disk::load(empty.path()).unwrap(), policy: Policy::honest() }
    }

    fn at(&self, name: &str) -> Place {
        Place { directory: self.root, name: name.into() }
    }

    fn hear(mut self, record: &Record) -> Self {
        self.disk.hear(record, &self.policy).unwrap();
        self
    }

    fn create(self, file: Inode, name: &str) -> Self {
        let at = self.at(name);
        self.hear(&Record::Create { file, at, mode: 0o600 })
    }

    fn directory(self, directory: Inode, name: &str) -> Self {
        let at = self.at(name);
        self.hear(&Record::MakeDirectory { directory, at, mode: 0o700 })
    }

    fn write(self, file: Inode, data: &[u8]) -> Self {
        self.hear(&Record::Write { file, offset: 0, data: data.to_vec() })
    }

    fn sync(self, file: Inode) -> Self {
        let begin = Record::SyncBegin { file, sync: 1, path: String::new() };
        self.hear(&begin).hear(&Record::SyncEnd { sync: 1, done: true })
    }

    fn sync_root(self) -> Self {
        let root = self.root;
        self.sync(root)
    }

    fn rename(self, file: Inode, from: &str, to: &str) -> Self {
        let (from, to) = (self.at(from), self.at(to));
        self.hear(&Record::Rename { file, from, to })
    }

    /// Every disk that 300 cuts leave, as a text of its paths and contents.
    fn left(&self) -> BTreeSet<String> {
        (0..300)
            .map(|seed| {
                let into = scratch();
                self.disk.cut(&mut Chance::new(seed), into.path()).unwrap();
                let mut lines = Vec::new();
                list(into.path(), "", &mut lines);
                lines.sort();
                lines.join(" ")
            })
            .collect()
    }
}

fn list(directory: &Path, prefix: &str, lines: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            list(&entry.path(), &format!("{name}/"), lines);
            lines.push(format!("{name}/"));
        } else {
            lines.push(format!("{name}={}", String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap())));
        }
    }
}

fn set<const N: usize>(texts: [&str; N]) -> BTreeSet<String> {
    texts.map(str::to_owned).into()
}

#[test]
fn a_flushed_file_has_no_name_until_its_directory_is_flushed() {
    let unnamed = Script::new().create(FILE, "a").write(FILE, b"x").sync(FILE);
    assert_eq!(unnamed.left(), set(["", "a=x"]));
    assert_eq!(unnamed.sync_root().left(), set(["a=x"]));
}

#[test]
fn a_name_waits_for_its_own_directory() {
    let script = Script::new().directory(OTHER, "d").sync_root().create(FILE, "a").sync(OTHER);
    assert_eq!(script.left(), set(["a= d/", "d/"]));
}

#[test]
fn a_named_file_that_was_not_flushed_may_be_empty_or_zeros() {
    let script = Script::new().create(FILE, "a").sync_root().write(FILE, b"x");
    assert_eq!(script.left(), set(["a=", "a=\0", "a=x"]));
}

#[test]
fn a_rename_is_whole_and_durable_with_its_directory() {
    let old = Script::new().create(FILE, "a").write(FILE, b"old").sync(FILE).sync_root();
    let replaced = old.create(OTHER, "t").write(OTHER, b"new").sync(OTHER).rename(OTHER, "t", "a");
    assert_eq!(replaced.left(), set(["a=old", "a=old t=new", "a=new"]));
    assert_eq!(replaced.sync_root().left(), set(["a=new"]));
}

#[test]
fn a_file_moved_to_another_directory_is_never_nowhere() {
    let script = Script::new().directory(OTHER, "d").create(FILE, "a").sync_root();
    let (from, to) = (script.at("a"), Place { directory: OTHER, name: b"b".to_vec() });
    let moved = script.hear(&Record::Rename { file: FILE, from, to });
    assert_eq!(moved.left(), set(["a= d/", "d/ d/b="]));
    let left_first = moved.sync_root();
    assert_eq!(left_first.left(), set(["a= d/", "d/ d/b="]), "the new name is not in the flushed directory");
    assert_eq!(left_first.sync(OTHER).left(), set(["d/ d/b="]));
}

#[test]
fn the_new_name_of_a_moved_file_is_durable_before_the_old_one_goes() {
    let script = Script::new().directory(OTHER, "d").create(FILE, "a").sync_root();
    let (from, to) = (script.at("a"), Place { directory: OTHER, name: b"b".to_vec() });
    let moved = script.hear(&Record::Rename { file: FILE, from, to }).sync(OTHER);
    assert_eq!(moved.left(), set(["a= d/ d/b=", "d/ d/b="]));
    assert_eq!(moved.sync_root().left(), set(["d/ d/b="]));
}

#[test]
fn a_removed_name_may_come_back_until_its_directory_is_flushed() {
    let script = Script::new().create(FILE, "a").sync_root();
    let from = script.at("a");
    let removed = script.hear(&Record::Remove { file: FILE, from });
    assert_eq!(removed.left(), set(["", "a="]));
    assert_eq!(removed.sync_root().left(), set([""]));
}

#[test]
fn a_reused_inode_is_another_file() {
    let script = Script::new().create(FILE, "a").write(FILE, b"old").sync(FILE).sync_root();
    let from = script.at("a");
    let reused =
        script.hear(&Record::Remove { file: FILE, from }).create(FILE, "b").write(FILE, b"new").sync(FILE);
    assert!(reused.left().is_superset(&set(["", "a=old", "b=new", "a=old b=new"])));
    assert_eq!(reused.left().len(), 4);
}

#[test]
fn a_flush_covers_what_was_written_before_it_began() {
    let script = Script::new().create(FILE, "a").sync_root().write(FILE, b"1");
    let begun = script.hear(&Record::SyncBegin { file: FILE, sync: 7, path: String::new() });
    let during = begun.write(FILE, b"2");
    assert!(during.left().contains("a="), "not over yet");
    assert_eq!(during.hear(&Record::SyncEnd { sync: 7, done: true }).left(), set(["a=1", "a=2"]));
}

#[test]
fn what_a_failed_flush_covered_is_not_saved_by_the_next_one() {
    let script = Script::new().create(FILE, "a").write(FILE, b"1").sync(FILE).sync_root().write(FILE, b"2");
    let begun = script.hear(&Record::SyncBegin { file: FILE, sync: 7, path: String::new() });
    let failed = begun.hear(&Record::SyncEnd { sync: 7, done: false }).sync(FILE);
    assert_eq!(failed.left(), set(["a=1", "a=2"]));
    assert_eq!(failed.write(FILE, b"3").sync(FILE).left(), set(["a=3"]));
}

#[test]
fn a_disk_that_ignores_flushes_loses_what_they_promised() {
    let mut files = Script::new();
    files.policy = Policy::honest().ignore_syncs("-wal");
    let begin = Record::SyncBegin { file: FILE, sync: 3, path: "/room/store.db-wal".to_owned() };
    let files = files.create(FILE, "store.db-wal").write(FILE, b"x").hear(&begin);
    let files = files.hear(&Record::SyncEnd { sync: 3, done: true }).sync_root();
    assert!(files.left().contains("store.db-wal="));

    let mut names = Script::new();
    names.policy = Policy::honest().ignore_directory_syncs();
    assert_eq!(names.create(FILE, "a").sync_root().left(), set(["", "a="]));
}

/// The contents 500 cuts leave.
fn contents(content: &Content, unit: usize) -> BTreeSet<Vec<u8>> {
    (0..500).map(|seed| content.cut(&mut Chance::new(seed), unit)).collect()
}

fn filled(byte: u8, sectors: usize) -> Vec<u8> {
    vec![byte; sectors * SECTOR]
}

#[test]
fn sectors_survive_each_on_their_own_and_pages_mostly_whole() {
    let mut content = Content::durable(filled(b'0', 8));
    content.write(1, 0, &filled(b'1', 8));
    let of = |image: &Vec<u8>| image.chunks(SECTOR).map(<[u8]>::to_vec).collect::<BTreeSet<_>>().len();
    let mixed = contents(&content, 1).iter().filter(|image| of(image) > 1).count();
    assert!(mixed > 100, "sectors of both ages in {mixed} images");
    let pages = contents(&content, 8);
    assert!(pages.contains(&filled(b'0', 8)) && pages.contains(&filled(b'1', 8)));
    assert!(pages.iter().any(|image| of(image) > 1), "no page was torn");
}

#[test]
fn an_older_state_since_the_last_flush_may_be_what_is_left() {
    let mut content = Content::durable(filled(b'0', 1));
    (1..=3).for_each(|order| content.write(order, 0, &filled(b'0' + u8::try_from(order).unwrap(), 1)));
    let whole = |byte| contents(&content, 1).contains(&filled(byte, 1));
    assert!([b'0', b'1', b'2', b'3'].into_iter().all(whole));
    content.synced(3);
    let left: BTreeSet<u8> = contents(&content, 1).into_iter().flatten().collect();
    assert_eq!(left, BTreeSet::from([b'2', b'3']), "a flush that began at record 3 covers 1 and 2");
}

#[test]
fn a_truncation_is_one_event_and_what_it_cut_stays_away() {
    let mut content = Content::durable(filled(b'0', 3));
    content.resize(1, 0);
    assert_eq!(contents(&content, 1), BTreeSet::from([Vec::new(), filled(b'0', 3)]));
    content.write(2, 0, &filled(b'1', 3));
    for image in contents(&content, 1) {
        let bytes: BTreeSet<u8> = image.into_iter().collect();
        assert!(!(bytes.contains(&b'0') && bytes.len() > 1), "bytes from before and after it: {bytes:?}");
    }
    content.synced(3);
    assert_eq!(contents(&content, 1), BTreeSet::from([filled(b'1', 3)]));
}

#[test]
fn what_grows_without_data_reads_as_zeros() {
    let mut content = Content::durable(b"ab".to_vec());
    content.resize(1, 1);
    content.resize(2, 3);
    content.synced(3);
    assert_eq!(contents(&content, 8), BTreeSet::from([b"a\0\0".to_vec()]));
}
