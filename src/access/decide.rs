//! The decision: pure, denying by default, with its rule and its reason.
//!
//! The order of asking: principal, session, live grants of roles that act in it, the form of the request, own account;
//! then, for each such role, its cell: effect, fields, limit, purpose, case, own subject, fresh factor, whether it is his to approve,
//! notice, elevation, and last the second person. The first obstacle refuses.
//!
//! **Several roles.** Of the cells that are satisfied the best permits: a clear view before a masked one, then
//! the fewest obligations, then the lower role number. If none is satisfied, the refusal names the cell that
//! came furthest in the order above (ties: the lower role number), so that the person learns the nearest way.
//! Adding a role never takes a permit away.
//!
//! `now` is the time that the entry will carry. What lies after it (a session not yet begun, a factor of
//! tomorrow) counts for nothing.

use super::{
    Action, CaseRef, DenialReason, Field, Object, PrincipalKind, Purpose, Role, Roles, Rule, View, approving,
    cell::{Cell, Effect, Obligation},
    matrix,
    obligations::{Approved, Scene},
    request::{Facts, Request, people},
    rows::{Holder, PrincipalRow, PrincipalState, SessionRow},
};
use crate::base::{AccountId, PrincipalId, SessionId, Time, limits};

/// What was decided.
#[derive(Debug)]
#[must_use]
pub(crate) enum Decision {
    /// Allowed, once it stands in the log.
    Permit(Permit),
    /// Refused; that too goes into the log.
    Denial(Denial),
}

/// Evidence that `decide` allowed exactly this. It opens nothing: the committed entry that is made from it does.
/// Not `Clone`, and made in this file alone.
#[derive(Debug)]
pub(crate) struct Permit {
    actor: PrincipalId,
    session: SessionId,
    roles: Roles,
    rule: Rule,
    view: Option<View>,
    action: Action,
    subject: Option<AccountId>,
    objects: Vec<Object>,
    fields: Vec<Field>,
    purpose: Option<Purpose>,
    case: Option<CaseRef>,
    approved: Option<Approved>,
    asks_notice: bool,
}

impl Permit {
    /// Who may.
    pub(crate) const fn actor(&self) -> PrincipalId {
        self.actor
    }

    /// In which session.
    pub(crate) const fn session(&self) -> SessionId {
        self.session
    }

    /// The roles that acted; [`Permit::rule`] names the one that decided.
    pub(crate) const fn roles(&self) -> Roles {
        self.roles
    }

    /// The cell that decided.
    pub(crate) const fn rule(&self) -> Rule {
        self.rule
    }

    /// How much shows; nothing for actions that read nothing.
    pub(crate) const fn view(&self) -> Option<View> {
        self.view
    }

    /// What.
    pub(crate) const fn action(&self) -> Action {
        self.action
    }

    /// Whether people have to be told of it.
    pub(crate) const fn asks_notice(&self) -> bool {
        self.asks_notice
    }

    /// About whom.
    pub(crate) const fn subject(&self) -> Option<AccountId> {
        self.subject
    }

    /// On what.
    pub(crate) fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// Which fields.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Why.
    pub(crate) const fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }

    /// On the strength of which case.
    pub(crate) const fn case(&self) -> Option<CaseRef> {
        self.case
    }

    /// Which approval is used up with it.
    pub(crate) const fn approved(&self) -> Option<Approved> {
        self.approved
    }
}

/// Why it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Denial {
    /// The nearest obstacle.
    pub(crate) reason: DenialReason,
    /// The rule that it belongs to.
    pub(crate) rule: Rule,
    /// The roles that acted; none if it did not come to roles.
    pub(crate) roles: Roles,
}

/// Decides `request` on `facts` at `now`.
pub(crate) fn decide(request: &Request, facts: &Facts<'_>, now: Time) -> Decision {
    match weigh(request, facts, now) {
        Ok(permit) => Decision::Permit(permit),
        Err(denial) => Decision::Denial(denial),
    }
}

fn weigh(request: &Request, facts: &Facts<'_>, now: Time) -> Result<Permit, Denial> {
    let before = |rule| move |reason| Denial { reason, rule, roles: Roles::NONE };
    let principal = active_principal(request, facts).map_err(before(Rule::Principal))?;
    let session = live_session(principal, facts, now).map_err(before(Rule::Session))?;
    let roles = acting_roles(principal, facts, now);
    let refuse = |reason, rule| Denial { reason, rule, roles };
    if roles.is_empty() {
        return Err(refuse(DenialReason::NoRole, Rule::Default));
    }
    if !is_well_formed(request) {
        return Err(refuse(DenialReason::NotAllowed, Rule::Request));
    }
    if facts.own_account.is_some_and(|own| people(request.subject, &request.objects).contains(&own)) {
        return Err(refuse(DenialReason::OwnAccount, Rule::OwnAccount));
    }
    let scene = Scene { request, facts, session, now };
    let (role, cell) = best(roles, &scene).map_err(|(reason, rule)| refuse(reason, rule))?;
    let approved = scene.second_person(&cell).map_err(|reason| refuse(reason, Rule::Default))?;
    let mut objects = request.objects.clone();
    objects.extend(approved.map(|approved| Object::Approval(approved.approval)));
    Ok(Permit {
        actor: request.actor,
        session: session.id,
        roles,
        rule: Rule::Cell(request.action, role),
        view: cell.effect.view(),
        action: request.action,
        subject: request.subject,
        objects,
        fields: request.fields.clone(),
        purpose: request.purpose,
        case: request.case,
        approved,
        asks_notice: cell.asks(Obligation::Notice),
    })
}

fn active_principal<'a>(request: &Request, facts: &Facts<'a>) -> Result<&'a PrincipalRow, DenialReason> {
    let principal = facts.principal.ok_or(DenialReason::UnknownPrincipal)?;
    if principal.id != request.actor {
        return Err(DenialReason::UnknownPrincipal);
    }
    match principal.state {
        PrincipalState::Active => Ok(principal),
        PrincipalState::Disabled => Err(DenialReason::PrincipalDisabled),
    }
}

/// The session presented, if it is the actor's own; a machine may present the customer's for whom it acts, and
/// then has that customer's rights alone ([`Scene`] holds its cells to `s`).
fn live_session<'a>(
    principal: &PrincipalRow,
    facts: &Facts<'a>,
    now: Time,
) -> Result<&'a SessionRow, DenialReason> {
    let session = facts.session.ok_or(DenialReason::SessionEnded)?;
    let is_actors = match session.holder {
        Holder::Principal(holder) => holder == principal.id,
        Holder::Account(_) => principal.kind == PrincipalKind::Machine,
    };
    if !is_actors {
        return Err(DenialReason::SessionEnded);
    }
    session.check(now)?;
    Ok(session)
}

/// The roles granted at `now` that act in this session. A role of the other kind counts for nothing, whoever managed to
/// grant it (SSD-5).
fn acting_roles(principal: &PrincipalRow, facts: &Facts<'_>, now: Time) -> Roles {
    let own = facts.grants.iter().filter(|grant| grant.principal == principal.id);
    let of_kind = own.filter(|grant| grant.role.kind() == principal.kind);
    facts.acting.of(of_kind.map(|grant| &**grant), now)
}

/// Whether an entry could tell the request truly: the person is named where there is one, no other account
/// stands among the objects, unless it may be about many, and all objects fit in.
fn is_well_formed(request: &Request) -> bool {
    let about_many = request.subject.is_none() && request.action.is_about_many();
    let about_subject = |object: &Object| match object {
        Object::Account(id) => about_many || Some(*id) == request.subject,
        _ => true,
    };
    // The approval that it uses up is named beside them.
    let approvals = usize::from(approving::takes(request.action));
    request.objects.len() + approvals <= limits::ENTRY_OBJECTS_MAX
        && (request.subject.is_some() || !request.action.needs_subject())
        && request.objects.iter().all(about_subject)
}

/// The best cell that is satisfied, or the nearest that is not.
fn best(roles: Roles, scene: &Scene<'_>) -> Result<(Role, Cell), (DenialReason, Rule)> {
    let mut permit: Option<(Role, Cell)> = None;
    let mut nearest = (DenialReason::NotAllowed, Rule::Default);
    for role in roles.iter() {
        let cell = matrix::cell(scene.request.action, role);
        if cell.effect == Effect::Deny {
            continue;
        }
        match scene.obstacle(role, &cell) {
            None => {
                if permit.as_ref().is_none_or(|(_, other)| is_better(&cell, other)) {
                    permit = Some((role, cell));
                }
            }
            Some(reason) => {
                if reason > nearest.0 || nearest.1 == Rule::Default {
                    nearest = (reason, Rule::Cell(scene.request.action, role));
                }
            }
        }
    }
    permit.ok_or(nearest)
}

fn is_better(cell: &Cell, other: &Cell) -> bool {
    match cell.effect.view().cmp(&other.effect.view()) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => cell.obligations() < other.obligations(),
    }
}

#[cfg(test)]
mod tests;
