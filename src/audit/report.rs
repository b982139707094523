//! What a verification found.

use std::{cmp::Ordering, fmt};

use super::{checkpoint::Checkpoint, tree::Hash};
use crate::base::{AccountId, ApprovalId, FactorId, GrantId, HoldId, WaiverId, limits};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// An entry or its leaf hash is not what was written.
    Edited,
    /// One entry is gone from the middle.
    Missing,
    /// The newest entries are gone.
    TailCut,
    /// The oldest entries are gone.
    HeadMissing,
    /// Several entries are gone from the middle.
    RunDropped,
    /// Entries that neither head nor checkpoint covers.
    AppendedBySql,
    /// An entry past the newest checkpoint is not what the head covers.
    UnsignedTailEdited,
    /// A line is no entry, although its hash holds.
    Undecodable,
    /// A line has a key twice, although its hash holds.
    DuplicateKeys,
    /// A checkpoint file carries no valid signature of the log's key.
    WrongSignature,
    /// The log is smaller than its checkpoint says, and nothing tells why.
    BehindCheckpoint,
    /// The log is sound in itself, but not the one, or not as long as the one, that was signed: an older copy was
    /// put in its place, or grew on from there.
    ReplacedByOlderCopy,
    /// A grant in the table is not what the log gives.
    GrantsDiffer,
    /// A hold in the table is not what the log gives.
    HoldsDiffer,
    /// An approval in the table is not what the log gives.
    ApprovalsDiffer,
    /// A waiver in the table is not what the log gives.
    WaiversDiffer,
    /// A second factor in the table is not what the log gives.
    FactorsDiffer,
    /// State or suspension of an account in the table is not what the log gives.
    AccountsDiffer,
    /// The head row is missing, older than the log, or not what the program wrote.
    HeadForged,
    /// There is no checkpoint of this log at all.
    NoCheckpoint,
    /// The log was begun again by a restore, and what the restore's entry or the head says of that is not so.
    IncarnationDiffers,
}

impl FaultKind {
    /// The name in reports for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Missing => "missing",
            Self::TailCut => "tail_cut",
            Self::HeadMissing => "head_missing",
            Self::RunDropped => "run_dropped",
            Self::AppendedBySql => "appended_by_sql",
            Self::UnsignedTailEdited => "unsigned_tail_edited",
            Self::Undecodable => "undecodable",
            Self::DuplicateKeys => "duplicate_keys",
            Self::WrongSignature => "wrong_signature",
            Self::BehindCheckpoint => "behind_checkpoint",
            Self::ReplacedByOlderCopy => "replaced_by_older_copy",
            Self::GrantsDiffer => "grants_differ",
            Self::HoldsDiffer => "holds_differ",
            Self::ApprovalsDiffer => "approvals_differ",
            Self::WaiversDiffer => "waivers_differ",
            Self::FactorsDiffer => "factors_differ",
            Self::AccountsDiffer => "accounts_differ",
            Self::HeadForged => "head_forged",
            Self::NoCheckpoint => "no_checkpoint",
            Self::IncarnationDiffers => "incarnation_differs",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Edited => "was edited",
            Self::Missing => "is missing",
            Self::TailCut => "and all after it were cut off",
            Self::HeadMissing => "are missing from the beginning",
            Self::RunDropped => "were dropped",
            Self::AppendedBySql => "is covered by neither head nor checkpoint: somebody appended it",
            Self::UnsignedTailEdited => "was edited past the newest checkpoint",
            Self::Undecodable => "is no entry",
            Self::DuplicateKeys => "has a key twice",
            Self::WrongSignature => "carries no valid signature of the log's key",
            Self::BehindCheckpoint => "and all after it are signed for, but not there",
            Self::ReplacedByOlderCopy => {
                "is not the one that was signed: an older copy of the log is in its place"
            }
            Self::GrantsDiffer
            | Self::HoldsDiffer
            | Self::ApprovalsDiffer
            | Self::WaiversDiffer
            | Self::FactorsDiffer
            | Self::AccountsDiffer => "is not what the log says",
            Self::HeadForged => "is missing, old, or not what this program wrote",
            Self::NoCheckpoint => "does not exist",
            Self::IncarnationDiffers => "does not say truly how often the log was begun again",
        }
    }
}

/// Where it is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// At this position.
    Position(u64),
    /// At each position from `from` up to, not including, `to`.
    All {
        /// The first.
        from: u64,
        /// The one after the last.
        to: u64,
    },
    /// Somewhere from `from` up to, not including, `to`: the hashes up to `from` hold, those up to `to` do not, and
    /// between them everything was made to fit.
    Within {
        /// The first that it may be.
        from: u64,
        /// The one after the last that it may be.
        to: u64,
    },
    /// In this of the checkpoint files, counted from 0; nothing if it is about all of them.
    Checkpoint(Option<usize>),
    /// In the head row.
    Head,
    /// In the table of grants.
    Grant(GrantId),
    /// In the table of holds.
    Hold(HoldId),
    /// In the table of approvals.
    Approval(ApprovalId),
    /// In the table of waivers.
    Waiver(WaiverId),
    /// In the table of second factors.
    Factor(FactorId),
    /// In the table of accounts.
    Account(AccountId),
}

impl Place {
    /// The first position that it may be; nothing for what has no position.
    pub const fn first(&self) -> Option<u64> {
        match self {
            Self::Position(at) => Some(*at),
            Self::All { from, .. } | Self::Within { from, .. } => Some(*from),
            Self::Checkpoint(_)
            | Self::Head
            | Self::Grant(_)
            | Self::Hold(_)
            | Self::Approval(_)
            | Self::Waiver(_)
            | Self::Factor(_)
            | Self::Account(_) => None,
        }
    }

    /// Whether it is, or may be, at `position`.
    pub const fn contains(&self, position: u64) -> bool {
        match self {
            Self::Position(at) => *at == position,
            Self::All { from, to } | Self::Within { from, to } => *from <= position && position < *to,
            Self::Checkpoint(_)
            | Self::Head
            | Self::Grant(_)
            | Self::Hold(_)
            | Self::Approval(_)
            | Self::Waiver(_)
            | Self::Factor(_)
            | Self::Account(_) => false,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(at) => write!(f, "entry {at}"),
            Self::All { from, to } if from + 1 == *to => write!(f, "entry {from}"),
            Self::All { from, to } => write!(f, "entries {from} to {}", to.saturating_sub(1)),
            Self::Within { from, to } if from + 1 == *to => write!(f, "entry {from}"),
            Self::Within { from, to } => write!(f, "one of the entries {from} to {}", to.saturating_sub(1)),
            Self::Checkpoint(Some(0)) => f.write_str("checkpoint.a"),
            Self::Checkpoint(Some(_)) => f.write_str("checkpoint.b"),
            Self::Checkpoint(None) => f.write_str("the outside checkpoint"),
            Self::Head => f.write_str("the head row"),
            Self::Grant(id) => write!(f, "grant {id}"),
            Self::Hold(id) => write!(f, "hold {id}"),
            Self::Approval(id) => write!(f, "approval {id}"),
            Self::Waiver(id) => write!(f, "waiver {id}"),
            Self::Factor(id) => write!(f, "factor {id}"),
            Self::Account(id) => write!(f, "account {id}"),
        }
    }
}

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where.
    pub place: Place,
}

impl Fault {
    /// By position; what has none comes after.
    fn order(&self, other: &Self) -> Ordering {
        let key = |fault: &Self| (fault.place.first().unwrap_or(u64::MAX), fault.kind);
        key(self).cmp(&key(other))
    }
}

/// `entry 7 was edited`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.place, self.kind.sentence())
    }
}

/// Faults in the order of their positions, the first hundred singly.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    list: Vec<Fault>,
    left_out: u64,
}

impl Faults {
    pub(super) fn add(&mut self, kind: FaultKind, place: Place) {
        let fault = Fault { kind, place };
        if self.list.contains(&fault) {
            return;
        }
        let at = self.list.partition_point(|earlier| earlier.order(&fault).is_le());
        self.list.insert(at, fault);
        // What is left out is the last in order, never the first bad position.
        if self.list.len() > limits::VERIFY_FAULTS_MAX {
            self.list.truncate(limits::VERIFY_FAULTS_MAX);
            self.left_out += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn any(&self, wanted: impl Fn(&Fault) -> bool) -> bool {
        self.list.iter().any(wanted)
    }

    pub(super) fn into_parts(self) -> (Vec<Fault>, u64) {
        (self.list, self.left_out)
    }
}

/// How a verification ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No fault, and a pinned key signed the newest checkpoint.
    Authenticated,
    /// No fault; but whoever can write everything could have written everything anew.
    Consistent,
    /// There are faults.
    Broken,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authenticated => "authenticated",
            Self::Consistent => "consistent, not authenticated",
            Self::Broken => "broken",
        })
    }
}

/// What a verification found.
#[derive(Debug, Clone)]
pub struct Report {
    /// Entries that were read and are covered by head or checkpoint.
    pub size: u64,
    /// The root of the tree over their leaf hashes.
    pub root: Hash,
    /// The newest checkpoint that could be read and, with a key, whose signature holds.
    pub checkpoint: Option<Checkpoint>,
    /// Whether there is no fault, a pinned key signed that checkpoint, and entries past it, if there are any, are
    /// covered by a head whose MAC was checked.
    pub authenticated: bool,
    /// Entries past the newest checkpoint.
    pub unsigned: u64,
    /// Entries whose event this version of the program does not know. They are verified like the others.
    pub unknown_events: u64,
    /// What is wrong, the first bad position first.
    pub faults: Vec<Fault>,
    /// Faults beyond the limit of what is told singly.
    pub faults_left_out: u64,
}

impl Report {
    /// How it ended.
    pub fn verdict(&self) -> Verdict {
        match (self.faults.is_empty(), self.authenticated) {
            (false, _) => Verdict::Broken,
            (true, true) => Verdict::Authenticated,
            (true, false) => Verdict::Consistent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, Faults, Place};
    use crate::base::limits;

    #[test]
    fn the_first_bad_position_stands_first_and_is_never_left_out() {
        let mut faults = Faults::default();
        faults.add(FaultKind::HeadForged, Place::Head);
        for at in (0..200).rev() {
            faults.add(FaultKind::Edited, Place::Position(at));
            faults.add(FaultKind::Edited, Place::Position(at));
        }
        let (list, left_out) = faults.into_parts();
        assert_eq!(list[0], Fault { kind: FaultKind::Edited, place: Place::Position(0) });
        assert_eq!((list.len(), left_out), (limits::VERIFY_FAULTS_MAX, 101));
    }

    #[test]
    fn faults_read_as_sentences() {
        let say = |kind, place| Fault { kind, place }.to_string();
        assert_eq!(say(FaultKind::Edited, Place::Position(7)), "entry 7 was edited");
        assert_eq!(say(FaultKind::RunDropped, Place::All { from: 3, to: 9 }), "entries 3 to 8 were dropped");
        assert_eq!(
            say(FaultKind::Edited, Place::Within { from: 0, to: 4 }),
            "one of the entries 0 to 3 was edited"
        );
        assert_eq!(say(FaultKind::TailCut, Place::Position(5)), "entry 5 and all after it were cut off");
        assert_eq!(
            say(FaultKind::WrongSignature, Place::Checkpoint(Some(1))),
            "checkpoint.b carries no valid signature of the log's key"
        );
    }
}
