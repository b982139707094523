//! SHA-1-crypt of NetBSD, verification only: `$sha1$ROUNDS$SALT$` and 28 characters of tag. Rounds of HMAC-SHA-1 without
//! memory: such a record is wrapped.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use super::{Scheme, crypt64, no_tag};
use crate::password::{
    cursor::Cursor,
    limits::Limits,
    unsupported::{Cost, Unsupported},
    verdict::HashFailed,
};

/// The most characters of a salt.
const SALT_BYTES_MAX: usize = 64;
/// In which order the bytes of the digest are written; the first comes again at the end.
const ORDER: [u8; 21] = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 17, 16, 15, 0, 19, 18];

/// The scheme's rounds, salt and tag.
pub(super) struct Sha1Crypt {
    rounds: u32,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `$sha1$`.
pub(super) fn crypt(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let none = text.malformed();
    let rounds = Unsupported::within(Cost::CryptRounds, text.number()?, limits.crypt_rounds)?;
    if rounds == 0 {
        return Err(none);
    }
    text.literal("$")?;
    let long_salt = text.malformed();
    let salt = text.text_and("$")?;
    if salt.len() > SALT_BYTES_MAX {
        return Err(long_salt);
    }
    let tag = text.crypt64(ORDER.len())?;
    text.end()?;
    Ok(Box::new(Sha1Crypt { rounds, salt: Zeroizing::new(salt.as_bytes().to_vec()), tag }))
}

impl Scheme for Sha1Crypt {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let keyed = Hmac::<Sha1>::new_from_slice(password).map_err(|_| HashFailed::Inconsistent)?;
        let mut digest = Zeroizing::new([0; 20]);
        let first =
            keyed.clone().chain_update(self.salt.as_slice()).chain_update(format!("$sha1${}", self.rounds));
        digest.copy_from_slice(&first.finalize().into_bytes());
        for _ in 1..self.rounds {
            let next = keyed.clone().chain_update(*digest);
            digest.copy_from_slice(&next.finalize().into_bytes());
        }
        Ok(crypt64(&*digest, &ORDER))
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn label(&self) -> String {
        format!("sha1-crypt:{}", self.rounds)
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        let salt = String::from_utf8_lossy(&self.salt);
        Some(Zeroizing::new(format!("$sha1${}${salt}${}", self.rounds, no_tag(&self.tag))))
    }
}
