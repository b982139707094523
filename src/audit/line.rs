//! Entries to lines and back. The reader expects each byte: there is one line per entry.

use super::{
    entry::{Actor, Detail, DetailKind, Entry, Named, Outcome, Undecodable, Unencodable, Via, What},
    event::{Data, Event},
    json::{self, Cursor, Unexpected},
    tree::Hash,
};
use crate::{
    access::View,
    base::{Id, Kind, Time, TraceId, limits},
};

impl Entry {
    /// The line.
    ///
    /// # Errors
    /// [`Unencodable`] if it would be over the limit or could not be read back.
    pub fn encode(&self) -> Result<Vec<u8>, Unencodable> {
        self.check()?;
        let out = self.write();
        if out.len() > limits::ENTRY_BYTES_MAX {
            return Err(Unencodable::TooLong { bytes: out.len() });
        }
        Ok(out.into_bytes())
    }

    /// The entry of a line.
    ///
    /// # Errors
    /// [`Undecodable`] for every line that [`Entry::encode`] does not write.
    pub fn decode(line: &[u8]) -> Result<Self, Undecodable> {
        if line.len() > limits::ENTRY_BYTES_MAX {
            return Err(Undecodable::TooLong);
        }
        let text =
            std::str::from_utf8(line).map_err(|error| Undecodable::Malformed { at: error.valid_up_to() })?;
        let entry = Self::read(&mut Cursor::new(text)).map_err(|Unexpected { at }| {
            if json::repeats_a_key(text) {
                Undecodable::DuplicateKey
            } else if text.starts_with("{\"v\":") && !text.starts_with("{\"v\":1,") {
                Undecodable::Version
            } else {
                Undecodable::Malformed { at }
            }
        })?;
        // The reader expects each byte, so this holds; but it is the definition, and it rests on no reader.
        if entry.encode().is_ok_and(|again| again == line) {
            Ok(entry)
        } else {
            Err(Undecodable::NotCanonical)
        }
    }

    fn check(&self) -> Result<(), Unencodable> {
        let name =
            |key, text: &str| if json::is_name(text) { Ok(()) } else { Err(Unencodable::Unfit { key }) };
        let names = |key, texts: &[String]| texts.iter().try_for_each(|text| name(key, text));
        name("reason", self.reason.as_deref().unwrap_or("-"))?;
        names("roles", &self.roles)?;
        name("purpose", self.purpose.as_deref().unwrap_or("-"))?;
        names("fields", &self.fields)?;
        name("via", &self.via.component)?;
        name("via", &self.via.host)?;
        self.objects.iter().chain(&self.case).try_for_each(|named| name("objects", &named.noun))?;
        let fits = [
            ("position", self.position < json::INTEGER_END),
            ("rule", self.rule.as_deref().is_none_or(json::is_text)),
            ("objects", self.objects.len() <= limits::ENTRY_OBJECTS_MAX),
            ("data", self.has_sound_data()),
        ];
        fits.iter().find(|(_, fit)| !fit).map_or(Ok(()), |(key, _)| Err(Unencodable::Unfit { key }))
    }

    fn has_sound_data(&self) -> bool {
        match &self.what {
            // A refusal without data is one thing, whether its event has keys or not.
            What::Known(data) => {
                data.is_sound() && !(self.outcome.is_refusal() && data.event().keys().is_empty())
            }
            What::Bare(_) => self.outcome.is_refusal(),
            What::Unknown { event, data } => {
                let mut cursor = Cursor::new(data);
                json::is_name(event)
                    && Event::from_name(event).is_none()
                    && skip_data(&mut cursor).is_ok()
                    && cursor.end().is_ok()
            }
        }
    }

    fn write(&self) -> String {
        let mut line = String::with_capacity(1024);
        let out = &mut line;
        out.push('{');
        json::integer(json::key(out, "v"), 1);
        json::integer(json::key(out, "position"), self.position);
        json::integer(json::key(out, "time"), u64::try_from(self.time.as_ms()).unwrap_or(0));
        json::quote(json::key(out, "event"), self.what.name());
        json::quote(json::key(out, "outcome"), self.outcome.name());
        json::optional(json::key(out, "reason"), self.reason.as_deref(), json::quote);
        json::quote(json::key(out, "actor"), &self.actor.to_string());
        json::optional(json::key(out, "session"), self.session.as_ref(), id);
        json::list(json::key(out, "roles"), &self.roles, |out, role| json::quote(out, role));
        json::optional(json::key(out, "rule"), self.rule.as_deref(), json::quote);
        json::bytes(json::key(out, "policy"), &self.policy);
        json::optional(json::key(out, "purpose"), self.purpose.as_deref(), json::quote);
        json::optional(json::key(out, "case"), self.case.as_ref(), named);
        json::list(json::key(out, "subjects"), &self.subjects, id);
        json::list(json::key(out, "objects"), &self.objects, named);
        json::list(json::key(out, "fields"), &self.fields, |out, field| json::quote(out, field));
        json::optional(json::key(out, "view"), self.view.map(View::name), json::quote);
        id(json::key(out, "request"), &self.request);
        via(json::key(out, "via"), &self.via);
        match (json::key(out, "data"), &self.what) {
            (out, What::Known(data)) => data.write(out),
            (out, What::Bare(_)) => out.push_str("{}"),
            (out, What::Unknown { data, .. }) => out.push_str(data),
        }
        json::list(json::key(out, "details"), &self.details, detail);
        id(json::key(out, "nonce"), &self.nonce);
        json::bytes(json::key(out, "prev"), &self.prev);
        out.push('}');
        line
    }

    fn read(line: &mut Cursor<'_>) -> Result<Self, Unexpected> {
        line.require("{\"v\":1")?;
        let position = line.key("position")?.integer()?;
        let time = line.key("time")?.integer()?;
        let event = line.key("event")?.name()?;
        let outcome = line.key("outcome")?.parsed(Outcome::from_name)?;
        // Fields of a struct are evaluated in the order in which they are written: here, that of the line.
        let entry = Self {
            position,
            time: Time::from_ms(i64::try_from(time).unwrap_or(i64::MAX)),
            outcome,
            reason: line.key("reason")?.optional(read_name)?,
            actor: line.key("actor")?.parsed(Actor::parse)?,
            session: line.key("session")?.optional(read_id)?,
            roles: line.key("roles")?.list(read_name)?,
            rule: line.key("rule")?.optional(|line| line.string(json::is_text).map(str::to_owned))?,
            policy: line.key("policy")?.bytes()?,
            purpose: line.key("purpose")?.optional(read_name)?,
            case: line.key("case")?.optional(|line| line.parsed(Named::parse))?,
            subjects: line.key("subjects")?.list(read_id)?,
            objects: line.key("objects")?.list(|line| line.parsed(Named::parse))?,
            fields: line.key("fields")?.list(read_name)?,
            view: line.key("view")?.optional(|line| line.parsed(View::from_name))?,
            request: read_id(line.key("request")?)?,
            via: read_via(line.key("via")?)?,
            what: read_what(line.key("data")?, event, outcome)?,
            details: line.key("details")?.list(read_detail)?,
            nonce: read_id(line.key("nonce")?)?,
            prev: line.key("prev")?.bytes()?,
        };
        line.require("}")?;
        line.end().map(|()| entry)
    }
}

fn id<K: Kind>(out: &mut String, id: &Id<K>) {
    json::bytes(out, id.as_bytes());
}

fn hash(out: &mut String, hash: &Hash) {
    json::bytes(out, hash);
}

fn named(out: &mut String, named: &Named) {
    json::quote(out, &named.to_string());
}

/// Peer and trace stand where they are known: few calls have either.
fn via(out: &mut String, via: &Via) {
    out.push('{');
    json::quote(json::key(out, "component"), &via.component);
    json::quote(json::key(out, "host"), &via.host);
    if let Some(peer) = via.peer {
        json::integer(json::key(out, "peer"), peer.into());
    }
    if let Some(trace) = via.trace {
        json::quote(json::key(out, "trace"), &trace.to_string());
    }
    out.push('}');
}

fn detail(out: &mut String, detail: &Detail) {
    out.push('{');
    json::quote(json::key(out, "kind"), detail.kind.name());
    json::optional(json::key(out, "commitment"), detail.commitment.as_ref(), hash);
    out.push('}');
}

fn read_name(line: &mut Cursor<'_>) -> Result<String, Unexpected> {
    line.name().map(str::to_owned)
}

fn read_id<K: Kind>(line: &mut Cursor<'_>) -> Result<Id<K>, Unexpected> {
    line.bytes().map(Id::from_bytes)
}

fn read_via(line: &mut Cursor<'_>) -> Result<Via, Unexpected> {
    line.require("{")?;
    let component = read_name(line.key("component")?)?;
    let host = read_name(line.key("host")?)?;
    let peer = if line.sees(",\"peer\"") { Some(read_peer(line.key("peer")?)?) } else { None };
    let trace = if line.sees(",\"trace\"") {
        Some(line.key("trace")?.parsed(TraceId::from_canonical)?)
    } else {
        None
    };
    line.require("}").map(|()| Via { component, host, peer, trace })
}

fn read_peer(line: &mut Cursor<'_>) -> Result<u32, Unexpected> {
    let here = line.unexpected();
    u32::try_from(line.integer()?).map_err(|_| here)
}

fn read_detail(line: &mut Cursor<'_>) -> Result<Detail, Unexpected> {
    line.require("{")?;
    let kind = line.key("kind")?.parsed(DetailKind::from_name)?;
    let commitment = line.key("commitment")?.optional(Cursor::bytes)?;
    line.require("}").map(|()| Detail { kind, commitment })
}

fn read_what(line: &mut Cursor<'_>, event: &str, outcome: Outcome) -> Result<What, Unexpected> {
    let Some(known) = Event::from_name(event) else {
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
fn skip_data(line: &mut Cursor<'_>) -> Result<(), Unexpected> {
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
            line.list(skip_value)?;
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
        line.string(json::is_text).map(drop)
    } else {
        line.integer().map(drop)
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
