//! Approvals and waivers as the log gives them.

use std::collections::BTreeMap;

use super::{
    entry::{Entry, What},
    event::Data,
    tree::Hash,
};
use crate::{
    access::rows::{ApprovalRow, ApprovalState, Waivable, WaiverRow, WaiverState},
    base::{ApprovalId, PrincipalId, Time, WaiverId},
};

/// The noun of the object by which an entry names the approval that it uses up.
pub(super) const NOUN: &str = "approval";

/// An approval, from the log or from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Who asked.
    pub requester: Option<PrincipalId>,
    /// Digest of exactly what.
    pub request: Hash,
    /// From when nothing comes of it.
    pub expires: Time,
    /// Who approved it, in order.
    pub approvers: Vec<PrincipalId>,
    /// How many it takes.
    pub needed: u64,
    /// How far it has come.
    pub state: ApprovalState,
    /// Position of the entry that last changed it.
    pub changed_at: u64,
}

impl From<&ApprovalRow> for Approval {
    fn from(row: &ApprovalRow) -> Self {
        Self {
            id: row.id,
            requester: Some(row.requester),
            request: row.request,
            expires: row.expires,
            approvers: [row.first, row.second].into_iter().flatten().collect(),
            needed: row.needed().into(),
            state: row.state,
            changed_at: row.changed_at,
        }
    }
}

/// A waiver, from the log or from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Its id.
    pub id: WaiverId,
    /// The rule that it puts out of force.
    pub rule: Waivable,
    /// Who gave it; nobody for those of the ceremony.
    pub given_by: Option<PrincipalId>,
    /// From when it counts no more.
    pub expires: Time,
    /// Whether it was ended.
    pub ended: bool,
    /// Position of the entry that last changed it.
    pub changed_at: u64,
}

impl From<&WaiverRow> for Waiver {
    fn from(row: &WaiverRow) -> Self {
        let WaiverRow { id, rule, given_by, created: _, expires, state, changed_at } = *row;
        Self { id, rule, given_by, expires, ended: state == WaiverState::Ended, changed_at }
    }
}

/// The approvals and waivers that the log gives, entry by entry.
#[derive(Debug, Default)]
pub(super) struct Approvals {
    pub(super) approvals: BTreeMap<ApprovalId, Approval>,
    pub(super) waivers: BTreeMap<WaiverId, Waiver>,
}

impl Approvals {
    /// Takes the next entry in, by `actor`.
    pub(super) fn apply(&mut self, entry: &Entry, actor: Option<PrincipalId>) {
        let What::Known(data) = &entry.what else { return };
        match data {
            Data::RoomInitialised { waivers, rules, waivers_expire, .. } => {
                for (id, rule) in waivers.iter().zip(rules) {
                    self.waive(entry, *id, *rule, *waivers_expire, None);
                }
            }
            Data::WaiverGiven { waiver, rule, expires } => {
                self.waive(entry, *waiver, *rule, *expires, actor);
                self.use_up(entry);
            }
            Data::WaiverEnded { waiver } => {
                if let Some(known) = self.waivers.get_mut(waiver) {
                    known.ended = true;
                    known.changed_at = entry.position;
                }
            }
            Data::ApprovalRequested { approval, request, needed, expires } => {
                let new = Approval {
                    id: *approval,
                    requester: actor,
                    request: *request,
                    expires: *expires,
                    approvers: Vec::new(),
                    needed: *needed,
                    state: ApprovalState::Requested,
                    changed_at: entry.position,
                };
                self.approvals.insert(*approval, new);
            }
            Data::ApprovalDecided { approval, approved, .. } => {
                self.decide(entry, *approval, *approved == 1, actor);
            }
            Data::ApprovalExpired { approvals } => {
                for id in approvals {
                    self.turn(entry, *id, |_| ApprovalState::Expired);
                }
            }
            Data::ApprovalListed { .. } => {}
            _ => self.use_up(entry),
        }
    }

    fn waive(&mut self, entry: &Entry, id: WaiverId, rule: Waivable, expires: Time, by: Option<PrincipalId>) {
        let changed_at = entry.position;
        let waiver = Waiver { id, rule, given_by: by, expires, ended: false, changed_at };
        self.waivers.insert(id, waiver);
    }

    fn decide(&mut self, entry: &Entry, id: ApprovalId, approved: bool, actor: Option<PrincipalId>) {
        self.turn(entry, id, |known| match (approved, known.state) {
            (false, _) => ApprovalState::Refused,
            (true, ApprovalState::Unreviewed) => ApprovalState::Reviewed,
            (true, _) => {
                known.approvers.extend(actor);
                if known.has_all() { ApprovalState::Approved } else { known.state }
            }
        });
    }

    /// What is carried out names the approval that it uses up.
    fn use_up(&mut self, entry: &Entry) {
        for named in entry.objects.iter().filter(|named| named.noun == NOUN) {
            self.turn(entry, ApprovalId::from_bytes(named.id), |known| {
                if known.has_all() { ApprovalState::Used } else { ApprovalState::Unreviewed }
            });
        }
    }

    fn turn(&mut self, entry: &Entry, id: ApprovalId, to: impl FnOnce(&mut Approval) -> ApprovalState) {
        if let Some(known) = self.approvals.get_mut(&id) {
            known.state = to(known);
            known.changed_at = entry.position;
        }
    }
}

impl Approval {
    fn has_all(&self) -> bool {
        self.approvers.len() as u64 >= self.needed
    }
}
