//! base64url without padding (RFC 4648 section 5), the one text form of bytes in this project's own formats.
//! Non-canonical trailing bits are refused, so that one value has one text.

use base64ct::{Base64UrlUnpadded, Encoding};

/// The text of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The `N` bytes that `text` stands for; `None` if it is anything but their one canonical text.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    let written = Base64UrlUnpadded::decode(text, &mut out).ok()?.len();
    (written == N).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn one_value_has_one_text() {
        assert_eq!(encode(&[0xff; 2]), "__8");
        assert_eq!(decode::<2>("__8"), Some([0xff; 2]));
        for refused in ["__9", "__8=", "//8", "__", "__8A", " __8", ""] {
            assert_eq!(decode::<2>(refused), None, "{refused:?}");
        }
    }
}
