//! Verification codes (CVV, CVC, CID ...) beside a card number: never stored either, not even sealed (PCI DSS
//! 4.0.1, 3.3.1.2). Three digits alone say nothing, so they are masked only in a text that holds a card
//! number: behind their name anywhere in it, or behind the number's expiry.

use std::ops::Range;

use zeroize::Zeroizing;

use super::{found::Found, runs::Run};

/// What people call the code, in ASCII lower case.
const NAMES: [&str; 13] = [
    "cvv2",
    "cvv",
    "cvc2",
    "cvc",
    "csc",
    "cid",
    "cvn2",
    "cvn",
    "cve",
    "cvp2",
    "security code",
    "verification code",
    "card code",
];

/// Characters between the name and the code: ` is: `, ` (3 ...`.
const BEHIND_NAME_CHARS_MAX: usize = 16;
/// Characters between number, expiry and code: `, exp. `, `\n`.
const BETWEEN_CHARS_MAX: usize = 12;

/// The codes in `text`, in order, each apart from `cards`.
pub(super) fn beside(text: &str, runs: &[Run], cards: &[Found]) -> Vec<Range<usize>> {
    if cards.is_empty() {
        return Vec::new();
    }
    let mut codes = named(text, runs);
    codes.extend(cards.iter().filter_map(|card| behind_expiry(text, runs, card.range.end)));
    codes.sort_by_key(|code| code.start);
    codes.dedup();
    // Codes are runs, and cards are made of whole runs: a code is inside a card or apart from it.
    codes.retain(|code| {
        let after = cards.partition_point(|card| card.range.end <= code.start);
        cards.get(after).is_none_or(|card| card.range.start >= code.end)
    });
    codes
}

/// Codes behind their name.
fn named(text: &str, runs: &[Run]) -> Vec<Range<usize>> {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let named =
        NAMES.iter().flat_map(|name| lower.match_indices(name).map(|(at, name)| (at, at + name.len())));
    named
        .filter(|(start, _)| {
            text.get(..*start).is_some_and(|before| !before.ends_with(char::is_alphanumeric))
        })
        .filter_map(|(_, end)| {
            let run = runs_from(runs, end).first()?;
            let gap = text.get(end..run.start)?;
            let is_near = gap.chars().take(BEHIND_NAME_CHARS_MAX + 1).count() <= BEHIND_NAME_CHARS_MAX;
            (is_near && !gap.contains('\n') && !gap.ends_with(char::is_alphanumeric))
                .then(|| code(text, run))
                .flatten()
        })
        .collect()
}

/// The code behind the expiry behind the card number that ends at `end`: `12/27 123`, `1227 123`, `12 / 2027,
/// 123`.
fn behind_expiry(text: &str, runs: &[Run], end: usize) -> Option<Range<usize>> {
    let mut rest = runs_from(runs, end).iter();
    let mut near = end;
    let mut next = || {
        let run: &Run = rest.next()?;
        let gap = text.get(near..run.start)?;
        near = run.end;
        (gap.chars().take(BETWEEN_CHARS_MAX + 1).count() <= BETWEEN_CHARS_MAX).then_some(run)
    };
    let month = next()?;
    let year_apart = match month.digits {
        1 | 2 => true,
        4 => false,
        _ => return None,
    };
    if year_apart && !matches!(next()?.digits, 2 | 4) {
        return None;
    }
    let month: String = text.get(month.start..month.end)?.chars().take(2).collect();
    let is_month = month.parse::<u8>().is_ok_and(|month| (1..=12).contains(&month));
    is_month.then(next).flatten().and_then(|run| code(text, run))
}

/// The run as a code: three or four digits and no part of a word.
fn code(text: &str, run: &Run) -> Option<Range<usize>> {
    let is_word = text.get(run.end..)?.starts_with(char::is_alphanumeric);
    (matches!(run.digits, 3 | 4) && !is_word).then_some(run.start..run.end)
}

/// The runs that begin at `from` or later.
fn runs_from(runs: &[Run], from: usize) -> &[Run] {
    runs.get(runs.partition_point(|run| run.start < from)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::mask;

    #[test]
    fn codes_go_with_their_card() {
        for (text, expected) in [
            ("4111111111111111 CVV 123", "[card •••• 1111] CVV [code •••]"),
            ("cvc2: 123, card 4111111111111111", "cvc2: [code •••], card [card •••• 1111]"),
            ("4111111111111111\nSecurity code is 1234!", "[card •••• 1111]\nSecurity code is [code •••]!"),
            ("4111111111111111 12/27 123", "[card •••• 1111] 12/27 [code •••]"),
            ("4111111111111111, exp. 1227, 123", "[card •••• 1111], exp. 1227, [code •••]"),
            ("4111-1111-1111-1111\n09 / 2029\n123", "[card •••• 1111]\n09 / 2029\n[code •••]"),
        ] {
            assert_eq!(mask(text).text, expected);
            assert_eq!(mask(text).codes, 1);
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "cvv 123",
            "4111111111111111 costs 300 EUR",
            "4111111111111111 13/27 123",
            "4111111111111111 12/27 for 12345 EUR",
            "4111111111111111 cid 12345 cvc abc123 cvv 123rd",
            "4111111111111111 acid 123",
            "4111111111111111 cvv was asked for three times, ticket 123",
            "4111111111111111 cvv\n123",
        ] {
            assert_eq!(mask(text).text, text.replace("4111111111111111", "[card •••• 1111]"));
            assert_eq!(mask(text).codes, 0);
        }
    }

    #[test]
    fn a_group_of_the_number_is_no_code() {
        let masked = mask("CVV 4111 1111 1111 1111");
        assert_eq!((masked.text.as_str(), masked.count, masked.codes), ("CVV [card •••• 1111]", 1, 0));
    }
}
