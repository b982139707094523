//! Text that people typed: normalising what is looked up, refusing what breaks lines and terminals.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use zeroize::Zeroizing;

use super::{SecretText, limits};

/// Why a text was refused. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadText {
    /// Nothing is left after trimming.
    Empty,
    /// More bytes than the limit.
    TooLong {
        /// The limit in bytes.
        bytes_max: usize,
    },
    /// A control character, line separator or bidirectional override stands in it.
    ControlCharacter,
    /// White space stands where none may.
    WhiteSpace,
    /// Not an address: no `@`, or nothing before or after it, or white space inside.
    NoAddress,
    /// Not a media type: `type/subtype`, each of letters, digits and `!#$&-^_.+` (RFC 6838).
    NoMediaType,
}

impl std::fmt::Display for BadText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("the text is empty"),
            Self::TooLong { bytes_max } => write!(f, "the text is longer than {bytes_max} bytes"),
            Self::ControlCharacter => f.write_str("the text holds a control character"),
            Self::WhiteSpace => f.write_str("the text holds white space"),
            Self::NoAddress => f.write_str("this is no e-mail address"),
            Self::NoMediaType => f.write_str("this is no media type: it takes the form `type/subtype`"),
        }
    }
}

impl std::error::Error for BadText {}

/// A character that ends a line, moves a cursor or turns the direction of reading: in a name or a subject it
/// forges the line around it (Trojan Source, log injection).
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// One line: trimmed, NFC, not empty, within `bytes_max`, printable.
///
/// # Errors
/// [`BadText`] with the reason.
pub(crate) fn line(text: &str, bytes_max: usize) -> Result<String, BadText> {
    if text.len() > bytes_max {
        return Err(BadText::TooLong { bytes_max });
    }
    let normal: String = text.trim().nfc().collect();
    if normal.is_empty() {
        return Err(BadText::Empty);
    }
    if normal.len() > bytes_max {
        return Err(BadText::TooLong { bytes_max });
    }
    if normal.chars().any(is_unprintable) {
        return Err(BadText::ControlCharacter);
    }
    Ok(normal)
}

/// Several lines: as [`line()`], but tabs and line feeds may stand in it; carriage returns become line feeds.
///
/// # Errors
/// [`BadText`] with the reason.
pub(crate) fn body(text: &str, bytes_max: usize) -> Result<String, BadText> {
    if text.len() > bytes_max {
        return Err(BadText::TooLong { bytes_max });
    }
    let normal: String = text.replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
    if normal.trim().is_empty() {
        return Err(BadText::Empty);
    }
    if normal.len() > bytes_max {
        return Err(BadText::TooLong { bytes_max });
    }
    if normal.chars().any(|c| is_unprintable(c) && c != '\n' && c != '\t') {
        return Err(BadText::ControlCharacter);
    }
    Ok(normal)
}

/// A line that a program gave and nobody waits to correct, made fit: what cannot be printed becomes U+FFFD, and it is
/// cut at a character to `bytes_max`. `None` if nothing is left.
pub(crate) fn fitted(text: &str, bytes_max: usize) -> Option<String> {
    let mut line = String::new();
    for c in text.trim().nfc().map(|c| if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c }) {
        if line.len() + c.len_utf8() > bytes_max {
            break;
        }
        line.push(c);
    }
    Some(line).filter(|line| !line.is_empty())
}

/// Version 1 of the normalisations under which values are looked up; it stands in the MAC's input.
pub(crate) const NORMALISATION: u8 = 1;

/// An address as it is looked up: trimmed, NFC, domain in ASCII lower case, local part in lower case then NFC;
/// dots and `+` stay, because merging two mailboxes hands one person the other's account.
///
/// # Errors
/// [`BadText`] with the reason.
pub(crate) fn address(text: &str) -> Result<String, BadText> {
    let text = line(text, limits::ADDRESS_BYTES_MAX)?;
    let (local, domain) = text.rsplit_once('@').ok_or(BadText::NoAddress)?;
    if local.is_empty() || domain.is_empty() || text.chars().any(char::is_whitespace) {
        return Err(BadText::NoAddress);
    }
    let local: String = local.to_lowercase().nfc().collect();
    Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
}

/// A name as it is compared with what somebody says: one form, lower case, single spaces. Nothing for what is no name.
pub(crate) fn spoken_name(text: &str) -> Option<String> {
    let line = line(text, limits::NAME_BYTES_MAX).ok()?;
    let words: Vec<String> =
        line.split_whitespace().map(|word| word.to_lowercase().nfc().collect()).collect();
    Some(words.join(" "))
}

/// A staff member's handle as it is looked up: one line without white space, in lower case, NFC.
///
/// # Errors
/// [`BadText`] with the reason.
pub(crate) fn handle(text: &str) -> Result<String, BadText> {
    let text = line(text, limits::NAME_BYTES_MAX)?;
    if text.chars().any(char::is_whitespace) {
        return Err(BadText::WhiteSpace);
    }
    // What has no width and what turns the direction of reading lets two handles look alike.
    if text.chars().any(|c| c.general_category() == GeneralCategory::Format) {
        return Err(BadText::ControlCharacter);
    }
    Ok(text.to_lowercase().nfc().collect())
}

/// The words of a name as they are looked up, each once and in order: compatibility forms and accents put aside
/// (NFKD without U+0300–U+036F), lower case, NFC, apostrophes left out, cut wherever there is neither a letter nor a
/// digit nor a mark of one. Of more than sixteen the first sixteen.
pub(crate) fn words(text: &str) -> Vec<SecretText> {
    let is_accent = |c: &char| matches!(c, '\u{300}'..='\u{36f}');
    let is_apostrophe = |c: &char| matches!(c, '\'' | '\u{2019}' | '\u{2bc}');
    let plain: Zeroizing<String> = Zeroizing::new(text.nfkd().filter(|c| !is_accent(c)).collect());
    let lower = Zeroizing::new(plain.to_lowercase());
    let folded: Zeroizing<String> =
        Zeroizing::new(lower.nfkd().filter(|c| !is_accent(c) && !is_apostrophe(c)).nfc().collect());
    let within = |c: char| c.is_alphanumeric() || c.general_category_group() == GeneralCategoryGroup::Mark;
    let mut words: Vec<&str> = Vec::new();
    for word in folded.split(|c| !within(c)).filter(|word| !word.is_empty()) {
        if words.len() < limits::SEARCH_WORDS_MAX && !words.contains(&word) {
            words.push(word);
        }
    }
    words.sort_unstable();
    words.into_iter().map(|word| SecretText::new(word.to_owned())).collect()
}

/// An invoice's number as it is looked up: one line, in lower case, NFC.
///
/// # Errors
/// [`BadText`] with the reason.
pub(crate) fn invoice_number(text: &str) -> Result<String, BadText> {
    Ok(line(text, limits::INVOICE_NUMBER_BYTES_MAX)?.to_lowercase().nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::{BadText, address, body, fitted, handle, invoice_number, line};
    use crate::base::limits;

    #[test]
    fn a_name_is_found_by_its_whole_words_however_they_are_typed() {
        let words = |name: &str| -> Vec<String> {
            super::words(name).iter().map(|word| word.expose().to_owned()).collect()
        };
        assert_eq!(words("Jane van Doe"), ["doe", "jane", "van"]);
        assert_eq!(words(" DOE, jane  van-doe "), ["doe", "jane", "van"]);
        for typed in ["M\u{fc}ller", "Mu\u{308}ller", "MULLER", "\u{ff2d}uller"] {
            assert_eq!(words(typed), ["muller"], "{typed}");
        }
        assert_eq!(words("O'Brien O\u{2019}Brien"), ["obrien"]);
        assert_eq!(words("\u{130}pek"), ["ipek"], "lower case makes an accent of its own");
        assert_eq!(words("\u{674e}\u{5c0f}\u{9f8d}"), ["\u{674e}\u{5c0f}\u{9f8d}"]);
        assert_eq!(words("\u{304b}\u{3099}"), ["\u{304c}"], "what is no accent stays");
        assert_eq!(words("\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}").len(), 1, "a mark ends no word");
        assert_eq!(words(" \u{2022} - ' "), [""; 0]);
        let many: Vec<String> = (10..40).map(|number| number.to_string()).collect();
        assert_eq!(words(&many.join(" ")), many[..limits::SEARCH_WORDS_MAX]);
    }

    #[test]
    fn an_invoice_is_found_by_its_number_in_either_case() {
        assert_eq!(invoice_number(" R-2026/17 ").unwrap(), "r-2026/17");
        assert!(invoice_number("a\nb").is_err() && invoice_number(&"1".repeat(65)).is_err());
    }

    #[test]
    fn an_address_is_one_for_every_way_to_type_it() {
        for typed in ["Jane.Doe+x@Example.COM", "  jane.doe+x@example.com ", "JANE.DOE+X@EXAMPLE.COM"] {
            assert_eq!(address(typed).unwrap(), "jane.doe+x@example.com");
        }
        assert_eq!(address("E\u{301}@a").unwrap(), address("\u{e9}@a").unwrap());
        assert_ne!(address("janedoe@a").unwrap(), address("jane.doe@a").unwrap());
        for refused in ["", "@", "a@", "@b", "plain", "a b@c", "a@b c", "a\n@b"] {
            assert!(address(refused).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn no_handle_looks_like_another() {
        assert_eq!(handle("Sam").unwrap(), "sam");
        for refused in ["s\u{200b}am", "sam\u{200d}", "\u{200f}sam", "s\u{ad}am", "s\u{2060}am", "s\u{61c}am"]
        {
            assert_eq!(handle(refused), Err(BadText::ControlCharacter), "{refused:?}");
        }
    }

    #[test]
    fn a_line_forges_no_other_line() {
        for refused in ["a\nb", "a\rb", "a\u{1b}[2Jb", "a\u{202e}b", "a\u{2028}b", "\u{0}"] {
            assert_eq!(line(refused, 100), Err(BadText::ControlCharacter), "{refused:?}");
        }
        assert_eq!(line(" e\u{301} ", 100).unwrap(), "\u{e9}");
        assert_eq!(line("aaaa", 3), Err(BadText::TooLong { bytes_max: 3 }));
        assert_eq!(body("a\r\nb\tc", 100).unwrap(), "a\nb\tc");
        assert_eq!(body(" \n ", 100), Err(BadText::Empty));
        assert_eq!(fitted(" a\n\u{1b}[2J ", 100).unwrap(), "a\u{fffd}\u{fffd}[2J");
        assert_eq!(fitted("e\u{301}e\u{301}", 3).unwrap(), "\u{e9}");
        assert_eq!(fitted(" ", 100), None);
    }
}
