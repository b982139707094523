//! Entries to lines, and back by way of [`Line`]: there is one line per entry.

use super::{
    entry::{Detail, Entry, Named, Undecodable, Unencodable, Via, What},
    event::Event,
    json::{self, Cursor},
    read::{Line, skip_data},
    tree::Hash,
};
use crate::{
    access::View,
    base::{Id, Kind, limits},
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
        let entry = Line::read(line)?.entry().map_err(|_| Undecodable::NotCanonical)?;
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

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
