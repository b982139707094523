//! What explains a candidate away: surroundings in which digits are something else, each known by more than looks.
//! Every check reads a bounded number of characters, so that hostile text costs no more than other text.

use std::ops::Range;

use super::{digits, iban};

/// Digits of the longest telephone number in use, its country code included. E.164 allows 15; an American Express
/// number has 15.
const TELEPHONE_DIGITS_MAX: usize = 13;

/// Hexadecimal digits of the shortest digest that people write down: MD5, or a UUID without hyphens.
const DIGEST_DIGITS_MIN: usize = 32;

/// Whether the text around `range` says that the digits there are no card number.
pub(super) fn explains(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let inside = text.get(range.clone()).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    is_telephone(before, inside)
        || is_fraction(before, inside)
        || is_digest(before, inside, after)
        || is_iban(text, range)
}

/// `+4915112345678`: a country code behind a plus sign.
fn is_telephone(before: &str, inside: &str) -> bool {
    before.ends_with(['+', '\u{ff0b}'])
        && inside.chars().filter(|c| digits::value(*c).is_some()).count() <= TELEPHONE_DIGITS_MAX
}

/// `0.4123456789012345`: what programs print for a number between 0 and 1. Other whole parts do not count: `3.` may
/// number a list of cards.
fn is_fraction(before: &str, inside: &str) -> bool {
    let whole = before.strip_suffix(['.', ',']).and_then(|before| before.strip_suffix('0'));
    let is_digit = |c: char| digits::value(c).is_some();
    whole.is_some_and(|before| !before.ends_with(is_digit)) && inside.chars().all(is_digit)
}

/// Digits strictly inside an unbroken word of hexadecimal digits as long as a digest. A word that *begins* with the
/// number is not explained: chip data writes a card number that way, with a D behind it (EMV tag 57).
fn is_digest(before: &str, inside: &str, after: &str) -> bool {
    let is_hex = |c: &char| c.is_ascii_hexdigit();
    let ahead = before.chars().rev().take_while(is_hex).take(DIGEST_DIGITS_MIN).count();
    let behind = after.chars().take_while(is_hex).take(DIGEST_DIGITS_MIN).count();
    ahead > 0
        && behind > 0
        && inside.bytes().all(|byte| byte.is_ascii_digit())
        && ahead + inside.len() + behind >= DIGEST_DIGITS_MIN
}

/// Inside an international bank account number.
fn is_iban(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let mut starts = before.char_indices().rev().take(iban::CHARS_MAX).map(|(at, _)| at);
    starts.any(|start| {
        let begins_a_word = text.get(..start).is_some_and(|ahead| !ahead.ends_with(char::is_alphanumeric));
        let end = || iban::end(text.get(start..)?).map(|length| start + length);
        begins_a_word && end().is_some_and(|end| range.end <= end)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{find, issuer, luhn};

    /// The text around a number that is a candidate by itself: found if the frame does not explain it.
    fn found(frame: &str, number: &str) -> bool {
        assert_eq!(find(number).len(), 1, "{number} is no candidate");
        !find(&frame.replace('#', number)).is_empty()
    }

    #[test]
    fn a_telephone_number_has_a_plus_and_few_digits() {
        assert!(!found("tel:+#", "4222222222222"));
        assert!(!found("＋#", "4222 222 222 222"));
        assert!(found("+#", "378282246310005"));
        assert!(found("+#", "4111111111111111"));
        assert!(found("+ #", "4222222222222"));
    }

    #[test]
    fn a_fraction_follows_a_lone_zero() {
        assert!(!found("t=0.#s", "4111111111111111"));
        assert!(!found("-0,#", "4111111111111111"));
        assert!(found("0.#", "4111.1111.1111.1111"));
        for frame in ["3.#", "10.#", ".#", "٣0.#", "0. #", "no. 0 .#"] {
            assert!(found(frame, "4111111111111111"), "{frame}");
        }
    }

    #[test]
    fn a_digest_goes_on_both_ways() {
        assert!(!found("sha1:a94a8fe5ccb#d6a7b5e8c", "4111111111111111"));
        assert!(!found("ab#cdefabcdefabcdef", "4111111111111111"));
        for frame in
            ["#d27122010000000000000f", "a#b", "aaaaaaaaaaaaaaaaaaaa#", "aaaaaaaaaaaaaaaa #aaaaaaaaaaaaaaaa"]
        {
            assert!(found(frame, "4111111111111111"), "{frame}");
        }
        assert!(found("aaaaaaaaaaaa#aaaaaaaaaaaa", "4111-1111-1111-1111"));
    }

    #[test]
    fn an_iban_covers_the_number_and_checks() {
        // Found by search: a valid IBAN whose third to sixth groups are a candidate.
        let iban = (0..100)
            .flat_map(|bank| {
                (0..100_u32).map(move |check| format!("DE{check:02} 4405 0199 0123 45{bank:02} 89"))
            })
            .find(|text| {
                let digits: Vec<u8> =
                    text[5..24].bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
                super::iban::end(text) == Some(text.len())
                    && luhn(&digits)
                    && issuer::issues(&digits, &[4, 4, 4, 4])
            })
            .unwrap();
        let number = &iban[5..24];
        assert!(found("#", number));
        let around = iban.replace(number, "#");
        assert!(!found(&around, number));
        assert!(!found(&format!("IBAN: {around}, thanks"), number));
        assert!(found(&around.replace("DE", "XX"), number));
        assert!(found(&format!("x{around}"), number));
    }
}
