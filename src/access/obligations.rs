//! Whether one cell's conditions are met.

use super::{
    Action, CaseRef, DenialReason, Field, Object, Purpose, Role, StepTwo, approving,
    cell::{Cell, Limit, Obligation},
    request::{CaseFact, Facts, Request},
    rows::{ApprovalRow, CaseState, Holder, SessionRow, TicketState, within},
};
use crate::base::{AccountId, ApprovalId, PrincipalId, Time, limits};

/// What every role's cell is held against.
pub(crate) struct Scene<'a> {
    pub(crate) request: &'a Request,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) session: &'a SessionRow,
    pub(crate) now: Time,
}

/// The approval that a permit uses up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Approved {
    /// Which.
    pub(crate) approval: ApprovalId,
    /// Whether all approved whom it takes; otherwise a delay stood for who is missing, and somebody has to look at it
    /// afterwards.
    pub(crate) by_all: bool,
}

type Check = Result<(), DenialReason>;

/// Who has to be the one that works on a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worker {
    /// Whoever it is: the case is stated, not asked for, and has only to be true.
    Anybody,
    /// The actor.
    Actor,
    /// Nobody yet.
    Nobody,
}

/// The part of a ticket or a case that decides, alike for both.
struct Standing {
    case: CaseRef,
    account: Option<AccountId>,
    worker: Option<PrincipalId>,
    is_closed: bool,
    is_expired: bool,
    /// What a case stands for; a ticket stands for more than one purpose.
    purpose: Option<Purpose>,
}

impl Scene<'_> {
    /// The first condition of `role`'s `cell` that is not met; `None` if all are.
    pub(crate) fn obstacle(&self, role: Role, cell: &Cell) -> Option<DenialReason> {
        let met = || {
            self.fields(cell)?;
            self.limit(role, cell)?;
            self.purpose(role, cell)?;
            self.case(role, cell)?;
            self.own_subject(cell)?;
            self.fresh_factor(cell)?;
            self.approver(role)?;
            hold(
                self.facts.tells || !cell.asks(Obligation::Notice),
                DenialReason::NeedsStepTwo(StepTwo::Notice),
            )?;
            self.elevation(role, cell)?;
            // Asked last, so that this refusal says that nothing else was missing.
            self.second_person(cell).map(drop)
        };
        met().err()
    }

    fn fields(&self, cell: &Cell) -> Check {
        let fields = &self.request.fields;
        // One reveal, one value, one entry: whoever wants two fields says so twice.
        let is_one = self.request.action != Action::AccountRevealField || fields.len() == 1;
        let is_allowed = |field: &Field| cell.fields.contains(*field);
        hold(is_one && fields.iter().all(is_allowed), DenialReason::FieldNotAllowed)
    }

    fn limit(&self, role: Role, cell: &Cell) -> Check {
        let is_within = match cell.limit {
            Limit::Any => true,
            Limit::Own => self.names_actor_alone(),
            Limit::Others => !self.request.objects.contains(&Object::Principal(self.request.actor)),
            Limit::SupportRole => {
                self.request.role() == Some(Role::Support)
                    && !self.request.objects.contains(&Object::Principal(self.request.actor))
            }
            Limit::OneSubject => self.request.subject.is_some(),
            Limit::NoSubject => self.request.subject.is_none(),
            Limit::Staff => self.names_staff_alone(),
            Limit::Take => {
                self.standing(role, Worker::Nobody)?;
                self.names_actor_alone()
            }
        };
        hold(is_within, DenialReason::NotAllowed)
    }

    /// Whether the request names a principal, and no other than the actor.
    fn names_actor_alone(&self) -> bool {
        let actor = Object::Principal(self.request.actor);
        let mut principals =
            self.request.objects.iter().filter(|object| matches!(object, Object::Principal(_)));
        principals.next() == Some(&actor) && principals.all(|object| *object == actor)
    }

    /// Whether the request names things of staff, and nothing else.
    fn names_staff_alone(&self) -> bool {
        let is_staff = |object: &Object| {
            matches!(
                object,
                Object::Principal(_) | Object::Grant(_) | Object::Enrolment(_) | Object::Factor(_)
            )
        };
        !self.request.objects.is_empty() && self.request.objects.iter().all(is_staff)
    }

    fn purpose(&self, role: Role, cell: &Cell) -> Check {
        match self.request.purpose {
            Some(purpose) => hold(role.purposes().contains(&purpose), DenialReason::PurposeNotAllowed),
            None => hold(!cell.asks(Obligation::Purpose), DenialReason::PurposeMissing),
        }
    }

    fn case(&self, role: Role, cell: &Cell) -> Check {
        if cell.asks(Obligation::Case) {
            self.standing(role, Worker::Actor)
        } else if self.request.case.is_some() {
            self.standing(role, Worker::Anybody)
        } else {
            Ok(())
        }
    }

    /// Whether the case stands: it exists, is about the same account and, where the action acts on it, is the
    /// object; `worker` works on it; it is open, in time and for a purpose that `role` acts for.
    fn standing(&self, role: Role, worker: Worker) -> Check {
        let named = self.request.case.ok_or(DenialReason::CaseMissing)?;
        let standing =
            self.facts.case.as_ref().map(|fact| self.read(fact)).ok_or(DenialReason::CaseMissing)?;
        hold(standing.case == named, DenialReason::CaseMissing)?;
        hold(standing.account == self.request.subject, DenialReason::CaseOtherAccount)?;
        hold(self.is_about_objects(named), DenialReason::CaseOtherObject)?;
        let is_theirs = match worker {
            Worker::Anybody => true,
            Worker::Actor => standing.worker == Some(self.request.actor),
            Worker::Nobody => standing.worker.is_none(),
        };
        hold(is_theirs, DenialReason::CaseNotYours)?;
        hold(!standing.is_closed, DenialReason::CaseClosed)?;
        hold(!standing.is_expired, DenialReason::CaseExpired)?;
        let stands_for = |purpose: &Purpose| match standing.purpose {
            Some(its) => its == *purpose,
            None => purpose.stands_on_ticket(),
        };
        let stands = match &self.request.purpose {
            Some(stated) => stands_for(stated),
            None => role.purposes().iter().any(stands_for),
        };
        hold(stands, DenialReason::CasePurpose)
    }

    fn read(&self, fact: &CaseFact<'_>) -> Standing {
        match fact {
            CaseFact::Ticket(row) => Standing {
                case: CaseRef::Ticket(row.id),
                account: Some(row.account),
                worker: row.assignee,
                is_closed: row.state == TicketState::Closed,
                is_expired: false,
                purpose: None,
            },
            CaseFact::Case(row) => Standing {
                case: CaseRef::Case(row.id),
                account: row.account,
                worker: Some(row.opened_by),
                is_closed: row.state == CaseState::Closed,
                is_expired: row.is_expired(self.now),
                purpose: Some(row.purpose),
            },
        }
    }

    /// Whether the case is the very thing that is acted on, where it has to be. An attachment is read with the
    /// ticket that it hangs on, or with a case about its account.
    fn is_about_objects(&self, named: CaseRef) -> bool {
        let is_object = self.request.action.acts_on_its_case()
            || (self.request.action == Action::AttachmentOpen && matches!(named, CaseRef::Ticket(_)));
        let named = Object::from(named);
        let mut cases = self
            .request
            .objects
            .iter()
            .filter(|object| matches!(object, Object::Ticket(_) | Object::Case(_)));
        !is_object || (cases.next() == Some(&named) && cases.all(|object| *object == named))
    }

    /// A right of the customer's own takes his session; and his session gives a machine no right but those.
    fn own_subject(&self, cell: &Cell) -> Check {
        let is_met = match self.session.holder {
            Holder::Principal(_) => !cell.asks(Obligation::OwnSubject),
            Holder::Account(owner) => {
                cell.asks(Obligation::OwnSubject) && self.request.subject == Some(owner)
            }
        };
        hold(is_met, DenialReason::NotOwnSubject)
    }

    fn fresh_factor(&self, cell: &Cell) -> Check {
        let is_met = !cell.asks(Obligation::FreshFactor) || self.session.has_fresh_factor(self.now);
        hold(is_met, DenialReason::StaleFactor)
    }

    /// Where the action decides an approval: whether this role makes the actor one who may. He neither asked for it nor
    /// is it for him, he has not approved it before, and he did not get a role lately from who asks.
    fn approver(&self, role: Role) -> Check {
        if self.request.action != Action::ApprovalDecide {
            return Ok(());
        }
        let Some(row) = self.facts.approval else { return Err(DenialReason::NotAllowed) };
        let actor = self.request.actor;
        let is_own =
            row.requester == actor || [row.beneficiary, row.first, row.second].contains(&Some(actor));
        hold(!is_own, DenialReason::OwnRequest)?;
        hold(approving::approvers(row.action, row.role).contains(role), DenialReason::NotApprover)?;
        let from_requester = self.facts.grants.iter().any(|grant| {
            grant.principal == actor
                && grant.granted_by == Some(row.requester)
                && within(self.now, grant.not_before, limits::APPROVER_APART)
        });
        hold(!from_requester, DenialReason::GrantedByRequester)
    }

    /// A time-boxed grant: what one asks for oneself ends soon, and some rights are had by such a grant alone.
    fn elevation(&self, role: Role, cell: &Cell) -> Check {
        let is_short = |lifetime| lifetime <= limits::ELEVATION_MAX;
        let is_met = !cell.asks(Obligation::Elevation)
            || match self.request.action {
                Action::GrantGive => self.request.lifetime().is_some_and(is_short),
                _ => self.facts.grants.iter().any(|grant| {
                    grant.principal == self.request.actor
                        && grant.role == role
                        && grant.is_live(self.now)
                        && is_short(grant.expires.since(grant.not_before))
                }),
            };
        hold(is_met, DenialReason::NeedsStepTwo(StepTwo::Elevation))
    }

    /// The approval that satisfies the cell, if it asks for one: of exactly this request, by this actor, open, in time,
    /// and with everybody's approval whom it takes. Where a waiver is live, a day's delay stands for who is missing.
    pub(crate) fn second_person(&self, cell: &Cell) -> Result<Option<Approved>, DenialReason> {
        if !cell.asks(Obligation::SecondPerson) {
            return Ok(None);
        }
        let exactly = |row: &&&ApprovalRow| {
            row.requester == self.request.actor
                && row.action == self.request.action
                && row.request == self.facts.digest
        };
        let found = self.facts.approval.map(|row| &**row);
        let row = found.as_ref().filter(exactly).ok_or(DenialReason::SecondPerson)?;
        hold(row.may_go_on(self.facts.waivers, self.now), DenialReason::SecondPerson)?;
        Ok(Some(Approved { approval: row.id, by_all: row.given() >= row.needed() }))
    }
}

fn hold(condition: bool, otherwise: DenialReason) -> Check {
    if condition { Ok(()) } else { Err(otherwise) }
}
