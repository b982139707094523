//! The decision over every role, action and context that matters, held against a second, naive reading of the
//! matrix's text; and over all 65,536 sets of roles.
//!
//! The second reading knows a context by the labels it was built with ("closed", "a colleague's"), never by the
//! rows, so that a slip in how `decide` reads a row shows.

use crate::{
    access::{
        Acting, Action, CaseFact, CaseRef, Decision, DenialReason, Facts, Field, Object, PrincipalKind,
        Purpose, Request, Role, Roles, StepTwo, View, decide,
        decide::best,
        matrix,
        obligations::Scene,
        rows::{CaseState, Holder, TicketState},
        testing::{self, ACTOR, CASE, COLLEAGUE, NOW, STRANGER, SUBJECT, TICKET, vouched},
    },
    base::{AccountId, GrantId, TicketId, Time},
};

/// What is wrong with the case of a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    NoRow,
    OtherAccount,
    OtherObject,
    Colleagues,
    Nobodys,
    Closed,
    Expired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    NotNamed,
    Ticket(Flaw),
    Staff(Flaw, Purpose),
}

fn cases() -> Vec<Case> {
    let mut all = vec![Case::NotNamed];
    let flaws =
        [Flaw::None, Flaw::NoRow, Flaw::OtherAccount, Flaw::OtherObject, Flaw::Colleagues, Flaw::Closed];
    all.extend(flaws.map(Case::Ticket));
    all.push(Case::Ticket(Flaw::Nobodys));
    all.extend(flaws.map(|flaw| Case::Staff(flaw, Purpose::SecurityIncident)));
    all.push(Case::Staff(Flaw::Expired, Purpose::SecurityIncident));
    all.extend(
        [
            Purpose::BillingDispute,
            Purpose::DataSubjectRequest,
            Purpose::LegalObligation,
            Purpose::AccessAdmin,
        ]
        .map(|purpose| Case::Staff(Flaw::None, purpose)),
    );
    all
}

#[derive(Debug, Clone, Copy)]
struct Context {
    action: Action,
    subject: Option<AccountId>,
    purpose: Option<Purpose>,
    case: Case,
    is_fresh: bool,
    is_customers_session: bool,
    tells: bool,
    field: Option<Field>,
}

impl Context {
    fn request(&self) -> Request {
        let is_other =
            matches!(self.case, Case::Ticket(Flaw::OtherObject) | Case::Staff(Flaw::OtherObject, _));
        let first = match (self.action, self.case) {
            (Action::AuditRead | Action::GrantRevoke, _) => Object::Grant(GrantId::from_bytes([1; 16])),
            _ if is_other => Object::Ticket(TicketId::from_bytes([1; 16])),
            (Action::CaseClose, Case::Staff(..)) => Object::Case(CASE),
            _ => Object::Ticket(TICKET),
        };
        let objects = vec![first, Object::Principal(ACTOR)];
        Request {
            actor: ACTOR,
            action: self.action,
            subject: self.subject,
            objects,
            fields: self.field.into_iter().collect(),
            purpose: self.purpose,
            case: match self.case {
                Case::NotNamed => None,
                Case::Ticket(_) => Some(CaseRef::Ticket(TICKET)),
                Case::Staff(..) => Some(CaseRef::Case(CASE)),
            },
            parameters: Vec::new(),
        }
    }

    /// Runs `ask` with the rows that the labels describe.
    fn with_facts<T>(
        &self,
        roles: &[Role],
        kind: PrincipalKind,
        ask: impl FnOnce(&Request, &Facts<'_>) -> T,
    ) -> T {
        let (mut session, mut ticket, mut case) =
            (testing::session(), testing::ticket(), testing::case(Purpose::SecurityIncident));
        if !self.is_fresh {
            session.factor = None;
        }
        if self.is_customers_session {
            session.holder = Holder::Account(SUBJECT);
        }
        let flaw = match self.case {
            Case::NotNamed => Flaw::NoRow,
            Case::Ticket(flaw) => flaw,
            Case::Staff(flaw, purpose) => {
                case.purpose = purpose;
                flaw
            }
        };
        case.account = self.subject;
        match flaw {
            Flaw::OtherAccount => (ticket.account, case.account) = (STRANGER, Some(STRANGER)),
            Flaw::Colleagues => (ticket.assignee, case.opened_by) = (Some(COLLEAGUE), COLLEAGUE),
            Flaw::Nobodys => ticket.assignee = None,
            Flaw::Closed => (ticket.state, case.state) = (TicketState::Closed, CaseState::Closed),
            Flaw::Expired => case.expires = Time::ZERO,
            Flaw::None | Flaw::NoRow | Flaw::OtherObject => {}
        }
        let (principal, session, ticket, case) =
            (vouched(testing::principal(kind)), vouched(session), vouched(ticket), vouched(case));
        let grants: Vec<_> = roles.iter().map(|role| vouched(testing::grant(*role))).collect();
        let fact = match self.case {
            _ if flaw == Flaw::NoRow => None,
            Case::NotNamed => None,
            Case::Ticket(_) => Some(CaseFact::Ticket(&ticket)),
            Case::Staff(..) => Some(CaseFact::Case(&case)),
        };
        let facts = Facts {
            principal: Some(&principal),
            session: Some(&session),
            grants: &grants,
            acting: Acting::All,
            case: fact,
            tells: self.tells,
            ..Facts::default()
        };
        ask(&self.request(), &facts)
    }

    fn decide(&self, role: Role) -> Result<Option<View>, DenialReason> {
        self.with_facts(&[role], role.kind(), |request, facts| match decide(request, facts, NOW) {
            Decision::Permit(permit) => Ok(permit.view()),
            Decision::Denial(denial) => Err(denial.reason),
        })
    }

    /// What of the case stands in the way, by its labels.
    fn case_obstacle(&self, role: Role, worker: Option<Flaw>) -> Option<DenialReason> {
        let (flaw, stands_for) = match self.case {
            Case::NotNamed => return Some(DenialReason::CaseMissing),
            Case::Ticket(flaw) => (flaw, None),
            Case::Staff(flaw, purpose) => (flaw, Some(purpose)),
        };
        let is_ticket = stands_for.is_none();
        let is_bound = match self.action {
            Action::TicketReadAssigned | Action::TicketAssign | Action::TicketClose => true,
            Action::AttachmentOpen => is_ticket,
            Action::CaseClose => true,
            _ => false,
        };
        // The objects name the ticket, or the case where a case is closed: the other kind is another object.
        let names_it = flaw != Flaw::OtherObject && (is_ticket || self.action == Action::CaseClose);
        let purposes = match &self.purpose {
            Some(stated) => std::slice::from_ref(stated),
            None => role.purposes(),
        };
        let is_purpose = purposes.iter().any(|purpose| match stands_for {
            Some(its) => its == *purpose,
            None => purpose.number() <= Purpose::LegalObligation.number() || *purpose == Purpose::SelfService,
        });
        let is_workers = match worker {
            None => true,
            Some(Flaw::Nobodys) => flaw == Flaw::Nobodys,
            Some(_) => !matches!(flaw, Flaw::Nobodys | Flaw::Colleagues),
        };
        let is_accounts = flaw != Flaw::OtherAccount && (!is_ticket || self.subject.is_some());
        [
            (flaw != Flaw::NoRow, DenialReason::CaseMissing),
            (is_accounts, DenialReason::CaseOtherAccount),
            (!is_bound || names_it, DenialReason::CaseOtherObject),
            (is_workers, DenialReason::CaseNotYours),
            (flaw != Flaw::Closed, DenialReason::CaseClosed),
            (flaw != Flaw::Expired, DenialReason::CaseExpired),
            (is_purpose, DenialReason::CasePurpose),
        ]
        .into_iter()
        .find_map(|(is_met, reason)| (!is_met).then_some(reason))
    }

    /// The second reading of the matrix: from the cell's text.
    fn expect(&self, role: Role) -> Result<Option<View>, DenialReason> {
        let cell = matrix::cell(self.action, role);
        let text = cell.to_string();
        let (letters, limit) = text.trim_end_matches(')').split_once('(').unwrap_or((&text, ""));
        let (effect, asked) = letters.split_at(1);
        let asks = |letter: char| asked.contains(letter);
        let fields = cell.fields.iter().collect::<Vec<_>>();
        let is_reveal = self.action == Action::AccountRevealField;
        let mut obstacles = vec![
            (!(self.subject.is_none() && self.action.needs_subject()), DenialReason::NotAllowed),
            (effect != "-", DenialReason::NotAllowed),
            (self.field.map_or(!is_reveal, |field| fields.contains(&field)), DenialReason::FieldNotAllowed),
        ];
        // Every context names the actor alone, and for `audit.read` things of staff alone.
        match limit {
            "" | "own" | "staff" => {}
            // Every context names the actor, and none a role.
            "others" | "support" => obstacles.push((false, DenialReason::NotAllowed)),
            "one-subject" => obstacles.push((self.subject.is_some(), DenialReason::NotAllowed)),
            "no-subject" => obstacles.push((self.subject.is_none(), DenialReason::NotAllowed)),
            "take" => {
                let found = self.case_obstacle(role, Some(Flaw::Nobodys));
                obstacles.extend(found.map(|reason| (false, reason)));
            }
            other => panic!("{other}"),
        }
        match self.purpose {
            None => obstacles.push((!asks('p'), DenialReason::PurposeMissing)),
            Some(it) => obstacles.push((role.purposes().contains(&it), DenialReason::PurposeNotAllowed)),
        }
        if asks('t') || self.case != Case::NotNamed {
            let found = self.case_obstacle(role, asks('t').then_some(Flaw::None));
            obstacles.extend(found.map(|reason| (false, reason)));
        }
        obstacles.extend([
            (asks('s') == self.is_customers_session, DenialReason::NotOwnSubject),
            (!asks('s') || self.subject.is_some(), DenialReason::NotOwnSubject),
            (!asks('f') || self.is_fresh, DenialReason::StaleFactor),
            // No context names an approval: there is nothing to decide, and nothing was approved.
            (self.action != Action::ApprovalDecide, DenialReason::NotAllowed),
            (!asks('n') || self.tells, DenialReason::NeedsStepTwo(StepTwo::Notice)),
            (!asks('j'), DenialReason::NeedsStepTwo(StepTwo::Elevation)),
            (!asks('2'), DenialReason::SecondPerson),
        ]);
        match obstacles.into_iter().find(|(is_met, _)| !is_met) {
            Some((_, reason)) => Err(reason),
            None => Ok(match effect {
                "m" => Some(View::Masked),
                "F" => Some(View::Clear),
                _ => None,
            }),
        }
    }
}

/// Every context of `action` for `role`; of purposes the role's and a foreign one, of fields none, one that the
/// cell has and one that it has not.
fn contexts(action: Action, role: Role) -> Vec<Context> {
    let cell = matrix::cell(action, role);
    let mut fields = vec![None];
    fields.extend(Field::ALL.into_iter().find(|field| cell.fields.contains(*field)).map(Some));
    fields.extend(Field::ALL.into_iter().find(|field| !cell.fields.contains(*field)).map(Some));
    let foreign = Purpose::ALL.into_iter().find(|purpose| !role.purposes().contains(purpose));
    let purposes: Vec<_> = role.purposes().iter().copied().map(Some).chain([foreign, None]).collect();
    let sessions: &[bool] = if role.kind() == PrincipalKind::Machine { &[false, true] } else { &[false] };
    let rooms: &[bool] = if cell.to_string().contains('n') { &[true, false] } else { &[true] };
    let mut all = Vec::new();
    for subject in [Some(SUBJECT), None] {
        for purpose in &purposes {
            for case in cases() {
                for is_fresh in [true, false] {
                    for is_customers_session in sessions.iter().copied() {
                        // A room that can tell nobody is another one where people have to be told.
                        for tells in rooms.iter().copied() {
                            let with = |field| Context {
                                action,
                                subject,
                                purpose: *purpose,
                                case,
                                is_fresh,
                                is_customers_session,
                                tells,
                                field,
                            };
                            all.extend(fields.iter().copied().map(with));
                        }
                    }
                }
            }
        }
    }
    all
}

/// Each cell in each context: the same answer, and for a refusal the same reason, as the second reading gives.
#[test]
fn every_cell_in_every_context_decides_as_its_text_says() {
    let (mut permitted, mut refused) = (0_u32, 0_u32);
    for action in Action::ALL {
        for role in Role::ALL {
            for context in contexts(action, role) {
                let decided = context.decide(role);
                assert_eq!(decided, context.expect(role), "{role} in {context:?}");
                *(if decided.is_ok() { &mut permitted } else { &mut refused }) += 1;
                let is_his = matches!(context.case, Case::Ticket(Flaw::None));
                let is_clear = decided == Ok(Some(View::Clear));
                // But for its colleagues' handles.
                let is_about_staff = action == Action::PolicyRead;
                assert!(
                    role != Role::Support || is_his || is_about_staff || !is_clear,
                    "support without its ticket: {context:?}"
                );
            }
        }
    }
    assert!(permitted > 1_000 && refused > 50_000, "{permitted} permits, {refused} refusals");
}

/// The contexts in which sets of roles are tried: nothing given, a ticket, all that security needs.
fn contexts_of_sets(action: Action) -> [Context; 3] {
    let field = matches!(action, Action::AccountRevealField).then_some(Field::Name);
    let bare = Context {
        action,
        subject: Some(SUBJECT),
        purpose: None,
        case: Case::NotNamed,
        is_fresh: false,
        is_customers_session: false,
        tells: true,
        field,
    };
    let ticket = Context { case: Case::Ticket(Flaw::None), purpose: Some(Purpose::SupportRequest), ..bare };
    let incident = Purpose::SecurityIncident;
    let case =
        Context { case: Case::Staff(Flaw::None, incident), purpose: Some(incident), is_fresh: true, ..bare };
    [bare, ticket, case]
}

/// What a set of roles may is what the best of its roles may, and what it lacks is what the nearest lacks: so a
/// role more never takes anything away, and no two roles together make a right that neither has.
#[test]
fn a_set_of_roles_may_what_its_best_role_may() {
    for action in Action::ALL {
        for context in contexts_of_sets(action) {
            let alone = Role::ALL.map(|role| {
                context.with_facts(&[], role.kind(), |request, facts| {
                    let session = facts.session.expect("a session");
                    let scene = Scene { request, facts, session, now: NOW };
                    best(Roles::of(&[role]), &scene)
                        .map(|(_, cell)| cell.effect.view())
                        .map_err(|(reason, _)| reason)
                })
            });
            // What a set should come to, from the set without its lowest role and that role alone.
            let mut expected = vec![(None, DenialReason::NotAllowed); 1 << 16];
            context.with_facts(&[], PrincipalKind::Human, |request, facts| {
                let session = facts.session.expect("a session");
                let scene = Scene { request, facts, session, now: NOW };
                for bits in 1..=u16::MAX {
                    let (view, reason) = expected[usize::from(bits & (bits - 1))];
                    let (view, reason) = match alone[bits.trailing_zeros() as usize] {
                        Ok(its) => (view.max(Some(its)), reason),
                        Err(its) => (view, reason.max(its)),
                    };
                    expected[usize::from(bits)] = (view, reason);
                    let found = best(Roles::from_bits(bits), &scene);
                    let found = found.map(|(_, cell)| cell.effect.view()).map_err(|(reason, _)| reason);
                    assert_eq!(found, view.ok_or(reason), "{bits:016b} in {context:?}");
                }
            });
        }
    }
}

/// The same through the front door, for every set of a human's roles: grants in any combination.
#[test]
fn every_set_of_grants_reaches_the_decision_as_that_set() {
    let roles: Vec<_> = Role::ALL.into_iter().filter(|role| role.kind() == PrincipalKind::Human).collect();
    let [.., context] = contexts_of_sets(Action::AttachmentOpen);
    for bits in 0_u16..1 << roles.len() {
        let held: Vec<_> =
            Role::ALL.into_iter().filter(|role| bits << 5 >> (role.number() - 1) & 1 == 1).collect();
        context.with_facts(&held, PrincipalKind::Human, |request, facts| match decide(request, facts, NOW) {
            Decision::Permit(permit) => {
                assert!(held.contains(&Role::Security), "{held:?}");
                assert_eq!(permit.roles().iter().collect::<Vec<_>>(), held);
            }
            Decision::Denial(denial) => {
                assert!(!held.contains(&Role::Security), "{held:?}");
                assert_eq!(denial.roles.iter().collect::<Vec<_>>(), held);
                assert_eq!(denial.reason == DenialReason::NoRole, held.is_empty());
            }
        });
    }
}
