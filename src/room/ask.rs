//! Asking: the one way from a member of staff to a customer's data.
//!
//! Session, grants, case, object headers and decision are read in the same write transaction that appends the
//! entry. What comes out when it is on disk and published is a receipt; a denial is an entry too.

use std::{fmt, time::Duration};

use super::{
    core::{Core, Opening, Words},
    error::{Failure, Refused, StaffError},
    staff::Staff,
    work::Work,
};
use crate::{
    access::{
        Action, CaseFact, CaseRef, Decision, Denial, DenialReason, Facts, Field, Object, Parameter, Permit,
        Purpose, Request, Vouched, approving, decide,
        rows::{CaseRow, Holder, PrincipalRow, SessionRow, TicketRow},
    },
    audit::{Actor, Data, Draft, Event, Receipt},
    base::{AccountId, Class, PrincipalId, RequestId, Time, limits, text},
    crypto::digest,
    store::{LogTurn, Queries, Settled, StoreError, authority},
};

/// Why somebody asks.
#[derive(Clone, Default)]
pub struct Why {
    purpose: Option<Purpose>,
    case: Option<CaseRef>,
    reason: Option<String>,
    /// What the asker works on: taken for what was not stated, where the request is about it.
    work: Option<(Purpose, CaseRef)>,
}

/// Without the words: they are about a person, and sealed wherever they are kept.
impl fmt::Debug for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { purpose, case, reason: _, work } = self;
        let mut shown = f.debug_struct("Why");
        shown.field("purpose", purpose).field("case", case).field("work", work).finish_non_exhaustive()
    }
}

impl Why {
    /// No purpose, no case: enough where the matrix asks for none.
    pub fn unstated() -> Self {
        Self::default()
    }

    /// For this purpose.
    pub fn purpose(purpose: Purpose) -> Self {
        Self { purpose: Some(purpose), ..Self::default() }
    }

    /// On the strength of this case.
    #[must_use]
    pub fn case(self, case: CaseRef) -> Self {
        Self { case: Some(case), ..self }
    }

    /// With these words, in which card numbers are masked. About a person they are sealed under her own key, about staff
    /// under the room's key of the month; about somebody whom the room does not know they are not kept.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }

    /// While working on this case, for this purpose: what is not stated is taken from it, where the request is about the
    /// person, or the matter, that the case is about, and the case is open. It gives no right that stating it would not.
    #[must_use]
    pub fn working_on(self, work: &Work) -> Self {
        Self { work: Some((work.purpose, work.case)), ..self }
    }

    /// The purpose and the case of a request that was made before, with the words of this one.
    pub(super) fn stated_by(&self, stated: &Request) -> Self {
        let Request { purpose, case, .. } = stated;
        Self { purpose: *purpose, case: *case, reason: self.reason.clone(), work: None }
    }

    /// With this case, if none was stated.
    pub(super) fn or_case(&self, case: CaseRef) -> Self {
        Self { case: self.case.or(Some(case)), ..self.clone() }
    }

    /// The words as they are kept: auditors will see them on a terminal.
    fn checked_reason(&self) -> Result<Option<String>, StaffError> {
        let checked = self.reason.as_deref().map(|reason| text::body(reason, limits::DETAIL_BYTES_MAX));
        checked.transpose().map_err(|why| StaffError::Input { field: "reason", why: why.to_string() })
    }

    pub(super) fn stated_purpose(&self) -> Option<Purpose> {
        self.purpose
    }
}

/// What is asked for, once headers are read.
pub(super) struct Sought {
    pub(super) subject: Option<AccountId>,
    pub(super) objects: Vec<Object>,
    pub(super) fields: Vec<Field>,
}

/// An action, and what is asked of it in particular.
pub(super) struct Asked {
    action: Action,
    parameters: Vec<Parameter>,
}

impl Asked {
    /// The action with these particulars.
    pub(super) fn of(action: Action, parameters: Vec<Parameter>) -> Self {
        Self { action, parameters }
    }
}

impl From<Action> for Asked {
    fn from(action: Action) -> Self {
        Self { action, parameters: Vec::new() }
    }
}

/// For how long something is asked for, in the whole seconds that whoever approves it sees. What nothing is given for is
/// refused before anybody is asked to approve it.
pub(super) fn for_a_time(asked: Duration, most: Duration, told: &str) -> Result<Duration, StaffError> {
    let whole = Duration::from_secs(asked.as_secs());
    let input = |why: &str| Err(StaffError::Input { field: "lifetime", why: why.to_owned() });
    match (whole.is_zero(), asked > most) {
        (true, _) => input("it is none"),
        (false, true) => input(told),
        (false, false) => Ok(whole),
    }
}

/// What a permitted request has done, and what its receipt opens.
pub(super) struct Granted<T> {
    data: Data,
    so: So,
    value: T,
}

/// What the entry of a permitted request says.
enum So {
    /// That it was done.
    Done,
    /// That it has begun: another entry tells its end.
    Begun,
    /// That these values may be opened.
    Opens(Class, Vec<(Object, Field)>),
}

impl<T> Granted<T> {
    /// A change that was made: it opens nothing.
    pub(super) fn change(data: Data, value: T) -> Self {
        Self { data, so: So::Done, value }
    }

    /// A change that goes on outside the transaction.
    pub(super) fn begun(data: Data, value: T) -> Self {
        Self { data, so: So::Begun, value }
    }

    /// An access to these values of a class.
    pub(super) fn access(data: Data, class: Class, cells: Vec<(Object, Field)>, value: T) -> Self {
        Self { data, so: So::Opens(class, cells), value }
    }
}

/// What came of a request: the value, and the receipt of its entry if that opens something.
pub(super) struct Answered<T> {
    pub(super) value: T,
    pub(super) receipt: Option<Receipt>,
    /// By which its entry is found.
    pub(super) request: RequestId,
}

impl Staff {
    /// Decides and records a request, and carries it out if it is permitted.
    ///
    /// `subject` is whom the request is about as far as it is known before the transaction: the stated reason is
    /// sealed under that person's key ([`Words`]). `seek` reads headers; `None` means that there is no such object. `perform`
    /// carries it out; its own refusals are recorded as failed and undone alone.
    pub(super) fn act<S, T>(
        &self,
        asked: impl Into<Asked>,
        why: &Why,
        subject: Option<AccountId>,
        seek: impl FnOnce(&Core, &mut LogTurn<'_>) -> Result<Option<(Sought, S)>, StoreError>,
        perform: impl FnOnce(&Core, &mut LogTurn<'_>, &Permit, S) -> Result<Granted<T>, StaffError>,
    ) -> Result<Answered<T>, StaffError> {
        let core = &*self.room.core;
        let Asked { action, parameters } = asked.into();
        let words = match subject {
            Some(account) => Words::About(account),
            None if action.is_about_customers() => Words::AboutNobodyKnown,
            None => Words::AboutStaff,
        };
        let mut opening = core.opening_with(words, why.checked_reason()?.as_deref())?;
        let request = opening.request;
        let Settled { value, receipts } = core.commit(request, |turn| {
            core.keyring_is_current(turn)?;
            opening.forget_the_erased(turn)?;
            let hand = Hand { core, opening: &opening, action, parameters };
            let Some(session) = core.vouch(authority::session(turn, &self.token_hash)?) else {
                return hand.failed(turn, "session_ended", Actor::System).map(|()| Err(hand.no_session()));
            };
            let Some((sought, seen)) = seek(core, turn)? else {
                return hand.absent(turn, &session, why).map(Err);
            };
            hand.judge(turn, &session, why, sought, |turn, permit| perform(core, turn, permit, seen))
        })?;
        value.map(|value| Answered { value, receipt: receipts.into_iter().next(), request })
    }

    /// Refuses what would be refused anyway, on record, before keys are made, names are claimed or a file is read
    /// for it. What counts is decided again in the transaction that carries it out.
    pub(super) fn foresee(&self, action: Action, why: &Why, sought: Sought) -> Result<(), StaffError> {
        why.checked_reason()?;
        let core = &*self.room.core;
        let sought_now = Sought { objects: sought.objects.clone(), fields: sought.fields.clone(), ..sought };
        let permitted = core.store.read(|db| {
            // The time of what is recorded: behind a clock that was ahead it goes on from there.
            let newest =
                core.store.book().checked_head(db.as_mut()).map_or(Time::ZERO, |head| head.last_time);
            let now = core.clock.now().max(newest);
            let why = core.in_work(db, action, why, sought.subject, now)?;
            let session: Option<Vouched<SessionRow>> = core.vouch(authority::session(db, &self.token_hash)?);
            let Some(session) = session else { return Ok(false) };
            let Holder::Principal(actor) = session.holder else { return Ok(false) };
            let decision =
                core.decide(db, &session, &request(action, actor, &why, sought_now, Vec::new()), now)?;
            Ok::<_, StoreError>(matches!(decision, Decision::Permit(_)))
        })?;
        if permitted {
            return Ok(());
        }
        // Permitted after all: something changed between the two readings.
        let changed = StaffError::State { what: "the rights to it have just changed: ask again" };
        Err(self.refuse(action, why, sought, changed))
    }

    /// Whose session this is, whether it counts or not.
    pub(super) fn principal(&self) -> Result<Option<PrincipalId>, Failure> {
        let core = &*self.room.core;
        let session = core.store.read(|db| authority::session(db, &self.token_hash))?;
        Ok(core.vouch(session).and_then(|session: Vouched<SessionRow>| match session.holder {
            Holder::Principal(id) => Some(id),
            Holder::Account(_) => None,
        }))
    }

    /// Whose own account it is whose session this is.
    pub(super) fn own_account(&self) -> Result<Option<AccountId>, Failure> {
        let Some(id) = self.principal()? else { return Ok(None) };
        let principal = self.room.core.store.read(|db| authority::principal(db, id))?;
        Ok(self.room.core.vouch(principal).and_then(|row: Vouched<PrincipalRow>| row.account))
    }

    /// Records that nothing comes of a request: denied if it is, and otherwise for this reason.
    pub(super) fn refuse(&self, action: Action, why: &Why, sought: Sought, reason: StaffError) -> StaffError {
        let subject = sought.subject;
        let seek = |_: &Core, _: &mut LogTurn<'_>| Ok(Some((sought, ())));
        let perform = |_: &Core, _: &mut LogTurn<'_>, _: &Permit, ()| Err::<Granted<()>, _>(reason);
        let refused = self.act(action, why, subject, seek, perform).err();
        refused.unwrap_or(StaffError::Failed(Failure::Internal("a refusal that was carried out")))
    }

    /// Records that what a request is about is not there; the answer to it.
    pub(super) fn absent(&self, action: Action, why: &Why) -> StaffError {
        let nothing = |_: &Core, _: &mut LogTurn<'_>| Ok(None::<(Sought, ())>);
        let perform =
            |_: &Core, _: &mut LogTurn<'_>, _: &Permit, ()| Err::<Granted<()>, _>(StaffError::NotFound);
        self.act(action, why, None, nothing, perform).err().unwrap_or(StaffError::NotFound)
    }
}

fn actor_of(session: &SessionRow) -> Actor {
    match session.holder {
        Holder::Principal(id) => Actor::Principal(id),
        Holder::Account(id) => Actor::Account(id),
    }
}

fn request(
    action: Action,
    actor: PrincipalId,
    why: &Why,
    sought: Sought,
    parameters: Vec<Parameter>,
) -> Request {
    Request {
        actor,
        action,
        subject: sought.subject,
        objects: sought.objects,
        fields: sought.fields,
        purpose: why.stated_purpose(),
        case: why.case,
        parameters,
    }
}

impl Core {
    /// The reason with what its work adds: nothing where the request is about somebody else, or the case is over.
    fn in_work(
        &self,
        db: &mut impl Queries,
        action: Action,
        why: &Why,
        subject: Option<AccountId>,
        now: Time,
    ) -> Result<Why, StoreError> {
        let Some((purpose, case)) = why.work else { return Ok(why.clone()) };
        let about = self.open_case_about(db, case, now)?;
        let is_about_it = about == Some(subject) && (subject.is_some() || !action.is_about_customers());
        if !is_about_it {
            return Ok(why.clone());
        }
        let (purpose, case) = (why.purpose.or(Some(purpose)), why.case.or(Some(case)));
        Ok(Why { purpose, case, ..why.clone() })
    }

    /// The decision that counts: at the time of the entry, on what its transaction reads.
    fn decide_in(
        &self,
        turn: &mut LogTurn<'_>,
        session: &Vouched<SessionRow>,
        request: &Request,
    ) -> Result<Decision, StoreError> {
        let now = turn.time();
        self.decide(turn, session, request, now)
    }

    fn decide(
        &self,
        db: &mut impl Queries,
        session: &Vouched<SessionRow>,
        request: &Request,
        now: Time,
    ) -> Result<Decision, StoreError> {
        let principal = self.vouch(authority::principal(db, request.actor)?);
        let grants = self.grants(db, request.actor)?;
        let ticket: Option<Vouched<TicketRow>> = match request.case {
            Some(CaseRef::Ticket(id)) => self.vouch(authority::ticket(db, id)?),
            _ => None,
        };
        let case: Option<Vouched<CaseRow>> = match request.case {
            Some(CaseRef::Case(id)) => self.vouch(authority::case(db, id)?),
            _ => None,
        };
        let digest = digest::sha256(&[request.canonical_text(self.id).as_bytes()]);
        let approval = self.approval_of(db, request, &digest)?;
        let waivers = if approving::takes(request.action) { self.waivers(db)? } else { Vec::new() };
        let facts = Facts {
            principal: principal.as_ref(),
            session: Some(session),
            grants: &grants,
            acting: self.acting(db, session)?,
            case: ticket.as_ref().map(CaseFact::Ticket).or(case.as_ref().map(CaseFact::Case)),
            own_account: principal.as_ref().and_then(|row| row.account),
            approval: approval.as_ref(),
            digest,
            tells: self.has_outbox(db)?,
            waivers: &waivers,
        };
        Ok(decide(request, &facts, now))
    }
}

/// One request inside its transaction.
struct Hand<'a> {
    core: &'a Core,
    opening: &'a Opening,
    action: Action,
    parameters: Vec<Parameter>,
}

impl Hand<'_> {
    fn no_session(&self) -> StaffError {
        let reason = DenialReason::SessionEnded;
        StaffError::Denied { refused: Refused { reason, request: self.opening.request } }
    }

    /// Records that nothing came of the request.
    fn failed(&self, turn: &mut LogTurn<'_>, reason: &'static str, actor: Actor) -> Result<(), StaffError> {
        let draft = Draft::failed(Event::of(self.action), reason, actor, self.core.call(self.opening));
        turn.append(draft, self.opening.nonce, &self.opening.details)?;
        Ok(())
    }

    /// Decides, records, and carries out what is permitted. The inner error is on record; the outer undoes all.
    fn judge<T>(
        &self,
        turn: &mut LogTurn<'_>,
        session: &Vouched<SessionRow>,
        why: &Why,
        sought: Sought,
        perform: impl FnOnce(&mut LogTurn<'_>, &Permit) -> Result<Granted<T>, StaffError>,
    ) -> Result<Result<T, StaffError>, StaffError> {
        let Holder::Principal(actor) = session.holder else {
            return self.failed(turn, "session_ended", actor_of(session)).map(|()| Err(self.no_session()));
        };
        let now = turn.time();
        let why = self.core.in_work(turn, self.action, why, sought.subject, now)?;
        let request = request(self.action, actor, &why, sought, self.parameters.clone());
        let permit = match self.core.decide_in(turn, session, &request)? {
            Decision::Permit(permit) => permit,
            Decision::Denial(denial) if denial.reason == DenialReason::SecondPerson => {
                self.touch(turn, session)?;
                return self.core.wait_for_second(turn, session.id, &request, &denial, self.opening).map(Err);
            }
            Decision::Denial(denial) => return self.denied(turn, session, &request, &denial).map(Err),
        };
        self.touch(turn, session)?;
        let carry_out = |turn: &mut LogTurn<'_>| {
            self.core.use_up(turn, &permit)?;
            self.core.tell_of(turn, &permit)?;
            perform(turn, &permit)
        };
        match turn.attempt(carry_out) {
            Ok(granted) => {
                let Granted { data, so, value } = granted;
                let call = self.core.call(self.opening);
                let draft = match so {
                    So::Opens(class, cells) => Draft::granted(permit, data, class, &cells, call),
                    So::Done => Draft::performed(&permit, data, call),
                    So::Begun => Draft::begun(&permit, data, call),
                };
                turn.append(draft, self.opening.nonce, &self.opening.details)?;
                Ok(Ok(value))
            }
            Err(StaffError::Failed(failure)) => Err(StaffError::Failed(failure)),
            Err(refusal) => {
                self.failed(turn, refusal.recorded_reason(), Actor::Principal(actor))?;
                Ok(Err(refusal))
            }
        }
    }

    /// Records that there is no such object; to somebody who may do nothing at all, that he may not.
    fn absent(
        &self,
        turn: &mut LogTurn<'_>,
        session: &Vouched<SessionRow>,
        why: &Why,
    ) -> Result<StaffError, StaffError> {
        let Holder::Principal(actor) = session.holder else {
            return self.failed(turn, "session_ended", actor_of(session)).map(|()| self.no_session());
        };
        let nothing = Sought { subject: None, objects: Vec::new(), fields: Vec::new() };
        let request = request(self.action, actor, why, nothing, Vec::new());
        match self.core.decide_in(turn, session, &request)? {
            Decision::Denial(denial) if denial.roles.is_empty() => {
                return self.denied(turn, session, &request, &denial);
            }
            Decision::Denial(_) | Decision::Permit(_) => {}
        }
        self.failed(turn, "no_such_object", actor_of(session)).map(|()| StaffError::NotFound)
    }

    /// Records a refusal.
    fn denied(
        &self,
        turn: &mut LogTurn<'_>,
        session: &Vouched<SessionRow>,
        request: &Request,
        denial: &Denial,
    ) -> Result<StaffError, StaffError> {
        let draft = Draft::denied(request, denial, Some(session.id), self.core.call(self.opening));
        turn.append(draft, self.opening.nonce, &self.opening.details)?;
        let refused = Refused { reason: denial.reason, request: self.opening.request };
        Ok(StaffError::Denied { refused })
    }

    /// Notes that the session was used: fifteen idle minutes end it.
    fn touch(&self, turn: &mut LogTurn<'_>, session: &Vouched<SessionRow>) -> Result<(), StoreError> {
        let used =
            SessionRow { used: turn.time(), changed_at: turn.position(), ..SessionRow::clone(session) };
        self.core.change(turn, &**session, &used)
    }
}
