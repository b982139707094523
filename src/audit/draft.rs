//! An entry before it has a place: what a caller says. The lane adds position, time, nonce and the link.

use super::{
    entry::{Actor, Detail, Entry, Named, Outcome, Via, What},
    event::{Data, Event},
    receipt::Claim,
    tree::Hash,
};
use crate::{
    access::{CaseRef, Denial, Field, Object, Permit, Request, Roles, people},
    base::{AccountId, Class, EntryNonce, RequestId, SessionId, Time, limits},
};

/// What all entries of one call share.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its id, by which the entry is found again.
    pub(crate) request: RequestId,
    /// Which way it came.
    pub(crate) via: Via,
    /// Digest of the matrix that decides and of the published policy.
    pub(crate) policy: Hash,
    /// Commitments to the texts that were sealed beside it.
    pub(crate) details: Vec<Detail>,
}

/// An entry without its place, and what it opens once it is committed.
pub(crate) struct Draft {
    entry: Entry,
    opens: Option<Opens>,
}

/// A permit, and which sealed values of the permitted ones are to be opened.
struct Opens {
    permit: Permit,
    class: Class,
    cells: Vec<(Object, Field)>,
}

impl Draft {
    /// An access that was permitted. It opens `cells`, values of `class`; those that the permit does not name are
    /// left out, for the entry does not name them either.
    pub(crate) fn granted(
        permit: Permit,
        data: Data,
        class: Class,
        cells: &[(Object, Field)],
        call: Call,
    ) -> Self {
        let mut draft = Self::permitted(&permit, data, Outcome::Granted, call);
        let named = |(object, field): &&(Object, Field)| {
            permit.objects().contains(object) && permit.fields().contains(field)
        };
        // A value that was asked for twice is opened once: each cell becomes a receipt of its own.
        let mut once = Vec::new();
        for cell in cells.iter().filter(named) {
            if !once.contains(cell) {
                once.push(*cell);
            }
        }
        draft.opens = Some(Opens { permit, class, cells: once });
        draft
    }

    /// A change that was permitted and made, in the transaction that appends this entry. It opens nothing.
    pub(crate) fn performed(permit: &Permit, data: Data, call: Call) -> Self {
        Self::permitted(permit, data, Outcome::Done, call)
    }

    /// A change that was permitted and begun: what it does outside this transaction is told by another entry.
    pub(crate) fn begun(permit: &Permit, data: Data, call: Call) -> Self {
        Self::permitted(permit, data, Outcome::Begun, call)
    }

    /// A change that the program begins by itself.
    pub(crate) fn begun_by_itself(data: Data, call: Call) -> Self {
        Self::new(What::Known(data), Outcome::Begun, Actor::System, call)
    }

    /// An access that was refused. It opens nothing.
    pub(crate) fn denied(request: &Request, denial: &Denial, session: Option<SessionId>, call: Call) -> Self {
        let what = What::Bare(Event::of(request.action));
        let mut draft = Self::new(what, Outcome::Denied, Actor::Principal(request.actor), call);
        let entry = &mut draft.entry;
        entry.reason = Some(denial.reason.name().to_owned());
        entry.session = session;
        entry.roles = role_names(denial.roles);
        entry.rule = Some(denial.rule.to_string());
        entry.purpose = request.purpose.map(|purpose| purpose.name().to_owned());
        entry.case = request.case.map(case_name);
        entry.subjects = people(request.subject, &request.objects);
        // A request may be refused for naming too much: its entry must have room all the same.
        let objects = request.objects.iter().take(limits::ENTRY_OBJECTS_MAX);
        entry.objects = objects.copied().map(Named::from).collect();
        entry.fields = field_names(&request.fields);
        draft
    }

    /// What takes a second person, and waits for one: all of what was asked for, and the approval that came of it.
    pub(crate) fn requested(
        request: &Request,
        denial: &Denial,
        session: SessionId,
        data: Data,
        call: Call,
    ) -> Self {
        let mut draft = Self::denied(request, denial, Some(session), call);
        draft.entry.what = What::Known(data);
        draft.entry.outcome = Outcome::Done;
        draft.entry.reason = None;
        draft
    }

    /// A change that was made without a matrix to ask: by an owner, by the program, by the ceremony.
    pub(crate) fn done(data: Data, actor: Actor, call: Call) -> Self {
        Self::new(What::Known(data), Outcome::Done, actor, call)
    }

    /// An attempt that came to nothing, for a reason by the name `reason`.
    pub(crate) fn failed(event: Event, reason: &'static str, actor: Actor, call: Call) -> Self {
        let mut draft = Self::new(What::Bare(event), Outcome::Failed, actor, call);
        draft.entry.reason = Some(reason.to_owned());
        draft
    }

    /// Its event.
    pub(crate) fn event(&self) -> Option<Event> {
        match &self.entry.what {
            What::Known(data) => Some(data.event()),
            What::Bare(event) => Some(*event),
            What::Unknown { .. } => None,
        }
    }

    /// Whether it says that this was done.
    pub(crate) fn is_done(&self, event: Event) -> bool {
        self.event() == Some(event) && self.entry.outcome == Outcome::Done
    }

    /// This entry, about these people too.
    #[must_use]
    pub(crate) fn about(mut self, subjects: &[AccountId]) -> Self {
        self.entry.subjects.extend_from_slice(subjects);
        self
    }

    /// This entry, naming these things too.
    #[must_use]
    pub(crate) fn on(mut self, objects: &[Object]) -> Self {
        self.entry.objects.extend(objects.iter().copied().map(Named::from));
        self
    }

    /// This entry, in this session.
    #[must_use]
    pub(crate) fn in_session(mut self, session: SessionId) -> Self {
        self.entry.session = Some(session);
        self
    }

    /// By whom these roles act.
    pub(crate) fn acting_in(mut self, roles: Roles) -> Self {
        self.entry.roles = role_names(roles);
        self
    }

    /// The entry in its place, and the claim to a receipt once it is committed and published. `prev` is the leaf
    /// hash of the entry before; `time` is not before that entry's.
    pub(crate) fn at(
        self,
        position: u64,
        time: Time,
        prev: Hash,
        nonce: EntryNonce,
    ) -> (Entry, Option<Claim>) {
        let claim =
            self.opens.map(|Opens { permit, class, cells }| Claim::new(position, permit, class, cells));
        (Entry { position, time, prev, nonce, ..self.entry }, claim)
    }

    fn permitted(permit: &Permit, data: Data, outcome: Outcome, call: Call) -> Self {
        let mut draft = Self::new(What::Known(data), outcome, Actor::Principal(permit.actor()), call);
        let entry = &mut draft.entry;
        entry.session = Some(permit.session());
        entry.roles = role_names(permit.roles());
        entry.rule = Some(permit.rule().to_string());
        entry.purpose = permit.purpose().map(|purpose| purpose.name().to_owned());
        entry.case = permit.case().map(case_name);
        entry.subjects = people(permit.subject(), permit.objects());
        entry.objects = permit.objects().iter().copied().map(Named::from).collect();
        entry.fields = field_names(permit.fields());
        entry.view = permit.view();
        draft
    }

    fn new(what: What, outcome: Outcome, actor: Actor, call: Call) -> Self {
        let Call { request, via, policy, details } = call;
        let entry = Entry {
            position: 0,
            time: Time::ZERO,
            what,
            outcome,
            reason: None,
            actor,
            session: None,
            roles: Vec::new(),
            rule: None,
            policy,
            purpose: None,
            case: None,
            subjects: Vec::new(),
            objects: Vec::new(),
            fields: Vec::new(),
            view: None,
            request,
            via,
            details,
            nonce: EntryNonce::from_bytes([0; 16]),
            prev: super::NO_LEAF,
        };
        Self { entry, opens: None }
    }
}

fn role_names(roles: Roles) -> Vec<String> {
    roles.iter().map(|role| role.name().to_owned()).collect()
}

fn case_name(case: CaseRef) -> Named {
    Object::from(case).into()
}

/// Each field once: a caller who repeats one a thousand times does not fill the entry.
fn field_names(fields: &[Field]) -> Vec<String> {
    let named = Field::ALL.into_iter().filter(|field| fields.contains(field));
    named.map(|field| field.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Call, Draft};
    use crate::{
        access::{Field, Object, testing},
        audit::{
            entry::{Actor, Detail, DetailKind, Entry, Named, Outcome, Via, What},
            event::{Data, Event},
        },
        base::{Class, EntryNonce, RequestId, TicketId, Time, limits},
    };

    fn call() -> Call {
        let details = vec![Detail { kind: DetailKind::Actor, commitment: Some([3; 32]) }];
        let via = Via::new("direct", "Host.example");
        Call { request: RequestId::from_bytes([4; 16]), via, policy: [5; 32], details }
    }

    fn placed(draft: Draft) -> Entry {
        let (entry, _) = draft.at(7, Time::from_ms(8), [9; 32], EntryNonce::from_bytes([10; 16]));
        assert_eq!(Entry::decode(&entry.encode().unwrap()).as_ref(), Ok(&entry));
        entry
    }

    #[test]
    fn a_grant_tells_what_was_permitted_and_claims_no_more() {
        let permit = testing::permit(&[Field::Body]);
        let ticket = Object::Ticket(testing::TICKET);
        let cells = [
            (ticket, Field::Body),
            (ticket, Field::Note),
            (ticket, Field::Body),
            (Object::Ticket(TicketId::from_bytes([0; 16])), Field::Body),
        ];
        let draft = Draft::granted(permit, Data::TicketRead {}, Class::Support, &cells, call());
        assert_eq!(draft.opens.as_ref().unwrap().cells, [(ticket, Field::Body)]);
        let entry = placed(draft);
        assert_eq!((entry.position, entry.time, entry.prev), (7, Time::from_ms(8), [9; 32]));
        assert_eq!(entry.actor, Actor::Principal(testing::ACTOR));
        assert_eq!((entry.outcome, entry.session), (Outcome::Granted, Some(testing::SESSION)));
        assert_eq!((entry.roles, entry.fields), (vec!["support".to_owned()], vec!["body".to_owned()]));
        assert_eq!(entry.case, Some(Named::from(ticket)));
        assert_eq!(entry.subjects, [testing::SUBJECT]);
        assert!(entry.rule.unwrap().starts_with("support/ticket.read_assigned/"));
    }

    #[test]
    fn what_opens_nothing_has_no_claim() {
        let (request, denial) = testing::denial();
        let permit = testing::permit(&[Field::Body]);
        for draft in [
            Draft::denied(&request, &denial, None, call()),
            Draft::performed(&permit, Data::TicketRead {}, call()),
            Draft::done(Data::AccountRegistered { cards_masked: 0 }, Actor::System, call()),
            Draft::failed(Event::StaffLogin, "wrong_password", Actor::System, call()),
        ] {
            let (_, claim) = draft.at(0, Time::ZERO, [0; 32], EntryNonce::from_bytes([0; 16]));
            assert!(claim.is_none());
        }
    }

    #[test]
    fn a_refusal_tells_who_asked_for_what_and_why_not() {
        let (request, denial) = testing::denial();
        let entry = placed(Draft::denied(&request, &denial, Some(testing::SESSION), call()));
        assert_eq!(entry.what, What::Bare(Event::TicketRead));
        assert_eq!(entry.reason.as_deref(), Some(denial.reason.name()));
        assert_eq!(entry.subjects, [testing::SUBJECT]);
    }

    #[test]
    fn a_refusal_of_too_much_still_has_room() {
        let (mut request, denial) = testing::denial();
        request.objects = vec![Object::Ticket(testing::TICKET); 10_000];
        request.fields = vec![Field::Body; 10_000];
        let entry = placed(Draft::denied(&request, &denial, None, call()));
        assert_eq!((entry.objects.len(), entry.fields.len()), (limits::ENTRY_OBJECTS_MAX, 1));
    }
}
