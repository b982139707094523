//! A world for tests of this floor and of those above: a principal with a session, a ticket, and permits that
//! `decide` itself made from them, because nothing else can.

use super::{
    Acting, Action, CaseFact, CaseRef, Decision, Denial, Facts, Field, Object, Permit, PrincipalKind,
    Purpose, Request, Role, Vouched, decide,
    rows::{
        CaseRow, CaseState, GrantRow, GrantState, Holder, PrincipalRow, PrincipalState, SessionRow,
        SessionState, TicketRow, TicketState,
    },
};
use crate::base::{AccountId, CaseId, GrantId, PrincipalId, SessionId, TicketId, Time, limits};

/// When the world stands still: 2026-01-02T03:04:05Z.
pub(crate) const NOW: Time = Time::from_ms(1_767_323_045_000);

/// The member of staff or machine that acts.
pub(crate) const ACTOR: PrincipalId = PrincipalId::from_bytes([0xa1; 16]);
/// Somebody else on the staff.
pub(crate) const COLLEAGUE: PrincipalId = PrincipalId::from_bytes([0xa2; 16]);
/// The customer that requests are about.
pub(crate) const SUBJECT: AccountId = AccountId::from_bytes([0xc1; 16]);
/// Another customer.
pub(crate) const STRANGER: AccountId = AccountId::from_bytes([0xc2; 16]);
/// The subject's ticket, assigned to the actor.
pub(crate) const TICKET: TicketId = TicketId::from_bytes([0x71; 16]);
/// A case that the actor opened about the subject.
pub(crate) const CASE: CaseId = CaseId::from_bytes([0x72; 16]);
/// The actor's session.
pub(crate) const SESSION: SessionId = SessionId::from_bytes([0x5e; 16]);

/// A row as if its MAC had been checked.
pub(crate) fn vouched<T>(row: T) -> Vouched<T> {
    Vouched::assertion(row)
}

/// The actor's row.
pub(crate) fn principal(kind: PrincipalKind) -> PrincipalRow {
    PrincipalRow { id: ACTOR, kind, state: PrincipalState::Active, account: None, factors: 0, changed_at: 1 }
}

/// The actor's session, a minute old.
pub(crate) fn session() -> SessionRow {
    let created = Time::from_ms(NOW.as_ms() - 60_000);
    SessionRow {
        id: SESSION,
        holder: Holder::Principal(ACTOR),
        token_hash: [9; 32],
        created,
        expires: created.plus(limits::STAFF_SESSION_LIFETIME),
        used: created,
        factor: Some(created),
        state: SessionState::Live,
        changed_at: 2,
    }
}

/// A live grant of `role` to the actor.
pub(crate) fn grant(role: Role) -> GrantRow {
    let not_before = Time::from_ms(NOW.as_ms() - 3_600_000);
    GrantRow {
        id: GrantId::from_bytes([role.number(); 16]),
        principal: ACTOR,
        role,
        not_before,
        expires: not_before.plus(limits::GRANT_LIFETIME_MAX),
        state: GrantState::Live,
        granted_by: Some(COLLEAGUE),
        changed_at: 3,
    }
}

/// The subject's open ticket, assigned to the actor.
pub(crate) fn ticket() -> TicketRow {
    let created = Time::from_ms(NOW.as_ms() - 7_200_000);
    TicketRow {
        id: TICKET,
        account: SUBJECT,
        state: TicketState::Open,
        assignee: Some(ACTOR),
        created,
        changed_at: 4,
    }
}

/// An open case of the actor about the subject.
pub(crate) fn case(purpose: Purpose) -> CaseRow {
    let created = Time::from_ms(NOW.as_ms() - 600_000);
    CaseRow {
        id: CASE,
        account: Some(SUBJECT),
        purpose,
        opened_by: ACTOR,
        created,
        expires: created.plus(limits::CASE_LIFETIME),
        state: CaseState::Open,
        changed_at: 5,
    }
}

/// A request of the actor about the subject and his ticket, without fields, purpose or case.
pub(crate) fn request(action: Action) -> Request {
    Request {
        actor: ACTOR,
        action,
        subject: Some(SUBJECT),
        objects: vec![Object::Account(SUBJECT), Object::Ticket(TICKET)],
        fields: Vec::new(),
        purpose: None,
        case: None,
        parameters: Vec::new(),
    }
}

/// What `decide` says to `request` by a human with `roles`, a live session and the ticket above.
pub(crate) fn ask(roles: &[Role], request: &Request) -> Decision {
    let (principal, session, ticket) =
        (vouched(principal(PrincipalKind::Human)), vouched(session()), vouched(ticket()));
    let grants: Vec<_> = roles.iter().map(|role| vouched(grant(*role))).collect();
    let facts = Facts {
        principal: Some(&principal),
        session: Some(&session),
        grants: &grants,
        case: matches!(request.case, Some(CaseRef::Ticket(_))).then_some(CaseFact::Ticket(&ticket)),
        acting: Acting::Unchosen(session.created),
        ..Facts::default()
    };
    decide(request, &facts, NOW)
}

/// A permit of support to read `fields` of the ticket that it is assigned to.
pub(crate) fn permit(fields: &[Field]) -> Permit {
    let request = Request {
        fields: fields.to_vec(),
        purpose: Some(Purpose::SupportRequest),
        case: Some(CaseRef::Ticket(TICKET)),
        ..request(Action::TicketReadAssigned)
    };
    match ask(&[Role::Support], &request) {
        Decision::Permit(permit) => permit,
        Decision::Denial(denial) => panic!("{denial:?}"),
    }
}

/// A permit of support to see `objects` of a search.
pub(crate) fn search(objects: &[Object]) -> Permit {
    let request = Request {
        subject: None,
        objects: objects.to_vec(),
        fields: vec![Field::Email],
        purpose: Some(Purpose::SupportRequest),
        ..request(Action::AccountFind)
    };
    match ask(&[Role::Support], &request) {
        Decision::Permit(permit) => permit,
        Decision::Denial(denial) => panic!("{denial:?}"),
    }
}

/// A request of support to read its ticket without a case, and its refusal.
pub(crate) fn denial() -> (Request, Denial) {
    let request = request(Action::TicketReadAssigned);
    match ask(&[Role::Support], &request) {
        Decision::Denial(denial) => (request, denial),
        Decision::Permit(permit) => panic!("{permit:?}"),
    }
}
