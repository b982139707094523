//! From what was typed to what it means, one value at a time.
//!
//! No message repeats the value where a secret or a customer's data might have been typed in its place.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use strongroom::{
    audit::VerifierKey,
    room::{
        Appointment, Brand, CaseRef, Class, Currency, Cursor, Custody, Held, Object, PaymentResult,
        Processor, Purpose, Role, SuspensionReason, TeamProfile, Time, Waivable,
    },
};

/// One name of a closed list.
macro_rules! one_of {
    ($($(#[$doc:meta])* $function:ident -> $value:ty;)+) => {$(
        $(#[$doc])*
        pub fn $function() -> impl TypedValueParser<Value = $value> {
            let names = <$value>::ALL.map(<$value>::name);
            PossibleValuesParser::new(names).try_map(|name| <$value>::from_name(&name).ok_or("this is none of them"))
        }
    )+};
}

one_of! {
    /// A purpose by its name.
    purpose -> Purpose;
    /// A role by its name.
    role -> Role;
    /// A rule that may be waived.
    rule -> Waivable;
    /// How large a team is.
    profile -> TeamProfile;
    /// How a payment ended.
    payment_result -> PaymentResult;
    /// A processor of payments.
    processor -> Processor;
    /// Why an account is suspended.
    suspension -> SuspensionReason;
}

/// A class that a hold can keep, by its name.
pub fn holdable() -> impl TypedValueParser<Value = Class> {
    let names = Held::HOLDABLE.iter().map(Class::name);
    PossibleValuesParser::new(names).try_map(|name| Class::from_name(&name).ok_or("this is none of them"))
}

/// A ticket or a case: `ticket:ID`, `case:ID`.
pub fn case(text: &str) -> Result<CaseRef, &'static str> {
    match text.parse() {
        Ok(Object::Ticket(id)) => Ok(CaseRef::Ticket(id)),
        Ok(Object::Case(id)) => Ok(CaseRef::Case(id)),
        _ => Err("a case is written as `ticket:ID` or `case:ID`"),
    }
}

/// A date, which begins at midnight UTC, or a time with its offset (RFC 3339).
pub fn time(text: &str) -> Result<Time, &'static str> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp());
    // A date with a time but without an offset would parse as its date alone.
    let timestamp = if text.len() == "2026-01-31".len() { day() } else { text.parse::<Timestamp>().ok() };
    let ms = timestamp.map(Timestamp::as_millisecond).filter(|ms| (0..=Time::MAX.as_ms()).contains(ms));
    ms.map(Time::from_ms).ok_or("a time is written as `2026-01-31` or `2026-01-31T12:00:00Z`")
}

/// A time from now on, in hours or days: `8h`, `30d`.
pub fn lifetime(text: &str) -> Result<Duration, &'static str> {
    let hours = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((number, "h")) => number.parse::<u32>().ok(),
        Some((number, "d")) => number.parse::<u32>().ok().and_then(|days| days.checked_mul(24)),
        _ => None,
    };
    let hours =
        hours.filter(|hours| *hours > 0).ok_or("a time is written in hours or days, as `8h` or `30d`")?;
    Ok(Duration::from_secs(u64::from(hours) * 3600))
}

/// Among how many people a secret is shared, and how many of them it takes: `2-of-3`.
pub fn custody(text: &str) -> Result<Custody, &'static str> {
    let parsed = text.split_once("-of-").and_then(|(needed, shares)| {
        let custody = Custody { needed: needed.parse().ok()?, shares: shares.parse().ok()? };
        (custody.needed >= 2 && custody.needed <= custody.shares && custody.shares <= 16).then_some(custody)
    });
    parsed.ok_or("it is written as `2-of-3`: two at least, and of 16 at most")
}

/// A position or an offset.
pub fn number(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "this is no whole number")
}

/// Where an earlier list ended.
pub fn cursor(text: &str) -> Result<Cursor, &'static str> {
    text.parse().map_err(|_| "this is no cursor: an earlier list gives them")
}

/// The number of a line.
pub fn line(text: &str) -> Result<u64, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("lines are counted from 1")
}

/// How many entries to list.
pub fn limit(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().ok().filter(|number| (1..=500).contains(number));
    number.ok_or("it takes a number from 1 to 500")
}

/// A currency by its three letters.
pub fn currency(text: &str) -> Result<Currency, &'static str> {
    Currency::from_code(text).ok_or("this is no currency code of ISO 4217")
}

/// The brand of a card.
pub fn brand(text: &str) -> Result<Brand, String> {
    Brand::from_name(text).map_err(|e| e.to_string())
}

/// The public key of a log.
pub fn verifier_key(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text).map_err(|e| e.to_string())
}

/// One person of the ceremony: `HANDLE=ROLE[,ROLE]`.
pub fn appointment(text: &str) -> Result<Appointment, String> {
    let (handle, roles) = text.split_once('=').ok_or("an appointment is written as `HANDLE=ROLE,ROLE`")?;
    let role = |name: &str| Role::from_name(name).ok_or("there is no such role");
    let roles = roles.split(',').map(role).collect::<Result<_, _>>()?;
    Ok(Appointment { handle: handle.to_owned(), roles })
}

/// A time to wait.
pub fn seconds(text: &str) -> Result<Duration, &'static str> {
    let number = text.parse().ok().filter(|number| (1..=86_400).contains(number));
    number.map(Duration::from_secs).ok_or("it takes a number of seconds from 1 to 86400")
}

#[cfg(test)]
mod tests {
    use super::{Role, appointment, case, time};

    #[test]
    fn a_time_has_an_offset_or_is_a_day() {
        assert_eq!(time("2026-01-31").unwrap().to_string(), "2026-01-31T00:00:00.000Z");
        assert_eq!(time("2026-01-31T12:00:00+01:00").unwrap().to_string(), "2026-01-31T11:00:00.000Z");
        for refused in
            ["", "2026-02-30", "2026-1-1", "2026-01-31T12:00:00", "1969-12-31", "31.01.2026", "2026-01-31 x"]
        {
            assert!(time(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_appointment_has_a_handle_and_roles() {
        let both = appointment("ada=access-admin,reviewer").unwrap();
        assert_eq!((both.handle.as_str(), both.roles), ("ada", vec![Role::AccessAdmin, Role::Reviewer]));
        for refused in ["", "ada", "ada=", "ada=root", "ada=auditor,", "ada=AUDITOR"] {
            assert!(appointment(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_case_is_a_ticket_or_a_case() {
        assert!(case("ticket:BwcHBwcHBwcHBwcHBwcHBw").is_ok());
        assert!(case("case:BwcHBwcHBwcHBwcHBwcHBw").is_ok());
        for refused in ["", "ticket", "account:BwcHBwcHBwcHBwcHBwcHBw", "BwcHBwcHBwcHBwcHBwcHBw"] {
            assert!(case(refused).is_err(), "{refused}");
        }
    }
}
