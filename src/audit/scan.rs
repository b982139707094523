//! One pass over the rows of the log, in constant memory: what each row says of itself and of the one before, and
//! the roots at the sizes that somebody vouched for.
//!
//! There are two trees. One is built from the stored leaf hashes, the other from what each entry says that its
//! predecessor's was. If only the second has the root that was vouched for, then the links are genuine and the
//! stored leaf is what was changed: that tells an edited entry from an edited link. As long as every link is the stored
//! leaf they are one and the same tree, and only one of them is grown.

use super::{
    entry::{Entry, Undecodable, What},
    event::Data,
    read::Line,
    replay::Replay,
    report::{FaultKind, Faults, Place},
    tree::{Frontier, Hash, NO_LEAF, leaf_hash},
};
use crate::base::limits;

/// A row of the log.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its position, the table's key.
    pub position: u64,
    /// The line, byte for byte; nothing where it is gone.
    pub entry: Option<Vec<u8>>,
    /// The leaf hash that is stored beside it.
    pub leaf: Hash,
}

/// Who says what the hash of a part of the tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The checkpoint file of this number, of the root.
    File(usize),
    /// The head row, of the root.
    Head,
    /// A head row that is vouched for, of one of its perfect subtrees.
    Peak,
}

/// What somebody says of the leaves `from` up to `size`, and whether it held once the pass got there; nothing if
/// the pass did not.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub(super) source: Source,
    pub(super) from: u64,
    pub(super) size: u64,
    pub(super) hash: Hash,
    pub(super) holds: Option<bool>,
    holds_by_links: Option<bool>,
}

impl Anchor {
    pub(super) const fn new(source: Source, from: u64, size: u64, hash: Hash) -> Self {
        Self { source, from, size, hash, holds: None, holds_by_links: None }
    }

    fn fits(&self, tree: &Frontier) -> bool {
        match self.source {
            Source::File(_) | Source::Head => tree.root() == self.hash,
            Source::Peak => tree.peaks().last() == Some(&self.hash),
        }
    }
}

/// An entry whose link is not the leaf hash before it. Either may have been changed; the next entry's link tells.
struct BrokenLink {
    at: u64,
    /// Whether the next entry's link holds; nothing while there is none.
    vouched: Option<bool>,
}

/// The pass.
pub(super) struct Scan<'a> {
    /// Positions from here on are covered by nothing.
    covered: u64,
    /// There were such positions.
    uncovered: bool,
    /// Positions from here on are past the newest checkpoint.
    pub(super) signed: u64,
    anchors: &'a mut [Anchor],
    next_anchor: usize,
    next_by_links: usize,
    /// The tree over the stored leaf hashes, up to the last one, which the next link may contradict.
    tree: Frontier,
    /// The tree over the links, of the same size; nothing while it is the same.
    by_links: Option<Frontier>,
    /// The last stored leaf hash, if no leaf was missing before it.
    last: Option<Hash>,
    /// The position that the table should go on with.
    next: u64,
    /// How far the entries' own positions are ahead of the table's.
    shift: i128,
    /// A leaf is missing: no root past here can be compared.
    torn: bool,
    /// What the next entry may name as the leaf before it; nothing where that tells nothing.
    before: Option<[Hash; 2]>,
    broken_links: Vec<BrokenLink>,
    pub(super) faults: Faults,
    pub(super) unknown_events: u64,
    pub(super) replay: Replay,
    /// The incarnation that the entries so far belong to.
    pub(super) incarnation: u64,
}

impl<'a> Scan<'a> {
    /// A pass that looks for `anchors`, sorted by size.
    pub(super) fn new(covered: u64, signed: u64, anchors: &'a mut [Anchor]) -> Self {
        let mut scan = Self {
            covered,
            uncovered: false,
            signed,
            anchors,
            next_anchor: 0,
            next_by_links: 0,
            tree: Frontier::empty(),
            by_links: None,
            last: None,
            next: 0,
            shift: 0,
            torn: false,
            before: Some([NO_LEAF; 2]),
            broken_links: Vec::new(),
            faults: Faults::default(),
            unknown_events: 0,
            replay: Replay::default(),
            incarnation: 1,
        };
        scan.compare();
        scan
    }

    /// Takes the next row in.
    pub(super) fn row(&mut self, row: &Row) {
        if row.position >= self.covered {
            self.uncovered = true;
            return;
        }
        if row.position < self.next {
            self.faults.add(FaultKind::Edited, Place::Position(row.position));
            return;
        }
        if row.position > self.next {
            self.gap(self.next, row.position);
            self.next = row.position;
        }
        let computed = row.entry.as_deref().map(leaf_hash);
        let line = self.read(row, computed);
        let in_place = line.as_ref().is_none_or(|line| self.is_in_place(row.position, line.position));
        let link = line.as_ref().map(|line| line.prev.bytes());
        if in_place {
            self.link(row.position, link);
        }
        if let Some(line) = &line {
            self.begin_incarnation(line);
        }
        self.push(row.leaf, link);
        // Of a line and a leaf hash that do not fit each other, the next link may name either. To a line that is no
        // entry, its hash fitting, it was broken by the same hand and tells nothing more.
        let computed = computed.unwrap_or(row.leaf);
        self.before = (line.is_some() || computed != row.leaf).then_some([row.leaf, computed]);
        self.next = row.position + 1;
        if let Some(line) = line {
            self.unknown_events += u64::from(matches!(line.what, What::Unknown { .. }));
        }
    }

    /// What a restore says of the log that it found is what stands here in front of it.
    fn begin_incarnation(&mut self, line: &Line<'_>) {
        let What::Known(Data::RoomRestored { incarnation, size, root, .. }) = &line.what else { return };
        let tree = self.tree();
        let in_place =
            *size == line.position && (self.torn || (*size == tree.size() && *root == tree.root()));
        if !in_place || *incarnation <= self.incarnation {
            self.faults.add(FaultKind::IncarnationDiffers, Place::Position(line.position));
        }
        self.incarnation = *incarnation;
    }

    /// Whether every leaf up to here was there.
    pub(super) const fn is_torn(&self) -> bool {
        self.torn
    }

    /// Ends the pass.
    pub(super) fn finish(&mut self) {
        if self.uncovered {
            // One fault tells it: what follows the first uncovered entry is uncovered too.
            self.faults.add(FaultKind::AppendedBySql, Place::Position(self.covered));
        }
        if !self.torn {
            self.settle(None);
        }
        let mut edited = None;
        for link in std::mem::take(&mut self.broken_links) {
            let vouched = |anchor: &Anchor| {
                anchor.from < link.at && link.at <= anchor.size && anchor.holds_by_links == Some(true)
            };
            let genuine = link.vouched == Some(true) || self.anchors.iter().any(vouched);
            let before = link.at.saturating_sub(1);
            // The link to an edited entry does not fit, and says nothing of the entry that has it.
            if genuine || edited != Some(before) {
                let position = if genuine { before } else { link.at };
                self.edited(position);
                edited = Some(position);
            }
        }
    }

    /// How many entries there were, by their own count.
    pub(super) fn reached(&self) -> u64 {
        u64::try_from(i128::from(self.next) + self.shift).unwrap_or(self.next)
    }

    /// What was vouched for, by size.
    pub(super) fn anchors(&self) -> &[Anchor] {
        self.anchors
    }

    /// The tree over the stored leaf hashes.
    pub(super) fn tree(&self) -> Frontier {
        let mut tree = self.tree.clone();
        self.last.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }

    /// The row's line, if there is one that is an entry and its hash holds. The entry itself is made, and applied, where
    /// it gives or takes something.
    fn read<'r>(&mut self, row: &'r Row, computed: Option<Hash>) -> Option<Line<'r>> {
        let place = Place::Position(row.position);
        let Some(line) = row.entry.as_deref() else {
            self.faults.add(FaultKind::Missing, place);
            return None;
        };
        if computed != Some(row.leaf) {
            self.edited(row.position);
            return None;
        }
        let read = Line::read(line).and_then(|read| {
            if Replay::heeds(&read.what, read.names_approval) {
                self.replay.apply(&Entry::decode(line)?);
            }
            Ok(read)
        });
        match read {
            Ok(read) => Some(read),
            Err(Undecodable::DuplicateKey) => {
                self.faults.add(FaultKind::DuplicateKeys, place);
                None
            }
            Err(_) => {
                self.faults.add(FaultKind::Undecodable, place);
                None
            }
        }
    }

    fn edited(&mut self, position: u64) {
        self.faults.add(self.edited_kind(position), Place::Position(position));
    }

    /// An entry stands where none of its number should: the ones that follow are no longer where they were.
    fn edited_within(&mut self, from: u64, to: u64) {
        self.torn = true;
        self.before = None;
        if !self.faults.any(|fault| fault.place.contains(from)) {
            self.faults.add(self.edited_kind(from), Place::Within { from, to });
        }
    }

    fn edited_kind(&self, position: u64) -> FaultKind {
        if position < self.signed { FaultKind::Edited } else { FaultKind::UnsignedTailEdited }
    }

    /// Entries `from` up to `to` are not there.
    fn gap(&mut self, from: u64, to: u64) {
        let kind = match (from, to.saturating_sub(from)) {
            (0, _) => FaultKind::HeadMissing,
            (_, 1) => FaultKind::Missing,
            _ => FaultKind::RunDropped,
        };
        self.faults.add(kind, Place::All { from, to });
        self.torn = true;
        self.before = None;
    }

    /// Whether an entry's own position is the one that it should have; tells it once where rows were renumbered.
    fn is_in_place(&mut self, position: u64, own: u64) -> bool {
        let shift = i128::from(own) - i128::from(position);
        match shift - self.shift {
            0 => return true,
            1.. => self.gap(self.reached(), own),
            // One step back: the entry before was slipped in. Further back: this one stands in the log twice.
            -1 => self.edited_within(position.saturating_sub(1), position + 1),
            _ => {
                self.edited_within(position, position + 1);
                return false;
            }
        }
        self.shift = shift;
        false
    }

    /// Holds the link of the entry at `position` against the leaf before it.
    fn link(&mut self, position: u64, link: Option<Hash>) {
        let (Some(link), Some(before)) = (link, self.before) else { return };
        let holds = before.contains(&link);
        if let Some(last) = self.broken_links.last_mut().filter(|last| last.at + 1 == position) {
            last.vouched = Some(holds);
        }
        if holds {
            return;
        }
        if position == 0 {
            self.edited(0);
        } else if self.broken_links.len() < limits::VERIFY_FAULTS_MAX {
            self.broken_links.push(BrokenLink { at: position, vouched: None });
        }
    }

    fn push(&mut self, leaf: Hash, link: Option<Hash>) {
        if self.torn {
            return;
        }
        self.settle(link);
        self.last = Some(leaf);
        self.compare();
    }

    /// Grows the trees by the last leaf: as it was stored, and as `link` says.
    fn settle(&mut self, link: Option<Hash>) {
        let Some(stored) = self.last.take() else { return };
        let link = link.unwrap_or(stored);
        if self.by_links.is_none() && link != stored {
            self.by_links = Some(self.tree.clone());
        }
        if let Some(by_links) = &mut self.by_links {
            by_links.push(link);
        }
        self.tree.push(stored);
        self.compare_links();
    }

    fn compare(&mut self) {
        let size = self.tree.size() + u64::from(self.last.is_some());
        while self.anchors.get(self.next_anchor).is_some_and(|anchor| anchor.size == size) {
            let tree = self.tree();
            if let Some(anchor) = self.anchors.get_mut(self.next_anchor) {
                anchor.holds = Some(anchor.fits(&tree));
            }
            self.next_anchor += 1;
        }
    }

    fn compare_links(&mut self) {
        let by_links = self.by_links.as_ref().unwrap_or(&self.tree);
        while let Some(anchor) = self.anchors.get_mut(self.next_by_links) {
            if anchor.size > by_links.size() {
                break;
            }
            // The empty tree has no link.
            anchor.holds_by_links = (anchor.size > 0).then(|| anchor.fits(by_links));
            self.next_by_links += 1;
        }
    }
}
