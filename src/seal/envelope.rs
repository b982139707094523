//! The bytes of a small sealed value: `format 01 | generation u32be | nonce 24 | ciphertext | tag 16`, where the
//! plaintext is `length u32be | value | zeros to a multiple of 32`, so that its size tells little.

use zeroize::Zeroizing;

use super::Place;
use crate::{base::limits::FIELD_BYTES_MAX, crypto::xaes, keys::DataKey};

/// XAES-256-GCM under the field key.
const FORMAT: u8 = 1;
/// Plaintexts are padded to a multiple of this.
const BUCKET: usize = 32;

/// A value was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealError {
    /// More bytes than [`FIELD_BYTES_MAX`].
    TooLarge,
    /// The key does not belong to the place: a fault of this program.
    WrongKey,
    /// There was no randomness.
    NoRandomness,
}

impl std::fmt::Display for SealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the value is larger than a sealed field may be",
            Self::WrongKey => "the key does not belong to the place",
            Self::NoRandomness => "the operating system gave no random bytes",
        })
    }
}

impl std::error::Error for SealError {}

/// A sealed value does not open: it was changed, moved, or is of another format. No cause is told apart, and
/// nothing of it is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unopened;

/// The sealed bytes of `plaintext` at this place.
pub(super) fn seal(key: &DataKey, place: &Place, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    if plaintext.len() > FIELD_BYTES_MAX {
        return Err(SealError::TooLarge);
    }
    if !place.fits(key) {
        return Err(SealError::WrongKey);
    }
    let length = u32::try_from(plaintext.len()).map_err(|_| SealError::TooLarge)?;
    let mut padded = Zeroizing::new(Vec::with_capacity((4 + plaintext.len()).next_multiple_of(BUCKET)));
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(plaintext);
    let full = padded.len().next_multiple_of(BUCKET);
    padded.resize(full, 0);
    let aad = place.associated_data(FORMAT, key.generation());
    let sealed = xaes::seal(key.field_key().expose(), &aad, &padded).map_err(|_| SealError::NoRandomness)?;
    let mut out = Vec::with_capacity(5 + sealed.len());
    out.push(FORMAT);
    out.extend_from_slice(&key.generation().to_be_bytes());
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Whether bytes have the form of a sealed value whose plaintext has at most `widest` bytes. What has not is something
/// else that somebody wrote there; nothing is opened to tell.
pub(crate) fn has_form(bytes: &[u8], widest: usize) -> bool {
    /// Format, generation, nonce and tag.
    const AROUND: usize = 1 + 4 + 24 + 16;
    let padded = bytes.len().saturating_sub(AROUND);
    let fits = padded > 0 && padded.is_multiple_of(BUCKET) && padded <= (4 + widest).next_multiple_of(BUCKET);
    fits && generation(bytes).is_some()
}

/// The generation of the data key that a sealed value names, before anything is authentic.
pub(super) fn generation(sealed: &[u8]) -> Option<u32> {
    let (&FORMAT, rest) = sealed.split_first()? else { return None };
    rest.first_chunk().copied().map(u32::from_be_bytes)
}

/// The plaintext of what [`seal`] made at the same place.
pub(super) fn open(key: &DataKey, place: &Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    if generation(sealed) != Some(key.generation()) || !place.fits(key) {
        return Err(Unopened);
    }
    let body = sealed.get(5..).ok_or(Unopened)?;
    let aad = place.associated_data(FORMAT, key.generation());
    let padded = xaes::open(key.field_key().expose(), &aad, body).map_err(|_| Unopened)?;
    let (length, rest) = padded.split_first_chunk::<4>().ok_or(Unopened)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Unopened)?;
    let (value, padding) = rest.split_at_checked(length).ok_or(Unopened)?;
    if padding.len() >= BUCKET || padding.iter().any(|byte| *byte != 0) {
        return Err(Unopened);
    }
    Ok(Zeroizing::new(value.to_vec()))
}
