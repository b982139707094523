//! What it costs to verify a log of a million entries: each line read strictly, its leaf hashed, its link held against
//! the one before, the tree grown; against the hash crate alone over the same leaves one by one and the tree's nodes.
//! One thread each.
//!
//! `cargo bench --bench verification`. The entries are audited reads as a room wrote them, the same one again and
//! again with its own position, link and nonce.
#![expect(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![expect(clippy::print_stdout, reason = "the ratios are the result")]
#![expect(clippy::disallowed_methods, reason = "measures the passing of real time")]

mod staged;

use std::{
    convert::Infallible,
    hint::black_box,
    time::{Duration, Instant},
};

use base64ct::{Base64, Encoding};
use criterion::{Criterion, Throughput};
use sha2::{Digest, Sha256};
use strongroom::{
    audit::{Entry, Evidence, Frontier, Hash, Head, HeadRow, Key, NO_LEAF, Row, leaf_hash, verify},
    room::{LogPart, Page, Purpose, Registration, SecretText, Why},
};

/// Turns of which the median counts.
const TURNS: usize = 7;

fn main() {
    let is_measured = std::env::args().any(|arg| arg == "--bench");
    let log = Log::of(if is_measured { 1_000_000 } else { 1_000 });
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("a log");
    group.throughput(Throughput::Elements(log.rows.len() as u64));
    group.bench_function("verify", |bench| bench.iter(|| log.verified()));
    group.bench_function("hash alone", |bench| bench.iter(|| log.hashed()));
    group.finish();
    criterion.final_summary();

    let mut turns: Vec<_> = (0..TURNS).map(|_| (time(|| log.verified()), time(|| log.hashed()))).collect();
    let ratio = |(ours, hashes): &(Duration, Duration)| hashes.as_secs_f64() / ours.as_secs_f64();
    turns.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let median = turns.get(TURNS / 2).unwrap();
    println!(
        "{} entries of {} bytes: verified in {:.2?}, hashed in {:.2?}: {:.2} of the speed of the hashes alone (median of {TURNS} turns)",
        log.rows.len(),
        log.bytes / log.rows.len(),
        median.0,
        median.1,
        ratio(median)
    );
}

/// A log in memory, under a checkpoint.
struct Log {
    rows: Vec<Row>,
    bytes: usize,
    head: Head,
    checkpoint: Vec<u8>,
}

impl Log {
    fn of(size: u64) -> Self {
        let read = an_audited_read();
        let mut entry = Entry::decode(read.as_bytes()).unwrap();
        let (mut rows, mut bytes, mut tree, mut leaf) = (Vec::new(), 0, Frontier::empty(), NO_LEAF);
        for position in 0..size {
            entry.position = position;
            entry.prev = leaf;
            entry.nonce = strongroom::room::Id::from_bytes(u128::from(position).to_be_bytes());
            let line = entry.encode().unwrap();
            leaf = leaf_hash(&line);
            bytes += line.len();
            tree.push(leaf);
            rows.push(Row { position, entry: Some(line), leaf });
        }
        let root = tree.root();
        let signature = Base64::encode_string(&[0; 68]);
        let text =
            format!("bench/1\n{size}\n{}\n\n\u{2014} bench/1 {signature}\n", Base64::encode_string(&root));
        let frontier = tree;
        let (incarnation, epoch, last_time, authority) = (1, 1, entry.time, [0; 32]);
        let head = Head { incarnation, size, root, frontier, epoch, last_time, authority };
        Self { rows, bytes, head, checkpoint: text.into_bytes() }
    }

    fn verified(&self) -> usize {
        let head = HeadRow { head: self.head.clone(), authentic: None };
        let files = [Some(self.checkpoint.as_slice()), None];
        let evidence = Evidence {
            head: Some(head),
            files,
            key: Key::Unknown,
            grants: None,
            holds: None,
            approvals: None,
            waivers: None,
            factors: None,
            lives: None,
        };
        let Ok(report) = verify(self.rows.iter().map(Ok::<_, Infallible>), &evidence, |_| ());
        assert!(report.faults.is_empty() && report.root == self.head.root, "{:?}", report.faults);
        self.rows.len()
    }

    /// Each leaf's hash and each node's, and nothing else.
    fn hashed(&self) -> Hash {
        let mut peaks: Vec<Hash> = Vec::new();
        for (position, row) in (0_u64..).zip(&self.rows) {
            let line = row.entry.as_deref().unwrap();
            let mut node: Hash = Sha256::new().chain_update([0]).chain_update(line).finalize().into();
            for _ in 0..position.trailing_ones() {
                node = join(&peaks.pop().unwrap(), &node);
            }
            peaks.push(node);
        }
        let root = peaks.into_iter().rev().reduce(|right, left| join(&left, &right)).unwrap();
        assert!(root == self.head.root);
        black_box(root)
    }
}

/// A line of the log that records that staff read an account.
fn an_audited_read() -> String {
    let directory = tempfile::tempdir().unwrap();
    let room = staged::room(&directory.path().join("room"));
    let password = SecretText::new("violet kettle sings at noon".to_owned());
    let registration =
        Registration { email: "jane.doe@example.com", name: Some("Jane Doe"), password: &password };
    let account = room.register(&registration).unwrap().account;
    let sam = room.staff(&room.assume("sam").unwrap().token);
    let position = sam.account(account, &Why::purpose(Purpose::SupportRequest)).unwrap().position;
    let vera = room.staff(&room.assume("vera").unwrap().token);
    vera.audit_log(LogPart::All, position, &Page::first(1), &Why::unstated()).unwrap().entries.remove(0).line
}

fn join(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}
