//! One line of a file of accounts: a JSON object with four keys, and what it means.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::{
    base::{SecretText, Time, limits, rfc3339, text, text::BadText},
    billing::guard,
    password::{Dialect, Limits, Record, Unsupported},
    room::newcomers::Belongings,
    seal::{Email, Name},
};

/// Why a line's account is not made. It never repeats what the line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineFault {
    /// The line is longer than a limit.
    TooLong {
        /// The limit in bytes.
        bytes_max: usize,
    },
    /// The line is not UTF-8.
    NotUtf8,
    /// The line is empty.
    Empty,
    /// The line is no JSON.
    NotJson {
        /// Where it breaks off, counted from 1.
        column: usize,
    },
    /// The line is JSON and no object.
    NoObject,
    /// A key is none of the four.
    UnknownKey,
    /// A key stands there twice.
    RepeatedKey {
        /// Which.
        key: &'static str,
    },
    /// A key is not there.
    MissingKey {
        /// Which.
        key: &'static str,
    },
    /// A value is of another type than its key takes.
    Type {
        /// Whose.
        key: &'static str,
    },
    /// The identifier is no address.
    Identifier {
        /// Why.
        why: BadText,
    },
    /// The name was refused.
    Name {
        /// Why.
        why: BadText,
    },
    /// The password record cannot be verified against.
    PasswordRecord {
        /// Why.
        why: Unsupported,
    },
    /// `created_at` is no time.
    CreatedAt,
    /// `created_at` has not come yet.
    Future,
    /// The address has an account in the room, or stands in an earlier line.
    Duplicate,
}

impl LineFault {
    /// The name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::NotUtf8 => "not_utf8",
            Self::Empty => "empty",
            Self::NotJson { .. } => "not_json",
            Self::NoObject => "no_object",
            Self::UnknownKey => "unknown_key",
            Self::RepeatedKey { .. } => "repeated_key",
            Self::MissingKey { .. } => "missing_key",
            Self::Type { .. } => "type",
            Self::Identifier { .. } => "identifier",
            Self::Name { .. } => "name",
            Self::PasswordRecord { .. } => "password_record",
            Self::CreatedAt => "created_at",
            Self::Future => "future",
            Self::Duplicate => "duplicate",
        }
    }
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes_max } => write!(f, "the line is longer than {bytes_max} bytes"),
            Self::NotUtf8 => f.write_str("the line is not UTF-8"),
            Self::Empty => f.write_str("the line is empty"),
            Self::NotJson { column } => write!(f, "the line is no JSON from column {column} on"),
            Self::NoObject => f.write_str("the line is no JSON object"),
            Self::UnknownKey => {
                f.write_str("a key is none of `identifier`, `name`, `password_record`, `created_at`")
            }
            Self::RepeatedKey { key } => write!(f, "`{key}` stands there twice"),
            Self::MissingKey { key } => write!(f, "`{key}` is missing"),
            Self::Type { key } => write!(f, "`{key}` is of a wrong type"),
            Self::Identifier { why } => write!(f, "the identifier was refused: {why}"),
            Self::Name { why } => write!(f, "the name was refused: {why}"),
            Self::PasswordRecord { why } => why.fmt(f),
            Self::CreatedAt => {
                f.write_str("`created_at` is no time: it takes RFC 3339 or milliseconds since 1970")
            }
            Self::Future => f.write_str("`created_at` lies in the future"),
            Self::Duplicate => {
                f.write_str("the address has an account already, or stands in an earlier line")
            }
        }
    }
}

impl std::error::Error for LineFault {}

/// The address as it is looked up, and what comes with it.
pub(super) type Meaning = (SecretText, Belongings);

/// What a line means, at this time.
pub(super) fn read(line: &str, dialect: &Dialect, now: Time) -> Result<Meaning, LineFault> {
    if line.trim().is_empty() {
        return Err(LineFault::Empty);
    }
    let Found(form) = serde_json::from_str(line).map_err(|e| LineFault::NotJson { column: e.column() })?;
    let Form { identifier, name, password_record, created_at } = form?;
    let identifier = required("identifier", identifier)?;
    let record = required("password_record", password_record)?;
    let email = text::line(&identifier, limits::ADDRESS_BYTES_MAX);
    let email = email.map_err(|why| LineFault::Identifier { why })?;
    let normal = text::address(&email).map_err(|why| LineFault::Identifier { why })?;
    let name = text_of("name", name)?.map(|name| text::line(&name, limits::NAME_BYTES_MAX)).transpose();
    let name = name.map_err(|why| LineFault::Name { why })?.map(|name| guard::mask(&name));
    let cards_masked = name.as_ref().map_or(0, |masked| masked.count);
    let record = Record::parse(&record, dialect, &Limits::default());
    let record = record.map_err(|why| LineFault::PasswordRecord { why })?;
    let created = time_of("created_at", created_at)?;
    if created.is_some_and(|created| created > now) {
        return Err(LineFault::Future);
    }
    let name = name.map(|masked| Name::new(masked.text));
    Ok((
        SecretText::new(normal),
        Belongings { email: Email::new(email), name, record, created, cards_masked },
    ))
}

/// A value as it stands in the line.
enum Given {
    /// `null`: as if it were not there.
    Nothing,
    Text(Zeroizing<String>),
    Number(u64),
    /// Of a type that no key takes.
    Other,
}

/// The four values.
#[derive(Default)]
struct Form {
    identifier: Option<Given>,
    name: Option<Given>,
    password_record: Option<Given>,
    created_at: Option<Given>,
}

impl Form {
    /// The key's own name, and where its value goes.
    fn slot(&mut self, key: &Given) -> Option<(&'static str, &mut Option<Given>)> {
        let Given::Text(key) = key else { return None };
        Some(match key.as_str() {
            "identifier" => ("identifier", &mut self.identifier),
            "name" => ("name", &mut self.name),
            "password_record" => ("password_record", &mut self.password_record),
            "created_at" => ("created_at", &mut self.created_at),
            _ => return None,
        })
    }
}

fn text_of(key: &'static str, given: Option<Given>) -> Result<Option<Zeroizing<String>>, LineFault> {
    match given {
        None | Some(Given::Nothing) => Ok(None),
        Some(Given::Text(text)) => Ok(Some(text)),
        Some(Given::Number(_) | Given::Other) => Err(LineFault::Type { key }),
    }
}

fn required(key: &'static str, given: Option<Given>) -> Result<Zeroizing<String>, LineFault> {
    text_of(key, given)?.ok_or(LineFault::MissingKey { key })
}

fn time_of(key: &'static str, given: Option<Given>) -> Result<Option<Time>, LineFault> {
    let in_range = |ms: &u64| *ms <= Time::MAX.as_ms().unsigned_abs();
    let time = match given {
        None | Some(Given::Nothing) => return Ok(None),
        Some(Given::Text(text)) => rfc3339::parse(&text),
        Some(Given::Number(ms)) => Some(ms).filter(in_range).map(|ms| Time::from_ms(ms.cast_signed())),
        Some(Given::Other) => return Err(LineFault::Type { key }),
    };
    time.map(Some).ok_or(LineFault::CreatedAt)
}

/// What a JSON value is as a form: faults are told apart here, because the reader's own errors repeat what they read.
struct Found(Result<Form, LineFault>);

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FormVisitor).map(Self)
    }
}

struct FormVisitor;

impl<'de> Visitor<'de> for FormVisitor {
    type Value = Result<Form, LineFault>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut form, mut fault) = (Form::default(), None);
        while let Some(key) = map.next_key::<Given>()? {
            let value = map.next_value::<Given>()?;
            let Some((key, slot)) = form.slot(&key) else {
                fault = fault.or(Some(LineFault::UnknownKey));
                continue;
            };
            if slot.replace(value).is_some() {
                fault = fault.or(Some(LineFault::RepeatedKey { key }));
            }
        }
        Ok(fault.map_or(Ok(form), Err))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Err(LineFault::NoObject))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Err(LineFault::NoObject))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Err(LineFault::NoObject))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Err(LineFault::NoObject))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Err(LineFault::NoObject))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Err(LineFault::NoObject))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Err(LineFault::NoObject))
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(GivenVisitor)
    }
}

struct GivenVisitor;

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Given, E> {
        Ok(Given::Other)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Given, E> {
        Ok(Given::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Given, E> {
        Ok(Given::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Given, E> {
        Ok(Given::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Given, E> {
        Ok(Given::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Given, E> {
        Ok(Given::Text(Zeroizing::new(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Given::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Given, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given::Other)
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
