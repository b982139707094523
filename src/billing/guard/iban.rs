//! International bank account numbers (ISO 13616): the other number that people write in groups of four.

/// Country and length of an IBAN there, by the SWIFT registry.
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 \
     DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 \
     JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 \
     PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 \
     VA22 VG24 XK20 YE30";

/// Letters and digits of the longest IBAN, and the separators of its printed form.
pub(super) const CHARS_MAX: usize = 33 + 8;

/// Where the IBAN that begins `text` ends, bytes: its country's length, in one piece or in groups of four with one
/// separator throughout, with the right check digits (ISO 7064 MOD 97-10) and no letter or digit behind it. One
/// number in 97 that looks like an IBAN passes for one.
pub(super) fn end(text: &str) -> Option<usize> {
    let country = text.get(..2)?.to_ascii_uppercase();
    let length: usize =
        LENGTHS.split_ascii_whitespace().find_map(|entry| entry.strip_prefix(&*country))?.parse().ok()?;
    let separator = text.chars().nth(4).filter(|c| matches!(c, ' ' | '\u{a0}' | '-' | '.'));
    let mut rest = text.char_indices();
    let mut symbols = String::with_capacity(length);
    for place in 0..length {
        if place > 0
            && place.is_multiple_of(4)
            && separator.is_some()
            && rest.next().map(|(_, c)| c) != separator
        {
            return None;
        }
        symbols.push(rest.next().map(|(_, c)| c).filter(char::is_ascii_alphanumeric)?.to_ascii_uppercase());
    }
    let behind = rest.next();
    let bounded = behind.is_none_or(|(_, c)| !c.is_alphanumeric());
    (bounded && mod_97(&symbols) == Some(1)).then_some(behind.map_or(text.len(), |(at, _)| at))
}

/// The remainder by 97 with the first four characters moved to the end and letters read as 10 to 35.
fn mod_97(symbols: &str) -> Option<u32> {
    let (head, account) = symbols.split_at_checked(4)?;
    account.chars().chain(head.chars()).try_fold(0, |remainder, c| {
        let value = c.to_digit(36)?;
        Some((remainder * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::{CHARS_MAX, LENGTHS, end};

    #[test]
    fn an_iban_is_known_by_its_check_digits() {
        for text in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "de89-3704-0044-0532-0130-00",
            "GB82 WEST 1234 5698 7654 32",
            "FR1420041010050500013M02606",
            "NO93 8601 1117 947",
            "BE68 5390 0754 7034",
            "DK50 0040 0440 1162 43",
            "CH93 0076 2011 6238 5295 7",
            "LC55HEMM000100010012001200023015",
        ] {
            assert_eq!(end(text), Some(text.len()), "{text}");
            assert_eq!(end(&format!("{text}, thanks")), Some(text.len()), "{text}");
            assert_eq!(end(&format!("{text}9")), None, "{text}");
        }
        for text in [
            "DE88370400440532013000",
            "XX89370400440532013000",
            "DE8937040044053201300",
            "DE89 37040044 0532 0130 00",
            "DE89 3704-0044 0532 0130 00",
            "DE8 9370 4004 4053 2013 000",
            "DE",
            "",
            "é",
        ] {
            assert_eq!(end(text), None, "{text}");
        }
        assert!(
            LENGTHS
                .split_ascii_whitespace()
                .all(|entry| entry[2..].parse::<usize>().unwrap() + 8 <= CHARS_MAX)
        );
    }
}
