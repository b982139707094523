//! One line of a sealed billing field: it passed the card-number guard, and the type remembers it.

use std::fmt;

use zeroize::Zeroizing;

use super::guard;
use crate::base::text::{self, BadText};

/// A line of text in which the guard found no card number. Wiped on drop.
pub struct GuardedLine(Zeroizing<String>);

impl GuardedLine {
    /// The line, trimmed and in NFC; refused if it is empty, over `bytes_max`, unprintable or holds a card number.
    ///
    /// # Errors
    /// [`RefusedLine`] with the reason, without the text.
    pub fn accept(text: &str, bytes_max: usize) -> Result<Self, RefusedLine> {
        let line = Zeroizing::new(text::line(text, bytes_max).map_err(RefusedLine::Text)?);
        guard::refuse(&line).map_err(|_| RefusedLine::CardNumber)?;
        Ok(Self(line))
    }

    /// The line as it was stored: anything that [`GuardedLine::accept`] would change or refuse was not.
    pub(super) fn stored(text: &str, bytes_max: usize) -> Option<Self> {
        Self::accept(text, bytes_max).ok().filter(|line| line.expose() == text)
    }

    /// The text. Each caller is a place to review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Why a line was refused. It never repeats the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedLine {
    /// Empty, too long or unprintable.
    Text(BadText),
    /// A card number stands in it.
    CardNumber,
}

impl fmt::Display for RefusedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(why) => why.fmt(f),
            Self::CardNumber => guard::CardNumber.fmt(f),
        }
    }
}

impl std::error::Error for RefusedLine {}

#[cfg(test)]
mod tests {
    use super::{BadText, GuardedLine, RefusedLine};

    #[test]
    fn a_billing_line_refuses_card_numbers() {
        assert_eq!(
            GuardedLine::accept(" Hosting, 12 months ", 64).ok().unwrap().expose(),
            "Hosting, 12 months"
        );
        for refused in ["paid with 4111 1111 1111 1111", "378282246310005", "ref x5555-5555-5555-4444y"] {
            assert_eq!(GuardedLine::accept(refused, 64).err(), Some(RefusedLine::CardNumber), "{refused:?}");
        }
        let why = GuardedLine::accept("4111\n1111", 64).err().unwrap();
        assert_eq!(why, RefusedLine::Text(BadText::ControlCharacter));
        assert!(GuardedLine::stored(" padded", 64).is_none());
        assert!(GuardedLine::stored("4111111111111111", 64).is_none());
    }

    #[test]
    fn a_refusal_repeats_nothing() {
        let why = GuardedLine::accept("4111 1111 1111 1111", 64).err().unwrap();
        assert!(!format!("{why} {why:?}").contains("1111"));
    }
}
