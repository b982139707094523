//! MD5-crypt (Kamp, 1994), verification only: `$1$`, and Apache's `$apr1$`, then up to 8 characters of salt, `$` and
//! 22 of tag. 1000 rounds of MD5 are nothing today: such a record is wrapped.

use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::{Scheme, crypt_key, crypt64, is_crypt_key, no_tag};
use crate::password::{cursor::Cursor, limits::Limits, unsupported::Unsupported, verdict::HashFailed};

/// Characters of the salt that count.
const SALT_BYTES_MAX: usize = 8;
/// In which order the bytes of the digest are written.
pub(super) const ORDER: [u8; 16] = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];

/// The scheme's magic, salt and tag.
pub(super) struct Md5Crypt {
    magic: &'static str,
    salt: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `$1$`.
pub(super) fn unix(text: Cursor<'_>, _limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    parse("$1$", text)
}

/// What follows `$apr1$`.
pub(super) fn apache(text: Cursor<'_>, _limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    parse("$apr1$", text)
}

fn parse(magic: &'static str, mut text: Cursor<'_>) -> Result<Box<dyn Scheme>, Unsupported> {
    let long_salt = text.malformed();
    let salt = text.text_and("$")?;
    if salt.len() > SALT_BYTES_MAX {
        return Err(long_salt);
    }
    let tag = text.crypt64(16)?;
    text.end()?;
    Ok(Box::new(Md5Crypt { magic, salt: Zeroizing::new(salt.as_bytes().to_vec()), tag }))
}

impl Scheme for Md5Crypt {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let password = crypt_key(password);
        let salt = self.salt.as_slice();
        let mut inner = Zeroizing::new([0; 16]);
        inner.copy_from_slice(
            &Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize(),
        );
        let mut first = Md5::new().chain_update(password).chain_update(self.magic).chain_update(salt);
        for chunk in password.chunks(inner.len()) {
            first.update(inner.get(..chunk.len()).unwrap_or_default());
        }
        // A bit of the length that is set gives a NUL, one that is not the password's first byte: the original's slip,
        // and so the format.
        let mut length = password.len();
        while length > 0 {
            first.update(if length & 1 == 1 { &[0] } else { password.get(..1).unwrap_or_default() });
            length >>= 1;
        }
        let mut digest = Zeroizing::new([0; 16]);
        digest.copy_from_slice(&first.finalize());
        for round in 0..1000_u32 {
            let (odd, even) = (round % 2 == 1, round % 2 == 0);
            let mut next = Md5::new();
            next.update(if odd { password } else { digest.as_slice() });
            if round % 3 != 0 {
                next.update(salt);
            }
            if round % 7 != 0 {
                next.update(password);
            }
            next.update(if even { password } else { digest.as_slice() });
            digest.copy_from_slice(&next.finalize());
        }
        Ok(crypt64(&*digest, &ORDER))
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn admits(&self, password: &[u8]) -> bool {
        is_crypt_key(password)
    }

    fn label(&self) -> String {
        (if self.magic == "$1$" { "md5-crypt" } else { "apr1" }).to_owned()
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        let salt = String::from_utf8_lossy(&self.salt);
        Some(Zeroizing::new(format!("{}{salt}${}", self.magic, no_tag(&self.tag))))
    }
}
