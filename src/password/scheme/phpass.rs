//! phpass's portable records, verification only: `$P$` (WordPress before 6.8) and `$H$` (phpBB), one character of log2 of
//! the rounds, eight of salt, 22 of tag. MD5 over and over: such a record is wrapped.

use base64ct::{Base64ShaCrypt, Encoding};
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::{
    Scheme, crypt_key, is_crypt_key, no_tag,
    scrypt::{crypt_digit, crypt_number},
};
use crate::password::{
    cursor::Cursor,
    limits::Limits,
    unsupported::{Cost, Unsupported},
    verdict::HashFailed,
};

/// Characters of the salt.
const SALT_BYTES: usize = 8;
/// The least and the most that phpass takes, log2 of the rounds.
const LOG_ROUNDS: std::ops::RangeInclusive<u64> = 7..=30;

/// The scheme's rounds, salt and tag.
pub(super) struct Phpass {
    rounds: u32,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `$P$` or `$H$`.
pub(super) fn portable(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let impossible = text.malformed();
    let log_rounds = crypt_number(text.take(1)?).filter(|log| LOG_ROUNDS.contains(log)).ok_or(impossible)?;
    let rounds = Unsupported::within(Cost::CryptRounds, 1 << log_rounds, limits.crypt_rounds)?;
    let salt = Zeroizing::new(text.take(SALT_BYTES)?.as_bytes().to_vec());
    let tag = text.crypt64(16)?;
    text.end()?;
    Ok(Box::new(Phpass { rounds, salt, tag }))
}

impl Scheme for Phpass {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let password = crypt_key(password);
        let mut digest = Zeroizing::new([0; 16]);
        digest.copy_from_slice(
            &Md5::new().chain_update(self.salt.as_slice()).chain_update(password).finalize(),
        );
        for _ in 0..self.rounds {
            let next = Md5::new().chain_update(*digest).chain_update(password).finalize();
            digest.copy_from_slice(&next);
        }
        Ok(Zeroizing::new(Base64ShaCrypt::encode_string(&*digest).into_bytes()))
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn admits(&self, password: &[u8]) -> bool {
        is_crypt_key(password)
    }

    fn label(&self) -> String {
        format!("phpass:{}", self.rounds)
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        let salt = String::from_utf8_lossy(&self.salt);
        let log_rounds = crypt_digit(self.rounds.trailing_zeros());
        Some(Zeroizing::new(format!("$P${log_rounds}{salt}{}", no_tag(&self.tag))))
    }
}
