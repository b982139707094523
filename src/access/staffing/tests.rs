//! Whoever leaves, everything stays within reach: by the decision itself, over every action of the matrix.
//!
//! A second reading of [`super::gap`]: it asks `decide` what a role may with everything given that could be given, and
//! plays a team forward, newcomer by newcomer, instead of reasoning about sets.

use std::time::Duration;

use super::{TeamProfile, gap};
use crate::{
    access::{
        Acting, Action, CaseFact, CaseRef, Decision, Facts, Object, Parameter, PrincipalKind, Purpose,
        Request, Role, Roles, approving,
        cell::{Effect, Obligation},
        decide, matrix,
        rows::{ApprovalRow, ApprovalState, GrantRow, Waivable},
        testing::{self, ACTOR, CASE, COLLEAGUE, NOW, SUBJECT, TICKET, vouched},
    },
    base::{ApprovalId, PrincipalId, Time, limits},
};

const HUMAN: usize = 5;
/// Who asks for what is to be approved, and gave nobody a role.
const STRANGER: PrincipalId = PrincipalId::from_bytes([0xa9; 16]);
const HOUR: Duration = Duration::from_secs(3600);

fn humans() -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().skip(HUMAN)
}

fn an_hour_ago() -> Time {
    Time::from_ms(NOW.as_ms() - 3_600_000)
}

/// An approval of a request of `requester`, with everybody's consent whom it takes.
fn approved(
    requester: PrincipalId,
    action: Action,
    given: Option<Role>,
    state: ApprovalState,
) -> ApprovalRow {
    let has_all = state == ApprovalState::Approved;
    ApprovalRow {
        id: ApprovalId::from_bytes([1; 16]),
        requester,
        action,
        role: given,
        beneficiary: None,
        subject: None,
        request: [7; 32],
        created: an_hour_ago(),
        expires: NOW.plus(HOUR),
        first: has_all.then_some(PrincipalId::from_bytes([0xb1; 16])),
        second: has_all.then_some(PrincipalId::from_bytes([0xb2; 16])),
        state,
        changed_at: 1,
    }
}

/// What `decide` says to one who holds `role`, standing and for a short time.
fn permits(role: Role, request: &Request, case: Case, approval: ApprovalRow) -> bool {
    let (principal, session) =
        (vouched(testing::principal(PrincipalKind::Human)), vouched(testing::session()));
    let short = GrantRow { not_before: an_hour_ago(), expires: NOW.plus(HOUR), ..testing::grant(role) };
    let grants = [vouched(testing::grant(role)), vouched(short)];
    let (mut ticket, mut staff_case) = (testing::ticket(), testing::case(Purpose::SupportRequest));
    match case {
        Case::None | Case::Ticket => {}
        Case::Nobodys => ticket.assignee = None,
        Case::Staff(purpose) => (staff_case.purpose, staff_case.account) = (purpose, request.subject),
    }
    let (ticket, staff_case, approval) = (vouched(ticket), vouched(staff_case), vouched(approval));
    let facts = Facts {
        principal: Some(&principal),
        session: Some(&session),
        grants: &grants,
        case: match case {
            Case::None => None,
            Case::Ticket | Case::Nobodys => Some(CaseFact::Ticket(&ticket)),
            Case::Staff(_) => Some(CaseFact::Case(&staff_case)),
        },
        approval: Some(&approval),
        digest: [7; 32],
        tells: true,
        acting: Acting::Unchosen(session.created),
        ..Facts::default()
    };
    matches!(decide(request, &facts, NOW), Decision::Permit(_))
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    None,
    Ticket,
    Nobodys,
    Staff(Purpose),
}

/// Whether one who holds `role` may do it somehow: about somebody or nobody, with any case and purpose of his, and, where
/// it takes a second person, with an approval.
fn may(role: Role, action: Action, given: Option<Role>) -> bool {
    let cell = matrix::cell(action, role);
    if cell.effect == Effect::Deny {
        return false;
    }
    let purposes: Vec<_> = role.purposes().iter().copied().map(Some).chain([None]).collect();
    let mut cases = vec![Case::None, Case::Ticket, Case::Nobodys];
    cases.extend(role.purposes().iter().copied().map(Case::Staff));
    let (me, other) = (Object::Principal(ACTOR), Object::Principal(COLLEAGUE));
    let (ticket, case) = (Object::Ticket(TICKET), Object::Case(CASE));
    let objects = [vec![], vec![me], vec![other], vec![ticket], vec![ticket, me], vec![case]];
    let parameters: Vec<_> =
        given.map(Parameter::Role).into_iter().chain([Parameter::Lifetime(limits::ELEVATION_MAX)]).collect();
    let mut contexts = [Some(SUBJECT), None].into_iter().flat_map(|subject| {
        let cases = cases.iter().flat_map(|case| purposes.iter().map(|purpose| (*case, *purpose)));
        cases.map(move |(case, purpose)| (subject, case, purpose)).collect::<Vec<_>>()
    });
    contexts.any(|(subject, case, purpose)| {
        objects.iter().any(|objects| {
            let request = Request {
                actor: ACTOR,
                action,
                subject,
                objects: objects.clone(),
                fields: cell.fields.iter().take(1).collect(),
                purpose,
                case: match case {
                    Case::None => None,
                    Case::Ticket | Case::Nobodys => Some(CaseRef::Ticket(TICKET)),
                    Case::Staff(_) => Some(CaseRef::Case(CASE)),
                },
                parameters: parameters.clone(),
            };
            let row = match action {
                Action::ApprovalDecide => {
                    approved(STRANGER, Action::RoomResume, None, ApprovalState::Requested)
                }
                _ => approved(ACTOR, action, given, ApprovalState::Approved),
            };
            permits(role, &request, case, row)
        })
    })
}

/// Whether one who holds `role` may approve what somebody asked for.
fn may_approve(role: Role, action: Action, given: Option<Role>) -> bool {
    let row = approved(STRANGER, action, given, ApprovalState::Requested);
    let request = Request {
        subject: None,
        objects: vec![Object::Approval(row.id)],
        ..testing::request(Action::ApprovalDecide)
    };
    permits(role, &request, Case::None, row)
}

/// What `decide` says, once for all teams.
struct Decided {
    may: Vec<(Action, Roles)>,
    gives: Vec<(Role, Roles)>,
    approves: Vec<(Action, Option<Role>, Roles)>,
}

impl Decided {
    fn new() -> Self {
        let by = |test: &dyn Fn(Role) -> bool| humans().filter(|role| test(*role)).collect::<Roles>();
        let second =
            |action: &Action| humans().any(|role| matrix::cell(*action, role).asks(Obligation::SecondPerson));
        let mut approves = Vec::new();
        for action in Action::ALL.into_iter().filter(second) {
            let given: Vec<_> =
                if action == Action::GrantGive { humans().map(Some).collect() } else { vec![None] };
            approves.extend(
                given.into_iter().map(|given| (action, given, by(&|role| may_approve(role, action, given)))),
            );
        }
        // Giving to oneself for a while makes nobody a newcomer.
        let to_others = |role: Role| !matches!(role, Role::Support | Role::Billing | Role::KeyCustodian);
        let gives = |given| by(&|role| to_others(role) && gives_to_another(role, given));
        Self {
            may: Action::ALL
                .map(|action| (action, by(&|role| may(role, action, Some(Role::Support)))))
                .to_vec(),
            gives: humans().map(|given| (given, gives(given))).collect(),
            approves,
        }
    }

    fn approvers(&self, action: Action, given: Option<Role>) -> Roles {
        self.approves.iter().find(|one| (one.0, one.1) == (action, given)).map_or(Roles::NONE, |one| one.2)
    }

    /// Whether somebody else than `requester` approves as often as it takes.
    fn is_approved(
        &self,
        team: &[Roles],
        waived: &[Waivable],
        requester: usize,
        what: (Action, Option<Role>),
    ) -> bool {
        let who = self.approvers(what.0, what.1);
        let others =
            team.iter().enumerate().filter(|(one, held)| *one != requester && !held.and(who).is_empty());
        let takes = usize::from(approving::needed(what.0, what.1));
        let takes = match waived {
            _ if waived.contains(&Waivable::SecondPerson) => 0,
            _ if waived.contains(&Waivable::SecondApprover) => takes.min(1),
            _ => takes,
        };
        others.count() >= takes
    }

    /// Plays the team forward: newcomers get what can be given, three for each role; then what nobody may do.
    fn lost(&self, people: &[Roles], waived: &[Waivable]) -> Vec<Action> {
        let mut team = people.to_vec();
        let hires = self.holders(Action::StaffCreate);
        loop {
            let give = humans().find(|given| {
                let newcomers = team.len() - people.len();
                let enough = team.iter().skip(people.len()).filter(|held| held.contains(*given)).count() >= 3;
                let may = self.gives.iter().find(|(role, _)| role == given).map(|(_, who)| *who).unwrap();
                newcomers < 64
                    && !enough
                    && team.iter().any(|held| !held.and(hires).is_empty())
                    && (0..team.len()).any(|asker| {
                        !team[asker].and(may).is_empty()
                            && self.is_approved(&team, waived, asker, (Action::GrantGive, Some(*given)))
                    })
            });
            let Some(given) = give else { break };
            team.push(Roles::of(&[given]));
        }
        let needed = self.may.iter().filter(|(_, who)| !who.is_empty());
        let lost = needed.filter(|(action, who)| {
            if *action == Action::GrantGive {
                return team.len() == people.len();
            }
            let alone = |role: Role| !matrix::cell(*action, role).asks(Obligation::SecondPerson);
            !(0..team.len()).any(|one| {
                let roles = team[one].and(*who);
                roles.iter().any(|role| alone(role) || self.is_approved(&team, waived, one, (*action, None)))
            })
        });
        lost.map(|(action, _)| *action).collect()
    }

    fn holders(&self, action: Action) -> Roles {
        self.may.iter().find(|one| one.0 == action).map(|one| one.1).unwrap()
    }
}

fn gives_to_another(role: Role, given: Role) -> bool {
    let purposes: Vec<_> = role.purposes().to_vec();
    purposes.into_iter().any(|purpose| {
        let request = Request {
            subject: None,
            objects: vec![Object::Principal(COLLEAGUE)],
            purpose: Some(purpose),
            case: Some(CaseRef::Case(CASE)),
            parameters: vec![Parameter::Role(given), Parameter::Lifetime(limits::GRANT_LIFETIME_MAX)],
            ..testing::request(Action::GrantGive)
        };
        let row = || approved(ACTOR, Action::GrantGive, Some(given), ApprovalState::Approved);
        let bare = Request { case: None, ..request.clone() };
        permits(role, &request, Case::Staff(purpose), row()) || permits(role, &bare, Case::None, row())
    })
}

/// What people need who hold every role between them, as far as their profile lets them.
fn teams() -> Vec<(TeamProfile, Vec<Roles>)> {
    let all: Roles = humans().collect();
    let (aa, ad, se, pr) = (Role::AccessAdmin, Role::Auditor, Role::Security, Role::PrivacyOfficer);
    let one = |role| Roles::of(&[role]);
    vec![
        (TeamProfile::Two, vec![all, all]),
        (TeamProfile::Two, vec![Roles::of(&[aa, ad]), one(aa)]),
        (TeamProfile::Small, vec![one(aa), one(aa), one(ad), one(pr)]),
        (TeamProfile::Small, vec![one(aa), one(aa), one(ad), one(se)]),
        (TeamProfile::Full, vec![one(aa), one(aa), one(aa), one(ad), one(se)]),
        (TeamProfile::Full, vec![one(aa), one(aa), one(ad), one(se), one(se)]),
    ]
}

#[test]
fn whoever_leaves_a_team_everything_stays_within_reach() {
    let decided = Decided::new();
    for (profile, people) in teams() {
        let waived = profile.waived(&people);
        assert_eq!(gap(&people, &waived), None, "{profile}");
        assert_eq!(decided.lost(&people, &waived), [], "{profile}");
        for leaver in 0..people.len() {
            let mut left = people.clone();
            left.remove(leaver);
            assert_eq!(decided.lost(&left, &waived), [], "{profile} without number {leaver}");
        }
    }
}

/// Every team of up to four people with a role each, under each profile's waivers: the check of `init` says what playing
/// it forward by `decide` says.
#[test]
fn a_gap_is_told_exactly_where_playing_it_forward_finds_one() {
    let decided = Decided::new();
    let roles: Vec<Role> = humans().collect();
    let mut teams: Vec<Vec<Role>> = vec![vec![]];
    let mut from = 0;
    for _ in 0..4 {
        let to = teams.len();
        for place in from..to {
            let least = teams[place].last().copied().unwrap_or(Role::Support);
            for role in roles.iter().filter(|role| **role >= least) {
                let mut team = teams[place].clone();
                team.push(*role);
                teams.push(team);
            }
        }
        from = to;
    }
    let (mut open, mut shut) = (0, 0);
    for team in teams {
        let people: Vec<Roles> = team.iter().map(|role| Roles::of(&[*role])).collect();
        for waived in [&[][..], &[Waivable::SecondApprover], &[Waivable::SecondPerson]] {
            let unreachable = super::Team::new(&people, waived).unreachable();
            let lost = decided.lost(&people, waived);
            assert_eq!(
                unreachable.is_some(),
                !lost.is_empty(),
                "{team:?} {waived:?}: {unreachable:?} {lost:?}"
            );
            *(if lost.is_empty() { &mut open } else { &mut shut }) += 1;
        }
    }
    assert!(open > 100 && shut > 100, "{open} {shut}");
}

#[test]
fn too_few_for_their_profile_have_a_gap() {
    let one = |role| Roles::of(&[role]);
    let least = vec![one(Role::AccessAdmin), one(Role::AccessAdmin), one(Role::Auditor)];
    for profile in TeamProfile::ALL {
        let found = gap(&least, &profile.waived(&least));
        assert_eq!(found.is_none(), profile == TeamProfile::Two, "{profile}: {found:?}");
    }
}

#[test]
fn a_profile_waives_what_its_roles_break_and_no_more() {
    let pair = |one, other| vec![Roles::of(&[one, other])];
    let refund = pair(Role::Support, Role::Billing);
    let grave = pair(Role::AccessAdmin, Role::Support);
    assert_eq!(TeamProfile::Two.waived(&refund), [Waivable::SecondPerson, Waivable::RefundAndSupport]);
    assert_eq!(TeamProfile::Small.waived(&refund), [Waivable::SecondApprover, Waivable::RefundAndSupport]);
    assert_eq!(TeamProfile::Full.waived(&refund), []);
    assert_eq!(TeamProfile::Two.waived(&grave), [Waivable::SecondPerson, Waivable::AccessAdmin]);
    assert_eq!(TeamProfile::Small.waived(&grave), [Waivable::SecondApprover]);
}
