//! A password as somebody presents it at a login.

use zeroize::Zeroizing;

use super::opaque;
use crate::base::{SecretText, limits::PASSWORD_PRESENTED_BYTES_MAX};

/// A password to be verified. It is first tried as OpaqueString (RFC 8265), as new passwords are hashed; where
/// that differs from what was typed, the bytes as they came are tried too, because records from elsewhere may be
/// of those. How many hashings that takes depends on what was typed, never on the account.
///
/// One of more than 4096 bytes matches nothing, and still costs the work of one hashing.
pub struct Presented<'a> {
    raw: &'a [u8],
    normal: Option<Zeroizing<String>>,
}

impl<'a> Presented<'a> {
    /// A password that a person typed.
    pub fn typed(text: &'a SecretText) -> Self {
        let raw = text.expose().as_bytes();
        let normal = if is_too_long(raw) { None } else { opaque::enforce(text.expose()).ok() };
        Self { raw, normal }
    }

    /// Bytes that are tried as they are and no other way.
    pub fn exactly(bytes: &'a [u8]) -> Self {
        Self { raw: bytes, normal: None }
    }

    /// What is tried first; `None` if the password is too long to be tried.
    pub(super) fn first(&self) -> Option<&[u8]> {
        if is_too_long(self.raw) {
            return None;
        }
        Some(self.normal().map_or(self.raw, str::as_bytes))
    }

    /// What is tried when the first form does not match.
    pub(super) fn second(&self) -> Option<&[u8]> {
        self.normal().filter(|normal| normal.as_bytes() != self.raw).map(|_| self.raw)
    }

    /// The OpaqueString, if it was typed and has one.
    pub(super) fn normal(&self) -> Option<&str> {
        self.normal.as_deref().map(String::as_str)
    }
}

fn is_too_long(bytes: &[u8]) -> bool {
    bytes.len() > PASSWORD_PRESENTED_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::{Presented, SecretText};

    #[test]
    fn which_forms_are_tried() {
        let forms = |text: &str| {
            let text = SecretText::new(text.to_owned());
            let presented = Presented::typed(&text);
            let owned = |form: Option<&[u8]>| form.map(|form| String::from_utf8(form.to_vec()).unwrap());
            (owned(presented.first()), owned(presented.second()))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(forms("plain"), (some("plain"), None));
        assert_eq!(forms(""), (some(""), None));
        assert_eq!(forms("a\u{308}"), (some("\u{e4}"), some("a\u{308}")));
        assert_eq!(forms("tab\t"), (some("tab\t"), None), "outside the profile: as it came");
        assert_eq!(forms(&"x".repeat(4096)).1, None);
        assert_eq!(forms(&"x".repeat(4097)), (None, None));
        assert_eq!(Presented::exactly("a\u{308}".as_bytes()).first(), Some("a\u{308}".as_bytes()));
    }
}
