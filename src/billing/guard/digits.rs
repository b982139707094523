//! Characters as a card number uses them: decimal digits of every script, separators, and what is not seen.

/// The zero of each script's ten decimal digits (general category Nd, Unicode 17); a test holds it to the Unicode
/// tables. Superscripts, circled digits and the like (category No) are no decimal digits: a footnote mark behind a number
/// would otherwise lengthen it.
const ZEROS: [u32; 77] = [
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30,
    0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0,
    0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11de0, 0x11f50, 0x16130,
    0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140,
    0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// The value of a decimal digit of any script, 0 to 9.
pub(super) fn value(c: char) -> Option<u8> {
    let code = u32::from(c);
    let zero = ZEROS.get(ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?)?;
    u8::try_from(code - zero).ok().filter(|value| *value < 10)
}

/// A kind of separator. Look-alikes are one kind: a reader cannot tell them apart, and a word processor puts one for
/// the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// White space within a line.
    Space,
    /// A hyphen, dash or minus.
    Dash,
    /// A full stop or middle dot.
    Dot,
}

/// What kind of separator this is. Ends of lines are none: a column of numbers is no number. Nor is the colon,
/// which IPv6 addresses are made of.
pub(super) fn separator(c: char) -> Option<Separator> {
    match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => None,
        // Hyphens and dashes; the prolonged sound mark, which Japanese input puts between digits.
        '-'
        | '\u{58a}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{2500}'
        | '\u{30fc}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}'
        | '\u{ff70}' => Some(Separator::Dash),
        // Full stops and middle dots, narrow and wide. Not the bullet: the mask is made of bullets.
        '.' | '\u{b7}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{30fb}' | '\u{ff0e}' | '\u{ff65}' => {
            Some(Separator::Dot)
        }
        _ if c.is_whitespace() => Some(Separator::Space),
        _ => None,
    }
}

/// What is not seen between two digits: soft hyphens, zero-width characters, direction marks, variation selectors, the
/// box around an emoji digit. A number with these inside looks like one without.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{20e3}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

#[cfg(test)]
mod tests {
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

    use super::{ZEROS, is_invisible, separator, value};

    #[test]
    fn the_digits_are_those_of_unicode() {
        assert!(ZEROS.is_sorted());
        for c in '\0'..=char::MAX {
            let is_decimal = c.general_category() == GeneralCategory::DecimalNumber;
            assert_eq!(value(c).is_some(), is_decimal, "U+{:04x}", u32::from(c));
        }
        for (text, expected) in [("0123456789", 0..10), ("٠١٢٣٤٥٦٧٨٩", 0..10), ("𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡", 0..10)]
        {
            assert!(text.chars().filter_map(value).eq(expected), "{text}");
        }
    }

    #[test]
    fn a_character_has_one_part_to_play() {
        for c in '\0'..=char::MAX {
            let parts = [value(c).is_some(), separator(c).is_some(), is_invisible(c)];
            assert!(parts.iter().filter(|part| **part).count() <= 1, "U+{:04x}", u32::from(c));
        }
    }
}
