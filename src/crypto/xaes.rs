//! XAES-256-GCM (C2SP, version 1.0.1): AES-256-GCM under a key and nonce derived from a random 192-bit nonce.
//!
//! Sealed form: nonce (24 bytes) ‖ ciphertext ‖ tag (16 bytes); Tink's `XAesGcmKey` with a salt of 12 bytes
//! writes the same. Random nonces are safe for 2^80 messages under one key (chance of a repeat 2^-32), where
//! plain AES-256-GCM ends at 2^32. It does not commit to its key: whoever chooses two keys can make one sealed
//! text that opens under both, so data keys carry a check value of their own.

use std::fmt;

use aes::Aes256;
use aes::cipher::BlockCipherEncrypt;
use aes_gcm::KeyInit;
use zeroize::Zeroizing;

use super::gcm::{Gcm, KEY_BYTES, NONCE_BYTES, TAG_BYTES, Unauthentic};
use crate::base::{Secret, random};

/// A block of AES, bytes.
const BLOCK_BYTES: usize = 16;
/// What sealing adds to a text, bytes.
pub(crate) const OVERHEAD_BYTES: usize = 2 * NONCE_BYTES + TAG_BYTES;

/// The 192-bit nonce: the half that goes into the key, and the half that AES-GCM uses.
type Nonce = [[u8; NONCE_BYTES]; 2];

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsealed {
    /// The operating system gave no random bytes for the nonce.
    NoRandomness,
    /// The text is longer than 2^36 - 32 bytes.
    TooLong,
}

impl fmt::Display for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRandomness => "the operating system gave no random bytes for a nonce",
            Self::TooLong => "text is longer than the cipher takes",
        })
    }
}

impl std::error::Error for Unsealed {}

/// Seals `plaintext` under `key` with a fresh random nonce. `aad` is not stored: opening needs the same bytes,
/// and they are what ties the sealed text to its place.
///
/// # Errors
/// [`Unsealed`].
pub(crate) fn seal(key: &[u8; KEY_BYTES], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Unsealed> {
    let mut nonce = Nonce::default();
    random::fill(nonce.as_flattened_mut()).map_err(|_| Unsealed::NoRandomness)?;
    seal_under(key, &nonce, aad, plaintext)
}

/// Opens what [`seal`] made with the same `key` and `aad`.
///
/// # Errors
/// [`Unauthentic`]: another key, another `aad`, a changed or a shortened text.
pub(crate) fn open(
    key: &[u8; KEY_BYTES],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unauthentic> {
    let (salt, rest) = sealed.split_first_chunk().ok_or(Unauthentic)?;
    let (nonce, rest) = rest.split_first_chunk().ok_or(Unauthentic)?;
    let (ciphertext, tag) = rest.split_last_chunk().ok_or(Unauthentic)?;
    let mut text = Zeroizing::new(ciphertext.to_vec());
    Gcm::new(subkey(key, salt).expose()).open(nonce, aad, &mut text, tag)?;
    Ok(text)
}

/// Private, so that only the vectors choose a nonce.
fn seal_under(
    key: &[u8; KEY_BYTES],
    nonce: &Nonce,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, Unsealed> {
    let [salt, gcm_nonce] = nonce;
    let mut sealed = Vec::with_capacity(plaintext.len() + OVERHEAD_BYTES);
    sealed.extend_from_slice(nonce.as_flattened());
    sealed.extend_from_slice(plaintext);
    let (_, text) = sealed.split_at_mut(2 * NONCE_BYTES);
    let tag = Gcm::new(subkey(key, salt).expose()).seal(gcm_nonce, aad, text);
    sealed.extend_from_slice(&tag.map_err(|_| Unsealed::TooLong)?);
    Ok(sealed)
}

/// The key for AES-256-GCM: NIST SP 800-108r1 in counter mode over CMAC-AES-256, label `X`, the nonce's first
/// half as the context. Each CMAC input is exactly one block, so CMAC is one call of AES behind its subkey.
fn subkey(key: &[u8; KEY_BYTES], salt: &[u8; NONCE_BYTES]) -> Secret<KEY_BYTES> {
    let aes = Aes256::new(key.into());
    let mut zero = Zeroizing::new([0; BLOCK_BYTES]);
    aes.encrypt_block((&mut *zero).into());
    let mask = cmac_mask(&zero);
    Secret::from_fill(|derived| {
        let (blocks, _) = derived.as_chunks_mut::<BLOCK_BYTES>();
        for (counter, block) in (1..).zip(blocks) {
            let input = [0, counter, b'X', 0].into_iter().chain(*salt);
            for ((slot, byte), mask) in block.iter_mut().zip(input).zip(mask.iter()) {
                *slot = byte ^ mask;
            }
            aes.encrypt_block(block.into());
        }
    })
}

/// CMAC's K1 (NIST SP 800-38B section 6.1): the zero block's ciphertext doubled in GF(2^128), without a branch
/// on its secret top bit.
fn cmac_mask(zero: &[u8; BLOCK_BYTES]) -> Zeroizing<[u8; BLOCK_BYTES]> {
    let block = Zeroizing::new(u128::from_be_bytes(*zero));
    let carry = (*block >> 127) * 0x87;
    Zeroizing::new(((*block << 1) ^ carry).to_be_bytes())
}

#[cfg(test)]
#[path = "xaes_tests.rs"]
mod tests;
