//! The second person, as the transaction of a request sees it: an open approval of exactly this request, the rules that
//! are out of force, and the approval that is made where none is there.

use super::{
    core::{Core, Opening},
    error::{Awaited, Failure, StaffError},
};
use crate::{
    access::{
        Action, Denial, Object, Permit, Request, Vouched, approving,
        rows::{ApprovalRow, ApprovalState, Waivable, WaiverRow, is_waived},
    },
    audit::{Actor, Call, Data, Draft},
    base::{ApprovalId, EntryNonce, PrincipalId, SessionId, Time, limits},
    crypto::digest,
    store::{LogTurn, Queries, StoreError, approvals},
};

impl Core {
    /// The approval that a decision looks at: the one that is to be decided, or the newest open one of this very
    /// request.
    pub(super) fn approval_of(
        &self,
        db: &mut impl Queries,
        request: &Request,
        digest: &[u8; 32],
    ) -> Result<Option<Vouched<ApprovalRow>>, StoreError> {
        if request.action == Action::ApprovalDecide {
            let named = request.objects.iter().find_map(|object| match object {
                Object::Approval(id) => Some(*id),
                _ => None,
            });
            let Some(id) = named else { return Ok(None) };
            return Ok(self.vouch(approvals::find(db, id)?));
        }
        if !approving::takes(request.action) {
            return Ok(None);
        }
        let mut open = self.open_approvals_of(db, request.actor)?;
        open.retain(|row| row.request == *digest && row.state != ApprovalState::Unreviewed);
        Ok(open.pop())
    }

    /// What waits of what this principal asked for, oldest first.
    fn open_approvals_of(
        &self,
        db: &mut impl Queries,
        requester: PrincipalId,
    ) -> Result<Vec<Vouched<ApprovalRow>>, StoreError> {
        let stored = approvals::open_of(db, requester)?;
        Ok(stored.into_iter().filter_map(|row| self.vouch(Some(row))).collect())
    }

    /// The rules that are out of force, and those that were and whose time nobody has looked at.
    pub(super) fn waivers(&self, db: &mut impl Queries) -> Result<Vec<Vouched<WaiverRow>>, StoreError> {
        let stored = approvals::waivers(db)?;
        Ok(stored.into_iter().filter_map(|row| self.vouch(Some(row))).collect())
    }

    /// Uses up the approval that a permit stands on, so that it serves once.
    pub(super) fn use_up(&self, turn: &mut LogTurn<'_>, permit: &Permit) -> Result<(), StaffError> {
        let Some(approved) = permit.approved() else { return Ok(()) };
        let row: Vouched<ApprovalRow> = self
            .vouch(approvals::find(turn, approved.approval)?)
            .ok_or(Failure::Internal("an approval that has gone"))?;
        let state = if approved.by_all { ApprovalState::Used } else { ApprovalState::Unreviewed };
        Ok(self.turn_approval(turn, &row, state)?)
    }

    pub(super) fn turn_approval(
        &self,
        turn: &mut LogTurn<'_>,
        row: &ApprovalRow,
        state: ApprovalState,
    ) -> Result<(), StoreError> {
        let next = ApprovalRow { state, changed_at: turn.position(), ..row.clone() };
        self.change(turn, row, &next)
    }

    /// Records that a request waits for a second person, who can approve it from then on; the answer to it. Asked again,
    /// the same request waits as before.
    pub(super) fn wait_for_second(
        &self,
        turn: &mut LogTurn<'_>,
        session: SessionId,
        request: &Request,
        denial: &Denial,
        opening: &Opening,
    ) -> Result<StaffError, StaffError> {
        let call = self.call(opening);
        self.expire_approvals(turn, request.actor, &call)?;
        let text = request.canonical_text(self.id);
        let digest = digest::sha256(&[text.as_bytes()]);
        let waits = self.approval_of(turn, request, &digest)?;
        let open = self.open_approvals_of(turn, request.actor)?.len();
        let (row, draft) = match waits {
            Some(row) => (ApprovalRow::clone(&row), Draft::denied(request, denial, Some(session), call)),
            None if open >= limits::APPROVALS_OPEN_MAX => {
                let draft = Draft::denied(request, denial, Some(session), call);
                turn.append(draft, opening.nonce, &opening.details)?;
                return Ok(StaffError::State { what: "too many requests wait for a second person already" });
            }
            None => {
                let row = new_approval(turn, request, digest)?;
                approvals::insert(turn, &row, &self.voucher.mac(&row), &text)?;
                self.tell_approvers(turn, &row)?;
                let (approval, needed, expires) = (row.id, row.needed().into(), row.expires);
                let data = Data::ApprovalRequested { approval, request: digest, needed, expires };
                (
                    row,
                    Draft::requested(request, denial, session, data, call).on(&[Object::Approval(approval)]),
                )
            }
        };
        turn.append(draft, opening.nonce, &opening.details)?;
        let awaited = Awaited {
            approval: row.id,
            missing: row.needed() - row.given(),
            not_before: self.delayed_until(turn, &row)?,
            expires: row.expires,
            request: opening.request,
        };
        Ok(StaffError::Awaits { awaited })
    }

    /// From when a delay stands for who has not approved; nothing where no waiver says so.
    pub(super) fn delayed_until(
        &self,
        turn: &mut LogTurn<'_>,
        row: &ApprovalRow,
    ) -> Result<Option<Time>, StoreError> {
        let now = turn.time();
        let waivers = self.waivers(turn)?;
        let covers = is_waived(&waivers, Waivable::SecondPerson, now)
            || (row.needed() > 1 && is_waived(&waivers, Waivable::SecondApprover, now));
        Ok(covers.then(|| row.delayed_until()))
    }

    /// Ends what this principal asked for and whose time has passed, under an entry of its own.
    fn expire_approvals(
        &self,
        turn: &mut LogTurn<'_>,
        requester: PrincipalId,
        call: &Call,
    ) -> Result<(), StaffError> {
        let now = turn.time();
        let mut over = self.open_approvals_of(turn, requester)?;
        over.retain(|row| row.state != ApprovalState::Unreviewed && row.is_over(now));
        if over.is_empty() {
            return Ok(());
        }
        for row in &over {
            self.turn_approval(turn, row, ApprovalState::Expired)?;
        }
        let ids: Vec<_> = over.iter().map(|row| row.id).collect();
        let data = Data::ApprovalExpired { approvals: ids };
        let draft = Draft::done(data, Actor::System, Call { details: Vec::new(), ..call.clone() });
        turn.append(draft, EntryNonce::random().map_err(Failure::from)?, &[])?;
        Ok(())
    }
}

fn new_approval(
    turn: &mut LogTurn<'_>,
    request: &Request,
    digest: [u8; 32],
) -> Result<ApprovalRow, StaffError> {
    let created = turn.time();
    Ok(ApprovalRow {
        id: ApprovalId::random().map_err(Failure::from)?,
        requester: request.actor,
        action: request.action,
        role: request.role(),
        beneficiary: request.beneficiary(),
        subject: request.subject,
        request: digest,
        created,
        expires: created.plus(limits::APPROVAL_LIFETIME),
        first: None,
        second: None,
        state: ApprovalState::Requested,
        changed_at: turn.position(),
    })
}
