//! What ASP.NET Identity stores, verification only: PBKDF2 in one base64 text that begins with a version byte.
//!
//! | Version | What follows |
//! |---|---|
//! | 0 | 16 bytes of salt, 32 of tag; SHA-1, 1000 iterations |
//! | 1 | PRF (0 SHA-1, 1 SHA-256, 2 SHA-512), iterations, length of the salt, four bytes each, most significant first; salt; tag |

use base64ct::Base64;
use zeroize::Zeroizing;

use super::{
    Scheme,
    pbkdf2::{self, Prf},
};
use crate::password::{cursor::Cursor, limits::Limits, unsupported::Unsupported};

/// The whole text, if it is of this form: `None` when it is anything else.
pub(super) fn identity(
    mut text: Cursor<'_>,
    limits: &Limits,
) -> Option<Result<Box<dyn Scheme>, Unsupported>> {
    let bytes = text.bytes::<Base64>().ok()?;
    text.end().ok()?;
    let (version, rest) = bytes.split_first()?;
    let (prf, iterations, rest, salt_bytes) = match (version, rest.len()) {
        (0, 48) => (Prf::Sha1, 1000, rest, 16),
        (1, 28..) => {
            let (prf, rest) = number(rest)?;
            let (iterations, rest) = number(rest)?;
            let (salt_bytes, rest) = number(rest)?;
            let prf = match prf {
                0 => Prf::Sha1,
                1 => Prf::Sha256,
                2 => Prf::Sha512,
                _ => return None,
            };
            (prf, iterations, rest, usize::try_from(salt_bytes).ok()?)
        }
        _ => return None,
    };
    let (salt, tag) = rest.split_at_checked(salt_bytes)?;
    Some(pbkdf2::of(prf, u64::from(iterations), salt, Zeroizing::new(tag.to_vec()), limits))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}
