//! The forms in which a secret might come to stand somewhere: as it is, and as programs write it.

use std::collections::BTreeSet;

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use unicode_normalization::UnicodeNormalization;

/// One form of a secret: its name for the report, and the bytes to look for. The search knows no capitals of ASCII,
/// so that both cases of hexadecimal, of percent codes and of the secret itself are one form.
pub struct Form {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Shorter forms would be found by chance.
const BYTES_MIN: usize = 7;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Every form of a secret.
pub fn forms(secret: &[u8]) -> Vec<Form> {
    let mut seen = BTreeSet::new();
    let mut forms: Vec<Form> = Vec::new();
    for (spelling, bytes) in spellings(secret) {
        let all = [as_bytes(&bytes), as_text(&bytes), as_digests(&bytes)].concat();
        for (form, bytes) in all {
            if seen.insert(bytes.to_ascii_lowercase()) {
                assert!(bytes.len() >= BYTES_MIN, "`{form}` of a mark is too short to tell from chance");
                forms.push(Form { name: format!("{form}{spelling}"), bytes });
            }
        }
    }
    forms
}

type Named = (&'static str, Vec<u8>);

/// The secret in other capitals and other normal forms; binary secrets have one spelling.
fn spellings(secret: &[u8]) -> Vec<Named> {
    let Ok(text) = std::str::from_utf8(secret) else { return vec![("", secret.to_vec())] };
    let texts: [(&str, String); 6] = [
        ("", text.to_owned()),
        (" of its NFC", text.nfc().collect()),
        (" of its NFD", text.nfd().collect()),
        (" of its lower case", text.to_lowercase()),
        (" of its upper case", text.to_uppercase()),
        (" of its lower case in NFD", text.to_lowercase().nfd().collect()),
    ];
    texts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

fn as_bytes(secret: &[u8]) -> Vec<Named> {
    let list =
        |of: fn(&u8) -> String, by: &str| secret.iter().map(of).collect::<Vec<_>>().join(by).into_bytes();
    let mut forms = vec![
        ("raw", secret.to_vec()),
        ("hexadecimal", hex(secret)),
        ("hexadecimal with spaces", list(|byte| format!("{byte:02x}"), " ")),
        ("a list of hexadecimal", list(|byte| format!("{byte:02x}"), ", ")),
        ("a list of numbers", list(u8::to_string, ", ")),
        ("a list of numbers without spaces", list(u8::to_string, ",")),
        ("percent of every byte", list(|byte| format!("%{byte:02x}"), "")),
        ("percent of what a URL does not take", percent(secret)),
    ];
    for (name, alphabet) in [("base64", STANDARD), ("base64url", URL)] {
        forms.extend((0..3).map(|alignment| (name, base64_inside(alphabet, secret, alignment))));
    }
    if secret.len() >= 14 && secret.len().is_multiple_of(2) && secret.iter().all(u8::is_ascii_digit) {
        forms.push(("two digits in a byte", packed(secret)));
    }
    forms
}

/// What only text is written as.
fn as_text(secret: &[u8]) -> Vec<Named> {
    let Ok(text) = std::str::from_utf8(secret) else { return Vec::new() };
    let units: Vec<u16> = text.encode_utf16().collect();
    let escape = |unit: u16| format!("\\u{unit:04x}");
    let quoted = serde_json::to_string(text).unwrap();
    let json = quoted.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap();
    let ascii = |unit: u16| if unit < 0x80 { String::from_utf16_lossy(&[unit]) } else { escape(unit) };
    let json_ascii: String = json.encode_utf16().map(ascii).collect();
    vec![
        ("JSON", json.as_bytes().to_vec()),
        ("JSON with `/` escaped", json.replace('/', "\\/").into_bytes()),
        ("JSON in ASCII", json_ascii.into_bytes()),
        ("JSON, all escaped", units.iter().copied().map(escape).collect::<String>().into_bytes()),
        ("Rust's debug form", text.escape_debug().to_string().into_bytes()),
        ("UTF-16, little end first", units.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16, big end first", units.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
    ]
}

/// Digests that a dictionary turns back: of the secret and nothing else.
fn as_digests(secret: &[u8]) -> Vec<Named> {
    let digests: [(&str, Vec<u8>); 4] = [
        ("SHA-224", Sha224::digest(secret).to_vec()),
        ("SHA-256", Sha256::digest(secret).to_vec()),
        ("SHA-384", Sha384::digest(secret).to_vec()),
        ("SHA-512", Sha512::digest(secret).to_vec()),
    ];
    let written = |(name, digest): (&'static str, Vec<u8>)| {
        [
            (name, hex(&digest)),
            (name, base64_inside(STANDARD, &digest, 0)),
            (name, base64_inside(URL, &digest, 0)),
            (name, digest),
        ]
    };
    digests.into_iter().flat_map(written).collect()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

/// RFC 3986: all but the unreserved characters.
fn percent(bytes: &[u8]) -> Vec<u8> {
    let written = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => vec![*byte],
        _ => format!("%{byte:02x}").into_bytes(),
    };
    bytes.iter().flat_map(written).collect()
}

/// Digits as payment systems pack them.
fn packed(digits: &[u8]) -> Vec<u8> {
    digits.chunks(2).map(|pair| (pair[0] - b'0') << 4 | (pair[1] - b'0')).collect()
}

/// The characters of base64 that a secret alone decides, when `alignment` bytes of something else stand before it in
/// its group of three and anything may follow.
fn base64_inside(alphabet: &[u8; 64], secret: &[u8], alignment: usize) -> Vec<u8> {
    let bit = |at: usize| secret[at / 8] >> (7 - at % 8) & 1;
    let before = alignment * 8;
    let first = before.div_ceil(6);
    let whole = (before + secret.len() * 8) / 6;
    let character = |at: usize| {
        let bits = (at * 6 - before)..(at * 6 + 6 - before);
        alphabet[usize::from(bits.fold(0, |value, at| value << 1 | bit(at)))]
    };
    (first..whole).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::{STANDARD, URL, base64_inside, forms, packed, percent};

    fn has(secret: &str, form: &[u8]) -> bool {
        forms(secret.as_bytes()).iter().any(|found| found.bytes == form)
    }

    #[test]
    fn base64_is_found_wherever_it_begins() {
        // Written by `base64` of nothing, `x` and `xx` before the secret.
        for (alignment, whole) in
            ["c2VjcmV0IGtleT8/", "eHNlY3JldCBrZXk/P3k=", "eHhzZWNyZXQga2V5Pz95eQ=="].iter().enumerate()
        {
            let inside = String::from_utf8(base64_inside(STANDARD, b"secret key??", alignment)).unwrap();
            assert!(whole.contains(&inside) && inside.len() >= 15, "{inside}");
        }
        assert_eq!(base64_inside(URL, b"\xfb\xff\xfe", 0), b"-__-");
    }

    #[test]
    fn forms_are_what_other_programs_write() {
        assert!(has("Zo\u{eb} & /\"x\"", "Zo\u{eb} & /\\\"x\\\"".as_bytes()), "JSON");
        assert!(has("Zo\u{eb} & /x", b"Zo\\u00eb & /x"), "JSON in ASCII");
        assert!(has("Zo\u{eb} & /x", "Zoe\u{308} & /x".as_bytes()), "NFD");
        assert!(has("Zo\u{eb} & /x", "ZO\u{cb} & /X".as_bytes()), "capitals that ASCII does not have");
        assert!(
            has("secret key", b"s\0e\0c\0r\0e\0t\0 \0k\0e\0y\0")
                && has("secret key", b"\0s\0e\0c\0r\0e\0t\0 \0k\0e\0y")
        );
        assert!(
            has("secret key", b"115, 101, 99, 114, 101, 116, 32, 107, 101, 121"),
            "the debug form of bytes"
        );
        assert!(
            has("secret key", b"66859b7ade4e68cb65041b88a7ad5214df71cdcfa27dff2efcc80a81e9ba5fa0"),
            "`sha256sum`"
        );
        assert_eq!(percent("a b/\u{eb}".as_bytes()), b"a%20b%2f%c3%ab");
        assert_eq!(packed(b"49291234"), [0x49, 0x29, 0x12, 0x34]);
    }
}
