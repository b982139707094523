//! What is asked, and the facts against which it is decided.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    Acting, Action, Field, MalformedObject, Object, Purpose, Role, Vouched,
    parameter::Parameter,
    rows::{ApprovalRow, CaseRow, GrantRow, PrincipalRow, SessionRow, TicketRow, Waivable, WaiverRow},
};
use crate::base::{AccountId, CaseId, PrincipalId, RoomId, TicketId};

/// What a request gives as its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseRef {
    /// A customer's ticket.
    Ticket(TicketId),
    /// A case that staff opened.
    Case(CaseId),
}

impl From<CaseRef> for Object {
    fn from(case: CaseRef) -> Self {
        match case {
            CaseRef::Ticket(id) => Self::Ticket(id),
            CaseRef::Case(id) => Self::Case(id),
        }
    }
}

/// `ticket:ID` or `case:ID`.
impl fmt::Display for CaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Object::from(*self).fmt(f)
    }
}

impl FromStr for CaseRef {
    type Err = MalformedObject;

    fn from_str(text: &str) -> Result<Self, MalformedObject> {
        match text.parse()? {
            Object::Ticket(id) => Ok(Self::Ticket(id)),
            Object::Case(id) => Ok(Self::Case(id)),
            _ => Err(MalformedObject),
        }
    }
}

/// What somebody asks for.
///
/// The room fills it from vouched headers, in the transaction that decides: `subject` is the account that the
/// objects belong to; `objects` name the ticket beside its messages and attachments, and beside a grant the
/// principal that holds it, because the limits of cells are held against these names.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Who asks.
    pub(crate) actor: PrincipalId,
    /// For what.
    pub(crate) action: Action,
    /// Whose data it is about.
    pub(crate) subject: Option<AccountId>,
    /// On what.
    pub(crate) objects: Vec<Object>,
    /// Which fields are to be read or written.
    pub(crate) fields: Vec<Field>,
    /// Why. Where a cell asks for none, a stated one is checked all the same: it will stand in the log.
    pub(crate) purpose: Option<Purpose>,
    /// On the strength of which case; checked wherever it is stated, as the purpose is.
    pub(crate) case: Option<CaseRef>,
    /// What it asks for in particular.
    pub(crate) parameters: Vec<Parameter>,
}

impl Request {
    /// The role that is to be given.
    pub(crate) fn role(&self) -> Option<Role> {
        self.parameters.iter().find_map(|parameter| match parameter {
            Parameter::Role(role) => Some(*role),
            Parameter::Lifetime(_) | Parameter::Rule(_) | Parameter::Alarm(_) | Parameter::Jump(_) => None,
        })
    }

    /// For how long it asks.
    pub(crate) fn lifetime(&self) -> Option<Duration> {
        self.parameters.iter().find_map(|parameter| match parameter {
            Parameter::Lifetime(lifetime) => Some(*lifetime),
            Parameter::Role(_) | Parameter::Rule(_) | Parameter::Alarm(_) | Parameter::Jump(_) => None,
        })
    }

    /// The principal that it names first.
    pub(crate) fn beneficiary(&self) -> Option<PrincipalId> {
        self.objects.iter().find_map(|object| match object {
            Object::Principal(id) => Some(*id),
            _ => None,
        })
    }

    /// All that it asks for, one fact a line, in one order: what a second person approves is exactly this. Ids, numbers
    /// and names of closed lists alone.
    ///
    /// ```text
    /// strongroom/request/1
    /// room ID
    /// requester ID
    /// action grant.give
    /// object principal:ID
    /// purpose access_admin
    /// case case:ID
    /// role support
    /// seconds 2592000
    /// ```
    pub(crate) fn canonical_text(&self, room: RoomId) -> String {
        let mut lines = vec![
            "strongroom/request/1".to_owned(),
            format!("room {room}"),
            format!("requester {}", self.actor),
            format!("action {}", self.action),
        ];
        lines.extend(self.subject.map(|subject| format!("subject {subject}")));
        lines.extend(self.objects.iter().map(|object| format!("object {object}")));
        lines.extend(self.fields.iter().map(|field| format!("field {field}")));
        lines.extend(self.purpose.map(|purpose| format!("purpose {purpose}")));
        lines.extend(self.case.map(|case| format!("case {case}")));
        lines.extend(self.parameters.iter().map(ToString::to_string));
        lines.push(String::new());
        lines.join("\n")
    }

    /// The request that this is the canonical text of; nothing for any other text.
    pub(crate) fn from_canonical(room: RoomId, text: &str) -> Option<Self> {
        let mut facts = text.lines().filter_map(|line| line.split_once(' '));
        let mut stated = Self {
            actor: facts.find_map(|(key, value)| (key == "requester").then_some(value))?.parse().ok()?,
            action: Action::from_name(facts.next().filter(|(key, _)| *key == "action")?.1)?,
            subject: None,
            objects: Vec::new(),
            fields: Vec::new(),
            purpose: None,
            case: None,
            parameters: Vec::new(),
        };
        for (key, value) in facts {
            match key {
                "subject" => stated.subject = Some(value.parse().ok()?),
                "object" => stated.objects.push(value.parse().ok()?),
                "field" => stated.fields.push(Field::from_name(value)?),
                "purpose" => stated.purpose = Some(Purpose::from_name(value)?),
                "case" => stated.case = Some(value.parse().ok()?),
                _ => stated.parameters.push(Parameter::read(key, value)?),
            }
        }
        (stated.canonical_text(room) == text).then_some(stated)
    }

    /// The entry whose clock is to be confirmed.
    pub(crate) fn jump(&self) -> Option<u64> {
        self.parameters.iter().find_map(|parameter| match parameter {
            Parameter::Jump(position) => Some(*position),
            Parameter::Role(_) | Parameter::Lifetime(_) | Parameter::Rule(_) | Parameter::Alarm(_) => None,
        })
    }

    /// The rule that is to be put out of force.
    pub(crate) fn waived_rule(&self) -> Option<Waivable> {
        self.parameters.iter().find_map(|parameter| match parameter {
            Parameter::Rule(rule) => Some(*rule),
            Parameter::Role(_) | Parameter::Lifetime(_) | Parameter::Alarm(_) | Parameter::Jump(_) => None,
        })
    }
}

/// Whom a request or a permit is about: its subject, and the accounts among its objects.
pub(crate) fn people(subject: Option<AccountId>, objects: &[Object]) -> Vec<AccountId> {
    let mut people: Vec<_> = subject.into_iter().collect();
    for object in objects {
        if let Object::Account(account) = object
            && !people.contains(account)
        {
            people.push(*account);
        }
    }
    people
}

/// The row behind a request's case.
pub(crate) enum CaseFact<'a> {
    /// A ticket's.
    Ticket(&'a Vouched<TicketRow>),
    /// A case's.
    Case(&'a Vouched<CaseRow>),
}

/// What is known, from rows that were vouched for and read in the transaction that decides.
#[derive(Default)]
pub(crate) struct Facts<'a> {
    /// The actor's row.
    pub(crate) principal: Option<&'a Vouched<PrincipalRow>>,
    /// The session that was presented. A machine that acts for a customer presents the customer's.
    pub(crate) session: Option<&'a Vouched<SessionRow>>,
    /// The actor's grants; others' are passed over.
    pub(crate) grants: &'a [Vouched<GrantRow>],
    /// Which of the roles that these give act in the session.
    pub(crate) acting: Acting,
    /// The row that the request's case names.
    pub(crate) case: Option<CaseFact<'a>>,
    /// The customer account of the member of staff, if he has one.
    pub(crate) own_account: Option<AccountId>,
    /// Where the action is to decide an approval, that one; elsewhere the open one of this very request, if there is one.
    pub(crate) approval: Option<&'a Vouched<ApprovalRow>>,
    /// SHA-256 of the request's canonical text.
    pub(crate) digest: [u8; 32],
    /// Whether the room can tell people: one that nobody has upgraded cannot.
    pub(crate) tells: bool,
    /// Rules that are out of force.
    pub(crate) waivers: &'a [Vouched<WaiverRow>],
}
