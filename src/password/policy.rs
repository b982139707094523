//! What may become a new password.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    blocklist::{self, Common},
    opaque::{self, BadCharacter},
    presented::Presented,
    verdict::Verdict,
};
use crate::base::{
    SecretText,
    limits::{PASSWORD_BYTES_MAX, PASSWORD_CODE_POINTS_MAX, PASSWORD_CODE_POINTS_MIN},
};

/// A password that may be hashed, in its one normal form. It cannot be printed, copied or compared.
///
/// ```compile_fail,E0277
/// fn print(password: strongroom::password::NewPassword) -> String {
///     format!("{password:?}")
/// }
/// ```
pub struct NewPassword(Zeroizing<String>);

/// Why a new password is refused. Its holder is told (NIST SP 800-63B-4 section 3.1.1.2); it never repeats any of
/// the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// Longer than is looked at.
    TooLong {
        /// The limit in bytes of UTF-8.
        bytes_max: usize,
        /// The limit in code points.
        code_points_max: usize,
    },
    /// Shorter than a password that is the only factor may be.
    TooShort {
        /// The least, in code points after normalising.
        code_points_min: usize,
    },
    /// A character stands in it that not every device can type again the same way.
    Character(BadCharacter),
    /// It is long enough and guessed early all the same.
    Common(Common),
}

impl NewPassword {
    /// Judges a password that somebody chose. `context` are the words that an attacker tries first on this account:
    /// the service's names, the account's address and its person's name.
    ///
    /// In order: at most 1024 bytes and 256 code points, before any other work; OpaqueString (RFC 8265); at
    /// least 15 code points; not the service's or the account's own name, not among the first guesses. There is
    /// no rule on kinds of characters and nothing expires (NIST SP 800-63B-4 section 3.1.1.2).
    ///
    /// ```
    /// use strongroom::password::{Common, NewPassword, Rejected, SecretText};
    ///
    /// let refused = |text: &str| NewPassword::accept(&SecretText::new(text.to_owned()), &["strongroom"]).err();
    /// assert_eq!(refused("tr0ub4dor&3"), Some(Rejected::TooShort { code_points_min: 15 }));
    /// assert_eq!(refused("Strong-Room-2024"), Some(Rejected::Common(Common::Context)));
    /// assert_eq!(refused("seven grey herons at low tide"), None);
    /// ```
    ///
    /// # Errors
    /// [`Rejected`] with the reason to be shown.
    pub fn accept(text: &SecretText, context: &[&str]) -> Result<Self, Rejected> {
        let text = text.expose();
        if text.len() > PASSWORD_BYTES_MAX || text.chars().count() > PASSWORD_CODE_POINTS_MAX {
            let (bytes_max, code_points_max) = (PASSWORD_BYTES_MAX, PASSWORD_CODE_POINTS_MAX);
            return Err(Rejected::TooLong { bytes_max, code_points_max });
        }
        let normal = opaque::enforce(text).map_err(Rejected::Character)?;
        if normal.chars().count() < PASSWORD_CODE_POINTS_MIN {
            return Err(Rejected::TooShort { code_points_min: PASSWORD_CODE_POINTS_MIN });
        }
        match blocklist::find(&normal, context) {
            Some(common) => Err(Rejected::Common(common)),
            None => Ok(Self(normal)),
        }
    }

    /// The password that has just matched a record, to be hashed anew. It is not judged again: whether its holder
    /// must choose another is a matter of its own, and until then a stronger record of it is better than a weak
    /// one. `None` if it did not match, or has no normal form and so stays with its old record.
    pub fn carried_over(presented: &Presented<'_>, verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::Match { .. } => presented.normal().map(|normal| Self(Zeroizing::new(normal.to_owned()))),
            Verdict::Mismatch => None,
        }
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes_max, code_points_max } => {
                write!(f, "the password is longer than {code_points_max} characters or {bytes_max} bytes")
            }
            Self::TooShort { code_points_min } => {
                write!(f, "the password is shorter than {code_points_min} characters")
            }
            Self::Character(character) => write!(f, "the password holds {character}"),
            Self::Common(common) => write!(f, "the password is among the first to be guessed: {common}"),
        }
    }
}

impl std::error::Error for Rejected {}

#[cfg(test)]
mod tests {
    use super::{BadCharacter, NewPassword, Presented, Rejected, SecretText, Verdict};

    fn judged(text: &str) -> Result<String, Rejected> {
        NewPassword::accept(&SecretText::new(text.to_owned()), &[]).map(|new| new.expose().to_owned())
    }

    #[test]
    fn length_is_counted_in_code_points_after_normalising() {
        let too_short = Err(Rejected::TooShort { code_points_min: 15 });
        assert_eq!(judged(""), too_short);
        assert_eq!(judged("a grey heron !"), too_short);
        assert!(judged("a grey heron !?").is_ok());
        assert_eq!(judged("日本語で十四文字のことば。。"), too_short, "42 bytes are 14 code points");
        assert_eq!(judged(&"e\u{301}".repeat(14)), too_short, "28 code points become 14");
    }

    #[test]
    fn too_long_is_refused_before_any_work() {
        let too_long = Err(Rejected::TooLong { bytes_max: 1024, code_points_max: 256 });
        let words = "a grey heron waits. ".repeat(14);
        assert_eq!(judged(&words), too_long);
        assert_eq!(judged(&"\0".repeat(257)), too_long, "before the characters are looked at");
        assert_eq!(judged(&"\u{1f600}".repeat(257)), too_long);
        assert!(judged(words.get(..256).unwrap()).is_err(), "repeated");
        let varied: String = ('\u{4e00}'..).take(256).collect();
        assert_eq!(judged(&varied).as_deref(), Ok(varied.as_str()));
    }

    #[test]
    fn the_reason_never_repeats_the_password() {
        let control = judged("seven grey herons\0at low tide").unwrap_err();
        assert_eq!(control, Rejected::Character(BadCharacter::Control));
        assert_eq!(control.to_string(), "the password holds a control character");
        let common = judged("correct horse battery staple").unwrap_err();
        assert!(!common.to_string().contains("horse"));
    }

    #[test]
    fn only_what_matched_is_carried_over() {
        let carried = |text: &str, verdict| {
            let text = SecretText::new(text.to_owned());
            NewPassword::carried_over(&Presented::typed(&text), verdict).map(|new| new.expose().to_owned())
        };
        let matched = Verdict::Match { stale: true };
        assert_eq!(carried("short\u{a0}e\u{301}", matched).as_deref(), Some("short \u{e9}"));
        assert_eq!(carried("tab\t", matched), None);
        assert_eq!(carried("seven grey herons at low tide", Verdict::Mismatch), None);
        assert!(NewPassword::carried_over(&Presented::exactly(b"bytes"), matched).is_none());
    }
}
