//! bcrypt (Provos and Mazieres, 1999), verification only: `$2a$`, `$2b$` and `$2y$`, which are one function for
//! passwords of up to 72 bytes, and four schemes that put a digest of the password into it instead.
//!
//! bcrypt hashes the password with a NUL behind it, repeated as often as needed. So a NUL *inside* a password
//! makes two passwords one (`ab` and `ab NUL ab`), and of more than 72 bytes the rest is ignored. Both are a
//! mismatch here, after the same work, or the answer's time would tell that the account exists.
//!
//! What is left: some libraries compute `$2a$` differently for a few passwords of bytes above 127, on purpose,
//! so as not to match records of the sign-extending variant. Such a password answers as a mismatch.

use base64ct::{Base64, Base64Bcrypt, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

use super::Scheme;
use crate::password::{
    cursor::Cursor,
    limits::Limits,
    unsupported::{Cost, Unsupported},
    verdict::HashFailed,
};

/// Bytes of the password that count.
const KEY_BYTES: usize = 72;
/// Bytes of the last cipher text that records keep: the last of its 24 was lost in the first version.
const TAG_BYTES: usize = 23;
/// The least cost that the format has, and the most.
const COSTS: (u32, u32) = (4, 31);

/// What is put into bcrypt.
pub(super) enum Key {
    /// The password.
    Password,
    /// Django's `bcrypt_sha256$`: SHA-256 in hexadecimal digits.
    Sha256Hex,
    /// passlib's `$bcrypt-sha256$`, first version: SHA-256 in base64.
    Sha256,
    /// Its second version: HMAC-SHA-256 in base64, under the salt's text.
    HmacSha256(String),
    /// WordPress 6.8 and later, `$wp$`: HMAC-SHA-384 in base64 of the password without white space around it.
    WordPress,
}

/// The scheme's cost, salt and tag.
pub(super) struct Bcrypt {
    key: Key,
    variant: char,
    cost: u32,
    salt: [u8; 16],
    tag: Zeroizing<[u8; TAG_BYTES]>,
}

/// What follows `$2`: `b$NN$` or its kin, then 22 characters of salt and 31 of tag.
pub(super) fn plain(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    modular(Key::Password, text, limits)
}

/// What follows Django's `bcrypt_sha256$$2`.
pub(super) fn django(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    modular(Key::Sha256Hex, text, limits)
}

/// What follows WordPress's `$wp$2`.
pub(super) fn word_press(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    modular(Key::WordPress, text, limits)
}

/// What follows passlib's `$bcrypt-sha256$`: `v=2,t=2b,r=12$SALT$TAG`, or `2b,12$SALT$TAG` of the first version.
pub(super) fn passlib(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let is_second = text.skip("v=2,t=");
    text.literal("2")?;
    let variant = variant(&mut text, ',')?;
    if is_second {
        text.literal("r=")?;
    }
    let impossible_cost = text.malformed();
    let cost = held(text.number()?, impossible_cost, limits)?;
    text.literal("$")?;
    let (salt, salt_text) = exactly::<16>(&mut text, 22)?;
    text.literal("$")?;
    let (tag, _) = exactly(&mut text, 31)?;
    text.end()?;
    let key = if is_second { Key::HmacSha256(salt_text.to_owned()) } else { Key::Sha256 };
    Ok(Box::new(Bcrypt { key, variant, cost, salt: *salt, tag }))
}

fn modular(key: Key, mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let variant = variant(&mut text, '$')?;
    let impossible_cost = text.malformed();
    let digits = text.take(2)?;
    let cost = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
    text.literal("$")?;
    let cost = held(cost.ok_or(impossible_cost)?, impossible_cost, limits)?;
    let (salt, _) = exactly::<16>(&mut text, 22)?;
    let (tag, _) = exactly(&mut text, 31)?;
    text.end()?;
    Ok(Box::new(Bcrypt { key, variant, cost, salt: *salt, tag }))
}

/// The variant's letter, and what must follow it.
fn variant(text: &mut Cursor<'_>, follows: char) -> Result<char, Unsupported> {
    let known =
        ['a', 'b', 'y'].into_iter().find(|variant| text.skip(&String::from_iter([*variant, follows])));
    known.ok_or(Unsupported::UnknownScheme)
}

fn held(cost: u64, impossible: Unsupported, limits: &Limits) -> Result<u32, Unsupported> {
    if cost < u64::from(COSTS.0) {
        return Err(impossible);
    }
    Unsupported::within(Cost::BcryptCost, cost, limits.bcrypt_cost.min(COSTS.1))
}

impl Bcrypt {
    /// What stands for `password` in bcrypt.
    fn key(&self, password: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match &self.key {
            Key::Password => password.to_vec(),
            Key::Sha256Hex => {
                let hex = |byte: &u8| format!("{byte:02x}").into_bytes();
                Sha256::digest(password).iter().flat_map(hex).collect()
            }
            Key::Sha256 => Base64::encode_string(&Sha256::digest(password)).into_bytes(),
            Key::HmacSha256(salt) => mac::<Hmac<Sha256>>(salt.as_bytes(), password),
            Key::WordPress => mac::<Hmac<Sha384>>(b"wp-sha384", php_trim(password)),
        })
    }
}

impl Scheme for Bcrypt {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let password = self.key(password);
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        for (slot, byte) in key.iter_mut().zip(password.iter()) {
            *slot = *byte;
        }
        let used = password.len().saturating_add(1).min(KEY_BYTES);
        let key = key.get(..used).unwrap_or(key.as_slice());
        let output = Zeroizing::new(bcrypt::bcrypt(self.cost, self.salt, key));
        output
            .first_chunk::<TAG_BYTES>()
            .map(|tag| Zeroizing::new(tag.to_vec()))
            .ok_or(HashFailed::Inconsistent)
    }

    fn tag(&self) -> &[u8] {
        self.tag.as_slice()
    }

    fn admits(&self, password: &[u8]) -> bool {
        match self.key {
            Key::Password => password.len() <= KEY_BYTES && !password.contains(&0),
            Key::Sha256Hex | Key::Sha256 | Key::HmacSha256(_) | Key::WordPress => true,
        }
    }

    fn label(&self) -> String {
        let key = match self.key {
            Key::Password => "",
            Key::Sha256Hex => "-sha256-django",
            Key::Sha256 => "-sha256-v1",
            Key::HmacSha256(_) => "-sha256-v2",
            Key::WordPress => "-wordpress",
        };
        format!("bcrypt{key}:2{},{}", self.variant, self.cost)
    }
}

/// An HMAC in base64.
fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    Base64::encode_string(&mac.finalize().into_bytes()).into_bytes()
}

/// What PHP's `trim` takes off both ends.
fn php_trim(mut text: &[u8]) -> &[u8] {
    let is_white = |byte: &u8| b" \t\n\r\0\x0b".contains(byte);
    while let Some((_, rest)) = text.split_first().filter(|(first, _)| is_white(first)) {
        text = rest;
    }
    while let Some((_, rest)) = text.split_last().filter(|(last, _)| is_white(last)) {
        text = rest;
    }
    text
}

/// Decodes the next `characters` of bcrypt's own base64 alphabet, which must be so many bytes.
fn exactly<'a, const BYTES: usize>(
    text: &mut Cursor<'a>,
    characters: usize,
) -> Result<(Zeroizing<[u8; BYTES]>, &'a str), Unsupported> {
    let malformed = text.malformed();
    let mut out = Zeroizing::new([0; BYTES]);
    let encoded = text.take(characters)?;
    match Base64Bcrypt::decode(encoded, &mut *out) {
        Ok(decoded) if decoded.len() == BYTES => Ok((out, encoded)),
        _ => Err(malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Limits, Scheme, Unsupported, plain};

    fn record(cost_salt_tag: &str) -> Result<Box<dyn Scheme>, Unsupported> {
        plain(Cursor::new(&format!("b${cost_salt_tag}"), 0), &Limits::default())
    }

    /// Of `ab`, from the vectors.
    const AB: &str = "04$hYJYYwHgZ.Jc17zgU6oT.uPPJPbxd1KCtw3UVGaoEkiuywyMPNdvG";

    #[test]
    fn a_nul_inside_is_no_second_password() {
        let record = record(AB).ok().unwrap();
        assert!(record.matches(b"ab").unwrap());
        for other in [b"ab\0ab".as_slice(), b"ab\0", b"ab\0ab\0ab", b"\0", b"", b"a", b"abab"] {
            assert!(!record.matches(other).unwrap(), "{other:?}");
        }
    }

    #[test]
    fn a_record_has_one_text() {
        for refused in ["4$", "4 $", "+4$", "03$", "ab$", ""] {
            let text = AB.replacen("04$", refused, 1);
            assert!(record(&text).is_err(), "{text}");
        }
        let (last_salt, last_tag) = (AB.replacen(".uPPJ", ".vPPJ", 1), AB.replacen("NdvG", "NdvH", 1));
        let long = format!("{AB}.");
        for refused in [last_salt.as_str(), &last_tag, &long, AB.get(..55).unwrap()] {
            assert!(record(refused).is_err(), "{refused}");
        }
    }
}
