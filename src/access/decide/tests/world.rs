//! One principal, one session, one ticket or case, one request: rows that a test changes and then asks about.

use crate::{
    access::{
        Acting, Action, CaseFact, CaseRef, Decision, DenialReason, Facts, Field, PrincipalKind, Purpose,
        Request, Role, Rule, decide,
        rows::{ApprovalRow, CaseRow, GrantRow, PrincipalRow, SessionRow, TicketRow, WaiverRow},
        testing::{self, CASE, NOW, TICKET, vouched},
    },
    base::AccountId,
};

pub(super) struct World {
    pub(super) principal: Option<PrincipalRow>,
    pub(super) session: Option<SessionRow>,
    pub(super) grants: Vec<GrantRow>,
    pub(super) acting: Acting,
    pub(super) ticket: Option<TicketRow>,
    pub(super) case: Option<CaseRow>,
    pub(super) own_account: Option<AccountId>,
    pub(super) request: Request,
    pub(super) approval: Option<ApprovalRow>,
    pub(super) digest: [u8; 32],
    pub(super) tells: bool,
    pub(super) waivers: Vec<WaiverRow>,
}

impl World {
    /// A human with `roles` asks for `action`, with a ticket that is his, for the first role's first purpose.
    pub(super) fn of(roles: &[Role], action: Action) -> Self {
        Self {
            principal: Some(testing::principal(PrincipalKind::Human)),
            session: Some(testing::session()),
            grants: roles.iter().map(|role| testing::grant(*role)).collect(),
            acting: Acting::All,
            ticket: Some(testing::ticket()),
            case: None,
            own_account: None,
            request: Request {
                purpose: roles.first().and_then(|role| role.purposes().first()).copied(),
                case: Some(CaseRef::Ticket(TICKET)),
                ..testing::request(action)
            },
            approval: None,
            digest: [0; 32],
            tells: true,
            waivers: Vec::new(),
        }
    }

    /// Support reads a message of the ticket that it is assigned to.
    pub(super) fn support() -> Self {
        let mut world = Self::of(&[Role::Support], Action::TicketReadAssigned);
        world.request.fields = vec![Field::Body];
        world
    }

    /// Puts a case of the actor in the place of the ticket and states it and its purpose.
    pub(super) fn open_case(&mut self, purpose: Purpose) {
        self.ticket = None;
        self.case = Some(testing::case(purpose));
        self.request.case = Some(CaseRef::Case(CASE));
        self.request.purpose = Some(purpose);
    }

    pub(super) fn ticket(&mut self) -> &mut TicketRow {
        self.ticket.as_mut().expect("a ticket")
    }

    pub(super) fn case(&mut self) -> &mut CaseRow {
        self.case.as_mut().expect("a case")
    }

    pub(super) fn decide(&self) -> Decision {
        let (principal, session) = (self.principal.clone().map(vouched), self.session.clone().map(vouched));
        let (ticket, case) = (self.ticket.clone().map(vouched), self.case.clone().map(vouched));
        let grants: Vec<_> = self.grants.iter().cloned().map(vouched).collect();
        let (approval, waivers) = (
            self.approval.clone().map(vouched),
            self.waivers.iter().cloned().map(vouched).collect::<Vec<_>>(),
        );
        let facts = Facts {
            principal: principal.as_ref(),
            session: session.as_ref(),
            grants: &grants,
            acting: self.acting,
            case: ticket.as_ref().map(CaseFact::Ticket).or(case.as_ref().map(CaseFact::Case)),
            own_account: self.own_account,
            approval: approval.as_ref(),
            digest: self.digest,
            tells: self.tells,
            waivers: &waivers,
        };
        decide(&self.request, &facts, NOW)
    }

    /// Why it is refused; nothing if it is not.
    pub(super) fn reason(&self) -> Option<DenialReason> {
        match self.decide() {
            Decision::Permit(_) => None,
            Decision::Denial(denial) => Some(denial.reason),
        }
    }

    pub(super) fn refusal(&self) -> (DenialReason, Rule) {
        match self.decide() {
            Decision::Permit(permit) => panic!("{permit:?}"),
            Decision::Denial(denial) => (denial.reason, denial.rule),
        }
    }
}
