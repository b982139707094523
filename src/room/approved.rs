//! What was asked for, again: carried out by its id as it was approved, and what was said of it in words.

use std::cmp::Ordering;

use tracing::instrument;

use super::{
    ask::{Granted, Sought, Why},
    audit_log::{self, DetailText, StoredDetail},
    core::Core,
    desk_accounts::receipt,
    error::{Failure, StaffError},
    log_part::LogEntry,
    staff::Staff,
};
use crate::{
    access::{
        Action, Field, Object, Request, Vouched,
        rows::{ApprovalRow, ApprovalState},
    },
    audit::{Data, DetailKind, What},
    base::{ApprovalId, Class, GrantId, WaiverId},
    crypto::digest,
    store::{LogTurn, Queries, StoreError, approvals},
};

/// What came of a request that was carried out by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// A role was given.
    Granted(GrantId),
    /// So many second factors were taken away.
    FactorsReset(u64),
    /// A rule was put out of force.
    Waived(WaiverId),
}

impl Staff {
    /// Carries out what one asked for before, exactly as it stands beside its approval: action, things, purpose, case and
    /// all that it says in particular. It is decided anew, as the same request made again would be, and waits as before
    /// where somebody is still missing; of `why` the words count alone.
    ///
    /// # Errors
    /// [`StaffError::NotFound`] for what somebody else asked for; [`StaffError::State`] for what was carried out, was
    /// refused or is over; [`StaffError::Awaits`]; [`StaffError`]; [`Failure::Forged`] if the text is not what it is the
    /// approval of.
    #[instrument(name = "staff.carry_out", skip_all, err(level = "info"), fields(trace, request, outcome))]
    pub fn carry_out(&self, approval: ApprovalId, why: &Why) -> Result<Carried, StaffError> {
        let core = &*self.room.core;
        let own = self.principal()?;
        let found = core.store.read(|db| asked(core, db, approval))?;
        let Some(Asked { row, text }) = found.filter(|asked| Some(asked.row.requester) == own) else {
            return Err(self.absent(Action::ApprovalRead, why));
        };
        let over = |what| self.refuse(Action::ApprovalRead, why, on(core, &row), StaffError::State { what });
        if !matches!(row.state, ApprovalState::Requested | ApprovalState::Approved) {
            return Err(over("it was carried out or refused, or is over: it has to be asked for anew"));
        }
        if row.is_over(core.clock.now()) {
            return Err(over("its time has passed: it has to be asked for anew"));
        }
        let stated = stated(core, &row, &text)?;
        let why = why.stated_by(&stated);
        let lifetime = stated.lifetime();
        match (
            stated.action,
            stated.beneficiary(),
            stated.role().zip(lifetime),
            stated.waived_rule().zip(lifetime),
        ) {
            (Action::GrantGive, Some(principal), Some((role, lifetime)), _) => {
                self.give_role(principal, role, lifetime, &why).map(Carried::Granted)
            }
            (Action::StaffFactorReset, Some(principal), ..) => {
                self.take_factors(principal, &why).map(Carried::FactorsReset)
            }
            (Action::WaiverGive, _, _, Some((rule, lifetime))) => {
                self.waive_rule(rule, lifetime, &why).map(Carried::Waived)
            }
            _ => Err(over("the command that asked for it carries it out")),
        }
    }

    /// What whoever asked said of it in words, for who may approve it: on record before it is opened. Nothing if he said
    /// nothing.
    ///
    /// # Errors
    /// [`StaffError`].
    #[instrument(
        name = "staff.approval_reason",
        skip_all,
        err(level = "info"),
        fields(trace, request, outcome)
    )]
    pub fn approval_reason(&self, approval: ApprovalId, why: &Why) -> Result<Option<DetailText>, StaffError> {
        let answered = self.act(
            Action::ApprovalReason,
            why,
            None,
            |core, turn| {
                let Some(Asked { row, .. }) = asked(core, turn, approval)? else { return Ok(None) };
                let said = request_entry(turn, &row)?;
                Ok(said.map(|said| (Sought { fields: vec![Field::Detail], ..on(core, &row) }, said)))
            },
            |core, _, _, said| {
                let cells = vec![(Object::Room(core.id), Field::Detail)];
                Ok(Granted::access(Data::ApprovalListed { count: 1 }, Class::AuditDetail, cells, said))
            },
        )?;
        let (entry, stored) = answered.value;
        let texts = self.texts(receipt(answered.receipt)?, &entry, &stored)?;
        Ok(texts.into_iter().find_map(|(kind, text)| (kind == DetailKind::Subject).then_some(text)))
    }
}

fn on(core: &Core, row: &ApprovalRow) -> Sought {
    let objects = vec![Object::Approval(row.id), Object::Room(core.id)];
    Sought { subject: row.subject, objects, fields: Vec::new() }
}

/// An approval, and the text of its request.
struct Asked {
    row: Vouched<ApprovalRow>,
    text: Vec<u8>,
}

fn asked(core: &Core, db: &mut impl Queries, approval: ApprovalId) -> Result<Option<Asked>, StoreError> {
    let row = core.vouch(approvals::find(db, approval)?);
    Ok(row.zip(approvals::text(db, approval)?).map(|(row, text)| Asked { row, text }))
}

/// The request as it was asked, which is the one that is approved.
pub(super) fn stated(core: &Core, row: &ApprovalRow, text: &[u8]) -> Result<Request, Failure> {
    let text = Some(text).filter(|text| digest::sha256(&[text]) == row.request);
    let stated = text.and_then(|text| Request::from_canonical(core.id, std::str::from_utf8(text).ok()?));
    stated.ok_or(Failure::Forged { what: "approval" })
}

/// The entry by which a request was made, with the texts beside it. Its time is the row's, and times of entries never
/// go back: so it is found without an index.
fn request_entry(
    turn: &mut LogTurn<'_>,
    row: &ApprovalRow,
) -> Result<Option<(LogEntry, Vec<StoredDetail>)>, StoreError> {
    let (mut low, mut high) = (0, turn.position());
    while low < high {
        let middle = low.midpoint(high);
        match audit_log::stored(turn, middle)? {
            Some((entry, _)) if entry.entry.time.cmp(&row.created) == Ordering::Less => low = middle + 1,
            _ => high = middle,
        }
    }
    while let Some((entry, texts)) = audit_log::stored(turn, low)?
        && entry.entry.time == row.created
    {
        match &entry.entry.what {
            What::Known(Data::ApprovalRequested { approval, .. }) if *approval == row.id => {
                return Ok(Some((entry, texts)));
            }
            _ => low += 1,
        }
    }
    Ok(None)
}
