//! The card-number guard: finds card numbers in text, to refuse the text or to mask them.
//!
//! A *candidate* is a maximal run of digits, or several runs in a grouping that the issuer prints, with one
//! separator throughout, that has an issuer's leading digits and length and a valid check digit (Luhn,
//! ISO/IEC 7812-1 annex B). Digits of every script count; invisible characters between them do not. Every
//! window of runs is tried, so a number is found beside an expiry, an amount or another number.
//!
//! A candidate that its surroundings explain (see `innocent`) is left alone, unless another candidate in the
//! same text has no such excuse: where one card stands, the benefit of the doubt ends. That also makes
//! masking complete: either nothing is masked or every candidate is.
//!
//! What stays: about 4 of 100 bare 16-digit numbers drawn at random pass for a card, 3 of 100 with 19 digits
//! (such as decimal trace ids), because that many *are* well-formed card numbers; `innocent_tests.rs`
//! measures what ordinary lines hold. In the other direction, a number cut by line breaks, letters or mixed
//! separators, in digits spelled out or superscript, in a picture or an attachment, is not found; nor is an
//! airline's UATP number (15 digits led by 1, the shape of a timestamp).

mod code;
mod digits;
mod found;
mod iban;
mod innocent;
mod issuer;
mod runs;

#[cfg(test)]
mod innocent_tests;
#[cfg(test)]
mod issuer_tests;
#[cfg(test)]
mod property_tests;

use std::{fmt, ops::Range};

use zeroize::Zeroizing;

pub(crate) use self::found::Found;
use self::runs::Run;
use super::card::LastFour;

/// Digits of the longest card number (ISO/IEC 7812-1).
const DIGITS_MAX: usize = 19;

/// A text without card numbers.
pub(crate) struct Masked {
    /// The text with each number as `[card •••• 1234]` and each verification code beside it as `[code •••]`.
    pub(crate) text: String,
    /// Card numbers that were masked: told to the writer and counted in the entry. Numbers that overlap count
    /// as one.
    pub(crate) count: usize,
    /// Verification codes that were masked.
    pub(crate) codes: usize,
}

/// A text holds a card number and may not be stored here. It does not say where, nor which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardNumber;

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the text holds a card number, which is never stored: give the brand and the last four digits",
        )
    }
}

impl std::error::Error for CardNumber {}

/// The card numbers in `text`, in order, without overlaps. Linear in the length of the text.
pub(crate) fn find(text: &str) -> Vec<Found> {
    find_in(text, &runs::of(text))
}

/// Refuses a text that holds a card number.
///
/// # Errors
/// [`CardNumber`].
pub(crate) fn refuse(text: &str) -> Result<(), CardNumber> {
    if find(text).is_empty() { Ok(()) } else { Err(CardNumber) }
}

/// Masks every card number in `text`, and beside one every verification code (PCI DSS 4.0.1, 3.3.1.2).
/// Whatever [`find`] finds is gone from the result; a text without card numbers comes back as it is.
pub(crate) fn mask(text: &str) -> Masked {
    let runs = runs::of(text);
    let cards = find_in(text, &runs);
    let codes = code::beside(text, &runs, &cards);
    let (count, codes_count) = (cards.len(), codes.len());
    let mut marks: Vec<(Range<usize>, String)> =
        cards.into_iter().map(|card| (card.range, format!("[card •••• {}]", card.last_four))).collect();
    marks.extend(codes.into_iter().map(|range| (range, "[code •••]".to_owned())));
    marks.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (range, mark) in marks {
        out.push_str(text.get(done..range.start).unwrap_or_default());
        out.push_str(&mark);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Masked { text: out, count, codes: codes_count }
}

fn find_in(text: &str, runs: &[Run]) -> Vec<Found> {
    let candidates = candidates(text, runs);
    let excused = candidates.iter().all(|found| innocent::explains(text, &found.range));
    if excused { Vec::new() } else { merge(candidates) }
}

/// Every candidate, by its start; they may overlap.
fn candidates(text: &str, runs: &[Run]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut rest = runs;
    while let Some((first, behind)) = rest.split_first() {
        let shapes = issuer::SHAPES.iter().filter(|shape| shape.first() == Some(&first.digits));
        found.extend(shapes.filter_map(|shape| candidate(text, rest, shape)));
        rest = behind;
    }
    found
}

/// The candidate of this shape that the first of `runs` begins.
fn candidate(text: &str, runs: &[Run], shape: &[usize]) -> Option<Found> {
    let window = runs.get(..shape.len())?;
    let (last, before) = window.split_last()?;
    let first = window.first()?;
    let grouped = window.iter().zip(shape).all(|(run, digits)| run.digits == *digits);
    let joined = before.iter().all(|run| run.joint.is_some() && run.joint == first.joint);
    if !grouped || !joined {
        return None;
    }
    let range = first.start..last.end;
    let mut digits = Zeroizing::new([0; DIGITS_MAX]);
    let read = text.get(range.clone())?.chars().filter_map(digits::value);
    digits.iter_mut().zip(read).for_each(|(slot, digit)| *slot = digit);
    let digits = digits.get(..shape.iter().sum())?;
    let is_card = issuer::issues(digits, shape) && luhn(digits);
    is_card.then(|| LastFour::of(digits)).flatten().map(|last_four| Found { range, last_four })
}

/// Whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B).
fn luhn(digits: &[u8]) -> bool {
    let weigh = |(place, digit): (usize, &u8)| {
        let weighed = if place % 2 == 1 { u32::from(*digit) * 2 } else { u32::from(*digit) };
        if weighed > 9 { weighed - 9 } else { weighed }
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>().is_multiple_of(10)
}

/// Joins candidates that overlap: cutting one out of the middle of another would leave half a number
/// standing.
fn merge(candidates: Vec<Found>) -> Vec<Found> {
    let mut merged: Vec<Found> = Vec::new();
    for next in candidates {
        match merged.last_mut() {
            Some(last) if next.range.start < last.range.end => {
                if next.range.end > last.range.end {
                    last.range.end = next.range.end;
                    last.last_four = next.last_four;
                }
            }
            _ => merged.push(next),
        }
    }
    merged
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
