//! SHA-crypt (Drepper, 2007), verification only: `$5$` and `$6$`, then `rounds=N$` if they are not 5000, up to 16
//! characters of salt, `$` and the tag.

use sha_crypt::{Params, sha256_crypt, sha512_crypt};
use zeroize::Zeroizing;

use super::{Scheme, crypt_key, crypt64, is_crypt_key, no_tag};
use crate::password::{
    cursor::Cursor,
    limits::Limits,
    unsupported::{Cost, Unsupported},
    verdict::HashFailed,
};

/// Rounds of a text that does not say how many.
const ROUNDS: u64 = 5_000;
/// Rounds below which the tag of a record says little about what a guess costs.
const ROUNDS_SLOW: u32 = 50_000;
/// Characters of the salt that count.
const SALT_BYTES_MAX: usize = 16;

/// In which order the bytes of the digest are written.
const ORDER_256: [u8; 32] = [
    20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5, 25, 15, 26, 16, 6, 17, 7, 27, 8, 28, 18, 29,
    19, 9, 30, 31,
];
const ORDER_512: [u8; 64] = [
    42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26, 5, 47, 48, 27, 6, 7, 49, 28, 29, 8, 50, 51,
    30, 9, 10, 52, 31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15, 16, 58, 37, 38, 17, 59,
    60, 39, 18, 19, 61, 40, 41, 20, 62, 63,
];

/// The scheme's parameters, salt and tag.
pub(super) struct ShaCrypt {
    wide: bool,
    rounds: u32,
    params: Params,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `$5$`.
pub(super) fn sha256(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    parse(false, text, limits)
}

/// What follows `$6$`.
pub(super) fn sha512(text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    parse(true, text, limits)
}

fn parse(wide: bool, mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let mut rounds = ROUNDS;
    let too_few = text.malformed();
    if text.skip("rounds=") {
        rounds = text.number()?;
        text.literal("$")?;
    }
    let rounds = Unsupported::within(Cost::CryptRounds, rounds, limits.crypt_rounds)?;
    // crypt(3) raises fewer than 1000 to 1000 and writes that.
    let params = Params::new(rounds).map_err(|_| too_few)?;
    let long_salt = text.malformed();
    let salt = text.text_and("$")?;
    if salt.len() > SALT_BYTES_MAX {
        return Err(long_salt);
    }
    let tag = text.crypt64(if wide { 64 } else { 32 })?;
    text.end()?;
    Ok(Box::new(ShaCrypt { wide, rounds, params, salt: Zeroizing::new(salt.as_bytes().to_vec()), tag }))
}

impl Scheme for ShaCrypt {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let password = crypt_key(password);
        Ok(if self.wide {
            crypt64(&*Zeroizing::new(sha512_crypt(password, &self.salt, self.params)), &ORDER_512)
        } else {
            crypt64(&*Zeroizing::new(sha256_crypt(password, &self.salt, self.params)), &ORDER_256)
        })
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn admits(&self, password: &[u8]) -> bool {
        is_crypt_key(password)
    }

    fn label(&self) -> String {
        format!("{}:{}", if self.wide { "sha512-crypt" } else { "sha256-crypt" }, self.rounds)
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        let salt = String::from_utf8_lossy(&self.salt);
        let (magic, rounds) = (if self.wide { 6 } else { 5 }, self.rounds);
        let recipe = || format!("${magic}$rounds={rounds}${salt}${}", no_tag(&self.tag));
        (self.rounds < ROUNDS_SLOW).then(|| Zeroizing::new(recipe()))
    }
}
