//! bcrypt (Provos and Mazieres, 1999), verification only: `$2a$`, `$2b$` and `$2y$`, which are one function for
//! passwords of up to 72 bytes.
//!
//! bcrypt hashes the password with a NUL behind it, repeated as often as needed. So a NUL *inside* a password
//! makes two passwords one (`ab` and `ab NUL ab`), and of more than 72 bytes the rest is ignored. Both are a
//! mismatch here, after the same work, or the answer's time would tell that the account exists.
//!
//! What is left: some libraries compute `$2a$` differently for a few passwords of bytes above 127, on purpose,
//! so as not to match records of the sign-extending variant. Such a password answers as a mismatch.

use base64ct::{Base64Bcrypt, Encoding};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    limits::Limits,
    phc::Cursor,
    unsupported::{Cost, Unsupported},
};

/// Bytes of the password that count.
const KEY_BYTES: usize = 72;
/// Bytes of the last cipher text that records keep: the last of its 24 was lost in the first version.
const TAG_BYTES: usize = 23;
/// The least cost that the format has, and the most.
const COSTS: (u32, u32) = (4, 31);

/// The scheme's cost, salt and tag.
pub(super) struct Bcrypt {
    variant: char,
    cost: u32,
    salt: [u8; 16],
    tag: Zeroizing<[u8; TAG_BYTES]>,
}

impl Bcrypt {
    /// Reads what follows `$2a$` or its kin: `NN$`, then 22 characters of salt and 31 of tag.
    pub(super) fn parse(variant: char, mut text: Cursor<'_>, limits: &Limits) -> Result<Self, Unsupported> {
        let impossible_cost = text.malformed();
        let digits = text.take(2)?;
        let cost = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
        let cost = cost.ok_or(impossible_cost)?;
        text.literal("$")?;
        if cost < u64::from(COSTS.0) {
            return Err(impossible_cost);
        }
        let cost = Unsupported::within(Cost::BcryptCost, cost, limits.bcrypt_cost.min(COSTS.1))?;
        let mut salt = [0; 16];
        let mut tag = Zeroizing::new([0; TAG_BYTES]);
        exactly(&mut text, 22, &mut salt)?;
        exactly(&mut text, 31, &mut *tag)?;
        text.end()?;
        Ok(Self { variant, cost, salt, tag })
    }

    /// Whether `password` gives the tag, compared in constant time. Each password costs the same work.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let admissible = password.len() <= KEY_BYTES && !password.contains(&0);
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        for (slot, byte) in key.iter_mut().zip(password) {
            *slot = *byte;
        }
        let used = password.len().saturating_add(1).min(KEY_BYTES);
        let key = key.get(..used).unwrap_or(key.as_slice());
        let output = Zeroizing::new(bcrypt::bcrypt(self.cost, self.salt, key));
        let equal = output.first_chunk::<TAG_BYTES>().is_some_and(|tag| tag.ct_eq(&*self.tag).into());
        equal & admissible
    }

    /// The variant and the cost, for reports: `bcrypt:2b,12`.
    pub(super) fn label(&self) -> String {
        format!("bcrypt:2{},{}", self.variant, self.cost)
    }
}

/// Decodes the next `characters` of bcrypt's own base64 alphabet, which must fill `out`.
fn exactly(text: &mut Cursor<'_>, characters: usize, out: &mut [u8]) -> Result<(), Unsupported> {
    let malformed = text.malformed();
    let bytes = out.len();
    match Base64Bcrypt::decode(text.take(characters)?, out) {
        Ok(decoded) if decoded.len() == bytes => Ok(()),
        _ => Err(malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bcrypt, Cursor, Limits};

    fn record(cost_salt_tag: &str) -> Bcrypt {
        Bcrypt::parse('b', Cursor::new(cost_salt_tag, 0), &Limits::default()).ok().unwrap()
    }

    /// Of `ab`, from the vectors.
    const AB: &str = "04$hYJYYwHgZ.Jc17zgU6oT.uPPJPbxd1KCtw3UVGaoEkiuywyMPNdvG";

    #[test]
    fn a_nul_inside_is_no_second_password() {
        assert!(record(AB).matches(b"ab"));
        for other in [b"ab\0ab".as_slice(), b"ab\0", b"ab\0ab\0ab", b"\0", b"", b"a", b"abab"] {
            assert!(!record(AB).matches(other), "{other:?}");
        }
    }

    #[test]
    fn a_record_has_one_text() {
        for refused in ["4$", "4 $", "+4$", "03$", "ab$", ""] {
            let text = AB.replacen("04$", refused, 1);
            assert!(Bcrypt::parse('b', Cursor::new(&text, 0), &Limits::default()).is_err(), "{text}");
        }
        let (last_salt, last_tag) = (AB.replacen(".uPPJ", ".vPPJ", 1), AB.replacen("NdvG", "NdvH", 1));
        let long = format!("{AB}.");
        for refused in [last_salt.as_str(), &last_tag, &long, AB.get(..55).unwrap()] {
            assert!(Bcrypt::parse('b', Cursor::new(refused, 0), &Limits::default()).is_err(), "{refused}");
        }
    }
}
