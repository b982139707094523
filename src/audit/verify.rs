//! Verification: what the rows, the head row, the checkpoint files and the tables of grants and holds say of each
//! other.
//!
//! A chain alone proves little: appending with correct hashes, cutting the tail, dropping the head or hashing
//! everything anew all leave a chain that fits. What tells them apart is who vouches for what: the signed
//! checkpoints for the log up to their sizes, the head's MAC for the log up to the head, and nothing for the rest.
//! What no log can show by itself is a whole room put back with its outside files: for that an auditor keeps a
//! checkpoint, or a witness does.

use std::borrow::Borrow;

use super::{
    approvals::{Approval, Waiver},
    checkpoint::Checkpoint,
    factors::Factor,
    head::Head,
    lives::Life,
    note::VerifierKey,
    replay::{Grant, Hold},
    report::{Fault, FaultKind, Place, Report},
    scan::{Anchor, Row, Scan, Source},
};
use crate::base::limits;

/// The key with which checkpoints are checked.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// None: checkpoints are read, their signatures are not checked.
    Unknown,
    /// The one that the room itself names. It finds accidents and whoever has the database alone; whoever can
    /// replace it can sign anew.
    OfRoom(&'a VerifierKey),
    /// One that the auditor has from elsewhere.
    Pinned(&'a VerifierKey),
}

/// The head row as it was read.
#[derive(Debug, Clone)]
pub struct HeadRow {
    /// What it says.
    pub head: Head,
    /// Whether its MAC holds; nothing for a verifier without the room's key.
    pub authentic: Option<bool>,
}

/// What the rows of the log are held against.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// The head row; nothing if there is none that can be read.
    pub head: Option<HeadRow>,
    /// The bytes of the two checkpoint files; nothing for one that does not exist. Of a room in use they are read
    /// before the rows' snapshot is taken: read after, they may be ahead of it, as if an older copy stood there.
    pub files: [Option<&'a [u8]>; 2],
    /// The key of their signatures.
    pub key: Key<'a>,
    /// The rows of the table of grants; nothing if it is not at hand.
    pub grants: Option<&'a [Grant]>,
    /// The rows of the table of holds; nothing if it is not at hand.
    pub holds: Option<&'a [Hold]>,
    /// The rows of the table of approvals; nothing if it is not at hand.
    pub approvals: Option<&'a [Approval]>,
    /// The rows of the table of waivers; nothing if it is not at hand.
    pub waivers: Option<&'a [Waiver]>,
    /// The rows of the table of second factors; nothing if it is not at hand.
    pub factors: Option<&'a [Factor]>,
    /// The rows of accounts that are not simply in use; nothing if they are not at hand.
    pub lives: Option<&'a [Life]>,
}

/// Verifies the log whose `rows`, owned or borrowed, come in the order of their positions. It holds one row at a time,
/// beside the grants and holds; `progress` is called with the number of rows read, now and then and at the end.
///
/// # Errors
/// The first error of `rows`. What is wrong with the log is no error but the report.
pub fn verify<E>(
    rows: impl IntoIterator<Item = Result<impl Borrow<Row>, E>>,
    evidence: &Evidence<'_>,
    mut progress: impl FnMut(u64),
) -> Result<Report, E> {
    let files = Files::read(evidence);
    let mut anchors = anchors(evidence, &files);
    let mut scan = Scan::new(covered(evidence, &files), files.newest_size(), &mut anchors);
    let mut read = 0_u64;
    for row in rows {
        scan.row(row?.borrow());
        read += 1;
        if read.is_multiple_of(limits::VERIFY_PROGRESS_ENTRIES) {
            progress(read);
        }
    }
    progress(read);
    scan.finish();
    Ok(judge(evidence, &files, scan))
}

/// The checkpoint files as they were read.
struct Files {
    checkpoints: [Option<Checkpoint>; 2],
    /// Files that exist and hold no checkpoint of the key.
    bad: Vec<usize>,
}

impl Files {
    fn read(evidence: &Evidence<'_>) -> Self {
        let mut bad = Vec::new();
        let mut number = 0..;
        let checkpoints = evidence.files.map(|file| {
            let number = number.next().unwrap_or_default();
            let read = match evidence.key {
                Key::Unknown => Checkpoint::read_unverified(file?),
                Key::OfRoom(key) | Key::Pinned(key) => Checkpoint::open_of_any(file?, key),
            };
            if read.is_err() {
                bad.push(number);
            }
            read.ok()
        });
        // What was signed before a restore tells of a log that ended: the restore keeps it apart.
        let stated = trusted(evidence).map_or(0, |row| row.head.incarnation);
        let incarnations = checkpoints.iter().flatten().map(Checkpoint::incarnation);
        let current = incarnations.chain([stated]).max().unwrap_or(0);
        let checkpoints = checkpoints.map(|read| read.filter(|read| read.incarnation() == current));
        Self { checkpoints, bad }
    }

    fn newest(&self) -> Option<&Checkpoint> {
        self.checkpoints.iter().flatten().max_by_key(|checkpoint| checkpoint.size)
    }

    fn newest_size(&self) -> u64 {
        self.newest().map_or(0, |checkpoint| checkpoint.size)
    }
}

/// The head row, unless it is known to be forged.
fn trusted<'e>(evidence: &'e Evidence<'_>) -> Option<&'e HeadRow> {
    evidence.head.as_ref().filter(|row| row.authentic != Some(false) && row.head.is_whole())
}

/// Up to where somebody vouches for the rows: the larger of head and newest checkpoint. Without either the rows are
/// looked at all the same.
fn covered(evidence: &Evidence<'_>, files: &Files) -> u64 {
    let head = trusted(evidence).map(|row| row.head.size);
    let newest = files.newest().map(|checkpoint| checkpoint.size);
    head.max(newest).unwrap_or(u64::MAX)
}

/// What is vouched for, by size.
fn anchors(evidence: &Evidence<'_>, files: &Files) -> Vec<Anchor> {
    let mut anchors = Vec::new();
    for (number, checkpoint) in files.checkpoints.iter().enumerate() {
        let anchor = |read: &Checkpoint| Anchor::new(Source::File(number), 0, read.size, read.root);
        anchors.extend(checkpoint.as_ref().map(anchor));
    }
    if let Some(HeadRow { head, .. }) = trusted(evidence) {
        anchors.push(Anchor::new(Source::Head, 0, head.size, head.root));
    }
    if let Some(HeadRow { head, authentic }) = evidence.head.as_ref().filter(|row| row.head.is_whole()) {
        // A signed root vouches for the head's subtrees too, whatever its MAC covers besides.
        let signed = |read: &Checkpoint| read.size == head.size && read.root == head.root;
        if *authentic == Some(true) || files.checkpoints.iter().flatten().any(signed) {
            let mut from = 0;
            for (end, peak) in head.frontier.ends() {
                anchors.push(Anchor::new(Source::Peak, from, end, *peak));
                from = end;
            }
        }
    }
    anchors.sort_by_key(|anchor| anchor.size);
    anchors
}

fn judge(evidence: &Evidence<'_>, files: &Files, mut scan: Scan<'_>) -> Report {
    judge_length(evidence, files, &mut scan);
    judge_roots(evidence, &mut scan);
    judge_head(evidence, files, &mut scan);
    for number in &files.bad {
        scan.faults.add(FaultKind::WrongSignature, Place::Checkpoint(Some(*number)));
    }
    if files.newest().is_none() && files.bad.is_empty() {
        scan.faults.add(FaultKind::NoCheckpoint, Place::Checkpoint(None));
    }
    // Held against a log that is not whole, grants and holds would tell nothing.
    if !scan.faults.any(|fault| fault.place.first().is_some()) {
        for id in evidence.grants.map(|rows| scan.replay.differing_grants(rows)).unwrap_or_default() {
            scan.faults.add(FaultKind::GrantsDiffer, Place::Grant(id));
        }
        for id in evidence.holds.map(|rows| scan.replay.differing_holds(rows)).unwrap_or_default() {
            scan.faults.add(FaultKind::HoldsDiffer, Place::Hold(id));
        }
        let approvals = evidence.approvals.map(|rows| scan.replay.differing_approvals(rows));
        for id in approvals.unwrap_or_default() {
            scan.faults.add(FaultKind::ApprovalsDiffer, Place::Approval(id));
        }
        for id in evidence.waivers.map(|rows| scan.replay.differing_waivers(rows)).unwrap_or_default() {
            scan.faults.add(FaultKind::WaiversDiffer, Place::Waiver(id));
        }
        for id in evidence.factors.map(|rows| scan.replay.differing_factors(rows)).unwrap_or_default() {
            scan.faults.add(FaultKind::FactorsDiffer, Place::Factor(id));
        }
        for id in evidence.lives.map(|rows| scan.replay.differing_lives(rows)).unwrap_or_default() {
            scan.faults.add(FaultKind::AccountsDiffer, Place::Account(id));
        }
    }
    let tree = scan.tree();
    let (size, root) = (tree.size(), tree.root());
    let unsigned = scan.reached().saturating_sub(files.newest_size());
    // A tail that only an unchecked head covers could be anybody's.
    let tail = unsigned == 0 || trusted(evidence).is_some_and(|row| row.authentic == Some(true));
    let authenticated = tail && scan.faults.is_empty() && matches!(evidence.key, Key::Pinned(_));
    let unknown_events = scan.unknown_events;
    let (faults, faults_left_out) = scan.faults.into_parts();
    let checkpoint = files.newest().cloned();
    Report { size, root, checkpoint, authenticated, unsigned, unknown_events, faults, faults_left_out }
}

/// Whether the log is as long as somebody says that it is.
fn judge_length(evidence: &Evidence<'_>, files: &Files, scan: &mut Scan<'_>) {
    let reached = scan.reached();
    let place = Place::Position(reached);
    if trusted(evidence).is_some_and(|row| reached < row.head.size) {
        scan.faults.add(FaultKind::TailCut, place);
    } else if reached < files.newest_size() {
        let kind = match trusted(evidence).map(|row| row.authentic) {
            // The program itself once wrote a head of this size.
            Some(Some(true)) => FaultKind::ReplacedByOlderCopy,
            // Nobody here can tell a genuine older head from one that was made up.
            Some(_) => FaultKind::BehindCheckpoint,
            None => FaultKind::TailCut,
        };
        scan.faults.add(kind, place);
    }
}

/// Whether the roots that somebody vouched for are those of the rows. What a row's own fault explains is not told
/// again.
fn judge_roots(evidence: &Evidence<'_>, scan: &mut Scan<'_>) {
    let failed = |wanted: fn(Source) -> bool| {
        let of_these = scan.anchors().iter().filter(move |anchor| wanted(anchor.source));
        of_these.filter(|anchor| anchor.holds == Some(false)).min_by_key(|anchor| anchor.size).cloned()
    };
    let file = failed(|source| matches!(source, Source::File(_)));
    let head = failed(|source| source == Source::Head);
    let head_holds =
        scan.anchors().iter().any(|anchor| anchor.source == Source::Head && anchor.holds == Some(true));
    let authentic = trusted(evidence).is_some_and(|row| row.authentic == Some(true));

    let (kind, anchor) = match (file, head) {
        // The holder of the head's key wrote these rows, and signed others: the log was continued from a copy.
        (Some(file), _) if head_holds && authentic => (FaultKind::ReplacedByOlderCopy, file),
        (Some(file), _) => (FaultKind::Edited, file),
        // A checkpoint as large as the head holds, or a larger one: then it is the head row that is wrong.
        (None, Some(head)) if scan.signed >= head.size => return,
        (None, Some(head)) => (FaultKind::UnsignedTailEdited, head),
        (None, None) => return,
    };
    let place = narrowed(scan.anchors(), &anchor, kind);
    if !scan.faults.any(|fault: &Fault| fault.place.first().is_some_and(|at| place.contains(at))) {
        scan.faults.add(kind, place);
    }
}

/// Where the first change is that made `failed` fail: past what holds, and within the first subtree that does not.
fn narrowed(anchors: &[Anchor], failed: &Anchor, kind: FaultKind) -> Place {
    // The head of a log that was continued from a copy holds: it tells nothing about the one that was signed.
    let may_tell =
        |anchor: &&Anchor| matches!(anchor.source, Source::File(_)) || kind != FaultKind::ReplacedByOlderCopy;
    let anchors = || anchors.iter().filter(may_tell).filter(|anchor| anchor.size <= failed.size);
    let to = anchors().filter(|anchor| anchor.holds == Some(false)).map(|anchor| anchor.size).min();
    let to = to.unwrap_or(failed.size);
    let holding = anchors().filter(|anchor| anchor.holds == Some(true) && anchor.size < to);
    let from = holding.map(|anchor| anchor.size).max().unwrap_or(0);
    Place::Within { from, to }
}

/// Whether the head row is there, genuine and not older than the log.
fn judge_head(evidence: &Evidence<'_>, files: &Files, scan: &mut Scan<'_>) {
    let reached = scan.reached();
    let sound = trusted(evidence).is_some_and(|HeadRow { head, .. }| {
        let old = head.size < files.newest_size() && reached >= files.newest_size();
        let wrong = scan.signed >= head.size
            && scan
                .anchors()
                .iter()
                .any(|anchor| anchor.source == Source::Head && anchor.holds == Some(false))
            && !scan.faults.any(|fault| fault.place.first().is_some_and(|at| at < head.size));
        !old && !wrong
    });
    if !sound {
        scan.faults.add(FaultKind::HeadForged, Place::Head);
    }
    let differs = trusted(evidence).is_some_and(|HeadRow { head, .. }| {
        let whole = !scan.is_torn() && reached == head.size;
        whole && head.size > 0 && scan.incarnation != u64::from(head.incarnation)
    });
    if differs {
        scan.faults.add(FaultKind::IncarnationDiffers, Place::Head);
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
