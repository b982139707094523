//! OpaqueString, the profile for passwords (RFC 8265 section 4.2, over FreeformClass of RFC 8264).
//!
//! Spaces other than U+0020 become U+0020, the text becomes NFC, and characters of FreeformClass alone may stand
//! in it. Not NFKC: it would make distinct passwords one (NIST SP 800-63B-4 asks for NFC too).
//!
//! Stricter than the RFC in one place: ZERO WIDTH NON-JOINER is accepted behind a virama alone, not between
//! letters of a joining script as well (RFC 5892 appendix A.1). Nothing is refused at a login: a text outside
//! the profile is then compared as it came.

use std::fmt;

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use zeroize::Zeroizing;

/// Why a character may not stand in a new password. It says neither which character nor where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadCharacter {
    /// A control character, such as NUL or a tab.
    Control,
    /// Not assigned in this version of Unicode: a later one may normalise it differently and lock its user out.
    Unassigned,
    /// One that cannot be seen: a soft hyphen, a direction mark, a variation selector, a joiner.
    Invisible,
    /// One that RFC 8264 allows in a certain neighbourhood only, and this is another.
    OutOfContext,
    /// Private use, a format mark, an old Hangul letter, a line separator, or an exception of RFC 8264.
    NotAllowed,
}

/// The one text under which a password is hashed. The empty text stays empty: the length policy refuses it.
///
/// # Errors
/// [`BadCharacter`] for the first character outside the profile.
pub(super) fn enforce(text: &str) -> Result<Zeroizing<String>, BadCharacter> {
    // NFC is at most three times as long in UTF-8 (UAX 15): the buffer never moves and leaves no copy behind.
    let mut normal = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
    normal.extend(text.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc());
    let mut before = None;
    let mut rest = normal.chars().peekable();
    while let Some(c) = rest.next() {
        check(c, before, rest.peek().copied(), &normal)?;
        before = Some(c);
    }
    Ok(normal)
}

fn is_space(c: char) -> bool {
    c.general_category() == GeneralCategory::SpaceSeparator
}

/// Whether `c` belongs to FreeformClass here: the algorithm of RFC 8264 section 8, in its order. Its branch
/// HasCompat is not needed: what has a compatibility form is valid by its category already (tested).
fn check(c: char, before: Option<char>, after: Option<char>, whole: &str) -> Result<(), BadCharacter> {
    use GeneralCategory as G;
    match (c, c.general_category()) {
        (' '..='~', _) => Ok(()),
        _ if is_contextual(c) => {
            if fits(c, before, after, whole) {
                Ok(())
            } else {
                Err(BadCharacter::OutOfContext)
            }
        }
        _ if is_exception(c) || is_old_hangul(c) => Err(BadCharacter::NotAllowed),
        _ if is_default_ignorable(c) => Err(BadCharacter::Invisible),
        (_, G::Unassigned) => Err(BadCharacter::Unassigned),
        (_, G::Control) => Err(BadCharacter::Control),
        (_, G::Format | G::Surrogate | G::PrivateUse | G::LineSeparator | G::ParagraphSeparator) => {
            Err(BadCharacter::NotAllowed)
        }
        _ => Ok(()),
    }
}

/// Code points that need a look around: CONTEXTJ and CONTEXTO of RFC 5892.
fn is_contextual(c: char) -> bool {
    matches!(c, '\u{b7}' | '\u{375}' | '\u{5f3}' | '\u{5f4}' | '\u{30fb}' | '\u{200c}' | '\u{200d}')
        || is_arabic_indic(c)
        || is_extended_arabic_indic(c)
}

/// The rules of RFC 5892 appendix A. Scripts are told by their blocks.
fn fits(c: char, before: Option<char>, after: Option<char>, whole: &str) -> bool {
    const VIRAMA: u8 = 9;
    match c {
        '\u{200c}' | '\u{200d}' => before.is_some_and(|before| canonical_combining_class(before) == VIRAMA),
        '\u{b7}' => before == Some('l') && after == Some('l'),
        '\u{375}' => after.is_some_and(|c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}')),
        '\u{5f3}' | '\u{5f4}' => before.is_some_and(|c| matches!(c, '\u{591}'..='\u{5f4}')),
        '\u{30fb}' => whole.chars().any(is_japanese),
        _ if is_arabic_indic(c) => !whole.chars().any(is_extended_arabic_indic),
        _ => !whole.chars().any(is_arabic_indic),
    }
}

fn is_arabic_indic(c: char) -> bool {
    matches!(c, '\u{660}'..='\u{669}')
}

fn is_extended_arabic_indic(c: char) -> bool {
    matches!(c, '\u{6f0}'..='\u{6f9}')
}

/// Hiragana, Katakana and Han, without the middle dot itself.
fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fd}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3ffff}')
}

/// Exceptions of RFC 8264 section 9.6 that are disallowed.
fn is_exception(c: char) -> bool {
    matches!(c, '\u{640}' | '\u{7fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}')
}

/// Conjoining letters that NFC has not made into syllables (Hangul_Syllable_Type L, V or T).
fn is_old_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7c6}' | '\u{d7cb}'..='\u{d7fb}')
}

/// Default_Ignorable_Code_Point (DerivedCoreProperties of the Unicode character database), assigned ones.
fn is_default_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}'
        | '\u{e0100}'..='\u{e01ef}')
}

impl fmt::Display for BadCharacter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Control => "a control character",
            Self::Unassigned => "a character that this version of Unicode does not know",
            Self::Invisible => "a character that cannot be seen",
            Self::OutOfContext => "a character that is not allowed at its place",
            Self::NotAllowed => "a character that is not allowed",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

    use super::{BadCharacter, check, enforce};

    fn enforced(text: &str) -> Result<String, BadCharacter> {
        enforce(text).map(|normal| normal.to_string())
    }

    /// The examples of RFC 8265 section 4.3, and normalising.
    #[test]
    fn what_is_one_password() {
        assert_eq!(enforced("correct horse battery staple").unwrap(), "correct horse battery staple");
        assert_eq!(enforced("Correct Horse Battery Staple").unwrap(), "Correct Horse Battery Staple");
        assert_eq!(enforced("\u{3c0}\u{df}\u{e5}").unwrap(), "\u{3c0}\u{df}\u{e5}");
        assert_eq!(enforced("Jack of \u{2666}s").unwrap(), "Jack of \u{2666}s");
        assert_eq!(enforced("foo\u{1680}bar").unwrap(), "foo bar");
        assert_eq!(enforced("my cat is a \u{9}by"), Err(BadCharacter::Control));
        assert_eq!(enforced("Pa\u{308}sswort").unwrap(), "P\u{e4}sswort");
        assert_eq!(enforced("\u{212b}ngstr\u{f6}m").unwrap(), "\u{c5}ngstr\u{f6}m");
        assert_eq!(enforced(" a\u{a0}b\u{3000}").unwrap(), " a b ");
        assert_ne!(enforced("\u{fb01}").unwrap(), "fi", "NFC, not NFKC");
        assert_eq!(enforced("").unwrap(), "");
    }

    #[test]
    fn what_is_refused() {
        for (text, reason) in [
            ("a\0b", BadCharacter::Control),
            ("a\u{7f}", BadCharacter::Control),
            ("a\u{85}", BadCharacter::Control),
            ("a\u{378}", BadCharacter::Unassigned),
            ("a\u{ffff}", BadCharacter::Unassigned),
            ("a\u{ad}", BadCharacter::Invisible),
            ("\u{2764}\u{fe0f}", BadCharacter::Invisible),
            ("a\u{202e}b", BadCharacter::Invisible),
            ("\u{600}", BadCharacter::NotAllowed),
            ("a\u{200d}b", BadCharacter::OutOfContext),
            ("a\u{b7}b", BadCharacter::OutOfContext),
            ("a\u{30fb}b", BadCharacter::OutOfContext),
            ("\u{661}\u{6f1}", BadCharacter::OutOfContext),
            ("\u{1100}", BadCharacter::NotAllowed),
            ("\u{640}", BadCharacter::NotAllowed),
            ("\u{e000}", BadCharacter::NotAllowed),
            ("\u{2028}", BadCharacter::NotAllowed),
        ] {
            assert_eq!(enforced(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn what_fits_in_its_context() {
        for text in ["l\u{b7}l", "\u{375}\u{3b1}", "\u{5d0}\u{5f3}", "\u{30a2}\u{30fb}", "\u{661}", "\u{6f1}"]
        {
            assert_eq!(enforced(text).unwrap(), text);
        }
        assert_eq!(enforced("\u{915}\u{94d}\u{200d}\u{937}").unwrap(), "\u{915}\u{94d}\u{200d}\u{937}");
        assert_eq!(enforced("\u{1100}\u{1161}").unwrap(), "\u{ac00}", "modern letters become syllables");
    }

    #[test]
    fn a_compatibility_form_makes_nothing_valid_that_is_not() {
        for c in '\0'..=char::MAX {
            let has_compat = !std::iter::once(c).nfkc().eq([c]);
            let normal = std::iter::once(c).nfc().eq([c]);
            let refused = check(c, None, None, "");
            if has_compat && normal && !matches!(refused, Err(BadCharacter::Invisible)) {
                assert!(
                    refused.is_ok()
                        || super::is_exception(c)
                        || super::is_old_hangul(c)
                        || super::is_contextual(c)
                );
            }
            if matches!(
                c.general_category(),
                GeneralCategory::LowercaseLetter | GeneralCategory::DecimalNumber
            ) {
                assert!(refused.is_ok() || super::is_contextual(c), "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn enforcing_twice_changes_nothing(text in any::<String>()) {
            if let Ok(once) = enforced(&text) {
                prop_assert_eq!(enforced(&once), Ok(once));
            }
        }

        #[test]
        fn the_buffer_never_moves(text in any::<String>()) {
            prop_assert!(text.chars().nfc().map(char::len_utf8).sum::<usize>() <= text.len() * 3);
        }
    }
}
