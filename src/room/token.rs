//! Tokens and one-time codes: 256 random bits, of which the room keeps a hash.

use zeroize::Zeroizing;

use crate::{
    base::{Secret, SecretText, base64url, random::NoRandomness},
    crypto::digest,
};

/// A fresh token, and its hash.
pub(super) fn fresh() -> Result<(SecretText, [u8; 32]), NoRandomness> {
    let secret = Secret::<32>::random()?;
    Ok((SecretText::new(base64url::encode(secret.expose())), hash_bytes(secret.expose())))
}

/// The hash of a presented token; `None` for what is no token at all.
pub(super) fn hash(presented: &SecretText) -> Option<[u8; 32]> {
    let bytes = Zeroizing::new(base64url::decode::<32>(presented.expose().trim())?);
    Some(hash_bytes(&bytes))
}

/// SHA-256 behind a domain: 256 random bits need no slow hash (NIST SP 800-63B-4 section 3.1.2.2).
fn hash_bytes(secret: &[u8; 32]) -> [u8; 32] {
    digest::sha256(&[b"strongroom/token/1\0", secret])
}
