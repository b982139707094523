//! What takes a second person, as an object: who asked for what, who approved it, what came of it.
//!
//! Asking needs no verb: whoever asks for what takes a second person is told that it waits, and asks the same again
//! when it is approved. What counts is the request's digest, so that what is carried out is what was approved.

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    core::Core,
    cursor::{Listed, Page},
    error::{Failure, StaffError},
    paging::List,
    staff::Staff,
};
use crate::{
    access::{
        Action, Object, Permit, Role, Vouched,
        rows::{ApprovalRow, ApprovalState, Holder, SessionRow},
    },
    audit::Data,
    base::{AccountId, ApprovalId, PrincipalId, Time, limits},
    crypto::digest,
    store::{LogTurn, Place, StoreError, approvals, authority},
};

/// A request that takes a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalHeader {
    /// Its id.
    pub approval: ApprovalId,
    /// Who asked.
    pub requester: PrincipalId,
    /// For what.
    pub action: Action,
    /// The role that is to be given, where one is.
    pub role: Option<Role>,
    /// The principal that it is about.
    pub beneficiary: Option<PrincipalId>,
    /// The account that it is about.
    pub subject: Option<AccountId>,
    /// When it was asked.
    pub created: Time,
    /// From when nothing comes of it.
    pub expires: Time,
    /// Who approved it so far.
    pub approvers: Vec<PrincipalId>,
    /// How many it takes.
    pub needed: u8,
    /// From when a delay stands for who is missing; nothing where no waiver says so.
    pub not_before: Option<Time>,
    /// How far it has come.
    pub state: ApprovalState,
}

/// An approval with all that its request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalView {
    /// What needs no text.
    pub header: ApprovalHeader,
    /// Exactly what was asked, a fact a line: FORMAT.md section 6. Its SHA-256 is what is approved.
    pub request: String,
}

/// What waits, as somebody at work is told with his next step: counts alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Requests of others that wait for a second person.
    pub requested: u64,
    /// Requests of his own that may be carried out now.
    pub ready: u64,
    /// What was carried out after a delay, and nobody else has looked at.
    pub unreviewed: u64,
}

impl Staff {
    /// What waits for a second person, oldest first: of everybody, also one's own.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(name = "staff.approvals", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn approvals(&self, page: &Page, why: &Why) -> Result<Listed<ApprovalHeader>, StaffError> {
        let paging = self.paging(List::Approvals, None, page, limits::LIST_ROWS_MAX)?;
        let answered = self.act(
            Action::ApprovalRead,
            why,
            None,
            |_, _| Ok(Some((Sought { subject: None, objects: Vec::new(), fields: Vec::new() }, ()))),
            |core, turn, _, ()| {
                let open = approvals::open(turn)?.into_iter().filter_map(|row| core.vouch(Some(row)));
                let open: Vec<Vouched<ApprovalRow>> = open.collect();
                let headers = open.iter().map(|row| core.approval_header(turn, row));
                let mut headers = headers.collect::<Result<Vec<_>, _>>()?;
                let behind = paging.slice().behind;
                headers.retain(|header| place(header) > behind);
                headers.sort_by_key(place);
                let part = paging.cut(headers, place);
                Ok(Granted::change(Data::ApprovalListed { count: part.rows.len() as u64 }, part))
            },
        )?;
        Ok(answered.value)
    }

    /// One approval, with all that its request says.
    ///
    /// # Errors
    /// [`StaffError`]; [`Failure::Forged`] if the text beside it is not what it is the approval of.
    #[instrument(name = "staff.approval", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn approval(&self, approval: ApprovalId, why: &Why) -> Result<ApprovalView, StaffError> {
        let answered = self.act(
            Action::ApprovalRead,
            why,
            None,
            |core, turn| Ok(find(core, turn, approval)?.map(|row| (on(&row), row))),
            |core, turn, _, row| {
                let text = approvals::text(turn, approval)?.unwrap_or_default();
                let request = String::from_utf8(text).unwrap_or_default();
                if digest::sha256(&[request.as_bytes()]) != row.request {
                    return Err(Failure::Forged { what: "approval" }.into());
                }
                let view = ApprovalView { header: core.approval_header(turn, &row)?, request };
                Ok(Granted::change(Data::ApprovalListed { count: 1 }, view))
            },
        )?;
        Ok(answered.value)
    }

    /// Approves exactly what somebody else asked for; or, of what was carried out after a delay, finds it right.
    ///
    /// # Errors
    /// [`StaffError::Denied`] where it is not his to approve; [`StaffError::State`] where it waits for nobody any more.
    #[instrument(name = "staff.approve", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn approve(&self, approval: ApprovalId, why: &Why) -> Result<ApprovalHeader, StaffError> {
        self.decide_approval(approval, true, why)
    }

    /// Refuses what somebody else asked for, for good; or, of what was carried out after a delay, finds it wrong: what
    /// it changed stands until somebody takes it back.
    ///
    /// # Errors
    /// As [`Staff::approve`].
    #[instrument(name = "staff.disapprove", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn disapprove(&self, approval: ApprovalId, why: &Why) -> Result<ApprovalHeader, StaffError> {
        self.decide_approval(approval, false, why)
    }

    fn decide_approval(
        &self,
        approval: ApprovalId,
        approves: bool,
        why: &Why,
    ) -> Result<ApprovalHeader, StaffError> {
        let answered = self.act(
            Action::ApprovalDecide,
            why,
            None,
            |core, turn| Ok(find(core, turn, approval)?.map(|row| (on(&row), row))),
            |core, turn, permit, row| {
                let next = decided(&row, approves, permit, turn)?;
                core.change(turn, &*row, &next)?;
                let header = core.approval_header(turn, &next)?;
                let data =
                    Data::ApprovalDecided { approval, request: row.request, approved: approves.into() };
                Ok(Granted::change(data, header))
            },
        )?;
        Ok(answered.value)
    }

    /// How many requests wait for a second person, and what of one's own may go on. Counts, states and times alone:
    /// there is no entry of it.
    ///
    /// # Errors
    /// The room could not be read.
    #[instrument(name = "staff.waiting", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn waiting(&self) -> Result<Waiting, Failure> {
        let core = &*self.room.core;
        core.store.read(|db| {
            let session: Option<Vouched<SessionRow>> = core.vouch(authority::session(db, &self.token_hash)?);
            let now = core.clock.now();
            let live = session.filter(|session| session.check(now).is_ok());
            let Some(Holder::Principal(own)) = live.map(|session| session.holder) else {
                return Ok(Waiting::default());
            };
            let open = approvals::open(db)?.into_iter().filter_map(|row| core.vouch(Some(row)));
            let open: Vec<Vouched<ApprovalRow>> = open.collect();
            let waivers = core.waivers(db)?;
            let mut waiting = Waiting::default();
            for row in &open {
                let is_own = row.requester == own;
                match row.state {
                    ApprovalState::Unreviewed => waiting.unreviewed += u64::from(!is_own),
                    _ if row.is_over(now) => {}
                    ApprovalState::Requested if !is_own => waiting.requested += 1,
                    _ => waiting.ready += u64::from(is_own && row.may_go_on(&waivers, now)),
                }
            }
            Ok(waiting)
        })
    }
}

impl Core {
    fn approval_header(
        &self,
        turn: &mut LogTurn<'_>,
        row: &ApprovalRow,
    ) -> Result<ApprovalHeader, StoreError> {
        let is_over =
            row.state != ApprovalState::Unreviewed && row.state.is_open() && row.is_over(turn.time());
        let waits = row.state == ApprovalState::Requested && !is_over;
        Ok(ApprovalHeader {
            approval: row.id,
            requester: row.requester,
            action: row.action,
            role: row.role,
            beneficiary: row.beneficiary,
            subject: row.subject,
            created: row.created,
            expires: row.expires,
            approvers: [row.first, row.second].into_iter().flatten().collect(),
            needed: row.needed(),
            not_before: if waits { self.delayed_until(turn, row)? } else { None },
            state: if is_over { ApprovalState::Expired } else { row.state },
        })
    }
}

/// Where an approval stands in its list: the oldest comes first.
fn place(header: &ApprovalHeader) -> Place {
    Place { number: header.created.as_ms(), id: *header.approval.as_bytes() }
}

fn find(
    core: &Core,
    turn: &mut LogTurn<'_>,
    approval: ApprovalId,
) -> Result<Option<Vouched<ApprovalRow>>, StoreError> {
    Ok(core.vouch(approvals::find(turn, approval)?))
}

fn on(row: &ApprovalRow) -> Sought {
    Sought { subject: row.subject, objects: vec![Object::Approval(row.id)], fields: Vec::new() }
}

/// The row with one decision more.
fn decided(
    row: &ApprovalRow,
    approves: bool,
    permit: &Permit,
    turn: &LogTurn<'_>,
) -> Result<ApprovalRow, StaffError> {
    let mut next = ApprovalRow { changed_at: turn.position(), ..row.clone() };
    let waits = match row.state {
        ApprovalState::Unreviewed => {
            next.state = if approves { ApprovalState::Reviewed } else { ApprovalState::Refused };
            return Ok(next);
        }
        ApprovalState::Requested => true,
        // What is approved can still be refused, as long as nothing has come of it.
        ApprovalState::Approved => !approves,
        ApprovalState::Used | ApprovalState::Reviewed | ApprovalState::Refused | ApprovalState::Expired => {
            false
        }
    };
    if !waits {
        return Err(StaffError::State { what: "it waits for no second person any more" });
    }
    if row.is_over(turn.time()) {
        return Err(StaffError::State { what: "its time has passed: it has to be asked for anew" });
    }
    if !approves {
        next.state = ApprovalState::Refused;
        return Ok(next);
    }
    match row.first {
        None => next.first = Some(permit.actor()),
        Some(_) => next.second = Some(permit.actor()),
    }
    if next.given() >= next.needed() {
        next.state = ApprovalState::Approved;
    }
    Ok(next)
}
