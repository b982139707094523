//! HKDF-Expand with SHA-512 (RFC 5869 section 2.3), written over HMAC because the keys it starts from are
//! 32 uniformly random bytes and need no Extract: the `hkdf` crate asks for a pseudorandom key at least as
//! long as the hash and refuses them. HMAC itself takes such a key (C2SP chunked encryption relies on it).

use hmac::digest::FixedOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

/// What one HMAC-SHA-512 gives, bytes.
const HASH_BYTES: usize = 64;
/// The block of SHA-512, bytes: HMAC's inner key is this wide.
const BLOCK_BYTES: usize = 128;
/// RFC 5869 counts blocks in one byte, from 1.
const OUT_BYTES_MAX: usize = 255 * HASH_BYTES;

/// Fills `out` from `prk`, 32 uniformly random bytes, for the purpose that `info` names. A longer `out` begins
/// with the bytes of a shorter one, so each purpose has an `info` of its own; its parts run on without a
/// separator, and the caller makes them unambiguous. More than 16,320 bytes do not compile.
pub(crate) fn expand_sha512<const N: usize>(prk: &[u8; 32], info: &[&[u8]], out: &mut [u8; N]) {
    const { assert!(N <= OUT_BYTES_MAX, "HKDF gives at most 255 blocks") };
    let mut key = Zeroizing::new([0; BLOCK_BYTES]);
    for (slot, byte) in key.iter_mut().zip(prk) {
        *slot = *byte;
    }
    let keyed = Hmac::<Sha512>::new((&*key).into());
    let mut block = Zeroizing::new([0; HASH_BYTES]);
    for (counter, piece) in (1_u8..=255).zip(out.chunks_mut(HASH_BYTES)) {
        let mut mac = keyed.clone();
        if counter > 1 {
            mac.update(&*block);
        }
        for part in info {
            mac.update(part);
        }
        mac.update(&[counter]);
        mac.finalize_into((&mut *block).into());
        for (slot, byte) in piece.iter_mut().zip(block.iter()) {
            *slot = *byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OUT_BYTES_MAX, expand_sha512};
    use crate::crypto::digest::sha256;
    use crate::crypto::hex;

    /// All 255 blocks, against the same expansion done with the HMAC of Python's standard library.
    #[test]
    fn expands_to_the_last_block() {
        let prk = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let mut out = [0; OUT_BYTES_MAX];
        expand_sha512(&prk, &[b"strong", b"", b"room"], &mut out);
        assert_eq!(hex(&out[..32]), "18af1de68a12de66ba22d64c3430bf5b8a7624e512e2b5a5c5e4fca31ddb3ad9");
        assert_eq!(hex(&out[out.len() - 16..]), "08ceb21fde5b5f6da8b162acb98c1061");
        let whole = "c36402cf131fd3e25753e1b2432d131a01cf7f4ca45e9c3c6c5642792ca5dc7c";
        assert_eq!(hex(&sha256(&[&out])), whole);
    }

    #[test]
    fn a_short_output_is_the_start_of_a_long_one() {
        let (mut short, mut long) = ([0; 65], [0; 200]);
        expand_sha512(&[9; 32], &[b"field"], &mut short);
        expand_sha512(&[9; 32], &[b"field"], &mut long);
        assert_eq!(short, long[..65]);
        expand_sha512(&[9; 32], &[b"blob"], &mut long);
        assert_ne!(short, long[..65]);
    }
}
