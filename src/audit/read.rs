//! The reader of lines: each byte is looked at and none is kept. A pass over the log reads a million of them this way;
//! where an entry is wanted, it is made of what was read here, so that there is one grammar.

use super::{
    approvals,
    entry::{Actor, Detail, DetailKind, Entry, Named, Outcome, Undecodable, Via, What},
    event::{Data, Event},
    json::{self, Ascii, Cursor, Unexpected, next},
};
use crate::{
    access::View,
    base::{Id, Kind, Time, TraceId, base64url::Coded, limits},
};

/// The text of an id.
type IdText<'a> = Coded<'a, 22, 16>;
/// The text of a hash.
pub(super) type HashText<'a> = Coded<'a, 43, 32>;

/// A line that is an entry's, as it stands: lists are left in their brackets.
pub(super) struct Line<'a> {
    pub(super) position: u64,
    time: Time,
    pub(super) what: What,
    outcome: Outcome,
    reason: Option<Ascii<'a>>,
    actor: ActorText<'a>,
    session: Option<IdText<'a>>,
    roles: Ascii<'a>,
    rule: Option<Ascii<'a>>,
    policy: HashText<'a>,
    purpose: Option<Ascii<'a>>,
    case: Option<NamedText<'a>>,
    subjects: Ascii<'a>,
    objects: Ascii<'a>,
    pub(super) names_approval: bool,
    fields: Ascii<'a>,
    view: Option<View>,
    request: IdText<'a>,
    via: ViaText<'a>,
    details: Ascii<'a>,
    nonce: IdText<'a>,
    pub(super) prev: HashText<'a>,
}

impl<'a> Line<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// [`Undecodable`] for every line that [`Entry::encode`] does not write.
    pub(super) fn read(line: &'a [u8]) -> Result<Self, Undecodable> {
        if line.len() > limits::ENTRY_BYTES_MAX {
            return Err(Undecodable::TooLong);
        }
        Self::walk(&mut Cursor::new(line)).map_err(|unexpected| told(line, unexpected))
    }

    fn walk(line: &mut Cursor<'a>) -> Result<Self, Unexpected> {
        let position = line.after("{\"v\":1,\"position\":")?.integer()?;
        let time = read_time(line.after(next!("time"))?)?;
        let event = line.after(next!("event"))?.name()?;
        let outcome = line.after(next!("outcome"))?.parsed(Outcome::from_name)?;
        let mut names_approval = false;
        let read_object = |line: &mut Cursor<'a>| {
            read_named(line).map(|named| names_approval |= named.noun.is(approvals::NOUN))
        };
        // Fields of a struct are evaluated in the order in which they are written: here, that of the line.
        let read = Self {
            position,
            time,
            outcome,
            reason: line.after(next!("reason"))?.optional(Cursor::name)?,
            actor: read_actor(line.after(next!("actor"))?)?,
            session: line.after(next!("session"))?.optional(read_id)?,
            roles: walked(line.after(next!("roles"))?, usize::MAX, Cursor::name)?,
            rule: line.after(next!("rule"))?.optional(Cursor::text)?,
            policy: read_hash(line.after(next!("policy"))?)?,
            purpose: line.after(next!("purpose"))?.optional(Cursor::name)?,
            case: line.after(next!("case"))?.optional(read_named)?,
            subjects: walked(line.after(next!("subjects"))?, usize::MAX, read_id)?,
            objects: walked(line.after(next!("objects"))?, limits::ENTRY_OBJECTS_MAX, read_object)?,
            names_approval,
            fields: walked(line.after(next!("fields"))?, usize::MAX, Cursor::name)?,
            view: line.after(next!("view"))?.optional(|line| line.parsed(View::from_name))?,
            request: read_id(line.after(next!("request"))?)?,
            via: read_via(line.after(next!("via"))?)?,
            what: read_what(line.after(next!("data"))?, event, outcome)?,
            details: walked(line.after(next!("details"))?, usize::MAX, read_detail)?,
            nonce: read_id(line.after(next!("nonce"))?)?,
            prev: read_hash(line.after(next!("prev"))?)?,
        };
        line.after("}")?.end().map(|()| read)
    }

    /// The entry that it is; its lists are read once more.
    pub(super) fn entry(self) -> Result<Entry, Unexpected> {
        Ok(Entry {
            position: self.position,
            time: self.time,
            what: self.what,
            outcome: self.outcome,
            reason: self.reason.map(Ascii::to_owned),
            actor: self.actor.actor(),
            session: self.session.map(id),
            roles: self.roles.reader().list(|line| line.name().map(Ascii::to_owned))?,
            rule: self.rule.map(Ascii::to_owned),
            policy: self.policy.bytes(),
            purpose: self.purpose.map(Ascii::to_owned),
            case: self.case.map(NamedText::named),
            subjects: self.subjects.reader().list(|line| read_id(line).map(id))?,
            objects: self.objects.reader().list(|line| read_named(line).map(NamedText::named))?,
            fields: self.fields.reader().list(|line| line.name().map(Ascii::to_owned))?,
            view: self.view,
            request: id(self.request),
            via: self.via.via(),
            details: self.details.reader().list(read_detail)?,
            nonce: id(self.nonce),
            prev: self.prev.bytes(),
        })
    }
}

/// Why a line that stops being an entry at `unexpected` is none.
#[cold]
fn told(line: &[u8], Unexpected { at }: Unexpected) -> Undecodable {
    match std::str::from_utf8(line) {
        Err(error) => Undecodable::Malformed { at: error.valid_up_to() },
        Ok(text) if json::repeats_a_key(text) => Undecodable::DuplicateKey,
        Ok(text) if text.starts_with("{\"v\":") && !text.starts_with("{\"v\":1,") => Undecodable::Version,
        Ok(_) => Undecodable::Malformed { at },
    }
}

enum ActorText<'a> {
    Principal(IdText<'a>),
    Account(IdText<'a>),
    System,
}

impl ActorText<'_> {
    fn actor(self) -> Actor {
        match self {
            Self::Principal(text) => Actor::Principal(id(text)),
            Self::Account(text) => Actor::Account(id(text)),
            Self::System => Actor::System,
        }
    }
}

struct NamedText<'a> {
    noun: Ascii<'a>,
    id: IdText<'a>,
}

impl NamedText<'_> {
    fn named(self) -> Named {
        Named { noun: self.noun.to_owned(), id: self.id.bytes() }
    }
}

struct ViaText<'a> {
    component: Ascii<'a>,
    host: Ascii<'a>,
    peer: Option<u32>,
    trace: Option<TraceId>,
}

impl ViaText<'_> {
    fn via(self) -> Via {
        let Self { component, host, peer, trace } = self;
        Via { component: component.to_owned(), host: host.to_owned(), peer, trace }
    }
}

fn id<K: Kind>(text: IdText<'_>) -> Id<K> {
    Id::from_bytes(text.bytes())
}

/// Walks over a list of at most `count_max` of what `read` reads.
#[inline]
fn walked<'a, T>(
    line: &mut Cursor<'a>,
    count_max: usize,
    mut read: impl FnMut(&mut Cursor<'a>) -> Result<T, Unexpected>,
) -> Result<Ascii<'a>, Unexpected> {
    let start = line.at();
    let mut left = count_max;
    line.each(|line| {
        left = left.checked_sub(1).ok_or(line.unexpected())?;
        read(line).map(drop)
    })?;
    Ok(line.since(start))
}

#[inline]
fn read_id<'a>(line: &mut Cursor<'a>) -> Result<IdText<'a>, Unexpected> {
    line.quoted(Cursor::coded)
}

#[inline]
fn read_hash<'a>(line: &mut Cursor<'a>) -> Result<HashText<'a>, Unexpected> {
    line.quoted(Cursor::coded)
}

#[inline]
fn read_time(line: &mut Cursor<'_>) -> Result<Time, Unexpected> {
    line.integer().map(|ms| Time::from_ms(i64::try_from(ms).unwrap_or(i64::MAX)))
}

#[inline]
fn read_actor<'a>(line: &mut Cursor<'a>) -> Result<ActorText<'a>, Unexpected> {
    line.quoted(|line| {
        if line.take("principal:") {
            line.coded().map(ActorText::Principal)
        } else if line.take("account:") {
            line.coded().map(ActorText::Account)
        } else {
            line.require("system").map(|()| ActorText::System)
        }
    })
}

#[inline]
fn read_named<'a>(line: &mut Cursor<'a>) -> Result<NamedText<'a>, Unexpected> {
    line.quoted(|line| {
        let noun = line.bare_name()?;
        line.after(":")?.coded().map(|id| NamedText { noun, id })
    })
}

#[inline]
fn read_via<'a>(line: &mut Cursor<'a>) -> Result<ViaText<'a>, Unexpected> {
    let component = line.after("{\"component\":")?.name()?;
    let host = line.after(next!("host"))?.name()?;
    let peer = if line.take(next!("peer")) { Some(read_peer(line)?) } else { None };
    let trace = if line.take(next!("trace")) { Some(line.parsed(TraceId::from_canonical)?) } else { None };
    line.require("}").map(|()| ViaText { component, host, peer, trace })
}

fn read_peer(line: &mut Cursor<'_>) -> Result<u32, Unexpected> {
    let here = line.unexpected();
    u32::try_from(line.integer()?).map_err(|_| here)
}

#[inline]
fn read_detail(line: &mut Cursor<'_>) -> Result<Detail, Unexpected> {
    let kind = line.after("{\"kind\":")?.parsed(DetailKind::from_name)?;
    let commitment = line.after(next!("commitment"))?.optional(read_hash)?;
    line.require("}").map(|()| Detail { kind, commitment: commitment.map(Coded::bytes) })
}

#[inline]
fn read_what(line: &mut Cursor<'_>, event: Ascii<'_>, outcome: Outcome) -> Result<What, Unexpected> {
    let Some(known) = Event::from_name(event.as_str()) else {
        let start = line.at();
        skip_data(line)?;
        return Ok(What::Unknown { event: event.to_owned(), data: line.since(start).to_owned() });
    };
    if outcome.is_refusal() && line.take("{}") {
        return Ok(What::Bare(known));
    }
    Data::read(known, line).map(What::Known)
}

/// Steps over an object whose keys nobody here knows: each key once; integers, texts, `null` and lists of them.
pub(super) fn skip_data(line: &mut Cursor<'_>) -> Result<(), Unexpected> {
    let mut keys = Vec::new();
    line.require("{")?;
    while !line.take("}") {
        if !keys.is_empty() {
            line.require(",")?;
        }
        let here = line.unexpected();
        let key = line.name()?;
        if keys.contains(&key) {
            return Err(here);
        }
        keys.push(key);
        line.require(":")?;
        if line.sees("[") {
            line.each(skip_value)?;
        } else {
            skip_value(line)?;
        }
    }
    Ok(())
}

fn skip_value(line: &mut Cursor<'_>) -> Result<(), Unexpected> {
    if line.take("null") {
        Ok(())
    } else if line.sees("\"") {
        line.text().map(drop)
    } else {
        line.integer().map(drop)
    }
}
